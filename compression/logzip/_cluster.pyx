# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""The loops of iterative clustering: linear in the bytes of the structures, no object per pair.

A *position* of a structure is a word of its message's constants or a slot of kind TOKEN or WORD
in its message: what may become, or stay, a slot of a merged structure. `read_positions` finds
them and `assign` groups structures by them. What a group is worth, and its merging, is in
`_merge`; what is decided from the numbers is in `cluster`.
"""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint64_t
from libc.stdlib cimport free, malloc, realloc
from libc.string cimport memcpy, memset

import numpy as np

cdef enum:
    TOKEN = 1
    WORD = 5

    SLOT = -1  # what a template of a group has at a place: a slot in every member,
    VARIES = -2  # or not the same in all of them; a number from 0 is a word

    SAMPLE = 48  # structures that open groups in one round
    ROUNDS = 16

cdef uint8_t BREAKS[256]


cdef void fill_breaks():
    cdef int byte
    for byte in range(256):
        BREAKS[byte] = byte <= 0x20 or byte == 0x7F or byte in b"\"'()[]{}<>,;=|&?`:"


fill_breaks()


include "_grown.pxi"


cdef inline bint word_at(const uint8_t *text, int64_t at, int64_t end, int64_t *start, int64_t *stop) noexcept nogil:
    """Find the word of the run that begins at ``at``; False when nothing is left of it.

    The rule of the scan's tokens: leading ``/`` and trailing ``.`` are not part of a token.
    """
    cdef int64_t p = at
    while p < end and not BREAKS[text[p]]:
        p += 1
    start[0] = at
    stop[0] = p
    while start[0] < p and text[start[0]] == 47:
        start[0] += 1
    while stop[0] > start[0] and text[stop[0] - 1] == 46:
        stop[0] -= 1
    return stop[0] > start[0]


def word_end(bytes text, Py_ssize_t at):
    """Return where the word that begins at ``text[at]`` ends."""
    cdef int64_t start, stop
    word_at(text, at, len(text), &start, &stop)
    return stop


def read_positions(table, const int32_t[::1] groups):
    """Find the positions of every structure, and what must be equal for two to be merged.

    Returns
    -------
    skeleton, skeleton_edge : bytes and ndarray of int64, shape (S + 1,)
        The group, everything outside the message as it is, and the message with one mark for
        each position: its delimiters, their number and order.
    first_position : ndarray of int64, shape (S + 1,)
    position : ndarray of int64, shape (P, 2)
        Start and end of a word in ``table.constants``, or -1 and the slot's number.
    """
    cdef Grown out = Grown()
    cdef bytes constants = table.constants
    cdef const uint8_t *text = constants
    cdef const int64_t[::1] first_slot = table.first_slot
    cdef const int64_t[::1] offset = table.constant_offset
    cdef const uint8_t[::1] kind = table.kind
    cdef const int32_t[:, ::1] message_start = np.ascontiguousarray(table.message_start)
    cdef const int32_t[:, ::1] message_end = np.ascontiguousarray(table.message_end)
    cdef Py_ssize_t n = first_slot.shape[0] - 1, s, c, k, slots, first, last
    cdef int64_t low, high, start, stop
    cdef int slot_kind
    with nogil:
        append_long(&out.v[1], 0)
        append_long(&out.v[2], 0)
        for s in range(n):
            append(&out.v[0], &groups[s], 4)
            k = first_slot[s] + s
            slots = first_slot[s + 1] - first_slot[s]
            first, last = message_start[s, 0], message_end[s, 0]
            low = offset[k + first] + message_start[s, 1]
            high = max(offset[k + last] + message_end[s, 1], low)
            # What lies outside comes first, with lengths, so that no two texts look alike.
            append_long(&out.v[0], first)
            append_long(&out.v[0], slots - last)
            for c in range(slots + 1):
                start, stop = offset[k + c], offset[k + c + 1]
                if c <= first:
                    add_outside(out, text, start, min(stop, low))
                if c >= last:
                    add_outside(out, text, max(start, high), stop)
                if c < slots and not first <= c < last:
                    append_byte(&out.v[0], 97 + kind[first_slot[s] + c])
            for c in range(first, last + 1):
                add_words(out, text, max(offset[k + c], low), min(offset[k + c + 1], high))
                if c == last:
                    break
                slot_kind = kind[first_slot[s] + c]
                if slot_kind == TOKEN or slot_kind == WORD:
                    append_byte(&out.v[0], 87)
                    append_long(&out.v[3], -1)
                    append_long(&out.v[3], c)
                else:
                    append_byte(&out.v[0], 97 + slot_kind)
            append_long(&out.v[1], out.v[0].size)
            append_long(&out.v[2], out.v[3].size // 16)
    return (
        out.as_bytes(0), out.as_array(1, np.int64), out.as_array(2, np.int64),
        out.as_array(3, np.int64).reshape(-1, 2),
    )


cdef int add_outside(Grown out, const uint8_t *text, int64_t start, int64_t end) except -1 nogil:
    append_long(&out.v[0], end - start)
    append(&out.v[0], text + start, end - start)
    return 0


cdef int add_words(Grown out, const uint8_t *text, int64_t at, int64_t end) except -1 nogil:
    """Append the words of a stretch of the message, and its skeleton."""
    cdef int64_t start, stop
    while at < end:
        if BREAKS[text[at]]:
            append_byte(&out.v[0], text[at])
            at += 1
            continue
        if word_at(text, at, end, &start, &stop):
            append(&out.v[0], text + at, start - at)
            append_byte(&out.v[0], 87)
            append_long(&out.v[3], start)
            append_long(&out.v[3], stop)
            at = stop
        while at < end and not BREAKS[text[at]]:
            append_byte(&out.v[0], text[at])
            at += 1
    return 0


def frequent_word(const int64_t[::1] first_position, const int32_t[::1] item, const int32_t[::1] division):
    """Return for each structure the word that most structures of its division share.

    The answer is one number for a division, a place in it and a word there; -1 when all its
    words are its own. Of equally frequent words the first one counts.
    """
    cdef Py_ssize_t n = first_position.shape[0] - 1, s, p, mask = 1023, slot
    cdef uint64_t h
    cdef int64_t best
    while mask < 2 * item.shape[0]:
        mask = 2 * mask + 1
    result = np.full(n, -1, np.int64)
    cdef int64_t[::1] out = result
    count_array = np.zeros(mask + 1, np.int32)
    key_array = np.zeros((mask + 1, 3), np.int32)
    where_array = np.empty(item.shape[0], np.int64)
    cdef int32_t[::1] count = count_array
    cdef int32_t[:, ::1] key = key_array
    cdef int64_t[::1] where = where_array
    with nogil:
        for s in range(n):
            for p in range(first_position[s], first_position[s + 1]):
                where[p] = -1
                if item[p] < 0:
                    continue
                h = <uint64_t>division[s] * 0x9E3779B97F4A7C15ULL + <uint64_t>(p - first_position[s])
                h = (h ^ <uint64_t>item[p] << 20 ^ h >> 31) * 0xD6E8FEB86659FD93ULL
                slot = (h ^ h >> 32) & mask
                while count[slot] and not (
                    key[slot, 0] == division[s] and key[slot, 1] == p - first_position[s] and key[slot, 2] == item[p]
                ):
                    slot = (slot + 1) & mask
                key[slot, 0], key[slot, 1], key[slot, 2] = division[s], <int32_t>(p - first_position[s]), item[p]
                count[slot] += 1
                where[p] = slot
        for s in range(n):
            best = 1
            for p in range(first_position[s], first_position[s + 1]):
                if where[p] >= 0 and count[where[p]] > best:
                    best = count[where[p]]
                    out[s] = where[p]
    return result


cdef inline bint alike(const int32_t *template, const int32_t *words, Py_ssize_t n, double share) noexcept nogil:
    """Say whether enough of the words of a structure are those of a group's template."""
    cdef Py_ssize_t i, agree = 0, total = 0
    for i in range(n):
        if template[i] == SLOT and words[i] == SLOT:
            continue
        total += 1
        agree += template[i] == words[i]
    return agree >= share * total


