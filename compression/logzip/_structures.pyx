# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True
# cython: initializedcheck=False
"""Kernels for structure tables and structure ids. All release the GIL.

A table is one text: constants with a control byte for each slot and each message mark, so that
the entropy coder sees the structures as the text they are.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from libc.stdint cimport int32_t, int64_t, uint8_t, uint64_t

import numpy as np

cdef enum:
    END = 0  # of a structure; 1 to 5 are slots of that kind
    LAST_KIND = 5
    ESCAPE = 6  # the next byte is meant as it stands
    MESSAGE_START = 7
    MESSAGE_END = 8
    FIRST_PLAIN = 9
    NEW = 0  # codes of the id stream: the next structure not seen yet
    FAR = 255  # a structure that is not among the frequent ones


def encode_table(
    const int64_t[::1] first_slot, const uint8_t[::1] kind, const uint8_t[::1] constants,
    const int64_t[::1] offset, const int32_t[:, ::1] message_start,
    const int32_t[:, ::1] message_end,
):
    """Return the table as text; ValueError where a mark lies outside its structure."""
    cdef Py_ssize_t n = first_slot.shape[0] - 1, s
    cdef int64_t size = 4 * n + kind.shape[0], k, slot, position, marks = 0, out = 0
    cdef uint8_t c
    cdef int32_t piece
    for k in range(constants.shape[0]):
        size += 2 if constants[k] < FIRST_PLAIN else 1
    text_array = np.empty(size, dtype=np.uint8)
    cdef uint8_t[::1] text = text_array
    with nogil:
        for s in range(n):
            piece = 0
            for slot in range(first_slot[s], first_slot[s + 1] + 1):
                for k in range(offset[slot + s], offset[slot + s + 1] + 1):
                    position = k - offset[slot + s]
                    if message_start[s, 0] == piece and message_start[s, 1] == position:
                        text[out] = MESSAGE_START
                        out += 1
                        marks += 1
                    if message_end[s, 0] == piece and message_end[s, 1] == position:
                        text[out] = MESSAGE_END
                        out += 1
                        marks += 1
                    if k == offset[slot + s + 1]:
                        break
                    c = constants[k]
                    if c < FIRST_PLAIN:
                        text[out] = ESCAPE
                        out += 1
                    text[out] = c
                    out += 1
                if slot < first_slot[s + 1]:
                    text[out] = kind[slot]
                    out += 1
                piece += 1
            text[out] = END
            out += 1
            if marks != 2 * (s + 1):
                break
    if marks != 2 * n:
        raise ValueError("a message mark lies outside its structure")
    return text_array[:out].tobytes()


def decode_table(const uint8_t[::1] text, Py_ssize_t n):
    """Return (first_slot, kind, constants, offset, message_start, message_end)."""
    cdef int64_t size = text.shape[0], k, slots = 0, out = 0, piece_start = 0
    cdef Py_ssize_t s = 0
    cdef int32_t piece = 0
    cdef uint8_t c
    cdef bint ok = True
    first_array = np.zeros(n + 1, dtype=np.int64)
    kind_array = np.empty(size, dtype=np.uint8)
    offset_array = np.empty(size + n + 1, dtype=np.int64)
    start_array = np.full((n, 2), -1, dtype=np.int32)
    end_array = np.full((n, 2), -1, dtype=np.int32)
    constants = PyBytes_FromStringAndSize(NULL, size)
    cdef uint8_t *target = <uint8_t *>PyBytes_AS_STRING(constants)
    cdef int64_t[::1] first = first_array, offset = offset_array
    cdef uint8_t[::1] kind = kind_array
    cdef int32_t[:, ::1] start = start_array, end = end_array
    offset[0] = 0
    with nogil:
        k = 0
        while k < size:
            if s >= n:
                ok = False
                break
            c = text[k]
            k += 1
            if c >= FIRST_PLAIN or c == ESCAPE:
                if c == ESCAPE:
                    if k >= size or text[k] >= FIRST_PLAIN:
                        ok = False
                        break
                    c = text[k]
                    k += 1
                target[out] = c
                out += 1
            elif c == MESSAGE_START:
                if start[s, 0] >= 0:
                    ok = False
                    break
                start[s, 0] = piece
                start[s, 1] = <int32_t>(out - piece_start)
            elif c == MESSAGE_END:
                if end[s, 0] >= 0:
                    ok = False
                    break
                end[s, 0] = piece
                end[s, 1] = <int32_t>(out - piece_start)
            else:
                offset[slots + s + 1] = out
                piece_start = out
                if c == END:
                    if start[s, 0] < 0 or end[s, 0] < 0:
                        ok = False
                        break
                    s += 1
                    first[s] = slots
                    piece = 0
                else:
                    kind[slots] = c
                    slots += 1
                    piece += 1
    if not ok or s != n or (size and text[size - 1] != END):
        raise ValueError(f"the structure table does not hold {n} structures")
    return (
        first_array, kind_array[:slots].copy(), constants[:out],
        offset_array[:slots + n + 1].copy(), start_array, end_array,
    )


def encode_structure_ids(const int32_t[::1] structure, const uint8_t[::1] code):
    """Return (codes, far): a byte for each record, and the ids of those coded ``FAR``.

    ``code[s]`` is the byte of structure ``s`` after its first appearance.
    """
    cdef Py_ssize_t n = structure.shape[0], i
    cdef int64_t known = 0, n_far = 0
    out_array = np.empty(n, dtype=np.uint8)
    far_array = np.empty(n, dtype=np.uint64)
    cdef uint8_t[::1] out = out_array
    cdef uint64_t[::1] far = far_array
    with nogil:
        for i in range(n):
            if structure[i] == known:
                known += 1
                out[i] = NEW
                continue
            out[i] = code[structure[i]]
            if out[i] == FAR:
                far[n_far] = structure[i]
                n_far += 1
    return out_array, far_array[:n_far].copy()


def decode_structure_ids(
    const uint8_t[::1] codes, const uint64_t[::1] far, const uint64_t[::1] frequent,
    int64_t n_structures,
):
    """Return the structure of each record; ValueError where codes and ids don't fit."""
    cdef Py_ssize_t n = codes.shape[0], i
    cdef int64_t known = 0, n_far = 0, value
    cdef bint ok = True
    cdef int32_t of_code[256]
    out_array = np.empty(n, dtype=np.int32)
    cdef int32_t[::1] out = out_array
    for i in range(256):
        of_code[i] = -1
        if 0 < i < FAR and i <= frequent.shape[0] and frequent[i - 1] < <uint64_t>n_structures:
            of_code[i] = <int32_t>frequent[i - 1]
    with nogil:
        for i in range(n):
            value = of_code[codes[i]]
            if value < 0:
                if codes[i] == NEW:
                    value = known
                    known += 1
                elif codes[i] == FAR and n_far < far.shape[0]:
                    value = <int64_t>far[n_far] if far[n_far] < <uint64_t>n_structures else -1
                    n_far += 1
                if value < 0 or value >= n_structures:
                    ok = False
                    break
            out[i] = <int32_t>value
    if not ok or n_far != far.shape[0]:
        raise ValueError("the structure ids do not match the table")
    return out_array


