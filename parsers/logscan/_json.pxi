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
    (b"short_message", ROLE_MESSAGE),  # GELF
    (b"Timestamp", ROLE_TIME), (b"Level", ROLE_LEVEL), (b"Message", ROLE_MESSAGE),
    (b"RenderedMessage", ROLE_MESSAGE), (b"severityText", ROLE_LEVEL), (b"log_level", ROLE_LEVEL),
)
# Keys that are columns of their own; time and message show as such where they stand.
ROLE_KEYS = frozenset(
    name.decode() for name, role in JSON_KEY_NAMES
    if role in (ROLE_LEVEL, ROLE_COMPONENT, ROLE_PRIORITY)
)


# What counts where the object itself says nothing of the kind: members of its members
# (Elastic's log.level, Google's jsonPayload.message), and keys that mean other things too.
NESTED_KEY_NAMES = (
    (b"message", ROLE_MESSAGE), (b"msg", ROLE_MESSAGE), (b"level", ROLE_LEVEL),
    (b"severity", ROLE_LEVEL), (b"logger", ROLE_COMPONENT), (b"logger_name", ROLE_COMPONENT),
)
cdef JsonKey NESTED_KEYS[8]

cdef struct Nested:
    int role  # of the key at hand
    Py_ssize_t message_start, message_end, level_start, level_end
    Py_ssize_t component_start, component_end
    int digit  # a level of one digit, -1 for none
    bint is_gelf


cdef void fill_json_keys():
    global n_json_keys
    for name, role in JSON_KEY_NAMES:
        JSON_KEYS[n_json_keys].name = name
        JSON_KEYS[n_json_keys].length = len(name)
        JSON_KEYS[n_json_keys].role = role
        n_json_keys += 1
    for i, (name, role) in enumerate(NESTED_KEY_NAMES):
        NESTED_KEYS[i].name = name
        NESTED_KEYS[i].length = len(name)
        NESTED_KEYS[i].role = role


fill_json_keys()


cdef int json_role(const uint8_t *d, Py_ssize_t p, Py_ssize_t end) noexcept nogil:
    cdef int i
    for i in range(n_json_keys):
        if JSON_KEYS[i].length == end - p and memcmp(JSON_KEYS[i].name, d + p, end - p) == 0:
            return JSON_KEYS[i].role
    return ROLE_NONE


cdef int nested_role(const uint8_t *d, Py_ssize_t p, Py_ssize_t end, int depth) noexcept nogil:
    """Return what a key says that has no role of its own where it stands."""
    cdef int i
    if depth == 1:  # structlog
        return ROLE_MESSAGE if end - p == 5 and memcmp(d + p, b"event", 5) == 0 else ROLE_NONE
    for i in range(6 if depth == 2 else 0):
        if NESTED_KEYS[i].length == end - p and memcmp(NESTED_KEYS[i].name, d + p, end - p) == 0:
            return NESTED_KEYS[i].role
    return ROLE_NONE


cdef void note_nested(Nested *n, Py_ssize_t p, Py_ssize_t end) noexcept nogil:
    """Note a value; the first of each role counts."""
    if n.role == ROLE_MESSAGE and n.message_end < 0:
        n.message_start, n.message_end = p, end
    elif n.role == ROLE_LEVEL and n.level_end < 0:
        n.level_start, n.level_end = p, end
    elif n.role == ROLE_COMPONENT and n.component_end < 0:
        n.component_start, n.component_end = p, end
    n.role = ROLE_NONE


cdef void take_nested(const Nested *n, const uint8_t *d, Header *h) noexcept nogil:
    """Take what was noted where the object itself has nothing of the kind."""
    cdef int level
    if h.message_end < 0 and n.message_end >= 0:
        h.message_start, h.message_end = n.message_start, n.message_end
    if h.level == 0 and n.level_end >= 0:
        level = level_of(d, n.level_start, n.level_end, False)
        h.level = level if level > 0 else 0
    if h.level == 0 and n.is_gelf and 0 <= n.digit <= 7:
        h.level = severity_level(n.digit)
    if h.component_start < 0 and n.component_end >= 0:
        h.component_start, h.component_end = n.component_start, n.component_end


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
    cdef Nested nested
    memset(&nested, 0, sizeof(Nested))
    nested.digit = -1
    nested.message_end = nested.level_end = nested.component_end = -1
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
                nested.role = ROLE_NONE if role else nested_role(d, p + 1, close, depth)
                if role == ROLE_MESSAGE and close - p == 14 and d[p + 1] == 115:  # short_message
                    nested.is_gelf = True
                # MongoDB writes its time as {"t":{"$date":"..."}}.
                if depth == 2 and starts_with(d, p + 1, close, b"$date", 5) and close == p + 6:
                    role = ROLE_TIME
            else:
                json_value(g, d, p + 1, close, role, not blanks, time_op, h)
                role = ROLE_NONE
                if nested.role:
                    note_nested(&nested, p + 1, close)
            p = close
        elif c == 123 or c == 91:
            depth += 1
            if depth > MAX_JSON_DEPTH:
                return -1
            in_key = c == 123
            role = nested.role = ROLE_NONE
            objects = objects << 1 | in_key
        elif c == 125 or c == 93:
            depth -= 1
            objects >>= 1
            in_key = False
            if depth == 0:
                break
        elif c == 44:
            in_key = objects & 1
            role = nested.role = ROLE_NONE
        elif c == 58:
            in_key = False
        elif role != ROLE_NONE and CLASS[c] == DIGIT:
            close = p
            while close < end and CLASS[d[close]] & (DIGIT | NAME):
                close += 1
            json_value(g, d, p, close, role, False, time_op, h)
            if role == ROLE_LEVEL and close == p + 1:
                nested.digit = c - 48
            role = ROLE_NONE
            p = close - 1
        p += 1
    if depth != 0:
        return -1
    p += 1
    while p < end and d[p] <= 32:
        p += 1
    if p != end:
        return -1
    take_nested(&nested, d, h)
    return p
