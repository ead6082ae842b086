"""Batches put one after the other keep every record as it was."""

from __future__ import annotations

import numpy as np
import pytest

from logscan import HEADER_FORMATS, scan
from logscan.joining import join_batches

ISO = HEADER_FORMATS["iso"]
FIRST = b"2026-01-02 03:04:05 INFO web: took 12 ms\n2026-01-02 03:04:06 WARN db: slow\n"
SECOND = (
    b"2026-01-02 03:04:07 INFO db: took 7 ms\nfree text 1\n2026-01-02 03:04:09 ERROR x: 1 2\n"
)


def scanned(data):
    return scan(data, header=ISO, received_ns=5)


def test_records_stand_one_after_the_other():
    parts = [scanned(FIRST), scanned(SECOND), scanned(FIRST)]
    joined = join_batches(parts)
    assert b"".join(joined.record(row) for row in range(len(joined))) == FIRST + SECOND + FIRST
    for name in ("time_ns", "time_origin", "level", "lines"):
        expected = np.concatenate([getattr(part, name) for part in parts])
        assert getattr(joined, name).tolist() == expected.tolist()


def test_structures_and_components_are_there_once():
    joined = join_batches([scanned(FIRST), scanned(SECOND), scanned(FIRST)])
    assert len(set(joined.structures.hash.tolist())) == len(joined.structures)
    assert len(set(joined.components)) == len(joined.components)
    whole = scanned(FIRST + SECOND + FIRST)
    names = [
        [batch.components[at] if at >= 0 else None for at in batch.component.tolist()]
        for batch in (joined, whole)
    ]
    assert names[0] == names[1]
    assert set(joined.structures.hash.tolist()) == set(whole.structures.hash.tolist())


def test_batches_of_two_formats_are_refused():
    other = scan(b"plain\n", header=HEADER_FORMATS["none"], received_ns=5)
    with pytest.raises(ValueError, match="time formats"):
        join_batches([scanned(FIRST), other])
