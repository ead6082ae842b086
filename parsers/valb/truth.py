"""Where a view's variables lie, as a tag and a category for each of its atoms."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from valb.views import View


def truth(
    view: View, places: Sequence[tuple[int, int]], categories: Sequence[int]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Turn the places of a view's variables into a tag and a category for each atom."""
    owner = [
        _owner(start, end, places)
        for start, end in zip(view.atoms.starts, view.atoms.ends, strict=True)
    ]
    # A slot holds one variable, as spans have it: what lies between two of them is in it.
    last: dict[int, int] = {}
    for i, piece in enumerate(view.atom_pieces):
        if owner[i] < 0 or not piece & 1:
            continue
        if piece in last:
            owner[last[piece] : i + 1] = [owner[last[piece]]] * (i + 1 - last[piece])
        last[piece] = i
    tags = np.zeros(len(owner), np.int64)
    kinds = np.full(len(owner), -1, np.int64)
    for i, k in enumerate(owner):
        if k >= 0:
            tags[i] = 2 if i and owner[i - 1] == k else 1
            kinds[i] = categories[k]
    return tags, kinds


def _owner(start: int, end: int, places: Sequence[tuple[int, int]]) -> int:
    """Find the variable that covers at least half of an atom, -1 for none."""
    for k, (low, high) in enumerate(places):
        if 2 * (min(high, end) - max(low, start)) >= end - start:
            return k
    return -1
