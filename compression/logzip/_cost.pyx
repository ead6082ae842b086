# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True
# cython: initializedcheck=False
"""Kernels that estimate what an entropy coder will make of a stream. All release the GIL.

A trial by zstd itself takes ten times as long, most of it in setting up: an estimate is a greedy
match against the last place of each four bytes, and the entropy of what matches leave.
"""

from libc.math cimport log2
from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc, qsort
from libc.string cimport memcpy, memmove, memset

import numpy as np

cdef enum:
    HASH_BITS = 12
    MAX_BYTES = 1 << 15  # of a stream; the rest is taken to be alike
    STRETCHES = 4
    MISS_BITS = 7
    RANKS = 254
    PLAIN = 1
    DELTA = 2
    DELTA2 = 3
    DICTIONARY = 4
    RECENT = 5

cdef double LOG[4097]  # n log2 n of small n
cdef double LOG2[4097]
cdef int _n
LOG[0] = LOG2[0] = 0.0
for _n in range(1, 4097):
    LOG2[_n] = log2(<double>_n)
    LOG[_n] = _n * LOG2[_n]


cdef extern from *:
    int __builtin_clzll(unsigned long long) nogil


cdef inline int bit_length(uint64_t number) noexcept nogil:
    """Return the bits of a number that isn't 0."""
    return 64 - __builtin_clzll(number)


cdef inline double n_log_n(int64_t n) noexcept nogil:
    return LOG[n] if n <= 4096 else n * log2(<double>n)


cdef inline uint32_t load4(const uint8_t *p) noexcept nogil:
    cdef uint32_t word
    memcpy(&word, p, 4)
    return word


cdef double stream_cost(const uint8_t *data, int64_t size) noexcept nogil:
    """Return about how many bytes zstd makes of ``data``."""
    cdef int32_t last[1 << HASH_BITS]
    cdef int32_t count[256]
    cdef int64_t n = size if size < MAX_BYTES else MAX_BYTES, i = 0, k, at, literals = 0, stop
    cdef int64_t missed = 0
    cdef uint32_t word, h
    cdef double bits = 0
    cdef int symbols = 0
    if size <= 32:
        return size
    memset(last, 255, sizeof(last))
    memset(count, 0, sizeof(count))
    while i + 4 <= n:
        word = load4(data + i)
        h = (word * <uint32_t>2654435761) >> (32 - HASH_BITS)
        at = last[h]
        last[h] = <int32_t>i
        if at >= 0 and load4(data + at) == word:
            k = 4
            while i + k < n and data[at + k] == data[i + k]:
                k += 1
            if k >= 6 or i - at < 64:
                # A sequence is three codes, and the offset's bits unless the last one comes again.
                bits += 9 + (LOG2[i - at + 2] if i - at < 4095 else log2(<double>(i - at + 2)))
                i += k
                missed = 0
                continue
        # Where nothing came again for long, matches are looked for at fewer places.
        missed += 1
        stop = min(i + 1 + (missed >> MISS_BITS), n)
        literals += stop - i
        while i < stop:
            count[data[i]] += 1
            i += 1
    literals += n - i
    while i < n:
        count[data[i]] += 1
        i += 1
    if literals:
        bits += n_log_n(literals)
        for k in range(256):
            if count[k]:
                symbols += 1
                bits -= n_log_n(count[k])
    return (bits / 8 + 6 + symbols * 0.4) * size / n


def stream_size(const uint8_t[::1] data):
    """Return about how many bytes zstd makes of ``data``."""
    cdef int64_t n = data.shape[0]
    cdef double cost
    if n == 0:
        return 0
    with nogil:
        cost = stream_cost(&data[0], n)
    return min(n, <int64_t>cost)


cdef inline int width_of(uint64_t most) noexcept nogil:
    cdef int width = 1
    while most >= 256:
        most >>= 8
        width += 1
    return width


cdef int64_t put_varints(const uint64_t *small, int64_t n, uint8_t *out) noexcept nogil:
    cdef int64_t i, at = 0
    cdef uint64_t number
    for i in range(n):
        number = small[i]
        while number >= 128:
            out[at] = <uint8_t>(number | 128)
            at += 1
            number >>= 7
        out[at] = <uint8_t>number
        at += 1
    return at


cdef double planes_cost(
    const uint64_t *small, int64_t n, int width, uint8_t *out, double most
) noexcept nogil:
    """Return about what byte planes take; where that is above ``most``, some number above it."""
    cdef double cost = 0
    cdef int plane
    cdef int64_t i
    for plane in range(width - 1, -1, -1):
        for i in range(n):
            out[i] = <uint8_t>(small[i] >> (8 * plane))
        cost += stream_cost(out, n)
        if cost > most:
            break
    return cost


cdef inline int64_t varint_size(uint64_t number) noexcept nogil:
    return (bit_length(number | 1) * 9 + 64) >> 6


