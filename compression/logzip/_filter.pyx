# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""The distinct grams of a block's records: four ASCII letters in a row, case folded."""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memcmp, memcpy, memset

import numpy as np

cdef enum:
    N_GRAMS = 1 << 20  # five bits a letter
    KNOWN_BITS = 10  # of the places of values seen: few enough to stay in the first cache

cdef uint8_t LETTER[256]  # 1 to 26, 0 for any other byte


cdef void fill_letters():
    cdef int byte
    for byte in range(256):
        LETTER[byte] = 0
        if 65 <= byte <= 90:
            LETTER[byte] = byte - 64
        elif 97 <= byte <= 122:
            LETTER[byte] = byte - 96


fill_letters()


cdef inline uint32_t roll(const uint8_t *p, int64_t n, uint32_t state, uint8_t *seen) noexcept nogil:
    """Note the grams that end in ``p``; ``state`` is the letters before it, 0 for none.

    Letters are never 0, so a state has four of them when its top letter is set.
    """
    cdef int64_t i = 0
    cdef uint8_t letter
    cdef uint64_t eight
    while i < n:
        if i + 8 <= n:
            memcpy(&eight, p + i, 8)
            if eight & <uint64_t>0x4040404040404040 == 0:  # no letters, as in numbers and dates
                state = 0
                i += 8
                continue
        # Without a branch: letters and digits take turns too often to be foreseen. States of
        # fewer than four letters are noted with the rest and dropped at the end.
        letter = LETTER[p[i]]
        state = (state << 5 | letter) & (N_GRAMS - 1) & (0 - <uint32_t>(letter != 0))
        seen[state] = 1
        i += 1
    return state


cdef inline bint is_known(
    const uint8_t *data, int64_t at, int64_t n, int64_t *known, int64_t *known_size
) noexcept nogil:
    """Tell whether these bytes, at least eight, were the last ones in their place; note them."""
    cdef uint64_t head, tail, h
    memcpy(&head, data + at, 8)
    memcpy(&tail, data + at + n - 8, 8)
    if (head | tail) & <uint64_t>0x4040404040404040 == 0 and n <= 16:
        return True  # without letters
    h = ((head ^ tail * 3 ^ n) * <uint64_t>0x9E3779B97F4A7C15) >> (64 - KNOWN_BITS)
    if known_size[h] == n and memcmp(data + known[h], data + at, n) == 0:
        return True
    known[h] = at
    known_size[h] = n
    return False


def distinct_grams(batch):
    """Return the grams of a batch's records, in rising order.

    Constants are read once for a structure, values one by one. Where letters of a constant touch
    a slot, a gram may lie across, and the structure's records are read whole.
    """
    cdef bytes constants = batch.structures.constants, buffer = batch.buffer
    cdef const uint8_t *text = constants
    cdef const uint8_t *data = buffer
    cdef const int64_t[::1] first_slot = batch.structures.first_slot
    cdef const int64_t[::1] offset = batch.structures.constant_offset
    cdef const int32_t[::1] structure = batch.structure
    cdef const int64_t[::1] first_value = batch.first_value
    cdef const int64_t[::1] start = batch.value_start
    cdef const int64_t[::1] end = batch.value_end
    cdef Py_ssize_t s, r, k, v, n = first_slot.shape[0] - 1
    cdef int64_t low, high
    cdef uint32_t state
    cdef int64_t known[1 << KNOWN_BITS]
    cdef int64_t known_size[1 << KNOWN_BITS]
    memset(known_size, 0, sizeof(known_size))
    seen_array = np.zeros(N_GRAMS, np.uint8)
    whole_array = np.zeros(n, np.uint8)
    cdef uint8_t[::1] seen = seen_array, whole = whole_array
    with nogil:
        for s in range(n):
            for k in range(first_slot[s] + s, first_slot[s + 1] + s + 1):
                low, high = offset[k], offset[k + 1]
                roll(text + low, high - low, 0, &seen[0])
                # An empty constant at either end touches nothing.
                if k > first_slot[s] + s and k < first_slot[s + 1] + s and low == high:
                    whole[s] = 1
                if k > first_slot[s] + s and low < high and LETTER[text[low]]:
                    whole[s] = 1
                if k < first_slot[s + 1] + s and low < high and LETTER[text[high - 1]]:
                    whole[s] = 1
        for r in range(structure.shape[0]):
            s = structure[r]
            state = 0
            k = first_slot[s] + s
            for v in range(first_value[r], first_value[r + 1]):
                if whole[s]:
                    state = roll(text + offset[k], offset[k + 1] - offset[k], state, &seen[0])
                    k += 1
                else:
                    state = 0
                    if end[v] - start[v] >= 8 and is_known(
                        data, start[v], end[v] - start[v], known, known_size
                    ):
                        continue
                state = roll(data + start[v], end[v] - start[v], state, &seen[0])
            if whole[s]:
                roll(text + offset[k], offset[k + 1] - offset[k], state, &seen[0])
    seen_array[: 1 << 15] = 0
    return np.flatnonzero(seen_array.view(bool)).astype(np.uint32)


def grams_of(bytes pattern):
    """Return the grams of a pattern, in its order."""
    cdef const uint8_t *p = pattern
    cdef Py_ssize_t i
    cdef uint32_t state = 0
    cdef uint8_t letter
    found = []
    for i in range(len(pattern)):
        letter = LETTER[p[i]]
        state = (state << 5 | letter) & (N_GRAMS - 1) if letter else 0
        if state >= 1 << 15:
            found.append(state)
    return np.array(found, np.uint32)
