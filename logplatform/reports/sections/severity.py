"""How severe the records were, against the same weekdays before."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from logplatform.reports import plots
from logplatform.reports.content import Cell, Column, Picture, Section, Table
from logplatform.reports.figures import levels_of
from logplatform.reports.wording import change, number, plural

if TYPE_CHECKING:
    from logplatform.reports.figures import Figures

ORDER = ("fatal", "error", "warn", "info", "debug", "trace", "none")
BAD = ("fatal", "error")
# As many more or fewer, and at least so many, are worth a sentence in the summary.
NOTABLE_FACTOR, NOTABLE_COUNT = 1.5, 20


def severity(figures: Figures) -> Section | None:
    """Return the records by level and time."""
    now, before = levels_of(figures.volume), levels_of(figures.week_before)
    if not now and not before:
        return None
    names = [level for level in ORDER if level in now or level in before]
    rows = tuple(
        (
            Cell(level, figures.search(f"level:{level}")),
            Cell(number(now.get(level, 0))),
            Cell(number(before.get(level, 0))),
            Cell(change(now.get(level, 0), before.get(level, 0))),
        )
        for level in names
    )
    columns = (
        Column("level"),
        Column("records", is_number=True),
        Column("same weekdays before", is_number=True),
        Column("change", is_number=True),
    )
    bad, bad_before = (sum(of.get(level, 0) for level in BAD) for of in (now, before))
    for look in plots.LOOKS:
        figures.pictures[f"severity{look.name}"] = plots.volume(
            figures.volume, figures.week_before, ZoneInfo(figures.time_zone), look
        )
    alt = (
        f"Records over time by level: {plural(figures.records, 'record')}, of them "
        f"{plural(bad, 'error')}; dashed, the same weekdays before."
    )
    is_notable = _is_notable(bad, bad_before) and bool(before)
    said = (
        f"Errors and worse: {number(bad)}, against {number(bad_before)} on the same weekdays "
        "before."
    )
    return Section(
        "severity",
        "Severity",
        (said,),
        Table(columns, rows),
        (Picture("severity", alt),),
        is_notable=is_notable,
    )


def _is_notable(now: int, before: int) -> bool:
    low, high = sorted((now, before))
    return high >= NOTABLE_COUNT and high >= NOTABLE_FACTOR * low
