# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True
# cython: initializedcheck=False
"""Kernels over numbers: decimal text to uint64 and back, varints. All release the GIL."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from libc.stdint cimport int64_t, uint8_t, uint64_t

import numpy as np

cdef enum:
    MAX_DIGITS = 19  # 10**19 - 1 < 2**64


def parse_decimals(const uint8_t[::1] buffer, const int64_t[::1] start, const int64_t[::1] end):
    """Return (numbers, width, fraction) where every span is a decimal number, else ``None``.

    ``fraction`` digits follow a point (none for 0, and then there is no point), the same in
    every span; printing each number zero-padded to ``width`` digits, point set, gives its span
    back.
    """
    cdef Py_ssize_t n = start.shape[0], i
    cdef int64_t k, digits, point, fraction = -1, width = 0, shortest = 1 << 20
    cdef uint64_t number
    cdef uint8_t c
    cdef bint ok = n > 0
    out_array = np.empty(n, dtype=np.uint64)
    cdef uint64_t[::1] out = out_array
    with nogil:
        for i in range(n):
            number = 0
            digits = 0
            point = -1
            for k in range(start[i], end[i]):
                c = buffer[k]
                if 48 <= c <= 57:
                    number = number * 10 + (c - 48)
                    digits += 1
                elif c == 46 and point < 0 and digits > 0:
                    point = digits
                else:
                    ok = False
                    break
                if digits > MAX_DIGITS:
                    ok = False
                    break
            point = 0 if point < 0 else (digits - point if digits > point else -2)
            if fraction < 0:
                fraction = point
            if not ok or digits == 0 or point != fraction or point < 0:
                ok = False
                break
            if digits < shortest:
                shortest = digits
            if digits > fraction + 1 and buffer[start[i]] == 48:
                if width and width != digits:
                    ok = False
                    break
                width = digits
            out[i] = number
        if ok and width == 0:
            width = fraction + 1
        if shortest < width:
            ok = False
    return (out_array, width, fraction) if ok else None


cdef inline int digits_of(uint64_t number) noexcept nogil:
    cdef int digits = 1
    while number >= 10000:
        number //= 10000
        digits += 4
    if number >= 1000:
        return digits + 3
    if number >= 100:
        return digits + 2
    if number >= 10:
        return digits + 1
    return digits


def format_decimals(const uint64_t[::1] numbers, int64_t width, int64_t fraction):
    """Return (text, start, end): the inverse of `parse_decimals`.

    ``0 <= fraction < width <= 20`` must have been checked.
    """
    cdef Py_ssize_t n = numbers.shape[0], i
    start_array = np.empty(n, dtype=np.int64)
    end_array = np.empty(n, dtype=np.int64)
    cdef int64_t[::1] start = start_array, end = end_array
    cdef int64_t total = 0, size, k, left
    cdef uint64_t number
    with nogil:
        for i in range(n):
            size = digits_of(numbers[i])
            if size < width:
                size = width
            if fraction:
                size += 1
            start[i] = total
            total += size
            end[i] = total
    out = PyBytes_FromStringAndSize(NULL, total)
    cdef uint8_t *text = <uint8_t *>PyBytes_AS_STRING(out)
    with nogil:
        for i in range(n):
            number = numbers[i]
            k = end[i]
            left = fraction
            while left > 0:
                k -= 1
                text[k] = 48 + number % 10
                number //= 10
                left -= 1
            if fraction:
                k -= 1
                text[k] = 46
            while k > start[i]:
                k -= 1
                text[k] = 48 + number % 10
                number //= 10
    return out, start_array, end_array


def encode_varints(const uint64_t[::1] numbers):
    """Return the numbers as LEB128 varints."""
    cdef Py_ssize_t n = numbers.shape[0], i
    cdef int64_t total = 0
    cdef uint64_t number
    with nogil:
        for i in range(n):
            number = numbers[i]
            total += 1
            while number >= 128:
                number >>= 7
                total += 1
    out = PyBytes_FromStringAndSize(NULL, total)
    cdef uint8_t *target = <uint8_t *>PyBytes_AS_STRING(out)
    with nogil:
        for i in range(n):
            number = numbers[i]
            while number >= 128:
                target[0] = <uint8_t>(number | 128)
                target += 1
                number >>= 7
            target[0] = <uint8_t>number
            target += 1
    return out


def decode_varints(const uint8_t[::1] data, Py_ssize_t n):
    """Return the ``n`` varints that ``data`` holds; ValueError where it isn't exactly that."""
    out_array = np.empty(n, dtype=np.uint64)
    cdef uint64_t[::1] out = out_array
    cdef Py_ssize_t i, position = 0, size = data.shape[0]
    cdef int shift
    cdef uint64_t number
    cdef uint8_t c
    cdef bint ok = True
    with nogil:
        for i in range(n):
            number = 0
            shift = 0
            while True:
                if position >= size or shift > 63:
                    ok = False
                    break
                c = data[position]
                position += 1
                number |= (<uint64_t>(c & 127)) << shift
                shift += 7
                if c < 128:
                    break
            if not ok:
                break
            out[i] = number
    if not ok or position != size:
        raise ValueError(f"{size} bytes do not hold {n} varints")
    return out_array


def byte_planes(const uint64_t[::1] numbers, int width):
    """Return the lowest ``width`` bytes of the numbers, one bytes object for each place."""
    cdef Py_ssize_t n = numbers.shape[0], i
    cdef int plane
    cdef uint8_t *target
    found = []
    for plane in range(width):
        part = PyBytes_FromStringAndSize(NULL, n)
        target = <uint8_t *>PyBytes_AS_STRING(part)
        with nogil:
            for i in range(n):
                target[i] = <uint8_t>(numbers[i] >> (8 * plane))
        found.append(part)
    return found


def join_planes(list planes, Py_ssize_t n, uint64_t least):
    """Return the ``n`` numbers whose bytes, lowest first, are in ``planes``, each plus ``least``.

    ValueError where a plane holds more or fewer.
    """
    out_array = np.empty(n, dtype=np.uint64)
    cdef uint64_t[::1] out = out_array
    cdef const uint8_t *plane
    cdef bytes data
    cdef Py_ssize_t i
    cdef int shift = 0
    for data in planes:
        if len(data) != n:
            raise ValueError(f"a byte plane does not hold {n} numbers")
        plane = <const uint8_t *>PyBytes_AS_STRING(data)
        with nogil:
            if shift == 0:
                for i in range(n):
                    out[i] = least + plane[i]
            else:
                for i in range(n):
                    out[i] += <uint64_t>plane[i] << shift
        shift += 8
    return out_array


def integrate(const uint64_t[::1] small, uint64_t first, uint64_t difference, bint twice):
    """Return the numbers whose first one is ``first`` and whose zigzag differences are ``small``.

    ``twice``: these are the differences of the differences, of which ``difference`` is the first.
    """
    cdef Py_ssize_t n = small.shape[0], i
    out_array = np.empty(n + (2 if twice else 1), dtype=np.uint64)
    cdef uint64_t[::1] out = out_array
    cdef uint64_t number = first, step = difference
    out[0] = first
    with nogil:
        if twice:
            number += step
            out[1] = number
            for i in range(n):
                step += (small[i] >> 1) ^ (0 - (small[i] & 1))
                number += step
                out[i + 2] = number
        else:
            for i in range(n):
                number += (small[i] >> 1) ^ (0 - (small[i] & 1))
                out[i + 1] = number
    return out_array
