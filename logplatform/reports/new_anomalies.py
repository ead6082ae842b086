"""Anomalies that a rule has not seen yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Max

from logplatform.detection.found import anomalies_between
from logplatform.detection.models import Anomaly
from logplatform.reports.news import Fresh, News

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from logplatform.logs.models import Source
    from logplatform.reports.judging import Spec

# Units that ended earlier by their own clock are history, found as a detector was trained.
RECENT_NS = 6 * 3600 * 10**9
# Later than now: the clocks of those who write logs are not ours.
AHEAD_NS = 24 * 3600 * 10**9
# A unit that lasts longer before it ends is found by a search, not by an alert.
LONGEST_NS = 7 * 24 * 3600 * 10**9


def newest_anomalies(sources: Iterable[Source]) -> dict[str, int]:
    """Return the newest anomaly's row of each source, 0 where there is none."""
    found = {str(source.pk): 0 for source in sources}
    rows = Anomaly.objects.filter(source__in=[int(pk) for pk in found]).values("source")
    return found | {
        str(row["source"]): row["newest"] for row in rows.annotate(newest=Max("pk")).order_by()
    }


def fresh_anomalies(spec: Spec, cursors: dict[str, int], *, now_ns: int) -> Fresh | None:
    """Return the anomalies past the cursors, by pattern; None where no row is new.

    Rows of one source are written by one detection after another, so that their ids rise; a
    unit that is scored again keeps its row. False alarms and muted patterns are left out.
    """
    now = newest_anomalies(spec.sources)
    if all(cursors.get(source, 0) >= last for source, last in now.items()):
        return None
    groups: dict[str, list[Anomaly]] = {}
    for source in spec.sources:
        seen = cursors.get(str(source.pk), 0)
        found = chosen(spec, [source], now_ns - LONGEST_NS, now_ns + AHEAD_NS).filter(
            pk__gt=seen, pk__lte=now[str(source.pk)], end_ns__gte=now_ns - RECENT_NS
        )
        for anomaly in found:
            groups.setdefault(f"{source.name}/{anomaly.pattern}", []).append(anomaly)
    return Fresh(tuple(_news(key, found) for key, found in groups.items()), cursors | now)


def chosen(
    spec: Spec, sources: Iterable[Source], start_ns: int, end_ns: int
) -> QuerySet[Anomaly]:
    """Return the anomalies that a rule is about, of units that began in a time, worst first."""
    condition = spec.condition
    found = anomalies_between(sources, start_ns, end_ns, min_score=condition.min_score)
    return found.filter(kind=condition.anomaly_kind) if condition.anomaly_kind else found


def _news(group: str, found: list[Anomaly]) -> News:
    worst = found[0]
    more = f", and {len(found) - 1:,} more of this pattern" if len(found) > 1 else ""
    return News(
        group=group,
        label=worst.sentence,
        value=worst.score,
        sentence=f"{worst.kind}, score {worst.score:.1f}, in {worst.unit[:80]} of "
        f"{worst.source.name}{more}",
    )
