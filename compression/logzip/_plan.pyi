"""Types of the plan's readers; what each class does stands in the .pyx."""

class ByteReader:
    data: bytes
    position: int
    def __init__(self, data: bytes, position: int = 0) -> None: ...
    def varint(self, limit: int = ...) -> int: ...
    def byte(self) -> int: ...
    def take(self, size: int) -> bytes: ...
    def done(self) -> None: ...

class IntPlan:
    transform: int
    layout: int
    children: list[IntPlan]
    header: list[int]
    first_stream: int
    next_stream: int
    def __init__(self, plan: ByteReader, first_stream: int, depth: int = 0) -> None: ...

class ColumnPlan:
    codec: int
    numbers: list[int]
    children: list[ColumnPlan]
    ints: list[IntPlan]
    value: bytes
    varying: bytes
    first_stream: int
    next_stream: int
    def __init__(self, plan: ByteReader, first_stream: int, depth: int = 0) -> None: ...

class FlagPlan:
    mode: int
    n_places: int
    places: IntPlan | None
    first_stream: int
    next_stream: int
    def __init__(self, plan: ByteReader, first_stream: int) -> None: ...

class RelatedPlan:
    relation: int
    source: int
    n_missed: int
    flags: FlagPlan | None
    child: ColumnPlan
    next_stream: int
    def __init__(self, plan: ByteReader, first_stream: int) -> None: ...

def read_directory(
    reader: ByteReader, n_streams: int, own_run_bytes: tuple[int, ...]
) -> tuple[list[tuple[int, int, int]], list[int]]: ...
