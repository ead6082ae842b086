"""Reports are built by jobs: figures, pictures and PDF first, then one row that says so."""

from __future__ import annotations

import os
import secrets
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.db import OperationalError, transaction

from logplatform.logs import jobs
from logplatform.logs.models import Job, Source
from logplatform.logs.query import parse
from logplatform.reports import deliveries
from logplatform.reports.content import Content
from logplatform.reports.figures import Figures
from logplatform.reports.files import PDF, report_link
from logplatform.reports.messages import Line, Message
from logplatform.reports.models import Report, ReportState
from logplatform.reports.pdf import as_pdf
from logplatform.reports.plans import SUBJECT
from logplatform.reports.polish import polished
from logplatform.reports.sections.all import build_sections
from logplatform.reports.wording import local_time

if TYPE_CHECKING:
    from pathlib import Path


def run_report_job(job_id: int) -> bool:
    """Build a report and queue its mails; False where another worker does."""
    subject = Job.objects.filter(pk=job_id).values_list("subject", flat=True).first()
    report_id = (subject or "").removeprefix(SUBJECT)

    def work(lease: jobs.Lease) -> None:
        build_report(UUID(report_id), lease=lease)

    def set_aside(error: Exception) -> None:
        Report.objects.filter(pk=report_id, state=ReportState.QUEUED).update(
            state=ReportState.FAILED,
            error=f"{type(error).__name__}: {error}"[:2000],
            finished=datetime.now(tz=UTC),
        )

    return jobs.run_job(
        job_id, work, transient=(OSError, OperationalError), set_aside=set_aside
    )


def build_report(report_id: UUID, *, lease: jobs.Lease | None = None) -> None:
    """Build a report that is queued; what was built before stays as it is."""
    report = Report.objects.select_related("plan").filter(pk=report_id).first()
    if report is None or report.state not in {ReportState.QUEUED, ReportState.FAILED}:
        return
    content, pictures = compose(report)
    files = {f"{name}.png": data for name, data in pictures.items()}
    files[PDF] = as_pdf(content, link=report_link(report), pictures=pictures)
    folder = f"{report.pk}-{secrets.token_hex(4)}"
    _write(settings.HOME.reports / folder, files)
    if lease is not None:
        lease.renew(0.9)
    _commit(report, content, folder)


def compose(report: Report) -> tuple[Content, dict[str, bytes]]:
    """Return what a report says, and its pictures (PNG by name)."""
    plan = report.plan
    everything = Source.objects.filter(team=report.team_id)
    rows = everything if plan.all_sources else plan.sources.all()
    figures = Figures(
        sources=tuple(rows.order_by("name")),
        query=parse(plan.query),
        query_text=plan.query,
        start=report.start,
        end=report.end,
        time_zone=plan.time_zone,
    )
    sections = polished(report.team, build_sections(figures, plan.sections))
    begin, end = (local_time(at, plan.time_zone) for at in (report.start, report.end))
    period = f"{begin} to {end} ({plan.time_zone})"
    return Content(report.title, period, sections), figures.pictures


def _write(folder: Path, files: dict[str, bytes]) -> None:
    """Write files durably: the row that names the folder comes after."""
    folder.mkdir(mode=0o700, parents=True)
    for name, data in files.items():
        with (folder / name).open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())


def _commit(report: Report, content: Content, folder: str) -> None:
    is_skipped = (
        report.plan.skip_unchanged and report.due is not None and not content.is_notable
    )
    with transaction.atomic():
        is_ours = Report.objects.filter(
            pk=report.pk, state__in=[ReportState.QUEUED, ReportState.FAILED]
        ).update(
            state=ReportState.SKIPPED if is_skipped else ReportState.READY,
            content=content.to_json(),
            folder=folder,
            finished=datetime.now(tz=UTC),
            error="",
        )
        if is_ours and not is_skipped and not report.is_preview:
            deliveries.queue(
                report.plan.channels.all(),
                _message(report, content),
                identity=f"report:{report.pk}",
                report=report,
            )


def _message(report: Report, content: Content) -> Message:
    """Return a report for channels that take no mails: what it says first."""
    sentences = content.sections[0].sentences if content.sections else ()
    return Message(
        kind="report",
        title=f"{content.title}: {content.period}",
        lines=tuple(Line(sentence) for sentence in sentences),
        link=report_link(report),
        about=f"logplatform-report-{report.plan_id}",
        report=str(report.pk),
    )
