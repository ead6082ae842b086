"""Types of the compiled module."""

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from logscan import RecordBatch

_Message = tuple[str, tuple[int, ...], int, int, int, tuple[tuple[str, ...], ...], int]

SLOT_WIDTH: int

class FanOut:
    def __init__(self, most: int) -> None: ...
    def add(self, keys: NDArray[np.uint64], values: NDArray[np.uint64]) -> None: ...
    def count(self, keys: NDArray[np.uint64]) -> NDArray[np.int32]: ...

def slot_features(columns: list[tuple[str, ...]]) -> NDArray[np.float32]: ...
def held_share(
    texts: list[str], columns: list[tuple[str, ...] | None]
) -> NDArray[np.float32]: ...
def items(
    text: bytes, edges: tuple[int, ...]
) -> tuple[int, list[int], list[int], list[int]]: ...
def layout(
    hashes: list[int], starts: list[int], ends: list[int], varying: tuple[int, ...]
) -> tuple[int, ...]: ...
def messages(
    batch: RecordBatch, indices: Iterable[int]
) -> list[tuple[_Message, tuple[int, list[int], list[int], list[int]]]]: ...
def origins(text: str, places: list[int]) -> tuple[list[int], list[int]]: ...
def align(
    text: str, parts: list[str], is_hollow: Callable[[str, int], bool]
) -> list[tuple[int, int]] | None: ...
