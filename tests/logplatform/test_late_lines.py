"""Late lines: what they make true of judged minutes is told once, and nothing twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from logplatform.reports import alerts
from logplatform.reports.firing import Standing
from logplatform.reports.judging import Reader
from logplatform.reports.late import LATE_MIN, Told, fired_minutes, missed
from logplatform.reports.models import AlertEvent, RuleState
from tests.alert_replay import Replay, lines_at, minute_of
from tests.fakes import seal_now
from tests.shop_log import accept

BEGIN = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
KINDS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "counted": ("count", "level:error", {"window_min": 1, "threshold": 10}),
    "scanned": ("count", "boom", {"window_min": 1, "threshold": 10}),
    "variable": (
        "variable",
        "boom",
        {"window_min": 1, "category": "amount", "statistic": "distinct", "threshold": 10},
    ),
    "by template": ("template_change", "", {"window_min": 1, "factor": 4, "min_count": 10}),
}


@pytest.fixture
def replay(source, team):
    return Replay(source, team, BEGIN)


def boom(minute, number=10):
    return lines_at(BEGIN + minute * MINUTE, "ERROR boom", number)


def calm(minute):
    return lines_at(minute, "INFO ok", 2)


def events():
    begin = minute_of(BEGIN)
    rows = AlertEvent.objects.order_by("minute", "pk")
    return [(state, minute - begin) for state, minute in rows.values_list("state", "minute")]


@pytest.mark.parametrize("kind", KINDS)
def test_incident_whose_lines_come_late_is_told_once(replay, kind):
    name, query, condition = KINDS[kind]
    accept(replay.source, boom(-30, 1))  # so that its template is known
    seal_now(replay.source)
    replay.rule(name, query=query, **condition)
    replay.run(30, calm)
    assert events() == []
    accept(replay.source, boom(12))
    for minute in range(30, 34):
        replay.judge(BEGIN + (minute + 1) * MINUTE)
        if minute == 31:
            seal_now(replay.source)
    assert events() == [("fired", 13), ("recovered", 14)]
    fired, recovered = replay.messages()
    assert "seen late" in fired["lines"][0]["text"]
    assert [fired["kind"], recovered["kind"]] == ["firing", "recovered"]
    assert not RuleState.objects.get().is_firing


def test_late_lines_of_an_incident_that_was_told_tell_nothing(replay):
    replay.rule("count", query="level:error", window_min=2, threshold=10)
    replay.run(30, lambda minute: boom(12) if minute == BEGIN + 12 * MINUTE else b"")
    told = [("fired", 13), ("recovered", 15)]
    assert events() == told
    accept(replay.source, boom(11, 20) + boom(14, 5) + boom(12, 7))
    replay.judge(BEGIN + 31 * MINUTE)
    assert events() == told


def test_what_goes_on_is_one_incident(replay):
    replay.rule("count", query="level:error", window_min=1, threshold=10)
    replay.run(10, lambda minute: b"")
    accept(replay.source, boom(8) + boom(9))
    replay.begin = BEGIN + 10 * MINUTE
    replay.run(3, lambda minute: boom(10) if minute == replay.begin else b"")
    assert events() == [("fired", 11), ("recovered", 12)]


@pytest.mark.parametrize("since", [0, 20])
def test_lines_of_before_the_rule_or_the_last_hour_fire_nothing(replay, since):
    rule = replay.rule("count", query="level:error", window_min=1, threshold=10)
    rule.evaluated_minute = minute_of(BEGIN) + LATE_MIN + 20
    rule.watched_since = minute_of(BEGIN) + since
    rule.save()
    accept(replay.source, boom(since - 2 if since else 18))
    replay.judge(BEGIN + (LATE_MIN + 21) * MINUTE)
    assert events() == []


def test_late_incident_in_the_cooldown_is_silent(replay):
    replay.rule("count", query="level:error", window_min=1, threshold=10, cooldown_min=15)
    replay.run(20, lambda minute: boom(12) if minute == BEGIN + 12 * MINUTE else b"")
    accept(replay.source, boom(5))
    replay.judge(BEGIN + 21 * MINUTE)
    assert events() == [("fired", 6), ("recovered", 7), ("fired", 13), ("recovered", 14)]
    assert [message["kind"] for message in replay.messages()] == ["firing", "recovered"]


def test_each_incident_is_told_once_however_late_its_lines(replay):
    chance = np.random.default_rng(7)
    replay.rule("count", query="level:error", window_min=1, threshold=10)
    bad = sorted(chance.choice(25, 5, replace=False).tolist())
    arrives: dict[int, bytes] = {}
    for minute in bad:
        for part in range(2):  # the halves of a minute's lines come at different times
            at = minute + int(chance.integers(0, 25))
            arrives[at] = arrives.get(at, b"") + boom(minute, 5 + part)
    replay.run(
        51,
        lambda minute: calm(minute) + arrives.get((minute - BEGIN) // MINUTE, b""),
        seal=lambda index: index % 5 == 0,
    )
    found = events()
    starts = [minute - 1 for state, minute in found if state == "fired"]
    ends = [minute - 1 for state, minute in found if state == "recovered"]
    covered = [m for low, high in zip(starts, ends, strict=True) for m in range(low, high)]
    assert len(covered) == len(set(covered))
    assert set(covered) <= set(bad)
    runs = [m for m in bad if m - 1 not in bad]
    # Each stretch of bad minutes is told of; where its middle came first, by that.
    for run in runs:
        end = next(m for m in range(run, 80) if m not in bad)
        assert set(range(run, end)) & set(covered)


def test_evaluation_that_loses_the_race_tells_nothing(replay):
    rule = replay.rule("count", query="level:error", window_min=1, threshold=10)
    replay.run(10, calm)
    accept(replay.source, boom(3))
    rule.refresh_from_db()
    end = minute_of(BEGIN) + 11
    now = BEGIN + 11 * MINUTE + timedelta(seconds=alerts.GRACE_S)
    work = alerts._works(rule.team_id, [rule], end)[0]
    reader = Reader([work.spec], end=end, minutes=len(work.whole))
    alerts._judge(work, reader, now)
    replay.judge(BEGIN + 11 * MINUTE)
    assert alerts._commit(work, end, now, is_silent=False) == 0
    assert len(events()) == len(replay.messages()) == 2


def test_what_was_recorded_says_when_a_group_was_firing():
    told = [Told("recovered", 102), Told("fired", 105), Told("recovered", 106)]
    found = fired_minutes(100, 8, Standing(), told)
    assert found.tolist() == [True, False, False, False, True, False, False, False]
    assert fired_minutes(100, 3, Standing(is_firing=True), []).all()


def test_times_that_touch_a_firing_one_are_no_news():
    met = np.array([1, 1, 0, 1, 0, 1], bool)
    fired = np.array([0, 1, 0, 0, 0, 0], bool)
    assert missed(met, fired, goes_on=False) == [(3, 4), (5, 6)]
    assert missed(met, fired, goes_on=True) == [(3, 4)]
