# The parts of a timestamp, and the nanoseconds they make.

cdef enum:
    OP_END, OP_BYTE, OP_SET, OP_BLANK, OP_FIELD, OP_LEVEL, OP_WORDS, OP_PRIORITY
    OP_TRY, OP_COMMIT, OP_MESSAGE, OP_JSON, OP_LOGFMT, OP_TIME, OP_TIME_MARK, OP_TIME_END
    OP_YEAR, OP_YEAR2, OP_MONTH, OP_MONTH_NAME, OP_DAY, OP_DAY_PADDED, OP_WEEKDAY
    OP_HOUR, OP_MINUTE, OP_SECOND, OP_FRACTION, OP_ZONE, OP_ZONE_NAME, OP_EPOCH, OP_HALF

    YEARLESS_AHEAD_S = 2 * 86400

cdef struct Clock:
    int64_t year, month, day, hour, minute, second, nanos, zone_s, epoch
    int half  # 1 for AM, 2 for PM
    bint has_year, has_epoch


cdef inline Py_ssize_t digits(
    const uint8_t *d, Py_ssize_t p, Py_ssize_t end, int n, int64_t *value
) noexcept nogil:
    """Read exactly ``n`` digits; -1 when they are not there."""
    cdef int i
    cdef int64_t number = 0
    if p + n > end:
        return -1
    for i in range(n):
        if CLASS[d[p + i]] != DIGIT:
            return -1
        number = number * 10 + (d[p + i] - 48)
    value[0] = number
    return p + n


cdef inline Py_ssize_t one_or_two(
    const uint8_t *d, Py_ssize_t p, Py_ssize_t end, int64_t *value
) noexcept nogil:
    """Read two digits, or one where no second follows: 1/5/2026 9:05:03."""
    cdef Py_ssize_t q = digits(d, p, end, 2, value)
    return q if q >= 0 else digits(d, p, end, 1, value)


cdef Py_ssize_t match_name(
    const uint8_t *d, Py_ssize_t p, Py_ssize_t end, const char *names, int n, int64_t *value
) noexcept nogil:
    """Match one of ``n`` three-letter names, case-insensitively; its number counts from 1."""
    cdef int i
    if p + 3 > end:
        return -1
    for i in range(n):
        if (d[p] | 32) == names[3 * i] and (d[p + 1] | 32) == names[3 * i + 1] and (d[p + 2] | 32) == names[3 * i + 2]:
            value[0] = i + 1
            return p + 3
    return -1


cdef Py_ssize_t match_fraction(
    const uint8_t *d, Py_ssize_t p, Py_ssize_t end, Clock *clock
) noexcept nogil:
    cdef int64_t unit = 100000000, nanos = 0
    cdef Py_ssize_t start = p
    while p < end and p < start + 9 and CLASS[d[p]] == DIGIT:
        nanos += (d[p] - 48) * unit
        unit //= 10
        p += 1
    if p == start or (p < end and CLASS[d[p]] == DIGIT):
        return -1
    clock.nanos = nanos
    return p


cdef Py_ssize_t match_zone(
    const uint8_t *d, Py_ssize_t p, Py_ssize_t end, Clock *clock
) noexcept nogil:
    """Match ``Z``, ``+hh``, ``+hhmm`` or ``+hh:mm``; after a blank ``+hh`` is any number."""
    cdef int64_t hours = 0, minutes = 0
    cdef int sign
    cdef bint bare
    cdef Py_ssize_t q
    if p < end and (d[p] == 90 or d[p] == 122):
        clock.zone_s = 0
        return p + 1
    if p == end or (d[p] != 43 and d[p] != 45):
        return -1
    sign = 44 - d[p]
    bare = p > 0 and d[p - 1] == 32
    p = digits(d, p + 1, end, 2, &hours)
    if p < 0:
        return -1
    q = p + 1 if p < end and d[p] == 58 else p
    q = digits(d, q, end, 2, &minutes)
    if q < 0 and bare:
        return -1
    if q >= 0:
        p = q
    if hours > 23 or minutes > 59 or (p < end and CLASS[d[p]] == DIGIT):
        return -1
    clock.zone_s = sign * (hours * 3600 + minutes * 60)
    return p


cdef struct ZoneName:
    uint64_t word  # its letters, zero-padded
    int offset_s

cdef ZoneName ZONE_NAMES[32]


cdef void fill_zone_names():
    """Names that mean one offset nearly everywhere: not IST or CST, which mean several."""
    hours = {
        "UTC": 0, "GMT": 0, "WET": 0, "WEST": 1, "BST": 1, "CET": 1, "CEST": 2, "EET": 2,
        "EEST": 3, "MSK": 3, "PKT": 5, "WIB": 7, "HKT": 8, "SGT": 8, "AWST": 8, "JST": 9,
        "KST": 9, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13, "EST": -5, "EDT": -4,
        "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "AKST": -9, "HST": -10,
    }
    memset(ZONE_NAMES, 0, sizeof(ZONE_NAMES))
    for i, (name, offset) in enumerate(hours.items()):
        ZONE_NAMES[i].word = int.from_bytes(name.encode(), "little")
        ZONE_NAMES[i].offset_s = 3600 * offset


fill_zone_names()


