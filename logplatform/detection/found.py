"""What was found in a stretch of time, for reports and alerts: anomalies, and alerts of them.

An alert is one pattern of a source on one day; its anomalies are counted, its worst one tells
why. Who may see what is asked elsewhere (`access`): whoever calls names the sources.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from logplatform.detection.models import Anomaly, AnomalyState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from logplatform.logs.models import Source

DAY_NS = 86_400 * 10**9
# What people do not want to hear of again.
SILENCED = (AnomalyState.MUTED, AnomalyState.FALSE)


@dataclass(frozen=True, slots=True)
class PatternAlert:
    """Anomalies of one pattern of a source on one day of the log (UTC)."""

    worst: Anomaly  # without its evidence; its sentence says why
    anomalies: int
    start_ns: int  # of the first one
    end_ns: int  # of the last one


def anomalies_between(
    sources: Iterable[Source], start_ns: int, end_ns: int, *, min_score: float = 0.0
) -> QuerySet[Anomaly]:
    """Return the anomalies that began in a stretch of the log's time, worst first.

    Muted ones and false alarms are left out. Evidence is loaded when it is asked for.

    Parameters
    ----------
    sources : iterable of Source
    start_ns, end_ns : int
        Nanoseconds since 1970 UTC; the end is not included.
    min_score : float
        -log10 of the fused tail probability; every anomaly has at least 3.
    """
    found = Anomaly.objects.filter(
        source__in=list(sources),
        start_ns__gte=start_ns,
        start_ns__lt=end_ns,
        score__gte=min_score,
    )
    found = found.exclude(state__in=SILENCED).select_related("source").defer("evidence")
    return found.order_by("-score", "-pk")


def alerts_between(
    sources: Iterable[Source], start_ns: int, end_ns: int, *, min_score: float = 0.0
) -> list[PatternAlert]:
    """Return the alerts of a stretch of the log, worst first; see `anomalies_between`."""
    groups: dict[tuple[int, str, int], list[Anomaly]] = {}
    for anomaly in anomalies_between(sources, start_ns, end_ns, min_score=min_score):
        key = (anomaly.source_id, anomaly.pattern, anomaly.start_ns // DAY_NS)
        groups.setdefault(key, []).append(anomaly)
    return [
        PatternAlert(
            worst=found[0],
            anomalies=len(found),
            start_ns=min(anomaly.start_ns for anomaly in found),
            end_ns=max(anomaly.end_ns for anomaly in found),
        )
        for found in groups.values()
    ]
