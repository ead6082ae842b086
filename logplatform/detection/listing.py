"""What is asked: pages of anomalies, what else has their pattern, how far a detector is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.db.models import Q

from logplatform.detection.models import (
    Anomaly,
    DetectorVersion,
    Mute,
    PatternVerdict,
    SourceDetector,
)
from logplatform.detection.schedule import FIRST_RECORDS, NEEDED_UNITS, sealed_records
from logplatform.logs.errors import InvalidCursorError
from logplatform.logs.models import OPEN_JOB_STATES, Job, JobKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet

    from logplatform.logs.models import Source

MAX_PAGE = 200
# What each order sorts by, highest first; the row's id decides between equals.
ORDERS = {"score": "score", "time": "start_ns"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which anomalies; the end of the time range is not included."""

    sources: Sequence[str] = ()
    kinds: Sequence[str] = ()
    states: Sequence[str] = ()
    pattern: str = ""
    min_score: float | None = None
    start_ns: int | None = None
    end_ns: int | None = None
    order: str = "score"
    limit: int = 50
    cursor: str = ""


@dataclass(frozen=True, slots=True)
class AnomalyPage:
    """Some anomalies, and where the next ones begin."""

    anomalies: tuple[Anomaly, ...]
    cursor: str | None


def list_anomalies(visible: QuerySet[Anomaly], wanted: Wanted) -> AnomalyPage:
    """Return a page of the anomalies that are wanted.

    Raises
    ------
    InvalidCursorError
    """
    field = ORDERS[wanted.order]
    found = _chosen(visible, wanted).defer("evidence")
    if wanted.cursor:
        found = found.filter(_after(field, wanted.cursor))
    rows = list(found.order_by(f"-{field}", "-pk")[: wanted.limit + 1])
    last = rows[wanted.limit - 1] if len(rows) > wanted.limit else None
    cursor = f"{getattr(last, field)!r}_{last.pk}" if last else None
    return AnomalyPage(tuple(rows[: wanted.limit]), cursor)


def _chosen(visible: QuerySet[Anomaly], wanted: Wanted) -> QuerySet[Anomaly]:
    found = visible
    if wanted.sources:
        found = found.filter(source__name__in=wanted.sources)
    if wanted.kinds:
        found = found.filter(kind__in=wanted.kinds)
    if wanted.states:
        found = found.filter(state__in=wanted.states)
    if wanted.pattern:
        found = found.filter(pattern=wanted.pattern)
    if wanted.min_score is not None:
        found = found.filter(score__gte=wanted.min_score)
    if wanted.start_ns is not None:
        found = found.filter(end_ns__gte=wanted.start_ns)
    if wanted.end_ns is not None:
        found = found.filter(start_ns__lt=wanted.end_ns)
    return found


def _after(field: str, cursor: str) -> Q:
    value_text, _, pk_text = cursor.rpartition("_")
    try:
        value: float | int = float(value_text) if field == "score" else int(value_text)
        pk = int(pk_text)
    except ValueError as error:
        raise InvalidCursorError(f"{cursor!r} is no cursor of this order") from error
    return Q(**{f"{field}__lt": value}) | Q(**{field: value, "pk__lt": pk})


@dataclass(frozen=True, slots=True)
class PatternNews:
    """What is known of a pattern besides one anomaly of it."""

    anomalies: int
    verdict: PatternVerdict | None
    mute: Mute | None


def news_of(anomaly: Anomaly) -> PatternNews:
    """Return how often an anomaly's pattern was found, and what people said of it."""
    about = {"source": anomaly.source_id, "pattern": anomaly.pattern}
    return PatternNews(
        Anomaly.objects.filter(**about).count(),
        PatternVerdict.objects.filter(**about).select_related("user").first(),
        Mute.objects.filter(**about).first(),
    )


@dataclass(frozen=True, slots=True)
class DetectorStanding:
    """How far the detection of a source is: ``state`` in a word, the rest for people."""

    state: str  # waiting, training, warming_up, ready
    detection: SourceDetector
    records: int
    needed: int
    needed_units: int
    versions: tuple[DetectorVersion, ...]


STATES = ("waiting", "training", "warming_up", "ready")


def standing_of(source: Source) -> DetectorStanding:
    """Return how far the detection of a source is. Changes nothing."""
    found = SourceDetector.objects.select_related("active").filter(source=source).first()
    detection = found or SourceDetector(source=source)
    training = Job.objects.filter(
        source=source, kind=JobKind.TRAIN, state__in=OPEN_JOB_STATES
    ).exists()
    standing = DetectorStanding(
        state="ready",
        detection=detection,
        records=sealed_records(source),
        needed=FIRST_RECORDS,
        needed_units=NEEDED_UNITS,
        versions=tuple(DetectorVersion.objects.filter(source=source).order_by("-number")),
    )
    if training:
        return replace(standing, state="training")
    if detection.active is None:
        return replace(standing, state="waiting")
    return replace(standing, state="warming_up") if detection.active.is_warming_up else standing
