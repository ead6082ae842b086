"""The errors of logscan; every message names the input and the place in it."""


class ScanError(Exception):
    """Base of everything that logscan raises on purpose."""


class TruncatedInput(ScanError):
    """A compressed input ends, or is damaged, before its own end mark."""


class InputTooLarge(ScanError):
    """An input unpacks to more bytes than the caller allows."""


class UnknownFormat(ScanError):
    """A header format that does not exist, or a pattern that cannot be read."""
