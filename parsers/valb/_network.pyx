# cython: boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""The tagger's layers, compiled: what torch would do, without it. Weights come ready packed."""

from libc.stdint cimport int64_t
from libc.stdlib cimport free, malloc

import numpy as np

include "_layers.pxi"

cdef extern from *:
    ctypedef struct Matrix:
        const float *packed
        const float *bias
        int rows, panels

    ctypedef struct Layer:
        const float *scale
        const float *shift
        Matrix before, at, behind
        int step

    ctypedef struct Weights:
        int width, hidden, out, layers
        const float *embedding
        const float *enter_fold
        const float *enter_shift
        const float *leave_fold
        const float *leave_shift
        Matrix looks, dense, enter_looks, enter_dense
        Matrix leave_states, leave_whole, leave_looks, leave_dense, category
        Layer layer[16]

    ctypedef struct Moments:
        pass

    ctypedef struct Room:
        float *dense
        float *states
        float *normed
        float *mixed
        float *out
        float *whole
        float *scores
        Moments *moments
        const float **source "from"
        float **to

    ctypedef struct Words:
        const int64_t *hashed
        const int64_t *first
        const float *looks
        float *seen
        float *enter
        float *leave
        Moments *moments
        int looks_width

    ctypedef struct Input:
        const int64_t *which
        const int64_t *lengths
        const float *dense
        const float *looks
        const float *enter
        const float *leave
        const Moments *moments
        int dense_width

    const int PANEL
    const bint HAS_AVX2
    void look_avx2(const Weights *, const Room *, const Words *, int) noexcept
    void look_plain(const Weights *, const Room *, const Words *, int) noexcept
    void score_avx2(const Weights *, const Room *, const Input *, const int64_t *, int, int, int) noexcept
    void score_plain(const Weights *, const Room *, const Input *, const int64_t *, int, int, int) noexcept
    void judge(const float *, int, const float *, int, float, float *, float *) noexcept

cdef enum:
    # Rows of the buffers: these and the weights of a layer fit the second cache.
    ROWS_AT_ONCE = 192
    MOST_LAYERS = 16


