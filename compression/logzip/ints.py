"""Columns of unsigned 64-bit numbers: the transform and the layout that a trial finds smallest.

Text never comes here; `logzip.codecs` turns it into numbers first.
"""

from __future__ import annotations

from enum import IntEnum
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from logzip._cost import choose_transform, transform_numbers
from logzip._intern import intern_numbers
from logzip._numbers import (
    byte_planes,
    decode_varints,
    encode_varints,
    integrate,
    join_planes,
)
from logzip._recency import decode_recency, encode_recency
from logzip.runs import Kind, Means, StreamWriter

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from logzip._plan import IntPlan
    from logzip.runs import StreamReader

    Numbers = NDArray[np.uint64]


class Transform(IntEnum):
    """How the numbers are made small."""

    CONSTANT = 0
    PLAIN = 1  # number - least
    DELTA = 2  # difference to the one before
    DELTA2 = 3  # difference of differences
    DICTIONARY = 4  # distinct numbers in rising order, then their indices
    RECENT = 5  # distinct numbers as they come, then how recent each one is


VARINT = 0  # the layout; 1 to 8: so many byte planes
SAMPLE = 4096
MAX_DICTIONARY = 1 << 16
# What else is tried where trials decide, for columns of so many numbers.
MANY = 512
OTHERS = (
    (Transform.PLAIN, 1), (Transform.PLAIN, VARINT),
    (Transform.DELTA, 1), (Transform.DELTA, VARINT),
)  # fmt: skip
WEIGHED_BYTES = 1024  # from which on recency is weighed against what zstd finds without it
MAX_NEW = 0.75  # share of distinct numbers up to which recency is one of them


LEFT_OUT: dict[int, Means] = {
    Transform.DELTA: Means.DELTA,
    Transform.DELTA2: Means.DELTA,
    Transform.DICTIONARY: Means.DICTIONARY,
}


def encode_ints(numbers: Numbers, out: StreamWriter, kind: Kind | None = None) -> None:
    """Append a column of numbers to ``out``.

    ``kind`` is the kind of its streams, where it isn't to follow from the layout.
    """
    n = len(numbers)
    if n == 0 or (numbers == numbers[0]).all():
        out.plan.append(Transform.CONSTANT << 4)
        out.varint(int(numbers[0]) if n else 0)
        return
    recency = Means.RECENCY not in out.without
    transform, layout, size = choose_transform(numbers, SAMPLE, recency=recency)
    if LEFT_OUT.get(transform) in out.without:
        transform, layout = Transform.PLAIN, 1
    coding = (transform, layout)
    if out.thorough and len(numbers) >= MANY:
        others = dict.fromkeys((coding, *OTHERS))
        if intern_numbers(numbers, int(len(numbers) * MAX_NEW)) is not None:
            others[(Transform.RECENT, 1)] = None
        trials = [(out.trial(), other) for other in others]
        for trial, other in trials:
            _write(numbers, other, trial, kind)
        out.extend(min(trials, key=lambda trial: trial[0].estimate())[0])
    elif transform == Transform.RECENT and size >= WEIGHED_BYTES:
        trials = [(out.trial(), other) for other in (coding, (Transform.PLAIN, 1))]
        for trial, other in trials:
            _write(numbers, other, trial, kind)
        out.extend(min(trials, key=lambda trial: trial[0].estimate_thoroughly())[0])
    else:
        _write(numbers, coding, out, kind)


def _write(
    numbers: Numbers, coding: tuple[int, int], out: StreamWriter, kind: Kind | None
) -> None:
    if coding[0] == Transform.RECENT:
        _write_recent(numbers, out, kind)
    elif coding[0] != Transform.DICTIONARY or not _write_dictionary(numbers, out, kind):
        _write_small(numbers, coding, out, kind)


def _write_small(
    numbers: Numbers, coding: tuple[int, int], out: StreamWriter, kind: Kind | None
) -> None:
    """Append the numbers plain, or by their differences."""
    transform, layout = coding
    if transform == Transform.DICTIONARY:
        transform = Transform.PLAIN
    header, small, most = transform_numbers(numbers, transform)
    if layout != VARINT:
        layout = _width(most)
    out.plan.append(transform << 4 | layout)
    for number in header:
        out.varint(number)
    _put(small, layout, out, kind)


