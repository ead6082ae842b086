"""Keys: 64-bit numbers that stand for a type, a field value or an edge in every batch alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xxhash

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Key arithmetic wraps around on purpose; numpy warns of it for scalars only.
_ODD = np.array([0x9E3779B97F4A7C15], np.uint64)


def text_key(*parts: str) -> int:
    """Make the key of some texts."""
    return xxhash.xxh3_64_intdigest("\0".join(parts).encode("utf-8", "surrogatepass"))


def scattered(keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Scatter 64-bit numbers (the finaliser of SplitMix64)."""
    keys = (keys ^ (keys >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    keys = (keys ^ (keys >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return keys ^ (keys >> np.uint64(31))


def mixed(left: NDArray[np.uint64], right: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Make the keys of pairs; the order matters."""
    return scattered(scattered(left + _ODD) ^ right)


def columns_of(keys: NDArray[np.uint64], known: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Give the place of each key among the sorted known ones, -1 where it is not there."""
    if not len(known):
        return np.full(len(keys), -1)
    place = np.searchsorted(known, keys).clip(0, len(known) - 1)
    return np.where(known[place] == keys, place, -1)


def looked_up(
    keys: NDArray[np.uint64], known: NDArray[np.uint64], values: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Give the value of each key, 0 where it is not among the sorted known ones."""
    if not len(known):
        return np.zeros(len(keys), np.int64)
    place = columns_of(keys, known)
    return np.where(place >= 0, values[place], 0)
