# From columns back to bytes, distinct spans, and where a stream may be cut.

cdef inline void put_bytes(
    uint8_t *out, Py_ssize_t at, Py_ssize_t room, const uint8_t *source, Py_ssize_t p, Py_ssize_t limit, Py_ssize_t n
) noexcept nogil:
    """Copy ``source[p:p + n]`` to ``out[at:]``; ``room`` and ``limit`` are the two lengths."""
    if n <= 16 and at + 16 <= room and p + 16 <= limit:
        lp_copy16(out + at, source + p)
    else:
        memcpy(out + at, source + p, n)


cdef Py_ssize_t rendered_size(
    const int32_t[::1] structure, const int64_t[::1] first_value, const int64_t[::1] value_start,
    const int64_t[::1] value_end, Py_ssize_t buffer_size, const int64_t[::1] first_slot,
    const int64_t[::1] offset, const int64_t[::1] rows, bint all_rows,
) noexcept nogil:
    """Return the bytes that the rows render to, -1 when an index points outside its array.

    The arrays may come from a file that somebody damaged, so each index is checked here once,
    and the copy that follows trusts them.
    """
    cdef Py_ssize_t total = 0, i, r, v, low, high, k
    cdef Py_ssize_t n_records = structure.shape[0], n_values = value_start.shape[0]
    cdef Py_ssize_t n_shapes = first_slot.shape[0] - 1
    if first_value.shape[0] != n_records + 1 or value_end.shape[0] != n_values:
        return -1
    for i in range(n_records if all_rows else rows.shape[0]):
        r = i if all_rows else rows[i]
        if r < 0 or r >= n_records:
            return -1
        k = structure[r]
        low = first_value[r]
        high = first_value[r + 1]
        if k < 0 or k >= n_shapes or low < 0 or high > n_values:
            return -1
        if high - low != first_slot[k + 1] - first_slot[k]:
            return -1
        total += offset[first_slot[k + 1] + k + 1] - offset[first_slot[k] + k]
        for v in range(low, high):
            if value_start[v] < 0 or value_end[v] < value_start[v] or value_end[v] > buffer_size:
                return -1
            total += value_end[v] - value_start[v]
    return total


cdef bint table_is_sound(
    const int64_t[::1] first_slot, const int64_t[::1] offset, Py_ssize_t constants_size
) noexcept nogil:
    """Tell whether a structure table's indices rise and stay inside their arrays."""
    cdef Py_ssize_t n_shapes = first_slot.shape[0] - 1, i
    if n_shapes < 0 or first_slot[0] != 0 or offset.shape[0] != first_slot[n_shapes] + n_shapes + 1:
        return False
    for i in range(n_shapes):
        if first_slot[i + 1] < first_slot[i]:
            return False
    if offset[0] < 0 or offset[offset.shape[0] - 1] > constants_size:
        return False
    for i in range(offset.shape[0] - 1):
        if offset[i + 1] < offset[i]:
            return False
    return True


def render_records(
    const int32_t[::1] structure, const int64_t[::1] first_value, const int64_t[::1] value_start,
    const int64_t[::1] value_end, const uint8_t[::1] buffer, const int64_t[::1] first_slot,
    bytes constants, const int64_t[::1] offset, object rows,
):
    """Render records to bytes, in the order of ``rows`` (None: all)."""
    cdef bint all_rows = rows is None
    cdef const int64_t[::1] row_view = first_value if all_rows else rows
    cdef const uint8_t *blob = <const uint8_t *>PyBytes_AS_STRING(constants)
    cdef Py_ssize_t blob_size = len(constants), buffer_size = buffer.shape[0]
    cdef const uint8_t *source = &buffer[0] if buffer_size else blob
    cdef Py_ssize_t total = -1, at = 0, i, r, v, high, piece, p, n, n_rows
    cdef uint8_t *out
    with nogil:
        if table_is_sound(first_slot, offset, blob_size):
            total = rendered_size(
                structure, first_value, value_start, value_end, buffer_size, first_slot, offset,
                row_view, all_rows,
            )
    if total < 0:
        raise ValueError("an index of the batch points outside its arrays")
    result = PyBytes_FromStringAndSize(NULL, total)
    out = <uint8_t *>PyBytes_AS_STRING(result)
    n_rows = structure.shape[0] if all_rows else row_view.shape[0]
    with nogil:
        for i in range(n_rows):
            r = i if all_rows else row_view[i]
            piece = first_slot[structure[r]] + structure[r]
            high = first_value[r + 1]
            for v in range(first_value[r], high + 1):
                p = offset[piece]
                n = offset[piece + 1] - p
                put_bytes(out, at, total, blob, p, blob_size, n)
                at += n
                piece += 1
                if v < high:
                    p = value_start[v]
                    n = value_end[v] - p
                    put_bytes(out, at, total, source, p, buffer_size, n)
                    at += n
    return result


