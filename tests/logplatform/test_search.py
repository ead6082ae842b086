"""Search over real segments and over batches that are not sealed yet."""

from __future__ import annotations

import os
import re
import subprocess
from typing import TYPE_CHECKING

import numpy as np
import pytest

from logplatform.logs import services
from logplatform.logs.errors import GoneMeanwhileError, InvalidCursorError
from logplatform.logs.query import parse
from logplatform.logs.search import count, each_match, search
from logplatform.logs.search_scope import Request
from logplatform.logs.values import quote_regex
from tests.fakes import seal_now
from tests.shop_log import LINES, START_NS, accept, shown

if TYPE_CHECKING:
    from pathlib import Path

    from logplatform.logs.models import Source

pytestmark = pytest.mark.django_db


def number(line: bytes, *before: bytes) -> int:
    """Return the number behind one of some words, -1 where there is none."""
    for word in before:
        if word in line:
            return int(line.split(word)[1].split()[0])
    return -1


def find(source: Source, query: str, **limits: int) -> list[str]:
    request = Request((source,), parse(query), **limits)
    found, cursor = [], None
    while True:
        page = search(request, limit=100, newest_first=False, cursor=cursor)
        found += [hit.raw for hit in page.hits]
        cursor = page.cursor
        if cursor is None:
            break
    assert count(request)[0] == len(found)
    return found


@pytest.mark.parametrize(
    ("query", "holds"),
    [
        ("", lambda line: True),
        ("payment", lambda line: b"payment" in line),
        ('"user=u1 n="', lambda line: b"user=u1 n=" in line),
        ("i:PAYMENT", lambda line: b"payment" in line),
        ("PAYMENT", lambda line: False),
        ('"café \\xff"', lambda line: b"caf\xc3\xa9" in line),
        ("level:error", lambda line: b" ERROR " in line),
        ("level:>=warn", lambda line: b" ERROR " in line or b" WARN " in line),
        ("NOT level:info", lambda line: b" INFO " not in line),
        ("component:shop.web -payment", lambda line: b"web: request" in line),
        ("component:shop.*", lambda line: True),
        ('re:"took 1[0-9] ms"', lambda line: b"took 12 ms" in line or b"took 16 ms" in line),
        ("source:shop flushed", lambda line: b"flushed" in line),
        ("source:other", lambda line: False),
        ("user:u1", lambda line: b"user=u1 " in line),
        ("field.n:>500", lambda line: number(line, b" n=") > 500),
        ("elapsed_ms:>5s", lambda line: number(line, b"elapsed_ms=") > 5000),
        ("payment OR flushed", lambda line: b"payment" in line or b"flushed" in line),
        (
            "web (payment OR 200)",
            lambda line: b"web" in line and (b"payment" in line or b"200" in line),
        ),
    ],
)
def test_a_query_finds_the_lines_wherever_they_lie(shop, query, holds):
    assert find(shop, query) == shown([line for line in LINES if holds(line)])


@pytest.mark.parametrize(
    ("query", "holds"),
    [
        ("duration:>100ms", lambda line: number(line, b"took ", b"ms=") > 100),
        ("duration:>5s", lambda line: number(line, b"ms=") > 5000),
        ("status_code:>=300", lambda line: b"status 300" in line or b"status 400" in line),
        ("status_code:4*", lambda line: b"status 400" in line),
        (
            "status_code:(200 OR 400)",
            lambda line: b"status 200" in line or b"status 400" in line,
        ),
        ("resource:<10KB", lambda line: 0 <= number(line, b"size ") < 10),
        ("location:10.0.2.0/24", lambda line: b"from 10.0.2." in line),
        ("location:10.0.0.4", lambda line: b"from 10.0.0.4 " in line),
        ("object_id:u1", lambda line: b"user=u1 " in line),
        ("amount:20..40", lambda line: 20 <= number(line, b" n=") <= 40),
        ("NOT object_id:u1", lambda line: b"user=u1 " not in line),
        ('template:"payment failed user=<*> n=<*>"', lambda line: b"payment" in line),
    ],
)
def test_a_category_finds_sealed_lines_by_value(source, query, holds):
    accept(source, b"".join(LINES))
    seal_now(source)
    assert find(source, query) == shown([line for line in LINES if holds(line)])


