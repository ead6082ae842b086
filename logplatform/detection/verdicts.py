"""What people said of patterns, learnt for those that nobody judged yet.

A logistic regression by source, small enough to be fitted whenever somebody says a word. It
ranks and labels anomalies; it hides none and moves no threshold.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from logplatform.detection.models import (
    Anomaly,
    AnomalyKind,
    AnomalyState,
    PatternVerdict,
    Verdict,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from logplatform.logs.models import Source

# Patterns of either verdict below which nothing is learnt.
MIN_OF_EACH = 5
# Past so many decades a smaller tail probability says no more.
MOST_DECADES = 12.0
RIDGE, STEPS = 1.0, 25
JUDGED_ANOMALIES = 5_000  # looked at, newest first
UNJUDGED = (AnomalyState.OPEN, AnomalyState.ACKNOWLEDGED)


@dataclass(frozen=True)
class Learnt:
    """A logistic regression: F features, scaled, and their weights."""

    middle: NDArray[np.float64]  # (F,)
    spread: NDArray[np.float64]  # (F,)
    weights: NDArray[np.float64]  # (F + 1,) the last one is the offset

    def chances(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give the chance that each of some patterns is confirmed, shape (n,)."""
        scaled = _with_one((features - self.middle) / self.spread)
        chances: NDArray[np.float64] = 1 / (
            1 + np.exp(-np.clip(scaled @ self.weights, -30, 30))
        )
        return chances


def learn(features: NDArray[np.float64], is_right: NDArray[np.bool_]) -> Learnt | None:
    """Learn from judged patterns, features (n, F); None where there are too few of either."""
    if min(int(is_right.sum()), int((~is_right).sum())) < MIN_OF_EACH:
        return None
    middle, spread = features.mean(axis=0), features.std(axis=0) + 1e-6
    scaled = _with_one((features - middle) / spread)
    ridge = np.diag([RIDGE] * features.shape[1] + [1e-6])
    weights = np.zeros(scaled.shape[1])
    for _ in range(STEPS):  # Newton's method
        chance = 1 / (1 + np.exp(-np.clip(scaled @ weights, -30, 30)))
        slope = scaled.T @ (is_right - chance) - ridge @ weights
        curve = (scaled * (chance * (1 - chance))[:, None]).T @ scaled + ridge
        weights = weights + np.linalg.solve(curve, slope)
    return Learnt(middle, spread, weights)


def update_chances(source: Source) -> int:
    """Say of each unjudged anomaly how likely people would confirm it; return of how many.

    Nothing is said, and what was is taken back, while there are too few verdicts.
    """
    learnt = _learnt(source)
    open_ones = Anomaly.objects.filter(source=source, state__in=UNJUDGED)
    if learnt is None:
        open_ones.exclude(chance=None).update(chance=None)
        return 0
    rows = list(open_ones.exclude(tails=[]).only("pk", "tails", "chance"))
    chances = learnt.chances(_features(row.tails for row in rows))
    for row, chance in zip(rows, chances.tolist(), strict=True):
        row.chance = round(chance, 3)
    Anomaly.objects.bulk_update(rows, ["chance"], batch_size=500)
    return len(rows)


def _learnt(source: Source) -> Learnt | None:
    verdicts = dict(
        PatternVerdict.objects.filter(source=source).values_list("pattern", "verdict")
    )
    judged = Anomaly.objects.filter(source=source, pattern__in=list(verdicts))
    rows = judged.exclude(tails=[]).order_by("-start_ns").values_list("pattern", "tails")
    tails: dict[str, list[list[float]]] = {}
    for pattern, found in rows[:JUDGED_ANOMALIES]:
        tails.setdefault(pattern, []).append(found)
    if not tails:
        return None
    # A pattern is one example, however often it occurred.
    features = np.array([_features(found).mean(axis=0) for found in tails.values()])
    is_right = np.array([verdicts[pattern] == Verdict.CONFIRMED for pattern in tails])
    return learn(features, is_right)


def _features(tails: Iterable[list[float]]) -> NDArray[np.float64]:
    """Turn tail probabilities by detector into decades, (n, detectors)."""
    width = len(AnomalyKind)
    rows = [(list(row) + [1.0] * width)[:width] for row in tails]
    table = np.array(rows, np.float64).reshape(-1, width)
    return np.minimum(-np.log10(np.maximum(table, 1e-300)), MOST_DECADES)


def _with_one(table: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.concatenate((table, np.ones((len(table), 1))), axis=1)
