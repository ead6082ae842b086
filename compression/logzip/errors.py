"""What can go wrong in logzip. Messages name the block, and the byte where that is known."""

from __future__ import annotations


class LogzipError(Exception):
    """Base of all errors of this package."""


class CorruptSegment(LogzipError):
    """The bytes are not a segment, or not any more."""


class UnsupportedVersion(LogzipError):
    """The segment was written by a later version of the format."""


class BadPattern(LogzipError):
    """A search pattern that cannot be read."""
