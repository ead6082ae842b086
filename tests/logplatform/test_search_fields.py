"""A log's own fields: the definition on a record, and that structures give the same answer."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logplatform.logs.query import parse
from logplatform.logs.query_tree import Term
from logplatform.logs.search_compile import bind_field
from logplatform.logs.search_fields import field_values
from logscan import HEADER_FORMATS, HeaderFormat, detect_format, scan
from logzip.search import match


@pytest.mark.parametrize(
    ("record", "name", "values"),
    [
        (b"pid=12 user=bob\n", "user", [b"bob"]),
        (b'user="bob smith" x', "user", [b"bob smith"]),
        (b'user="a \\"b\\" c"', "user", [b'a \\"b\\" c']),
        (b"xuser=bob, user=eve,", "user", [b"eve"]),
        (b"[user=bob]", "user", [b"bob"]),
        (b"user= x", "user", [b""]),
        (b"user=a user=b", "user", [b"a", b"b"]),
        (b"url=http://h/p?q=1&r=2 ", "url", [b"http://h/p?q=1"]),
        (b"url=http://h/p?q=1&r=2 ", "r", [b"2"]),
        (b'{"user": "bob", "n": 5, "ok": true}', "user", [b"bob"]),
        (b'{"user": "bob", "n": 5, "ok": true}', "n", [b"5"]),
        (b'{"user": "bob", "n": 5, "ok": true}', "ok", [b"true"]),
        (b'{"user" : null}', "user", [b"null"]),
        (b'{"user": {"name": "x"}}', "user", []),
        (b'{"user": {"name": "x"}}', "name", [b"x"]),
        (b"user: bob", "user", []),
        (b"a.user=bob", "user", []),
        (b"a.user=bob", "a.user", [b"bob"]),
    ],
)
def test_a_record_has_these_values(record, name, values):
    assert list(field_values(record, name.encode())) == values


def test_a_quote_that_is_never_closed_costs_no_more_memory_than_its_record():
    record = b'user="' + b'\\"a' * 1_000_000
    tracemalloc.start()
    assert list(field_values(record, b"user")) == [b""]
    assert tracemalloc.get_traced_memory()[1] < 10 << 20
    tracemalloc.stop()


def hits(query: str, data: bytes, header: HeaderFormat) -> list[bytes]:
    """Return the records that match by structure, after comparing with the definition."""
    term = parse(query)
    assert isinstance(term, Term)
    batch = scan(data, header=header, received_ns=0)
    mask = match(batch, bind_field(term, batch))
    passes = term.test.predicate()
    records = [batch.record(row) for row in range(len(batch))]
    name = term.name.encode()
    expected = [any(map(passes, field_values(record, name))) for record in records]
    assert mask.tolist() == expected
    return [record for record, is_hit in zip(records, expected, strict=True) if is_hit]


def test_fields_of_logfmt_lines_are_found_by_structure():
    data = b"".join(
        b'time=2026-01-0%d level=info user=bob%d msg="took 5ms" ok=true\n' % (n, n % 3)
        for n in range(1, 9)
    )
    header = HEADER_FORMATS["none"]
    assert len(hits("user:bob1", data, header)) == 3
    assert len(hits("user:bob*", data, header)) == 8
    assert len(hits("ok:true", data, header)) == 8
    assert len(hits('msg:"took 5ms"', data, header)) == 8
    assert hits("msg:took", data, header) == []


def test_fields_of_json_lines_are_found_by_structure():
    data = b"".join(
        b'{"ts":"2026-01-0%d","user":"u%d","url":"/a?user=eve","n":%d,"b":"x\\"y"}\n'
        % (n, n % 3, n * 100)
        for n in range(1, 9)
    )
    for header in (HEADER_FORMATS["none"], detect_format(data)):
        assert len(hits("field.user:u1", data, header)) == 3
        assert len(hits("n:>450", data, header)) == 4
        assert len(hits('b:"x\\\\\\"y"', data, header)) == 8


PIECES = st.sampled_from(
    [
        b"key=", b'"key":', b'"key": ', b"k1=", b'"k1":', b"key", b"k1", b"=", b":", b'"', b" ",
        b"\\", b",", b"}", b"{", b"a", b"7", b"key7", b"/", b".", b"\n", b"x=1", b"\xff", b"'",
        b"12ms", b'":', b"2026-01-01 10:00:00 ", b"INFO ",
    ]
)  # fmt: skip
LINES = st.lists(PIECES, max_size=14).map(b"".join)


@given(
    st.lists(LINES, min_size=1, max_size=6).map(b"\n".join),
    st.sampled_from(["key:7", "key:*7*", 'field.key:""', "k1:*a*", "k1:>5", 'key:re:"."']),
    st.sampled_from(["none", "iso", "json", "syslog"]),
)
def test_structures_and_records_agree_on_any_line(data, query, name):
    hits(query, data + b"\n", HEADER_FORMATS[name])
