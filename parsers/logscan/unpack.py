"""Streaming decompression by magic bytes, in bounded steps, with the place of every error.

One `read` gives a bounded amount whatever the input claims, so a bomb is seen before it costs
memory. Limits are enforced by the caller.
"""

from __future__ import annotations

import bz2
import lzma
import zlib
from typing import TYPE_CHECKING, BinaryIO, Protocol

import zstandard

from logscan.errors import TruncatedInput

if TYPE_CHECKING:
    from collections.abc import Callable

READ_BYTES = 256 << 10
STEP_BYTES = 1 << 20  # what one read gives at most (zstd: one block, 128 KiB)
XZ_MEMORY = 256 << 20  # xz -9 needs 65 MiB; a header can ask for 4 GiB
ZSTD_WINDOW = 1 << 27  # --long=27, as our corpus files have
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
ZSTD_SKIPPABLE = b"\x2a\x4d\x18"  # after one byte 0x50 to 0x5f


class Unpacker(Protocol):
    """What `open_input` reads from."""

    name: str
    offset: int  # bytes of the packed input that were taken

    def read(self) -> bytes:
        """Return some more bytes, none at the end."""


class Decompressor(Protocol):
    """What bz2 and lzma give, and `_Gzip` for zlib."""

    @property
    def eof(self) -> bool:
        """The end mark was read."""

    @property
    def needs_input(self) -> bool:
        """No output is left of the input given."""

    @property
    def unused_data(self) -> bytes:
        """The input after the end mark."""

    def decompress(self, data: bytes, max_length: int = ...) -> bytes:
        """Return at most ``max_length`` bytes."""


class _Gzip:
    """zlib's object with the interface of those of bz2 and lzma."""

    def __init__(self) -> None:
        self._object = zlib.decompressobj(wbits=31)

    @property
    def eof(self) -> bool:
        return self._object.eof

    @property
    def needs_input(self) -> bool:
        return not self._object.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._object.unused_data

    def decompress(self, data: bytes, max_length: int = STEP_BYTES) -> bytes:
        return self._object.decompress(self._object.unconsumed_tail + data, max_length)


class _Source:
    """A file with some bytes put back in front."""

    def __init__(self, head: bytes, file: BinaryIO, name: str) -> None:
        self.name = name
        self.offset = 0
        self._head = head
        self._file = file

    def take(self, size: int) -> bytes:
        """Return up to ``size`` bytes, fewer than that only now and then or at the end."""
        data, self._head = self._head[:size], self._head[size:]
        data = data or self._file.read(size)
        self.offset += len(data)
        return data

    def take_all(self, size: int, what: str) -> bytes:
        """Return exactly ``size`` bytes."""
        parts = []
        while size > 0:
            part = self.take(size)
            if not part:
                raise self.truncated(what)
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def put_back(self, data: bytes) -> None:
        """Take bytes back that belong to what follows."""
        self._head = data + self._head
        self.offset -= len(data)

    def truncated(self, what: str) -> TruncatedInput:
        return TruncatedInput(f"{self.name}: {what} data ends early at byte {self.offset}")

    def damaged(self, what: str, cause: object) -> TruncatedInput:
        return TruncatedInput(
            f"{self.name}: {what} data is damaged near byte {self.offset}: {cause}"
        )


class _Plain(_Source):
    def read(self) -> bytes:
        return self.take(STEP_BYTES)


