"""Training: a new version of a source's detector, put in force when it is quiet enough.

The folder is whole on disk before the row names it; a crash leaves a folder that no row names.
"""

from __future__ import annotations

import logging
import secrets
import shutil
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from django.conf import settings
from django.db import OperationalError, transaction
from django.db.models import Max

from glad import (
    ALERTS_PER_DAY,
    Detector,
    DetectorConfig,
    UnitRule,
    Units,
    alerts_per_day,
    choose_rule,
    group_units,
)
from glad.settings import RelationConfig
from logplatform.detection.devices import device
from logplatform.detection.history import read_history
from logplatform.detection.models import DetectorVersion, SourceDetector
from logplatform.detection.schedule import sealed_records
from logplatform.logs import jobs
from logplatform.logs.models import Source

if TYPE_CHECKING:
    from pathlib import Path

log = logging.getLogger(__name__)

TRANSIENT = (OSError, OperationalError)
# Some 2 GB of columns; what was before is no longer how the source behaves.
MAX_HISTORY = 1_000_000
MIN_UNITS = 20
# Of the relation model, and of alerts in a day: what a version may raise and be put in force.
STEPS = RelationConfig().steps
BUDGET = ALERTS_PER_DAY
LATE_SHARE = 0.2  # of the history, on which a version is judged
KEPT_VERSIONS = 10
DAY_NS = 86_400 * 10**9


def run_train_job(job_id: int) -> bool:
    """Train a source's detector; False where another worker has the job."""
    return jobs.run_job(job_id, _train, transient=TRANSIENT)


def _train(lease: jobs.Lease) -> None:
    source = Source.objects.get(jobs__pk=lease.job_id)
    total = sealed_records(source)
    low = max(0, total - MAX_HISTORY)
    events = read_history(source, low, total)
    lease.renew(0.3)
    state, _ = SourceDetector.objects.get_or_create(source=source)
    if events is None:
        return
    rule = UnitRule.from_json(state.rule) if state.rule else choose_rule(events)
    units = whole_units(group_units(events, rule), rule)
    if len(units) < MIN_UNITS:
        _note_try(source, total, f"{len(units)} units are too few to learn from")
        return
    began = time.monotonic()
    config = DetectorConfig(rule=rule, relation=RelationConfig(steps=STEPS))
    detector = Detector(config, device=device()).fit(units)
    metrics = _judge(detector, units) | {"seconds": round(time.monotonic() - began, 2)}
    lease.renew(0.9)
    version = DetectorVersion(
        source=source,
        rule=rule.to_json(),
        units=len(units),
        first_record=low,
        end_record=total,
        is_warming_up=detector.warming_up,
        is_within_budget=metrics["alerts_per_day"] <= BUDGET,
        metrics=metrics,
    )
    _keep(version, detector, lease)
    _delete_old(source)


def whole_units(units: Units, rule: UnitRule) -> Units:
    """Leave out windows that are not full: they are named anew as they grow."""
    if rule.pattern:
        return units
    return units.take(np.flatnonzero(np.diff(units.first) == rule.size))


def _judge(detector: Detector, units: Units) -> dict[str, Any]:
    """Measure on the last fifth of history how many alerts a version raises."""
    late = units.take(np.arange(round(len(units) * (1 - LATE_SHARE)), len(units)))
    scores = detector.score(late)
    days = max(1.0, float(np.ptp(late.start_ns)) / DAY_NS)
    found = scores.anomalous
    alerts = alerts_per_day(scores.pattern[found], late.start_ns[found] // DAY_NS, days=days)
    return {
        "alerts_per_day": float(alerts),
        "anomalous_share": float(found.mean()) if len(found) else 0.0,
        "threshold": float(detector.threshold_),
        "device": str(detector.device),
    }


def _keep(version: DetectorVersion, detector: Detector, lease: jobs.Lease) -> None:
    """Save a version, and put it in force where it may be."""
    source = version.source
    version.folder = f"{source.pk}/{secrets.token_hex(8)}"
    folder: Path = settings.HOME.detectors / version.folder
    folder.parent.mkdir(mode=0o700, exist_ok=True)
    detector.save(folder)
    lease.renew(1.0)
    with transaction.atomic():
        state = SourceDetector.objects.select_for_update().get(source=source)
        last = DetectorVersion.objects.filter(source=source).aggregate(n=Max("number"))["n"]
        version.number = (last or 0) + 1
        version.save()
        if version.is_within_budget:
            _put_in_force(state, version)
        said = f"version {version.number} learnt {version.units} units"
        budget = "" if version.is_within_budget else "; not in force: over the alert budget"
        _note_try(source, version.end_record, said + budget)


def _put_in_force(state: SourceDetector, version: DetectorVersion) -> None:
    """Make a version the one in force; the first one with all detectors looks back as well."""
    old = state.active
    state.active = version
    state.units_since = state.anomalous_since = 0
    if (
        old is None
        or (old.is_warming_up and not version.is_warming_up)
        or old.rule != version.rule
    ):
        state.scored_records = state.open_from = version.first_record
        state.settled_records = 0
    state.save()


def _note_try(source: Source, records: int, note: str) -> None:
    SourceDetector.objects.filter(source=source).update(
        tried_records=records, tried=datetime.now(tz=UTC), note=note
    )


def _delete_old(source: Source) -> None:
    """Delete the versions that nobody would go back to, and folders that no row names."""
    active = SourceDetector.objects.get(source=source).active_id
    versions = DetectorVersion.objects.filter(source=source).order_by("-number")
    kept = [*versions.values_list("pk", flat=True)[:KEPT_VERSIONS], active or 0]
    versions.exclude(pk__in=kept).delete()
    named = set(DetectorVersion.objects.filter(source=source).values_list("folder", flat=True))
    known = {str(pk) for pk in Source.objects.values_list("pk", flat=True)}
    for folder in settings.HOME.detectors.glob("*"):
        if folder.name not in known:  # its source was deleted
            shutil.rmtree(folder)
    for folder in (settings.HOME.detectors / str(source.pk)).glob("*"):
        if f"{source.pk}/{folder.name}" not in named:
            log.info("deleting %s, an old version", folder)
            shutil.rmtree(folder)
