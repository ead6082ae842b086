"""Reports are due at the local time that people mean, each once, whatever the clock does."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from logplatform.logs.models import Job, JobKind
from logplatform.reports import plans, schedule
from logplatform.reports.errors import InvalidPlanError
from logplatform.reports.models import Maintenance, Report, ReportPlan
from logplatform.reports.plans import PlanDraft

BERLIN = "Europe/Berlin"
HOUR = timedelta(hours=1)


def plan_from(team, begin, **given):
    plan = plans.create_plan(
        team=team, draft=PlanDraft(**{"name": "daily", "cron": "30 7 * * *", **given})
    )
    plan.next_due = schedule.next_time(plan.cron, plan.time_zone, begin)
    plan.save()
    return plan


def replay(begin, hours, step=timedelta(minutes=20)):
    now = begin
    while now < begin + hours * HOUR:
        now += step
        plans.queue_due(now)


@pytest.mark.parametrize(
    ("begin", "offsets"),
    [
        (datetime(2026, 3, 26, tzinfo=UTC), {1, 2}),  # forward on the 29th
        (datetime(2026, 10, 22, tzinfo=UTC), {1, 2}),  # back on the 25th
    ],
)
def test_week_across_a_change_of_clocks_gives_each_day_once(team, begin, offsets):
    plan_from(team, begin, time_zone=BERLIN)
    plan_from(team, begin, name="weekly", cron="0 8 * * 1", period="week", time_zone=BERLIN)
    replay(begin, 7 * 24)
    dues = Report.objects.filter(plan__name="daily").order_by("due")
    local = [report.due.astimezone(ZoneInfo(BERLIN)) for report in dues if report.due]
    assert [f"{due:%H:%M}" for due in local] == ["07:30"] * 7
    assert len({due.date() for due in local}) == 7
    assert {(due.utcoffset() or timedelta()) // HOUR for due in local} == offsets
    for report in dues:
        assert report.end.astimezone(ZoneInfo(BERLIN)).hour == 0
        assert report.start.astimezone(ZoneInfo(BERLIN)).hour == 0
    assert {(report.end - report.start) // HOUR for report in dues} >= {24}
    assert {(report.end - report.start) // HOUR for report in dues} & {23, 25}
    weekly = Report.objects.get(plan__name="weekly")
    assert (weekly.end - weekly.start).days in {6, 7}
    assert Job.objects.filter(kind=JobKind.REPORT).count() == 8


@pytest.mark.parametrize(
    "begin", [datetime(2026, 3, 28, tzinfo=UTC), datetime(2026, 10, 24, tzinfo=UTC)]
)
def test_time_that_does_not_exist_or_comes_twice_is_taken_once(team, begin):
    plan_from(team, begin, cron="30 2 * * *", time_zone=BERLIN)
    replay(begin, 72)
    dues = [report.due for report in Report.objects.order_by("due") if report.due]
    assert len({due.astimezone(ZoneInfo(BERLIN)).date() for due in dues}) == len(dues) == 3


def test_what_was_missed_is_made_up_for_once(team):
    begin = datetime(2026, 5, 1, tzinfo=UTC)
    plan_from(team, begin)
    plans.queue_due(begin + 24 * 5 * HOUR)
    report = Report.objects.get()
    assert report.due == datetime(2026, 5, 5, 7, 30, tzinfo=UTC)
    assert report.end == datetime(2026, 5, 5, tzinfo=UTC)
    replay(begin + 24 * 5 * HOUR, 24)
    assert Report.objects.count() == 2


def test_disabled_plan_is_never_due(team):
    begin = datetime(2026, 5, 1, tzinfo=UTC)
    plan_from(team, begin, is_enabled=False)
    replay(begin, 48)
    assert not Report.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_many_schedulers_one_makes_the_report(team):
    begin = datetime(2026, 5, 1, tzinfo=UTC)
    plan_from(team, begin)
    barrier = threading.Barrier(6)

    def work():
        try:
            barrier.wait(10)
            plans.queue_due(begin + 8 * HOUR)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Report.objects.count() == 1
    assert Job.objects.filter(kind=JobKind.REPORT).count() == 1


@pytest.mark.parametrize(
    ("period", "start", "end"),
    [
        ("day", "2026-03-29T23:00", "2026-03-30T22:00"),
        ("week", "2026-03-23T23:00", "2026-03-30T22:00"),
        ("month", "2026-01-31T23:00", "2026-02-28T23:00"),
    ],
)
def test_period_is_the_last_whole_one_in_local_time(period, start, end):
    moment = datetime(2026, 3, 31, 6, tzinfo=UTC)
    found = schedule.period_before(period, BERLIN, moment)
    if period == "day":  # the day of the change, an hour short, is one before
        start = "2026-03-29T22:00"
    assert [f"{at:%Y-%m-%dT%H:%M}" for at in found] == [start, end]


def test_same_weekday_before_keeps_the_local_hours():
    start, end = datetime(2026, 3, 29, 22, tzinfo=UTC), datetime(2026, 3, 30, 22, tzinfo=UTC)
    found = schedule.same_period_before(start, end, BERLIN)
    assert [f"{at:%Y-%m-%dT%H:%M}" for at in found] == ["2026-03-22T23:00", "2026-03-23T23:00"]


@pytest.mark.parametrize(
    "given",
    [
        {"cron": "* * * * *"},
        {"cron": "*/30 * * * *"},
        {"cron": "0 7 * *"},
        {"cron": "0 25 * * *"},
        {"cron": "0 0 31 2 *"},
        {"time_zone": "Mars/Olympus"},
        {"period": "year"},
        {"sections": ("nothing",)},
        {"sections": ()},
        {"name": ""},
    ],
)
def test_plan_that_makes_no_sense_is_refused(team, given):
    with pytest.raises(InvalidPlanError):
        plans.create_plan(
            team=team, draft=PlanDraft(**{"name": "a", "cron": "0 7 * * *", **given})
        )


def test_maintenance_by_a_schedule_is_open_for_its_minutes(team):
    window = Maintenance(team=team, name="w", cron="0 3 * * 0", minutes=90, time_zone=BERLIN)
    sunday = datetime(2026, 5, 3, 1, 0, tzinfo=UTC)  # 3:00 there
    open_at = [
        schedule.is_under_maintenance(window, sunday + timedelta(minutes=minutes))
        for minutes in (-1, 0, 89, 91)
    ]
    assert open_at == [False, True, True, False]


def test_plan_keeps_what_it_was_given(team):
    plan = plans.create_plan(
        team=team, draft=PlanDraft("a", "0 7 * * *", sections=("gaps", "summary"))
    )
    assert plan.sections == ["summary", "gaps"]
    next_due = ReportPlan.objects.get().next_due
    assert next_due is not None
    assert next_due > datetime.now(tz=UTC)
