"""What people do to templates: earlier and later lines follow, and undoing brings it back."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from django.db import connection

from logplatform.logs.errors import InvalidEditError
from logplatform.logs.facets import facet
from logplatform.logs.models import (
    Source,
    Structure,
    Template,
    TemplateCount,
    TemplateEdit,
)
from logplatform.logs.patterns import patterns
from logplatform.logs.query import parse
from logplatform.logs.search import count, search
from logplatform.logs.search_scope import Request
from logplatform.logs.template_edits import make_edit, set_undone
from logplatform.logs.template_requests import (
    MakeConstant,
    MakeVariable,
    Merge,
    Pin,
    Rename,
    SetCategory,
)
from logplatform.reports.new_templates import newest
from tests.fakes import seal_now
from tests.shop_log import accept

if TYPE_CHECKING:
    from collections.abc import Callable

    from logplatform.accounts.models import User
    from logplatform.logs.template_requests import Request as Wanted

pytestmark = pytest.mark.django_db

WORDS = (b"opened", b"closed", b"expired")


def lines(first: int, last: int) -> bytes:
    """Return sessions (code 0, 1 or 2 of 3) and disk lines in turn, one a second."""
    texts = []
    for n in range(first, last):
        at = b"2026-01-01 10:%02d:%02d INFO app: " % (n // 60, n % 60)
        if n % 4 == 3:
            texts.append(at + b"disk size %d KB status %d\n" % (n, n % 3))
        else:
            word = WORDS[n % 4]
            texts.append(at + b"session %s for user%d now\n" % (word, n % 7))
    return b"".join(texts)


@pytest.fixture
def log(source: Source) -> Source:
    """Return a source of two segments."""
    accept(source, lines(0, 160))
    seal_now(source)
    accept(source, lines(160, 240))
    seal_now(source)
    return source


def ask(source: Source, query: str) -> Request:
    source.refresh_from_db()
    return Request((source,), parse(query))


def found(source: Source) -> dict[str, int]:
    """Return the counts of all patterns, having held them against searches and facets."""
    answer = patterns(ask(source, ""))
    assert answer.records + answer.without_template == count(ask(source, ""))[0]
    facets = {v.value: v.count for v in facet(ask(source, ""), field="template").values}
    counts = {}
    for pattern in answer.patterns:
        counts[pattern.template.text] = pattern.count
        key = pattern.template.key
        assert count(ask(source, f"template:{key}"))[0] == pattern.count == facets[key]
        # A query with text is scanned, one without answered from counts.
        scanned = patterns(ask(source, f"template:{key} INFO"))
        assert scanned.records == pattern.count
        assert {p.template.key for p in scanned.patterns} == {key}
    return counts


def key_of(source: Source, text: str) -> str:
    return Template.objects.get(source=source, text=text, alias_of=None).key


def edit(source: Source, wanted: Wanted, by: User | None = None) -> TemplateEdit:
    return make_edit(source, wanted, author=by)


def stored(source: Source) -> list[object]:
    """Return all that undoing has to bring back."""
    return [
        sorted(
            Template.objects.filter(source=source, is_made=False).values_list(
                "key", "text", "typed_text", "categories", "alias_of", "name", "is_pinned"
            ),
            key=str,
        ),
        sorted(
            Structure.objects.filter(source=source).values_list(
                "signed_hash", "template", "spans", "categories", "parts"
            ),
            key=str,
        ),
        sorted(
            TemplateCount.objects.filter(source=source).values_list(
                "segment", "template", "minute", "level", "count"
            )
        ),
    ]


OPENED = "session opened for <*> now"
CLOSED = "session closed for <*> now"
EXPIRED = "session expired for <*> now"
DISK = "disk size <*> KB status <*>"
SESSION = "session <*> for <*> now"
BEFORE = {OPENED: 60, CLOSED: 60, EXPIRED: 60, DISK: 60}


def variable(source: Source) -> MakeVariable:
    return MakeVariable(key_of(source, OPENED), 8, 14, "status_code")


def test_a_word_that_becomes_a_variable_takes_the_templates_along_that_differ_in_it(log):
    assert found(log) == BEFORE
    edit(log, variable(log))
    assert found(log) == {SESSION: 180, DISK: 60}
    assert count(ask(log, "status_code:closed"))[0] == 60
    values = facet(ask(log, "template:" + key_of(log, SESSION)), field="status_code").values
    assert {v.value: v.count for v in values} == {"opened": 60, "closed": 60, "expired": 60}


@pytest.mark.parametrize(
    "wanted",
    [
        variable,
        lambda log: SetCategory(key_of(log, DISK), 0, "amount"),
        lambda log: MakeConstant(key_of(log, DISK), 1),
        lambda log: Merge(key_of(log, OPENED), (key_of(log, CLOSED),)),
        lambda log: Merge(key_of(log, OPENED), (key_of(log, DISK),), generalise=False),
        lambda log: Rename(key_of(log, DISK), "Disk report"),
        lambda log: Pin(key_of(log, DISK)),
    ],
    ids=["variable", "category", "constant", "merge", "merge as it is", "rename", "pin"],
)
def test_undone_all_is_as_it_was_and_done_again_as_it_became(
    log, viewer, wanted: Callable[[Source], Wanted]
):
    before = stored(log)
    row = edit(log, wanted(log), viewer)
    after, counts = stored(log), found(log)
    assert after != before
    set_undone(row, undone=True, by=viewer)
    assert stored(log) == before
    assert found(log) == BEFORE
    assert (row.author_name, row.undone_name) == ("viewer", "viewer")
    set_undone(row, undone=False, by=viewer)
    assert stored(log) == after
    assert found(log) == counts


def test_a_variable_that_becomes_constant_gives_each_value_a_template(log):
    edit(log, MakeConstant(key_of(log, DISK), 1))
    texts = {f"disk size <*> KB status {n}": 20 for n in range(3)}
    assert found(log) == {**{t: n for t, n in BEFORE.items() if t != DISK}, **texts}
    hits = search(ask(log, "template:" + key_of(log, "disk size <*> KB status 2")), limit=50)
    assert len(hits.hits) == 20
    assert all(hit.raw.endswith("status 2") for hit in hits.hits)
    assert all(len(hit.variables) == 1 for hit in hits.hits)


def test_some_values_leave_and_the_rest_stays(log):
    edit(log, MakeConstant(key_of(log, DISK), 1, ("0",)))
    assert found(log) == {
        **{t: n for t, n in BEFORE.items() if t != DISK},
        DISK: 40,
        "disk size <*> KB status 0": 20,
    }


def test_later_lines_follow_at_once(log):
    edit(log, variable(log))
    edit(log, SetCategory(key_of(log, SESSION), 1, "location"))
    edit(log, MakeConstant(key_of(log, DISK), 1, ("0", "1")))
    # A word and a code that no line had by then.
    accept(log, b"2026-01-01 11:00:00 INFO app: session renewed for user9 now\n")
    accept(log, b"2026-01-01 11:00:01 INFO app: disk size 5 KB status 7\n")
    accept(log, b"2026-01-01 11:00:02 INFO app: disk size 5 KB status 1\n")
    assert count(ask(log, f"template:{key_of(log, 'disk size <*> KB status 1')}"))[0] == 21
    seal_now(log)
    assert found(log) == {
        SESSION: 181,
        DISK: 21,
        "disk size <*> KB status 0": 20,
        "disk size <*> KB status 1": 21,
    }
    assert count(ask(log, "status_code:renewed"))[0] == 1
    assert count(ask(log, "location:user9"))[0] == 1


def test_undoing_one_leaves_the_later_ones_in_force(log):
    first = edit(log, variable(log))
    edit(log, SetCategory(key_of(log, DISK), 0, "amount"))
    edit(log, Rename(key_of(log, SESSION), "Session"))
    set_undone(first, undone=True, by=None)
    assert found(log) == BEFORE
    assert (
        count(ask(log, "amount:>=100"))[0]
        == count(ask(log, '"disk size" resource:>=0'))[0] + 35
    )
    assert count(ask(log, "template:Session"))[0] == 60


def test_a_merged_template_is_found_by_its_former_id_and_text(log):
    opened, closed = key_of(log, OPENED), key_of(log, CLOSED)
    edit(log, Merge(opened, (closed,)))
    assert found(log)[SESSION] == 180
    for query in (f"template:{closed}", f'template:"{CLOSED}"', f"template:{opened}"):
        assert count(ask(log, query))[0] == 180
    assert count(ask(log, f"-template:{closed}"))[0] == 60


def test_a_name_is_searched_and_shown_in_facets(log):
    edit(log, Rename(key_of(log, DISK), "Disk report"))
    assert count(ask(log, 'template:"Disk report"'))[0] == 60
    values = facet(ask(log, ""), field="template").values
    assert "Disk report" in {value.label for value in values}


def test_pinned_templates_come_first_and_keep_their_text(log):
    edit(log, Pin(key_of(log, DISK)))
    accept(log, b"2026-01-01 11:00:00 INFO app: session opened for user9 now\n")
    seal_now(log)
    assert patterns(ask(log, "")).patterns[0].template.text == DISK


def test_a_template_that_a_person_made_is_no_news(log):
    before = newest([log])
    edit(log, MakeConstant(key_of(log, DISK), 1))
    made = Template.objects.filter(source=log, is_made=True)
    assert made.count() == 3
    assert newest([log]) != before


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (lambda log: SetCategory(key_of(log, DISK), 2, "amount"), "no variable 3"),
        (lambda log: SetCategory(key_of(log, DISK), 0, "resource"), "already"),
        (lambda log: SetCategory(key_of(log, DISK), 0, "colour"), "no category"),
        (lambda log: MakeVariable(key_of(log, DISK), 9, 12, "other"), "variable"),
        (lambda log: MakeVariable(key_of(log, DISK), 90, 99, "other"), "not in"),
        (lambda log: MakeConstant(key_of(log, DISK), 1, ("9",)), "no value"),
        (lambda log: MakeConstant(key_of(log, DISK), 0), "more than 50"),
        (lambda log: Merge(key_of(log, DISK), ()), "choose"),
        (lambda log: Merge(key_of(log, DISK), ("0" * 16,)), "no template"),
        (lambda log: Rename(key_of(log, DISK), "x" * 201), "at most"),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(log, wanted, message):
    before = stored(log)
    with pytest.raises(InvalidEditError, match=message):
        edit(log, wanted(log))
    assert stored(log) == before
    assert not TemplateEdit.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_edits_and_seals_at_once_lose_no_count(source):
    accept(source, lines(0, 60))
    seal_now(source)
    done = threading.Event()

    def seal_on() -> None:
        try:
            for n in range(60, 180, 20):
                accept(Source.objects.get(pk=source.pk), lines(n, n + 20))
                _seal_until_done(Source.objects.get(pk=source.pk))
        finally:
            done.set()
            connection.close()

    sealing = threading.Thread(target=seal_on)
    sealing.start()
    made = 0
    while not done.is_set() or made < 4:
        row = edit(source, MakeConstant(key_of(source, DISK), 1, (str(made % 3),)))
        set_undone(row, undone=made % 2 == 0, by=None)
        set_undone(row, undone=True, by=None)
        made += 1
    sealing.join()
    assert found(source) == dict.fromkeys(BEFORE, 45)
    edit(source, MakeConstant(key_of(source, DISK), 1))
    assert sum(found(source).values()) == 180


def _seal_until_done(source: Source) -> None:
    from logplatform.logs.errors import EditedMeanwhileError

    while True:
        try:
            seal_now(source)
        except EditedMeanwhileError:
            continue
        return
