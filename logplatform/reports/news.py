"""Things that come up, which some rules fire for: told once, and where reading went on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class News:
    """A thing that came up. ``group`` is what a cooldown is about."""

    group: str
    label: str
    value: float
    sentence: str


@dataclass(frozen=True, slots=True)
class Fresh:
    """What came up, and the newest row of each source (by its id as text) by then."""

    news: tuple[News, ...]
    cursors: dict[str, int]
