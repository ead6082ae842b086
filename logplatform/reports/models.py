"""Rules, their states and events; channels and deliveries; plans and reports.

Minutes are whole minutes since 1970 UTC, times of rows are datetimes.
"""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone

from logplatform.accounts.models import Team
from logplatform.logs.models import Source


class ChannelKind(models.TextChoices):
    """Where messages go."""

    EMAIL = "email"
    SLACK = "slack"
    TEAMS = "teams"
    DISCORD = "discord"
    PAGERDUTY = "pagerduty"
    WEBHOOK = "webhook"


class Channel(models.Model):
    """A place that messages are delivered to.

    ``options`` are what may be shown: recipients, a template. ``secret`` is a JSON object of
    what may not (addresses with a token in them, keys), encrypted; it is never given out again.
    """

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="channels")
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=10, choices=ChannelKind)
    options = models.JSONField(default=dict)
    secret = models.TextField(blank=True)
    is_enabled = models.BooleanField(default=True)
    created = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "name"], name="channel_name_once_per_team")
        ]

    def __str__(self) -> str:
        return self.name


class RuleKind(models.TextChoices):
    """What a rule watches; docs/reports.md says when each fires."""

    COUNT = "count"
    RATE = "rate"
    ABSENCE = "absence"
    NEW_TEMPLATE = "new_template"
    TEMPLATE_CHANGE = "template_change"
    VARIABLE = "variable"
    ANOMALY = "anomaly"


class Severity(models.TextChoices):
    """How bad it is."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class Rule(models.Model):
    """A saved search and a condition on what it finds.

    ``evaluated_minute`` is the first minute that is not evaluated yet: raising it is part of
    the transaction that writes what the minutes before it gave, so none is judged twice.
    ``watched_since`` is the first minute that the rule as it stands has to do with; late lines
    of earlier ones are none of its business. ``cursors`` has for each source's id the newest
    template or anomaly that a rule about these has seen. ``heard`` are all records of the
    sources by minute (as text) at the last evaluation, for rules that scan: what has grown
    since are late lines.
    """

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="rules")
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=20, choices=RuleKind)
    query = models.TextField(blank=True)
    all_sources = models.BooleanField(default=False)
    sources = models.ManyToManyField(Source, blank=True, related_name="rules")
    condition = models.JSONField(default=dict)  # of a `conditions.Condition`
    group_by = models.CharField(max_length=10, blank=True)  # "", "source" or "template"
    severity = models.CharField(max_length=10, choices=Severity, default=Severity.WARNING.value)
    channels = models.ManyToManyField(Channel, blank=True, related_name="rules")
    cooldown_min = models.PositiveIntegerField(default=30)
    notify_recovery = models.BooleanField(default=True)
    is_enabled = models.BooleanField(default=True)
    snoozed_until = models.DateTimeField(null=True, blank=True)
    evaluated_minute = models.BigIntegerField()
    watched_since = models.BigIntegerField(default=0)
    heard = models.JSONField(default=dict)
    cursors = models.JSONField(default=dict)
    error = models.TextField(blank=True)  # why the last evaluation gave nothing
    created = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "name"], name="rule_name_once_per_team")
        ]

    def __str__(self) -> str:
        return self.name


class RuleState(models.Model):
    """How one group of a rule stands; groups that never fired have no row."""

    rule = models.ForeignKey(Rule, on_delete=models.CASCADE, related_name="states")
    group = models.CharField(max_length=200, blank=True)
    label = models.TextField(blank=True)
    is_firing = models.BooleanField(default=False)
    since_minute = models.BigIntegerField()
    notified_minute = models.BigIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["rule", "group"], name="state_once")]

    def __str__(self) -> str:
        return f"{self.rule_id} {self.group}: {self.is_firing}"


class EventState(models.TextChoices):
    """What happened to a group."""

    FIRED = "fired"
    RECOVERED = "recovered"


class AlertEvent(models.Model):
    """A group of a rule fired or recovered. ``silenced_by`` says why nobody was told."""

    rule = models.ForeignKey(Rule, on_delete=models.CASCADE, related_name="events")
    group = models.CharField(max_length=200, blank=True)
    label = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=EventState)
    minute = models.BigIntegerField()  # the end of the window that decided
    value = models.FloatField()
    sentence = models.TextField()
    silenced_by = models.CharField(max_length=20, blank=True)
    created = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "group", "state", "minute"], name="event_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.rule_id} {self.group} {self.state} {self.minute}"


class Maintenance(models.Model):
    """A time in which alerts are recorded and nobody is told.

    Either once, from ``start`` to ``end``, or again and again: ``minutes`` from each time that
    ``cron`` names in ``time_zone``.
    """

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="maintenances")
    name = models.CharField(max_length=100)
    start = models.DateTimeField(null=True, blank=True)
    end = models.DateTimeField(null=True, blank=True)
    cron = models.CharField(max_length=100, blank=True)
    minutes = models.PositiveIntegerField(default=0)
    time_zone = models.CharField(max_length=60, default="UTC")
    created = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name


class Period(models.TextChoices):
    """What time a report is about: the last whole one before it is due."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class ReportPlan(models.Model):
    """What to report, when and to whom.

    ``next_due`` is moved on in the transaction that makes the report, so each is made once.
    """

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="report_plans")
    name = models.CharField(max_length=100)
    all_sources = models.BooleanField(default=True)
    sources = models.ManyToManyField(Source, blank=True, related_name="report_plans")
    query = models.TextField(blank=True)
    period = models.CharField(max_length=10, choices=Period, default=Period.DAY.value)
    cron = models.CharField(max_length=100)
    time_zone = models.CharField(max_length=60, default="UTC")
    sections = models.JSONField(default=list)
    channels = models.ManyToManyField(Channel, blank=True, related_name="report_plans")
    skip_unchanged = models.BooleanField(default=False)
    is_enabled = models.BooleanField(default=True)
    next_due = models.DateTimeField(null=True, blank=True)
    created = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "name"], name="plan_name_once_per_team")
        ]

    def __str__(self) -> str:
        return self.name


