"""Iterative clustering: the same bytes in fewer structures, where that saves bytes."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logscan import HEADER_FORMATS, SlotKind, Span, render, scan, structure_hashes
from logscan.spans import span_values
from logzip.cluster import cluster, remap_span

NONE = HEADER_FORMATS["none"]
SHORT = HEADER_FORMATS["log4j_short"]
USERS = [b"alice", b"bob", b"carol", b"dave", b"eve", b"mallory", b"trent", b"victor"]

WORDS = st.sampled_from(
    [b"up", b"down", b"link", b"port", b"/var/log", b"x.", b"a:b", b"7", b"e1"]
)
GAPS = st.sampled_from([b" ", b", ", b"=", b": ", b" (", b") ", b"\t"])
LINES = st.lists(st.tuples(WORDS, GAPS).map(b"".join), min_size=1, max_size=6).map(b"".join)
LOGS = st.lists(LINES, min_size=1, max_size=40).map(b"\n".join)


def scanned(text, header=NONE):
    return scan(text, header=header, received_ns=0)


def logins(n=400):
    rng = np.random.default_rng(5)
    users = rng.integers(0, len(USERS), n)
    ports = rng.integers(1000, 60000, n)
    return b"".join(
        b"user %s logged in from port %d\n" % (USERS[user], port)
        for user, port in zip(users.tolist(), ports.tolist(), strict=True)
    )


def test_structures_that_differ_in_one_word_become_one_with_a_word_slot():
    text = logins()
    batch = scanned(text)
    assert len(batch.structures) == len(USERS)

    merged, new = cluster(batch)

    assert len(merged.structures) == 1
    assert merged.structures[0].text() == b"user <*> logged in from port <*>\n"
    assert merged.structures[0].kinds == (SlotKind.WORD, SlotKind.TOKEN)
    assert new.tolist() == [0] * len(USERS)
    assert render(merged) == text
    assert set(merged.column(0, 0)) == set(USERS)


def test_a_word_and_a_token_at_one_place_become_a_token_slot():
    text = b"".join(b"peer %s is down\n" % name for name in (b"alpha", b"beta", b"db1") * 50)
    merged, _ = cluster(scanned(text))

    assert merged.structures[0].kinds == (SlotKind.TOKEN,)
    assert render(merged) == text


def test_the_hash_of_a_merged_structure_is_that_of_the_scan():
    merged, _ = cluster(scanned(logins()))

    assert merged.structures.hash.tolist() == structure_hashes(merged.structures).tolist()


def test_structures_of_different_groups_are_not_merged():
    batch = scanned(logins())
    groups = np.arange(len(batch.structures), dtype=np.int32) % 2

    merged, new = cluster(batch, groups)

    assert len(merged.structures) == 2
    assert all(len(set(groups[new == group])) == 1 for group in range(2))
    assert render(merged) == logins()


def test_levels_and_components_are_not_merged():
    lines = [
        b"17/06/09 20:10:40 %s %s: lost peer %s now\n" % (level, component, user)
        for level in (b"INFO", b"WARN")
        for component in (b"Net", b"Disk")
        for user in USERS
    ]
    batch = scanned(b"".join(lines * 20), SHORT)

    merged, _ = cluster(batch)

    assert len(merged.structures) == 4
    for structure in range(4):
        rows = merged.rows(structure)
        assert len(set(merged.level[rows])) == 1
        assert len(set(merged.component[rows])) == 1
        marks = merged.structures[structure]
        assert marks.message_text() == b"lost peer <*> now"


def test_a_merge_that_mixes_columns_with_their_own_values_is_not_taken():
    # The word tells the numbers, so merged they would cost more than two structures.
    rng = np.random.default_rng(3)
    lines = [
        b"item %s costs 17 units of 4096 at 99 by 55 with 1234567 and 7654321\n" % b"red"
        if red
        else b"item %s costs 23 units of 8192 at 11 by 66 with 1111111 and 2222222\n" % b"blue"
        for red in rng.integers(0, 2, 4000).tolist()
    ]
    batch = scanned(b"".join(lines))

    merged, new = cluster(batch)

    assert merged is batch
    assert new.tolist() == [0, 1]


def test_clustering_is_deterministic():
    batch = scanned(logins())
    first, second = cluster(batch), cluster(scanned(logins()))

    assert first[1].tolist() == second[1].tolist()
    assert first[0].structures.constants == second[0].structures.constants
    assert first[0].value_start.tolist() == second[0].value_start.tolist()


@given(LOGS)
@settings(deadline=None)
def test_the_merged_batch_has_the_same_bytes(text):
    batch = scanned(text)
    merged, new = cluster(batch)

    assert render(merged) == text
    assert len(new) == len(batch.structures)
    assert new[batch.structure].tolist() == merged.structure.tolist()
    for old, to in enumerate(new.tolist()):
        before, after = batch.structures[old], merged.structures[to]
        rows = batch.rows(old)
        whole = Span(0, 0, 2 * len(before.kinds), 0)
        moved = span_values(merged, to, remap_span(whole, before, after), rows)
        assert list(moved) == [batch.record(row) for row in rows.tolist()]
        for slot in range(len(before.kinds)):
            span = remap_span(Span(2 * slot + 1, 0, 2 * slot + 1, 0), before, after)
            assert list(span_values(merged, to, span, rows)) == list(batch.column(old, slot))


@pytest.mark.parametrize(
    ("start", "end"), [(5, 10), (5, 12), (0, 4), (0, 31), (11, 17), (6, 9), (20, 31)]
)
def test_a_span_of_constants_lies_over_the_same_bytes_after_the_merge(start, end):
    # The 31 bytes of the constant: "user alice logged in from port "
    batch = scanned(logins())
    merged, new = cluster(batch)
    old = next(i for i, each in enumerate(batch.structures) if b"alice" in each.constants[0])
    before = batch.structures[old]
    span = Span(0, start, 0, len(before.constants[0]) - end)

    moved = remap_span(span, before, merged.structures[int(new[old])])

    values = span_values(merged, int(new[old]), moved, batch.rows(old))
    assert set(values) == {before.constants[0][start:end]}


def test_a_span_cannot_be_moved_to_a_structure_of_another_text():
    batch = scanned(b"one thing\nquite another 5\n")
    with pytest.raises(ValueError, match="not merged"):
        remap_span(Span(0, 0, 0, 0), batch.structures[1], batch.structures[0])


@pytest.mark.parametrize("n_words", [3, 12])
def test_a_block_in_which_every_line_is_its_own_structure_is_clustered_in_bounded_time(n_words):
    rng = np.random.default_rng(1)
    letters = rng.integers(97, 123, (3000, 6), dtype=np.uint8)
    vocabulary = [row.tobytes() for row in letters]
    words = rng.integers(0, 3000, (65536, n_words)).tolist()
    text = b"".join(b" ".join(vocabulary[word] for word in row) + b"\n" for row in words)
    batch = scanned(text)
    assert len(batch.structures) > 65000

    began = time.process_time()
    merged, _ = cluster(batch)

    assert time.process_time() - began < 2
    assert render(merged) == text


def test_an_empty_batch_stays_empty():
    batch = scanned(b"")
    merged, new = cluster(batch)

    assert merged is batch
    assert len(new) == 0
