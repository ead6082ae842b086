"""Training of the tagger on labelled logs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from logscan import scan_messages
from torch.nn import functional

from valb.category import CATEGORIES
from valb.evidence import Evidence, skeleton
from valb.features import Features, features
from valb.labels import LabelledLog, align
from valb.tagger import Tagger, TaggerConfig, collate
from valb.views import View, view as make_view, _values, _sample

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Example:
    """One view's features with the truth of each atom."""

    features: Features
    tags: np.ndarray  # (T,) 0 outside, 1 begin, 2 inside
    categories: np.ndarray  # (T,) index into CATEGORIES, -1 outside
    weight: float


def truth(view: View, ranges: list[tuple[int, int]], categories: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """Turn variables' places into a tag and a category for each atom."""
    tags = np.zeros(len(view.atoms), np.int64)
    kinds = np.full(len(view.atoms), -1, np.int64)
    owner = np.full(len(view.atoms), -1, np.int64)
    for i, atom in enumerate(view.atoms):
        best, most = -1, 0
        for k, (a, b) in enumerate(ranges):
            shared = min(b, atom.end) - max(a, atom.start)
            if shared > most:
                best, most = k, shared
        if best >= 0 and 2 * most >= atom.end - atom.start:
            owner[i] = best
    # a slot holds one variable
    last = {}
    for i, piece in enumerate(view.atom_pieces):
        if owner[i] < 0 or not piece & 1:
            continue
        if piece in last and owner[last[piece]] != owner[i]:
            owner[last[piece] : i + 1] = owner[last[piece]]
        elif piece in last:
            owner[last[piece] : i + 1] = owner[i]
        last[piece] = i
    for i, k in enumerate(owner):
        if k >= 0:
            tags[i] = 2 if i and owner[i - 1] == k else 1
            kinds[i] = categories[k]
    return tags, kinds
