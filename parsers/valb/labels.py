"""Labelled logs: where the variables of a template lie in a message. Not used when parsing."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from valb.category import Category
from valb.errors import BadLabels

if TYPE_CHECKING:
    from pathlib import Path

MARKER = "<*>"


@dataclass(frozen=True)
class LabelledLog:
    """One system: messages, the true template of each, the categories of each template."""

    name: str
    messages: list[str]
    templates: list[str]
    categories: dict[str, tuple[Category, ...]]

    def data(self) -> bytes:
        """Return the messages as a file of lines."""
        return b"".join(message.encode() + b"\n" for message in self.messages)


def _rows(path: Path) -> list[dict[str, str]]:
    if not path.is_file():
        raise BadLabels(f"{path}: no such file")
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def read_log(folder: Path) -> LabelledLog:
    """Read ``structured.csv`` and ``categories.csv`` of one system."""
    slots: dict[str, list[Category]] = {}
    for number, row in enumerate(_rows(folder / "categories.csv"), 2):
        try:
            slots.setdefault(row["EventId"], []).append(Category(row["Category"]))
        except (KeyError, ValueError) as error:
            raise BadLabels(f"{folder / 'categories.csv'}:{number}: {error}") from error
    messages, templates = [], []
    categories: dict[str, tuple[Category, ...]] = {}
    for number, row in enumerate(_rows(folder / "structured.csv"), 2):
        try:
            message, template, event = row["Content"], row["EventTemplate"], row["EventId"]
        except KeyError as error:
            raise BadLabels(f"{folder / 'structured.csv'}:{number}: no {error}") from error
        messages.append(message)
        templates.append(template)
        known = tuple(slots.get(event, ()))
        if len(known) != template.count(MARKER):
            raise BadLabels(
                f"{folder / 'categories.csv'}: {event} has {len(known)} categories for"
                f" {template.count(MARKER)} variables"
            )
        categories.setdefault(template, known)
    return LabelledLog(folder.name, messages, templates, categories)


def read_logs(folder: Path) -> list[LabelledLog]:
    """Read every system below a folder, in the order of their names."""
    names = sorted(path.parent.name for path in folder.glob("*/structured.csv"))
    if not names:
        raise BadLabels(f"{folder}: no */structured.csv below it")
    return [read_log(folder / name) for name in names]


@lru_cache(maxsize=4096)
def _pattern(template: str) -> re.Pattern[str]:
    parts = []
    for part in template.strip().split(MARKER):
        words = [re.escape(word) for word in re.split(r"\s+", part)]
        parts.append(r"\s+".join(words))
    return re.compile(r"\s*" + "(.*?)".join(parts) + r"\s*", re.S)


def align(message: str, template: str) -> list[tuple[int, int]] | None:
    """Find the span of each variable of a template in a message; None where it does not fit.

    Runs of blanks in the message may be one blank in the template, as the labels have it.
    """
    match = _pattern(template).fullmatch(message)
    return None if match is None else [match.span(i + 1) for i in range(template.count(MARKER))]
