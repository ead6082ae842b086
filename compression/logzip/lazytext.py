"""Text in a block of which nothing but the structures is decoded yet.

What the structures leave open is a few tests on columns. Most columns say of themselves that no
value can pass: a constant, a dictionary, a text without the letters, digits where letters are
looked for. Only the others are decoded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from string import ascii_letters
from typing import TYPE_CHECKING

import numpy as np

from logzip import _match
from logzip._times import DIRECTIVES, SIZES
from logzip.clock import LITERAL
from logzip.codecs import Codec, decode_column
from logzip.columns import CLOCK
from logzip.ints import VARINT, Transform, decode_ints
from logzip.relations import Relation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from logzip._plan import ColumnPlan, IntPlan
    from logzip.clock import ClockPlan
    from logzip.decoder import Block
    from logzip.runs import StreamReader

    Mask = NDArray[np.bool_]

DIGITS_OR_BLANK = frozenset(b" 0123456789")
LETTERS = frozenset(ascii_letters.encode())
NAMES = {DIRECTIVES["%a"], DIRECTIVES["%b"]}
NUMBER_BYTES = frozenset(b"0123456789.")
DIGIT_RUNS, NOT_NUMBERS = re.compile(rb"[0-9]+"), re.compile(rb"[^0-9.]+")
# Shorter numbers are in most columns of numbers: asking for the largest one is not worth it.
MIN_DIGITS = 3


def narrow_block(block: Block, found: _match.Plan, mask: Mask) -> None:
    """Clear ``mask`` at each record of ``block`` without the pattern of ``found``."""
    table, structure = block.plan.table, block.plan.structure
    wanted = np.bincount(structure[mask], minlength=len(table)) > 0
    slots = _match.term_slots(found, table)
    owner = np.searchsorted(table.first_slot, slots, "right") - 1
    holds = np.zeros(len(slots), np.uint8)
    asked = wanted[owner]
    holds[asked] = _terms_that_may_hold(block, found, slots, np.flatnonzero(asked))
    found = _match.reduce(found, holds)
    mask &= (found.verdict > _match.Verdict.NEVER)[structure]
    needed = np.zeros(len(table.kind), bool)
    needed[_match.term_slots(found, table)] = True
    whole = wanted & (found.verdict == _match.Verdict.BY_TEXT)
    needed |= np.repeat(whole, np.diff(table.first_slot))
    if needed.any():
        _evaluate(block, found, needed, mask)


def _evaluate(block: Block, found: _match.Plan, needed: Mask, mask: Mask) -> None:
    """Decode the columns of the needed slots and test their values."""
    table = block.plan.table
    before = np.concatenate((np.zeros(1, np.int64), np.cumsum(needed, dtype=np.int64)))
    first = np.repeat(before[table.first_slot[:-1]], np.diff(table.first_slot))
    number = (before[:-1] - first).astype(np.int64)
    found = _match.with_slots(found, number, table)
    _match.evaluate(found, block.batch_with(needed), mask.view(np.uint8))


def _terms_that_may_hold(
    block: Block, found: _match.Plan, slots: NDArray[np.int64], asked: NDArray[np.int64]
) -> Mask:
    """Return which of the ``asked`` terms a value of the slot's column may pass."""
    tests = np.column_stack((block.slot_columns[slots[asked]], found.terms[asked, 1:]))
    distinct, inverse = np.unique(tests, axis=0, return_inverse=True)
    answers = [
        _column_may(block, column, mode, _part(found, low, high))
        for column, mode, low, high in distinct.tolist()
    ]
    return np.array(answers, bool)[inverse.ravel()]


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of the pattern; lower case where letters match in either case."""

    text: bytes
    ignore_case: bool = False

    def is_in(self, text: bytes) -> bool:
        """Say whether ``text`` holds the part."""
        return self.text in (text.lower() if self.ignore_case else text)


CUT_RUN = _Part(b"\0\0")


def _part(found: _match.Plan, low: int, high: int) -> _Part:
    return _Part(found.pattern[low:high], found.ignore_case)


def _column_may(block: Block, column: int, mode: int, part: _Part) -> bool:
    plan, sizes = block.plan.values, block.column_sizes
    if column == CLOCK and plan.clock is not None:
        return _clock_may(plan.clock, mode, part)
    if column == CLOCK:
        return plan.times is None or _may_hold(
            plan.times, int(sizes[CLOCK]), part, block.streams
        )
    while True:
        # A column that follows another one stores what it misses; its other values come
        # from these too, or, where it equals the other column, from there.
        part_of = plan.columns[column - 1]
        alone = part_of.relation == Relation.ALONE
        n = int(sizes[column]) if alone else _fewer(part_of.n_missed, int(sizes[column]))
        holds = _may_hold if alone else _distinct_hold
        if holds(part_of.child, n, part, block.streams):
            return True
        if part_of.relation != Relation.EQUAL:
            return False
        if not CLOCK + 1 < part_of.source <= column:
            return True  # decoding will find what is wrong
        column = part_of.source - 1


def _may_hold(plan: ColumnPlan, n: int, part: _Part, streams: StreamReader) -> bool:
    """Say whether one of a column's ``n`` values may hold the part, whatever is around it."""
    match plan.codec:
        case Codec.CONSTANT:
            return part.is_in(plan.value)
        case Codec.NUMBER:
            return _number_may(plan, n, part.text, streams)
        case Codec.TEXT:
            return part.is_in(streams.stream(plan.first_stream))
        case Codec.DICTIONARY:
            return _distinct_hold(plan.children[0], _fewer(plan.numbers[0], n), part, streams)
        case Codec.SHAPES:
            return _shapes_may(plan, n, part, streams)
        case _:
            return True


