"""Rules on anomalies: what a detector finds is told once, by pattern, and history is not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from logplatform.detection import services as detection
from logplatform.detection.models import Anomaly, AnomalyState, Verdict
from logplatform.reports import rules
from logplatform.reports.backtest import backtest
from logplatform.reports.errors import InvalidRuleError
from logplatform.reports.models import AlertEvent, Rule
from tests.alert_replay import Replay, minute_of

BEGIN = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def replay(source, team):
    return Replay(source, team, BEGIN)


def found(source, number, *, minute=0, kind="counts", score=5.0, pattern="a" * 16, **more):
    start_ns = int((BEGIN + minute * MINUTE).timestamp()) * 10**9
    return Anomaly.objects.create(
        source=source,
        unit=f"order {number}",
        unit_hash=f"{number:032x}",
        kind=kind,
        score=score,
        tail=10**-score,
        pattern=pattern,
        start_ns=start_ns,
        end_ns=start_ns + 10**9,
        first_record=number,
        last_record=number,
        sentence=f"event 'charged' {number} times, usually 1",
        **more,
    )


def told():
    return [event.label for event in AlertEvent.objects.order_by("pk")]


def test_anomaly_is_told_once_with_its_sentence_and_page(replay, source, settings):
    settings.CONFIG = settings.CONFIG.model_copy(
        update={"public_address": "https://logs.example.org"}
    )
    replay.rule("anomaly")
    found(source, 1)
    found(source, 2)
    replay.judge(BEGIN + MINUTE)
    replay.judge(BEGIN + 2 * MINUTE)
    (message,) = replay.messages()
    assert "'charged'" in message["lines"][0]["text"]
    assert "and 1 more of this pattern" in message["lines"][0]["text"]
    link = message["lines"][0]["link"]
    assert (
        link == f"https://logs.example.org/anomalies?source=shop&pattern={'a' * 16}&state=any"
    )
    assert AlertEvent.objects.count() == 1


def test_kind_and_score_choose(replay, source):
    replay.rule("anomaly", anomaly_kind="relation", min_score=4.0)
    found(source, 1, kind="counts", pattern="a" * 16)
    found(source, 2, kind="relation", pattern="b" * 16, score=3.5)
    found(source, 3, kind="relation", pattern="c" * 16, score=4.5)
    replay.judge(BEGIN + MINUTE)
    assert told() == ["event 'charged' 3 times, usually 1"]


def test_what_people_silenced_tells_nobody(replay, source):
    replay.rule("anomaly")
    first = found(source, 1)
    detection.give_verdict(first, Verdict.FALSE, user=None, note="")
    found(source, 2, state=AnomalyState.FALSE)
    found(source, 3, pattern="b" * 16, state=AnomalyState.MUTED)
    replay.judge(BEGIN + MINUTE)
    assert told() == []


def test_history_is_no_news(replay, source):
    found(source, 1, minute=-2, pattern="c" * 16)  # before the rule
    replay.rule("anomaly")
    found(source, 2, minute=-7 * 60, pattern="b" * 16)  # found as the detector was trained
    replay.judge(BEGIN + MINUTE)
    assert told() == []
    assert Rule.objects.get().cursors == {str(source.pk): Anomaly.objects.latest("pk").pk}


def test_pattern_that_comes_again_is_silent_in_the_cooldown(replay, source):
    replay.rule("anomaly", cooldown_min=30)
    for minute in (0, 10, 45):
        found(source, minute + 1, minute=minute)
        replay.judge(BEGIN + (minute + 1) * MINUTE)
    silenced = AlertEvent.objects.order_by("pk").values_list("silenced_by", flat=True)
    assert list(silenced) == ["", "cooldown", ""]
    assert [message["kind"] for message in replay.messages()] == ["firing", "firing"]


def test_unit_that_is_scored_again_is_no_news(replay, source):
    replay.rule("anomaly")
    anomaly = found(source, 1)
    replay.judge(BEGIN + MINUTE)
    Anomaly.objects.filter(pk=anomaly.pk).update(score=9.0)
    replay.judge(BEGIN + 2 * MINUTE)
    assert AlertEvent.objects.count() == 1


def test_back_test_counts_patterns_and_the_cooldown(source, team):
    for number, minute in enumerate((0, 10, 45)):
        found(source, number, minute=minute)
    found(source, 9, minute=20, pattern="b" * 16, score=3.2)
    spec = rules.spec_of(team, rules.RuleDraft(name="r", kind="anomaly"))
    answer = backtest(spec, end_minute=minute_of(BEGIN) + 60, cooldown_min=30)
    assert (answer.fired, answer.told) == (4, 3)
    assert max(value for value in answer.values if value is not None) == 5.0


@pytest.mark.parametrize(
    "given",
    [
        {"query": "level:error"},
        {"condition": {"anomaly_kind": "strange"}},
        {"condition": {"min_score": -1}},
    ],
)
def test_rule_on_anomalies_that_makes_no_sense_is_refused(team, source, given):
    with pytest.raises(InvalidRuleError):
        rules.create_rule(team=team, draft=rules.RuleDraft(name="r", kind="anomaly", **given))
