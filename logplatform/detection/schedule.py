"""When a source is trained and when it is scored; what does either is elsewhere.

Called by doors every few seconds and after each seal; must stay light, and loads no engine.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import Max

from logplatform.detection.models import SourceDetector
from logplatform.logs import jobs
from logplatform.logs.catalog import UNSEALED
from logplatform.logs.models import OPEN_JOB_STATES, Batch, Job, JobKind, Segment, Source

if TYPE_CHECKING:
    from collections.abc import Iterator

# Below so many records there are hardly units to learn from.
FIRST_RECORDS = 500
# Below so many units only novelty is in force: `glad.WARM_UP_UNITS`, which the web process does
# not load.
NEEDED_UNITS = 800
# A source that has so many is not waited for any longer before the first training.
ENOUGH_RECORDS = 50_000
NIGHT_HOUR = 2  # UTC
# Drift: so many units in a row, so many times more of them anomalous than in history.
DRIFT_UNITS, DRIFT_SHARE, DRIFT_TIMES = 1_000, 0.05, 5.0
DRIFT_WAIT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Standing:
    """What a source holds, and since when it has been silent."""

    source: Source
    records: int  # sealed
    is_quiet: bool


def sealed_records(source: Source) -> int:
    """Return how many records of a source are sealed."""
    last = Segment.objects.filter(source=source).order_by("sequence").last()
    return last.first_record + last.records if last else 0


def is_quiet(source: Source, now: datetime) -> bool:
    """Say whether nothing has come for a while and all that came is sealed."""
    batches = Batch.objects.filter(source=source)
    if batches.filter(state__in=UNSEALED).exists():
        return False
    newest = batches.aggregate(newest=Max("received"))["newest"]
    silence = timedelta(seconds=settings.CONFIG.detect_after_s)
    return newest is None or newest <= now - silence


def queue_due(now: datetime) -> list[int]:
    """Make the jobs that are due; return the ids of those made now."""
    busy = set(
        Job.objects.filter(
            kind__in=(JobKind.DETECT, JobKind.TRAIN), state__in=OPEN_JOB_STATES
        ).values_list("source_id", flat=True)
    )
    made = []
    for standing in _standings(now, busy):
        state, _ = SourceDetector.objects.select_related("active").get_or_create(
            source=standing.source
        )
        kind = _due(state, standing, now)
        if kind is not None:
            made.append(jobs.queue_job(kind, source=standing.source))
    return made


def _standings(now: datetime, busy: set[int]) -> Iterator[Standing]:
    """Yield the sources with sealed records and no open job of detection."""
    rows = Segment.objects.values("source").annotate(first=Max("first_record"))
    ends = {row["source"]: row["first"] for row in rows if row["source"] not in busy}
    sources = Source.objects.in_bulk(list(ends))
    for pk, source in sources.items():
        last = Segment.objects.filter(source=pk).order_by("-first_record").first()
        if last is not None:
            yield Standing(source, last.first_record + last.records, is_quiet(source, now))


def _due(state: SourceDetector, standing: Standing, now: datetime) -> JobKind | None:
    if _training_is_due(state, standing, now):
        return JobKind.TRAIN
    if state.active is None:
        return None
    unsettled = standing.is_quiet and state.settled_records < standing.records
    if state.scored_records < standing.records or unsettled:
        return JobKind.DETECT
    return None


def _training_is_due(state: SourceDetector, standing: Standing, now: datetime) -> bool:
    """Say whether a source is to be trained: at first, grown, at night, on drift."""
    if standing.records <= max(state.tried_records, FIRST_RECORDS - 1):
        return False
    is_early = state.active is None or state.active.is_warming_up
    if is_early and standing.records >= 2 * state.tried_records:
        return standing.is_quiet or standing.records >= ENOUGH_RECORDS
    if state.tried is None:
        return False
    return state.tried < _last_night(now) or (
        is_drifting(state) and state.tried < now - DRIFT_WAIT
    )


def _last_night(now: datetime) -> datetime:
    night = now.astimezone(UTC).replace(hour=NIGHT_HOUR, minute=0, second=0, microsecond=0)
    return night if night <= now else night - timedelta(days=1)


def is_drifting(state: SourceDetector) -> bool:
    """Say whether far more units are anomalous than were in the history that was learnt."""
    if state.active is None or state.units_since < DRIFT_UNITS:
        return False
    usual = float(state.active.metrics.get("anomalous_share", 0.0))
    share = state.anomalous_since / state.units_since
    return share > max(DRIFT_SHARE, DRIFT_TIMES * usual)
