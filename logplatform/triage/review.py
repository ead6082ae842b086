"""The review queue: what a person's verdict is worth most on comes first."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from django.db.models import Sum

from adaptivelog import review_value
from logplatform.logs.models import TemplateCount
from logplatform.triage.models import Label, LabelState, Who
from logplatform.triage.routing import log_levels
from logplatform.triage.verdicts import SAMPLED, draw, is_sampled

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

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
    is_sampled: bool = False  # here by chance, not for its worth


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
    a model that saw hardly any other is as sure as it is wrong of the rest. Every fifth place
    is for a template drawn at random, whatever it is worth and also where a model was sure of
    it: only such a sample says how right the models are.
    """
    sources = list(sources)
    found = in_review(task, sources)
    sample = _sample(task, sources)
    records = records_of(found) | records_of(Label.objects.filter(pk__in=sample))
    values: dict[int, float] = {}
    kinds: dict[int, str] = {}
    for row in found.values("pk", "template", "uncertainty", "label"):
        values[row["pk"]] = review_value(row["uncertainty"], records.get(row["template"], 0))
        kinds[row["pk"]] = row["label"]
    best = in_order(values, kinds, sample, given=task.verdicts.count())[:limit]
    rows = Label.objects.select_related("template__source").in_bulk(best)
    levels = log_levels([row.template for row in rows.values()])
    drawn = set(sample)
    return [
        Waiting(
            rows[pk],
            records.get(rows[pk].template_id, 0),
            levels.get(rows[pk].template_id),
            values.get(pk, 0.0),
            is_sampled=pk in drawn,
        )
        for pk in best
    ]


def in_order(
    values: dict[int, float], kinds: dict[int, str], sample: list[int], *, given: int
) -> list[int]:
    """Return what waits, by its worth and with the random sample between, after verdicts."""
    chosen = sorted(values.keys() - set(sample), key=lambda pk: (-values[pk], pk))
    mixed = _mixed(_in_turns(chosen, kinds), sample, given=given)
    waits = [pk for pk in sample if pk in values]  # of those that found no place between
    return list(dict.fromkeys([*mixed, *waits]))


def _sample(task: TriageTask, sources: Sequence[Source]) -> list[int]:
    """Return the answers about templates drawn at random that no person has judged."""
    rows = Label.objects.filter(task=task, template__source__in=[s.pk for s in sources])
    rows = rows.filter(template__alias_of=None).exclude(who=Who.PERSON)
    return drawn_of(task, dict(rows.values_list("pk", "template__key")))


def drawn_of(task: TriageTask, keys: dict[int, str]) -> list[int]:
    """Return the answers whose names were drawn at random, in the order of chance."""
    order = {pk: draw(task, key) for pk, key in keys.items() if is_sampled(task, key)}
    return sorted(order, key=order.__getitem__)


def _mixed(chosen: list[int], sample: list[int], *, given: int) -> list[int]:
    """Give every fifth place to the sample, counted from the first verdict that was given.

    The queue is asked for anew after each verdict: counted from its own beginning, the fifth
    place would never become the first.
    """
    mixed: list[int] = []
    left = iter(sample)
    for pk in chosen:
        if (given + len(mixed) + 1) % SAMPLED == 0:
            mixed.extend(islice(left, 1))
        mixed.append(pk)
    return mixed


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
