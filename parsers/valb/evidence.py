"""How words vary between the structures of one source. Values of slots are not counted here.

A letter-only variable (``user root``, ``user cyrus``) looks like any word in one line; that
other structures have other words at its place is what gives it away.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from zlib import adler32, crc32

import numpy as np

from valb._tally import FanOut

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Words = NDArray[np.uint64]

# Each structure costs up to 5 KB here; later ones are judged by what the first ones showed.
MAX_STRUCTURES = 20_000
# A count beyond this says nothing more.
_MOST = 32
_ODD = np.uint64(0x9E3779B97F4A7C15)


def word_key(text: str) -> int:
    """Hash a word to 64 bits, in every process alike."""
    data = text.encode("latin-1", "replace")
    return crc32(data) << 32 | crc32(data[::-1], adler32(data))


MASKED = word_key("\0")


def _mixed(keys: Words) -> Words:
    keys = (keys ^ (keys >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    keys = (keys ^ (keys >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return keys ^ (keys >> np.uint64(31))


@dataclass(frozen=True, slots=True)
class Keys:
    """The contexts of all atoms of some structures, ``N`` atoms in all."""

    words: Words  # (N,) the atom; atoms in slots or with a digit are all alike
    alone: Words  # (N,) all atoms of the structure but this one
    after: Words  # (N,) the two atoms before
    before: Words  # (N,) the two atoms behind


def keys(words: Words, lengths: NDArray[np.int64]) -> Keys:
    """Work out contexts; ``words`` are the structures' atoms, one structure after the other."""
    starts = np.cumsum(lengths) - lengths
    owner = np.repeat(np.arange(len(lengths)), lengths)
    place = (np.arange(len(words)) - starts[owner]).astype(np.uint64)
    left = np.repeat(lengths, lengths).astype(np.uint64) - place
    placed = _mixed(words + place * _ODD)
    sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(placed, dtype=np.uint64)])
    totals = sums[starts + lengths] - sums[starts]
    padded = np.concatenate([np.zeros(2, np.uint64), words, np.zeros(2, np.uint64)])
    none = np.uint64(0)
    one_before = np.where(place >= 1, padded[1:-3], none)
    two_before = np.where(place >= 2, padded[:-4], none)
    one_behind = np.where(left > 1, padded[3:-1], none)
    two_behind = np.where(left > 2, padded[4:], none)
    return Keys(
        words=words,
        alone=_mixed(totals[owner] - placed + (place + left * _ODD) * _ODD),
        after=_mixed(_mixed(two_before) + one_before),
        before=_mixed(_mixed(two_behind + _ODD) + one_behind),
    )


class Evidence:
    """Counts over the atoms of a source's structures; see `counts` for what is asked."""

    def __init__(self) -> None:
        self.structures = 0
        self._alone = FanOut(_MOST)
        self._after = FanOut(_MOST)
        self._before = FanOut(_MOST)
        self._seen = FanOut(MAX_STRUCTURES)  # word -> structures with it

    def add(self, found: Keys, lengths: NDArray[np.int64]) -> None:
        """Note some structures; those beyond `MAX_STRUCTURES` are left out."""
        kept = min(len(lengths), MAX_STRUCTURES - self.structures)
        size = int(lengths[:kept].sum())
        owner = np.repeat(np.arange(kept, dtype=np.uint64), lengths[:kept])
        words = found.words[:size]
        self._alone.add(found.alone[:size], words)
        self._after.add(found.after[:size], words)
        self._before.add(found.before[:size], words)
        self._seen.add(words, owner + np.uint64(self.structures + 1))
        self.structures += kept

    def counts(self, found: Keys) -> NDArray[np.float32]:
        """Give four counts for each atom, shape (N, 4).

        Different words at its place where all else is equal; different words behind the two
        atoms before it; different words before the two atoms behind it; structures with it.
        """
        columns: Sequence[NDArray[np.int32]] = (
            self._alone.count(found.alone),
            self._after.count(found.after),
            self._before.count(found.before),
            self._seen.count(found.words),
        )
        return np.stack(columns, 1).astype(np.float32)
