"""The evaluation of rules, minute by minute, and what follows from it.

A rule's minutes are judged once: the transaction that writes what they gave also moves the rule
on, and of two evaluations at once only one moves it. The hour before is looked at again for
what late lines made true of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from django.db import OperationalError, transaction

from logplatform.logs import jobs
from logplatform.logs.models import Job, JobKind, JobState, Source
from logplatform.logs.query import QueryError
from logplatform.reports import alert_messages, deliveries
from logplatform.reports.conditions import describe, read_condition
from logplatform.reports.errors import InvalidRuleError
from logplatform.reports.firing import Change, Standing, advance
from logplatform.reports.judging import (
    Group,
    PartialScanError,
    Reader,
    Spec,
    judge,
    read_spec,
    silent,
)
from logplatform.reports.late import LATE_MIN, Told, fired_minutes, missed
from logplatform.reports.models import (
    AlertEvent,
    EventState,
    Maintenance,
    Rule,
    RuleKind,
    RuleState,
)
from logplatform.reports.new_anomalies import fresh_anomalies
from logplatform.reports.new_templates import fresh_templates
from logplatform.reports.schedule import is_under_maintenance
from logplatform.reports.series import Span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from logplatform.reports.news import Fresh, News

# Lines of a minute are still on their way when it ends.
GRACE_S = 10
# After a longer time without evaluation the minutes before are let go: nobody needs to hear of
# last night's peaks now, and the states are right again after one window.
MAX_CATCH_UP_MIN = 60
AFTER_FIRING = timedelta(seconds=20)
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
    """A rule with what is known of it before it is judged, and what was found.

    ``span`` are the minutes that nobody has judged, ``whole`` has those before them too that
    are looked at again.
    """

    rule: Rule
    spec: Spec
    span: Span
    whole: Span
    states: dict[str, RuleState]
    changes: list[tuple[Group, Change]] = field(default_factory=list)
    news: list[tuple[News, bool]] = field(default_factory=list)  # and whether it is cooling
    standings: dict[str, tuple[str, Standing]] = field(default_factory=dict)
    fresh: Fresh | None = None
    heard: dict[str, int] | None = None
    error: str = ""

    @property
    def is_quiet(self) -> bool:
        """Whether there is nothing to write but that it was judged."""
        is_same = self.fresh is None and self.heard is None
        return is_same and not self.changes and self.error == self.rule.error

    def standing(self, group: str) -> Standing:
        """Return how a group stood before."""
        state = self.states.get(group)
        if state is None:
            return Standing()
        return Standing(state.is_firing, state.since_minute, state.notified_minute)


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
        minutes=max((len(work.whole) for work in works), default=1),
        heard_min=LATE_MIN,
    )
    windows = Maintenance.objects.filter(team=team_id)
    is_silent = any(is_under_maintenance(window, now) for window in windows)
    for work in works:
        if not work.error:
            _judge(work, reader, now)
    if lease is not None:
        lease.renew(0.9)
    events = sum(
        _commit(work, end, now, is_silent=is_silent) for work in works if not work.is_quiet
    )
    _move_on([work for work in works if work.is_quiet], end)
    return events


def _works(team_id: int, rules: list[Rule], end: int) -> list[_Work]:
    everything = tuple(Source.objects.filter(team=team_id).order_by("pk"))
    works = []
    for rule in rules:
        sources = everything if rule.all_sources else tuple(rule.sources.all())
        first = max(rule.evaluated_minute, end - MAX_CATCH_UP_MIN)
        span = Span(first, end)
        whole = Span(min(first, max(rule.watched_since, end - LATE_MIN)), end)
        states = {state.group: state for state in rule.states.all()}
        condition = read_condition(rule.kind, rule.condition)
        try:
            spec = read_spec(condition, rule.query, sources, rule.group_by)
        except (InvalidRuleError, QueryError) as error:
            # It was valid when it was stored: the language has changed since.
            spec = read_spec(condition, "", (), "")
            works.append(_Work(rule, spec, span, whole, states, error=str(error)))
            continue
        error_text = "" if sources else "the rule has no source left"
        works.append(_Work(rule, spec, span, whole, states, error=error_text))
    return works


def _judge(work: _Work, reader: Reader, now: datetime) -> None:
    kind = work.spec.condition.kind
    if kind == RuleKind.NEW_TEMPLATE:
        work.fresh = fresh_templates(work.spec, work.rule.cursors, minute=work.span.end)
    elif kind == RuleKind.ANOMALY:
        now_ns = int(now.timestamp()) * 10**9
        work.fresh = fresh_anomalies(work.spec, work.rule.cursors, now_ns=now_ns)
    else:
        _judge_windows(work, reader)
    for news in work.fresh.news if work.fresh else ():
        _take(work, news)


def _take(work: _Work, news: News) -> None:
    """Note a thing that came up; one whose like was told a moment ago is silent."""
    minute, before = work.span.end, work.standing(news.group)
    last = before.notified_minute
    is_cooling = last is not None and minute - last < work.rule.cooldown_min
    work.news.append((news, is_cooling))
    if work.spec.condition.kind == RuleKind.ANOMALY:  # a template is new once
        told = last if is_cooling else minute
        work.standings[news.group] = (news.label, Standing(False, minute, told))  # noqa: FBT003


def _judge_windows(work: _Work, reader: Reader) -> None:
    if not work.spec.is_from_catalog:
        _narrow(work, reader)
    try:
        groups = list(judge(work.spec, work.whole, reader))
    except PartialScanError as error:
        work.error = str(error)
        return
    seen = {group.key for group in groups}
    groups += [
        Group(state.group, state.label, silent(work.spec, work.whole))
        for state in work.states.values()
        if state.is_firing and state.group not in seen
    ]
    for group in groups:
        _follow(work, group)


def _narrow(work: _Work, reader: Reader) -> None:
    """Look again only at what late lines have touched: each judgement is a scan."""
    span = Span(work.span.end - LATE_MIN, work.span.end)
    counts = reader.heard(work.spec, span).tolist()
    work.heard = {str(span.first + at): count for at, count in enumerate(counts) if count}
    first = work.span.first
    grown = [
        int(minute)
        for minute, count in work.heard.items()
        if work.whole.first <= int(minute) < first and count > work.rule.heard.get(minute, 0)
    ]
    work.whole = Span(min(grown, default=first), work.whole.end)


def _follow(work: _Work, group: Group) -> None:
    standing, late = _look_back(work, group, work.standing(group.key))
    past = work.span.first - work.whole.first
    standing, changes = advance(
        standing,
        group.judgement.is_met[past:],
        first_minute=work.span.first,
        cooldown_min=work.rule.cooldown_min,
    )
    found = late + [replace(change, index=change.index + past) for change in changes]
    if found:
        work.standings[group.key] = (group.label, standing)
        work.changes += [(group, change) for change in found]


def _look_back(work: _Work, group: Group, standing: Standing) -> tuple[Standing, list[Change]]:
    """Return what late lines made true of minutes that were judged before, over by now."""
    first, past = work.whole.first, work.span.first - work.whole.first
    is_met = group.judgement.is_met[:past]
    if not is_met.any() or (standing.is_firing and standing.since_minute <= first):
        return standing, []
    events = AlertEvent.objects.filter(rule=work.rule, group=group.key, minute__gt=first)
    told = [Told(*row) for row in events.order_by("minute").values_list("state", "minute")]
    fired = fired_minutes(first, past, standing, told)
    changes = []
    goes_on = bool(group.judgement.is_met[past])
    for begin, end in missed(is_met, fired, goes_on=goes_on):
        last = standing.notified_minute
        cooldown = work.rule.cooldown_min
        is_cooling = last is not None and abs(first + begin - last) < cooldown
        changes += [
            Change(EventState.FIRED, begin, is_cooling, is_late=True),
            Change(EventState.RECOVERED, end, is_cooling, is_late=True),
        ]
        if not is_cooling:
            standing = replace(standing, notified_minute=max(last or 0, first + begin))
    return standing, changes


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
    if work.heard is not None:
        fields["heard"] = work.heard
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
    found = [
        AlertEvent(
            rule=work.rule,
            group=news.group,
            label=news.label,
            state=EventState.FIRED,
            minute=work.span.end,
            value=news.value,
            sentence=news.sentence,
            silenced_by=silenced_by or ("cooldown" if is_cooling else ""),
        )
        for news, is_cooling in work.news
    ]
    for group, change in work.changes:
        value = float(group.judgement.values[change.index])
        late = ", seen late" if change.is_late else ""
        baselines = group.judgement.baselines
        baseline = None if baselines is None else float(baselines[change.index])
        found.append(
            AlertEvent(
                rule=work.rule,
                group=group.key,
                label=group.label,
                state=change.state,
                minute=work.whole.first + change.index + 1,
                value=value if value == value else 0.0,  # noqa: PLR0124  (NaN: no value at all)
                sentence=describe(work.spec.condition, value, baseline) + late,
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
            # A receiver that hears of the end first would wait for another one for ever.
            wait=AFTER_FIRING if fired else timedelta(),
        )
