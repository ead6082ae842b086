# The record loop: lines, joining, tokens, structures.

cdef enum:
    MODE_HEADER = 0
    MODE_TRACES = 1  # no header: only the lines of stack traces are joined
    MODE_LINES = 2  # every line is a record

    OUT_OF_MEMORY = -1

    IN_NONE = 0  # which trace a line is in
    IN_PYTHON = 1
    IN_GO = 2

SCAN_MODES = {"header": MODE_HEADER, "traces": MODE_TRACES, "lines": MODE_LINES}

cdef inline void push_slot(Scan *s, Py_ssize_t start, Py_ssize_t end, int kind) noexcept nogil:
    s.starts[s.n_slots] = start
    s.ends[s.n_slots] = end
    s.slot_kinds[s.n_slots] = kind
    s.n_slots += 1
    s.constant_bytes += start - s.last_end
    s.last_end = end
    s.good = end


cdef void open_text(Scan *s, Py_ssize_t start) noexcept nogil:
    """Put the rest of the record into one slot."""
    push_slot(s, start, s.content_end, TEXT_SLOT)
    s.full = True


cdef inline bint take_slot(Scan *s, Py_ssize_t start, Py_ssize_t end, int kind) noexcept nogil:
    """Add a slot; False when the structure is full and the rest became text."""
    if s.is_long and s.constant_bytes + start - s.last_end > MAX_CONSTANT_BYTES:
        open_text(s, s.good)
        return False
    if s.n_slots == MAX_SLOTS - 1:
        open_text(s, start)
        return False
    push_slot(s, start, end, kind)
    return True


cdef inline bint keep_constant(Scan *s, Py_ssize_t end) noexcept nogil:
    """Note that the constants reach ``end``; False when they pass their limit."""
    if s.constant_bytes + end - s.last_end > MAX_CONSTANT_BYTES:
        open_text(s, s.good)
        return False
    s.good = end
    return True


cdef bint tokenise(Scan *s, Py_ssize_t p, Py_ssize_t end) noexcept nogil:
    """Find the slots of ``[p, end)``; False when the structure is full."""
    cdef const uint8_t *d = s.d
    cdef Py_ssize_t start, stop
    cdef uint8_t byte_class, seen
    while p < end:
        byte_class = CLASS[d[p]]
        if byte_class & (DELIMITER | COLON):
            p += 1
            continue
        start = p
        seen = 0
        while True:
            seen |= byte_class
            p += 1
            if p == end:
                break
            byte_class = CLASS[d[p]]
            if byte_class & (DELIMITER | COLON):
                # A ':' ends a plain name, so that "Foo.java:12" is a name and a number, but
                # not an address or a time of day.
                if byte_class == DELIMITER or not seen & (DIGIT | OTHER):
                    break
        if seen & DIGIT:
            stop = p
            while d[start] == 47:
                start += 1
            while d[stop - 1] == 46 or d[stop - 1] == 58:
                stop -= 1
            if not take_slot(s, start, stop, TOKEN_SLOT):
                return False
        elif s.is_long and not keep_constant(s, p):
            return False
    return True


cdef inline void mark(Scan *s, int which, Py_ssize_t p) noexcept nogil:
    s.marks[which] = s.n_slots
    s.marks[which + 1] = <int32_t>(p - s.last_end)


cdef void cut_record(Scan *s, const Header *h) noexcept nogil:
    """Cut the record at hand into constants and slots, and mark its message."""
    cdef Py_ssize_t p = s.start, place
    cdef Py_ssize_t message_end = h.message_end if h.message_end >= 0 else s.content_end
    cdef bint in_header = True, in_message = True, alive = True
    cdef int i
    for i in range(h.n_forced + 1):
        place = h.forced[i].start if i < h.n_forced else s.content_end
        if in_header and h.message_start <= place:
            alive = alive and tokenise(s, p, h.message_start)
            if not alive:
                break
            p = h.message_start
            mark(s, 0, p)
            in_header = False
        if in_message and not in_header and message_end <= place:
            alive = tokenise(s, p, message_end)
            if not alive:
                break
            p = message_end
            mark(s, 2, p)
            in_message = False
        alive = tokenise(s, p, place)
        if not alive or i == h.n_forced:
            break
        alive = take_slot(s, place, h.forced[i].end, h.forced[i].kind)
        if not alive:
            break
        p = h.forced[i].end
    if alive and s.is_long and s.constant_bytes + s.content_end - s.last_end > MAX_CONSTANT_BYTES:
        open_text(s, s.good)
    close_marks(s, h, in_header, in_message)


