"""What the detectors found: alerts of the period, and the worst of them with their evidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from logplatform.detection.found import alerts_between
from logplatform.detection.lines import hits_of
from logplatform.detection.models import Anomaly, SourceDetector
from logplatform.logs.timestamps import format_time
from logplatform.reports import graph_plot
from logplatform.reports.content import Cell, Column, Finding, Picture, Section, Table
from logplatform.reports.places import local
from logplatform.reports.plots import LOOKS
from logplatform.reports.wording import clipped, local_time_ns, number, plural

if TYPE_CHECKING:
    from logplatform.detection.found import PatternAlert
    from logplatform.reports.figures import Figures

MAX_ROWS = 15
# Told with evidence; the table has the others, each line leads to its page.
MAX_FINDINGS = 3
MAX_LINES = 3
MAX_USUAL = 3
LINE_CHARS = 240


@dataclass(frozen=True, slots=True)
class _Pattern:
    """All alerts of one pattern of a source in the period."""

    worst: Anomaly
    anomalies: int
    days: int
    start_ns: int


def anomalies(figures: Figures) -> Section | None:
    """Return the alerts of the sources that have a detector; None where none has."""
    watched = SourceDetector.objects.filter(source__in=figures.sources, active__isnull=False)
    if not watched.exists():
        return None
    length = figures.end_ns - figures.start_ns
    alerts = alerts_between(figures.sources, figures.start_ns, figures.end_ns)
    before = alerts_between(figures.sources, figures.start_ns - length, figures.start_ns)
    said = _sentences(figures, alerts, before)
    if not alerts:
        return Section("anomalies", "Anomalies", said)
    patterns = _patterns(alerts)
    findings = tuple(
        _finding(figures, pattern, index)
        for index, pattern in enumerate(patterns[:MAX_FINDINGS], 1)
    )
    return Section(
        "anomalies",
        "Anomalies",
        said,
        _table(figures, patterns),
        is_notable=True,
        findings=findings,
    )


def _sentences(
    figures: Figures, alerts: list[PatternAlert], before: list[PatternAlert]
) -> tuple[str, ...]:
    units = sum(alert.anomalies for alert in alerts)
    if not alerts:
        first = f"No anomalies, after {plural(len(before), 'alert')} in the time before."
    else:
        first = (
            f"The detectors raised {plural(len(alerts), 'alert')} "
            f"({plural(units, 'anomaly', 'anomalies')}), {number(len(before))} in the time "
            "before."
        )
    said = [first]
    found = {(alert.worst.source_id, alert.worst.pattern) for alert in alerts}
    if fresh := _fresh(figures, found):
        of = plural(len(found), "pattern")
        said.append(f"Of {of} {number(fresh)} came for the first time.")
    if figures.query_text:
        said.append("The search of this report does not narrow them.")
    return tuple(said)


def _fresh(figures: Figures, found: set[tuple[int, str]]) -> int:
    """Count the patterns (with their source) that no anomaly before the period had."""
    earlier = Anomaly.objects.filter(
        source__in=figures.sources,
        pattern__in={pattern for _, pattern in found},
        start_ns__lt=figures.start_ns,
    )
    return len(found - set(earlier.values_list("source_id", "pattern").distinct().order_by()))


def _patterns(alerts: list[PatternAlert]) -> list[_Pattern]:
    """Return one row for each pattern, worst first; an alert is of one day."""
    groups: dict[tuple[int, str], list[PatternAlert]] = {}
    for alert in alerts:
        groups.setdefault((alert.worst.source_id, alert.worst.pattern), []).append(alert)
    return [
        _Pattern(
            worst=found[0].worst,
            anomalies=sum(alert.anomalies for alert in found),
            days=len(found),
            start_ns=min(alert.start_ns for alert in found),
        )
        for found in groups.values()
    ]


def _table(figures: Figures, patterns: list[_Pattern]) -> Table:
    columns = (
        Column("what"),
        Column("source"),
        Column("kind"),
        Column("first"),
        Column("anomalies", is_number=True),
        Column("score", is_number=True),
    )
    rows = tuple(
        (
            Cell(clipped(pattern.worst.sentence), local(f"/anomalies/{pattern.worst.pk}")),
            Cell(pattern.worst.source.name),
            Cell(pattern.worst.kind),
            Cell(local_time_ns(pattern.start_ns, figures.time_zone)),
            Cell(number(pattern.anomalies), _all_of(figures, pattern)),
            Cell(f"{pattern.worst.score:.1f}"),
        )
        for pattern in patterns[:MAX_ROWS]
    )
    return Table(columns, rows, max(0, len(patterns) - MAX_ROWS))


def _all_of(figures: Figures, pattern: _Pattern) -> str:
    """Return the page that lists the anomalies of a pattern in the period."""
    return local(
        "/anomalies",
        {
            "source": pattern.worst.source.name,
            "pattern": pattern.worst.pattern,
            "state": "any",
            "from": format_time(figures.start_ns),
            "to": format_time(figures.end_ns),
        },
    )


def _finding(figures: Figures, pattern: _Pattern, index: int) -> Finding:
    worst = pattern.worst
    evidence = worst.evidence
    picture = None
    if graph_plot.is_drawable(evidence):
        name = f"anomaly_{'abc'[index - 1]}"
        for look in LOOKS:
            figures.pictures[f"{name}{look.name}"] = graph_plot.draw(evidence, look)
        picture = Picture(name, graph_plot.in_words(evidence))
    return Finding(
        title=clipped(worst.sentence),
        link=local(f"/anomalies/{worst.pk}"),
        facts=_facts(figures, pattern),
        lines=_lines(worst),
        picture=picture,
    )


def _facts(figures: Figures, pattern: _Pattern) -> tuple[str, ...]:
    worst = pattern.worst
    when = local_time_ns(worst.start_ns, figures.time_zone)
    facts = [
        f"{worst.source.name}, {clipped(worst.unit, 80)}, {when}; score {worst.score:.1f} "
        f"({worst.kind}); {plural(pattern.anomalies, 'anomaly', 'anomalies')} of this pattern "
        f"on {plural(pattern.days, 'day')}."
    ]
    parts = worst.evidence.get("parts", [])
    facts += [
        f"{part['detector']}: {clipped(part['text'])}"
        for part in parts
        if part["text"] and part["text"] not in worst.sentence and part["tail"] < 1
    ]
    for edge in worst.evidence.get("edges", [])[:1]:
        usual = ", ".join(
            f"{clipped(label, 60)} ({number(units)})"
            for label, units in edge["usual"][:MAX_USUAL]
        )
        if usual:
            facts.append(
                f"In training {clipped(edge['source'], 80)} had, by units: {usual}; this one "
                f"in {number(edge['seen'])} of {number(edge['units'])}."
            )
    return tuple(facts)


def _lines(anomaly: Anomaly) -> tuple[str, ...]:
    """Return the records that show it best, or those it begins with."""
    evidence = anomaly.evidence
    rows = evidence.get("rows") or evidence.get("all_rows") or [anomaly.first_record]
    wanted = sorted(rows[:MAX_LINES])
    hits = hits_of(anomaly.source, wanted)
    return tuple(clipped(hits[row].raw, LINE_CHARS) for row in wanted if row in hits)
