"""Which format a sample has, and patterns and names that are refused."""

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logscan import (
    HEADER_FORMATS,
    HeaderFormat,
    UnknownFormat,
    detect,
    detect_format,
    find_fields,
    header_format,
    render,
    scan,
    span_values,
)


def test_one_odd_line_does_not_flip_detection() -> None:
    lines = [b"17/06/09 20:10:40 INFO a.B: x\n"] * 50
    assert detect_format(b"".join(lines)).name == "log4j_short"
    for odd in (
        b"\x00\xff\n",
        b"Jun  9 06:06:20 combo su: x\n",
        b"{}\n",
        b"17/06/09 20:10:40\n",
    ):
        for place in (0, 25, 50):
            assert detect_format(b"".join([*lines[:place], odd, *lines[place:]])).name == (
                "log4j_short"
            )


@pytest.mark.parametrize("sample", [b"", b"\n\n", b"some words\nmore words\n", b"\x00" * 5000])
def test_text_without_headers_has_the_format_none(sample: bytes) -> None:
    assert detect_format(sample).name == "none"


def test_a_sample_cut_inside_a_line_is_detected() -> None:
    assert detect_format(b"17/06/09 20:10:40 INFO a.B: x\n17/06").name == "log4j_short"
    assert detect_format(b"17/06/09 20:10:40 INFO a.B: x").name == "log4j_short"


@pytest.mark.parametrize(
    ("pattern", "cause"),
    [
        ("<time>", "needs a format at 6"),
        ("<time:%Q>", "unknown directive %Q at 8"),
        ("<level", "unexpected end at 6"),
        ("{a", "unexpected end at 2"),
        ("<level:loud>", "unknown kind of level"),
        ("<words:3> <message>", "needs a <level>"),
        ("<time:%H><time:%H>", "a second <time>"),
        ("{" * 9 + "a" + "}" * 9, "nest deeper"),
        ("<a b>", "is no field name"),
        ("<a:loud>", "unknown kind of field"),
    ],
)
def test_a_pattern_that_cannot_be_read_is_refused_with_its_place(
    pattern: str, cause: str
) -> None:
    with pytest.raises(UnknownFormat, match=cause):
        HeaderFormat("mine", pattern)


def test_an_unknown_name_lists_the_known_ones() -> None:
    assert header_format("iso") is HEADER_FORMATS["iso"]
    with pytest.raises(UnknownFormat, match="'isso'; there are json, audit, logfmt"):
        header_format("isso")


def test_detection_says_how_sure_it_is() -> None:
    good, odd = b"17/06/09 20:10:40 INFO a.B: x\n", b"some words\n"
    found = detect(good * 90 + odd * 10)
    assert (found.format.name, found.lines, found.matched) == ("log4j_short", 100, 90)
    assert found.confidence == 0.9
    unsure = detect(good * 20 + odd * 80)
    assert unsure.format.name == "none"
    assert unsure.others[0] == ("log4j_short", 20)
    assert unsure.confidence == 0.8
    assert detect(b"").confidence == 0.0


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        (b"%d/11/2026 10:00:01 [INFO] x\n", "date_eu"),  # one of these days is past the 12th
        (b"11/%d/2026 10:00:01 [INFO] x\n", "date_us"),
        (b"%d/5/2026 9:05:03 PM x\n", "date_us"),  # nothing tells: AM and PM are American
    ],
)
def test_which_number_is_the_day_is_told_by_all_lines(lines: bytes, name: str) -> None:
    days = range(1, 9) if b"PM" in lines else range(1, 25)
    assert detect_format(b"".join(lines % day for day in days)).name == name


def test_a_bracket_that_is_no_level_stays_whole() -> None:
    data = b"2026-11-21 10:00:01 [worker one] late\n"
    batch = scan(data, header=HEADER_FORMATS["iso"], received_ns=0)
    assert batch.structures[0].message_text(b"") == b"late"
    (field,) = find_fields(batch, 0)
    assert list(span_values(batch, 0, field.span, batch.rows(0))) == [b"worker one"]


def test_no_pattern_is_compiled_before_it_is_used() -> None:
    program = (
        "import logscan; from logscan.header import compile_pattern;"
        "print(compile_pattern.cache_info().currsize)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert done.stdout == b"0\n"


def test_traces_do_not_count_against_a_format() -> None:
    data = (b"17/06/09 20:10:40 ERROR a.B: x\n" + b"\tat a.B.c(B.java:5)\n" * 9) * 10
    assert detect(data).confidence == 1.0


PIECES = st.sampled_from(
    [
        *("<", ">", "{", "|", "}", "*", ":", "\\", " ", "[", "]", "%", "x", "é", "<a>", "<b*>"),
        *("<c:digits>", "<time:%Y-%m-%d>", "<time:{%H|%s}%f>", "<level>", "<level:letter>"),
        *("<words:3>", "<message>", "<json:%s>", "<logfmt:%Y>", "<priority>", "<_>"),
        "<component:dotted>",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, max_size=14).map("".join), st.binary(max_size=60))
def test_any_pattern_is_refused_or_reads_any_bytes(pattern: str, data: bytes) -> None:
    try:
        header = HeaderFormat("mine", pattern)
    except UnknownFormat:
        return
    lines = data + b"\n" + b'x 2026-11-21 a[1] INFO: {"a":1} k=v 1795262401\n'
    assert render(scan(lines, header=header, received_ns=0)) == lines


@pytest.mark.parametrize(
    "pattern", ["{" * 400, "a\nb", "\ud800", "<words:x><level>", "<words:²><level>"]
)
def test_patterns_that_nobody_writes_are_refused(pattern: str) -> None:
    with pytest.raises(UnknownFormat):
        HeaderFormat("mine", pattern)