class _Members(_Source):
    """gzip, bz2 or xz: members one after the other, zero padding between them allowed."""

    def __init__(
        self,
        head: bytes,
        file: BinaryIO,
        name: str,
        kind: str,
        make: Callable[[], Decompressor],
    ) -> None:
        super().__init__(head, file, name)
        self._kind = kind
        self._make = make
        self._member: Decompressor | None = make()

    def read(self) -> bytes:
        data = b""
        while not data:
            self._member = self._member or self._next_member()
            if self._member is None:
                return b""
            data = self._step(self._member)
        return data

    def _step(self, member: Decompressor) -> bytes:
        packed = b""
        if member.needs_input:
            packed = self.take(READ_BYTES)
            if not packed:
                raise self.truncated(self._kind)
        try:
            data = member.decompress(packed, STEP_BYTES)
        except (zlib.error, OSError, lzma.LZMAError) as error:
            raise self.damaged(self._kind, error) from error
        if member.eof:
            self.put_back(member.unused_data)
            self._member = None
        return data

    def _next_member(self) -> Decompressor | None:
        """Start on the next member; None at the end of the input."""
        while data := self.take(READ_BYTES):
            rest = data.lstrip(b"\0")
            if rest:
                self.put_back(rest)
                return self._make()
        return None


class _Zstd(_Source):
    """zstd frames, decoded block by block: no block gives more than 128 KiB.

    zstandard's own objects give all that their input holds at once, and a block of four bytes
    can hold 128 KiB; so the blocks are told apart here (RFC 8878, section 3.1.1).
    """

    def __init__(self, head: bytes, file: BinaryIO, name: str) -> None:
        super().__init__(head, file, name)
        self._context = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW)
        self._frame: zstandard.ZstdDecompressionObj | None = None
        self._has_checksum = False

    def read(self) -> bytes:
        data = b""
        while not data:
            if self._frame is None:
                magic = self.take(4)
                if not magic:
                    return b""
                magic += self.take_all(4 - len(magic), "zstd")
                if magic[1:] == ZSTD_SKIPPABLE and magic[0] >> 4 == 5:
                    self._skip(int.from_bytes(self.take_all(4, "zstd"), "little"))
                    continue
                data = self._open_frame(magic)
            else:
                data = self._block(self._frame)
        return data

    def _skip(self, size: int) -> None:
        while size > 0:
            size -= len(self.take_all(min(size, READ_BYTES), "zstd"))

    def _open_frame(self, magic: bytes) -> bytes:
        if magic != ZSTD_MAGIC:
            raise self.damaged("zstd", "no frame begins here")
        descriptor = self.take_all(1, "zstd")
        flags = descriptor[0]
        single = flags >> 5 & 1
        size = (0, 1, 2, 4)[flags & 3] + (single, 2, 4, 8)[flags >> 6] + (1 - single)
        self._has_checksum = bool(flags & 4)
        self._frame = self._context.decompressobj()
        return self._feed(self._frame, magic + descriptor + self.take_all(size, "zstd"))

    def _block(self, frame: zstandard.ZstdDecompressionObj) -> bytes:
        head = self.take_all(3, "zstd")
        number = int.from_bytes(head, "little")
        is_last, kind, size = number & 1, number >> 1 & 3, number >> 3
        body = head + self.take_all(1 if kind == 1 else size, "zstd")
        if is_last:
            self._frame = None
            body += self.take_all(4 if self._has_checksum else 0, "zstd")
        return self._feed(frame, body)

    def _feed(self, frame: zstandard.ZstdDecompressionObj, data: bytes) -> bytes:
        try:
            return frame.decompress(data)
        except zstandard.ZstdError as error:
            raise self.damaged("zstd", error) from error


def unpacker_of(head: bytes, file: BinaryIO, name: str) -> Unpacker:
    """Choose by the first bytes; ``head`` is read already and put back."""
    if head.startswith(b"\x1f\x8b\x08"):
        return _Members(head, file, name, "gzip", _Gzip)
    if head.startswith(ZSTD_MAGIC) or (head[1:4] == ZSTD_SKIPPABLE and head[0] >> 4 == 5):
        return _Zstd(head, file, name)
    if head.startswith(b"\xfd7zXZ\0"):
        return _Members(head, file, name, "xz", _xz)
    if head[:3] == b"BZh" and head[4:10] in (b"1AY&SY", b"\x17rE8P\x90"):
        return _Members(head, file, name, "bz2", bz2.BZ2Decompressor)
    return _Plain(head, file, name)


def _xz() -> lzma.LZMADecompressor:
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=XZ_MEMORY)
