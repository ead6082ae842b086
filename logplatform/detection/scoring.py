"""Scoring: the units that closed since the last time, judged by the version in force.

A unit is closed when its source's log has gone on for a while without it, or when nothing came
any more. Late records open it again; it is then scored as a whole, and keeps its row.
"""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np
from django.conf import settings
from django.db import OperationalError, transaction
from django.db.models import F, Q

from glad import Anomaly as Found
from glad import BadCheckpoint, Detector, DetectorName, UnitRule, group_units
from glad.units import narrowed
from logplatform.detection.devices import device
from logplatform.detection.history import read_history
from logplatform.detection.models import (
    Anomaly,
    AnomalyState,
    DetectorVersion,
    Mute,
    PatternVerdict,
    SourceDetector,
)
from logplatform.detection.schedule import is_quiet, sealed_records
from logplatform.detection.verdicts import update_chances
from logplatform.logs import jobs
from logplatform.logs.errors import LeaseLostError
from logplatform.logs.models import Source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from glad import Scores, Units

log = logging.getLogger(__name__)

TRANSIENT = (OSError, OperationalError)
CHUNK_RECORDS = 250_000  # read at once; some 500 MB of columns
IDLE_NS = 300 * 10**9  # without a record for so long, by the log's own clock
# So far back late records find the unit that they belong to.
LOOK_BACK = 20_000
MAX_REREAD = 250_000  # a unit that never ends is not read again for ever
EXPLAINED_A_PATTERN = 10
KEPT_A_CHUNK = 5_000
ROWS_A_STATEMENT = 200  # 19 columns; SQLite takes 32,766 parameters
SYMBOL_FOR_NUL = "\u2400"
KEPT_ROWS = 1_000  # numbers of records in the evidence of one unit


@dataclass(frozen=True, slots=True)
class Judged:
    """The closed units of a chunk: U of them, with their first and last records' numbers."""

    units: Units
    first: list[int]
    last: list[int]
    scores: Scores
    open_from: int


def run_detect_job(job_id: int) -> bool:
    """Score what came since the last time; False where another worker has the job."""
    return jobs.run_job(job_id, _detect, transient=TRANSIENT)


def _detect(lease: jobs.Lease) -> None:
    source = Source.objects.get(jobs__pk=lease.job_id)
    state = SourceDetector.objects.select_related("active").get(source=source)
    if state.active is None:
        return
    detector = _loaded(state.active)
    if detector is None:
        return
    # Before the records are counted: what comes meanwhile is not settled by this.
    quiet = is_quiet(source, datetime.now(tz=UTC))
    total = sealed_records(source)
    while True:
        end = min(total, state.scored_records + CHUNK_RECORDS)
        settles = quiet and end == total
        judged = _judge(source, state, detector, end=end, settles=settles)
        lease.renew(end / max(total, 1))
        _commit(state, detector, judged, end=end, settles=settles)
        if end == total:
            update_chances(source)
            return
        state.refresh_from_db()


def _loaded(version: DetectorVersion) -> Detector | None:
    """Load a version; one that this release cannot read makes way for a new training."""
    try:
        return Detector.load(settings.HOME.detectors / version.folder, device=device())
    except BadCheckpoint as error:
        log.warning("%s", error)
        SourceDetector.objects.filter(active=version).update(
            active=None,
            tried_records=0,
            note=f"version {version.number} cannot be read: {error}",
        )
        return None


def _judge(
    source: Source, state: SourceDetector, detector: Detector, *, end: int, settles: bool
) -> Judged | None:
    rule = detector.config.rule
    low = min(state.open_from, state.scored_records - LOOK_BACK)
    low = max(0, low, state.scored_records - MAX_REREAD)
    low -= 0 if rule.pattern else low % rule.step  # windows begin at whole steps
    events = read_history(source, low, end)
    if events is None:
        return None
    units = group_units(events, rule)
    first = events.row[units.records[units.first[:-1]]]
    last = events.row[units.records[units.first[1:] - 1]]
    touched = last >= state.open_from
    closed = _closed(units, rule, settles=settles)
    waiting = first[touched & ~closed]
    chosen = np.flatnonzero(touched & closed)
    judged = narrowed(units.take(chosen))
    return Judged(
        judged,
        first[chosen].tolist(),
        last[chosen].tolist(),
        detector.score(judged),
        open_from=int(waiting.min()) if len(waiting) else end,
    )


def _closed(units: Units, rule: UnitRule, *, settles: bool) -> NDArray[np.bool_]:
    """Say of each unit whether it has ended. A window has when it is full, and only then."""
    if not rule.pattern:
        return np.equal(np.diff(units.first), rule.size)
    if settles:
        return np.ones(len(units), bool)
    newest = units.events.time_ns.max() if len(units.events) else 0
    return np.less_equal(units.end_ns, newest - IDLE_NS)


