# The header matcher: interprets the operations that header.py compiles from a pattern.

cdef enum:
    FIELD_BLANKS = 1  # the run may hold blanks (it is closed by a bracket or a quote)
    FIELD_EMPTY = 2  # ... may be empty
    FIELD_COLON_BLANK = 4  # ... ends at a ':' only before a blank
    FIELD_ESCAPES = 8  # ... a backslash hides the byte after it
    FIELD_DOTTED = 16  # ... must look like a dotted name
    FIELD_COMPONENT = 32
    FIELD_SLOT_FLAG = 64
    FIELD_DIGITS = 128
    FIELD_NUMBER = 256  # digits with a point in them
    FIELD_CLOCK = 512  # a time of day

    LEVEL_ANY = 0  # any case
    LEVEL_STRICT = 1  # a word that could begin a sentence is not a level
    LEVEL_LETTER = 2
    LEVEL_POSTGRES = 3
    LEVEL_MARK = 4  # Redis's . - * #

    MAX_DEPTH = 8
    MAX_NAMED = 32  # named fields of one line; later ones have no name

OP_CODES = {
    "end": OP_END, "byte": OP_BYTE, "set": OP_SET, "blank": OP_BLANK, "field": OP_FIELD,
    "level": OP_LEVEL, "words": OP_WORDS, "priority": OP_PRIORITY, "try": OP_TRY,
    "commit": OP_COMMIT, "message": OP_MESSAGE, "json": OP_JSON,
    "logfmt": OP_LOGFMT, "time": OP_TIME,
    "time_mark": OP_TIME_MARK, "time_end": OP_TIME_END,
    "%Y": OP_YEAR, "%y": OP_YEAR2, "%m": OP_MONTH, "%b": OP_MONTH_NAME, "%d": OP_DAY,
    "%e": OP_DAY_PADDED, "%a": OP_WEEKDAY, "%H": OP_HOUR, "%M": OP_MINUTE, "%S": OP_SECOND,
    "%f": OP_FRACTION, "%z": OP_ZONE, "%Z": OP_ZONE_NAME, "%s": OP_EPOCH,
    "%I": OP_HOUR, "%p": OP_HALF,
}
FIELD_FLAGS = {
    "blanks": FIELD_BLANKS, "empty": FIELD_EMPTY, "colon_blank": FIELD_COLON_BLANK,
    "escapes": FIELD_ESCAPES, "dotted": FIELD_DOTTED, "component": FIELD_COMPONENT,
    "slot": FIELD_SLOT_FLAG, "digits": FIELD_DIGITS,
    "number": FIELD_NUMBER, "clock": FIELD_CLOCK,
}
LEVEL_VARIANTS = {
    "": LEVEL_ANY, "strict": LEVEL_STRICT, "letter": LEVEL_LETTER, "postgres": LEVEL_POSTGRES,
    "redis": LEVEL_MARK,
}

cdef struct Forced:
    Py_ssize_t start
    Py_ssize_t end
    uint8_t kind

cdef struct Named:
    int name  # its number among the names of the program
    Py_ssize_t start
    Py_ssize_t end

cdef struct Header:
    bint found
    bint has_time
    int64_t time_ns
    int level
    Py_ssize_t component_start  # -1 for none
    Py_ssize_t component_end
    Py_ssize_t message_start
    Py_ssize_t message_end  # -1 for the end of the record
    int n_forced
    int n_named
    Forced forced[MAX_SLOTS]
    Named named[MAX_NAMED]

cdef struct Program:
    const int32_t *ops  # four to an operation: code and three operands
    const uint8_t *sets  # 256 bytes each
    int64_t received_ns
    Clock clock
    Py_ssize_t time_start
    bint wants_names  # note where the named fields are
    # The last timestamp up to its seconds: lines of the same second skip their parse.
    const uint8_t *mark_text
    Py_ssize_t mark_bytes
    int mark_op
    int64_t mark_seconds

cdef struct Frame:
    int op
    Py_ssize_t p
    int n_forced, n_named, level
    bint has_time, has_year, has_epoch
    int64_t nanos, zone_s
    Py_ssize_t component_start, component_end

cdef struct LevelWord:
    uint64_t first8  # upper case, zero-padded
    int length
    int level
    bint postgres_only

cdef LevelWord LEVELS[128]  # a hash table; length 0 where nothing lies
cdef int LETTER_LEVEL[256]


cdef inline int level_slot(uint64_t first8) noexcept nogil:
    return <int>((first8 * FOLD_LENGTH) >> 57)


