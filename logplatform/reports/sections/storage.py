"""What the lines of each source take on disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logplatform.logs.catalog import summaries
from logplatform.logs.models import Source
from logplatform.reports.content import Cell, Column, Section, Table
from logplatform.reports.places import local
from logplatform.reports.wording import number, size

if TYPE_CHECKING:
    from logplatform.logs.catalog import SourceSummary
    from logplatform.reports.figures import Figures

MAX_ROWS = 20


def storage(figures: Figures) -> Section | None:
    """Return the raw and stored bytes of the sources, as they are now."""
    rows = Source.objects.filter(pk__in=[source.pk for source in figures.sources])
    found = sorted(summaries(rows), key=lambda summary: -summary.raw_bytes)
    if not any(summary.raw_bytes for summary in found):
        return None
    in_period: dict[str, int] = {}
    for pattern in figures.now.patterns:
        in_period[pattern.source] = in_period.get(pattern.source, 0) + pattern.count
    raw, stored = (
        sum(getattr(of, name) for of in found) for name in ("raw_bytes", "stored_bytes")
    )
    said = f"{size(raw)} of lines take {size(stored)}" + (
        f", a ratio of {raw / stored:.1f}." if stored else " yet."
    )
    columns = (
        Column("source"),
        Column("records in this time", is_number=True),
        Column("lines in all", is_number=True),
        Column("raw", is_number=True),
        Column("stored", is_number=True),
        Column("ratio", is_number=True),
    )
    shown = tuple(_row(of, in_period.get(of.source.name, 0)) for of in found[:MAX_ROWS])
    table = Table(columns, shown, max(0, len(found) - MAX_ROWS))
    return Section("storage", "Storage", (said,), table)


def _row(summary: SourceSummary, in_period: int) -> tuple[Cell, ...]:
    is_stored = summary.stored_bytes > 0
    ratio = f"{summary.raw_bytes / summary.stored_bytes:.1f}" if is_stored else "none"
    return (
        Cell(summary.source.name, local(f"/sources/{summary.source.name}")),
        Cell(number(in_period)),
        Cell(number(summary.lines)),
        Cell(size(summary.raw_bytes)),
        Cell(size(summary.stored_bytes)),
        Cell(ratio),
    )
