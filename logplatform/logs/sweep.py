"""The sweep: what a crash or time itself left behind is put right, every few seconds.

Files are deleted here only, and only when no row needs them; jobs are made here when lines
have waited long enough.
"""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings

from logplatform.logs import jobs, wal
from logplatform.logs.catalog import UNSEALED
from logplatform.logs.merge_choice import queue_due_merges
from logplatform.logs.models import Batch, BatchState, Segment, Source

if TYPE_CHECKING:
    from pathlib import Path

log = logging.getLogger(__name__)

# A search that began before a seal may still read the batch's bytes for this long.
GRACE = timedelta(seconds=60)
# A seal takes minutes at most; files this old that no row names were left by a crash.
ORPHAN_S = 3600.0
# How long the same body without an Idempotency-Key counts as a repetition. A heartbeat that
# says the same thing tomorrow is a new line.
REMEMBER_BODIES = timedelta(hours=24)


def sweep() -> list[int]:
    """Put everything in order; return the ids of jobs that wait for a worker."""
    jobs.release_orphans()
    jobs.queue_due_seals()
    queue_due_merges()
    ready = jobs.ready_jobs()
    jobs.forget_done()
    forget_bodies()
    delete_sealed_files()
    delete_orphans()
    return ready


def forget_bodies() -> None:
    """Let posts without a key that came long ago be stored again when they come again."""
    Batch.objects.filter(
        state=BatchState.SEALED,
        identity__startswith="body:",
        received__lt=datetime.now(tz=UTC) - REMEMBER_BODIES,
    ).update(identity=None)


def delete_sealed_files() -> None:
    """Delete the write-ahead files whose every batch was sealed a while ago."""
    folder: Path = settings.HOME.wal
    unsealed = set(Batch.objects.filter(state__in=UNSEALED).values_list("file", flat=True))
    recent = datetime.now(tz=UTC) - GRACE
    young = set(Batch.objects.filter(sealed__gte=recent).values_list("file", flat=True))
    for path in sorted(folder.glob("*.wal")):
        if path.name in unsealed or path.name in young or not _is_left(path):
            continue
        # The lock is free, so no process can commit rows for the file any more; rows that
        # were committed just before it was released are looked for once more.
        if not Batch.objects.filter(file=path.name, state__in=UNSEALED).exists():
            path.unlink(missing_ok=True)


def _is_left(path: Path) -> bool:
    """Say whether no process writes to the file; another sweep may have deleted it."""
    try:
        return not wal.is_in_use(path)
    except FileNotFoundError:
        return False


def delete_orphans() -> None:
    """Delete segments and annotator states that no row names and no seal still writes."""
    segments: Path = settings.HOME.segments
    named = set(Segment.objects.values_list("path", flat=True))
    _delete_old(segments, named)
    states = set(Source.objects.values_list("annotator_file", flat=True))
    _delete_old(settings.HOME.annotators, states)


def _delete_old(folder: Path, named: set[str]) -> None:
    for path in folder.glob("*/*"):
        if path.relative_to(folder).as_posix() in named:
            continue
        try:
            age_s = time.time() - path.stat().st_mtime
        except FileNotFoundError:  # a seal gave it its final name just now
            continue
        if age_s > ORPHAN_S:
            log.warning("deleting %s, left by a crash", path)
            path.unlink(missing_ok=True)
