"""The answers about some templates, for tables and pages that show them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from logplatform.triage.models import Label, TriageTask
from logplatform.triage.taxonomy import SEEDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from django.db.models import QuerySet

TEMPLATES_A_QUERY = 10_000  # SQLite takes 32,766 parameters in a statement


class LabelCount(NamedTuple):
    """How many of some templates have a label."""

    task: str
    label: str
    templates: int


def _about(templates: Iterable[int]) -> Iterator[QuerySet[Label]]:
    rows = list(templates)
    for low in range(0, len(rows), TEMPLATES_A_QUERY):
        yield Label.objects.filter(template__in=rows[low : low + TEMPLATES_A_QUERY])


def answers_about(templates: Iterable[int]) -> dict[int, list[Label]]:
    """Return the answers to every task about each template's row."""
    found: dict[int, list[Label]] = {}
    for rows in _about(templates):
        for row in rows.select_related("task").order_by("task"):
            found.setdefault(row.template_id, []).append(row)
    return found


def count_labels(templates: Iterable[int]) -> list[LabelCount]:
    """Return the labels that some templates have, by task and the most frequent first."""
    counts: Counter[tuple[str, str]] = Counter()
    for rows in _about(templates):
        labelled = rows.filter(task__explains=False).exclude(label="")
        counts.update(labelled.values_list("task__name", "label"))
    ordered = sorted(counts.items(), key=lambda item: (item[0][0], -item[1], item[0][1]))
    return [LabelCount(task, label, n) for (task, label), n in ordered]


def labels_of(source_id: int, task: str) -> dict[int, str]:
    """Return what a source's templates are called at present, by their rows."""
    rows = Label.objects.filter(template__source=source_id, task__name=task).exclude(label="")
    return dict(rows.values_list("template_id", "label"))


def order_of(source_id: int, task: str) -> tuple[str, ...]:
    """Return the labels of a task of a source's team, as they are shown: the worst first."""
    found = TriageTask.objects.filter(team__sources=source_id, name=task).first()
    if found is not None:
        return found.names
    return next((seed.names for seed in SEEDS if seed.name == task), ())


def triaged(templates: Iterable[int], tasks: Iterable[str]) -> set[int]:
    """Return those of some templates that every one of some tasks was asked about."""
    names = frozenset(tasks)
    asked: Counter[int] = Counter()
    for rows in _about(templates):
        some = rows.filter(task__name__in=names)
        asked.update(some.values_list("template_id", flat=True))
    return {template for template, answers in asked.items() if answers == len(names)}


def with_label(templates: Iterable[int], *, task: str, label: str) -> set[int]:
    """Return the templates whose present answer to a task is a label."""
    found: set[int] = set()
    for rows in _about(templates):
        some = rows.filter(task__name=task, label=label)
        found.update(some.values_list("template_id", flat=True))
    return found
