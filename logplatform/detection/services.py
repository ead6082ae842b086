"""What people say and do: acknowledge, verdicts, mutes, unit rules, training, going back."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import re2
from django.db import transaction

from logplatform.detection.errors import InvalidUnitRuleError, NoEarlierVersionError
from logplatform.detection.models import (
    Anomaly,
    AnomalyState,
    DetectorVersion,
    Mute,
    PatternVerdict,
    SourceDetector,
    Verdict,
)
from logplatform.detection.verdicts import update_chances
from logplatform.logs import jobs
from logplatform.logs.models import JobKind

if TYPE_CHECKING:
    from datetime import datetime

    from logplatform.accounts.models import User
    from logplatform.logs.models import Source

MAX_WINDOW = 10_000


@dataclass(frozen=True, slots=True)
class Rule:
    """What makes a unit, as `glad.UnitRule` has it; the engine itself is the workers' alone."""

    pattern: str = ""
    name: str = ""
    size: int = 100
    step: int = 50


def acknowledge(anomaly: Anomaly) -> None:
    """Say that somebody looks after one anomaly."""
    Anomaly.objects.filter(pk=anomaly.pk, state=AnomalyState.OPEN).update(
        state=AnomalyState.ACKNOWLEDGED
    )


def reopen(anomaly: Anomaly) -> None:
    """Take back what was said of an anomaly's pattern, and open all anomalies of it."""
    with transaction.atomic():
        about = {"source": anomaly.source, "pattern": anomaly.pattern}
        PatternVerdict.objects.filter(**about).delete()
        Mute.objects.filter(**about).delete()
        Anomaly.objects.filter(**about).update(state=AnomalyState.OPEN)
        update_chances(anomaly.source)


def give_verdict(anomaly: Anomaly, verdict: Verdict, *, user: User | None, note: str) -> None:
    """Say of an anomaly's pattern that it is right, or a false alarm."""
    with transaction.atomic():
        PatternVerdict.objects.update_or_create(
            source=anomaly.source,
            pattern=anomaly.pattern,
            defaults={"verdict": verdict, "user": user, "note": note},
        )
        Mute.objects.filter(source=anomaly.source, pattern=anomaly.pattern).delete()
        _same_pattern(anomaly).update(state=verdict.value, chance=None)
        update_chances(anomaly.source)


def mute(anomaly: Anomaly, *, user: User | None, until: datetime | None) -> None:
    """Do not show an anomaly's pattern, until a time or for good."""
    with transaction.atomic():
        Mute.objects.update_or_create(
            source=anomaly.source,
            pattern=anomaly.pattern,
            defaults={"user": user, "until": until},
        )
        _same_pattern(anomaly).update(state=AnomalyState.MUTED)


def _same_pattern(anomaly: Anomaly):  # type: ignore[no-untyped-def]  # noqa: ANN202
    return Anomaly.objects.filter(source=anomaly.source, pattern=anomaly.pattern)


def detection_of(source: Source) -> SourceDetector:
    """Return how far the detection of a source is."""
    state, _ = SourceDetector.objects.select_related("active").get_or_create(source=source)
    return state


def queue_training(source: Source) -> int:
    """Return the id of the source's open training job, made now if there is none."""
    return jobs.queue_job(JobKind.TRAIN, source=source)


def roll_back(source: Source, number: int) -> None:
    """Put another version in force; what it finds from now on counts.

    Raises
    ------
    NoEarlierVersionError
    """
    version = DetectorVersion.objects.filter(source=source, number=number).first()
    if version is None:
        raise NoEarlierVersionError(f"{source.name} has no detector version {number}")
    SourceDetector.objects.filter(source=source).update(
        active=version, units_since=0, anomalous_since=0
    )


def set_rule(source: Source, rule: Rule | None) -> int:
    """Choose what makes a unit, None for what suits by itself; return the training job's id.

    Raises
    ------
    InvalidUnitRuleError
    """
    if rule is not None:
        _check(rule)
    detection_of(source)
    text = json.dumps(asdict(rule)) if rule else ""
    SourceDetector.objects.filter(source=source).update(rule=text)
    return queue_training(source)


def _check(rule: Rule) -> None:
    if not 0 < rule.step <= rule.size <= MAX_WINDOW:
        raise InvalidUnitRuleError(
            f"a window of {rule.size} records every {rule.step}: "
            f"1 to {MAX_WINDOW} records, steps no longer than the window"
        )
    try:
        re2.compile(rule.pattern)
    except re2.error as error:
        raise InvalidUnitRuleError(f"pattern {rule.pattern!r}: {error}") from error
