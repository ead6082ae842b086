# JSON lines: one pass over a line that is one object; no value is decoded.

cdef enum:
    ROLE_NONE, ROLE_TIME, ROLE_LEVEL, ROLE_COMPONENT, ROLE_MESSAGE, ROLE_PRIORITY
    ROLE_LETTER  # a level only if its value is a letter that stands for one
    MAX_JSON_DEPTH = 63

cdef struct JsonKey:
    const char *name
    int length
    int role

cdef JsonKey JSON_KEYS[64]
cdef int n_json_keys = 0
JSON_KEY_NAMES = (
    (b"time", ROLE_TIME), (b"timestamp", ROLE_TIME), (b"@timestamp", ROLE_TIME),
    (b"ts", ROLE_TIME), (b"datetime", ROLE_TIME), (b"date", ROLE_TIME), (b"asctime", ROLE_TIME),
    (b"eventTime", ROLE_TIME), (b"level", ROLE_LEVEL), (b"severity", ROLE_LEVEL),
    (b"lvl", ROLE_LEVEL), (b"levelname", ROLE_LEVEL), (b"log.level", ROLE_LEVEL),
    (b"logger", ROLE_COMPONENT), (b"logger_name", ROLE_COMPONENT), (b"component", ROLE_COMPONENT),
    (b"name", ROLE_COMPONENT), (b"log.logger", ROLE_COMPONENT), (b"module", ROLE_COMPONENT),
    (b"message", ROLE_MESSAGE), (b"msg", ROLE_MESSAGE), (b"log", ROLE_MESSAGE),
    (b"t", ROLE_TIME), (b"loglevel", ROLE_LEVEL), (b"severity_text", ROLE_LEVEL),
    # Serilog's compact form and systemd's journal.
    (b"@t", ROLE_TIME), (b"@l", ROLE_LEVEL), (b"@m", ROLE_MESSAGE), (b"@mt", ROLE_MESSAGE),
    (b"__REALTIME_TIMESTAMP", ROLE_TIME), (b"PRIORITY", ROLE_PRIORITY),
    (b"SYSLOG_IDENTIFIER", ROLE_COMPONENT), (b"MESSAGE", ROLE_MESSAGE),
    (b"s", ROLE_LETTER),  # MongoDB
)
# Keys that are columns of their own; time and message show as such where they stand.
ROLE_KEYS = frozenset(
    name.decode() for name, role in JSON_KEY_NAMES
    if role in (ROLE_LEVEL, ROLE_COMPONENT, ROLE_PRIORITY)
)


cdef void fill_json_keys():
    global n_json_keys
    for name, role in JSON_KEY_NAMES:
        JSON_KEYS[n_json_keys].name = name
        JSON_KEYS[n_json_keys].length = len(name)
        JSON_KEYS[n_json_keys].role = role
        n_json_keys += 1


fill_json_keys()


cdef int json_role(const uint8_t *d, Py_ssize_t p, Py_ssize_t end) noexcept nogil:
    cdef int i
    for i in range(n_json_keys):
        if JSON_KEYS[i].length == end - p and memcmp(JSON_KEYS[i].name, d + p, end - p) == 0:
            return JSON_KEYS[i].role
    return ROLE_NONE


cdef inline Py_ssize_t json_string(
    const uint8_t *d, Py_ssize_t p, Py_ssize_t end, bint *blanks
) noexcept nogil:
    """Return where the string that starts at ``p`` is closed, ``end`` when it is not."""
    blanks[0] = False
    while p < end and d[p] != 34:
        if d[p] <= 32:
            blanks[0] = True
        if d[p] == 92:
            p += 1
        p += 1
    return p if p < end else end


