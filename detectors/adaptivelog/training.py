"""From labelled rows to a small model: folds, calibration, and the choice of the rung."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from threadpoolctl import threadpool_limits

from adaptivelog.errors import BadLabels
from adaptivelog.examples import labels_of
from adaptivelog.ladder import choose, in_order, rung_maker, why_not
from adaptivelog.model import Rung, SmallModel
from adaptivelog.uncertainty import one_pass, softmax, threshold_for_share

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from adaptivelog.examples import Example, Row

# Fine-tuning takes minutes: it is judged on one fold, the others on the same rows beside it.
ENCODER_FOLDS = 1
TEMPERATURES = np.geomspace(0.05, 5.0, 60)  # logits of a few rows need one far below 1


@dataclass(frozen=True)
class TrainConfig:
    """How a model is trained.

    Attributes
    ----------
    rungs : tuple of str
        Which rungs of the ladder may be chosen: ``tfidf``, ``embedding``, ``encoder``.
    climbs : bool
        Try an upper rung only where it may be worth its time (`ladder.why_not`).
    encoder : str
        Hugging Face id or local path for the upper rungs; empty for the offline default.
    folds : int
        Of the cross-validation that chooses, calibrates and finds mistakes.
    routed_share : float
        Share of rows that the stored threshold sends on.
    seed : int
        Of the folds and of everything random.
    """

    rungs: tuple[str, ...] = ("tfidf",)
    climbs: bool = False
    encoder: str = ""
    folds: int = 5
    routed_share: float = 0.1
    seed: int = 0


@dataclass(frozen=True)
class HeldOut:
    """What models that had not seen a row said about it.

    Attributes
    ----------
    rows : ndarray of shape (rows,), int64
        Which of the examples: all of them, or one fold where the encoder was chosen.
    probabilities : ndarray of shape (rows, classes), float64
        Calibrated.
    targets : ndarray of shape (rows,), int64
        Numbers of the true labels.
    """

    rows: NDArray[np.int64]
    probabilities: NDArray[np.float64]
    targets: NDArray[np.int64]

    @property
    def right(self) -> NDArray[np.bool_]:
        """Which rows were right, (rows,)."""
        result: NDArray[np.bool_] = self.probabilities.argmax(-1) == self.targets
        return result

    @property
    def uncertainty(self) -> NDArray[np.float64]:
        """One minus the probability of the chosen label, (rows,)."""
        return one_pass(self.probabilities)


@dataclass(frozen=True)
class Mistake:
    """A row that a model which had not seen it got wrong."""

    example: Example
    said: str


@dataclass(frozen=True)
class Training:
    """A model with the evidence for it.

    Attributes
    ----------
    accuracies : dict of str to float
        Held-out accuracy of each rung that was tried.
    passed_over : dict of str to str
        The rungs that were not tried, and why.
    calibration_error : float
        Expected calibration error of the chosen rung on held-out rows, ten bins.
    """

    model: SmallModel
    held_out: HeldOut
    mistakes: tuple[Mistake, ...]
    accuracies: dict[str, float]
    passed_over: dict[str, str]
    calibration_error: float


def train(examples: Sequence[Example], config: TrainConfig | None = None) -> Training:
    """Choose a rung by cross-validation on the labels at hand, calibrate it, fit it on all."""
    config = config or TrainConfig()
    classes = labels_of(examples)
    if len(classes) < 2 or len(examples) < 4:
        raise BadLabels(
            f"{len(examples)} rows of {len(classes)} labels: need four rows and two labels"
        )
    rows = [example.row for example in examples]
    targets = np.array([classes.index(example.label) for example in examples], np.int64)
    folds = assign_folds(examples, folds=config.folds, seed=config.seed)
    # Threads of a BLAS wait for each other by spinning: on a busy machine what takes six
    # CPU-seconds was seen to take over two hundred.
    with threadpool_limits(limits=1, user_api="blas"):
        return _trained(examples, classes, _climb(rows, targets, folds, config), config)


@dataclass(frozen=True)
class _Climb:
    """What came of trying rungs: how they are made, their logits, and which were not tried."""

    targets: NDArray[np.int64]
    makers: dict[str, Callable[[], Rung]]
    tried: dict[str, NDArray[np.float64]]
    passed_over: dict[str, str]


def _climb(
    rows: Sequence[Row],
    targets: NDArray[np.int64],
    folds: NDArray[np.int64],
    config: TrainConfig,
) -> _Climb:
    found = _Climb(targets, {}, {}, {})
    for name in in_order(config.rungs):
        mistakes = [_mistakes(logits, targets) for logits in found.tried.values()]
        fewest = min(mistakes, default=None)
        reason = why_not(name, rows=len(rows), mistakes=fewest) if config.climbs else ""
        if reason:
            found.passed_over[name] = reason
            continue
        found.makers[name] = rung_maker(name, encoder=config.encoder, seed=config.seed)
        few = np.where(folds < ENCODER_FOLDS, folds, -1)
        found.tried[name] = _held_out_logits(
            found.makers[name], rows, targets, few if name == "encoder" else folds
        )
    return found


def _trained(
    examples: Sequence[Example], classes: tuple[str, ...], climb: _Climb, config: TrainConfig
) -> Training:
    """Calibrate the best rung, fit it on all rows, find its mistakes."""
    targets, tried = climb.targets, climb.tried
    best, accuracies = choose(tried, targets)
    judged = np.flatnonzero(np.isfinite(tried[best][:, 0]))
    logits = tried[best][judged]
    temperature = fit_temperature(logits, targets[judged])
    held_out = HeldOut(judged, softmax(logits / temperature), targets[judged])
    rung = climb.makers[best]()
    rung.fit([example.row for example in examples], targets, labels=len(classes))
    model = SmallModel(rung, classes, temperature=temperature)
    model.error_rate = 1 - accuracies[best]
    model.threshold = threshold_for_share(
        held_out.uncertainty, held_out.right, share=config.routed_share
    )
    said = held_out.probabilities.argmax(-1)
    mistakes = tuple(
        Mistake(examples[int(judged[number])], classes[said[number]])
        for number in np.flatnonzero(~held_out.right).tolist()
    )
    return Training(
        model, held_out, mistakes, accuracies, climb.passed_over, calibration_error(held_out)
    )


def assign_folds(examples: Sequence[Example], *, folds: int, seed: int) -> NDArray[np.int64]:
    """Give each row a fold, equal texts the same one, labels spread evenly; (rows,)."""
    random = np.random.default_rng(seed)
    fold_of: dict[str, int] = {}
    start = 0
    for label in labels_of(examples):
        texts = sorted({e.row.text for e in examples if e.label == label} - fold_of.keys())
        for number, place in enumerate(random.permutation(len(texts)), start):
            fold_of[texts[place]] = number % folds
        start += len(texts)
    return np.array([fold_of[example.row.text] for example in examples], np.int64)


def fit_temperature(logits: NDArray[np.float64], targets: NDArray[np.int64]) -> float:
    """Choose the temperature under which held-out rows' true labels are likeliest.

    One more row than there are counts as wrong (Platt, 1999): otherwise labels that a few rows
    separate cleanly would make the model certain of everything, also of what it never saw.
    """
    places = np.arange(len(targets))
    sure = (len(targets) + 1) / (len(targets) + 2)
    losses = []
    for temperature in TEMPERATURES:
        right = softmax(logits / temperature)[places, targets].clip(1e-12, 1 - 1e-12)
        losses.append(-(sure * np.log(right) + (1 - sure) * np.log1p(-right)).mean())
    return float(TEMPERATURES[int(np.argmin(losses))])


def calibration_error(held_out: HeldOut, *, bins: int = 10) -> float:
    """Give the expected calibration error: mean gap of confidence and accuracy over bins."""
    confidence = held_out.probabilities.max(-1)
    number = np.minimum((confidence * bins).astype(np.int64), bins - 1)
    gaps = [
        abs(confidence[number == b].mean() - held_out.right[number == b].mean())
        * float((number == b).mean())
        for b in np.unique(number)
    ]
    return float(sum(gaps))


def _mistakes(logits: NDArray[np.float64], targets: NDArray[np.int64]) -> int:
    judged = np.isfinite(logits[:, 0])
    return int((logits[judged].argmax(-1) != targets[judged]).sum())


def _held_out_logits(
    make: Callable[[], Rung],
    rows: Sequence[Row],
    targets: NDArray[np.int64],
    folds: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Log odds of each row from a model that had not seen it; NaN for rows of fold -1."""
    labels = int(targets.max()) + 1
    logits = np.full((len(rows), labels), np.nan)
    for fold in np.unique(folds[folds >= 0]):
        seen, unseen = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        logits[unseen] = 0.0
        if len(np.unique(targets[seen])) < 2:
            continue  # too few labels to learn from; these rows stay undecided
        rung = make()
        rung.fit([rows[i] for i in seen.tolist()], targets[seen], labels=labels)
        logits[unseen] = rung.logits([rows[i] for i in unseen.tolist()])
    return logits
