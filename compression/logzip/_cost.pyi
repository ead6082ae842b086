"""Types of the kernels that estimate sizes; what each function does stands in the .pyx."""

import numpy as np
from numpy.typing import NDArray

_Numbers = NDArray[np.uint64]

def stream_size(data: bytes | NDArray[np.uint8]) -> int: ...
def choose_transform(
    numbers: _Numbers, sample: int, are_ids: bool = False, recency: bool = True
) -> tuple[int, int, float]: ...
def transform_numbers(numbers: _Numbers, transform: int) -> tuple[list[int], _Numbers, int]: ...
