"""Which tasks, cases and templates somebody may see: one function each, used by every door.

Answers belong to templates, so who sees a source sees them. Cases, costs and the language
model are the team's: a token of one source sees none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from logplatform.accounts.errors import NotAllowedError, NotVisibleError
from logplatform.logs.access import get_source
from logplatform.logs.models import Template
from logplatform.triage.models import Case, TriageTask, Verdict
from logplatform.triage.taxonomy import tasks_of

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from logplatform.accounts.access import Identity, Permission
    from logplatform.accounts.models import Team


def visible_tasks(identity: Identity, permission: Permission) -> list[TriageTask]:
    """Return the team's tasks."""
    identity.require(permission)
    return tasks_of(identity.team)


def get_task(identity: Identity, name: str, *, permission: Permission) -> TriageTask:
    """Return one task by name, or raise `NotVisibleError`."""
    for task in visible_tasks(identity, permission):
        if task.name == name:
            return task
    raise NotVisibleError(f"no task named {name}")


def get_template(
    identity: Identity, source: str, key: str, *, permission: Permission
) -> Template:
    """Return one template of a source that somebody sees, or raise `NotVisibleError`."""
    seen = get_source(identity, source, permission=permission)
    found = Template.objects.filter(source=seen, key=key).first()
    if found is None:
        raise NotVisibleError(f"no template {key} in {source}")
    return found


def team_of(identity: Identity, permission: Permission) -> Team:
    """Return the team whose cases, costs and language model somebody may see or change."""
    identity.require(permission)
    if identity.source_id is not None:
        raise NotAllowedError("a token of one source sees no cases, costs or settings")
    return identity.team


def visible_cases(identity: Identity, permission: Permission) -> QuerySet[Case]:
    """Return the team's error cases."""
    team = team_of(identity, permission)
    return Case.objects.filter(task__team=team).select_related("task")


def get_case(identity: Identity, case_id: int, *, permission: Permission) -> Case:
    """Return one case, or raise `NotVisibleError`."""
    found = visible_cases(identity, permission).filter(pk=case_id).first()
    if found is None:
        raise NotVisibleError(f"no case {case_id}")
    return found


def get_verdict(identity: Identity, verdict_id: int, *, permission: Permission) -> Verdict:
    """Return one verdict, or raise `NotVisibleError`."""
    team = team_of(identity, permission)
    found = Verdict.objects.filter(pk=verdict_id, task__team=team)
    verdict = found.select_related("task", "template").first()
    if verdict is None:
        raise NotVisibleError(f"no verdict {verdict_id}")
    return verdict
