"""Single records by their id, and what stands around them.

A sealed record's id names its source and its number there, which it keeps when segments are
merged; an unsealed one's its batch and the line in it, which finds it after the seal too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

import numpy as np
from django.core.exceptions import ObjectDoesNotExist

from logplatform.logs import opened
from logplatform.logs.errors import NoRecordError
from logplatform.logs.models import Batch, Segment
from logplatform.logs.query_tree import Anything
from logplatform.logs.search import hit_of
from logplatform.logs.search_scope import Request, Scope

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet

    from logplatform.logs.hits import Hit
    from logplatform.logs.models import Source
    from logplatform.logs.search_catalog import KnownTemplate
    from logplatform.logs.search_scope import BlockOf
    from logscan import RecordBatch

MAX_CONTEXT = 100
_SEALED = re.compile(r"r([0-9]{1,18})\.([0-9]{1,18})")
_UNSEALED = re.compile(r"b([0-9a-f]{32})\.([0-9]{1,12})")


@dataclass(frozen=True, slots=True)
class Located:
    """A record and where it stands."""

    block: BlockOf
    batch: RecordBatch
    row: int

    @property
    def hit(self) -> Hit:
        """The record as it is shown."""
        return hit_of(self.block, self.batch, self.row)

    @property
    def raw(self) -> bytes:
        """All bytes of the record, line end included."""
        return self.batch.record(self.row)

    @property
    def template(self) -> KnownTemplate | None:
        """The record's template, None before it is sealed."""
        known = self.block.plan.catalog.known(self.batch, self.row)
        return known.template if known else None

    @property
    def ordinal(self) -> int:
        """How many records of the source came before this one."""
        return self.block.first + self.row


@dataclass(frozen=True, slots=True)
class Context:
    """A record among those of its source that were ingested just before and after it."""

    before: tuple[Hit, ...]
    record: Hit
    after: tuple[Hit, ...]


def get_record(visible: QuerySet[Source], address: str) -> Located:
    """Return the record of an id.

    Parameters
    ----------
    visible : QuerySet of Source
        The sources that the asker may read; a record of any other one does not exist.
    address : str
        An id that a hit had.

    Raises
    ------
    NoRecordError
    """
    for pattern, find in ((_SEALED, _find_sealed), (_UNSEALED, _find_unsealed)):
        match = pattern.fullmatch(address)
        if match is not None:
            try:
                return find(visible, match)
            except ObjectDoesNotExist as error:
                raise NoRecordError(f"no record {address}") from error
    raise NoRecordError(f"{address} is not the id of a record")


def context(located: Located, *, before: int, after: int) -> Context:
    """Return the records around one, in ingest order of its source."""
    before, after = min(before, MAX_CONTEXT), min(after, MAX_CONTEXT)
    at = located.ordinal
    low, high = max(0, at - before), at + after + 1
    hits = [
        (block.first + row, hit_of(block, batch, row))
        for block, batch in _blocks_between(_scope(located.block.source), low, high)
        for row in range(max(0, low - block.first), min(len(batch), high - block.first))
    ]
    return Context(
        tuple(hit for ordinal, hit in hits if ordinal < at),
        located.hit,
        tuple(hit for ordinal, hit in hits if ordinal > at),
    )


def _scope(source: Source) -> Scope:
    return Scope(Request((source,), Anything()))


def _blocks_between(scope: Scope, low: int, high: int) -> Iterator[tuple[BlockOf, RecordBatch]]:
    """Yield the blocks with records of a range of ingest order, in that order."""
    for segment in scope.segments():
        if segment.first_record < high and segment.first_record + segment.records > low:
            for block in scope.sealed_blocks(segment):
                if block.first < high and block.first + block.records > low:
                    yield block, block.load()
    if sum(segment.records for segment in scope.snapshot.segments) >= high:
        return
    for block in scope.unsealed_blocks():
        if block.first < high and block.first + block.records > low:
            yield block, block.load()


def _find_sealed(visible: QuerySet[Source], match: re.Match[str]) -> Located:
    pk, number = map(int, match.groups())
    segment = (
        Segment.objects.select_related("source")
        .filter(source=pk, source__in=visible, first_record__lte=number)
        .order_by("-first_record")
        .first()
    )
    if segment is None or number >= segment.first_record + segment.records:
        raise NoRecordError(f"no record {match[0]}")
    for block in _scope(segment.source).sealed_blocks(segment):
        if number < block.first + block.records:
            return Located(block, block.load(), number - block.first)
    raise NoRecordError(f"segment {segment.pk} has fewer records than the catalog says")


def _find_unsealed(visible: QuerySet[Source], match: re.Match[str]) -> Located:
    line = int(match[2])
    batch = Batch.objects.select_related("source", "segment").get(
        pk=UUID(match[1]), source__in=visible
    )
    if batch.segment is not None:
        return _at_line(batch.segment, (batch.first_line or 0) + line)
    for block in _scope(batch.source).unsealed_blocks():
        if block.lines is None or batch.pk not in block.lines.batches:
            continue
        scanned = block.load()
        at = block.lines.place(batch.pk, line)
        if 0 <= at < int(scanned.lines.sum()):
            return Located(block, scanned, row_at_line(scanned, at))
    raise NoRecordError(f"no record b{batch.pk.hex}.{line}")


def row_at_line(batch: RecordBatch, line: int) -> int:
    """Return the record of a block that holds a line of it."""
    starts = np.cumsum(batch.lines) - batch.lines
    return int(np.searchsorted(starts, line, "right")) - 1


def _at_line(segment: Segment, line: int) -> Located:
    """Return the record of a segment that begins at a line."""
    infos = opened.block_infos(segment)
    for block, info in zip(_scope(segment.source).sealed_blocks(segment), infos, strict=True):
        if line < info.n_lines:
            scanned = block.load()
            return Located(block, scanned, row_at_line(scanned, line))
        line -= info.n_lines
    raise NoRecordError(f"segment {segment.pk} has {line} lines less")
