# cython: boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""How atoms look, as numbers, and where most of them end; compiled, as it is done for each."""

from cpython.unicode cimport PyUnicode_READ_CHAR
from libc.math cimport log1p
from libc.stdint cimport int8_t, int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport free, realloc
from libc.string cimport memcpy, memset

import numpy as np

cdef enum:
    SPACE = 1
    LETTER = 2
    DIGIT = 4
    EASY = 8  # a mark that nothing but a run of itself begins with
    HEX = 16
    BEHIND = 32  # behind a run of letters: a word ends here whatever follows
    MOST_HUMPS = 8
    MOST_LETTERS = 24  # of a word whose trigrams are hashed
    MOST_HASHED = 48  # five, humps and trigrams, with room to spare
    LEAST_ROOM = 256
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

    cdef int hash(self, str kind, str text, list parts, int64_t *found) except -1:
        """Hash what an atom looks like: kind, word, shape, affixes, humps, trigrams.

        At most `MOST_HASHED` are written to ``found``; returns how many.
        """
        cdef Py_ssize_t size = len(text), i, n
        cdef int count = 2
        cdef str low, padded, outline
        cdef bint has_digit = False
        if kind == "mark":
            n = min(size, 4)
            found[0] = self.bucket(u"m", text, 0, min(size, 3))
            found[1] = self.bucket(u"l", str(n), 0, 1)
            return count
        outline = shape(text)
        found[0] = self.bucket(u"k", kind, 0, len(kind))
        found[1] = self.bucket(u"s", outline, 0, len(outline))
        if kind not in ("word", "name", "path", "url"):
            return count
        low = text.lower()
        n = len(low)
        found[2] = self.bucket(u"p", low, 0, min(n, 3))
        found[3] = self.bucket(u"e", low, max(n - 3, 0), n)
        count = 4
        for i in range(size):
            has_digit = has_digit or PyUnicode_READ_CHAR(text, i).isdigit()
        if not has_digit:
            found[count] = self.bucket(u"w", low, 0, n)
            count += 1
        if kind in ("word", "name"):
            for hump in parts[:MOST_HUMPS]:
                found[count] = self.bucket(u"h", hump, 0, len(hump))
                count += 1
            padded = "^" + low[:MOST_LETTERS] + "$"
            for i in range(len(padded) - 2):
                found[count] = self.bucket(u"t", padded, i, i + 3)
                count += 1
        return count

    cdef int look(self, str kind, str text, list parts, float *found) except -1:
        """Describe an atom: size, digits, capitals, its kind, and the mean of its words."""
        cdef Py_ssize_t size = len(text), i, k, digits = 0, capitals = 0, n = 0
        cdef Py_ssize_t first = 5 + len(self.kinds)
        cdef bint joined = False
        cdef Py_UCS4 c
        cdef int64_t sums[MOST_WIDTH]
        memset(sums, 0, sizeof(sums))
        memset(found, 0, (first + self.width) * sizeof(float))
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
            for hump in parts:
                row = self.rows.get(hump)
                if row is None:
                    continue
                i = row
                n += 1
                for k in range(self.width):
                    sums[k] += self.vectors[i, k]
            for k in range(self.width if n else 0):
                found[first + k] = <float>(<double>sums[k] / n / 127)
        return 0


