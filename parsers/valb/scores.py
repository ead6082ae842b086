"""What a tagger says of a message. How it comes to that is in `tagger` and `network`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from valb.features import Features, Lexicon

# Of saved weights: both readers take this one only.
VERSION = 3
# Outside, begin, inside of a variable.
TAGS = 3


@dataclass(frozen=True, slots=True)
class Scores:
    """What the tagger says of one view's ``T`` atoms."""

    tags: NDArray[np.float32]  # (T, TAGS) probabilities
    categories: NDArray[np.float32]  # (T, 10) log-probabilities, given that it is variable


class Scorer(Protocol):
    """What an annotator asks: `network.Network`, or `tagger.Committee` while it is trained."""

    def score(self, items: Sequence[Features], lexicon: Lexicon) -> list[Scores]:
        """Score views, in the order given."""
