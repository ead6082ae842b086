"""Segments written: batch after batch, or a whole stream of bytes.

Blocks are encoded in threads (the kernels and the entropy coders release the interpreter lock)
and written in order, so that the bytes don't depend on how many threads there were.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, BinaryIO

from logscan import detect_format, read_blocks, render, scan
from logzip.cluster import cluster
from logzip.encoder import encode_block
from logzip.filters import build_filter
from logzip.footer import (
    BlockInfo,
    SegmentInfo,
    block_info,
    encode_footer,
    segment_info,
)
from logzip.format import MAGIC, MAX_BLOCK_BYTES, VERSION
from logzip.ordered import in_order
from logzip.runs import LEVELS, Means

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from logscan import HeaderFormat, RecordBatch
    from logzip.runs import Level

SAMPLE_BYTES = 1 << 20  # the header's format is found on the first lines in these
BLOCK_BYTES = 16 << 20
# More lines than the platform's blocks: an archive is searched less and should be smaller.
BLOCK_LINES = 1 << 18


@dataclass(frozen=True, slots=True)
class _Encoded:
    """A block ready to be written, and its footer entry, whose place is not known yet."""

    data: bytes
    info: BlockInfo


def encode(
    batch: RecordBatch, raw: bytes, level: Level, groups: NDArray[np.int32] | None = None
) -> _Encoded:
    """Cluster a batch and encode it."""
    if Means.MERGING not in level.without:
        batch, _ = cluster(batch, groups)
    return encode_clustered(batch, raw, level)


def encode_clustered(
    batch: RecordBatch, raw: bytes, level: Level, *, keep_columns: bool = False
) -> _Encoded:
    """Encode a batch as it is."""
    if not len(batch):
        raise ValueError("an empty batch")
    if len(raw) > MAX_BLOCK_BYTES:
        raise ValueError(f"a block of {len(raw)} bytes; at most {MAX_BLOCK_BYTES}")
    data = encode_block(batch, raw, level, keep_columns=keep_columns)
    info = block_info(batch, data, build_filter(batch), raw_bytes=len(raw), number=0, offset=0)
    return _Encoded(data, info)


class SegmentWriter:
    """Writes one segment to ``out``, which needs no seeking. `close` makes it complete."""

    def __init__(self, out: BinaryIO, *, level: str = "default") -> None:
        self._out = out
        self._level = LEVELS[level]
        self._blocks: list[BlockInfo] = []
        self._offset = 0
        self._write(MAGIC + bytes([VERSION]))

    def add(self, batch: RecordBatch, *, groups: NDArray[np.int32] | None = None) -> BlockInfo:
        """Write a batch of at least one record as a block.

        Parameters
        ----------
        batch : RecordBatch
        groups : ndarray of int32, shape (S,), optional
            Structures are merged only when their values here are equal; without it, wherever
            merging saves bytes.

        Returns
        -------
        BlockInfo
            Its structures are those that clustering left.
        """
        return self.append(encode(batch, render(batch), self._level, groups))

    def add_clustered(self, batch: RecordBatch) -> BlockInfo:
        """Write a batch whose structures stay as they are, for who keeps a catalog of them.

        However small it is, it is kept raw only where its columns don't give the bytes back.
        """
        return self.append(
            encode_clustered(batch, render(batch), self._level, keep_columns=True)
        )

    def append(self, block: _Encoded) -> BlockInfo:
        """Write a block that `encode` made."""
        info = replace(block.info, number=len(self._blocks), offset=self._offset)
        self._write(block.data)
        self._blocks.append(info)
        return info

    def close(self) -> SegmentInfo:
        """Write the footer. ``out`` stays open."""
        self._write(encode_footer(self._blocks))
        return segment_info(self._blocks, self._offset)

    def _write(self, data: bytes) -> None:
        self._out.write(data)
        self._offset += len(data)


def compress_stream(
    src: BinaryIO,
    dst: BinaryIO,
    *,
    level: str = "default",
    threads: int = 1,
    received_ns: int = 0,
    processes: bool = False,
) -> SegmentInfo:
    """Compress all of ``src`` to one segment.

    Parameters
    ----------
    src, dst : binary files
        Pipes are good enough. Memory is bounded: a few blocks of 16 MiB for each thread.
    level : str
        ``fast``, ``default`` or ``max``.
    threads : int
        The segment's bytes are the same for any number.
    received_ns : int
        Nanoseconds since 1970 UTC: the year of timestamps without one, the time of records
        that have none.
    processes : bool
        Whether blocks are encoded in forked processes instead of threads.
    """
    source, header = _with_format(src)
    writer = SegmentWriter(dst, level=level)

    encode_one = partial(
        _encode_raw, header=header, received_ns=received_ns, level=LEVELS[level]
    )
    blocks = read_blocks(
        source, header=header, block_bytes=BLOCK_BYTES, block_lines=BLOCK_LINES
    )
    for block in in_order(encode_one, _without_rest(blocks), threads, processes=processes):
        writer.append(block)
    return writer.close()


def _encode_raw(
    raw: bytes, *, header: HeaderFormat, received_ns: int, level: Level
) -> _Encoded:
    return encode(scan(raw, header=header, received_ns=received_ns), raw, level)


def _without_rest(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the blocks, a short last one joined with the one before.

    A block's tables, and what is new to it, cost most in short ones: the last two megabytes of
    a log were seen to take as much as five others.
    """
    before = next(blocks, b"")
    last = next(blocks, b"")
    for block in blocks:
        yield before
        before, last = last, block
    if 2 * len(last) <= len(before):
        before, last = before + last, b""
    yield from filter(None, (before, last))


def _with_format(src: BinaryIO) -> tuple[BinaryIO, HeaderFormat]:
    sample = io.BytesIO()
    while sample.tell() < SAMPLE_BYTES and (part := src.read(SAMPLE_BYTES - sample.tell())):
        sample.write(part)
    header = detect_format(sample.getvalue())
    return io.BufferedReader(_Joined(sample.getvalue(), src), 1 << 20), header


class _Joined(io.RawIOBase):
    """Bytes that were read already, then the rest of their stream."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head = memoryview(head)
        self._rest = rest

    def readable(self) -> bool:
        """Tell io.BufferedReader that this is read from."""
        return True

    def readinto(self, target: object) -> int:
        """Fill ``target`` with what comes next; 0 at the end."""
        view = memoryview(target).cast("B")  # type: ignore[arg-type]  # any writable buffer
        if self._head:
            part = bytes(self._head[: len(view)])
            self._head = self._head[len(part) :]
        else:
            part = self._rest.read(len(view))
        view[: len(part)] = part
        return len(part)
