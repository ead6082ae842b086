"""A structure as the annotator remembers it. Nothing here decides what varies."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from zlib import crc32

import numpy as np

from valb import _tally
from valb.labels import MARKER
from valb.variables import Variable, render
from valb.views import View

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from logscan import RecordBatch, Span, StructureTable


# The check of a structure that was read from a state without one; the first seen is taken.
UNKNOWN_CHECK = -1


@dataclass(frozen=True, slots=True)
class Frozen:
    """What the values of a slot must look like for the template to hold."""

    slot: int  # of the structure
    head: bytes
    tail: bytes
    whole: bool  # the value is `head` and nothing else

    def holds(self, value: bytes) -> bool:
        """Tell whether a value looks like that."""
        if self.whole:
            return value == self.head
        size = len(self.head) + len(self.tail)
        return len(value) > size and value.startswith(self.head) and value.endswith(self.tail)


@dataclass(slots=True)
class Known:
    """One structure with what was decided about it."""

    check: int
    view: View
    entry: int = -1  # of the table of templates
    spans: tuple[Span, ...] = ()
    frozen: tuple[Frozen, ...] = ()
    is_alike: bool = False  # it has its template from a family, no scores of its own
    _variables: tuple[Variable, ...] = ()
    # Finds the variables once they are asked for: those of few structures that are alike are.
    _pending: Callable[[View], Sequence[Variable]] | None = None

    @classmethod
    def alike(
        cls, check: int, view: View, entry: int, find: Callable[[View], Sequence[Variable]]
    ) -> Known:
        """Make a structure of a family; ``find`` gives its variables."""
        return cls(check, view, entry, is_alike=True, _pending=find)

    @property
    def variables(self) -> tuple[Variable, ...]:
        """The variables, in order."""
        if self._pending is not None:
            self.variables = tuple(self._pending(self.view))
        return self._variables

    @variables.setter
    def variables(self, found: tuple[Variable, ...]) -> None:
        self._variables, self._pending = found, None

    def settle(self, variables: Sequence[Variable]) -> None:
        """Take these variables, and work out spans and frozen slots."""
        self.variables = tuple(variables)
        self.spans = tuple(self.view.span(v.start, v.end) for v in variables)
        self.frozen = tuple(_frozen(self.view, variables))

    def forget_atoms(self) -> None:
        """Drop what only a new structure's words are told by; it is most of a view."""
        self.view.__dict__.pop("atoms", None)

    def text(self) -> str:
        """Render the template, one character a byte."""
        return render(self.view, self.variables)

    def origins(self) -> tuple[list[int], list[int]]:
        """Give where each character of the template's text starts and ends in the view."""
        return _tally.origins(
            self.view.text, [place for v in self.variables for place in (v.start, v.end)]
        )

    def is_broken(self, batch: RecordBatch, index: int, sampler: _tally.Sampler) -> bool:
        """Tell whether a batch has values that the template does not allow."""
        rows = batch.rows(index)
        return not all(
            sampler.keeps(rows, f.slot, f.head, f.tail, f.whole) for f in self.frozen
        )

    def holds(self, values: Sequence[Sequence[str]]) -> bool:
        """Tell whether the template allows some values of the message's slots."""
        first = (self.view.first_piece + 1) // 2
        return all(
            frozen.holds(value.encode("latin-1"))
            for frozen in self.frozen
            for value in values[frozen.slot - first]
        )

    def to_list(self) -> list[Any]:
        """Give what `from_list` needs, as JSON values."""
        view = self.view
        return [
            self.check,
            view.text,
            list(view.edges),
            [view.first_piece, view.cut_left, view.cut_right, view.rows],
            [
                [v.start, v.end, v.scores.astype(float).round(2).tolist()]
                for v in self.variables
            ],
            self.entry,
            [[k, *column[1:]] for k, column in enumerate(view.values) if column[1:]],
            int(self.is_alike),
        ]

    @classmethod
    def from_list(cls, data: list[Any]) -> Known:
        """Read what `to_list` gave."""
        check, text, edges, (first_piece, left, right, rows), variables, entry, *more = data
        values: list[tuple[str, ...]] = [
            (text[a:b],) for a, b in zip(edges[1:-1:2], edges[2::2], strict=True)
        ]
        for slot, other in more[0] if more[1:] else ():
            values[slot] = (*values[slot], other)
        known = cls(
            check,
            View(text, tuple(edges), first_piece, left, right, tuple(values), rows),
            entry=entry,
        )
        known.is_alike = any(more[-1:])
        known.settle([Variable(a, b, np.array(scores)) for a, b, scores in variables])
        return known


