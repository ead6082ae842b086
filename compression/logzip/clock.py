"""The timestamps of a block's records: their spelling, found once and rendered from the times.

The times themselves are numbers of the block's context (`logzip.context`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from logscan.batch import SlotColumn
from logzip._plan import ColumnPlan, IntPlan
from logzip._times import DIRECTIVES, SIZES, differing, render_times
from logzip.codecs import decode_column, encode_column
from logzip.format import MAX_RECORDS, unzigzag, zigzag
from logzip.ints import decode_ints, encode_ints

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from logzip._plan import ByteReader
    from logzip.runs import StreamReader, StreamWriter

    Times = NDArray[np.int64]

LITERAL, FRACTION = 0, DIRECTIVES["%f"]
MAX_OPS = 128
MAX_OFFSET_S = 2 * 86400
# More odd timestamps than this share, and a plain column is smaller.
MAX_EXCEPTIONS = 1 / 8
_SPELLING = {
    "%Y": rb"\d{4}", "%y": rb"\d\d", "%m": rb"\d\d", "%b": rb"[A-Za-z]{3}", "%d": rb"\d\d",
    "%e": rb"[ \d]\d", "%a": rb"[A-Za-z]{3}", "%H": rb"\d\d", "%M": rb"\d\d", "%S": rb"\d\d",
    "%f": rb"\d{1,9}", "%s": rb"\d{10}", "%z": rb"Z|[+-]\d\d:?\d\d", "%Z": rb"[A-Za-z]+",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Layout:
    """How the timestamps of a block are spelled.

    ``ops`` are pairs of a directive and its argument: the byte of a literal, the digits of a
    fraction. ``offset_s`` is local time less UTC.
    """

    ops: tuple[tuple[int, int], ...]
    offset_s: int

    @property
    def size(self) -> int:
        """The bytes of one timestamp."""
        return sum(
            1 if code == LITERAL else argument if code == FRACTION else SIZES[code]
            for code, argument in self.ops
        )

    def render(self, times: Times) -> bytes:
        """Return the timestamps, joined."""
        return render_times(
            times, self.offset_s, np.array(self.ops, dtype=np.uint8).reshape(-1, 2), self.size
        )


@lru_cache(maxsize=64)
def _pattern(time_format: str) -> tuple[re.Pattern[bytes], tuple[str, ...]]:
    """Turn a header's time format into an expression with a group for each directive."""
    parts: list[bytes] = []
    names: list[str] = []
    at = 0
    while at < len(time_format):
        char = time_format[at]
        size = 1
        if char == "%":
            name = time_format[at : at + 2]
            names.append(name)
            parts.append(b"(" + _SPELLING.get(name, rb"\S+") + b")")
            size = 2
        elif char in "{|}":
            parts.append({"{": b"(?:", "|": b"|", "}": b")?"}[char])
        elif char == "[":
            end = time_format.index("]", at)
            members = time_format[at + 1 : end].encode()
            parts.append(b"[" + re.escape(members) + b"]")
            size = end + 1 - at
        elif char == " ":
            parts.append(b"[ \t]")
        else:
            size = 2 if char == "\\" else 1
            parts.append(re.escape(time_format[at + size - 1 : at + size].encode()))
        at += size
    return re.compile(b"".join(parts), re.DOTALL), tuple(names)


def find_layout(time_format: str, text: bytes) -> Layout | None:
    """Return the layout in which ``text`` is spelled, if it has the format."""
    pattern, names = _pattern(time_format)
    found = pattern.fullmatch(text)
    if found is None or len(text) > MAX_OPS:
        return None
    ops: list[tuple[int, int]] = []
    offset_s = at = 0
    for group, name in enumerate(names, start=1):
        low, high = found.span(group)
        if low < 0 or name == "%Z":
            continue
        if name == "%z":
            offset_s = _offset(found.group(group))
            continue
        ops += [(LITERAL, byte) for byte in text[at:low]]
        ops.append((DIRECTIVES[name], high - low))
        at = high
    ops += [(LITERAL, byte) for byte in text[at:]]
    return Layout(tuple(ops), offset_s)


def _offset(zone: bytes) -> int:
    if zone == b"Z":
        return 0
    seconds = int(zone[1:3]) * 3600 + int(zone[-2:]) * 60
    return -seconds if zone[:1] == b"-" else seconds


def encode_clock(values: SlotColumn, times: Times, time_format: str, out: StreamWriter) -> bool:
    """Append the timestamps ``values``; ``False`` where they can't be rendered from times."""
    n = len(values)
    best: tuple[Layout, NDArray[np.int64]] | None = None
    for index in sorted({0, n // 2, n - 1}):
        layout = find_layout(time_format, values[index])
        if layout is None:
            continue
        text = layout.render(times)
        odd = differing(values.buffer, values.start, values.end, text, layout.size)
        if best is None or len(odd) < len(best[1]):
            best = (layout, odd)
        if not len(odd):
            break
    if best is None or len(best[1]) > n * MAX_EXCEPTIONS:
        return False
    layout, odd = best
    out.varint(len(layout.ops))
    for code, argument in layout.ops:
        out.plan += bytes((code, argument))
    out.varint(zigzag(layout.offset_s))
    out.varint(len(odd))
    encode_ints(odd.view(np.uint64), out)
    encode_column(SlotColumn(values.buffer, values.start[odd], values.end[odd]), out)
    return True


class ClockPlan:
    """How to render a block's timestamps, read from its plan."""

    __slots__ = ("layout", "n_odd", "next_stream", "odd_rows", "odd_values")

    def __init__(self, plan: ByteReader, first_stream: int) -> None:
        ops = [(plan.byte(), plan.byte()) for _ in range(plan.varint(MAX_OPS))]
        for code, argument in ops:
            if code > max(DIRECTIVES.values()) or (code == FRACTION and not 1 <= argument <= 9):
                raise ValueError(f"unknown time directive {code}")
        offset_s = unzigzag(plan.varint())
        if abs(offset_s) > MAX_OFFSET_S:
            raise ValueError(f"a time zone {offset_s} s from UTC")
        self.layout = Layout(tuple(ops), offset_s)
        self.n_odd = plan.varint(MAX_RECORDS)
        self.odd_rows = IntPlan(plan, first_stream)
        self.odd_values = ColumnPlan(plan, self.odd_rows.next_stream)
        self.next_stream = self.odd_values.next_stream


def decode_clock(
    plan: ClockPlan,
    times: Times,
    streams: StreamReader,
    places: NDArray[np.int64] | None = None,
) -> SlotColumn:
    """Return the timestamps of the records whose times are ``times``, or some of these."""
    n, size = len(times), plan.layout.size
    if places is not None and not plan.n_odd:
        text = plan.layout.render(np.ascontiguousarray(times[places]))
        start = np.arange(len(places), dtype=np.int64) * size
        return SlotColumn(text, start, start + size)
    if plan.n_odd > n:
        raise ValueError("more odd timestamps than timestamps")
    text = plan.layout.render(np.ascontiguousarray(times))
    start = np.arange(n, dtype=np.int64) * size
    end = start + size
    if plan.n_odd:
        rows = decode_ints(plan.odd_rows, plan.n_odd, streams)
        if int(rows.max()) >= n:
            raise ValueError("an odd timestamp is past the last record")
        odd = decode_column(plan.odd_values, plan.n_odd, streams)
        start[rows.astype(np.int64)] = odd.start + len(text)
        end[rows.astype(np.int64)] = odd.end + len(text)
        text += odd.buffer
    if places is not None:
        start, end = start[places], end[places]
    return SlotColumn(text, start, end)
