from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from logscan.batch import SlotColumn
from logzip._match import Records

Bits = NDArray[np.uint8]
Ints = NDArray[np.int32]
Longs = NDArray[np.int64]

def record_edges(batch: Records, rows: Longs) -> Longs: ...
def place_values(
    column: Ints,
    needed: Bits,
    first_slot: Longs,
    structure: Ints,
    first_of_column: Longs,
    start: Longs,
    end: Longs,
) -> tuple[Longs, Longs, Longs]: ...
def rows_of(structure: Ints, counts: Ints) -> Ints: ...
def render_columns(
    first_slot: Longs,
    constants: bytes,
    offset: Longs,
    structure: Ints,
    column_of_slot: Ints,
    columns: Sequence[SlotColumn | None],
    size: int,
    wanted: Bits | None = None,
) -> bytes: ...
def value_places(
    structure: Ints, rows: Longs, first_slot: Longs, column_of_slot: Ints, n_columns: int
) -> tuple[Longs, Longs]: ...
def structure_counts(structure: Ints, n_structures: int) -> Longs: ...
def records_by_structure(structure: Ints, counts: Longs) -> Ints: ...