def _rounded(scores: NDArray[np.float64]) -> list[float]:
    rounded: list[float] = scores.round(2).tolist()
    return rounded


def _frozen(view: View, variables: Sequence[Variable]) -> list[Frozen]:
    result = []
    starts, ends = [v.start for v in variables], [v.end for v in variables]
    for piece in range(1, len(view.edges) - 1, 2):
        low, high = view.edges[piece], view.edges[piece + 1]
        inside = variables[bisect_right(ends, low) : bisect_left(starts, high)]
        start = max(low, inside[0].start) if inside else high
        end = min(high, inside[-1].end) if inside else high
        if start == low and end == high:
            continue
        head, tail = (
            view.text[low:start].encode("latin-1"),
            view.text[end:high].encode("latin-1"),
        )
        result.append(Frozen((view.first_piece + piece) // 2, head, tail, not inside))
    return result


def slim(view: View) -> View:
    """Copy a view with one value a slot, two where values differ."""
    # Not by `replace`, which takes several times as long.
    slimmed = View(
        view.text,
        view.edges,
        view.first_piece,
        view.cut_left,
        view.cut_right,
        tuple([_differing(column) for column in view.values]),
        view.rows,
    )
    if "atoms" in view.__dict__:
        slimmed.__dict__["atoms"] = view.atoms
    return slimmed


def _differing(column: tuple[str, ...]) -> tuple[str, ...]:
    if len(column) == 1 or column.count(column[0]) == len(column):
        return column[:1]
    return column[0], next(value for value in column if value != column[0])


def checks_of(table: StructureTable) -> list[int]:
    """Sum up the bytes of each structure, so that equal hashes alone are not trusted."""
    numbers = np.arange(len(table) + 1)
    edges = table.constant_offset[table.first_slot + numbers].tolist()
    constants = table.constants
    return [crc32(constants[low:high]) for low, high in pairwise(edges)]


def align(text: str, general: str) -> list[tuple[int, int]] | None:
    """Find what each variable of a more general template covers in a template's text.

    As globs are matched: each constant at its first place behind the one before, the last one
    at the end. A variable covers nothing where a `is_hollow` place is. None where the text is
    not one of the general template.
    """
    return _tally.align(text, general.split(MARKER), is_hollow)


def is_hollow(text: str, place: int) -> bool:
    """Tell whether a value may be missing at a place: ``()``, ``user=``, two blanks."""
    before, behind = text[place - 1 : place], text[place : place + 1]
    if before == " ":
        return behind == " "
    return before in OPENS and behind in CLOSES


# Both hold "", the start and the end of a text; only the end is hollow.
OPENS = frozenset("([{<\"'=:")
CLOSES = frozenset(")]}>\"',;| ") | {""}


def widened(
    known: Known, places: Sequence[tuple[int, int]], hint: NDArray[np.float64]
) -> list[Variable]:
    """Give a structure the variables that lie at some places of its template's text.

    A place without a variable so far takes ``hint`` (10,) as its scores.
    """
    starts, ends = known.origins()
    result = []
    for low, high in places:
        if low == high:
            start = end = ends[low - 1]
        else:
            start, end = starts[low], ends[high - 1]
        inside = [v.scores for v in known.variables if v.start >= start and v.end <= end]
        result.append(Variable(start, end, np.add.reduce(inside) if inside else hint))
    return result
