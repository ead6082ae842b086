"""Which rules, channels and reports somebody may see: one function each, used by every door.

They are the team's, whatever sources they are about, so a token of one source sees none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from logplatform.accounts.errors import NotAllowedError, NotVisibleError
from logplatform.reports.models import (
    AlertEvent,
    Channel,
    Delivery,
    Maintenance,
    Report,
    ReportPlan,
    Rule,
)

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import Model, QuerySet

    from logplatform.accounts.access import Identity, Permission

Row = TypeVar("Row", bound="Model")


def visible_channels(identity: Identity, permission: Permission) -> QuerySet[Channel]:
    """Return the team's channels."""
    _require(identity, permission)
    return Channel.objects.filter(team=identity.team)


def visible_rules(identity: Identity, permission: Permission) -> QuerySet[Rule]:
    """Return the team's rules."""
    _require(identity, permission)
    return Rule.objects.filter(team=identity.team)


def visible_events(identity: Identity, permission: Permission) -> QuerySet[AlertEvent]:
    """Return what happened to the team's rules."""
    _require(identity, permission)
    return AlertEvent.objects.filter(rule__team=identity.team).select_related("rule")


def visible_maintenances(identity: Identity, permission: Permission) -> QuerySet[Maintenance]:
    """Return the team's maintenance windows."""
    _require(identity, permission)
    return Maintenance.objects.filter(team=identity.team)


def visible_plans(identity: Identity, permission: Permission) -> QuerySet[ReportPlan]:
    """Return the team's plans of reports."""
    _require(identity, permission)
    return ReportPlan.objects.filter(team=identity.team)


def visible_reports(identity: Identity, permission: Permission) -> QuerySet[Report]:
    """Return the team's reports."""
    _require(identity, permission)
    return Report.objects.filter(team=identity.team).select_related("plan")


def visible_deliveries(identity: Identity, permission: Permission) -> QuerySet[Delivery]:
    """Return what was sent or will be."""
    _require(identity, permission)
    return Delivery.objects.filter(team=identity.team).select_related("channel")


def pick(rows: QuerySet[Row], key: int | UUID) -> Row:
    """Return one of the rows that somebody sees, or raise `NotVisibleError`."""
    found = rows.filter(pk=key).first()
    if found is None:
        raise NotVisibleError(f"no {rows.model._meta.verbose_name} {key}")  # noqa: SLF001  (Django's own name)
    return found


def _require(identity: Identity, permission: Permission) -> None:
    identity.require(permission)
    if identity.source_id is not None:
        raise NotAllowedError("a token of one source sees no alerts, channels or reports")
