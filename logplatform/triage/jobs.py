"""Triage and training as jobs: which are due, and what they do.

Nothing here or below loads a model, scikit-learn or ``openai`` before a job runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import OperationalError
from django.db.models import Exists, F, OuterRef, Q

from logplatform.detection.models import Anomaly
from logplatform.logs import jobs
from logplatform.logs.models import JobKind, Source, Template
from logplatform.triage import anomalies, routing, taxonomy, training
from logplatform.triage.explaining import explain
from logplatform.triage.models import (
    About,
    Label,
    LabelState,
    LanguageModel,
    Triaged,
    TriageTask,
    Who,
)

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from logplatform.accounts.models import Team

TRANSIENT = (OSError, OperationalError)
EXPLAIN = "explain:"
ANOMALY = "anomaly:"
TASK = "task:"


def queue_due() -> list[int]:
    """Make a triage job for each source whose seals brought templates without an answer."""
    is_behind = Q(triaged=None) | Q(triaged__annotator_version__lt=F("annotator_version"))
    behind = Source.objects.filter(is_behind, annotator_version__gt=0).select_related("team")
    found = []
    for source in behind:
        if has_due(source):
            found.append(jobs.queue_job(JobKind.TRIAGE, source=source))
        else:
            _mark(source)
    due = anomalies.sources_due()
    return found + [jobs.queue_job(JobKind.TRIAGE, source=source) for source in due]


def has_due(source: Source) -> bool:
    """Say whether some template of a source has no answer that counts."""
    return any(
        _without_answer(task, source).exists() for task in taxonomy.template_tasks(source.team)
    )


def _without_answer(task: TriageTask, source: Source) -> QuerySet[Template]:
    counts = Q(text=OuterRef("typed_text")) | Q(who=Who.PERSON)
    answers = Label.objects.filter(counts, task=task, template=OuterRef("pk"))
    if LanguageModel.objects.filter(team=task.team, is_enabled=True).exists():
        answers = answers.exclude(state=LabelState.REVIEW, why__in=routing.WORTH_ANOTHER_TRY)
    return Template.objects.filter(~Exists(answers), source=source, alias_of=None)


def queue_team(team: Team) -> list[int]:
    """Make a triage job for each source of a team: what answers has changed."""
    return [
        jobs.queue_job(JobKind.TRIAGE, source=source)
        for source in Source.objects.filter(team=team, annotator_version__gt=0)
    ]


def queue_changed(task: TriageTask) -> list[int]:
    """Make the jobs that a task with other labels or another target needs."""
    again = [] if training.missing(task) else [queue_retrain(task)]
    return [*queue_team(task.team), *again]


def queue_explanation(template: Template) -> int:
    """Make the job that explains a template."""
    return jobs.queue_job(
        JobKind.TRIAGE, source=template.source, subject=f"{EXPLAIN}{template.pk}"
    )


def queue_anomaly(anomaly: Anomaly) -> int:
    """Make the job that asks about an anomaly's pattern again."""
    subject = f"{ANOMALY}{anomaly.pk}"
    return jobs.queue_job(JobKind.TRIAGE, source=anomaly.source, subject=subject)


def queue_retrains() -> list[int]:
    """Make the jobs for models that verdicts given meanwhile have made due."""
    judged = TriageTask.objects.filter(versions__isnull=False).distinct()
    return [queue_retrain(task) for task in judged if training.is_due(task)]


def queue_retrain(task: TriageTask) -> int:
    """Make the job that trains a task's next model."""
    return jobs.queue_job(JobKind.RETRAIN, subject=f"{TASK}{task.pk}")


def run_triage_job(job_id: int) -> bool:
    """Answer every task about a source's new templates, or explain one of them."""
    return jobs.run_job(job_id, _triage, transient=TRANSIENT)


def _triage(lease: jobs.Lease) -> None:
    source = Source.objects.select_related("team").get(jobs__pk=lease.job_id)
    if lease.subject.startswith(EXPLAIN):
        tasks = taxonomy.tasks_of(source.team)
        task = next(task for task in tasks if task.name == taxonomy.EXPLANATION)
        explain(task, Template.objects.get(pk=int(lease.subject.removeprefix(EXPLAIN))))
        return
    if lease.subject.startswith(ANOMALY):
        found = Anomaly.objects.get(pk=int(lease.subject.removeprefix(ANOMALY)))
        for task in taxonomy.anomaly_tasks(source.team):
            with routing.open_desk(task) as desk:
                anomalies.answer(desk, found)
        return
    for task in taxonomy.template_tasks(source.team):
        with routing.open_desk(task) as desk:
            can_ask = desk.router.large is not None
            desk.answer(routing.due_templates(task, source, can_ask=can_ask), lease.renew)
    _mark(source)
    anomalies.answer_due(source, lease.renew)


def _mark(source: Source) -> None:
    """Remember what has been asked about: the state that was read before the work began."""
    Triaged.objects.update_or_create(
        source=source, defaults={"annotator_version": source.annotator_version}
    )


def run_retrain_job(job_id: int) -> bool:
    """Train a task's next model and let it answer what no person has judged."""
    return jobs.run_job(job_id, _retrain, transient=TRANSIENT)


def _retrain(lease: jobs.Lease) -> None:
    task = TriageTask.objects.select_related("team").get(
        pk=int(lease.subject.removeprefix(TASK))
    )
    training.train_version(task)
    with routing.open_desk(task) as desk:
        if task.about == About.TEMPLATE:
            desk.answer(routing.answered_templates(task), lease.renew)
            return
        for label in task.anomaly_answers.exclude(who=Who.PERSON).select_related("source"):
            anomalies.answer(desk, anomalies.worst_of(label.source, label.pattern))
