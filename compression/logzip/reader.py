"""Segments read: by range with the footer, or front to back from a pipe."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from logzip.decoder import FRONT_BYTES, Block, header_size, read_header
from logzip.errors import CorruptSegment, LogzipError, UnsupportedVersion
from logzip.footer import (
    BlockInfo,
    SegmentInfo,
    check_magic,
    decode_footer,
    footer_size,
    segment_info,
    structure_counts,
)
from logzip.format import MAGIC, MAX_FOOTER_BYTES, TRAILER_BYTES, BlockTag
from logzip.ordered import in_order

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import TracebackType

__all__ = ["Block", "Segment", "decompress_stream"]

TAIL_BYTES = 1 << 16  # read at once; a footer is rarely longer


class Segment:
    """A segment of which single blocks are read.

    Ranges are read from a path or from a seekable file object; one segment may be read by
    several threads.
    """

    def __init__(self, file: BinaryIO, name: str, *, owned: bool) -> None:
        self.name = name
        self._file = file
        self._owned = owned
        self._lock = threading.Lock()
        self._size = file.seek(0, 2)
        self.blocks: tuple[BlockInfo, ...] = tuple(self._read_footer())
        self.info: SegmentInfo = segment_info(list(self.blocks), self._size)

    @classmethod
    def open(cls, path_or_file: str | Path | BinaryIO) -> Segment:
        """Open a segment and read its footer.

        Raises
        ------
        CorruptSegment, UnsupportedVersion
        """
        if not isinstance(path_or_file, (str, Path)):
            name = str(getattr(path_or_file, "name", "segment"))
            return cls(path_or_file, name, owned=False)
        file = Path(path_or_file).open("rb")  # noqa: SIM115  `close` closes it
        try:
            return cls(file, str(path_or_file), owned=True)
        except LogzipError:
            file.close()
            raise

    def __enter__(self) -> Segment:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file if it was opened by its path."""
        if self._owned:
            self._file.close()

    def block(self, number: int) -> Block:
        """Read one block."""
        info = self.blocks[number]
        data = self._read(info.offset, info.stored_bytes)
        block = Block(data, f"block {number} of {self.name} at byte {info.offset}")
        if (block.header.n_records, block.header.raw_bytes) != (info.n_records, info.raw_bytes):
            raise CorruptSegment(f"{block.place}: the footer says otherwise")
        return block

    def lines(self, first: int, last: int | None = None) -> Iterator[bytes]:
        """Yield the lines ``first`` to ``last``, from 1, both included, block by block joined.

        The last one has no line end where the log has none. Blocks without them are not read.
        """
        before = 0
        for info in self.blocks:
            low, high = max(first - 1 - before, 0), info.n_lines
            if last is not None:
                high = min(high, last - before)
            before += info.n_lines
            if low >= high:
                continue
            block = self.block(info.number)
            text = block.render()
            block.drop()
            if low == 0 and high == info.n_lines:
                yield text
                continue
            ends = np.flatnonzero(np.frombuffer(text, np.uint8) == ord("\n")) + 1
            edges = [0, *ends.tolist(), len(text)]
            yield text[edges[low] : edges[high]]

    def _read(self, offset: int, size: int) -> bytes:
        with self._lock:
            self._file.seek(offset)
            data = self._file.read(size)
        if len(data) != size:
            raise CorruptSegment(f"{self.name}: cut short at byte {offset + len(data)}")
        return data

    def _read_footer(self) -> list[BlockInfo]:
        tail = self._read(max(0, self._size - TAIL_BYTES), min(self._size, TAIL_BYTES))
        try:
            start, blocks = self._blocks_of(tail)
        except UnsupportedVersion as error:
            raise UnsupportedVersion(f"{self.name}: {error}") from None
        except ValueError as error:
            check_magic(self._read(0, min(self._size, len(MAGIC) + 1)), self.name)
            where = f"{self.name} at byte {max(0, self._size - TRAILER_BYTES)}"
            raise CorruptSegment(f"footer of {where}: {error}") from error
        end = blocks[-1].offset + blocks[-1].stored_bytes if blocks else len(MAGIC) + 1
        if end != start:
            raise CorruptSegment(f"footer of {self.name} at byte {start}: blocks are missing")
        return blocks

    def _blocks_of(self, tail: bytes) -> tuple[int, list[BlockInfo]]:
        """Return where the footer starts, and the blocks that it names."""
        trailer = tail[-TRAILER_BYTES:]
        size = footer_size(trailer)
        start = self._size - TRAILER_BYTES - size
        if start < len(MAGIC) + 1:
            raise ValueError(f"a footer of {size} bytes")
        if size + TRAILER_BYTES > len(tail):
            tail = self._read(start, size + TRAILER_BYTES)
        stored = tail[-TRAILER_BYTES - size : -TRAILER_BYTES]
        return start, decode_footer(stored, trailer, self._structures_of)

    def _structures_of(self, number: int) -> Mapping[int, int]:
        return structure_counts(self.block(number).batch)


def decompress_stream(src: BinaryIO, dst: BinaryIO, *, threads: int = 1) -> SegmentInfo:
    """Write the bytes that went into the segment ``src``, which is read front to back.

    The footer is checked against the blocks at the end; what was written until an error is
    right as far as it goes.
    """
    name = str(getattr(src, "name", "segment"))
    check_magic(_read_some(src, len(MAGIC) + 1), name)
    end: list[list[BlockInfo]] = []
    n_blocks = n_raw = 0

    def unpack(block: Block) -> bytes:
        text = block.render()
        block.drop()
        return text

    for data in in_order(unpack, _blocks(src, name, end), threads):
        dst.write(data)
        n_blocks += 1
        n_raw += len(data)
    blocks = end[0]
    if len(blocks) != n_blocks or sum(block.raw_bytes for block in blocks) != n_raw:
        raise CorruptSegment(f"footer of {name}: it names other blocks than there are")
    stored = blocks[-1].offset + blocks[-1].stored_bytes if blocks else len(MAGIC) + 1
    return segment_info(blocks, stored)


def _blocks(src: BinaryIO, name: str, end: list[list[BlockInfo]]) -> Iterator[Block]:
    """Yield the blocks of a stream; the footer goes to ``end``."""
    offset = len(MAGIC) + 1
    number = 0
    while True:
        place = f"block {number} of {name} at byte {offset}"
        front = _read_some(src, FRONT_BYTES)
        if front[:1] == bytes([BlockTag.END]):
            end.append(_end_of_stream(front + _read_some(src, MAX_FOOTER_BYTES), name, offset))
            return
        try:
            header = front + _read_exactly(src, header_size(front), place)
            size = read_header(header).body_bytes
        except ValueError as error:
            raise CorruptSegment(f"{place}: {error}") from error
        data = header + _read_exactly(src, size, place)
        yield Block(data, place)
        offset += len(data)
        number += 1


def _end_of_stream(tail: bytes, name: str, offset: int) -> list[BlockInfo]:
    stored, trailer = tail[:-TRAILER_BYTES], tail[-TRAILER_BYTES:]
    try:
        return decode_footer(stored, trailer, lambda _: {})
    except ValueError as error:
        raise CorruptSegment(f"footer of {name} at byte {offset}: {error}") from error


def _read_some(src: BinaryIO, size: int) -> bytes:
    """Read ``size`` bytes, fewer at the end of the stream only."""
    parts = []
    while size > 0 and (part := src.read(min(size, 1 << 24))):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _read_exactly(src: BinaryIO, size: int, place: str) -> bytes:
    data = _read_some(src, size)
    if len(data) != size:
        raise CorruptSegment(f"{place}: the segment is cut short")
    return data
