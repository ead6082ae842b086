"""Conditions on records: the same answer as on the records' text, in a batch and in a block."""

import io
import re

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from logscan import HEADER_FORMATS, Level, Span, scan
from logzip.cluster import cluster
from logzip.conditions import (
    And,
    ComponentIn,
    LevelIn,
    Not,
    Or,
    Regex,
    StructureIn,
    Text,
    TimeRange,
    Variable,
    required_literals,
)
from logzip.errors import BadPattern, LogzipError
from logzip.pruning import can_match, must_match
from logzip.reader import Segment
from logzip.search import match
from logzip.writer import SegmentWriter

NONE = HEADER_FORMATS["none"]
LOG4J = HEADER_FORMATS["log4j_short"]
TRACE = b"\n\tat java.lang.Thread.run(Thread.java:748)\nCaused by: java.io.IOException: pipe 7"

TEXTS = st.sampled_from(
    [
        b"user alice logged in from 10.0.0.1 port 22",
        b"user bob logged in from 10.0.0.17 port 2222",
        b"user x1 logged out",
        b'GET /a/b?c=1&d=22 HTTP/1.1" 200 512',
        b"took 15.794ms, id=fe24ef578f024a8f",
        b"block blk_-1608999687919862906 of size 67108864",
        b"retry 3 of 3 in stage 15.0 (TID 17)",
        b"number 123456789012345678901234567890 is long",
        b"a\0b \xff\xfe 5\r",
        b"",
        b"0001 2 3",
    ]
)
HEADS = st.sampled_from(
    [
        b"17/06/09 20:10:40 INFO storage.Blocks: ",
        b"17/06/09 20:10:41 WARN storage.Blocks: ",
        b"17/06/09 20:11:59 ERROR net.Peer: ",
    ]
)
RECORDS = st.builds(
    lambda head, text, trace: head + text + (TRACE if trace else b"") + b"\n",
    HEADS,
    st.one_of(TEXTS, st.binary(max_size=40).map(lambda raw: raw.replace(b"\n", b" "))),
    st.integers(0, 5).map(lambda n: n == 0),
)
LOGS = st.lists(RECORDS, min_size=1, max_size=60).map(b"".join)


@st.composite
def logs_and_patterns(draw):
    """Return a log and a text that is often, but not always, somewhere in it."""
    log = draw(LOGS)
    if draw(st.integers(0, 4)) == 0:
        return log, draw(st.binary(max_size=6)).replace(b"\n", b" ")
    lines = log.split(b"\n")
    line = lines[draw(st.integers(0, len(lines) - 1))]
    start = draw(st.integers(0, len(line)))
    return log, line[start : start + draw(st.integers(0, 30))]


def scanned(log, header=LOG4J):
    return scan(log, header=header, received_ns=0)


def segment_of(*batches, level="fast"):
    out = io.BytesIO()
    writer = SegmentWriter(out, level=level)
    for batch in batches:
        writer.add(batch)
    writer.close()
    return Segment.open(out)


def records_of(batch):
    return [batch.record(row) for row in range(len(batch))]


def hits_in(records, found):
    return [any(found(line) for line in record.split(b"\n")) for record in records]


@given(logs_and_patterns())
@example((b"17/06/09 20:10:40 INFO a.B: took 15.794ms\n" * 50, b" 15.794ms"))
@example((b"17/06/09 20:10:40 INFO a.B: x" + TRACE + b"\n", b"Thread.java:74"))
def test_text_matches_the_records_with_the_pattern_in_a_line(case):
    log, pattern = case
    batch = scanned(log)
    expected = hits_in(records_of(batch), lambda line: pattern in line)

    assert match(batch, Text(pattern)).tolist() == expected
    assert match(cluster(batch)[0], Text(pattern)).tolist() == expected


@given(logs_and_patterns())
@example((b"17/06/09 20:10:40 INFO a.B: took 15.794ms\n" * 50, b" 15.794ms"))
def test_a_block_gives_the_same_answer_as_the_batch_in_it_and_is_not_ruled_out(case):
    log, pattern = case
    batch = scanned(log)
    segment = segment_of(batch)
    expected = match(batch, Text(pattern)).tolist()

    block = segment.block(0)
    assert match(block, Text(pattern)).tolist() == expected
    if any(expected):
        assert can_match(segment.blocks[0], Text(pattern))
        assert can_match(segment.blocks[0], Text(pattern.upper(), ignore_case=True))
        assert can_match(segment.blocks[0], Regex(re.escape(pattern)))
    block = segment.block(0)
    assert len(block.batch.buffer) >= 0  # with all values decoded
    assert match(block, Text(pattern)).tolist() == expected


