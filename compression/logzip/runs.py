"""Streams of bytes, and the runs that hold them: the entropy coding of a block.

A column becomes a few streams; a big stream is a run of its own, small ones of one kind share a
run. What the bytes mean is the business of the codecs.
"""

from __future__ import annotations

import lzma
import threading
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from functools import cache

import zstandard

from logzip._cost import stream_size
from logzip._plan import ByteReader, read_directory
from logzip.format import (
    MAX_RUN_BYTES,
    MAX_SPARE_RATIO,
    checksum,
    put_varint,
)


class Kind(IntEnum):
    """What a stream holds; small streams share a run with their kind."""

    IDS = 0  # structures, and what else a search reads first
    CONTEXT = 1  # time, level, component
    TEXT = 2
    NUMBERS = 3
    PLANES = 4


class Method(IntEnum):
    """How a run is coded."""

    STORED = 0
    ZSTD = 1
    XZ = 2


class Means(StrEnum):
    """What makes columns small, each of which a measurement can leave out."""

    MERGING = "merging of structures"
    DICTIONARY = "dictionaries"
    NUMBERS = "numbers"
    DELTA = "differences"
    RECENCY = "recency"
    SHAPES = "shapes"
    HEX = "hex"
    CLOCK = "timestamps from times"
    RELATIONS = "columns told from others"


@dataclass(frozen=True, slots=True)
class Level:
    """What one of the three levels spends."""

    name: str
    text: int  # zstd level of text, ids and times
    numbers: int  # and of all others
    xz: bool = False
    thorough: bool = False  # rank codings by trial, not by estimate
    without: frozenset[Means] = frozenset()


LEVELS = {
    # Without recency it is a sixth faster, and zstd -5 finds most of what comes again itself.
    "fast": Level(
        "fast", text=5, numbers=5, without=frozenset({Means.RELATIONS, Means.RECENCY})
    ),
    # Measured on the corpus: 16 and above make 5 % less and take 5 to 8 times as long, which is
    # as much as all the rest; 8 makes 2 % more.
    "default": Level("default", text=11, numbers=11),
    "max": Level("max", text=22, numbers=22, xz=True, thorough=True),
}

