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
