"""Rules of alerts, what they fired for, and when nobody is told."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.views import APIView

from logplatform.accounts.access import Permission
from logplatform.accounts.errors import NotVisibleError
from logplatform.api import alert_shapes as shapes
from logplatform.api.authentication import identity_of
from logplatform.api.pages import PARAMETERS, read_page
from logplatform.logs.access import get_source
from logplatform.reports import access, rules
from logplatform.reports.alerts import last_minute
from logplatform.reports.backtest import backtest
from logplatform.reports.models import EventState, Rule
from logplatform.reports.schedule import is_under_maintenance

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet
    from rest_framework.request import Request

    from logplatform.accounts.access import Identity
    from logplatform.logs.models import Source
    from logplatform.reports.models import Channel


def read_sources(identity: Identity, names: Iterable[str]) -> tuple[Source, ...]:
    """Return sources by name that somebody may read."""
    return tuple(get_source(identity, name, permission=Permission.READ) for name in names)


def read_channels(identity: Identity, ids: Iterable[int]) -> tuple[Channel, ...]:
    """Return channels of the team by id."""
    wanted = set(ids)
    rows = access.visible_channels(identity, Permission.READ)
    found = {channel.pk: channel for channel in rows.filter(pk__in=wanted)}
    if missing := sorted(wanted - set(found)):
        raise NotVisibleError(f"no channel {missing[0]}")
    return tuple(found.values())


def _draft(request: Request) -> rules.RuleDraft:
    body = shapes.NewRule(data=request.data)
    body.is_valid(raise_exception=True)
    given, identity = body.validated_data, identity_of(request)
    return rules.RuleDraft(
        name=given["name"],
        kind=given["kind"],
        query=given["query"],
        sources=read_sources(identity, given["sources"]),
        condition=dict(given.get("condition", {})),
        group_by=given["group_by"],
        severity=given["severity"],
        channels=read_channels(identity, given["channels"]),
        cooldown_min=given["cooldown_min"],
        notify_recovery=given["notify_recovery"],
        is_enabled=given["enabled"],
    )


def _rules(request: Request, permission: Permission) -> QuerySet[Rule]:
    rows = access.visible_rules(identity_of(request), permission)
    return rows.prefetch_related("sources", "channels", "states")


def _render(rule: Rule) -> Response:
    rows = Rule.objects.prefetch_related("sources", "channels", "states")
    return Response(shapes.rule_json(rows.get(pk=rule.pk)))


class RuleListView(APIView):
    """The team's rules."""

    @extend_schema(parameters=PARAMETERS, responses=shapes.RuleList)
    def get(self, request: Request) -> Response:
        """List rules and how they stand."""
        page, cursor = read_page(_rules(request, Permission.READ), request)
        return Response({"results": list(map(shapes.rule_json, page)), "cursor": cursor})

    @extend_schema(request=shapes.NewRule, responses={201: shapes.RuleInfo})
    def post(self, request: Request) -> Response:
        """Create a rule, which is judged each minute from now on."""
        _rules(request, Permission.EDIT)
        rule = rules.create_rule(team=identity_of(request).team, draft=_draft(request))
        answer = _render(rule)
        answer.status_code = 201
        return answer


class RuleView(APIView):
    """One rule."""

    @extend_schema(responses=shapes.RuleInfo)
    def get(self, request: Request, rule_id: int) -> Response:
        """Return a rule."""
        return _render(access.pick(_rules(request, Permission.READ), rule_id))

    @extend_schema(request=shapes.NewRule, responses=shapes.RuleInfo)
    def put(self, request: Request, rule_id: int) -> Response:
        """Change a rule; what fires begins anew."""
        rule = access.pick(_rules(request, Permission.EDIT), rule_id)
        return _render(rules.change_rule(rule, _draft(request)))

    @extend_schema(request=None, responses={204: None})
    def delete(self, request: Request, rule_id: int) -> Response:
        """Delete a rule and its history."""
        access.pick(_rules(request, Permission.EDIT), rule_id).delete()
        return Response(status=204)


class RuleSnoozeView(APIView):
    """A while in which a rule tells nobody."""

    @extend_schema(request=shapes.Snooze, responses=shapes.RuleInfo)
    def post(self, request: Request, rule_id: int) -> Response:
        """Snooze a rule, or end it with 0 minutes."""
        rule = access.pick(_rules(request, Permission.EDIT), rule_id)
        body = shapes.Snooze(data=request.data)
        body.is_valid(raise_exception=True)
        return _render(rules.snooze(rule, body.validated_data["minutes"]))


class BacktestView(APIView):
    """What a rule would have done."""

    @extend_schema(request=shapes.NewRule, responses=shapes.BacktestShape)
    def post(self, request: Request) -> Response:
        """Try a rule against the last seven days; nothing is stored."""
        _rules(request, Permission.READ)
        draft = _draft(request)
        found = backtest(
            rules.spec_of(identity_of(request).team, draft),
            end_minute=last_minute(datetime.now(tz=UTC)),
            cooldown_min=draft.cooldown_min,
        )
        return Response(shapes.backtest_json(found))


class EventListView(APIView):
    """What rules fired for."""

    @extend_schema(
        parameters=[
            *PARAMETERS,
            OpenApiParameter("rule", int),
            OpenApiParameter("state", enum=EventState.values),
        ],
        responses=shapes.EventList,
    )
    def get(self, request: Request) -> Response:
        """List what fired and recovered, newest first."""
        rows = access.visible_events(identity_of(request), Permission.READ)
        rule, state = request.GET.get("rule"), request.GET.get("state")
        if rule and not rule.isdigit():
            raise ValidationError({"rule": "a number"})
        if state and state not in EventState.values:
            raise ValidationError({"state": f"one of {', '.join(EventState.values)}"})
        rows = rows.filter(rule=int(rule)) if rule else rows
        rows = rows.filter(state=state) if state else rows
        page, cursor = read_page(rows, request)
        return Response({"results": list(map(shapes.event_json, page)), "cursor": cursor})


class MaintenanceListView(APIView):
    """The team's maintenance windows."""

    @extend_schema(parameters=PARAMETERS, responses=shapes.MaintenanceList)
    def get(self, request: Request) -> Response:
        """List maintenance windows, those that are over too."""
        rows = access.visible_maintenances(identity_of(request), Permission.READ)
        page, cursor = read_page(rows, request)
        now = datetime.now(tz=UTC)
        results = [
            shapes.maintenance_json(window, is_open=is_under_maintenance(window, now))
            for window in page
        ]
        return Response({"results": results, "cursor": cursor})

    @extend_schema(request=shapes.NewMaintenance, responses={201: shapes.MaintenanceInfo})
    def post(self, request: Request) -> Response:
        """Create a maintenance window."""
        access.visible_maintenances(identity_of(request), Permission.EDIT)
        body = shapes.NewMaintenance(data=request.data)
        body.is_valid(raise_exception=True)
        draft = rules.MaintenanceDraft(**body.validated_data)
        window = rules.create_maintenance(team=identity_of(request).team, draft=draft)
        is_open = is_under_maintenance(window, datetime.now(tz=UTC))
        return Response(shapes.maintenance_json(window, is_open=is_open), status=201)


class MaintenanceView(APIView):
    """One maintenance window."""

    @extend_schema(request=None, responses={204: None})
    def delete(self, request: Request, window_id: int) -> Response:
        """End a maintenance window."""
        rows = access.visible_maintenances(identity_of(request), Permission.EDIT)
        access.pick(rows, window_id).delete()
        return Response(status=204)
