"""A structure as the annotator remembers it. Nothing here decides what varies."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from zlib import crc32

import numpy as np

from valb.variables import Variable, render
from valb.views import View

if TYPE_CHECKING:
    from logscan import RecordBatch, Span, Structure


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
    variables: tuple[Variable, ...]
    template: int
    spans: tuple[Span, ...] = ()
    frozen: tuple[Frozen, ...] = ()

    def settle(self) -> None:
        """Work out spans and frozen slots from the variables."""
        self.spans = tuple(self.view.span(v.start, v.end) for v in self.variables)
        self.frozen = tuple(_frozen(self.view, self.variables))

    def text(self) -> str:
        """Render the template."""
        return render(self.view, self.variables)

    def to_list(self) -> list[Any]:
        """Give what `from_list` needs, as JSON values."""
        view = self.view
        return [
            self.check,
            view.text,
            list(view.edges),
            [view.first_piece, view.cut_left, view.cut_right, view.rows],
            [[v.start, v.end, v.scores.astype(float).round(2).tolist()] for v in self.variables],
            self.template,
        ]

    @classmethod
    def from_list(cls, data: list[Any]) -> Known:
        """Read what `to_list` gave."""
        check, text, edges, (first_piece, left, right, rows), variables, template = data
        values = tuple((text[a:b],) for a, b in zip(edges[1:-1:2], edges[2::2], strict=True))
        view = View(text, tuple(edges), first_piece, left, right, values, rows)
        found = tuple(Variable(a, b, np.array(scores)) for a, b, scores in variables)
        known = cls(check, view, found, template)
        known.settle()
        return known


def _frozen(view: View, variables: tuple[Variable, ...]) -> list[Frozen]:
    result = []
    for piece in range(1, len(view.edges) - 1, 2):
        low, high = view.edges[piece], view.edges[piece + 1]
        inside = [v for v in variables if v.start < high and v.end > low]
        start = max(low, inside[0].start) if inside else high
        end = min(high, inside[-1].end) if inside else high
        if start == low and end == high and inside:
            continue
        head, tail = view.text[low:start].encode("latin-1"), view.text[end:high].encode("latin-1")
        result.append(Frozen((view.first_piece + piece) // 2, head, tail, not inside))
    return result


def slim(view: View) -> View:
    """Copy a view without its atoms and with one value a slot."""
    return replace(view, values=tuple(column[:1] for column in view.values))


def check_of(structure: Structure) -> int:
    """Sum up a structure's bytes, so that equal hashes alone are not trusted."""
    return crc32(b"\0".join(structure.constants))


def broken(known: Known, batch: RecordBatch, index: int) -> bool:
    """Tell whether a batch has values that the structure's template does not allow."""
    return not all(
        frozen.holds(value)
        for frozen in known.frozen
        for value in set(batch.column(index, frozen.slot))
    )
