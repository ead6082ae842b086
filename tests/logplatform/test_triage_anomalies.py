"""Answers about anomalies: once a pattern, from models and from people, on their page."""

from __future__ import annotations

import json

import pytest

from logplatform.detection.models import Anomaly, AnomalyKind
from logplatform.logs.jobs import queue_job
from logplatform.logs.models import Job, JobKind
from logplatform.triage import anomalies, jobs, large, taxonomy, training
from logplatform.triage.models import AnomalyLabel, Case, Who
from logplatform.triage.models import Verdict as Said
from logplatform.triage.verdicts import is_sampled
from tests.adaptivelog.openai_server import answered, serving
from tests.fakes import seal_now
from tests.shop_log import LINES, START_NS, accept

REPLY = {
    "reason": "<b>payments</b> fail for one user",
    "cites": [1],
    "next_step": "look at the bank",
    "label": "critical",
}


def found(source, number, *, pattern="a" * 16, rows=(2, 6), kind=AnomalyKind.NOVELTY):
    return Anomaly.objects.create(
        source=source,
        unit=f"unit {number}",
        unit_hash=f"{number:032x}",
        kind=kind,
        score=5.0 + number,
        tail=1e-5,
        pattern=pattern,
        start_ns=START_NS,
        end_ns=START_NS + 10,
        first_record=0,
        last_record=9,
        sentence="a thing",
        evidence={"rows": list(rows)} if rows else {},
    )


@pytest.fixture
def judged(source, settings):
    """Give a sealed log with three anomalies of two patterns; templates have no tasks here."""
    settings.CELERY_TASK_ALWAYS_EAGER = False
    accept(source, b"".join(LINES))
    seal_now(source)
    taxonomy.tasks_of(source.team)
    source.team.triage_tasks.filter(about="template").delete()
    found(source, 1)
    found(source, 2, rows=())
    found(source, 3, pattern="b" * 16, rows=(1,), kind=AnomalyKind.COUNTS)
    return source


def triage(source):
    (job_id,) = jobs.queue_due()
    assert jobs.run_triage_job(job_id)


def task_of(source, name="anomaly_severity"):
    return next(t for t in taxonomy.tasks_of(source.team) if t.name == name)


def test_each_pattern_is_asked_about_once_and_waits_where_nobody_knows(judged):
    triage(judged)
    assert AnomalyLabel.objects.count() == 4
    assert set(AnomalyLabel.objects.values_list("who", "state")) == {("nobody", "review")}
    label = AnomalyLabel.objects.filter(pattern="a" * 16)[0]
    assert label.text.startswith("novelty:\npayment failed")
    assert "user=u" not in label.text.replace("user=<", "")
    assert jobs.queue_due() == []


def test_language_model_answers_with_reason_citation_and_next_step(judged):
    with serving(answered(json.dumps(REPLY))) as server:
        large.save_model(
            judged.team, large.LanguageModelDraft(base_url=server.url, model="tiny")
        )
        judged.team.triage_tasks.filter(name="anomaly_problem").delete()
        triage(judged)
        assert len(server.requests) == 2
    label = AnomalyLabel.objects.get(pattern="a" * 16)
    assert (label.label, label.who, label.large_model) == ("critical", Who.LARGE, "tiny")
    assert label.next_step == "look at the bank"
    (cite,) = label.cites
    assert cite.startswith("r")


def test_person_has_the_last_word_and_models_learn_from_it(judged):
    triage(judged)
    task = task_of(judged)
    anomaly = Anomaly.objects.get(unit="unit 1")
    anomalies.judge(task, anomaly, label="critical", reason="the bank is down")
    assert Case.objects.get(task=task).reason == "the bank is down"
    jobs.run_triage_job(queue_job(JobKind.TRIAGE, source=judged))
    label = AnomalyLabel.objects.get(task=task, pattern="a" * 16)
    assert (label.label, label.who) == ("critical", Who.PERSON)
    for n in range(12):
        Said.objects.create(
            task=task,
            text=f"novelty:\n{'payment failed' if n % 2 else 'flushed'} <OID> {n}",
            label="critical" if n % 2 else "info",
        )
    training.train_version(task)
    assert jobs.run_retrain_job(jobs.queue_retrain(task))
    other = AnomalyLabel.objects.get(task=task, pattern="b" * 16)
    assert other.small_label in {"critical", "info"}