def slot_contexts(const int64_t[::1] first_slot, const uint8_t[::1] constants,
                  const int64_t[::1] offset):
    """Return a hash for each slot of the literal before it: what slots are pooled by.

    The literal is the constant's last word with what follows it; a constant without a word
    counts together with the slot before.
    """
    cdef Py_ssize_t n = first_slot.shape[0] - 1, s
    cdef int64_t slot, k, low
    cdef uint64_t h
    cdef bint word
    cdef uint8_t c
    out_array = np.empty(first_slot[n], dtype=np.uint64)
    cdef uint64_t[::1] out = out_array
    with nogil:
        for s in range(n):
            for slot in range(first_slot[s], first_slot[s + 1]):
                low = offset[slot + s]
                k = offset[slot + s + 1]
                h = <uint64_t>0x9E3779B97F4A7C15
                word = False
                while k > low:
                    c = constants[k - 1]
                    if 65 <= (c & 0xDF) <= 90 or c == 95 or c == 45 or c >= 128:
                        word = True
                    elif word:
                        break
                    h = (h ^ c) * <uint64_t>0x100000001B3
                    k -= 1
                if not word and slot > first_slot[s]:
                    h = (h ^ out[slot - 1]) * <uint64_t>0xD6E8FEB86659FD93
                out[slot] = h ^ (h >> 31)
    return out_array
