"""What a search runs over: the blocks of some sources that a query may match, and its budget.

Every record is in exactly one block: a segment's, or one scanned from batches that are not
sealed yet. Nothing is matched here; `search` and its siblings do that.
"""

from __future__ import annotations

import time
from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from django.conf import settings

from logplatform.logs import models, opened
from logplatform.logs.blocks import read_accepted
from logplatform.logs.catalog import snapshot
from logplatform.logs.judgements import Judgements
from logplatform.logs.search_catalog import catalog_of
from logplatform.logs.search_compile import Plan
from logplatform.logs.services import header_format
from logscan import HEADER_FORMATS, RecordBatch, scan
from logzip.pruning import can_match
from logzip.search import match

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from uuid import UUID

    from numpy.typing import NDArray

    from logplatform.logs.query_tree import Node
    from logzip import Block

    Rows = NDArray[np.int64]

Answer = TypeVar("Answer")

TRIES = 5
KEPT_UNSEALED_BYTES = 32 << 20
# Past this the dashboard shows what was found and says so; a client may ask for more.
DEFAULT_BUDGET_S = 20.0
MAX_BUDGET_S = 120.0


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked: a query on some sources in a time range, whose end is not included."""

    sources: tuple[models.Source, ...]
    query: Node
    start_ns: int | None = None
    end_ns: int | None = None
    budget_s: float = DEFAULT_BUDGET_S


@dataclass(slots=True)
class Stats:
    """What a search has cost so far."""

    segments: int = 0
    blocks_total: int = 0
    blocks_read: int = 0
    bytes_total: int = 0
    elapsed_ms: int = 0
    partial: bool = False


@dataclass(frozen=True, slots=True)
class UnsealedLines:
    """From which batch each physical line of an unsealed block comes.

    ``first_line`` is the block's first line, counted from the first of ``batches``.
    """

    batches: tuple[UUID, ...]
    lines: tuple[int, ...]  # of each batch
    first_line: int

    def address(self, line: int) -> str:
        """Return the id of the record that begins at a line of the block."""
        line += self.first_line
        for batch, lines in zip(self.batches, self.lines, strict=True):
            if line < lines or batch == self.batches[-1]:
                return f"b{batch.hex}.{line}"
            line -= lines
        raise ValueError("a block has at least one batch")

    def place(self, batch: UUID, line: int) -> int:
        """Return the line of the block at which a line of a batch stands, if in it."""
        return sum(self.lines[: self.batches.index(batch)]) + line - self.first_line


@dataclass(frozen=True, slots=True)
class BlockOf:
    """One block of one source.

    Attributes
    ----------
    first
        Ingest order: how many records of the source come before this block.
    segment, index
        The segment and the block's place in it; None for a block that is not sealed.
    lines
        For an unsealed block: from which batches its lines come.
    """

    source: models.Source
    plan: Plan
    first: int
    records: int
    time_min_ns: int
    time_max_ns: int
    target: Callable[[], RecordBatch | Block]
    segment: models.Segment | None = None
    index: int = 0
    lines: UnsealedLines | None = None

    def load(self) -> RecordBatch:
        """Return the records."""
        found = self.target()
        return found if isinstance(found, RecordBatch) else found.batch

    def address(self, batch: RecordBatch, row: int) -> str:
        """Return the opaque id of a record."""
        if self.segment is not None:
            return f"r{self.source.pk}.{self.first + row}"
        if self.lines is None:
            raise ValueError("a block is sealed or has batches")
        return self.lines.address(int(batch.lines[:row].sum()))

    @property
    def is_whole(self) -> bool:
        """Whether all of the block's records lie in the time range."""
        start, end = self.plan.start_ns, self.plan.end_ns
        return (start is None or self.time_min_ns >= start) and (
            end is None or self.time_max_ns < end
        )


