"""The JSON of plans and reports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework import serializers

from logplatform.reports.content import SECTION_NAMES, read_content
from logplatform.reports.models import Period, ReportState

if TYPE_CHECKING:
    from logplatform.reports.models import Report, ReportPlan


class NewPlan(serializers.Serializer[Any]):
    """What creates or changes a plan. No sources mean all."""

    name = serializers.CharField(max_length=100)
    cron = serializers.CharField(max_length=100, help_text="five fields, as 30 7 * * 1-5")
    time_zone = serializers.CharField(required=False, default="UTC", max_length=60)
    period = serializers.ChoiceField(
        choices=Period.values, required=False, default=Period.DAY.value
    )
    sources = serializers.ListField(
        child=serializers.CharField(max_length=100), required=False, default=list
    )
    query = serializers.CharField(required=False, default="", allow_blank=True, max_length=8192)
    sections = serializers.ListField(
        child=serializers.ChoiceField(choices=SECTION_NAMES),
        required=False,
        default=lambda: list(SECTION_NAMES),
    )
    channels = serializers.ListField(
        child=serializers.IntegerField(), required=False, default=list
    )
    skip_unchanged = serializers.BooleanField(required=False, default=False)
    enabled = serializers.BooleanField(required=False, default=True)


class PlanInfo(NewPlan):
    """A plan, and when it is due next."""

    id = serializers.IntegerField()
    next_due = serializers.DateTimeField(allow_null=True)
    created = serializers.DateTimeField()


class PlanList(serializers.Serializer[Any]):
    """A page of plans."""

    results = PlanInfo(many=True)
    cursor = serializers.CharField(allow_null=True)


def plan_json(plan: ReportPlan) -> dict[str, object]:
    """Render a plan; sources and channels are prefetched."""
    return {
        "id": plan.pk,
        "name": plan.name,
        "cron": plan.cron,
        "time_zone": plan.time_zone,
        "period": plan.period,
        "sources": [] if plan.all_sources else sorted(s.name for s in plan.sources.all()),
        "query": plan.query,
        "sections": plan.sections,
        "channels": sorted(channel.pk for channel in plan.channels.all()),
        "skip_unchanged": plan.skip_unchanged,
        "enabled": plan.is_enabled,
        "next_due": plan.next_due.isoformat() if plan.next_due else None,
        "created": plan.created.isoformat(),
    }


class TimesParameters(serializers.Serializer[Any]):
    """A schedule to look at."""

    cron = serializers.CharField(max_length=100)
    time_zone = serializers.CharField(required=False, default="UTC", max_length=60)


class TimesShape(serializers.Serializer[Any]):
    """The next times of a schedule."""

    times = serializers.ListField(child=serializers.DateTimeField())


class RunRequest(serializers.Serializer[Any]):
    """Make a report now; a preview is sent to nobody."""

    preview = serializers.BooleanField(required=False, default=False)


class ReportInfo(serializers.Serializer[Any]):
    """A report without what it says."""

    id = serializers.UUIDField()
    plan = serializers.IntegerField()
    title = serializers.CharField()
    state = serializers.ChoiceField(choices=ReportState.values)
    preview = serializers.BooleanField()
    due = serializers.DateTimeField(allow_null=True)
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    error = serializers.CharField()
    created = serializers.DateTimeField()
    finished = serializers.DateTimeField(allow_null=True)


class ReportList(serializers.Serializer[Any]):
    """A page of reports, newest first."""

    results = ReportInfo(many=True)
    cursor = serializers.CharField(allow_null=True)


class CellShape(serializers.Serializer[Any]):
    """A cell; ``link`` is a path of the dashboard, or empty."""

    text = serializers.CharField()
    link = serializers.CharField()


class ColumnShape(serializers.Serializer[Any]):
    """A column."""

    name = serializers.CharField()
    is_number = serializers.BooleanField()


class TableShape(serializers.Serializer[Any]):
    """A table; ``more`` rows were left out."""

    columns = ColumnShape(many=True)
    rows = serializers.ListField(child=CellShape(many=True))
    more = serializers.IntegerField()


class PictureShape(serializers.Serializer[Any]):
    """A picture's name, and what it shows in words."""

    name = serializers.CharField()
    alt = serializers.CharField()


class FindingShape(serializers.Serializer[Any]):
    """One thing told by itself: why, and the records that show it; ``link`` is a path."""

    title = serializers.CharField()
    link = serializers.CharField()
    facts = serializers.ListField(child=serializers.CharField())
    lines = serializers.ListField(child=serializers.CharField())
    picture = PictureShape(allow_null=True)


class SectionShape(serializers.Serializer[Any]):
    """One part of a report."""

    key = serializers.CharField()
    title = serializers.CharField()
    sentences = serializers.ListField(child=serializers.CharField())
    table = TableShape(allow_null=True)
    pictures = PictureShape(many=True)
    is_notable = serializers.BooleanField()
    findings = FindingShape(many=True)
    polished = serializers.ListField(
        child=serializers.CharField(),
        help_text="the sentences in a language model's words, empty where none was asked",
    )
    polished_by = serializers.CharField(help_text="the language model's name, or empty")


class FullReport(ReportInfo):
    """A report and what it says; ``sections`` is empty until it is built."""

    period = serializers.CharField()
    sections = SectionShape(many=True)


def report_json(report: Report) -> dict[str, object]:
    """Render a report without what it says."""
    return {
        "id": report.pk,
        "plan": report.plan_id,
        "title": report.title,
        "state": report.state,
        "preview": report.is_preview,
        "due": report.due.isoformat() if report.due else None,
        "start": report.start.isoformat(),
        "end": report.end.isoformat(),
        "error": report.error,
        "created": report.created.isoformat(),
        "finished": report.finished.isoformat() if report.finished else None,
    }


def full_report_json(report: Report) -> dict[str, object]:
    """Render a report."""
    if report.content is None:
        return report_json(report) | {"period": "", "sections": []}
    # Read first: reports of earlier versions lack what was added since.
    content = read_content(report.content).to_json()
    return report_json(report) | {
        "period": content["period"],
        "sections": content["sections"],
    }
