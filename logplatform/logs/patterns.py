"""Patterns: the templates of the matching records, each with its exact count.

The counts of all patterns add up to the sealed records that match; those not sealed yet have
no template and are counted as
`Patterns.without_template`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from logplatform.logs import sums
from logplatform.logs.histogram import by_level, choose_step
from logplatform.logs.search_scope import consistently

if TYPE_CHECKING:
    from collections.abc import Callable

    from logplatform.logs.search_catalog import KnownTemplate
    from logplatform.logs.search_scope import Request, Scope, Stats

SPARKLINE_BUCKETS = 40
MAX_PATTERNS = 500


@dataclass(frozen=True, slots=True)
class Pattern:
    """A template in a time range.

    ``first_seen_ns`` and ``last_seen_ns`` are whole minutes where the catalog answered.
    """

    template: KnownTemplate
    source: str
    count: int
    share: float
    first_seen_ns: int
    last_seen_ns: int
    sparkline: tuple[int, ...]
    levels: dict[str, int]


@dataclass(frozen=True, slots=True)
class Patterns:
    """All patterns in order; ``records`` is the sum of their counts."""

    patterns: tuple[Pattern, ...]
    records: int
    without_template: int
    start_ns: int
    end_ns: int
    step_ns: int
    stats: Stats


@dataclass(slots=True)
class _Sum:
    source_id: int
    sparkline: list[int]
    count: int = 0
    first_ns: int = field(default=2**63 - 1)
    last_ns: int = field(default=-(2**63))
    levels: list[int] = field(default_factory=lambda: [0] * sums.LEVELS)

    def add(self, cell: sums.Cell) -> None:
        """Take in the records of one cell."""
        self.count += cell.records
        self.levels[cell.level] += cell.records
        self.sparkline[cell.bucket] += cell.records
        self.first_ns = min(self.first_ns, cell.first_ns)
        self.last_ns = max(self.last_ns, cell.last_ns)


SORTS: dict[str, Callable[[Pattern], int]] = {
    "count": lambda pattern: -pattern.count,
    "rare": lambda pattern: pattern.count,
    "first_seen": lambda pattern: -pattern.first_seen_ns,
    "last_seen": lambda pattern: -pattern.last_seen_ns,
}


def patterns(request: Request, *, sort: str = "count") -> Patterns:
    """Return the patterns of the records that match, pinned ones first.

    Parameters
    ----------
    request : Request
    sort : str
        One of `SORTS`: most records first, fewest first, newest first or last seen first.
    """
    return consistently(request, lambda scope: _patterns(scope, sort))


def _patterns(scope: Scope, sort: str) -> Patterns:
    start_ns, end_ns = scope.time_range()
    # Steps of whole minutes, so that the catalog can answer.
    step = max(choose_step(start_ns, end_ns, SPARKLINE_BUCKETS), sums.MINUTE_NS)
    origin = start_ns // step * step
    buckets = -(-(end_ns - origin) // step)
    grid = sums.Grid(origin, step)
    found: dict[int, _Sum] = {}
    bare = sum(cell.records for cell in sums.unsealed(scope, grid))
    for cell in sums.sealed(scope, grid, by_template=True):
        if cell.template == sums.NO_TEMPLATE:
            bare += cell.records
            continue
        if cell.template not in found:
            found[cell.template] = _Sum(cell.source_id, [0] * buckets)
        found[cell.template].add(cell)
    records = sum(of.count for of in found.values())
    made = [_pattern(scope, pk, of, records) for pk, of in found.items()]
    made.sort(key=lambda pattern: (SORTS[sort](pattern), pattern.source, pattern.template.key))
    made.sort(key=lambda pattern: not pattern.template.is_pinned)
    return Patterns(tuple(made), records, bare, start_ns, end_ns, step, scope.finish())


def _pattern(scope: Scope, pk: int, found: _Sum, records: int) -> Pattern:
    plan = scope.plans[found.source_id]
    start_ns = scope.request.start_ns
    return Pattern(
        template=plan.catalog.templates[pk],
        source=plan.source_name,
        count=found.count,
        share=found.count / records,
        first_seen_ns=found.first_ns if start_ns is None else max(found.first_ns, start_ns),
        last_seen_ns=found.last_ns,
        sparkline=tuple(found.sparkline),
        levels=by_level(found.levels),
    )
