"""The review queue: what a person's verdict is worth most on comes first."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Sum

from adaptivelog import review_value
from logplatform.logs.models import TemplateCount
from logplatform.triage.models import Label, LabelState
from logplatform.triage.routing import log_levels

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from logplatform.logs.models import Source
    from logplatform.triage.models import TriageTask
    from logscan import Level

MAX_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Waiting:
    """A template that waits for a person, and what its verdict is worth."""

    answer: Label
    records: int
    level: Level | None
    value: float


def in_review(task: TriageTask, sources: Iterable[Source]) -> QuerySet[Label]:
    """Return the answers to a task that a person should look at."""
    return Label.objects.filter(
        task=task,
        state=LabelState.REVIEW,
        template__source__in=[source.pk for source in sources],
        template__alias_of=None,
    )


def waiting(task: TriageTask, sources: Iterable[Source], *, limit: int) -> list[Waiting]:
    """Return the templates that wait, most valuable first: unsure and frequent ones.

    What is guessed of them takes turns. The most frequent templates are all of one kind, and
    a model that saw hardly any other is as sure as it is wrong of the rest.
    """
    found = in_review(task, sources)
    records = records_of(found)
    values: dict[int, float] = {}
    kinds: dict[int, str] = {}
    for row in found.values("pk", "template", "uncertainty", "label"):
        values[row["pk"]] = review_value(row["uncertainty"], records.get(row["template"], 0))
        kinds[row["pk"]] = row["label"]
    best = _in_turns(sorted(values, key=lambda pk: (-values[pk], pk)), kinds)[:limit]
    rows = Label.objects.select_related("template__source").in_bulk(best)
    levels = log_levels([row.template for row in rows.values()])
    return [
        Waiting(
            rows[pk],
            records.get(rows[pk].template_id, 0),
            levels.get(rows[pk].template_id),
            values[pk],
        )
        for pk in best
    ]


def _in_turns(ordered: list[int], kinds: dict[int, str]) -> list[int]:
    """Return the best of each kind, then the second best of each, and so on."""
    turns: Counter[str] = Counter()
    turn: dict[int, int] = {}
    for pk in ordered:
        turn[pk] = turns[kinds[pk]]
        turns[kinds[pk]] += 1
    return sorted(ordered, key=turn.__getitem__)


def records_of(labels: QuerySet[Label]) -> dict[int, int]:
    """Return the records of the templates of some answers, exactly."""
    sums = TemplateCount.objects.filter(template__in=labels.values("template"))
    return dict(sums.values_list("template").annotate(records=Sum("count")).order_by())
