"""A week of real logs under a fake clock: each report once and on time, workers killed or not.

The week is the one in which Auckland's clocks went forward, on 2 October 2005.
"""

from __future__ import annotations

import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
import zstandard

from tests.platform_process import logplatform

if TYPE_CHECKING:
    from pathlib import Path

PLACE = ZoneInfo("Pacific/Auckland")
FIRST, LAST = date(2005, 9, 28), date(2005, 10, 5)
BEGIN = datetime(2005, 9, 28, 0, 0, tzinfo=PLACE)
DAYS = 8
SETUP = """
import sys
from datetime import datetime
from logplatform import config
config.start_django()
from logplatform.accounts import services as accounts
from logplatform.reports import plans
from logplatform.reports.models import ReportPlan
from logplatform.reports.schedule import next_time
team = accounts.ensure_team()
begin = datetime.fromisoformat(sys.argv[1])
sections = tuple(sys.argv[2].split())
for name, cron, period in (("daily", "30 7 * * *", "day"), ("weekly", "0 8 * * 1", "week")):
    plan = plans.create_plan(team=team, draft=plans.PlanDraft(
        name, cron, time_zone="Pacific/Auckland", period=period, sections=sections))
    ReportPlan.objects.filter(pk=plan.pk).update(
        next_due=next_time(cron, "Pacific/Auckland", begin))
print(accounts.create_token(team=team, name="t", scopes=("read",)).secret)
"""
# An hour a step; it goes on where the one before was killed, as the clock does.
WORKER = """
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from logplatform import config
config.start_django()
from logplatform.logs import jobs
from logplatform.logs.models import Job, JobKind
from logplatform.reports import plans
from logplatform.reports.building import run_report_job
begin, hours, clock = datetime.fromisoformat(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
past = datetime(2000, 1, 1, tzinfo=UTC)
print("ready", flush=True)
for hour in range(int(clock.read_text() or 0), hours):
    clock.write_text(str(hour))
    jobs.release_orphans()
    plans.queue_due(begin + timedelta(hours=hour))
    for job in Job.objects.filter(kind=JobKind.REPORT).exclude(state="done"):
        Job.objects.filter(pk=job.pk).update(not_before=past)
        run_report_job(job.pk)
"""
CHECK = """
import json, sys
from logplatform import config
config.start_django()
from django.conf import settings
settings.ALLOWED_HOSTS = ["*"]
from django.test import Client
from logplatform.reports.models import Report
client = Client(headers={"Authorization": f"Bearer {sys.argv[1]}"})
def count(report, query):
    scope = {"start": report.start.isoformat(), "end": report.end.isoformat(), "q": query}
    return client.get("/api/v1/search/count", scope).json()["count"]
print(json.dumps([
    {
        "plan": report.plan.name,
        "due": report.due.isoformat(),
        "state": report.state,
        "sections": report.content["sections"],
        "records": count(report, ""),
        "levels": {
            level: count(report, f"level:{level}") for level in ("error", "info", "none")
        },
    }
    for report in Report.objects.select_related("plan").order_by("plan__name", "due")
]))
"""


def week_of_lines(data: Path) -> bytes:
    """Return the lines of the week with the year that the log leaves out."""
    path = data / "corpus" / "loghub_Linux.log.zst"
    if not path.exists():
        pytest.skip(f"{path} is not there")
    found = []
    with path.open("rb") as file:
        reader = zstandard.ZstdDecompressor().stream_reader(file)
        for line in io.TextIOWrapper(reader, "latin-1", newline="\n"):
            at = re.match(r"(Sep|Oct) +(\d+) ([\d:]{8}) ", line)
            if at is None:
                continue
            day = date(2005, 9 if at[1] == "Sep" else 10, int(at[2]))
            if FIRST - timedelta(days=8) <= day <= LAST:
                found.append(f"{day} {at[3]} {line[at.end() :]}")
    assert len(found) > 500
    return "".join(found).encode("latin-1")


def replay(data: Path, folder: Path, *, kills: int, sections: str) -> list[dict[str, Any]]:
    """Let the week pass; return its reports with the API's figures beside them."""
    environment = os.environ | {
        "LOGPLATFORM_HOME": str(folder / "home"),
        "DJANGO_SETTINGS_MODULE": "logplatform.settings",
    }
    for name in ("DATABASE_URL", "REDIS_URL"):
        environment.pop(name, None)
    (folder / "week.log").write_bytes(week_of_lines(data))
    clock = folder / "clock"
    clock.write_text("")
    ingest = ("ingest", str(folder / "week.log"), "--source", "combo", "--wait")
    logplatform(*ingest, environment=environment)

    def run(code: str, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments],
            env=environment,
            capture_output=True,
            check=True,
            timeout=600,
        )
        return done.stdout.decode()

    begin = BEGIN.astimezone(UTC).isoformat()
    token = run(SETUP, begin, sections).strip()
    work = (begin, str(DAYS * 24), str(clock))
    for number in range(kills):
        with subprocess.Popen(
            [sys.executable, "-c", WORKER, *work], env=environment, stdout=subprocess.PIPE
        ) as worker:
            assert worker.stdout is not None
            worker.stdout.readline()
            # Somewhere into the work. A job at which ten workers die is given up, so that a
            # report must have the time to be made now and then.
            time.sleep(0.3 + (number * 1.3) % 8)
            worker.send_signal(signal.SIGKILL)
    run(WORKER, *work)
    found: list[dict[str, Any]] = json.loads(run(CHECK, token))
    return found


def check(reports: list[dict[str, Any]]) -> None:
    """Each due time has one report, whole, with the API's figures."""
    dues: dict[str, list[str]] = {"daily": [], "weekly": []}
    for report in reports:
        due = datetime.fromisoformat(report["due"]).astimezone(PLACE)
        dues[report["plan"]].append(f"{due:%m-%d %H:%M}")
        assert report["state"] == "ready"
        said = {section["key"]: section for section in report["sections"]}
        sentence = said["summary"]["sentences"][0]
        assert sentence.startswith(f"{report['records']:,} record"), sentence
        if "severity" in said:
            rows = said["severity"]["table"]["rows"]
            told = {row[0]["text"]: int(row[1]["text"].replace(",", "")) for row in rows}
            assert {level: told.get(level, 0) for level in report["levels"]} == report["levels"]
    assert dues["daily"] == [
        f"{FIRST + timedelta(days=day):%m-%d} 07:30" for day in range(DAYS)
    ]
    assert dues["weekly"] == ["10-03 08:00"]


@pytest.mark.slow
def test_week_with_workers_killed_twice(shared_data, tmp_path):
    check(replay(shared_data, tmp_path, kills=2, sections="summary"))


@pytest.mark.soak
def test_week_with_workers_killed_twenty_times(shared_data, tmp_path):
    from logplatform.reports.content import SECTION_NAMES

    check(replay(shared_data, tmp_path, kills=20, sections=" ".join(SECTION_NAMES)))
