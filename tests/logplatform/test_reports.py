"""Reports: what they say is what the API says, and it arrives as a mail, a page and a PDF."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta

import pypdfium2
import pytest
from django.conf import settings as django_settings
from PIL import Image

from logplatform.logs import jobs
from logplatform.logs.models import Job, JobKind, JobState
from logplatform.reports import channels, deliveries, plans
from logplatform.reports.building import build_report, run_report_job
from logplatform.reports.content import Cell, Column, Table, read_content
from logplatform.reports.files import sweep_files
from logplatform.reports.models import Delivery, DeliveryState, ReportState
from logplatform.reports.plans import PlanDraft
from logplatform.reports.rendering import as_csv
from logplatform.reports.sections.gaps import find_gaps
from tests.alert_replay import lines_at
from tests.fakes import seal_now
from tests.receivers import http_receiver, mailbox
from tests.shop_log import accept

DAY = datetime(2026, 3, 10, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
EVIL = "<script>alert(1)</script> =cmd() $x$ 漢"


def day_of_lines(day, extra):
    lines = []
    for hour in range(0, 24, 2):
        at = day + timedelta(hours=hour)
        lines.append(lines_at(at, "INFO request served status", 20))
        lines.append(extra(hour, at))
    return b"".join(lines)


@pytest.fixture
def two_days(source):
    """Give a quiet day and one on which much has changed."""
    accept(
        source,
        day_of_lines(DAY - timedelta(days=1), lambda hour, at: lines_at(at, "WARN old", 1)),
    )
    seal_now(source)
    accept(
        source,
        day_of_lines(
            DAY,
            lambda hour, at: (
                lines_at(at, f"ERROR boom {EVIL}", 5 * (hour > 12))
                + lines_at(at, "INFO request served status", 40 * (hour > 12))
            ),
        ),
    )
    seal_now(source)
    return source


@pytest.fixture
def smtp(settings):
    with mailbox() as found:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", found.port
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.CONFIG = settings.CONFIG.model_copy(
            update={"public_address": "https://logs.example.org/"}
        )
        yield found


def make(team, *, due=DAY + timedelta(hours=31), **given):
    draft = PlanDraft(**{"name": "Daily", "cron": "0 7 * * *", **given})
    plan = plans.create_plan(team=team, draft=draft)
    plan.next_due = due
    plan.save()
    (job,) = plans.queue_due(due + MINUTE)
    return plan.reports.get(), job


def mail_channel(team):
    return channels.create_channel(
        team=team, draft=channels.ChannelDraft("mail", "email", recipients=("ops@example.org",))
    )


def sections_of(report):
    report.refresh_from_db()
    return {section.key: section for section in read_content(report.content).sections}


def test_report_is_built_mailed_and_parsed_back(two_days, team, smtp):
    report, job = make(team, channels=(mail_channel(team),))
    assert run_report_job(job)
    for delivery in deliveries.ready(datetime.now(tz=UTC)):
        deliveries.deliver(delivery)
    (mail,) = smtp.mails
    html = mail.get_body(("html",)).get_content()
    text = mail.get_body(("plain",)).get_content()
    pictures = {
        part["Content-ID"].strip("<>"): part for part in mail.walk() if part["Content-ID"]
    }
    assert pictures
    for name, part in pictures.items():
        assert f'src="cid:{name}"' in html
        assert Image.open(io.BytesIO(part.get_content())).size[0] > 700
    assert html.count('alt="') == html.count("<img") == len(pictures)
    assert f"https://logs.example.org/reports/{report.pk}" in html
    assert f"https://logs.example.org/reports/{report.pk}" in text
    assert "https://logs.example.org/explore?q=template%3A" in html
    assert "<script>alert" not in html
    assert "color-scheme" in html
    assert "1 new template" in text
    pdf = next(p for p in mail.iter_attachments() if p.get_content_type() == "application/pdf")
    assert pdf.get_content().startswith(b"%PDF")
    assert mail["Message-ID"] == f"<{Delivery.objects.get().pk}@logplatform>"
    check_pdf(pdf.get_content())


def check_pdf(data):
    """Turn the PDF into pictures: there is ink on each page, and the text is text."""
    document = pypdfium2.PdfDocument(data)
    assert len(document) >= 1
    for page in document:
        picture = page.render(scale=0.5).to_pil().convert("L")
        assert picture.getextrema()[0] < 100 < picture.getextrema()[1]
    assert "In short" in document[0].get_textpage().get_text_range()
    document.close()


def test_figures_are_those_of_the_api(two_days, team, signed_in):
    report, job = make(team)
    run_report_job(job)
    found = sections_of(report)
    browser = signed_in("viewer")
    scope = "start=2026-03-10T00:00:00Z&end=2026-03-11T00:00:00Z"
    levels = {
        row[0].text: int(row[1].text.replace(",", "")) for row in found["severity"].table.rows
    }
    for level, count in levels.items():
        answer = browser.get(f"/api/v1/search/count?{scope}&q=level:{level}").json()
        assert answer["count"] == count
    patterns = browser.get(f"/api/v1/patterns?{scope}").json()
    assert f"{patterns['total']} records" in found["summary"].sentences[0]
    (new,) = found["new_templates"].table.rows
    link = (
        new[0].link.removeprefix("/explore?").replace("from=", "start=").replace("to=", "end=")
    )
    assert browser.get(f"/api/v1/search/count?{link}").json()["count"] == int(new[3].text)
    assert found["vanished_templates"].table.rows[0][3].text == "12"
    moved = found["movers"].table.rows[0]
    assert [cell.text for cell in moved[2:]] == ["440", "240", "+83 %"]
    assert found["gaps"].is_notable is False
    assert "ratio" in found["storage"].sentences[0]
    assert found["summary"].sentences[0].startswith("465 records from 1 source, +85 % against")


def test_job_that_runs_twice_reports_once(two_days, team, smtp):
    report, job = make(team, sections=("summary",), channels=(mail_channel(team),))
    assert run_report_job(job)
    build_report(report.pk)
    again = jobs.queue_job(JobKind.REPORT, subject=f"report:{report.pk}")
    assert run_report_job(again)
    assert Delivery.objects.count() == 1
    assert len(list(django_settings.HOME.reports.iterdir())) == 1


def test_report_without_news_is_skipped_if_so_set(source, team):
    for day in (DAY - timedelta(days=1), DAY):
        accept(source, day_of_lines(day, lambda hour, at: b""))
        seal_now(source)
    report, job = make(
        team,
        skip_unchanged=True,
        sections=("summary", "new_templates", "movers"),
        channels=(mail_channel(team),),
    )
    run_report_job(job)
    report.refresh_from_db()
    assert report.state == ReportState.SKIPPED
    assert not Delivery.objects.exists()
    asked, job = plans.order(report.plan, is_preview=False)
    run_report_job(job)
    asked.refresh_from_db()
    assert asked.state == ReportState.READY  # who asks gets an answer


def test_preview_is_sent_to_nobody(two_days, team):
    plan = make(team, sections=("summary",), channels=(mail_channel(team),))[0].plan
    preview, job = plans.order(plan, is_preview=True)
    run_report_job(job)
    preview.refresh_from_db()
    assert preview.state == ReportState.READY
    assert not Delivery.objects.filter(report=preview).exists()


def test_report_of_nothing_at_all_is_a_report(source, team):
    report, job = make(team, sections=("summary",))
    run_report_job(job)
    assert "No records" in sections_of(report)["summary"].sentences[0]


def test_report_goes_to_chat_as_sentences_and_a_link(two_days, team, settings):
    settings.CONFIG = settings.CONFIG.model_copy(
        update={"channel_networks": "127.0.0.0/8", "public_address": "https://logs.example.org"}
    )
    with http_receiver() as receiver:
        channel = channels.create_channel(
            team=team, draft=channels.ChannelDraft("chat", "slack", url=receiver.url)
        )
        report, job = make(team, sections=("summary",), channels=(channel,))
        run_report_job(job)
        deliveries.deliver(Delivery.objects.get().pk)
        assert Delivery.objects.get().state == DeliveryState.SENT
        said = str(receiver.bodies()[0])
    assert "465 records" in said
    assert f"https://logs.example.org/reports/{report.pk}" in said


def test_failure_is_shown_in_the_report(two_days, team, settings):
    report, job = make(team)
    plan = report.plan
    plan.query = 'level:"'  # the language has changed since it was stored
    plan.save()
    for _ in range(jobs.MAX_ATTEMPTS):
        Job.objects.filter(pk=job, state=JobState.QUEUED).update(
            not_before=datetime.now(tz=UTC)
        )
        with pytest.raises(Exception, match="quote"):
            run_report_job(job)
    report.refresh_from_db()
    assert report.state == ReportState.FAILED
    assert report.error


def test_files_that_no_row_names_are_swept(two_days, team, monkeypatch):
    report, job = make(team, sections=("summary",))
    run_report_job(job)
    report.refresh_from_db()
    (django_settings.HOME.reports / "orphan").mkdir()
    monkeypatch.setattr("logplatform.reports.files.ORPHAN_S", -1.0)
    sweep_files(datetime.now(tz=UTC))
    assert [folder.name for folder in django_settings.HOME.reports.iterdir()] == [report.folder]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-x", "@SUM(A1)", "\t=1", "\r=1", "  =1"])
def test_formulas_in_exports_are_defused(text):
    table = Table((Column("a"), Column("n", is_number=True)), ((Cell(text), Cell("-1,234")),))
    _, row = csv.reader(io.StringIO(as_csv(table)))
    assert row[0] == f"'{text}"
    assert row[1] == "-1234"


def test_gap_is_longer_than_the_usual_pauses():
    import numpy as np

    busy = np.array([*range(100, 200), *range(260, 300)])
    assert find_gaps(busy, 100, 300) == [(200, 260)]
    hourly = np.arange(0, 1440, 60)
    assert find_gaps(hourly, 0, 1440) == []
    assert find_gaps(busy, 0, 300) == [(0, 100), (200, 260)]
