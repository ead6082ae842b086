"""The second rung: frozen sentence vectors with logistic regression."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from adaptivelog.encoder import EncoderConfig, encode, load_encoder
from adaptivelog.linear import spread_classes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from adaptivelog.examples import Row

PENALTY = 10.0  # C of the regression, over unit vectors of 384 numbers
MAX_VECTORS = 100_000  # kept: 150 MB of them
KEEP = 0.9  # share of the features that a dropout pass leaves in


class Vectors:
    """Sentence vectors by a frozen encoder; each text's is computed once.

    The models of a training share one: their folds meet every text five times.
    """

    def __init__(self, config: EncoderConfig | None = None) -> None:
        self.config = config or EncoderConfig()
        self.known: dict[str, NDArray[np.float32]] = {}
        self._loaded: tuple[Any, Any] | None = None

    def of(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Give the vectors of some texts, float32 (texts, hidden)."""
        if len(self.known) > MAX_VECTORS:
            self.known.clear()
        missing = [text for text in dict.fromkeys(texts) if text not in self.known]
        if missing:
            self._loaded = self._loaded or load_encoder(self.config.encoder)
            self.known |= dict(zip(missing, encode(self._loaded, missing), strict=True))
        return np.stack([self.known[text] for text in texts])


class EmbeddedText:
    """Logistic regression over sentence vectors; for two texts over product and difference."""

    name = "embedding"

    def __init__(self, vectors: Vectors | None = None) -> None:
        self.vectors = vectors or Vectors()
        self.weights_: NDArray[np.float32] = np.zeros((0, 0), np.float32)
        self.bias_: NDArray[np.float32] = np.zeros(0, np.float32)
        self.paired_ = False

    def fit(
        self, rows: Sequence[Row], targets: NDArray[np.int64], *, labels: int
    ) -> EmbeddedText:
        """Learn from rows and the numbers of their labels."""
        from sklearn.linear_model import LogisticRegression  # see `linear`

        self.paired_ = any(row.other for row in rows)
        model = LogisticRegression(C=PENALTY, max_iter=1000, random_state=0)
        model.fit(self._features(rows), targets)
        self.weights_, self.bias_ = spread_classes(model, labels)
        return self

    def logits(self, rows: Sequence[Row]) -> NDArray[np.float64]:
        """Give log odds, float64 (rows, labels)."""
        result: NDArray[np.float64] = (
            self._features(rows) @ self.weights_.T + self.bias_
        ).astype(np.float64)
        return result

    def sampled_logits(
        self, rows: Sequence[Row], *, passes: int, seed: int
    ) -> NDArray[np.float64]:
        """Give log odds of passes without a tenth of the numbers, (passes, rows, labels)."""
        features = self._features(rows)
        random = np.random.default_rng(seed)
        masks = (random.random((passes, 1, features.shape[1])) < KEEP) / KEEP
        return np.stack([(features * mask) @ self.weights_.T + self.bias_ for mask in masks])

    def state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """Give what `restore` needs; the encoder itself stays where it is."""
        config = {"encoder": self.vectors.config.encoder, "paired": self.paired_}
        return config, {"weights": self.weights_, "bias": self.bias_}

    @classmethod
    def restore(
        cls, config: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]
    ) -> EmbeddedText:
        """Rebuild from `state`; needs the encoder that it was fitted with."""
        rung = cls(Vectors(EncoderConfig(encoder=str(config["encoder"]))))
        rung.paired_ = bool(config["paired"])
        rung.weights_, rung.bias_ = arrays["weights"], arrays["bias"]
        return rung

    def _features(self, rows: Sequence[Row]) -> NDArray[np.float32]:
        left = self.vectors.of([row.text for row in rows])
        if not self.paired_:
            return left
        right = self.vectors.of([row.other for row in rows])
        cosine = (left * right).sum(1, keepdims=True)
        return np.hstack([left * right, np.abs(left - right), cosine])
