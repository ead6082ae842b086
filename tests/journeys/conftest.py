"""One running platform for all journeys, and people who visit it."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Literal

import pytest

from tests.homes import with_home
from tests.journeys.visitor import Visitor
from tests.platform_process import Platform

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, StorageState, ViewportSize

SIZE: ViewportSize = {"width": 1440, "height": 900}
WAIT_MS = 10_000  # two busy cores
Scheme = Literal["light", "dark"]


@pytest.fixture(scope="module")
def platform(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Platform]:
    """Run `logplatform up` in a home of its own, with the module's SETTINGS, if any."""
    folder: Path = tmp_path_factory.mktemp("journey")
    # Detectors are trained where a journey is about them, and take no time from the others.
    chosen = {"LOGPLATFORM_DETECT_AFTER_S": "3600"} | getattr(request.module, "SETTINGS", {})
    # SQLite and the embedded broker: what the first visitor of the platform gets.
    servers = {"DATABASE_URL", "REDIS_URL"}
    environment = {name: value for name, value in os.environ.items() if name not in servers}
    environment = with_home(environment, folder / "home") | chosen
    found = Platform(environment, folder / "up.log")
    try:
        found.start()
        yield found
    finally:
        found.end()


@pytest.fixture(scope="module")
def password(platform: Platform) -> str:
    """Return the password that the first start printed."""
    said = re.search(r"first account: admin / (\S+)", platform.log.read_text())
    assert said
    return said[1]


def _visit(
    browser: Browser, platform: Platform, scheme: Scheme, session: StorageState | None = None
) -> Iterator[Visitor]:
    context = browser.new_context(
        viewport=SIZE,
        color_scheme=scheme,
        timezone_id="Europe/Berlin",
        storage_state=session,
        reduced_motion="reduce",
    )
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    context.set_default_timeout(WAIT_MS)
    found = Visitor(context.new_page(), f"http://127.0.0.1:{platform.port}", scheme)
    yield found
    context.close()
    assert found.complaints == []


@pytest.fixture(scope="module")
def session(browser: Browser, platform: Platform, password: str) -> StorageState:
    """Sign in once; the cookies of that session."""
    visits = _visit(browser, platform, "light")
    found = next(visits)
    found.open("/")
    found.sign_in(password)
    found.page.get_by_role("navigation", name="Pages").wait_for()
    state = found.page.context.storage_state()
    next(visits, None)
    return state


@pytest.fixture
def visitor(browser: Browser, platform: Platform, session: StorageState) -> Iterator[Visitor]:
    """Bring a signed-in person who likes it light."""
    yield from _visit(browser, platform, "light", session)


@pytest.fixture(params=["light", "dark"])
def each_scheme(
    request: pytest.FixtureRequest, browser: Browser, platform: Platform, session: StorageState
) -> Iterator[Visitor]:
    """Bring a signed-in person, once with each colour scheme of the system."""
    yield from _visit(browser, platform, request.param, session)


@pytest.fixture(params=["light", "dark"])
def stranger(
    request: pytest.FixtureRequest, browser: Browser, platform: Platform
) -> Iterator[Visitor]:
    """Come without a session."""
    yield from _visit(browser, platform, request.param)
