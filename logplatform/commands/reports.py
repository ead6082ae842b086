"""``report``: a report made here and now, into a file. No service need run."""

from __future__ import annotations

import base64
import json
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from logplatform.cli import DONE
from logplatform.commands.failures import CommandError
from logplatform.commands.ready import default_team, prepare_home
from logplatform.reports.building import compose
from logplatform.reports.models import Report, ReportPlan
from logplatform.reports.pdf import as_pdf
from logplatform.reports.rendering import as_html, as_text
from logplatform.reports.schedule import period_before

if TYPE_CHECKING:
    import argparse

    from logplatform.reports.content import Content

SUFFIXES = (".pdf", ".html", ".txt", ".json")


def run_report(arguments: argparse.Namespace) -> int:
    """Write the report of a plan's last whole period; the file's ending says in which form."""
    prepare_home()
    if arguments.out.suffix not in SUFFIXES:
        raise CommandError(f"{arguments.out}: a name that ends in {', '.join(SUFFIXES)}")
    plan = ReportPlan.objects.filter(team=default_team(), name=arguments.name).first()
    if plan is None:
        raise CommandError(f"no report named {arguments.name}")
    moment = datetime.now(tz=UTC)
    if arguments.at is not None:
        moment = arguments.at if arguments.at.tzinfo else arguments.at.replace(tzinfo=UTC)
    start, end = period_before(plan.period, plan.time_zone, moment)
    report = Report(team=plan.team, plan=plan, title=plan.name, start=start, end=end)
    content, pictures = compose(report)
    arguments.out.write_bytes(_render(arguments.out.suffix, content, pictures))
    sys.stdout.write(f"{arguments.out}: {content.title}, {content.period}\n")
    return DONE


def _render(suffix: str, content: Content, pictures: dict[str, bytes]) -> bytes:
    match suffix:
        case ".pdf":
            return as_pdf(content, link="", pictures=pictures)
        case ".html":
            inside = {
                name: f"data:image/png;base64,{base64.b64encode(data).decode()}"
                for name, data in pictures.items()
            }
            return as_html(content, link="", pictures=inside).encode()
        case ".txt":
            return as_text(content, link="").encode()
        case _:
            return json.dumps(content.to_json(), indent=2, ensure_ascii=False).encode()


def list_reports(arguments: argparse.Namespace) -> int:  # noqa: ARG001  (as every command)
    """Print each plan's name, schedule, time zone and next time."""
    prepare_home()
    for plan in ReportPlan.objects.filter(team=default_team()).order_by("name"):
        due = plan.next_due.isoformat() if plan.next_due else "never"
        sys.stdout.write(f"{plan.name}\t{plan.cron}\t{plan.time_zone}\t{due}\n")
    return DONE