cdef void close_marks(Scan *s, const Header *h, bint in_header, bint in_message) noexcept nogil:
    """Place the marks that a text slot swallowed: the message holds that slot."""
    if not s.full:
        return
    if in_header:
        if h.message_end >= 0:
            s.marks[0] = 0
            s.marks[1] = 0
        else:
            s.marks[0] = s.n_slots - 1
            s.marks[1] = <int32_t>(s.starts[s.n_slots - 1] - (s.ends[s.n_slots - 2] if s.n_slots > 1 else s.start))
    elif s.marks[0] == s.n_slots - 1 and s.marks[1] > s.starts[s.n_slots - 1] - (s.ends[s.n_slots - 2] if s.n_slots > 1 else s.start):
        s.marks[1] = <int32_t>(s.starts[s.n_slots - 1] - (s.ends[s.n_slots - 2] if s.n_slots > 1 else s.start))
    if in_message or s.marks[2] >= s.n_slots - 1:
        s.marks[2] = s.n_slots
        s.marks[3] = 0


cdef inline Py_ssize_t content_end(const uint8_t *d, Py_ssize_t start, Py_ssize_t end) noexcept nogil:
    """Return where the bytes of ``[start, end)`` without their line end stop."""
    if end > start and d[end - 1] == 10:
        end -= 1
        if end > start and d[end - 1] == 13:
            end -= 1
    return end


cdef inline Py_ssize_t line_end(const uint8_t *d, Py_ssize_t p, Py_ssize_t n) noexcept nogil:
    cdef const void *found = memchr(d + p, 10, n - p)
    return <const uint8_t *>found - d + 1 if found != NULL else n


