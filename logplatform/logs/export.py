"""A source's bytes as they came: sealed segments in order, then what is not sealed yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from django.conf import settings

from logplatform.logs.blocks import read_accepted
from logplatform.logs.catalog import segment_path, snapshot
from logplatform.logs.services import header_format
from logscan import HEADER_FORMATS
from logzip import Segment as SegmentFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logplatform.logs.models import Source


def read_source(source: Source) -> Iterator[bytes]:
    """Yield all bytes of a source, a block at a time.

    Batches begin on a line of their own: where one ended without a line end and another
    follows, a newline is put between them. A single file comes back byte for byte.
    """
    is_open = False
    for data in _blocks(source):
        if is_open:
            yield b"\n"
        yield data
        is_open = not data.endswith(b"\n")


def _blocks(source: Source) -> Iterator[bytes]:
    found = snapshot([source])
    for row in found.segments:
        with SegmentFile.open(segment_path(row)) as segment:
            for number in range(len(segment.blocks)):
                yield segment.block(number).render()
    header = header_format(source) or HEADER_FORMATS["none"]
    for block in read_accepted(settings.HOME.wal, found.batches, header=header):
        yield block.data


def write_source(source: Source, out: BinaryIO) -> None:
    """Write all bytes of a source."""
    for data in read_source(source):
        out.write(data)
