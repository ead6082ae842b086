"""Where the files of a built report lie, and its address."""

from __future__ import annotations

import logging
import shutil
import time
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings

from logplatform.reports.models import Report
from logplatform.reports.places import page

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

log = logging.getLogger(__name__)

PDF = "report.pdf"
# A build takes minutes at most; folders this old that no row names were left by a crash.
ORPHAN_S = 3600.0
# They are looked at once.
KEEP_PREVIEWS = timedelta(days=7)


def file_path(report: Report, name: str) -> Path:
    """Return where a file of a built report lies."""
    path: Path = settings.HOME.reports / report.folder / name
    return path


def report_link(report: Report) -> str:
    """Return the stable address of a report's page; empty where we do not know ours."""
    return page(f"/reports/{report.pk}")


def sweep_files(now: datetime) -> None:
    """Forget old previews, and delete the folders that no row names."""
    Report.objects.filter(is_preview=True, created__lt=now - KEEP_PREVIEWS).delete()
    named = set(Report.objects.exclude(folder="").values_list("folder", flat=True))
    for folder in settings.HOME.reports.glob("*"):
        if folder.name not in named and time.time() - folder.stat().st_mtime > ORPHAN_S:
            log.info("deleting %s, which no report names", folder)
            shutil.rmtree(folder, ignore_errors=True)
