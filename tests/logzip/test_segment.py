"""Whole segments: any bytes come back, and damage is named, never passed on."""

import gc
import io
import lzma
import os
import subprocess
import sys

import numpy as np
import pytest
import xxhash
from hypothesis import given, settings
from hypothesis import strategies as st

import logzip.writer
from logscan import HEADER_FORMATS, detect_format, scan
from logzip import (
    CorruptSegment,
    Segment,
    SegmentWriter,
    UnsupportedVersion,
    compress_stream,
    decompress_stream,
)
from logzip.conditions import Text
from logzip.decoder import Block, LazyBatch
from logzip.format import checksum
from logzip.grep import count_lines
from logzip.values import Values
from tests.logzip.shop_lines import GOLDEN, RECEIVED_NS, shop_log

NO_SEGMENT = r"not a logzip segment|cut short"
LEVELS = ["fast", "default", "max"]
STAMPED = b"2024-01-01 10:00:%02d,%03d INFO [main] shop.cart - item %d of user%d\n"


def compressed(data, level="default", threads=1):
    out = io.BytesIO()
    compress_stream(io.BytesIO(data), out, level=level, threads=threads)
    return out.getvalue()


def decompressed(segment, threads=1):
    out = io.BytesIO()
    decompress_stream(io.BytesIO(segment), out, threads=threads)
    return out.getvalue()


