"""Who answers a question, and what happens when nobody can."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from adaptivelog import (
    PROBLEM,
    SEVERITY,
    Budget,
    Case,
    CaseBase,
    Limits,
    Question,
    Router,
    Row,
    Source,
    Trial,
    Usage,
    Why,
    cache_key,
    review_value,
    train,
)
from adaptivelog.budget import DAY_NS
from adaptivelog.router import combine
from adaptivelog.trial import agreed_reliability
from tests.adaptivelog.openai_server import answered, failed, labelled, serving
from tests.adaptivelog.shop_rows import EXAMPLES

SURE = Question(Row("failed to save order"))
UNSURE = Question(Row("xyzzy gromit"))
NOW = 1_000 * DAY_NS


@pytest.fixture(scope="module")
def model():
    return train(EXAMPLES).model


def router(model, server=None, **parts):
    large = server.large(attempts=1)[0] if server is not None else None
    return Router(SEVERITY, model, large, threshold=0.3, **parts)


def test_sure_rows_are_answered_without_asking(model):
    with serving(labelled("info")) as server:
        (decision,) = router(model, server).route([SURE], now_ns=NOW)
    assert (decision.label, decision.source, decision.why) == ("error", Source.SMALL, Why.SURE)
    assert not decision.review
    assert not server.requests


def test_unsure_rows_are_asked_about_once(model):
    with serving(labelled("critical")) as server:
        asking = router(model, server)
        first, second = asking.route([UNSURE, UNSURE], now_ns=NOW)
    assert (first.label, first.source, first.why) == ("critical", Source.LARGE, Why.ASKED)
    assert (second.label, second.why) == ("critical", Why.CACHED)
    assert len(server.requests) == 1
    assert second.usage == Usage()


def test_without_a_large_model_unsure_rows_wait_for_a_person(model):
    (decision,) = router(model).route([UNSURE], now_ns=NOW)
    assert decision.review
    assert decision.why is Why.NO_LARGE_MODEL
    assert decision.label in ("error", "info")


def test_task_without_any_model_waits_for_a_person():
    (decision,) = Router(PROBLEM).route([UNSURE], now_ns=NOW)
    assert (decision.label, decision.source, decision.review) == ("", Source.NOBODY, True)


def test_large_model_answers_where_there_is_no_small_one():
    with serving(labelled("yes")) as server:
        large, _ = server.large()
        (decision,) = Router(PROBLEM, None, large).route([UNSURE], now_ns=NOW)
    assert (decision.label, decision.source) == ("yes", Source.LARGE)


def test_severity_lowered_by_the_large_model_alone_is_reviewed(model):
    doubtful = Question(Row("failed to started worker"))
    with serving(labelled("debug")) as server:
        asking = router(model, server)
        asking.threshold = 0.0
        asking.trial = Trial(both=50, only_large=50)
        (decision,) = asking.route([doubtful], now_ns=NOW)
    assert decision.large.reply.label == "debug"
    assert decision.review == (decision.label == "debug")


@pytest.mark.parametrize(
    ("turn", "why"),
    [(failed(500), Why.DOWN), (failed(401), Why.REFUSED), (answered("no"), Why.BAD_ANSWER)],
)
def test_failures_leave_the_row_to_a_person(turn, why, model):
    with serving(turn) as server:
        asking = router(model, server)
        (decision,) = asking.route([UNSURE], now_ns=NOW)
    assert (decision.why, decision.review) == (why, True)
    assert decision.detail
    assert decision.usage.calls >= 1
    assert asking.budget.spent == decision.usage


def test_down_model_is_left_alone_for_longer_each_time(model):
    with serving(failed(500)) as server:
        asking = router(model, server)
        later = [Question(Row(f"xyzzy {word}")) for word in ("alpha", "omega", "kappa", "zulu")]
        asking.route(later[:2], now_ns=NOW)
        assert len(server.requests) == 1
        asking.route(later[2:3], now_ns=NOW + 31 * 10**9)
        assert len(server.requests) == 2
        asking.route(later[3:], now_ns=NOW + 62 * 10**9)
        assert len(server.requests) == 2


@pytest.mark.parametrize(
    "limits", [Limits(calls=1), Limits(tokens=110), Limits(money=0.0)], ids=str
)
def test_spent_budget_stops_asking_until_tomorrow(limits, model):
    rows = [Question(Row(f"xyzzy {word}")) for word in ("alpha", "omega", "kappa")]
    with serving(labelled("error")) as server:
        asking = router(model, server, budget=Budget(limits))
        asking.budget.charge(Usage(1, 100, 10), now_ns=NOW)
        (today,) = asking.route(rows[:1], now_ns=NOW)
        assert (today.why, today.review) == (Why.NO_BUDGET, True)
        (tomorrow,) = asking.route(rows[1:2], now_ns=NOW + DAY_NS)
        assert tomorrow.why is (Why.NO_BUDGET if limits.money is not None else Why.ASKED)


def test_asking_stops_where_it_does_not_help(model):
    trial = Trial()
    for _ in range(10):
        trial.record(small="error", large="error", truth="error")
        trial.record(small="info", large="error", truth="info")
    assert trial.gain == -0.5
    with serving(labelled("error")) as server:
        (decision,) = router(model, server, trial=trial).route([UNSURE], now_ns=NOW)
    assert (decision.why, decision.review) == (Why.NOT_BETTER, True)
    assert not server.requests


def test_trial_counts_all_four_outcomes():
    trial = Trial()
    for small, large in (("a", "a"), ("b", "a"), ("a", "b"), ("b", "b")):
        trial.record(small=small, large=large, truth="a")
    assert trial == Trial(1, 1, 1, 1)
    assert trial.gain == 0
    assert trial.is_worth_asking  # four rows say nothing yet


def test_similar_cases_are_in_the_prompt(model):
    cases = CaseBase([Case(Row("xyzzy wallace"), "warning", "info", "wobbling is wear")])
    with serving(labelled("warning")) as server:
        router(model, server, cases=cases).route([UNSURE], now_ns=NOW)
    assert "wobbling is wear" in server.requests[0]["body"]["messages"][1]["content"]


def test_cache_key_changes_with_wording_and_model(model):
    with serving(labelled("info")) as server:
        one, _ = server.large()
        other, _ = server.large()
        other.settings = replace(other.settings, model="other")
    keys = {
        cache_key(SEVERITY, UNSURE, one),
        cache_key(SEVERITY, UNSURE, other),
        cache_key(PROBLEM, UNSURE, one),
        cache_key(SEVERITY, SURE, one),
        cache_key(SEVERITY.with_labels((("a", "first"), ("b", "second"))), UNSURE, one),
    }
    assert len(keys) == 5


def test_reliable_answer_outweighs_a_doubtful_one_and_not_a_sure_one():
    classes = ("error", "info")
    assert combine(classes, np.array([0.6, 0.4]), "info", 0.8)[0] == "info"
    assert combine(classes, np.array([0.95, 0.05]), "info", 0.8)[0] == "error"


def test_label_that_the_small_model_never_saw_wins_over_doubt_only():
    classes = ("error", "info")
    assert combine(classes, np.array([0.6, 0.4]), "warning", 0.8)[0] == "warning"
    assert combine(classes, np.array([0.95, 0.05]), "warning", 0.8)[0] == "error"


@pytest.mark.parametrize("truth", [0.6, 0.95])
def test_reliability_is_found_without_any_true_label(truth):
    random = np.random.default_rng(0)
    first = random.beta(0.5, 0.5, 2000)
    label = random.random(2000) < first
    right = random.random(2000) < truth
    said = np.where(label == right, "yes", "no").tolist()
    found = agreed_reliability(("yes", "no"), np.stack([first, 1 - first], 1), said)
    assert found == pytest.approx(truth, abs=0.04)


def test_doubtful_and_frequent_templates_are_reviewed_first():
    assert review_value(0.4, 1000) > review_value(0.4, 10) > review_value(0.1, 10)
