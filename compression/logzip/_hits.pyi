"""Types of the kernels that test columns; what each function does stands in the .pyx."""

import numpy as np
from numpy.typing import NDArray

from logzip._match import Plan

_Buffer = bytes | NDArray[np.uint8]
_Bits = NDArray[np.uint8]
_Ints = NDArray[np.int32]
_Longs = NDArray[np.int64]

def number_hits(
    numbers: NDArray[np.uint64], width: int, fraction: int, part: bytes, mode: int
) -> _Bits | None: ...
def text_hits(text: bytes, n: int, terminator: int, part: bytes, mode: int) -> _Bits | None: ...
def span_hits(
    buffer: _Buffer, start: _Longs, end: _Longs, part: bytes, mode: int
) -> _Bits | None: ...
def fixed_hits(
    texts: NDArray[np.uint8], part: bytes, fixed: _Bits, places: _Longs
) -> _Bits: ...
def narrow_by_hits(
    found: Plan,
    structure: _Ints,
    first_slot: _Longs,
    column_of_slot: _Ints,
    hits: list[_Bits],
    test_of_term: _Longs,
    mask: _Bits,
) -> None: ...
