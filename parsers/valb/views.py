"""What valb looks at of a structure: one message of it, cut into atoms, and sample values.

A view is made once per new structure from at most `SAMPLE_ROWS` of its records; nothing here
is done per line.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np

from logscan import Span
from valb._tally import Sampler
from valb.atoms import Atoms, cut

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from logscan import RecordBatch, Structure

# Enough to tell a constant from a variable; more rows changed no figure of the benchmark.
SAMPLE_ROWS = 24
# The tagger's work is linear in atoms, and what lies behind is nearly always a list or a dump.
MAX_BYTES = 4096
MAX_ATOMS = 256


@dataclass(frozen=True)
class View:
    """One structure's message with the values of its first record put in.

    ``edges`` has the place of each piece of the message in ``text`` and then its length; piece
    ``k`` of the message is piece ``first_piece + k`` of the structure, so odd ones are slots.
    ``values[k // 2]`` has the sampled values of slot piece ``k``.
    """

    text: str  # one character a byte
    edges: tuple[int, ...]
    first_piece: int
    cut_left: int  # bytes of the first piece's constant before the message
    cut_right: int  # bytes of the last piece's constant behind it
    values: tuple[tuple[str, ...], ...]
    rows: int  # records of the structure in the batch

    @cached_property
    def atoms(self) -> Atoms:
        """The atoms of the message's first `MAX_BYTES` bytes."""
        return cut(self.text[:MAX_BYTES], MAX_ATOMS)

    @cached_property
    def atom_pieces(self) -> list[int]:
        """For each atom the piece of the message in which it starts."""
        pieces, piece, edges = [], 0, self.edges
        for start in self.atoms.starts:
            while edges[piece + 1] <= start:
                piece += 1
            pieces.append(piece)
        return pieces

    def span(self, start: int, end: int) -> Span:
        """Give the span of the structure that ``text[start:end]`` is, empty ones included."""
        edges = self.edges
        if start == end:
            first = last = self._hollow_piece(start)
        else:
            first = bisect_right(edges, start) - 1
            last = bisect_left(edges, end) - 1
        left = start - edges[first] + (self.cut_left if first == 0 else 0)
        right = edges[last + 1] - end + (self.cut_right if last == len(edges) - 2 else 0)
        return Span(self.first_piece + first, left, self.first_piece + last, right)

    def _hollow_piece(self, place: int) -> int:
        """Find the piece that an empty variable lies in: an empty slot, else a constant."""
        edges = self.edges
        near = [k for k in range(len(edges) - 1) if edges[k] <= place <= edges[k + 1]]
        empty = [k for k in near if k & 1 and edges[k] == edges[k + 1]]
        return (empty or [k for k in near if not k & 1] or near)[0]


def _sample(rows: np.ndarray) -> list[int]:
    """Take at most `SAMPLE_ROWS` rows, evenly spread, the first one included."""
    if len(rows) <= SAMPLE_ROWS:
        return list(rows.tolist())
    return list(rows[np.arange(SAMPLE_ROWS) * len(rows) // SAMPLE_ROWS].tolist())


def record_values(batch: RecordBatch, row: int, slots: range) -> list[str]:
    """Read the values of some slots of one record."""
    low = int(batch.first_value[row])
    start = batch.value_start[low + slots.start : low + slots.stop].tolist()
    end = batch.value_end[low + slots.start : low + slots.stop].tolist()
    buffer = batch.buffer
    return [buffer[a:b].decode("latin-1") for a, b in zip(start, end, strict=True)]


def view(structure: Structure, records: list[list[str]], rows: int) -> View:
    """Make the view of a structure from the message values of some of its records."""
    constants = [part.decode("latin-1") for part in structure.message_constants()]
    parts = [constants[0]]
    for value, constant in zip(records[0], constants[1:], strict=True):
        parts += (value, constant)
    edges = [0]
    for part in parts:
        edges.append(edges[-1] + len(part))
    first, left = structure.message_start
    last, right = structure.message_end
    return View(
        text="".join(parts),
        edges=tuple(edges),
        first_piece=2 * first,
        cut_left=left,
        cut_right=len(structure.constants[last]) - right,
        values=tuple(tuple(column) for column in zip(*records, strict=True)),
        rows=rows,
    )


def views(batch: RecordBatch, structures: Iterable[int]) -> Iterator[View]:
    """Give the views of some structures of a batch."""
    sampler = Sampler(batch)
    for index in structures:
        rows = batch.rows(index)
        columns = sampler.columns(index, _sample(rows))
        if any(not column[0] for column in columns):
            # An empty value has no place in a text that spans could point at.
            columns = [(next(filter(None, column), ""), *column) for column in columns]
        constants, first_piece, left, right = sampler.constants(index)
        parts = [*constants, *constants[1:]]
        parts[::2] = constants
        parts[1::2] = [column[0] for column in columns]
        yield View(
            text="".join(parts),
            edges=tuple(accumulate(map(len, parts), initial=0)),
            first_piece=first_piece,
            cut_left=left,
            cut_right=right,
            values=tuple(columns),
            rows=len(rows),
        )
