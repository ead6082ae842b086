"""The tasks of a team and their labels, which people edit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction

import adaptivelog
from adaptivelog.default_encoder import HOW_TO_INSTALL, has_default_encoder
from logplatform.triage.errors import InvalidTriageError
from logplatform.triage.models import About, AnomalyLabel, Case, Label, TriageTask, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from logplatform.accounts.models import Team

# What every team starts with.
SEEDS = (
    adaptivelog.SEVERITY,
    adaptivelog.CATEGORY,
    adaptivelog.PROBLEM,
    adaptivelog.EXPLANATION,
    adaptivelog.ANOMALY_SEVERITY,
    adaptivelog.ANOMALY_PROBLEM,
)
ABOUT_ANOMALIES = {adaptivelog.ANOMALY_SEVERITY.name, adaptivelog.ANOMALY_PROBLEM.name}
EXPLANATION = adaptivelog.EXPLANATION.name
RUNGS = ("tfidf", "embedding", "encoder")  # `adaptivelog.training.RUNGS`, without its imports
NEED_ENCODER = {"embedding", "encoder"}
NO_ENCODER = f"{HOW_TO_INSTALL}, or set LOGPLATFORM_TRIAGE_ENCODER"
MAX_LABELS = 40
MAX_NAME, MAX_MEANING = 60, 300
MIN_TARGET, MAX_TARGET = 0.5, 0.99


def tasks_of(team: Team) -> list[TriageTask]:
    """Return a team's tasks, made now if it has none yet."""
    found = TriageTask.objects.filter(team=team)
    if not found.exists():
        TriageTask.objects.bulk_create(
            [_seeded(team, seed) for seed in SEEDS], ignore_conflicts=True
        )
    return list(found.order_by("pk"))


def template_tasks(team: Team) -> list[TriageTask]:
    """Return the tasks that are asked about templates by themselves."""
    found = tasks_of(team)
    return [task for task in found if task.about == About.TEMPLATE and not task.explains]


def anomaly_tasks(team: Team) -> list[TriageTask]:
    """Return the tasks that are asked about patterns of anomalies."""
    return [task for task in tasks_of(team) if task.about == About.ANOMALY]


def _seeded(team: Team, seed: adaptivelog.Task) -> TriageTask:
    return TriageTask(
        team=team,
        name=seed.name,
        about=About.ANOMALY if seed.name in ABOUT_ANOMALIES else About.TEMPLATE,
        question=seed.question,
        labels=[list(label) for label in seed.labels],
        explains=seed.explain,
        is_ordered=seed.ordered,
    )


def engine_task(task: TriageTask) -> adaptivelog.Task:
    """Return a task as the engine takes it."""
    return adaptivelog.Task(
        task.name,
        task.question,
        tuple((name, meaning) for name, meaning in task.labels),
        explain=task.explains,
        ordered=task.is_ordered,
    )


def change_task(
    task: TriageTask,
    *,
    labels: Sequence[tuple[str, str]],
    renamed: dict[str, str],
    target: float,
    rungs: Sequence[str] = (),
) -> None:
    """Give a task other labels, another target and another ladder.

    ``renamed`` has the new name of a label by its old one: what was said with it goes along.
    Answers with a label that is gone are forgotten, so that their templates are asked about
    again; verdicts with it stay, and count again when the label comes back.
    """
    _check(labels, target)
    _check_rungs(rungs)
    names = {name for name, _ in labels}
    if not set(renamed.values()) <= names or not set(renamed) <= set(task.names):
        raise InvalidTriageError(
            "a label can only be renamed from one there is to one there is"
        )
    with transaction.atomic():
        for old, new in renamed.items():
            _rename(task, old, new)
        task.labels = [[name, meaning] for name, meaning in labels]
        task.target, task.rungs = target, [rung for rung in RUNGS if rung in rungs]
        task.save(update_fields=["labels", "target", "rungs"])
        for answers in (task.answers, task.anomaly_answers):
            answers.exclude(label__in=[*names, ""]).delete()


def _rename(task: TriageTask, old: str, new: str) -> None:
    for kind in (Label, AnomalyLabel, Verdict, Case):
        kind.objects.filter(task=task, label=old).update(label=new)
    for kind in (Label, AnomalyLabel, Verdict):
        kind.objects.filter(task=task, small_label=old).update(small_label=new)
        kind.objects.filter(task=task, large_label=old).update(large_label=new)
    Case.objects.filter(task=task, said=old).update(said=new)


def _check_rungs(rungs: Sequence[str]) -> None:
    if not set(rungs) <= set(RUNGS):
        raise InvalidTriageError(f"rungs: of {', '.join(RUNGS)}, or none")
    if set(rungs) & NEED_ENCODER and not has_encoder():
        raise InvalidTriageError(NO_ENCODER)


def has_encoder() -> bool:
    """Say whether there is an encoder for the upper rungs."""
    return bool(settings.CONFIG.triage_encoder) or has_default_encoder()


def _check(labels: Sequence[tuple[str, str]], target: float) -> None:
    names = [name for name, _ in labels]
    if not 2 <= len(names) <= MAX_LABELS:
        raise InvalidTriageError(f"a task has 2 to {MAX_LABELS} labels, not {len(names)}")
    if len(set(names)) != len(names):
        raise InvalidTriageError("two labels have the same name")
    for name, meaning in labels:
        if not name.strip() or name != name.strip() or len(name) > MAX_NAME:
            raise InvalidTriageError(f"{name!r} is no name of a label: 1 to {MAX_NAME} letters")
        if len(meaning) > MAX_MEANING:
            raise InvalidTriageError(
                f"{name}: its meaning is longer than {MAX_MEANING} letters"
            )
    if not MIN_TARGET <= target <= MAX_TARGET:
        raise InvalidTriageError(f"the target is a share from {MIN_TARGET} to {MAX_TARGET}")
