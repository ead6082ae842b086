"""Making a home usable: folders and migrations, for every command that needs no service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.core.management import call_command

from logplatform.accounts import services as accounts
from logplatform.logs.errors import LogsError
from logplatform.logs.models import Source
from logplatform.logs.readiness import lacks_migrations
from logplatform.logs.services import create_source

if TYPE_CHECKING:
    from logplatform.accounts.models import Team


def prepare_home() -> None:
    """Create what is missing of the home and bring its database up to date."""
    settings.HOME.create()
    if lacks_migrations():
        call_command("migrate", verbosity=0, interactive=False)


def default_team() -> Team:
    """Return the team that commands act for."""
    return accounts.ensure_team()


def ensure_source(name: str) -> Source:
    """Return the source of this name, created now where there is none."""
    team = default_team()
    source = Source.objects.filter(team=team, name=name).first()
    return source or create_source(team=team, name=name)


def existing_source(name: str) -> Source:
    """Return the source of this name."""
    source = Source.objects.filter(team=default_team(), name=name).first()
    if source is None:
        raise LogsError(f"no source named {name}")
    return source
