"""What the model of relations can be told. The model is in `relation`, which loads torch."""

from __future__ import annotations

from dataclasses import dataclass

# What the model knows of time: counts of history of each edge; a recurrent network over vectors
# of the units before; the paper's transformer over their nodes (`paper`); nothing.
TEMPORAL = ("counts", "gru", "transformer", "none")


@dataclass(frozen=True)
class RelationConfig:
    """Sizes and training of a `RelationModel`; saved beside its weights."""

    temporal: str = "counts"  # one of TEMPORAL
    width: int = 32
    heads: int = 2
    layers: int = 1
    folds: int = 2  # each edge is scored while its fold is left out of the messages
    steps: int = 200
    units_at_once: int = 64
    windows: int = 16  # units before, in time order, for "gru" and "transformer"
    rate: float = 3e-3
    trimmed: float = 0.02  # units left out of the second half of training
    blind: float = 0.7  # questions of training that show no ends, only counts of history
    seed: int = 0
