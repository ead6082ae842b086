# cython: boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""How atoms look, as numbers, and where most of them end; compiled, as it is done for each."""

from cpython.unicode cimport PyUnicode_READ_CHAR
from libc.math cimport log1p
from libc.stdint cimport int8_t, int64_t, uint8_t, uint32_t
from libc.string cimport memset

import numpy as np

cdef enum:
    SPACE = 1
    LETTER = 2
    DIGIT = 4
    EASY = 8  # a mark that nothing but a run of itself begins with
    HEX = 16
    BEHIND = 32  # behind a run of letters: a word ends here whatever follows
    MOST_HUMPS = 8
    MOST_WIDTH = 256

cdef uint8_t KIND[256]
cdef uint32_t CRC[256]


cdef void fill() noexcept:
    cdef uint32_t value
    cdef int code, bit
    for code in range(256):
        value = code
        for bit in range(8):
            value = (value >> 1) ^ (<uint32_t>0xEDB88320 if value & 1 else 0)
        CRC[code] = value
        KIND[code] = 0
        if code <= 32 or code == 127:
            KIND[code] |= SPACE | BEHIND
        if 65 <= code <= 90 or 97 <= code <= 122:
            KIND[code] |= LETTER
        if 48 <= code <= 57:
            KIND[code] |= DIGIT | HEX
        if 65 <= code <= 70 or 97 <= code <= 102:
            KIND[code] |= HEX
    for code in b",;=()[]{}<>\"'|&?!#*%@^`":
        KIND[code] |= EASY | BEHIND
    KIND[36] |= EASY


fill()

cdef inline int kind_at(str text, Py_ssize_t at) noexcept:
    cdef Py_UCS4 c = PyUnicode_READ_CHAR(text, at)
    return KIND[c] if c < 256 else 0


_DAYS = frozenset(("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"))


def cut(str text, match, dict kind_of, Py_ssize_t most):
    """Cut a text of Latin-1 characters into atoms; see `valb.atoms.cut`.

    Words, numbers, blanks and marks that stand alone are found here. ``match`` is that of the
    full pattern, whose groups ``kind_of`` tells the kinds of; it finds all others.

    Returns
    -------
    tuple of list
        Kinds, texts, starts, ends, and whether a blank stands before.
    """
    cdef Py_ssize_t at = 0, end, size = len(text), k, n = 0
    cdef bint spaced = False, is_hex, is_day
    cdef Py_UCS4 c, behind
    cdef int kind
    cdef str name, part
    cdef list kinds = [], texts = [], starts = [], ends = [], blanks = []
    while at < size and n < most:
        c = PyUnicode_READ_CHAR(text, at)
        kind = kind_at(text, at)
        end = at + 1
        name = None
        if kind & SPACE:
            while end < size and kind_at(text, end) & SPACE:
                end += 1
            spaced = True
            at = end
            continue
        if kind & EASY:
            while end < size and PyUnicode_READ_CHAR(text, end) == c:
                end += 1
            name = "mark"
        elif kind & LETTER:
            is_hex = kind & HEX
            while end < size and kind_at(text, end) & LETTER:
                is_hex = is_hex and kind_at(text, end) & HEX
                end += 1
            if end == size:
                name = "word"
            else:
                behind = PyUnicode_READ_CHAR(text, end)
                if kind_at(text, end) & BEHIND:
                    is_day = end - at == 3 and (behind == u" " or behind == u",")
                    if not (is_day and text[at:end] in _DAYS):
                        name = "word"
                elif behind == u":" and not is_hex and (
                    end + 1 == size or PyUnicode_READ_CHAR(text, end + 1) not in u"/\\"
                ):
                    name = "word"
        elif kind & DIGIT:
            while end < size and kind_at(text, end) & DIGIT:
                end += 1
            if end == size or kind_at(text, end) & BEHIND:
                name = "number"
        elif c == u":":
            if end == size:
                name = "mark"
            else:
                behind = PyUnicode_READ_CHAR(text, end)
                if behind != u":" and not kind_at(text, end) & HEX:
                    name = "mark"
        if name is None:
            found = match(text, at)
            name = kind_of[found.lastgroup]
            end = found.end()
        kinds.append(name)
        texts.append(text[at:end])
        starts.append(at)
        ends.append(end)
        blanks.append(spaced)
        spaced = False
        at = end
        n += 1
    return kinds, texts, starts, ends, blanks


