# cython: boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""What is counted atom by atom: distinct values for a key, and how a slot's values look."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from cpython.unicode cimport PyUnicode_DecodeLatin1
from libc.math cimport log1p
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memcmp, memcpy

import numpy as np

cdef enum:
    SLOT_FEATURES = 24
    MARKER_SIZE = 3  # <*>

SLOT_WIDTH = SLOT_FEATURES


cdef inline uint64_t mix(uint64_t x) noexcept nogil:
    x = (x ^ (x >> 30)) * <uint64_t>0xBF58476D1CE4E5B9
    x = (x ^ (x >> 27)) * <uint64_t>0x94D049BB133111EB
    return x ^ (x >> 31)


cdef class HashSet:
    """Keys and a count each, open addressing; key 0 is never used."""

    cdef uint64_t* keys
    cdef uint32_t* counts
    cdef size_t mask, used

    def __cinit__(self):
        self.mask = 0
        self.used = 0
        self.keys = NULL
        self.counts = NULL
        self._allocate(1 << 10)

    def __dealloc__(self):
        free(self.keys)
        free(self.counts)

    cdef int _allocate(self, size_t size) except -1:
        self.keys = <uint64_t*>calloc(size, sizeof(uint64_t))
        self.counts = <uint32_t*>calloc(size, sizeof(uint32_t))
        if self.keys == NULL or self.counts == NULL:
            raise MemoryError("valb evidence")
        self.mask = size - 1
        return 0

    cdef size_t place(self, uint64_t key) noexcept nogil:
        cdef size_t at = <size_t>mix(key) & self.mask
        while self.keys[at] and self.keys[at] != key:
            at = (at + 1) & self.mask
        return at

    cdef int grow(self) except -1:
        cdef uint64_t* keys = self.keys
        cdef uint32_t* counts = self.counts
        cdef size_t size = self.mask + 1, i, at
        self._allocate(size * 2)
        for i in range(size):
            if keys[i]:
                at = self.place(keys[i])
                self.keys[at] = keys[i]
                self.counts[at] = counts[i]
        free(keys)
        free(counts)
        return 0

    cdef size_t insert(self, uint64_t key) except? 0:
        """Find or make a key's place."""
        if 2 * self.used > self.mask:
            self.grow()
        cdef size_t at = self.place(key)
        if not self.keys[at]:
            self.keys[at] = key
            self.used += 1
        return at


cdef class FanOut:
    """How many different values were seen for a key, at most ``most``."""

    cdef HashSet _keys
    cdef HashSet _pairs
    cdef uint32_t _most

    def __init__(self, uint32_t most):
        self._most = most
        self._keys = HashSet()
        self._pairs = HashSet()

    def add(self, const uint64_t[::1] keys, const uint64_t[::1] values):
        """Note that each value was seen for its key."""
        cdef Py_ssize_t i
        cdef size_t at, pair
        for i in range(keys.shape[0]):
            at = self._keys.insert(keys[i] | 1)
            if self._keys.counts[at] >= self._most:
                continue
            pair = self._pairs.insert(mix(keys[i] + <uint64_t>0x9E3779B97F4A7C15) ^ values[i] | 1)
            if not self._pairs.counts[pair]:
                self._pairs.counts[pair] = 1
                self._keys.counts[at] += 1

    def count(self, const uint64_t[::1] keys):
        """Give for each key the number of different values seen."""
        out = np.zeros(keys.shape[0], np.int32)
        cdef int[::1] view = out
        cdef Py_ssize_t i
        cdef size_t at
        for i in range(keys.shape[0]):
            at = self._keys.place(keys[i] | 1)
            view[i] = self._keys.counts[at]
        return out


