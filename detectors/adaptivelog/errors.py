"""What can go wrong in adaptivelog. Errors of the scan itself are `logscan.errors`."""


class AdaptivelogError(Exception):
    """Base of all errors raised here."""


class BadLabels(AdaptivelogError):
    """Labelled rows cannot be learned from; names the file and row, or what is missing."""


class BadModel(AdaptivelogError):
    """A model folder is missing, incomplete, altered or of another version; names the file."""


class BadState(AdaptivelogError):
    """Saved cases, answers or counts cannot be read back; names what is wrong with them."""


class UnreachableTarget(AdaptivelogError):
    """No threshold keeps the promise asked for on the labels at hand; says what would."""


class LargeModelError(AdaptivelogError):
    """Base of what can go wrong between us and a large model."""


class LargeModelDown(LargeModelError):
    """No answer after all attempts: unreachable, too slow, overloaded or failing."""


class LargeModelRefused(LargeModelError):
    """The server answers, but not us: wrong key, model or address. Trying again is no use."""


class BadAnswer(LargeModelError):
    """The large model answered, but not in the form asked for, twice."""
