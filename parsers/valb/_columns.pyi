"""Types of the compiled module."""

import numpy as np
from numpy.typing import NDArray

from logscan import RecordBatch

class ValueReader:
    def __init__(
        self, batch: RecordBatch, first_span: NDArray[np.int64], spans: NDArray[np.int64]
    ) -> None: ...
    def column(
        self, rows: NDArray[np.int64], variable: int
    ) -> tuple[bytes, NDArray[np.int64], NDArray[np.int64]]: ...
