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
        quoted = re.findall(r'"((?:[^"\\]|\\.)*)"', search["query"])
        phrases = [part.replace('\\"', '"').encode() for part in quoted]
        found = sum(all(phrase in record for phrase in phrases) for record in records)
        assert found == search["hits"], search["query"]


def test_samples_are_small_and_name_no_machine(sample):
    about, data = sample
    assert (FOLDER / about["file"]).stat().st_size < 200_000
    assert b"/work/" not in data
