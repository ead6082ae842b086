"""Variables that a header format, or the key of a JSON or logfmt member, names.

Their category is told by their name (`field_names`), their borders by the format: the tagger
has no say in them. Those outside the message are no part of a template; those inside are
variables of its text wherever they hold a slot.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from logscan import Span, find_fields, header_shapes, span_values
from valb.category import CATEGORIES, Category
from valb.field_names import NOTHING, category_of, category_of_looks, category_of_name
from valb.variables import Variable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from logscan import Field, RecordBatch
    from valb.views import View

SAMPLE_VALUES = 24
# About 2 KB each. Beyond it all are forgotten and found again.
MOST_SHAPES = 4096
# Stronger than what a tagger can say of a stretch of text.
_CERTAIN = 1000.0


@dataclass(frozen=True, slots=True)
class NamedVariable:
    """A field of a structure: its name, what its values mean, and where they are.

    ``category`` is None for a constant whose name tells nothing.
    """

    name: str
    category: Category | None
    span: Span


class NamedVariables:
    """The named variables of a source's structures, known so far."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[NamedVariable, ...]] = {}
        self._shapes: dict[tuple[str, bytes], _Shape] = {}

    def note(self, keys: Sequence[int], batch: RecordBatch, indices: Sequence[int]) -> None:
        """Find those of some structures that are not known yet, whose hashes are ``keys``."""
        new = [(k, i) for k, i in zip(keys, indices, strict=True) if k not in self._known]
        for (key, index), shape in zip(
            new, header_shapes(batch, [index for _, index in new]), strict=True
        ):
            if shape is None:
                self._known[key] = _named(batch, index, find_fields(batch, index))
            else:
                self._known[key] = self._shape(batch, index, shape).named(batch, index)

    def _shape(self, batch: RecordBatch, index: int, shape: bytes) -> _Shape:
        key = batch.header.pattern if batch.header else "", shape
        found = self._shapes.get(key)
        if found is None:
            if len(self._shapes) >= MOST_SHAPES:
                self._shapes.clear()
            found = self._shapes[key] = _Shape(batch, index)
        return found

    def of(self, key: int, batch: RecordBatch, index: int) -> tuple[NamedVariable, ...]:
        """Return those of one structure, whose hash is ``key``."""
        if key not in self._known:
            self.note([key], batch, [index])
        return self._known[key]

    def forget(self, key: int) -> None:
        """Drop a structure."""
        self._known.pop(key, None)

    def to_dict(self) -> dict[str, Any]:
        """Give the state as JSON values; structures of one header share its fields."""
        layouts: dict[tuple[NamedVariable, ...], int] = {}
        numbers = {
            str(key): layouts.setdefault(found, len(layouts))
            for key, found in self._known.items()
        }
        return {
            "layouts": [
                [[n.name, n.category, _numbers(n.span)] for n in layout] for layout in layouts
            ],
            "structures": numbers,
        }

    @classmethod
    def from_dict(cls, state: Mapping[str, Any]) -> NamedVariables:
        """Read what `to_dict` gave."""
        layouts = [
            tuple(
                NamedVariable(name, None if code is None else Category(code), Span(*span))
                for name, code, span in layout
            )
            for layout in state["layouts"]
        ]
        named = cls()
        named._known = {int(k): layouts[n] for k, n in state["structures"].items()}
        return named


def _numbers(span: Span) -> list[int]:
    return [span.start_piece, span.start_trim, span.end_piece, span.end_trim]


class _Shape:
    """The fields that all structures with one header have."""

    def __init__(self, batch: RecordBatch, index: int) -> None:
        self._fields = find_fields(batch, index)
        # The bytes of the message that a trim of its first piece counts are not shared.
        self._piece = 2 * int(batch.structures.message_start[index, 0])
        self._behind = _behind(batch, index)
        asks = any(
            holds_slot(field.span) and category_of_name(field.name) is None
            for field in self._fields
        )
        # By the bytes behind the header in the constant where it ends: a few for each shape,
        # which their structures share. None where values of a slot decide what it means.
        self._same: dict[int, tuple[NamedVariable, ...]] | None = None if asks else {}

    def named(self, batch: RecordBatch, index: int) -> tuple[NamedVariable, ...]:
        """Give the named variables of a structure with this header."""
        more = _behind(batch, index) - self._behind
        if self._same is None:
            return _named(batch, index, [self._moved(field, more) for field in self._fields])
        if more not in self._same:
            fields = [self._moved(field, more) for field in self._fields]
            self._same[more] = _named(batch, index, fields)
        return self._same[more]

    def _moved(self, field: Field, more: int) -> Field:
        if not more or field.span.end_piece != self._piece:
            return field
        return replace(field, span=replace(field.span, end_trim=field.span.end_trim + more))