def test_answers_and_verdicts_over_http(judged, signed_in):
    triage(judged)
    anomaly = Anomaly.objects.get(unit="unit 1")
    path = f"/api/v1/triage/anomalies/{anomaly.pk}"
    viewer, editor = signed_in("viewer"), signed_in("editor")
    tasks = [row["task"] for row in viewer.get(path).json()["results"]]
    assert tasks == ["anomaly_severity", "anomaly_problem"]
    said = {"task": "anomaly_severity", "label": "error"}
    assert viewer.post(path, said).status_code == 403
    answers = editor.post(path, said).json()["results"]
    assert (answers[0]["label"], answers[0]["who"]) == ("error", "person")
    assert editor.post(path, {**said, "label": "dire"}).status_code == 400
    assert editor.post(f"{path}/explanation").status_code == 409  # no language model
    word = editor.post(f"/api/v1/anomalies/{anomaly.pk}/verdict", {"verdict": "false"})
    assert word.status_code == 200
    answers = viewer.get(path).json()["results"]
    assert (answers[1]["label"], answers[1]["who"]) == ("no", "person")


def test_patterns_wait_in_a_queue_of_their_own_and_verdicts_are_taken_back(judged, signed_in):
    triage(judged)
    editor = signed_in("editor")
    queue = editor.get("/api/v1/triage/queue?task=anomaly_problem").json()
    assert queue["waiting"] == len(queue["results"]) == 2
    first = next(row for row in queue["results"] if row["id"] == "a" * 16)
    assert first["records"] == 2  # anomalies
    assert Anomaly.objects.get(pk=first["anomaly"]).score == 6.0  # the worst with evidence
    assert first["text"].startswith("novelty:\npayment failed")
    given = editor.post(
        "/api/v1/triage/verdicts",
        {"task": "anomaly_problem", "anomaly": first["anomaly"], "label": "yes"},
    ).json()
    assert given["waiting"] == 1
    path = f"/api/v1/triage/anomalies/{first['anomaly']}"
    answer = editor.get(path).json()["results"][1]
    assert (answer["label"], answer["verdict"]) == ("yes", given["id"])
    assert editor.delete(f"/api/v1/triage/verdicts/{given['id']}").status_code == 204
    answer = editor.get(path).json()["results"][1]
    assert (answer["label"], answer["who"], answer["verdict"]) == ("", "nobody", None)
    assert editor.get("/api/v1/triage/queue?task=anomaly_problem").json()["waiting"] == 2
    status = editor.get("/api/v1/triage/status?task=anomaly_problem").json()
    assert (status["waiting"], status["language_model"]) == (2, False)
    wrong = {"task": "severity", "anomaly": first["anomaly"], "label": "error"}
    assert editor.post("/api/v1/triage/verdicts", wrong).status_code == 404  # no such task here


def test_word_on_an_anomaly_is_forgotten_when_it_is_opened_again(judged, signed_in):
    triage(judged)
    editor = signed_in("editor")
    anomaly = Anomaly.objects.get(unit="unit 1")
    editor.post(f"/api/v1/anomalies/{anomaly.pk}/verdict", {"verdict": "confirmed"})
    (said,) = Said.objects.all()
    assert (said.label, said.pattern, said.source) == ("yes", "a" * 16, judged)
    assert said.is_sampled == is_sampled(said.task, "a" * 16)
    editor.post(f"/api/v1/anomalies/{anomaly.pk}/reopen")
    assert not Said.objects.exists()
    assert AnomalyLabel.objects.get(task=said.task, pattern="a" * 16).who == Who.NOBODY


def test_list_of_anomalies_says_what_their_patterns_are_called(judged, signed_in):
    triage(judged)
    anomaly = Anomaly.objects.get(unit="unit 2")
    anomalies.judge(task_of(judged), anomaly, label="warning")
    rows = signed_in("viewer").get("/api/v1/anomalies").json()["results"]
    called = {row["unit"]: [a["label"] for a in row["answers"]] for row in rows}
    assert called == {"unit 1": ["warning", ""], "unit 2": ["warning", ""], "unit 3": ["", ""]}


def test_verdicts_on_anomalies_make_a_model_due(judged, signed_in):
    triage(judged)
    task = task_of(judged, "anomaly_problem")
    for n in range(11):
        Said.objects.create(
            task=task,
            text=f"novelty:\n{'payment failed' if n % 2 else 'flushed'} <OID> {n}",
            label="yes" if n % 2 else "no",
        )
    anomaly = Anomaly.objects.get(unit="unit 3")
    body = {"task": task.name, "label": "no"}
    signed_in("editor").post(f"/api/v1/triage/anomalies/{anomaly.pk}", body)
    assert Job.objects.filter(kind=JobKind.RETRAIN).exists()
