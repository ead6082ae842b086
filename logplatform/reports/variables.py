"""The values of a category's variables over time, as numbers, and statistics of them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from logplatform.logs.search_scope import Request, consistently
from logplatform.logs.units import parse_quantity
from logplatform.reports.series import MINUTE_NS, Span
from logscan import intern_values, span_values

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from logplatform.logs.models import Source
    from logplatform.logs.query_tree import Node
    from logplatform.logs.search_scope import BlockOf, Scope
    from logplatform.logs.units import Unit

# 16 bytes each; past it the statistics are of the first so many and the answer is partial.
MAX_VALUES = 2_000_000
PERCENTILES = {"p50": 50, "p90": 90, "p95": 95, "p99": 99, "max": 100, "min": 0}


@dataclass(frozen=True, slots=True)
class Values:
    """Values in order of time. Those that are no numbers have NaN and count as distinct."""

    minute: NDArray[np.int64]
    number: NDArray[np.float64]
    identity: NDArray[np.int64]  # equal for equal bytes
    is_partial: bool

    def statistics(self, name: str, span: Span, width: int) -> NDArray[np.float64]:
        """Return a statistic of the window that ends with each minute of a span.

        NaN where the window has no number; ``distinct`` counts any values.
        """
        ends = np.searchsorted(self.minute, np.arange(span.first, span.end) + 1)
        starts = np.searchsorted(self.minute, np.arange(span.first, span.end) + 1 - width)
        found = np.full(len(span), np.nan)
        last: tuple[int, int] | None = None
        for index, window in enumerate(zip(starts.tolist(), ends.tolist(), strict=True)):
            if window == last:  # nothing came or went
                found[index] = found[index - 1]
                continue
            last = window
            part = slice(*window)
            if name == "distinct":
                found[index] = len(np.unique(self.identity[part]))
            elif len(numbers := self.number[part][~np.isnan(self.number[part])]):
                found[index] = np.percentile(numbers, PERCENTILES[name])
        return found


def read_values(
    sources: Sequence[Source], query: Node, category: str, span: Span, *, budget_s: float
) -> Values:
    """Return the values of a category in the matching records of a span."""
    request = Request(
        tuple(sources), query, span.first * MINUTE_NS, span.end * MINUTE_NS, budget_s
    )
    return consistently(request, lambda scope: _read(scope, category))


def _read(scope: Scope, category: str) -> Values:
    minutes: list[NDArray[np.int64]] = []
    numbers: list[NDArray[np.float64]] = []
    identities: list[NDArray[np.int64]] = []
    known: dict[bytes, int] = {}
    total = 0
    for block in chain(scope.unsealed_blocks(), scope.all_sealed_blocks()):
        for times, amounts, ids in _of_block(scope, block, category, known):
            minutes.append(times // MINUTE_NS)
            numbers.append(amounts)
            identities.append(ids)
            total += len(times)
        if total > MAX_VALUES:
            scope.stats.partial = True
            break
    is_partial = scope.finish().partial
    if not minutes:
        empty = np.zeros(0, np.int64)
        return Values(empty, np.zeros(0), empty, is_partial)
    minute = np.concatenate(minutes)
    order = np.argsort(minute, kind="stable")
    return Values(
        minute[order],
        np.concatenate(numbers)[order],
        np.concatenate(identities)[order],
        is_partial,
    )


def _of_block(
    scope: Scope, block: BlockOf, category: str, known: dict[bytes, int]
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]]:
    batch = block.load()
    rows = scope.rows(block, batch)
    structure_of = batch.structure[rows]
    for structure in np.unique(structure_of).tolist():
        found = block.plan.catalog.structures.get(int(batch.structures.hash[structure]))
        if found is None or category not in found.categories:
            continue
        of = rows[structure_of == structure]
        for span, name in zip(found.spans, found.categories, strict=True):
            if name == category:
                column = span_values(batch, structure, span, of)
                first, inverse = intern_values(column.buffer, column.start, column.end)
                distinct = [column[value] for value in first.tolist()]
                unit = block.plan.unit(batch.structures[structure], span)
                amounts = np.array([_number(value, unit) for value in distinct])
                ids = np.array([known.setdefault(v, len(known)) for v in distinct], np.int64)
                yield batch.time_ns[of], amounts[inverse], ids[inverse]


def _number(value: bytes, unit: Unit | None) -> float:
    """Return a value in the base unit of its dimension (seconds, bytes), or its bare number."""
    found = parse_quantity(value, unit)
    return float(found.amount) if found is not None else float("nan")
