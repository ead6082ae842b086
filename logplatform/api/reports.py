"""Plans of reports, and the reports."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.views import APIView

from logplatform import tasks
from logplatform.accounts.access import Permission
from logplatform.accounts.errors import NotVisibleError
from logplatform.api import report_shapes as shapes
from logplatform.api.alerts import read_channels, read_sources
from logplatform.api.authentication import identity_of
from logplatform.api.pages import PARAMETERS, read_page
from logplatform.api.search_shapes import read_parameters
from logplatform.reports import access, plans
from logplatform.reports.content import read_content
from logplatform.reports.errors import NotReadyError
from logplatform.reports.files import PDF, file_path
from logplatform.reports.models import Report, ReportPlan, ReportState
from logplatform.reports.rendering import as_csv
from logplatform.reports.schedule import check_cron, times_after

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet
    from rest_framework.request import Request

NEXT_TIMES = 5
PICTURE = re.compile(r"[a-z_]{1,40}(-dark)?")
SANDBOX = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


def _draft(request: Request) -> plans.PlanDraft:
    body = shapes.NewPlan(data=request.data)
    body.is_valid(raise_exception=True)
    given, identity = body.validated_data, identity_of(request)
    return plans.PlanDraft(
        name=given["name"],
        cron=given["cron"],
        time_zone=given["time_zone"],
        period=given["period"],
        sources=read_sources(identity, given["sources"]),
        query=given["query"],
        sections=tuple(given["sections"]),
        channels=read_channels(identity, given["channels"]),
        skip_unchanged=given["skip_unchanged"],
        is_enabled=given["enabled"],
    )


def _plans(request: Request, permission: Permission) -> QuerySet[ReportPlan]:
    rows = access.visible_plans(identity_of(request), permission)
    return rows.prefetch_related("sources", "channels")


def _render(plan: ReportPlan, status: int = 200) -> Response:
    rows = ReportPlan.objects.prefetch_related("sources", "channels")
    return Response(shapes.plan_json(rows.get(pk=plan.pk)), status=status)


class PlanListView(APIView):
    """The team's plans of reports."""

    @extend_schema(parameters=PARAMETERS, responses=shapes.PlanList)
    def get(self, request: Request) -> Response:
        """List plans."""
        page, cursor = read_page(_plans(request, Permission.READ), request)
        return Response({"results": list(map(shapes.plan_json, page)), "cursor": cursor})

    @extend_schema(request=shapes.NewPlan, responses={201: shapes.PlanInfo})
    def post(self, request: Request) -> Response:
        """Create a plan."""
        _plans(request, Permission.EDIT)
        plan = plans.create_plan(team=identity_of(request).team, draft=_draft(request))
        return _render(plan, 201)


class PlanView(APIView):
    """One plan."""

    @extend_schema(responses=shapes.PlanInfo)
    def get(self, request: Request, plan_id: int) -> Response:
        """Return a plan."""
        return _render(access.pick(_plans(request, Permission.READ), plan_id))

    @extend_schema(request=shapes.NewPlan, responses=shapes.PlanInfo)
    def put(self, request: Request, plan_id: int) -> Response:
        """Change a plan."""
        plan = access.pick(_plans(request, Permission.EDIT), plan_id)
        return _render(plans.change_plan(plan, _draft(request)))

    @extend_schema(request=None, responses={204: None})
    def delete(self, request: Request, plan_id: int) -> Response:
        """Delete a plan and its reports."""
        access.pick(_plans(request, Permission.EDIT), plan_id).delete()
        return Response(status=204)


class PlanRunView(APIView):
    """A report that is made now."""

    @extend_schema(request=shapes.RunRequest, responses={202: shapes.ReportInfo})
    def post(self, request: Request, plan_id: int) -> Response:
        """Make a report of the last whole period now, or a preview that nobody is sent."""
        plan = access.pick(_plans(request, Permission.EDIT), plan_id)
        body = shapes.RunRequest(data=request.data)
        body.is_valid(raise_exception=True)
        report, job = plans.order(plan, is_preview=body.validated_data["preview"])
        tasks.send_job(job)
        return Response(shapes.report_json(report), status=202)