cdef class Lexicon:
    """The different atoms met so far, each looked at once.

    Parameters
    ----------
    looks : Looks
    word_key : callable
        Hashes an atom's text to 64 bits.
    masked : int
        The hash that all atoms with a digit have.
    """

    cdef Looks _looks
    cdef object _word_key, _masked
    cdef dict _kinds  # of each kind the atoms' numbers by text
    cdef Py_ssize_t _count, _room, _hashed_room, _width
    cdef int64_t *_hashed  # features of all atoms, one after the other
    cdef int64_t *_first  # where those of each atom begin, and the last's end
    cdef float *_rows
    cdef uint64_t *_words

    def __cinit__(self):
        self._hashed, self._first, self._rows, self._words = NULL, NULL, NULL, NULL

    def __init__(self, Looks looks, word_key, masked):
        self._looks, self._word_key, self._masked = looks, word_key, masked
        self._kinds = {kind: {} for kind in looks.kinds}
        self._width = 5 + len(looks.kinds) + looks.width
        self._count = 0
        self._room = self._hashed_room = 0
        self._grow()
        self._first[0] = 0

    def __dealloc__(self):
        free(self._hashed)
        free(self._first)
        free(self._rows)
        free(self._words)

    def __len__(self):
        return self._count

    cdef int _grow(self) except -1:
        """Make room for an atom more."""
        cdef Py_ssize_t room = max(2 * self._room, LEAST_ROOM)
        if self._count == self._room:
            self._first = <int64_t *>resized(self._first, (room + 1) * sizeof(int64_t))
            self._rows = <float *>resized(self._rows, room * self._width * sizeof(float))
            self._words = <uint64_t *>resized(self._words, room * sizeof(uint64_t))
            self._room = room
        cdef Py_ssize_t used = self._first[self._count] if self._count else 0
        if used + MOST_HASHED > self._hashed_room:
            self._hashed_room = 2 * used + LEAST_ROOM * MOST_HASHED
            self._hashed = <int64_t *>resized(
                self._hashed, self._hashed_room * sizeof(int64_t)
            )
        return 0

    cdef int _add(self, str kind, str text) except -1:
        cdef Py_ssize_t number = self._count, i
        cdef bint varies = False
        cdef list parts = humps(text) if kind in ("word", "name") else []
        self._grow()
        self._first[number + 1] = self._first[number] + self._looks.hash(
            kind, text, parts, self._hashed + self._first[number]
        )
        self._looks.look(kind, text, parts, self._rows + number * self._width)
        if not text.isalpha():
            for i in range(len(text)):
                varies = varies or PyUnicode_READ_CHAR(text, i).isdigit()
        self._words[number] = self._masked if varies else self._word_key(text)
        self._kinds[kind][text] = number
        self._count += 1
        return 0

    def numbers(self, list kinds, list texts):
        """Give the numbers of some atoms, (T,) int32."""
        cdef Py_ssize_t i, n = len(texts)
        out = np.empty(n, np.int32)
        cdef int32_t[::1] found = out
        cdef object number
        for i in range(n):
            number = (<dict>self._kinds[kinds[i]]).get(texts[i])
            if number is None:
                number = self._count
                self._add(kinds[i], texts[i])
            found[i] = number
        return out

    def words(self, const int32_t[::1] numbers):
        """Give the word keys of some atoms, (N,) uint64."""
        cdef Py_ssize_t i
        out = np.empty(numbers.shape[0], np.uint64)
        cdef uint64_t[::1] found = out
        for i in range(numbers.shape[0]):
            found[i] = self._words[numbers[i]]
        return out

    def rows(self, const int32_t[::1] numbers):
        """Give what some atoms look like.

        Returns
        -------
        tuple of ndarray
            Hashed features one atom after the other, int64; where those of each atom begin and
            the last's end (U + 1), int64; looks (U, LOOKS), float32.
        """
        cdef Py_ssize_t i, n = numbers.shape[0], size
        cdef int64_t low
        firsts = np.zeros(n + 1, np.int64)
        looks = np.empty((n, self._width), np.float32)
        cdef int64_t[::1] first = firsts
        cdef float[:, ::1] look = looks
        for i in range(n):
            first[i + 1] = first[i] + self._first[numbers[i] + 1] - self._first[numbers[i]]
        hashed = np.empty(first[n], np.int64)
        cdef int64_t[::1] found = hashed
        for i in range(n):
            low, size = self._first[numbers[i]], first[i + 1] - first[i]
            memcpy(&found[first[i]], self._hashed + low, size * sizeof(int64_t))
            memcpy(
                &look[i, 0], self._rows + numbers[i] * self._width, self._width * sizeof(float)
            )
        return hashed, firsts, looks


cdef void *resized(void *kept, size_t size) except NULL:
    cdef void *found = realloc(kept, size)
    if found == NULL:
        raise MemoryError("valb lexicon")
    return found


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
