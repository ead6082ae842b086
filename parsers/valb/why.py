"""Why a template is as it is: how sure the tagger was of each variable and constant word.

Read from an annotator's saved state, without the annotator: no model is loaded, nothing is
tagged again. What people have corrected is not known here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from valb.category import CATEGORIES, Category

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

# Log-probabilities that differ by less were never asked of the tagger.
_SAME = 0.005


@dataclass(frozen=True, slots=True)
class SureVariable:
    """A variable: the tagger's category and its probability, mean over the structures.

    ``sureness`` is None where the tagger was not asked: a header format or a key names the
    variable, or it was found by comparing templates.
    """

    category: Category
    sureness: float | None


@dataclass(frozen=True, slots=True)
class SureWord:
    """A constant word of the text and the tagger's probability that it varies."""

    start: int
    end: int
    chance: float
    category: Category  # should it vary


@dataclass(frozen=True, slots=True)
class Why:
    """What is known of one template. Its text has one character a byte."""

    text: str
    variables: tuple[SureVariable, ...]
    words: tuple[SureWord, ...]
    tagged: int  # structures that the tagger was asked about
    alike: int  # structures that follow from these


def why(state: Mapping[str, Any], template: str) -> Why | None:
    """Look a template up in what `Annotator.to_dict` gave; None where it is not in force."""
    for number, (key, text, votes, merged_into, words, *_) in enumerate(state["templates"]):
        if key == template and merged_into < 0:
            members = [row for row in state["structures"] if row[6] == number]
            asked = [row for row in members if not row[-1]]
            totals = np.array(votes, np.float64).reshape(-1, len(CATEGORIES))
            return Why(
                text,
                tuple(_variable(total, k, asked) for k, total in enumerate(totals)),
                tuple(SureWord(a, b, c, CATEGORIES[kind]) for a, b, c, kind in words),
                len(asked),
                len(members) - len(asked),
            )
    return None


def _variable(total: NDArray[np.float64], place: int, members: list[Any]) -> SureVariable:
    best = int(total.argmax())
    chances = []
    for row in members:
        variables = row[5]
        if place < len(variables):
            scores = np.array(variables[place][2], np.float64)
            if np.ptp(scores) > _SAME:
                powers = np.exp(scores - scores.max())
                chances.append(float(powers[best] / powers.sum()))
    return SureVariable(CATEGORIES[best], sum(chances) / len(chances) if chances else None)
