"""Text in a block of which nothing but the structures is decoded yet.

What the structures leave open is a few tests on columns. Each is answered by the column as it
is stored (`logzip.columnhits`), most of them with "no value"; records are looked at only where
all tests of an alignment have hits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from logzip import _match
from logzip._hits import narrow_by_hits
from logzip.columnhits import Part, column_hits

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from logzip.decoder import Block

    Mask = NDArray[np.bool_]
    Bits = NDArray[np.uint8]


def narrow_block(block: Block, found: _match.Plan, mask: Mask) -> None:
    """Clear ``mask`` at each record of ``block`` without the pattern of ``found``."""
    table = block.plan.table
    wanted = np.ones(len(table), bool) if mask.all() else _structures_of(block, mask)
    if not (wanted & (found.verdict != _match.Verdict.NEVER)).any():
        mask[:] = False
        return
    if (wanted & (found.verdict == _match.Verdict.BY_TEXT)).any():
        _evaluate(block, found, wanted, mask)
        return
    tests = _Tests(block, found)
    found = _match.reduce(found, tests.terms_that_hold(found, wanted))
    if not (wanted & (found.verdict != _match.Verdict.NEVER)).any():
        mask[:] = False
        return
    hits, test_of_term = tests.of_terms(found)
    narrow_by_hits(
        found,
        block.plan.structure,
        table.first_slot,
        block.slot_columns,
        hits,
        test_of_term,
        mask.view(np.uint8),
    )


def _structures_of(block: Block, mask: Mask) -> Mask:
    return np.bincount(block.plan.structure[mask], minlength=len(block.plan.table)) > 0


class _Tests:
    """The tests that a plan's terms make of columns; each is answered once."""

    def __init__(self, block: Block, found: _match.Plan) -> None:
        self._block = block
        self._pattern, self._ignore_case = found.pattern, found.ignore_case
        self._hits: dict[tuple[int, ...], Bits | None] = {}

    def _keys(self, found: _match.Plan) -> list[tuple[int, ...]]:
        slots = _match.term_slots(found, self._block.plan.table)
        columns = self._block.slot_columns[slots]
        return list(map(tuple, np.column_stack((columns, found.terms[:, 1:])).tolist()))

    def _answer(self, key: tuple[int, ...]) -> Bits | None:
        if key not in self._hits:
            column, mode, low, high = key
            part = Part(self._pattern[low:high], mode, self._ignore_case)
            self._hits[key] = column_hits(self._block, column, part)
        return self._hits[key]

    def terms_that_hold(self, found: _match.Plan, wanted: Mask) -> Bits:
        """Return which terms some value passes; of an alignment, none after one without."""
        keys, first = self._keys(found), found.first_term.tolist()
        holds = np.zeros(len(keys), np.uint8)
        of_structure = np.diff(found.first_alignment)
        for alignment in np.flatnonzero(np.repeat(wanted, of_structure)).tolist():
            for term in range(first[alignment], first[alignment + 1]):
                if self._answer(keys[term]) is None:
                    break
                holds[term] = 1
        return holds

    def of_terms(self, found: _match.Plan) -> tuple[list[Bits], NDArray[np.int64]]:
        """Return the answers that a plan's terms need, and which one each needs."""
        keys = self._keys(found)
        number = {key: place for place, key in enumerate(dict.fromkeys(keys))}
        none = np.zeros(0, np.uint8)
        hits = [self._hits.get(key) for key in number]
        return (
            [none if each is None else each for each in hits],
            np.array([number[key] for key in keys], np.int64),
        )


def _evaluate(block: Block, found: _match.Plan, wanted: Mask, mask: Mask) -> None:
    """Decode the columns of the needed slots and test their values, or whole records."""
    table, structure = block.plan.table, block.plan.structure
    mask &= (found.verdict != _match.Verdict.NEVER)[structure]
    needed = np.zeros(len(table.kind), bool)
    needed[_match.term_slots(found, table)] = True
    whole = wanted & (found.verdict == _match.Verdict.BY_TEXT)
    needed |= np.repeat(whole, np.diff(table.first_slot))
    before = np.concatenate((np.zeros(1, np.int64), np.cumsum(needed, dtype=np.int64)))
    first = np.repeat(before[table.first_slot[:-1]], np.diff(table.first_slot))
    number = (before[:-1] - first).astype(np.int64)
    found = _match.with_slots(found, number, table)
    _match.evaluate(found, block.batch_with(needed), mask.view(np.uint8))
