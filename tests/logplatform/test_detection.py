"""Detection in the platform: trained, scored as lines come, kept, swapped and taken back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from glad import WARM_UP_UNITS
from logplatform.detection import schedule, services
from logplatform.detection.history import read_history
from logplatform.detection.models import (
    Anomaly,
    AnomalyState,
    DetectorVersion,
    SourceDetector,
    Verdict,
)
from logplatform.detection.scoring import run_detect_job
from logplatform.detection.training import run_train_job
from logplatform.logs import jobs, merge
from logplatform.logs.models import Job, JobKind, JobState, Segment
from tests.fakes import seal_now
from tests.orders_log import orders
from tests.shop_log import LINES, accept

WORK = {JobKind.TRAIN: run_train_job, JobKind.DETECT: run_detect_job}


@pytest.fixture
def at_once(settings, monkeypatch):
    """Let a source count as silent as soon as all of it is sealed, and train for a moment."""
    monkeypatch.setattr("logplatform.detection.training.STEPS", 3)
    settings.CONFIG = settings.CONFIG.model_copy(update={"detect_after_s": 0.0})


def settle(source, now=None):
    """Do the jobs that are due until none is."""
    done = []
    while made := schedule.queue_due(now or datetime.now(tz=UTC) + timedelta(seconds=1)):
        for job_id in made:
            kind = jobs.kind_of(job_id)
            assert kind is not None
            done.append(kind)
            assert WORK[kind](job_id)
        assert len(done) < 20
    return done


def load(source, lines):
    accept(source, b"".join(lines))
    seal_now(source)


def judgements(source):
    rows = Anomaly.objects.filter(source=source).order_by("unit")
    return [(row.unit, row.kind, row.first_record, row.last_record) for row in rows]


@pytest.fixture
def watched(source, at_once):
    """Return a source with orders, trained and scored, and the orders that are wrong."""
    log = orders()
    load(source, log.lines)
    assert settle(source) == [JobKind.TRAIN, JobKind.DETECT]
    return source, log


def test_wrong_units_are_found_with_evidence(watched):
    _, log = watched
    missing = {unit for unit, fault in log.wrong.items() if fault == "missing"}
    found = set(Anomaly.objects.values_list("unit", flat=True))
    assert missing <= found
    row = Anomaly.objects.filter(unit__in=missing).order_by("-score").first()
    assert row is not None
    assert "charged" in row.sentence
    assert len(row.evidence["parts"]) == 6
    assert row.evidence["nodes"]
    lines = [log.lines[number].decode() for number in row.evidence["all_rows"]]
    assert len(lines) == 4
    assert all(row.unit in line for line in lines)
    version = DetectorVersion.objects.get()
    assert (version.units, version.is_warming_up, version.is_within_budget) == (
        1200,
        False,
        True,
    )
    assert "ord_" in version.rule


def test_segments_tell_the_same_as_batches_did(source, at_once):
    load(source, orders(100).lines)
    whole = read_history(source, 0, 500)
    assert whole is not None
    part = read_history(source, 120, 140)
    assert part is not None
    assert part.row.tolist() == list(range(120, 140))
    assert (part.time_ns == whole.time_ns[120:140]).all()
    values = [whole.texts[number] for number in whole.value_text.tolist()]
    assert b"ord_100000" in values
    assert len(set(whole.types)) == len(whole.types)


@pytest.mark.engine
def test_units_that_come_in_parts_are_judged_once_and_whole(watched):
    source, log = watched
    before = judgements(source)
    more = orders(1_300, faults=6).lines[len(log.lines) :]
    cut = len(more) // 2 + 2  # within an order
    load(source, more[:cut])
    settle(source)
    load(source, more[cut:])
    settle(source)
    parted = [row for row in judgements(source) if row not in before]
    Anomaly.objects.all().delete()
    SourceDetector.objects.update(scored_records=0, open_from=0)
    settle(source)
    whole = [row for row in judgements(source) if row not in before]
    assert parted == whole
    assert len(whole) == len({unit for unit, *_ in whole})


def test_late_lines_reopen_a_unit_and_replace_its_row(watched):
    source, log = watched
    unit = next(name for name, fault in log.wrong.items() if fault == "missing")
    row = Anomaly.objects.get(unit=unit)
    late = next(line for line in log.lines if b" charged " in line)
    late = late.replace(late.split(b"order ")[1].split(b" ")[0], unit.encode())
    load(source, [late])
    settle(source)
    left = Anomaly.objects.filter(unit=unit).first()
    assert left is None or left.last_record > row.last_record


def test_scoring_twice_changes_nothing(watched):
    source, _ = watched
    before = list(Anomaly.objects.order_by("unit").values_list("pk", "score", "unit"))
    SourceDetector.objects.update(scored_records=0, open_from=0)
    settle(source)
    assert list(Anomaly.objects.order_by("unit").values_list("pk", "score", "unit")) == before


@pytest.mark.engine
def test_merges_change_no_judgement(source, at_once):
    log = orders()
    size = len(log.lines) // 9 + 1
    for low in range(0, len(log.lines), size):
        load(source, log.lines[low : low + size])
    settle(source)
    before = judgements(source)
    assert merge.run_merge_job(jobs.queue_job(JobKind.MERGE, source=source))
    assert Segment.objects.count() == 1
    SourceDetector.objects.update(scored_records=0, open_from=0)
    settle(source)
    assert before
    assert judgements(source) == before


@pytest.mark.engine
def test_few_units_are_a_warm_up_and_growth_ends_it(source, at_once):
    lines = orders(1_100).lines
    load(source, lines[:1500])
    assert settle(source)[0] == JobKind.TRAIN
    assert DetectorVersion.objects.get().is_warming_up
    kinds = set(Anomaly.objects.values_list("kind", flat=True))
    assert kinds <= {"novelty"}
    load(source, lines[1500:])
    assert JobKind.TRAIN in settle(source)
    active = SourceDetector.objects.get().active
    assert active is not None
    assert (active.number, active.is_warming_up) == (2, False)


def test_units_that_people_are_told_of_are_those_of_the_engine():
    assert schedule.NEEDED_UNITS == WARM_UP_UNITS


@pytest.mark.engine
def test_little_is_not_learnt_from(source, at_once):
    load(source, LINES[:300])
    assert settle(source) == []
    assert SourceDetector.objects.get().active is None


@pytest.mark.engine
def test_windows_are_units_where_nothing_identifies(source, at_once):
    services.set_rule(source, services.Rule(size=20, step=10))
    Job.objects.update(state=JobState.DONE)
    load(source, LINES)
    settle(source)
    version = DetectorVersion.objects.get()
    assert version.units == 59
    load(source, LINES[:37])
    settle(source)
    state = SourceDetector.objects.get()
    assert (state.scored_records, state.open_from) == (637, 620)
    assert settle(source) == []


def test_words_on_a_pattern_hold_for_what_comes(watched):
    source, _ = watched
    anomaly = Anomaly.objects.order_by("-score")[0]
    services.mute(anomaly, user=None, until=None)
    assert Anomaly.objects.get(pk=anomaly.pk).state == AnomalyState.MUTED
    Anomaly.objects.all().delete()
    SourceDetector.objects.update(scored_records=0, open_from=0)
    settle(source)
    again = Anomaly.objects.get(unit=anomaly.unit)
    assert again.state == AnomalyState.MUTED
    services.give_verdict(again, Verdict.CONFIRMED, user=None, note="")
    assert Anomaly.objects.get(unit=anomaly.unit).state == AnomalyState.CONFIRMED
    services.reopen(again)
    assert Anomaly.objects.get(unit=anomaly.unit).state == AnomalyState.OPEN


def test_training_is_due_at_night_and_on_drift_alone(watched):
    source, _ = watched
    load(source, orders(1_210).lines[-50:])
    settle(source)
    now = datetime.now(tz=UTC)
    assert schedule.queue_due(now) == []
    tomorrow = now + timedelta(days=1)
    assert [jobs.kind_of(job) for job in schedule.queue_due(tomorrow)] == [JobKind.TRAIN]
    Job.objects.update(state=JobState.DONE)
    SourceDetector.objects.update(units_since=2000, anomalous_since=300)
    later = [jobs.kind_of(job) for job in schedule.queue_due(now + timedelta(hours=2))]
    assert later == [JobKind.TRAIN]


@pytest.mark.engine
def test_version_that_cannot_be_read_is_learnt_anew(watched, settings):
    source, _ = watched
    active = SourceDetector.objects.get().active
    assert active is not None
    (settings.HOME.detectors / active.folder / "config.json").write_text('{"version": 1}')
    load(source, orders(1_210).lines[-50:])
    assert settle(source) == [JobKind.DETECT, JobKind.TRAIN, JobKind.DETECT]
    again = SourceDetector.objects.get(active__number=2)
    assert again.scored_records > 0


def test_version_over_the_budget_is_kept_but_not_in_force(watched, monkeypatch):
    source, _ = watched
    monkeypatch.setattr("logplatform.detection.training.BUDGET", -1.0)
    assert run_train_job(services.queue_training(source))
    state = SourceDetector.objects.get(active__number=1)
    assert "over the alert budget" in state.note
    services.roll_back(source, 2)
    assert SourceDetector.objects.filter(active__number=2).exists()
    assert settle(source) == []
