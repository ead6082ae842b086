# Messages of structures: put together, sampled, and traced through their template's text.


def messages(batch, indices):
    """Put the messages of some structures together, with the values of their first records.

    Returns
    -------
    list of tuple
        Text, edges, first piece, bytes cut off left and right, values and number of records as
        in `View`, and its items as in `items`.
    """
    table = batch.structures
    cdef const int64_t[::1] first_slot = table.first_slot, offset = table.constant_offset
    cdef const int32_t[:, ::1] start = table.message_start, end = table.message_end
    cdef const int64_t[::1] first_value = batch.first_value
    cdef const int64_t[::1] value_start = batch.value_start, value_end = batch.value_end
    first_rows = np.full(len(table), -1, np.int64)
    first_rows[batch.structure[::-1]] = np.arange(len(batch) - 1, -1, -1)
    cdef const int64_t[::1] rows = first_rows, counts = batch.counts()
    cdef bytes blob = table.constants, buffer = bytes(batch.buffer), text
    cdef Py_ssize_t index, k, first, last, left, right, base, value, pieces, size, room = 256
    cdef int64_t low, high
    cdef int64_t* edges = <int64_t*>malloc(room * sizeof(int64_t))
    cdef const char* source
    cdef char* out
    cdef str shown
    cdef list found = [], values
    if edges == NULL:
        raise MemoryError("valb messages")
    try:
        for index in indices:
            first, left, last = start[index, 0], start[index, 1], end[index, 0]
            base = first_slot[index] + index
            value = first_value[rows[index]]
            right = offset[base + last + 1] - offset[base + last] - end[index, 1]
            pieces = 2 * (last - first) + 1
            if pieces >= room:
                room = 2 * pieces
                free(edges)
                edges = <int64_t*>malloc(room * sizeof(int64_t))
                if edges == NULL:
                    raise MemoryError("valb messages")
            size = offset[base + last + 1] - offset[base + first] - left - right
            for k in range(first, last):
                size += value_end[value + k] - value_start[value + k]
            text = PyBytes_FromStringAndSize(NULL, size)
            out = PyBytes_AS_STRING(text)
            size = 0
            values = []
            for k in range(pieces):
                edges[k] = size
                if k & 1:
                    source = PyBytes_AS_STRING(buffer)
                    low = value_start[value + first + (k >> 1)]
                    high = value_end[value + first + (k >> 1)]
                else:
                    source = PyBytes_AS_STRING(blob)
                    low = offset[base + first + (k >> 1)] + (left if k == 0 else 0)
                    high = offset[base + first + (k >> 1) + 1]
                    if k == pieces - 1:
                        high -= right
                memcpy(out + size, source + low, high - low)
                size += high - low
                if k & 1:
                    values.append((PyUnicode_DecodeLatin1(source + low, high - low, NULL),))
            edges[pieces] = size
            shown = PyUnicode_DecodeLatin1(out, size, NULL)
            found.append((
                (shown, tuple([edges[k] for k in range(pieces + 1)]), 2 * first, left, right,
                 tuple(values), counts[index]),
                cut_items(<const unsigned char*>out, edges, pieces),
            ))
    finally:
        free(edges)
    return found


def origins(str text, list places):
    """Give where each character of a template's text starts and ends in a view's text.

    ``places`` are the starts and ends of the variables, one after the other.
    """
    cdef list starts = [], ends = []
    cdef Py_ssize_t at, place = 0, low, high, k, n = len(places) // 2, size = len(text)
    cdef bint blank = True, was_blank  # blanks at the start are not in the text
    cdef Py_UCS4 c
    for k in range(n + 1):
        low = places[2 * k] if k < n else size
        high = places[2 * k + 1] if k < n else 0
        for at in range(place, low):
            was_blank = blank
            c = text[at]
            blank = c <= u" " or c == u"\x7f"
            if not (blank and was_blank):
                starts.append(at)
                ends.append(at + 1)
        if low <= high:
            for at in range(MARKER_SIZE):
                starts.append(low)
                ends.append(high)
            place = high
            blank = False
    return starts, ends


cdef inline bint splits_marker(str text, Py_ssize_t place):
    cdef Py_ssize_t size = len(text), start
    for start in range(max(place - MARKER_SIZE + 1, 0), place):
        if start + MARKER_SIZE <= size and (
            text[start] == u"<" and text[start + 1] == u"*" and text[start + 2] == u">"
        ):
            return True
    return False