def gather_span(
    const int64_t[::1] first_value, const int64_t[::1] value_start, const int64_t[::1] value_end,
    const uint8_t[::1] buffer, bytes constants, const int64_t[::1] offset, const int64_t[::1] rows,
    tuple span,
):
    """Join the pieces of a span, row by row; return the joined bytes and the end of each row.

    ``offset`` holds the structure's own constants; ``span`` is a Span's four numbers.
    """
    cdef Py_ssize_t first = span[0], left = span[1], last = span[2], right = span[3]
    cdef Py_ssize_t n_pieces = 2 * (offset.shape[0] - 1) - 1, n_values = value_start.shape[0]
    cdef Py_ssize_t buffer_size = buffer.shape[0], i, piece, p, end, v, total = 0
    cdef const uint8_t *blob = <const uint8_t *>PyBytes_AS_STRING(constants)
    cdef const uint8_t *source
    cdef Vector out
    cdef bint ok = True
    if not 0 <= first <= last < n_pieces or left < 0 or right < 0:
        raise ValueError(f"span {span} lies outside a structure of {n_pieces} pieces")
    ends = np.empty(rows.shape[0], np.int64)
    cdef int64_t[::1] ends_view = ends
    memset(&out, 0, sizeof(Vector))
    with nogil:
        for i in range(rows.shape[0]):
            for piece in range(first, last + 1):
                if piece & 1:
                    v = first_value[rows[i]] + (piece >> 1)
                    ok = ok and 0 <= v < n_values and 0 <= value_start[v] <= value_end[v] <= buffer_size
                    if not ok:
                        break
                    source = &buffer[0] if buffer_size else blob
                    p = value_start[v]
                    end = value_end[v]
                else:
                    source = blob
                    p = offset[piece >> 1]
                    end = offset[(piece >> 1) + 1]
                if piece == last:
                    end -= right
                if piece == first:
                    p += left
                if end > p:
                    ok = ok and reserve(&out, end - p)
                    if not ok:
                        break
                    memcpy(out.data + out.size, source + p, end - p)
                    out.size += end - p
            ends_view[i] = out.size
    try:
        if not ok:
            raise ValueError("a value of the span lies outside the batch's buffer")
        return PyBytes_FromStringAndSize(out.data, out.size), ends
    finally:
        free(out.data)


