"""``doctor``: what keeps the platform from working, each in one line."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from django.conf import settings
from django.core import checks
from kombu.connection import Connection
from kombu.exceptions import OperationalError

from logplatform.cli import BAD_INPUT, DONE
from logplatform.commands.ready import prepare_home
from logplatform.logs.models import Job, JobState
from logplatform.logs.readiness import unready

if TYPE_CHECKING:
    import argparse


def doctor(arguments: argparse.Namespace) -> int:  # noqa: ARG001  (as every command)
    """Print what is wrong; exit code 0 where nothing is."""
    prepare_home()
    wrong = [
        *[
            f"settings: {message.msg}"
            for message in checks.run_checks()
            if message.is_serious()
        ],
        *unready(),
        *_broker(),
        *_failed_jobs(),
    ]
    for sentence in wrong:
        sys.stdout.write(f"{sentence}\n")
    if not wrong:
        sys.stdout.write(f"{settings.HOME.root}: all is well\n")
    return BAD_INPUT if wrong else DONE


def _broker() -> list[str]:
    try:
        with Connection(  # type: ignore[no-untyped-call]
            settings.CELERY_BROKER_URL,
            transport_options=settings.CELERY_BROKER_TRANSPORT_OPTIONS,
        ) as connection:
            connection.ensure_connection(max_retries=1, timeout=5)
    except OperationalError as error:
        return [f"broker: {error}"]
    return []


def _failed_jobs() -> list[str]:
    failed = Job.objects.filter(state=JobState.FAILED).select_related("source")
    return [f"job {job.pk} ({job.about}): {job.error}" for job in failed]