cdef int _read(str text, double* number) except -1:
    """Read a value: bit 1 integer, 2 fraction, 4 negative, 8 leading zero, 16 hex, 32 letters,
    64 slash, 128 colon, 256 joined by - or _, 512 zero or one."""
    cdef Py_ssize_t size = len(text), i, digits = 0, dots = 0, hexes = 0, letters = 0, start = 0
    cdef int looks = 0
    cdef Py_UCS4 c
    cdef double whole = 0, part = 0, scale = 1
    if size and text[0] == u"-":
        looks |= 4
        start = 1
    for i in range(start, size):
        c = text[i]
        if u"0" <= c <= u"9":
            digits += 1
            if dots == 0:
                whole = whole * 10 + (<int>c - 48)
            elif dots == 1:
                scale /= 10
                part += scale * (<int>c - 48)
        elif c == u".":
            dots += 1
        elif u"a" <= c <= u"f" or u"A" <= c <= u"F":
            hexes += 1
        elif c == u"/" or c == u"\\":
            looks |= 64
        elif c == u":":
            looks |= 128
        elif c == u"-" or c == u"_":
            looks |= 256
        else:
            letters += 1
    if hexes or letters:
        looks |= 32
    number[0] = -1
    if digits and digits == size - start:
        looks |= 1
    elif digits and dots == 1 and digits + 1 == size - start:
        looks |= 2
    if looks & 3:
        number[0] = whole + part
        if digits > 1 and text[start] == u"0" and not looks & 2:
            looks |= 8
        if looks & 1 and size == 1 and whole < 2:
            looks |= 512
    else:
        looks &= ~4
    if hexes and digits and not dots and not looks & (64 | 128 | 256) and (
        letters == 0 or (letters == 1 and size > 2 and text[1] == u"x")
    ):
        looks |= 16
    return looks


cdef inline float logged(double x) noexcept nogil:
    return <float>(log1p(x) / 12)


cdef int describe(tuple values, float* out) except -1:
    """Say how a slot's values look; `out` has SLOT_FEATURES places, all 0."""
    cdef Py_ssize_t n = len(values), i, size, first_size = -1, numbers = 0
    cdef int looks, bit
    cdef double number, last = -1, low = 1e300, high = 0
    cdef double rising = 0, level = 0, pairs = 0, length = 0, kilo = 0, tens = 0, small = 0
    cdef bint same_size = True
    cdef str text
    cdef float share = <float>(1.0 / n)
    cdef Py_ssize_t distinct = len(set(values))
    for i in range(n):
        text = <str>values[i]
        size = len(text)
        length += size
        if first_size < 0:
            first_size = size
        elif size != first_size:
            same_size = False
        looks = _read(text, &number)
        for bit in range(10):
            if looks >> bit & 1:
                out[5 + bit] += share
        if looks & 3:
            numbers += 1
            low = min(low, number)
            high = max(high, number)
            if looks & 1 and number >= 1024 and number % 512 == 0:
                kilo += 1
            if looks & 1 and number >= 10 and number % 10 == 0:
                tens += 1
            if looks & 2 and number <= 1:
                small += 1
            if last >= 0:
                pairs += 1
                rising += number > last
                level += number == last
            last = number
        else:
            last = -1
    out[0] = 1
    out[1] = n > 1
    out[2] = <float>(log1p(distinct - 1) / 4)
    out[3] = <float>distinct / n if n > 1 else 0
    out[4] = n > 1 and same_size
    # 5 to 14: the looks
    if numbers:
        out[15] = logged(high)
        out[16] = logged(low)
        out[17] = <float>(kilo / numbers)
        out[18] = <float>(tens / numbers)
        out[19] = <float>(small / numbers)
    if pairs >= 2:
        out[20] = <float>(rising / pairs)
        out[21] = <float>(level / pairs)
        out[22] = <float>(min(pairs, 8) / 8)
    out[23] = <float>(log1p(length / n) / 4)
    return 0


def slot_features(list columns):
    """Describe the values of some slots.

    Parameters
    ----------
    columns : list of tuple of str
        At least one value each.

    Returns
    -------
    ndarray of shape (n, SLOT_WIDTH), float32
    """
    out = np.zeros((len(columns), SLOT_FEATURES), np.float32)
    cdef float[:, ::1] view = out
    cdef Py_ssize_t i
    for i in range(len(columns)):
        describe(columns[i], &view[i, 0])
    return out


def held_share(list texts, list columns):
    """Give for each text the share of its column's values that contain it, float32."""
    out = np.zeros(len(texts), np.float32)
    cdef float[::1] view = out
    cdef Py_ssize_t i, held
    cdef str text, value
    for i in range(len(texts)):
        column = columns[i]
        if column is None or len(column) < 2:
            continue
        text = texts[i]
        held = 0
        for value in <tuple>column:
            held += text in value
        view[i] = <float>held / len(column)
    return out


cdef uint8_t IN_WORD[256]
for _code in range(256):
    _char = chr(_code)
    IN_WORD[_code] = _code >= 128 or _char.isalnum() or _char in "_.$-"


