"""The seal: what a source has accepted becomes one immutable segment and its catalog rows.

File first (temporary name, sync, rename), then one transaction that says so. A crash before
its commit leaves a file that no row names; after it, write-ahead bytes that no row needs.
"""

from __future__ import annotations

import logging
import os
import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

from django.conf import settings
from django.db import OperationalError, transaction

from logplatform.logs import annotators, jobs, services, wal
from logplatform.logs.blocks import Block, join, read_accepted
from logplatform.logs.errors import (
    CorruptBatchError,
    DeadlyJobError,
    EditedMeanwhileError,
    StorageFullError,
)
from logplatform.logs.models import Batch, BatchState, Source
from logplatform.logs.seal_commit import Sealed, commit
from logplatform.logs.segment_draft import SegmentDraft

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path
    from uuid import UUID

    from logzip import SegmentInfo

log = logging.getLogger(__name__)

SEGMENT_BYTES = 256 << 20  # raw; beyond, another segment is begun
SEGMENT_BATCHES = 20_000  # SQLite takes 32,766 parameters in a statement
# Causes that have nothing to do with the lines: the same seal may work a minute later.
TRANSIENT = (OSError, OperationalError, StorageFullError)


def run_seal_job(job_id: int) -> bool:
    """Seal all that a source has accepted; False where another worker has the job.

    A failure is recorded in the job's row and raised again. Before the last attempt fails, the
    batches of the block at which it failed are set aside, so the others go on without them.
    """
    at: list[Block] = []

    def work(lease: jobs.Lease) -> None:
        while _seal_next(lease, at):
            at.clear()

    def set_aside(error: Exception) -> None:
        jobs.set_aside(_culprits(job_id, error, at), f"{type(error).__name__}: {error}")

    return jobs.run_job(job_id, work, transient=TRANSIENT, set_aside=set_aside)


def _culprits(job_id: int, error: Exception, at: list[Block]) -> Collection[UUID]:
    """Return the batches without which the seal would go on."""
    if isinstance(error, CorruptBatchError):
        return (error.batch_id,)
    if isinstance(error, DeadlyJobError):  # somewhere in the segment that is next
        return [batch.pk for batch in _take(Source.objects.get(jobs__pk=job_id))]
    return at[-1].batches if at else ()


def _seal_next(lease: jobs.Lease, at: list[Block]) -> bool:
    """Seal the next segment of the source; False when nothing is left."""
    source = Source.objects.get(jobs__pk=lease.job_id)
    batches = _take(source)
    if batches:
        try:
            seal_batches(source, batches, lease, at)
        except EditedMeanwhileError as error:
            log.info("%s; the segment is made again", error)
    return bool(batches)


def seal_batches(
    source: Source, batches: list[Batch], lease: jobs.Lease, at: list[Block]
) -> None:
    """Make one segment of some accepted batches.

    Raises
    ------
    LeaseLostError
        Someone else sealed the source since ``source`` was read; nothing is kept.
    """
    header = services.ensure_format(source, _sample(batches))
    annotator = annotators.load(source)
    folder: Path = settings.HOME.segments / str(source.pk)
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / f"{source.annotator_version}-{secrets.token_hex(8)}.lgz"
    try:
        with wal.disk_full_is_named(path.name), durable(path) as file:
            draft = SegmentDraft(source, header, annotator, file)
            info = _write(draft, batches, lease, at)
        with wal.disk_full_is_named(path.name):
            state = annotators.save(source, annotator)
        lease.renew(1.0)
        with services.full_database_is_named(), transaction.atomic():
            commit(source, batches, Sealed(path.name, state, draft, info))
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    annotators.keep(state, annotator)


def _take(source: Source) -> list[Batch]:
    """Return the oldest accepted batches that make one segment."""
    accepted = Batch.objects.filter(source=source, state=BatchState.ACCEPTED)
    taken: list[Batch] = []
    size = 0
    for batch in accepted.order_by("number", "id")[:SEGMENT_BATCHES]:
        if taken and size + batch.length > SEGMENT_BYTES:
            break
        taken.append(batch)
        size += batch.length
    return taken


def _sample(batches: list[Batch]) -> bytes:
    """Return the first lines, on which a source's format is detected."""
    parts: list[bytes] = []
    for batch in batches:
        parts.append(wal.read(settings.HOME.wal, batch))
        if sum(map(len, parts)) >= services.SAMPLE_BYTES:
            break
    return join(parts)[: services.SAMPLE_BYTES]


@contextmanager
def durable(path: Path) -> Iterator[BinaryIO]:
    """Open a file that has its name, and is on disk, once the body ends well."""
    draft = path.with_suffix(".tmp")
    try:
        with draft.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)
        wal.sync_folder(path.parent)
    finally:
        draft.unlink(missing_ok=True)


def _write(
    draft: SegmentDraft, batches: list[Batch], lease: jobs.Lease, at: list[Block]
) -> SegmentInfo:
    """Write the blocks of some batches; ``at`` has the one at work, for the error's sake."""
    total, done = sum(batch.length for batch in batches), 0
    for block in read_accepted(settings.HOME.wal, batches, header=draft.header):
        at[:] = [block]
        lease.renew(done / total)
        draft.add(block)
        done += len(block.data)
    at.clear()
    return draft.close()
