"""Alerts and reports in a real browser: from a search to an alert, its channel, and a report.

The tests of this module are the steps of one visit: they share a platform and run in order.
"""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.journeys.visitor import SEALED_MS
from tests.platform_process import Platform, logplatform
from tests.receivers import http_receiver

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.services, pytest.mark.slow]
NOW = datetime.now(tz=UTC)


def week_of_lines():
    """Return eight days of a shop: each afternoon two bursts of errors, yesterday a third."""
    lines = []
    for day in range(8, -1, -1):
        midnight = (NOW - timedelta(days=day)).replace(hour=0, minute=0, second=0)
        for minute in range(0, 1440, 4):
            at = midnight + timedelta(minutes=minute)
            if at > NOW:
                break
            hour = minute // 60
            number = 2 + (hour % 12) // 2
            lines += [
                (at, f"INFO shop.web: request {n} served in {n * 7 % 90} ms")
                for n in range(number)
            ]
            is_burst = hour in {14, 16} or (day == 1 and hour == 18)
            if is_burst and minute % 60 < 12:
                lines += [
                    (at, f"ERROR shop.pay: payment {n} of user u{n % 5} failed")
                    for n in range(12)
                ]
            if day == 1 and minute % 60 == 0:
                lines.append((at, f"WARN shop.cache: evicted {minute} entries of node-7"))
    return "".join(
        f"{at:%Y-%m-%d %H:%M}:{n % 60:02d},000 {text}\n" for n, (at, text) in enumerate(lines)
    )


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """Run `logplatform up` with a week of lines, allowed to send to this machine."""
    folder: Path = tmp_path_factory.mktemp("telling")
    environment = os.environ | {
        "LOGPLATFORM_HOME": str(folder / "home"),
        "LOGPLATFORM_CHANNEL_NETWORKS": "127.0.0.0/8",
    }
    for name in ("DJANGO_SETTINGS_MODULE", "DATABASE_URL", "REDIS_URL"):
        environment.pop(name, None)
    (folder / "week.log").write_text(week_of_lines())
    logplatform(
        "ingest",
        str(folder / "week.log"),
        "--source",
        "shop",
        "--wait",
        environment=environment,
    )
    found = Platform(environment, folder / "up.log")
    try:
        found.start()
        yield found
    finally:
        found.end()


def choose(page, label, option):
    page.get_by_role("combobox", name=label).click()
    page.get_by_role("option", name=option).click()
    page.keyboard.press("Escape")


def test_channel_is_made_and_its_test_shows_the_real_answer(visitor):
    page = visitor.page
    visitor.open("/alerts?tab=channels")
    with http_receiver() as receiver:
        page.get_by_role("button", name="New channel").click()
        page.get_by_role("textbox", name="Name").fill("ops")
        page.get_by_role("combobox", name="Kind").click()
        page.get_by_role("option", name="Webhook").click()
        page.get_by_role("textbox", name="Address").fill(receiver.url)
        visitor.picture("channel-form")
        page.get_by_role("button", name="Save channel").click()
        page.get_by_role("button", name="Test ops").click()
        expect(page.get_by_text(re.compile("200 OK in .* ms"))).to_be_visible()
        receiver.status = 503
        page.get_by_role("button", name="Test ops").click()
        expect(page.get_by_text(re.compile("503 Service Unavailable in"))).to_be_visible()
        assert receiver.bodies()[0]["event"] == "test"
    visitor.picture("channels")
    assert visitor.axe() == []


def test_search_becomes_an_alert_that_is_tried_before_it_is_saved(visitor):
    page = visitor.page
    visitor.open("/explore?source=shop&q=level:error")
    page.get_by_role("button", name="Alert on this search").click()
    page.wait_for_url("**/alerts/new?q=level:error&source=shop")
    panel = page.get_by_role("region", name="Back-test")
    expect(panel).to_contain_text(re.compile(r"Would have fired \d+ times"), timeout=SEALED_MS)
    page.get_by_role("textbox", name="Threshold").fill("1000")
    expect(panel).to_contain_text("Would not have fired.")
    page.get_by_role("textbox", name="Threshold").fill("12")
    expect(panel).to_contain_text(re.compile(r"Would have fired 1\d times"))
    expect(panel.get_by_role("img")).to_be_visible()
    choose(page, "Tells", "ops")
    visitor.picture("alert-editor")
    assert visitor.axe() == []
    page.get_by_role("button", name="Save alert").click()
    page.wait_for_url("**/alerts")
    expect(page.get_by_role("row", name=re.compile("level:error"))).to_contain_text("ops")


def test_fault_in_an_alerts_search_is_said(visitor):
    visitor.open("/alerts/new?q=level:eror")
    panel = visitor.page.get_by_role("region", name="Back-test")
    expect(panel.get_by_role("alert")).to_contain_text("did you mean error?")


def test_report_is_planned_previewed_and_stored(visitor):
    page = visitor.page
    visitor.open("/reports")
    page.get_by_role("button", name="New report").click()
    page.get_by_role("textbox", name="Name").fill("Shop, daily")
    page.get_by_role("textbox", name="At", exact=True).fill("07:30")
    expect(page.get_by_text(re.compile("Next: .*07:30 · .*07:30"))).to_be_visible()
    choose(page, "Sent to", "ops")
    page.get_by_role("button", name="Save report").click()
    page.wait_for_url("**/reports/plans/*")
    page.get_by_role("button", name="Preview").wait_for()
    visitor.picture("report-plan")
    assert visitor.axe() == []
    page.get_by_role("button", name="Preview").click()
    page.wait_for_url(re.compile("/reports/[0-9a-f-]{36}$"))
    short = page.get_by_role("region", name="In short")
    expect(short).to_contain_text("records from 1 source", timeout=SEALED_MS)
    expect(page.get_by_role("region", name="New", exact=True)).to_contain_text("evicted")
    page.get_by_role("link", name="evicted").first.click()
    page.wait_for_url("**/explore?**template**")


def test_every_page_of_telling_is_accessible_and_has_its_picture(each_scheme):
    page = each_scheme.page
    for name, path in {
        "alerts": "/alerts",
        "alert": "/alerts/1",
        "alerts-history": "/alerts?tab=history",
        "alerts-deliveries": "/alerts?tab=deliveries",
        "alerts-maintenance": "/alerts?tab=maintenance",
        "reports": "/reports",
        "report-editor": "/reports/plans/new",
    }.items():
        each_scheme.open(path)
        each_scheme.picture(name)
        assert each_scheme.axe() == [], path
    each_scheme.open("/reports/plans/1")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("region", name="In short")).to_be_visible(timeout=SEALED_MS)
    each_scheme.settle()
    page.set_viewport_size({"width": 1280, "height": 2600})
    each_scheme.picture("report")
    assert each_scheme.axe() == []
