"""Every Celery task, thin, in the order in which data meets them.

A message carries the id of a job at most: the row is the promise. Limits grow from the inside
out, ``soft < hard``; a lease is renewed from within the work, so it need not outlast a task.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime

from celery import shared_task
from kombu.exceptions import OperationalError

from logplatform.detection import schedule as detection
from logplatform.logs import sweep as sweeping
from logplatform.logs.jobs import kind_of
from logplatform.logs.models import JobKind, Source
from logplatform.reports import alerts, deliveries, files, plans
from logplatform.triage import jobs as triage_jobs

log = logging.getLogger(__name__)

SEAL_SOFT_S, SEAL_HARD_S = 3600, 3660
SWEEP_SOFT_S, SWEEP_HARD_S = 60, 90
# Some thousand questions to a slow language model; a lost lease only starts where it stopped.
TRIAGE_SOFT_S, TRIAGE_HARD_S = 3600, 3660
TELL_SOFT_S, TELL_HARD_S = 60, 90
ALERTS_SOFT_S, ALERTS_HARD_S = 600, 630
REPORT_SOFT_S, REPORT_HARD_S = 1800, 1830
DETECT_SOFT_S, DETECT_HARD_S = 3600, 3660
WATCH_SOFT_S, WATCH_HARD_S = 60, 90
# A try ends by itself within 10 s over HTTP; a mail with pictures may take longer.
DELIVER_SOFT_S, DELIVER_HARD_S = 75, 85


@shared_task(soft_time_limit=SEAL_SOFT_S, time_limit=SEAL_HARD_S)  # type: ignore[untyped-decorator]
def seal(job_id: int) -> None:
    """Seal what a source has accepted."""
    # Imported here because the web process sends this task and must not load the engines.
    from logplatform.logs.seal import run_seal_job

    if run_seal_job(job_id):
        send_triage()
        send_detection()
        send_learning(job_id)


@shared_task(soft_time_limit=SEAL_SOFT_S, time_limit=SEAL_HARD_S)  # type: ignore[untyped-decorator]
def merge(job_id: int) -> None:
    """Make one segment of many small ones."""
    from logplatform.logs.merge import run_merge_job  # as above

    run_merge_job(job_id)


@shared_task(soft_time_limit=SEAL_SOFT_S, time_limit=SEAL_HARD_S)  # type: ignore[untyped-decorator]
def learn(job_id: int) -> None:
    """Take what people corrected over to a source's other templates."""
    from logplatform.logs.lessons import run_learn_job  # as above

    run_learn_job(job_id)


@shared_task(soft_time_limit=TRIAGE_SOFT_S, time_limit=TRIAGE_HARD_S)  # type: ignore[untyped-decorator]
def triage(job_id: int) -> None:
    """Ask what new templates mean."""
    triage_jobs.run_triage_job(job_id)


@shared_task(soft_time_limit=TRIAGE_SOFT_S, time_limit=TRIAGE_HARD_S)  # type: ignore[untyped-decorator]
def retrain(job_id: int) -> None:
    """Train a small model from people's verdicts."""
    if triage_jobs.run_retrain_job(job_id):
        for next_id in triage_jobs.queue_retrains():
            send_job(next_id)


@shared_task(soft_time_limit=SWEEP_SOFT_S, time_limit=SWEEP_HARD_S)  # type: ignore[untyped-decorator]
def sweep() -> None:
    """Put right what a crash or time left behind, and send the jobs that wait."""
    for job_id in sweeping.sweep():
        send_job(job_id)
    send_triage()  # where the worker died between a seal's commit and its message


@shared_task(soft_time_limit=WATCH_SOFT_S, time_limit=WATCH_HARD_S)  # type: ignore[untyped-decorator]
def watch() -> None:
    """Queue the training and scoring that is due."""
    send_detection()


@shared_task(soft_time_limit=DETECT_SOFT_S, time_limit=DETECT_HARD_S)  # type: ignore[untyped-decorator]
def train(job_id: int) -> None:
    """Train a source's detector, and have its history scored."""
    # Imported here because only workers of this queue may load the detectors.
    from logplatform.detection.training import run_train_job

    run_train_job(job_id)
    send_detection()


@shared_task(soft_time_limit=DETECT_SOFT_S, time_limit=DETECT_HARD_S)  # type: ignore[untyped-decorator]
def detect(job_id: int) -> None:
    """Score what a source has got since the last time."""
    from logplatform.detection.scoring import run_detect_job  # as above

    if run_detect_job(job_id):
        send_triage()


@shared_task(soft_time_limit=TELL_SOFT_S, time_limit=TELL_HARD_S)  # type: ignore[untyped-decorator]
def tell() -> None:
    """Queue the evaluation of rules that is due, and send the messages that wait."""
    now = datetime.now(tz=UTC)
    for job_id in [*alerts.queue_due(now), *plans.queue_due(now)]:
        send_job(job_id)
    send_messages()
    deliveries.forget_old(now)
    files.sweep_files(now)


@shared_task(soft_time_limit=ALERTS_SOFT_S, time_limit=ALERTS_HARD_S)  # type: ignore[untyped-decorator]
def evaluate_alerts(job_id: int) -> None:
    """Judge the rules of a team, and tell at once whom it concerns."""
    alerts.run_alerts_job(job_id)
    send_messages()


@shared_task(soft_time_limit=REPORT_SOFT_S, time_limit=REPORT_HARD_S)  # type: ignore[untyped-decorator]
def build_report(job_id: int) -> None:
    """Build a report, and send it."""
    # Imported here because only workers build, and matplotlib takes a second to load.
    from logplatform.reports.building import run_report_job

    run_report_job(job_id)
    send_messages()


@shared_task(soft_time_limit=DELIVER_SOFT_S, time_limit=DELIVER_HARD_S)  # type: ignore[untyped-decorator]
def deliver(delivery_id: str) -> None:
    """Try once to deliver a message."""
    deliveries.deliver(delivery_id)


TASKS = {
    JobKind.SEAL: seal,
    JobKind.MERGE: merge,
    JobKind.LEARN: learn,
    JobKind.TRIAGE: triage,
    JobKind.RETRAIN: retrain,
    JobKind.ALERTS: evaluate_alerts,
    JobKind.REPORT: build_report,
    JobKind.TRAIN: train,
    JobKind.DETECT: detect,
}


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


def send_detection() -> None:
    """Make the jobs of detection that are due, and tell workers of them."""
    for job_id in detection.queue_due(datetime.now(tz=UTC)):
        send_job(job_id)


def send_triage() -> None:
    """Make and send the jobs about templates that nobody has been asked about."""
    for job_id in triage_jobs.queue_due():
        send_job(job_id)


def send_learning(seal_id: int) -> None:
    """Have templates that a seal brought asked what corrections of others say of them."""
    from logplatform.logs import lessons  # as above

    source = Source.objects.filter(jobs__pk=seal_id).first()
    job_id = lessons.queue_if_due(source) if source else None
    if job_id is not None:
        send_job(job_id)


def send_messages() -> None:
    """Tell workers of the deliveries that wait; `tell` does it again while they do."""
    for delivery_id in deliveries.ready(datetime.now(tz=UTC)):
        try:
            deliver.delay(str(delivery_id))
        except OperationalError as error:
            log.warning("delivery %s: the broker does not answer: %s", delivery_id, error)
            return
