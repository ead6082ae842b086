"""Rules: what fires, when, how often, and who is told; live and back-test agree."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from logplatform.logs import services
from logplatform.logs.jobs import queue_job
from logplatform.logs.models import JobKind
from logplatform.logs.query import parse
from logplatform.logs.search import count
from logplatform.logs.search_scope import Request
from logplatform.reports import alerts, rules
from logplatform.reports.backtest import backtest
from logplatform.reports.conditions import Condition, judge_counts
from logplatform.reports.errors import InvalidRuleError
from logplatform.reports.firing import Standing, advance
from logplatform.reports.models import AlertEvent, Delivery, Rule, RuleKind, RuleState
from logplatform.triage import jobs
from tests.alert_replay import Replay, lines_at, minute_of
from tests.fakes import seal_now
from tests.shop_log import LINES, accept

BEGIN = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def replay(source, team):
    return Replay(source, team, BEGIN)


def judged(kind, counts, **given):
    return judge_counts(Condition(RuleKind(kind), **given), np.array(counts)).is_met.tolist()


def test_count_looks_at_whole_windows():
    assert judged("count", [0, 3, 3, 0], window_min=2, threshold=6) == [False, True, False]
    assert judged("count", [0, 3, 3, 0], window_min=2, threshold=3, op="<=") == [
        True,
        False,
        True,
    ]


def test_rate_compares_with_the_mean_of_the_windows_before():
    given = {"window_min": 1, "baseline_windows": 2, "factor": 3, "min_count": 5}
    assert judged("rate", [2, 2, 6, 8, 12], **given) == [True, False, False]
    assert judged("rate", [9, 9, 3, 3], direction="down", **given) == [True, False]
    assert judged("rate", [0, 0, 4, 5], **given) == [False, False]  # too few to matter
    assert judged("rate", [0, 0, 5], **given) == [True]


def test_absence_is_a_window_without_records():
    assert judged("absence", [1, 0, 0, 1], window_min=2) == [False, True, False]


@pytest.mark.parametrize(
    "given",
    [
        {"window_min": 0},
        {"op": "=="},
        {"factor": 1},
        {"threshold": float("nan")},
        {"statistic": "mean"},
        {"category": "x"},
        {"kind": RuleKind.RATE, "window_min": 1440, "baseline_windows": 24},
    ],
)
def test_condition_that_makes_no_sense_is_refused(given):
    with pytest.raises(InvalidRuleError):
        Condition(**{"kind": RuleKind.COUNT, **given})


def changes(standing, met, cooldown=0):
    after, found = advance(
        standing, np.array(met, bool), first_minute=100, cooldown_min=cooldown
    )
    return after, [(change.state.value, change.index, change.is_cooling) for change in found]


def test_group_fires_once_and_recovers_once():
    standing, found = changes(Standing(), [0, 1, 1, 0, 0])
    assert found == [("fired", 1, False), ("recovered", 3, False)]
    assert standing == Standing(is_firing=False, since_minute=103, notified_minute=101)


def test_group_that_fires_again_too_soon_is_silent_and_so_is_its_recovery():
    _, found = changes(Standing(), [1, 0, 1, 0, 1], cooldown=4)
    assert found == [
        ("fired", 0, False),
        ("recovered", 1, False),
        ("fired", 2, True),
        ("recovered", 3, True),
        ("fired", 4, False),
    ]


@pytest.mark.parametrize("cut", range(1, 7))
def test_minutes_may_be_followed_in_any_parts(cut):
    met = [1, 0, 1, 1, 0, 0, 1]
    whole = advance(Standing(), np.array(met, bool), first_minute=100, cooldown_min=3)
    first, before = advance(
        Standing(), np.array(met[:cut], bool), first_minute=100, cooldown_min=3
    )
    last, after = advance(
        first, np.array(met[cut:], bool), first_minute=100 + cut, cooldown_min=3
    )
    assert last == whole[0]
    assert [c.state for c in before + after] == [c.state for c in whole[1]]
    assert [c.is_cooling for c in before + after] == [c.is_cooling for c in whole[1]]


def test_planted_incident_fires_once_and_recovers(replay):
    rule = replay.rule("count", query="level:error", window_min=2, threshold=10)
    replay.run(
        18, lambda minute: lines_at(minute, "INFO ok", 3) + error_burst(minute, {12, 13})
    )
    events = list(AlertEvent.objects.order_by("minute").values_list("state", "minute", "value"))
    begin = minute_of(BEGIN)
    assert events == [("fired", begin + 13, 10.0), ("recovered", begin + 16, 0.0)]
    assert [d["kind"] for d in replay.messages()] == ["firing", "recovered"]
    assert not RuleState.objects.get(rule=rule).is_firing


def error_burst(minute, when):
    return lines_at(minute, "ERROR boom", 10) if (minute - BEGIN) // MINUTE in when else b""


def test_lines_are_judged_whether_sealed_or_not(replay):
    replay.rule("count", query="level:error", window_min=1, threshold=10)
    replay.run(3, lambda minute: error_burst(minute, {1}), seal=lambda index: index == 1)
    assert AlertEvent.objects.filter(state="fired").count() == 1


def test_minutes_that_nobody_judged_are_judged_later_once(replay):
    replay.rule("count", query="level:error", window_min=1, threshold=10)
    replay.run(20, lambda minute: error_burst(minute, {3, 9}), judge=lambda index: index == 19)
    fired = AlertEvent.objects.filter(state="fired").values_list("minute", flat=True)
    assert sorted(fired) == [minute_of(BEGIN) + 4, minute_of(BEGIN) + 10]
    replay.judge(BEGIN + 20 * MINUTE)
    assert AlertEvent.objects.filter(state="fired").count() == 2


def test_free_text_is_scanned(replay):
    replay.rule("count", query="boom", window_min=1, threshold=10)
    replay.run(4, lambda minute: error_burst(minute, {1}))
    assert AlertEvent.objects.filter(state="fired").count() == 1


def test_silence_fires_and_speech_recovers(replay):
    replay.rule("absence", window_min=3)
    replay.run(
        12,
        lambda minute: (
            lines_at(minute, "INFO ok", 1) if not 4 <= (minute - BEGIN) // MINUTE < 9 else b""
        ),
    )
    begin = minute_of(BEGIN)
    assert list(AlertEvent.objects.order_by("minute").values_list("state", "minute")) == [
        ("fired", begin + 7),
        ("recovered", begin + 10),
    ]


def test_groups_stand_for_themselves(replay, team, home):
    other = services.create_source(team=team, name="other")
    replay.rule(
        "count", query="level:error", group_by="source", window_min=1, threshold=10, all=True
    )
    accept(other, error_burst(BEGIN + MINUTE, {1}))
    replay.run(3, lambda minute: error_burst(minute, {1}))
    fired = AlertEvent.objects.filter(state="fired").values_list("group", flat=True)
    assert set(fired) == {"shop", "other"}
    # Both at once are one message.
    assert [len(d["lines"]) for d in replay.messages() if d["kind"] == "firing"] == [2]


def test_new_template_is_told_once_with_what_it_says(replay):
    replay.run(1, lambda minute: lines_at(minute, "INFO ok", 3), seal=lambda index: True)
    replay.rule("new_template", query="level:>=warn")
    replay.begin = BEGIN + 2 * MINUTE
    replay.run(
        4,
        lambda minute: lines_at(minute, "ERROR boom", 3) + lines_at(minute, "INFO fine", 1),
        seal=lambda index: True,
    )
    event = AlertEvent.objects.get()
    assert "boom" in event.label
    assert [d["kind"] for d in replay.messages()] == ["firing"]


def new_severe(replay, query, *, triage_after):
    """Let a new error come under a rule on labels; triage answers some minutes later, or not.

    Returns the minute of each event, counted from the template's.
    """
    replay.run(1, lambda minute: lines_at(minute, "INFO ok", 3), seal=lambda index: True)
    jobs.run_triage_job(queue_job(JobKind.TRIAGE, source=replay.source))
    replay.rule("new_template", query=query)
    replay.begin = BEGIN + 2 * MINUTE
    replay.run(1, lambda minute: lines_at(minute, "ERROR boom", 3), seal=lambda index: True)
    for passed in range(1, 25):
        if passed == triage_after:
            jobs.run_triage_job(queue_job(JobKind.TRIAGE, source=replay.source))
        replay.judge(BEGIN + (3 + passed) * MINUTE)
    return [event.minute - minute_of(BEGIN) - 2 for event in AlertEvent.objects.all()]


def test_rule_on_labels_judges_a_new_template_once_it_is_triaged(replay):
    assert new_severe(replay, "severity:>=error", triage_after=3) == [4]
    assert Rule.objects.get().cursors.keys() == {str(replay.source.pk)}


def test_rule_on_labels_is_silent_where_triage_says_otherwise(replay):
    # Before it is triaged the template is not an error either.
    assert new_severe(replay, "-severity:error", triage_after=3) == []


def test_rule_on_labels_does_not_wait_for_triage_for_ever(replay):
    assert new_severe(replay, "severity:critical OR level:error", triage_after=0) == [16]
    assert Rule.objects.get().cursors.keys() == {str(replay.source.pk)}


def test_triage_that_answers_late_is_heard_once(replay):
    assert new_severe(replay, "severity:error", triage_after=20) == [21]


def test_template_that_grows_is_named(replay):
    rule = replay.rule(
        "template_change", window_min=2, baseline_windows=3, factor=4, min_count=20
    )
    replay.run(
        14,
        lambda minute: (
            lines_at(minute, "INFO ok", 5)
            + lines_at(minute, "WARN slow", 40 if (minute - BEGIN) // MINUTE == 10 else 1)
        ),
        seal=lambda index: True,
    )
    event = AlertEvent.objects.filter(rule=rule, state="fired").get()
    assert "slow" in event.label
    assert "41 records in 2 min, 2.0 in such a time before" in event.sentence


def test_percentile_of_a_variable_fires_in_its_unit(source, team):
    accept(source, b"".join(LINES))
    seal_now(source)
    spec = rules.spec_of(
        team,
        rules.RuleDraft(
            name="slow",
            kind="variable",
            condition={
                "category": "duration",
                "statistic": "max",
                "threshold": 1.0,
                "window_min": 1,
            },
        ),
    )
    end = minute_of(datetime(2026, 1, 1, 10, 10, tzinfo=UTC))
    found = backtest(spec, end_minute=end, cooldown_min=0)
    assert found.fired == 1  # from the second minute on: elapsed_ms=1000 and more
    assert found.values[-1] == pytest.approx(5.99)


@pytest.mark.parametrize(
    ("kind", "query", "given"),
    [
        ("count", "level:error", {"window_min": 1, "threshold": 10}),
        ("count", "boom", {"window_min": 2, "threshold": 10}),
        ("absence", "level:error", {"window_min": 4}),
        (
            "rate",
            "level:error",
            {"window_min": 1, "baseline_windows": 3, "factor": 3, "min_count": 8},
        ),
    ],
)
def test_back_test_says_what_the_evaluation_does(replay, kind, query, given):
    rule = replay.rule(kind, query=query, cooldown_min=5, **given)
    replay.run(
        24,
        lambda minute: lines_at(minute, "INFO ok", 2) + error_burst(minute, {0, 6, 8, 15, 22}),
        seal=lambda index: index % 7 == 0,
    )
    spec = alerts._works(rule.team_id, [rule], rule.evaluated_minute)[0].spec
    found = backtest(spec, end_minute=minute_of(BEGIN) + 24, cooldown_min=5)
    live = AlertEvent.objects.filter(state="fired", minute__gt=found.first_minute)
    assert [firing.minute for firing in found.firings] == sorted(
        live.values_list("minute", flat=True)
    )
    assert found.told == live.filter(silenced_by="").count()


def test_counts_of_a_window_are_those_of_a_search(replay):
    replay.rule("count", query="level:error", window_min=5, threshold=1)
    replay.run(9, lambda minute: error_burst(minute, {2, 4}))
    event = AlertEvent.objects.filter(state="fired").order_by("pk")[0]
    start = (event.minute - 5) * 60 * 10**9
    request = Request((replay.source,), parse("level:error"), start, event.minute * 60 * 10**9)
    assert count(request)[0] == event.value


def test_maintenance_and_snooze_record_and_tell_nobody(replay, team):
    rule = replay.rule("count", query="level:error", window_min=1, threshold=10)
    rules.create_maintenance(
        team=team,
        draft=rules.MaintenanceDraft("works", BEGIN, BEGIN + 10 * MINUTE),
    )
    replay.run(5, lambda minute: error_burst(minute, {1}))
    rules.snooze(rule, 60)
    Rule.objects.update(snoozed_until=BEGIN + 40 * MINUTE)
    replay.begin = BEGIN + 15 * MINUTE
    replay.run(5, lambda minute: error_burst(minute, {16}))
    assert list(AlertEvent.objects.order_by("pk").values_list("silenced_by", flat=True)) == [
        "maintenance",
        "maintenance",
        "snoozed",
        "snoozed",
    ]
    assert replay.messages() == []


def test_evaluation_of_outdated_rules_writes_nothing(replay):
    rule = replay.rule("count", query="level:error", window_min=1, threshold=10)
    accept(replay.source, error_burst(BEGIN, {0}))
    work = alerts._works(rule.team_id, [rule], minute_of(BEGIN) + 1)[0]
    replay.judge(BEGIN + MINUTE)
    assert AlertEvent.objects.count() == 1
    assert alerts._commit(work, minute_of(BEGIN) + 1, BEGIN, is_silent=False) == 0
    assert Delivery.objects.count() == 1


def test_source_that_is_gone_leaves_a_rule_that_says_so(replay):
    rule = replay.rule("count", query="level:error", window_min=1, threshold=10)
    rule.sources.clear()
    replay.judge(BEGIN + 2 * MINUTE)
    rule.refresh_from_db()
    assert "no source" in rule.error
    assert AlertEvent.objects.count() == 0


@pytest.mark.parametrize(
    "draft",
    [
        {"kind": "new_template", "query": "boom"},
        {"kind": "absence", "group_by": "template"},
        {"kind": "nothing"},
        {"kind": "count", "condition": {"windows": 3}},
        {"kind": "count", "severity": "bad"},
        {"kind": "count", "name": " "},
    ],
)
def test_rule_that_makes_no_sense_is_refused(team, source, draft):
    with pytest.raises(InvalidRuleError):
        rules.create_rule(team=team, draft=rules.RuleDraft(**{"name": "r", **draft}))