cdef inline void widen(int32_t *template, const int32_t *words, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        if template[i] != words[i]:
            template[i] = VARIES


def assign(
    const int64_t[::1] first_position, const int32_t[::1] item,
    const int64_t[::1] order, const int64_t[::1] first_member, double share,
):
    """Group the structures of each division: sample, open groups, match the rest, again.

    ``order[first_member[d]:first_member[d + 1]]`` are the members of division ``d``, which all
    have the same number of positions.

    Returns
    -------
    group : ndarray of int32, shape (S,)
        Groups are numbered in order of creation.
    """
    cdef Py_ssize_t n = first_position.shape[0] - 1, d, i, left, kept, before, n_positions, sample, stride, round_
    cdef int32_t n_groups = 0, g, opened
    cdef int64_t s
    cdef int32_t *template
    cdef const int32_t *words
    cdef bint found
    group_array = np.full(n, -1, np.int32)
    rest_array = np.array(order)
    cdef int32_t[::1] group = group_array
    cdef int64_t[::1] rest_of_all = rest_array
    cdef int64_t *rest
    cdef Py_ssize_t longest = 1
    for i in range(n):
        longest = max(longest, first_position[i + 1] - first_position[i])
    template = <int32_t *>malloc(SAMPLE * longest * sizeof(int32_t))
    if template == NULL:
        raise MemoryError
    with nogil:
        for d in range(first_member.shape[0] - 1):
            left = first_member[d + 1] - first_member[d]
            if left == 0:
                continue
            rest = &rest_of_all[first_member[d]]
            n_positions = first_position[rest[0] + 1] - first_position[rest[0]]
            for round_ in range(ROUNDS):
                # A sample opens groups ...
                opened = 0
                sample = min(left, SAMPLE)
                for i in range(sample):
                    words = &item[0] + first_position[rest[i * left // sample]]
                    found = False
                    for g in range(opened):
                        if alike(template + g * n_positions, words, n_positions, share):
                            widen(template + g * n_positions, words, n_positions)
                            found = True
                            break
                    if not found:
                        memcpy(template + opened * n_positions, words, n_positions * sizeof(int32_t))
                        opened += 1
                # ... and all structures that are left are matched against them.
                kept = 0
                before = left
                for i in range(left):
                    s = rest[i]
                    words = &item[0] + first_position[s]
                    for g in range(opened):
                        if alike(template + g * n_positions, words, n_positions, share):
                            widen(template + g * n_positions, words, n_positions)
                            group[s] = n_groups + g
                            break
                    if group[s] < 0:
                        rest[kept] = s
                        kept += 1
                n_groups += opened
                left = kept
                # Nearly nothing but the sample itself was matched: what is left is all unlike.
                if left == 0 or before - left < 2 * opened:
                    break
            for i in range(left):
                group[rest[i]] = n_groups
                n_groups += 1
    free(template)
    return group_array