cdef void fill_levels():
    words = {
        1: "TRACE VERBOSE TRC VRB",
        2: "DEBUG DBG",
        3: "INFO INF NOTICE INFORMATION INFORMATIONAL",
        4: "WARN WARNING WRN",
        5: "ERROR ERR SEVERE",
        6: "CRITICAL CRIT FATAL FTL ALERT EMERG PANIC EMERGENCY DPANIC",
    }
    postgres = {3: "LOG NOTE SYSTEM", 0: "STATEMENT DETAIL HINT CONTEXT QUERY LOCATION"}
    cdef uint64_t first8
    cdef int slot
    memset(LEVELS, 0, sizeof(LEVELS))
    for table, only in ((words, False), (postgres, True)):
        for level, names in table.items():
            for name in names.split():
                first8 = int.from_bytes(name.encode()[:8], "little")
                slot = level_slot(first8)
                while LEVELS[slot].length:
                    slot = (slot + 1) & 127
                LEVELS[slot].first8 = first8
                LEVELS[slot].length = len(name)
                LEVELS[slot].level = level
                LEVELS[slot].postgres_only = only
    memset(LETTER_LEVEL, 0, sizeof(LETTER_LEVEL))
    for letter, level in zip(b"VTDIWEFCS", (1, 1, 2, 3, 4, 5, 6, 6, 6)):
        LETTER_LEVEL[letter] = level


fill_levels()


cdef inline bint starts_with(
    const uint8_t *d, Py_ssize_t p, Py_ssize_t end, const char *text, Py_ssize_t n
) noexcept nogil:
    return end - p >= n and memcmp(d + p, text, n) == 0


cdef int level_of(const uint8_t *d, Py_ssize_t p, Py_ssize_t end, bint postgres) noexcept nogil:
    """Return the level that ``d[p:end]`` names, -1 when it names none."""
    cdef uint64_t word = 0
    cdef Py_ssize_t n = end - p, i
    cdef int slot
    if n < 3 or n > 13:
        return -1
    for i in range(n if n < 8 else 8):
        word |= <uint64_t>(d[p + i] & 0xDF) << (8 * i)
    slot = level_slot(word)
    while LEVELS[slot].length:
        if LEVELS[slot].first8 == word and LEVELS[slot].length == n:
            return -1 if LEVELS[slot].postgres_only and not postgres else LEVELS[slot].level
        slot = (slot + 1) & 127
    return -1


cdef Py_ssize_t match_level(
    const uint8_t *d, Py_ssize_t start, Py_ssize_t end, int variant, Header *h
) noexcept nogil:
    """Return the end of the level word at ``start``, -1 when there is none."""
    cdef Py_ssize_t p = start
    cdef bint lower = False, upper = False
    cdef int level
    if variant == LEVEL_LETTER:
        if p < end and LETTER_LEVEL[d[p]] and (p + 1 == end or not IS_LETTER[d[p + 1]]):
            h.level = LETTER_LEVEL[d[p]]
            return p + 1
        return -1
    if variant == LEVEL_MARK:
        if p == end or not (d[p] == 46 or d[p] == 45 or d[p] == 42 or d[p] == 35):
            return -1
        h.level = 2 if d[p] == 46 else 4 if d[p] == 35 else 3
        return p + 1
    while p < end and IS_LETTER[d[p]]:
        lower |= d[p] >= 97
        upper |= d[p] < 97
        p += 1
    level = level_of(d, start, p, variant == LEVEL_POSTGRES)
    if level < 0:
        return -1
    if variant == LEVEL_POSTGRES and p < end and CLASS[d[p]] == DIGIT:
        p += 1  # DEBUG1 ... DEBUG5
    if p < end and not CLASS[d[p]] & (DELIMITER | COLON) and d[p] != 47:
        return -1
    # "Error opening file" is a message; "ERROR opening file" and "[error] opening" are levels.
    if variant == LEVEL_STRICT and lower and not (
        p == end or d[p] != 32 or (p + 1 < end and d[p + 1] == 32)
        or (not upper and start > 0 and d[start - 1] != 32)
    ):
        return -1
    h.level = level
    return p


cdef bint has_form(const uint8_t *d, Py_ssize_t start, Py_ssize_t end, int flags) noexcept nogil:
    """Tell whether a field is of digits, a number with a point or a dotted name."""
    cdef Py_ssize_t p
    cdef bint dotted = False
    for p in range(start, end):
        if d[p] == 46:
            dotted = True
        elif flags & (FIELD_DIGITS | FIELD_NUMBER) and CLASS[d[p]] != DIGIT:
            return False
    if flags & FIELD_DIGITS:
        return not dotted
    if not dotted:
        return False
    if flags & FIELD_NUMBER:
        return d[start] != 46 and d[end - 1] != 46
    return IS_LETTER[d[start]] and IS_LETTER[d[end - 1]]