@given(logs_and_patterns())
def test_ignoring_case_folds_ascii_letters_only(case):
    log, pattern = case
    pattern = bytes(byte for byte in pattern if byte < 0x80).swapcase()
    batch = scanned(log)
    expected = hits_in(records_of(batch), lambda line: pattern.lower() in line.lower())

    assert match(batch, Text(pattern, ignore_case=True)).tolist() == expected
    block = segment_of(batch).block(0)
    assert match(block, Text(pattern, ignore_case=True)).tolist() == expected


def test_ignoring_case_of_other_letters_is_unicode():
    log = "".join(
        f"17/06/09 20:10:40 INFO a.B: {word} 1\n" for word in ("ÄRGER", "ärger", "arg")
    )
    batch = scanned(log.encode())

    mask = match(batch, Text("Ärger".encode(), ignore_case=True))

    assert mask.tolist() == [True, True, False]


@pytest.mark.parametrize(
    "pattern",
    [
        rb"port \d+$", rb"^17/06/09 20:10:4[01]", rb"alice|bob", rb"retry (\d) of 3", rb"a.b",
        rb"[^a-z]\)$", rb"^\tat ", rb"x*", rb"TID \d{2}\)", rb"size 6\d+", rb"\x41", rb"^$",
        rb"\bin\b",
        rb"20:1+0:4", rb"pipe 7$", rb"(?i)USER", rb"ms, id=[0-9a-f]{16}", rb"GET /a/b\?c=1",
    ],
)  # fmt: skip
def test_regex_matches_the_records_with_a_line_that_it_matches(pattern):
    log = TEXTS_OF_ALL_KINDS
    batch = scanned(log)
    expression = re.compile(pattern)
    ends = [record.removesuffix(b"\n") for record in records_of(batch)]
    expected = hits_in(ends, expression.search)

    assert match(batch, Regex(pattern)).tolist() == expected
    assert match(segment_of(batch).block(0), Regex(pattern)).tolist() == expected


TEXTS_OF_ALL_KINDS = b"".join(
    b"17/06/09 20:1%d:4%d %s a.B: %s%s\n"
    % (n % 3, n % 2, level, text, TRACE if n % 7 == 0 else b"")
    for level in (b"INFO", b"WARN")
    for n, text in enumerate(
        [
            b"user alice logged in from 10.0.0.1 port 22",
            b"user bob logged in (from 10.0.0.17)",
            b"retry 3 of 3 in stage 15.0 (TID 17)",
            b"a\xffb",
            b"size 67108864",
            b'"GET /a/b?c=1"',
            b"took 15.794ms, id=fe24ef578f024a8f",
            b"",
        ]
        * 3
    )
)


def test_a_str_regex_reads_utf8_and_a_bytes_regex_reads_bytes():
    batch = scanned("17/06/09 20:10:40 INFO a.B: <é>\n".encode(), LOG4J)

    assert match(batch, Regex("<.>")).tolist() == [True]
    assert match(batch, Regex(b"<.>")).tolist() == [False]
    assert match(batch, Regex(b"<..>")).tolist() == [True]


@pytest.mark.parametrize("pattern", ["(", "a**", r"(a)\1", "(?=a)", "[z-a]", "a)(b"])
def test_a_regex_that_re2_cannot_read_is_refused(pattern):
    with pytest.raises(BadPattern, match="bad regular expression"):
        Regex(pattern)


def test_a_text_with_a_line_end_is_refused():
    with pytest.raises(BadPattern, match="line end"):
        Text(b"a\nb")


@pytest.mark.parametrize(
    ("pattern", "literals"),
    [
        (b"abc", (b"abc",)),
        (rb"abc+d*ef", (b"abc", b"ef")),
        (rb"(abc)d", (b"d",)),
        (b"ab|cd", ()),
        (rb"(?i)abc", ()),
        (rb"a\.b\d+c", (b"a.b", b"c")),
        (rb"\x41bc", ()),
        (rb"[ab]cd{2,3}e", (b"c", b"e")),
        (rb"^ab?c$", (b"a", b"c")),
        ("é.f".encode(), (b"f",)),
    ],
)
def test_the_literals_that_a_regex_needs_are_found(pattern, literals):
    assert required_literals(Regex(pattern)) == literals


