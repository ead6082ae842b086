"""Which values of a block's columns hold a part of a pattern, told as they are stored.

A constant, and each value of a dictionary, is looked at once; numbers are tested as numbers, a
text as one, timestamps second by second. Only what may hold the part is decoded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from string import ascii_letters
from typing import TYPE_CHECKING

import numpy as np

from logzip import _match
from logzip._hits import fixed_hits, number_hits, span_hits, text_hits
from logzip._times import DIRECTIVES, SIZES
from logzip.clock import FRACTION, LITERAL
from logzip.codecs import Codec, decode_column, decode_indices
from logzip.columns import CLOCK
from logzip.ints import VARINT, Transform, decode_ints
from logzip.relations import Relation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from logscan.batch import SlotColumn
    from logzip._plan import ColumnPlan, IntPlan, RelatedPlan
    from logzip.clock import ClockPlan, Layout
    from logzip.decoder import Block
    from logzip.runs import StreamReader

    Bits = NDArray[np.uint8]

DIGITS_OR_BLANK = frozenset(b" 0123456789")
LETTERS = frozenset(ascii_letters.encode())
NAMES = {DIRECTIVES["%a"], DIRECTIVES["%b"]}
NUMBER_BYTES = frozenset(b"0123456789.")
DIGIT_RUNS = re.compile(rb"[0-9]+")
# A number with one point is a run of digits or two; with more points it is as many as it has.
CHAINS = re.compile(rb"([0-9.]*\.[0-9.]*)")
ADDRESS = re.compile(rb"[0-9]+(?:\.[0-9]+){2,}")
HEX_DIGITS = frozenset(b"0123456789abcdef")
# Shorter numbers are in most columns of numbers: asking for the largest one is not worth it.
MIN_DIGITS = 3
NS = 1_000_000_000
FEW = 64  # values that are put together as fast as their runs are looked at


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the pattern, and how it must lie; lower case where either case matches."""

    text: bytes
    mode: int = _match.Mode.CONTAINS
    ignore_case: bool = False

    def folded(self, text: bytes) -> bytes:
        """Return ``text`` as it is compared."""
        return text.lower() if self.ignore_case else text

    def is_in(self, text: bytes) -> bool:
        """Say whether ``text`` holds the part, anywhere."""
        return self.text in self.folded(text)


CUT_RUN = Part(b"\0\0")


def column_hits(block: Block, column: int, part: Part) -> Bits | None:
    """Return which values of a column hold the part, a byte for each; ``None`` for none."""
    values, plan = block.values, block.plan.values
    n = int(values.sizes[column])
    if column == CLOCK and plan.clock is not None:
        return _clock_hits(block, plan.clock, part)
    if column == CLOCK:
        return None if plan.times is None else _hits(plan.times, n, part, block.streams)
    told = plan.columns[column - 1]
    if told.relation == Relation.ALONE:
        return _hits(told.child, n, part, block.streams)
    return _told_hits(block, column, told, part)


def _told_hits(block: Block, column: int, told: RelatedPlan, part: Part) -> Bits | None:
    """Answer for a column that is told from another one."""
    values = block.values
    if told.n_missed > values.sizes[column]:
        raise ValueError(f"{told.n_missed} values missed among {values.sizes[column]}")
    # The values that were stored: a prediction gives no others, or those of an equal column.
    stored = _hits(told.child, told.n_missed, part, block.streams)
    if told.relation == Relation.EQUAL:
        if not CLOCK + 1 < told.source <= column:
            raise ValueError(f"column {column} follows one that isn't before it")
        if stored is None and column_hits(block, told.source - 1, part) is None:
            return None
        return _span_hits(values.column(column), part)
    if stored is None:
        return None
    distinct, ids = values.distinct(column)
    found = _span_hits(distinct, part)
    return None if found is None else found[ids]


def _span_hits(values: SlotColumn, part: Part) -> Bits | None:
    return span_hits(part.folded(values.buffer), values.start, values.end, part.text, part.mode)