def _commit(
    state: SourceDetector,
    detector: Detector,
    judged: Judged | None,
    *,
    end: int,
    settles: bool,
) -> None:
    """Write what was found and how far that is, unless somebody else has done so.

    Raises
    ------
    LeaseLostError
        Another worker, or a swap of versions, has moved the source on.
    """
    rows = list(_rows(state, detector, judged)) if judged else []
    with transaction.atomic():
        won = SourceDetector.objects.filter(
            pk=state.pk,
            active=state.active,
            scored_records=state.scored_records,
            open_from=state.open_from,
        ).update(
            scored_records=end,
            open_from=judged.open_from if judged else end,
            settled_records=end if settles else F("settled_records"),
            units_since=F("units_since") + (len(judged.units) if judged else 0),
            anomalous_since=F("anomalous_since") + len(rows),
        )
        if not won:
            raise LeaseLostError(f"detection of {state.source_id}: moved on meanwhile")
        if judged:
            _write(state, judged, rows)


def _write(state: SourceDetector, judged: Judged, rows: list[Anomaly]) -> None:
    """Write the anomalies of some units in place of what was said of these units before."""
    found = {row.unit_hash for row in rows}
    gone = {_hash(key) for key in judged.units.keys} - found
    earlier = Anomaly.objects.filter(
        source=state.source_id,
        state=AnomalyState.OPEN,
        last_record__gte=min(judged.first, default=0),
    )
    stale = [pk for pk, key in earlier.values_list("pk", "unit_hash") if key in gone]
    for low in range(0, len(stale), ROWS_A_STATEMENT):
        Anomaly.objects.filter(pk__in=stale[low : low + ROWS_A_STATEMENT]).delete()
    kept = ("id", "source", "unit_hash", "state", "chance")
    fields = [f.name for f in Anomaly._meta.fields if f.name not in kept]  # noqa: SLF001  (Django's own name)
    Anomaly.objects.bulk_create(
        rows,
        batch_size=ROWS_A_STATEMENT,
        update_conflicts=True,
        unique_fields=["source", "unit_hash"],
        update_fields=fields,
    )


def _rows(state: SourceDetector, detector: Detector, judged: Judged) -> Iterator[Anomaly]:
    """Yield a row for each anomalous unit, the worst of each pattern with evidence."""
    scores = judged.scores
    worst = np.argsort(-scores.fused, kind="stable")
    worst = worst[scores.anomalous[worst]][:KEPT_A_CHUNK].tolist()
    seen: Counter[int] = Counter()
    chosen = []
    for index in worst:
        pattern = int(scores.pattern[index])
        seen[pattern] += 1
        if seen[pattern] <= EXPLAINED_A_PATTERN:
            chosen.append(index)
    explained = {found.unit: found for found in detector.explain(judged.units, scores, chosen)}
    states = _states(state.source_id, {f"{int(scores.pattern[i]):016x}" for i in worst})
    example: dict[int, Found] = {}
    for index in worst:
        found = explained.get(judged.units.keys[index])
        pattern = int(scores.pattern[index])
        shown = example.setdefault(pattern, found) if found else example[pattern]
        row = _row(state.active, judged, index, found or shown, is_explained=found is not None)
        row.source_id = state.source_id
        row.state = states.get(row.pattern, AnomalyState.OPEN)
        yield row


def _row(
    version: DetectorVersion | None,
    judged: Judged,
    index: int,
    shown: Found,
    *,
    is_explained: bool,
) -> Anomaly:
    units, scores = judged.units, judged.scores
    key = units.keys[index]
    one = units.take(np.array([index]))
    evidence = shown.to_dict()["evidence"] if is_explained else {}
    if evidence:
        evidence["all_rows"] = evidence["all_rows"][:KEPT_ROWS]
    sentence = shown.evidence.sentence
    return Anomaly(
        version=version,
        unit=_storable(key),
        unit_hash=_hash(key),
        kind=tuple(DetectorName)[int(scores.leading[index])].value,
        score=float(scores.fused[index]),
        tail=float(10.0 ** -float(scores.fused[index])),
        tails=scores.tails[index].tolist(),
        pattern=f"{int(scores.pattern[index]):016x}",
        start_ns=int(one.start_ns[0]),
        end_ns=int(one.end_ns[0]),
        first_record=judged.first[index],
        last_record=judged.last[index],
        sentence=_storable(sentence if is_explained else f"As in {shown.unit}: {sentence}"),
        evidence=_json(evidence),
        scored=datetime.now(tz=UTC),
    )


def _states(source_id: int, patterns: set[str]) -> dict[str, str]:
    """Return the state that people have given to patterns."""
    now = datetime.now(tz=UTC)
    said = {
        row.pattern: row.verdict
        for row in PatternVerdict.objects.filter(source=source_id)
        if row.pattern in patterns
    }
    mutes = Mute.objects.filter(Q(until=None) | Q(until__gt=now), source=source_id)
    muted = set(mutes.values_list("pattern", flat=True))
    return said | dict.fromkeys(patterns & muted, AnomalyState.MUTED.value)


def _hash(key: str) -> str:
    return blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _storable(text: str) -> str:
    """Return text without NUL, which PostgreSQL does not take."""
    return text.replace("\0", SYMBOL_FOR_NUL)


def _json(value: object) -> object:
    """Return a JSON value with storable text."""
    if isinstance(value, str):
        return _storable(value)
    if isinstance(value, dict):
        return {name: _json(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_json(item) for item in value]
    return value