cdef void all_transforms(
    const uint64_t *numbers, int64_t n, uint64_t *small, uint64_t *most, int64_t *size
) noexcept nogil:
    """Write what `transformed` does for each transform, one after the other.

    ``most`` has as many bits as the largest of each, ``size`` what each takes as varints.
    """
    cdef int64_t i
    cdef uint64_t least = numbers[0], number, difference, last, twice
    for i in range(n):
        least = min(least, numbers[i])
    for i in range(3):
        most[i] = 0
        size[i] = 0
    for i in range(n):
        number = numbers[i] - least
        small[i] = number
        most[0] |= number
        size[0] += varint_size(number)
    small[n] = small[2 * n] = 0
    size[1] = size[2] = 1
    last = numbers[1] - numbers[0] if n > 1 else 0
    for i in range(1, n):
        difference = numbers[i] - numbers[i - 1]
        twice = difference - last
        last = difference
        number = (difference << 1) ^ (0 - (difference >> 63))
        small[n + i] = number
        most[1] |= number
        size[1] += varint_size(number)
        number = (twice << 1) ^ (0 - (twice >> 63))
        small[2 * n + i] = number
        most[2] |= number
        size[2] += varint_size(number)


cdef uint64_t transformed(const uint64_t *numbers, int64_t n, int transform, uint64_t *small) noexcept nogil:
    """Write the small numbers of a transform, as many as numbers; return the largest."""
    cdef int64_t i
    cdef uint64_t least = numbers[0], most = 0, difference = 0, last = 0
    if transform == PLAIN:
        for i in range(n):
            least = min(least, numbers[i])
        for i in range(n):
            small[i] = numbers[i] - least
            most = max(most, small[i])
        return most
    small[0] = 0
    for i in range(1, n):
        difference = numbers[i] - numbers[i - 1]
        if transform == DELTA2:
            small[i] = ((difference - last) << 1) ^ (0 - ((difference - last) >> 63))
            if i == 1:
                small[i] = 0
            last = difference
        else:
            small[i] = (difference << 1) ^ (0 - (difference >> 63))
        most = max(most, small[i])
    return most


cdef int compare(const void *left, const void *right) noexcept nogil:
    cdef uint64_t a = (<const uint64_t *>left)[0], b = (<const uint64_t *>right)[0]
    return (a > b) - (a < b)


cdef int64_t intern(const uint64_t *numbers, int64_t n, uint64_t *distinct, int32_t *ids,
                    int32_t *table, uint64_t mask) noexcept nogil:
    """Number distinct numbers by first appearance; return how many there are."""
    cdef int64_t i, d, held = 0
    cdef uint64_t slot, h
    memset(table, 0, (mask + 1) * sizeof(int32_t))
    for i in range(n):
        h = numbers[i] * <uint64_t>0x9E3779B97F4A7C15
        slot = (h ^ h >> 32) & mask
        while True:
            d = table[slot] - 1
            if d < 0:
                distinct[held] = numbers[i]
                table[slot] = <int32_t>(held + 1)
                d = held
                held += 1
                break
            if distinct[d] == numbers[i]:
                break
            slot = (slot + 1) & mask
        ids[i] = <int32_t>d
    return held


cdef inline int64_t place_of(const int32_t *recent, int64_t held, int32_t value) noexcept nogil:
    """Return the place of ``value``, ``held`` where it is none of the first ``held``."""
    cdef int64_t place = 0, k
    cdef int32_t found
    while place + 16 <= held:  # sixteen at a time: the compiler makes it a few instructions
        found = 0
        for k in range(16):
            found |= recent[place + k] == value
        if found:
            break
        place += 16
    while place < held and recent[place] != value:
        place += 1
    return place


cdef int64_t ranks_of(const int32_t *ids, int64_t n, uint8_t *rank, int64_t most) noexcept nogil:
    """Write how recent each id is, as `logzip._recency` does.

    Returns how many are far, or a number above ``most`` where so many are.
    """
    cdef int32_t recent[RANKS]
    cdef int64_t i, place, held = 0, known = 0, far = 0
    for i in range(n):
        if ids[i] == known:
            known += 1
            rank[i] = 0
            place = held
        else:
            place = place_of(recent, held, ids[i])
            rank[i] = <uint8_t>(255 if place == held else place + 1)
            far += place == held
            if far > most:
                break
        if place == held:
            if held < RANKS:
                held += 1
            else:
                place -= 1
        memmove(&recent[1], &recent[0], place * sizeof(int32_t))
        recent[0] = ids[i]
    return far


