"""Segments as Python files, and the lines of one that match: `open` and `search`.

The command and the platform work on blocks (`logzip.reader`, `logzip.writer`); this is for
scripts that want a file object.
"""

from __future__ import annotations

import builtins
import io
from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, BinaryIO, Literal, cast

from logscan import detect_format, read_blocks, scan
from logzip.grep import Question
from logzip.grep import search as search_blocks
from logzip.patterns import line_condition
from logzip.reader import Segment
from logzip.runs import LEVELS
from logzip.writer import BLOCK_BYTES, BLOCK_LINES, SegmentWriter, encode

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from logscan import HeaderFormat


@dataclass(frozen=True, slots=True)
class FoundLine:
    """A line that matches: its number, from 1, and its bytes with the line end."""

    number: int
    text: bytes


def open(  # noqa: A001  named as in gzip, bz2 and lzma
    path_or_file: str | Path | BinaryIO,
    mode: Literal["rb", "wb"] = "rb",
    *,
    level: str = "default",
) -> io.BufferedReader | SegmentFileWriter:
    """Open a segment as a file object.

    Parameters
    ----------
    path_or_file : str, Path or binary file
        A file object stays open when what is returned is closed.
    mode : str
        ``rb`` reads the log's bytes and can seek: a block is decoded when bytes of it are asked
        for. ``wb`` takes the log's bytes and writes a segment; `close` completes it.
    level : str
        ``fast``, ``default`` or ``max``, for writing.

    Raises
    ------
    CorruptSegment, UnsupportedVersion
    """
    if mode == "rb":
        return io.BufferedReader(_SegmentFile(Segment.open(path_or_file)), 1 << 16)
    if mode != "wb":
        raise ValueError(f"mode {mode!r}; a segment is opened with 'rb' or 'wb'")
    if hasattr(path_or_file, "write"):
        return SegmentFileWriter(cast("BinaryIO", path_or_file), level, owned=False)
    file = builtins.open(cast("str", path_or_file), "wb")  # noqa: SIM115, PTH123  closed by the writer
    return SegmentFileWriter(file, level, owned=True)


def search(
    path_or_file: str | Path | BinaryIO,
    pattern: str,
    *,
    regex: bool = False,
    ignore_case: bool = False,
    invert: bool = False,
    threads: int = 1,
) -> Iterator[FoundLine]:
    """Yield the lines of a segment that match, in order; no others are rendered.

    Raises
    ------
    BadPattern, CorruptSegment, UnsupportedVersion
    """
    text = pattern.encode("utf-8", "surrogateescape")  # bytes count
    asked = Question(
        line_condition([text], regex=regex, ignore_case=ignore_case),
        invert=invert,
        threads=threads,
    )
    with Segment.open(path_or_file) as segment:
        for hits in search_blocks(segment, asked):
            for number, text in hits.texts(segment):
                yield FoundLine(number, text)


class _SegmentFile(io.RawIOBase):
    """The bytes that went into a segment; the block read last is kept."""

    def __init__(self, segment: Segment) -> None:
        self._segment = segment
        self._edges = [0, *accumulate(info.raw_bytes for info in segment.blocks)]
        self._at = 0
        self._number, self._text = -1, b""

    def readable(self) -> bool:
        """Tell that this is read from."""
        return True

    def seekable(self) -> bool:
        """Tell that any place can be read."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a byte of the log."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._edges[-1]}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        """Return the place in the log."""
        return self._at

    def readinto(self, target: object) -> int:
        """Fill ``target`` with what comes next; 0 at the end."""
        view = memoryview(target).cast("B")  # type: ignore[arg-type]  # any writable buffer
        if self._at >= self._edges[-1]:
            return 0
        number = bisect_right(self._edges, self._at) - 1
        if number != self._number:
            block = self._segment.block(number)
            self._number, self._text = number, block.render()
            block.drop()
        low = self._at - self._edges[number]
        part = self._text[low : low + len(view)]
        view[: len(part)] = part
        self._at += len(part)
        return len(part)

    def close(self) -> None:
        """Close the segment."""
        if not self.closed:
            self._segment.close()
        super().close()


class SegmentFileWriter(io.RawIOBase):
    """Takes the bytes of a log and writes a segment, a block whenever one is full."""

    def __init__(self, out: BinaryIO, level: str, *, owned: bool) -> None:
        self._out = out
        self._owned = owned
        self._level = LEVELS[level]
        self._writer = SegmentWriter(out, level=level)
        self._waiting = bytearray()
        self._header: HeaderFormat | None = None

    def writable(self) -> bool:
        """Tell that this is written to."""
        return True

    def write(self, data: object) -> int:
        """Take bytes of the log, cut anywhere."""
        view = memoryview(data).cast("B")  # type: ignore[arg-type]  # any buffer
        self._waiting += view
        if len(self._waiting) >= 2 * BLOCK_BYTES:
            self._write_blocks(keep_last=True)
        return len(view)

    def close(self) -> None:
        """Write what is left, and the footer."""
        if self.closed:
            return
        try:
            self._write_blocks(keep_last=False)
            self._writer.close()
        finally:
            if self._owned:
                self._out.close()
            super().close()

    def _write_blocks(self, *, keep_last: bool) -> None:
        if self._header is None:
            self._header = detect_format(bytes(self._waiting[: 1 << 20]))
        header = self._header
        blocks = read_blocks(
            io.BytesIO(bytes(self._waiting)),
            header=header,
            block_bytes=BLOCK_BYTES,
            block_lines=BLOCK_LINES,
        )
        last = b""
        for block in blocks:
            if last:
                self._append(last, header)
            last = block
        if last and not keep_last:
            self._append(last, header)
            last = b""
        self._waiting = bytearray(last)

    def _append(self, raw: bytes, header: HeaderFormat) -> None:
        batch = scan(raw, header=header, received_ns=0)
        self._writer.append(encode(batch, raw, self._level))