class ReportState(models.TextChoices):
    """``skipped``: nothing had changed, so nobody was told."""

    QUEUED = "queued"
    READY = "ready"
    SKIPPED = "skipped"
    FAILED = "failed"


class Report(models.Model):
    """One report about a time range, and where its pictures lie.

    ``due`` is None for one that somebody asked for. ``content`` is a `content.Content`;
    ``folder`` lies below the home's reports/ folder and has the pictures and the PDF.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="reports")
    plan = models.ForeignKey(ReportPlan, on_delete=models.CASCADE, related_name="reports")
    due = models.DateTimeField(null=True, blank=True)
    is_preview = models.BooleanField(default=False)
    title = models.CharField(max_length=200)
    start = models.DateTimeField()
    end = models.DateTimeField()
    state = models.CharField(
        max_length=10, choices=ReportState, default=ReportState.QUEUED.value
    )
    content = models.JSONField(null=True)
    folder = models.CharField(max_length=100, blank=True)
    error = models.TextField(blank=True)
    created = models.DateTimeField(default=timezone.now)
    finished = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plan", "due"], name="report_due_once")]
        indexes = [models.Index(fields=["team", "created"])]

    def __str__(self) -> str:
        return self.title


class DeliveryState(models.TextChoices):
    """``queued`` and ``sending`` are open; ``dead`` waits for a person."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DEAD = "dead"


class Delivery(models.Model):
    """One message to one channel: the promise, and the log of what became of it.

    ``identity`` makes the same message to the same channel one row. ``attempts`` is raised by
    each lease and so tells an outdated sender from the present one. ``log`` has an entry for
    each answer.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="deliveries")
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="deliveries")
    rule = models.ForeignKey(
        Rule, on_delete=models.SET_NULL, null=True, related_name="deliveries"
    )
    report = models.ForeignKey(
        Report, on_delete=models.CASCADE, null=True, related_name="deliveries"
    )
    identity = models.CharField(max_length=200, unique=True)
    message = models.JSONField()  # of a `messages.Message`
    state = models.CharField(
        max_length=10, choices=DeliveryState, default=DeliveryState.QUEUED.value
    )
    attempts = models.PositiveIntegerField(default=0)
    tries_left = models.PositiveIntegerField()
    not_before = models.DateTimeField(default=timezone.now)
    lease_until = models.DateTimeField(null=True)
    log = models.JSONField(default=list)
    created = models.DateTimeField(default=timezone.now)
    finished = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "deliveries"
        indexes = [models.Index(fields=["state", "not_before"])]

    def __str__(self) -> str:
        return f"{self.identity} {self.state}"