class TimesView(APIView):
    """The next times of a schedule, while it is typed."""

    @extend_schema(parameters=[shapes.TimesParameters], responses=shapes.TimesShape)
    def get(self, request: Request) -> Response:
        """Return when a schedule is due next."""
        _plans(request, Permission.READ)
        given = read_parameters(shapes.TimesParameters, request)
        now = datetime.now(tz=UTC)
        check_cron(given["cron"], given["time_zone"], now)
        upcoming = islice(times_after(given["cron"], given["time_zone"], now), NEXT_TIMES)
        return Response({"times": [moment.isoformat() for moment in upcoming]})


class ReportListView(APIView):
    """Reports that were made."""

    @extend_schema(
        parameters=[*PARAMETERS, OpenApiParameter("plan", int)], responses=shapes.ReportList
    )
    def get(self, request: Request) -> Response:
        """List reports, newest first; previews are left out."""
        rows = access.visible_reports(identity_of(request), Permission.READ)
        plan = request.GET.get("plan")
        if plan and not plan.isdigit():
            raise ValidationError({"plan": "a number"})
        rows = rows.filter(is_preview=False)
        page, cursor = read_page(rows.filter(plan=int(plan)) if plan else rows, request)
        return Response({"results": list(map(shapes.report_json, page)), "cursor": cursor})


def _report(request: Request, report_id: UUID) -> Report:
    return access.pick(access.visible_reports(identity_of(request), Permission.READ), report_id)


class ReportView(APIView):
    """One report."""

    @extend_schema(responses=shapes.FullReport)
    def get(self, request: Request, report_id: UUID) -> Response:
        """Return a report and what it says."""
        return Response(shapes.full_report_json(_report(request, report_id)))


def _file(report: Report, name: str, content_type: str) -> HttpResponse:
    if report.state not in {ReportState.READY, ReportState.SKIPPED}:
        raise NotReadyError(f"report {report.pk} is {report.state}")
    try:
        data = file_path(report, name).read_bytes()
    except FileNotFoundError as error:
        raise NotVisibleError(f"report {report.pk} has no {name}") from error
    headers = {"Cache-Control": "private, max-age=86400", "Content-Security-Policy": SANDBOX}
    return HttpResponse(data, content_type=content_type, headers=headers)


class ReportPdfView(APIView):
    """A report as a PDF."""

    @extend_schema(responses={(200, "application/pdf"): OpenApiResponse(bytes)})
    def get(self, request: Request, report_id: UUID) -> HttpResponse:
        """Return the PDF."""
        report = _report(request, report_id)
        answer = _file(report, PDF, "application/pdf")
        name = f"report-{report.start:%Y-%m-%d}.pdf"
        answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer


class ReportPictureView(APIView):
    """A picture of a report."""

    @extend_schema(responses={(200, "image/png"): OpenApiResponse(bytes)})
    def get(self, request: Request, report_id: UUID, name: str) -> HttpResponse:
        """Return a picture by its name, with ``-dark`` added for a dark page."""
        if not PICTURE.fullmatch(name):
            raise NotVisibleError(f"no picture {name}")
        return _file(_report(request, report_id), f"{name}.png", "image/png")


class ReportTableView(APIView):
    """A table of a report, for spreadsheets."""

    @extend_schema(responses={(200, "text/csv"): OpenApiResponse(str)})
    def get(self, request: Request, report_id: UUID, section: str) -> HttpResponse:
        """Return a section's table as CSV; no cell can become a formula."""
        report = _report(request, report_id)
        if report.content is None:
            raise NotReadyError(f"report {report.pk} is {report.state}")
        for found in read_content(report.content).sections:
            if found.key == section and found.table is not None:
                name = f'attachment; filename="{section}.csv"'
                return HttpResponse(
                    as_csv(found.table),
                    content_type="text/csv; charset=utf-8",
                    headers={"Content-Disposition": name},
                )
        raise NotVisibleError(f"report {report.pk} has no table {section}")