def intern_spans(const uint8_t[::1] buffer, const int64_t[::1] start, const int64_t[::1] end):
    """Number the distinct spans of a buffer in order of first appearance.

    Returns the index of each distinct span's first appearance, and the number of each span.
    """
    cdef Py_ssize_t count = start.shape[0], size = buffer.shape[0], i, slot, mask = 1023, n, p
    cdef int32_t found, distinct = 0
    cdef bint ok = end.shape[0] == count
    cdef const uint8_t *d = &buffer[0] if size else NULL
    cdef uint64_t h
    cdef uint64_t *hashes
    cdef int32_t *table
    while mask < 2 * count:
        mask = 2 * mask + 1
    inverse = np.empty(count, np.int32)
    first = np.empty(count, np.int64)
    cdef int32_t[::1] inverse_view = inverse
    cdef int64_t[::1] first_view = first
    table = <int32_t *>malloc((mask + 1) * sizeof(int32_t))
    hashes = <uint64_t *>malloc((count + 1) * sizeof(uint64_t))
    try:
        if table == NULL or hashes == NULL:
            raise MemoryError(f"numbering {count} spans")
        with nogil:
            memset(table, 0xFF, (mask + 1) * sizeof(int32_t))
            for i in range(count if ok else 0):
                p = start[i]
                n = end[i] - p
                if p < 0 or n < 0 or end[i] > size:
                    ok = False
                    break
                h = hash_span(d + p, n, lp_fold(SEED ^ <uint64_t>n, FOLD_LENGTH))
                slot = (h ^ h >> 32) & mask
                while True:
                    found = table[slot]
                    if found < 0:
                        table[slot] = found = distinct
                        hashes[found] = h
                        first_view[found] = i
                        distinct += 1
                        break
                    if hashes[found] == h and end[first_view[found]] - start[first_view[found]] == n and (
                        same_bytes(d + start[first_view[found]], d + p, n)
                    ):
                        break
                    slot = (slot + 1) & mask
                inverse_view[i] = found
        if not ok:
            raise ValueError("a span lies outside its buffer")
        return first[:distinct].copy(), inverse
    finally:
        free(table)
        free(hashes)


cdef Py_ssize_t line_start(const uint8_t *d, Py_ssize_t p) noexcept nogil:
    """Return where the line before ``p``, itself a line's start, begins."""
    p -= 1
    while p > 0 and d[p - 1] != 10:
        p -= 1
    return p


cdef bint in_panic(const uint8_t *d, Py_ssize_t p, Py_ssize_t n) noexcept nogil:
    """Tell whether the lines before ``p`` are a Go panic, as far as a joined record goes."""
    cdef Py_ssize_t stop
    cdef int lines = 0, inside = IN_NONE
    while p > 0 and lines < MAX_RECORD_LINES:
        p = line_start(d, p)
        stop = content_end(d, p, line_end(d, p, n))
        continues_trace(d, p, stop, &inside)
        if inside == IN_GO:
            return True
        if not continues_panic(d, p, stop):
            return False
        lines += 1
    return False


cdef bint begins_record(
    Program *g, const uint8_t *d, Py_ssize_t p, Py_ssize_t n, int mode, Header *h
) noexcept nogil:
    cdef Py_ssize_t end = content_end(d, p, line_end(d, p, n)), before
    cdef int inside = IN_NONE
    if mode == MODE_HEADER:
        return match_header(g, d, p, end, h)
    if mode == MODE_LINES or p == 0:
        return True
    if d[p] == 32 or d[p] == 9 or continues_trace(d, p, end, &inside):
        return False
    if continues_panic(d, p, end) and in_panic(d, p, n):
        return False
    # After an indented line that is none of Java's, this one may name a Python exception.
    before = line_start(d, p)
    inside = IN_NONE
    if continues_trace(d, before, content_end(d, before, p), &inside):
        return not inside
    return d[before] != 32 and d[before] != 9


def block_cut(
    const uint8_t[::1] data, const int32_t[::1] ops, const uint8_t[::1] sets, int mode, Py_ssize_t max_lines
):
    """Return where to cut a block: the last record start after at most ``max_lines`` lines.

    0 when ``data`` has no complete line. Where no record starts within the reach of a joined
    record, the last line start is taken: the scan would have cut the record too.
    """
    cdef Program g
    cdef Header h
    cdef Py_ssize_t n = data.shape[0], limit = 0, cut, lines = 0, back = 0
    cdef const uint8_t *d
    cdef const void *found
    if n == 0:
        return 0
    d = &data[0]
    set_program(&g, ops, sets, 0)
    with nogil:
        while lines < max_lines and limit < n:
            found = memchr(d + limit, 10, n - limit)
            if found == NULL:
                break
            limit = <const uint8_t *>found - d + 1
            lines += 1
        cut = limit
        # Whether a record starts at the end of what we hold shows only in bytes yet to come.
        if cut == n or memchr(d + cut, 10, n - cut) == NULL:
            cut = line_start(d, cut) if cut > 0 else 0
            back = 1
        while cut > 0 and not begins_record(&g, d, cut, n, mode, &h):
            back += 1
            if back > MAX_RECORD_LINES or limit - cut > MAX_RECORD_BYTES:
                cut = 0
                break
            cut = line_start(d, cut)
    return cut if cut > 0 else limit


