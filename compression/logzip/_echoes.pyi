"""Types of the echo kernels; what each function does stands in the .pyx."""

import numpy as np
from numpy.typing import NDArray

_Int32 = NDArray[np.int32]
_Int64 = NDArray[np.int64]

def count_echoes(
    column_of_slot: _Int32,
    first_slot: _Int64,
    structure: _Int32,
    first_value: _Int64,
    buffer: bytes,
    start: _Int64,
    end: _Int64,
    wanted: NDArray[np.uint8],
    reach: int,
) -> tuple[_Int32, _Int64]: ...
