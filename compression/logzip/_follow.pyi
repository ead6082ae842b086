"""Types of the prediction kernels; what each function does stands in the .pyx."""

import numpy as np
from numpy.typing import NDArray

_Buffer = bytes | NDArray[np.uint8]
_Int32 = NDArray[np.int32]
_Int64 = NDArray[np.int64]
_Uint8 = NDArray[np.uint8]

def predict(group: _Int32, ids: _Int32, n_groups: int, n_ids: int, mode: int) -> _Uint8: ...
def unpredict(
    group: _Int32, hit: _Uint8, missed: _Int32, n_groups: int, n_ids: int, mode: int
) -> _Int32: ...
def equal_spans(
    buffer: _Buffer, start: _Int64, end: _Int64, other_start: _Int64, other_end: _Int64
) -> _Uint8: ...
def count_hits(group: NDArray[np.int32], ids: NDArray[np.int32]) -> tuple[int, int]: ...
