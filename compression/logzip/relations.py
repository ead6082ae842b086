"""Columns told from other columns: what a record's other values say about this one.

A value is predicted from the column that knows it best; what is stored are the misses. Where no
column helps, a column is coded alone (`logzip.codecs`).
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Protocol

import numpy as np

from logscan.batch import SlotColumn
from logzip._follow import count_hits, equal_spans, predict, unpredict
from logzip._intern import intern_spans
from logzip.codecs import decode_column, decode_ids, encode_column
from logzip.flags import decode_flags, encode_flags

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from logzip._plan import RelatedPlan
    from logzip.runs import StreamReader, StreamWriter

    Ids = NDArray[np.int32]
    Rows = NDArray[np.int32]


class Relation(IntEnum):
    """How a column follows from another one."""

    ALONE = 0
    FOLLOWS = 1  # the value last seen with the other column's value comes again
    SUCCEEDS = 2  # what came after the last value of the same group comes again
    EQUAL = 3  # to the other column's value in the same record


MIN_VALUES = 64  # a column of fewer is coded alone
TRIAL_VALUES = 1 << 13  # the first ones decide which column predicts best
# The first of them show whether a column is worth more than a glance.
GLANCE_VALUES, MIN_GLANCE = 1 << 11, 0.1
MIN_HITS = 0.3  # share of right predictions that is worth a full trial
WORTH_BYTES = 160  # a column already this small gains next to nothing
THOROUGH_BYTES = 1024  # a column that takes more gets trials nearer to the final coding
MAX_SOURCES = 12  # columns tried: the nearest ones before


class Sources(Protocol):
    """What predictions are made from: columns coded before, by number; 0 is the structure."""

    def candidates(self, column: int) -> list[int]:
        """Return the sources that every record of ``column`` has, nearest first."""
        ...

    def groups(self, source: int, rows: Rows) -> tuple[Ids, int]:
        """Return the ids of a source's values in some records, and how many there are."""
        ...

    def first_groups(self, source: int, rows: Rows) -> Ids:
        """Return the same for the first records only: all that the ids of a few values tell."""
        ...

    def spans(self, source: int, rows: Rows) -> SlotColumn:
        """Return a source's values in some records."""
        ...


def encode_related(
    column: int, values: SlotColumn, rows: Rows, sources: Sources, out: StreamWriter
) -> None:
    """Append a column, told from another one where that is smaller."""
    best = out.trial()
    best.plan.append(Relation.ALONE)
    encode_column(values, best)
    size = best.estimate()
    if len(values) >= MIN_VALUES and size > WORTH_BYTES:
        candidates = sources.candidates(column)[:MAX_SOURCES]
        trials = [
            _try_equal(values, rows, sources, candidates, out),
            _try_prediction(values, rows, sources, candidates, out),
        ]
        thorough = size > THOROUGH_BYTES
        best = min(
            [best, *filter(None, trials)],
            key=lambda trial: trial.estimate_thoroughly() if thorough else trial.estimate(),
        )
    out.extend(best)


def _try_equal(
    values: SlotColumn, rows: Rows, sources: Sources, candidates: list[int], out: StreamWriter
) -> StreamWriter | None:
    best: tuple[int, int, NDArray[np.uint8]] | None = None
    for source in candidates:
        if source < 2:
            continue
        head = _equal(_head(values, MIN_VALUES), rows[:MIN_VALUES], source, sources)
        if np.count_nonzero(head) < MIN_HITS * len(head):
            continue
        same = _equal(values, rows, source, sources)
        hits = int(np.count_nonzero(same))
        if best is None or hits > best[0]:
            best = (hits, source, same)
    if best is None:
        return None
    return _write((Relation.EQUAL, best[1]), values, best[2], out.trial())


def _equal(values: SlotColumn, rows: Rows, source: int, sources: Sources) -> NDArray[np.uint8]:
    other = sources.spans(source, rows)
    return equal_spans(values.buffer, values.start, values.end, other.start, other.end)


def _head(values: SlotColumn, n: int) -> SlotColumn:
    return SlotColumn(values.buffer, values.start[:n], values.end[:n])


