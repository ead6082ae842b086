"""A stored report as a mail: HTML with its pictures inside, plain text, and the PDF."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logplatform.accounts.errors import NotVisibleError
from logplatform.reports import mail
from logplatform.reports.content import read_content
from logplatform.reports.files import PDF, file_path, report_link
from logplatform.reports.models import Report
from logplatform.reports.rendering import as_html, as_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from email.message import EmailMessage


def compose_report(report_id: str, *, to: Sequence[str], message_id: str) -> EmailMessage:
    """Return the mail of a built report."""
    report = Report.objects.select_related("plan").filter(pk=report_id).first()
    if report is None or report.content is None or report.finished is None:
        raise NotVisibleError(f"report {report_id} is gone")
    content, link = read_content(report.content), report_link(report)
    names = [picture.name for section in content.sections for picture in section.all_pictures]
    ids = {name: f"{name}.{report.pk}@logplatform" for name in names}
    found = mail.compose(
        subject=f"{content.title}: {content.period}",
        to=to,
        text=as_text(content, link=link),
        html=as_html(
            content, link=link, pictures={name: f"cid:{cid}" for name, cid in ids.items()}
        ),
        message_id=message_id,
        date=report.finished,
    )
    pictures = {cid: file_path(report, f"{name}.png").read_bytes() for name, cid in ids.items()}
    mail.add_pictures(found, pictures)
    mail.add_pdf(
        found, file_path(report, PDF).read_bytes(), f"report-{report.start:%Y-%m-%d}.pdf"
    )
    return found
