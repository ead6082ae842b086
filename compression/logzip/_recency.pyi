"""Types of the recency kernels; what each function does stands in the .pyx."""

import numpy as np
from numpy.typing import NDArray

def encode_recency(ids: NDArray[np.int32]) -> tuple[NDArray[np.uint8], NDArray[np.uint64]]: ...
def decode_recency(
    ranks: bytes, far: NDArray[np.uint64], n_distinct: int
) -> NDArray[np.int32]: ...