# A stream of at least this many bytes has a run of its own: below it a frame's tables and
# its directory entry cost more than the neighbours' statistics do harm.
OWN_RUN_BYTES = {
    Kind.IDS: 1,
    Kind.CONTEXT: 1 << 30,
    Kind.TEXT: 1 << 18,
    Kind.NUMBERS: 1024,
    Kind.PLANES: 1024,
}
OWN_RUN = tuple(OWN_RUN_BYTES[kind] for kind in Kind)
# Where much is at stake, zstd itself ranks codings, and not an estimate.
TRIAL_LEVEL, THOROUGH_LEVEL = 5, 12
TRIAL_BYTES, THOROUGH_BYTES = 1 << 16, 1 << 18  # of a stream; the rest is taken to be alike
XZ = {"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME, "lc": 3, "lp": 0, "pb": 0}
MIN_WINDOW, MAX_WINDOW = (
    12,
    26,
)  # powers of two: the least that xz takes, the most of the format

SIZES = (1 << 14, 1 << 17, 1 << 18)  # of input, up to which zstd has settings of their own
_local = threading.local()


@cache
def _parameters(level: int, source_size: int) -> zstandard.ZstdCompressionParameters:
    return zstandard.ZstdCompressionParameters.from_level(
        level,
        source_size=source_size,
        format=zstandard.FORMAT_ZSTD1_MAGICLESS,
        write_content_size=False,
        write_checksum=False,
        window_log=min(27, zstandard.WINDOWLOG_MAX),
    )


def _compressor(level: int, size: int) -> zstandard.ZstdCompressor:
    """Return this thread's compressor: one must not be used by two threads at once.

    zstd has settings of its own for each level and each of a few sizes of input.
    """
    made: dict[tuple[int, int], zstandard.ZstdCompressor] = _local.__dict__.setdefault(
        "compressors", {}
    )
    key = (level, next((most for most in SIZES if size <= most), 0))
    if key not in made:
        made[key] = zstandard.ZstdCompressor(compression_params=_parameters(*key))
    return made[key]


def _decompressor() -> zstandard.ZstdDecompressor:
    made: zstandard.ZstdDecompressor | None = _local.__dict__.get("decompressor")
    if made is None:
        made = zstandard.ZstdDecompressor(
            format=zstandard.FORMAT_ZSTD1_MAGICLESS, max_window_size=1 << 27
        )
        _local.decompressor = made
    return made


def zstd_size(data: bytes, *, thorough: bool) -> int:
    """Return about how many bytes zstd makes of ``data``: what a trial goes by."""
    if len(data) <= 32:
        return len(data)
    part = data[: THOROUGH_BYTES if thorough else TRIAL_BYTES]
    size = zstd_whole_size(part, THOROUGH_LEVEL if thorough else TRIAL_LEVEL)
    return size * len(data) // len(part)


def zstd_whole_size(data: bytes, level: int) -> int:
    """Return how many bytes zstd makes of ``data``."""
    return min(len(data), len(_compressor(level, len(data)).compress(data)))


def pack_run(data: bytes, kind: Kind, level: Level) -> tuple[Method, bytes]:
    """Return ``data`` in the smallest coding of the level."""
    best = (Method.STORED, data)
    packed = _compressor(
        level.numbers if kind in (Kind.NUMBERS, Kind.PLANES) else level.text, len(data)
    ).compress(data)
    if len(packed) < len(data):
        best = (Method.ZSTD, packed)
    # Ids and times stay with zstd, which opens ten times as fast: searches read them first.
    if level.xz and kind not in (Kind.IDS, Kind.CONTEXT):
        # A larger window than the data takes longer, by what it takes to clear its tables.
        window = 1 << max(MIN_WINDOW, min(MAX_WINDOW, len(data).bit_length()))
        filters = [XZ | {"dict_size": window}]
        packed = lzma.compress(data, format=lzma.FORMAT_RAW, filters=filters)
        if len(packed) < len(best[1]):
            best = (Method.XZ, packed)
    return best


def unpack_run(method: int, stored: bytes, size: int) -> bytes:
    """Return the ``size`` bytes of a run; ValueError where it doesn't hold exactly that."""
    if size > MAX_RUN_BYTES or size > (len(stored) + 1) * MAX_SPARE_RATIO:
        raise ValueError(f"a run of {len(stored)} bytes cannot hold {size}")
    if method == Method.STORED:
        data = stored
    elif method == Method.ZSTD:
        try:
            data = _decompressor().decompress(
                stored, max_output_size=size, allow_extra_data=False
            )
        except zstandard.ZstdError as error:
            raise ValueError(f"zstd: {error}") from error
    elif method == Method.XZ:
        try:
            decoder = lzma.LZMADecompressor(format=lzma.FORMAT_RAW, filters=[XZ])
            data = decoder.decompress(stored, max_length=size)
        except lzma.LZMAError as error:
            raise ValueError(f"xz: {error}") from error
    else:
        raise ValueError(f"unknown coding {method}")
    if len(data) != size:
        raise ValueError(f"a run holds {len(data)} bytes and not {size}")
    return data


@dataclass(slots=True)
class StreamWriter:
    """What encoding yields: the plan (how to decode) and the streams in plan order."""

    plan: bytearray = field(default_factory=bytearray)
    streams: list[tuple[Kind, bytes]] = field(default_factory=list)
    thorough: bool = False  # zstd itself ranks codings, where else an estimate does
    without: frozenset[Means] = frozenset()
    _sizes: list[int] = field(default_factory=list)  # of streams, -1 where not tried yet

    def trial(self) -> StreamWriter:
        """Return an empty writer for a coding that may be taken."""
        return StreamWriter(thorough=self.thorough, without=self.without)

    def put(self, kind: Kind, data: bytes) -> None:
        """Append a stream."""
        self.streams.append((kind, data))
        self._sizes.append(-1)

    def varint(self, number: int) -> None:
        """Append a number to the plan."""
        put_varint(self.plan, number)

    def extend(self, other: StreamWriter) -> None:
        """Append all that another writer holds."""
        self.plan += other.plan
        self.streams += other.streams
        self._sizes += other._sizes

    def estimate_thoroughly(self) -> int:
        """Return what `estimate` does, by a trial that is near to the final coding."""
        return len(self.plan) + sum(
            1 + zstd_size(data, thorough=self.thorough) for _, data in self.streams
        )

    def estimate(self) -> int:
        """Return about how many bytes this will take."""
        for index, (_, data) in enumerate(self.streams):
            if self._sizes[index] < 0:
                size = zstd_size(data, thorough=True) if self.thorough else stream_size(data)
                self._sizes[index] = 1 + size
        return len(self.plan) + sum(self._sizes)


@dataclass(frozen=True, slots=True)
class Run:
    """One entry of a block's run directory."""

    method: int
    size: int
    stored_size: int
    checksum: int
    offset: int  # from the start of the block's body


def layout(streams: list[tuple[Kind, bytes]]) -> tuple[bytes, list[tuple[Kind, bytes]]]:
    """Return the stream directory and the runs that hold the streams.

    The directory has each stream's kind and length; runs come in the order of their first
    stream.
    """
    directory = bytearray()
    runs: list[tuple[Kind, list[bytes]]] = []
    shared: dict[Kind, int] = {}
    for kind, data in streams:
        put_varint(directory, len(data) << 3 | kind)
        if is_own_run(kind, len(data)):
            runs.append((kind, [data]))
        elif kind in shared:
            runs[shared[kind]][1].append(data)
        else:
            shared[kind] = len(runs)
            runs.append((kind, [data]))
    return bytes(directory), [(kind, b"".join(parts)) for kind, parts in runs]


def is_own_run(kind: int, size: int) -> bool:
    """Tell whether a stream has a run of its own: part of the format."""
    return size >= OWN_RUN[kind]


class StreamReader:
    """Gives the streams of a block by number; a run is opened when first asked for."""

    def __init__(self, body: bytes, runs: list[Run], directory: bytes, n_streams: int) -> None:
        self._body = body
        self._runs = runs
        self._opened: dict[int, bytes] = {}
        reader = ByteReader(directory)
        self._places, filled = read_directory(reader, n_streams, OWN_RUN)
        reader.done()
        if filled != [run.size for run in runs]:
            raise ValueError("streams do not fill the runs")

    def stream(self, number: int) -> bytes:
        """Return one stream."""
        if not 0 <= number < len(self._places):
            raise ValueError(f"there is no stream {number}")
        run, offset, size = self._places[number]
        if run not in self._opened:
            self._opened[run] = self._open(self._runs[run])
        data = self._opened[run]
        return data if size == len(data) else data[offset : offset + size]

    def stored_bytes(self, number: int) -> float:
        """Return a stream's share of the stored bytes of its run."""
        run, _, size = self._places[number]
        return self._runs[run].stored_size * size / max(self._runs[run].size, 1)

    def _open(self, run: Run) -> bytes:
        stored = self._body[run.offset : run.offset + run.stored_size]
        if checksum(stored) != run.checksum:
            raise ValueError(f"checksum mismatch in the run at byte {run.offset}")
        return unpack_run(run.method, stored, run.size)
