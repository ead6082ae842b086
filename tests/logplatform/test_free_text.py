"""A source with more structures than the catalog takes: what is beyond is one template."""

from __future__ import annotations

import pytest

from logplatform.logs.free_text import FREE_TEXT
from logplatform.logs.patterns import patterns
from logplatform.logs.query import parse
from logplatform.logs.search import count, search
from logplatform.logs.search_scope import Request
from tests.fakes import seal_now
from tests.shop_log import accept

pytestmark = pytest.mark.django_db

WORDS = ("red", "green", "blue", "black", "white", "grey", "pink", "teal")


def lines(words):
    return b"".join(
        b"2026-11-21 10:00:0%d INFO shop: paint %s sold n=1\n" % (n, word.encode())
        for n, word in enumerate(words)
    )


@pytest.fixture
def full(source, monkeypatch):
    """A source whose catalog has room for five structures; eight come, in two segments."""
    monkeypatch.setattr("logplatform.logs.free_text.MAX_STRUCTURES", 5)
    for part in (WORDS[:6], WORDS[3:]):
        accept(source, lines(part))
        seal_now(source)
    return source


def test_what_the_catalog_has_no_room_for_is_found_by_its_template(full):
    request = Request((full,), parse(f"template:{FREE_TEXT.id}"))
    found = search(request, limit=100, newest_first=False).hits
    assert sorted(hit.raw.split()[5] for hit in found) == ["grey", "grey", "pink", "teal"]
    assert {hit.template_id for hit in found} == {FREE_TEXT.id}
    assert count(request)[0] == 4
    others = Request((full,), parse(f"-template:{FREE_TEXT.id}"))
    assert count(others)[0] == 7


def test_what_is_found_is_what_is_counted(full):
    everything = Request((full,), parse(""))
    counted = {row.template.key: row.count for row in patterns(everything).patterns}
    assert counted[FREE_TEXT.id] == 4
    assert sum(counted.values()) == 11
    narrowed = Request((full,), parse("paint"))
    again = {row.template.key: row.count for row in patterns(narrowed).patterns}
    assert again == counted


def test_a_catalog_with_room_has_no_rest(source):
    accept(source, lines(WORDS))
    seal_now(source)
    assert count(Request((source,), parse(f"template:{FREE_TEXT.id}")))[0] == 0
