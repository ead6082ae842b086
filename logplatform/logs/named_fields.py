"""A source's named fields, as the catalog keeps them: name, category and place in a structure.

`valb` says which fields a scanned structure has; here they follow it into the structure that
clustering made of it. Searching them is elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from logscan.batch import Span
from logzip.cluster import remap_span
from valb.category import Category

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from logscan import RecordBatch, Structure
    from valb import Annotation

# One row of the catalog: name, category's code or "", the span's four numbers.
Row = list[str | int]
# Structures of a cluster that must agree with the first one on where a field is.
COMPARED = 4


@dataclass(frozen=True, slots=True)
class KnownField:
    """A field that the header format or a key names.

    ``category`` is a plain name, or empty where the field is one of the template's variables
    already, or its name tells nothing.
    """

    name: str
    category: str
    span: Span


def read_rows(rows: Iterable[Row]) -> tuple[KnownField, ...]:
    """Read what `named_rows` gave."""
    return tuple(
        KnownField(
            str(name), Category(str(code)).plain_name if code else "", Span(*map(int, span))
        )
        for name, code, *span in rows
    )


def groups_of(annotation: Annotation, labels: Mapping[int, Hashable]) -> NDArray[np.int32]:
    """Return for each structure a number: one template, one list of named fields.

    Only structures with the same number may become one, so that a field's name holds for all
    records of a stored structure. ``labels`` tells structures apart that people's edits do.
    """
    numbers: dict[tuple[int, tuple[str, ...], Hashable], int] = {}
    templates = annotation.template.tolist()
    found = [
        numbers.setdefault(
            (template, tuple(v.name for v in named), labels.get(index)), len(numbers)
        )
        for index, (template, named) in enumerate(zip(templates, annotation.named, strict=True))
    ]
    return np.array(found, np.int32)


def named_rows(
    batch: RecordBatch,
    after: Structure,
    members: Sequence[int],
    annotation: Annotation,
    spans: Sequence[Span],
) -> list[Row]:
    """Return the named fields of a structure that clustering made.

    Parameters
    ----------
    batch, members
        The scanned batch and the structures of it that became one.
    after
        What they became.
    spans
        The template's variables in it, which need no second mention.
    """
    places: list[tuple[Span, ...]] = []
    for index in members[:COMPARED]:
        before = batch.structures[index]
        same = before.constants == after.constants
        places.append(
            tuple(
                v.span if same else remap_span(v.span, before, after)
                for v in annotation.named[index]
            )
        )
    covered = [_bounds(after, span) for span in spans]
    rows: list[Row] = []
    for variable, *found in zip(annotation.named[members[0]], *places, strict=True):
        span = found[0]
        if any(other != span for other in found):
            continue
        start, end = _bounds(after, span)
        is_told = any(low < end and start < high for low, high in covered)
        code = "" if is_told or variable.category is None else str(variable.category)
        numbers = (span.start_piece, span.start_trim, span.end_piece, span.end_trim)
        rows.append([variable.name, code, *numbers])
    return rows


def _bounds(structure: Structure, span: Span) -> tuple[int, int]:
    """Return where a span lies in a structure's text with one byte for each slot."""
    sizes = [1] * (2 * len(structure.kinds) + 1)
    sizes[::2] = map(len, structure.constants)
    start = sum(sizes[: span.start_piece])
    end = sum(sizes[: span.end_piece + 1])
    start += span.start_trim if span.start_piece % 2 == 0 else 0
    end -= span.end_trim if span.end_piece % 2 == 0 else 0
    return start, end
