"""Which segments of a source are merged next, and the jobs that do it. No file is opened."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from logplatform.logs import jobs
from logplatform.logs.models import Job, JobKind, JobState, Segment, Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MERGED_BYTES = 256 << 20  # raw, of one merged segment at most
# So many segments of one size become one of the next size: each byte is written again once for
# each factor of eight that its source grows by.
FANOUT = 8
SMALLEST_TIER_BYTES = 1 << 20


def tier_of(raw_bytes: int) -> int:
    """Return the size class of a segment; each is `FANOUT` times the one before."""
    tier = 0
    while raw_bytes >= SMALLEST_TIER_BYTES * FANOUT**tier:
        tier += 1
    return tier


def choose(sizes: Sequence[int]) -> range:
    """Return which segments to merge next, by their raw bytes in ingest order.

    The first run of neighbours of which at least `FANOUT` are of one tier and none is of a
    larger one, cut where it would pass a segment's limit; an empty range where there is none.
    """
    tiers = [tier_of(size) for size in sizes]
    for tier in sorted(set(tiers)):
        for run in _runs(tiers, tier):
            chosen = _cut(sizes, run)
            if sum(tiers[at] == tier for at in chosen) >= FANOUT:
                return chosen
    return range(0)


def _runs(tiers: list[int], largest: int) -> Iterator[list[int]]:
    """Yield the runs of neighbours that are of no larger tier."""
    for fits, group in groupby(range(len(tiers)), lambda at: tiers[at] <= largest):
        if fits:
            yield list(group)


def _cut(sizes: Sequence[int], run: list[int]) -> range:
    total = 0
    for at in run:
        total += sizes[at]
        if total > MERGED_BYTES:
            return range(run[0], at)
    return range(run[0], run[-1] + 1)


def queue_due_merges() -> None:
    """Make a merge job for each source whose segments are many and small."""
    rows = Segment.objects.order_by("source_id", "sequence")
    sizes = rows.values_list("source_id", "raw_bytes").iterator()
    due = [
        pk
        for pk, group in groupby(sizes, lambda row: row[0])
        if choose([size for _, size in group])
    ]
    for source in Source.objects.filter(pk__in=due):
        failed = Job.objects.filter(source=source, kind=JobKind.MERGE, state=JobState.FAILED)
        if not failed.exists():  # it waits for a person; lines are as searchable as before
            jobs.queue_job(JobKind.MERGE, source=source)
