"""Segments that stay open between searches: their footers, and the blocks used last.

A dashboard asks for a page, a histogram and five facets of the same lines at once; each block
is then decoded once. Both caches are bounded, and segments never change, so nothing is stale.
"""

from __future__ import annotations

import io
from collections import OrderedDict
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Generic, TypeVar, cast

from logplatform.logs.catalog import segment_path
from logplatform.logs.errors import GoneMeanwhileError
from logzip import Segment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import BinaryIO

    from logplatform.logs import models
    from logzip import Block, BlockInfo

Key = TypeVar("Key")
Value = TypeVar("Value")

OPEN_SEGMENTS = 64
# A block of 64 K lines takes 30 to 60 MB once its columns are read.
DECODED_BLOCKS = 6


class Recent(Generic[Key, Value]):
    """A bounded cache of what was used last, safe for threads."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._items: OrderedDict[Key, Value] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Key, make: Callable[[], Value]) -> Value:
        """Return the value of a key, made where it is not at hand."""
        with self._lock:
            if key in self._items:
                self._items.move_to_end(key)
                return self._items[key]
        value = make()
        with self._lock:
            self._items[key] = value
            self._items.move_to_end(key)
            while len(self._items) > self._limit:
                self._items.popitem(last=False)
        return value


_segments: Recent[str, Segment] = Recent(OPEN_SEGMENTS)
_blocks: Recent[tuple[str, int], Block] = Recent(DECODED_BLOCKS)


def block_infos(segment: models.Segment) -> tuple[BlockInfo, ...]:
    """Return what the footer of a segment says about its blocks."""
    return _open(segment).blocks


def read_block(segment: models.Segment, index: int) -> Block:
    """Return one block; its columns are decoded when they are used."""
    with gone_is_named(segment.source.name):
        return _blocks.get((segment.path, index), lambda: _open(segment).block(index))


def _open(segment: models.Segment) -> Segment:
    path = segment_path(segment)
    with gone_is_named(segment.source.name):
        return _segments.get(
            segment.path, lambda: Segment.open(cast("BinaryIO", _Reopened(path)))
        )


@contextmanager
def gone_is_named(source_name: str) -> Iterator[None]:
    """Say that a source was deleted, where one of its files is not there."""
    try:
        yield
    except FileNotFoundError as error:
        raise GoneMeanwhileError(f"source {source_name} was deleted meanwhile") from error


class _Reopened(io.RawIOBase):
    """A file that is open only while it is read.

    What is cached can so be dropped at any time: nothing has to be closed that another thread
    may still be reading. An open costs some 20 us, the block read after it 10 ms.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.name = str(path)
        self._path = path
        self._at = 0
        self._size = path.stat().st_size

    def seekable(self) -> bool:
        """Say yes."""
        return True

    def readable(self) -> bool:
        """Say yes."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to an offset from the start, from here or from the end."""
        self._at = offset + (0, self._at, self._size)[whence]
        return self._at

    def read(self, size: int = -1) -> bytes:
        """Read all ``size`` bytes, fewer only at the end."""
        with self._path.open("rb") as file:
            file.seek(self._at)
            data = file.read(size)
        self._at += len(data)
        return data
