"""The write-ahead files: accepted bytes, on disk before the answer and until they are sealed.

A file is nothing but the accepted bytes one after the other; the `Batch` row that says which
part is whose is written after the sync and is the commit. What no row names was never
acknowledged. Each process appends to a file of its own and holds a lock on it, by which the
sweep knows that it may still grow.
"""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import shutil
import time
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, BinaryIO

from logplatform.logs.errors import CorruptBatchError, StorageFullError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from logplatform.logs.models import Batch

ROTATE_BYTES = 64 << 20  # a file is deleted whole, so small files free their room sooner
COPY_BYTES = 1 << 20
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@dataclass(frozen=True, slots=True)
class Place:
    """Where accepted bytes lie."""

    file: str
    offset: int
    length: int


def content_hash(data: bytes) -> str:
    """Return the BLAKE2b-128 of some bytes, as hex."""
    return blake2b(data, digest_size=16).hexdigest()


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def disk_full_is_named(what: str) -> Iterator[None]:
    """Turn the system's "no room" into `StorageFullError`."""
    try:
        yield
    except OSError as error:
        if error.errno not in FULL:
            raise
        raise StorageFullError(f"{what}: {error.strerror}") from error


def require_room(folder: Path, needed: int, *, reserve: int) -> None:
    """Refuse to write where less than ``reserve`` bytes would stay free.

    The reserve is what seals, the database and deletions need to make room again.
    """
    free = shutil.disk_usage(folder).free
    if free - needed < reserve:
        raise StorageFullError(
            f"{free} bytes are free, {needed} are needed and {reserve} stay in reserve"
        )


class WriteAheadFile:
    """The file that this process appends to. Not thread-safe: one caller at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: BinaryIO | None = None
        self._size = 0
        self.name = ""

    def append(self, payloads: Sequence[bytes]) -> list[Place]:
        """Write some payloads with one sync and return where each lies."""
        if self._file is None or self._size >= ROTATE_BYTES:
            self.close()
            self._file, self.name = create(self._folder, "posts")
            self._size = 0
        places, offset = [], self._size
        for payload in payloads:
            places.append(Place(self.name, offset, len(payload)))
            offset += len(payload)
        try:
            with disk_full_is_named(self.name):
                write_all(self._file, b"".join(payloads))
                os.fdatasync(self._file.fileno())
        except BaseException:
            self.close()
            raise
        self._size = offset
        return places

    def close(self) -> None:
        """Let go of the file; the rows that name it keep it alive.

        Also after a failure: a new file is begun rather than this one cut, since after a failed
        sync the kernel may have dropped pages that a later sync would report as written.
        """
        if self._file is not None:
            self._file.close()
            self._file = None


def create(folder: Path, kind: str) -> tuple[BinaryIO, str]:
    """Make a locked file that is known by its name after a power cut too."""
    name = f"{kind}-{time.time_ns()}-{os.getpid()}-{secrets.token_hex(4)}.wal"
    with disk_full_is_named(name):
        file = (folder / name).open("xb", buffering=0)
        fcntl.flock(file, fcntl.LOCK_EX)
        sync_folder(folder)
    return file, name


@contextmanager
def spool(folder: Path, stream: BinaryIO, *, reserve: int) -> Iterator[tuple[str, str]]:
    """Write a whole stream to a file of its own; yields its name and content hash.

    The file is synced when the body begins, locked until it ends, and deleted where the body
    fails: rows that name it are committed inside.
    """
    file, name = create(folder, "upload")
    try:
        with file:
            yield name, _copy(stream, file, folder, reserve)
    except BaseException:
        (folder / name).unlink(missing_ok=True)
        raise


def _copy(stream: BinaryIO, file: BinaryIO, folder: Path, reserve: int) -> str:
    digest = blake2b(digest_size=16)
    with disk_full_is_named("upload"):
        while data := stream.read(COPY_BYTES):
            require_room(folder, len(data), reserve=reserve)
            digest.update(data)
            write_all(file, data)
        os.fdatasync(file.fileno())
    return digest.hexdigest()


def write_all(file: BinaryIO, data: bytes) -> None:
    """Write to an unbuffered file, which may take a part at a time."""
    view = memoryview(data)
    while view:
        view = view[file.write(view) :]


def read(folder: Path, batch: Batch) -> bytes:
    """Return the bytes of an unsealed batch, checked against their hash."""
    with (folder / batch.file).open("rb") as file:
        file.seek(batch.offset)
        data = file.read(batch.length)
    if content_hash(data) != batch.content_hash:
        raise CorruptBatchError(
            batch.pk,
            f"{batch.file} does not hold its {batch.length} bytes at byte {batch.offset}",
        )
    return data


def is_in_use(path: Path) -> bool:
    """Say whether a living process still holds the lock on a write-ahead file."""
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
