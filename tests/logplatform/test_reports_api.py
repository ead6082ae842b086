"""Alerts, channels and reports over the API: who may what, and what comes back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from logplatform import cli
from logplatform.accounts.models import Team
from logplatform.logs.models import Job, JobKind
from logplatform.reports.building import run_report_job
from logplatform.reports.models import AlertEvent, Channel, Delivery, Report, Rule
from tests.alert_replay import lines_at
from tests.fakes import seal_now
from tests.receivers import http_receiver
from tests.shop_log import accept

CHANNEL = {"name": "hook", "kind": "webhook", "url": "https://example.org/secret-path"}
RULE = {
    "name": "errors",
    "kind": "count",
    "query": "level:error",
    "condition": {"window_min": 5, "threshold": 10},
}
PLAN = {"name": "daily", "cron": "0 7 * * *", "time_zone": "Europe/Berlin"}
BODIES: dict[str, dict[str, Any]] = {"channels": CHANNEL, "alerts": RULE, "report-plans": PLAN}


def put(browser, path, body):
    return browser.client.put(
        path, body, content_type="application/json", headers={"X-CSRFToken": browser.csrf}
    )


@pytest.mark.parametrize("path", BODIES)
def test_editor_writes_reads_changes_and_deletes(source, signed_in, path):
    editor, url = signed_in("editor"), f"/api/v1/{path}"
    made = editor.post(url, BODIES[path])
    assert made.status_code == 201, made.content
    one = f"{url}/{made.json()['id']}"
    assert editor.get(url).json()["results"] == [made.json()]
    changed = put(editor, one, BODIES[path] | {"name": "other"})
    assert changed.json()["name"] == "other"
    assert editor.post(url, BODIES[path] | {"name": "other"}).status_code == 409
    assert editor.delete(one).status_code == 204
    assert editor.get(url).json()["results"] == []


@pytest.mark.parametrize("path", BODIES)
def test_viewer_reads_and_does_not_write(source, signed_in, agent, path):
    made = signed_in("editor").post(f"/api/v1/{path}", BODIES[path]).json()
    viewer, url = signed_in("viewer"), f"/api/v1/{path}"
    assert len(viewer.get(url).json()["results"]) == 1
    assert viewer.post(url, BODIES[path]).status_code == 403
    assert put(viewer, f"{url}/{made['id']}", BODIES[path]).status_code == 403
    assert viewer.delete(f"{url}/{made['id']}").status_code == 403
    assert agent("read").get(url).status_code == 200
    assert agent("ingest").get(url).status_code == 403
    assert agent("read", source=source).get(url).status_code == 403


@pytest.mark.parametrize("path", BODIES)
def test_other_team_sees_nothing(source, signed_in, path):
    made = signed_in("editor").post(f"/api/v1/{path}", BODIES[path]).json()
    stranger = signed_in("admin", of=Team.objects.create(name="others"))
    url = f"/api/v1/{path}"
    assert stranger.get(url).json()["results"] == []
    assert put(stranger, f"{url}/{made['id']}", BODIES[path]).status_code == 404
    assert stranger.delete(f"{url}/{made['id']}").status_code == 404


def test_channel_of_another_team_cannot_be_used(source, signed_in):
    made = signed_in("editor").post("/api/v1/channels", CHANNEL).json()
    stranger = signed_in("admin", of=Team.objects.create(name="others"))
    for path in ("alerts", "report-plans"):
        body = BODIES[path] | {"channels": [made["id"]]}
        assert stranger.post(f"/api/v1/{path}", body).status_code == 404
    assert stranger.post(f"/api/v1/channels/{made['id']}/test").status_code == 404


def test_secret_is_never_given_out(source, signed_in):
    editor = signed_in("editor")
    answer = editor.post("/api/v1/channels", CHANNEL | {"key": "hush"})
    assert answer.json()["host"] == "example.org"
    assert answer.json()["signed"] is True
    listed = editor.get("/api/v1/channels")
    for content in (answer.content, listed.content, Channel.objects.get().secret.encode()):
        assert b"secret-path" not in content
        assert b"hush" not in content


def test_test_of_a_channel_shows_the_answer(source, signed_in, settings):
    settings.CONFIG = settings.CONFIG.model_copy(update={"channel_networks": "127.0.0.0/8"})
    editor = signed_in("editor")
    with http_receiver() as receiver:
        made = editor.post("/api/v1/channels", CHANNEL | {"url": receiver.url}).json()
        found = editor.post(f"/api/v1/channels/{made['id']}/test").json()
        assert (found["ok"], found["answer"]) == (True, "200 OK")
        receiver.status = 500
        found = editor.post(f"/api/v1/channels/{made['id']}/test").json()
        assert (found["ok"], found["answer"]) == (False, "500 Internal Server Error")
    assert signed_in("viewer").post(f"/api/v1/channels/{made['id']}/test").status_code == 403
    assert not Delivery.objects.exists()


def test_pages_follow_one_another_and_hold_everything_once(
    source, signed_in, django_assert_max_num_queries
):
    editor = signed_in("editor")
    for n in range(5):
        editor.post("/api/v1/alerts", RULE | {"name": f"r{n}"})
    names: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        with django_assert_max_num_queries(11):
            page = editor.get(f"/api/v1/alerts?limit=2&cursor={cursor}").json()
        names += [rule["name"] for rule in page["results"]]
        cursor = page["cursor"]
    assert names == ["r4", "r3", "r2", "r1", "r0"]
    for wrong in ("limit=0", "limit=1000", "cursor=x", "cursor=999"):
        assert editor.get(f"/api/v1/alerts?{wrong}").status_code == 400


def test_back_test_stores_nothing_and_points_at_faults(source, signed_in):
    now = datetime.now(tz=UTC).replace(second=0, microsecond=0)
    accept(source, lines_at(now - timedelta(minutes=40), "ERROR boom", 12))
    viewer = signed_in("viewer")
    found = viewer.post("/api/v1/alerts/backtest", RULE | {"sources": ["shop"]}).json()
    assert (found["fired"], found["told"]) == (1, 1)
    assert max(value for value in found["values"] if value is not None) == 12
    assert not Rule.objects.exists()
    wrong = viewer.post("/api/v1/alerts/backtest", RULE | {"query": "level:eror"})
    assert wrong.status_code == 400
    assert wrong.json()["position"] == 6
    unknown = viewer.post("/api/v1/alerts/backtest", RULE | {"sources": ["nobody"]})
    assert unknown.status_code == 404


def test_rule_is_snoozed_and_woken(source, signed_in):
    editor = signed_in("editor")
    made = editor.post("/api/v1/alerts", RULE).json()
    url = f"/api/v1/alerts/{made['id']}/snooze"
    assert editor.post(url, {"minutes": 60}).json()["snoozed_until"] is not None
    assert editor.post(url, {"minutes": 0}).json()["snoozed_until"] is None


def test_events_and_deliveries_are_listed_and_filtered(source, signed_in):
    editor = signed_in("editor")
    rule = editor.post("/api/v1/alerts", RULE).json()
    row = Rule.objects.get()
    for minute, state in ((100, "fired"), (105, "recovered")):
        AlertEvent.objects.create(rule=row, state=state, minute=minute, value=1, sentence="s")
    found = editor.get(f"/api/v1/alerts/events?rule={rule['id']}&state=fired").json()["results"]
    assert [event["time"] for event in found] == ["1970-01-01T01:40:00Z"]
    channel = editor.post("/api/v1/channels", CHANNEL).json()
    delivery = Delivery.objects.create(
        team=row.team,
        channel_id=channel["id"],
        identity="x",
        message={"kind": "firing", "title": "t"},
        state="dead",
        tries_left=0,
    )
    assert len(editor.get("/api/v1/deliveries?state=dead").json()["results"]) == 1
    assert editor.get("/api/v1/deliveries?state=sent").json()["results"] == []
    assert editor.post(f"/api/v1/deliveries/{delivery.pk}/retry").status_code == 202
    assert Delivery.objects.get().state == "queued"


def test_maintenance_is_made_and_ended(source, signed_in):
    editor = signed_in("editor")
    now = datetime.now(tz=UTC)
    body = {
        "name": "m",
        "start": now.isoformat(),
        "end": (now + timedelta(hours=1)).isoformat(),
    }
    made = editor.post("/api/v1/alerts/maintenance", body).json()
    assert made["open"] is True
    assert editor.post("/api/v1/alerts/maintenance", {"name": "m"}).status_code == 400
    assert editor.delete(f"/api/v1/alerts/maintenance/{made['id']}").status_code == 204


def test_report_is_run_read_and_downloaded(source, signed_in):
    # The plan's yesterday: after 22:00 or 23:00 in UTC it is another one there.
    yesterday = datetime.now(tz=ZoneInfo(PLAN["time_zone"])).replace(hour=9) - timedelta(days=1)
    accept(source, lines_at(yesterday.astimezone(UTC), "ERROR boom", 12))
    seal_now(source)
    editor = signed_in("editor")
    plan = editor.post(
        "/api/v1/report-plans", PLAN | {"sections": ["summary", "severity"]}
    ).json()
    report = editor.post(f"/api/v1/report-plans/{plan['id']}/run", {"preview": False}).json()
    url = f"/api/v1/reports/{report['id']}"
    assert editor.get(url).json()["sections"] == []
    assert editor.get(f"{url}/pdf").status_code == 409
    run_report_job(Job.objects.get(kind=JobKind.REPORT).pk)
    found = editor.get(url).json()
    assert found["state"] == "ready"
    assert found["sections"][0]["sentences"][0].startswith("12 records")
    pdf = editor.get(f"{url}/pdf")
    assert pdf.content.startswith(b"%PDF")
    assert "sandbox" in pdf.headers["Content-Security-Policy"]
    for name in ("severity", "severity-dark"):
        assert editor.get(f"{url}/pictures/{name}").content.startswith(b"\x89PNG")
    assert editor.get(f"{url}/pictures/..%2F..%2Fdb").status_code == 404
    assert editor.get(f"{url}/pictures/nothing").status_code == 404
    assert editor.get(f"{url}/tables/severity").content.startswith(b"level,records")
    assert editor.get(f"{url}/tables/summary").status_code == 404
    stranger = signed_in("admin", of=Team.objects.create(name="others"))
    assert stranger.get(url).status_code == 404
    assert len(editor.get(f"/api/v1/reports?plan={plan['id']}").json()["results"]) == 1
    assert signed_in("viewer").post(f"/api/v1/report-plans/{plan['id']}/run").status_code == 403


def test_next_times_are_shown_in_local_time(source, signed_in):
    viewer = signed_in("viewer")
    url = "/api/v1/report-plans/times?cron=0+7+*+*+1&time_zone=Europe/Berlin"
    assert len(viewer.get(url).json()["times"]) == 5
    assert viewer.get(url.replace("Berlin", "Nowhere")).status_code == 400


@pytest.mark.parametrize("suffix", ["pdf", "html", "txt", "json"])
def test_command_writes_a_report(source, signed_in, team, tmp_path, capsys, settings, suffix):
    Team.objects.filter(pk=team.pk).update(name="default")
    signed_in("editor").post("/api/v1/report-plans", PLAN | {"sections": ["summary"]})
    out = tmp_path / f"r.{suffix}"
    home = str(settings.HOME.root)
    assert cli.main(["report", "run", "daily", "--out", str(out), "--at", "2026-03-03"]) == 0
    assert "2026-03-02" in capsys.readouterr().out
    assert out.stat().st_size > 100
    assert cli.main(["report", "run", "nothing", "--out", str(out)]) == 3
    assert cli.main(["report", "list"]) == 0
    assert "daily\t0 7 * * *\tEurope/Berlin" in capsys.readouterr().out
    assert home == str(settings.HOME.root)
    assert not Report.objects.exists()
