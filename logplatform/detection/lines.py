"""Records of a source by their numbers: the blocks that hold them, and how they are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logplatform.logs.query_tree import Anything
from logplatform.logs.search import hit_of
from logplatform.logs.search_scope import Request, Scope

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from logplatform.logs.hits import Hit
    from logplatform.logs.models import Source
    from logplatform.logs.search_scope import BlockOf


def blocks_between(source: Source, low: int, high: int) -> Iterator[BlockOf]:
    """Yield the sealed blocks with records of a range, in the order of ingest."""
    scope = Scope(Request((source,), Anything()))
    for segment in scope.segments():
        if segment.first_record < high and segment.first_record + segment.records > low:
            for block in scope.sealed_blocks(segment):
                if block.first < high and block.first + block.records > low:
                    yield block


def hits_of(source: Source, numbers: Sequence[int]) -> dict[int, Hit]:
    """Return records of a source by their numbers, each block read once at most."""
    found: dict[int, Hit] = {}
    if not numbers:
        return found
    for block in blocks_between(source, min(numbers), max(numbers) + 1):
        inside = [n for n in numbers if block.first <= n < block.first + block.records]
        batch = block.load() if inside else None
        if batch is not None:
            found |= {n: hit_of(block, batch, n - block.first) for n in inside}
    return found
