"""The bound on a block's structures: the same bytes, the rarest as free text."""

import numpy as np
import pytest

from logscan import HEADER_FORMATS, SlotKind, render, scan
from logzip import overflow
from logzip.cluster import cluster
from logzip.conditions import Text
from logzip.search import match

LOG4J = HEADER_FORMATS["log4j_short"]
LIMIT = 300


def log_of_rare_structures(n, header=b"17/06/09 20:10:%02d %s a.B: "):
    """Return lines of which half are one structure and half are each their own."""
    rng = np.random.default_rng(2)
    lines = []
    for number in range(n):
        head = header % (number % 60, (b"INFO", b"WARN")[number % 2])
        words = rng.integers(97, 123, (4, 5), dtype=np.uint8)
        odd = b" ".join(word.tobytes() for word in words) + b" %d ,%d" % (number, number % 3)
        lines.append(head + (odd if number % 4 > 1 else b"took %d ms" % number))
    return b"\n".join(lines) + b"\n"


def test_the_rarest_structures_become_one_text_for_each_header():
    text = log_of_rare_structures(2000)
    batch = scan(text, header=LOG4J, received_ns=0)
    assert len(batch.structures) > LIMIT

    limited, new = overflow.limit_structures(batch, LIMIT)

    assert render(limited) == text
    assert len(limited.structures) <= LIMIT
    assert new[batch.structure].tolist() == limited.structure.tolist()
    free = [i for i, each in enumerate(limited.structures) if SlotKind.TEXT in each.kinds]
    assert [limited.structures[i].text() for i in free] == [
        b"<*> INFO a.B: <*>\n",
        b"<*> WARN a.B: <*>\n",
    ]
    for structure in free:
        each = limited.structures[structure]
        assert each.message_text() == b"<*>"
        assert each.kinds == (SlotKind.TIME, SlotKind.TEXT)
        assert len(set(limited.level[limited.rows(structure)])) == 1
    counted = sum(len(limited.rows(structure)) for structure in free)
    assert counted > 700
    assert match(limited, Text(b" ,2")).tolist() == match(batch, Text(b" ,2")).tolist()


def test_messages_inside_of_a_record_become_text_in_their_place():
    lines = [
        b'{"level":"info","msg":"%s went %d","id":"x%d"}\n'
        % (bytes([97 + n % 26]) * (n // 26 + 1), n, n)
        for n in range(400)
    ]
    text = b"".join(lines)
    batch = scan(text, header=HEADER_FORMATS["json"], received_ns=0)

    limited, _ = overflow.limit_structures(batch, LIMIT)

    assert render(limited) == text
    assert len(limited.structures) <= LIMIT


def test_whole_records_become_text_where_the_headers_differ_too():
    text = b"".join(
        b"17/06/09 20:10:40 INFO %s: one %s\n" % (bytes([97 + n % 26]) * (n // 26 + 1), word)
        for n in range(900)
        for word in (b"a", b"b,")
    )
    batch = scan(text, header=LOG4J, received_ns=0)

    limited, _ = overflow.limit_structures(batch, LIMIT)

    assert render(limited) == text
    assert len(limited.structures) <= LIMIT
    assert limited.structures[len(limited.structures) - 1].text() == b"<*>"


def test_a_batch_within_the_limit_is_left_alone():
    batch = scan(log_of_rare_structures(100), header=LOG4J, received_ns=0)

    assert overflow.limit_structures(batch, 10_000)[0] is batch


@pytest.mark.parametrize("has_groups", [False, True])
def test_clustering_limits_structures_unless_its_caller_groups_them(has_groups):
    rng = np.random.default_rng(4)
    gaps = [bytes([byte]) for byte in b" ,;=()[]{}<>"]
    lines = [
        b"".join(b"w" + gaps[gap] for gap in rng.integers(0, len(gaps), 8))
        for _ in range(overflow.MAX_STRUCTURES + 500)
    ]
    text = b"\n".join(lines) + b"\n"
    batch = scan(text, header=HEADER_FORMATS["none"], received_ns=0)
    groups = np.zeros(len(batch.structures), np.int32) if has_groups else None

    merged, new = cluster(batch, groups)

    assert render(merged) == text
    assert new[batch.structure].tolist() == merged.structure.tolist()
    assert (len(merged.structures) > overflow.MAX_STRUCTURES) == has_groups
