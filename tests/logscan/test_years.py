"""Timestamps without a year get the one that the order of the lines tells."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logscan import HEADER_FORMATS, scan

RECEIVED = datetime(2026, 11, 21, 12, tzinfo=UTC)


def scanned(moments, name="syslog", layout="%b %d %H:%M:%S"):
    """Return the times that a scan reads of lines with these times, written without a year."""
    lines = "".join(f"{moment.strftime(layout)} host su[1]: x\n" for moment in moments)
    received_ns = int(RECEIVED.timestamp()) * 10**9
    batch = scan(lines.encode(), header=HEADER_FORMATS[name], received_ns=received_ns)
    return [datetime.fromtimestamp(time / 1e9, UTC) for time in batch.time_ns.tolist()]


def day(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_log_that_reaches_over_the_day_of_receipt_is_not_torn_in_two():
    start = day("2025-06-09T06:06:20")
    moments = [start + timedelta(days=2.5 * n) for n in range(105)]
    assert moments[-1] < day("2026-03-01")
    assert scanned(moments) == moments


@given(
    last=st.integers(0, 360),
    gaps=st.lists(st.floats(0, 180), max_size=40),
)
def test_years_of_rising_times_are_found_over_any_number_of_turns(last, gaps):
    moments = [RECEIVED.replace(microsecond=0) - timedelta(days=last)]
    for gap in gaps:
        moments.insert(0, (moments[0] - timedelta(days=gap)).replace(microsecond=0))
    moments = [moment for moment in moments if (moment.month, moment.day) != (2, 29)]
    if all(b - a < timedelta(days=182) for a, b in pairwise(moments)):
        assert scanned(moments) == moments


def test_files_put_together_keep_their_year():
    once = [day("2026-01-05") + timedelta(days=n) for n in range(90)]
    assert scanned(once + once) == once + once


def test_lines_between_go_along_with_the_one_before():
    data = b"Dec 30 10:00:00 host su: a\nno header\nNov 20 10:00:00 host su: b\nno header\n"
    batch = scan(
        b"Nov 25 10:00:00 host su: z\n" + data,
        header=HEADER_FORMATS["syslog"],
        received_ns=int(RECEIVED.timestamp()) * 10**9,
    )
    found = batch.time_ns.astype("M8[ns]").astype("M8[D]").astype(str)
    assert sorted(set(found.tolist())) == ["2025-11-25", "2025-12-30", "2026-11-20"]
    assert (np.diff(batch.time_ns) >= 0).all()


def test_leap_day_stays_one():
    moments = [day("2024-02-29"), day("2025-11-22"), day("2025-11-24")]
    found = scanned(moments)
    assert (found[0].month, found[0].day) == (2, 29)
    assert found[1:] == moments[1:]


@pytest.mark.parametrize("first", ["2026-11-01", "1970-01-01"])
def test_years_that_are_written_are_believed(first):
    moments = [day("2026-11-20"), day(first), day("2026-11-20")]
    assert scanned(moments, "iso", "%Y-%m-%dT%H:%M:%S") == moments