def choose_transform(
    const uint64_t[::1] numbers, Py_ssize_t sample, bint are_ids=False, bint recency=True,
):
    """Return (transform, layout, size): which coding of ``numbers`` takes least, and about what.

    Transforms are those of `logzip.ints`; layout 0 is varints, 1 means planes. ``sample`` numbers,
    in a few stretches, are looked at. A dictionary may turn out to be too long for all numbers.
    With ``are_ids`` they are numbered by first appearance already: recency needs no list of them.
    Without ``recency`` it is none of the codings.
    """
    cdef int64_t n = numbers.shape[0], m = min(n, sample), i, k, part, held, far
    cdef uint64_t capacity = 64
    cdef int transform, turn, best = PLAIN, layout = 1, width
    cdef double cost, least_cost = 1e300, share = <double>m / n
    cdef int64_t bytes_of[3]
    cdef uint64_t most[3]
    cdef uint64_t *some = <uint64_t *>malloc((4 * m + 1) * sizeof(uint64_t))
    cdef uint8_t *out = <uint8_t *>malloc(10 * m + 16)
    cdef int32_t *ids = <int32_t *>malloc((m + 1) * sizeof(int32_t))
    while capacity < <uint64_t>(2 * m):
        capacity *= 2
    cdef int32_t *table = <int32_t *>malloc(capacity * sizeof(int32_t))
    cdef uint64_t *small = some + m
    if some == NULL or out == NULL or ids == NULL or table == NULL:
        free(some)
        free(out)
        free(ids)
        free(table)
        raise MemoryError
    with nogil:
        if m == n:
            memcpy(some, &numbers[0], n * sizeof(uint64_t))
        else:
            m -= m % STRETCHES
            part = m // STRETCHES
            for k in range(STRETCHES):
                i = (n - part) * k // (STRETCHES - 1)
                memcpy(some + k * part, &numbers[i], part * sizeof(uint64_t))
        all_transforms(some, m, small, most, bytes_of)
        # The most promising first: the others are given up as soon as they take more.
        transform = 0
        for k in range(1, 3):
            if bytes_of[k] < bytes_of[transform]:
                transform = <int>k
        for turn in range(3):
            k = (transform + turn) % 3
            if n <= k + 1 or (k and bytes_of[k] > 1.3 * bytes_of[transform]):
                continue
            width = width_of(most[k])
            cost = planes_cost(small + k * m, m, width, out, least_cost) + (k + 1) * 3
            if cost < least_cost:
                best, layout, least_cost = <int>k + 1, 1, cost
            if most[k] >= 128:
                cost = stream_cost(out, put_varints(small + k * m, m, out)) + (k + 1) * 3
                if cost < least_cost:
                    best, layout, least_cost = <int>k + 1, 0, cost
        if least_cost > 24 and (recency or not are_ids):
            # The transforms' numbers are not needed any more.
            held = intern(some, m, small, ids, table, capacity - 1)
            if recency and held * 4 <= 3 * m and least_cost > m / 8:
                far = ranks_of(ids, m, out, <int64_t>(least_cost / 2))
                cost = 2 * far
                if cost < least_cost:
                    cost += stream_cost(out, m)
                if cost < least_cost and not are_ids:
                    transformed(small, held, PLAIN, small + m)
                    width = width_of(most[0])
                    cost += planes_cost(small + m, held, width, out, 1e300) * (share if held * 4 < m else 1.0) + 4
                if cost < least_cost:
                    best, layout, least_cost = RECENT, 1, cost
            if held * 4 <= m and most[0] >= 256 and not are_ids:
                qsort(small, held, sizeof(uint64_t), compare)
                cost = width_of(most[0]) * held * share * 0.7 + 4
                for i in range(m):
                    ids[i] = place_in(small, held, some[i])
                for k in range(1 if held <= 256 else 2):
                    for i in range(m):
                        out[i] = <uint8_t>(ids[i] >> (8 * k))
                    cost += stream_cost(out, m)
                if cost < least_cost:
                    best, layout, least_cost = DICTIONARY, 1, cost
    free(some)
    free(out)
    free(ids)
    free(table)
    return best, layout, least_cost / share


cdef inline int32_t place_in(const uint64_t *rising, int64_t n, uint64_t number) noexcept nogil:
    cdef int64_t low = 0, high = n, middle
    while low + 1 < high:
        middle = (low + high) // 2
        if rising[middle] <= number:
            low = middle
        else:
            high = middle
    return <int32_t>low


def transform_numbers(const uint64_t[::1] numbers, int transform):
    """Return (header, small, most): the numbers of a transform, and the largest of them.

    ``transform`` is plain, delta or delta of delta; the header has its first or least numbers.
    """
    cdef int64_t n = numbers.shape[0], skipped = transform - 1
    cdef uint64_t most, least
    small_array = np.empty(n, dtype=np.uint64)
    cdef uint64_t[::1] small = small_array
    with nogil:
        most = transformed(&numbers[0], n, transform, &small[0])
    if transform == PLAIN:
        least = numbers[0] - small[0]
        header = [least]
    elif transform == DELTA:
        header = [numbers[0]]
    else:
        least = numbers[1] - numbers[0]
        header = [numbers[0], least]
    return header, small_array[skipped:], most
