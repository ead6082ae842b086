"""Job rows: who works on what, for how long, and what becomes of failures.

Every change of state is one conditional UPDATE whose row count decides who won. Nothing here
sends a message: doors (views, commands, tasks) send the ids that these functions return.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.db.models import Case, Exists, F, Min, OuterRef, Q, Sum, When

from logplatform.logs.errors import DeadlyJobError, LeaseLostError
from logplatform.logs.models import (
    OPEN_JOB_STATES,
    Batch,
    BatchState,
    Job,
    JobKind,
    JobState,
    Source,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from uuid import UUID

    from django.db.models import QuerySet

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
BEAT_S = 15.0  # three beats may be missed before somebody else takes over
MAX_ATTEMPTS = 5
FIRST_RETRY_S = 5.0  # doubled by each attempt: 5, 10, 20, 40 s
MAX_DEATHS = 10  # of its holders, before a job counts as what kills them (memory, most often)
KEEP_DONE = timedelta(days=7)
MAX_ERROR_CHARS = 2000


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to do a job until it runs out; ``attempt`` tells holders apart."""

    job_id: int
    source_id: int | None
    subject: str
    attempt: int
    deaths: int

    def renew(self, progress: float) -> None:
        """Hold the job for another while and show how far it is.

        Raises
        ------
        LeaseLostError
            Someone else has taken the job over; what was done so far must not be committed.
        """
        if not self._held().update(lease_until=_now() + LEASE, progress=progress):
            raise LeaseLostError(f"job {self.job_id}: taken over from attempt {self.attempt}")

    def extend(self) -> None:
        """Hold the job for another while, if it is still held."""
        self._held().update(lease_until=_now() + LEASE)

    def finish(self) -> None:
        """Record that the job is done."""
        self._held().update(
            state=JobState.DONE, finished=_now(), lease_until=None, progress=1.0, error=""
        )

    def give_up(self, message: str, *, is_transient: bool) -> None:
        """Record a failure: the job waits for another attempt, or has FAILED for good.

        A cause outside the data (a full disk, a locked database) is tried again for ever, as
        no other attempt would set the data aside with better reason.
        """
        error = message[:MAX_ERROR_CHARS]
        if self.is_last(is_transient=is_transient):
            self._held().update(
                state=JobState.FAILED, finished=_now(), lease_until=None, error=error
            )
            return
        wait_s = FIRST_RETRY_S * 2 ** (min(self.attempt, MAX_ATTEMPTS) - 1)
        self._held().update(
            state=JobState.QUEUED,
            lease_until=None,
            not_before=_now() + timedelta(seconds=wait_s),
            error=error,
        )

    def is_last(self, *, is_transient: bool) -> bool:
        """Say whether another failure of this kind would be the last."""
        is_deadly = self.deaths >= MAX_DEATHS
        return is_deadly or (self.attempt >= MAX_ATTEMPTS and not is_transient)

    def refuse_if_deadly(self) -> None:
        """Stop before the work that has killed its holders again and again.

        Raises
        ------
        DeadlyJobError
            `MAX_DEATHS` holders died; trying on would keep every other job from its worker.
        """
        if self.deaths >= MAX_DEATHS:
            raise DeadlyJobError(f"{self.deaths} workers died at this job: out of memory?")

    def _held(self) -> QuerySet[Job]:
        return Job.objects.filter(pk=self.job_id, state=JobState.RUNNING, attempts=self.attempt)


