"""What is written about rules and maintenance windows by people."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction

from logplatform.logs.models import Source
from logplatform.reports.alerts import last_minute
from logplatform.reports.conditions import read_condition
from logplatform.reports.errors import InvalidRuleError, NameTakenError
from logplatform.reports.judging import Spec, read_spec
from logplatform.reports.models import Maintenance, Rule, RuleKind, Severity
from logplatform.reports.new_anomalies import newest_anomalies
from logplatform.reports.new_templates import newest
from logplatform.reports.schedule import check_cron, zone

if TYPE_CHECKING:
    from logplatform.accounts.models import Team
    from logplatform.reports.models import Channel

MAX_RULES = 2000  # of a team; a minute's evaluation of them takes some seconds
MAX_SNOOZE_MIN = 60 * 24 * 30
MAX_COOLDOWN_MIN = 60 * 24 * 7


@dataclass(frozen=True, slots=True)
class RuleDraft:
    """What a person says of a rule.

    The caller has checked that sources and channels are theirs. No sources mean all that the
    team has and will have.
    """

    name: str
    kind: str
    query: str = ""
    sources: tuple[Source, ...] = ()
    condition: dict[str, Any] = field(default_factory=dict)
    group_by: str = ""
    severity: str = Severity.WARNING.value
    channels: tuple[Channel, ...] = ()
    cooldown_min: int = 30
    notify_recovery: bool = True
    is_enabled: bool = True


def spec_of(team: Team, draft: RuleDraft) -> Spec:
    """Return what a draft watches now.

    Raises
    ------
    InvalidRuleError, QueryError
    """
    if draft.kind not in RuleKind.values:
        raise InvalidRuleError(f"kind: one of {', '.join(RuleKind.values)}")
    condition = read_condition(draft.kind, draft.condition)
    sources = draft.sources or tuple(Source.objects.filter(team=team).order_by("pk"))
    return read_spec(condition, draft.query, sources, draft.group_by)


def create_rule(*, team: Team, draft: RuleDraft) -> Rule:
    """Create a rule, which is evaluated from now on."""
    if Rule.objects.filter(team=team).count() >= MAX_RULES:
        raise InvalidRuleError(f"a team has at most {MAX_RULES} rules")
    return _write(Rule(team=team), draft)


def change_rule(rule: Rule, draft: RuleDraft) -> Rule:
    """Change a rule. What it has fired for stays in its history; its states begin anew."""
    return _write(rule, draft)


def _write(rule: Rule, draft: RuleDraft) -> Rule:
    spec = spec_of(rule.team, draft)
    _check(draft)
    rule.name, rule.kind, rule.query = draft.name.strip(), draft.kind, draft.query
    rule.condition, rule.group_by = spec.condition.to_json(), spec.group_by
    rule.all_sources = not draft.sources
    rule.severity, rule.cooldown_min = draft.severity, draft.cooldown_min
    rule.notify_recovery, rule.is_enabled = draft.notify_recovery, draft.is_enabled
    rule.evaluated_minute = last_minute(datetime.now(tz=UTC))
    rule.watched_since, rule.heard = rule.evaluated_minute, {}
    is_of_anomalies = spec.condition.kind == RuleKind.ANOMALY
    sources = list(spec.sources)
    rule.cursors = newest_anomalies(sources) if is_of_anomalies else newest(sources)
    rule.error = ""
    try:
        with transaction.atomic():
            rule.save()
            rule.sources.set(draft.sources)
            rule.channels.set(draft.channels)
            rule.states.all().delete()
    except IntegrityError as error:
        raise NameTakenError(f"there is a rule {draft.name}") from error
    return rule


def _check(draft: RuleDraft) -> None:
    wrong = {
        "name: 1 to 100 characters": not draft.name.strip() or len(draft.name) > 100,
        f"severity: one of {', '.join(Severity.values)}": draft.severity not in Severity.values,
        f"cooldown_min: 0 to {MAX_COOLDOWN_MIN}": not (
            0 <= draft.cooldown_min <= MAX_COOLDOWN_MIN
        ),
    }
    if any(wrong.values()):
        raise InvalidRuleError("; ".join(text for text, is_so in wrong.items() if is_so))


def snooze(rule: Rule, minutes: int) -> Rule:
    """Tell nobody of a rule for some minutes; 0 ends it."""
    if not 0 <= minutes <= MAX_SNOOZE_MIN:
        raise InvalidRuleError(f"minutes: 0 to {MAX_SNOOZE_MIN}")
    until = datetime.now(tz=UTC) + timedelta(minutes=minutes)
    rule.snoozed_until = until if minutes else None
    rule.save(update_fields=["snoozed_until"])
    return rule


@dataclass(frozen=True, slots=True)
class MaintenanceDraft:
    """What a person says of a maintenance window: once, or by a schedule."""

    name: str
    start: datetime | None = None
    end: datetime | None = None
    cron: str = ""
    minutes: int = 0
    time_zone: str = "UTC"


def create_maintenance(*, team: Team, draft: MaintenanceDraft) -> Maintenance:
    """Create a maintenance window."""
    if not draft.name.strip() or len(draft.name) > 100:
        raise InvalidRuleError("name: 1 to 100 characters")
    zone(draft.time_zone)
    if draft.cron:
        check_cron(draft.cron, draft.time_zone, datetime.now(tz=UTC))
        if not 1 <= draft.minutes <= 60 * 24 * 7:
            raise InvalidRuleError("minutes: 1 to a week's")
    elif draft.start is None or draft.end is None or draft.start >= draft.end:
        raise InvalidRuleError("start and end: a time and a later one, or a cron expression")
    return Maintenance.objects.create(
        team=team,
        name=draft.name.strip(),
        start=None if draft.cron else draft.start,
        end=None if draft.cron else draft.end,
        cron=draft.cron,
        minutes=draft.minutes if draft.cron else 0,
        time_zone=draft.time_zone,
    )
