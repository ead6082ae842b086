"""The JSON of channels, deliveries, rules and what happened to them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from rest_framework import serializers

from logplatform.logs.query_tree import CATEGORIES
from logplatform.logs.timestamps import format_time
from logplatform.reports import conditions
from logplatform.reports.models import (
    ChannelKind,
    DeliveryState,
    EventState,
    RuleKind,
    Severity,
)

if TYPE_CHECKING:
    from logplatform.reports.backtest import Backtest
    from logplatform.reports.channels import Outcome
    from logplatform.reports.models import AlertEvent, Channel, Delivery, Maintenance, Rule

MINUTE_NS = 60_000_000_000
SILENCED = ("", "cooldown", "snoozed", "maintenance")


class NewChannel(serializers.Serializer[Any]):
    """What creates or changes a channel; empty ``url`` and ``key`` keep theirs."""

    name = serializers.CharField(max_length=100)
    kind = serializers.ChoiceField(choices=ChannelKind.values)
    url = serializers.CharField(required=False, default="", allow_blank=True, max_length=2048)
    key = serializers.CharField(
        required=False,
        default="",
        allow_blank=True,
        max_length=200,
        help_text="PagerDuty's routing key, or what a webhook's bodies are signed with",
    )
    recipients = serializers.ListField(
        child=serializers.CharField(max_length=254), required=False, default=list
    )
    template = serializers.JSONField(
        required=False, allow_null=True, default=None, help_text="of a webhook's bodies"
    )
    enabled = serializers.BooleanField(required=False, default=True)


class ChannelInfo(serializers.Serializer[Any]):
    """A channel, without its secrets."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=ChannelKind.values)
    host = serializers.CharField(help_text="of its address, empty where it has none")
    recipients = serializers.ListField(child=serializers.CharField())
    template = serializers.JSONField(allow_null=True)
    signed = serializers.BooleanField()
    enabled = serializers.BooleanField()
    created = serializers.DateTimeField()


class ChannelList(serializers.Serializer[Any]):
    """A page of channels."""

    results = ChannelInfo(many=True)
    cursor = serializers.CharField(allow_null=True)


def channel_json(channel: Channel) -> dict[str, object]:
    """Render a channel."""
    options = channel.options
    return {
        "id": channel.pk,
        "name": channel.name,
        "kind": channel.kind,
        "host": options.get("host", ""),
        "recipients": options.get("recipients", []),
        "template": options.get("template"),
        "signed": options.get("is_signed", False),
        "enabled": channel.is_enabled,
        "created": channel.created.isoformat(),
    }


class TestAnswer(serializers.Serializer[Any]):
    """What a channel's server really answered to a test."""

    ok = serializers.BooleanField()
    answer = serializers.CharField()
    elapsed_ms = serializers.IntegerField()


def outcome_json(outcome: Outcome) -> dict[str, object]:
    """Render what became of a test."""
    return {
        "ok": outcome.is_sent,
        "answer": outcome.answer,
        "elapsed_ms": outcome.elapsed_ms,
    }


class DeliveryTry(serializers.Serializer[Any]):
    """One try of a delivery."""

    time = serializers.DateTimeField()
    ok = serializers.BooleanField()
    answer = serializers.CharField()
    elapsed_ms = serializers.IntegerField()


class DeliveryInfo(serializers.Serializer[Any]):
    """A message on its way to a channel; ``dead`` ones wait for a person."""

    id = serializers.UUIDField()
    channel = serializers.CharField()
    kind = serializers.CharField(help_text="firing, recovered or report")
    title = serializers.CharField()
    state = serializers.ChoiceField(choices=DeliveryState.values)
    tries = DeliveryTry(many=True)
    next_try = serializers.DateTimeField(allow_null=True)
    created = serializers.DateTimeField()


class DeliveryList(serializers.Serializer[Any]):
    """A page of deliveries, newest first."""

    results = DeliveryInfo(many=True)
    cursor = serializers.CharField(allow_null=True)


def delivery_json(delivery: Delivery) -> dict[str, object]:
    """Render a delivery."""
    is_waiting = delivery.state == DeliveryState.QUEUED
    return {
        "id": delivery.pk,
        "channel": delivery.channel.name,
        "kind": delivery.message["kind"],
        "title": delivery.message["title"],
        "state": delivery.state,
        "tries": delivery.log,
        "next_try": delivery.not_before.isoformat() if is_waiting else None,
        "created": delivery.created.isoformat(),
    }


