"""Values of variables that are more or less common than before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logplatform.logs.facets import Facet, facet
from logplatform.reports.content import Cell, Column, Section, Table
from logplatform.reports.wording import clipped, number, plural

if TYPE_CHECKING:
    from logplatform.reports.figures import Figures

# Those whose values come again and again; ids and numbers are new each time.
CATEGORIES = ("status_code", "type", "switch", "location", "object_name")
VALUES = 200
BUDGET_S = 20.0  # of each of the two times ten scans
MAX_ROWS = 12
MIN_COUNT = 20
# Points of share of the records with such a variable.
MIN_SHIFT = 0.05


def variables(figures: Figures) -> Section | None:
    """Return the values whose share has shifted, largest shifts first."""
    length = figures.end - figures.start
    shifts: list[tuple[float, str, str, str, int, int, float, float]] = []
    left_out = []
    for category in CATEGORIES:
        now = facet(
            figures.request(figures.start, figures.end, BUDGET_S), field=category, limit=VALUES
        )
        before = facet(
            figures.request(figures.start - length, figures.start, BUDGET_S),
            field=category,
            limit=VALUES,
        )
        if now.stats.partial or before.stats.partial or now.is_limited or before.is_limited:
            left_out.append(category)
            continue
        shifts += _shifts(category, now, before)
    if not shifts and not left_out:
        return None
    shifts.sort(key=lambda shift: (-abs(shift[0]), shift[1], shift[2]))
    return _section(figures, shifts, left_out)


def _shifts(
    category: str, now: Facet, before: Facet
) -> list[tuple[float, str, str, str, int, int, float, float]]:
    counts = {value.value: value for value in now.values}
    earlier = {value.value: value for value in before.values}
    all_now = sum(value.count for value in now.values) + now.other
    all_before = sum(value.count for value in before.values) + before.other
    if all_now < MIN_COUNT or all_before < MIN_COUNT:
        return []
    found = []
    for text in counts.keys() | earlier.keys():
        value = counts.get(text) or earlier[text]
        n = counts[text].count if text in counts else 0
        m = earlier[text].count if text in earlier else 0
        share, share_before = n / all_now, m / all_before
        if max(n, m) >= MIN_COUNT and abs(share - share_before) >= MIN_SHIFT:
            shift = share - share_before
            found.append((shift, category, text, value.condition, n, m, share, share_before))
    return found


def _section(
    figures: Figures,
    shifts: list[tuple[float, str, str, str, int, int, float, float]],
    left_out: list[str],
) -> Section:
    rows = tuple(
        (
            Cell(category),
            Cell(clipped(text, 80), figures.search(condition)),
            Cell(number(n)),
            Cell(f"{share:.1%}"),
            Cell(f"{share_before:.1%}"),
            Cell(f"{shift * 100:+.1f}"),
        )
        for shift, category, text, condition, n, _, share, share_before in shifts[:MAX_ROWS]
    )
    columns = (
        Column("variable"),
        Column("value"),
        Column("records", is_number=True),
        Column("share", is_number=True),
        Column("share before", is_number=True),
        Column("points", is_number=True),
    )
    said = [f"{plural(len(shifts), 'value')} became clearly more or less common."]
    if left_out:
        said.append(
            f"Not compared, as there are too many values or lines: {', '.join(left_out)}."
        )
    table = Table(columns, rows, max(0, len(shifts) - MAX_ROWS)) if rows else None
    return Section("variables", "Values", tuple(said), table, is_notable=bool(shifts))
