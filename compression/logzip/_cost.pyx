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
    RANKS = 254
    PLAIN = 1
    DELTA = 2
    DELTA2 = 3
    DICTIONARY = 4
    RECENT = 5

cdef double LOG[4097]  # n log2 n of small n
cdef int _n
LOG[0] = 0.0
for _n in range(1, 4097):
    LOG[_n] = _n * log2(<double>_n)


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
    cdef int64_t n = size if size < MAX_BYTES else MAX_BYTES, i = 0, k, at, literals = 0
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
                bits += 9 + log2(<double>(i - at + 2))
                i += k
                continue
        count[data[i]] += 1
        literals += 1
        i += 1
    while i < n:
        count[data[i]] += 1
        literals += 1
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


cdef double planes_cost(const uint64_t *small, int64_t n, int width, uint8_t *out) noexcept nogil:
    cdef double cost = 0
    cdef int plane
    cdef int64_t i
    for plane in range(width):
        for i in range(n):
            out[i] = <uint8_t>(small[i] >> (8 * plane))
        cost += stream_cost(out, n)
    return cost


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


cdef int64_t ranks_of(const int32_t *ids, int64_t n, uint8_t *rank) noexcept nogil:
    """Write how recent each id is, as `logzip._recency` does; return how many are far."""
    cdef int32_t recent[RANKS]
    cdef int64_t i, place, held = 0, known = 0, far = 0
    for i in range(n):
        if ids[i] == known:
            known += 1
            rank[i] = 0
            place = held
        else:
            place = 0
            while place < held and recent[place] != ids[i]:
                place += 1
            rank[i] = <uint8_t>(255 if place == held else place + 1)
            far += place == held
        if place == held:
            if held < RANKS:
                held += 1
            else:
                place -= 1
        memmove(&recent[1], &recent[0], place * sizeof(int32_t))
        recent[0] = ids[i]
    return far


def choose_transform(const uint64_t[::1] numbers, Py_ssize_t sample, bint are_ids=False):
    """Return (transform, layout, size): which coding of ``numbers`` takes least, and about what.

    Transforms are those of `logzip.ints`; layout 0 is varints, 1 means planes. ``sample`` numbers,
    in a few stretches, are looked at. A dictionary may turn out to be too long for all numbers.
    With ``are_ids`` they are numbered by first appearance already: recency needs no list of them.
    """
    cdef int64_t n = numbers.shape[0], m = min(n, sample), i, k, part, held, far
    cdef uint64_t capacity = 64
    cdef int transform, best = PLAIN, layout = 1, width
    cdef double cost, fewest, least_cost = 1e300, share = <double>m / n
    cdef double bytes_of[4]
    cdef uint64_t most[4]
    cdef uint64_t *some = <uint64_t *>malloc((3 * m + 1) * sizeof(uint64_t))
    cdef uint8_t *out = <uint8_t *>malloc(10 * m + 16)
    cdef int32_t *ids = <int32_t *>malloc((m + 1) * sizeof(int32_t))
    while capacity < <uint64_t>(2 * m):
        capacity *= 2
    cdef int32_t *table = <int32_t *>malloc(capacity * sizeof(int32_t))
    cdef uint64_t *small = some + m
    cdef uint64_t *distinct = some + 2 * m
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
        fewest = 1e300
        for transform in range(PLAIN, DELTA2 + 1):
            most[transform] = transformed(some, m, transform, small)
            bytes_of[transform] = put_varints(small, m, out)
            fewest = min(fewest, bytes_of[transform])
        for transform in range(PLAIN, DELTA2 + 1):
            if n <= transform or (transform != PLAIN and bytes_of[transform] > 1.3 * fewest):
                continue
            transformed(some, m, transform, small)
            width = width_of(most[transform])
            cost = planes_cost(small, m, width, out) + transform * 3
            if cost < least_cost:
                best, layout, least_cost = transform, 1, cost
            if most[transform] >= 128:
                cost = stream_cost(out, put_varints(small, m, out)) + transform * 3
                if cost < least_cost:
                    best, layout, least_cost = transform, 0, cost
        if least_cost > 24:
            held = intern(some, m, distinct, ids, table, capacity - 1)
            if held * 4 <= 3 * m and least_cost > m / 8:
                far = ranks_of(ids, m, out)
                cost = stream_cost(out, m) + 2 * far
                if not are_ids:
                    transformed(distinct, held, PLAIN, small)
                    width = width_of(most[PLAIN])
                    cost += planes_cost(small, held, width, out) * (share if held * 4 < m else 1.0) + 4
                if cost < least_cost:
                    best, layout, least_cost = RECENT, 1, cost
            if held * 4 <= m and most[PLAIN] >= 256 and not are_ids:
                memcpy(small, distinct, held * sizeof(uint64_t))
                qsort(small, held, sizeof(uint64_t), compare)
                cost = width_of(most[PLAIN]) * held * share * 0.7 + 4
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