cdef class Looks:
    """Looks at atoms.

    Parameters
    ----------
    buckets : int
        Features are hashed to 1 up to one less than this.
    kinds : sequence of str
        All kinds of atoms.
    rows : dict of str to int
        Where each word's vector is in ``vectors``.
    vectors : ndarray of shape (n, width), int8
    """

    cdef uint32_t buckets
    cdef dict kinds, rows
    cdef const int8_t[:, ::1] vectors
    cdef Py_ssize_t width

    def __init__(self, uint32_t buckets, kinds, dict rows, const int8_t[:, ::1] vectors):
        self.buckets = buckets
        self.kinds = {kind: number for number, kind in enumerate(kinds)}
        self.rows = rows
        self.vectors = vectors
        self.width = vectors.shape[1]
        if self.width > MOST_WIDTH:
            raise ValueError(f"word vectors of {self.width} dimensions, {MOST_WIDTH} at most")

    cdef int64_t bucket(self, Py_UCS4 mark, str text, Py_ssize_t low, Py_ssize_t high) noexcept:
        """Hash a mark and a part of a text, as zlib's crc32 does."""
        cdef uint32_t value = 0xFFFFFFFF
        cdef Py_ssize_t i
        cdef Py_UCS4 c
        value = CRC[(value ^ <uint32_t>mark) & 255] ^ (value >> 8)
        for i in range(low, high):
            c = PyUnicode_READ_CHAR(text, i)
            if c > 255:
                c = u"?"
            value = CRC[(value ^ <uint32_t>c) & 255] ^ (value >> 8)
        return (value ^ <uint32_t>0xFFFFFFFF) % (self.buckets - 1) + 1

    def hashed(self, str kind, str text):
        """Hash what an atom looks like: kind, word, shape, affixes, humps, trigrams."""
        cdef Py_ssize_t size = len(text), i, n
        cdef str low, padded, outline
        cdef bint has_digit = False
        cdef list found
        if kind == "mark":
            n = min(size, 4)
            return np.array(
                [self.bucket(u"m", text, 0, min(size, 3)), self.bucket(u"l", str(n), 0, 1)],
                np.int64,
            )
        outline = shape(text)
        found = [
            self.bucket(u"k", kind, 0, len(kind)),
            self.bucket(u"s", outline, 0, len(outline)),
        ]
        if kind not in ("word", "name", "path", "url"):
            return np.array(found, np.int64)
        low = text.lower()
        n = len(low)
        found.append(self.bucket(u"p", low, 0, min(n, 3)))
        found.append(self.bucket(u"e", low, max(n - 3, 0), n))
        for i in range(size):
            has_digit = has_digit or PyUnicode_READ_CHAR(text, i).isdigit()
        if not has_digit:
            found.append(self.bucket(u"w", low, 0, n))
        if kind in ("word", "name"):
            for hump in humps(text)[:MOST_HUMPS]:
                found.append(self.bucket(u"h", hump, 0, len(hump)))
            padded = "^" + low[:24] + "$"
            for i in range(len(padded) - 2):
                found.append(self.bucket(u"t", padded, i, i + 3))
        return np.array(found, np.int64)

    def looks(self, str kind, str text):
        """Describe an atom: size, digits, capitals, its kind, and the mean of its words."""
        cdef Py_ssize_t size = len(text), i, k, digits = 0, capitals = 0, n = 0
        cdef Py_ssize_t first = 5 + len(self.kinds)
        cdef bint joined = False
        cdef Py_UCS4 c
        cdef int64_t sums[MOST_WIDTH]
        memset(sums, 0, sizeof(sums))
        out = np.zeros(first + self.width, np.float32)
        cdef float[::1] found = out
        for i in range(size):
            c = PyUnicode_READ_CHAR(text, i)
            digits += c.isdigit()
            capitals += c.isupper()
            joined = joined or c == u"_"
        found[0] = <float>(log1p(<double>size) / 3)
        found[1] = <float>(<double>digits / size)
        found[2] = <float>(<double>capitals / size)
        found[3] = PyUnicode_READ_CHAR(text, 0).isupper()
        found[4] = joined
        found[5 + <Py_ssize_t>self.kinds[kind]] = 1
        if kind == "word" or kind == "name":
            for hump in humps(text):
                row = self.rows.get(hump)
                if row is None:
                    continue
                i = row
                n += 1
                for k in range(self.width):
                    sums[k] += self.vectors[i, k]
            for k in range(self.width if n else 0):
                found[first + k] = <float>(<double>sums[k] / n / 127)
        return out


cdef str shape(str text):
    """Write runs of letters as a or A, of digits as 0; twelve characters at most."""
    cdef list found = []
    cdef Py_UCS4 c, was = 0
    cdef Py_ssize_t i
    for i in range(len(text)):
        c = PyUnicode_READ_CHAR(text, i)
        if u"a" <= c <= u"z" or 0x80 <= c <= 0xFF:
            c = u"a"
        elif u"A" <= c <= u"Z":
            c = u"A"
        elif u"0" <= c <= u"9":
            c = u"0"
        else:
            found.append(c)
            was = 0
            continue
        if c != was:
            found.append(c)
            was = c
    return "".join([chr(c) for c in found[:12]])


cdef list humps(str text):
    """Cut an identifier into its words, in lower case: ``fooBarID`` is foo, bar, id."""
    cdef list found = []
    cdef Py_ssize_t at = 0, end, size = len(text)
    cdef Py_UCS4 c
    while at < size:
        c = PyUnicode_READ_CHAR(text, at)
        end = at + 1
        if u"A" <= c <= u"Z":
            while end < size and u"A" <= PyUnicode_READ_CHAR(text, end) <= u"Z":
                end += 1
            if end < size and u"a" <= PyUnicode_READ_CHAR(text, end) <= u"z":
                if end - at > 1:
                    end -= 1
                else:
                    while end < size and u"a" <= PyUnicode_READ_CHAR(text, end) <= u"z":
                        end += 1
        elif u"a" <= c <= u"z":
            while end < size and u"a" <= PyUnicode_READ_CHAR(text, end) <= u"z":
                end += 1
        else:
            at = end
            continue
        found.append(text[at:end].lower())
        at = end
    return found
