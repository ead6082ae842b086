from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from logscan.batch import RecordBatch, StructureTable

class Verdict(IntEnum):
    NEVER = 0
    ALWAYS = 1
    BY_VALUES = 2
    BY_TEXT = 3

class Plan:
    verdict: NDArray[np.uint8]
    first_alignment: NDArray[np.int64]
    first_term: NDArray[np.int32]
    terms: NDArray[np.int32]
    pattern: bytes
    ignore_case: bool

def plan(table: StructureTable, pattern: bytes, ignore_case: bool) -> Plan: ...
def evaluate(found: Plan, batch: RecordBatch, mask: NDArray[np.uint8]) -> None: ...
def find_all(
    text: bytes, pattern: bytes, edges: NDArray[np.int64], ignore_case: bool
) -> NDArray[np.uint8]: ...
def record_edges(batch: RecordBatch, rows: NDArray[np.int64]) -> NDArray[np.int64]: ...
