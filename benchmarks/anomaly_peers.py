"""The peers that glad is measured beside: PCA, isolation forest, DeepLog, any ERROR line.

Each takes the same units; its threshold comes from its own scores of training, as its authors
have it, never from a label.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from scipy.stats import norm
from sklearn.decomposition import PCA
from sklearn.ensemble import IsolationForest
from torch import Tensor, nn

from glad.counts import count_events
from glad.keys import columns_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from glad import Units

ERROR = 5  # logscan.Level
VARIANCE = 0.95  # kept by PCA
ALPHA = 0.001  # of PCA's Q statistic
# The quantile of training scores above which the forest calls a unit anomalous.
FOREST_QUANTILE = 0.99


@dataclass(frozen=True)
class PeerScores:
    """What a peer says of U units."""

    score: NDArray[np.float64]  # higher is more anomalous
    anomalous: NDArray[np.bool_]


def counts_of(units: Units, keys: NDArray[np.uint64]) -> NDArray[np.float64]:
    """Count the types of `keys` in each unit, and those that are not among them."""
    counts = count_events(units)
    column = columns_of(units.events.type_key, keys)[counts.type]
    column[column < 0] = len(keys)
    table = np.zeros((len(units), len(keys) + 1))
    np.add.at(table, (counts.row, column), counts.count)
    return table


def score_error_line(train: Units, test: Units, seed: int) -> PeerScores:
    """Call each unit with a line of level ERROR or above anomalous."""
    del train, seed
    level = test.events.level[test.records]
    highest = np.maximum.reduceat(level, test.first[:-1])
    return PeerScores(highest.astype(float), highest >= ERROR)


def score_pca(train: Units, test: Units, seed: int) -> PeerScores:
    """Score by the residual of PCA on counts (Xu et al., SOSP 2009), with its Q statistic."""
    keys = np.unique(train.events.type_key[train.events.type[train.records]])
    early, late = counts_of(train, keys), counts_of(test, keys)
    mean = early.mean(axis=0)
    size = min(early.shape)
    full = PCA(size, random_state=seed).fit(early - mean)
    kept = int(np.searchsorted(np.cumsum(full.explained_variance_ratio_), VARIANCE)) + 1
    basis = full.components_[:kept]
    residual = (late - mean) - (late - mean) @ basis.T @ basis
    score = (residual**2).sum(axis=1)
    rest = full.explained_variance_[kept:]
    t1, t2, t3 = (float((rest**power).sum()) for power in (1, 2, 3))
    if t1 == 0 or t2 == 0:
        return PeerScores(score, score > 1e-9)
    h0 = 1 - 2 * t1 * t3 / (3 * t2**2)
    root = norm.ppf(1 - ALPHA) * np.sqrt(2 * t2 * h0**2) / t1
    base = root + 1 + t2 * h0 * (h0 - 1) / t1**2
    limit = t1 * max(base, 0.0) ** (1 / h0)
    return PeerScores(score, score > limit)


def score_forest(train: Units, test: Units, seed: int) -> PeerScores:
    """Score by an isolation forest on counts."""
    keys = np.unique(train.events.type_key[train.events.type[train.records]])
    early = counts_of(train, keys)
    forest = IsolationForest(random_state=seed).fit(early)
    limit = np.quantile(-forest.score_samples(early), FOREST_QUANTILE)
    score = -forest.score_samples(counts_of(test, keys))
    return PeerScores(score, score > limit)


class NextEvent(nn.Module):
    """DeepLog's network (Du et al., CCS 2017): the next event of a window of ten."""

    def __init__(self, types: int, width: int = 48) -> None:
        super().__init__()
        self.embed = nn.Embedding(types, width)
        self.lstm = nn.LSTM(width, width, batch_first=True)
        self.out = nn.Linear(width, types)

    def forward(self, windows: Tensor) -> Tensor:
        """Give scores of the next event, (batch, types), after windows (batch, 10)."""
        states, _ = self.lstm(self.embed(windows))
        result: Tensor = self.out(states[:, -1])
        return result


WINDOW, TOP, STEPS, AT_ONCE = 10, 5, 1500, 256


def _windows(units: Units, keys: NDArray[np.uint64]) -> tuple[NDArray[np.int64], ...]:
    """List windows of ten events and the next one; events are numbered from 2."""
    column = columns_of(units.events.type_key, keys)[units.events.type[units.records]] + 2
    column[column == 1] = 1  # a type that training does not have
    rows, unit = [], units.unit
    place = np.arange(len(column)) - units.first[unit]
    for back in range(WINDOW, 0, -1):
        before = np.where(place >= back, np.roll(column, back), 0)
        rows.append(before)
    table = np.stack([*rows, column], axis=1)
    distinct, inverse = np.unique(table, axis=0, return_inverse=True)
    return distinct, inverse.ravel(), unit


def score_deeplog(train: Units, test: Units, seed: int) -> PeerScores:
    """Call a unit anomalous when an event is not among the five that were expected most."""
    keys = np.unique(train.events.type_key[train.events.type[train.records]])
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    model = NextEvent(len(keys) + 2)
    optimiser = torch.optim.Adam(model.parameters(), lr=3e-3)
    distinct, inverse, _ = _windows(train, keys)
    weights = np.bincount(inverse) / len(inverse)
    tensor = torch.from_numpy(distinct)
    for _ in range(STEPS):
        rows = torch.from_numpy(rng.choice(len(distinct), AT_ONCE, p=weights))
        batch = tensor[rows]
        loss = nn.functional.cross_entropy(model(batch[:, :-1]), batch[:, -1])
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        optimiser.step()
    distinct, inverse, unit = _windows(test, keys)
    surprise, rank = _judge(model, torch.from_numpy(distinct))
    worst, lowest = np.zeros(len(test)), np.zeros(len(test))
    np.maximum.at(worst, unit, surprise[inverse])
    np.maximum.at(lowest, unit, rank[inverse])
    return PeerScores(worst, lowest >= TOP)


@torch.inference_mode()
def _judge(model: NextEvent, windows: Tensor) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    surprise, rank = [], []
    for low in range(0, len(windows), 4096):
        batch = windows[low : low + 4096]
        odds = model(batch[:, :-1]).log_softmax(-1)
        own = odds.gather(1, batch[:, -1:])
        surprise.append(-own.squeeze(1).numpy())
        rank.append((odds > own).sum(1).numpy())
    return np.concatenate(surprise).astype(float), np.concatenate(rank)


PEERS: dict[str, Callable[[Units, Units, int], PeerScores]] = {
    "any_error_line": score_error_line,
    "pca": score_pca,
    "isolation_forest": score_forest,
    "deeplog_lstm": score_deeplog,
}
# Peers whose result depends on the seed.
SEEDED = frozenset({"isolation_forest", "deeplog_lstm"})
