"""Fixtures of every test: third-party data, real servers, the browser."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from playwright.sync_api import sync_playwright

from tests.homes import with_home
from tests.services.servers import (
    chromium,
    postgresql_server,
    redis_server,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

SERVICE_FIXTURES = {"redis_url", "postgresql_url", "browser"}
CHROMIUM_ARGUMENTS = (
    "--no-sandbox",  # the tests run as root in CI
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)

# The same examples in every run: a failure in `make test` is the change's, not the day's.
# `make soak` looks for new ones.
settings.register_profile("fixed", deadline=None, derandomize=True, max_examples=60)
settings.register_profile("soak", deadline=None, max_examples=20_000)
settings.load_profile("fixed")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that start a server, so that `make quick` leaves them out."""
    for item in items:
        if SERVICE_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker("services")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of third-party logs; nothing of it is committed."""
    name = os.environ.get("LOGPLATFORM_DATA", "")
    if not name:
        pytest.skip("LOGPLATFORM_DATA is not set: no third-party logs")
    return Path(name)


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """Run a Redis server for the session; its URL, without a database number."""
    with redis_server() as url:
        yield url


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """Run a PostgreSQL server for the session; the URL of its database ``logplatform``."""
    with postgresql_server() as url:
        yield url


@pytest.fixture
def platform_environment(tmp_path: Path) -> dict[str, str]:
    """Return an environment for `logplatform` as a subprocess: a new home and catalog.

    On the second pair of servers (`python -m tests.services`) also a new database and an unused
    database number of Redis, so that no two tests see each other's rows or messages.
    """
    environment = with_home(dict(os.environ), tmp_path / "home")
    if url := environment.get("REDIS_URL"):
        environment["REDIS_URL"] = f"{url.rpartition('/')[0]}/{1 + secrets.randbelow(1000)}"
    return environment


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Run the system's Chromium.

    Of the module, not the session: Playwright's loop runs in this thread, and while it does,
    Django refuses the database.
    """
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(
            executable_path=chromium(), args=list(CHROMIUM_ARGUMENTS)
        )
        yield found
        found.close()