class Scope:
    """The blocks of a request at one moment, and the time it may take."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.stats = Stats()
        self.started = time.monotonic()
        self.judgements = Judgements()
        self.snapshot = snapshot(request.sources)
        # After the snapshot, so that the catalogs know all of its structures.
        self._sources = models.Source.objects.in_bulk([source.pk for source in request.sources])

    def narrowed(self, start_ns: int | None, end_ns: int | None) -> Scope:
        """Return a part of this scope in time, on the same snapshot, stats and budget."""
        part = copy(self)
        part.request = replace(self.request, start_ns=start_ns, end_ns=end_ns)
        part.__dict__.pop("plans", None)
        return part

    @cached_property
    def plans(self) -> dict[int, Plan]:
        """The query for each source."""
        request = self.request
        return {
            pk: Plan(
                request.query,
                source.name,
                catalog_of(source),
                request.start_ns,
                request.end_ns,
                self.judgements,
            )
            for pk, source in self._sources.items()
        }

    def time_range(self) -> tuple[int, int]:
        """Return the request's time range; an open end is where the sources' records end."""
        start, end = self.request.start_ns, self.request.end_ns
        if start is None or end is None:
            found = [(seg.time_min_ns, seg.time_max_ns) for seg in self.snapshot.segments]
            found += [(of.time_min_ns, of.time_max_ns) for of in self.unsealed_blocks()]
            start = min((low for low, _ in found), default=0) if start is None else start
            end = max((high for _, high in found), default=0) + 1 if end is None else end
        return start, max(end, start + 1)

    def is_current(self) -> bool:
        """Say whether the snapshot's segments and templates are still those of the catalog."""
        ids = models.Segment.objects.filter(source__in=list(self._sources))
        known = {segment.pk for segment in self.snapshot.segments}
        now = models.Source.objects.filter(pk__in=list(self._sources))
        edits = {pk: source.template_edits for pk, source in self._sources.items()}
        return known == set(ids.values_list("pk", flat=True)) and edits == dict(
            now.values_list("pk", "template_edits")
        )

    def is_out_of_time(self) -> bool:
        """Say whether the budget is spent; the answer is then marked as partial."""
        if time.monotonic() - self.started > self.request.budget_s:
            self.stats.partial = True
        return self.stats.partial

    def finish(self) -> Stats:
        """Return the stats with the time that has passed."""
        self.stats.elapsed_ms = round((time.monotonic() - self.started) * 1000)
        return self.stats

    def segments(self) -> Iterator[models.Segment]:
        """Yield the segments that the time range touches, in the order of ingest."""
        start, end = self.request.start_ns, self.request.end_ns
        for segment in self.snapshot.segments:
            self.stats.blocks_total += segment.blocks
            self.stats.bytes_total += segment.raw_bytes
            is_before = end is not None and segment.time_min_ns >= end
            is_after = start is not None and segment.time_max_ns < start
            if not is_before and not is_after:
                yield segment

    def sealed_blocks(self, segment: models.Segment) -> Iterator[BlockOf]:
        """Yield the blocks of a segment that its footer does not rule out."""
        self.stats.segments += 1
        plan = self.plans[segment.source.pk]
        condition = plan.prune()
        before = segment.first_record
        for index, info in enumerate(opened.block_infos(segment)):
            if can_match(info, condition):
                yield BlockOf(
                    source=segment.source,
                    plan=plan,
                    first=before,
                    records=info.n_records,
                    time_min_ns=info.time_min_ns,
                    time_max_ns=info.time_max_ns,
                    target=_loader(segment, index),
                    segment=segment,
                    index=index,
                )
            before += info.n_records

    def unsealed_blocks(self) -> Iterator[BlockOf]:
        """Yield the blocks of the batches that are not sealed yet, scanned now."""
        sealed: dict[int, int] = {}
        for segment in self.snapshot.segments:
            sealed[segment.source.pk] = segment.first_record + segment.records
        for source in self._sources.values():
            batches = [batch for batch in self.snapshot.batches if batch.source.pk == source.pk]
            before = sealed.get(source.pk, 0)
            for lines, batch in unsealed(source, batches) if batches else ():
                self.stats.blocks_total += 1
                self.stats.bytes_total += len(batch.buffer)
                yield BlockOf(
                    source=source,
                    plan=self.plans[source.pk],
                    first=before,
                    records=len(batch),
                    time_min_ns=int(batch.time_ns.min()),
                    time_max_ns=int(batch.time_ns.max()),
                    target=_constant(batch),
                    lines=lines,
                )
                before += len(batch)

    def all_sealed_blocks(self) -> Iterator[BlockOf]:
        """Yield every sealed block that may hold a hit, newest first, until time is up."""
        for segment in sorted(self.segments(), key=lambda segment: -segment.time_max_ns):
            for block in self.sealed_blocks(segment):
                if self.is_out_of_time():
                    return
                yield block

    def rows(self, block: BlockOf, batch: RecordBatch) -> Rows:
        """Return the records of a block that the query matches, in ingest order."""
        self.stats.blocks_read += 1
        # A block rather than its records: it decodes no column that the query does not need.
        return np.flatnonzero(match(block.target(), block.plan.bind(batch)))


def consistently(request: Request, answer: Callable[[Scope], Answer]) -> Answer:
    """Return an answer that no seal has changed half-way.

    The catalog's counts are read in queries of their own, and a seal may commit between two of
    them. Seals of a source are seconds apart and these queries milliseconds, so that a second
    try is rare and a fifth one practically never needed.
    """
    for _ in range(TRIES):
        scope = Scope(request)
        found = answer(scope)
        if scope.is_current():
            return found
    return found


def _loader(segment: models.Segment, index: int) -> Callable[[], Block]:
    return lambda: opened.read_block(segment, index)


def _constant(batch: RecordBatch) -> Callable[[], RecordBatch]:
    return lambda: batch


def unsealed(source: models.Source, batches: list[models.Batch]) -> Iterable[Scanned]:
    """Scan some unsealed batches of a source, in the order in which they will be sealed.

    One page of the dashboard asks for the same batches several times; they are kept as long as
    they are few.
    """
    if sum(batch.length for batch in batches) > KEPT_UNSEALED_BYTES:
        return _scan(source, batches)
    key = (source.format_pattern, tuple(batch.pk for batch in batches))
    return _scanned.get(key, lambda: list(_scan(source, batches)))


Scanned = tuple[UnsealedLines, "RecordBatch"]
_scanned: opened.Recent[tuple[str, tuple[UUID, ...]], list[Scanned]] = opened.Recent(2)


def _scan(source: models.Source, batches: list[models.Batch]) -> Iterator[Scanned]:
    header = header_format(source) or HEADER_FORMATS["none"]
    lines = {batch.pk: batch.lines for batch in batches}
    last: tuple[UUID, ...] = ()
    previous_ns, seen = None, 0
    blocks = read_accepted(settings.HOME.wal, batches, header=header)
    while True:
        with opened.gone_is_named(source.name):
            block = next(blocks, None)
        if block is None:
            return
        scanned = scan(
            block.data, header=header, received_ns=block.received_ns, previous_ns=previous_ns
        )
        if not len(scanned):
            continue
        previous_ns = int(scanned.time_ns[-1])
        seen = seen if block.batches == last else 0
        last = block.batches
        yield UnsealedLines(last, tuple(lines[pk] for pk in last), seen), scanned
        seen += int(scanned.lines.sum())