def test_a_time_range_includes_its_start_and_not_its_end(shop):
    second = 10**9
    found = find(
        shop, "", start_ns=START_NS + 60 * second, end_ns=START_NS + 61 * second + 5_000_000
    )
    assert found == shown(LINES[60:61])


def test_pages_go_on_where_the_last_one_ended_though_lines_arrive_and_are_sealed(source):
    accept(source, b"".join(LINES[:300]))
    seal_now(source)
    accept(source, b"".join(LINES[300:500]))
    request = Request((source,), parse(""))
    first = search(request, limit=150)
    seal_now(source)
    accept(source, b"".join(LINES[500:]))
    second = search(request, limit=1000, cursor=first.cursor)
    assert [hit.raw for hit in first.hits + second.hits] == shown(LINES[:500])[::-1]


def test_records_of_one_time_are_paged_in_ingest_order(source):
    lines = [b"2026-01-01 10:00:00 INFO web: n=%d\n" % n for n in range(50)]
    accept(source, b"".join(lines[:20]))
    seal_now(source)
    accept(source, b"".join(lines[20:]))
    request = Request((source,), parse(""))
    found, cursor = [], None
    while True:
        page = search(request, limit=7, cursor=cursor)
        found += [hit.raw for hit in page.hits]
        cursor = page.cursor
        if cursor is None:
            break
    assert found == shown(lines)[::-1]


def test_several_sources_are_merged_by_time(home, team):
    sources = tuple(services.create_source(team=team, name=f"s{n}") for n in range(3))
    for n, source in enumerate(sources):
        accept(source, b"".join(LINES[n::3]))
        if n:
            seal_now(source)
    page = search(Request(sources, parse("")), limit=1000)
    assert [hit.raw for hit in page.hits] == shown(LINES)[::-1]
    only = search(Request(sources, parse("source:s1")), limit=1000)
    assert {hit.source for hit in only.hits} == {"s1"}


def test_a_cursor_of_the_other_order_or_no_cursor_at_all_is_refused(shop):
    request = Request((shop,), parse(""))
    cursor = search(request, limit=5).cursor
    with pytest.raises(InvalidCursorError, match="other order"):
        search(request, newest_first=False, cursor=cursor)
    with pytest.raises(InvalidCursorError):
        search(request, cursor="%%%")


def test_without_time_an_answer_is_partial_and_its_cursor_reaches_all(source):
    for low in range(0, 600, 100):
        accept(source, b"".join(LINES[low : low + 100]))
        seal_now(source)
    request = Request((source,), parse(""), budget_s=0.0)
    first = search(request, limit=1000)
    assert first.stats.partial
    assert first.cursor is not None
    rest = search(Request((source,), parse("")), limit=1000, cursor=first.cursor)
    assert [hit.raw for hit in first.hits + rest.hits] == shown(LINES)[::-1]


def test_a_hit_tells_where_its_message_and_variables_stand(source):
    accept(source, b"".join(LINES))
    seal_now(source)
    page = search(Request((source,), parse("elapsed_ms:30")), limit=1)
    hit = page.hits[0]
    units = hit.raw.encode("utf-16-le")

    def cut(start, end):
        return units[2 * start : 2 * end].decode("utf-16-le")

    assert cut(hit.message_start, hit.message_end) == "flushed elapsed_ms=30 café \\xff"
    assert [(v.category, v.value, cut(v.start, v.end)) for v in hit.variables] == [
        ("duration", "30", "30")
    ]
    assert (hit.level, hit.component, hit.time_origin) == ("info", "shop.cache", "header")
    assert hit.template_id is not None


def test_a_huge_line_is_shown_in_part(source):
    accept(source, b"2026-01-01 10:00:00 INFO web: " + "é1 ".encode() * 100_000 + b"\n")
    for _ in range(2):
        hit = search(Request((source,), parse("é1")), limit=1).hits[0]
        assert hit.is_truncated
        assert len(hit.raw.encode()) <= 64 << 10
        assert hit.raw_bytes == 30 + 400_001
        assert hit.message_end <= len(hit.raw)
        seal_now(source)


