"""Blocks whose plans and streams lie, all checksums right: refused, or the right bytes.

Damage that checksums find is in test_segment; here runs are unpacked, changed and sealed again.
"""

import io
from collections.abc import Sequence

import numpy as np
import pytest

from logzip import CorruptSegment, Segment, compress_stream
from logzip.decoder import Block, BlockHeader
from logzip.format import checksum, put_varint
from logzip.runs import Method, unpack_run
from tests.logzip.shop_lines import shop_log


def unpacked(data):
    """Return the header of the one block of a segment of ``data``, and its runs, unpacked."""
    out = io.BytesIO()
    compress_stream(io.BytesIO(data), out)
    [info] = Segment.open(out).blocks
    block = out.getvalue()[info.offset : info.offset + info.stored_bytes]
    header = Block(block).header
    body = block[header.header_bytes :]
    runs = [
        unpack_run(run.method, body[run.offset : run.offset + run.stored_size], run.size)
        for run in header.runs
    ]
    return header, runs


def sealed(
    header: BlockHeader, runs: Sequence[bytes | bytearray], n_records: int, raw_bytes: int
) -> bytes:
    """Return a block of these runs, stored as they are, with checksums that are right."""
    packed = bytearray()
    for number in (sum(map(len, runs)), n_records, header.n_lines, raw_bytes):
        put_varint(packed, number)
    packed += header.raw_checksum.to_bytes(8, "little")
    put_varint(packed, header.n_streams)
    put_varint(packed, len(runs))
    for run in runs:
        packed.append(Method.STORED)
        put_varint(packed, len(run))
        put_varint(packed, len(run))
        packed += checksum(bytes(run)).to_bytes(4, "little")
    front = bytes([header.tag]) + len(packed).to_bytes(4, "little") + packed
    return front + checksum(front).to_bytes(4, "little") + b"".join(runs)


def change(run, rng):
    """Overwrite, cut out or put in a few bytes; extreme ones more often than chance has it."""
    at = int(rng.integers(len(run)))
    match int(rng.integers(4)):
        case 0:
            run[at] = int(rng.integers(256))
        case 1:
            run[at] = int(rng.choice([0, 1, 127, 128, 255]))
        case 2:
            del run[at : at + int(rng.integers(1, 4))]
        case _:
            run[at:at] = rng.integers(
                0, 256, int(rng.integers(1, 11)), dtype=np.uint8
            ).tobytes()


def lie(header, runs, rng):
    changed = [bytearray(run) for run in runs]
    for _ in range(int(rng.integers(1, 4))):
        # The first run is the plan: most of what can go wrong is there.
        run = changed[0 if rng.random() < 0.6 else int(rng.integers(len(changed)))]
        if run:
            change(run, rng)
    n, raw = header.n_records, header.raw_bytes
    if rng.random() < 0.1:
        n = int(rng.choice([0, 1, n + 1, 2 * n, raw]))
    if rng.random() < 0.1:
        raw = int(rng.choice([2 * raw, 1000 * raw, 1 << 30]))
    return sealed(header, changed, n, raw)


NUMBERS = b"".join(
    b"%d 10.0.%d.%d:%d x\n" % (i, i % 7, i * 37 % 251, i * i) for i in range(300)
)
LOGS = {
    "shop": shop_log(150),
    "numbers": NUMBERS,
    "no log": np.random.default_rng(2).integers(0, 256, 3000, dtype=np.uint8).tobytes(),
}


@pytest.mark.parametrize("name", LOGS)
@pytest.mark.parametrize("n", [100, pytest.param(3000, marks=pytest.mark.soak)])
def test_a_lie_is_refused_or_harmless(name, n):
    header, runs = unpacked(LOGS[name])
    rng = np.random.default_rng(5)
    for _ in range(n):
        try:
            found = Block(lie(header, runs, rng)).render()
        except CorruptSegment:
            continue
        assert found == LOGS[name]


@pytest.mark.parametrize("name", LOGS)
@pytest.mark.parametrize("n", [60, pytest.param(2000, marks=pytest.mark.soak)])
def test_some_records_of_a_lie_are_refused_or_as_many_bytes(name, n):
    header, runs = unpacked(LOGS[name])
    rng = np.random.default_rng(7)
    rows = np.arange(0, header.n_records, 3)
    for _ in range(n):
        try:
            found = Block(lie(header, runs, rng)).render(rows)
        except (CorruptSegment, IndexError):  # fewer records than were asked for
            continue
        assert len(found) <= 1 << 30


def test_sealing_again_alone_changes_nothing():
    header, runs = unpacked(LOGS["shop"])
    block = Block(sealed(header, runs, header.n_records, header.raw_bytes))
    assert block.render() == LOGS["shop"]
