"""Facets: the values of one field among the matching records, each with its count.

A value's count is the number of records that the query finds with that value added to it, so a
click on a facet finds as many records as it said. Exact, up to a limit of distinct values.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from logplatform.logs import sums
from logplatform.logs.hits import show_bytes
from logplatform.logs.query_tree import CATEGORIES, LABEL_FIELDS, LevelRange, Term
from logplatform.logs.search_scope import consistently
from logplatform.logs.values import Equals
from logscan import Level, intern_values, span_values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from logplatform.logs.query_tree import Node
    from logplatform.logs.search_scope import BlockOf, Request, Rows, Scope, Stats
    from logscan import RecordBatch, SlotColumn

FACET_FIELDS = ("level", "template", "component", "source", *LABEL_FIELDS, *CATEGORIES)
# Some 20 MB of values. Past it new values are no longer told apart and go into `Facet.other`;
# the counts of values known by then stay exact.
MAX_DISTINCT = 100_000
# What headers write where there is nothing: an access log without users names none.
NO_VALUE = frozenset({b"", b"-"})


@dataclass(frozen=True, slots=True)
class FacetValue:
    """One value: its bytes as text, how to show it, and the condition that finds it."""

    value: str
    label: str
    count: int
    condition: str


@dataclass(frozen=True, slots=True)
class Facet:
    """The most frequent values.

    Attributes
    ----------
    other
        Records with another value, counted once for each of their values.
    is_limited
        Whether there were more than `MAX_DISTINCT` values, so that one in ``other`` might be
        as frequent as one in ``values``.
    """

    field: str
    values: tuple[FacetValue, ...]
    other: int
    is_limited: bool
    stats: Stats


def facet(request: Request, *, field: str, limit: int = 20) -> Facet:
    """Count the matching records by the values of a field, one of `FACET_FIELDS`."""
    return consistently(request, lambda scope: _facet(scope, field, limit))


def _facet(scope: Scope, field: str, limit: int) -> Facet:
    counts: Counter[bytes] = Counter()
    other = 0
    for value, records in _counts(scope, field):
        if value in counts or len(counts) < MAX_DISTINCT:
            counts[value] += records
        else:
            other += records
    is_limited = other > 0
    frequent = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:limit]
    other += counts.total() - sum(records for _, records in frequent)
    labels = _labels(scope) if field == "template" else {}
    values = tuple(
        FacetValue(
            show_bytes(value),
            labels.get(value) or show_bytes(value),
            records,
            str(condition(field, value)),
        )
        for value, records in frequent
    )
    return Facet(field, values, other, is_limited, scope.finish())


def condition(field: str, value: bytes) -> Node:
    """Return the condition that finds the records with a value of a facet."""
    if field == "level":
        level = Level[value.decode().upper()]
        return LevelRange(level, level)
    return Term(field, Equals(value))


def _labels(scope: Scope) -> dict[bytes, str]:
    return {
        known.key.encode(): known.label
        for plan in scope.plans.values()
        for known in plan.catalog.templates.values()
    }


def _counts(scope: Scope, field: str) -> Iterator[tuple[bytes, int]]:
    """Yield values and numbers of records, a value any number of times."""
    if field in {"level", "template", "source", *LABEL_FIELDS}:
        yield from _counted(scope, field)
        return
    for block in chain(scope.unsealed_blocks(), scope.all_sealed_blocks()):
        batch = block.load()
        rows = scope.rows(block, batch)
        if field == "component":
            found = np.bincount(batch.component[rows] + 1, minlength=len(batch.components) + 1)
            yield from zip(batch.components, found[1:].tolist(), strict=True)
        else:
            yield from _values(block, batch, rows, field)


def _counted(scope: Scope, field: str) -> Iterator[tuple[bytes, int]]:
    # A century is one bucket: only the range's ends matter here.
    grid = sums.Grid(0, 36_525 * 1440 * sums.MINUTE_NS)
    by_template = field == "template" or field in LABEL_FIELDS
    sealed = sums.sealed(scope, grid, by_template=by_template)
    for cell in chain(sealed, sums.unsealed(scope, grid, by_template=by_template)):
        plan = scope.plans[cell.source_id]
        if field == "source":
            yield plan.source_name.encode(), cell.records
        elif field == "level":
            yield Level(cell.level).name.lower().encode(), cell.records
        elif field in LABEL_FIELDS:
            label = scope.judgements.of(cell.source_id, field).get(cell.template)
            if label:
                yield label.encode(), cell.records
        elif cell.template != sums.NO_TEMPLATE:
            yield plan.catalog.templates[cell.template].key.encode(), cell.records


def _values(
    block: BlockOf, batch: RecordBatch, rows: Rows, category: str
) -> Iterator[tuple[bytes, int]]:
    """Yield the values of a category's variables; each record counts once for each value."""
    if not len(rows):
        return
    catalog = block.plan.catalog
    order = np.argsort(batch.structure[rows], kind="stable")
    structures, starts = np.unique(batch.structure[rows[order]], return_index=True)
    parts = np.split(rows[order], starts[1:])
    for structure, of in zip(structures.tolist(), parts, strict=True):
        known = catalog.get(int(batch.structures.hash[structure]))
        if known is None:
            continue
        columns = [
            span_values(batch, structure, span, of)
            for span, name in zip(known.spans, known.categories, strict=True)
            if name == category
        ]
        if not columns:
            continue
        values, ids = _interned(columns)
        repeated = _repeated(ids)
        found = np.bincount(ids[~repeated].ravel(), minlength=len(values))
        for value, records in zip(values, found.tolist(), strict=True):
            if value not in NO_VALUE:
                yield value, records


def _interned(columns: list[SlotColumn]) -> tuple[list[bytes], NDArray[np.int64]]:
    """Return the distinct values of some columns, and their numbers, shape (columns, rows)."""
    numbers: dict[bytes, int] = {}
    ids = []
    for column in columns:
        first, inverse = intern_values(column.buffer, column.start, column.end)
        known = [numbers.setdefault(column[value], len(numbers)) for value in first.tolist()]
        ids.append(np.array(known, np.int64)[inverse])
    return list(numbers), np.stack(ids)


def _repeated(ids: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Mark the values that an earlier column of the same row has too."""
    repeated = np.zeros(ids.shape, bool)
    for later in range(1, len(ids)):
        repeated[later] = (ids[:later] == ids[later]).any(axis=0)
    return repeated
