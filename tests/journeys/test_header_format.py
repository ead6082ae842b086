"""A log whose header nobody knows: a format is tried on its own lines, then it is searched."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.visitor import SEALED_MS, records

pytestmark = [pytest.mark.services, pytest.mark.slow]
OWN = "<time:%d.%m.%Y;%H:%M:%S>;[<session>] <level> <message>"


def doors(day: int) -> bytes:
    return b"".join(
        b"%d.11.2026;10:%02d:%02d;[s-%d] %s gate %d opened by key %d\n"
        % (day, i // 60, i % 60, i % 5, b"warn" if i % 4 == 0 else b"info", i % 3, i)
        for i in range(200)
    )


def upload(visitor, name: str, content: bytes) -> None:
    visitor.open("/upload?source=doors")
    visitor.drop(name, content)
    visitor.page.get_by_role("combobox", name="Source").press("Escape")
    visitor.page.get_by_role("button", name=re.compile("upload$", re.IGNORECASE)).click()
    uploads = visitor.page.get_by_role("region", name="Uploads")
    expect(uploads.get_by_text("stored and compressed")).to_be_visible(timeout=SEALED_MS)


def test_log_of_an_unknown_format_is_read_line_by_line(visitor):
    upload(visitor, "doors-1.log", doors(20))
    visitor.open("/explore?source=doors&q=level:warn")
    expect(visitor.found()).to_have_text(records(0))


def test_pattern_is_tried_on_the_sources_own_lines(each_scheme):
    page = each_scheme.page
    each_scheme.open("/sources/doors")
    expect(page.get_by_text("No header was found")).to_be_visible()
    page.get_by_role("button", name="Change format").click()
    dialog = page.get_by_role("dialog")
    pattern = dialog.get_by_label("Pattern")
    pattern.fill("<time:%d.%m.%Q>")
    expect(dialog.get_by_text("unknown directive %Q at 14")).to_be_visible()
    pattern.fill(OWN)
    expect(dialog.get_by_text("100 % sure")).to_be_visible()
    expect(dialog.get_by_text("200 of 200 lines match")).to_be_visible()
    expect(
        dialog.get_by_role("cell", name="gate 1 opened by key 1", exact=True)
    ).to_be_visible()
    expect(dialog.get_by_role("cell", name="session=s-1").first).to_be_visible()
    each_scheme.picture("header-format")
    assert each_scheme.axe() == []


def test_chosen_pattern_reads_the_lines_that_follow(visitor):
    visitor.open("/sources/doors")
    visitor.page.get_by_role("button", name="Change format").click()
    dialog = visitor.page.get_by_role("dialog")
    dialog.get_by_label("Pattern").fill(OWN)
    expect(dialog.get_by_text("100 % sure")).to_be_visible()
    dialog.get_by_role("button", name="Use this format").click()
    expect(visitor.page.get_by_text("A pattern of your own")).to_be_visible()
    visitor.picture("source-with-format")
    upload(visitor, "doors-2.log", doors(21))
    visitor.open("/explore?source=doors&q=level:warn%20session:s-4")
    expect(visitor.found()).to_have_text(records(10))
    visitor.picture("explore-own-format")


def test_template_is_corrected_and_search_and_patterns_follow(each_scheme):
    page = each_scheme.page
    each_scheme.open("/patterns?source=doors")
    rows = page.get_by_role("row").filter(has_text="opened by key")
    rows.first.get_by_label(re.compile("^Why, and correct")).click()
    text = page.get_by_role("region", name="Template text")
    key = text.get_by_role("button", name=re.compile("^Variable 2"))
    expect(key).to_be_visible()
    expect(page.get_by_role("region", name="Structures")).to_contain_text("opened by key")
    each_scheme.picture("template")
    assert each_scheme.axe() == []
    new, old = (
        ("status code", "resource") if each_scheme.scheme == "light" else ("type", "switch")
    )
    key.click()
    page.get_by_role("menuitem", name=re.compile(f"^{new}")).click()
    expect(text.get_by_role("button", name=f"Variable 2: {new}")).to_be_visible()
    text.get_by_role("button", name="Word opened").click()
    each_scheme.picture("template-word")
    page.get_by_role("menuitem", name=re.compile(f"^{old}")).click()
    expect(text.get_by_role("button", name=f"Variable 2: {old}")).to_be_visible()
    history = page.get_by_role("region", name="History")
    expect(history.get_by_role("row")).to_have_count(3 if each_scheme.scheme == "light" else 5)
    each_scheme.picture("template-corrected")
    each_scheme.open(f"/explore?source=doors&q={new.replace(' ', '_')}%3A%3E%3D196")
    expect(each_scheme.found()).to_have_text(records(4))
    each_scheme.open("/patterns?source=doors")
    expect(page.get_by_role("row").filter(has_text=f"{old} by key")).to_have_count(1)
    each_scheme.picture("patterns-corrected")
    page.go_back()
    page.go_back()
    history.get_by_role("button", name="Undo", exact=True).first.click()
    expect(text.get_by_role("button", name="Word opened")).to_be_visible()
    each_scheme.picture("template-undone")
