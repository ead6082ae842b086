"""Words: what a unit's records speak of, compared with the units of history most like it.

For logs whose templates hardly recur: two lines without a common template still share words.
Words come from templates and from the labels of fields, never from lines.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from glad.counts import MIN_COUNT, count_events

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from glad.graph import Graphs
    from glad.units import Units

# Letters alone, whole: what has digits in it is a number or an identifier.
_WORD = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2,40}(?![A-Za-z0-9])")
_PLACEHOLDER = re.compile(r"<(?:[A-Z]{3}|\*)>")
# Words of history that are told apart, those of the most units; the rest only make a unit
# less like the others.
MAX_WORDS = 8192
# Units of history that others are compared with, evenly over time.
MAX_COMPARED = 1024
UNITS_AT_ONCE = 1024
# Of the compared units, the shares that are near. Each alone gives an AUC of .755 to .769 on
# Sock Shop, their mean .768: no single one need be chosen.
SCALES = (0.01, 0.02, 0.03, 0.04)
# Of history, what the main directions explain. On Sock Shop .5 to .8 give an AUC of .73 to .77.
VARIANCE = 0.6
# The least likeness, so that the surprise at a unit without a known word is finite.
LEAST_SHARE = 1e-4


class WordDetector:
    """How far a unit's words are from those of history: near units, and main directions.

    A unit is the vector of log(1 + records) of each word, scaled to length 1. Its score is the
    sum of two surprises in nats. One is the negative logarithm of the mean likeness (cosine) to
    the nearest units, the mean of it over `SCALES` of how many these are: never fewer than one
    of a hundred, as many as make a pattern worth learning in `counts`, so that a fault which
    occurs now and then is not usual by its own example. The other is that of the share of the
    vector which the main directions of history explain (PCA, Xu et al., SOSP 2009, there on
    counts of events).

    Attributes
    ----------
    words_ : list of str
        The vocabulary, sorted.
    first_ : ndarray of shape (n_compared + 1,)
        Where the words of each compared unit start.
    word_, weight_ : ndarray of shape (n,)
        Places in the vocabulary, and shares of the unit's length as a vector.
    near_ : ndarray of shape (n_scales,)
        How many nearest units are looked at, rising.
    mean_, directions_ : ndarray of shape (n_words,) and (n_directions, n_words)
        Of the compared units.
    """

    words_: list[str]
    first_: NDArray[np.int64]
    word_: NDArray[np.int64]
    weight_: NDArray[np.float32]
    near_: NDArray[np.int64]
    mean_: NDArray[np.float32]
    directions_: NDArray[np.float32]

    def fit(self, units: Units, graphs: Graphs) -> WordDetector:
        """Learn the vocabulary of some units, and keep those that others are compared with."""
        found, words = _counted(units, graphs)
        having = np.asarray((found > 0).sum(axis=0)).ravel()
        known = np.flatnonzero(having)
        known = known[np.argsort(-having[known], kind="stable")][:MAX_WORDS]
        order = sorted(known.tolist(), key=words.__getitem__)
        self.words_ = [words[place] for place in order]
        some = np.unique(
            np.linspace(0, len(units) - 1, min(len(units), MAX_COMPARED)).astype(np.int64)
        )
        kept = _scaled(found)[some][:, order].tocsr()
        self.first_ = kept.indptr.astype(np.int64)
        self.word_ = kept.indices.astype(np.int64)
        self.weight_ = kept.data.astype(np.float32)
        near = np.maximum(np.rint(np.array(SCALES) * len(some)).astype(np.int64), MIN_COUNT)
        self.near_ = np.minimum(near, len(some))
        self._fit_directions(kept.toarray())
        return self

    def _fit_directions(self, vectors: NDArray[np.float32]) -> None:
        self.mean_ = vectors.mean(axis=0)
        # Eigenvectors of units by units: there are fewer of these than of words.
        centred = (vectors - self.mean_).astype(np.float64)
        power, left = np.linalg.eigh(centred @ centred.T)
        power, left = np.maximum(power[::-1], 0.0), left[:, ::-1]
        share = np.cumsum(power) / max(float(power.sum()), 1e-12)
        kept = int(np.searchsorted(share, VARIANCE)) + 1
        kept = min(kept, int(np.count_nonzero(power > 1e-9)))
        axes = left[:, :kept].T @ centred
        self.directions_ = (axes / np.sqrt(power[:kept, None])).astype(np.float32)

    def score(self, units: Units, graphs: Graphs) -> NDArray[np.float32]:
        """Score units, shape (U,); higher is more anomalous."""
        found, words = _counted(units, graphs)
        rows, same = _distinct(found)
        vectors = self._vectors(_scaled(found[rows]), words)
        compared = self._compared().T.tocsr()
        scores = np.zeros(len(rows), np.float32)
        for low in range(0, len(rows), UNITS_AT_ONCE):
            part = vectors[low : low + UNITS_AT_ONCE]
            nats = self._unlike_units((part @ compared).toarray()) + self._unexplained(part)
            scores[low : low + UNITS_AT_ONCE] = nats
        return scores[same]

    def _unlike_units(self, alike: NDArray[np.float32]) -> NDArray[np.float64]:
        most = int(self.near_[-1])
        near = -np.sort(-np.partition(alike, -most, axis=1)[:, -most:], axis=1)
        mean = np.cumsum(near, axis=1, dtype=np.float64)[:, self.near_ - 1] / self.near_
        nats: NDArray[np.float64] = -np.log(np.clip(mean, LEAST_SHARE, 1.0)).mean(axis=1)
        return nats

    def _unexplained(self, vectors: sparse.csr_matrix) -> NDArray[np.float64]:
        # A vector with a word has length 1, known words or not.
        distance = 1.0 - 2 * (vectors @ self.mean_) + self.mean_ @ self.mean_
        along = vectors @ self.directions_.T - self.directions_ @ self.mean_
        share = 1.0 - distance + (along**2).sum(axis=1)
        nats: NDArray[np.float64] = -np.log(np.clip(share, LEAST_SHARE, 1.0))
        return nats

    def unlike(self, units: Units, graphs: Graphs) -> list[tuple[str, int, int]]:
        """Tell which words set the first unit apart from the units nearest to it.

        Returns
        -------
        list of (word, records of the unit, nearest units that have it)
            Those that fewest have first; then by records.
        """
        found, words = _counted(units, graphs)
        vector = self._vectors(_scaled(found[:1]), words)
        compared = self._compared()
        alike = (vector @ compared.T).toarray()[0]
        near = np.argsort(-alike, kind="stable")[: self.near_[0]]
        having = np.asarray((compared[near] > 0).sum(axis=0)).ravel()
        known = {word: place for place, word in enumerate(self.words_)}
        rows = [
            (words[place], int(count), int(having[known[words[place]]]))
            if words[place] in known
            else (words[place], int(count), 0)
            for place, count in zip(found[0].indices.tolist(), found[0].data, strict=True)
        ]
        rows = [row for row in rows if 2 * row[2] < self.near_[0]]
        return sorted(rows, key=lambda row: (row[2], -row[1], row[0]))

    def _compared(self) -> sparse.csr_matrix:
        shape = (len(self.first_) - 1, len(self.words_))
        return sparse.csr_matrix((self.weight_, self.word_, self.first_), shape=shape)

    def _vectors(self, scaled: sparse.csr_matrix, words: list[str]) -> sparse.csr_matrix:
        """Turn columns into those of the vocabulary; unknown words are left out."""
        known = {word: place for place, word in enumerate(self.words_)}
        column = np.array([known.get(word, -1) for word in words], np.int64)
        here = np.flatnonzero(column >= 0)
        pick = sparse.csr_matrix(
            (np.ones(len(here), np.float32), (here, column[here])),
            shape=(len(words), len(self.words_)),
        )
        return (scaled @ pick).tocsr()


def _counted(units: Units, graphs: Graphs) -> tuple[sparse.csr_matrix, list[str]]:
    """Count the records of each unit that have each word, (U, words), and the words."""
    counts = count_events(units)
    types = len(units.events.types)
    texts = [_PLACEHOLDER.sub(" ", kind.text) for kind in units.events.types]
    edge = np.flatnonzero(graphs.is_field)
    item = graphs.node_item[graphs.edge_target[edge]]
    fields, column = np.unique(item, return_inverse=True)
    texts += [graphs.item_labels[place] for place in fields.tolist()]
    has, words = _words_of(texts)
    there = sparse.csr_matrix(
        (
            np.concatenate((counts.count, graphs.edge_count[edge])).astype(np.float32),
            (
                np.concatenate((counts.row, graphs.edge_unit[edge])),
                np.concatenate((counts.type, types + column)),
            ),
        ),
        shape=(len(units), len(texts)),
    )
    found = (there @ has).tocsr()
    found.sort_indices()
    return found, words


def _words_of(texts: Iterable[str]) -> tuple[sparse.csr_matrix, list[str]]:
    """Say which texts have which words, (texts, words) of 0 and 1, and the words."""
    numbers: dict[str, int] = {}
    first, word = [0], []
    for text in texts:
        found = {w.lower() for w in _WORD.findall(text)}
        word += [numbers.setdefault(w, len(numbers)) for w in sorted(found)]
        first.append(len(word))
    shape = (len(first) - 1, len(numbers))
    ones = np.ones(len(word), np.float32)
    return sparse.csr_matrix((ones, word, first), shape=shape), list(numbers)


def _scaled(found: sparse.csr_matrix) -> sparse.csr_matrix:
    """Give the logarithms of counts, rows scaled to length 1 by all of their words."""
    logs = found.log1p()
    length = np.sqrt(np.asarray(logs.multiply(logs).sum(axis=1)).ravel())
    return sparse.diags(1 / np.maximum(length, 1e-6)).astype(np.float32) @ logs


def _distinct(
    found: sparse.csr_matrix,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give the first of the rows that are equal, and which of these each row is."""
    seen: dict[bytes, int] = {}
    first: list[int] = []
    same = np.zeros(found.shape[0], np.int64)
    for row in range(found.shape[0]):
        part = slice(found.indptr[row], found.indptr[row + 1])
        key = found.indices[part].tobytes() + found.data[part].tobytes()
        same[row] = seen.setdefault(key, len(seen))
        if same[row] == len(first):
            first.append(row)
    return np.array(first, np.int64), same
