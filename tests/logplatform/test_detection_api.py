"""Anomalies and detectors over the API: who may see and say what."""

from __future__ import annotations

import pytest

from logplatform.detection.models import (
    Anomaly,
    AnomalyKind,
    DetectorVersion,
    PatternVerdict,
    SourceDetector,
)
from logplatform.logs import services
from logplatform.logs.models import Job, JobKind
from tests.fakes import seal_now
from tests.shop_log import LINES, START_NS, accept

SECOND_NS = 1_000_000_000
EVIDENCE = {
    "sentence": "said",
    "parts": [{"detector": "counts", "tail": 0.001, "text": "one too few"}],
    "edges": [{"source": "a", "target": "b", "seen": 0, "units": 9, "usual": [["c", 8]]}],
    "nodes": [{"id": "1", "label": "event", "kind": "event", "count": 2}],
    "links": [
        {
            "source": "1",
            "target": "1",
            "label": "next",
            "count": 0,
            "score": 1.0,
            "state": "missing",
        }
    ],
    "rows": [7],
    "all_rows": [3, 7, 11],
}


def anomaly(source, number, **about):
    given = {
        "unit": f"unit-{number}",
        "unit_hash": f"{number:032x}",
        "kind": AnomalyKind.COUNTS,
        "score": float(number),
        "tail": 10.0**-number,
        "pattern": f"{number // 2:016x}",
        "start_ns": START_NS + number * SECOND_NS,
        "end_ns": START_NS + (number + 1) * SECOND_NS,
        "first_record": 3,
        "last_record": 11,
        "sentence": f"sentence {number}",
        "evidence": EVIDENCE,
    }
    return Anomaly.objects.create(source=source, **given | about)


@pytest.fixture
def found(source):
    accept(source, b"".join(LINES[:40]))
    seal_now(source)
    return [anomaly(source, number) for number in range(1, 8)]


def listed(browser, query=""):
    answer = browser.get(f"/api/v1/anomalies{query}")
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_pages_follow_each_other_worst_first(signed_in, found, source):
    browser, seen, cursor = signed_in("viewer"), [], ""
    for _ in range(4):
        page = listed(browser, f"?limit=3&cursor={cursor}")
        seen += [row["score"] for row in page["results"]]
        if page["cursor"] is None:
            break
        cursor = page["cursor"]
    assert seen == [7, 6, 5, 4, 3, 2, 1]
    times = [row["start"] for row in listed(browser, "?order=time")["results"]]
    assert times == sorted(times, reverse=True)
    assert browser.get("/api/v1/anomalies?cursor=x").status_code == 400


@pytest.mark.parametrize(
    ("query", "scores"),
    [
        ("?kind=drift", [9]),
        ("?kind=drift&kind=counts&min_score=6", [9, 7, 6]),
        ("?state=muted", [9]),
        ("?pattern=0000000000000001", [3, 2]),
        ("?start=2026-01-01T10:00:08Z", [9, 7]),
        ("?end=2026-01-01T10:00:03Z", [2, 1]),
        ("?source=shop&min_score=7", [9, 7]),
    ],
)
def test_filters_leave_what_is_asked_for(signed_in, found, source, query, scores):
    anomaly(source, 9, kind=AnomalyKind.DRIFT, state="muted")
    page = listed(signed_in("viewer"), query)
    assert [row["score"] for row in page["results"]] == scores


def test_evidence_comes_with_its_lines(signed_in, found, source):
    browser = signed_in("viewer")
    detail = browser.get(f"/api/v1/anomalies/{found[1].pk}").json()
    raws = [line["hit"]["raw"] for line in detail["lines"]]
    assert raws == [
        LINES[n].rstrip(b"\n").decode(errors="backslashreplace") for n in (3, 7, 11)
    ]
    assert [line["is_shown_first"] for line in detail["lines"]] == [False, True, False]
    assert detail["edges"][0]["usual"] == [{"label": "c", "units": 8}]
    assert detail["links"][0]["state"] == "missing"
    assert detail["pattern_anomalies"] == 2
    hit = browser.get(f"/api/v1/records/{detail['lines'][1]['hit']['id']}")
    assert hit.status_code == 200


def test_a_word_on_one_is_a_word_on_its_pattern(signed_in, found, source):
    browser = signed_in("editor")
    path = f"/api/v1/anomalies/{found[1].pk}"
    assert browser.post(f"{path}/acknowledge").json()["state"] == "acknowledged"
    assert listed(browser, "?state=acknowledged")["results"][0]["score"] == 2
    answer = browser.post(f"{path}/verdict", {"verdict": "confirmed", "note": "seen"}).json()
    assert (answer["state"], answer["verdict_by"]) == ("confirmed", "editor-team")
    states = {row["score"]: row["state"] for row in listed(browser)["results"]}
    assert (states[3], states[4]) == ("confirmed", "open")
    assert browser.post(f"{path}/mute", {}).json()["state"] == "muted"
    assert browser.post(f"{path}/reopen").json()["state"] == "open"
    assert not PatternVerdict.objects.exists()


def test_strangers_see_nothing_and_viewers_change_nothing(
    signed_in, found, source, agent, django_user_model
):
    other = services.create_source(team=source.team, name="other")
    assert listed(agent("read", source=other))["results"] == []
    path = f"/api/v1/anomalies/{found[0].pk}"
    assert agent("read", source=other).get(path).status_code == 404
    viewer = signed_in("viewer")
    for word in ("acknowledge", "mute", "reopen", "verdict"):
        assert viewer.post(f"{path}/{word}", {"verdict": "false"}).status_code == 403
    change = {"action": "train"}
    assert viewer.post("/api/v1/sources/shop/detector", change).status_code == 403
    assert agent("ingest").get("/api/v1/anomalies").status_code == 403
    assert viewer.get("/api/v1/anomalies?source=nowhere").status_code == 404


def test_detector_tells_its_state_and_takes_orders(signed_in, found, source):
    browser, path = signed_in("editor"), "/api/v1/sources/shop/detector"
    state = browser.get(path).json()
    assert (state["state"], state["records"]) == ("waiting", 40)
    assert browser.post(path, {"action": "train"}).json()["state"] == "training"
    assert Job.objects.get(kind=JobKind.TRAIN).source == source
    versions = [
        DetectorVersion.objects.create(
            source=source,
            number=number,
            folder=f"1/{number}",
            rule='{"pattern": "", "name": "", "size": 100, "step": 50}',
            units=900 + number * 100,
            first_record=0,
            end_record=40,
            is_warming_up=number == 1,
            is_within_budget=True,
        )
        for number in (1, 2)
    ]
    Job.objects.all().delete()
    SourceDetector.objects.update_or_create(source=source, defaults={"active": versions[1]})
    assert browser.get(path).json()["state"] == "ready"
    back = browser.post(path, {"action": "roll_back", "version": 1}).json()
    assert back["state"] == "warming_up"
    assert [v["number"] for v in back["versions"] if v["is_active"]] == [1]
    gone = browser.post(path, {"action": "roll_back", "version": 7})
    assert gone.status_code == 404
    bad = {"action": "set_rule", "rule": {"pattern": "("}}
    assert browser.post(path, bad).status_code == 400
    rule = {"pattern": "", "name": "", "size": 20, "step": 10}
    chosen = browser.post(path, {"action": "set_rule", "rule": rule}).json()
    assert (chosen["rule"], chosen["state"]) == (rule, "training")
