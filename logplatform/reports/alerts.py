"""The evaluation of rules, minute by minute, and what follows from it.

A rule's minutes are judged once: the transaction that writes what they gave also moves the rule
on, and of two evaluations at once only one moves it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from django.db import OperationalError, transaction

from logplatform.logs import jobs
from logplatform.logs.models import Job, JobKind, JobState, Source
from logplatform.logs.query import QueryError
from logplatform.reports import alert_messages, deliveries
from logplatform.reports.conditions import describe, read_condition
from logplatform.reports.errors import InvalidRuleError
from logplatform.reports.firing import Standing, advance
from logplatform.reports.judging import (
    Group,
    PartialScanError,
    Reader,
    Spec,
    judge,
    read_spec,
    silent,
)
from logplatform.reports.models import (
    AlertEvent,
    EventState,
    Maintenance,
    Rule,
    RuleKind,
    RuleState,
)
from logplatform.reports.new_templates import Fresh, fresh_templates
from logplatform.reports.schedule import is_under_maintenance
from logplatform.reports.series import Span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from logplatform.reports.firing import Change

# Lines of a minute are still on their way when it ends.
GRACE_S = 10
# After a longer time without evaluation the minutes before are let go: nobody needs to hear of
# last night's peaks now, and the states are right again after one window.
MAX_CATCH_UP_MIN = 60
SUBJECT = "team:"


def last_minute(now: datetime) -> int:
    """Return the first minute that cannot be judged yet."""
    return int(now.timestamp() - GRACE_S) // 60


def queue_due(now: datetime) -> list[int]:
    """Make a job for each team with rules that a new minute waits for; return their ids."""
    due = Rule.objects.filter(is_enabled=True, evaluated_minute__lt=last_minute(now))
    teams = due.order_by("team").values_list("team", flat=True).distinct()
    return [jobs.queue_job(JobKind.ALERTS, subject=f"{SUBJECT}{team}") for team in teams]


def run_alerts_job(job_id: int) -> bool:
    """Evaluate the rules of a team; False where another worker does."""
    subject = Job.objects.filter(pk=job_id).values_list("subject", flat=True).first()
    team_id = int((subject or SUBJECT).removeprefix(SUBJECT) or 0)

    def work(lease: jobs.Lease) -> None:
        evaluate_team(team_id, datetime.now(tz=UTC), lease=lease)

    is_done = jobs.run_job(job_id, work, transient=(OSError, OperationalError))
    # One a minute for ever would bury the jobs that people look for.
    Job.objects.filter(pk=job_id, state=JobState.DONE).delete()
    return is_done


@dataclass(slots=True)
class _Work:
    """A rule with what is known of it before it is judged, and what was found."""

    rule: Rule
    spec: Spec
    span: Span
    states: dict[str, RuleState]
    changes: list[tuple[Group, Change]] = field(default_factory=list)
    standings: dict[str, tuple[str, Standing]] = field(default_factory=dict)
    fresh: Fresh | None = None
    error: str = ""


def evaluate_team(team_id: int, now: datetime, *, lease: jobs.Lease | None = None) -> int:
    """Judge all rules of a team up to now; return how many events there were."""
    end = last_minute(now)
    rules = list(
        Rule.objects.filter(team=team_id, is_enabled=True, evaluated_minute__lt=end)
        .prefetch_related("sources", "states", "channels")
        .order_by("pk")
    )
    works = _works(team_id, rules, end)
    reader = Reader(
        [work.spec for work in works if not work.error],
        end=end,
        minutes=max((len(work.span) for work in works), default=1),
    )
    windows = Maintenance.objects.filter(team=team_id)
    is_silent = any(is_under_maintenance(window, now) for window in windows)
    for work in works:
        _judge(work, reader)
    if lease is not None:
        lease.renew(0.9)
    quiet, events = [], 0
    for work in works:
        if work.changes or work.error != work.rule.error or work.fresh is not None:
            events += _commit(work, end, now, is_silent=is_silent)
        else:
            quiet.append(work)
    _move_on(quiet, end)
    return events


def _works(team_id: int, rules: list[Rule], end: int) -> list[_Work]:
    everything = tuple(Source.objects.filter(team=team_id).order_by("pk"))
    works = []
    for rule in rules:
        sources = everything if rule.all_sources else tuple(rule.sources.all())
        span = Span(max(rule.evaluated_minute, end - MAX_CATCH_UP_MIN), end)
        states = {state.group: state for state in rule.states.all()}
        condition = read_condition(rule.kind, rule.condition)
        try:
            spec = read_spec(condition, rule.query, sources, rule.group_by)
        except (InvalidRuleError, QueryError) as error:
            # It was valid when it was stored: the language has changed since.
            spec = read_spec(condition, "", (), "")
            works.append(_Work(rule, spec, span, states, error=str(error)))
            continue
        error_text = "" if sources else "the rule has no source left"
        works.append(_Work(rule, spec, span, states, error=error_text))
    return works


def _judge(work: _Work, reader: Reader) -> None:
    if work.error:
        return
    if work.spec.condition.kind == RuleKind.NEW_TEMPLATE:
        work.fresh = fresh_templates(work.spec, work.rule.cursors)
        return
    try:
        groups = list(judge(work.spec, work.span, reader))
    except PartialScanError as error:
        work.error = str(error)
        return
    seen = {group.key for group in groups}
    groups += [
        Group(state.group, state.label, silent(work.spec, work.span))
        for state in work.states.values()
        if state.is_firing and state.group not in seen
    ]
    for group in groups:
        _follow(work, group)


def _follow(work: _Work, group: Group) -> None:
    state = work.states.get(group.key)
    before = (
        Standing(state.is_firing, state.since_minute, state.notified_minute)
        if state
        else Standing()
    )
    standing, changes = advance(
        before,
        group.judgement.is_met,
        first_minute=work.span.first,
        cooldown_min=work.rule.cooldown_min,
    )
    if changes:
        work.standings[group.key] = (group.label, standing)
        work.changes += [(group, change) for change in changes]


def _move_on(works: list[_Work], end: int) -> None:
    """Move the rules on of which there is nothing to write, in few statements."""
    by_minute: dict[int, list[int]] = {}
    for work in works:
        by_minute.setdefault(work.rule.evaluated_minute, []).append(work.rule.pk)
    for minute, pks in by_minute.items():
        for low in range(0, len(pks), 1000):
            part = pks[low : low + 1000]
            Rule.objects.filter(pk__in=part, evaluated_minute=minute).update(
                evaluated_minute=end
            )


def _commit(work: _Work, end: int, now: datetime, *, is_silent: bool) -> int:
    """Write what a rule's minutes gave, once."""
    rule = work.rule
    is_snoozed = rule.snoozed_until is not None and rule.snoozed_until > now
    silenced_by = "maintenance" if is_silent else "snoozed" if is_snoozed else ""
    events = _events(work, silenced_by)
    fields: dict[str, object] = {"evaluated_minute": end, "error": work.error}
    if work.fresh is not None:
        fields["cursors"] = work.fresh.cursors
    with transaction.atomic():
        is_first = Rule.objects.filter(
            pk=rule.pk, evaluated_minute=rule.evaluated_minute
        ).update(**fields)
        if not is_first:
            return 0
        AlertEvent.objects.bulk_create(events)
        for key, (label, standing) in work.standings.items():
            RuleState.objects.update_or_create(
                rule=rule,
                group=key,
                defaults={
                    "label": label,
                    "is_firing": standing.is_firing,
                    "since_minute": standing.since_minute,
                    "notified_minute": standing.notified_minute,
                },
            )
        _notify(work, events, end)
    return len(events)


