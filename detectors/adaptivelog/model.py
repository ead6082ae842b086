"""The small model: a rung of the ladder, its labels, its calibration, and how it is kept.

Which rung it is and how it was trained is `training.py`.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from adaptivelog.errors import BadModel
from adaptivelog.uncertainty import Threshold, one_pass, softmax

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from adaptivelog.examples import Row

VERSION = 1
CONFIG, ARRAYS = "config.json", "arrays.npz"


class Rung(Protocol):
    """A classifier of the ladder: `linear.LinearText`, `embedding.`, `encoder.`."""

    name: str

    def fit(self, rows: Sequence[Row], targets: NDArray[np.int64], *, labels: int) -> Rung:
        """Learn from rows and the numbers of their labels."""

    def logits(self, rows: Sequence[Row]) -> NDArray[np.float64]:
        """Give log odds, (rows, labels)."""

    def sampled_logits(
        self, rows: Sequence[Row], *, passes: int, seed: int
    ) -> NDArray[np.float64]:
        """Give log odds of passes with dropout on, (passes, rows, labels)."""

    def state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """Give what restores it: a dict for JSON and arrays."""


@dataclass(frozen=True)
class Predictions:
    """What the small model says about rows.

    Attributes
    ----------
    labels : tuple of str
        The chosen label of each row.
    probabilities : ndarray of shape (rows, classes), float64
        Calibrated, in the order of `classes`.
    uncertainty : ndarray of shape (rows,), float64
        From 0; the higher, the less sure.
    classes : tuple of str
    """

    labels: tuple[str, ...]
    probabilities: NDArray[np.float64]
    uncertainty: NDArray[np.float64]
    classes: tuple[str, ...]

    @property
    def confidence(self) -> NDArray[np.float64]:
        """Probability of the chosen label, (rows,)."""
        result: NDArray[np.float64] = self.probabilities.max(-1)
        return result


class SmallModel:
    """A fitted rung with its labels and the temperature that calibrates it."""

    def __init__(
        self, rung: Rung, classes: tuple[str, ...], *, temperature: float = 1.0
    ) -> None:
        self.rung = rung
        self.classes = classes
        self.temperature = temperature
        self.error_rate = 0.0  # on held-out rows, by `training.train`
        self.threshold: Threshold | None = None

    def predict(self, rows: Sequence[Row]) -> Predictions:
        """Judge rows; equal rows are judged once."""
        distinct = list(dict.fromkeys(rows))
        if not distinct:
            empty = np.zeros((0, len(self.classes)))
            return Predictions((), empty, np.zeros(0), self.classes)
        place = {row: number for number, row in enumerate(distinct)}
        few = softmax(self.rung.logits(distinct) / self.temperature)
        probabilities = few[[place[row] for row in rows]]
        labels = tuple(self.classes[number] for number in probabilities.argmax(-1))
        return Predictions(labels, probabilities, one_pass(probabilities), self.classes)

    def sample(
        self, rows: Sequence[Row], *, passes: int = 10, seed: int = 0
    ) -> NDArray[np.float64]:
        """Give probabilities of passes with dropout on, (passes, rows, classes)."""
        logits = self.rung.sampled_logits(rows, passes=passes, seed=seed)
        return softmax(logits / self.temperature)

    def save(self, folder: Path) -> str:
        """Write ``config.json`` and ``arrays.npz``; returns the version, 16 hex digits."""
        folder.mkdir(parents=True, exist_ok=True)
        config, arrays = self.rung.state()
        with (folder / ARRAYS).open("wb") as out:
            np.savez_compressed(out, allow_pickle=False, **arrays)
        digest = blake2b((folder / ARRAYS).read_bytes(), digest_size=8).hexdigest()
        document = {
            "format": "adaptivelog",
            "version": VERSION,
            "rung": self.rung.name,
            "classes": list(self.classes),
            "temperature": self.temperature,
            "error_rate": self.error_rate,
            "threshold": asdict(self.threshold) if self.threshold else None,
            "arrays": digest,
            "config": config,
        }
        (folder / CONFIG).write_text(json.dumps(document, indent=1), encoding="utf-8")
        return digest

    @classmethod
    def load(cls, folder: Path) -> SmallModel:
        """Read what `save` wrote; an altered or foreign folder is refused."""
        document = _read_config(folder / CONFIG)
        try:
            digest = blake2b((folder / ARRAYS).read_bytes(), digest_size=8).hexdigest()
        except OSError as error:
            raise BadModel(f"{folder / ARRAYS}: {error.strerror}") from error
        if digest != document.get("arrays"):
            raise BadModel(f"{folder / ARRAYS}: not the file that {CONFIG} names")
        try:
            with np.load(folder / ARRAYS, allow_pickle=False) as stored:
                arrays = {name: stored[name] for name in stored.files}
            model = cls(
                _restore(document["rung"], document["config"], arrays),
                tuple(document["classes"]),
                temperature=float(document["temperature"]),
            )
            model.error_rate = float(document["error_rate"])
            if document["threshold"] is not None:
                model.threshold = Threshold(**document["threshold"])
        except (KeyError, TypeError, ValueError) as error:
            raise BadModel(f"{folder / CONFIG}: {error!r}") from error
        return model


def _read_config(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadModel(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise BadModel(f"{path}: not JSON: {error}") from error
    if not isinstance(document, dict) or document.get("format") != "adaptivelog":
        raise BadModel(f"{path}: not a model of adaptivelog")
    if document.get("version") != VERSION:
        raise BadModel(f"{path}: version {document.get('version')!r}, this reads {VERSION}")
    return document


def _restore(name: str, config: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Rung:
    # Each rung is imported when it is met: the first needs neither torch nor transformers.
    if name == "tfidf":
        from adaptivelog.linear import LinearText

        return LinearText.restore(config, arrays)
    if name == "embedding":
        from adaptivelog.embedding import EmbeddedText

        return EmbeddedText.restore(config, arrays)
    if name == "encoder":
        from adaptivelog.encoder import EncoderText

        return EncoderText.restore(config, arrays)
    raise BadModel(f"no rung named {name!r}")
