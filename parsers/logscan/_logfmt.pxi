# logfmt lines: one pass over `key=value key="quoted value" flag`; no value is decoded.

cdef Py_ssize_t match_logfmt(
    Program *g, const uint8_t *d, Py_ssize_t start, Py_ssize_t end, int time_op, Header *h
) noexcept nogil:
    """Match a line of pairs of which one is a time, a level or a message; keys as in JSON."""
    cdef Py_ssize_t p = start, key, value
    cdef int pairs = 0, flags = 0, role
    cdef bint blanks = False
    while True:
        while p < end and d[p] <= 32:
            p += 1
        if p == end:
            break
        key = p
        while p < end and d[p] > 32 and d[p] != 61 and d[p] != 34:
            p += 1
        if p == key or (p < end and d[p] == 34):
            return -1
        if p == end or d[p] != 61:
            flags += 1
            if flags > pairs:
                return -1
            continue
        role = json_role(d, key, p)
        p += 1
        value = p
        if p < end and d[p] == 34:
            p = json_string(d, p + 1, end, &blanks)
            if p == end or (p + 1 < end and d[p + 1] > 32):
                return -1
            json_value(g, d, value + 1, p, role, not blanks, time_op, h)
            p += 1
        else:
            while p < end and d[p] > 32 and d[p] != 34:
                p += 1
            if p < end and d[p] == 34:
                return -1
            json_value(g, d, value, p, role, True, time_op, h)
        pairs += 1
    return p if pairs > 1 and (h.has_time or h.level or h.message_end >= 0) else -1