class ConditionShape(serializers.Serializer[Any]):
    """When a rule fires; docs/reports.md says which of these its kind reads."""

    window_min = serializers.IntegerField(required=False)
    op = serializers.ChoiceField(choices=conditions.OPERATORS, required=False)
    threshold = serializers.FloatField(required=False)
    factor = serializers.FloatField(required=False)
    direction = serializers.ChoiceField(choices=conditions.DIRECTIONS, required=False)
    baseline_windows = serializers.IntegerField(required=False)
    min_count = serializers.IntegerField(required=False)
    category = serializers.ChoiceField(choices=CATEGORIES, required=False)
    statistic = serializers.ChoiceField(choices=conditions.STATISTICS, required=False)
    anomaly_kind = serializers.ChoiceField(
        choices=conditions.ANOMALY_KINDS, required=False, allow_blank=True
    )
    min_score = serializers.FloatField(required=False)


class NewRule(serializers.Serializer[Any]):
    """What creates or changes a rule: a saved search and a condition. No sources mean all."""

    name = serializers.CharField(max_length=100)
    kind = serializers.ChoiceField(choices=RuleKind.values)
    query = serializers.CharField(required=False, default="", allow_blank=True, max_length=8192)
    sources = serializers.ListField(
        child=serializers.CharField(max_length=100), required=False, default=list
    )
    condition = ConditionShape(required=False)
    group_by = serializers.ChoiceField(
        choices=["", "source", "template"], required=False, default="", allow_blank=True
    )
    severity = serializers.ChoiceField(
        choices=Severity.values, required=False, default=Severity.WARNING.value
    )
    channels = serializers.ListField(
        child=serializers.IntegerField(), required=False, default=list
    )
    cooldown_min = serializers.IntegerField(required=False, default=30, min_value=0)
    notify_recovery = serializers.BooleanField(required=False, default=True)
    enabled = serializers.BooleanField(required=False, default=True)


class FiringGroup(serializers.Serializer[Any]):
    """A group that fires now."""

    group = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # the stubs' own attribute
    since = serializers.CharField()