def match_lines(bytes data, const int32_t[::1] ops, const uint8_t[::1] sets, int64_t received_ns):
    """Tell for each line what it is to a header format.

    1: the header matches, 2: only its time does, 3: the line continues a trace or is blank,
    0: none of these.
    """
    cdef Program g
    cdef Header h
    cdef Py_ssize_t n = len(data), p = 0, end, stop
    cdef const uint8_t *d = <const uint8_t *>PyBytes_AS_STRING(data)
    cdef int inside = IN_NONE
    set_program(&g, ops, sets, received_ns)
    kinds = bytearray()
    while p < n:
        end = line_end(d, p, n)
        stop = content_end(d, p, end)
        clear_header(&h, p)
        if match_ops(&g, d, p, stop, 0, &h) >= 0:
            kinds.append(1)
            inside = IN_NONE
        elif h.has_time:
            kinds.append(2)
            inside = IN_NONE
        elif stop == p or d[p] == 32 or d[p] == 9 or continues_trace(d, p, stop, &inside):
            kinds.append(3)
        else:
            kinds.append(0)
        p = end
    return np.frombuffer(bytes(kinds), np.uint8)


def match_names(bytes line, const int32_t[::1] ops, const uint8_t[::1] sets):
    """Return ``(name, start, end)`` of each named field of one line without its end.

    ``name`` is a field's number among the program's names. None where the line does not match.
    """
    cdef Program g
    cdef Header h
    cdef Py_ssize_t n = len(line)
    set_program(&g, ops, sets, 0)
    g.wants_names = True
    clear_header(&h, 0)
    if match_ops(&g, <const uint8_t *>PyBytes_AS_STRING(line), 0, n, 0, &h) < 0:
        return None
    return [(h.named[i].name, h.named[i].start, h.named[i].end) for i in range(h.n_named)]


def hash_structures(
    const int64_t[::1] first_slot, const uint8_t[::1] kinds, bytes constants, const int64_t[::1] offset,
    const int32_t[:, ::1] message_start, const int32_t[:, ::1] message_end,
):
    """Return the hash of each structure of a table, the one that the scan gives it.

    Where two structures have one hash, the later one takes the next number that is free.
    """
    cdef const uint8_t *blob = <const uint8_t *>PyBytes_AS_STRING(constants)
    cdef Py_ssize_t count = first_slot.shape[0] - 1, blob_size = len(constants), i, k, piece, n
    cdef uint64_t h
    hashes = np.empty(max(count, 0), np.uint64)
    cdef uint64_t[::1] hash_view = hashes
    cdef bint ok
    with nogil:
        ok = (
            table_is_sound(first_slot, offset, blob_size) and first_slot[count] <= kinds.shape[0]
            and count <= message_start.shape[0] and count <= message_end.shape[0]
        )
        for i in range(count if ok else 0):
            h = SEED
            for k in range(first_slot[i], first_slot[i + 1] + 1):
                piece = k + i
                n = offset[piece + 1] - offset[piece]
                h = lp_fold(
                    h ^ (<uint64_t>n | (<uint64_t>kinds[k] << 56 if k < first_slot[i + 1] else 0)),
                    FOLD_LENGTH,
                )
                h = hash_span(blob + offset[piece], n, h)
            h = lp_fold(
                h ^ (<uint64_t>message_start[i, 0] | <uint64_t>message_start[i, 1] << 16
                     | <uint64_t>message_end[i, 0] << 32 | <uint64_t>message_end[i, 1] << 48),
                FOLD_MARKS,
            )
            hash_view[i] = lp_fold(h ^ (h >> 29), FOLD_LAST)
    if not ok:
        raise ValueError("a structure points outside the table's constants")
    taken = set()
    for i in range(count):
        number = int(hashes[i])
        while number in taken:
            number = (number + 1) & 0xFFFFFFFFFFFFFFFF
        taken.add(number)
        hashes[i] = number
    return hashes
