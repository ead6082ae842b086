"""Workers killed with -9 in the middle: every alert once, every report once, none lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.receivers import http_receiver

if TYPE_CHECKING:
    from pathlib import Path

# Runs in a process of its own that is killed: judges, builds and delivers until told to stop.
WORKER = """
import os, sys
from datetime import UTC, datetime, timedelta
from logplatform import config
config.start_django()
from logplatform.reports import alerts, deliveries, plans
from logplatform.reports.building import run_report_job
from logplatform.reports.models import Delivery
from logplatform.logs import jobs, sweep
from logplatform.logs.models import Job, JobKind
now = datetime.fromisoformat(sys.argv[1])
print("ready", flush=True)
while True:
    past = datetime(2000, 1, 1, tzinfo=UTC)
    Delivery.objects.filter(state="sending").update(lease_until=past)
    Delivery.objects.filter(state="queued").update(not_before=past)
    jobs.release_orphans()
    for team in {1}:
        alerts.evaluate_team(team, now)
    plans.queue_due(now)
    for job in Job.objects.filter(kind=JobKind.REPORT).exclude(state="done"):
        Job.objects.filter(pk=job.pk).update(not_before=past)
        run_report_job(job.pk)
    for pk in deliveries.ready(datetime.now(tz=UTC)):
        deliveries.deliver(pk)
    if len(sys.argv) > 2:
        break
"""
SETUP = """
import io, sys
from datetime import datetime
from logplatform import config
config.start_django()
from logplatform.commands.ready import prepare_home
prepare_home()
from logplatform.accounts.services import ensure_team
from logplatform.logs import services
from logplatform.reports import channels, plans, rules
from logplatform.reports.models import ReportPlan, Rule
team = ensure_team()
assert team.pk == 1
shop = services.create_source(team=team, name="shop")
services.accept_upload(shop, io.BytesIO(open(sys.argv[3], "rb").read()))
services.close_files()
begin = datetime.fromisoformat(sys.argv[2])
hook = channels.create_channel(
    team=team, draft=channels.ChannelDraft("hook", "webhook", url=sys.argv[1]))
for n in range(8):
    rules.create_rule(team=team, draft=rules.RuleDraft(
        name=f"r{n}", kind="count", query="level:error", channels=(hook,), cooldown_min=0,
        condition={"window_min": 1, "threshold": 1}))
Rule.objects.update(evaluated_minute=int(begin.timestamp()) // 60)
for n in range(4):
    plans.create_plan(team=team, draft=plans.PlanDraft(
        f"p{n}", f"{n * 10} * * * *", channels=(hook,), sections=("summary", "storage")))
ReportPlan.objects.update(next_due=begin)
"""
CHECK = """
import json
from collections import Counter
from logplatform import config
config.start_django()
from logplatform.reports.models import AlertEvent, Delivery, Report
print(json.dumps({
    "events": sorted(AlertEvent.objects.values_list("rule__name", "state", "minute")),
    "reports": sorted(Report.objects.values_list("plan__name", "state")),
    "deliveries": Counter(Delivery.objects.values_list("state", flat=True)),
}))
"""


def run(code, *arguments, environment):
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env=environment,
        capture_output=True,
        check=True,
        timeout=600,
    ).stdout


def rounds(count, tmp_path: Path):
    import json

    begin = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
    environment = os.environ | {
        "LOGPLATFORM_HOME": str(tmp_path / "home"),
        "LOGPLATFORM_CHANNEL_NETWORKS": "127.0.0.0/8",
        "DJANGO_SETTINGS_MODULE": "logplatform.settings",
    }
    for name in ("DATABASE_URL", "REDIS_URL"):
        environment.pop(name, None)
    lines = "".join(
        f"{begin + timedelta(minutes=m):%Y-%m-%d %H:%M}:05,000 ERROR shop.web: boom n={m}\n"
        for m in range(0, 2 * count, 2)
    )
    (tmp_path / "log").write_text(lines)
    with http_receiver() as receiver:
        log = str(tmp_path / "log")
        run(SETUP, receiver.url, begin.isoformat(), log, environment=environment)
        for number in range(count):
            now = (begin + timedelta(minutes=2 * number + 2, seconds=15)).isoformat()
            with subprocess.Popen(
                [sys.executable, "-c", WORKER, now], env=environment, stdout=subprocess.PIPE
            ) as worker:
                assert worker.stdout is not None
                worker.stdout.readline()
                time.sleep((number * 0.37) % 1.5)  # somewhere into the work
                worker.send_signal(signal.SIGKILL)
        run(WORKER, now, "once", environment=environment)
        run(WORKER, now, "once", environment=environment)
        ids = Counter(headers["Idempotency-Key"] for headers, _ in receiver.requests)
    return json.loads(run(CHECK, environment=environment)), ids, count


def check(found, ids, count):
    for n in range(8):
        states = [(state, minute) for name, state, minute in found["events"] if name == f"r{n}"]
        assert len(states) == len(set(states)) == 2 * count
        assert Counter(state for state, _ in states) == {"fired": count, "recovered": count}
    assert {state for _, state in found["reports"]} == {"ready"}
    assert set(found["deliveries"]) == {"sent"}
    # A message may come twice where the kill fell between the answer and our note of it, with
    # the same id; none is missing.
    assert len(ids) == found["deliveries"]["sent"]


@pytest.mark.slow
def test_workers_killed_twice(tmp_path):
    check(*rounds(2, tmp_path))


@pytest.mark.soak
def test_workers_killed_twenty_times(tmp_path):
    check(*rounds(20, tmp_path))
