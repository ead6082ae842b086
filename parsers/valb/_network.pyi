"""Types of the compiled module."""

import numpy as np
from numpy.typing import NDArray

class Layers:
    def __init__(
        self,
        sizes: tuple[int, int, int, int],
        steps: list[int],
        arrays: dict[str, NDArray[np.float32]],
        *,
        plain: bool = False,
    ) -> None: ...
    def score(
        self,
        words: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]],
        which: NDArray[np.int64],
        dense: NDArray[np.float32],
        lengths: NDArray[np.int64],
        out: tuple[NDArray[np.float32], NDArray[np.float32], float],
    ) -> None: ...
