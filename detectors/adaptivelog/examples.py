"""Rows to classify and rows with their true label. Reading a log is `templates.py`."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from adaptivelog.errors import BadLabels

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True, order=True)
class Row:
    """What is judged: a template or a message, with a second text where two are compared."""

    text: str
    other: str = ""


@dataclass(frozen=True, slots=True)
class Example:
    """A row with its true label."""

    row: Row
    label: str


def read_examples(path: Path) -> tuple[Example, ...]:
    """Read labelled rows from CSV or NDJSON with fields text, label and, if need be, other.

    Parameters
    ----------
    path : Path
        ``*.csv`` with a header line, or ``*.ndjson``/``*.jsonl`` with one object a line.
    """
    read = _csv_rows if path.suffix == ".csv" else _json_rows
    examples = tuple(_example(path, number, fields) for number, fields in read(path))
    if not examples:
        raise BadLabels(f"{path}: no labelled rows")
    return examples


def read_rows(path: Path) -> tuple[Row, ...]:
    """Read rows without labels, in the same two forms."""
    read = _csv_rows if path.suffix == ".csv" else _json_rows
    return tuple(_row(path, number, fields) for number, fields in read(path))


def labels_of(examples: Sequence[Example]) -> tuple[str, ...]:
    """Give the distinct labels, sorted."""
    return tuple(sorted({example.label for example in examples}))


def _csv_rows(path: Path) -> Iterator[tuple[int, dict[str, object]]]:
    with path.open(newline="", encoding="utf-8") as lines:
        reader = csv.DictReader(lines)
        for fields in reader:
            yield reader.line_num, dict(fields)


def _json_rows(path: Path) -> Iterator[tuple[int, dict[str, object]]]:
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                fields = json.loads(line)
            except ValueError as error:
                raise BadLabels(f"{path}: line {number}: not JSON: {error}") from error
            if not isinstance(fields, dict):
                raise BadLabels(f"{path}: line {number}: not an object")
            yield number, fields


def _row(path: Path, number: int, fields: dict[str, object]) -> Row:
    text, other = fields.get("text"), fields.get("other") or ""
    if not isinstance(text, str) or not isinstance(other, str):
        raise BadLabels(f"{path}: line {number}: no text")
    return Row(text, other)


def _example(path: Path, number: int, fields: dict[str, object]) -> Example:
    label = fields.get("label")
    if not isinstance(label, str) or not label:
        raise BadLabels(f"{path}: line {number}: no label")
    return Example(_row(path, number, fields), label)
