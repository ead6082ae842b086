"""Types of the compiled kernel; what each function does stands in the .pyx and .pxi files."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

_Int32 = NDArray[np.int32]
_Int64 = NDArray[np.int64]
_Uint8 = NDArray[np.uint8]
_Buffer = bytes | bytearray | memoryview
_Table = tuple[NDArray[np.uint64], _Int64, _Uint8, bytes, _Int64, _Int32, _Int32]
_Columns = tuple[
    _Int32, _Int64, _Uint8, _Uint8, _Int32, tuple[bytes, ...], _Int32, _Int64, _Int64, _Int64
]

OP_CODES: Mapping[str, int]
FIELD_FLAGS: Mapping[str, int]
LEVEL_VARIANTS: Mapping[str, int]
SCAN_MODES: Mapping[str, int]
ROLE_KEYS: frozenset[str]

def scan_block(
    data: bytes,
    ops: _Int32,
    sets: _Uint8,
    mode: int,
    received_ns: int,
    previous_ns: int | None,
    hash_mask: int = ...,
) -> tuple[_Table, _Columns]: ...
def render_records(
    structure: _Int32,
    first_value: _Int64,
    value_start: _Int64,
    value_end: _Int64,
    buffer: _Buffer,
    first_slot: _Int64,
    constants: bytes,
    offset: _Int64,
    rows: _Int64 | None,
) -> bytes: ...
def hash_structures(
    first_slot: _Int64,
    kinds: _Uint8,
    constants: bytes,
    offset: _Int64,
    message_start: _Int32,
    message_end: _Int32,
) -> NDArray[np.uint64]: ...
def gather_span(
    first_value: _Int64,
    value_start: _Int64,
    value_end: _Int64,
    buffer: _Buffer,
    constants: bytes,
    offset: _Int64,
    rows: _Int64,
    span: tuple[int, int, int, int],
) -> tuple[bytes, _Int64]: ...
def intern_spans(buffer: _Buffer, start: _Int64, end: _Int64) -> tuple[_Int64, _Int32]: ...
def block_cut(data: _Buffer, ops: _Int32, sets: _Uint8, mode: int, max_lines: int) -> int: ...
def match_lines(data: bytes, ops: _Int32, sets: _Uint8, received_ns: int) -> _Uint8: ...
def match_names(
    line: bytes, ops: _Int32, sets: _Uint8
) -> list[tuple[int, int, int]] | None: ...
