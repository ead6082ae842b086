"""Scores to tail probabilities: how often the source's own recent history scored as high.

Nothing here sees a label.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

# The one threshold for all sources: a unit is anomalous when history would score as high as it
# in fewer than one of a thousand units.
DEFAULT_TAIL = 1e-3
# The least tail probability: past it the order of scores is kept by their size alone.
LEAST_TAIL = 1e-300
KEPT_POINTS = 512
POINT_DECIMALS = 3
# The share of history that may be anomalous. A source with more has no normal to learn.
UNTRUSTED_SHARE = 0.05
# Of the history, in time order: what calibrates, never what trains.
CALIBRATION_SHARE = 0.2


@dataclass(frozen=True)
class Calibration:
    """Tail probabilities of one detector's scores.

    History is not clean, so its highest scores say nothing of what is normal: up to the
    ``1 - UNTRUSTED_SHARE`` quantile the tail is the share of units that scored as high, past
    it an exponential one that goes on as the scores before it fell. Scores are in nats, so it
    never falls faster than by a factor of e for each.

    Attributes
    ----------
    points : ndarray of shape (k,)
        Quantiles of the scores of history, rising.
    tails : ndarray of shape (k,)
        Share of history at or above each point.
    scale : float
        Score over which the tail falls by a factor of e, past the last point.
    """

    points: NDArray[np.float64]
    tails: NDArray[np.float64]
    scale: float

    @classmethod
    def of(cls, scores: NDArray[np.floating]) -> Calibration:
        """Calibrate on the scores of held-out history, shape (n,)."""
        if not len(scores):
            return cls(np.zeros(0), np.zeros(0), 1.0)
        # Scores that differ by rounding alone are one point: tails must not jump between them.
        nats = np.round(scores.astype(np.float64), POINT_DECIMALS)
        quantiles = (1 - 4 * UNTRUSTED_SHARE, 1 - UNTRUSTED_SHARE)
        low, high = np.round(np.quantile(nats, quantiles), POINT_DECIMALS).tolist()
        distinct, counts = np.unique(nats, return_counts=True)
        tails = np.cumsum(counts[::-1])[::-1] / len(scores)
        kept = distinct < high
        points = np.append(distinct[kept], high).astype(np.float64)
        tails = np.append(tails[kept], UNTRUSTED_SHARE)
        if len(points) > KEPT_POINTS:
            some = np.unique(np.linspace(0, len(points) - 1, KEPT_POINTS).astype(int))
            points, tails = points[some], tails[some]
        return cls(points, tails, max((high - low) / np.log(4.0), 1.0))

    def tail(self, scores: NDArray[np.floating]) -> NDArray[np.float64]:
        """Give the tail probability of each score, shape (n,)."""
        if not len(self.points):
            return np.ones(len(scores))
        scores = scores.astype(np.float64)
        log_tails = np.log(self.tails)
        # Between two points the logarithm of the tail is linear, so ties are broken by score.
        inside = np.interp(scores, self.points, log_tails)
        inside = np.where(scores < self.points[0], 0.0, inside)
        beyond = np.maximum(scores - self.points[-1], 0.0) / self.scale
        tails: NDArray[np.float64] = np.exp(np.maximum(inside - beyond, np.log(LEAST_TAIL)))
        return tails


def fuse(tails: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Fuse the tail probabilities of several detectors by their weighted harmonic mean.

    The harmonic mean of p-values (Wilson, PNAS 2019) stays valid when they depend on each
    other. With one small tail it is that tail divided by the detector's weight.

    Parameters
    ----------
    tails : ndarray of shape (n, detectors)
    weights : ndarray of shape (detectors,)
        Their sum is 1.

    Returns
    -------
    ndarray of shape (n,)
    """
    fused: NDArray[np.float64] = 1.0 / np.sum(weights / tails, axis=1)
    return np.minimum(fused, 1.0)
