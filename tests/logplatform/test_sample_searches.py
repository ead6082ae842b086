"""The searches that the sample logs are shipped with find what they promise."""

from __future__ import annotations

import pytest

from logplatform.logs.facets import facet
from logplatform.logs.jobs import queue_seal
from logplatform.logs.models import BatchState, Source
from logplatform.logs.own_fields import own_fields
from logplatform.logs.patterns import patterns
from logplatform.logs.query import parse
from logplatform.logs.samples import ingest_sample, load_samples
from logplatform.logs.seal import run_seal_job
from logplatform.logs.search import count, search
from logplatform.logs.search_scope import Request, Scope
from tests.fakes import seal_now

pytestmark = pytest.mark.django_db


def seal(source: Source) -> None:
    """Seal with the tagger that the product has: what fields mean is its answer."""
    if source.batches.exclude(state=BatchState.SEALED).exists():
        assert run_seal_job(queue_seal(source))


@pytest.mark.parametrize("sample", load_samples(), ids=lambda sample: sample.name)
def test_each_search_finds_as_many_records_as_it_says_before_and_after_the_seal(
    home, team, sample
):
    source, _ = ingest_sample(team=team, name=sample.name)
    for is_sealed in (False, True):
        for promised in sample.searches:
            query = str(promised["query"])
            if is_sealed or query.startswith('"'):  # fields are known once a record is sealed
                found, _ = count(Request((source,), parse(query)))
                assert found == promised["hits"], query
        seal(source)


def test_fields_of_the_header_are_in_facets_in_rows_and_among_the_logs_own(home, team):
    source, _ = ingest_sample(team=team, name="nginx")
    seal(source)
    failed = Request((source,), parse("status_code:>=500"))
    codes = {value.value: value.count for value in facet(failed, field="status_code").values}
    assert codes == {"502": 541, "503": 97, "500": 61}
    found = facet(Request((source,), parse("")), field="object_name")
    assert "-" not in {value.value for value in found.values}
    hit = next(iter(search(failed, limit=1).hits))
    shown = {(variable.start, variable.category): variable.value for variable in hit.variables}
    assert (0, "location") in shown
    assert {"500", "502", "503"} & set(shown.values())
    names = {field.name for field in own_fields(Scope(Request((source,), parse(""))))}
    assert names >= {"client", "method", "path", "status", "bytes", "agent"}


def test_the_patterns_of_a_sample_add_up_to_its_records(home, team):
    source, _ = ingest_sample(team=team, name="nginx")
    seal_now(source)
    found = patterns(Request((source,), parse("")))
    assert sum(p.count for p in found.patterns) == source.segments.get().records == 19_478
