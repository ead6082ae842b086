"""One variable of a template over time: percentiles where it is a quantity, its top values.

Values are read from segments, so that they are those of the records that a search finds.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from logplatform.logs.facets import NO_VALUE
from logplatform.logs.histogram import choose_step
from logplatform.logs.hits import show_bytes
from logplatform.logs.query_tree import Term
from logplatform.logs.search_scope import Request, consistently
from logplatform.logs.template_requests import variable_spans
from logplatform.logs.units import Dimension, parse_quantity
from logplatform.logs.values import Equals
from logscan import intern_values, span_values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from logplatform.logs.models import Source, Template
    from logplatform.logs.search_scope import BlockOf, Scope, Stats
    from logscan import Span

    Numbers = NDArray[np.float64]

BUCKETS = 60
BARS = 24
TOP_VALUES = 12
# Past it the plot is of so many values and says so; 16 bytes each.
MAX_VALUES = 2_000_000
PERCENTILES = (0, 50, 90, 99, 100)
BASE_UNITS = {
    Dimension.TIME: "s",
    Dimension.SIZE: "B",
    Dimension.RATE: "B/s",
    Dimension.RATIO: "1",
    None: "",
}


KINDS = list(BASE_UNITS)


@dataclass(frozen=True, slots=True)
class Bucket:
    """The values of one step: how many, and their percentiles 0, 50, 90, 99 and 100."""

    time_ns: int
    records: int
    percentiles: tuple[float, ...]  # empty where none is a number


@dataclass(frozen=True, slots=True)
class Bar:
    """How many values lie between two numbers; the upper one is included in the last bar."""

    low: float
    high: float
    records: int


@dataclass(frozen=True, slots=True)
class ValuePlot:
    """A variable's values in a time range; numbers are in ``unit``, bare where it is empty."""

    unit: str
    records: int
    numbers: int
    distinct: int
    step_ns: int
    overall: tuple[float, ...]
    buckets: tuple[Bucket, ...]
    bars: tuple[Bar, ...]
    top: tuple[tuple[str, int], ...]
    stats: Stats


@dataclass(slots=True)
class _Read:
    times: list[NDArray[np.int64]]
    numbers: list[Numbers]
    kinds: list[NDArray[np.int64]]  # index into `KINDS`
    counts: Counter[bytes]
    dimensions: Counter[int]


def value_plot(
    source: Source,
    row: Template,
    variable: int,
    *,
    start_ns: int | None = None,
    end_ns: int | None = None,
) -> ValuePlot:
    """Return how a variable's values are spread over time and size."""
    spans = variable_spans(source, row, variable)
    request = Request((source,), Term("template", Equals(row.key.encode())), start_ns, end_ns)
    return consistently(request, lambda scope: _plot(scope, spans))


def _plot(scope: Scope, spans: dict[int, Span]) -> ValuePlot:
    read = _Read([], [], [], Counter(), Counter())
    total = 0
    for block in scope.all_sealed_blocks():
        total += _read_block(scope, block, spans, read)
        if total > MAX_VALUES:
            scope.stats.partial = True
            break
    start_ns, end_ns = scope.time_range()
    step = choose_step(start_ns, end_ns, BUCKETS)
    times = np.concatenate([*read.times, np.zeros(0, np.int64)])
    numbers = np.concatenate([*read.numbers, np.zeros(0)])
    main = read.dimensions.most_common(1)
    if main:  # a bare number is no duration, and a share no size
        kinds = np.concatenate([*read.kinds, np.zeros(0, np.int64)])
        numbers[kinds != main[0][0]] = np.nan
    is_number = ~np.isnan(numbers)
    return ValuePlot(
        unit=BASE_UNITS[KINDS[main[0][0]]] if main else "",
        records=len(times),
        numbers=int(is_number.sum()),
        distinct=len(read.counts),
        step_ns=step,
        overall=_percentiles(numbers[is_number]),
        buckets=tuple(_buckets(times, numbers, step)),
        bars=tuple(_bars(numbers[is_number])),
        top=tuple((show_bytes(value), n) for value, n in read.counts.most_common(TOP_VALUES)),
        stats=scope.finish(),
    )


def _read_block(scope: Scope, block: BlockOf, spans: dict[int, Span], read: _Read) -> int:
    """Take in the values of a block; return how many there were."""
    batch = block.load()
    rows = scope.rows(block, batch)
    structure_of = batch.structure[rows]
    total = 0
    for structure in np.unique(structure_of).tolist():
        span = spans.get(int(batch.structures.hash[structure]))
        if span is None:
            continue
        of = rows[structure_of == structure]
        column = span_values(batch, structure, span, of)
        first, inverse = intern_values(column.buffer, column.start, column.end)
        distinct = [column[at] for at in first.tolist()]
        counts = np.bincount(inverse, minlength=len(distinct)).tolist()
        unit = block.plan.unit(batch.structures[structure], span)
        amounts, kinds = np.full(len(distinct), np.nan), np.zeros(len(distinct), np.int64)
        for at, (value, count) in enumerate(zip(distinct, counts, strict=True)):
            if value not in NO_VALUE:
                read.counts[value] += count
            quantity = parse_quantity(value, unit)
            if quantity is not None:
                of_unit = quantity.unit.dimension if quantity.unit else None
                amounts[at], kinds[at] = float(quantity.amount), KINDS.index(of_unit)
                read.dimensions[int(kinds[at])] += count
        read.times.append(batch.time_ns[of])
        read.numbers.append(amounts[inverse])
        read.kinds.append(kinds[inverse])
        total += len(of)
    return total


def _percentiles(numbers: Numbers) -> tuple[float, ...]:
    if not len(numbers):
        return ()
    # A percentile is one of the values, not a number between two of them.
    found = np.percentile(numbers, PERCENTILES, method="higher")
    return tuple(found.tolist())


def _buckets(times: NDArray[np.int64], numbers: Numbers, step: int) -> Iterator[Bucket]:
    order = np.argsort(times, kind="stable")
    places, starts = np.unique(times[order] // step, return_index=True)
    parts = np.split(numbers[order], starts[1:])
    for place, part in zip(places.tolist(), parts, strict=False):
        yield Bucket(place * step, len(part), _percentiles(part[~np.isnan(part)]))


def _bars(numbers: Numbers) -> Iterator[Bar]:
    """Yield bars of equal width, or of equal ratio where the values span orders of size."""
    if not len(numbers):
        return
    low, high = float(numbers.min()), float(numbers.max())
    if low == high:
        yield Bar(low, high, len(numbers))
        return
    is_wide = low > 0 and high / low > 1000
    edges = (np.geomspace if is_wide else np.linspace)(low, high, BARS + 1)
    edges[0], edges[-1] = low, high
    counts, _ = np.histogram(numbers, edges)
    for at, count in enumerate(counts.tolist()):
        yield Bar(float(edges[at]), float(edges[at + 1]), count)
