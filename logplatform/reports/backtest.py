"""What a rule would have done in the last days, had it been there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from django.db.models import Min

from logplatform.logs import sums
from logplatform.logs.models import Segment, TemplateCount
from logplatform.logs.search_catalog import catalog_of
from logplatform.reports.firing import Standing, advance
from logplatform.reports.judging import PartialScanError, Reader, judge
from logplatform.reports.models import EventState, RuleKind
from logplatform.reports.new_anomalies import LONGEST_NS, chosen
from logplatform.reports.series import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from logplatform.reports.judging import Group, Spec

DAYS = 7
POINTS = 336  # half an hour each over a week: what a chart shows
MAX_FIRINGS = 200


@dataclass(frozen=True, slots=True)
class Firing:
    """When a group would have fired, and until when; None: it still would."""

    minute: int
    until: int | None
    label: str
    value: float
    is_told: bool


@dataclass(frozen=True, slots=True)
class Backtest:
    """The answer, and the series to draw.

    Attributes
    ----------
    fired, told
        How many times a group would have fired, and of how many somebody would have been told.
    firings
        The first `MAX_FIRINGS` of them, in order.
    first_minute, step_min, values
        The highest value of the highest group in each step; None where there is none. For
        absences the lowest, as that is what counts.
    is_partial
        The search would have taken too long: the numbers are none.
    """

    fired: int
    told: int
    firings: tuple[Firing, ...]
    first_minute: int
    end_minute: int
    step_min: int
    values: tuple[float | None, ...]
    is_partial: bool = False


def backtest(spec: Spec, *, end_minute: int, cooldown_min: int, days: int = DAYS) -> Backtest:
    """Judge a rule over the last days with today's lines, as if each minute were now."""
    span = _span(spec, end_minute, days)
    step = max(1, -(-len(span) // POINTS))
    try:
        firings, drawn = _run(spec, span, cooldown_min)
    except PartialScanError:
        return Backtest(0, 0, (), span.first, span.end, step, (), is_partial=True)
    firings.sort(key=lambda firing: (firing.minute, firing.label))
    return Backtest(
        fired=len(firings),
        told=sum(firing.is_told for firing in firings),
        firings=tuple(firings[:MAX_FIRINGS]),
        first_minute=span.first,
        end_minute=span.end,
        step_min=step,
        values=_points(drawn, step, lowest=spec.condition.kind == RuleKind.ABSENCE),
    )


def _span(spec: Spec, end: int, days: int) -> Span:
    """Return the last days, without the time before the sources had any line."""
    oldest = Segment.objects.filter(source__in=list(spec.sources)).aggregate(
        first=Min("time_min_ns")
    )["first"]
    first = end - days * 1440
    if oldest is not None:
        first = max(first, min(oldest // sums.MINUTE_NS + spec.condition.window_min, end - 1))
    return Span(first, end)


def _run(spec: Spec, span: Span, cooldown_min: int) -> tuple[list[Firing], NDArray[np.float64]]:
    if spec.condition.kind == RuleKind.NEW_TEMPLATE:
        return _new_templates(spec, span)
    if spec.condition.kind == RuleKind.ANOMALY:
        return _anomalies(spec, span, cooldown_min)
    reader = Reader([spec], end=span.end, minutes=len(span))
    drawn = np.full(len(span), np.nan)
    firings: list[Firing] = []
    is_lowest = spec.condition.kind == RuleKind.ABSENCE
    for group in judge(spec, span, reader):
        values = group.judgement.values
        drawn = (np.fmin if is_lowest else np.fmax)(drawn, values)
        firings += _follow(group, span, cooldown_min)
    return firings, drawn


def _follow(group: Group, span: Span, cooldown_min: int) -> Iterator[Firing]:
    _, changes = advance(
        Standing(), group.judgement.is_met, first_minute=span.first, cooldown_min=cooldown_min
    )
    for at, change in enumerate(changes):
        if change.state == EventState.FIRED:
            later = changes[at + 1 : at + 2]
            yield Firing(
                minute=span.first + change.index + 1,
                until=span.first + later[0].index + 1 if later else None,
                label=group.label,
                value=float(group.judgement.values[change.index]),
                is_told=not change.is_cooling,
            )


def _new_templates(spec: Spec, span: Span) -> tuple[list[Firing], NDArray[np.float64]]:
    """Find the templates whose first record lies in the span, where others came before it."""
    drawn = np.zeros(len(span))
    firings = []
    for source in spec.sources:
        catalog = catalog_of(source)
        accepts = sums.acceptance(spec.query, source.name, catalog)
        first: dict[int, int] = {}
        matching: set[int] = set()
        rows = TemplateCount.objects.filter(source=source)
        for pk, level, minute in (
            rows.values_list("template_id", "level").annotate(Min("minute")).order_by()
        ):
            root = catalog.root.get(pk, pk)
            first[root] = min(minute, first.get(root, minute))
            if accepts(root, level):
                matching.add(root)
        learned = min(first.values(), default=0)
        for root in sorted(matching):
            minute = first[root]
            if span.first <= minute < span.end and minute > learned:
                drawn[minute - span.first] += 1
                text = catalog.templates[root].text
                firings.append(Firing(minute + 1, None, text, 1.0, is_told=True))
    return firings, drawn


def _anomalies(
    spec: Spec, span: Span, cooldown_min: int
) -> tuple[list[Firing], NDArray[np.float64]]:
    """Take each anomaly for told when its unit ended, a pattern once in a cooldown."""
    drawn = np.full(len(span), np.nan)
    firings = []
    last: dict[str, int] = {}
    start_ns, end_ns = span.first * sums.MINUTE_NS, span.end * sums.MINUTE_NS
    found = chosen(spec, spec.sources, start_ns - LONGEST_NS, end_ns)
    for anomaly in found.filter(end_ns__gte=start_ns, end_ns__lt=end_ns).order_by("end_ns"):
        minute = anomaly.end_ns // sums.MINUTE_NS
        at = minute - span.first
        drawn[at] = np.fmax(drawn[at], anomaly.score)
        group = f"{anomaly.source.name}/{anomaly.pattern}"
        is_told = group not in last or minute - last[group] >= cooldown_min
        if is_told:
            last[group] = minute
        # One that lasts no time: it is over as it is told.
        firings.append(
            Firing(minute + 1, minute + 1, anomaly.sentence, anomaly.score, is_told=is_told)
        )
    return firings, drawn


def _points(drawn: NDArray[np.float64], step: int, *, lowest: bool) -> tuple[float | None, ...]:
    padded = np.full(-(-len(drawn) // step) * step, np.nan)
    padded[: len(drawn)] = drawn
    cells = padded.reshape(-1, step)
    pick = np.fmin if lowest else np.fmax
    found = pick.reduce(cells, axis=1)
    return tuple(None if np.isnan(value) else round(float(value), 6) for value in found)