def _fewer(n_distinct: int, n: int) -> int:
    """Check a number of distinct values before anything is decoded by it."""
    if n < 0:
        return n
    if n_distinct > n:
        raise ValueError(f"{n_distinct} distinct values among {n}")
    return n_distinct


def _distinct_hold(plan: ColumnPlan, n: int, part: _Part, streams: StreamReader) -> bool:
    """Ask values that many others are made of: few enough to decode, and then it is sure."""
    if not _may_hold(plan, n, part, streams):
        return False
    if n < 0:
        return True
    values = decode_column(plan, n, streams)
    found = _match.holds_each(
        values.buffer, values.start, values.end, part.text, part.ignore_case
    )
    return bool(found.any())


def _number_may(plan: ColumnPlan, n: int, text: bytes, streams: StreamReader) -> bool:
    """Compare the part with the largest number: none that holds its digits is smaller."""
    if not NUMBER_BYTES.issuperset(text) or text.count(b".") > (plan.numbers[1] > 0):
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
        bound = plan.header[0] + (1 << 8 * plan.layout) - 1
        if bound < 1 << 24:
            return bound
    if n < 0:
        return 1 << 64
    return int(decode_ints(plan, n, streams).max(initial=0))


def _shapes_may(plan: ColumnPlan, n: int, part: _Part, streams: StreamReader) -> bool:
    """Ask the shapes for what is not digits, and the runs for each run of digits.

    A fraction (``1.25``) is one run, so a point may be in a shape or in a run. Runs past 18
    digits are cut: two NULs in a row in a shape.
    """
    shapes, n_shapes = plan.children[0], _fewer(plan.numbers[0], n)
    if b"\0" in part.text:
        return False
    for text in NOT_NUMBERS.findall(part.text):
        if not _may_hold(shapes, n_shapes, _Part(text, part.ignore_case), streams):
            return False
    if _may_hold(shapes, n_shapes, CUT_RUN, streams):
        return True
    return all(
        any(_may_hold(runs, -1, _Part(digits), streams) for runs in plan.children[1:])
        for digits in DIGIT_RUNS.findall(part.text)
    )


def _clock_may(plan: ClockPlan, mode: int, part: _Part) -> bool:
    """Say whether a timestamp may hold the part: digits and letters at their places."""
    if plan.n_odd:
        return True
    spelling = _spelling(plan.layout.ops)
    slack = len(spelling) - len(part.text)
    first, last = 0, slack
    if mode in (_match.Mode.SUFFIX, _match.Mode.EQUAL):
        first = slack
    if mode in (_match.Mode.PREFIX, _match.Mode.EQUAL):
        last = min(0, slack)
    return any(
        all(byte in allowed for byte, allowed in zip(part.text, spelling[place:], strict=False))
        for place in range(max(first, 0), last + 1)
    )


def _spelling(ops: tuple[tuple[int, int], ...]) -> list[frozenset[int]]:
    """Return the bytes that may stand at each place of a timestamp, either case."""
    places: list[frozenset[int]] = []
    for code, argument in ops:
        if code == LITERAL:
            places.append(frozenset(bytes([argument]) + bytes([argument]).lower()))
        elif code in NAMES:
            places += [LETTERS] * SIZES[code]
        else:
            size = argument if code == DIRECTIVES["%f"] else SIZES[code]
            places += [DIGITS_OR_BLANK] * size
    return places
