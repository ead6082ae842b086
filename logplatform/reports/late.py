"""Late lines: what they make true of minutes that were judged before they came.

Pure arithmetic. A time in which the condition turns out to have held is an incident of its own
only where the group was not firing in any of its minutes; else it was told already.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from logplatform.reports.models import EventState

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from logplatform.reports.firing import Standing

# As far back as the catch-up after an outage: older minutes are nobody's concern now.
LATE_MIN = 60


@dataclass(frozen=True, slots=True)
class Told:
    """An event of a group as it was recorded; ``minute`` is the end of the one that decided."""

    state: str
    minute: int


def fired_minutes(
    first: int, number: int, standing: Standing, events: Iterable[Told]
) -> NDArray[np.bool_]:
    """Say for each of some minutes whether a group was firing, by what was recorded.

    Parameters
    ----------
    first, number : int
        The minutes, since 1970.
    standing : Standing
        How the group stands after the last of them.
    events : iterable of Told
        Those after the first minute's beginning, in order.
    """
    listed = list(events)
    is_firing = standing.is_firing
    if listed:
        is_firing = listed[0].state == EventState.RECOVERED
    found = np.zeros(number, bool)
    at = 0
    for event in listed:
        index = min(max(event.minute - 1 - first, 0), number)
        found[at:index] = is_firing
        at, is_firing = index, event.state == EventState.FIRED
    found[at:] = is_firing
    return found


def missed(
    is_met: NDArray[np.bool_], fired: NDArray[np.bool_], *, goes_on: bool
) -> Sequence[tuple[int, int]]:
    """Return the times (first minute, minute after the last) that nobody heard of.

    ``goes_on`` says that the condition holds in the minute after: the evaluation of that one
    speaks of it.
    """
    edges = np.flatnonzero(np.diff(np.concatenate(([False], is_met, [False])).astype(np.int8)))
    return [
        (begin, end)
        for begin, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
        if not fired[begin:end].any() and not (goes_on and end == len(is_met))
    ]