cdef bint is_clock(const uint8_t *d, Py_ssize_t start, Py_ssize_t end) noexcept nogil:
    """Tell whether a field is ``HH:MM:SS``, with a fraction or without."""
    cdef Py_ssize_t p
    if end - start < 8 or d[start + 2] != 58 or d[start + 5] != 58:
        return False
    if end - start > 8 and not (d[start + 8] == 46 or d[start + 8] == 44) or end - start == 9:
        return False
    for p in range(start, end):
        if CLASS[d[p]] != DIGIT and p != start + 2 and p != start + 5 and p != start + 8:
            return False
    return True


cdef Py_ssize_t match_field(
    const Program *g, const int32_t *op, const uint8_t *d, Py_ssize_t start, Py_ssize_t end, Header *h
) noexcept nogil:
    """Return the end of the field run at ``start``, -1 when there is none."""
    cdef const uint8_t *stop = g.sets + 256 * op[1]
    cdef int flags = op[2]
    cdef Py_ssize_t p = start
    cdef bint blanks = flags & FIELD_BLANKS, escapes = flags & FIELD_ESCAPES
    while p < end:
        if stop[d[p]]:
            if not (d[p] == 58 and flags & FIELD_COLON_BLANK):
                break
            if p + 1 == end or d[p + 1] == 32 or d[p + 1] == 9:
                break
        elif d[p] <= 32 and not blanks:
            return -1
        elif d[p] == 92 and escapes:
            p += 1
        p += 1
    if p > end:
        p = end
    if p == start and not flags & FIELD_EMPTY:
        return -1
    if flags & (FIELD_DIGITS | FIELD_NUMBER | FIELD_DOTTED) and not has_form(d, start, p, flags):
        return -1
    if flags & FIELD_CLOCK and not is_clock(d, start, p):
        return -1
    if flags & FIELD_COMPONENT:
        h.component_start = start
        h.component_end = p
    if flags & FIELD_SLOT_FLAG and not force(h, start, p, FIELD_SLOT):
        return -1
    if g.wants_names and h.n_named < MAX_NAMED:
        h.named[h.n_named].name = op[3]
        h.named[h.n_named].start = start
        h.named[h.n_named].end = p
        h.n_named += 1
    return p


cdef inline bint force(Header *h, Py_ssize_t start, Py_ssize_t end, int kind) noexcept nogil:
    if h.n_forced == MAX_SLOTS:
        return False
    h.forced[h.n_forced].start = start
    h.forced[h.n_forced].end = end
    h.forced[h.n_forced].kind = kind
    h.n_forced += 1
    return True


cdef Py_ssize_t match_words(
    const int32_t *op, const uint8_t *d, Py_ssize_t start, Py_ssize_t end
) noexcept nogil:
    """Skip blank-separated words until the operation after this one, a level, can match."""
    cdef Py_ssize_t p = start
    cdef Header ignored
    cdef int words = 0
    while p < end:
        if match_level(d, p, end, op[5], &ignored) >= 0:
            return p
        if words == op[1]:
            return -1
        while p < end and d[p] > 32:
            p += 1
        while p < end and d[p] <= 32:
            p += 1
        words += 1
    return -1


cdef inline void begin_time(Program *g, Py_ssize_t p) noexcept nogil:
    g.time_start = p
    memset(&g.clock, 0, sizeof(Clock))
    g.clock.month = 1
    g.clock.day = 1


cdef bint end_time(Program *g, Py_ssize_t p, Header *h, bint marked) noexcept nogil:
    cdef int64_t seconds
    if p == g.time_start:
        return False
    if g.clock.has_epoch:
        h.time_ns = g.clock.epoch + g.clock.nanos
    else:
        if marked:
            seconds = g.mark_seconds
        elif not clock_seconds(&g.clock, g.received_ns, &seconds):
            return False
        h.time_ns = (seconds - g.clock.zone_s) * 1000000000 + g.clock.nanos
    h.has_time = True
    return force(h, g.time_start, p, TIME_SLOT)


cdef inline void clear_header(Header *h, Py_ssize_t start) noexcept nogil:
    h.found = False
    h.has_time = False
    h.level = 0
    h.component_start = -1
    h.component_end = -1
    h.message_start = start
    h.message_end = -1
    h.n_forced = 0
    h.n_named = 0


cdef inline void push_frame(Frame *f, const Program *g, int op, Py_ssize_t p, const Header *h) noexcept nogil:
    f.op = op
    f.p = p
    f.n_forced = h.n_forced
    f.n_named = h.n_named
    f.level = h.level
    f.has_time = h.has_time
    f.has_year = g.clock.has_year
    f.has_epoch = g.clock.has_epoch
    f.nanos = g.clock.nanos
    f.zone_s = g.clock.zone_s
    f.component_start = h.component_start
    f.component_end = h.component_end


