"""The first rung: logistic regression over TF-IDF of words and characters."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from adaptivelog.errors import BadModel
from adaptivelog.rivals import Rivals
from adaptivelog.words import spread

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray
    from scipy import sparse
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    from adaptivelog.examples import Row

# Words and their pairs carry meaning, characters carry names that were never seen whole.
WORDS = {"analyzer": "word", "ngram_range": (1, 2), "token_pattern": r"\S+"}
CHARACTERS = {"analyzer": "char_wb", "ngram_range": (2, 5)}
SETTINGS: tuple[dict[str, Any], ...] = (WORDS, CHARACTERS)
KEEP = 0.9  # share of the features that a dropout pass leaves in


@dataclass(frozen=True)
class LinearConfig:
    """How the linear rung is fitted.

    Attributes
    ----------
    text_penalty, pair_penalty : float
        Logistic regression's C (the inverse of its penalty) for one text and for two: each the
        best of 3, 10, 30 and 100 in cross-validation on training rows of lp, mc and ldsm.
    """

    text_penalty: float = 100.0
    pair_penalty: float = 10.0


class LinearText:
    """Logistic regression over TF-IDF.

    For two texts it is over the product and the difference of their vectors, and over how alike
    they are beside their rivals.
    """

    name = "tfidf"

    def __init__(self, config: LinearConfig | None = None) -> None:
        self.config = config or LinearConfig()
        self.vectorizers_: list[Any] = []
        self.weights_: NDArray[np.float32] = np.zeros((0, 0), np.float32)
        self.bias_: NDArray[np.float32] = np.zeros(0, np.float32)
        self.rivals_: Rivals | None = None  # for two texts

    def fit(
        self, rows: Sequence[Row], targets: NDArray[np.int64], *, labels: int
    ) -> LinearText:
        """Learn from rows and the numbers of their labels."""
        from sklearn.linear_model import LogisticRegression  # see `_vectorizer`

        dense = None
        if any(row.other for row in rows):
            self.rivals_ = Rivals()
            dense = self.rivals_.fit(rows)
        place = distinct_texts(rows)
        self.vectorizers_ = [_vectorizer(setting) for setting in SETTINGS]
        vectors = [vectorizer.fit_transform(place) for vectorizer in self.vectorizers_]
        matrix = self._joined(rows, place, vectors, dense)
        solver = "liblinear" if labels == 2 else "lbfgs"
        model = LogisticRegression(
            C=self.config.pair_penalty if self.rivals_ else self.config.text_penalty,
            solver=solver,
            max_iter=500,
            random_state=0,
        )
        model.fit(matrix, targets)
        self.weights_, self.bias_ = spread_classes(model, labels)
        return self

    def logits(self, rows: Sequence[Row]) -> NDArray[np.float64]:
        """Give a log odds for each row and label, float64 (rows, labels)."""
        return self._logits(self._matrix(rows))

    def sampled_logits(
        self, rows: Sequence[Row], *, passes: int, seed: int
    ) -> NDArray[np.float64]:
        """Give logits of passes with a tenth of the features left out, (passes, rows, labels).

        A linear model has no dropout layer of its own; this is dropout on its input.
        """
        matrix = self._matrix(rows)
        random = np.random.default_rng(seed)
        results = []
        for _ in range(passes):
            mask = (random.random(matrix.shape[1]) < KEEP).astype(np.float32) / KEEP
            results.append(self._logits(matrix.multiply(mask).tocsr()))
        return np.stack(results)

    def state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """Give what `restore` needs: a dict for JSON and arrays."""
        arrays: dict[str, NDArray[Any]] = {"weights": self.weights_, "bias": self.bias_}
        for number, vectorizer in enumerate(self.vectorizers_):
            words = sorted(vectorizer.vocabulary_, key=vectorizer.vocabulary_.__getitem__)
            text = json.dumps(words).encode()
            arrays[f"vocabulary_{number}"] = np.frombuffer(text, np.uint8)
            arrays[f"idf_{number}"] = vectorizer.idf_.astype(np.float64)
        config = {
            "text_penalty": self.config.text_penalty,
            "pair_penalty": self.config.pair_penalty,
            "paired": self.rivals_ is not None,
        }
        if self.rivals_ is not None:
            arrays |= self.rivals_.state()
        return config, arrays

    @classmethod
    def restore(
        cls, config: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]
    ) -> LinearText:
        """Rebuild from `state`."""
        rung = cls(LinearConfig(float(config["text_penalty"]), float(config["pair_penalty"])))
        if config["paired"]:
            rung.rivals_ = Rivals.restore(arrays)
        rung.weights_, rung.bias_ = arrays["weights"], arrays["bias"]
        for number, setting in enumerate(SETTINGS):
            words = json.loads(arrays[f"vocabulary_{number}"].tobytes())
            vectorizer = _vectorizer(setting, vocabulary=words)
            vectorizer.idf_ = arrays[f"idf_{number}"]
            rung.vectorizers_.append(vectorizer)
        width = sum(len(vectorizer.vocabulary) for vectorizer in rung.vectorizers_)
        if rung.rivals_ is not None:
            width = 2 * width + len(SETTINGS) + len(rung.rivals_.mean_)
        if rung.weights_.ndim != 2 or rung.weights_.shape[1] != width:
            raise BadModel(
                f"weights of shape {rung.weights_.shape} do not fit {width} features"
            )
        return rung

    def _matrix(self, rows: Sequence[Row]) -> sparse.csr_matrix:
        place = distinct_texts(rows)
        vectors = [vectorizer.transform(place) for vectorizer in self.vectorizers_]
        dense = self.rivals_.features(rows) if self.rivals_ is not None else None
        return self._joined(rows, place, vectors, dense)

    def _joined(
        self,
        rows: Sequence[Row],
        place: Mapping[str, int],
        vectors: Sequence[sparse.csr_matrix],
        dense: NDArray[np.float32] | None,
    ) -> sparse.csr_matrix:
        """Features of rows, (rows, features), from the vectors of their distinct texts."""
        # Half a second to import; the web process, which only shows answers, does without.
        from scipy import sparse

        first = [place[row.text] for row in rows]
        left = [matrix[first] for matrix in vectors]
        if dense is None:
            return sparse.hstack(left, format="csr")
        second = [place[row.other] for row in rows]
        right = [matrix[second] for matrix in vectors]
        products = [a.multiply(b) for a, b in zip(left, right, strict=True)]
        cosines = [sparse.csr_matrix(product.sum(axis=1)) for product in products]
        differences = [abs(a - b) for a, b in zip(left, right, strict=True)]
        beside = [*cosines, sparse.csr_matrix(dense)]
        return sparse.hstack([*products, *differences, *beside], format="csr")

    def _logits(self, matrix: sparse.csr_matrix) -> NDArray[np.float64]:
        result: NDArray[np.float64] = np.asarray(
            matrix @ self.weights_.T + self.bias_, np.float64
        )
        return result


def distinct_texts(rows: Sequence[Row]) -> dict[str, int]:
    """Give the distinct texts of rows a number: cutting texts into pieces is most work."""
    texts = dict.fromkeys(text for row in rows for text in (row.text, row.other))
    return {text: number for number, text in enumerate(texts)}


def _vectorizer(
    setting: dict[str, Any], vocabulary: list[str] | None = None
) -> TfidfVectorizer:
    # Two seconds to import, which only those pay who classify.
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(
        preprocessor=spread,
        sublinear_tf=True,
        dtype=np.float32,
        vocabulary=vocabulary,
        **setting,
    )


def spread_classes(
    model: LogisticRegression, labels: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Give one row of weights per label, labels that were not seen far below the others."""
    weights = np.zeros((labels, model.coef_.shape[1]), np.float32)
    bias = np.full(labels, -20.0, np.float32)
    if len(model.classes_) == 2:  # one row, for the second label
        weights[model.classes_[1]] = model.coef_[0]
        bias[model.classes_] = 0.0, float(model.intercept_[0])
    else:
        weights[model.classes_] = model.coef_
        bias[model.classes_] = model.intercept_
    return weights, bias
