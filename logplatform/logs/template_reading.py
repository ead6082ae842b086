"""What segments hold of some structures: how they look, which values they have, their counts.

Segments are read, never written. An edit needs this once, for the structures it is about.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from logplatform.logs import opened
from logplatform.logs.models import Segment
from logscan import intern_values, span_values
from valb.views import views

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from logplatform.logs.models import Source
    from logplatform.logs.template_rows import Labels
    from logscan import RecordBatch, Span
    from valb.views import View

NS_IN_MINUTE = 60_000_000_000
# A block holds some hundred structures; asking its filter for more costs more than reading.
FEW_STRUCTURES = 64


@dataclass(frozen=True, slots=True)
class Part:
    """One block that holds some structures, and which of them."""

    segment: Segment
    index: int
    held: dict[int, int]  # hash -> records

    def load(self) -> RecordBatch:
        """Return the block's records."""
        return opened.read_block(self.segment, self.index).batch


def segments_of(source: Source) -> list[Segment]:
    """Return a source's segments, newest first."""
    rows = Segment.objects.filter(source=source).select_related("source")
    return list(rows.order_by("-sequence"))


def parts_with(segments: Sequence[Segment], hashes: Collection[int]) -> Iterator[Part]:
    """Yield the blocks that hold any of some structures."""
    for segment in segments:
        for index, info in enumerate(opened.block_infos(segment)):
            if len(hashes) <= FEW_STRUCTURES and not any(map(info.may_hold_structure, hashes)):
                continue
            with opened.gone_is_named(segment.source.name):
                held = {h: n for h, n in info.structures.items() if h in hashes}
            if held:
                yield Part(segment, index, held)


def records_of(segments: Sequence[Segment], hashes: Collection[int]) -> Counter[int]:
    """Count the sealed records of some structures."""
    found: Counter[int] = Counter()
    for part in parts_with(segments, hashes):
        found.update(part.held)
    return found


def views_of(segments: Sequence[Segment], hashes: Collection[int]) -> dict[int, View]:
    """Return how some structures look, from the newest block that holds each."""
    found: dict[int, View] = {}
    wanted = set(hashes)
    for part in parts_with(segments, wanted):
        missing = [h for h in part.held if h not in found]
        if not missing:
            continue
        batch = part.load()
        place = {h: k for k, h in enumerate(batch.structures.hash.tolist())}
        chosen = [place[h] for h in missing]
        found.update(zip(missing, views(batch, chosen), strict=True))
        if len(found) == len(wanted):
            break
    return found


def values_of(
    segments: Sequence[Segment], spans: Mapping[int, Span], *, most: int
) -> Counter[bytes]:
    """Count the values of one variable; a few more than ``most`` where there are more."""
    found: Counter[bytes] = Counter()
    for part in parts_with(segments, spans.keys()):
        batch = part.load()
        for index, known_hash in enumerate(batch.structures.hash.tolist()):
            if known_hash in part.held:
                column = span_values(batch, index, spans[known_hash])
                first, inverse = intern_values(column.buffer, column.start, column.end)
                counts = np.bincount(inverse, minlength=len(first)).tolist()
                for at, count in zip(first.tolist(), counts, strict=True):
                    found[column[at]] += count
        if len(found) > most:
            break
    return found


# (segment, template, minute, level) -> records
Moved = Counter[tuple[int, str, int, int]]


def moved_counts(
    segments: Sequence[Segment], before: Mapping[int, Labels], after: Mapping[int, Labels]
) -> Moved:
    """Count what goes from template to template, with a sign, when structures change theirs."""
    found: Moved = Counter()
    for part in parts_with(segments, after.keys()):
        batch = part.load()
        for index, known_hash in enumerate(batch.structures.hash.tolist()):
            if known_hash not in part.held:
                continue
            rows = batch.rows(index)
            old, old_names = before[known_hash].of(batch, index, rows)
            new, new_names = after[known_hash].of(batch, index, rows)
            columns = (old, new, batch.time_ns[rows] // NS_IN_MINUTE, batch.level[rows])
            kinds, counts = np.unique(np.stack(columns), axis=1, return_counts=True)
            for (was, now, minute, level), n in zip(
                kinds.T.tolist(), counts.tolist(), strict=True
            ):
                found[part.segment.pk, old_names[was], minute, level] -= n
                found[part.segment.pk, new_names[now], minute, level] += n
    return found
