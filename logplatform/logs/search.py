"""Search: the records that a query matches, in order of time by the page, and their count.

Blocks are taken in the order of the newest (or oldest) record that they may still hold, so a
page is complete as soon as no block left could change it. Which blocks there are is in
`search_scope`, what the conditions are in `search_compile`.
"""

from __future__ import annotations

import base64
import binascii
import heapq
import json
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from logplatform.logs.errors import InvalidCursorError
from logplatform.logs.hits import Hit, make_hit
from logplatform.logs.query import suggestion
from logplatform.logs.query_tree import Anything, Term, leaves
from logplatform.logs.search_scope import BlockOf, Request, Scope, Stats
from logplatform.logs.values import Ranked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logplatform.logs import models
    from logplatform.logs.query_tree import Node
    from logplatform.logs.search_scope import Rows
    from logscan import RecordBatch

# The place of a record in the order of a search: time, source, ingest order in the source.
Place: TypeAlias = tuple[int, int, int]

MAX_LIMIT = 1000
DEFAULT_LIMIT = 100


@dataclass(frozen=True, slots=True)
class Note:
    """Something to tell the user about a part of the query."""

    message: str
    position: int
    length: int


@dataclass(frozen=True, slots=True)
class Page:
    """Some hits in order; ``cursor`` asks for the next ones, None where there are no more."""

    hits: tuple[Hit, ...]
    cursor: str | None
    stats: Stats
    notes: tuple[Note, ...]


