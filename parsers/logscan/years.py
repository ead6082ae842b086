"""Timestamps without a year: those of one block lie in the order of its lines.

The kernel gives each the latest year that is not after the receipt, one by one; a log that
reaches over that day of the year would be torn in two, its end a year before its beginning.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from logscan.batch import TimeOrigin

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Lines are out of order by minutes, files put together by months; a fall between these bounds
# is the turn of a year. A greater one is of years that were written.
DAY_NS = 86_400 * 10**9
LEAST_FALL_NS, GREATEST_FALL_NS = 183 * DAY_NS, 367 * DAY_NS
_YEAR = re.compile(r"%[Yys]")
_OPTIONAL = re.compile(r"\{[^{}]*\}")


def may_lack_year(time_format: str) -> bool:
    """Say whether timestamps of a format can be without a year."""
    return bool(time_format) and not _YEAR.search(_OPTIONAL.sub("", time_format))


def in_order(time_ns: NDArray[np.int64], origin: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Return the times, a year taken off before each line that is over half a year back.

    The last record keeps its year, which is the latest that it can have. What stands before
    such a fall was written a year earlier. Month, day and time of day stay; a 29th of February
    moves to a year that has one.

    Parameters
    ----------
    time_ns, origin : ndarray of shape (n,)
        Of records, in the order of lines; `TimeOrigin` says which times were read.
    """
    read = np.flatnonzero(origin == TimeOrigin.HEADER)
    falls = -np.diff(time_ns[read])
    is_turn = (falls > LEAST_FALL_NS) & (falls < GREATEST_FALL_NS)
    if not is_turn.any():
        return time_ns
    # Of each record that was read: how many turns follow; the others go along with it.
    behind = np.append(np.cumsum(is_turn[::-1])[::-1], 0)
    of_record = np.searchsorted(read, np.arange(len(time_ns)), "right") - 1
    moved = np.where(of_record >= 0, behind[of_record], 0)
    return _years_before(time_ns, moved)


def _years_before(time_ns: NDArray[np.int64], years: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the same month, day and time of day, that many years before."""
    at = time_ns.astype("M8[ns]")
    month = at.astype("M8[M]")
    within = at - month.astype("M8[ns]")
    target = month - 12 * years
    while (has_none := (target.astype("M8[ns]") + within).astype("M8[M]") != target).any():
        target[has_none] -= 12
    moved: NDArray[np.int64] = (target.astype("M8[ns]") + within).astype(np.int64)
    return moved
