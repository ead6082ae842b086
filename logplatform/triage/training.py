"""Trains the small model of a task from verdicts; every version is kept."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from django.conf import settings
from django.db import transaction

import adaptivelog
from logplatform.triage import taxonomy
from logplatform.triage.errors import TooFewVerdictsError
from logplatform.triage.models import Case, ModelVersion, Verdict
from logplatform.triage.verdicts import case_key, keep_case

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from adaptivelog import Threshold, Training
    from logplatform.triage.models import TriageTask

MIN_VERDICTS = 10  # fewer leave a fold of the cross-validation without some label
# So many verdicts on templates drawn at random calibrate the threshold alone: the others were
# chosen for their worth, so they are harder than what is to be answered. Fewer support no
# target over 0.9 (Wilson).
MIN_SAMPLE = 40
# Training again pays when there is a fifth more to learn from, and not for a handful.
MIN_NEW, NEW_SHARE = 5, 0.2


def examples_of(task: TriageTask) -> list[adaptivelog.Example]:
    """Return what people said last of each text; labels that are gone are left out."""
    return [example for example, _ in _sampled_examples(task)]


def _sampled_examples(task: TriageTask) -> list[tuple[adaptivelog.Example, bool]]:
    """Return the examples, and which of them were drawn at random."""
    rows = Verdict.objects.filter(task=task).order_by("pk")
    last = {
        text: (label, is_sampled)
        for text, label, is_sampled in rows.values_list("text", "label", "is_sampled")
    }
    return [
        (adaptivelog.Example(adaptivelog.Row(text), label), is_sampled)
        for text, (label, is_sampled) in last.items()
        if label in task.names
    ]


def missing(task: TriageTask) -> str:
    """Say what a first model still needs; empty where there is enough."""
    found = examples_of(task)
    if len(found) < MIN_VERDICTS:
        return f"{MIN_VERDICTS - len(found)} more verdicts"
    if len({example.label for example in found}) < 2:
        return "verdicts of a second label"
    return ""


def is_due(task: TriageTask) -> bool:
    """Say whether there is enough new to learn from."""
    verdicts = task.verdicts.count()
    newest = task.versions.order_by("number").last()
    known = newest.verdicts if newest else 0
    new = verdicts - known
    return new >= max(MIN_NEW, NEW_SHARE * known) and not missing(task)


def train_version(task: TriageTask) -> ModelVersion:
    """Train the next model of a task and keep it.

    Raises
    ------
    TooFewVerdictsError
        There is too little to learn from.
    """
    if lacking := missing(task):
        raise TooFewVerdictsError(f"{task.name}: needs {lacking}")
    verdicts = task.verdicts.count()
    drawn = _sampled_examples(task)
    examples = [example for example, _ in drawn]
    training = adaptivelog.train(
        examples,
        adaptivelog.TrainConfig(
            rungs=_rungs(task), climbs=not task.rungs, encoder=settings.CONFIG.triage_encoder
        ),
    )
    sampled = np.array([is_sampled for _, is_sampled in drawn])[training.held_out.rows]
    is_calibrated = int(sampled.sum()) >= MIN_SAMPLE
    counted = sampled if is_calibrated else np.ones_like(sampled)
    threshold = _threshold(training, task.target, counted)
    training.model.threshold = threshold
    newest = task.versions.order_by("number").last()
    number = newest.number + 1 if newest else 1
    name = f"{task.pk}/{number}-{secrets.token_hex(4)}"
    folder: Path = settings.HOME.models / name
    digest = training.model.save(folder)
    held_out = training.held_out
    with transaction.atomic():
        version = ModelVersion.objects.create(
            task=task,
            number=number,
            folder=name,
            digest=digest,
            rung=training.model.rung.name,
            classes=list(training.model.classes),
            examples=len(examples),
            verdicts=verdicts,
            accuracy=float(held_out.right.mean()),
            calibration_error=training.calibration_error,
            threshold=threshold.uncertainty if threshold else None,
            routed=threshold.routed if threshold else None,
            answered_accuracy=threshold.accuracy if threshold else None,
            tried=training.accuracies,
            passed_over=training.passed_over | _out_of_reach(task),
            sampled=int(sampled.sum()),
            sample_accuracy=float(held_out.right[sampled].mean()) if sampled.any() else None,
            is_sampled=is_calibrated,
        )
        _keep_mistakes(task, training)
        prune_cases(task)
    return version


def _rungs(task: TriageTask) -> tuple[str, ...]:
    """Return the rungs that a task may be trained with here."""
    wanted = task.rungs or taxonomy.RUNGS
    out = _out_of_reach(task)
    return tuple(rung for rung in wanted if rung not in out)


def _out_of_reach(task: TriageTask) -> dict[str, str]:
    """Return the rungs that nobody has ruled out and that there is no encoder for."""
    if task.rungs or taxonomy.has_encoder():
        return {}
    return dict.fromkeys(sorted(taxonomy.NEED_ENCODER), taxonomy.NO_ENCODER)


def _threshold(
    training: Training, target: float, counted: NDArray[np.bool_]
) -> Threshold | None:
    """Return the threshold that the held-out rows that count support."""
    held_out = training.held_out
    try:
        found = adaptivelog.threshold_for_accuracy(
            held_out.uncertainty[counted], held_out.right[counted], target=target
        )
    except adaptivelog.UnreachableTarget:
        return None  # a visible state: the version says that it answers nothing by itself
    if found.routed:
        return found
    # All held-out rows may be answered: the least sure of them is no limit, the target is.
    return replace(found, uncertainty=max(found.uncertainty, 1 - target))


def _keep_mistakes(task: TriageTask, training: Training) -> None:
    """Keep what held-out models got wrong, where nobody has written a case of it yet."""
    known = set(Case.objects.filter(task=task).values_list("key", flat=True))
    for mistake in training.mistakes:
        text = mistake.example.row.text
        if case_key(text) not in known:
            keep_case(task, text, label=mistake.example.label, said=mistake.said)


def prune_cases(task: TriageTask) -> None:
    """Drop cases that say what another says, and the oldest of too many."""
    rows = {case.text: case for case in Case.objects.filter(task=task)}
    base = adaptivelog.CaseBase(
        adaptivelog.Case(
            adaptivelog.Row(case.text),
            case.label,
            case.said,
            case.reason,
            int(case.added.timestamp() * 1e9),
        )
        for case in rows.values()
    )
    base.prune()
    kept = {case.row.text for case in base.cases}
    Case.objects.filter(
        pk__in=[row.pk for text, row in rows.items() if text not in kept]
    ).delete()
