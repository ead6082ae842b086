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
MAX_VECTORS = 100_000  # kept between calls: the folds of a training meet every text five times
KEEP = 0.9  # share of the features that a dropout pass leaves in


class EmbeddedText:
    """Logistic regression over sentence vectors; for two texts over product and difference."""

    name = "embedding"

    def __init__(self, config: EncoderConfig | None = None) -> None:
        self.config = config or EncoderConfig()
        self.weights_: NDArray[np.float32] = np.zeros((0, 0), np.float32)
        self.bias_: NDArray[np.float32] = np.zeros(0, np.float32)
        self.paired_ = False
        self._loaded: tuple[Any, Any] | None = None
        self._vectors: dict[str, NDArray[np.float32]] = {}  # of texts seen, by text

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
        config = {"encoder": self.config.encoder, "paired": self.paired_}
        return config, {"weights": self.weights_, "bias": self.bias_}

    @classmethod
    def restore(
        cls, config: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]
    ) -> EmbeddedText:
        """Rebuild from `state`; needs the encoder that it was fitted with."""
        rung = cls(EncoderConfig(encoder=str(config["encoder"])))
        rung.paired_ = bool(config["paired"])
        rung.weights_, rung.bias_ = arrays["weights"], arrays["bias"]
        return rung

    def _features(self, rows: Sequence[Row]) -> NDArray[np.float32]:
        texts = {text: None for row in rows for text in (row.text, row.other)}
        if len(self._vectors) > MAX_VECTORS:
            self._vectors.clear()
        missing = [text for text in texts if text not in self._vectors]
        if missing:
            self._loaded = self._loaded or load_encoder(self.config.encoder)
            vectors = encode(self._loaded, missing)
            self._vectors |= dict(zip(missing, vectors, strict=True))
        left = np.stack([self._vectors[row.text] for row in rows])
        if not self.paired_:
            return left
        right = np.stack([self._vectors[row.other] for row in rows])
        cosine = (left * right).sum(1, keepdims=True)
        return np.hstack([left * right, np.abs(left - right), cosine])
