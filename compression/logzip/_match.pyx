# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Finding a pattern in records without rendering them.

`plan` looks at the structures alone and says for each whether the pattern lies in its constants,
cannot occur, or occurs when some slot values are right: the *alignments*, each a list of terms
(slot, how, part of the pattern). `evaluate` tests these terms on the values of rows. Nothing
here knows conditions or files.
"""

from libc.stdint cimport int32_t, int64_t, uint8_t
from libc.stdlib cimport free, malloc, realloc
from libc.string cimport memcmp, memcpy, memset

import numpy as np

cdef extern from *:
    """
    #include <string.h>
    #include <stdint.h>
    /* A GNU extension; Python.h asks for those. */
    void *memmem(const void *, size_t, const void *, size_t);

    /* glibc's memmem costs 20 ns to start, more than most values need in all. */
    static inline int lz_contains(const unsigned char *hay, int64_t n,
                                  const unsigned char *needle, int64_t m) {
        const unsigned char *last, *p;
        if (m > n) return 0;
        if (m == 0) return 1;
        if (n > 64) return memmem(hay, n, needle, m) != NULL;
        last = hay + (n - m);
        for (p = hay; p <= last; p++)
            if (p[0] == needle[0] && memcmp(p, needle, m) == 0) return 1;
        return 0;
    }
    """
    bint lz_contains(const uint8_t *hay, int64_t n, const uint8_t *needle, int64_t m) noexcept nogil

# What a structure says about a pattern.
cpdef enum Verdict:
    NEVER = 0
    ALWAYS = 1
    BY_VALUES = 2
    BY_TEXT = 3


# How a term's part of the pattern must lie in the value.
cpdef enum Mode:
    CONTAINS = 0
    PREFIX = 1
    SUFFIX = 2
    EQUAL = 3


cdef enum:
    # SlotKind of logscan; TIME, FIELD and TEXT may hold any byte.
    TOKEN = 1
    WORD = 5
    KINDS = 6

    # Past these the records of a structure are assembled and searched as text: empty constants
    # between slots make the number of alignments exponential in the number of slots.
    MAX_ALIGNMENTS = 256
    MAX_STEPS = 20000
    MAX_DEPTH = 300

cdef uint8_t ALLOWED[KINDS][256]
cdef uint8_t LOWER[256]
cdef uint8_t SAME[256]


cdef void fill_tables():
    cdef int byte, kind
    cdef bint delimiter
    for byte in range(256):
        SAME[byte] = byte
        LOWER[byte] = byte + 32 if 65 <= byte <= 90 else byte
        delimiter = byte <= 0x20 or byte == 0x7F or byte in b"\"'()[]{}<>,;=|&?`"
        for kind in range(KINDS):
            ALLOWED[kind][byte] = True
        ALLOWED[TOKEN][byte] = not delimiter
        ALLOWED[WORD][byte] = not delimiter and not 48 <= byte <= 57


fill_tables()


cdef struct Ints:
    int32_t *data
    Py_ssize_t size
    Py_ssize_t room


cdef inline bint push(Ints *v, int32_t value) noexcept nogil:
    cdef int32_t *data
    cdef Py_ssize_t room
    if v.size == v.room:
        room = 2 * v.room + 256
        data = <int32_t *>realloc(v.data, room * sizeof(int32_t))
        if data == NULL:
            return False
        v.data = data
        v.room = room
    v.data[v.size] = value
    v.size += 1
    return True


cdef object taken(Ints *v):
    """Return the items as an array and leave ``v`` empty."""
    cdef int32_t[::1] view
    array = np.empty(v.size, np.int32)
    if v.size:
        view = array
        memcpy(&view[0], v.data, v.size * sizeof(int32_t))
    free(v.data)
    v.data = NULL
    v.size = v.room = 0
    return array


cdef struct Search:
    const uint8_t *pattern
    int64_t m
    const uint8_t *fold  # NULL to compare bytes as they are
    int64_t *reach  # (KINDS, m): how far the pattern stays within a kind's bytes
    const uint8_t *constants
    const int64_t *offset  # of the structure's first constant
    const uint8_t *kind  # of the structure's first slot
    int64_t n_slots
    int32_t path[MAX_DEPTH][4]
    int depth
    int alignments
    int steps
    bint failed  # out of memory
    Ints terms
    Ints first_term


cdef inline void set_pattern(Search *s, const uint8_t *pattern, int64_t m, bint ignore_case) noexcept:
    """Take a pattern, in lower case if letters are folded; the caller keeps it alive."""
    s.pattern = pattern
    s.m = m
    s.fold = LOWER if ignore_case else NULL


cdef inline bint same(const Search *s, const uint8_t *p, const uint8_t *q, int64_t n) noexcept nogil:
    cdef int64_t i
    if s.fold == NULL:
        return memcmp(p, q, n) == 0
    for i in range(n):
        if s.fold[p[i]] != q[i]:
            return False
    return True


cdef inline bint contains(const Search *s, const uint8_t *p, int64_t n, const uint8_t *q, int64_t m) noexcept nogil:
    cdef int64_t i
    if s.fold == NULL:
        return lz_contains(p, n, q, m)
    if m == 0:
        return True
    for i in range(n - m + 1):
        if s.fold[p[i]] == q[0] and same(s, p + i, q, m):
            return True
    return False


cdef inline bint overflowed(const Search *s) noexcept nogil:
    return s.failed or s.alignments >= MAX_ALIGNMENTS or s.steps >= MAX_STEPS or s.depth >= MAX_DEPTH


cdef inline void step(Search *s, int64_t slot, int mode, int64_t low, int64_t high) noexcept nogil:
    s.path[s.depth][0] = <int32_t>slot
    s.path[s.depth][1] = mode
    s.path[s.depth][2] = <int32_t>low
    s.path[s.depth][3] = <int32_t>high
    s.depth += 1


cdef void emit(Search *s) noexcept nogil:
    """Keep the path as one alignment."""
    cdef int i, j
    if not push(&s.first_term, <int32_t>(s.terms.size // 4)):
        s.failed = True
    for i in range(s.depth):
        for j in range(4):
            if not push(&s.terms, s.path[i][j]):
                s.failed = True
    s.alignments += 1


cdef void at_constant(Search *s, int64_t c, int64_t j) noexcept nogil:
    """Go on with the pattern from ``j`` at the start of constant ``c``."""
    cdef const uint8_t *text = s.constants + s.offset[c]
    cdef int64_t n = s.offset[c + 1] - s.offset[c]
    s.steps += 1
    if n >= s.m - j:
        if same(s, text, s.pattern + j, s.m - j):
            emit(s)
        return
    if c < s.n_slots and same(s, text, s.pattern + j, n):
        at_slot(s, c, j + n)


cdef void at_slot(Search *s, int64_t i, int64_t j) noexcept nogil:
    """Go on with the pattern from ``j`` at the start of the value of slot ``i``."""
    cdef int kind = s.kind[i]
    cdef int64_t limit = s.reach[kind * s.m + j]
    cdef int64_t to
    if limit == s.m:
        step(s, i, PREFIX, j, s.m)
        emit(s)
        s.depth -= 1
        limit -= 1
    # A token is never empty; a field (a path, an agent, JSON's strings) may be.
    for to in range(j + (kind == TOKEN or kind == WORD), limit + 1):
        if overflowed(s):
            return
        step(s, i, EQUAL, j, to)
        at_constant(s, i + 1, to)
        s.depth -= 1


cdef void from_slot(Search *s, int64_t i) noexcept nogil:
    """Take the alignments that begin in the value of slot ``i``."""
    cdef int64_t limit = s.reach[s.kind[i] * s.m]
    cdef int64_t to
    if limit == s.m:
        step(s, i, CONTAINS, 0, s.m)
        emit(s)
        s.depth -= 1
        limit -= 1
    for to in range(1, limit + 1):
        if overflowed(s):
            return
        step(s, i, SUFFIX, 0, to)
        at_constant(s, i + 1, to)
        s.depth -= 1


cdef void from_constant(Search *s, int64_t c) noexcept nogil:
    """Take the alignments that begin in constant ``c`` and go past its end."""
    cdef const uint8_t *text = s.constants + s.offset[c]
    cdef int64_t n = s.offset[c + 1] - s.offset[c]
    cdef int64_t tail
    for tail in range(1, min(n, s.m - 1) + 1):
        if same(s, text + n - tail, s.pattern, tail):
            at_slot(s, c, tail)


cdef int look(Search *s) noexcept nogil:
    """Say what one structure tells about the pattern; keep its alignments."""
    cdef int64_t c
    cdef Py_ssize_t terms = s.terms.size, first = s.first_term.size
    for c in range(s.n_slots + 1):
        if contains(s, s.constants + s.offset[c], s.offset[c + 1] - s.offset[c], s.pattern, s.m):
            return ALWAYS
    s.alignments = s.steps = s.depth = 0
    for c in range(s.n_slots):
        from_constant(s, c)
        from_slot(s, c)
        if overflowed(s):
            s.terms.size = terms
            s.first_term.size = first
            return BY_TEXT
    return BY_VALUES if s.alignments else NEVER


cdef int fill_reach(Search *s) noexcept nogil:
    """Say for each kind and place how far the pattern could lie in one value of this kind."""
    cdef int kind
    cdef int64_t j, end
    s.reach = <int64_t *>malloc(KINDS * s.m * sizeof(int64_t))
    if s.reach == NULL:
        return -1
    for kind in range(KINDS):
        end = s.m
        for j in range(s.m - 1, -1, -1):
            if not ALLOWED[kind][s.pattern[j]]:
                end = j
            s.reach[kind * s.m + j] = end
    return 0


cdef class Plan:
    """What the structures of one table say about one pattern.

    Attributes
    ----------
    verdict : ndarray of uint8, shape (S,)
        0 never, 1 always, 2 when an alignment holds, 3 only the text can tell.
    first_alignment : ndarray of int64, shape (S + 1,)
    first_term : ndarray of int32, shape (alignments + 1,)
    terms : ndarray of int32, shape (terms, 4)
        slot, mode (0 contains, 1 prefix, 2 suffix, 3 equal), start and end in the pattern.
    """

    cdef readonly object verdict, first_alignment, first_term, terms
    cdef readonly bytes pattern
    cdef readonly bint ignore_case


def plan(table, bytes pattern, bint ignore_case):
    """Return the `Plan` of ``pattern`` for a `StructureTable`; ASCII letters only are folded."""
    cdef Plan found = Plan()
    cdef bytes constants = table.constants
    cdef const int64_t[::1] offset = table.constant_offset, first_slot = table.first_slot
    cdef const uint8_t[::1] kind = table.kind
    cdef Py_ssize_t n = first_slot.shape[0] - 1, i
    cdef Search s
    pattern = pattern.lower() if ignore_case else pattern
    found.pattern = pattern
    found.ignore_case = ignore_case
    found.verdict, found.first_alignment = np.zeros(n, np.uint8), np.zeros(n + 1, np.int64)
    cdef uint8_t[::1] out = found.verdict
    cdef int64_t[::1] first = found.first_alignment
    cdef const uint8_t *no_kind = NULL
    set_pattern(&s, pattern, len(pattern), ignore_case)
    s.constants = constants
    s.failed = False
    memset(&s.terms, 0, sizeof(Ints))
    memset(&s.first_term, 0, sizeof(Ints))
    if fill_reach(&s) < 0:
        raise MemoryError
    with nogil:
        for i in range(n):
            s.n_slots = first_slot[i + 1] - first_slot[i]
            s.offset = &offset[first_slot[i] + i]
            s.kind = &kind[first_slot[i]] if s.n_slots else no_kind
            out[i] = look(&s)
            first[i + 1] = s.first_term.size
        free(s.reach)
        if not push(&s.first_term, <int32_t>(s.terms.size // 4)):
            s.failed = True
    found.first_term = taken(&s.first_term)
    found.terms = taken(&s.terms).reshape(-1, 4)
    if s.failed:
        raise MemoryError
    return found


cdef inline bint holds(const Search *s, const int32_t *term, const uint8_t *value, int64_t n) noexcept nogil:
    """Say whether one term is true of a value."""
    cdef const uint8_t *part = s.pattern + term[2]
    cdef int64_t m = term[3] - term[2]
    if n < m:
        return False
    if term[1] == CONTAINS:
        return contains(s, value, n, part, m)
    if term[1] == PREFIX:
        return same(s, value, part, m)
    if term[1] == SUFFIX:
        return same(s, value + n - m, part, m)
    return n == m and same(s, value, part, m)


def evaluate(Plan found, batch, uint8_t[::1] mask):
    """Clear ``mask`` at each row of ``batch`` whose record does not hold the pattern.

    Rows that are clear already are not looked at.
    """
    cdef bytes pattern = found.pattern, buffer = batch.buffer, constants = batch.structures.constants
    cdef const int32_t[::1] structure = batch.structure
    cdef const int64_t[::1] first_value = batch.first_value
    cdef const int64_t[::1] start = batch.value_start, end = batch.value_end
    cdef const int64_t[::1] offset = batch.structures.constant_offset, first_slot = batch.structures.first_slot
    cdef const uint8_t[::1] verdict = found.verdict
    cdef const int64_t[::1] first_alignment = found.first_alignment
    cdef const int32_t[::1] first_term = found.first_term
    cdef const int32_t[:, ::1] terms = found.terms
    cdef const uint8_t *bytes_of = buffer
    cdef const uint8_t *constants_of = constants
    cdef Py_ssize_t r, s, a, t
    cdef int64_t v, n, room = 0
    cdef bint hit
    cdef Search search
    cdef uint8_t *scratch = NULL
    set_pattern(&search, pattern, len(pattern), found.ignore_case)
    with nogil:
        for r in range(mask.shape[0]):
            if not mask[r]:
                continue
            s = structure[r]
            if verdict[s] == ALWAYS:
                continue
            hit = False
            if verdict[s] == BY_VALUES:
                for a in range(first_alignment[s], first_alignment[s + 1]):
                    hit = True
                    for t in range(first_term[a], first_term[a + 1]):
                        v = first_value[r] + terms[t, 0]
                        if not holds(&search, &terms[t, 0], bytes_of + start[v], end[v] - start[v]):
                            hit = False
                            break
                    if hit:
                        break
            elif verdict[s] == BY_TEXT:
                n = assemble(
                    bytes_of, &start[0], &end[0], first_value[r], first_value[r + 1],
                    constants_of, &offset[first_slot[s] + s], &scratch, &room,
                )
                hit = n > 0 and contains(&search, scratch, n, search.pattern, search.m)
            mask[r] = hit
        free(scratch)


cdef int64_t assemble(
    const uint8_t *buffer, const int64_t *start, const int64_t *end, int64_t low, int64_t high,
    const uint8_t *constants, const int64_t *offset, uint8_t **scratch, int64_t *room,
) noexcept nogil:
    """Write one record to ``scratch`` and return its length."""
    cdef int64_t n = offset[high - low + 1] - offset[0], v, at = 0, size
    cdef uint8_t *grown
    for v in range(low, high):
        n += end[v] - start[v]
    if n > room[0]:
        grown = <uint8_t *>realloc(scratch[0], n)
        if grown == NULL:
            return 0
        scratch[0] = grown
        room[0] = n
    for v in range(low, high + 1):
        size = offset[v - low + 1] - offset[v - low]
        memcpy(scratch[0] + at, constants + offset[v - low], size)
        at += size
        if v < high:
            size = end[v] - start[v]
            memcpy(scratch[0] + at, buffer + start[v], size)
            at += size
    return n


def reduce(Plan found, const uint8_t[::1] holds_term):
    """Return a plan without the alignments that have a term which ``holds_term`` rules out.

    A structure that is left without an alignment becomes ``NEVER``.
    """
    cdef const int64_t[::1] first_alignment = found.first_alignment
    cdef const int32_t[::1] first_term = found.first_term
    cdef Py_ssize_t n = first_alignment.shape[0] - 1, s, a, t
    cdef Plan less = Plan()
    cdef bint keep
    kept_array = np.zeros(first_term.shape[0] - 1, np.uint8)
    verdict = np.array(found.verdict)
    cdef uint8_t[::1] kept = kept_array, out = verdict
    with nogil:
        for s in range(n):
            if out[s] != BY_VALUES:
                continue
            out[s] = NEVER
            for a in range(first_alignment[s], first_alignment[s + 1]):
                keep = True
                for t in range(first_term[a], first_term[a + 1]):
                    keep = keep and holds_term[t]
                if keep:
                    kept[a] = True
                    out[s] = BY_VALUES
    counts = np.diff(found.first_term)
    less.pattern, less.ignore_case = found.pattern, found.ignore_case
    less.verdict = verdict
    owner = np.searchsorted(found.first_alignment, np.arange(len(kept_array)), "right") - 1
    keeps = kept_array.astype(bool)
    less.first_alignment = np.concatenate(
        ([0], np.cumsum(np.bincount(owner[keeps], minlength=n)))
    ).astype(np.int64)
    less.first_term = np.concatenate(([0], np.cumsum(counts[keeps]))).astype(np.int32)
    less.terms = np.ascontiguousarray(found.terms[np.repeat(keeps, counts)])
    return less


def with_slots(Plan found, const int64_t[::1] number, table):
    """Return the plan with slot ``k`` of the table as number ``number[k]`` of its structure."""
    cdef Plan other = Plan()
    other.pattern, other.ignore_case, other.verdict = found.pattern, found.ignore_case, found.verdict
    other.first_alignment, other.first_term = found.first_alignment, found.first_term
    other.terms = np.array(found.terms)
    other.terms[:, 0] = np.asarray(number)[term_slots(found, table)]
    return other


def term_slots(Plan found, table):
    """Return for each term its slot's number in the table."""
    of_structure = np.diff(found.first_term[found.first_alignment])
    return np.repeat(table.first_slot[: len(table)], of_structure) + found.terms[:, 0]


def holds_each(bytes buffer, const int64_t[::1] start, const int64_t[::1] end, bytes pattern, bint ignore_case):
    """Return for each span ``buffer[start:end]`` whether it holds ``pattern``, shape (n,)."""
    cdef Search search
    cdef const uint8_t *data = buffer
    cdef Py_ssize_t i
    pattern = pattern.lower() if ignore_case else pattern
    set_pattern(&search, pattern, len(pattern), ignore_case)
    found = np.zeros(start.shape[0], np.uint8)
    cdef uint8_t[::1] out = found
    with nogil:
        for i in range(out.shape[0]):
            out[i] = contains(&search, data + start[i], end[i] - start[i], search.pattern, search.m)
    return found.view(np.bool_)