cdef Py_ssize_t match_zone_name(
    const uint8_t *d, Py_ssize_t p, Py_ssize_t end, Clock *clock
) noexcept nogil:
    """Match two to five capitals; a name that is not known is UTC, as where none is written."""
    cdef Py_ssize_t start = p
    cdef uint64_t word = 0
    cdef int i = 0
    while p < end and 65 <= d[p] <= 90:
        if p - start < 8:
            word |= <uint64_t>d[p] << (8 * (p - start))
        p += 1
    if not 2 <= p - start <= 5:
        return -1
    clock.zone_s = 0
    while ZONE_NAMES[i].word:
        if ZONE_NAMES[i].word == word:
            clock.zone_s = ZONE_NAMES[i].offset_s
            break
        i += 1
    return p


cdef Py_ssize_t match_half(const uint8_t *d, Py_ssize_t p, Py_ssize_t end, Clock *clock) noexcept nogil:
    """Match AM or PM."""
    if p + 2 > end or (d[p + 1] | 32) != 109 or ((d[p] | 32) != 97 and (d[p] | 32) != 112):
        return -1
    clock.half = 1 if (d[p] | 32) == 97 else 2
    return p + 2


cdef Py_ssize_t match_epoch(
    const uint8_t *d, Py_ssize_t p, Py_ssize_t end, Clock *clock
) noexcept nogil:
    """Match 9 or 10 digits as seconds, 13 as milli-, 16 as micro-, 19 as nanoseconds."""
    cdef Py_ssize_t start = p
    cdef uint64_t number = 0, unit
    while p < end and p < start + 19 and CLASS[d[p]] == DIGIT:
        number = number * 10 + (d[p] - 48)
        p += 1
    if p < end and CLASS[d[p]] == DIGIT:
        return -1
    if p - start == 9 or p - start == 10:
        unit = 1000000000
    elif p - start == 13:
        unit = 1000000
    elif p - start == 16:
        unit = 1000
    elif p - start == 19:
        unit = 1
    else:
        return -1
    if number > (<uint64_t>9223372036854775807) // unit:
        return -1
    clock.has_epoch = True
    clock.epoch = <int64_t>(number * unit)
    return p


cdef Py_ssize_t match_directive(
    int code, const uint8_t *d, Py_ssize_t p, Py_ssize_t end, Clock *c
) noexcept nogil:
    cdef Py_ssize_t q
    cdef int64_t ignored
    if code == OP_YEAR:
        c.has_year = True
        return digits(d, p, end, 4, &c.year)
    elif code == OP_YEAR2:
        c.has_year = True
        q = digits(d, p, end, 2, &c.year)
        c.year += 2000 if c.year < 69 else 1900
        return q
    elif code == OP_MONTH:
        return one_or_two(d, p, end, &c.month)
    elif code == OP_MONTH_NAME:
        return match_name(d, p, end, b"janfebmaraprmayjunjulaugsepoctnovdec", 12, &c.month)
    elif code == OP_DAY:
        return one_or_two(d, p, end, &c.day)
    elif code == OP_DAY_PADDED:
        while p < end and d[p] == 32:
            p += 1
        return one_or_two(d, p, end, &c.day)
    elif code == OP_WEEKDAY:
        return match_name(d, p, end, b"montuewedthufrisatsun", 7, &ignored)
    elif code == OP_HOUR:
        return one_or_two(d, p, end, &c.hour)
    elif code == OP_MINUTE:
        return digits(d, p, end, 2, &c.minute)
    elif code == OP_SECOND:
        return digits(d, p, end, 2, &c.second)
    elif code == OP_FRACTION:
        return match_fraction(d, p, end, c)
    elif code == OP_ZONE:
        return match_zone(d, p, end, c)
    elif code == OP_ZONE_NAME:
        return match_zone_name(d, p, end, c)
    elif code == OP_HALF:
        return match_half(d, p, end, c)
    else:
        return match_epoch(d, p, end, c)


cdef bint is_date(int64_t year, int64_t month, int64_t day) noexcept nogil:
    cdef int64_t last = 31
    if month == 2:
        last = 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    elif month == 4 or month == 6 or month == 9 or month == 11:
        last = 30
    return 1 <= month <= 12 and 1 <= day <= last


cdef int64_t days_since_1970(int64_t year, int64_t month, int64_t day) noexcept nogil:
    """Howard Hinnant's days_from_civil, for years after 0."""
    cdef int64_t y = year - (month <= 2)
    cdef int64_t era = y // 400
    cdef int64_t year_of_era = y - era * 400
    cdef int64_t day_of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146097 + year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year - 719468


cdef bint clock_seconds(const Clock *c, int64_t received_ns, int64_t *seconds) noexcept nogil:
    """Turn date and time of day into seconds since 1970; False when they are none."""
    cdef int64_t hour = c.hour
    cdef int64_t of_day
    cdef int64_t received = received_ns // 1000000000
    cdef int64_t year, latest
    if c.half:
        if not 1 <= hour <= 12:
            return False
        hour = hour % 12 + 12 * (c.half - 1)
    if hour > 23 or c.minute > 59 or c.second > 60:
        return False
    of_day = hour * 3600 + c.minute * 60 + c.second
    if c.has_year:
        if not 1700 <= c.year <= 2261 or not is_date(c.year, c.month, c.day):
            return False
        seconds[0] = days_since_1970(c.year, c.month, c.day) * 86400 + of_day
        return True
    # A date without a year is the latest one that is not over two days in the future of the
    # receipt: clocks and time zones differ, and December's logs arrive in January.
    latest = 1971 + received // 31556952
    for year in range(latest, latest - 10, -1):
        if is_date(year, c.month, c.day):
            seconds[0] = days_since_1970(year, c.month, c.day) * 86400 + of_day
            if seconds[0] <= received + YEARLESS_AHEAD_S:
                return True
    return False
