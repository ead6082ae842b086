# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Merging groups of structures: what it costs, the merged table, the merged values.

Positions are those of `_cluster`. What is decided from the costs is in `cluster`.
"""

from libc.math cimport log2
from libc.stdint cimport int32_t, int64_t, uint8_t, uint64_t
from libc.stdlib cimport free, realloc
from libc.string cimport memcpy, memset

import numpy as np

cdef enum:
    WORD = 5
    SLOT = -1  # the word of a position that is a slot
    TABLE = 8192  # places of the cost estimate's hash table, twice what it may hold

include "_grown.pxi"


def find_slots(
    const int64_t[::1] first_position, const int32_t[::1] item, const int64_t[:, ::1] position,
    const int64_t[::1] first_slot, const uint8_t[::1] kind,
    const int64_t[::1] order, const int64_t[::1] first_member,
):
    """Say what each position of a group's first member is when its members are merged.

    Returns
    -------
    merged_kind : ndarray of uint8, shape (P,)
        0 for a word that stays constant, else the kind of the slot; set for the positions of
        each group's first member only.
    """
    cdef Py_ssize_t g, m, p, n
    cdef int64_t lead, s, at
    cdef int k, slot_kind
    result = np.zeros(position.shape[0], np.uint8)
    cdef uint8_t[::1] out = result
    with nogil:
        for g in range(first_member.shape[0] - 1):
            if first_member[g] == first_member[g + 1]:
                continue
            lead = order[first_member[g]]
            n = first_position[lead + 1] - first_position[lead]
            for m in range(first_member[g], first_member[g + 1]):
                s = order[m]
                for p in range(n):
                    at = first_position[s] + p
                    if item[at] == SLOT:
                        slot_kind = kind[first_slot[s] + position[at, 1]]
                    elif item[at] != item[first_position[lead] + p]:
                        slot_kind = WORD
                    else:
                        continue
                    # What is a TOKEN in one member may hold digits, so it is one in all.
                    k = out[first_position[lead] + p]
                    if k == 0 or k == WORD:
                        out[first_position[lead] + p] = slot_kind
    return result


def find_sources(
    const int64_t[::1] first_position, const int32_t[::1] item, const int64_t[:, ::1] position,
    const int64_t[::1] first_slot, const int64_t[::1] offset, const int64_t[::1] lead,
    const uint8_t[::1] merged_kind,
):
    """Say where each structure's records get the values of their merged structure's slots.

    ``lead[s]`` is the first member of the group of ``s``.

    Returns
    -------
    first_source : ndarray of int64, shape (S + 1,)
    source : ndarray of int32
        The number of a slot of the structure, or ``-1 - word`` for a word of its constants.
    """
    cdef Grown out = Grown()
    cdef Py_ssize_t n = first_slot.shape[0] - 1, s, c, p, shift
    cdef int64_t constant_end
    cdef int32_t value
    with nogil:
        append_long(&out.v[0], 0)
        for s in range(n):
            p = first_position[s]
            shift = first_position[lead[s]] - p
            for c in range(first_slot[s + 1] - first_slot[s] + 1):
                constant_end = offset[first_slot[s] + s + c + 1]
                while p < first_position[s + 1] and item[p] != SLOT and position[p, 0] < constant_end:
                    if merged_kind[p + shift]:
                        value = -1 - item[p]
                        append(&out.v[1], &value, 4)
                    p += 1
                if c < first_slot[s + 1] - first_slot[s]:
                    if p < first_position[s + 1] and item[p] == SLOT and position[p, 1] == c:
                        p += 1
                    value = <int32_t>c
                    append(&out.v[1], &value, 4)
            append_long(&out.v[0], out.v[1].size // 4)
    return out.as_array(0, np.int64), out.as_array(1, np.int32)


cdef struct Tally:
    # Distinct values of one merged column: all together, and member by member.
    uint64_t *key
    int32_t *count
    int32_t *stamp
    int32_t round_
    double bits  # sum of c * log2(c)
    double distinct_bytes
    double bytes


cdef inline double clogc(int32_t c) noexcept nogil:
    return c * log2(c) if c > 1 else 0.0


cdef inline void tally(Tally *t, uint64_t h, int64_t size) noexcept nogil:
    cdef Py_ssize_t slot = (h ^ h >> 29) & (TABLE - 1)
    t.bytes += size
    while t.stamp[slot] == t.round_:
        if t.key[slot] == h:
            t.bits += clogc(t.count[slot] + 1) - clogc(t.count[slot])
            t.count[slot] += 1
            return
        slot = (slot + 1) & (TABLE - 1)
    t.stamp[slot] = t.round_
    t.key[slot] = h
    t.count[slot] = 1
    t.distinct_bytes += size + 1


cdef inline uint64_t hash_value(const uint8_t *p, int64_t n) noexcept nogil:
    cdef uint64_t h = 0x9E3779B97F4A7C15ULL ^ <uint64_t>n, word
    while n > 0:
        word = 0
        memcpy(&word, p, min(n, 8))
        h = (h ^ word) * 0xD6E8FEB86659FD93ULL
        h ^= h >> 32
        p += 8
        n -= 8
    return h


def merge_costs(
    batch, const int64_t[::1] order, const int64_t[::1] first_member,
    const int64_t[::1] row_order, const int64_t[::1] first_row,
    const int64_t[::1] first_source, const int32_t[::1] source, const int64_t[:, ::1] word, Py_ssize_t sample,
):
    """Estimate what the values of each group cost apart and merged.

    A column costs the less of its text, halved, and of a dictionary with the entropy of its
    numbers. Some ``sample`` records of a group are looked at, from every member.

    Parameters
    ----------
    order, first_member
        The structures of each group.
    row_order, first_row
        The records of each structure.
    word : (words, 2)
        Start and end of each distinct word in the constants.

    Returns
    -------
    new, mixed : ndarray of float64, shape (groups,)
        Bytes by which the columns that hold words grow, and those that were slots everywhere.
    """
    cdef bytes buffer = batch.buffer, constants = batch.structures.constants
    cdef const uint8_t *data = buffer
    cdef const uint8_t *text = constants
    cdef const int64_t[::1] first_value = batch.first_value
    cdef const int64_t[::1] start = batch.value_start
    cdef const int64_t[::1] end = batch.value_end
    cdef Py_ssize_t g, m, j, i, n_groups = first_member.shape[0] - 1, n_slots, take
    cdef int64_t s, rows, total, seen, seen_apart, v, low, size
    cdef uint64_t h
    cdef int32_t where
    cdef double scale, bits, apart_rows_log
    cdef Tally together, each
    new_array = np.zeros(n_groups)
    mixed_array = np.zeros(n_groups)
    cdef double[::1] new = new_array, mixed = mixed_array
    cdef double merged, apart
    tables = np.zeros((2, TABLE), np.uint64), np.zeros((2, TABLE), np.int32), np.zeros((2, TABLE), np.int32)
    cdef uint64_t[:, ::1] keys = tables[0]
    cdef int32_t[:, ::1] counts = tables[1], stamps = tables[2]
    together.key, together.count, together.stamp, together.round_ = &keys[0, 0], &counts[0, 0], &stamps[0, 0], 0
    each.key, each.count, each.stamp, each.round_ = &keys[1, 0], &counts[1, 0], &stamps[1, 0], 0
    with nogil:
        for g in range(n_groups):
            if first_member[g + 1] - first_member[g] < 2:
                continue
            total = 0
            for m in range(first_member[g], first_member[g + 1]):
                total += first_row[order[m] + 1] - first_row[order[m]]
            s = order[first_member[g]]
            n_slots = first_source[s + 1] - first_source[s]
            for j in range(n_slots):
                together.round_ += 1
                each.round_ += 1
                together.bits = together.bytes = together.distinct_bytes = 0
                each.bits = each.bytes = each.distinct_bytes = 0
                seen = seen_apart = 0
                apart_rows_log = 0
                for m in range(first_member[g], first_member[g + 1]):
                    s = order[m]
                    rows = first_row[s + 1] - first_row[s]
                    take = min(rows, max(1, rows * sample // total))
                    if seen + take > TABLE // 2:
                        break
                    where = source[first_source[s] + j]
                    if where < 0:
                        low, size = word[-1 - where, 0], word[-1 - where, 1] - word[-1 - where, 0]
                        h = hash_value(text + low, size)
                        for i in range(take):
                            tally(&together, h, size)
                    else:
                        for i in range(take):
                            v = first_value[row_order[first_row[s] + i * rows // take]] + where
                            h = hash_value(data + start[v], end[v] - start[v])
                            tally(&together, h, end[v] - start[v])
                            tally(&each, h + <uint64_t>m * 0x9E3779B97F4A7C15ULL, end[v] - start[v])
                        seen_apart += take
                        apart_rows_log += clogc(<int32_t>take)
                    seen += take
                scale = <double>total / seen if seen else 0
                bits = clogc(<int32_t>seen) - together.bits
                merged = min(scale * bits / 8 + together.distinct_bytes / 2, scale * together.bytes / 2)
                bits = apart_rows_log - each.bits
                apart = min(scale * bits / 8 + each.distinct_bytes / 2, scale * each.bytes / 2)
                if seen == seen_apart:
                    # The dictionaries of rare members are shared anyway, so less is not a gain.
                    mixed[g] += max(merged - apart, 0)
                else:
                    new[g] += merged - apart
    return new_array, mixed_array


def merge_table(
    table, const int64_t[::1] leads, const int64_t[::1] first_position, const int32_t[::1] item,
    const int64_t[:, ::1] position, const uint8_t[::1] merged_kind,
):
    """Build the arrays of the merged table: one structure for each of ``leads``.

    Returns
    -------
    tuple
        first_slot, kind, constants, constant_offset, message_start, message_end.
    """
    cdef Grown out = Grown()
    cdef bytes constants = table.constants
    cdef const uint8_t *text = constants
    cdef const int64_t[::1] first_slot = table.first_slot
    cdef const int64_t[::1] offset = table.constant_offset
    cdef const uint8_t[::1] kind = table.kind
    cdef const int32_t[:, ::1] message_end = np.ascontiguousarray(table.message_end)
    cdef Py_ssize_t t, c, p, slots
    cdef int64_t s, k, at, high, slot_count
    end_array = np.empty((leads.shape[0], 2), np.int32)
    cdef int32_t[:, ::1] new_end = end_array
    with nogil:
        append_long(&out.v[0], 0)
        append_long(&out.v[3], 0)
        for t in range(leads.shape[0]):
            s = leads[t]
            k = first_slot[s] + s
            slots = first_slot[s + 1] - first_slot[s]
            p = first_position[s]
            slot_count = 0
            for c in range(slots + 1):
                at, high = offset[k + c], offset[k + c + 1]
                while p < first_position[s + 1] and item[p] != SLOT and position[p, 0] < high:
                    if merged_kind[p]:
                        append(&out.v[2], text + at, position[p, 0] - at)
                        append_long(&out.v[3], out.v[2].size)
                        append_byte(&out.v[1], merged_kind[p])
                        slot_count += 1
                        at = position[p, 1]
                    p += 1
                append(&out.v[2], text + at, high - at)
                append_long(&out.v[3], out.v[2].size)
                if c == message_end[s, 0]:
                    # Words end where the message does at the latest, so `at` is not past it.
                    new_end[t, 0] = <int32_t>slot_count
                    new_end[t, 1] = <int32_t>(offset[k + c] + message_end[s, 1] - at)
                if c == slots:
                    break
                if p < first_position[s + 1] and item[p] == SLOT and position[p, 1] == c:
                    append_byte(&out.v[1], merged_kind[p])
                    p += 1
                else:
                    append_byte(&out.v[1], kind[first_slot[s] + c])
                slot_count += 1
            append_long(&out.v[0], out.v[1].size)
    return (
        out.as_array(0, np.int64), out.as_array(1, np.uint8), out.as_bytes(2),
        out.as_array(3, np.int64), np.asarray(table.message_start)[np.asarray(leads)], end_array,
    )


def merge_values(
    batch, const int64_t[::1] first_source, const int32_t[::1] source, const int64_t[:, ::1] word_value,
):
    """Build first_value, value_start and value_end of the merged batch.

    ``word_value`` is the place of each word in the buffer of the merged batch.
    """
    cdef const int32_t[::1] structure = batch.structure
    cdef const int64_t[::1] first_value = batch.first_value
    cdef const int64_t[::1] start = batch.value_start
    cdef const int64_t[::1] end = batch.value_end
    cdef Py_ssize_t n = structure.shape[0], r, j, s, v = 0
    first_array = np.zeros(n + 1, np.int64)
    cdef int64_t[::1] first = first_array
    with nogil:
        for r in range(n):
            s = structure[r]
            first[r + 1] = first[r] + first_source[s + 1] - first_source[s]
    start_array = np.empty(first[n], np.int64)
    end_array = np.empty(first[n], np.int64)
    cdef int64_t[::1] new_start = start_array, new_end = end_array
    with nogil:
        for r in range(n):
            s = structure[r]
            for j in range(first_source[s], first_source[s + 1]):
                if source[j] < 0:
                    new_start[v] = word_value[-1 - source[j], 0]
                    new_end[v] = word_value[-1 - source[j], 1]
                else:
                    new_start[v] = start[first_value[r] + source[j]]
                    new_end[v] = end[first_value[r] + source[j]]
                v += 1
    return first_array, start_array, end_array
