"""What an alert says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logplatform.reports.messages import MAX_LINES, Line, Message
from logplatform.reports.models import RuleKind
from logplatform.reports.places import explore, page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from logplatform.reports.models import AlertEvent, Rule

MINUTE_NS = 60_000_000_000
MAX_LABEL = 160


def firing(rule: Rule, events: Sequence[AlertEvent]) -> Message:
    """Return the message of some groups of a rule that fired at once."""
    first = events[0].sentence
    what = first if len(events) == 1 else f"{len(events)} groups"
    return Message(
        kind="firing",
        title=f"{rule.name}: {what}",
        severity=rule.severity,
        lines=tuple(_line(rule, event) for event in events[:MAX_LINES]),
        more=max(0, len(events) - MAX_LINES),
        link=page(f"/alerts/{rule.pk}"),
        snooze_link=page(f"/alerts/{rule.pk}", {"snooze": "60"}),
        about=f"logplatform-rule-{rule.pk}",
    )


def recovered(rule: Rule, events: Sequence[AlertEvent], *, still: int) -> Message:
    """Return the message of some groups of a rule for which it is over."""
    if still:
        rest = "1 group is" if still == 1 else f"{still} groups are"
        title = f"{rule.name}: better, {rest} still firing"
    else:
        title = f"{rule.name}: over"
    return Message(
        kind="firing" if still else "recovered",
        title=title,
        severity=rule.severity,
        lines=tuple(_line(rule, event) for event in events[:MAX_LINES]),
        more=max(0, len(events) - MAX_LINES),
        link=page(f"/alerts/{rule.pk}"),
        about=f"logplatform-rule-{rule.pk}",
    )


def _line(rule: Rule, event: AlertEvent) -> Line:
    label = " ".join(event.label.split())[:MAX_LABEL]
    text = f"{label}: {event.sentence}" if label else event.sentence
    if rule.kind == RuleKind.ANOMALY:
        name, _, pattern = event.group.rpartition("/")
        about = {"source": name, "pattern": pattern, "state": "any"}
        return Line(text, page("/anomalies", about))
    end_ns = event.minute * MINUTE_NS
    window_ns = int(rule.condition.get("window_min", 5)) * MINUTE_NS
    query, source = rule.query, ""
    if rule.group_by == "source":
        source = event.group
    elif "/" in event.group:
        source, _, key = event.group.partition("/")
        query = f"({query}) template:{key}" if query else f"template:{key}"
    return Line(text, page("/explore", explore(query, source, end_ns - window_ns, end_ns)))
