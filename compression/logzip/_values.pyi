"""Types of the span kernels; what each function does stands in the .pyx."""

import numpy as np
from numpy.typing import NDArray

_Buffer = bytes | NDArray[np.uint8]
_Int32 = NDArray[np.int32]
_Int64 = NDArray[np.int64]

def group_values(
    column_of_slot: _Int32,
    first_slot: _Int64,
    structure: _Int32,
    first_value: _Int64,
    value_start: _Int64,
    value_end: _Int64,
    n_columns: int,
) -> tuple[_Int64, _Int64, _Int64, _Int32]: ...
def gather_columns(
    column_of_slot: _Int32,
    first_slot: _Int64,
    structure: _Int32,
    first_value: _Int64,
    buffer: _Buffer,
    value_start: _Int64,
    value_end: _Int64,
    n_columns: int,
) -> tuple[bytes, _Int64, _Int64, _Int64, _Int32]: ...
def all_equal(buffer: _Buffer, start: _Int64, end: _Int64) -> bool: ...
def gather(buffer: _Buffer, start: _Int64, end: _Int64, terminator: int) -> bytes: ...
def byte_seen(buffer: _Buffer, start: _Int64, end: _Int64) -> NDArray[np.bool_]: ...
def split_terminated(text: bytes, n: int, terminator: int) -> tuple[_Int64, _Int64]: ...
def scatter(
    column_of_slot: _Int32,
    first_slot: _Int64,
    structure: _Int32,
    first_column: _Int64,
    column_start: _Int64,
    column_end: _Int64,
    n_values: int,
) -> tuple[_Int64, _Int64]: ...
def rendered_size(
    first_slot: _Int64,
    constant_offset: _Int64,
    structure: _Int32,
    first_value: _Int64,
    start: _Int64,
    end: _Int64,
) -> _Int64: ...
def render(
    first_slot: _Int64,
    constants: bytes,
    constant_offset: _Int64,
    structure: _Int32,
    first_value: _Int64,
    buffer: _Buffer,
    start: _Int64,
    end: _Int64,
    size: int,
) -> bytes: ...
def split_digits(
    buffer: _Buffer, start: _Int64, end: _Int64
) -> tuple[NDArray[np.uint8], _Int64, _Int64, _Int64, _Int64] | None: ...
def shape_columns(
    first_slot: _Int64, rows: _Int64, least: int, n_pooled: int
) -> tuple[_Int32, int]: ...
