"""Triage over HTTP: who may do what, and that keys and markup stay where they belong."""

from __future__ import annotations

import pytest

from logplatform.logs.jobs import queue_job
from logplatform.logs.models import JobKind
from logplatform.triage import jobs
from tests.adaptivelog.openai_server import failed, labelled, serving
from tests.fakes import seal_now
from tests.shop_log import LINES, accept

API = "/api/v1/triage"


@pytest.fixture
def triaged(source, settings):
    settings.CELERY_TASK_ALWAYS_EAGER = False
    accept(source, b"".join(LINES))
    seal_now(source)
    jobs.run_triage_job(queue_job(JobKind.TRIAGE, source=source))
    return source


def put(browser, path, body):
    return browser.client.put(
        path, body, content_type="application/json", headers={"X-CSRFToken": browser.csrf}
    )


def test_queue_verdict_and_undo(triaged, signed_in):
    editor = signed_in("editor")
    tasks = editor.get(f"{API}/tasks").json()["results"]
    assert [task["name"] for task in tasks] == [
        "severity",
        "category",
        "problem",
        "explanation",
        "anomaly_severity",
        "anomaly_problem",
    ]
    queue = editor.get(f"{API}/queue?task=severity").json()
    assert queue["waiting"] == len(queue["results"]) == 4
    first = queue["results"][0]
    assert first["answer"]["who"] == "log"
    assert first["answer"]["confidence"] is None
    said = {"task": "severity", "source": "shop", "template": first["id"], "label": "critical"}
    verdict = editor.post(f"{API}/verdicts", said)
    assert verdict.status_code == 201
    assert verdict.json()["waiting"] == 3
    answers = editor.get(f"{API}/answers?source=shop&template={first['id']}").json()["results"]
    assert (answers[0]["label"], answers[0]["who"]) == ("critical", "person")
    assert editor.delete(f"{API}/verdicts/{verdict.json()['id']}").status_code == 204
    assert editor.get(f"{API}/queue").json()["waiting"] == 4
    assert editor.post(f"{API}/verdicts", {**said, "label": "dire"}).status_code == 400
    assert editor.post(f"{API}/tasks/severity/retrain").status_code == 409
    assert editor.get(f"{API}/status").json()["by_who"] == {}


def test_patterns_have_labels_and_can_be_filtered_by_them(triaged, signed_in):
    viewer = signed_in("viewer")
    found = viewer.get("/api/v1/patterns").json()
    counts = {(row["task"], row["label"]): row["templates"] for row in found["labels"]}
    assert counts["severity", "error"] == 1
    errors = viewer.get("/api/v1/patterns?severity=error").json()
    (pattern,) = errors["results"]
    assert "payment failed" in pattern["text"]
    assert errors["total"] == 150
    assert pattern["answers"][0]["label"] == "error"


def test_viewers_and_tokens_may_look_and_change_nothing(triaged, signed_in, agent):
    viewer = signed_in("viewer")
    template = viewer.get(f"{API}/queue").json()["results"][0]["id"]
    said = {"task": "severity", "source": "shop", "template": template, "label": "info"}
    assert viewer.post(f"{API}/verdicts", said).status_code == 403
    assert viewer.post(f"{API}/cases", {}).status_code == 403
    body = {"base_url": "http://127.0.0.1:1/v1", "model": "m"}
    assert put(viewer, f"{API}/language-model", body).status_code == 403
    assert put(signed_in("editor"), f"{API}/language-model", body).status_code == 403
    confined = agent("read", source=triaged)
    assert confined.get(f"{API}/queue").status_code == 200
    assert confined.get(f"{API}/status").status_code == 403
    assert confined.get(f"{API}/cases").status_code == 403
    assert agent("ingest").get(f"{API}/queue").status_code == 403


def test_cases_are_written_changed_and_deleted(triaged, signed_in):
    editor = signed_in("editor")
    new = {"task": "severity", "text": "probe <OID>", "label": "debug", "reason": "a probe"}
    case = editor.post(f"{API}/cases", new).json()
    assert (
        put(editor, f"{API}/cases/{case['id']}", {"label": "x", "reason": ""}).status_code
        == 400
    )
    changed = put(editor, f"{API}/cases/{case['id']}", {"label": "info", "reason": "no"}).json()
    assert (changed["label"], changed["reason"]) == ("info", "no")
    assert len(editor.get(f"{API}/cases").json()["results"]) == 1
    assert editor.delete(f"{API}/cases/{case['id']}").status_code == 204
    assert editor.get(f"{API}/cases").json()["results"] == []


def test_language_model_is_tested_for_real_and_its_key_never_shown(triaged, signed_in):
    admin = signed_in("admin")
    path = f"{API}/language-model"
    assert admin.get(path).json()["configured"] is False
    with serving(labelled("error", "<b>the disk</b> is full"), failed(500)) as server:
        body = {"base_url": server.url, "model": "tiny", "key": "sk-very-secret"}
        tested = admin.post(f"{path}/test", body).json()
        assert tested["ok"] is True
        assert (tested["label"], tested["reason"]) == ("error", "<b>the disk</b> is full")
        assert admin.get(path).json()["configured"] is False
        stored = put(admin, path, body)
        assert stored.json()["has_key"] is True
        down = admin.post(f"{path}/test", {"base_url": server.url, "model": "tiny"}).json()
        assert down["ok"] is False
        assert "500" in down["detail"]
    shown = stored.content + admin.get(path).content
    assert b"sk-very-secret" not in shown
    moved = {"base_url": "http://evil.example/v1", "model": "tiny"}
    assert put(admin, path, moved).status_code == 400
    for bad in ("ftp://x/v1", "http://", "http://u:p@host/v1", "nonsense"):
        assert put(admin, path, {**moved, "base_url": bad, "key": ""}).status_code == 400
    assert admin.get(f"{API}/status").json()["days"][0]["calls"] == 2
    assert admin.delete(path).status_code == 204
    explain = {"source": "shop", "template": "0" * 16}
    assert admin.post(f"{API}/explanations", explain).status_code == 404


def test_taxonomy_is_edited_over_http(triaged, signed_in):
    editor = signed_in("editor")
    labels = [{"name": "web", "meaning": "", "was": "network"}, {"name": "db", "meaning": "x"}]
    changed = put(editor, f"{API}/tasks/category", {"labels": labels, "target": 0.9}).json()
    assert [label["name"] for label in changed["labels"]] == ["web", "db"]
    one = put(editor, f"{API}/tasks/category", {"labels": labels[:1], "target": 0.9})
    assert one.status_code == 400
    kept = [{"name": label["name"], "meaning": ""} for label in labels]
    ladder = {"labels": kept, "target": 0.9, "rungs": ["embedding", "tfidf"]}
    changed = put(editor, f"{API}/tasks/category", ladder).json()
    assert changed["rungs"] == ["tfidf", "embedding"]
    by_itself = put(editor, f"{API}/tasks/category", {**ladder, "rungs": []}).json()
    assert by_itself["rungs"] == []
    odd = put(editor, f"{API}/tasks/category", {**ladder, "rungs": ["oracle"]})
    assert odd.status_code == 400
