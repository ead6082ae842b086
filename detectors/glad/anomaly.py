"""What the detectors give: scores of units, and anomalies with the evidence for them.

All values are frozen; `Anomaly.to_dict` is JSON. How they are found is in `detector`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

# A person reads the graph; past this it is a hairball.
MAX_GRAPH_NODES = 200


class DetectorName(StrEnum):
    """The members of the family; the order is that of the columns of `Scores.tails`."""

    NOVELTY = "novelty"
    COUNTS = "counts"
    SEQUENCE = "sequence"
    DRIFT = "drift"
    RELATION = "relation"
    WORDS = "words"


class NodeKind(StrEnum):
    """What a node of a relation graph stands for."""

    EVENT = "event"
    FIELD = "field"
    COMPONENT = "component"


class EdgeState(StrEnum):
    """How an edge of a relation graph is to be drawn."""

    USUAL = "usual"
    WRONG = "wrong"
    MISSING = "missing"  # expected, and not there


@dataclass(frozen=True)
class Scores:
    """Scores of U units. Higher is more anomalous.

    A detector that is not in force (warm-up, or nothing to learn from) has tail
    probability 1 everywhere.
    """

    fused: NDArray[np.float32]  # (U,) -log10 of the fused tail probability
    tails: NDArray[np.float64]  # (U, 6) tail probability by detector, in DetectorName's order
    anomalous: NDArray[np.bool_]  # (U,) fused tail probability below the threshold
    pattern: NDArray[np.uint64]  # (U,) what an alert, a mute or a verdict is about
    leading: NDArray[np.int8]  # (U,) the detector with the least weighted tail

    def __len__(self) -> int:
        return len(self.fused)


@dataclass(frozen=True, slots=True)
class DetectorPart:
    """What one detector says of one unit."""

    detector: DetectorName
    tail: float  # 1 where it sees nothing
    text: str  # one sentence, "" where it sees nothing


@dataclass(frozen=True, slots=True)
class EdgeHistory:
    """What training saw of the edge that the sentence names."""

    source: str
    target: str
    seen: int  # units that had it
    units: int  # units in training
    usual: tuple[tuple[str, int], ...]  # what `source` had instead, with units, most first


@dataclass(frozen=True, slots=True)
class GraphNode:
    """A node of the relation graph of one unit."""

    id: str
    label: str
    kind: NodeKind
    count: int  # records of the unit


@dataclass(frozen=True, slots=True)
class GraphEdge:
    """An edge of the relation graph of one unit."""

    source: str  # node ids
    target: str
    label: str  # "next", "in", or the name of the field
    count: int  # records of the unit
    score: float  # 0 usual to 1 wrong
    state: EdgeState


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a unit is anomalous. Text is text: nothing in it is safe as HTML."""

    sentence: str
    parts: tuple[DetectorPart, ...]
    edges: tuple[EdgeHistory, ...]  # worst first, at most three
    nodes: tuple[GraphNode, ...]  # at most MAX_GRAPH_NODES
    links: tuple[GraphEdge, ...]
    rows: tuple[int, ...]  # records that show it (`Events.row`), worst first
    all_rows: tuple[int, ...]  # all records of the unit


@dataclass(frozen=True, slots=True)
class Anomaly:
    """A unit whose fused tail probability is below the threshold, and why."""

    unit: str  # key of the unit
    start_ns: int
    end_ns: int
    score: float  # -log10 of the fused tail probability
    tail: float
    kind: DetectorName  # the detector with the least weighted tail
    pattern: str  # 16 hex digits: equal for anomalies that are one alert
    evidence: Evidence

    def to_dict(self) -> dict[str, Any]:
        """Give the anomaly as JSON values."""
        return asdict(self)


def alerts_per_day(
    pattern: NDArray[np.uint64], day: NDArray[np.int64], *, days: float
) -> float:
    """Count alerts by day: an alert is one pattern on one day, in however many units.

    Parameters
    ----------
    pattern, day : ndarray of shape (n,)
        Pattern of each anomalous unit, and the number of its day.
    days : float
        How many days were watched.
    """
    pairs = np.unique(np.stack((pattern, day.astype(np.uint64)), 1), axis=0)
    return len(pairs) / days
