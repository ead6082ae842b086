import numpy as np
from numpy.typing import NDArray

from logscan.batch import RecordBatch, StructureTable

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]

def find_slots(
    first_position: Longs,
    item: Ints,
    position: Longs,
    first_slot: Longs,
    kind: NDArray[np.uint8],
    order: Longs,
    first_member: Longs,
) -> NDArray[np.uint8]: ...
def find_sources(
    first_position: Longs,
    item: Ints,
    position: Longs,
    first_slot: Longs,
    offset: Longs,
    lead: Longs,
    merged_kind: NDArray[np.uint8],
) -> tuple[Longs, Ints]: ...
def merge_costs(
    batch: RecordBatch,
    order: Longs,
    first_member: Longs,
    row_order: Longs,
    first_row: Longs,
    first_source: Longs,
    source: Ints,
    word: Longs,
    sample: int,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]: ...
def merge_table(
    table: StructureTable,
    leads: Longs,
    first_position: Longs,
    item: Ints,
    position: Longs,
    merged_kind: NDArray[np.uint8],
) -> tuple[Longs, NDArray[np.uint8], bytes, Longs, Ints, Ints]: ...
def merge_values(
    batch: RecordBatch, first_source: Longs, source: Ints, word_value: Longs
) -> tuple[Longs, Longs, Longs]: ...
