"""What is to be said, before any channel gives it a form."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

MAX_LINES = 20


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened, and where to look at it. ``text`` may come from a log."""

    text: str
    link: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """An alert, a recovery, a report or a test.

    Attributes
    ----------
    kind
        ``firing``, ``recovered``, ``report`` or ``test``.
    title, severity
        One sentence, and how bad it is.
    lines, more
        What happened, at most `MAX_LINES`, and how much besides.
    link, snooze_link
        Where to look, and where to silence the rule; empty where the platform knows no
        address of its own.
    about
        The same for a rule's firing and its recovery, so that a receiver can join them.
    report
        The report that is sent, by its id.
    """

    kind: str
    title: str
    severity: str = "info"
    lines: tuple[Line, ...] = ()
    more: int = 0
    link: str = ""
    snooze_link: str = ""
    about: str = ""
    report: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return what a row holds."""
        return asdict(self)

    def text(self) -> str:
        """Return all of it as plain text."""
        parts = [self.title, ""]
        parts += [
            f"- {line.text}" + (f"\n  {line.link}" if line.link else "") for line in self.lines
        ]
        if self.more:
            parts.append(f"- and {self.more} more")
        if self.link:
            parts += ["", f"Look: {self.link}"]
        if self.snooze_link:
            parts.append(f"Snooze: {self.snooze_link}")
        return "\n".join(parts)


def read_message(given: dict[str, Any]) -> Message:
    """Read a message of a row."""
    lines = tuple(Line(**line) for line in given["lines"])
    return Message(**{**given, "lines": lines})
