"""Types of the structure kernels; what each function does stands in the .pyx."""

import numpy as np
from numpy.typing import NDArray

_Int32 = NDArray[np.int32]
_Int64 = NDArray[np.int64]
_Uint8 = NDArray[np.uint8]
_Uint64 = NDArray[np.uint64]

def encode_table(
    first_slot: _Int64,
    kind: _Uint8,
    constants: bytes,
    offset: _Int64,
    message_start: _Int32,
    message_end: _Int32,
) -> bytes: ...
def decode_table(
    text: bytes, n: int
) -> tuple[_Int64, _Uint8, bytes, _Int64, _Int32, _Int32]: ...
def encode_structure_ids(structure: _Int32, code: _Uint8) -> tuple[_Uint8, _Uint64]: ...
def decode_structure_ids(
    codes: bytes, far: _Uint64, frequent: _Uint64, n_structures: int
) -> _Int32: ...
def slot_contexts(first_slot: _Int64, constants: bytes, offset: _Int64) -> _Uint64: ...