def _hits(plan: ColumnPlan, n: int, part: Part, streams: StreamReader) -> Bits | None:
    """Return which of a column's ``n`` values, told from no other column, hold the part."""
    may_hold = _may_hold(plan, n, part, streams)
    if not may_hold or (plan.codec == Codec.SHAPES and not _runs_hold(plan, n, part, streams)):
        return None
    match plan.codec:
        case Codec.CONSTANT:
            one = np.array([0], np.int64), np.array([len(plan.value)], np.int64)
            found = span_hits(part.folded(plan.value), *one, part.text, part.mode)
            return None if found is None else np.ones(n, np.uint8)
        case Codec.NUMBER:
            numbers = decode_ints(plan.ints[0], n, streams)
            width, fraction = plan.numbers
            return number_hits(numbers, width, fraction, part.text, part.mode)
        case Codec.TEXT if plan.numbers[0] >= 0 and part.text:
            text = part.folded(streams.stream(plan.first_stream))
            return text_hits(text, n, plan.numbers[0], part.text, part.mode)
        case Codec.DICTIONARY:
            found = _hits(plan.children[0], _fewer(plan.numbers[0], n), part, streams)
            return None if found is None else found[decode_indices(plan, n, streams)]
        case _:
            return _span_hits(decode_column(plan, n, streams), part)


def _may_hold(plan: ColumnPlan, n: int, part: Part, streams: StreamReader) -> bool:
    """Say whether one of ``n`` values (-1: not known) may hold the part, wherever it must lie.

    The answer costs next to nothing beside decoding them.
    """
    match plan.codec:
        case Codec.CONSTANT | Codec.TEXT:
            is_one = plan.codec == Codec.CONSTANT
            return part.is_in(plan.value if is_one else streams.stream(plan.first_stream))
        case Codec.NUMBER:
            return _number_may(plan, n, part.text, streams)
        case Codec.DICTIONARY:
            n_distinct = _fewer(plan.numbers[0], n)
            return _may_hold(plan.children[0], n_distinct, part, streams)
        case Codec.SHAPES:
            return _shapes_may(plan, n, part, streams)
        case Codec.HEX:
            return _hex_may(plan, part)
        case _:
            return True


def _fewer(n_distinct: int, n: int) -> int:
    """Check a number of distinct values before anything is decoded by it."""
    if n < 0:
        return n
    if n_distinct > n:
        raise ValueError(f"{n_distinct} distinct values among {n}")
    return n_distinct


def _hex_may(plan: ColumnPlan, part: Part) -> bool:
    """Say whether the part is of the bytes that the values are made of, and not longer."""
    pairs = zip(plan.value, plan.varying, strict=True)
    fixed = part.folded(bytes({byte for byte, varies in pairs if not varies}))
    return len(part.text) <= len(plan.value) and HEX_DIGITS.union(fixed).issuperset(part.text)


def _number_may(plan: ColumnPlan, n: int, text: bytes, streams: StreamReader) -> bool:
    """Compare the part with the largest number: none that holds its digits is smaller."""
    if (
        not text
        or not NUMBER_BYTES.issuperset(text)
        or text.count(b".") > (plan.numbers[1] > 0)
    ):
        return False
    digits = text.replace(b".", b"")
    if len(digits) < MIN_DIGITS:
        return True
    return int(digits) <= _largest(plan.ints[0], n, streams)


def _largest(plan: IntPlan, n: int, streams: StreamReader) -> int:
    """Return a number that none of a column's ``n`` numbers exceeds; ``n`` is -1 if unknown."""
    if plan.transform == Transform.CONSTANT:
        return plan.header[0]
    if plan.transform == Transform.PLAIN and plan.layout != VARINT:
        return plan.header[0] + (1 << 8 * plan.layout) - 1
    if plan.transform == Transform.DICTIONARY and n >= 0:
        return int(decode_ints(plan.children[0], plan.header[0], streams).max(initial=0))
    return 1 << 64


def _shapes_may(plan: ColumnPlan, n: int, part: Part, streams: StreamReader) -> bool:
    """Ask the shapes for what is not digits, and the runs for each run of digits.

    A fraction (``1.25``) is one run, so a point may be in a shape or in a run. Runs past 18
    digits are cut: two NULs in a row in a shape.
    """
    shapes, n_shapes = plan.children[0], _fewer(plan.numbers[0], n)
    if b"\0" in part.text:
        return False
    if _may_hold(shapes, n_shapes, CUT_RUN, streams):
        return True
    for text in _shape_parts(part.text):
        if not _may_hold(shapes, n_shapes, Part(text, ignore_case=part.ignore_case), streams):
            return False
    return all(
        any(_may_hold(runs, -1, Part(digits), streams) for runs in plan.children[1:])
        for digits in DIGIT_RUNS.findall(part.text)
    )


