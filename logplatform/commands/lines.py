"""``ingest`` and ``export``: bytes in, the same bytes out. No service need run."""

from __future__ import annotations

import json
import sys
import time
from contextlib import nullcontext
from typing import TYPE_CHECKING, BinaryIO

from logplatform import tasks
from logplatform.cli import DONE
from logplatform.commands.failures import CommandError
from logplatform.commands.ready import ensure_source, existing_source, prepare_home
from logplatform.logs import jobs
from logplatform.logs.export import write_source
from logplatform.logs.models import Batch, BatchState, Job, JobState, Segment, Template
from logplatform.logs.services import Accepted, accept_upload
from logscan import open_input

if TYPE_CHECKING:
    import argparse
    from contextlib import AbstractContextManager

    from logplatform.logs.models import Source

# How often to look whether the worker that holds the job is done.
POLL_S = 0.2


def ingest(arguments: argparse.Namespace) -> int:
    """Store a file, and with ``--wait`` see it sealed."""
    prepare_home()
    began = time.monotonic()
    with open_input(sys.stdin.buffer if arguments.file == "-" else arguments.file) as stream:
        source = ensure_source(arguments.source)
        accepted = accept_upload(source, stream)
    if arguments.wait:
        _seal_here(source, accepted)
    else:
        tasks.send_job(jobs.queue_seal(source))
    report = _report(source, accepted, time.monotonic() - began)
    sys.stdout.write(json.dumps(report) if arguments.json else _sentence(report))
    sys.stdout.write("\n")
    return DONE


def _seal_here(source: Source, accepted: Accepted) -> None:
    """Do the source's seal jobs until these batches are sealed, unless a worker does."""
    # Imported here because only --wait needs the engines that seal.
    from logplatform.logs.seal import run_seal_job

    wanted = [batch.pk for batch in accepted.batches]
    while True:
        states = set(Batch.objects.filter(pk__in=wanted).values_list("state", flat=True))
        if BatchState.FAILED in states:
            _fail(source)
        if BatchState.ACCEPTED not in states:
            return
        if not run_seal_job(jobs.queue_seal(source)):
            time.sleep(POLL_S)


def _fail(source: Source) -> None:
    failed = Job.objects.filter(source=source, state=JobState.FAILED).order_by("-pk").first()
    raise CommandError(f"{source.name}: {failed.error if failed else 'a seal has failed'}")


def _report(source: Source, accepted: Accepted, seconds: float) -> dict[str, object]:
    segments = Segment.objects.filter(
        pk__in=Batch.objects.filter(
            pk__in=[batch.pk for batch in accepted.batches]
        ).values_list("segment", flat=True)
    )
    return {
        "source": source.name,
        "lines": accepted.lines,
        "templates": Template.objects.filter(source=source, alias_of=None).count(),
        "seconds": round(seconds, 3),
        "raw_bytes": accepted.bytes,
        "stored_bytes": sum(segments.values_list("stored_bytes", flat=True)),
        "duplicate": accepted.is_duplicate,
    }


def _sentence(report: dict[str, object]) -> str:
    if report["duplicate"]:
        return f"{report['source']}: these {report['lines']} lines were stored before"
    return (
        f"{report['source']}: {report['lines']} lines, {report['templates']} templates, "
        f"{report['raw_bytes']} bytes to {report['stored_bytes']} in {report['seconds']} s"
    )


def export(arguments: argparse.Namespace) -> int:
    """Write a source's bytes as they came."""
    prepare_home()
    source = existing_source(arguments.source)
    target: AbstractContextManager[BinaryIO] = (
        arguments.output.open("wb") if arguments.output else nullcontext(sys.stdout.buffer)
    )
    with target as out:
        write_source(source, out)
        out.flush()
    return DONE