def _try_prediction(
    values: SlotColumn, rows: Rows, sources: Sources, candidates: list[int], out: StreamWriter
) -> StreamWriter | None:
    head, _ = _intern(_head(values, TRIAL_VALUES))
    best = (MIN_HITS, 0, Relation.ALONE)
    for source in candidates:
        group = sources.first_groups(source, rows[:TRIAL_VALUES])
        ids = head[: len(group)]
        shares = _shares(group[:GLANCE_VALUES], ids[:GLANCE_VALUES])
        if max(shares) < MIN_GLANCE:
            continue
        if len(ids) > GLANCE_VALUES:
            shares = _shares(group, ids)
        for share, relation in zip(shares, (Relation.FOLLOWS, Relation.SUCCEEDS), strict=True):
            best = max(best, (share, source, relation), key=_by_hits)
    _, source, relation = best
    if relation is Relation.ALONE:
        return None
    group, n_groups = sources.groups(source, rows)
    ids, n_ids = _intern(values)
    hits = predict(group, ids, n_groups, n_ids, relation - 1)
    return _write((relation, source), values, hits, out.trial())


def _shares(group: Ids, ids: Ids) -> tuple[float, float]:
    """Return the shares of the values that the two relations predict rightly."""
    follows, succeeds = count_hits(group, ids)
    return follows / max(len(ids), 1), succeeds / max(len(ids), 1)


def _by_hits(trial: tuple[float, int, Relation]) -> float:
    return trial[0]


def _intern(values: SlotColumn) -> tuple[Ids, int]:
    interned = intern_spans(values.buffer, values.start, values.end, len(values))
    if interned is None:
        raise AssertionError("there cannot be more distinct values than values")
    return interned[1], len(interned[0])


def _write(
    told_by: tuple[Relation, int],
    values: SlotColumn,
    hits: NDArray[np.uint8],
    out: StreamWriter,
) -> StreamWriter:
    relation, source = told_by
    out.plan.append(relation)
    out.varint(source)
    encode_flags(hits, out)
    missed = np.flatnonzero(hits == 0)
    out.varint(len(missed))
    encode_column(SlotColumn(values.buffer, values.start[missed], values.end[missed]), out)
    return out


def decode_related(
    plan: RelatedPlan,
    rows: Rows,
    sources: Sources,
    streams: StreamReader,
    places: NDArray[np.int64] | None = None,
) -> SlotColumn:
    """Return the values of a column, whose records are ``rows``, or those at some places."""
    n = len(rows)
    if plan.flags is None:
        return decode_column(plan.child, n, streams, places)
    if plan.relation == Relation.EQUAL:
        hits = decode_hits(plan, n, streams)
        missed = decode_column(plan.child, plan.n_missed, streams)
        values = _fill(sources.spans(plan.source, rows), missed, hits)
        return values if places is None else _take(values, places)
    distinct, ids = decode_related_ids(plan, rows, sources, streams)
    return _take(distinct, ids if places is None else ids[places])


def decode_related_ids(
    plan: RelatedPlan, rows: Rows, sources: Sources, streams: StreamReader
) -> tuple[SlotColumn, Ids]:
    """Return the distinct values of a column told by prediction, and which each value is."""
    hits = decode_hits(plan, len(rows), streams)
    group, n_groups = sources.groups(plan.source, rows)
    distinct, missed_ids = decode_ids(plan.child, plan.n_missed, streams)
    ids = unpredict(group, hits, missed_ids, n_groups, len(distinct), plan.relation - 1)
    return distinct, ids


def decode_hits(plan: RelatedPlan, n: int, streams: StreamReader) -> NDArray[np.uint8]:
    """Return which values of a column are told from another one."""
    if plan.flags is None:
        raise AssertionError("a column alone has no flags")
    hits = decode_flags(plan.flags, n, streams)
    if n - int(np.count_nonzero(hits)) != plan.n_missed:
        raise ValueError("flags do not match the missed values")
    return hits


def _take(values: SlotColumn, which: NDArray[np.integer]) -> SlotColumn:
    return SlotColumn(values.buffer, values.start[which], values.end[which])


def _fill(other: SlotColumn, missed: SlotColumn, hits: NDArray[np.uint8]) -> SlotColumn:
    """Return the other column's values with the missed ones in their places."""
    miss = hits == 0
    start, end = other.start.copy(), other.end.copy()
    start[miss] = missed.start + len(other.buffer)
    end[miss] = missed.end + len(other.buffer)
    return SlotColumn(other.buffer + missed.buffer, start, end)
