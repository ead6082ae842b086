"""Group commit: everybody's item is written once, and few writes serve many."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from logplatform.logs.group_commit import GroupCommit


def test_items_that_wait_share_a_write():
    groups = []

    def write(items):
        groups.append(list(items))
        time.sleep(0.01)
        return [item * 2 for item in items]

    commit = GroupCommit(write)
    with ThreadPoolExecutor(16) as pool:
        results = list(pool.map(commit.submit, range(160)))
    assert results == [item * 2 for item in range(160)]
    assert sorted(item for group in groups for item in group) == list(range(160))
    assert len(groups) < 80


def test_failure_reaches_everyone_of_its_group_and_no_one_else():
    started, go_on = threading.Event(), threading.Event()

    def write(items):
        started.set()
        go_on.wait(5)
        if "bad" in items:
            raise OSError("no")
        return list(items)

    commit = GroupCommit(write)
    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(commit.submit, "first")
        started.wait(5)
        rest = [pool.submit(commit.submit, item) for item in ("bad", "good")]
        while len(commit._waiting) < 2:
            time.sleep(0.001)
        go_on.set()
        assert first.result() == "first"
        for waiting in rest:
            with pytest.raises(OSError, match="no"):
                waiting.result()
    assert commit.submit("later") == "later"
