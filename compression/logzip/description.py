"""What ``logzip info`` prints: a segment as a table or as JSON. Nothing is decoded for it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from logscan.batch import Level

if TYPE_CHECKING:
    from logzip.footer import BlockInfo, SegmentInfo
    from logzip.reader import Segment

SECOND_NS = 1_000_000_000


def describe(segment: Segment, *, as_json: bool) -> str:
    """Return what the footer says of a segment and of its blocks."""
    if as_json:
        blocks = [{"offset": block.offset, **_numbers(block)} for block in segment.blocks]
        whole = {"file": segment.name, "version": segment.info.version}
        whole |= {"blocks": segment.info.n_blocks, "raw_kept_blocks": segment.info.raw_blocks}
        return json.dumps({**whole, **_numbers(segment.info), "block": blocks}) + "\n"
    return _table(segment)


def _numbers(info: BlockInfo | SegmentInfo) -> dict[str, Any]:
    return {
        "records": info.n_records,
        "lines": info.n_lines,
        "raw_bytes": info.raw_bytes,
        "stored_bytes": info.stored_bytes,
        "time_min_ns": info.time_min_ns,
        "time_max_ns": info.time_max_ns,
        "levels": {
            level.name.lower(): info.levels[level] for level in Level if info.levels[level]
        },
    }


def _table(segment: Segment) -> str:
    info = segment.info
    ratio = info.raw_bytes / info.stored_bytes
    levels = ", ".join(
        f"{info.levels[level]:,} {level.name.lower()}" for level in Level if info.levels[level]
    )
    rows = {
        "file": segment.name,
        "format version": str(info.version),
        "blocks": f"{info.n_blocks:,}, {info.raw_blocks:,} of them kept as they were",
        "records": f"{info.n_records:,} in {info.n_lines:,} lines",
        "bytes": f"{info.raw_bytes:,} in {info.stored_bytes:,}, {ratio:.2f} to 1",
        "levels": levels or "none",
        "times": f"{_time(info.time_min_ns)} to {_time(info.time_max_ns)}",
    }
    return "".join(f"{name:15} {text}\n" for name, text in rows.items())


def _time(time_ns: int) -> str:
    seconds, rest = divmod(time_ns, SECOND_NS)
    if not -62_000_000_000 < seconds < 253_000_000_000:  # what a date can tell
        return f"{time_ns} ns"
    return f"{datetime.fromtimestamp(seconds, tz=UTC):%Y-%m-%dT%H:%M:%S}.{rest:09d}Z"