@pytest.mark.parametrize("folder", ["segments", "wal"])
def test_a_source_that_is_deleted_meanwhile_is_named(source, home, folder):
    accept(source, b"".join(LINES))
    if folder == "segments":
        seal_now(source)
    for path in (home.root / folder).rglob("*.*"):
        path.unlink()
    with pytest.raises(GoneMeanwhileError, match="shop was deleted"):
        search(Request((source,), parse("")))


def test_a_misspelt_field_is_noted(shop):
    page = search(Request((shop,), parse("stauts_code:500")))
    assert page.hits == ()
    assert [(note.position, note.length) for note in page.notes] == [(0, 11)]


def corpus(shared_data: Path, name: str, megabytes: int) -> bytes:
    with subprocess.Popen(
        ["zstdcat", str(shared_data / "corpus" / f"{name}.log.zst")], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        data = process.stdout.read(megabytes << 20)
        process.kill()
    return data[: data.rfind(b"\n") + 1]


def grep(data: bytes, pattern: bytes, *options: str) -> list[bytes]:
    found = subprocess.run(
        ["grep", "-a", *options, "-e", pattern],
        input=data,
        capture_output=True,
        check=False,
        env=os.environ | {"LC_ALL": "C"},
    )
    assert found.returncode < 2, found.stderr
    return found.stdout.splitlines(keepends=True)


def random_patterns(data: bytes, n: int) -> list[bytes]:
    """Return stretches of a log, some of them changed so that they may not be in it."""
    generator = np.random.default_rng(7)
    lines = data.splitlines()
    patterns: list[bytes] = []
    while len(patterns) < n:
        line = lines[generator.integers(len(lines))]
        if len(line) < 8:
            continue
        start = int(generator.integers(len(line) - 4))
        pattern = line[start : start + int(generator.integers(2, 24))]
        if generator.random() < 0.1:
            pattern = pattern[::-1]
        patterns.append(pattern)
    return patterns


@pytest.mark.slow
@pytest.mark.parametrize("name", ["alibaba_LogQ", "nginx_access", "postgres"])
@pytest.mark.engine
def test_search_equals_grep_on_the_corpus(source, shared_data, name):
    data = corpus(shared_data, name, 1)
    accept(source, data)
    seal_now(source)
    for number, pattern in enumerate(random_patterns(data, 67)):
        query, options, wanted = as_query(pattern, number % 3 if pattern.isascii() else 0)
        request = Request((source,), parse(query))
        hits = [batch.record(row) for _, batch, row in each_match(request)]
        assert grep(b"".join(hits), wanted, *options) == grep(data, wanted, *options), query
        is_hit = re.compile(
            wanted if "-E" in options else re.escape(wanted), re.IGNORECASE * ("-i" in options)
        )
        assert all(map(is_hit.search, hits)), query


def as_query(pattern: bytes, kind: int) -> tuple[str, list[str], bytes]:
    """Return a query, and the options and the pattern with which grep finds the same lines."""
    text = "".join(f"\\x{byte:02x}" for byte in pattern)
    if kind == 0:
        return f'"{text}"', ["-F"], pattern
    if kind == 1:
        return f'i:"{text}"', ["-F", "-i"], pattern
    escaped = re.sub(r"([][.{}()*+?^$|\\])", r"\\\1", pattern.decode())
    regex = re.sub("[0-9]", "[0-9]", escaped)
    return "re:" + quote_regex(regex), ["-E"], regex.encode()


def test_a_record_whose_clock_went_back_says_how_far(source):
    times = ("10:00:00", "10:05:00", "10:04:30", "09:00:00", "09:00:01")
    accept(source, b"".join(b"2026-11-21 %s INFO a: x\n" % time.encode() for time in times))
    for _ in range(2):
        page = search(Request((source,), parse("")), limit=10, newest_first=False)
        back = {hit.raw.split()[1]: hit.clock_back_ns / 1e9 for hit in page.hits}
        assert back == {time: 3870.0 if time == "09:00:00" else 0 for time in times}
        seal_now(source)
