# cython: boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""The values of a batch's variables, read column by column. What they mean is not known here."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from libc.stdint cimport int32_t, int64_t
from libc.string cimport memcpy

import numpy as np


cdef class ValueReader:
    """Reads spans of a batch's records; each structure has spans of its own.

    Parameters
    ----------
    batch : RecordBatch
    first_span : ndarray of shape (S,), int64
        Where the spans of each structure begin among ``spans``.
    spans : ndarray of shape (n, 4), int64
        As in `logscan.Span`.
    """

    cdef const int32_t[::1] structure
    cdef const int64_t[::1] first_value, value_start, value_end, first_slot, offset, first_span
    cdef const int64_t[:, ::1] spans
    cdef bytes buffer, constants

    def __init__(self, batch, const int64_t[::1] first_span, const int64_t[:, ::1] spans):
        table = batch.structures
        self.structure = batch.structure
        self.first_value = batch.first_value
        self.value_start = batch.value_start
        self.value_end = batch.value_end
        self.first_slot = table.first_slot
        self.offset = table.constant_offset
        self.constants = table.constants
        self.buffer = bytes(batch.buffer)
        self.first_span = first_span
        self.spans = spans

    def column(self, const int64_t[::1] rows, Py_ssize_t variable):
        """Read one variable of some records.

        Returns
        -------
        tuple
            The bytes that the values lie in, and start and end of each value. These are the
            batch's own bytes where every value lies in one slot, else the values joined.
        """
        cdef Py_ssize_t n = rows.shape[0], i, size = 0, place = 0
        starts = np.empty(n, np.int64)
        ends = np.empty(n, np.int64)
        cdef int64_t[::1] start = starts, end = ends
        cdef bytes joined
        cdef char *out
        if self.in_slots(rows, variable, start, end):
            return self.buffer, starts, ends
        for i in range(n):
            size += self.copy(rows[i], variable, NULL)
        joined = PyBytes_FromStringAndSize(NULL, size)
        out = PyBytes_AS_STRING(joined)
        for i in range(n):
            start[i] = place
            place += self.copy(rows[i], variable, out + place)
            end[i] = place
        return joined, starts, ends

    cdef bint in_slots(
        self, const int64_t[::1] rows, Py_ssize_t variable, int64_t[::1] start, int64_t[::1] end
    ) noexcept:
        """Find values that lie in one slot each; 0 as soon as one does not."""
        cdef Py_ssize_t i, at, value
        cdef int64_t piece, low, high
        for i in range(rows.shape[0]):
            at = self.first_span[self.structure[rows[i]]] + variable
            piece = self.spans[at, 0]
            if not piece & 1 or piece != self.spans[at, 2]:
                return False
            value = self.first_value[rows[i]] + (piece >> 1)
            low, high = self.value_start[value], self.value_end[value]
            # A trim longer than the value leaves nothing of it.
            low = min(low + self.spans[at, 1], high)
            start[i] = low
            end[i] = max(high - self.spans[at, 3], low)
        return True

    cdef int64_t copy(self, int64_t row, Py_ssize_t variable, char *out) noexcept:
        """Give the size of a value, and copy it where ``out`` is not NULL."""
        cdef Py_ssize_t structure = self.structure[row]
        cdef Py_ssize_t at = self.first_span[structure] + variable, value, constant
        cdef int64_t first = self.spans[at, 0], last = self.spans[at, 2], piece, low, high
        cdef int64_t size = 0
        cdef const char *source
        for piece in range(first, last + 1):
            if piece & 1:
                value = self.first_value[row] + (piece >> 1)
                low, high = self.value_start[value], self.value_end[value]
                source = PyBytes_AS_STRING(self.buffer)
            else:
                constant = self.first_slot[structure] + structure + (piece >> 1)
                low, high = self.offset[constant], self.offset[constant + 1]
                source = PyBytes_AS_STRING(self.constants)
            if piece == first:
                low += self.spans[at, 1]
            if piece == last:
                high -= self.spans[at, 3]
            if high > low:
                if out != NULL:
                    memcpy(out + size, source + low, high - low)
                size += high - low
        return size
