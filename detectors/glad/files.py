"""Logs in files to events: scan and templates, run here so that a file is all one needs."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from glad.events import join_events, read_events
from logscan import detect_format, open_input, read_blocks, scan
from valb import Annotator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from glad.events import Events
    from logscan import RecordBatch

# What the header format is detected on.
SAMPLE_BYTES = 256 << 10


def read_log(path: Path) -> Events:
    """Read a log, plain or packed.

    The file is read twice: once so that all templates are final, once for the events.
    """
    annotator = Annotator()
    for batch in _batches(path):
        annotator.annotate(batch)
    parts = []
    row = 0
    for batch in _batches(path):
        parts.append(read_events(batch, annotator.annotate(batch), first_row=row))
        row += len(batch)
    return join_events(parts)


def _batches(path: Path) -> Iterator[RecordBatch]:
    with open_input(path) as stream:
        header = detect_format(stream.read(SAMPLE_BYTES))
    received_ns = time.time_ns()
    previous_ns = None
    with open_input(path) as stream:
        for block in read_blocks(stream, header=header):
            batch = scan(block, header=header, received_ns=received_ns, previous_ns=previous_ns)
            if len(batch):
                previous_ns = int(batch.time_ns[-1])
            yield batch
