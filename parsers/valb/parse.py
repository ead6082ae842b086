"""Files to batches to annotations: what the commands share. Nothing is written here."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, cast

from logscan import detect_format, open_input, read_blocks, scan, scan_messages

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from logscan import RecordBatch

# Rows of a block are held as objects, 40 bytes for each of the log and more.
BLOCK_BYTES = 2 << 20
# What the header format is detected on.
SAMPLE_BYTES = 256 << 10


def open_log(path: str) -> BinaryIO:
    """Open a plain or packed file, ``-`` for standard input."""
    return open_input(sys.stdin.buffer if path == "-" else path)


def _line_blocks(stream: BinaryIO) -> Iterator[bytes]:
    """Cut a stream at line ends into blocks of about `BLOCK_BYTES`."""
    rest = b""
    while part := stream.read(BLOCK_BYTES):
        end = part.rfind(b"\n") + 1
        if end == 0:
            rest += part
            continue
        yield rest + part[:end]
        rest = part[end:]
    if rest:
        yield rest


def message_batches(stream: BinaryIO) -> Iterator[RecordBatch]:
    """Scan a stream whose lines are bare messages."""
    return (scan_messages(block) for block in _line_blocks(stream))


class _Joined:
    """A stream behind bytes that were read from it already."""

    def __init__(self, head: bytes, stream: BinaryIO) -> None:
        self._head = head
        self._stream = stream

    def read(self, size: int) -> bytes:
        """Read up to ``size`` bytes."""
        if not self._head:
            return self._stream.read(size)
        part, self._head = self._head[:size], self._head[size:]
        return part


def record_batches(stream: BinaryIO, *, received_ns: int) -> Iterator[RecordBatch]:
    """Scan a stream of log lines whose header format is found on its first bytes."""
    sample = stream.read(SAMPLE_BYTES)
    header = detect_format(sample)
    joined = cast("BinaryIO", _Joined(sample, stream))
    previous_ns = None
    for block in read_blocks(joined, header=header, block_bytes=BLOCK_BYTES):
        batch = scan(block, header=header, received_ns=received_ns, previous_ns=previous_ns)
        if len(batch):
            previous_ns = int(batch.time_ns[-1])
        yield batch
