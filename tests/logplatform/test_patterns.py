"""Histograms, patterns and facets: exact, whatever answers them and wherever lines lie."""

from __future__ import annotations

from collections import Counter
from itertools import product
from typing import TYPE_CHECKING

import pytest

from logplatform.logs import histogram as histograms
from logplatform.logs import sums
from logplatform.logs.facets import FACET_FIELDS, facet
from logplatform.logs.histogram import choose_step, histogram
from logplatform.logs.patterns import patterns
from logplatform.logs.query import parse
from logplatform.logs.search import count
from logplatform.logs.search_scope import Request, consistently
from logplatform.logs.sums import is_counted
from tests.fakes import seal_now
from tests.shop_log import LINES, SECOND_NS, START_NS, TIMES_NS, accept

if TYPE_CHECKING:
    from logplatform.logs.models import Source

pytestmark = pytest.mark.django_db

# The whole log, whole minutes, edges inside minutes, inside one minute, nothing.
RANGES = [
    (None, None),
    (START_NS + 60 * SECOND_NS, START_NS + 180 * SECOND_NS),
    (START_NS + 30 * SECOND_NS + 1, START_NS + 400 * SECOND_NS + 7),
    (START_NS + 61 * SECOND_NS, START_NS + 95 * SECOND_NS),
    (START_NS + 200 * SECOND_NS, None),
    (None, START_NS + 200 * SECOND_NS),
    (START_NS + 900 * SECOND_NS, START_NS + 1000 * SECOND_NS),
]
QUERIES = ["", "level:>=warn", "-level:info", "web", "level:error OR level:info", "user:u1"]


def ask(source: Source, query: str, limits: tuple[int | None, int | None]) -> Request:
    return Request((source,), parse(query), *limits)


def matches(query: str, line: bytes) -> bool:
    level = line.split()[2]
    return {
        "": True,
        "level:>=warn": level in {b"WARN", b"ERROR"},
        "-level:info": level != b"INFO",
        "web": b"web" in line,
        "level:error OR level:info": level in {b"ERROR", b"INFO"},
        "user:u1": b"user=u1 " in line,
    }[query]


def expected(query: str, limits: tuple[int | None, int | None]) -> list[tuple[int, bytes]]:
    start, end = limits
    return [
        (time_ns, line)
        for time_ns, line in zip(TIMES_NS, LINES, strict=True)
        if (start is None or time_ns >= start)
        and (end is None or time_ns < end)
        and matches(query, line)
    ]


# In one test, as the log takes longer to seal than the answers do.
CASES = [(query, limits) for query in QUERIES for limits in RANGES]


def test_a_histogram_counts_each_record_once_in_its_step(shop):
    for (query, limits), buckets in product(CASES, (5, 60)):
        records = expected(query, limits)
        found = histogram(ask(shop, query, limits), buckets=buckets)
        step = found.step_ns
        assert len(found.buckets) <= buckets
        assert found.total == len(records)
        wanted = Counter(
            (time_ns // step * step, line.split()[2].decode().lower())
            for time_ns, line in records
        )
        assert wanted == Counter(
            {
                (bucket.time_ns, level): n
                for bucket in found.buckets
                for level, n in bucket.counts.items()
            }
        )


def test_the_counts_of_the_patterns_add_up(shop):
    for query, limits in CASES:
        request = ask(shop, query, limits)
        found = patterns(request)
        assert sum(pattern.count for pattern in found.patterns) == found.records
        assert found.records + found.without_template == count(request)[0]
        for pattern in found.patterns:
            assert sum(pattern.sparkline) == sum(pattern.levels.values()) == pattern.count
            assert pattern.first_seen_ns <= pattern.last_seen_ns


def test_the_patterns_of_sealed_records_are_their_templates(source):
    accept(source, b"".join(LINES))
    seal_now(source)
    found = patterns(ask(source, "", (None, None)))
    assert found.without_template == 0
    assert {pattern.template.text: pattern.count for pattern in found.patterns} == {
        "request from <*> took <*> ms status <*>": 150,
        "query <*> size <*> KB slow": 150,
        "payment failed user=<*> n=<*>": 150,
        "flushed elapsed_ms=<*> café \ufffd": 150,
    }
    assert [pattern.share for pattern in found.patterns] == [0.25] * 4
    warn = next(p for p in found.patterns if p.template.text.startswith("query"))
    assert warn.levels == {"warn": 150}
    assert warn.template.categories == ("other", "resource")


def test_patterns_are_sorted_as_asked(source):
    accept(source, b"".join(LINES[:9]))
    seal_now(source)
    most = [p.count for p in patterns(ask(source, "", (None, None))).patterns]
    least = [p.count for p in patterns(ask(source, "", (None, None)), sort="rare").patterns]
    assert most == [3, 2, 2, 2]
    assert least == most[::-1]


@pytest.mark.parametrize("query", ["", "web", "level:>=warn"])
def test_a_facet_s_count_is_what_its_condition_finds(source, query):
    accept(source, b"".join(LINES[:400]))
    seal_now(source)
    accept(source, b"".join(LINES[400:]))
    limits = (None, START_NS + 433 * SECOND_NS)
    for field in FACET_FIELDS:
        found = facet(ask(source, query, limits), field=field, limit=7)
        assert not found.is_limited
        for value in found.values:
            text = f"({query}) {value.condition}" if query else value.condition
            assert count(ask(source, text, limits))[0] == value.count
        counts = [value.count for value in found.values]
        assert counts == sorted(counts, reverse=True)


def test_facets_of_categories_have_these_values(source):
    accept(source, b"".join(LINES))
    seal_now(source)
    found = facet(ask(source, "", (None, None)), field="status_code")
    assert {value.value: value.count for value in found.values} == {
        "200": 50,
        "300": 50,
        "400": 50,
    }
    users = facet(ask(source, "", (None, None)), field="object_id", limit=2)
    assert [(value.value, value.count) for value in users.values] == [("u0", 50), ("u1", 50)]
    assert users.other == 50


def test_past_the_limit_of_distinct_values_a_facet_says_so(source, monkeypatch):
    monkeypatch.setattr("logplatform.logs.facets.MAX_DISTINCT", 2)
    accept(source, b"".join(LINES))
    seal_now(source)
    found = facet(ask(source, "", (None, None)), field="status_code")
    assert found.is_limited
    assert sum(value.count for value in found.values) + found.other == 150


def test_a_step_is_the_smallest_that_fits():
    minute = 60 * SECOND_NS
    assert choose_step(0, 60 * minute, 60) == minute
    assert choose_step(1, 60 * minute + 1, 60) == 2 * minute
    assert choose_step(0, 1, 2) == histograms.STEPS_NS[0]
    assert choose_step(-(2**62), 2**62, 2) == histograms.STEPS_NS[-1]


def test_an_answer_that_a_seal_overtakes_is_given_again(source):
    accept(source, b"".join(LINES))
    segments = []

    def answer(scope):
        segments.append(len(scope.snapshot.segments))
        seal_now(source)
        return sum(cell.records for cell in sums.unsealed(scope, sums.Grid(0, SECOND_NS)))

    assert consistently(ask(source, "", (None, None)), answer) == 0
    assert segments == [0, 1]


@pytest.mark.parametrize(
    ("query", "counted"),
    [
        ("", True),
        ("level:error -template:0123456789abcdef", True),
        ("source:x OR level:none", True),
        ("error", False),
        ("level:error x", False),
        ("component:x", False),
        ("field.level:x", False),
        ("status_code:200", False),
    ],
)
def test_the_catalog_answers_these_queries(query, counted):
    assert is_counted(parse(query)) is counted
