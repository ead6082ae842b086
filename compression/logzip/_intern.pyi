"""Types of the kernels that number distinct things; what each does stands in the .pyx."""

import numpy as np
from numpy.typing import NDArray

_Buffer = bytes | NDArray[np.uint8]
_Int32 = NDArray[np.int32]
_Int64 = NDArray[np.int64]

def intern_spans(
    buffer: _Buffer, start: _Int64, end: _Int64, max_distinct: int
) -> tuple[_Int64, _Int32] | None: ...
def intern_numbers(
    numbers: NDArray[np.uint64], max_distinct: int
) -> tuple[_Int64, _Int32] | None: ...
