"""The main job in a real browser: sign in, load, drop, patterns, search, brush, open, share.

The tests of this module are the steps of one visit: they share a platform and run in order.
"""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import expect

from tests.journeys.visitor import SAMPLES, SEALED_MS, records

pytestmark = [pytest.mark.services, pytest.mark.slow]
SHOP, NGINX = (
    next(s for s in json.loads((SAMPLES / "metadata.json").read_text()) if s["name"] == name)
    for name in ("shop", "nginx")
)


def rows(visitor):
    return visitor.page.get_by_role("treegrid", name="Records").locator("[data-hit]")


def test_wrong_password_is_refused_in_words(stranger):
    stranger.open("/explore?q=level:error")
    stranger.picture("sign-in")
    assert stranger.axe() == []
    stranger.sign_in("wrong")
    expect(stranger.page.get_by_role("alert")).to_contain_text("is wrong")
    stranger.picture("sign-in-refused")


def test_signing_in_leads_to_the_page_that_was_asked_for(stranger, password):
    stranger.open("/jobs?state=failed")
    stranger.sign_in(password)
    expect(stranger.page.get_by_role("heading", name="Jobs", exact=True)).to_be_visible()
    assert stranger.page.url.endswith("/jobs?state=failed")


def test_empty_platform_shows_three_ways_to_the_first_line(each_scheme):
    each_scheme.open("/sources")
    for way in ("Drop a log file", "Try with sample logs", "Connect an agent"):
        expect(each_scheme.page.get_by_role("heading", name=way)).to_be_visible()
    each_scheme.picture("sources-empty")
    assert each_scheme.axe() == []
    for page in ("explore", "patterns", "jobs", "settings"):
        each_scheme.open(f"/{page}")
        each_scheme.picture(f"{page}-empty")
        assert each_scheme.axe() == []


def test_one_click_loads_a_sample_and_its_patterns_appear(visitor):
    visitor.open("/sources")
    visitor.page.get_by_role("button", name=SHOP["title"]).click()
    visitor.page.wait_for_url("**/patterns?source=shop")
    shown = visitor.page.get_by_role("status").filter(has_text="every count is exact")
    expect(shown).to_contain_text(f"all {SHOP['records']:,} records", timeout=SEALED_MS)
    expect(visitor.page.get_by_role("row")).not_to_have_count(1)


def test_dropped_file_is_uploaded_sealed_and_known_the_second_time(visitor):
    content = (SAMPLES / NGINX["file"]).read_bytes()
    visitor.open("/jobs")
    for said in ("stored and compressed", "here already"):
        visitor.drop(NGINX["file"], content)
        source = visitor.page.get_by_role("combobox", name="Source")
        expect(source).to_have_value("nginx-access")
        visitor.picture("upload-staged")
        source.press("Escape")
        visitor.page.get_by_role("button", name=re.compile("upload$", re.IGNORECASE)).click()
        uploads = visitor.page.get_by_role("region", name="Uploads")
        expect(uploads.get_by_text(said)).to_be_visible(timeout=SEALED_MS)
        expect(uploads).to_contain_text(f"{NGINX['lines']:,} lines")
    visitor.picture("upload")
    assert visitor.axe() == []


def test_file_that_is_cut_off_says_so(visitor):
    visitor.open("/upload?source=nginx-access")
    visitor.drop("cut.log.zst", (SAMPLES / NGINX["file"]).read_bytes()[:3000])
    visitor.page.get_by_role("combobox", name="Source").press("Escape")
    visitor.page.get_by_role("button", name="Upload", exact=True).click()
    uploads = visitor.page.get_by_role("region", name="Uploads")
    expect(uploads.get_by_role("alert")).to_be_visible()
    visitor.picture("upload-failed")


@pytest.mark.parametrize("search", SHOP["searches"], ids=lambda search: search["query"])
def test_typed_search_finds_what_the_sample_promises(visitor, search):
    visitor.open("/explore?source=shop")
    visitor.search(search["query"])
    visitor.page.wait_for_url("**q=**")
    expect(visitor.found()).to_have_text(records(search["hits"]))
    assert rows(visitor).count() == min(search["hits"], rows(visitor).count())


def test_fault_in_a_query_is_pointed_at(visitor):
    visitor.open("/explore?source=shop")
    visitor.search("disk level:eror")
    alert = visitor.page.get_by_role("alert")
    expect(alert).to_contain_text("did you mean error?")
    expect(alert).to_contain_text("disk level:eror\n           ^^^^")
    expect(visitor.page.locator(".lp-fault")).to_have_text("eror")
    visitor.picture("explore-fault")
    assert visitor.axe() == []


def test_brush_zooms_in_and_the_back_button_out(visitor):
    visitor.open("/explore?source=shop")
    everything = visitor.records()
    box = visitor.page.locator(".u-over").bounding_box()
    assert box
    middle = box["y"] + box["height"] / 2
    visitor.page.mouse.move(box["x"] + box["width"] * 0.4, middle)
    visitor.page.mouse.down()
    visitor.page.mouse.move(box["x"] + box["width"] * 0.6, middle, steps=5)
    visitor.page.mouse.up()
    visitor.page.wait_for_url(re.compile("from=.*to="))
    visitor.settle()
    expect(visitor.found()).not_to_have_text(records(everything))
    assert 0 < visitor.records() < everything
    visitor.page.go_back()
    expect(visitor.found()).to_have_text(records(everything))


