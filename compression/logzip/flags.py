"""Yes-or-no columns: eight to a byte, or the distances between the rarer ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from logzip.ints import decode_ints, encode_ints
from logzip.runs import Kind, StreamWriter

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from logzip._plan import FlagPlan
    from logzip.runs import StreamReader

    Flags = NDArray[np.uint8]

BITS, BYTES, FEW_SET, FEW_CLEAR = range(4)


def encode_flags(flags: Flags, out: StreamWriter) -> None:
    """Append flags, each 0 or 1, in the smallest of the codings."""
    trials = []
    for mode in (BITS, BYTES, FEW_SET, FEW_CLEAR):
        trial = out.trial()
        _write(flags, mode, trial)
        trials.append((trial.estimate(), mode, trial))
    out.extend(min(trials, key=lambda trial: trial[:2])[2])


def _write(flags: Flags, mode: int, out: StreamWriter) -> None:
    out.plan.append(mode)
    if mode == BITS:
        out.put(Kind.PLANES, np.packbits(flags, bitorder="little").tobytes())
    elif mode == BYTES:
        out.put(Kind.PLANES, flags.tobytes())
    else:
        places = np.flatnonzero(flags == (mode == FEW_SET)).astype(np.uint64)
        out.varint(len(places))
        encode_ints(places, out)


def decode_flags(plan: FlagPlan, n: int, streams: StreamReader) -> Flags:
    """Return the ``n`` flags."""
    if plan.places is not None:
        if plan.n_places > n:
            raise ValueError("more places than flags")
        places = decode_ints(plan.places, plan.n_places, streams)
        if len(places) and int(places.max()) >= n:
            raise ValueError("a flag is past the end")
        flags = np.full(n, plan.mode == FEW_CLEAR, dtype=np.uint8)
        flags[places.astype(np.int64)] = plan.mode == FEW_SET
        return flags
    data = np.frombuffer(streams.stream(plan.first_stream), dtype=np.uint8)
    if len(data) != (n if plan.mode == BYTES else (n + 7) // 8):
        raise ValueError(f"{len(data)} bytes for {n} flags")
    if plan.mode == BITS:
        return np.unpackbits(data, count=n, bitorder="little")
    if n and int(data.max()) > 1:
        raise ValueError("a flag is neither 0 nor 1")
    return data
