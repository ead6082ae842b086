"""Work in threads and in processes: results in order, and what goes wrong comes out."""

from __future__ import annotations

import io
import subprocess
import sys
from itertools import count, islice

import pytest

from logzip import CorruptSegment, Segment, compress_stream
from logzip.ordered import in_order


def stamped(n: int) -> bytes:
    """Return some lines of a log."""
    line = b"2026-11-21 10:%02d:%02d INFO worker %d took %d ms\n"
    return b"".join(line % (i // 60 % 60, i % 60, i % 7, i * i % 997) for i in range(n))


def negated(number: int) -> int:
    """Return the number negated; not of 3."""
    if number == 3:
        raise CorruptSegment("three")
    return -number


# A pool whose processes die as those out of memory do; alone, so that no test dies with it.
KILLED = """
import os, signal
from logzip import LogzipError
from logzip.ordered import in_order
def die(number):
    os.kill(os.getpid(), signal.SIGKILL)
try:
    list(in_order(die, iter((1, 2, 3)), 2, processes=True))
except LogzipError as error:
    print(error)
"""


@pytest.mark.parametrize("processes", [False, True])
@pytest.mark.parametrize("threads", [1, 2])
def test_results_come_in_the_order_of_the_items(threads, processes):
    found = in_order(negated, iter((4, 5, 6, 7, 8)), threads, processes=processes)
    assert list(found) == [-4, -5, -6, -7, -8]


@pytest.mark.parametrize("processes", [False, True])
def test_an_error_comes_after_the_results_before_it(processes):
    found = in_order(negated, iter((1, 2, 3, 4)), 2, processes=processes)
    assert list(islice(found, 2)) == [-1, -2]
    with pytest.raises(CorruptSegment, match="three"):
        next(found)


def test_a_killed_process_is_an_error_and_no_hang():
    done = subprocess.run(
        [sys.executable, "-c", KILLED], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "a process at work on a block was killed\n"


def test_no_more_items_are_taken_than_are_worked_on():
    taken = count()
    found = in_order(negated, (10 + next(taken) for _ in range(100)), 2)
    next(found)
    assert next(taken) <= 5


def test_processes_write_the_same_bytes(monkeypatch):
    monkeypatch.setattr("logzip.writer.BLOCK_LINES", 300)
    written = []
    for processes in (False, True):
        out = io.BytesIO()
        info = compress_stream(io.BytesIO(stamped(1500)), out, threads=2, processes=processes)
        assert info.n_blocks == 5
        written.append(out.getvalue())
    assert written[0] == written[1]


def test_a_short_rest_is_no_block_of_its_own(monkeypatch):
    monkeypatch.setattr("logzip.writer.BLOCK_LINES", 300)
    out = io.BytesIO()
    info = compress_stream(io.BytesIO(stamped(640)), out)
    assert [block.n_lines for block in Segment.open(out).blocks] == [300, 340]
    assert info.n_lines == 640