cdef bint add_record(Scan *s, Py_ssize_t start, Py_ssize_t end, int lines, const Header *h) noexcept nogil:
    """Store one record; False when there is no memory."""
    cdef int index, name = -1
    if not (
        reserve(&s.value_start, MAX_SLOTS * sizeof(int64_t))
        and reserve(&s.value_end, MAX_SLOTS * sizeof(int64_t))
        and reserve(&s.structure, 4) and reserve(&s.time, 8) and reserve(&s.origin, 1)
        and reserve(&s.level, 1) and reserve(&s.component, 4) and reserve(&s.lines, 4)
        and reserve(&s.first_value, 16)
    ):
        return False
    s.start = s.last_end = s.good = start
    s.end = end
    s.content_end = content_end(s.d, start, end)
    s.constant_bytes = 0
    s.is_long = end - start > MAX_CONSTANT_BYTES
    s.full = False
    s.n_slots = 0
    s.starts = <int64_t *>(s.value_start.data + s.value_start.size)
    s.ends = <int64_t *>(s.value_end.data + s.value_end.size)
    cut_record(s, h)
    index = find_shape(s)
    if h.component_start >= 0:
        name = find_name(s, h.component_start, h.component_end)
    if index == OUT_OF_MEMORY or (h.component_start >= 0 and name < 0):
        return False
    if h.has_time:
        s.previous_ns = h.time_ns
        s.previous_origin = 1
    put32(&s.structure, index)
    put64(&s.time, s.previous_ns)
    put8(&s.origin, 0 if h.has_time else s.previous_origin)
    put8(&s.level, h.level)
    put32(&s.component, name)
    put32(&s.lines, lines)
    put64(&s.first_value, s.value_start.size // <Py_ssize_t>sizeof(int64_t))
    s.value_start.size += s.n_slots * <Py_ssize_t>sizeof(int64_t)
    s.value_end.size += s.n_slots * <Py_ssize_t>sizeof(int64_t)
    return True


cdef inline void put8(Vector *v, int value) noexcept nogil:
    v.data[v.size] = <char>value
    v.size += 1


cdef inline void put32(Vector *v, int32_t value) noexcept nogil:
    (<int32_t *>(v.data + v.size))[0] = value
    v.size += 4


cdef inline void put64(Vector *v, int64_t value) noexcept nogil:
    (<int64_t *>(v.data + v.size))[0] = value
    v.size += 8


cdef bint continues_panic(const uint8_t *d, Py_ssize_t p, Py_ssize_t end) noexcept nogil:
    """Tell whether a line goes on with a Go panic: goroutines, their calls and places."""
    cdef Py_ssize_t q = p
    if p == end or d[p] == 9 or starts_with(d, p, end, b"goroutine ", 10):
        return True
    if starts_with(d, p, end, b"created by ", 11) or starts_with(d, p, end, b"[signal ", 8):
        return True
    if starts_with(d, p, end, b"exit status ", 12) or starts_with(d, p, end, b"panic: ", 7):
        return True
    # A call: main.(*T).run(0xc000, {0x1, 0x2}) or main.f(...).
    while q < end and d[q] > 32 and not (d[q] == 40 and q + 1 < end and d[q + 1] != 42):
        q += 1
    return p < q < end and d[q] == 40 and d[end - 1] == 41


cdef bint continues_trace(const uint8_t *d, Py_ssize_t p, Py_ssize_t end, int *inside) noexcept nogil:
    """Tell whether a line belongs to the stack trace of the record before it.

    A Python traceback goes from its first line over the indented ones to the line that names
    the exception, a Go panic from ``panic:`` or ``goroutine 1 [running]:`` as far as its lines
    look so; ``inside`` carries from line to line in which of them we are.
    """
    cdef Py_ssize_t q = p
    while q < end and (d[q] == 32 or d[q] == 9):
        q += 1
    if starts_with(d, q, end, b"Traceback (most recent call last)", 33):
        inside[0] = IN_PYTHON
        return True
    if inside[0] == IN_PYTHON:
        inside[0] = IN_PYTHON if q > p else IN_NONE
        return q < end
    if inside[0] == IN_GO and continues_panic(d, p, end):
        return True
    inside[0] = IN_NONE
    if starts_with(d, p, end, b"panic: ", 7) or starts_with(d, p, end, b"fatal error: ", 13) or (
        starts_with(d, p, end, b"goroutine ", 10) and d[end - 1] == 58
    ):
        inside[0] = IN_GO
        return False
    if starts_with(d, q, end, b"Caused by:", 10) or starts_with(d, q, end, b"Suppressed:", 11):
        return True
    return q > p and (starts_with(d, q, end, b"at ", 3) or starts_with(d, q, end, b"... ", 4))


cdef void take_second_line(
    const uint8_t *d, Py_ssize_t p, Py_ssize_t end, Py_ssize_t next_end, Header *h
) noexcept nogil:
    """Take the level that the second line begins with where the first is a header and no more.

    So java.util.logging writes: its first line ends with class and method.
    """
    cdef Py_ssize_t q = end
    cdef int level
    if not h.has_time or h.level or h.message_end >= 0 or h.message_start < content_end(d, p, end):
        return
    while q < next_end and 65 <= d[q] <= 90:
        q += 1
    if q == end or q == next_end or d[q] != 58:
        return
    level = level_of(d, end, q, False)
    if starts_with(d, end, q, b"FINE", 4) or starts_with(d, end, q, b"CONFIG", 6):
        level = 1 if q == end + 6 and d[end + 5] == 84 else 2  # FINEST; FINE, FINER, CONFIG
    if level > 0:
        h.level = level


cdef bint scan_records(Scan *s, Program *g, int mode, Header *h, Header *following) noexcept nogil:
    """Go over the lines once; False when there is no memory."""
    cdef const uint8_t *d = s.d
    cdef Py_ssize_t p = 0, end, next_end = 0
    cdef int lines
    cdef bint joins
    cdef int inside
    cdef Header *swap
    if s.n == 0:
        return True
    end = line_end(d, 0, s.n)
    clear_header(h, 0)
    if mode == MODE_HEADER:
        match_header(g, d, 0, content_end(d, 0, end), h)
    while True:
        lines = 1
        inside = IN_NONE
        if mode == MODE_TRACES:
            continues_trace(d, p, content_end(d, p, end), &inside)
        while end < s.n:
            next_end = line_end(d, end, s.n)
            joins = False
            if mode == MODE_HEADER:
                joins = not match_header(g, d, end, content_end(d, end, next_end), following)
            elif mode == MODE_TRACES:
                joins = continues_trace(d, end, content_end(d, end, next_end), &inside)
            if not joins or lines == MAX_RECORD_LINES or next_end - p > MAX_RECORD_BYTES:
                break
            if lines == 1 and mode == MODE_HEADER:
                take_second_line(d, p, end, next_end, h)
            lines += 1
            end = next_end
        if not add_record(s, p, end, lines, h):
            return False
        if end == s.n:
            return True
        p = end
        end = next_end
        swap = h
        h = following
        following = swap
        if mode != MODE_HEADER or not h.found:
            clear_header(h, p)


cdef void free_scan(Scan *s) noexcept nogil:
    free(s.structure.data)
    free(s.time.data)
    free(s.origin.data)
    free(s.level.data)
    free(s.component.data)
    free(s.lines.data)
    free(s.first_value.data)
    free(s.value_start.data)
    free(s.value_end.data)
    free(s.shapes.data)
    free(s.kinds.data)
    free(s.names.data)
    free(s.shape_table)
    free(s.name_table)


cdef tuple take_columns(Scan *s, const uint8_t *d):
    """Build the record columns, in the order of RecordBatch's fields."""
    cdef const Name *names = <const Name *>s.names.data
    cdef Py_ssize_t i
    components = tuple([
        PyBytes_FromStringAndSize(<const char *>d + names[i].start, names[i].end - names[i].start)
        for i in range(s.names.size // <Py_ssize_t>sizeof(Name))
    ])
    return (
        take_array(&s.structure, np.int32), take_array(&s.time, np.int64),
        take_array(&s.origin, np.uint8), take_array(&s.level, np.uint8),
        take_array(&s.component, np.int32), components, take_array(&s.lines, np.int32),
        take_array(&s.first_value, np.int64), take_array(&s.value_start, np.int64),
        take_array(&s.value_end, np.int64),
    )


cdef void set_program(Program *g, const int32_t[::1] ops, const uint8_t[::1] sets, int64_t received_ns):
    memset(g, 0, sizeof(Program))
    g.ops = &ops[0]
    g.sets = &sets[0]
    g.received_ns = received_ns
    g.mark_op = -1


def scan_block(
    bytes data, const int32_t[::1] ops, const uint8_t[::1] sets, int mode,
    int64_t received_ns, object previous_ns, uint64_t hash_mask=0xFFFFFFFFFFFFFFFF,
):
    """Scan one block; return the structure arrays and the record columns.

    ``hash_mask`` exists so that a test can make hashes collide.
    """
    cdef Scan s
    cdef Program g
    cdef Header *headers
    cdef bint ok
    memset(&s, 0, sizeof(Scan))
    set_program(&g, ops, sets, received_ns)
    s.d = <const uint8_t *>PyBytes_AS_STRING(data)
    s.n = len(data)
    s.hash_mask = hash_mask
    s.previous_ns = received_ns if previous_ns is None else previous_ns
    s.previous_origin = 2 if previous_ns is None else 1
    headers = <Header *>malloc(2 * sizeof(Header))
    try:
        with nogil:
            ok = headers != NULL and grow_shape_table(&s, 1024) and grow_name_table(&s, 64)
            ok = ok and scan_records(&s, &g, mode, headers, headers + 1)
            if ok and reserve(&s.first_value, 8):
                put64(&s.first_value, s.value_start.size // <Py_ssize_t>sizeof(int64_t))
            else:
                ok = False
        if not ok:
            raise MemoryError(f"scanning a block of {s.n} bytes")
        return take_structures(&s), take_columns(&s, s.d)
    finally:
        free(headers)
        free_scan(&s)
