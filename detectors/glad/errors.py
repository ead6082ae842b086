"""What can go wrong in glad. Errors of scan and templates are `logscan`'s and `valb`'s."""


class GladError(Exception):
    """Base of all errors raised here."""


class BadCheckpoint(GladError):
    """A saved detector is missing, incomplete or of another version; names the file."""


class BadUnitRule(GladError):
    """A rule that says what a unit is cannot be used; says which and why."""


class TooLittleHistory(GladError):
    """There are no units to learn from; says how many there were."""


class NoDevice(GladError):
    """The device that was asked for is not there; names it."""
