"""How well triage does: accuracy over time, share routed, cost, and calls saved."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Count

from logplatform.triage.models import (
    About,
    AnomalyLabel,
    Day,
    Label,
    LabelState,
    LanguageModel,
    ModelVersion,
    Verdict,
)
from logplatform.triage.review import records_of
from logplatform.triage.routing import trial_of

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from adaptivelog import Trial
    from logplatform.accounts.models import Team
    from logplatform.triage.models import TriageTask

SHOWN_DAYS = 30
SHOWN_VERSIONS = 50


@dataclass(frozen=True, slots=True)
class Agreement:
    """How often models agreed with the verdicts of a day, where they had said something."""

    day: str
    verdicts: int
    small_said: int
    small_right: int
    large_said: int
    large_right: int


@dataclass(frozen=True, slots=True)
class TaskStatus:
    """A task's answers, models and verdicts.

    ``records`` are those of the templates that need no person: that many lines were answered
    by asking about templates.
    """

    by_who: dict[str, int]
    has_language_model: bool
    waiting: int
    answered: int
    records: int
    versions: tuple[ModelVersion, ...]
    agreement: tuple[Agreement, ...]
    trial: Trial


def task_status(task: TriageTask) -> TaskStatus:
    """Return how a task does."""
    labels: QuerySet[Any] = (
        Label.objects.filter(task=task, template__alias_of=None)
        if task.about == About.TEMPLATE
        else AnomalyLabel.objects.filter(task=task)
    )
    answered = labels.filter(state=LabelState.ANSWERED)
    who = answered.values_list("who").annotate(n=Count("pk")).order_by("who")
    newest = task.versions.order_by("-number")[:SHOWN_VERSIONS]
    return TaskStatus(
        by_who=dict(who),
        has_language_model=LanguageModel.objects.filter(
            team=task.team, is_enabled=True
        ).exists(),
        waiting=labels.filter(state=LabelState.REVIEW).count(),
        answered=answered.count(),
        records=sum(records_of(answered).values()) if task.about == About.TEMPLATE else 0,
        versions=tuple(reversed(newest)),
        agreement=_agreement(task),
        trial=trial_of(task),
    )


def _agreement(task: TriageTask) -> tuple[Agreement, ...]:
    since = datetime.now(tz=UTC) - timedelta(days=SHOWN_DAYS)
    sums: dict[str, Counter[str]] = {}
    rows = Verdict.objects.filter(task=task, given__gte=since).order_by("given")
    for given, label, small, large in rows.values_list(
        "given", "label", "small_label", "large_label"
    ):
        day = sums.setdefault(given.date().isoformat(), Counter())
        day["verdicts"] += 1
        for name, said in (("small", small), ("large", large)):
            day[f"{name}_said"] += bool(said)
            day[f"{name}_right"] += bool(said) and said == label
    names = ("verdicts", "small_said", "small_right", "large_said", "large_right")
    return tuple(
        Agreement(day, *(counts[name] for name in names)) for day, counts in sums.items()
    )


def days(team: Team) -> list[Day]:
    """Return the costs of the last days, oldest first."""
    since = datetime.now(tz=UTC).date() - timedelta(days=SHOWN_DAYS)
    return list(Day.objects.filter(team=team, day__gte=since).order_by("day"))
