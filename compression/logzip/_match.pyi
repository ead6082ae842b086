from enum import IntEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from logscan.batch import StructureTable

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Bits = NDArray[np.uint8]

class Verdict(IntEnum):
    NEVER = 0
    ALWAYS = 1
    BY_VALUES = 2
    BY_TEXT = 3

class Mode(IntEnum):
    CONTAINS = 0
    PREFIX = 1
    SUFFIX = 2
    EQUAL = 3

class Plan:
    verdict: Bits
    first_alignment: Longs
    first_term: Ints
    terms: Ints
    pattern: bytes
    ignore_case: bool

class Records(Protocol):
    @property
    def structures(self) -> StructureTable: ...
    @property
    def structure(self) -> Ints: ...
    @property
    def buffer(self) -> bytes: ...
    @property
    def first_value(self) -> Longs: ...
    @property
    def value_start(self) -> Longs: ...
    @property
    def value_end(self) -> Longs: ...

def plan(table: StructureTable, pattern: bytes, ignore_case: bool) -> Plan: ...
def evaluate(found: Plan, batch: Records, mask: Bits) -> None: ...
def holds_each(
    buffer: bytes, start: Longs, end: Longs, pattern: bytes, ignore_case: bool
) -> NDArray[np.bool_]: ...
def reduce(found: Plan, holds_term: Bits) -> Plan: ...
def with_slots(found: Plan, number: Longs, table: StructureTable) -> Plan: ...
def term_slots(found: Plan, table: StructureTable) -> Longs: ...
