"""The sample logs: what their metadata promises is in them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import zstandard

from logscan import detect_format, scan

FOLDER = Path(__file__).resolve().parent.parent / "logplatform" / "logs" / "samples"
SAMPLES = json.loads((FOLDER / "metadata.json").read_text(encoding="utf-8"))

# What the searches that ask for fields mean, told by expressions that know nothing of fields.
_ACCESS = rb'%s \S+ \S+ \[[^]]+\] "\S+ %s HTTP/[0-9.]+" %s %s "'
_ANY = rb"\S+"
FIELD_SEARCHES = {
    query: re.compile(pattern)
    for query, pattern in {
        "status_code:>=500": _ACCESS % (_ANY, _ANY, rb"5[0-9][0-9]", _ANY),
        "resource:>500": _ACCESS
        % (_ANY, _ANY, _ANY, rb"(?:[1-9][0-9]{3,}|[6-9][0-9]{2}|5(?!00)[0-9]{2})"),
        "location:192.0.2.0/24": _ACCESS % (rb"192\.0\.2\.[0-9]+", _ANY, _ANY, _ANY),
        'path:"/login" status:423': _ACCESS % (_ANY, rb"/login", rb"423", _ANY),
        "object_id:14090": rb"\S+ \S+ \w+ \[14090\] ",
        "pid:13185": rb"\S+ \S+ UTC \[13185\] ",
    }.items()
}


@pytest.fixture(scope="module", params=SAMPLES, ids=lambda sample: sample["name"])
def sample(request):
    packed = (FOLDER / request.param["file"]).read_bytes()
    return request.param, zstandard.ZstdDecompressor().decompress(packed)


def test_counts_are_those_of_the_file(sample):
    about, data = sample
    assert (data.count(b"\n"), len(data)) == (about["lines"], about["bytes"])


def test_scan_finds_the_format_and_the_records(sample):
    about, data = sample
    header = detect_format(data[:100_000])
    assert header.name == about["format"]
    assert len(scan(data, header=header, received_ns=0)) == about["records"]


def test_each_search_hits_what_it_says(sample):
    about, data = sample
    batch = scan(data, header=detect_format(data[:100_000]), received_ns=0)
    records = [batch.record(row) for row in range(len(batch))]
    for search in about["searches"]:
        if search["query"] in FIELD_SEARCHES:
            pattern = FIELD_SEARCHES[search["query"]]
            assert sum(map(bool, map(pattern.match, records))) == search["hits"]
            continue
        quoted = re.findall(r'"((?:[^"\\]|\\.)*)"', search["query"])
        phrases = [part.replace('\\"', '"').encode() for part in quoted]
        found = sum(all(phrase in record for phrase in phrases) for record in records)
        assert found == search["hits"], search["query"]


def test_samples_are_small_and_name_no_machine(sample):
    about, data = sample
    assert (FOLDER / about["file"]).stat().st_size < 200_000
    assert b"/work/" not in data
