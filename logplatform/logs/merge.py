"""The merge: many small segments of a source become one, so that it stays small and quick.

A source that trickles is sealed every few seconds; without merges a day of it is thousands of
files that compress badly and are each opened by a search. No record changes its number, its
structure or its template, so counts are added and ids stay. Nothing is scanned again.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import F, Sum

from logplatform.logs import jobs, services, wal
from logplatform.logs.blocks import BLOCK_BYTES, BLOCK_LINES
from logplatform.logs.catalog import segment_path
from logplatform.logs.errors import LeaseLostError, MergeRefusedError
from logplatform.logs.merge_choice import choose
from logplatform.logs.models import Batch, Segment, Source, TemplateCount
from logplatform.logs.seal import TRANSIENT, durable
from logplatform.logs.seal_commit import ROWS_A_STATEMENT
from logscan.joining import join_batches
from logzip import Segment as SegmentFile
from logzip import SegmentWriter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from typing import BinaryIO

    from logscan import RecordBatch
    from logzip import SegmentInfo

# Larger than any number that seals reach; held within the transaction of a merge alone.
NO_SEQUENCE = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Piece:
    """Some records of one old segment that go into one new block."""

    batch: RecordBatch
    raw_bytes: int
    is_raw: bool
    ends_open: bool


def run_merge_job(job_id: int) -> bool:
    """Merge what a source's segments allow; False where another worker has the job."""

    def work(lease: jobs.Lease) -> None:
        while _merge_next(lease):
            pass

    return jobs.run_job(job_id, work, transient=TRANSIENT)


def _merge_next(lease: jobs.Lease) -> bool:
    source = Source.objects.get(jobs__pk=lease.job_id)
    segments = list(Segment.objects.filter(source=source).order_by("sequence"))
    chosen = choose([segment.raw_bytes for segment in segments])
    if chosen:
        merge(source, segments[chosen.start : chosen.stop], lease)
    return bool(chosen)


def merge(source: Source, segments: list[Segment], lease: jobs.Lease) -> Segment:
    """Make one segment of neighbours: the file first, then one transaction that says so.

    Raises
    ------
    MergeRefusedError
        The new file would not say the same of its records; the old ones stay.
    LeaseLostError
        A segment is gone; the old ones stay.
    """
    folder: Path = settings.HOME.segments / str(source.pk)
    path = folder / f"{segments[-1].sequence}-{secrets.token_hex(8)}.lgz"
    try:
        with wal.disk_full_is_named(path.name), durable(path) as file:
            info = _write(segments, file, lease)
        _check(segments, info)
        lease.renew(1.0)
        for old in segments:  # a search may still read it for as long as orphans are left alone
            os.utime(segment_path(old))
        with services.full_database_is_named(), transaction.atomic():
            return _commit(source, segments, f"{source.pk}/{path.name}", info)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _write(segments: list[Segment], out: BinaryIO, lease: jobs.Lease) -> SegmentInfo:
    writer = SegmentWriter(out)
    total, done = sum(segment.raw_bytes for segment in segments), 0
    for pieces in _groups(_pieces(segments)):
        lease.renew(done / total)
        batch = join_batches([piece.batch for piece in pieces])
        if writer.add_clustered(batch).is_raw and not all(piece.is_raw for piece in pieces):
            raise MergeRefusedError(f"{segments[0].path}: a block would be kept as it is")
        done += sum(piece.raw_bytes for piece in pieces)
    return writer.close()


def _pieces(segments: list[Segment]) -> Iterator[Piece]:
    for row in segments:
        with SegmentFile.open(segment_path(row)) as file:
            for number, info in enumerate(file.blocks):
                block = file.block(number)
                last = block.batch.record(len(block.batch) - 1)
                yield Piece(block.batch, info.raw_bytes, info.is_raw, last[-1:] != b"\n")


def _groups(pieces: Iterable[Piece]) -> Iterator[list[Piece]]:
    """Put together what makes one block: within its limits, of one time format.

    What was left without a line end ends its block, as it did before; a block that was kept as
    it is stays one of its own.
    """
    group: list[Piece] = []
    for piece in pieces:
        if group and not _fits(group, piece):
            yield group
            group = []
        group.append(piece)
    if group:
        yield group


def _fits(group: list[Piece], piece: Piece) -> bool:
    size = sum(other.raw_bytes for other in group) + piece.raw_bytes
    lines = sum(int(other.batch.lines.sum()) for other in (*group, piece))
    return (
        size <= BLOCK_BYTES
        and lines <= BLOCK_LINES
        and not (group[-1].ends_open or group[-1].is_raw or piece.is_raw)
        and group[-1].batch.time_format == piece.batch.time_format
    )


def _check(segments: list[Segment], info: SegmentInfo) -> None:
    """Compare the new segment's sums with those of the old ones."""
    new = (info.n_records, info.raw_bytes, info.time_min_ns, info.time_max_ns)
    old = (
        sum(segment.records for segment in segments),
        sum(segment.raw_bytes for segment in segments),
        min(segment.time_min_ns for segment in segments),
        max(segment.time_max_ns for segment in segments),
    )
    if new != old:
        raise MergeRefusedError(f"{segments[0].path}: {new} after the merge, {old} before")


def _commit(source: Source, old: list[Segment], path: str, info: SegmentInfo) -> Segment:
    ids = [segment.pk for segment in old]
    found = Segment.objects.select_for_update().filter(source=source, pk__in=ids)
    if len(found) != len(ids):
        raise LeaseLostError(f"source {source.name}: segments are gone")
    new = Segment.objects.create(
        source=source,
        path=path,
        sequence=NO_SEQUENCE,
        blocks=info.n_blocks,
        first_record=old[0].first_record,
        records=info.n_records,
        lines=sum(segment.lines for segment in old),
        raw_bytes=info.raw_bytes,
        stored_bytes=info.stored_bytes,
        time_min_ns=info.time_min_ns,
        time_max_ns=info.time_max_ns,
        levels={str(level): n for level, n in enumerate(info.levels) if n},
    )
    _move_batches(old, new)
    _add_counts(ids, new)
    found.delete()
    new.sequence = old[-1].sequence
    new.save(update_fields=["sequence"])
    return new


def _move_batches(old: list[Segment], new: Segment) -> None:
    lines = 0
    for segment in old:
        Batch.objects.filter(segment=segment).update(
            segment=new, first_line=F("first_line") + lines
        )
        lines += segment.lines


def _add_counts(ids: list[int], new: Segment) -> None:
    sums = (
        TemplateCount.objects.filter(segment__in=ids)
        .values_list("template_id", "minute", "level")
        .annotate(Sum("count"))
        .order_by()
    )
    TemplateCount.objects.bulk_create(
        (
            TemplateCount(
                source_id=new.source_id,
                segment=new,
                template_id=template,
                minute=minute,
                level=level,
                count=count,
            )
            for template, minute, level, count in sums.iterator()
        ),
        batch_size=ROWS_A_STATEMENT,
    )