class RuleInfo(serializers.Serializer[Any]):
    """A rule and how it stands."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=RuleKind.values)
    query = serializers.CharField()
    sources = serializers.ListField(
        child=serializers.CharField(), help_text="empty: all of the team's"
    )
    condition = ConditionShape()
    group_by = serializers.CharField()
    severity = serializers.ChoiceField(choices=Severity.values)
    channels = serializers.ListField(child=serializers.IntegerField())
    cooldown_min = serializers.IntegerField()
    notify_recovery = serializers.BooleanField()
    enabled = serializers.BooleanField()
    snoozed_until = serializers.DateTimeField(allow_null=True)
    error = serializers.CharField(help_text="why it could not be judged last time")
    evaluated = serializers.CharField(help_text="up to when it was judged")
    firing = FiringGroup(many=True)
    created = serializers.DateTimeField()


class RuleList(serializers.Serializer[Any]):
    """A page of rules."""

    results = RuleInfo(many=True)
    cursor = serializers.CharField(allow_null=True)


def rule_json(rule: Rule) -> dict[str, object]:
    """Render a rule; sources, channels and states are prefetched."""
    return {
        "id": rule.pk,
        "name": rule.name,
        "kind": rule.kind,
        "query": rule.query,
        "sources": [] if rule.all_sources else sorted(s.name for s in rule.sources.all()),
        "condition": rule.condition,
        "group_by": rule.group_by,
        "severity": rule.severity,
        "channels": sorted(channel.pk for channel in rule.channels.all()),
        "cooldown_min": rule.cooldown_min,
        "notify_recovery": rule.notify_recovery,
        "enabled": rule.is_enabled,
        "snoozed_until": _snoozed_until(rule),
        "error": rule.error,
        "evaluated": format_time(rule.evaluated_minute * MINUTE_NS),
        "firing": [
            {
                "group": state.group,
                "label": state.label,
                "since": format_time(state.since_minute * MINUTE_NS),
            }
            for state in rule.states.all()
            if state.is_firing
        ],
        "created": rule.created.isoformat(),
    }


def _snoozed_until(rule: Rule) -> str | None:
    until = rule.snoozed_until
    return until.isoformat() if until and until > datetime.now(tz=UTC) else None


class Snooze(serializers.Serializer[Any]):
    """How long to tell nobody; 0 ends it."""

    minutes = serializers.IntegerField(min_value=0)


class EventInfo(serializers.Serializer[Any]):
    """A group of a rule fired or recovered."""

    id = serializers.IntegerField()
    rule = serializers.IntegerField()
    name = serializers.CharField()
    severity = serializers.ChoiceField(choices=Severity.values)
    group = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # as above
    state = serializers.ChoiceField(choices=EventState.values)
    time = serializers.CharField()
    value = serializers.FloatField()
    sentence = serializers.CharField()
    silenced_by = serializers.ChoiceField(
        choices=SILENCED, allow_blank=True, help_text="why nobody was told"
    )


class EventList(serializers.Serializer[Any]):
    """A page of events, newest first."""

    results = EventInfo(many=True)
    cursor = serializers.CharField(allow_null=True)


def event_json(event: AlertEvent) -> dict[str, object]:
    """Render an event."""
    return {
        "id": event.pk,
        "rule": event.rule_id,
        "name": event.rule.name,
        "severity": event.rule.severity,
        "group": event.group,
        "label": event.label,
        "state": event.state,
        "time": format_time(event.minute * MINUTE_NS),
        "value": event.value,
        "sentence": event.sentence,
        "silenced_by": event.silenced_by,
    }


class BacktestFiring(serializers.Serializer[Any]):
    """When a group would have fired, and until when."""

    time = serializers.CharField()
    until = serializers.CharField(allow_null=True)
    label = serializers.CharField()  # type: ignore[assignment]  # as above
    value = serializers.FloatField()
    told = serializers.BooleanField(help_text="false: too soon after the last message")


class BacktestShape(serializers.Serializer[Any]):
    """What a rule would have done in the last days; ``values`` are one for each step."""

    fired = serializers.IntegerField()
    told = serializers.IntegerField()
    firings = BacktestFiring(many=True)
    start = serializers.CharField()
    end = serializers.CharField()
    step_min = serializers.IntegerField()
    values = serializers.ListField(child=serializers.FloatField(allow_null=True))
    partial = serializers.BooleanField(  # type: ignore[assignment]  # as above
        help_text="the search would have taken too long; there is no answer"
    )


def backtest_json(found: Backtest) -> dict[str, object]:
    """Render a back-test."""
    return {
        "fired": found.fired,
        "told": found.told,
        "firings": [
            {
                "time": format_time(firing.minute * MINUTE_NS),
                "until": None
                if firing.until is None
                else format_time(firing.until * MINUTE_NS),
                "label": firing.label,
                "value": firing.value,
                "told": firing.is_told,
            }
            for firing in found.firings
        ],
        "start": format_time(found.first_minute * MINUTE_NS),
        "end": format_time(found.end_minute * MINUTE_NS),
        "step_min": found.step_min,
        "values": list(found.values),
        "partial": found.is_partial,
    }


class NewMaintenance(serializers.Serializer[Any]):
    """A time in which nobody is told: once, or by a schedule."""

    name = serializers.CharField(max_length=100)
    start = serializers.DateTimeField(required=False, allow_null=True, default=None)
    end = serializers.DateTimeField(required=False, allow_null=True, default=None)
    cron = serializers.CharField(required=False, default="", allow_blank=True, max_length=100)
    minutes = serializers.IntegerField(required=False, default=0, min_value=0)
    time_zone = serializers.CharField(required=False, default="UTC", max_length=60)


class MaintenanceInfo(NewMaintenance):
    """A maintenance window; ``open``: it is now."""

    id = serializers.IntegerField()
    open = serializers.BooleanField()


class MaintenanceList(serializers.Serializer[Any]):
    """A page of maintenance windows."""

    results = MaintenanceInfo(many=True)
    cursor = serializers.CharField(allow_null=True)


def maintenance_json(window: Maintenance, *, is_open: bool) -> dict[str, object]:
    """Render a maintenance window."""
    return {
        "id": window.pk,
        "name": window.name,
        "start": window.start.isoformat() if window.start else None,
        "end": window.end.isoformat() if window.end else None,
        "cron": window.cron,
        "minutes": window.minutes,
        "time_zone": window.time_zone,
        "open": is_open,
    }
