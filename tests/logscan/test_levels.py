"""Levels that stand elsewhere than in a header's level field."""

from __future__ import annotations

import pytest

from logscan import Level, TimeOrigin, detect_format, scan

JAVA = (
    b"Nov 21, 2026 10:00:00 AM com.example.App main\n%b: Started on port 5\n"
    b"java.lang.IllegalStateException: x\n\tat a.b.C.d(C.java:5)\n"
)


@pytest.mark.parametrize(
    ("word", "level"),
    [
        (b"SEVERE", Level.ERROR),
        (b"WARNING", Level.WARN),
        (b"INFO", Level.INFO),
        (b"CONFIG", Level.DEBUG),
        (b"FINE", Level.DEBUG),
        (b"FINER", Level.DEBUG),
        (b"FINEST", Level.TRACE),
        (b"DONE", Level.NONE),
    ],
)
def test_java_util_logging_has_its_level_in_the_second_line(word: bytes, level: Level) -> None:
    data = JAVA % word + JAVA % b"INFO"
    batch = scan(data, header=detect_format(data), received_ns=0)
    assert batch.level.tolist() == [level, Level.INFO]
    assert batch.lines.tolist() == [4, 4]


def test_a_second_line_gives_no_level_to_a_record_with_a_message() -> None:
    data = b"2026-11-21 10:00:00 Up\nERROR: no\n2026-11-21 10:00:01 Down\n"
    batch = scan(data, header=detect_format(data), received_ns=0)
    assert batch.level.tolist() == [Level.NONE, Level.NONE]


@pytest.mark.parametrize(
    ("letter", "level"),
    [
        (b"F", Level.FATAL),
        (b"E", Level.ERROR),
        (b"W", Level.WARN),
        (b"I", Level.INFO),
        (b"D", Level.DEBUG),
        (b"D5", Level.DEBUG),
        (b"Ix", Level.NONE),
        (b"hello", Level.NONE),
    ],
)
def test_mongodb_has_a_letter_for_level_and_its_time_one_level_down(
    letter: bytes, level: Level
) -> None:
    line = (
        b'{"t":{"$date":"2020-05-20T19:18:40.604+00:00"},"s":"%b","c":"NETWORK","id":22943,'
        b'"ctx":"listener","msg":"Connection accepted","attr":{"s":"E","n":3}}\n'
    )
    batch = scan(line % letter, header=detect_format(line % b"I"), received_ns=0)
    assert batch.level.tolist() == [level]
    assert batch.time_origin.tolist() == [TimeOrigin.HEADER]
    assert batch.time_ns.tolist() == [1_590_002_320_604_000_000]
