"""Whether the large model is worth asking: both answers against the truth, on routed rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

MIN_ROWS = 20  # before that many, a difference is noise either way
# Before any truth is known, worth ten rows: gpt-3.5's plain answers to the rows that the
# paper's authors routed are right in 79 % (mean of twelve sets, their test rows).
PRIOR_RIGHT, PRIOR_ROWS = 8.0, 10.0


@dataclass
class Trial:
    """Counts over routed rows whose true label became known."""

    both: int = 0
    only_large: int = 0
    only_small: int = 0
    neither: int = 0

    @property
    def rows(self) -> int:
        """Routed rows with a known truth."""
        return self.both + self.only_large + self.only_small + self.neither

    @property
    def gain(self) -> float:
        """Accuracy of the large model minus that of the small one; 0 before any row."""
        return (self.only_large - self.only_small) / self.rows if self.rows else 0.0

    @property
    def is_worth_asking(self) -> bool:
        """Whether the large model was better, or nobody can say yet."""
        return self.rows < MIN_ROWS or self.only_large > self.only_small

    @property
    def reliability(self) -> float:
        """How often the large model is right on routed rows, from 0 to 1."""
        return (self.both + self.only_large + PRIOR_RIGHT) / (self.rows + PRIOR_ROWS)

    def record(self, *, small: str, large: str, truth: str) -> None:
        """Count a row for which a person, or a true label, said what is right."""
        if small == truth and large == truth:
            self.both += 1
        elif large == truth:
            self.only_large += 1
        elif small == truth:
            self.only_small += 1
        else:
            self.neither += 1


def agreed_reliability(
    classes: Sequence[str], probabilities: NDArray[np.float64], said: Sequence[str]
) -> float:
    """Estimate how often the large model is right from its agreement with the small one alone.

    Nobody has said yet what is true. The small model's calibrated probabilities say how likely
    each label is, so the reliability under which the answers seen are likeliest can be found by
    expectation maximisation (Dawid and Skene, 1979, with one annotator's errors known). It
    starts from, and is drawn to, the same prior as `Trial.reliability`.

    Parameters
    ----------
    probabilities : ndarray of shape (rows, classes)
        Of the small model, for the rows that were asked about.
    said : sequence of str
        The large model's labels; empty where it gave none.
    """
    place = {label: number for number, label in enumerate(classes)}
    asked = [(n, place.get(label, -1)) for n, label in enumerate(said) if label]
    # A label that the small model doesn't know is as good as certainly wrong.
    prior = np.array([probabilities[n, k] if k >= 0 else 1e-3 for n, k in asked])
    reliability = PRIOR_RIGHT / PRIOR_ROWS
    for _ in range(50):
        right = prior * reliability
        wrong = (1 - prior) * (1 - reliability) / max(len(classes) - 1, 1)
        likely = right / np.maximum(right + wrong, 1e-12)
        reliability = (likely.sum() + PRIOR_RIGHT) / (len(prior) + PRIOR_ROWS)
    return float(reliability)