@contextmanager
def kept(lease: Lease) -> Iterator[None]:
    """Renew a lease in the background while the body works.

    A block with thousands of new structures is annotated for longer than a lease lasts. Where
    the lease is lost all the same, the next `Lease.renew` of the body says so.
    """
    stop = threading.Event()
    thread = threading.Thread(target=_beat, args=(lease, stop), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _beat(lease: Lease, stop: threading.Event) -> None:
    try:
        while not stop.wait(BEAT_S):
            try:
                lease.extend()
            except OperationalError as error:  # a busy database: the next beat is soon enough
                log.warning("job %d: lease not renewed: %s", lease.job_id, error)
    finally:
        connection.close()  # this thread's own


def _now() -> datetime:
    return datetime.now(tz=UTC)


def owner() -> str:
    """Return this process as jobs name it."""
    return f"{socket.gethostname()}:{os.getpid()}"


def lease_job(job_id: int) -> Lease | None:
    """Take a job that waits, or whose holder's time has run out; None where that is not so."""
    now = _now()
    waiting, overdue = _ready(now)
    is_overdue = Case(When(overdue, then=1), default=0)
    with transaction.atomic():
        taken = Job.objects.filter(waiting | overdue, pk=job_id).update(
            deaths=F("deaths") + is_overdue,
            state=JobState.RUNNING,
            owner=owner(),
            lease_until=now + LEASE,
            attempts=F("attempts") + 1,
            progress=0.0,
        )
        if not taken:
            return None
        job = Job.objects.get(pk=job_id)
    return Lease(job.pk, job.source_id, job.subject, job.attempts, job.deaths)


def _ready(now: datetime) -> tuple[Q, Q]:
    """Return the conditions of jobs that wait and of those whose holder's time has run out."""
    waiting = Q(state=JobState.QUEUED, not_before__lte=now)
    return waiting, Q(state=JobState.RUNNING, lease_until__lt=now)


def run_job(
    job_id: int,
    work: Callable[[Lease], None],
    *,
    transient: tuple[type[Exception], ...],
    set_aside: Callable[[Exception], None] = lambda _: None,
) -> bool:
    """Lease a job, do its work and record how it ended; False where another holds it.

    Parameters
    ----------
    job_id
        The job's row.
    work
        Does it all, renewing the lease before it commits.
    transient
        Causes outside the data, tried again for ever.
    set_aside
        Called with the error before the job fails for good.

    Raises
    ------
    Exception
        Whatever ``work`` raised, once the row has it.
    """
    lease = lease_job(job_id)
    if lease is None:
        return False
    try:
        lease.refuse_if_deadly()
        with kept(lease):
            work(lease)
    except LeaseLostError as error:
        log.warning("%s", error)
        return False
    except Exception as error:
        is_transient = isinstance(error, transient)
        if lease.is_last(is_transient=is_transient):
            set_aside(error)
        lease.give_up(f"{type(error).__name__}: {error}", is_transient=is_transient)
        raise
    lease.finish()
    return True


def queue_job(kind: JobKind, *, source: Source | None = None, subject: str = "") -> int:
    """Return the id of the open job of this kind, source and subject, made now if none is."""
    about = {"kind": kind, "source": source, "subject": subject}
    with transaction.atomic():
        Job.objects.bulk_create([Job(**about)], ignore_conflicts=True)
        found = Job.objects.filter(**about, state__in=OPEN_JOB_STATES)
        return found.values_list("pk", flat=True)[0]


def queue_seal(source: Source) -> int:
    """Return the id of the source's open seal job, made now if there is none."""
    return queue_job(JobKind.SEAL, source=source)


def queue_due_seals() -> None:
    """Make a seal job for each source whose unsealed lines are many or old enough."""
    open_jobs = Job.objects.filter(
        kind=JobKind.SEAL, source=OuterRef("source"), state__in=OPEN_JOB_STATES
    )
    waiting = (
        Batch.objects.filter(state=BatchState.ACCEPTED)
        .filter(~Exists(open_jobs))
        .values("source")
        .annotate(bytes=Sum("length"), oldest=Min("received"))
    )
    due = _now() - timedelta(seconds=settings.CONFIG.seal_after_s)
    for row in waiting:
        if row["bytes"] >= settings.CONFIG.seal_bytes or row["oldest"] <= due:
            queue_seal(Source.objects.get(pk=row["source"]))


def release_orphans() -> None:
    """End the leases of this host's dead processes, so that nobody waits them out."""
    host = f"{socket.gethostname()}:"
    for job in Job.objects.filter(state=JobState.RUNNING, owner__startswith=host):
        if not _is_alive(int(job.owner.removeprefix(host))):
            Job.objects.filter(pk=job.pk, state=JobState.RUNNING, attempts=job.attempts).update(
                lease_until=_now() - timedelta(seconds=1)
            )


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def ready_jobs() -> list[int]:
    """Return the ids of jobs that somebody could take now."""
    waiting, overdue = _ready(_now())
    return list(
        Job.objects.filter(waiting | overdue).order_by("pk").values_list("pk", flat=True)
    )


def set_aside(batch_ids: Collection[UUID], message: str) -> None:
    """Mark batches that cannot be sealed; they stay on disk and in every search."""
    Batch.objects.filter(pk__in=batch_ids, state=BatchState.ACCEPTED).update(
        state=BatchState.FAILED, error=message[:MAX_ERROR_CHARS]
    )


def kind_of(job_id: int) -> JobKind | None:
    """Return what a job does; None where it was deleted meanwhile."""
    kinds = Job.objects.filter(pk=job_id).values_list("kind", flat=True)
    return JobKind(kinds[0]) if kinds else None


def retry_job(job: Job) -> int:
    """Try a failed job again; return the id of the job that will.

    A seal takes the source's set-aside batches up again.
    """
    with transaction.atomic():
        failed = Job.objects.filter(
            source=job.source, kind=job.kind, subject=job.subject, state=JobState.FAILED
        )
        failed.update(state=JobState.DONE)
        if job.kind != JobKind.SEAL:
            return queue_job(JobKind(job.kind), source=job.source, subject=job.subject)
        Batch.objects.filter(source=job.source, state=BatchState.FAILED).update(
            state=BatchState.ACCEPTED, error=""
        )
        return queue_job(JobKind.SEAL, source=job.source)


def forget_done() -> None:
    """Delete the rows of jobs that ended well long ago."""
    Job.objects.filter(state=JobState.DONE, finished__lt=_now() - KEEP_DONE).delete()
