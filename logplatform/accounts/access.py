"""Who asks, and what they may do: the one place where permissions are decided."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from django.db.models import Q

from logplatform.accounts.errors import NotAllowedError, NotSignedInError
from logplatform.accounts.models import ApiToken, Role, Scope

if TYPE_CHECKING:
    from logplatform.accounts.models import Team, User

# A token's last use is shown to the minute; a write for each request would double their cost.
LAST_USED_STEP = timedelta(minutes=1)


class Permission(StrEnum):
    """What can be asked for."""

    READ = "read"
    INGEST = "ingest"
    EDIT = "edit"
    ADMINISTER = "administer"


BY_ROLE = {
    Role.VIEWER: frozenset({Permission.READ}),
    Role.EDITOR: frozenset({Permission.READ, Permission.INGEST, Permission.EDIT}),
    Role.ADMIN: frozenset(Permission),
}
BY_SCOPE = {Scope.INGEST: Permission.INGEST, Scope.READ: Permission.READ}


@dataclass(frozen=True, slots=True)
class Identity:
    """A person or an agent, in one team. ``source_id`` confines a token to one source."""

    team: Team
    permissions: frozenset[Permission]
    user: User | None = None
    source_id: int | None = None

    @property
    def is_authenticated(self) -> bool:
        """Say yes, for Django REST framework."""
        return True

    def require(self, permission: Permission) -> None:
        """Raise `NotAllowedError` unless the permission is held."""
        if permission not in self.permissions:
            who = self.user.username if self.user else "this token"
            raise NotAllowedError(f"{who} may not {permission}")


def identify_user(user: User) -> Identity:
    """Return who a signed-in person is."""
    return Identity(team=user.team, permissions=BY_ROLE[Role(user.role)], user=user)


def digest(secret: str) -> str:
    """Return what is stored of a token."""
    return hashlib.sha256(secret.encode()).hexdigest()


def identify_token(secret: str) -> Identity:
    """Return who a token is.

    Raises
    ------
    NotSignedInError
        For a token that never was, has been deleted or has expired.
    """
    now = datetime.now(tz=UTC)
    token = ApiToken.objects.select_related("team").filter(digest=digest(secret)).first()
    if token is None or not token.is_valid(now):
        raise NotSignedInError("the token is not valid")
    is_stale = Q(last_used=None) | Q(last_used__lt=now - LAST_USED_STEP)
    if token.last_used is None or token.last_used < now - LAST_USED_STEP:
        ApiToken.objects.filter(is_stale, pk=token.pk).update(last_used=now)
    return Identity(
        team=token.team,
        permissions=frozenset(BY_SCOPE[Scope(scope)] for scope in token.scopes),
        source_id=token.source_id,
    )
