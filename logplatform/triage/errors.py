"""What the triage app raises."""

from __future__ import annotations


class TriageError(Exception):
    """Anything that triage refuses."""


class InvalidTriageError(TriageError):
    """A label, taxonomy, case or setting that cannot be stored; says what is wrong with it."""


class TooFewVerdictsError(TriageError):
    """A task cannot be learned yet; says how many verdicts are missing."""


class NoLanguageModelError(TriageError):
    """Something needs a language model and none is set up, or it is switched off."""
