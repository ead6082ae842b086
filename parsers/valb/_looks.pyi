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
    def hashed(self, kind: str, text: str) -> NDArray[np.int64]: ...
    def looks(self, kind: str, text: str) -> NDArray[np.float32]: ...
