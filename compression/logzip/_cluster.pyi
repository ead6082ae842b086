import numpy as np
from numpy.typing import NDArray

from logscan.batch import StructureTable

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]

def word_end(text: bytes, at: int) -> int: ...
def read_positions(
    table: StructureTable, groups: Ints
) -> tuple[bytes, Longs, Longs, Longs]: ...
def frequent_word(first_position: Longs, item: Ints, division: Ints) -> Longs: ...
def assign(
    first_position: Longs, item: Ints, order: Longs, first_member: Longs, share: float
) -> Ints: ...
