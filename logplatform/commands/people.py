"""``user`` and ``token``: who may sign in, and what agents send."""

from __future__ import annotations

import secrets
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from logplatform.accounts import services
from logplatform.accounts.models import ApiToken, User
from logplatform.cli import DONE
from logplatform.commands.ready import default_team, ensure_source, prepare_home

if TYPE_CHECKING:
    import argparse


def create_user(arguments: argparse.Namespace) -> int:
    """Create a person; a password that was made up is printed."""
    prepare_home()
    password = _password(arguments)
    services.create_user(
        team=default_team(),
        username=arguments.username,
        password=password,
        role=arguments.role,
    )
    _say_password(arguments, password)
    return DONE


def change_password(arguments: argparse.Namespace) -> int:
    """Give a person a new password."""
    prepare_home()
    password = _password(arguments)
    services.set_password(username=arguments.username, password=password)
    _say_password(arguments, password)
    return DONE


def _password(arguments: argparse.Namespace) -> str:
    if arguments.password_stdin:
        return sys.stdin.readline().rstrip("\n")
    return secrets.token_urlsafe(12)


def _say_password(arguments: argparse.Namespace, password: str) -> None:
    if not arguments.password_stdin:
        sys.stdout.write(f"{password}\n")


def list_users(arguments: argparse.Namespace) -> int:  # noqa: ARG001  (as every command)
    """Print each person's name, role and team."""
    prepare_home()
    for user in User.objects.select_related("team").order_by("username"):
        sys.stdout.write(f"{user.username}\t{user.role}\t{user.team.name}\n")
    return DONE


def create_token(arguments: argparse.Namespace) -> int:
    """Create a token and print its secret, this once."""
    prepare_home()
    source = ensure_source(arguments.source) if arguments.source else None
    expires = None
    if arguments.days is not None:
        expires = datetime.now(tz=UTC) + timedelta(days=arguments.days)
    new = services.create_token(
        team=default_team(),
        name=arguments.name,
        scopes=arguments.scope,
        source_id=source.pk if source else None,
        expires=expires,
    )
    sys.stdout.write(f"{new.secret}\n")
    return DONE


def list_tokens(arguments: argparse.Namespace) -> int:  # noqa: ARG001  (as every command)
    """Print each token's id, beginning, scopes, source and name."""
    prepare_home()
    for token in ApiToken.objects.select_related("source").order_by("pk"):
        source = token.source.name if token.source else "all sources"
        scopes = ",".join(token.scopes)
        sys.stdout.write(f"{token.pk}\t{token.prefix}...\t{scopes}\t{source}\t{token.name}\n")
    return DONE


def delete_token(arguments: argparse.Namespace) -> int:
    """End a token."""
    prepare_home()
    services.delete_token(team=default_team(), token_id=arguments.id)
    return DONE