def _write_dictionary(numbers: Numbers, out: StreamWriter, kind: Kind | None) -> bool:
    """Append the numbers by their dictionary; ``False`` where it would be too long."""
    interned = intern_numbers(numbers, min(MAX_DICTIONARY, len(numbers) // 2))
    if interned is None:
        return False
    distinct = numbers[interned[0]]
    order = np.argsort(distinct)
    place = np.empty(len(order), dtype=np.uint64)
    place[order] = np.arange(len(order), dtype=np.uint64)
    layout = _width(len(distinct) - 1)
    out.plan.append(Transform.DICTIONARY << 4 | layout)
    out.varint(len(distinct))
    encode_ints(distinct[order], out, kind)
    _put(place[interned[1]], layout, out, kind)
    return True


def _write_recent(numbers: Numbers, out: StreamWriter, kind: Kind | None) -> None:
    interned = intern_numbers(numbers, len(numbers))
    if interned is None:
        raise AssertionError("there cannot be more distinct numbers than numbers")
    first, inverse = interned
    ranks, far = encode_recency(inverse)
    out.plan.append(Transform.RECENT << 4 | 1)
    out.varint(len(first))
    out.varint(len(far))
    encode_ints(numbers[first], out, kind)
    encode_ints(far, out, kind)
    out.put(Kind.PLANES if kind is None else kind, ranks.tobytes())


def _width(largest: int) -> int:
    return max(1, (largest.bit_length() + 7) // 8)


def _put(small: Numbers, layout: int, out: StreamWriter, kind: Kind | None) -> None:
    if layout == VARINT:
        out.put(Kind.NUMBERS if kind is None else kind, encode_varints(small))
        return
    for plane in byte_planes(small, layout):
        out.put(Kind.PLANES if kind is None else kind, plane)


@lru_cache(maxsize=256)
def sample_of(n: int, size: int) -> NDArray[np.int64]:
    """Return which ``size`` of ``n`` values a trial looks at: four stretches among them."""
    starts = np.linspace(0, n - size // 4, 4).astype(np.int64)
    return (starts[:, None] + np.arange(size // 4)).ravel()


def decode_ints(plan: IntPlan, n: int, streams: StreamReader) -> Numbers:
    """Return the ``n`` numbers of a column."""
    if plan.transform == Transform.CONSTANT:
        return np.full(n, plan.header[0], dtype=np.uint64)
    if plan.transform == Transform.DICTIONARY:
        distinct = decode_ints(plan.children[0], plan.header[0], streams)
        index = _get(plan, n, streams)
        if n and int(index.max()) >= len(distinct):
            raise ValueError("a number's index is past its dictionary")
        return distinct[index.view(np.int64)]
    if plan.transform == Transform.RECENT:
        return _decode_recent(plan, n, streams)
    if plan.transform == Transform.PLAIN:
        return _get(plan, n, streams, plan.header[0])
    return _integrate(plan, n, streams)


def _decode_recent(plan: IntPlan, n: int, streams: StreamReader) -> Numbers:
    n_distinct, n_far = plan.header
    if n_distinct > n or n_far > n:
        raise ValueError("a dictionary of numbers is longer than its column")
    distinct = decode_ints(plan.children[0], n_distinct, streams)
    far = decode_ints(plan.children[1], n_far, streams)
    ranks = streams.stream(plan.first_stream)
    if len(ranks) != n:
        raise ValueError(f"{len(ranks)} ranks for {n} numbers")
    return distinct[decode_recency(ranks, far, n_distinct)]


def _integrate(plan: IntPlan, n: int, streams: StreamReader) -> Numbers:
    order = 1 if plan.transform == Transform.DELTA else 2
    if n < order:
        raise ValueError("a column of differences is too short")
    small = _get(plan, n - order, streams)
    return integrate(small, plan.header[0], plan.header[-1], order == 2)


def _get(plan: IntPlan, n: int, streams: StreamReader, least: int = 0) -> Numbers:
    """Return the small numbers, each plus ``least``."""
    if plan.layout == VARINT:
        numbers = decode_varints(streams.stream(plan.first_stream), n)
        return numbers + np.uint64(least) if least else numbers
    first = plan.first_stream
    planes = [streams.stream(first + plane) for plane in range(plan.layout)]
    return join_planes(planes, n, least)