def write_cursor(place: Place, *, newest_first: bool) -> str:
    """Return the opaque text that continues a search after a place."""
    text = json.dumps(["d" if newest_first else "a", *place], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(text: str, *, newest_first: bool) -> Place:
    """Read a cursor.

    Raises
    ------
    InvalidCursorError
        Where it is none, or one of the other order.
    """
    try:
        found = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        order, time_ns, source_id, ordinal = found
        place = (int(time_ns), int(source_id), int(ordinal))
    except (binascii.Error, ValueError, TypeError) as error:
        raise InvalidCursorError("the cursor is not one of ours") from error
    if order != ("d" if newest_first else "a"):
        raise InvalidCursorError("the cursor belongs to the other order")
    return place


def search(
    request: Request,
    *,
    limit: int = DEFAULT_LIMIT,
    newest_first: bool = True,
    cursor: str | None = None,
) -> Page:
    """Return a page of hits.

    Parameters
    ----------
    request : Request
    limit : int
        At most so many hits, and at most `MAX_LIMIT`.
    newest_first : bool
        Order by falling time and ingest order, else by rising.
    cursor : str, optional
        Where the page before ended. The place of a record survives new lines and seals; lines
        that arrive later with a time of an earlier page are not shown on a later one.
    """
    steps = search_steps(request, limit=limit, newest_first=newest_first, cursor=cursor)
    return next(step for step in steps if isinstance(step, Page))


def search_steps(
    request: Request,
    *,
    limit: int = DEFAULT_LIMIT,
    newest_first: bool = True,
    cursor: str | None = None,
) -> Iterator[Stats | Page]:
    """Do what `search` does, and yield how far it is after each block, the page at the end."""
    scope = Scope(request)
    limit = max(1, min(limit, MAX_LIMIT))
    after = read_cursor(cursor, newest_first=newest_first) if cursor else None
    found = _Best(limit + 1, newest_first=newest_first, after=after)
    for block in scope.unsealed_blocks():
        found.take(block, scope)
        yield scope.finish()
    for block in _sealed_in_order(scope, found):
        found.take(block, scope)
        yield scope.finish()
    hits, end = found.finish(limit)
    more = None if end is None else write_cursor(end, newest_first=newest_first)
    yield Page(hits, more, scope.finish(), (*notes(request.query), *_unranked(scope)))


def _sealed_in_order(scope: Scope, found: _Best) -> Iterator[BlockOf]:
    """Yield sealed blocks in the order of the page until no other can change it."""
    waiting: list[tuple[Place, int, models.Segment | BlockOf]] = []
    tie = 0
    for segment in scope.segments():
        bounds = (segment.time_min_ns, segment.time_max_ns)
        first = segment.first_record
        best, worst = found.ranks(bounds, segment.source.pk, first, segment.records)
        tie += 1
        if not found.is_shown(worst):
            heapq.heappush(waiting, (best, tie, segment))
    while waiting:
        rank, _, item = heapq.heappop(waiting)
        if found.is_settled(rank):
            return
        if scope.is_out_of_time():
            found.left = rank
            return
        if isinstance(item, BlockOf):
            yield item
            continue
        for block in scope.sealed_blocks(item):
            bounds = (block.time_min_ns, block.time_max_ns)
            best, worst = found.ranks(bounds, block.source.pk, block.first, block.records)
            tie += 1
            if not found.is_shown(worst):
                heapq.heappush(waiting, (best, tie, block))


@dataclass
class _Best:
    """The best hits so far. A rank is a place as sorted: the lower, the earlier on the page.

    ``left`` is the best rank that time did not suffice for.
    """

    size: int
    newest_first: bool
    after: Place | None
    hits: list[tuple[Place, Hit]] = field(default_factory=list)  # (rank, hit), sorted
    left: Place | None = None

    def rank(self, place: Place) -> Place:
        """Return a place as it sorts in this order."""
        time_ns, source_id, ordinal = place
        return (-time_ns, -source_id, -ordinal) if self.newest_first else place

    def ranks(
        self, bounds: tuple[int, int], source_id: int, first: int, records: int
    ) -> tuple[Place, Place]:
        """Return the best and the worst rank that one of some records may have."""
        low = self.rank((bounds[0], source_id, first))
        high = self.rank((bounds[1], source_id, first + records - 1))
        return (high, low) if self.newest_first else (low, high)

    def is_shown(self, rank: Place) -> bool:
        """Say whether an earlier page has shown all up to this rank."""
        return self.after is not None and rank <= self.rank(self.after)

    def is_settled(self, rank: Place) -> bool:
        """Say whether nothing at this rank or later can change the page."""
        return len(self.hits) >= self.size and self.hits[-1][0] < rank

    def take(self, block: BlockOf, scope: Scope) -> None:
        """Take in the hits of a block."""
        batch = block.load()
        rows = self._best_rows(block, batch, scope.rows(block, batch))
        worst = self.hits[-1][0] if len(self.hits) >= self.size else None
        for row in rows.tolist():
            rank = self.rank((int(batch.time_ns[row]), block.source.pk, block.first + row))
            if worst is not None and rank > worst:
                break
            self.hits.append((rank, hit_of(block, batch, row)))
        self.hits.sort(key=lambda item: item[0])
        del self.hits[self.size :]

    def _best_rows(self, block: BlockOf, batch: RecordBatch, rows: Rows) -> Rows:
        """Return the rows after the cursor, in order, no more than fit on the page."""
        if self.after is not None:
            time_ns, source_id, ordinal = self.after
            times = batch.time_ns[rows]
            is_later = (times < time_ns) if self.newest_first else (times > time_ns)
            same = block.source.pk == source_id
            places = rows + block.first
            if self.newest_first:
                tied = places < ordinal if same else block.source.pk < source_id
            else:
                tied = places > ordinal if same else block.source.pk > source_id
            rows = rows[is_later | ((times == time_ns) & tied)]
        order = np.lexsort((rows, batch.time_ns[rows]))
        return rows[order[::-1] if self.newest_first else order][: self.size]

    def finish(self, limit: int) -> tuple[tuple[Hit, ...], Place | None]:
        """Return the page and the place after which the next one begins.

        Where time ran out only hits before the first place not reached are sure; the next page
        goes on just before that place.
        """
        if self.left is not None:
            self.hits = [item for item in self.hits if item[0] < self.left]
            if len(self.hits) <= limit:
                return tuple(hit for _, hit in self.hits), self._just_before(self.left)
        # `rank` is its own inverse.
        end = self.rank(self.hits[limit - 1][0]) if len(self.hits) > limit else None
        return tuple(hit for _, hit in self.hits[:limit]), end

    def _just_before(self, rank: Place) -> Place:
        """Return the place before a rank, no earlier than where this page began."""
        time_ns, source_id, ordinal = rank
        if self.is_shown((time_ns, source_id, ordinal - 1)) and self.after is not None:
            return self.after
        return self.rank((time_ns, source_id, ordinal - 1))


def hit_of(block: BlockOf, batch: RecordBatch, row: int) -> Hit:
    """Make the hit of one record of a block."""
    return make_hit(
        batch,
        row,
        address=block.address(batch, row),
        source=block.source.name,
        known=block.plan.catalog.known(batch, row),
    )


def count(request: Request) -> tuple[int, Stats]:
    """Return how many records match, without rendering any; a lower bound where ``partial``."""
    scope = Scope(request)
    total = 0
    for block in chain(scope.unsealed_blocks(), scope.all_sealed_blocks()):
        if isinstance(request.query, Anything) and block.is_whole:
            total += block.records
        else:
            total += len(scope.rows(block, block.load()))
    return total, scope.finish()


def each_match(request: Request) -> Iterator[tuple[BlockOf, RecordBatch, int]]:
    """Yield every record that matches, those of a source in ingest order: as grep would.

    Nothing is kept, so the answer may be as long as the log.
    """
    scope = Scope(request)
    sealed = chain.from_iterable(map(scope.sealed_blocks, scope.segments()))
    for block in chain(sealed, scope.unsealed_blocks()):
        batch = block.load()
        for row in scope.rows(block, batch).tolist():
            yield block, batch, row


def notes(query: Node) -> tuple[Note, ...]:
    """Return what a user may have meant otherwise: a built-in field, misspelt."""
    return tuple(_misspelt(query))


def _unranked(scope: Scope) -> Iterator[Note]:
    """Yield a note for each label that is to be above or below, and that no source has."""
    for leaf in leaves(scope.request.query):
        if not isinstance(leaf, Term) or not isinstance(leaf.test, Ranked):
            continue
        orders = [scope.judgements.order(pk, leaf.name) for pk in scope.plans]
        if orders and not any(map(leaf.test.accepted, orders)):
            known = ", ".join(orders[0])
            message = f"{leaf.test} finds nothing: labels of {leaf.name} are {known}"
            yield Note(message, leaf.position, len(leaf.name))


def _misspelt(query: Node) -> Iterator[Note]:
    for leaf in leaves(query):
        meant = suggestion(leaf.name) if isinstance(leaf, Term) and leaf.own else None
        if isinstance(leaf, Term) and meant is not None and leaf.name != meant:
            message = f"{leaf.name} is a field of the log's own; did you mean {meant}?"
            yield Note(message, leaf.position, len(leaf.name))
