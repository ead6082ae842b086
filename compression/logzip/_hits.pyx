# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Which values of a column pass a test, and which records then hold a pattern.

A test is a part of the pattern and how it must lie in the value (`_match.Mode`). Answers are a
byte for each value. Columns are tested as they are stored: numbers as numbers, a text as one.
"""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint64_t
from libc.stdlib cimport calloc, free
from libc.string cimport memchr, memcmp

import numpy as np

from logzip._match import Mode, Verdict

cdef extern from *:
    """
    #include <string.h>
    #include <stdint.h>
    void *memmem(const void *, size_t, const void *, size_t);
    """
    void *memmem(const void *, size_t, const void *, size_t) noexcept nogil

cdef enum:
    CONTAINS = 0
    PREFIX = 1
    SUFFIX = 2
    EQUAL = 3
    NEVER = 0
    BY_VALUES = 2
    MAX_DIGITS = 24  # twenty, and a point

assert (Mode.CONTAINS, Mode.PREFIX, Mode.SUFFIX, Mode.EQUAL) == (CONTAINS, PREFIX, SUFFIX, EQUAL)
assert (Verdict.NEVER, Verdict.BY_VALUES) == (NEVER, BY_VALUES)


cdef inline bint lies(
    const uint8_t *value, int64_t n, const uint8_t *part, int64_t m, int mode
) noexcept nogil:
    """Tell whether the part lies in a value as the mode says."""
    cdef int64_t i
    if m > n or (mode == EQUAL and m != n):
        return False
    if mode == PREFIX or mode == EQUAL:
        return memcmp(value, part, m) == 0
    if mode == SUFFIX:
        return memcmp(value + n - m, part, m) == 0
    if n > 64:
        return memmem(value, n, part, m) != NULL
    for i in range(n - m + 1):
        if value[i] == part[0] and memcmp(value + i, part, m) == 0:
            return True
    return False


def number_hits(
    const uint64_t[::1] numbers, int64_t width, int64_t fraction, bytes part, int mode
):
    """Return which numbers, printed as `_numbers.format_decimals` does, pass the test.

    ``part`` holds a byte at least. None without one.
    """
    cdef Py_ssize_t n = numbers.shape[0], i
    cdef const uint8_t *wanted = part
    cdef int64_t m = len(part), k, left
    cdef uint64_t number, least = 0
    cdef uint8_t text[MAX_DIGITS]
    cdef bint found = False
    # A number that holds the digits of another one is not smaller.
    digits = part.replace(b".", b"")
    if len(digits) <= 19:
        least = int(digits or b"0")
    hits_array = np.zeros(n, np.uint8)
    cdef uint8_t[::1] hits = hits_array
    with nogil:
        for i in range(n):
            number = numbers[i]
            if number < least:
                continue
            k = MAX_DIGITS
            for left in range(fraction):
                k -= 1
                text[k] = <uint8_t>(48 + number % 10)
                number //= 10
            if fraction:
                k -= 1
                text[k] = 46
            left = width - fraction
            while number or left > 0:
                k -= 1
                text[k] = <uint8_t>(48 + number % 10)
                number //= 10
                left -= 1
            if lies(&text[k], MAX_DIGITS - k, wanted, m, mode):
                hits[i] = 1
                found = True
    return hits_array if found else None


def text_hits(bytes text, Py_ssize_t n, int terminator, bytes part, int mode):
    """Return which of the ``n`` values that ``text`` is made of pass the test. None without one.

    Each value ends with the byte ``terminator``. ValueError where there are not so many.
    """
    cdef const uint8_t *base = text
    cdef const uint8_t *wanted = part
    cdef const uint8_t *stop = base + len(text)
    cdef const uint8_t *at = base
    cdef const uint8_t *begin = base  # of the value that is looked at
    cdef const uint8_t *end
    cdef int64_t m = len(part)
    cdef Py_ssize_t number = 0
    cdef bint found = False, ok = True
    if terminator in part or m == 0:
        return None
    if memmem(base, len(text), wanted, m) == NULL:
        return None
    hits_array = np.zeros(n, np.uint8)
    cdef uint8_t[::1] hits = hits_array
    with nogil:
        while True:
            at = <const uint8_t *>memmem(at, stop - at, wanted, m)
            if at == NULL:
                break
            while True:  # to the value in which this place is
                end = <const uint8_t *>memchr(begin, terminator, stop - begin)
                if end == NULL or number >= n:
                    ok = False
                    break
                if end >= at:
                    break
                begin = end + 1
                number += 1
            if not ok:
                break
            if lies(begin, end - begin, wanted, m, mode):
                hits[number] = 1
                found = True
            at = begin = end + 1
            number += 1
    if not ok:
        raise ValueError(f"a text of {len(text)} bytes does not hold {n} values")
    return hits_array if found else None


def span_hits(
    const uint8_t[::1] buffer, const int64_t[::1] start, const int64_t[::1] end, bytes part, int mode
):
    """Return which spans ``buffer[start:end]`` pass the test. None without one."""
    cdef Py_ssize_t n = start.shape[0], i
    cdef const uint8_t *data = &buffer[0] if buffer.shape[0] else NULL
    cdef const uint8_t *wanted = part
    cdef int64_t m = len(part)
    cdef bint found = False
    hits_array = np.zeros(n, np.uint8)
    cdef uint8_t[::1] hits = hits_array
    with nogil:
        for i in range(n):
            if lies(data + start[i], end[i] - start[i], wanted, m, mode):
                hits[i] = 1
                found = True
    return hits_array if found else None


def fixed_hits(const uint8_t[:, ::1] texts, bytes part, const uint8_t[::1] fixed, const int64_t[::1] places):
    """Return the texts of one length that hold the part at one of some places.

    Only bytes at which ``fixed`` is set are compared.
    """
    cdef Py_ssize_t n = texts.shape[0], i, k, p
    cdef const uint8_t *wanted = part
    cdef int64_t m = len(part), place
    cdef bint same
    hits_array = np.zeros(n, np.uint8)
    cdef uint8_t[::1] hits = hits_array
    with nogil:
        for i in range(n):
            for p in range(places.shape[0]):
                place = places[p]
                same = True
                for k in range(m):
                    if fixed[place + k] and texts[i, place + k] != wanted[k]:
                        same = False
                        break
                if same:
                    hits[i] = 1
                    break
    return hits_array


cdef struct Tested:
    const uint8_t *hits
    int64_t n


def narrow_by_hits(
    found, const int32_t[::1] structure, const int64_t[::1] first_slot,
    const int32_t[::1] column_of_slot, list hits, const int64_t[::1] test_of_term, uint8_t[::1] mask,
):
    """Clear ``mask`` at each record of a structure without hits, or of which no alignment holds.

    ``hits[test_of_term[t]]`` says of each value in the column of term t's slot whether it passes. An
    alignment that is left in the plan has no test without hits. Structures and the columns of slots
    must have been checked; ValueError where a column has too few values.
    """
    cdef const uint8_t[::1] verdict = found.verdict
    cdef const int64_t[::1] first_alignment = found.first_alignment
    cdef const int32_t[::1] first_term = found.first_term
    cdef const int32_t[:, ::1] terms = found.terms
    cdef Py_ssize_t n = structure.shape[0], n_terms = terms.shape[0], r, s, a, t, k
    cdef const uint8_t[::1] view
    cdef bint hit, ok = True
    owner = np.repeat(np.asarray(first_slot)[:-1], np.diff(found.first_term[found.first_alignment]))
    slot_of_term = owner + found.terms[:, 0]
    columns = np.unique(np.asarray(column_of_slot)[slot_of_term])
    slots_array = np.flatnonzero(np.isin(column_of_slot, columns))
    cdef const int64_t[::1] slots = slots_array
    cdef const int64_t[::1] first_tested = np.searchsorted(slots_array, first_slot)
    # The place of each tested slot's value in its column, for the record at hand.
    at_array = np.zeros(column_of_slot.shape[0] + 1, np.int64)
    cdef int64_t[::1] at = at_array
    cursor_array = np.zeros(int(columns[-1]) + 1 if len(columns) else 1, np.int64)
    cdef int64_t[::1] cursor = cursor_array
    cdef Tested *tests = <Tested *>calloc(n_terms + 1, sizeof(Tested))
    if tests == NULL:
        raise MemoryError
    try:
        for t in range(n_terms):
            view = hits[test_of_term[t]]
            tests[t].hits = &view[0] if view.shape[0] else NULL
            tests[t].n = view.shape[0]
        with nogil:
            for r in range(n):
                s = structure[r]
                for k in range(first_tested[s], first_tested[s + 1]):
                    at[slots[k]] = cursor[column_of_slot[slots[k]]]
                    cursor[column_of_slot[slots[k]]] += 1
                if verdict[s] != BY_VALUES or not mask[r]:
                    mask[r] &= verdict[s] != NEVER
                    continue
                hit = False
                for a in range(first_alignment[s], first_alignment[s + 1]):
                    hit = True
                    for t in range(first_term[a], first_term[a + 1]):
                        k = at[first_slot[s] + terms[t, 0]]
                        if k >= tests[t].n:
                            ok = False
                            break
                        if not tests[t].hits[k]:
                            hit = False
                            break
                    if hit or not ok:
                        break
                mask[r] = hit
                if not ok:
                    break
    finally:
        free(tests)
    if not ok:
        raise ValueError("columns do not match the structures")
