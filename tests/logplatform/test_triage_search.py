"""What templates are called, in queries, facets and alert rules."""

from __future__ import annotations

import pytest

from logplatform.logs.facets import facet
from logplatform.logs.histogram import histogram
from logplatform.logs.jobs import queue_job
from logplatform.logs.models import JobKind, Template
from logplatform.logs.patterns import patterns
from logplatform.logs.query import QueryError, parse
from logplatform.logs.search import count, search
from logplatform.logs.search_scope import Request
from logplatform.reports.conditions import Condition
from logplatform.reports.judging import Reader, judge, read_spec
from logplatform.reports.models import RuleKind
from logplatform.reports.series import Span
from logplatform.triage import jobs, taxonomy, verdicts
from tests.fakes import seal_now
from tests.shop_log import LINES, START_NS, accept

MINUTE_NS = 60 * 10**9


def call(source, text, task, label):
    """Let a person say what the templates with some text are."""
    found = next(one for one in taxonomy.tasks_of(source.team) if one.name == task)
    for template in Template.objects.filter(source=source, text__contains=text):
        verdicts.give_verdict(found, template, label=label)


@pytest.fixture
def judged(shop):
    """Give the shop's log, sealed in part or whole, one pattern called network by a person."""
    jobs.run_triage_job(queue_job(JobKind.TRIAGE, source=shop))
    call(shop, "payment failed", "category", "network")
    return shop


def ask(source, query, *limits):
    return Request((source,), parse(query), *limits)


def found_by(source, query):
    hits = search(ask(source, query), limit=1000).hits
    return sorted(hit.raw for hit in hits)


# Unsealed alone, no template is known.
places = pytest.mark.parametrize("shop", ["sealed", "both"], indirect=True)
SAME = {
    "category:network": '"payment failed"',
    "category:net*": '"payment failed"',
    "severity:(error OR warning)": "level:>=warn",
    "category:network severity:error": '"payment failed"',
    "-severity:error": "-level:error",
    "category:cpu": "level:none",
}


@places
def test_label_finds_the_records_of_the_patterns_that_have_it(judged):
    # Edges inside of minutes are scanned, the rest is counted.
    limits = (START_NS + 7 * 10**9, START_NS + 200 * 10**9)
    for query, same in SAME.items():
        expected = found_by(judged, same)
        assert found_by(judged, query) == expected, query
        assert count(ask(judged, query))[0] == len(expected), query
        bars = histogram(ask(judged, query)).buckets
        assert sum(sum(bar.counts.values()) for bar in bars) == len(expected), query
        found, same_found = (count(ask(judged, q, *limits))[0] for q in (query, same))
        assert found == same_found, query


@places
def test_facets_of_labels_count_what_their_condition_finds(judged):
    for field in ("severity", "category"):
        values = facet(ask(judged, ""), field=field).values
        assert values
        for value in values:
            assert count(ask(judged, value.condition))[0] == value.count
    (only,) = facet(ask(judged, ""), field="category").values
    assert (only.value, only.condition) == ("network", "category:network")
    (inside,) = facet(ask(judged, '"payment failed"'), field="severity").values
    assert inside.value == "error"


@pytest.mark.parametrize("shop", ["both"], indirect=True)
def test_verdict_changes_the_answer_at_once(judged):
    before = count(ask(judged, "severity:critical"))[0]
    call(judged, "payment failed", "severity", "critical")
    after = count(ask(judged, "severity:critical"))[0]
    assert before == 0
    assert after == count(ask(judged, '"payment failed"'))[0] > 0
    (pattern,) = patterns(ask(judged, "severity:critical")).patterns
    assert "payment failed" in pattern.template.text


def test_rule_watches_a_label_and_sees_a_new_verdict(source):
    accept(source, b"".join(LINES))
    seal_now(source)
    condition = Condition(RuleKind.COUNT)
    spec = read_spec(condition, "severity:critical", [source], "")
    first = START_NS // MINUTE_NS
    span = Span(first, first + 5)

    def counted():
        reader = Reader([spec], end=span.end, minutes=len(span))
        (group,) = judge(spec, span, reader)
        return float(group.judgement.values.max())

    assert counted() == 0
    call(source, "payment failed", "severity", "critical")
    assert counted() > 0


@places
def test_severity_is_compared_in_the_order_of_the_task(judged):
    for query, same in {
        "severity:>=error": "severity:(critical OR error)",
        "severity:>error": "severity:critical",
        "severity:<=warning": "severity:(warning OR info OR debug)",
        "severity:<WARNING category:network": "nothing-has-this",
        "-severity:>=warning": "-severity:(critical OR error OR warning)",
    }.items():
        assert found_by(judged, query) == found_by(judged, same), query
        assert count(ask(judged, query))[0] == count(ask(judged, same))[0], query
    assert count(ask(judged, "severity:>=error"))[0] > 0


@pytest.mark.parametrize("shop", ["sealed"], indirect=True)
def test_order_is_the_one_that_people_give_the_labels(judged):
    task = next(one for one in taxonomy.tasks_of(judged.team) if one.name == "severity")
    labels = [(name, meaning) for name, meaning in task.labels]
    before = count(ask(judged, "severity:>=info"))[0]
    taxonomy.change_task(task, labels=labels[::-1], renamed={}, target=0.8)
    after = count(ask(judged, "severity:>=info"))[0]
    assert after < before


@pytest.mark.parametrize("shop", ["sealed"], indirect=True)
def test_label_that_no_task_has_is_said_to_find_nothing(judged):
    page = search(ask(judged, "severity:>=warn"))
    assert page.hits == ()
    (note,) = page.notes
    assert "critical, error, warning" in note.message
    assert (note.position, note.length) == (0, len("severity"))
    assert search(ask(judged, "severity:>=warning")).notes == ()


def test_category_has_no_order_and_a_field_of_its_name_is_still_found(source):
    accept(source, b"2026-01-01 10:00:00,000 INFO shop.web: severity=high x=1\n")
    with pytest.raises(QueryError, match=r"no order; .* category:\(a OR b\)"):
        parse("category:>=network")
    assert str(parse('severity:>= "very bad"')) == 'severity:>="very bad"'
    assert str(parse("field.severity:error")) == "field.severity:error"
    assert count(ask(source, "field.severity:high"))[0] == 1
    assert count(ask(source, "severity:high"))[0] == 0