cdef inline int letter_level(const uint8_t *d, Py_ssize_t p, Py_ssize_t end) noexcept nogil:
    """Return the level of a letter, 0 for none; D1 to D5 are degrees of DEBUG."""
    if end - p == 2 and d[p] == 68 and 49 <= d[p + 1] <= 53:
        return LETTER_LEVEL[68]
    if end - p == 1 and (d[p] == 70 or d[p] == 69 or d[p] == 87 or d[p] == 73 or d[p] == 68):
        return LETTER_LEVEL[d[p]]
    return 0


cdef void json_value(
    Program *g, const uint8_t *d, Py_ssize_t p, Py_ssize_t end, int role, bint slot, int time_op, Header *h
) noexcept nogil:
    """Take one value; the first of each role counts, and later ones are fields like any other."""
    cdef int n = h.n_forced, level
    cdef Py_ssize_t message_start = h.message_start
    cdef bint matched
    if role == ROLE_MESSAGE and h.message_end < 0:
        h.message_start = p
        h.message_end = end
    elif role == ROLE_LEVEL and h.level == 0:
        level = level_of(d, p, end, False)
        if level < 0 and end - p == 2 and d[p + 1] == 48 and 49 <= d[p] <= 54:
            level = d[p] - 48  # pino and bunyan: 10 is trace ... 60 is fatal
        h.level = level if level > 0 else 0
    elif role == ROLE_LETTER and h.level == 0 and letter_level(d, p, end) > 0:
        h.level = letter_level(d, p, end)
    elif role == ROLE_PRIORITY and end - p == 1 and h.level == 0 and 48 <= d[p] <= 55:
        h.level = severity_level(d[p] - 48)
    elif role == ROLE_COMPONENT and h.component_start < 0:
        h.component_start = p
        h.component_end = end
    elif role == ROLE_TIME and not h.has_time:
        matched = match_ops(g, d, p, end, time_op, h) == end
        h.message_start = message_start
        if not matched:
            h.n_forced = n
            h.has_time = False
            if slot:
                force(h, p, end, FIELD_SLOT)
    elif slot:
        force(h, p, end, FIELD_SLOT)


cdef Py_ssize_t match_json(
    Program *g, const uint8_t *d, Py_ssize_t start, Py_ssize_t end, int time_op, Header *h
) noexcept nogil:
    """Match a line that is one JSON object, loosely: brackets and strings have to close."""
    cdef Py_ssize_t p = start, close
    cdef uint64_t objects = 0
    cdef int depth = 0, role = ROLE_NONE
    cdef bint in_key = False, blanks = False
    cdef uint8_t c
    if p == end or d[p] != 123:
        return -1
    while p < end:
        c = d[p]
        if c == 34:
            close = json_string(d, p + 1, end, &blanks)
            if close == end:
                return -1
            if in_key:
                role = json_role(d, p + 1, close) if depth == 1 else ROLE_NONE
                # MongoDB writes its time as {"t":{"$date":"..."}}.
                if depth == 2 and starts_with(d, p + 1, close, b"$date", 5) and close == p + 6:
                    role = ROLE_TIME
            else:
                json_value(g, d, p + 1, close, role, not blanks, time_op, h)
                role = ROLE_NONE
            p = close
        elif c == 123 or c == 91:
            depth += 1
            if depth > MAX_JSON_DEPTH:
                return -1
            in_key = c == 123
            role = ROLE_NONE
            objects = objects << 1 | in_key
        elif c == 125 or c == 93:
            depth -= 1
            objects >>= 1
            in_key = False
            if depth == 0:
                break
        elif c == 44:
            in_key = objects & 1
            role = ROLE_NONE
        elif c == 58:
            in_key = False
        elif role != ROLE_NONE and CLASS[c] == DIGIT:
            close = p
            while close < end and CLASS[d[close]] & (DIGIT | NAME):
                close += 1
            json_value(g, d, p, close, role, False, time_op, h)
            role = ROLE_NONE
            p = close - 1
        p += 1
    if depth != 0:
        return -1
    p += 1
    while p < end and d[p] <= 32:
        p += 1
    return p if p == end else -1
