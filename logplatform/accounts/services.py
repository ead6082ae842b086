"""What is written about people and tokens."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from logplatform.accounts.access import digest
from logplatform.accounts.errors import InvalidAccountError, NotVisibleError
from logplatform.accounts.models import ApiToken, Role, Scope, Team, User

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

FIRST_TEAM = "default"
FIRST_USER = "admin"
TOKEN_MARK = "lp_"


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token with its secret, which is shown once and stored nowhere."""

    token: ApiToken
    secret: str


def ensure_team(name: str = FIRST_TEAM) -> Team:
    """Return the team of this name, made now if there is none."""
    return Team.objects.get_or_create(name=name)[0]


def create_user(*, team: Team, username: str, password: str, role: str) -> User:
    """Create a person with a role in a team."""
    if role not in Role.values:
        raise InvalidAccountError(f"role {role!r}: one of {', '.join(Role.values)}")
    user = User(username=username, team=team, role=role)
    try:
        User.username_validator(username)
        validate_password(password, user)
    except ValidationError as error:
        raise InvalidAccountError("; ".join(error.messages)) from error
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError as error:
        raise InvalidAccountError(f"there is a user {username}") from error
    return user


def set_password(*, username: str, password: str) -> None:
    """Give a person a new password."""
    user = User.objects.filter(username=username).first()
    if user is None:
        raise NotVisibleError(f"no user {username}")
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise InvalidAccountError("; ".join(error.messages)) from error
    user.set_password(password)
    user.save(update_fields=["password"])


def ensure_first_user() -> str | None:
    """Create the first account of a new home; return its password, None where one exists."""
    if User.objects.exists():
        return None
    password = secrets.token_urlsafe(12)
    create_user(
        team=ensure_team(), username=FIRST_USER, password=password, role=Role.ADMIN.value
    )
    return password


def create_token(
    *,
    team: Team,
    name: str,
    scopes: Sequence[str],
    source_id: int | None = None,
    expires: datetime | None = None,
) -> NewToken:
    """Create a token; the caller has checked that the source is the team's."""
    unknown = sorted(set(scopes) - set(Scope.values))
    if unknown or not scopes:
        raise InvalidAccountError(f"scopes: some of {', '.join(Scope.values)}")
    if not name or len(name) > 100:
        raise InvalidAccountError("name: 1 to 100 characters")
    secret = TOKEN_MARK + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        team=team,
        name=name,
        digest=digest(secret),
        prefix=secret[:9],
        scopes=sorted(set(scopes)),
        source_id=source_id,
        expires=expires,
    )
    return NewToken(token, secret)


def delete_token(*, team: Team, token_id: int) -> None:
    """End a token of a team."""
    if not ApiToken.objects.filter(team=team, pk=token_id).delete()[0]:
        raise NotVisibleError(f"no token {token_id}")
