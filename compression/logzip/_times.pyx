# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True
# cython: initializedcheck=False
"""The compiled renderer of timestamps. It releases the GIL."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from libc.stdint cimport int64_t, uint8_t
from libc.string cimport memcmp, memcpy

import numpy as np

cdef enum:
    LITERAL = 0
    YEAR = 1
    YEAR2 = 2
    MONTH = 3
    MONTH_NAME = 4
    DAY = 5
    DAY_PADDED = 6
    WEEKDAY = 7
    HOUR = 8
    MINUTE = 9
    SECOND = 10
    FRACTION = 11
    EPOCH = 12

cdef const char *MONTHS = b"JanFebMarAprMayJunJulAugSepOctNovDec"
cdef const char *DAYS = b"SunMonTueWedThuFriSat"
SIZES = {
    YEAR: 4, YEAR2: 2, MONTH: 2, MONTH_NAME: 3, DAY: 2, DAY_PADDED: 2, WEEKDAY: 3, HOUR: 2,
    MINUTE: 2, SECOND: 2, EPOCH: 10,
}
DIRECTIVES = {
    "%Y": YEAR, "%y": YEAR2, "%m": MONTH, "%b": MONTH_NAME, "%d": DAY, "%e": DAY_PADDED,
    "%a": WEEKDAY, "%H": HOUR, "%M": MINUTE, "%S": SECOND, "%f": FRACTION, "%s": EPOCH,
}


cdef inline void put(uint8_t *out, int64_t number, int digits) noexcept nogil:
    while digits > 0:
        digits -= 1
        out[digits] = <uint8_t>(48 + number % 10)
        number //= 10


cdef int64_t floor_divide(int64_t a, int64_t b) noexcept nogil:
    return a // b - (1 if a % b < 0 else 0)


cdef void civil(int64_t days, int64_t *year, int64_t *month, int64_t *day) noexcept nogil:
    # days since 1970 to a date; Howard Hinnant, "chrono-compatible low-level date algorithms"
    cdef int64_t era, of_era, year_of_era, of_year, shifted
    days += 719468
    era = floor_divide(days, 146097)
    of_era = days - era * 146097
    year_of_era = (of_era - of_era // 1460 + of_era // 36524 - of_era // 146096) // 365
    of_year = of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted = (5 * of_year + 2) // 153
    day[0] = of_year - (153 * shifted + 2) // 5 + 1
    month[0] = shifted + 3 if shifted < 10 else shifted - 9
    year[0] = year_of_era + era * 400 + (1 if month[0] <= 2 else 0)


cdef void render_second(
    const uint8_t[:, ::1] ops, int64_t second, uint8_t *out
) noexcept nogil:
    cdef int64_t days = floor_divide(second, 86400), of_day, year = 0, month = 1, day = 1
    cdef Py_ssize_t i
    cdef int code
    of_day = second - days * 86400
    civil(days, &year, &month, &day)
    for i in range(ops.shape[0]):
        code = ops[i, 0]
        if code == LITERAL:
            out[0] = ops[i, 1]
            out += 1
        elif code == YEAR:
            put(out, year, 4)
            out += 4
        elif code == YEAR2:
            put(out, year % 100, 2)
            out += 2
        elif code == MONTH:
            put(out, month, 2)
            out += 2
        elif code == MONTH_NAME:
            memcpy(out, MONTHS + 3 * (month - 1), 3)
            out += 3
        elif code == DAY:
            put(out, day, 2)
            out += 2
        elif code == DAY_PADDED:
            put(out, day, 2)
            if day < 10:
                out[0] = 32
            out += 2
        elif code == WEEKDAY:
            memcpy(out, DAYS + 3 * ((days + 4) % 7 + (7 if (days + 4) % 7 < 0 else 0)), 3)
            out += 3
        elif code == HOUR:
            put(out, of_day // 3600, 2)
            out += 2
        elif code == MINUTE:
            put(out, of_day // 60 % 60, 2)
            out += 2
        elif code == SECOND:
            put(out, of_day % 60, 2)
            out += 2
        elif code == EPOCH:
            put(out, second, 10)
            out += 10
        else:
            out += ops[i, 1]


def render_times(const int64_t[::1] time_ns, int64_t offset_s, const uint8_t[:, ::1] ops,
                 Py_ssize_t size):
    """Return the timestamps, ``size`` bytes each, as ``ops`` spell them.

    ``ops`` are (code, argument): the byte of a literal, the digits (1 to 9) of a fraction.
    ``size`` must be what the operations yield.
    """
    cdef Py_ssize_t n = time_ns.shape[0], i, k
    cdef int64_t second, before = 0, part, at, fraction_at, digits
    cdef bint first = True
    out = PyBytes_FromStringAndSize(NULL, n * size)
    cdef uint8_t *base = <uint8_t *>PyBytes_AS_STRING(out)
    cdef uint8_t *target = base
    cdef int64_t SCALE[10]
    cdef int64_t places[16][2]
    cdef int n_places = 0
    SCALE[9] = 1
    for k in range(9):
        SCALE[8 - k] = SCALE[9 - k] * 10
    at = 0
    for k in range(ops.shape[0]):
        if ops[k, 0] == FRACTION and n_places < 16:
            places[n_places][0] = at
            places[n_places][1] = ops[k, 1]
            n_places += 1
        at += 1 if ops[k, 0] == LITERAL else (
            ops[k, 1] if ops[k, 0] == FRACTION else SIZES[ops[k, 0]]
        )
    with nogil:
        for i in range(n):
            second = floor_divide(time_ns[i], 1000000000)
            part = time_ns[i] - second * 1000000000
            second += offset_s
            if i > 0 and second == before:
                memcpy(target, target - size, size)
            else:
                render_second(ops, second, target)
                before = second
            for k in range(n_places):
                put(target + places[k][0], part // SCALE[places[k][1]], <int>places[k][1])
            target += size
    return out


def differing(const uint8_t[::1] buffer, const int64_t[::1] start, const int64_t[::1] end,
              const uint8_t[::1] text, Py_ssize_t size):
    """Return the indices of the spans that aren't equal to their ``size`` bytes of ``text``."""
    cdef Py_ssize_t n = start.shape[0], i, found = 0
    out_array = np.empty(n, dtype=np.int64)
    cdef int64_t[::1] out = out_array
    with nogil:
        for i in range(n):
            if end[i] - start[i] != size or memcmp(
                &buffer[0] + start[i], &text[0] + i * size, size
            ) != 0:
                out[found] = i
                found += 1
    return out_array[:found].copy()