def align(str text, list parts, is_hollow):
    """Find what lies between the constants of a more general template; see `structures.align`."""
    cdef str part = parts[0]
    cdef Py_ssize_t place, least, found, k, n = len(parts)
    cdef list places = []
    if not text.startswith(part) or (n == 1 and text != part):
        return None
    if not text.endswith(<str>parts[n - 1]):
        return None
    place = len(part)
    for k in range(1, n):
        part = parts[k]
        least = place if is_hollow(text, place) else place + 1
        found = len(text) - len(part) if k == n - 1 else text.find(part, least)
        if found < least:
            return None
        places.append((place, found))
        place = found + len(part)
    for place, found in places:
        if splits_marker(text, place) or splits_marker(text, found):
            return None
    return places


cdef class Sampler:
    """Reads messages of a batch's structures, and values of some of their records."""

    cdef const int64_t[::1] first_value, value_start, value_end, first_slot, offset
    cdef const int32_t[:, ::1] message_start, message_end
    cdef bytes buffer, blob

    def __init__(self, batch):
        table = batch.structures
        self.first_value, self.buffer = batch.first_value, bytes(batch.buffer)
        self.value_start, self.value_end = batch.value_start, batch.value_end
        self.first_slot, self.offset = table.first_slot, table.constant_offset
        self.message_start, self.message_end = table.message_start, table.message_end
        self.blob = table.constants

    def constants(self, Py_ssize_t index):
        """Give a message's constants, its first piece, and the bytes cut off left and right."""
        cdef Py_ssize_t first = self.message_start[index, 0], last = self.message_end[index, 0], k
        cdef Py_ssize_t left = self.message_start[index, 1], base = self.first_slot[index] + index
        cdef Py_ssize_t right = self.offset[base + last + 1] - self.offset[base + last]
        cdef int64_t low, high
        cdef list found = []
        right -= self.message_end[index, 1]
        for k in range(first, last + 1):
            low = self.offset[base + k] + (left if k == first else 0)
            high = self.offset[base + k + 1] - (right if k == last else 0)
            found.append(PyUnicode_DecodeLatin1(PyBytes_AS_STRING(self.blob) + low, high - low, NULL))
        return found, 2 * first, left, right

    def columns(self, Py_ssize_t index, list rows):
        """Give the values of each slot of a structure's message in some records."""
        cdef Py_ssize_t first = self.message_start[index, 0], last = self.message_end[index, 0]
        cdef Py_ssize_t k, row, value
        cdef const char* data = PyBytes_AS_STRING(self.buffer)
        cdef list columns = [], column
        for k in range(first, last):
            column = []
            for row in rows:
                value = self.first_value[row] + k
                column.append(PyUnicode_DecodeLatin1(
                    data + self.value_start[value],
                    self.value_end[value] - self.value_start[value], NULL,
                ))
            columns.append(tuple(column))
        return columns

    def keeps(
        self, const int64_t[::1] rows, Py_ssize_t slot, bytes head, bytes tail, bint whole
    ):
        """Tell whether all values of a slot have some bytes at their ends, or are ``head``."""
        cdef Py_ssize_t i, value, size, least = len(head) + len(tail)
        cdef const char* data = PyBytes_AS_STRING(self.buffer)
        for i in range(rows.shape[0]):
            value = self.first_value[rows[i]] + slot
            size = self.value_end[value] - self.value_start[value]
            if (size != least) if whole else (size <= least):
                return False
            if memcmp(data + self.value_start[value], PyBytes_AS_STRING(head), len(head)):
                return False
            if memcmp(data + self.value_end[value] - len(tail), PyBytes_AS_STRING(tail), len(tail)):
                return False
        return True


def keep_head(tuple values, str head):
    """Tell whether all values begin with a text and go on behind it."""
    cdef str value
    for value in values:
        if len(value) <= len(head) or not value.startswith(head):
            return False
    return True


def keep_tail(tuple values, str tail, Py_ssize_t room):
    """Tell whether all values end with a text and are longer than ``room``."""
    cdef str value
    for value in values:
        if len(value) <= room or not value.endswith(tail):
            return False
    return True


def likeliest_atoms(
    list spans, list low, list kinds, list starts, list ends, list chances
):
    """Find for each word of a template the atom in it that most likely varies, -1 for none.

    ``spans`` are the places of words in the text, ``low`` where
    each character of it is in the view.
    """
    cdef Py_ssize_t place = 0, n = len(kinds), best, a, b
    cdef double chance
    cdef list found = []
    for a, b in spans:
        a, b = low[a], <Py_ssize_t>low[b - 1] + 1
        while place < n and <Py_ssize_t>ends[place] <= a:
            place += 1
        best, chance = -1, -1.0
        while place < n and <Py_ssize_t>starts[place] < b:
            if kinds[place] != "mark" and <double>chances[place] > chance:
                best, chance = place, chances[place]
            place += 1
        found.append(best)
    return found
