"""What a block's footer entry tells about the text of its records, to skip the block unread.

A filter holds the block's *grams*: runs of four ASCII letters, either case. Any record with
a pattern in it has the pattern's grams, so a block without one of them has no hit; wherever in
a token the pattern begins makes no difference. A pattern without four letters in a row is never
ruled out: digits and mixed ids have too many grams for a filter that is worth its bytes.

As stored: the bits of a Bloom filter with two hashes; empty for "anything may be here".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from logzip._filter import distinct_grams, grams_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from logscan import RecordBatch

GRAMS = 2  # the number of this filter in `BlockInfo.filters`
# One gram in six passes a filter of four bits a gram by chance, a word of eight letters, five
# grams, one time in 8,000.
BITS_PER_GRAM = 4
# A block with more grams is full of random letters, and a filter over them rules nothing out.
MAX_BYTES = 4096
_FIRST, _SECOND = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xD6E8FEB86659FD93)


def build_filter(batch: RecordBatch) -> bytes:
    """Return the filter of a batch's records, at most `MAX_BYTES` long."""
    grams = distinct_grams(batch)
    n_bytes = len(grams) * BITS_PER_GRAM // 8 + 1
    if n_bytes > MAX_BYTES:
        return b""
    bits = np.zeros(8 * n_bytes, np.uint8)
    bits[_places(grams, 8 * n_bytes)] = 1
    return np.packbits(bits).tobytes()


def may_hold(stored: bytes, pattern: bytes) -> bool:
    """Say whether a record with ``pattern`` in it, in either case, may be in the block."""
    if not stored:
        return True
    bits = np.unpackbits(np.frombuffer(stored, np.uint8))
    return bool(bits[_places(grams_of(pattern), len(bits))].all())


def _places(grams: NDArray[np.uint32], n_bits: int) -> NDArray[np.int64]:
    """Return the two places of each gram, shape (n, 2)."""
    wide = grams.astype(np.uint64)
    # The high half of a product is its well mixed one.
    first = (wide * _FIRST) >> np.uint64(32)
    second = (wide * _SECOND) >> np.uint64(32)
    return (np.stack((first, second), axis=1) % np.uint64(n_bits)).astype(np.int64)