def test_facet_count_is_the_number_of_records_that_a_click_finds(visitor):
    visitor.open("/explore?source=shop")
    facets = visitor.page.get_by_role("complementary", name="Facets")
    value = facets.get_by_role("button", name=re.compile("^ERROR"))
    promised = int(value.locator("[title]").get_attribute("title").replace(",", ""))
    value.click()
    visitor.page.wait_for_url("**q=level:error**")
    expect(visitor.found()).to_have_text(records(promised))
    expect(value).to_have_attribute("aria-pressed", "true")
    facets.get_by_role("button", name="Without info").click()
    visitor.page.wait_for_url("**-level:info**")


def test_pattern_leads_to_exactly_its_records(visitor):
    visitor.open("/patterns?source=shop")
    first = visitor.page.get_by_role("row").nth(1)
    count = int(first.get_by_role("cell").nth(1).inner_text().replace(",", ""))
    first.get_by_role("link").click()
    visitor.page.wait_for_url("**template:**")
    expect(visitor.found()).to_have_text(records(count))


def test_keyboard_alone_opens_a_record_and_its_neighbours(visitor):
    visitor.open("/explore?source=shop&q=level:error")
    rows(visitor).first.wait_for()
    for key in ("j", "j", "j", "k", "Enter"):
        visitor.page.keyboard.press(key)
    expect(rows(visitor).nth(1)).to_have_attribute("aria-expanded", "true")
    assert "record=" in visitor.page.url
    visitor.page.get_by_role("button", name="Lines around it").press("Enter")
    around = visitor.page.get_by_role("list", name="Lines around the record")
    expect(around.locator("li")).to_have_count(11)
    expect(around.locator("[aria-current=true]")).to_have_count(1)
    visitor.picture("explore-record")
    assert visitor.axe() == []


def test_link_to_a_record_opens_it_with_its_neighbours(visitor):
    visitor.open("/explore?source=shop&q=level:error")
    rows(visitor).first.click(position={"x": 20, "y": 8})
    raw = visitor.page.get_by_label("The whole record").inner_text()
    visitor.page.get_by_role("button", name="Copy link").click()
    visitor.page.goto(visitor.page.evaluate("navigator.clipboard.readText()"))
    expect(visitor.page.get_by_label("The whole record")).to_have_text(raw)
    expect(visitor.page.get_by_role("list", name="Lines around the record")).to_be_visible()
    visitor.picture("record")
    assert visitor.axe() == []


def test_variable_of_a_record_filters_by_its_value(visitor):
    visitor.open("/explore?source=shop")
    variable = rows(visitor).locator("[data-variable]").first
    value = variable.inner_text()
    variable.hover()
    expect(visitor.page.get_by_role("tooltip")).to_be_visible()
    variable.click()
    visitor.page.get_by_role("menuitem", name="Only records with this value").click()
    visitor.page.wait_for_url("**q=**")
    visitor.settle()
    assert value in visitor.page.get_by_label("Query", exact=True).inner_text()
    assert visitor.records() >= 1


def test_token_for_a_source_lets_an_agent_send_its_first_line(visitor, platform):
    visitor.open("/sources")
    visitor.page.get_by_role("button", name="New source").click()
    visitor.page.get_by_role("textbox", name="Name").fill("agent")
    visitor.page.get_by_role("button", name="Create source").click()
    expect(visitor.page.get_by_text("Waiting for the first line")).to_be_visible()
    visitor.picture("source-waiting")
    visitor.page.get_by_role("button", name="Create a token").click()
    expect(visitor.page.get_by_text("shown once")).to_be_visible()
    snippet = visitor.page.get_by_label("Lines for curl").inner_text()
    found = re.search(r"Bearer (\S+)\"", snippet)
    assert found
    platform.token = found[1]
    platform.post("/api/v1/ingest/agent", b"\x1b[31mred\x1b[0m \x00 <b>bold</b> caf\xc3\xa9\n")
    expect(visitor.page.get_by_text("1 line received and on disk")).to_be_visible()
    assert visitor.axe() == []


def test_control_characters_and_markup_are_shown_as_text(visitor):
    visitor.open("/explore?source=agent")
    expect(rows(visitor).first).to_contain_text("␛[31mred␛[0m ␀ <b>bold</b> café")
    assert rows(visitor).locator("b").count() == 0


def test_every_page_is_accessible_and_has_its_picture(each_scheme):
    for name, path in {
        "sources": "/sources",
        "source": "/sources/shop",
        "explore": "/explore?source=shop",
        "explore-nothing": "/explore?source=shop&q=zzzz",
        "patterns": "/patterns?source=shop",
        "jobs": "/jobs",
        "settings": "/settings",
        "not-found": "/nowhere",
        "source-missing": "/sources/nobody",
    }.items():
        each_scheme.open(path)
        each_scheme.picture(name)
        assert each_scheme.axe() == [], path


def test_cheat_sheet_and_page_keys(each_scheme):
    each_scheme.open("/sources")
    each_scheme.page.keyboard.press("?")
    expect(each_scheme.page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    each_scheme.picture("shortcuts")
    assert each_scheme.axe() == []
    each_scheme.page.keyboard.press("Escape")
    each_scheme.page.keyboard.press("g")
    each_scheme.page.keyboard.press("e")
    each_scheme.page.wait_for_url("**/explore")
