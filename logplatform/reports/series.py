"""Counts per minute of what rules ask for: from the catalog where it knows, else by a scan."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from logplatform.logs import sums
from logplatform.logs.models import TemplateCount
from logplatform.logs.query_tree import Anything
from logplatform.logs.search_scope import Request, consistently

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from logplatform.logs.models import Source
    from logplatform.logs.query_tree import Node
    from logplatform.logs.search_catalog import Catalog
    from logplatform.logs.search_scope import Scope

    Counts = NDArray[np.int64]

MINUTE_NS = sums.MINUTE_NS
ROWS_A_FETCH = 20_000
# One entry is a dict of some hundred (template, level) pairs: 20 MB in all.
CACHED_TESTS = 4096


@dataclass(frozen=True, slots=True)
class Span:
    """Whole minutes since 1970, the end not included."""

    first: int
    end: int

    def __len__(self) -> int:
        return self.end - self.first


@dataclass(frozen=True)
class SourceCounts:
    """The counts of one source over a span.

    ``keys`` are the distinct pairs of a template's row (`sums.NO_TEMPLATE`: not sealed, and
    unlike anything sealed) and a level; each cell has the index of its key, its minute from
    the span's first and its records.
    """

    name: str
    catalog: Catalog
    span: Span
    keys: tuple[tuple[int, int], ...]
    key: Counts
    minute: Counts
    records: Counts

    def matching(self, query: Node) -> NDArray[np.bool_]:
        """Say which keys a query of levels, templates and sources matches, shape (keys,)."""
        accepts = _test(query, self.name, self.catalog)
        return np.fromiter((accepts(*key) for key in self.keys), bool, len(self.keys))

    def total(self, query: Node) -> Counts:
        """Return the matching records of each minute, shape (minutes,)."""
        return self._per_minute(self.matching(query)[self.key])

    def by_template(self, query: Node) -> dict[int, Counts]:
        """Return the matching records of each minute for each template's row."""
        if not self.keys:
            return {}
        wanted = self.matching(query)
        template_of = np.array([template for template, _ in self.keys])
        found = {}
        for template in np.unique(template_of[wanted]).tolist():
            if template != sums.NO_TEMPLATE:
                chosen = (wanted & (template_of == template))[self.key]
                found[template] = self._per_minute(chosen)
        return found

    def _per_minute(self, cells: NDArray[np.bool_]) -> Counts:
        found = np.bincount(
            self.minute[cells], weights=self.records[cells], minlength=len(self.span)
        )
        return found.astype(np.int64)


_tests: OrderedDict[tuple[str, int, int], sums.Acceptance] = OrderedDict()


def _test(query: Node, source_name: str, catalog: Catalog) -> sums.Acceptance:
    """Return the test of a query, kept as long as the source's catalog is the same.

    A test that asks what templates have been called is made anew: that changes at any time.
    """
    if sums.names_labels(query):
        return sums.acceptance(query, source_name, catalog)
    key = (str(query), catalog.source_id, id(catalog))
    found = _tests.get(key)
    if found is None:
        found = _tests[key] = sums.acceptance(query, source_name, catalog)
        while len(_tests) > CACHED_TESTS:
            _tests.popitem(last=False)
    return found


def count_sources(sources: Sequence[Source], span: Span) -> dict[int, SourceCounts]:
    """Return the exact counts of some sources over a span, unsealed records included."""
    request = Request(tuple(sources), Anything(), span.first * MINUTE_NS, span.end * MINUTE_NS)
    return consistently(request, lambda scope: _count(scope, span))


def _count(scope: Scope, span: Span) -> dict[int, SourceCounts]:
    rows = TemplateCount.objects.filter(
        source__in=list(scope.plans), minute__gte=span.first, minute__lt=span.end
    ).values_list("source_id", "template_id", "level", "minute", "count")
    cells: dict[int, list[tuple[int, int, int, int]]] = {pk: [] for pk in scope.plans}
    for pk, *cell in rows.iterator(chunk_size=ROWS_A_FETCH):
        cells[pk].append((cell[0], cell[1], cell[2] - span.first, cell[3]))
    grid = sums.Grid(span.first * MINUTE_NS, MINUTE_NS)
    for found in sums.unsealed(scope, grid, by_template=True):
        cells[found.source_id].append(
            (found.template, found.level, found.bucket, found.records)
        )
    return {
        pk: _of_source(plan.source_name, plan.catalog, span, cells[pk])
        for pk, plan in scope.plans.items()
    }


def _of_source(
    name: str, catalog: Catalog, span: Span, cells: list[tuple[int, int, int, int]]
) -> SourceCounts:
    found = np.array(cells, np.int64).reshape(-1, 4)
    packed, inverse = np.unique(found[:, 0] * sums.LEVELS + found[:, 1], return_inverse=True)
    keys = tuple(divmod(key, sums.LEVELS) for key in packed.tolist())
    rooted = tuple((catalog.root.get(pk, sums.NO_TEMPLATE), level) for pk, level in keys)
    return SourceCounts(
        name=name,
        catalog=catalog,
        span=span,
        keys=rooted,
        key=inverse.astype(np.int64),
        minute=found[:, 2],
        records=found[:, 3],
    )


@dataclass(frozen=True, slots=True)
class Scanned:
    """What a scan found: records per minute of each source (by name) or template (by row)."""

    by_source: dict[int, Counts]
    by_template: dict[tuple[int, int], Counts]  # source's row, template's row
    is_partial: bool


def scan_sources(
    sources: Sequence[Source], query: Node, span: Span, *, budget_s: float
) -> Scanned:
    """Return counts per minute for a query that the catalog cannot answer."""
    request = Request(
        tuple(sources), query, span.first * MINUTE_NS, span.end * MINUTE_NS, budget_s
    )
    return consistently(request, lambda scope: _scan(scope, span))


def _scan(scope: Scope, span: Span) -> Scanned:
    grid = sums.Grid(span.first * MINUTE_NS, MINUTE_NS)
    by_source = {pk: np.zeros(len(span), np.int64) for pk in scope.plans}
    by_template: dict[tuple[int, int], Counts] = {}
    for cell in _cells(scope, grid):
        by_source[cell.source_id][cell.bucket] += cell.records
        if cell.template != sums.NO_TEMPLATE:
            key = (cell.source_id, cell.template)
            if key not in by_template:
                by_template[key] = np.zeros(len(span), np.int64)
            by_template[key][cell.bucket] += cell.records
    return Scanned(by_source, by_template, scope.finish().partial)


def _cells(scope: Scope, grid: sums.Grid) -> Iterable[sums.Cell]:
    yield from sums.unsealed(scope, grid, by_template=True)
    yield from sums.sealed(scope, grid, by_template=True)
