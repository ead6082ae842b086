"""Where the files of a built report lie, and its address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings

from logplatform.reports.places import page

if TYPE_CHECKING:
    from pathlib import Path

    from logplatform.reports.models import Report

PDF = "report.pdf"


def file_path(report: Report, name: str) -> Path:
    """Return where a file of a built report lies."""
    path: Path = settings.HOME.reports / report.folder / name
    return path


def report_link(report: Report) -> str:
    """Return the stable address of a report's page; empty where we do not know ours."""
    return page(f"/reports/{report.pk}")