cdef class Layers:
    """One tagger's weights.

    Parameters
    ----------
    sizes : tuple of int
        Width, hidden width, number of tags and of categories; the first two are multiples of
        16.
    steps : list of int
        How far each layer sees.
    arrays : dict of str to ndarray, float32
        By name, as `valb.network` packs them; matrices have the shape (panels, rows, 16).
    plain : bool
        Do without what only some processors have, as all others must.
    """

    cdef Weights weights
    cdef dict arrays
    cdef int tags, categories
    cdef bint fast

    def __init__(self, tuple sizes, list steps, dict arrays, *, bint plain=False):
        cdef Weights *w = &self.weights
        cdef int layer
        self.arrays, self.fast = arrays, HAS_AVX2 and not plain
        w.width, w.hidden, self.tags, self.categories = sizes
        w.layers = len(steps)
        if w.layers > MOST_LAYERS or w.width % PANEL or w.hidden % PANEL:
            raise ValueError(f"tagger of width {w.width}, {w.hidden} and {w.layers} layers")
        w.out = w.hidden + PANEL
        w.embedding = self.vector("embedding")
        w.enter_fold, w.enter_shift = self.vector("enter_fold"), self.vector("enter_shift")
        w.leave_fold, w.leave_shift = self.vector("leave_fold"), self.vector("leave_shift")
        w.looks, w.dense = self.matrix("looks"), self.matrix("dense")
        w.dense.bias = self.vector("dense_bias")
        w.enter_looks, w.enter_dense = self.matrix("enter_looks"), self.matrix("enter_dense")
        w.leave_states, w.leave_whole = self.matrix("leave_states"), self.matrix("leave_whole")
        w.leave_looks, w.leave_dense = self.matrix("leave_looks"), self.matrix("leave_dense")
        w.category = self.matrix("category")
        w.category.bias = self.vector("category_bias")
        for layer in range(w.layers):
            w.layer[layer].step = steps[layer]
            w.layer[layer].scale = self.vector(f"scale_{layer}")
            w.layer[layer].shift = self.vector(f"shift_{layer}")
            w.layer[layer].before = self.matrix(f"before_{layer}")
            w.layer[layer].at = self.matrix(f"at_{layer}")
            w.layer[layer].at.bias = self.vector(f"bias_{layer}")
            w.layer[layer].behind = self.matrix(f"behind_{layer}")

    cdef const float *vector(self, str name) except NULL:
        cdef const float[::1] found = self.arrays[name].reshape(-1)
        return &found[0]

    cdef Matrix matrix(self, str name) except *:
        cdef Matrix found
        cdef const float[:, :, ::1] packed = self.arrays[name]
        found.packed, found.bias = &packed[0, 0, 0], NULL
        found.rows, found.panels = packed.shape[1], packed.shape[0]
        return found

    def score(
        self,
        tuple words,
        const int64_t[::1] which,
        const float[:, ::1] dense,
        const int64_t[::1] lengths,
        tuple out,
    ):
        """Add a share of the probabilities of tags and log-probabilities of categories.

        Parameters
        ----------
        words : tuple of ndarray
            Of ``U`` different atoms: hashed features, where each atom's start and the last's
            end (U + 1), looks (U, LOOKS).
        which : ndarray of shape (N,), int64
            The different atom that each atom is.
        dense : ndarray of shape (N, DENSE), float32
        lengths : ndarray of shape (B,), int64
            Atoms of each message; none is empty.
        out : tuple of ndarray, float
            Tags (N, TAGS) and categories (N, 10), which are added to, and the share.
        """
        cdef const int64_t[::1] hashed = words[0], first = words[1]
        cdef const float[:, ::1] looks = words[2]
        cdef float[:, ::1] tags = out[0], categories = out[1]
        cdef float share = out[2]
        cdef Weights *w = &self.weights
        cdef int different = looks.shape[0], total = which.shape[0], cap = ROWS_AT_ONCE
        cdef int low = 0, n = 0, message, start = 0, messages = lengths.shape[0], r
        cdef Room room
        cdef Words atoms
        cdef Input rows
        if total == 0:
            return
        for message in range(messages):
            cap = max(cap, <int>lengths[message])
        seen = np.empty((different, w.width), np.float32)
        seen[:] = self.arrays["looks_bias"]
        enter = np.zeros((different, w.hidden), np.float32)
        leave = np.zeros((different, w.out), np.float32)
        cdef float[:, ::1] seen_view = seen, enter_view = enter, leave_view = leave
        cdef void *kept = self.make_room(&room, cap, max(cap, different), different)
        try:
            atoms.hashed, atoms.first, atoms.looks = &hashed[0], &first[0], &looks[0, 0]
            atoms.seen, atoms.enter = &seen_view[0, 0], &enter_view[0, 0]
            atoms.leave, atoms.moments = &leave_view[0, 0], room.moments + cap
            atoms.looks_width = looks.shape[1]
            (look_avx2 if self.fast else look_plain)(w, &room, &atoms, different)
            rows.which, rows.lengths, rows.dense = &which[0], &lengths[0], &dense[0, 0]
            rows.looks, rows.enter, rows.leave = atoms.seen, atoms.enter, atoms.leave
            rows.moments, rows.dense_width = atoms.moments, dense.shape[1]
            for message in range(messages + 1):
                if message == messages or n + lengths[message] > cap:
                    (score_avx2 if self.fast else score_plain)(
                        w, &room, &rows, &lengths[start], message - start, low, n
                    )
                    for r in range(n):
                        judge(
                            room.out + r * w.out + w.hidden, self.tags,
                            room.scores + r * PANEL, self.categories, share,
                            &tags[low + r, 0], &categories[low + r, 0],
                        )
                    low, n, start = low + n, 0, message
                if message < messages:
                    n += lengths[message]
        finally:
            free(kept)

    cdef void *make_room(self, Room *room, int cap, int pointers, int different) except NULL:
        """Carve the buffers of one call from one allocation."""
        cdef Weights *w = &self.weights
        cdef size_t floats = w.width + 4 * w.hidden + w.out + PANEL
        cdef size_t size = sizeof(float) * (cap * floats + w.hidden + w.out)
        size += 2 * pointers * sizeof(void *) + (cap + different) * 16
        cdef char *kept = <char *>malloc(size)
        if kept == NULL:
            raise MemoryError("valb network")
        room.source = <const float **>kept
        room.to = <float **>(room.source + pointers)
        room.moments = <Moments *>(room.to + pointers)
        room.dense = <float *>(<char *>room.moments + (cap + different) * 16)
        room.states = room.dense + cap * w.width
        room.normed = room.states + cap * w.hidden
        room.mixed = room.normed + cap * w.hidden
        room.out = room.mixed + cap * 2 * w.hidden
        room.scores = room.out + cap * w.out
        room.whole = room.scores + cap * PANEL
        return kept
