"""What the platform's tests share: a home of their own, and a log that is in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from logplatform.accounts.models import Role, Team, User
from logplatform.home import Home
from logplatform.logs import services

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_django.fixtures import SettingsWrapper

    from logplatform.logs.models import Source


@pytest.fixture
def home(settings: SettingsWrapper, tmp_path: Path) -> Home:
    """Give the test an empty home."""
    settings.HOME = Home(tmp_path)
    settings.HOME.create()
    return Home(tmp_path)


@pytest.fixture
def team(db: None) -> Team:
    """Return a team without sources."""
    return Team.objects.create(name="team")


@pytest.fixture
def viewer(team: Team) -> User:
    """Return somebody who may read."""
    return User.objects.create_user("viewer", team=team, role=Role.VIEWER)


@pytest.fixture
def source(home: Home, team: Team) -> Source:
    """Return a source without lines."""
    return services.create_source(team=team, name="shop")
