"""Single records by their id, before and after the seal, and their context."""

from __future__ import annotations

import pytest

from logplatform.logs.errors import NoRecordError
from logplatform.logs.models import Source
from logplatform.logs.query import parse
from logplatform.logs.records import context, get_record
from logplatform.logs.search import search
from logplatform.logs.search_scope import Request
from tests.fakes import seal_now
from tests.shop_log import LINES, accept, shown

pytestmark = pytest.mark.django_db


def every_hit(source):
    return search(Request((source,), parse("")), limit=1000, newest_first=False).hits


def test_every_hit_s_id_leads_to_its_record(shop):
    hits = every_hit(shop)
    visible = Source.objects.all()
    for hit, line in list(zip(hits, LINES, strict=True))[::37]:
        located = get_record(visible, hit.id)
        assert located.raw == line
        assert located.hit == hit


def test_an_id_from_before_the_seal_leads_to_the_record_after_it(source):
    accept(source, b"".join(LINES[:100]))
    seal_now(source)
    accept(source, b"".join(LINES[100:150]) + b"\tat java.lang.Thread.run\n")
    accept(source, b"".join(LINES[150:200]))
    before = every_hit(source)
    seal_now(source)
    for hit, line in list(zip(before, LINES, strict=False))[::7]:
        assert get_record(Source.objects.all(), hit.id).raw.startswith(line)


def test_context_is_in_ingest_order_across_segments_and_batches(shop):
    hits = every_hit(shop)
    for at in (0, 5, 248, 252, 400, 599):
        found = context(get_record(Source.objects.all(), hits[at].id), before=3, after=4)
        assert [hit.raw for hit in found.before] == shown(LINES[max(0, at - 3) : at])
        assert found.record == hits[at]
        assert [hit.raw for hit in found.after] == shown(LINES[at + 1 : at + 5])


@pytest.mark.parametrize(
    "address",
    ["", "x", "r1", "r999.0", "r{pk}.600", "s{pk}.0.0", "b" + "0" * 32 + ".0", "r{pk}.-1"],
)
def test_no_record_has_these_ids(source, address):
    accept(source, b"".join(LINES))
    seal_now(source)
    with pytest.raises(NoRecordError):
        get_record(Source.objects.all(), address.format(pk=source.pk))


def test_a_record_of_a_source_that_is_not_visible_does_not_exist(shop):
    hit = every_hit(shop)[0]
    with pytest.raises(NoRecordError):
        get_record(Source.objects.none(), hit.id)