def _behind(batch: RecordBatch, index: int) -> int:
    """Count the bytes of the message in the constant where it begins."""
    table = batch.structures
    piece, offset = table.message_start[index].tolist()
    constant = int(table.first_slot[index]) + index + piece
    low, high = table.constant_offset[constant : constant + 2].tolist()
    return int(high - low - offset)


def _named(
    batch: RecordBatch, index: int, fields: Sequence[Field]
) -> tuple[NamedVariable, ...]:
    if not fields:
        return ()
    rows = batch.rows(index)
    rows = rows[:: -(-len(rows) // SAMPLE_VALUES)]
    return tuple(
        NamedVariable(field.name, _category(batch, index, field, rows), field.span)
        for field in fields
    )


def _category(
    batch: RecordBatch, index: int, field: Field, rows: NDArray[np.int64]
) -> Category | None:
    is_slot = holds_slot(field.span)
    if is_slot and (found := category_of_name(field.name)) is not None:
        return found
    values = set(span_values(batch, index, field.span, rows))
    found = category_of(field.name, values)
    if is_slot:
        return found or category_of_looks(values)
    return None if NOTHING.issuperset(values) else found


def holds_slot(span: Span) -> bool:
    """Say whether a span covers a slot, or else constant bytes only."""
    return span.end_piece > span.start_piece or span.start_piece % 2 == 1


def settle_named(
    view: View, found: list[Variable], named: Iterable[NamedVariable]
) -> tuple[list[Variable], bool]:
    """Put the named variables of a message in the place of what the tagger found there.

    Returns
    -------
    variables
        In order, none across the border of a named one.
    is_named
        Whether names bound all of the message but what stands behind them: then its template
        is the format's, and like no other by resemblance.
    """
    inside = [
        (place, variable) for variable in named if (place := _place(view, variable)) is not None
    ]
    # Prose behind a key that says nothing of it is for the tagger, like any message.
    places = [
        (place, variable) for place, variable in inside if not _is_prose(view, *place, variable)
    ]
    if not places:
        return found, False
    kept = [part for variable in found for part in _outside(view, variable, places)]
    forced = [
        Variable(start, end, _scores(variable.category))
        for (start, end), variable in places
        if start < end and (holds_slot(variable.span) or " " in view.text[start:end])
    ]
    variables = sorted(kept + forced, key=lambda variable: variable.start)
    return variables, len(places) == len(inside)


def _place(view: View, variable: NamedVariable) -> tuple[int, int] | None:
    """Return where in the view's text a named variable is, None where it is outside."""
    span = variable.span
    last = view.first_piece + len(view.edges) - 2
    if span.start_piece < view.first_piece or span.end_piece > last:
        return None
    first, end_piece = span.start_piece - view.first_piece, span.end_piece - view.first_piece
    start = view.edges[first] + span.start_trim - (view.cut_left if first == 0 else 0)
    end = view.edges[end_piece + 1] - span.end_trim
    end += view.cut_right if span.end_piece == last else 0
    return (start, end) if 0 <= start <= end <= len(view.text) else None


def _is_prose(view: View, start: int, end: int, variable: NamedVariable) -> bool:
    is_slot = variable.span.start_piece == variable.span.end_piece and holds_slot(variable.span)
    if is_slot or " " not in view.text[start:end]:
        return False
    return category_of(variable.name, ()) is None


def _scores(category: Category | None) -> NDArray[np.float64]:
    scores = np.full(len(CATEGORIES), -_CERTAIN)
    scores[CATEGORIES.index(category or Category.OTP)] = 0.0
    return scores


def _outside(
    view: View, variable: Variable, places: Sequence[tuple[tuple[int, int], NamedVariable]]
) -> list[Variable]:
    """Return what of a variable no named one covers: its slots, one by one."""
    covering = [
        (low, high) for (low, high), _ in places if low < variable.end and variable.start < high
    ]
    if not covering:
        return [variable]
    parts = []
    for piece in range(1, len(view.edges) - 1, 2):
        start, end = max(view.edges[piece], variable.start), view.edges[piece + 1]
        end = min(end, variable.end)
        if start < end and not any(low < end and start < high for low, high in covering):
            parts.append(Variable(start, end, variable.scores))
    return parts
