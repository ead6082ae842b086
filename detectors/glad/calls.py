"""Calls: which component had another one do something, where the log's own traces tell.

Two signs tell: a record that names its parent span, while a record of another component names
that span as its own; and an identifier that one component's record has next after another's.
No name of a system is known here, and nothing is guessed from times.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from glad.keys import columns_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from glad.events import Events
    from glad.units import Units

# Names of slots as tracers write them, letters alone.
_SPAN = frozenset({"span", "spanid", "xbspanid"})
_PARENT = frozenset({"parent", "parentid", "parentspan", "parentspanid", "xbparentspanid"})
_NOT_LETTERS = re.compile(r"[^a-z]")


def find_calls(
    units: Units, value: NDArray[np.int64], of: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Find calls by parent and child spans.

    Parameters
    ----------
    units : Units
    value : ndarray of shape (v,)
        The values of each record of each unit, and
    of : ndarray of shape (v,)
        the place of their record in ``units.records``.

    Returns
    -------
    ndarray of shape (n, 3)
        Caller and callee, as components, and the place in ``units.records`` of the record that
        names its parent.
    """
    events = units.events
    is_span, is_parent = _named(events, _SPAN), _named(events, _PARENT)
    component = events.component[units.records].astype(np.int64)
    # An id stands for a span within its unit: some tracers count spans from one again.
    number = (units.unit[of] * (len(events.texts) + 1) + events.value_text[value]).astype(
        np.uint64
    )
    slot = events.value_slot[value]
    own = np.flatnonzero(is_span[slot] & (component[of] >= 0))
    child = np.flatnonzero(is_parent[slot] & (component[of] >= 0))
    spans, first = np.unique(number[own], return_index=True)
    place = columns_of(number[child], spans)
    child, place = child[place >= 0], place[place >= 0]
    caller, callee = component[of[own[first[place]]]], component[of[child]]
    calls: NDArray[np.int64] = np.stack((caller, callee, of[child]), axis=1)
    return calls[np.flatnonzero(caller != callee)]


def find_handovers(units: Units) -> NDArray[np.int64]:
    """Find where the identifier of a unit goes from one component's record to another's.

    Returns
    -------
    ndarray of shape (n, 3)
        As in `find_calls`; none where units are windows, whose records share no identifier.
    """
    if not units.keyed:
        return np.zeros((0, 3), np.int64)
    unit = units.unit
    component = units.events.component[units.records].astype(np.int64)
    before, after = component[:-1], component[1:]
    passes = (unit[1:] == unit[:-1]) & (before >= 0) & (after >= 0) & (before != after)
    place = np.flatnonzero(passes)
    return np.stack((before[place], after[place], place + 1), axis=1)


def _named(events: Events, names: frozenset[str]) -> NDArray[np.bool_]:
    """Tell which slots have one of some names, shape (n_slots,)."""
    return np.array(
        [_NOT_LETTERS.sub("", slot.name.lower()) in names for slot in events.slots], bool
    )
