"""The detector: the family fitted on a source's history, fused, and saved.

Units come in, scores go out. What anomalies show is in `explain`; nothing here reads files of
logs or knows of sources.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from glad.anomaly import Anomaly, DetectorName, Scores
from glad.calibration import (
    CALIBRATION_SHARE,
    DEFAULT_TAIL,
    UNTRUSTED_SHARE,
    Calibration,
    fuse,
)
from glad.checkpoint import learned, read_checkpoint, restore, write_checkpoint
from glad.counts import MIN_COUNT, CountDetector, count_events
from glad.drift import DriftDetector
from glad.errors import BadCheckpoint, TooLittleHistory
from glad.explain import explain_unit
from glad.fields import FieldReader
from glad.graph import build_graphs, worst_edges
from glad.history import EdgeTable
from glad.keys import mixed
from glad.novelty import NoveltyDetector
from glad.sequence import SequenceDetector
from glad.settings import RelationConfig
from glad.units import UnitRule, narrowed
from glad.words import WordDetector

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from glad.fields import Fields
    from glad.graph import Graphs
    from glad.relation import RelationDetector
    from glad.units import Units

VERSION = 3
# Below so many units of history only novelty is in force. How fast a tail falls is taken from
# the calibrating units between its 80 % and 95 % quantiles: 3 % of history, 24 of 800 units,
# which leaves a standard error of a fifth. docs/glad.md tells more.
WARM_UP_UNITS = 800
# Alerts (one pattern or edge on one day) that a source may raise in a day.
ALERTS_PER_DAY = 20.0
DAY_NS = 86_400 * 10**9
# Shares of units without a rare template. Up to the first one templates do not recur enough for
# those who compare them to have a word; from the second one on, as history may have so many
# anomalies, they do and words have none.
RECURRING = (0.8, 1 - UNTRUSTED_SHARE)
# Surprise of edge counting up to which an edge is usual.
USUAL_NATS = 4.0
NAMES = tuple(DetectorName)
_WEIGHTS, _ITEMS = "relation.weights.", "relation.items"


@dataclass(frozen=True)
class DetectorConfig:
    """What a detector is told; saved beside what it learns."""

    rule: UnitRule = field(default_factory=UnitRule)  # of the units it is given
    tail: float = DEFAULT_TAIL  # threshold of the fused tail probability
    alerts_per_day: float = ALERTS_PER_DAY  # lowers the threshold where history has more
    warm_up_units: int = WARM_UP_UNITS
    relation: RelationConfig = field(default_factory=RelationConfig)
    seed: int = 0


@dataclass(frozen=True)
class Sight:
    """What all members look at: units, their fields and graphs."""

    units: Units
    fields: Fields
    graphs: Graphs


class Detector:
    """Detectors of five kinds, trained on one source's history without labels.

    Attributes
    ----------
    units_ : int
        Units of history.
    threshold_ : float
        Units with a smaller fused tail probability are anomalous: the configured tail, or
        less where the last fifth of history would have raised more alerts than the budget.
    recurring_ : float
        Share of the calibrating units that have no template which is rare in training. Words
        weigh the rest: whoever compares templates has little to go by where they do not recur.
    labels_ : dict
        Texts of the items that sentences may name, by key (hex).
    """

    units_: int
    threshold_: float
    recurring_: float
    labels_: dict[str, str]

    def __init__(self, config: DetectorConfig | None = None, *, device: str = "cpu") -> None:
        self.config = config or DetectorConfig()
        self.device = device
        self.fields = FieldReader()
        self.edges = EdgeTable()
        self.novelty = NoveltyDetector()
        self.counts = CountDetector()
        self.sequence = SequenceDetector()
        self.drift = DriftDetector()
        self.words = WordDetector()
        self.relation: RelationDetector | None = None  # none while warming up
        self.calibrations: dict[DetectorName, Calibration] = {}

    @property
    def warming_up(self) -> bool:
        """True while there is too little history for more than novelty."""
        return self.units_ < self.config.warm_up_units

    def fit(self, units: Units) -> Detector:
        """Learn the history of a source: units in the order of time, anomalies and all.

        The first four fifths train, the last one calibrates and sets the threshold; then
        tables are filled again from all of it.
        """
        if not len(units):
            raise TooLittleHistory("there are no units to learn from")
        self.units_ = len(units)
        cut = max(1, round(len(units) * (1 - CALIBRATION_SHARE)))
        order = np.arange(len(units))
        self.fields.fit(units.take(order[:cut]))
        early, late = self._look(units.take(order[:cut])), self._look(units.take(order[cut:]))
        self._fit_members(early)
        self.recurring_ = 1.0
        if not self.warming_up:
            self.recurring_ = self._recurring(late.units)
            self.relation = self._new_relation().fit(early.graphs, self.edges)
        self.calibrations = {
            name: Calibration.of(scores) for name, scores in self._raw_scores(late)[0].items()
        }
        self.threshold_ = self._budgeted_threshold(late)
        whole = self._look(units)
        self._fit_members(whole)
        self.labels_ = _labels(whole.graphs)
        return self

    def _recurring(self, units: Units) -> float:
        """Give the share of units without a template that is rare in training."""
        counts = count_events(units)
        rare = self.novelty.type_counts(units)[counts.type] < MIN_COUNT
        return 1.0 - len(np.unique(counts.row[rare])) / max(len(units), 1)

    @property
    def weights(self) -> NDArray[np.float64]:
        """Weight of each detector in the fusion, in DetectorName's order; their sum is 1."""
        low, high = RECURRING
        templates = float(np.clip((self.recurring_ - low) / (high - low), 0.0, 1.0))
        return np.array(
            [
                1 - templates if name == DetectorName.WORDS else templates / (len(NAMES) - 1)
                for name in NAMES
            ]
        )

    def _new_relation(self) -> RelationDetector:
        # torch takes a second and 200 MB to load; whoever only reads values needs none of it.
        from glad.relation import RelationDetector

        return RelationDetector(self.config.relation, device=self.device)

    def score(self, units: Units) -> Scores:
        """Score units. Changes nothing; a unit's score depends on that unit alone."""
        return self._score(self._look(units))

    def explain(
        self, units: Units, scores: Scores, chosen: Sequence[int] | None = None
    ) -> list[Anomaly]:
        """Explain anomalous units, most anomalous first.

        Parameters
        ----------
        units : Units
        scores : Scores
            What `score` gave for these units.
        chosen : sequence of int, optional
            Units to explain, anomalous or not; the anomalous ones when not given.
        """
        if chosen is None:
            chosen = np.flatnonzero(scores.anomalous).tolist()
        order = sorted(chosen, key=lambda unit: (-float(scores.fused[unit]), unit))
        return [self._explain_one(units, scores, unit) for unit in order]

    def _explain_one(self, units: Units, scores: Scores, index: int) -> Anomaly:
        one = units.take(np.array([index]))
        sight = self._look(narrowed(one))
        return Anomaly(
            unit=units.keys[index],
            start_ns=int(one.start_ns[0]),
            end_ns=int(one.end_ns[0]),
            score=float(scores.fused[index]),
            tail=float(fuse(scores.tails[index : index + 1], self.weights)[0]),
            kind=NAMES[int(scores.leading[index])],
            pattern=f"{int(scores.pattern[index]):016x}",
            evidence=explain_unit(
                self,
                sight,
                scores.tails[index],
                leading=NAMES[int(scores.leading[index])],
                edge_scores=self._edge_scores(sight),
            ),
        )

    def _edge_scores(self, sight: Sight) -> NDArray[np.float64]:
        """Say how wrong each edge is, 0 to 1, shape (M,)."""
        if self.relation is None:
            tail = np.exp(
                USUAL_NATS - np.maximum(self.edges.surprise(sight.graphs), USUAL_NATS)
            )
        else:
            odds = self.edge_odds(sight.graphs)
            tail = self.calibrations[DetectorName.RELATION].tail(odds)
        # Half way to 1 at the threshold for units, which is where an edge is drawn as wrong.
        wrong: NDArray[np.float64] = np.log10(tail) / (2 * np.log10(DEFAULT_TAIL))
        return np.minimum(1.0, wrong)

    def graphs(self, units: Units) -> Graphs:
        """Make the graphs of units."""
        return build_graphs(units, self.fields.read(units.events))

    def edge_odds(self, graphs: Graphs) -> NDArray[np.float32]:
        """Give the log odds that each edge is wrong, shape (M,), -inf where none is asked.

        Without a model, while there is too little history, all are -inf.
        """
        if self.relation is None:
            return np.full(len(graphs.edge_role), -np.inf, np.float32)
        return self.relation.score(graphs, self.edges)

    def _look(self, units: Units) -> Sight:
        fields = self.fields.read(units.events)
        return Sight(units, fields, build_graphs(units, fields))

    def _fit_members(self, seen: Sight) -> None:
        self.novelty.fit(seen.units)
        self.edges.fit(seen.graphs)
        if self.warming_up:
            return
        self.counts.fit(seen.units)
        self.sequence.fit(seen.units)
        self.drift.fit(seen.units, seen.fields)
        self.words.fit(seen.units, seen.graphs)

    def _raw_scores(
        self, seen: Sight
    ) -> tuple[dict[DetectorName, NDArray[np.float32]], dict[DetectorName, NDArray[np.uint64]]]:
        """Give each member's score and pattern of each unit."""
        units = seen.units
        pattern = count_events(units).patterns(units.events.type_key)
        scores = {DetectorName.NOVELTY: self.novelty.score(units)}
        patterns = {DetectorName.NOVELTY: pattern}
        if self.warming_up:
            return scores, patterns
        scores[DetectorName.COUNTS] = self.counts.score(units)
        patterns[DetectorName.COUNTS] = pattern
        steps = self.sequence.score_steps(units)
        scores[DetectorName.SEQUENCE], patterns[DetectorName.SEQUENCE] = steps
        drift, value = self.drift.worst_values(units, seen.fields)
        scores[DetectorName.DRIFT] = drift.astype(np.float32)
        roles = np.append(seen.fields.role_keys, np.uint64(0))
        role = np.append(seen.fields.role, len(roles) - 1)[value]
        patterns[DetectorName.DRIFT] = roles[role]
        scores[DetectorName.WORDS] = self.words.score(units, seen.graphs)
        patterns[DetectorName.WORDS] = pattern
        if self.relation is not None:
            odds = self.edge_odds(seen.graphs)
            scores[DetectorName.RELATION], edge = worst_edges(seen.graphs, odds)
            keys = np.append(seen.graphs.edge_keys, np.uint64(0))
            patterns[DetectorName.RELATION] = keys[edge]
        return scores, patterns

    def _score(self, seen: Sight, threshold: float | None = None) -> Scores:
        n = len(seen.units)
        tails = np.ones((n, len(NAMES)))
        pattern = np.zeros((n, len(NAMES)), np.uint64)
        scores, patterns = self._raw_scores(seen)
        for name, score in scores.items():
            column = NAMES.index(name)
            tails[:, column] = self.calibrations[name].tail(score)
            pattern[:, column] = mixed(np.full(n, column, np.uint64), patterns[name])
        fused = fuse(tails, self.weights)
        leading = np.argmax(self.weights / tails, axis=1)
        return Scores(
            fused=-np.log10(fused).astype(np.float32),
            tails=tails,
            anomalous=fused < (self.threshold_ if threshold is None else threshold),
            pattern=pattern[np.arange(n), leading],
            leading=leading.astype(np.int8),
        )

    def _budgeted_threshold(self, seen: Sight) -> float:
        """Lower the threshold until the calibrating history stays within the alert budget."""
        tail = self.config.tail
        if not len(seen.units):
            return tail
        scores = self._score(seen, tail)
        day = seen.units.start_ns // DAY_NS
        days = max(1.0, float(np.ptp(seen.units.start_ns)) / DAY_NS)
        allowed = int(self.config.alerts_per_day * days)
        fused = 10.0 ** -scores.fused.astype(np.float64)
        order = np.argsort(fused, kind="stable")
        order = order[fused[order] < tail]
        pairs = np.stack((scores.pattern[order], day[order].astype(np.uint64)), 1)
        _, first = np.unique(pairs, axis=0, return_index=True)
        if len(first) <= allowed:
            return tail
        return float(fused[order[np.sort(first)[allowed]]])

    def _members(self) -> dict[str, object]:
        return {
            "detector": self,
            "fields": self.fields,
            "edges": self.edges,
            "novelty": self.novelty,
            "counts": self.counts,
            "sequence": self.sequence,
            "drift": self.drift,
            "words": self.words,
        }

    def _relation_arrays(self) -> dict[str, NDArray[Any]]:
        if self.relation is None:
            return {}
        weights = self.relation.weights()
        named = {f"{_WEIGHTS}{name}": value for name, value in weights.items()}
        return named | {_ITEMS: self.relation.items_}

    def save(self, folder: Path) -> None:
        """Write a checkpoint: ``config.json`` and ``weights.safetensors``."""
        arrays, values = learned(self._members())
        scales = {}
        for name, calibration in self.calibrations.items():
            arrays[f"calibration.{name}.points"] = calibration.points
            arrays[f"calibration.{name}.tails"] = calibration.tails
            scales[str(name)] = calibration.scale
        config: dict[str, Any] = {"version": VERSION, "config": asdict(self.config)}
        arrays |= self._relation_arrays()
        write_checkpoint(folder, config | {"scales": scales, "learned": values}, arrays)

    @classmethod
    def load(cls, folder: Path, *, device: str = "cpu") -> Detector:
        """Read a checkpoint that `save` wrote."""
        saved, arrays = read_checkpoint(folder, VERSION)
        try:
            settings = dict(saved["config"])
            rule = UnitRule(**settings.pop("rule"))
            relation = RelationConfig(**settings.pop("relation"))
            config = DetectorConfig(rule=rule, relation=relation, **settings)
            detector = cls(config, device=device)
            restore(detector._members(), arrays, saved["learned"])
            detector.calibrations = {
                DetectorName(name): Calibration(
                    arrays[f"calibration.{name}.points"],
                    arrays[f"calibration.{name}.tails"],
                    scale,
                )
                for name, scale in saved["scales"].items()
            }
            if _ITEMS in arrays:
                detector.relation = detector._new_relation()
                detector.relation.restore(
                    arrays[_ITEMS],
                    {
                        name.removeprefix(_WEIGHTS): value
                        for name, value in arrays.items()
                        if name.startswith(_WEIGHTS)
                    },
                )
        except (KeyError, TypeError, ValueError, RuntimeError) as error:
            raise BadCheckpoint(f"{folder}: {error!r}") from error
        return detector


def _labels(graphs: Graphs) -> dict[str, str]:
    """Give the texts of the items of some graphs by key."""
    return {
        f"{key:016x}": label
        for key, label in zip(graphs.item_keys.tolist(), graphs.item_labels, strict=True)
    }
