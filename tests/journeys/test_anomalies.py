"""From a file to an understood anomaly: drop, wait, open, see why, say what it is."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.visitor import SEALED_MS
from tests.orders_log import orders

pytestmark = [pytest.mark.services, pytest.mark.slow]
SETTINGS = {"LOGPLATFORM_DETECT_AFTER_S": "0.5"}
JUDGED_MS = 200_000  # sealed, learnt and judged, on two busy cores
LOG = orders(1_040, faults=4)


def rows(visitor):
    return visitor.page.get_by_role("table", name="Anomalies").locator("[data-anomaly]")


def test_empty_page_says_what_will_come(each_scheme):
    each_scheme.open("/anomalies")
    expect(each_scheme.page.get_by_role("heading", name="No anomaly here")).to_be_visible()
    each_scheme.picture("anomalies-empty")
    assert each_scheme.axe() == []


def test_dropped_file_is_learnt_and_its_wrong_orders_are_listed(visitor):
    visitor.open("/jobs")
    visitor.drop("orders.log", b"".join(LOG.lines))
    visitor.page.get_by_role("combobox", name="Source").press("Escape")
    visitor.page.get_by_role("button", name=re.compile("upload$", re.IGNORECASE)).click()
    uploads = visitor.page.get_by_role("region", name="Uploads")
    expect(uploads.get_by_text("stored and compressed")).to_be_visible(timeout=SEALED_MS)
    visitor.open("/anomalies?source=orders")
    visitor.picture("anomalies-waiting")
    expect(rows(visitor).first).to_be_visible(timeout=JUDGED_MS)
    shown = visitor.page.get_by_role("table", name="Anomalies")
    for unit in (name for name, fault in LOG.wrong.items() if fault == "missing"):
        expect(shown).to_contain_text(unit)


def test_page_shows_why_in_words_graph_lines_and_history(each_scheme):
    each_scheme.open("/anomalies?source=orders")
    expect(each_scheme.page.get_by_text("All detectors are in force")).to_be_visible()
    each_scheme.picture("anomalies")
    assert each_scheme.axe() == []
    each_scheme.page.keyboard.press("Enter")
    expect(each_scheme.page.get_by_role("heading", name="Relations")).to_be_visible()
    expect(each_scheme.page.locator("[data-graph] canvas").first).to_be_visible()
    relations = each_scheme.page.get_by_role("table", name="Relations of this unit")
    expect(relations).to_contain_text(re.compile("wrong|missing"))
    lines = each_scheme.page.get_by_role("list", name="Records of the unit")
    # Four where a step is missing, five where a value is wrong: training says which is worst.
    expect(lines.get_by_role("listitem").nth(3)).to_be_visible()
    expect(
        each_scheme.page.get_by_role("table", name="What each detector says")
    ).to_be_visible()
    each_scheme.settle()
    each_scheme.picture("anomaly")
    assert each_scheme.axe() == []


def test_keys_confirm_mute_and_take_back(visitor):
    visitor.open("/anomalies?source=orders&state=any")
    first = rows(visitor).first
    for key, state in (
        ("a", "Acknowledged"),
        ("c", "Confirmed"),
        ("m", "Muted"),
        ("o", "Open"),
    ):
        visitor.page.keyboard.press(key)
        expect(first).to_contain_text(state)


def test_pattern_is_judged_in_triage_and_taken_back(each_scheme):
    page = each_scheme.page
    each_scheme.open("/triage?task=anomaly_problem")
    left = page.get_by_role("status").filter(has_text="to review").locator("strong")
    expect(page.locator("li[aria-current=true]")).to_contain_text("anomal", timeout=SEALED_MS)
    before = left.inner_text()
    each_scheme.picture("triage-anomalies")
    assert each_scheme.axe() == []
    page.keyboard.press("1")
    expect(page.get_by_text("Last: yes")).to_be_visible()
    expect(left).not_to_have_text(before)
    page.keyboard.press("u")
    expect(left).to_have_text(before)
    page.get_by_role("link", name=re.compile("anomal(y|ies) in orders")).first.click()
    judge = page.get_by_role("group", name="Judge: problem")
    judge.get_by_role("button", name="no").click()
    back = judge.get_by_role("button", name="Take back")
    expect(back).to_be_visible()
    back.click()
    expect(back).to_have_count(0)


def test_source_page_shows_units_and_versions_and_takes_a_rule(visitor):
    visitor.open("/sources/orders")
    versions = visitor.page.get_by_role("table", name="Versions of the detector")
    expect(versions).to_contain_text("In force")
    expect(
        visitor.page.get_by_text(re.compile("A unit is all records with one"))
    ).to_be_visible()
    visitor.picture("source-detector")
    form = visitor.page.get_by_role("form", name="Unit rule")
    form.get_by_role("combobox", name="A unit is").click()
    visitor.page.get_by_role("option", name="So many records").click()
    form.get_by_role("textbox", name="Records").fill("20")
    form.get_by_role("textbox", name="Every").fill("40")
    form.get_by_role("button", name="Save and learn anew").click()
    expect(visitor.page.get_by_role("alert")).to_contain_text("steps no longer than the window")
