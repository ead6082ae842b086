"""The values of every variable of a batch as columns, template by template.

One column has the values of a variable from all structures of its template. Nothing is copied
where all of them lie in slots.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from logscan import SlotColumn
from valb._columns import ValueReader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from logscan import RecordBatch, Span
    from valb.templates import Annotation, Template

    Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class TypedColumns:
    """The ``R`` records of one template; ``columns`` are parallel to its categories."""

    template: Template
    rows: Numbers  # (R,) records of the batch, those of one structure together
    columns: tuple[SlotColumn, ...]  # of R values each


def typed_columns(batch: RecordBatch, annotation: Annotation) -> Iterator[TypedColumns]:
    """Give the columns of each template of a batch, in the annotation's order."""
    reader = ValueReader(batch, *_span_table(annotation.spans))
    counts = batch.counts()
    structures = np.argsort(annotation.template, kind="stable")
    # Records in the order of their structures, and these in the order of their templates.
    rank = np.empty(len(structures), np.int32)
    rank[structures] = np.arange(len(structures))
    order = np.argsort(rank[batch.structure], kind="stable")
    totals = np.bincount(
        annotation.template, weights=counts, minlength=len(annotation.templates)
    )
    ends = np.cumsum(totals).astype(np.int64).tolist()
    low = 0
    for template, high in zip(annotation.templates, ends, strict=True):
        rows = order[low:high]
        low = high
        yield TypedColumns(
            template,
            rows,
            tuple(SlotColumn(*reader.column(rows, k)) for k in range(len(template.categories))),
        )


def _span_table(spans: tuple[tuple[Span, ...], ...]) -> tuple[Numbers, Numbers]:
    """Give where each structure's spans begin, (S,), and all spans, (n, 4).

    Structures that share a tuple of spans share its rows.
    """
    first: dict[int, int] = {}
    numbers: list[tuple[int, int, int, int]] = []
    begins = np.zeros(len(spans), np.int64)
    for structure, found in enumerate(spans):
        start = first.get(id(found))
        if start is None:
            start = first[id(found)] = len(numbers)
            numbers += [(s.start_piece, s.start_trim, s.end_piece, s.end_trim) for s in found]
        begins[structure] = start
    return begins, np.array(numbers, np.int64).reshape(-1, 4)
