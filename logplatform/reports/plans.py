"""What is written about plans of reports by people, and the reports that become due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from logplatform.logs import jobs
from logplatform.logs.models import JobKind
from logplatform.logs.query import parse
from logplatform.reports.content import SECTION_NAMES
from logplatform.reports.errors import InvalidPlanError, NameTakenError
from logplatform.reports.models import Period, Report, ReportPlan
from logplatform.reports.schedule import check_cron, latest_time, next_time, period_before

if TYPE_CHECKING:
    from logplatform.accounts.models import Team
    from logplatform.logs.models import Source
    from logplatform.reports.models import Channel

SUBJECT = "report:"


@dataclass(frozen=True, slots=True)
class PlanDraft:
    """What a person says of a plan; no sources mean all that the team has and will have."""

    name: str
    cron: str
    time_zone: str = "UTC"
    period: str = Period.DAY.value
    sources: tuple[Source, ...] = ()
    query: str = ""
    sections: tuple[str, ...] = SECTION_NAMES
    channels: tuple[Channel, ...] = ()
    skip_unchanged: bool = False
    is_enabled: bool = True


def create_plan(*, team: Team, draft: PlanDraft) -> ReportPlan:
    """Create a plan."""
    return _write(ReportPlan(team=team), draft)


def change_plan(plan: ReportPlan, draft: PlanDraft) -> ReportPlan:
    """Change a plan; its reports stay."""
    return _write(plan, draft)


def _write(plan: ReportPlan, draft: PlanDraft) -> ReportPlan:
    now = datetime.now(tz=UTC)
    check_cron(draft.cron, draft.time_zone, now)
    parse(draft.query)
    _check(draft)
    plan.name, plan.query = draft.name.strip(), draft.query
    plan.cron, plan.time_zone, plan.period = draft.cron, draft.time_zone, draft.period
    plan.all_sources = not draft.sources
    plan.sections = [name for name in SECTION_NAMES if name in draft.sections]
    plan.skip_unchanged, plan.is_enabled = draft.skip_unchanged, draft.is_enabled
    plan.next_due = next_time(draft.cron, draft.time_zone, now) if draft.is_enabled else None
    try:
        with transaction.atomic():
            plan.save()
            plan.sources.set(draft.sources)
            plan.channels.set(draft.channels)
    except IntegrityError as error:
        raise NameTakenError(f"there is a report {draft.name}") from error
    return plan


def _check(draft: PlanDraft) -> None:
    unknown = sorted(set(draft.sections) - set(SECTION_NAMES))
    wrong = {
        "name: 1 to 100 characters": not draft.name.strip() or len(draft.name) > 100,
        f"period: one of {', '.join(Period.values)}": draft.period not in Period.values,
        f"sections: no {', '.join(unknown)}": bool(unknown),
        f"sections: some of {', '.join(SECTION_NAMES)}": not draft.sections,
    }
    if any(wrong.values()):
        raise InvalidPlanError("; ".join(text for text, is_so in wrong.items() if is_so))


def queue_due(now: datetime) -> list[int]:
    """Make the reports that are due and their jobs; return the jobs' ids.

    What was missed while nothing ran is made up for by one report, the latest.
    """
    due = ReportPlan.objects.filter(is_enabled=True, next_due__lte=now).order_by("pk")
    return [job for plan in due for job in _queue_one(plan, now)]


def _queue_one(plan: ReportPlan, now: datetime) -> list[int]:
    assert plan.next_due is not None
    moment = latest_time(plan.cron, plan.time_zone, plan.next_due, now)
    upcoming = next_time(plan.cron, plan.time_zone, now)
    with transaction.atomic():
        is_ours = ReportPlan.objects.filter(
            pk=plan.pk, is_enabled=True, next_due=plan.next_due
        ).update(next_due=upcoming)
        if not is_ours:
            return []
        report, is_new = Report.objects.get_or_create(
            plan=plan, due=moment, defaults=_fields(plan, moment)
        )
        # A due that was reported before: the plan was changed since.
        return [_queue_job(report)] if is_new else []


def order(plan: ReportPlan, *, is_preview: bool) -> tuple[Report, int]:
    """Make a report of a plan's last whole period now; return it and its job's id.

    A preview is sent to nobody.
    """
    fields = _fields(plan, datetime.now(tz=UTC))
    with transaction.atomic():
        report = Report.objects.create(plan=plan, is_preview=is_preview, **fields)
        return report, _queue_job(report)


def _queue_job(report: Report) -> int:
    return jobs.queue_job(JobKind.REPORT, subject=f"{SUBJECT}{report.pk}")


def _fields(plan: ReportPlan, moment: datetime) -> dict[str, object]:
    start, end = period_before(plan.period, plan.time_zone, moment)
    return {"team": plan.team, "title": plan.name, "start": start, "end": end}
