"""Atoms and evidence as numbers: what the tagger reads. No weights live here."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np

from valb.atoms import ATOM_KINDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from valb.atoms import Atom
    from valb.views import View

# Features are hashed into this many rows of the embedding; row 0 is padding.
BUCKETS = 8192
_KIND_INDEX = {kind: index for index, kind in enumerate(ATOM_KINDS)}
_HUMPS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
DENSE = 22 + len(ATOM_KINDS)


@dataclass(frozen=True, slots=True)
class Features:
    """The atoms of one view: ``T`` atoms, ``F`` hashed features in all."""

    hashed: NDArray[np.int64]  # (F,) rows of the embedding
    first: NDArray[np.int64]  # (T,) where each atom's hashed features start
    dense: NDArray[np.float32]  # (T, DENSE)

    def __len__(self) -> int:
        return len(self.first)


def _bucket(name: str) -> int:
    return crc32(name.encode("latin-1", "replace")) % (BUCKETS - 1) + 1


def _shape(text: str) -> str:
    shape = re.sub(r"[a-z\x80-\xff]+", "a", text)
    shape = re.sub(r"[A-Z]+", "A", shape)
    return re.sub(r"[0-9]+", "0", shape)[:12]


@lru_cache(maxsize=65536)
def _hashed(kind: str, text: str) -> tuple[int, ...]:
    """Hash what an atom looks like: kind, word, shape, affixes, humps, trigrams."""
    if kind == "mark":
        return (_bucket("m" + text[:3]), _bucket(f"l{min(len(text), 4)}"))
    if kind not in ("word", "name", "path", "url"):
        return (_bucket("k" + kind), _bucket("s" + _shape(text)))
    low = text.lower()
    names = ["k" + kind, "s" + _shape(text), "p" + low[:3], "e" + low[-3:]]
    if not any(map(str.isdigit, text)):
        names.append("w" + low)
    if kind in ("word", "name"):
        names += ("h" + hump.lower() for hump in _HUMPS.findall(text)[:8])
        padded = f"^{low[:24]}$"
        names += ("t" + padded[i : i + 3] for i in range(len(padded) - 2))
    return tuple(_bucket(name) for name in names)


@lru_cache(maxsize=65536)
def _looks(kind: str, text: str) -> tuple[float, ...]:
    size = len(text)
    digits = sum(map(str.isdigit, text))
    upper = sum(map(str.isupper, text))
    one_hot = [0.0] * len(ATOM_KINDS)
    one_hot[_KIND_INDEX[kind]] = 1.0
    return (
        math.log1p(size) / 3,
        digits / size,
        upper / size,
        float(text[:1].isupper()),
        float("_" in text),
        *one_hot,
    )


def _log(count: float) -> float:
    return math.log1p(max(count, 0)) / 4


def _slot(view: View, piece: int, atom: Atom) -> tuple[float, ...]:
    """Say how the values of the slot vary in which an atom lies."""
    if not piece & 1:
        return (0.0, 0.0, 0.0, 0.0, 0.0)
    values = view.values[piece // 2]
    distinct = len(set(values))
    held = sum(atom.text in value for value in values) / len(values)
    several = float(len(values) > 1)
    return (1.0, _log(distinct - 1), distinct / len(values) * several, several, held * several)


def features(
    view: View, counts: Sequence[tuple[int, int, int, int]], structures: int
) -> Features:
    """Give the features of a view; ``counts`` are `Evidence.counts` of its skeleton."""
    hashed: list[int] = []
    first: list[int] = []
    dense: list[tuple[float, ...]] = []
    atoms, pieces = view.atoms, view.atom_pieces
    last = len(atoms) - 1
    rows = _log(view.rows)
    for i, (atom, piece, (alone, after, before, seen)) in enumerate(
        zip(atoms, pieces, counts, strict=True)
    ):
        first.append(len(hashed))
        hashed += _hashed(atom.kind, atom.text)
        behind = i < last and atoms[i + 1].after_space
        dense.append(
            (
                *_slot(view, piece, atom),
                rows,
                float(atom.after_space),
                float(behind),
                float(i == 0),
                float(i == last),
                i / 32,
                _log(alone - 1),
                _log(after - 1),
                _log(before - 1),
                _log(seen - 1),
                seen / max(structures, 1),
                _log(structures) / 2,
                *_looks(atom.kind, atom.text),
            )
        )
    return Features(
        np.array(hashed, np.int64),
        np.array(first, np.int64),
        np.array(dense, np.float32).reshape(len(first), DENSE),
    )
