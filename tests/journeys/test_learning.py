"""Corrections of some patterns are taken over to patterns that nobody touched, and back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.visitor import SEALED_MS

pytestmark = [pytest.mark.services, pytest.mark.slow]
TAUGHT = ("lost {} at noon", "no {} is known", "one {} was held back", "sold {} to the mill")
OTHERS = ("{} was left in the woods", "found {} by the road")


def mill() -> bytes:
    return b"".join(
        b"2026-01-01 10:%02d:%02d INFO mill: %s\n" % (n, k, form.format(f"zork {n}").encode())
        for k, form in enumerate((*TAUGHT, *OTHERS))
        for n in range(20)
    )


def variable(visitor, form):
    """Open the page of a pattern and return its first variable."""
    visitor.open("/patterns?source=mill")
    row = visitor.page.get_by_role("row").filter(has_text=form.partition("{} ")[2])
    row.get_by_label(re.compile("^Why, and correct")).click()
    text = visitor.page.get_by_role("region", name="Template text")
    return text.get_by_role("button", name=re.compile("^Variable 1:"))


def panel(visitor):
    visitor.open("/sources/mill")
    return visitor.page.get_by_role("region", name="Learning from corrections")


def test_without_corrections_there_is_nothing_to_learn(each_scheme):
    if each_scheme.scheme == "light":
        each_scheme.open("/upload?source=mill")
        each_scheme.drop("mill.log", mill())
        each_scheme.page.get_by_role("combobox", name="Source").press("Escape")
        each_scheme.page.get_by_role("button", name=re.compile("upload$", re.I)).click()
        uploads = each_scheme.page.get_by_role("region", name="Uploads")
        expect(uploads.get_by_text("stored and compressed")).to_be_visible(timeout=SEALED_MS)
    found = panel(each_scheme)
    expect(found.get_by_text("Nothing has been corrected yet")).to_be_visible()
    expect(found.get_by_role("button", name="Learn now")).to_be_disabled()
    each_scheme.picture("learning-empty")


def test_a_lesson_is_learned_from_corrections(visitor):
    for form in TAUGHT:
        button = variable(visitor, form)
        expect(button).to_be_visible()
        if "status code" not in (button.get_attribute("aria-label") or ""):
            button.click()
            visitor.page.get_by_role("menuitem", name=re.compile("^status code")).click()
            expect(button).to_have_accessible_name("Variable 1: status code")
    found = panel(visitor)
    found.get_by_role("button", name="Learn now").click()
    expect(found.get_by_role("table", name="Lessons")).to_be_visible(timeout=SEALED_MS)
    expect(found.get_by_text("In force", exact=True).last).to_be_visible()
    for form in OTHERS:
        expect(variable(visitor, form)).to_have_accessible_name("Variable 1: status code")


def test_a_lesson_is_shown_with_the_way_back(each_scheme):
    found = panel(each_scheme)
    expect(found.get_by_text("all of them learned from")).to_be_visible()
    expect(found.get_by_role("button", name="Undo lesson 1")).to_be_enabled()
    each_scheme.picture("learning")
    assert each_scheme.axe() == []
    found.get_by_role("button", name="2 patterns").click()
    changed = each_scheme.page.get_by_role("dialog", name="Changed by lesson 1")
    expect(changed.get_by_role("row")).to_have_count(3)
    expect(changed.get_by_role("cell", name="status code")).to_have_count(2)
    each_scheme.picture("learning-changed")
    assert each_scheme.axe() == []


def test_one_click_brings_all_back(visitor):
    found = panel(visitor)
    found.get_by_role("button", name="Undo lesson 1").click()
    expect(found.get_by_text("undone by admin")).to_be_visible()
    expect(found.get_by_role("button", name="Use lesson 1")).to_be_visible()
    other = variable(visitor, OTHERS[0])
    expect(other).to_be_visible()
    expect(other).not_to_have_accessible_name("Variable 1: status code")
    expect(variable(visitor, TAUGHT[0])).to_have_accessible_name("Variable 1: status code")