cdef tuple cut_items(const unsigned char* data, const int64_t* edges, Py_ssize_t n):
    """Cut a text into items; see `items`. ``edges`` has ``n + 1`` places."""
    cdef Py_ssize_t piece, at, low, high, start
    cdef uint64_t frame = <uint64_t>0xCBF29CE484222325, word
    cdef list hashes = [], starts = [], ends = []
    high = edges[0]
    for piece in range(n):
        low = high
        high = edges[piece + 1]
        if piece & 1:
            frame = (frame ^ 256) * <uint64_t>0x100000001B3
            hashes.append(1)
            starts.append(low)
            ends.append(high)
            continue
        at = low
        while at < high:
            if not IN_WORD[data[at]]:
                frame = (frame ^ data[at]) * <uint64_t>0x100000001B3
                at += 1
                continue
            start = at
            word = <uint64_t>0xCBF29CE484222325
            while at < high and IN_WORD[data[at]]:
                word = (word ^ data[at]) * <uint64_t>0x100000001B3
                at += 1
            frame = (frame ^ 256) * <uint64_t>0x100000001B3
            hashes.append(word)
            starts.append(start)
            ends.append(at)
    return frame, hashes, starts, ends


def items(bytes text, tuple edges):
    """Cut a structure's message into items: slots, and words of its constants.

    Parameters
    ----------
    text : bytes
    edges : tuple of int
        As in `View`.

    Returns
    -------
    tuple
        A hash of what lies between the items, and lists of each item's hash (1 for a slot),
        start and end.
    """
    cdef int64_t[::1] places = np.array(edges, np.int64)
    return cut_items(<const unsigned char*><char*>text, &places[0], len(edges) - 1)


def layout(list hashes, list starts, list ends, tuple varying):
    """Give what the spans of a structure of a family depend on: slots, sizes of words."""
    cdef list found = []
    cdef Py_ssize_t k
    for k in range(len(hashes)):
        if hashes[k] == 1:
            found.append(k)
    if len(varying) > 1:
        found.append(-1)
        for k in varying:
            if hashes[k] != 1:
                found.append(ends[k] - starts[k])
    return tuple(found)


include "_messages.pxi"


def joint(str text, Py_ssize_t start, Py_ssize_t near):
    """Give what joins a variable to the word before it, and whether there is one with a letter.

    Only the ``near`` bytes before ``start`` are looked at.
    """
    cdef Py_ssize_t least = max(start - near, 0), at = start, behind
    cdef bint has_letter = False
    cdef Py_UCS4 c
    while at > least and not is_word(text[at - 1]):
        at -= 1
    behind = at
    while at > least and is_word(text[at - 1]):
        at -= 1
        c = text[at]
        has_letter = has_letter or c > u"9" and c != u"_"
    return text[behind:start], has_letter


cdef inline bint is_word(Py_UCS4 c) noexcept:
    return u"0" <= c <= u"9" or u"A" <= c <= u"Z" or u"a" <= c <= u"z" or c == u"_"


def runs(list kinds, list texts, list spaced, list tags):
    """Give the first and last atom of each variable that some tags begin and go on with.

    None has half a pair of brackets, and the punctuation that joins it to what stands around
    is left out; of what is nothing else the first lies behind the last.
    """
    cdef Py_ssize_t i, k, first = -1, last = -1, start, n = len(tags)
    cdef int tag
    cdef list found = []
    for i in range(n + 1):
        tag = tags[i] if i < n else 1
        if tag == 2 and first >= 0 and last == i - 1:
            last = i
        elif tag:
            if first >= 0:
                start = first
                for k in range(first + 1, last + 1):
                    if spaced[k] and opens(texts, k, last):
                        found.append(trimmed(kinds, texts, start, k - 1))
                        start = k + 1
                if start <= last:
                    found.append(trimmed(kinds, texts, start, last))
            first = last = i
    return found


cdef bint opens(list texts, Py_ssize_t at, Py_ssize_t last):
    """Tell whether an atom is a bracket that no atom up to the last one closes."""
    cdef str text = texts[at], close
    cdef Py_ssize_t k
    if text == "(":
        close = ")"
    elif text == "[":
        close = "]"
    elif text == "{":
        close = "}"
    else:
        return False
    for k in range(at, last + 1):
        if close in <str>texts[k]:
            return False
    return True


cdef tuple trimmed(list kinds, list texts, Py_ssize_t first, Py_ssize_t last):
    while first <= last and kinds[first] == "mark" and (<str>texts[first])[0] in u".,:;=":
        first += 1
    while first <= last and kinds[last] == "mark" and (<str>texts[last])[0] in u".,:;=":
        last -= 1
    return first, last
