"""The end of a segment: what each block holds, so that a search need not read it.

The footer repeats nothing that a block cannot tell of itself; a pipe is decoded without it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING

import numpy as np
import xxhash

from logzip._numbers import decode_varints, encode_varints
from logzip._plan import ByteReader
from logzip.errors import CorruptSegment, UnsupportedVersion
from logzip.filters import GRAMS
from logzip.format import (
    MAGIC,
    MAX_BLOCK_BYTES,
    MAX_FOOTER_BYTES,
    MAX_HEADER_BYTES,
    MAX_RECORDS,
    TRAILER_BYTES,
    TRAILER_MAGIC,
    VERSION,
    BlockTag,
    put_varint,
    unzigzag,
    zigzag,
)
from logzip.runs import LEVELS, Kind, pack_run, unpack_run

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from logscan.batch import RecordBatch

N_LEVELS = 7
STRUCTURES = 1  # the filter of structures; a reader skips filters that it doesn't know
# A filter is left out where it is more than this share of its block: a small one is
# read as fast as its filter, and what is no log must not grow by more than 1 %.
MAX_SHARE, MAX_RAW_SHARE = 1 / 50, 1 / 256


@dataclass(frozen=True)
class BlockInfo:
    """What the footer says of a block.

    Times are nanoseconds since 1970 UTC, both ends included. ``levels`` are the records of each
    `logscan.Level`. ``filters`` are by their number; `may_hold_structure` asks one.
    """

    number: int
    offset: int
    stored_bytes: int
    is_raw: bool
    n_records: int
    n_lines: int
    raw_bytes: int
    time_min_ns: int
    time_max_ns: int
    levels: tuple[int, ...]
    filters: Mapping[int, bytes]
    load: Callable[[], Mapping[int, int]] = field(repr=False, compare=False)

    @cached_property
    def structures(self) -> Mapping[int, int]:
        """The records of each structure, by its hash; read from the block when first used."""
        return self.load()

    @cached_property
    def _prints(self) -> NDArray[np.uint64] | None:
        stored = self.filters.get(STRUCTURES)
        if stored is None:
            return None
        return np.cumsum(decode_varints(stored, _count_varints(stored)), dtype=np.uint64)

    def may_hold_structure(self, structure_hash: int) -> bool:
        """Tell whether the block may hold this structure; ``False`` is sure."""
        prints = self._prints
        return prints is None or bool(np.any(prints == np.uint64(structure_hash & 0xFFFF)))


@dataclass(frozen=True)
class SegmentInfo:
    """What a segment holds in all; ``raw_blocks`` are those kept as they were."""

    version: int
    n_blocks: int
    raw_blocks: int
    n_records: int
    n_lines: int
    raw_bytes: int
    stored_bytes: int
    time_min_ns: int
    time_max_ns: int
    levels: tuple[int, ...]


def _count_varints(data: bytes) -> int:
    return int(np.count_nonzero(np.frombuffer(data, dtype=np.uint8) < 128))


def structure_counts(batch: RecordBatch) -> dict[int, int]:
    """Return the records of each structure, by its hash."""
    counts = np.bincount(batch.structure, minlength=len(batch.structures))
    return dict(zip(batch.structures.hash.tolist(), counts.tolist(), strict=True))


def block_info(
    batch: RecordBatch, stored: bytes, grams: bytes, *, raw_bytes: int, number: int, offset: int
) -> BlockInfo:
    """Return what the footer will say of the block ``stored``, in which ``batch`` is.

    ``grams`` is its filter of `logzip.filters`.
    """
    counts = structure_counts(batch)
    is_raw = stored[0] == BlockTag.RAW
    worth = len(grams) <= len(stored) * (MAX_RAW_SHARE if is_raw else MAX_SHARE)
    filters = {GRAMS: grams} if grams and worth else {}
    prints = np.unique(batch.structures.hash & np.uint64(0xFFFF))
    if not is_raw and len(prints) <= len(stored) * MAX_SHARE:
        filters[STRUCTURES] = encode_varints(np.diff(prints, prepend=np.uint64(0)))
    return BlockInfo(
        number=number,
        offset=offset,
        stored_bytes=len(stored),
        is_raw=is_raw,
        n_records=len(batch),
        n_lines=int(batch.lines.sum()),
        raw_bytes=raw_bytes,
        time_min_ns=int(batch.time_ns.min()),
        time_max_ns=int(batch.time_ns.max()),
        levels=tuple(np.bincount(batch.level, minlength=N_LEVELS).tolist()),
        filters=filters,
        load=partial(dict, counts),
    )


def segment_info(blocks: list[BlockInfo], stored_bytes: int) -> SegmentInfo:
    """Sum up the blocks of a segment."""
    return SegmentInfo(
        version=VERSION,
        n_blocks=len(blocks),
        raw_blocks=sum(block.is_raw for block in blocks),
        n_records=sum(block.n_records for block in blocks),
        n_lines=sum(block.n_lines for block in blocks),
        raw_bytes=sum(block.raw_bytes for block in blocks),
        stored_bytes=stored_bytes,
        time_min_ns=min((block.time_min_ns for block in blocks), default=0),
        time_max_ns=max((block.time_max_ns for block in blocks), default=0),
        levels=tuple(sum(block.levels[i] for block in blocks) for i in range(N_LEVELS)),
    )


def encode_footer(blocks: list[BlockInfo]) -> bytes:
    """Return footer and trailer, the end of a segment."""
    out = bytearray()
    put_varint(out, VERSION)
    put_varint(out, len(blocks))
    for block in blocks:
        put_varint(out, block.is_raw)
        for number in (block.stored_bytes, block.n_records, block.n_lines, block.raw_bytes):
            put_varint(out, number)
        put_varint(out, zigzag(block.time_min_ns))
        put_varint(out, block.time_max_ns - block.time_min_ns)
        for count in block.levels:
            put_varint(out, count)
        put_varint(out, len(block.filters))
        for number, data in sorted(block.filters.items()):
            put_varint(out, number)
            put_varint(out, len(data))
            out += data
    method, packed = pack_run(bytes(out), Kind.CONTEXT, LEVELS["max"])
    stored = bytes([BlockTag.END, method]) + packed
    return (
        stored
        + len(stored).to_bytes(4, "little")
        + len(out).to_bytes(4, "little")
        + xxhash.xxh3_64_digest(stored)[::-1]
        + TRAILER_MAGIC
    )


def footer_size(trailer: bytes) -> int:
    """Return the stored bytes of the footer that ends in ``trailer``; ValueError if absurd."""
    size = int.from_bytes(trailer[:4], "little")
    if len(trailer) != TRAILER_BYTES or trailer[-4:] != TRAILER_MAGIC:
        raise ValueError("the end of the segment is missing")
    if size < 2 or size > MAX_FOOTER_BYTES:
        raise ValueError(f"a footer of {size} bytes")
    return size


def decode_footer(
    stored: bytes, trailer: bytes, load: Callable[[int], Mapping[int, int]]
) -> list[BlockInfo]:
    """Return the blocks that a footer names.

    ``load(number)`` gives the structures of a block. ValueError where the footer is damaged.
    """
    if int.from_bytes(trailer[8:16], "little") != xxhash.xxh3_64_intdigest(stored):
        raise ValueError("checksum mismatch in the footer")
    if len(stored) != footer_size(trailer) or stored[0] != BlockTag.END:
        raise ValueError("the footer does not fit its trailer")
    size = int.from_bytes(trailer[4:8], "little")
    if size > MAX_FOOTER_BYTES:
        raise ValueError(f"a footer of {size} bytes")
    reader = ByteReader(unpack_run(stored[1], stored[2:], size))
    check_version(reader.varint())
    blocks: list[BlockInfo] = []
    offset = len(MAGIC) + 1
    for number in range(reader.varint(MAX_RECORDS)):
        blocks.append(_read_info(reader, number, offset, load))
        offset += blocks[-1].stored_bytes
    reader.done()
    return blocks


def _read_info(
    reader: ByteReader, number: int, offset: int, load: Callable[[int], Mapping[int, int]]
) -> BlockInfo:
    is_raw = bool(reader.varint(1))
    stored = reader.varint(MAX_BLOCK_BYTES + MAX_HEADER_BYTES)
    records, lines = reader.varint(MAX_RECORDS), reader.varint(MAX_BLOCK_BYTES)
    raw_bytes = reader.varint(MAX_BLOCK_BYTES)
    time_min = unzigzag(reader.varint())
    time_max = time_min + reader.varint()
    levels = tuple(reader.varint(MAX_RECORDS) for _ in range(N_LEVELS))
    filters = {}
    for _ in range(reader.varint(256)):
        kind = reader.varint()
        filters[kind] = reader.take(reader.varint(MAX_FOOTER_BYTES))
    return BlockInfo(
        number=number,
        offset=offset,
        stored_bytes=stored,
        is_raw=is_raw,
        n_records=records,
        n_lines=lines,
        raw_bytes=raw_bytes,
        time_min_ns=time_min,
        time_max_ns=time_max,
        levels=levels,
        filters=filters,
        load=lambda: load(number),
    )


def check_version(version: int) -> None:
    """Refuse what a later version wrote."""
    if version != VERSION:
        raise UnsupportedVersion(
            f"version {version} of the format; this program reads version {VERSION}"
        )


def check_magic(front: bytes, name: str) -> None:
    """Check the first bytes of a segment."""
    if front[: len(MAGIC)] != MAGIC:
        raise CorruptSegment(f"{name}: not a logzip segment (at byte 0)")
    if len(front) <= len(MAGIC):
        raise CorruptSegment(f"{name}: the segment is cut short at byte {len(front)}")
    try:
        check_version(front[len(MAGIC)])
    except UnsupportedVersion as error:
        raise UnsupportedVersion(f"{name}: {error}") from None
