"""The review queue of patterns of anomalies; the order is that of `review`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, Exists, OuterRef

from adaptivelog import review_value
from logplatform.detection.found import SILENCED
from logplatform.detection.models import Anomaly
from logplatform.triage.anomalies import worst_of
from logplatform.triage.models import AnomalyLabel, LabelState, Who
from logplatform.triage.review import drawn_of, in_order

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.db.models import QuerySet

    from logplatform.logs.models import Source
    from logplatform.triage.models import TriageTask


@dataclass(frozen=True, slots=True)
class WaitingPattern:
    """A pattern that waits for a person, with the worst of its anomalies."""

    answer: AnomalyLabel
    anomaly: Anomaly
    anomalies: int
    value: float
    is_sampled: bool = False  # here by chance, not for its worth


def patterns_in_review(task: TriageTask, sources: Iterable[Source]) -> QuerySet[AnomalyLabel]:
    """Return the answers to a task about anomalies that a person should look at."""
    return _shown(task, sources).filter(state=LabelState.REVIEW)


def waiting_patterns(
    task: TriageTask, sources: Sequence[Source], *, limit: int
) -> list[WaitingPattern]:
    """Return the patterns that wait, unsure and frequent ones first, and some by chance."""
    shown = _shown(task, sources)
    unjudged = shown.exclude(who=Who.PERSON)
    sample = drawn_of(task, dict(unjudged.values_list("pk", "pattern")))
    counts = _anomalies(sources)
    values: dict[int, float] = {}
    kinds: dict[int, str] = {}
    for row in patterns_in_review(task, sources):
        known = counts.get((row.source_id, row.pattern), 0)
        values[row.pk] = review_value(row.uncertainty, known)
        kinds[row.pk] = row.label
    best = in_order(values, kinds, sample, given=task.verdicts.count())[:limit]
    rows = shown.select_related("source").in_bulk(best)
    drawn = set(sample)
    return [
        WaitingPattern(
            row,
            worst_of(row.source, row.pattern),
            counts.get((row.source_id, row.pattern), 0),
            values.get(row.pk, 0.0),
            is_sampled=row.pk in drawn,
        )
        for row in (rows[pk] for pk in best)
    ]


def _shown(task: TriageTask, sources: Iterable[Source]) -> QuerySet[AnomalyLabel]:
    """Return the answers about patterns that nobody has silenced and that are still there."""
    about = Anomaly.objects.filter(source=OuterRef("source"), pattern=OuterRef("pattern"))
    return AnomalyLabel.objects.filter(
        Exists(about.exclude(state__in=SILENCED)),
        task=task,
        source__in=[source.pk for source in sources],
    )


def _anomalies(sources: Iterable[Source]) -> dict[tuple[int, str], int]:
    rows = Anomaly.objects.filter(source__in=[source.pk for source in sources])
    counted = rows.values_list("source", "pattern").annotate(n=Count("pk")).order_by()
    return {(source, pattern): n for source, pattern, n in counted}