def _events(work: _Work, silenced_by: str) -> list[AlertEvent]:
    if work.fresh is not None:
        return [
            AlertEvent(
                rule=work.rule,
                group=f"{template.source}/{template.key}",
                label=template.text,
                state=EventState.FIRED,
                minute=work.span.end,
                value=template.records,
                sentence=f"new in {template.source}, {template.records:,} records so far",
                silenced_by=silenced_by,
            )
            for template in work.fresh.templates
        ]
    found = []
    for group, change in work.changes:
        value = float(group.judgement.values[change.index])
        baselines = group.judgement.baselines
        baseline = None if baselines is None else float(baselines[change.index])
        found.append(
            AlertEvent(
                rule=work.rule,
                group=group.key,
                label=group.label,
                state=change.state,
                minute=work.span.first + change.index + 1,
                value=value if value == value else 0.0,  # noqa: PLR0124  (NaN: no value at all)
                sentence=describe(work.spec.condition, value, baseline),
                silenced_by=silenced_by or ("cooldown" if change.is_cooling else ""),
            )
        )
    return found


def _notify(work: _Work, events: Iterable[AlertEvent], end: int) -> None:
    rule = work.rule
    told = [event for event in events if not event.silenced_by]
    fired = [event for event in told if event.state == EventState.FIRED]
    over = [event for event in told if event.state == EventState.RECOVERED]
    channels = list(rule.channels.all())
    if fired:
        deliveries.queue(
            channels,
            alert_messages.firing(rule, fired),
            identity=f"fired:{rule.pk}:{end}",
            rule=rule,
        )
    if over and rule.notify_recovery:
        still = RuleState.objects.filter(rule=rule, is_firing=True).count()
        deliveries.queue(
            channels,
            alert_messages.recovered(rule, over, still=still),
            identity=f"recovered:{rule.pk}:{end}",
            rule=rule,
        )
