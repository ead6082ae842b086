"""Logs as rows: the templates of a file with their counts and a sample of each."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from adaptivelog.examples import Row
from adaptivelog.prompts import Question
from valb import Annotator
from valb.parse import message_batches, open_log, record_batches

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class SeenTemplate:
    """A template of a log; `question` asks about its text with typed variables."""

    id: str
    question: Question
    records: int


def read_templates(path: str, *, messages: bool = False) -> tuple[SeenTemplate, ...]:
    """Parse a log and give its templates, the most frequent first.

    Parameters
    ----------
    path : str
        A log, packed or not; ``-`` for standard input.
    messages : bool
        Whether lines are bare messages without a header.
    """
    annotator = Annotator()
    counts: dict[str, int] = {}
    with closing(open_log(path)) as stream:
        batches = (
            message_batches(stream)
            if messages
            else record_batches(stream, received_ns=time.time_ns())
        )
        for batch in batches:
            annotation = annotator.annotate(batch)
            totals = np.bincount(
                annotation.template, batch.counts(), minlength=len(annotation.templates)
            )
            for template, count in zip(annotation.templates, totals.tolist(), strict=True):
                counts[template.id] = counts.get(template.id, 0) + int(count)
            for old, new in annotation.merged.items():
                counts[new] = counts.get(new, 0) + counts.pop(old, 0)
    found = sorted(annotator.templates, key=lambda t: (-counts.get(t.id, 0), t.id))
    return tuple(
        # The typed text holds no value: what is private in a variable never reaches a prompt.
        SeenTemplate(t.id, Question(Row(t.typed_text)), counts.get(t.id, 0))
        for t in found
    )


def is_log(path: Path) -> bool:
    """Say whether a file is a log rather than rows to classify."""
    return path.suffix not in (".ndjson", ".jsonl", ".csv")
