"""What the reports app raises."""

from __future__ import annotations


class ReportsError(Exception):
    """Anything that alerts, channels and reports refuse."""


class InvalidChannelError(ReportsError):
    """A channel that could never deliver."""


class InvalidRuleError(ReportsError):
    """A rule that cannot be evaluated."""


class InvalidPlanError(ReportsError):
    """A report's plan that could never be carried out."""


class NameTakenError(ReportsError):
    """Another object of the team and kind has this name."""


class NotReadyError(ReportsError):
    """The report is not built yet, or could not be."""


class EgressError(ReportsError):
    """A request that may not leave, or that got no answer."""


class ForbiddenAddressError(EgressError):
    """The address is not one that channels may reach; trying again would not help."""


class InvalidWordingError(ReportsError):
    """A language model's answer is not in the form that was asked for."""
