"""How many matching records there are of each level, step by step over a time range. Exact."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from logplatform.logs import sums
from logplatform.logs.search_scope import consistently
from logscan import Level

if TYPE_CHECKING:
    from logplatform.logs.search_scope import Request, Scope, Stats

MAX_BUCKETS = 500
_MS, _S = 1_000_000, 1_000_000_000
_MINUTE, _HOUR, _DAY = 60 * _S, 3600 * _S, 86_400 * _S
STEPS_NS = (
    *(n * _MS for n in (1, 2, 5, 10, 20, 50, 100, 200, 500)),
    *(n * _S for n in (1, 2, 5, 10, 15, 30)),
    *(n * _MINUTE for n in (1, 2, 5, 10, 15, 30)),
    *(n * _HOUR for n in (1, 2, 3, 6, 12)),
    *(n * _DAY for n in (1, 2, 7, 14, 28, 91, 182, 364, 3640, 36400)),
)


@dataclass(frozen=True, slots=True)
class Bucket:
    """The records of one step, by level; levels without records are left out."""

    time_ns: int
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Histogram:
    """Every step of the range, empty ones too."""

    start_ns: int
    end_ns: int
    step_ns: int
    buckets: tuple[Bucket, ...]
    total: int
    stats: Stats


def choose_step(start_ns: int, end_ns: int, buckets: int) -> int:
    """Return the smallest step that cuts a range into at most so many buckets.

    Buckets lie on multiples of the step, so that zooming does not shift them.
    """
    for step in STEPS_NS:
        if -(-end_ns // step) - start_ns // step <= buckets:
            return step
    return STEPS_NS[-1]


def histogram(request: Request, *, buckets: int = 60) -> Histogram:
    """Count the records that match, by level and step.

    Parameters
    ----------
    request : Request
        Where an end of its range is open, the first or last record of the sources is taken.
    buckets : int
        At most so many steps.
    """
    return consistently(request, lambda scope: _histogram(scope, min(buckets, MAX_BUCKETS)))


def _histogram(scope: Scope, buckets: int) -> Histogram:
    start_ns, end_ns = scope.time_range()
    step = choose_step(start_ns, end_ns, max(2, buckets))
    origin = start_ns // step * step
    counts = [[0] * sums.LEVELS for _ in range(-(-(end_ns - origin) // step))]
    grid = sums.Grid(origin, step)
    for cells in (sums.sealed(scope, grid, by_template=False), sums.unsealed(scope, grid)):
        for cell in cells:
            counts[cell.bucket][cell.level] += cell.records
    return Histogram(
        start_ns=start_ns,
        end_ns=end_ns,
        step_ns=step,
        buckets=tuple(
            Bucket(origin + index * step, by_level(of)) for index, of in enumerate(counts)
        ),
        total=sum(map(sum, counts)),
        stats=scope.finish(),
    )


def by_level(counts: list[int]) -> dict[str, int]:
    """Return counts by the level's name, without zeros."""
    return {Level(level).name.lower(): n for level, n in enumerate(counts) if n}
