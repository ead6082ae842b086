import numpy as np
from numpy.typing import NDArray

from logscan.batch import RecordBatch

def distinct_grams(batch: RecordBatch) -> NDArray[np.uint32]: ...
def grams_of(pattern: bytes) -> NDArray[np.uint32]: ...
