"""Triage in a real browser: review by keyboard, the queue shrinks, then ask a large model."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.adaptivelog.openai_server import labelled, serving
from tests.journeys.visitor import SEALED_MS, records

pytestmark = [pytest.mark.services, pytest.mark.slow]

# One word tells what became of it: enough for a small model to learn from twenty verdicts.
BAD = """cannot open ledger file, opening failed
connection refused while polling, poll failed
disk write failed again
checkout of basket failed with error
failed to parse answer from bank
failed to renew lease
giving up after transfer failed
mail was not delivered, server failed
payment failed for basket
queue overflow, work was lost and failed
refund failed in second step
request failed, no route
search index is broken, rebuild failed
session store failed
thread pool failed to start worker
upload failed half way
warehouse call failed
welcome mail failed
write to mirror failed
zone transfer failed""".splitlines()
GOOD = """accepting basket is done
done with new price list
cache is warm, all done
checks of every ledger done
old sessions cleaned, done
letters printed, bundled and done
export of daily numbers done
nightly run done before dawn
done building the catalogue in order
morning prices loaded and done
both copies are in step, done
shop is open, opening done
bank statement read, done
invoice printed, done
nothing is left over: done
parcel label received, done
lease prolonged in time, done
done with starting the workers
basket stored for later, done
moving house is done""".splitlines()
TEXTS = [("ERROR", text) for text in BAD] + [("INFO", text) for text in GOOD]
LEARNT_MS = 60_000  # a worker loads scikit-learn first


def content():
    return "".join(
        f"2026-01-01 10:{number:02d}:{n:02d},000 {level} shop.web: {text} n={n}\n"
        for number, (level, text) in enumerate(TEXTS)
        for n in range(5 + number % 7)
    ).encode()


def left(visitor):
    return visitor.page.get_by_role("status").filter(has_text="to review").locator("strong")


def test_nothing_to_review_says_so(each_scheme):
    each_scheme.open("/triage")
    expect(each_scheme.page.get_by_role("heading", name="Nothing to review")).to_be_visible()
    each_scheme.picture("triage-empty")
    assert each_scheme.axe() == []


def test_failing_server_is_shown_with_a_way_to_try_again(each_scheme):
    page = each_scheme.page
    page.route("**/api/v1/triage/queue*", lambda route: route.fulfill(status=500, body="{}"))
    each_scheme.open("/triage")
    again = page.get_by_role("button", name=re.compile("again|retry", re.IGNORECASE))
    expect(again.first).to_be_visible(timeout=20_000)
    each_scheme.picture("triage-error")
    assert each_scheme.axe() == []
    page.unroute("**/api/v1/triage/queue*")
    again.first.click()
    expect(page.get_by_role("heading", name="Nothing to review")).to_be_visible()


def test_twenty_verdicts_by_keyboard_teach_a_model_and_the_queue_shrinks(visitor):
    page = visitor.page
    visitor.open("/upload")
    visitor.drop("service.log", content())
    page.get_by_role("combobox", name="Source").press("Escape")
    page.get_by_role("button", name=re.compile("upload$", re.IGNORECASE)).click()
    uploads = page.get_by_role("region", name="Uploads")
    expect(uploads.get_by_text("stored and compressed")).to_be_visible(timeout=SEALED_MS)
    visitor.open("/triage")
    expect(left(visitor)).to_have_text("40 patterns", timeout=SEALED_MS)
    visitor.picture("triage-queue")
    page.keyboard.press("j")
    expect(page.locator("li").nth(1)).to_have_attribute("aria-current", "true")
    page.keyboard.press("k")
    current = page.locator("li[aria-current=true]")
    for number in range(20):
        shown = current.inner_text()
        key = "2" if any(text in shown for text in BAD) else "4"
        with page.expect_response("**/triage/verdicts"):
            page.keyboard.press(key)
        if number == 0:
            expect(page.get_by_text("Last:")).to_be_visible()
            with page.expect_response("**/triage/verdicts/*"):
                page.keyboard.press("u")
            expect(page.get_by_text("Last:")).to_have_count(0)
            with page.expect_response("**/triage/verdicts"):
                page.keyboard.press(key)
    model = page.get_by_role("region", name="Model", exact=True)
    expect(model).to_contain_text("Right on unseen", timeout=LEARNT_MS)
    # 20 are judged; of the other 20 the model answers some.
    expect(left(visitor)).to_have_text(re.compile(r"^1?\d pattern"), timeout=LEARNT_MS)
    visitor.picture("triage-learned")
    assert visitor.axe() == []


def test_cases_and_labels_are_edited_on_the_page(each_scheme):
    page = each_scheme.page
    each_scheme.open("/triage?view=cases&task=category")
    page.get_by_label("New case").fill(f"probe of the {each_scheme.scheme} side <*>")
    page.get_by_role("combobox", name="Truth", exact=True).click()
    page.get_by_role("option", name="network").click()
    page.get_by_label("Reason", exact=True).fill("a health check")
    page.get_by_role("button", name="Add case").click()
    cases = page.get_by_role("region", name="Cases")
    expect(cases.get_by_role("listitem").first).to_contain_text(each_scheme.scheme)
    each_scheme.picture("triage-cases")
    assert each_scheme.axe() == []
    page.get_by_text("Labels", exact=True).click()
    page.get_by_label("Meaning of label 1", exact=True).fill(
        f"who may do what, {each_scheme.scheme}"
    )
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    each_scheme.picture("triage-labels")
    assert each_scheme.axe() == []


def test_language_model_is_tested_and_then_answers(visitor):
    page = visitor.page
    with serving(
        labelled("critical", "<b>not bold</b>, the disk is full"), labelled("storage", "a disk")
    ) as server:
        visitor.open("/settings")
        page.get_by_label("Base URL").fill(server.url)
        page.get_by_role("textbox", name="Model").fill("tiny")
        page.get_by_label("Key", exact=True).fill("sk-journey")
        page.get_by_role("button", name="Test", exact=True).click()
        answer = page.get_by_role("status").filter(has_text="tiny answers: critical")
        expect(answer).to_contain_text("<b>not bold</b>, the disk is full", timeout=20_000)
        visitor.picture("settings-language-model")
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.get_by_text("Saved")).to_be_visible()
        visitor.open("/triage?task=category")
        answers = page.get_by_role("region", name="Answers")
        expect(answers).to_contain_text("by language model", timeout=LEARNT_MS)
        expect(left(visitor)).to_have_text("0 patterns", timeout=LEARNT_MS)
    visitor.picture("triage-answered")


def test_what_triage_says_is_a_facet_and_a_page(each_scheme):
    page = each_scheme.page
    each_scheme.open("/patterns")
    page.get_by_role("button", name=re.compile("person|small model|language")).first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("severity:")
    expect(dialog).to_contain_text("category: storage by language model")
    each_scheme.picture("patterns-meaning")
    assert each_scheme.axe() == []
    each_scheme.open(
        "/explore?q=category%3Astorage%20severity%3Aerror&facets=severity,category"
    )
    facets = page.get_by_role("complementary", name="Facets")
    storage = facets.get_by_role("button", name=re.compile("^storage")).locator(".num")
    # How many is the small model's guess; the facet and the search have to agree on it.
    number = int((storage.get_attribute("title") or "").replace(",", ""))
    assert number > 0
    expect(each_scheme.found()).to_have_text(records(number))
    each_scheme.picture("explore-triage")
    assert each_scheme.axe() == []