def _runs_hold(plan: ColumnPlan, n: int, part: Part, streams: StreamReader) -> bool:
    """Say whether some runs of a column of shapes hold each run of digits of the part.

    They are tested as they are stored, a tenth of the work of putting the values together.
    """
    wanted = set(DIGIT_RUNS.findall(part.text))
    shapes, (n_shapes, n_columns) = plan.children[0], plan.numbers
    if n < FEW or not wanted or _may_hold(shapes, n_shapes, CUT_RUN, streams):
        return True
    counts = np.array(
        [shape.count(b"\0") for shape in decode_column(shapes, _fewer(n_shapes, n), streams)],
        np.int64,
    )
    ids = decode_ints(plan.ints[0], n, streams)
    column = decode_ints(plan.ints[1], int(counts.sum()), streams)
    if int(ids.max()) >= n_shapes or (len(column) and int(column.max()) >= n_columns):
        raise ValueError("a shape or a column of it doesn't exist")
    rows = np.bincount(ids.view(np.int64), minlength=n_shapes)
    of_slot = np.repeat(rows, counts)
    sizes = np.bincount(column.view(np.int64), of_slot, n_columns).astype(np.int64).tolist()
    runs = list(zip(plan.children[1:], sizes, strict=True))
    return all(
        any(_hits(child, size, Part(digits), streams) is not None for child, size in runs)
        for digits in wanted
    )


def _shape_parts(text: bytes) -> list[bytes]:
    """Return what a shape holds of which a value holds ``text``; no run in it is cut.

    Of a number with a point it isn't known whether the point is in the shape, unless it has two
    with digits on either side; then none of its digits are a fraction.
    """
    parts = []
    for index, piece in enumerate(CHAINS.split(text)):  # between chains, and each chain
        known = ADDRESS.findall(piece)[:1] if index % 2 else [piece]
        parts += [DIGIT_RUNS.sub(b"\0", each) for each in known if each]
    return parts


def _clock_hits(block: Block, plan: ClockPlan, part: Part) -> Bits | None:
    """Return which timestamps hold the part: seconds first, then these seconds' records."""
    if plan.n_odd or not part.text:
        return _span_hits(block.values.column(CLOCK), part)
    places = _clock_places(plan.layout, part)
    if not len(places):
        return None
    times = block.values.times
    second = times // NS
    first = np.flatnonzero(np.diff(second, prepend=second[:1] - 1))
    found = _rendered_hits(plan.layout, times[first], part, places, with_fraction=False)
    hits = np.repeat(found, np.diff(first, append=len(times)))
    rows = np.flatnonzero(hits)
    if any(code == FRACTION for code, _ in plan.layout.ops):
        hits[rows] = _rendered_hits(plan.layout, times[rows], part, places, with_fraction=True)
    return hits if hits.any() else None


def _rendered_hits(
    layout: Layout,
    times: NDArray[np.int64],
    part: Part,
    places: NDArray[np.int64],
    *,
    with_fraction: bool,
) -> Bits:
    text = part.folded(layout.render(np.ascontiguousarray(times)))
    fixed = np.concatenate(
        [
            np.full(size, with_fraction or code != FRACTION, np.uint8)
            for code, size in _sizes(layout)
        ]
    )
    texts = np.frombuffer(text, np.uint8).reshape(len(times), layout.size)
    return fixed_hits(texts, part.text, fixed, places)


def _sizes(layout: Layout) -> list[tuple[int, int]]:
    """Return the directives of a layout, and how many bytes each one yields."""
    return [
        (code, 1 if code == LITERAL else argument if code == FRACTION else SIZES[code])
        for code, argument in layout.ops
    ]


def _clock_places(layout: Layout, part: Part) -> NDArray[np.int64]:
    """Return where in a timestamp the part may lie: digits and letters at their places."""
    spelling = _spelling(layout)
    slack = len(spelling) - len(part.text)
    first, last = 0, slack
    if part.mode in (_match.Mode.SUFFIX, _match.Mode.EQUAL):
        first = slack
    if part.mode in (_match.Mode.PREFIX, _match.Mode.EQUAL):
        last = min(0, slack)
    return np.array(
        [
            place
            for place in range(max(first, 0), last + 1)
            if all(
                byte in allowed
                for byte, allowed in zip(part.text, spelling[place:], strict=False)
            )
        ],
        np.int64,
    )


def _spelling(layout: Layout) -> list[frozenset[int]]:
    """Return the bytes that may stand at each place of a timestamp, either case."""
    places: list[frozenset[int]] = []
    for (code, argument), (_, size) in zip(layout.ops, _sizes(layout), strict=True):
        if code == LITERAL:
            places.append(frozenset(bytes([argument]) + bytes([argument]).lower()))
        else:
            places += [LETTERS if code in NAMES else DIGITS_OR_BLANK] * size
    return places
