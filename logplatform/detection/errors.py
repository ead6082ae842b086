"""What the detection app raises; `logplatform.api.problems` has the HTTP status of each."""

from __future__ import annotations


class DetectionError(Exception):
    """Anything that the detection app refuses or cannot do."""


class InvalidUnitRuleError(DetectionError):
    """A rule that cannot say what a unit is."""


class NoEarlierVersionError(DetectionError):
    """There is no such version to go back to."""
