"""Users, teams and tokens. A team owns sources; what it owns lives in `logplatform.logs`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils import timezone

if TYPE_CHECKING:
    from datetime import datetime


class Role(models.TextChoices):
    """What a person may do in the team, each including the one before."""

    VIEWER = "viewer"
    EDITOR = "editor"
    ADMIN = "admin"


class Scope(models.TextChoices):
    """What a token may do: ``ingest`` cannot read, ``read`` cannot write."""

    INGEST = "ingest"
    READ = "read"


class Team(models.Model):
    """The owner of sources and tokens."""

    name = models.CharField(max_length=100, unique=True)
    created = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name


class User(AbstractUser):
    """A person, member of one team with one role."""

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="users")
    role = models.CharField(max_length=10, choices=Role, default=Role.VIEWER)

    REQUIRED_FIELDS = []

    def has_role(self, role: Role) -> bool:
        """Say whether the person's role includes ``role``."""
        order = list(Role)
        return self.is_active and order.index(Role(self.role)) >= order.index(role)


class ApiToken(models.Model):
    """A secret for agents; only its SHA-256 is stored (256 random bits need no slow hash).

    ``source`` names a model of the app above by string, because deleting a source must end its
    tokens; no code of `logs` is imported here.
    """

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, unique=True)
    prefix = models.CharField(max_length=12)
    scopes = models.JSONField(default=list)
    source = models.ForeignKey(
        "logs.Source", on_delete=models.CASCADE, null=True, blank=True, related_name="tokens"
    )
    created = models.DateTimeField(default=timezone.now)
    expires = models.DateTimeField(null=True, blank=True)
    last_used = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}...)"

    def is_valid(self, now: datetime) -> bool:
        """Say whether the token has not expired."""
        return self.expires is None or now < self.expires
