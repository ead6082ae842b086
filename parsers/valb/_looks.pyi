"""Types of the compiled module."""

from collections.abc import Callable, Mapping, Sequence
from re import Match

import numpy as np
from numpy.typing import NDArray

def cut(
    text: str,
    match: Callable[[str, int], Match[str] | None],
    kind_of: Mapping[str, str],
    most: int,
) -> tuple[list[str], list[str], list[int], list[int], list[bool]]: ...

class Looks:
    def __init__(
        self,
        buckets: int,
        kinds: Sequence[str],
        rows: dict[str, int],
        vectors: NDArray[np.int8],
    ) -> None: ...

class Lexicon:
    def __init__(self, looks: Looks, word_key: Callable[[str], int], masked: int) -> None: ...
    def __len__(self) -> int: ...
    def numbers(self, kinds: list[str], texts: list[str]) -> NDArray[np.int32]: ...
    def words(self, numbers: NDArray[np.int32]) -> NDArray[np.uint64]: ...
    def rows(
        self, numbers: NDArray[np.int32]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]: ...
