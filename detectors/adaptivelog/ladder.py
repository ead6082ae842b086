"""The rungs of the ladder: how one is made, which are worth trying, and which is chosen.

How a rung is trained and judged is `training.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from adaptivelog.errors import BadLabels
from adaptivelog.linear import LinearText

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from numpy.typing import NDArray

    from adaptivelog.model import Rung

RUNGS = ("tfidf", "embedding", "encoder")  # cheapest first
# With fewer mistakes on held-out rows another rung has next to nothing to mend, and could not
# be told from luck.
MIN_MISTAKES = 8
# Of fewer rows cross-validation cannot tell rungs apart, and whoever has just begun to judge
# waits for the next model: torch alone takes seconds to load.
MIN_ROWS = 50
# Fine-tuning learns little from fewer rows; more of them take over ten minutes of two cores,
# which somebody should want (0.44 CPU-seconds a step of 16 rows, four epochs, judged on a
# fold and done again on all).
MIN_TUNED_ROWS, MAX_TUNED_ROWS = 200, 4000


def in_order(rungs: Iterable[str]) -> list[str]:
    """Give rungs from the cheapest up; a name that is none is refused."""
    names = set(rungs)
    if unknown := sorted(names.difference(RUNGS)):
        raise BadLabels(f"no rung named {unknown[0]!r}: there are {', '.join(RUNGS)}")
    return [name for name in RUNGS if name in names]


def rung_maker(name: str, *, encoder: str = "", seed: int = 0) -> Callable[[], Rung]:
    """Give a function that makes an unfitted rung; what it loads is shared by all of them."""
    if name == "tfidf":
        return LinearText
    # The upper rungs load torch; who trains the first one never does.
    if name == "embedding":
        from adaptivelog.embedding import EmbeddedText, Vectors
        from adaptivelog.encoder import EncoderConfig

        vectors = Vectors(EncoderConfig(encoder))
        return lambda: EmbeddedText(vectors)
    from adaptivelog.encoder import EncoderConfig, EncoderText

    return lambda: EncoderText(EncoderConfig(encoder, seed=seed))


def why_not(name: str, *, rows: int, mistakes: int | None) -> str:
    """Say why a rung is not worth its time; empty where it is.

    Parameters
    ----------
    rows : int
        Labelled ones at hand.
    mistakes : int or None
        Of the best rung below, on rows that it had not seen; None for the lowest.
    """
    if mistakes is None:
        return ""
    lacks = {
        f"labelled rows: {rows}; from {MIN_ROWS} on a better one can be told from luck": (
            rows < MIN_ROWS
        ),
        f"mistakes to mend: {mistakes}; from {MIN_MISTAKES} on a better one can be told from "
        "luck": mistakes < MIN_MISTAKES,
    }
    if name == "encoder":
        lacks |= {
            f"labelled rows: {rows}; it learns enough from {MIN_TUNED_ROWS} on": (
                rows < MIN_TUNED_ROWS
            ),
            f"labelled rows: {rows}; it would take over ten minutes of two cores": (
                rows > MAX_TUNED_ROWS
            ),
        }
    return next((reason for reason, is_so in lacks.items() if is_so), "")


def choose(
    tried: Mapping[str, NDArray[np.float64]], targets: NDArray[np.int64]
) -> tuple[str, dict[str, float]]:
    """Choose the rung that was right most often, and give the share right of each.

    Rungs are compared on the rows that all of them were judged on; on a tie the earlier,
    cheaper one stays.

    Parameters
    ----------
    tried : mapping of str to ndarray of shape (rows, labels)
        Log odds of rows that the models had not seen, NaN where there are none.
    """
    shared = np.logical_and.reduce([np.isfinite(logits[:, 0]) for logits in tried.values()])
    accuracies = {
        name: float((logits[shared].argmax(-1) == targets[shared]).mean())
        for name, logits in tried.items()
    }
    names = list(tried)
    best = max(names, key=lambda name: (accuracies[name], -names.index(name)))
    return best, accuracies
