"""Batches put one after the other. No record changes; nothing is scanned again."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from logscan.batch import RecordBatch, Structure, StructureTable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray


def join_batches(batches: Sequence[RecordBatch]) -> RecordBatch:
    """Return one batch with the records of several, in their order.

    Parameters
    ----------
    batches
        At least one, all with one ``time_format``.

    Returns
    -------
    RecordBatch
        A structure that several batches have is in it once; equal hashes are not trusted, the
        structures are compared. ``buffer`` is a copy of all buffers.
    """
    formats = {batch.time_format for batch in batches}
    if len(formats) != 1:
        raise ValueError(f"batches of {len(formats)} time formats")
    structures, remaps = _unite(batches)
    components = {name: at for at, name in enumerate(_distinct(b.components for b in batches))}
    shifts = np.cumsum([0, *(len(batch.buffer) for batch in batches)])
    starts = [b.value_start + shift for b, shift in zip(batches, shifts, strict=False)]
    ends = [b.value_end + shift for b, shift in zip(batches, shifts, strict=False)]
    counts = [np.diff(batch.first_value) for batch in batches]
    return RecordBatch(
        structures=_table(structures),
        structure=np.concatenate(
            [remap[b.structure] for b, remap in zip(batches, remaps, strict=True)]
        ),
        time_ns=np.concatenate([b.time_ns for b in batches]),
        time_origin=np.concatenate([b.time_origin for b in batches]),
        level=np.concatenate([b.level for b in batches]),
        component=np.concatenate([_components(b, components) for b in batches]),
        components=tuple(components),
        lines=np.concatenate([b.lines for b in batches]),
        buffer=b"".join(b.buffer for b in batches),
        first_value=np.concatenate(([0], np.cumsum(np.concatenate(counts)))).astype(np.int64),
        value_start=np.concatenate(starts),
        value_end=np.concatenate(ends),
        time_format=batches[0].time_format,
    )


def _unite(batches: Sequence[RecordBatch]) -> tuple[list[Structure], list[NDArray[np.int32]]]:
    """Return the distinct structures, and for each batch where its own are among them."""
    found: dict[Structure, int] = {}
    remaps = [
        np.array(
            [found.setdefault(structure, len(found)) for structure in batch.structures],
            dtype=np.int32,
        )
        for batch in batches
    ]
    return list(found), remaps


def _distinct(groups: Iterable[Iterable[bytes]]) -> dict[bytes, None]:
    return dict.fromkeys(chain.from_iterable(groups))


def _components(batch: RecordBatch, known: dict[bytes, int]) -> NDArray[np.int32]:
    """Return a batch's components as numbers of the united list; -1 stays none."""
    remap = np.array([*(known[name] for name in batch.components), -1], dtype=np.int32)
    return remap[batch.component]


def _table(structures: list[Structure]) -> StructureTable:
    slots = np.array([len(structure.kinds) for structure in structures], dtype=np.int64)
    constants = list(chain.from_iterable(structure.constants for structure in structures))
    kinds = chain.from_iterable(structure.kinds for structure in structures)
    return StructureTable(
        hash=np.array([structure.hash for structure in structures], dtype=np.uint64),
        first_slot=np.concatenate(([0], np.cumsum(slots))).astype(np.int64),
        kind=np.fromiter((int(kind) for kind in kinds), np.uint8),
        constants=b"".join(constants),
        constant_offset=np.cumsum([0, *map(len, constants)]).astype(np.int64),
        message_start=np.array([s.message_start for s in structures], np.int32).reshape(-1, 2),
        message_end=np.array([s.message_end for s in structures], np.int32).reshape(-1, 2),
    )
