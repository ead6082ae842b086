"""Typed values: quantities as logs write them, and which values satisfy which test."""

from __future__ import annotations

from decimal import Decimal

import pytest

from logplatform.logs.query import parse
from logplatform.logs.query_tree import Term
from logplatform.logs.units import Dimension, find_unit, parse_quantity, unit_around


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("150ms", "0.150"),
        ("1.5 s", "1.5"),
        ("2 seconds", "2"),
        ("12us", "0.000012"),
        ("12µs", "0.000012"),
        ("5m", "300"),
        ("1h2m3.5s", "3723.5"),
        ("PT1M2.5S", "62.5"),
        ("1:02:03.25", "3723.25"),
        ("1 day, 0:00:01", "86401"),
        ("1GB", "1000000000"),
        ("1 GiB", "1073741824"),
        ("1.5KB", "1500"),
        ("512M", "536870912"),
        ("10 bytes", "10"),
        ("3 MB/s", "3000000"),
        ("3MBps", "3000000"),
        ("87%", "0.87"),
        ("1,234,567", "1234567"),
        ("-5", "-5"),
        ("1e3", "1000"),
        ("0x1F", "31"),
    ],
)
def test_a_quantity_is_read_as(text, amount):
    found = parse_quantity(text.encode())
    assert found is not None
    assert found.amount == Decimal(amount)


@pytest.mark.parametrize(
    "text", ["", "abc", "12ab", "1.2.3", "10.0.0.1", "-", "x" * 99, "\xff"]
)
def test_text_is_no_quantity(text):
    assert parse_quantity(text.encode("latin-1")) is None


def test_a_lone_letter_is_read_in_the_preferred_dimension():
    size = parse_quantity(b"5m", prefer=Dimension.SIZE)
    time = parse_quantity(b"5m", prefer=Dimension.TIME)
    assert size is not None
    assert time is not None
    assert [size.amount, time.amount] == [Decimal(5 * 1024**2), Decimal(300)]


@pytest.mark.parametrize(
    ("before", "after", "symbol"),
    [
        ("took ", "ms", "ms"),
        ("took ", " ms\n", "ms"),
        ("took ", "s.", "s"),
        ("size ", " bytes, ", "B"),
        ("used ", "%", "%"),
        ("at ", " MB/s", "MB/s"),
        ("elapsed_ms=", "", "ms"),
        ('{"durationMs": ', ", ", "ms"),
        ('"took_seconds":"', '"', "s"),
        ("time (in ms) : ", "", "ms"),
        ("heapBytes=", " x", "B"),
        ("in ", " second", "s"),
    ],
)
def test_the_text_around_a_value_names_its_unit(before, after, symbol):
    unit = unit_around(before.encode(), after.encode())
    assert unit is not None
    assert unit.symbol == symbol


@pytest.mark.parametrize(
    ("before", "after"),
    [("items=", " s"), ("users ", " in total"), ("class=", ""), ("ids: ", ""), ("x ", " m")],
)
def test_other_text_around_a_value_names_no_unit(before, after):
    assert unit_around(before.encode(), after.encode()) is None


@pytest.mark.parametrize(
    ("query", "values", "others"),
    [
        ("duration:>2s", ["2.5s", "2001ms", "0:00:03", "1m"], ["2s", "3", "5GB", "x", "150ms"]),
        ("duration:>=150ms", ["150ms", "0.15s", "1h"], ["149.9ms", "200"]),
        ("duration:>2", ["3", "2.5", "150ms"], ["2", "1", "x"]),
        ("resource:>1GB", ["2GB", "1GiB", "1100 MB"], ["1GB", "2s", "5"]),
        ("resource:<1KiB", ["1000B", "1KB"], ["1KiB", "1024"]),
        ("status_code:>=500", ["500", "503"], ["499", "-", "abc"]),
        ("status_code:5*", ["500", "5", "5xx"], ["45", ""]),
        ("status_code:400..404", ["400", "404"], ["399", "405"]),
        ("duration:100ms..2s", ["0.1s", "2000ms"], ["99ms", "2.1s"]),
        ("object_id:blk_*7*9", ["blk_179", "blk_779"], ["blk_79x", "blk_97"]),
        ("object_id:*a*a*", ["aa", "xaxax"], ["a", ""]),
        ("location:10.0.0.0/8", ["10.1.2.3", "/10.1.2.3:80", "h/10.0.0.1"], ["11.0.0.1", "10"]),
        ("location:10.0.0.0/8", ["http://10.1.2.3/x"], ["1.10.0.0.1", "10.0.0.999"]),
        ("location:fe80::/10", ["fe80::1", "[fe80::1]:80"], ["::1", "10.0.0.1", "12:30:01"]),
        ("location:/var/*.log", ["/var/a/b.log"], ["/var/a.log.1"]),
        ('type:re:"^a.c$"', ["abc"], ["xabc", "ac"]),
        ("type:i:AbC", ["abc", "ABC"], ["abcd"]),
        ("other:abc", ["abc"], ["ABC", "abcd"]),
    ],
)
def test_a_test_takes_these_values_and_no_others(query, values, others):
    term = parse(query)
    assert isinstance(term, Term)
    predicate = term.test.predicate()
    assert [value for value in values if not predicate(value.encode())] == []
    assert [value for value in others if predicate(value.encode())] == []


def test_the_unit_around_a_bare_number_counts():
    term = parse("duration:>2s")
    assert isinstance(term, Term)
    predicate = term.test.predicate(find_unit("ms"))
    assert predicate(b"2001")
    assert not predicate(b"1999")
    assert predicate(b"3s")


def test_a_regex_takes_bytes_that_are_not_utf8():
    term = parse('other:re:"^a.*z$"')
    assert isinstance(term, Term)
    assert term.test.predicate()(b"a\xff\xfez")
