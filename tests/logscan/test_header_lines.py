"""Each header format on lines as the programs write them, and on lines that are damaged."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logscan import (
    HEADER_FORMATS,
    Level,
    TimeOrigin,
    detect_format,
    find_fields,
    render,
    scan,
    span_values,
)
from tests.logscan_lines import ALL, Lines

RECEIVED_NS = 1_795_348_800 * 10**9  # 2026-11-22T12:00:00Z


def nanoseconds(time: str) -> int:
    seconds, _, fraction = time.partition(".")
    whole = datetime.fromisoformat(seconds).replace(tzinfo=UTC).timestamp()
    return int(whole) * 10**9 + int(fraction.ljust(9, "0") if fraction else 0)


@pytest.mark.parametrize("lines", ALL, ids=lambda lines: lines.name)
def test_a_line_says_what_its_format_knows(lines: Lines) -> None:
    data = lines.text.encode() + b"\n"
    batch = scan(data, header=HEADER_FORMATS[lines.name], received_ns=RECEIVED_NS)
    assert len(batch) == 1
    assert Level(int(batch.level[0])) is lines.level
    has_time = batch.time_origin[0] == TimeOrigin.HEADER
    assert has_time == bool(lines.time)
    if has_time:
        assert int(batch.time_ns[0]) == nanoseconds(lines.time)
    component = int(batch.component[0])
    assert (batch.components[component].decode() if component >= 0 else None) == lines.component
    structure = batch.structures[0]
    message = structure.message_text(b"\0")
    for slot in structure.message_slots():
        message = message.replace(b"\0", batch.column(0, slot)[0], 1)
    assert message.decode() == lines.message


@pytest.mark.parametrize("lines", ALL, ids=lambda lines: lines.name)
def test_a_format_is_detected_and_no_odd_line_flips_it(lines: Lines) -> None:
    good = lines.text.encode() + b"\n"
    assert detect_format(good * 20).name == lines.name
    for odd in (b"\x00\xff\n", b"{}\n", b"2026-11-21 10:00:01 x\n", b"\n", b"ERROR: x\n"):
        assert detect_format(good * 10 + odd + good * 10).name == lines.name


def test_every_format_has_its_lines() -> None:
    assert {lines.name for lines in ALL} == set(HEADER_FORMATS) - {"none"}


DAMAGED = st.tuples(
    st.sampled_from(ALL),
    st.integers(0, 120),
    st.binary(max_size=6),
    st.integers(0, 3),
    st.sampled_from([b"\n", b"\r\n", b""]),
)


@settings(max_examples=120, deadline=None)
@given(st.lists(DAMAGED, min_size=1, max_size=8), st.sampled_from(sorted(HEADER_FORMATS)))
def test_damaged_lines_come_back_byte_by_byte_under_every_format(damaged, name: str) -> None:
    parts = []
    for lines, at, junk, dropped, end in damaged:
        text = lines.text.encode()
        parts.append(text[:at] + junk + text[at + dropped :] + end)
    data = b"".join(parts)
    for header in (HEADER_FORMATS[name], detect_format(data)):
        batch = scan(data, header=header, received_ns=RECEIVED_NS)
        assert render(batch) == data
        assert np.all(batch.level <= Level.FATAL)
        for index in range(len(batch.structures)):
            row = int(batch.rows(index)[0])
            for field in find_fields(batch, index):
                value = span_values(batch, index, field.span, np.array([row]))[0]
                assert value in batch.record(row)
