"""From "the condition holds" to "somebody must know": the same live and in a back-test."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from logplatform.reports.models import EventState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Standing:
    """How a group of a rule stands; ``notified_minute`` is that of the last message."""

    is_firing: bool = False
    since_minute: int = 0
    notified_minute: int | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A group fired or recovered at the end of the minute with this index.

    ``is_cooling`` marks one that comes too soon after the last message, ``is_late`` one that
    only lines told of which came after the minute was judged.
    """

    state: EventState
    index: int
    is_cooling: bool
    is_late: bool = False


def advance(
    standing: Standing, is_met: NDArray[np.bool_], *, first_minute: int, cooldown_min: int
) -> tuple[Standing, list[Change]]:
    """Follow a group through some minutes.

    Parameters
    ----------
    standing : Standing
        Before the first of the minutes.
    is_met : ndarray of shape (n,)
        Whether the condition held in each minute.
    first_minute : int
        The first minute, since 1970.
    cooldown_min : int
        A group that fires again sooner after its last message is recorded silently, and so is
        its recovery.
    """
    changes = []
    for index in _flips(standing.is_firing, is_met):
        minute = first_minute + index
        last = standing.notified_minute
        if is_met[index]:
            is_cooling = last is not None and minute - last < cooldown_min
            standing = Standing(True, minute, last if is_cooling else minute)  # noqa: FBT003
            changes.append(Change(EventState.FIRED, index, is_cooling))
        else:
            # Who was not told that it fired need not hear that it is over.
            was_told = last is not None and last >= standing.since_minute
            changes.append(Change(EventState.RECOVERED, index, not was_told))
            standing = replace(standing, is_firing=False, since_minute=minute)
    return standing, changes


def _flips(was_met: bool, is_met: NDArray[np.bool_]) -> Iterator[int]:  # noqa: FBT001
    before = np.concatenate(([was_met], is_met[:-1]))
    yield from np.flatnonzero(before != is_met).tolist()
