"""Text in a block of which nothing but the structures is decoded yet.

What the structures leave open is a few tests on columns. Most columns say of themselves that no
value can pass: a constant, a dictionary, a text without the letters, digits where letters are
looked for. Only the others are decoded.
"""

from __future__ import annotations

from dataclasses import dataclass
from string import ascii_letters
from typing import TYPE_CHECKING

import numpy as np

from logzip import _match
from logzip._times import DIRECTIVES, SIZES
from logzip.clock import LITERAL
from logzip.codecs import Codec, join_columns
from logzip.columns import CLOCK
from logzip.relations import Relation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from logscan.batch import StructureTable
    from logzip.clock import ClockPlan
    from logzip.codecs import ColumnPlan
    from logzip.decoder import Block
    from logzip.relations import RelatedPlan
    from logzip.runs import StreamReader

    Mask = NDArray[np.bool_]

DIGITS_OR_BLANK = frozenset(b" 0123456789")
LETTERS = frozenset(ascii_letters.encode())
NAMES = {DIRECTIVES["%a"], DIRECTIVES["%b"]}
NUMBER_BYTES = frozenset(b"0123456789.")
MAX_DIGITS = 20


@dataclass(frozen=True, slots=True)
class _SomeValues:
    """What `_match.evaluate` reads of a batch, with the values of some slots only."""

    structures: StructureTable
    structure: NDArray[np.int32]
    buffer: bytes
    first_value: NDArray[np.int64]
    value_start: NDArray[np.int64]
    value_end: NDArray[np.int64]


def narrow_block(block: Block, found: _match.Plan, mask: Mask) -> None:
    """Clear ``mask`` at each record of ``block`` without the pattern of ``found``."""
    table, structure = block.plan.table, block.plan.structure
    wanted = np.bincount(structure[mask], minlength=len(table)) > 0
    slots = _match.term_slots(found, table)
    owner = np.searchsorted(table.first_slot, slots, "right") - 1
    holds = np.zeros(len(slots), np.uint8)
    asked = wanted[owner]
    holds[asked] = _terms_that_may_hold(block, found, slots, np.flatnonzero(asked))
    found = _match.reduce(found, table, holds)
    mask &= (found.verdict > _match.Verdict.NEVER)[structure]
    needed = np.zeros(len(table.kind), bool)
    needed[_match.term_slots(found, table)] = True
    whole = wanted & (found.verdict == _match.Verdict.BY_TEXT)
    needed |= np.repeat(whole, np.diff(table.first_slot))
    if needed.any():
        _evaluate(block, found, needed, mask)


def _evaluate(block: Block, found: _match.Plan, needed: Mask, mask: Mask) -> None:
    """Decode the columns of the needed slots and test their values."""
    plan, column = block.plan, block.slot_columns
    numbers = np.unique(column[needed])
    joined, first = join_columns([block.column(number) for number in numbers.tolist()])
    first_of_column = np.zeros(len(block.column_sizes) + 1, np.int64)
    first_of_column[numbers + 1] = np.diff(first)
    values = _match.place_values(
        column,
        needed.view(np.uint8),
        plan.table.first_slot,
        plan.structure,
        np.cumsum(first_of_column),
        joined.start,
        joined.end,
    )
    before = np.concatenate((np.zeros(1, np.int64), np.cumsum(needed)))
    counts = np.diff(plan.table.first_slot)
    number = before[:-1] - np.repeat(before[plan.table.first_slot[:-1]], counts)
    some = _SomeValues(plan.table, plan.structure, joined.buffer, *values)
    _match.evaluate(_match.with_slots(found, number, plan.table), some, mask.view(np.uint8))


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
    ignore_case: bool

    def is_in(self, text: bytes) -> bool:
        """Say whether ``text`` holds the part."""
        return self.text in (text.lower() if self.ignore_case else text)


def _part(found: _match.Plan, low: int, high: int) -> _Part:
    return _Part(found.pattern[low:high], found.ignore_case)


def _column_may(block: Block, column: int, mode: int, part: _Part) -> bool:
    plan, streams = block.plan.values, block.streams
    if column != CLOCK:
        return _related_may(plan.columns, column, part, streams)
    if plan.clock is not None:
        return _clock_may(plan.clock, mode, part)
    return plan.times is None or _may_hold(plan.times, part, streams)


def _related_may(
    columns: list[RelatedPlan], column: int, part: _Part, streams: StreamReader
) -> bool:
    """Ask the values that a column stores, and the column from which it has the others."""
    while True:
        plan = columns[column - 1]
        if _may_hold(plan.child, part, streams):
            return True
        if plan.relation is not Relation.EQUAL or plan.source > column:
            return plan.relation is Relation.EQUAL  # a lie, which decoding will find
        column = plan.source - 1
        if column == CLOCK:
            return True


def _may_hold(plan: ColumnPlan, part: _Part, streams: StreamReader) -> bool:
    """Say whether a value of the column may hold the part, whatever comes around it."""
    match plan.codec:
        case Codec.CONSTANT:
            return part.is_in(plan.value)
        case Codec.NUMBER:
            return NUMBER_BYTES.issuperset(part.text) and len(part.text) <= MAX_DIGITS + 1
        case Codec.TEXT:
            return part.is_in(streams.stream(plan.first_stream))
        case Codec.DICTIONARY:
            return _may_hold(plan.children[0], part, streams)
        case _:
            return True


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
