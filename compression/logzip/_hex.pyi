"""Types of the hex kernels; what each function does stands in the .pyx."""

import numpy as np
from numpy.typing import NDArray

_Buffer = bytes | NDArray[np.uint8]
_Int64 = NDArray[np.int64]

def pack_hex(
    buffer: _Buffer, start: _Int64, end: _Int64
) -> tuple[bytes, bytes, bytes] | None: ...
def unpack_hex(template: bytes, varying: bytes, packed: bytes, n: int) -> bytes: ...
