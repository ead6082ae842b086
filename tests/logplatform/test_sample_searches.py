"""The searches that the sample logs are shipped with find what they promise."""

from __future__ import annotations

import pytest

from logplatform.logs.patterns import patterns
from logplatform.logs.query import parse
from logplatform.logs.samples import ingest_sample, load_samples
from logplatform.logs.search import count
from logplatform.logs.search_scope import Request
from tests.fakes import seal_now

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("sample", load_samples(), ids=lambda sample: sample.name)
def test_each_search_finds_as_many_records_as_it_says_before_and_after_the_seal(
    home, team, sample
):
    source, _ = ingest_sample(team=team, name=sample.name)
    for _ in range(2):
        for search in sample.searches:
            found, _ = count(Request((source,), parse(str(search["query"]))))
            assert found == search["hits"], search["query"]
        seal_now(source)


def test_the_patterns_of_a_sample_add_up_to_its_records(home, team):
    source, _ = ingest_sample(team=team, name="nginx")
    seal_now(source)
    found = patterns(Request((source,), parse("")))
    assert sum(p.count for p in found.patterns) == source.segments.get().records == 19_478