def test_headers_are_compared_as_columns():
    batch = scanned(TEXTS_OF_ALL_KINDS)
    component = batch.components[0]
    middle = int(np.sort(batch.time_ns)[len(batch) // 2])

    assert (match(batch, LevelIn(frozenset({Level.WARN}))) == (batch.level == 4)).all()
    assert match(batch, ComponentIn(frozenset({component}))).all()
    assert not match(batch, ComponentIn(frozenset({b"other"}))).any()
    assert (match(batch, TimeRange(middle, None)) == (batch.time_ns >= middle)).all()
    assert (match(batch, TimeRange(None, middle)) == (batch.time_ns < middle)).all()
    known = int(batch.structures.hash[1])
    assert (match(batch, StructureIn(frozenset({known}))) == (batch.structure == 1)).all()


def test_conditions_combine():
    batch = scanned(TEXTS_OF_ALL_KINDS)
    warn, alice = LevelIn(frozenset({Level.WARN})), Text(b"alice")
    of_warn, of_alice = match(batch, warn), match(batch, alice)

    assert (match(batch, And((alice, warn))) == (of_warn & of_alice)).all()
    assert (match(batch, Or((alice, warn))) == (of_warn | of_alice)).all()
    assert (match(batch, Not(alice)) == ~of_alice).all()
    assert (match(batch, And((Not(warn), Not(Or((alice,)))))) == ~(of_warn | of_alice)).all()
    assert match(batch, And(())).all()
    assert not match(batch, Or(())).any()


def test_a_variable_is_asked_once_for_each_distinct_value():
    log = b"".join(b"17/06/09 20:10:40 INFO a.B: port %d open\n" % (n % 5) for n in range(100))
    batch = scanned(log)
    index = next(i for i, each in enumerate(batch.structures) if b"port" in each.text())
    slot = next(i for i in batch.structures[index].message_slots())
    asked = []

    def is_three(value):
        asked.append(value)
        return value == b"3"

    spans = {int(batch.structures.hash[index]): (Span(2 * slot + 1, 0, 2 * slot + 1, 0),)}
    mask = match(batch, Variable(spans, is_three))

    assert mask.tolist() == [n % 5 == 3 for n in range(100)]
    assert sorted(asked) == [b"0", b"1", b"2", b"3", b"4"]
    assert not match(batch, Variable({1: spans.popitem()[1]}, is_three)).any()


def test_the_footer_rules_blocks_out():
    numbers = [n * 7919 % 10007 for n in range(300)]
    early = scanned(
        b"".join(b"17/06/09 20:10:40 INFO a.B: quick brown fox %d\n" % n for n in numbers)
    )
    late = scanned(
        b"".join(b"17/06/10 20:10:40 ERROR a.B: %d sleeping lazy dogs\n" % n for n in numbers)
    )
    first, second = segment_of(early, late).blocks
    noon = int(early.time_ns[0]) + 3600 * 10**9

    assert can_match(first, Text(b"quick"))
    assert not can_match(second, Text(b"quick"))
    assert not can_match(second, Regex("brown +fox"))
    assert can_match(second, Or((Text(b"quick"), Text(b"lazy"))))
    assert not can_match(second, And((Text(b"quick"), Text(b"lazy"))))
    assert not can_match(second, TimeRange(None, noon))
    assert not can_match(first, TimeRange(noon, None))
    assert not can_match(first, LevelIn(frozenset({Level.ERROR})))
    assert not can_match(first, StructureIn(frozenset({int(late.structures.hash[0])})))
    assert not can_match(first, Variable({int(late.structures.hash[0]): ()}, bool))
    assert must_match(second, LevelIn(frozenset({Level.ERROR})))
    assert must_match(first, TimeRange(None, noon))
    assert not can_match(first, Not(TimeRange(None, noon)))
    assert can_match(first, Not(Text(b"lazy")))
    assert not can_match(first, Not(And((Text(b""), Not(LevelIn(frozenset({Level.ERROR})))))))


@pytest.mark.parametrize("seed", range(3))
def test_random_bytes_are_searched_like_any_other(seed):
    rng = np.random.default_rng(seed)
    data = rng.integers(0, 256, 20000, dtype=np.uint8).tobytes()
    batch = scanned(data, NONE)
    block = segment_of(batch).block(0)
    records = records_of(batch)
    for _ in range(50):
        at = int(rng.integers(0, len(data)))
        pattern = data[at : at + int(rng.integers(1, 6))].split(b"\n")[0]
        expected = [pattern in record for record in records]
        assert match(batch, Text(pattern)).tolist() == expected
        assert match(block, Text(pattern)).tolist() == expected


def test_a_damaged_segment_gives_an_error_or_the_right_answer():
    out = io.BytesIO()
    writer = SegmentWriter(out, level="fast")
    batch = scanned(TEXTS_OF_ALL_KINDS * 3)
    writer.add(batch)
    writer.close()
    data = out.getvalue()
    expected = match(batch, Text(b"17")).tolist()
    rng = np.random.default_rng(6)
    for _ in range(200):
        damaged = bytearray(data)
        damaged[int(rng.integers(len(data)))] ^= 1 << int(rng.integers(8))
        try:
            segment = Segment.open(io.BytesIO(bytes(damaged)))
            found = match(segment.block(0), Text(b"17")).tolist()
        except LogzipError:
            continue
        assert found == expected
