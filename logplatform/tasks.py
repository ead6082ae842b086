"""Every Celery task, thin, in the order in which data meets them.

A message carries the id of a job at most: the row is the promise. Limits grow from the inside
out, ``soft < hard``; a lease is renewed from within the work, so it need not outlast a task.
"""

from __future__ import annotations

import logging

from celery import shared_task
from kombu.exceptions import OperationalError

from logplatform.logs import sweep as sweeping
from logplatform.logs.jobs import kind_of
from logplatform.logs.models import JobKind

log = logging.getLogger(__name__)

SEAL_SOFT_S, SEAL_HARD_S = 3600, 3660
SWEEP_SOFT_S, SWEEP_HARD_S = 60, 90


@shared_task(soft_time_limit=SEAL_SOFT_S, time_limit=SEAL_HARD_S)  # type: ignore[untyped-decorator]
def seal(job_id: int) -> None:
    """Seal what a source has accepted."""
    # Imported here because the web process sends this task and must not load the engines.
    from logplatform.logs.seal import run_seal_job

    run_seal_job(job_id)


@shared_task(soft_time_limit=SWEEP_SOFT_S, time_limit=SWEEP_HARD_S)  # type: ignore[untyped-decorator]
def sweep() -> None:
    """Put right what a crash or time left behind, and send the jobs that wait."""
    for job_id in sweeping.sweep():
        send_job(job_id)


TASKS = {JobKind.SEAL: seal}


def send_job(job_id: int) -> None:
    """Tell a worker of a job. Without a broker the sweep does it later, so nothing fails."""
    kind = kind_of(job_id)
    if kind is None:  # deleted with its source since
        return
    try:
        TASKS[kind].delay(job_id)
    except OperationalError as error:
        log.warning(
            "job %d: the broker does not answer, the sweep will send it: %s", job_id, error
        )
