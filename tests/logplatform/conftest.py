"""What the platform's tests share: a home of their own, a team with people, a source."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.core.cache import cache
from django.test import Client

from logplatform.accounts import services as accounts
from logplatform.accounts.models import Role, Team, User
from logplatform.home import Home
from logplatform.logs import annotators, services
from logplatform.logs.export import write_source
from tests.fakes import seal_now
from tests.shop_log import LINES, accept

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_django.fixtures import Settings

    from logplatform.logs.models import Source

PASSWORD = "correct horse battery"
STORED = {"db", "transactional_db", "platform_environment"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder that meet no database."""
    for item in items:
        is_here = Path(__file__).parent in item.path.parents
        is_stored = STORED & set(getattr(item, "fixturenames", ()))
        if is_here and not is_stored and not item.get_closest_marker("django_db"):
            item.add_marker("engine")


@pytest.fixture
def home(settings: Settings, tmp_path: Path) -> Iterator[Home]:
    """Give the test an empty home."""
    settings.HOME = Home(tmp_path / "home")
    settings.HOME.create()
    annotators.forget()
    yield Home(tmp_path / "home")
    services.close_files()


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


@pytest.fixture
def exported() -> Callable[[Source], bytes]:
    """Return a function that gives a source's bytes."""

    def export(source: Source) -> bytes:
        source.refresh_from_db()
        out = io.BytesIO()
        write_source(source, out)
        return out.getvalue()

    return export


@dataclass
class Browser:
    """A client that sends the CSRF token of its session."""

    client: Client
    csrf: str = ""

    def get(self, path: str) -> Any:
        """Ask for something."""
        return self.client.get(path)

    def post(self, path: str, body: Any = None, content_type: str = "application/json") -> Any:
        """Change something."""
        return self.client.post(
            path, body, content_type=content_type, headers={"X-CSRFToken": self.csrf}
        )

    def change(self, path: str, body: Any) -> Any:
        """Change a part of something."""
        return self.client.generic(
            "PATCH",
            path,
            json.dumps(body),
            "application/json",
            headers={"X-CSRFToken": self.csrf},
        )

    def delete(self, path: str) -> Any:
        """Delete something."""
        return self.client.delete(path, headers={"X-CSRFToken": self.csrf})


@pytest.fixture
def signed_in(home: Home, team: Team) -> Callable[..., Browser]:
    """Return a function that gives the browser of a person with a role."""
    cache.clear()  # of the tries to sign in that earlier tests made

    def sign_in(role: str = "admin", *, of: Team = team) -> Browser:
        name = f"{role}-{of.name}"
        accounts.create_user(team=of, username=name, password=PASSWORD, role=role)
        browser = Browser(Client(enforce_csrf_checks=True))
        answer = browser.post("/api/v1/session", {"username": name, "password": PASSWORD})
        browser.csrf = answer.json()["csrf"]
        return browser

    return sign_in


@pytest.fixture
def agent(home: Home, team: Team) -> Callable[..., Client]:
    """Return a function that gives the client of a token with some scopes."""

    def make(*scopes: str, source: Source | None = None, of: Team = team) -> Client:
        new = accounts.create_token(
            team=of, name="agent", scopes=scopes, source_id=source.pk if source else None
        )
        return Client(headers={"Authorization": f"Bearer {new.secret}"})

    return make


@pytest.fixture(params=["sealed", "unsealed", "both"])
def shop(request: pytest.FixtureRequest, source: Source) -> Source:
    """Return a source with the lines of `tests.shop_log`, in each place where lines can be."""
    if request.param == "both":
        accept(source, b"".join(LINES[:250]))
        seal_now(source)
        accept(source, b"".join(LINES[250:400]))
        seal_now(source)
        accept(source, b"".join(LINES[400:]))
    else:
        accept(source, b"".join(LINES))
        if request.param == "sealed":
            seal_now(source)
    return source
