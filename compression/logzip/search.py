"""Which records of a block meet a condition, without rendering those that cannot.

`match` answers with a mask over the records of a `RecordBatch` or of a segment's block. The
conditions are in `conditions`, what the footer tells before a block is read in `pruning`.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import re2

from logscan import RecordBatch, intern_values, render
from logscan.spans import span_values
from logzip import _match
from logzip._rows import record_edges
from logzip.conditions import (
    And,
    ComponentIn,
    Condition,
    LevelIn,
    Not,
    Or,
    Regex,
    StructureIn,
    Text,
    TimeRange,
    Variable,
    compiled,
    matches_anywhere,
    required_literals,
)
from logzip.decoder import LazyBatch
from logzip.lazytext import narrow_block

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from logscan import StructureTable
    from logzip.reader import Block

    Mask = NDArray[np.bool_]

# Cheap first: one array comparison, then constants, then values, then whole texts.
COST = {
    TimeRange: 0,
    LevelIn: 0,
    StructureIn: 1,
    ComponentIn: 1,
    Text: 3,
    Variable: 4,
    Regex: 8,
}
# Candidates of a regular expression are rendered so many at a time: their text stays in cache,
# and memory stays bounded when every record is a candidate.
REGEX_ROWS = 8192


def match(target: RecordBatch | Block, condition: Condition) -> Mask:
    """Return which records of ``target`` meet ``condition``.

    Returns
    -------
    mask : ndarray of bool, shape (R,)
        A record of several lines meets `Text` and `Regex` when one of its lines does.
    """
    batch = target if isinstance(target, RecordBatch) else target.batch
    mask = np.ones(len(batch), bool)
    narrow(batch, condition, mask)
    return mask


def narrow(batch: RecordBatch, condition: Condition, mask: Mask) -> None:
    """Clear ``mask`` where ``condition`` is not met; rows clear already are not looked at."""
    if not mask.any():
        return
    match condition:
        case And(conditions):
            for part in sorted(conditions, key=cost):
                narrow(batch, part, mask)
        case Or(conditions):
            _narrow_to_any(batch, conditions, mask)
        case Not(inner):
            met = mask.copy()
            narrow(batch, inner, met)
            mask &= ~met
        case Text(pattern, ignore_case):
            _narrow_to_text(batch, pattern, mask, ignore_case=ignore_case)
        case Regex():
            _narrow_to_regex(batch, condition, mask)
        case Variable():
            _narrow_to_variable(batch, condition, mask)
        case _:
            mask &= _by_header(batch, condition)


def cost(condition: Condition) -> int:
    """Return a rank by which conditions are ordered: what is cheap and narrows comes first."""
    match condition:
        case And(conditions):
            return min(map(cost, conditions), default=0)
        case Or(conditions):
            return max(map(cost, conditions), default=0)
        case Not(inner):
            return cost(inner)
        case _:
            return COST[type(condition)]


def _by_header(
    batch: RecordBatch, condition: TimeRange | LevelIn | StructureIn | ComponentIn
) -> Mask:
    """Return the mask of a condition on the columns that every record has."""
    match condition:
        case TimeRange(start_ns, end_ns):
            met = np.ones(len(batch), bool)
            if start_ns is not None:
                met &= batch.time_ns >= start_ns
            if end_ns is not None:
                met &= batch.time_ns < end_ns
            return met
        case LevelIn(levels):
            of_level = np.zeros(256, bool)
            of_level[[level for level in levels if 0 <= level < 256]] = True
            return of_level[batch.level]
        case StructureIn(hashes):
            wanted = np.fromiter(hashes, np.uint64, len(hashes))
            return np.isin(batch.structures.hash, wanted)[batch.structure]
        case ComponentIn(components):
            # One item more: index -1, no component, reads the last one.
            known = [component in components for component in batch.components]
            return np.array([*known, False])[batch.component]


def _narrow_to_any(batch: RecordBatch, conditions: tuple[Condition, ...], mask: Mask) -> None:
    open_rows = mask.copy()
    mask[:] = False
    for part in sorted(conditions, key=cost):
        met = open_rows.copy()
        narrow(batch, part, met)
        mask |= met
        open_rows &= ~met


def _narrow_to_text(
    batch: RecordBatch, pattern: bytes, mask: Mask, *, ignore_case: bool
) -> None:
    if not pattern:
        return
    if ignore_case and not pattern.isascii():
        text = pattern.decode("utf-8", "surrogateescape")
        _narrow_to_regex(batch, Regex(re2.escape(text), ignore_case=True), mask)
        return
    plan = _match.plan(batch.structures, pattern, ignore_case)
    if isinstance(batch, LazyBatch) and not batch.has_values:
        batch.block.guarded(lambda: narrow_block(batch.block, plan, mask))
        return
    mask &= (plan.verdict > _match.Verdict.NEVER)[batch.structure]
    if (mask & (plan.verdict > _match.Verdict.ALWAYS)[batch.structure]).any():
        _match.evaluate(plan, batch, mask.view(np.uint8))


def _narrow_to_regex(batch: RecordBatch, condition: Regex, mask: Mask) -> None:
    for literal in required_literals(condition):
        _narrow_to_text(batch, literal, mask, ignore_case=False)
    expression = compiled(condition)
    open_rows = mask.copy()
    if matches_anywhere(condition):
        open_rows &= ~_matched_constants(expression, batch.structures)[batch.structure]
    rows = np.flatnonzero(open_rows)
    for low in range(0, len(rows), REGEX_ROWS):
        part = rows[low : low + REGEX_ROWS]
        text, edges = _rendered(batch, part)
        mask[part] = False
        mask[part[list(pieces_matched(expression, text, edges))]] = True


def _matched_constants(
    expression: Any,  # noqa: ANN401  re2 ships no types
    table: StructureTable,
) -> Mask:
    """Return the structures in one of whose constants the expression matches, shape (S,)."""
    edges = table.constant_offset
    constants = [table.constants[low:high] for low, high in pairwise(edges.tolist())]
    starts = edges + np.arange(len(edges))  # in the text below, a line end behind each
    found = list(pieces_matched(expression, b"\n".join([*constants, b""]), starts))
    structure = (
        np.searchsorted(table.first_slot + np.arange(len(table) + 1), found, "right") - 1
    )
    matched = np.zeros(len(table), bool)
    matched[structure] = True
    return matched


def _rendered(batch: RecordBatch, rows: NDArray[np.int64]) -> tuple[bytes, NDArray[np.int64]]:
    """Return the text of some records and their edges in it, from few columns if few do."""
    if not isinstance(batch, LazyBatch):
        return render(batch, rows), record_edges(batch, rows)
    text = batch.block.render(rows)
    ends = np.flatnonzero(np.frombuffer(text, np.uint8) == ord("\n")) + 1
    if not text.endswith(b"\n"):
        ends = np.append(ends, len(text))
    last_line = np.cumsum(batch.lines[rows], dtype=np.int64) - 1
    return text, np.concatenate((np.zeros(1, np.int64), ends[last_line]))


def pieces_matched(
    expression: Any,  # noqa: ANN401  re2 ships no types
    text: bytes,
    edges: NDArray[np.int64],
) -> Iterator[int]:
    """Yield the pieces ``text[edges[i]:edges[i + 1]]`` in which a line matches.

    Each piece is whole lines; the last one of all may lack its line end.
    """
    place, end = 0, len(text) - text.endswith(b"\n")
    while place < len(text):
        found = expression.search(text, place)
        if found is None or found.start() > end:  # `^` also matches after the last line end
            return
        piece = min(int(np.searchsorted(edges, found.start(), "right")) - 1, len(edges) - 2)
        yield piece
        place = int(edges[piece + 1])


def _narrow_to_variable(batch: RecordBatch, condition: Variable, mask: Mask) -> None:
    wanted = mask.copy()
    mask[:] = False
    for index, known in enumerate(batch.structures.hash.tolist()):
        spans = condition.spans.get(known, ())
        rows = batch.rows(index)
        if not spans or not wanted[rows].any():
            continue
        for span in spans:
            column = span_values(batch, index, span)
            first, inverse = intern_values(column.buffer, column.start, column.end)
            passed = [condition.test(column[value]) for value in first.tolist()]
            mask[rows] |= np.array(passed, bool)[inverse]
    mask &= wanted
