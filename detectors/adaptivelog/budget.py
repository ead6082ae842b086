"""How much a day may cost, and how much of it is spent."""

from __future__ import annotations

from dataclasses import dataclass, field

from adaptivelog.large import Usage

DAY_NS = 86_400 * 10**9


@dataclass(frozen=True, slots=True)
class Limits:
    """What a day (UTC) may cost; none of a kind where it is None."""

    calls: int | None = None
    tokens: int | None = None
    money: float | None = None


@dataclass
class Budget:
    """The spending of the current day.

    Attributes
    ----------
    day : int
        Days since 1970 of `spent`; another day starts from nothing.
    """

    limits: Limits = field(default_factory=Limits)
    day: int = 0
    spent: Usage = field(default_factory=Usage)

    def allows(self, now_ns: int) -> bool:
        """Say whether one more call may be made."""
        spent = self.spent if now_ns // DAY_NS == self.day else Usage()
        tokens = spent.input_tokens + spent.output_tokens
        return (
            (self.limits.calls is None or spent.calls < self.limits.calls)
            and (self.limits.tokens is None or tokens < self.limits.tokens)
            and (self.limits.money is None or spent.money < self.limits.money)
        )

    def charge(self, usage: Usage, *, now_ns: int) -> None:
        """Count what a call cost."""
        if now_ns // DAY_NS != self.day:
            self.day, self.spent = now_ns // DAY_NS, Usage()
        self.spent += usage
