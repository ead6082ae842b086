"""Accepted batches as the blocks that are scanned: the same for a seal and for a search.

Small requests are put together, as a block of a few lines compresses badly and costs as much
to plan as a large one. What one request left without a final newline ends there: a newline is
put between it and the next one.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from logplatform.logs import wal
from logscan import read_blocks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from uuid import UUID

    from logplatform.logs.models import Batch
    from logscan import HeaderFormat

BLOCK_BYTES = 16 << 20
BLOCK_LINES = 65_536
# Without a time in its header a record has the time of its receipt, one for each block.
SAME_RECEIPT = timedelta(seconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Block:
    """Some lines to scan at once, and from which batches they come."""

    data: bytes
    received_ns: int
    batches: tuple[UUID, ...]


def read_accepted(
    folder: Path, batches: Iterable[Batch], *, header: HeaderFormat
) -> Iterator[Block]:
    """Yield the blocks of some unsealed batches, in their order."""
    for group in _groups(batches, split_by_time=header.name == "none"):
        yield from _blocks(folder, group, header)


def to_ns(moment: datetime) -> int:
    """Return nanoseconds since 1970 UTC, exact to the microsecond."""
    return (moment - EPOCH) // timedelta(microseconds=1) * 1000


def _groups(batches: Iterable[Batch], *, split_by_time: bool) -> Iterator[list[Batch]]:
    group: list[Batch] = []
    size = lines = 0
    for batch in batches:
        is_later = split_by_time and group and batch.received - group[0].received > SAME_RECEIPT
        is_full = size + batch.length > BLOCK_BYTES or lines + batch.lines > BLOCK_LINES
        if group and (is_full or is_later):
            yield group
            group, size, lines = [], 0, 0
        group.append(batch)
        size += batch.length
        lines += batch.lines
    if group:
        yield group


def _blocks(folder: Path, group: list[Batch], header: HeaderFormat) -> Iterator[Block]:
    data = join([wal.read(folder, batch) for batch in group])
    received_ns = to_ns(group[0].received)
    batches = tuple(batch.pk for batch in group)
    if len(data) <= BLOCK_BYTES and sum(batch.lines for batch in group) <= BLOCK_LINES:
        yield Block(data, received_ns, batches)
        return
    for part in read_blocks(
        io.BytesIO(data), header=header, block_bytes=BLOCK_BYTES, block_lines=BLOCK_LINES
    ):
        yield Block(part, received_ns, batches)


def join(parts: list[bytes]) -> bytes:
    """Put batches one after the other, each beginning on a new line."""
    if len(parts) == 1:
        return parts[0]
    last = len(parts) - 1
    return b"".join(
        part if index == last or part.endswith(b"\n") else part + b"\n"
        for index, part in enumerate(parts)
    )
