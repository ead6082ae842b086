"""Inputs: packed files as streams, errors with their place, bombs, and blocks of a stream."""

import bz2
import gzip
import io
import lzma
from pathlib import Path

import numpy as np
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from logscan import HEADER_FORMATS, InputTooLarge, TruncatedInput, open_input, read_blocks

TEXT = b"".join(
    b"line %d of some log, value %d\n" % (i, i * 7919 % 1000) for i in range(20_000)
)
NOISE = np.random.default_rng(1).bytes(300_000)
PACK = {
    "gzip": gzip.compress,
    "zstd": zstandard.ZstdCompressor(write_checksum=True).compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
}
each_packing = pytest.mark.parametrize("kind", PACK)


def read(data: bytes, **limits: int) -> bytes:
    return open_input(io.BytesIO(data), **limits).read()


@each_packing
@pytest.mark.parametrize(
    "data", [TEXT, NOISE, b"", b"x"], ids=["text", "noise", "empty", "one"]
)
def test_packed_input_reads_as_what_it_holds(kind: str, data: bytes) -> None:
    assert read(PACK[kind](data)) == data


@each_packing
def test_members_one_after_the_other_are_one_input(kind: str) -> None:
    pack = PACK[kind]
    assert read(pack(TEXT) + pack(b"") + pack(NOISE)) == TEXT + NOISE


def test_zero_padding_after_members_is_skipped() -> None:
    assert (
        read(gzip.compress(TEXT) + b"\0" * 512 + gzip.compress(b"x") + b"\0" * 8) == TEXT + b"x"
    )
    assert read(lzma.compress(TEXT) + b"\0" * 4) == TEXT


@pytest.mark.parametrize("level", [1, -5])
@pytest.mark.parametrize("checksum", [0, 1])
@pytest.mark.parametrize("sized", [0, 1])
def test_every_shape_of_zstd_frame_is_read(level: int, checksum: int, sized: int) -> None:
    context = zstandard.ZstdCompressor(
        level=level, write_checksum=bool(checksum), write_content_size=bool(sized)
    )
    for data in (b"", b"a", b"a" * 300, b"\0" * 1_000_000, TEXT, NOISE):
        stream = context.compressobj()
        packed = stream.compress(data) + stream.flush()
        skippable = b"\x53\x2a\x4d\x18" + (3).to_bytes(4, "little") + b"abc"
        assert read(context.compress(data) + skippable + packed) == data + data
        assert read(skippable + packed) == data


@pytest.mark.parametrize("data", [b"", b"x", TEXT, b"\x1f\x8b", b"BZh9 is no bz2", b"\x28\xb5"])
def test_plain_input_is_read_as_it_is(data: bytes) -> None:
    assert read(data) == data


