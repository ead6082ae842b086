"""How well the detectors do: alerts against the budget, and what people said of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from glad import ALERTS_PER_DAY
from logplatform.detection.found import DAY_NS
from logplatform.detection.listing import standing_of
from logplatform.detection.models import Anomaly, AnomalyState, PatternVerdict, Verdict
from logplatform.reports.content import Cell, Column, Section, Table
from logplatform.reports.places import local
from logplatform.reports.wording import number, plural

if TYPE_CHECKING:
    from logplatform.logs.models import Source
    from logplatform.reports.figures import Figures

MAX_ROWS = 20
STATES = {
    "waiting": "waiting for records",
    "training": "training",
    "warming_up": "warming up",
    "ready": "ready",
}


@dataclass(frozen=True, slots=True)
class _Health:
    """One source's detector in the period; alerts are patterns by day, muted ones left out."""

    source: Source
    state: str
    alerts: int
    confirmed: int
    false: int

    def per_day(self, days: float) -> float:
        return self.alerts / days


def detectors(figures: Figures) -> Section | None:
    """Return what each source's detector raised and how right it was."""
    if not figures.sources:
        return None
    days = (figures.end_ns - figures.start_ns) / DAY_NS
    found = sorted(
        (_health(figures, source) for source in figures.sources),
        key=lambda health: (-health.alerts, health.source.name),
    )
    over = [health.source.name for health in found if health.per_day(days) > ALERTS_PER_DAY]
    table = Table(
        (
            Column("source"),
            Column("detector"),
            Column("alerts", is_number=True),
            Column("a day", is_number=True),
            Column("allowed a day", is_number=True),
            Column("confirmed", is_number=True),
            Column("false alarms", is_number=True),
        ),
        tuple(_row(health, days) for health in found[:MAX_ROWS]),
        max(0, len(found) - MAX_ROWS),
    )
    said = [_alerts(found, over), _verdicts(found)]
    waiting = sum(health.state != "ready" for health in found)
    if waiting:
        said.append(
            f"{plural(waiting, 'source')} of {number(len(found))} "
            f"{'has' if waiting == 1 else 'have'} no detector in full force yet."
        )
    return Section("detectors", "Detectors", tuple(said), table, is_notable=bool(over))


def _health(figures: Figures, source: Source) -> _Health:
    raised = Anomaly.objects.filter(
        source=source, start_ns__gte=figures.start_ns, start_ns__lt=figures.end_ns
    ).exclude(state=AnomalyState.MUTED)
    days = {
        (pattern, start // DAY_NS)
        for pattern, start in raised.values_list("pattern", "start_ns")
    }
    verdicts = PatternVerdict.objects.filter(
        source=source, created__gte=figures.start, created__lt=figures.end
    )
    return _Health(
        source=source,
        state=standing_of(source).state,
        alerts=len(days),
        confirmed=verdicts.filter(verdict=Verdict.CONFIRMED).count(),
        false=verdicts.filter(verdict=Verdict.FALSE).count(),
    )


def _alerts(found: list[_Health], over: list[str]) -> str:
    total = sum(health.alerts for health in found)
    limit = f"{ALERTS_PER_DAY:g} a day and source are allowed"
    if over:
        return f"{plural(total, 'alert')}; {limit}, more came from {', '.join(over)}."
    return f"{plural(total, 'alert')}; {limit}."


def _verdicts(found: list[_Health]) -> str:
    confirmed, false = (
        sum(getattr(health, name) for health in found) for name in ("confirmed", "false")
    )
    if not confirmed + false:
        return "Nobody has given a verdict in this time."
    return (
        f"{plural(confirmed + false, 'verdict')}: {number(confirmed)} confirmed, "
        f"{number(false)} false {'alarm' if false == 1 else 'alarms'}."
    )


def _row(health: _Health, days: float) -> tuple[Cell, ...]:
    link = local("/anomalies", {"source": health.source.name, "state": "any"})
    return (
        Cell(health.source.name, link),
        Cell(STATES[health.state]),
        Cell(number(health.alerts)),
        Cell(f"{health.per_day(days):.1f}"),
        Cell(f"{ALERTS_PER_DAY:g}"),
        Cell(number(health.confirmed)),
        Cell(number(health.false)),
    )
