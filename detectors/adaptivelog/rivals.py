"""For pairs of texts: how alike they are beside their rivals among the texts known.

A description may share half its words with a log and still belong to another one. Whether the
other one is known tells: a pair whose likeness beats every rival's is a match sooner than one
whose rivals are nearer (the idea of CSLS; Conneau et al., 2018). Used by `linear.py`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from adaptivelog.words import spread

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray
    from scipy import sparse
    from sklearn.feature_extraction.text import TfidfVectorizer

    from adaptivelog.examples import Row

SETTINGS: tuple[dict[str, Any], ...] = (
    {"analyzer": "word", "token_pattern": r"\S+"},
    {"analyzer": "char_wb", "ngram_range": (3, 4)},
)
NEAREST = 3  # rivals averaged; further ones say little
WIDTH = 11  # features of one setting
SCALE = 0.3  # of the features beside those of TF-IDF, whose squares sum to about one


class Rivals:
    """The texts seen in training, and features of pairs against them."""

    def __init__(self) -> None:
        self.texts_: tuple[list[str], list[str]] = ([], [])
        self.idf_: list[NDArray[np.float64]] = []
        self.words_: list[list[str]] = []
        self.mean_: NDArray[np.float32] = np.zeros(0, np.float32)
        self.spread_: NDArray[np.float32] = np.zeros(0, np.float32)
        self._known: list[tuple[sparse.csr_matrix, sparse.csr_matrix]] = []
        self._vectorizers: list[TfidfVectorizer] = []
        self._own: tuple[dict[str, int], dict[str, int]] = ({}, {})  # numbers of `texts_`

    def fit(self, rows: Sequence[Row]) -> NDArray[np.float32]:
        """Remember the texts of the rows; gives their features, (rows, features)."""
        self.texts_ = sorted({row.text for row in rows}), sorted({row.other for row in rows})
        for setting in SETTINGS:
            vectorizer = _vectorizer(setting)
            vectors = vectorizer.fit_transform([*self.texts_[0], *self.texts_[1]])
            self._vectorizers.append(vectorizer)
            middle = len(self.texts_[0])
            self._known.append((vectors[:middle], vectors[middle:]))
            self.words_.append(
                sorted(vectorizer.vocabulary_, key=vectorizer.vocabulary_.__getitem__)
            )
            self.idf_.append(vectorizer.idf_.astype(np.float64))
        self._number()
        raw = self._raw(rows)
        self.mean_, self.spread_ = raw.mean(0), raw.std(0) + np.float32(1e-6)
        return self._scaled(raw)

    def features(self, rows: Sequence[Row]) -> NDArray[np.float32]:
        """Give features of pairs, float32 (rows, features); a text is not its own rival."""
        return self._scaled(self._raw(rows))

    def state(self) -> dict[str, NDArray[Any]]:
        """Give the arrays that `restore` needs."""
        document = json.dumps([*self.texts_, *self.words_]).encode()
        idf = {f"rivals_idf_{number}": values for number, values in enumerate(self.idf_)}
        return {
            "rivals_texts": np.frombuffer(document, np.uint8),
            "rivals_mean": self.mean_,
            "rivals_spread": self.spread_,
            **idf,
        }

    @classmethod
    def restore(cls, arrays: Mapping[str, NDArray[Any]]) -> Rivals:
        """Rebuild from `state`."""
        rivals = cls()
        left, right, *rivals.words_ = json.loads(arrays["rivals_texts"].tobytes())
        rivals.texts_ = left, right
        rivals.idf_ = [arrays[f"rivals_idf_{number}"] for number in range(len(SETTINGS))]
        rivals.mean_, rivals.spread_ = arrays["rivals_mean"], arrays["rivals_spread"]
        rivals._index()
        return rivals

    def _index(self) -> None:
        for setting, words, idf in zip(SETTINGS, self.words_, self.idf_, strict=True):
            vectorizer = _vectorizer(setting, words)
            vectorizer.idf_ = idf
            left, right = self.texts_
            self._vectorizers.append(vectorizer)
            self._known.append((vectorizer.transform(left), vectorizer.transform(right)))
        self._number()

    def _number(self) -> None:
        first, second = (
            {text: number for number, text in enumerate(texts)} for texts in self.texts_
        )
        self._own = first, second

    def _scaled(self, raw: NDArray[np.float32]) -> NDArray[np.float32]:
        result: NDArray[np.float32] = (raw - self.mean_) / self.spread_ * np.float32(SCALE)
        return result

    def _raw(self, rows: Sequence[Row]) -> NDArray[np.float32]:
        """Features before scaling, (rows, settings * WIDTH)."""
        lefts = [row.text for row in rows]
        rights = [row.other for row in rows]
        own_lefts = [self._own[0].get(text, -1) for text in lefts]
        own_rights = [self._own[1].get(text, -1) for text in rights]
        parts = []
        for vectorizer, (known_left, known_right) in zip(
            self._vectorizers, self._known, strict=True
        ):
            left, left_at = _distinct(vectorizer, lefts, known_left, own_lefts)
            right, right_at = _distinct(vectorizer, rights, known_right, own_rights)
            alike = np.asarray(left[left_at].multiply(right[right_at]).sum(1)).ravel()
            for_right = _nearest(right @ known_left.T, right_at, own_lefts)
            for_left = _nearest(left @ known_right.T, left_at, own_rights)
            parts.append(_compared(alike, for_right, for_left))
        return np.hstack(parts)


def _vectorizer(setting: dict[str, Any], words: list[str] | None = None) -> TfidfVectorizer:
    from sklearn.feature_extraction.text import TfidfVectorizer  # see `linear`

    return TfidfVectorizer(
        preprocessor=spread, sublinear_tf=True, dtype=np.float32, vocabulary=words, **setting
    )


def _distinct(
    vectorizer: TfidfVectorizer,
    texts: Sequence[str],
    known: sparse.csr_matrix,
    own: Sequence[int],
) -> tuple[sparse.csr_matrix, NDArray[np.int64]]:
    """Vectors of the distinct texts, and which of them each text is."""
    if min(own, default=-1) >= 0:
        return known, np.array(own, np.int64)  # rows of the training: nothing to compute
    place = {text: number for number, text in enumerate(dict.fromkeys(texts))}
    return vectorizer.transform(place), np.array([place[text] for text in texts], np.int64)


def _nearest(
    likeness: sparse.csr_matrix, at: NDArray[np.int64], own: Sequence[int]
) -> NDArray[np.float32]:
    """Likeness of each row's nearest rivals without the row's own text, (rows, NEAREST)."""
    likeness = likeness.tocsr()
    few = NEAREST + 1  # one of them may be the own text
    numbers = np.full((likeness.shape[0], few), -2, np.int64)
    values = np.zeros((likeness.shape[0], few), np.float32)
    for row in range(likeness.shape[0]):
        start, end = likeness.indptr[row], likeness.indptr[row + 1]
        data = likeness.data[start:end]
        best = (
            np.argpartition(-data, few - 1)[:few] if len(data) > few else np.arange(len(data))
        )
        best = best[np.argsort(-data[best], kind="stable")]
        numbers[row, : len(best)] = likeness.indices[start:end][best]
        values[row, : len(best)] = data[best]
    found = np.where(numbers[at] == np.array(own)[:, None], np.float32(-1), values[at])
    result: NDArray[np.float32] = np.maximum(-np.sort(-found, axis=1)[:, :NEAREST], 0)
    return result


def _compared(
    alike: NDArray[np.float32], for_right: NDArray[np.float32], for_left: NDArray[np.float32]
) -> NDArray[np.float32]:
    first, second = for_right[:, 0], for_left[:, 0]
    beats_first, beats_second = alike > first, alike > second
    columns = (
        alike,
        alike - first,
        alike - second,
        beats_first,
        beats_second,
        beats_first & beats_second,
        first,
        second,
        alike - for_right.mean(1),
        alike - for_left.mean(1),
        alike / (alike + first + second + 1e-3),
    )
    return np.stack([column.astype(np.float32) for column in columns], axis=1)