@each_packing
def test_truncated_input_names_file_and_byte(kind: str, tmp_path: Path) -> None:
    packed = PACK[kind](TEXT)
    for size in {12, len(packed) // 2, len(packed) - 1}:
        path = tmp_path / "cut.log"
        path.write_bytes(packed[:size])
        with (
            open_input(path) as stream,
            pytest.raises(
                TruncatedInput, match=rf"cut\.log: {kind} data ends early at byte \d+"
            ),
        ):
            stream.read()


@each_packing
def test_damaged_input_names_its_place(kind: str) -> None:
    packed = bytearray(PACK[kind](TEXT))
    packed[len(packed) // 2] ^= 0xFF
    packed[len(packed) // 2 + 1] ^= 0xFF
    with pytest.raises(TruncatedInput, match=rf"input: {kind} data is damaged near byte \d+"):
        read(bytes(packed))


@each_packing
def test_garbage_after_a_member_is_an_error(kind: str) -> None:
    with pytest.raises(TruncatedInput, match=r"damaged|ends early"):
        read(PACK[kind](TEXT) + b"garbage that is no member")


@each_packing
def test_a_bomb_is_refused_before_it_costs_memory(kind: str) -> None:
    bomb = PACK[kind](b"\0" * (4 << 20)) * 20
    with open_input(io.BytesIO(bomb), max_ratio=100) as stream:
        size = 0
        with pytest.raises(InputTooLarge, match="unpacks to over 100 times its size"):
            while part := stream.read(1 << 20):
                size += len(part)
        assert size <= 66 << 20


@each_packing
def test_input_over_its_limit_is_refused(kind: str) -> None:
    assert read(PACK[kind](TEXT), max_bytes=len(TEXT)) == TEXT
    with pytest.raises(InputTooLarge, match="more than 1000 bytes"):
        read(PACK[kind](TEXT), max_bytes=1000)


def test_plain_input_over_its_limit_is_refused() -> None:
    with pytest.raises(InputTooLarge, match="more than 9 bytes"):
        read(b"x" * 10, max_bytes=9)


def test_a_missing_file_is_the_system_error() -> None:
    with pytest.raises(FileNotFoundError):
        open_input("/no/such/file.log")


class Trickle(io.RawIOBase):
    """A socket-like stream: few bytes at a time."""

    def __init__(self, data: bytes, step: int) -> None:
        self.rest, self.step = data, step

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        size = self.step if size < 0 else min(size, self.step)
        part, self.rest = self.rest[:size], self.rest[size:]
        return part


@each_packing
def test_short_reads_change_nothing(kind: str) -> None:
    packed = PACK[kind](TEXT[:5000])
    assert open_input(Trickle(packed, 3)).read() == TEXT[:5000]  # type: ignore[arg-type]


LINES = st.sampled_from(
    [
        b"081109 203615 148 INFO a.B: x\n",
        b"\tat a.B\n",
        b"rest\n",
        b"\n",
        b"Traceback (most recent",
        b"panic: x\n",
        b"main.f(0x1)\n",
    ]
)


@pytest.mark.parametrize("name", ["none", "log4j_compact"])
@given(
    data=st.lists(LINES | st.binary(max_size=30), max_size=60).map(b"".join),
    block_bytes=st.integers(1, 200),
    block_lines=st.integers(1, 20),
)
def test_blocks_joined_are_the_stream(
    name: str, data: bytes, block_bytes: int, block_lines: int
) -> None:
    blocks = list(
        read_blocks(
            Trickle(data, 50),  # type: ignore[arg-type]
            header=HEADER_FORMATS[name],
            block_bytes=block_bytes,
            block_lines=block_lines,
        )
    )
    assert b"".join(blocks) == data
    assert all(blocks)
    assert all(block.count(b"\n") <= block_lines for block in blocks)
    assert all(block.endswith(b"\n") for block in blocks[:-1])


@pytest.mark.parametrize("name", ["none", "log4j_compact"])
def test_blocks_begin_where_records_begin(name: str) -> None:
    record = b"081109 203615 148 INFO a.B: x\n" + b"\tat a.B(C.java:1)\n" * 9
    blocks = list(
        read_blocks(
            io.BytesIO(record * 1000),
            header=HEADER_FORMATS[name],
            block_bytes=10_000,
            block_lines=77,
        )
    )
    assert all(block.startswith(b"081109") for block in blocks)
    assert max(block.count(b"\n") for block in blocks) == 70


def test_blocks_are_not_cut_inside_a_go_panic() -> None:
    record = b"panic: x\n\ngoroutine 1 [running]:\n" + b"main.f(0x1)\n\t/a.go:8 +0x1d\n" * 4
    blocks = list(
        read_blocks(
            io.BytesIO((b"next\n" + record) * 500),
            header=HEADER_FORMATS["none"],
            block_bytes=10_000,
            block_lines=77,
        )
    )
    assert all(block.startswith((b"next", b"panic")) for block in blocks)


def test_a_block_is_never_larger_than_asked_for_where_lines_are_short() -> None:
    blocks = list(
        read_blocks(io.BytesIO(TEXT), header=HEADER_FORMATS["none"], block_bytes=100_000)
    )
    assert max(map(len, blocks)) <= 100_000
    assert sum(map(len, blocks)) == len(TEXT)


def test_a_huge_line_is_cut_and_memory_stays_bounded() -> None:
    data = b"y" * 1_000_000 + b"\nend\n"
    blocks = list(
        read_blocks(
            io.BytesIO(data),
            header=HEADER_FORMATS["none"],
            block_bytes=4000,
            max_line_bytes=64_000,
        )
    )
    assert b"".join(blocks) == data
    assert max(map(len, blocks)) <= 64_000
    assert len(blocks) < 30
