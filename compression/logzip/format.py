"""The constants of the file format and its varints. docs/format.md is the specification.

Nothing here knows what a column is.
"""

from __future__ import annotations

from enum import IntEnum

import xxhash

MAGIC = b"\x93LGZ\r\n\x1a\n"  # high bit, CR LF, ^Z: a transfer that mangles text is noticed
VERSION = 1
TRAILER_MAGIC = b"LGZ\x93"
TRAILER_BYTES = 20  # footer stored length u32, footer raw length u32, xxh3-64 u64, magic
CHECKSUM_BYTES = 4

# Limits: a reader rejects what exceeds them before it allocates.
MAX_HEADER_BYTES = 1 << 24
MAX_BLOCK_BYTES = 1 << 31  # raw bytes of one block, and the stored ones
MAX_RUN_BYTES = 1 << 31
MAX_RECORDS = 1 << 28
MAX_STRUCTURES = 1 << 24
MAX_SLOTS = 1 << 26
MAX_FOOTER_BYTES = 1 << 30
MAX_DEPTH = 4
MAX_SPARE_RATIO = 1 << 20  # raw bytes per stored byte of a run; zstd's own limit is near 2**17


class BlockTag(IntEnum):
    """What follows at the place where a block may start."""

    END = 0  # the footer
    COLUMNS = 1
    RAW = 2


def checksum(data: bytes | memoryview) -> int:
    """Return the low 32 bits of xxh3-64 of ``data``."""
    return xxhash.xxh3_64_intdigest(data) & 0xFFFFFFFF


def put_varint(out: bytearray, number: int) -> None:
    """Append ``number`` (0 to 2**64 - 1) as a LEB128 varint."""
    while number >= 128:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)


def zigzag(number: int) -> int:
    """Map a signed 64-bit number to an unsigned one, small to small."""
    return (number << 1) ^ (number >> 63)


def unzigzag(number: int) -> int:
    """Invert `zigzag`."""
    return (number >> 1) ^ -(number & 1)


class ByteReader:
    """Reads varints and bytes front to back; ValueError past the end or a limit."""

    def __init__(self, data: bytes, position: int = 0) -> None:
        self.data = data
        self.position = position

    def varint(self, limit: int = (1 << 64) - 1) -> int:
        """Read one varint, at most ``limit``."""
        number = shift = 0
        while True:
            if self.position >= len(self.data) or shift > 63:
                raise ValueError("a number is cut short")
            byte = self.data[self.position]
            self.position += 1
            number |= (byte & 127) << shift
            if byte < 128:
                break
            shift += 7
        if number > limit:
            raise ValueError(f"{number} exceeds the limit of {limit}")
        return number

    def byte(self) -> int:
        """Read one byte."""
        if self.position >= len(self.data):
            raise ValueError(f"a byte is wanted at {self.position}, past the end")
        self.position += 1
        return self.data[self.position - 1]

    def take(self, size: int) -> bytes:
        """Read ``size`` bytes."""
        end = self.position + size
        if size < 0 or end > len(self.data):
            raise ValueError(f"{size} bytes are wanted at {self.position}, past the end")
        part = self.data[self.position : end]
        self.position = end
        return part

    def done(self) -> None:
        """Check that nothing is left."""
        if self.position != len(self.data):
            raise ValueError(f"{len(self.data) - self.position} bytes too many")
