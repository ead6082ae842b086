"""Parts of patterns among values whose digits lie in columns of their own."""

from __future__ import annotations

import io

import numpy as np
import pytest

from logscan import HEADER_FORMATS, scan
from logzip.conditions import Text
from logzip.reader import Segment
from logzip.search import match
from logzip.writer import SegmentWriter


def value_of(draw: np.random.Generator, row: int) -> str:
    """Return a value with digits in it, points and letters around them."""
    a, b, c, d = draw.integers(300, size=4).tolist()
    return (
        f"10.{a}.{b}.{c}",
        f"{a}.{d:03d}ms",
        f"v{a % 5}.{b % 3}.{c}-rc{d}",
        f"users/{a}/{b}.5/",
        f".{a}.x{b}.",
        f"{10**24 + a * 10**9}{b}k",
        f"{a}..{b}.{c}..",
        f"conn={row}",
        f"{int(draw.integers(1 << 62)):016x}",
    )[row % 9]


@pytest.mark.parametrize("kinds", [9, 1], ids=["in one column", "in columns of their own"])
def test_every_stretch_of_a_value_finds_the_values_that_hold_it(kinds):
    draw = np.random.default_rng(3)
    values = [value_of(draw, row) for row in range(1800)]
    words = [f"kind{row % 9}" if kinds == 1 else "value" for row in range(1800)]
    lines = [f"{word} <{value}> end" for word, value in zip(words, values, strict=True)]
    batch = scan("\n".join([*lines, ""]).encode(), header=HEADER_FORMATS["none"], received_ns=0)
    out = io.BytesIO()
    writer = SegmentWriter(out)
    writer.add(batch)
    writer.close()
    segment = Segment.open(out)
    for row in draw.choice(1800, 90, replace=False).tolist():
        low = int(draw.integers(len(values[row])))
        text = f"<{values[row]}>"[low : low + int(draw.integers(2, 16))]
        found = match(segment.block(0), Text(text.encode()))
        assert found.tolist() == [text in line for line in lines], text


@pytest.mark.parametrize(
    "text", ["10.7.7.7777", "<1.2.3.4>", "10.999", "conn=999999", "v9.9.9-"]
)
def test_what_no_value_holds_is_not_found(text):
    draw = np.random.default_rng(4)
    lines = [f"from <{value_of(draw, row)}> end" for row in range(900)]
    batch = scan("\n".join([*lines, ""]).encode(), header=HEADER_FORMATS["none"], received_ns=0)
    out = io.BytesIO()
    writer = SegmentWriter(out)
    writer.add(batch)
    writer.close()
    assert not match(Segment.open(out).block(0), Text(text.encode())).any()
