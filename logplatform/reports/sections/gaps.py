"""When sources were silent though they speak at other times."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from logplatform.logs import sums
from logplatform.logs.models import TemplateCount
from logplatform.logs.query_tree import Anything
from logplatform.logs.search_scope import Request, Scope
from logplatform.reports import plots
from logplatform.reports.content import Cell, Column, Picture, Section, Table
from logplatform.reports.places import explore, local
from logplatform.reports.series import MINUTE_NS
from logplatform.reports.wording import local_time_ns, minutes, plural

if TYPE_CHECKING:
    from logplatform.logs.models import Source
    from logplatform.reports.figures import Figures

MIN_GAP_MIN = 10
# A gap is so many times longer than nearly all (95 %) of the source's pauses.
FACTOR = 5
MAX_ROWS = 15

Gap = tuple[int, int]


def gaps(figures: Figures) -> Section | None:
    """Return the times in which a source was unusually silent."""
    first, end = figures.start_ns // MINUTE_NS, -(-figures.end_ns // MINUTE_NS)
    spoken = _spoken(figures.sources, first, end)
    found = {
        source.name: find_gaps(spoken[source.pk], first, end)
        for source in figures.sources
        if len(spoken[source.pk])
    }
    silent = [source.name for source in figures.sources if not len(spoken[source.pk])]
    if not found and not silent:
        return None
    listed = sorted(
        ((end - begin, name, begin, end) for name, of in found.items() for begin, end in of),
        key=lambda gap: (-gap[0], gap[1], gap[2]),
    )
    said = [_sentence(listed)]
    if silent:
        said.append(f"Silent all the time: {', '.join(silent)}.")
    pictures: tuple[Picture, ...] = ()
    if listed:
        rows = [(name, of) for name, of in sorted(found.items()) if of][:MAX_ROWS]
        place = ZoneInfo(figures.time_zone)
        for look in plots.LOOKS:
            figures.pictures[f"gaps{look.name}"] = plots.strips(rows, (first, end), place, look)
        pictures = (Picture("gaps", f"When sources were silent. {said[0]}"),)
    table = _table(figures, listed) if listed else None
    return Section("gaps", "Gaps", tuple(said), table, pictures, is_notable=bool(listed))


def _sentence(listed: list[tuple[int, str, int, int]]) -> str:
    if not listed:
        return "No source was silent for unusually long."
    length, name, _, _ = listed[0]
    return f"{plural(len(listed), 'gap')}, the longest of {minutes(length)} in {name}."


def _table(figures: Figures, listed: list[tuple[int, str, int, int]]) -> Table:
    rows = []
    for length, name, begin, end in listed[:MAX_ROWS]:
        # With some minutes around, so that its edges are seen.
        margin = max(5, length // 4)
        low, high = (begin - margin) * MINUTE_NS, (end + margin) * MINUTE_NS
        link = local("/explore", explore("", name, low, high))
        shown = local_time_ns(begin * MINUTE_NS, figures.time_zone)
        rows.append((Cell(name, link), Cell(shown), Cell(minutes(length))))
    columns = (Column("source"), Column("from"), Column("length", is_number=True))
    return Table(columns, tuple(rows), max(0, len(listed) - MAX_ROWS))


def find_gaps(spoken: np.ndarray, first: int, end: int) -> list[Gap]:
    """Return the unusually long pauses between minutes with records, begin and end.

    The edges of the time count as far as they are longer than any pause within it.
    """
    pauses = np.diff(spoken) - 1
    usual = float(np.percentile(pauses, 95)) if len(pauses) else 0.0
    longest = max(MIN_GAP_MIN, FACTOR * usual)
    edges = np.concatenate(([first - 1], spoken, [end]))
    lengths = np.diff(edges) - 1
    return [
        (int(edges[at]) + 1, int(edges[at + 1]))
        for at in np.flatnonzero(lengths >= longest).tolist()
    ]


def _spoken(sources: tuple[Source, ...], first: int, end: int) -> dict[int, np.ndarray]:
    """Return the minutes with any record of each source, sorted."""
    found: dict[int, set[int]] = {source.pk: set() for source in sources}
    rows = TemplateCount.objects.filter(
        source__in=list(found), minute__gte=first, minute__lt=end
    )
    for pk, minute in rows.values_list("source_id", "minute").distinct().order_by():
        found[pk].add(minute)
    scope = Scope(Request(sources, Anything(), first * MINUTE_NS, end * MINUTE_NS))
    for cell in sums.unsealed(scope, sums.Grid(first * MINUTE_NS, MINUTE_NS)):
        found[cell.source_id].add(first + cell.bucket)
    return {pk: np.array(sorted(of), np.int64) for pk, of in found.items()}
