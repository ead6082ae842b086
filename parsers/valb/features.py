"""Atoms and evidence as numbers: what the tagger reads. No weights live here."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from valb import _looks
from valb._tally import SLOT_WIDTH, held_share, slot_features
from valb.atoms import ATOM_KINDS
from valb.evidence import MASKED, Evidence, keys, word_key
from valb.words import DIMENSIONS, word_vectors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from valb.views import View

# Features are hashed into this many rows of the embedding; row 0 is padding.
BUCKETS = 8192
LOOKS = 5 + len(ATOM_KINDS) + DIMENSIONS
DENSE = SLOT_WIDTH + 13
# A count of structures beyond this says nothing more.
_MOST_ROWS = 1 << 20


@dataclass(frozen=True, slots=True)
class Features:
    """The ``T`` atoms of one view."""

    atoms: NDArray[np.int32]  # (T,) numbers in the lexicon
    dense: NDArray[np.float32]  # (T, DENSE) place, evidence and values

    def __len__(self) -> int:
        return len(self.atoms)


@cache
def _shipped_looks() -> _looks.Looks:
    """Make what looks at atoms, once a process."""
    words = word_vectors()
    return _looks.Looks(BUCKETS, ATOM_KINDS, words.rows, words.vectors)


class Lexicon(_looks.Lexicon):
    """The different atoms met so far, each looked at once."""

    def __init__(self) -> None:
        super().__init__(_shipped_looks(), word_key, MASKED)


def _logs(counts: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(np.log1p(np.maximum(counts, 0)) / 4, np.float32)


def _slots(seen: Sequence[View], pieces: NDArray[np.int64]) -> NDArray[np.float32]:
    """Say how the values of the slot vary in which each atom lies, (N, SLOT_WIDTH + 1)."""
    columns = [column for view in seen for column in view.values]
    described = np.zeros((len(columns) + 1, SLOT_WIDTH), np.float32)  # the last: no slot
    described[:-1] = slot_features(columns)
    shifts = np.cumsum([0, *(len(view.values) for view in seen)])[:-1]
    shift = np.repeat(shifts, [len(view.atoms) for view in seen])
    column = np.where(pieces & 1, shift + pieces // 2, -1)
    held = held_share(
        list(chain.from_iterable(view.atoms.texts for view in seen)),
        [columns[i] if i >= 0 else None for i in column.tolist()],
    )
    return np.concatenate([described[column], held[:, None]], 1)


def features(
    seen: Sequence[View], lexicon: Lexicon, evidence: Evidence, fresh: Sequence[bool]
) -> list[Features]:
    """Give the features of some views of one source.

    Those that are ``fresh`` are noted in ``evidence`` first.
    """
    lengths = np.array([len(view.atoms) for view in seen], np.int64)
    if not lengths.any():
        return [Features(np.zeros(0, np.int32), np.zeros((0, DENSE), np.float32))] * len(seen)
    numbers = np.concatenate(
        [lexicon.numbers(view.atoms.kinds, view.atoms.texts) for view in seen]
    )
    pieces = np.fromiter(chain.from_iterable(view.atom_pieces for view in seen), np.int64)
    words = np.where(pieces & 1, np.uint64(MASKED), lexicon.words(numbers))
    contexts = keys(words, lengths)
    _note(evidence, words, lengths, np.array(fresh, bool))
    counts = evidence.counts(contexts)
    starts = np.repeat(np.cumsum(lengths) - lengths, lengths)
    place = np.arange(len(numbers)) - starts
    spaced = np.fromiter(
        chain.from_iterable(view.atoms.spaced for view in seen), np.float32, len(numbers)
    )
    behind = np.append(spaced[1:], np.float32(0)) * (np.append(place[1:], 0) > 0)
    rows = np.repeat(np.array([min(view.rows, _MOST_ROWS) for view in seen]), lengths)
    structures = np.float32(evidence.structures)
    dense = np.column_stack(
        [
            _slots(seen, pieces),
            _logs(rows.astype(np.float32)),
            spaced,
            behind,
            place == 0,
            place == np.repeat(lengths, lengths) - 1,
            place / 32,
            _logs(counts - 1),
            counts[:, 3] / max(evidence.structures, 1),
            np.full(len(numbers), np.log1p(structures) / 8),
        ]
    ).astype(np.float32)
    ends = np.cumsum(lengths)[:-1]
    return [
        Features(atoms, rows)
        for atoms, rows in zip(np.split(numbers, ends), np.split(dense, ends), strict=True)
    ]


def _note(
    evidence: Evidence,
    words: NDArray[np.uint64],
    lengths: NDArray[np.int64],
    fresh: NDArray[np.bool_],
) -> None:
    if not fresh.any():
        return
    kept = words[np.repeat(fresh, lengths)]
    evidence.add(keys(kept, lengths[fresh]), lengths[fresh])