def stamped(n):
    return b"".join(STAMPED % (i // 9 % 60, i * 7 % 1000, i, i % 5) for i in range(n))


def random_bytes(n):
    return np.random.default_rng(3).integers(0, 256, n, dtype=np.uint8).tobytes()


ODD_INPUTS = {
    "empty": b"",
    "one byte": b"x",
    "one line end": b"\n",
    "empty lines": b"\n\n\r\n\n",
    "no last line end": stamped(300)[:-1],
    "crlf": stamped(300).replace(b"\n", b"\r\n"),
    "mixed line ends": stamped(300).replace(b"5\n", b"5\r\n"),
    "nul bytes": stamped(200).replace(b"item", b"\0\0"),
    "control bytes": bytes(range(10)) * 40 + b"\n" + stamped(20),
    "invalid utf-8": stamped(200).replace(b"cart", b"\xff\xc3\x28"),
    "all lines equal": b"same line 1\n" * 5000,
    "random binary": random_bytes(200_000),
    "long digits": b"".join(b"n=%s\n" % (b"0123456789" * (i % 9)) for i in range(400)),
    "leading zeros": b"".join(b"id %05d %d 0%d\n" % (i, i, i) for i in range(400)),
    "markers": b"<*> \x00\x01 <12> {} %s\n" * 100,
    "stack traces": shop_log(120),
    "one line with many slots": b" ".join(b"%d" % i for i in range(5000)) + b"\n",
    "no header after one": stamped(100) + b"plain text\n" * 50 + stamped(100),
}


@pytest.mark.parametrize("name", ODD_INPUTS)
def test_odd_input_comes_back(name):
    data = ODD_INPUTS[name]
    assert decompressed(compressed(data)) == data


@pytest.mark.slow
def test_a_line_of_ten_megabytes_comes_back():
    data = stamped(100) + b"word 12 " * 1_250_000 + b"\n" + stamped(100)
    assert decompressed(compressed(data)) == data


@pytest.mark.parametrize("level", LEVELS)
def test_each_level_is_exact_and_smaller_than_the_one_before(level):
    data = shop_log(1500)
    segment = compressed(data, level)
    assert decompressed(segment) == data
    if level != "fast":
        faster = LEVELS[LEVELS.index(level) - 1]
        assert len(segment) <= len(compressed(data, faster))


@given(
    st.lists(
        st.one_of(
            st.binary(max_size=40),
            st.integers(0, 400).map(lambda i: STAMPED % (i % 60, i % 1000, i, i)),
            st.sampled_from(
                [b"\n", b"\r\n", b"\tat a.b(C.java:1)\n", b"2024-01-01 10:00:61 x"]
            ),
        ),
        max_size=60,
    )
)
def test_anything_like_a_log_comes_back(parts):
    data = b"".join(parts)
    segment = compressed(data)
    assert decompressed(segment) == data
    with Segment.open(io.BytesIO(segment)) as opened:
        parts = [opened.block(number).render() for number in range(len(opened.blocks))]
    assert b"".join(parts) == data


def test_bytes_do_not_depend_on_the_number_of_threads(monkeypatch):
    monkeypatch.setattr(logzip.writer, "BLOCK_LINES", 500)
    data = shop_log(2000)
    segment = compressed(data)
    assert compressed(data, threads=4) == segment
    assert len(Segment.open(io.BytesIO(segment)).blocks) > 5
    assert decompressed(segment, threads=4) == data


def test_random_bytes_take_no_more_than_zstd_and_one_percent():
    data = random_bytes(1 << 20)
    assert len(compressed(data)) <= len(data) * 1.001


def test_info_counts_what_is_in_the_segment():
    data = shop_log(100)
    out = io.BytesIO()
    info = compress_stream(io.BytesIO(data), out)
    segment = Segment.open(out)
    assert segment.info == info
    assert info.n_lines == data.count(b"\n")
    assert info.raw_bytes == len(data)
    assert info.stored_bytes == len(out.getvalue())
    assert info.raw_blocks == 0
    assert sum(info.levels) == info.n_records < info.n_lines
    assert sum(segment.blocks[0].structures.values()) == info.n_records
    assert all(
        segment.blocks[0].may_hold_structure(key) for key in segment.blocks[0].structures
    )


def test_a_batch_is_read_as_it_was_written():
    data = shop_log(400)
    batch = scan(data, header=detect_format(data), received_ns=RECEIVED_NS)
    out = io.BytesIO()
    writer = SegmentWriter(out)
    info = writer.add(batch, groups=np.arange(len(batch.structures), dtype=np.int32))
    assert writer.close().n_blocks == 1
    block = Segment.open(out).block(0)
    read = block.batch
    for name in ("structure", "time_ns", "time_origin", "level", "component", "lines"):
        assert np.array_equal(getattr(read, name), getattr(batch, name)), name
    assert read.components == batch.components
    assert np.array_equal(read.structures.hash, batch.structures.hash)
    assert [read.record(row) for row in range(len(read))] == [
        batch.record(row) for row in range(len(batch))
    ]
    assert dict(info.structures) == dict(Segment.open(out).blocks[0].structures)
    rows = np.array([5, 3, 5])
    assert block.render(rows) == b"".join(batch.record(row) for row in rows)
    assert block.records(rows) == [batch.record(row) for row in rows]


def n_decoded():
    return sum(isinstance(each, (LazyBatch, Values)) for each in gc.get_objects())


def test_no_block_waits_for_the_collector(monkeypatch):
    monkeypatch.setattr("logzip.writer.BLOCK_LINES", 100)
    packed = io.BytesIO()
    gc.collect()
    gc.disable()
    try:
        before = n_decoded()
        compress_stream(io.BytesIO(shop_log(400)), packed)
        packed.seek(0)
        decompress_stream(packed, io.BytesIO())
        with Segment.open(packed) as segment:
            assert len(segment.blocks) > 2
            assert count_lines(segment, Text(b"7")) > 0
        after = n_decoded()
    finally:
        gc.enable()
    assert after == before


@pytest.mark.parametrize("step", [1, 2, 7, 100])
def test_few_and_many_records_of_a_block_are_rendered_alike(step):
    data = shop_log(400)
    out = io.BytesIO()
    compress_stream(io.BytesIO(data), out)
    batch = Segment.open(out).block(0).batch
    for first in (0, 3):
        rows = np.arange(first, len(batch), step)
        expected = b"".join(batch.record(row) for row in rows.tolist())
        assert Segment.open(out).block(0).render(rows) == expected


def test_structures_and_times_are_read_without_the_values():
    out = io.BytesIO()
    compress_stream(io.BytesIO(shop_log(400)), out)
    batch = Segment.open(out).block(0).batch
    assert batch.time_ns[0] < batch.time_ns[-1]
    assert len(batch.structures[0].kinds) > 0
    assert "buffer" not in vars(batch)


@pytest.mark.parametrize(
    "line",
    [
        b"2024-02-29 23:59:%02d,%03d INFO [main] shop.cart - sold %d\n",
        b"2024-02-29T23:59:%02d.%03d+02:00 INFO sold %d\n",
        b"Feb  9 23:59:%02d host app[%d]: sold %d\n",
        b'10.0.0.7 - - [29/Feb/2024:23:59:%02d -0330] "GET /%d HTTP/1.1" 200 %d "-" "x"\n',
        b"[Thu Feb 29 23:59:%02d.%03d 2024] [error] sold %d\n",
        b"240229 2359%02d %d INFO dfs.DataNode: sold %d\n",
    ],
)
def test_timestamps_are_rendered_from_times(line):
    data = b"".join(line % (i // 20, 100 + i % 900, i) for i in range(1000))
    batch = scan(data, header=detect_format(data), received_ns=RECEIVED_NS)
    assert batch.time_format
    block = Segment.open(io.BytesIO(compressed(data))).block(0)
    assert block.plan.values.clock is not None
    assert block.render() == data


def test_odd_timestamps_among_others_come_back():
    data = stamped(500).replace(b"10:00:03,", b"10:00:03.")
    block = Segment.open(io.BytesIO(compressed(data))).block(0)
    clock = block.plan.values.clock
    assert clock is not None
    assert clock.n_odd > 0
    assert block.render() == data


def test_the_golden_segment_opens():
    segment, log = (GOLDEN / "v1.lgz").read_bytes(), (GOLDEN / "v1.log").read_bytes()
    assert decompressed(segment) == log
    with Segment.open(GOLDEN / "v1.lgz") as opened:
        assert opened.info.version == 1
        assert opened.info.n_records == len(opened.block(0).batch)
        assert opened.info.time_min_ns == opened.block(0).batch.time_ns.min()


def test_a_later_version_is_told_so():
    segment = bytearray(compressed(stamped(10)))
    segment[8] = 9
    with pytest.raises(UnsupportedVersion, match="version 9"):
        decompressed(bytes(segment))


@pytest.mark.parametrize("data", [b"", b"hello", b"\x93LGZ", stamped(100)])
def test_what_is_no_segment_is_told_so(data):
    with pytest.raises(CorruptSegment, match=NO_SEGMENT):
        decompressed(data)
    with pytest.raises(CorruptSegment, match=NO_SEGMENT):
        Segment.open(io.BytesIO(data))


def damaged(segment, rng):
    """Return a segment with bits flipped, a part cut out, doubled, or overwritten."""
    data = bytearray(segment)
    for _ in range(int(rng.integers(1, 4))):
        at, size = int(rng.integers(len(data))), int(rng.integers(1, 40))
        match int(rng.integers(5)):
            case 0:
                data[at] ^= 1 << int(rng.integers(8))
            case 1:
                del data[at : at + size]
            case 2:
                data[at:at] = data[at : at + size]
            case 3:
                data[at : at + size] = random_bytes(size)
            case _:
                del data[max(at, 1) :]
    return bytes(data)


def check_damage(segment, data):
    """Read a damaged segment both ways: an error that names the place, or the right bytes."""
    for read in (decompressed, read_by_range):
        try:
            found = read(segment)
        except (CorruptSegment, UnsupportedVersion) as error:
            assert "segment" in str(error)  # what an unnamed file is called
        else:
            assert found == data


def read_by_range(segment):
    with Segment.open(io.BytesIO(segment)) as opened:
        return b"".join(opened.block(number).render() for number in range(len(opened.blocks)))


@pytest.mark.parametrize("n", [200, pytest.param(2000, marks=pytest.mark.soak)])
def test_damage_is_named_and_never_passed_on(n):
    data = shop_log(60)
    segment = compressed(data)
    rng = np.random.default_rng(11)
    for _ in range(n):
        check_damage(damaged(segment, rng), data)


@pytest.mark.parametrize("n", [200, pytest.param(2000, marks=pytest.mark.soak)])
def test_damage_takes_no_more_memory_than_a_gibibyte(n):
    limited = (
        "import resource, sys, pytest; "
        "resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30)); "
        "sys.exit(pytest.main(['-q', '-p', 'no:cacheprovider', '-m', '', *sys.argv[1:]]))"
    )
    test = f"{__file__}::test_damage_is_named_and_never_passed_on[{n}]"
    done = subprocess.run(
        [sys.executable, "-c", limited, test],
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout


def resealed(segment, rng):
    """Return a segment whose block lies in a way that its checksums confirm."""
    data = bytearray(segment)
    size = int.from_bytes(data[10:14], "little")
    front, body = data[9 : 14 + size], 14 + size + 4
    if rng.random() < 0.5:
        place = int(rng.integers(5, len(front)))
        front[place] = int(rng.integers(256))
    else:
        first = Block(bytes(data[9 : 9 + block_size(data)])).header
        run = first.runs[int(rng.integers(len(first.runs)))]
        low = body + run.offset
        if run.stored_size:
            data[low + int(rng.integers(run.stored_size))] = int(rng.integers(256))
        old = run.checksum.to_bytes(4, "little")
        new = checksum(bytes(data[low : low + run.stored_size])).to_bytes(4, "little")
        front = front.replace(old, new)
    data[9 : 14 + size] = front
    data[14 + size : 18 + size] = checksum(bytes(front)).to_bytes(4, "little")
    return bytes(data)


def block_size(segment):
    return Segment.open(io.BytesIO(bytes(segment))).blocks[0].stored_bytes


def test_lies_that_checksums_confirm_are_found():
    data = shop_log(60)
    segment = compressed(data, "fast")
    rng = np.random.default_rng(12)
    for _ in range(200):
        check_damage(resealed(segment, rng), data)


def test_a_footer_that_names_other_blocks_is_refused():
    segment = compressed(shop_log(50))
    end = len(segment) - 20 - int.from_bytes(segment[-20:-16], "little")
    other = compressed(shop_log(51))
    other_end = len(other) - 20 - int.from_bytes(other[-20:-16], "little")
    with pytest.raises(CorruptSegment, match="footer"):
        decompressed(segment[:end] + other[other_end:])
    with pytest.raises(CorruptSegment):
        read_by_range(segment[:end] + other[other_end:])


def test_a_block_is_not_taken_for_another_ones_bytes():
    """The checksum of the records is of the raw bytes, not of how they are stored."""
    block = Segment.open(io.BytesIO(compressed(stamped(50)))).block(0)
    assert block.header.raw_checksum == xxhash.xxh3_64_intdigest(stamped(50))


def test_records_that_cannot_be_told_in_columns_are_kept_raw():
    data = random_bytes(50_000).replace(b"\n", b"")
    out = io.BytesIO()
    info = compress_stream(io.BytesIO(data), out)
    assert info.raw_blocks == info.n_blocks == 1
    batch = Segment.open(out).block(0).batch
    assert [batch.record(row) for row in range(len(batch))] == [data]


def test_an_empty_batch_is_refused():
    batch = scan(b"", header=HEADER_FORMATS["none"], received_ns=0)
    with pytest.raises(ValueError, match="empty"):
        SegmentWriter(io.BytesIO()).add(batch)


@settings(max_examples=20)
@given(st.lists(st.binary(min_size=1, max_size=60), min_size=1, max_size=30))
def test_messages_come_back_as_the_same_records(lines):
    data = b"\n".join(line.replace(b"\n", b" ") for line in lines) + b"\n"
    batch = scan(data, header=HEADER_FORMATS["none"], received_ns=7)
    out = io.BytesIO()
    writer = SegmentWriter(out)
    writer.add(batch)
    writer.close()
    read = Segment.open(out).block(0).batch
    assert [read.record(row) for row in range(len(read))] == [
        batch.record(row) for row in range(len(batch))
    ]
    assert read.time_ns.tolist() == batch.time_ns.tolist()


@pytest.mark.parametrize("level", LEVELS)
def test_a_short_log_is_not_larger_than_xz_makes_it(level):
    data = shop_log(400)
    assert len(compressed(data, level)) <= len(lzma.compress(data, preset=6))
