"""Times at the edges: RFC 3339 text with nanoseconds <-> integer nanoseconds since 1970 UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FRACTION = re.compile(r"[.,]([0-9]{1,9})[0-9]*")
NS = 1_000_000_000


def parse_time(text: str) -> int:
    """Read an ISO 8601 time or date; one without a zone is UTC.

    Raises
    ------
    ValueError
        Where the text is no such time.
    """
    fraction = _FRACTION.search(text)
    nanoseconds = int(fraction[1].ljust(9, "0")) if fraction else 0
    if fraction:
        text = text[: fraction.start()] + text[fraction.end() :]
    moment = datetime.fromisoformat(text.strip().replace(" ", "T", 1))
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - _EPOCH) // timedelta(seconds=1) * NS + nanoseconds


def format_time(time_ns: int) -> str:
    """Write a time as RFC 3339 in UTC, with as many digits of a second as it needs."""
    seconds, rest = divmod(time_ns, NS)
    text = (_EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")
    fraction = f".{rest:09d}".rstrip("0") if rest else ""
    return f"{text}{fraction}Z"
