"""Types of the number kernels; what each function does stands in the .pyx."""

import numpy as np
from numpy.typing import NDArray

_Buffer = bytes | NDArray[np.uint8]
_Int64 = NDArray[np.int64]
_Uint64 = NDArray[np.uint64]

def parse_decimals(
    buffer: _Buffer, start: _Int64, end: _Int64
) -> tuple[_Uint64, int, int] | None: ...
def format_decimals(
    numbers: _Uint64, width: int, fraction: int
) -> tuple[bytes, _Int64, _Int64]: ...
def encode_varints(numbers: _Uint64) -> bytes: ...
def decode_varints(data: bytes, n: int) -> _Uint64: ...
def byte_planes(numbers: _Uint64, width: int) -> list[bytes]: ...