cdef inline void pop_frame(const Frame *f, Program *g, Header *h) noexcept nogil:
    h.n_forced = f.n_forced
    h.n_named = f.n_named
    h.level = f.level
    h.has_time = f.has_time
    g.clock.has_year = f.has_year
    g.clock.has_epoch = f.has_epoch
    g.clock.nanos = f.nanos
    g.clock.zone_s = f.zone_s
    h.component_start = f.component_start
    h.component_end = f.component_end


cdef Py_ssize_t match_ops(
    Program *g, const uint8_t *d, Py_ssize_t p, Py_ssize_t end, int pc, Header *h
) noexcept nogil:
    """Run the operations from ``pc``; return where the match ends, -1 where it fails."""
    cdef Frame stack[MAX_DEPTH]
    cdef int depth = 0, code
    cdef bint marked = False
    cdef Py_ssize_t q
    cdef const int32_t *op
    while True:
        op = g.ops + 4 * pc
        code = op[0]
        pc += 1
        q = -1
        if code == OP_BYTE:
            if p < end and d[p] == op[1]:
                q = p + 1
        elif code == OP_BLANK:
            q = p
            while q < end and (d[q] == 32 or d[q] == 9):
                q += 1
            if q == p and p < end:
                q = -1
        elif code == OP_SET:
            if p < end and g.sets[256 * op[1] + d[p]]:
                q = p + 1
        elif code == OP_FIELD:
            q = match_field(g, op, d, p, end, h)
        elif code == OP_LEVEL:
            q = match_level(d, p, end, op[1], h)
        elif code == OP_TRY:
            q = p
            if op[2] >= 0 and p < end and not g.sets[256 * op[2] + d[p]]:
                pc = op[1]
            else:
                push_frame(&stack[depth], g, op[1], p, h)
                depth += 1
        elif code == OP_COMMIT:
            depth -= 1
            pc = op[1]
            q = p
        elif code == OP_MESSAGE:
            h.message_start = p
            q = p
        elif code == OP_TIME:
            begin_time(g, p)
            q = p
            marked = g.mark_op == pc and p + g.mark_bytes <= end and (
                memcmp(d + p, g.mark_text, g.mark_bytes) == 0
            )
            if marked:
                q = p + g.mark_bytes
                pc = op[1]
        elif code == OP_TIME_MARK:
            if clock_seconds(&g.clock, g.received_ns, &g.mark_seconds):
                g.mark_op = op[1]
                g.mark_text = d + g.time_start
                g.mark_bytes = p - g.time_start
                marked = True
                q = p
        elif code == OP_TIME_END:
            if end_time(g, p, h, marked):
                q = p
                if depth == 0:
                    h.message_start = p
        elif code == OP_WORDS:
            q = match_words(op, d, p, end)
        elif code == OP_PRIORITY:
            q = match_priority(d, p, end, h)
        elif code == OP_JSON:
            q = match_json(g, d, p, end, op[1], h)
        elif code == OP_LOGFMT:
            q = match_logfmt(g, d, p, end, op[1], h)
        elif code == OP_END:
            return p
        else:
            q = match_directive(code, d, p, end, &g.clock)
        if q >= 0:
            p = q
        elif depth == 0:
            return -1
        else:
            depth -= 1
            pc = stack[depth].op
            p = stack[depth].p
            pop_frame(&stack[depth], g, h)


cdef inline int severity_level(int64_t severity) noexcept nogil:
    return 6 if severity < 3 else 5 if severity == 3 else 4 if severity == 4 else 3 if severity < 7 else 2


cdef Py_ssize_t match_priority(
    const uint8_t *d, Py_ssize_t p, Py_ssize_t end, Header *h
) noexcept nogil:
    """Match syslog's priority number; its severity, 0 to 7, gives the level."""
    cdef int64_t number = 0
    cdef Py_ssize_t start = p
    while p < end and p < start + 3 and CLASS[d[p]] == DIGIT:
        number = number * 10 + (d[p] - 48)
        p += 1
    if p == start or number > 191:
        return -1
    h.level = severity_level(number & 7)
    return p


cdef bint match_header(
    Program *g, const uint8_t *d, Py_ssize_t start, Py_ssize_t end, Header *h
) noexcept nogil:
    """Match one line, without its end. A line whose time alone matches begins a record too:
    odd lines of a file are never joined to the record before when they carry their own time."""
    clear_header(h, start)
    h.found = match_ops(g, d, start, end, 0, h) >= 0
    if not h.found and h.has_time:
        h.found = True
        h.level = 0
        h.component_start = -1
        while h.message_start < end and d[h.message_start] == 32:
            h.message_start += 1
    return h.found
