"""Types of the timestamp kernels; what each function does stands in the .pyx."""

import numpy as np
from numpy.typing import NDArray

_Int64 = NDArray[np.int64]

SIZES: dict[int, int]
DIRECTIVES: dict[str, int]

def render_times(
    time_ns: _Int64, offset_s: int, ops: NDArray[np.uint8], size: int
) -> bytes: ...
def differing(buffer: bytes, start: _Int64, end: _Int64, text: bytes, size: int) -> _Int64: ...
