"""Templates that came, went, grew or shrank."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from logplatform.reports import plots
from logplatform.reports.content import Cell, Column, Picture, Section, Table
from logplatform.reports.figures import key
from logplatform.reports.wording import change, clipped, number, plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from logplatform.logs.patterns import Pattern
    from logplatform.reports.figures import Figures

MAX_ROWS = 15
MAX_MOVERS = 10
# Fewer records come and go by chance.
MIN_VANISHED = 5
# How many standard deviations of a Poisson count a mover is away from the time before, and how
# many times as many it is.
MIN_SURPRISE, MIN_FACTOR = 4.0, 1.5
WORST_FIRST = ("fatal", "error", "warn", "info", "debug", "trace", "none")


def new_templates(figures: Figures) -> Section | None:
    """Return the templates that came for the first time."""
    found = sorted(figures.new, key=_severity_and_count)
    if not found:
        return None
    bad = sum(_worst(pattern) < 2 for pattern in found)
    of_them = "" if len(found) == 1 else f"{number(bad)} of them "
    said = plural(len(found), "new template") + (f", {of_them}with errors." if bad else ".")
    table = _table(figures, found, ("level", "records"))
    return Section("new_templates", "New", (said,), table, is_notable=True)


def vanished_templates(figures: Figures) -> Section | None:
    """Return the templates of the time before that came no more."""
    found = [pattern for pattern in figures.vanished if pattern.count >= MIN_VANISHED]
    if not found:
        return None
    found.sort(key=lambda pattern: -pattern.count)
    said = f"{plural(len(found), 'template')} of the time before came no more."
    table = _table(figures, found, ("level", "records before"), is_before=True)
    return Section("vanished_templates", "Vanished", (said,), table, is_notable=True)


def _table(
    figures: Figures, found: list[Pattern], names: Sequence[str], *, is_before: bool = False
) -> Table:
    columns = (
        Column("template"),
        Column("source"),
        Column(names[0]),
        Column(names[1], is_number=True),
    )
    rows = tuple(
        (
            Cell(clipped(pattern.template.text), figures.link(pattern, is_before=is_before)),
            Cell(pattern.source),
            Cell(WORST_FIRST[_worst(pattern)]),
            Cell(number(pattern.count)),
        )
        for pattern in found[:MAX_ROWS]
    )
    return Table(columns, rows, max(0, len(found) - MAX_ROWS))


def _worst(pattern: Pattern) -> int:
    return min(WORST_FIRST.index(level) for level in pattern.levels)


def _severity_and_count(pattern: Pattern) -> tuple[int, int]:
    return (_worst(pattern), -pattern.count)


def movers(figures: Figures) -> Section | None:
    """Return the templates whose counts changed most, new and vanished ones apart."""
    before = figures.counts_before
    fresh = {key(pattern) for pattern in figures.new}
    scored = sorted(
        (
            (-abs(_surprise(pattern.count, before.get(key(pattern), 0))), key(pattern), pattern)
            for pattern in figures.now.patterns
            if key(pattern) not in fresh and pattern.source not in figures.unheard
        ),
        key=lambda item: item[:2],
    )
    found = [
        pattern
        for score, _, pattern in scored
        if -score >= MIN_SURPRISE and _has_moved(pattern.count, before.get(key(pattern), 0))
    ]
    if not found:
        return None
    shown = found[:MAX_MOVERS]
    for look in plots.LOOKS:
        figures.pictures[f"movers{look.name}"] = plots.bars(
            [(clipped(p.template.text), p.count, before.get(key(p), 0)) for p in shown], look
        )
    first = shown[0]
    said = (
        f"{plural(len(found), 'template')} moved; most of all "
        f"“{clipped(first.template.text, 80)}” of {first.source}: {number(first.count)}, "
        f"{number(before.get(key(first), 0))} before."
    )
    alt = "Records now and before of the templates that moved most: " + _listed(shown, before)
    return Section(
        "movers",
        "Movers",
        (said,),
        _movers_table(figures, shown, before, len(found) - len(shown)),
        (Picture("movers", alt),),
        is_notable=True,
    )


def _movers_table(
    figures: Figures, shown: list[Pattern], before: dict[tuple[str, str], int], more: int
) -> Table:
    columns = (
        Column("template"),
        Column("source"),
        Column("records", is_number=True),
        Column("before", is_number=True),
        Column("change", is_number=True),
    )
    rows = tuple(
        (
            Cell(clipped(pattern.template.text), figures.link(pattern)),
            Cell(pattern.source),
            Cell(number(pattern.count)),
            Cell(number(before.get(key(pattern), 0))),
            Cell(change(pattern.count, before.get(key(pattern), 0))),
        )
        for pattern in shown
    )
    return Table(columns, rows, more)


def _surprise(now: int, before: int) -> float:
    """Return how far two Poisson counts lie apart, in deviations of their difference."""
    return (now - before) / math.sqrt(now + before + 1)


def _has_moved(now: int, before: int) -> bool:
    low, high = sorted((now, before))
    return high >= MIN_FACTOR * low


def _listed(shown: Iterable[Pattern], before: dict[tuple[str, str], int]) -> str:
    parts = []
    for pattern in list(shown)[:3]:
        now, then = number(pattern.count), number(before.get(key(pattern), 0))
        parts.append(f"{clipped(pattern.template.text, 40)} {now} after {then}")
    return "; ".join(parts)
