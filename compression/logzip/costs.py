"""What each structure and each of its columns takes: ``logzip info --costs``.

A run's stored bytes are shared among its streams by their sizes, a column's streams among the
structures that have values in it by how many. So a cost is an estimate, but the sum is right.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from logzip.format import BlockTag

if TYPE_CHECKING:
    from logscan.batch import Structure
    from logzip.decoder import Block
    from logzip.reader import Segment

SHOWN = 20  # structures in the table; JSON has all
SHOWN_SLOTS = 3
SLOT = "<*>"


@dataclass(slots=True)
class Cost:
    """What one structure takes in a segment: bytes, in all and for each of its slots."""

    text: str
    n_records: int = 0
    stored_bytes: float = 0.0
    slots: list[float] = field(default_factory=list)


def costs(segment: Segment) -> tuple[dict[int, Cost], float]:
    """Return the cost of each structure, by hash, and the bytes that are no structure's."""
    found: dict[int, Cost] = {}
    spent = 0.0
    for number, info in enumerate(segment.blocks):
        block = segment.block(number)
        if info.is_raw:
            whole = found.setdefault(0, Cost("(kept as it was)"))
            whole.n_records += info.n_records
            whole.stored_bytes += info.stored_bytes
            spent += info.stored_bytes
        else:
            spent += block.guarded(lambda block=block: _add_block(block, found))  # type: ignore[misc]  # mypy knows no defaults of lambdas
    return found, segment.info.stored_bytes - spent


def _add_block(block: Block, found: dict[int, Cost]) -> float:
    """Add what a block's values take; return it."""
    table, structure = block.plan.table, block.plan.structure
    rows = np.bincount(structure, minlength=len(table))
    per_value = column_bytes(block) / np.maximum(block.column_sizes, 1)
    spent = 0.0
    for index, (known, n) in enumerate(zip(table.hash.tolist(), rows.tolist(), strict=True)):
        low, high = int(table.first_slot[index]), int(table.first_slot[index + 1])
        if known not in found:
            found[known] = Cost(text_of(table[index]), slots=[0.0] * (high - low))
        cost = found[known]
        slots = (per_value[block.slot_columns[low:high]] * n).tolist()
        cost.n_records += n
        cost.stored_bytes += sum(slots)
        cost.slots = [a + b for a, b in zip(cost.slots, slots, strict=True)]
        spent += sum(slots)
    return spent


def column_bytes(block: Block) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return about how many stored bytes each column of a block takes."""
    if block.header.tag is not BlockTag.COLUMNS:
        raise ValueError("a block without columns")
    plan, streams = block.plan.values, block.streams
    taken = np.zeros(plan.n_columns)
    first = plan.column_of_slot.next_stream
    ends = [] if plan.n_columns == 0 else [plan.first_after_times]
    ends += [column.next_stream for column in plan.columns]
    for number, end in enumerate(ends):
        taken[number] = sum(streams.stored_bytes(stream) for stream in range(first, end))
        first = end
    return taken


def text_of(structure: Structure) -> str:
    """Return a structure with a mark for each slot, control characters escaped."""
    text = SLOT.join(part.decode("utf-8", "backslashreplace") for part in structure.constants)
    return text.rstrip("\r\n").replace("\n", "\\n").replace("\t", "\\t")


def describe_costs(segment: Segment, *, as_json: bool) -> str:
    """Return the structures of a segment, the dearest first."""
    found, rest = costs(segment)
    ranked = sorted(found.values(), key=lambda cost: -cost.stored_bytes)
    if as_json:
        rows = [
            {
                "structure": cost.text,
                "records": cost.n_records,
                "stored_bytes": round(cost.stored_bytes),
                "slots": [round(size) for size in cost.slots],
            }
            for cost in ranked
        ]
        return json.dumps({"structures": rows, "other_bytes": round(rest)}) + "\n"
    lines = [f"{'bytes':>12} {'share':>6} {'records':>12}  structure, and its dearest slots\n"]
    stored = segment.info.stored_bytes
    for cost in ranked[:SHOWN]:
        share = cost.stored_bytes / stored
        lines.append(
            f"{cost.stored_bytes:12,.0f} {share:6.1%} {cost.n_records:12,}  {cost.text}\n"
        )
        lines += _dearest(cost)
    if len(ranked) > SHOWN:
        others = sum(cost.stored_bytes for cost in ranked[SHOWN:])
        lines.append(f"{others:12,.0f} {others / stored:6.1%} {'':12}  others\n")
    lines.append(f"{rest:12,.0f} {rest / stored:6.1%} {'':12}  ids, times, texts, footer\n")
    return "".join(lines)


def _dearest(cost: Cost) -> list[str]:
    slots = sorted(enumerate(cost.slots, start=1), key=lambda slot: -slot[1])[:SHOWN_SLOTS]
    return [f"{size:12,.0f} {'':6} {'':12}    slot {n}\n" for n, size in slots if size >= 1]
