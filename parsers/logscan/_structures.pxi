# What records are grouped by: the hash, the table of a block's structures, and its arrays.

cdef struct Shape:
    # One structure of the block, by the record that showed it first.
    uint64_t hash
    Py_ssize_t start
    Py_ssize_t end
    Py_ssize_t first_value
    Py_ssize_t first_kind
    int n_slots
    int32_t marks[4]

cdef struct Name:
    uint64_t hash
    Py_ssize_t start
    Py_ssize_t end

cdef struct Scan:
    const uint8_t *d
    Py_ssize_t n
    uint64_t hash_mask
    int64_t previous_ns
    int previous_origin
    Vector structure, time, origin, level, component, lines, first_value
    Vector value_start, value_end
    Vector shapes, kinds, names
    int32_t *shape_table
    Py_ssize_t shape_mask
    int32_t *name_table
    Py_ssize_t name_mask
    # The record at hand.
    Py_ssize_t start, end, content_end
    Py_ssize_t last_end  # of the last slot
    Py_ssize_t good  # the last place up to which the constants keep their limit
    Py_ssize_t constant_bytes
    bint is_long
    bint full
    int n_slots
    int32_t marks[4]
    int64_t *starts
    int64_t *ends
    uint8_t slot_kinds[MAX_SLOTS]


cdef uint64_t hash_record(const Scan *s) noexcept nogil:
    cdef uint64_t h = SEED
    cdef Py_ssize_t p = s.start, n
    cdef int i
    for i in range(s.n_slots):
        n = s.starts[i] - p
        h = lp_fold(h ^ (<uint64_t>n | <uint64_t>s.slot_kinds[i] << 56), FOLD_LENGTH)
        h = hash_span(s.d + p, n, h)
        p = s.ends[i]
    n = s.end - p
    h = lp_fold(h ^ <uint64_t>n, FOLD_LENGTH)
    h = hash_span(s.d + p, n, h)
    h = lp_fold(
        h ^ (<uint64_t>s.marks[0] | <uint64_t>s.marks[1] << 16
             | <uint64_t>s.marks[2] << 32 | <uint64_t>s.marks[3] << 48),
        FOLD_MARKS,
    )
    return lp_fold(h ^ (h >> 29), FOLD_LAST)


cdef bint has_shape(const Scan *s, const Shape *shape) noexcept nogil:
    """Compare the record at hand with a structure, byte by byte."""
    cdef const int64_t *starts = <const int64_t *>s.value_start.data + shape.first_value
    cdef const int64_t *ends = <const int64_t *>s.value_end.data + shape.first_value
    cdef Py_ssize_t p = s.start, q = shape.start, n
    cdef int i
    if shape.n_slots != s.n_slots or memcmp(shape.marks, s.marks, sizeof(s.marks)) != 0:
        return False
    if memcmp(s.kinds.data + shape.first_kind, s.slot_kinds, s.n_slots) != 0:
        return False
    for i in range(s.n_slots):
        n = s.starts[i] - p
        if n != starts[i] - q or not same_bytes(s.d + p, s.d + q, n):
            return False
        p = s.ends[i]
        q = ends[i]
    n = s.end - p
    return n == shape.end - q and same_bytes(s.d + p, s.d + q, n)


cdef bint grow_shape_table(Scan *s, Py_ssize_t room) noexcept nogil:
    cdef int32_t *table = <int32_t *>malloc(room * sizeof(int32_t))
    cdef const Shape *shapes = <const Shape *>s.shapes.data
    cdef Py_ssize_t i, slot
    if table == NULL:
        return False
    memset(table, 0xFF, room * sizeof(int32_t))
    for i in range(s.shapes.size // <Py_ssize_t>sizeof(Shape)):
        slot = shapes[i].hash & (room - 1)
        while table[slot] >= 0:
            slot = (slot + 1) & (room - 1)
        table[slot] = <int32_t>i
    free(s.shape_table)
    s.shape_table = table
    s.shape_mask = room - 1
    return True


cdef int find_shape(Scan *s) noexcept nogil:
    """Return the number of the record's structure, a new one when it was not seen before."""
    cdef uint64_t h = hash_record(s) & s.hash_mask
    cdef Shape *shapes = <Shape *>s.shapes.data
    cdef Py_ssize_t slot = h & s.shape_mask, count
    cdef int index
    while True:
        index = s.shape_table[slot]
        if index < 0:
            break
        if shapes[index].hash == h:
            if has_shape(s, &shapes[index]):
                return index
            # Two structures of one hash: the later one takes the next number that is free.
            h = (h + 1) & s.hash_mask
            slot = h & s.shape_mask
        else:
            slot = (slot + 1) & s.shape_mask
    count = s.shapes.size // <Py_ssize_t>sizeof(Shape)
    if not reserve(&s.shapes, sizeof(Shape)) or not reserve(&s.kinds, MAX_SLOTS):
        return OUT_OF_MEMORY
    shapes = <Shape *>s.shapes.data + count
    shapes.hash = h
    shapes.start = s.start
    shapes.end = s.end
    shapes.first_value = s.value_start.size // <Py_ssize_t>sizeof(int64_t)
    shapes.first_kind = s.kinds.size
    shapes.n_slots = s.n_slots
    memcpy(shapes.marks, s.marks, sizeof(s.marks))
    memcpy(s.kinds.data + s.kinds.size, s.slot_kinds, s.n_slots)
    s.shapes.size += sizeof(Shape)
    s.kinds.size += s.n_slots
    s.shape_table[slot] = <int32_t>count
    if 2 * (count + 1) > s.shape_mask and not grow_shape_table(s, 4 * (s.shape_mask + 1)):
        return OUT_OF_MEMORY
    return <int>count


cdef bint grow_name_table(Scan *s, Py_ssize_t room) noexcept nogil:
    cdef int32_t *table = <int32_t *>malloc(room * sizeof(int32_t))
    cdef const Name *names = <const Name *>s.names.data
    cdef Py_ssize_t i, slot
    if table == NULL:
        return False
    memset(table, 0xFF, room * sizeof(int32_t))
    for i in range(s.names.size // <Py_ssize_t>sizeof(Name)):
        slot = names[i].hash & (room - 1)
        while table[slot] >= 0:
            slot = (slot + 1) & (room - 1)
        table[slot] = <int32_t>i
    free(s.name_table)
    s.name_table = table
    s.name_mask = room - 1
    return True


cdef int find_name(Scan *s, Py_ssize_t start, Py_ssize_t end) noexcept nogil:
    """Return the number of a component's name."""
    cdef uint64_t h = hash_span(s.d + start, end - start, SEED ^ <uint64_t>(end - start))
    cdef Name *names = <Name *>s.names.data
    cdef Py_ssize_t slot = h & s.name_mask, count
    cdef int index
    while True:
        index = s.name_table[slot]
        if index < 0:
            break
        if names[index].hash == h and names[index].end - names[index].start == end - start and (
            memcmp(s.d + names[index].start, s.d + start, end - start) == 0
        ):
            return index
        slot = (slot + 1) & s.name_mask
    count = s.names.size // <Py_ssize_t>sizeof(Name)
    if not reserve(&s.names, sizeof(Name)):
        return OUT_OF_MEMORY
    names = <Name *>s.names.data + count
    names.hash = h
    names.start = start
    names.end = end
    s.names.size += sizeof(Name)
    s.name_table[slot] = <int32_t>count
    if 2 * (count + 1) > s.name_mask and not grow_name_table(s, 4 * (s.name_mask + 1)):
        return OUT_OF_MEMORY
    return <int>count


cdef tuple take_structures(Scan *s):
    """Build the arrays of a StructureTable, in its order of fields."""
    cdef const Shape *shapes = <const Shape *>s.shapes.data
    cdef const int64_t *starts
    cdef const int64_t *ends
    cdef Py_ssize_t count = s.shapes.size // <Py_ssize_t>sizeof(Shape)
    cdef Py_ssize_t i, k, p, n, total = 0, at = 0, piece = 0
    cdef bytes constants
    cdef uint8_t *out
    hashes = np.empty(count, np.uint64)
    first_slot = np.empty(count + 1, np.int64)
    offset = np.empty(s.kinds.size + count + 1, np.int64)
    message = np.empty((2, count, 2), np.int32)
    cdef uint64_t[::1] hash_view = hashes
    cdef int64_t[::1] first_view = first_slot
    cdef int64_t[::1] offset_view = offset
    cdef int32_t[:, :, ::1] message_view = message
    for i in range(count):
        starts = <const int64_t *>s.value_start.data + shapes[i].first_value
        ends = <const int64_t *>s.value_end.data + shapes[i].first_value
        total += shapes[i].end - shapes[i].start
        for k in range(shapes[i].n_slots):
            total -= ends[k] - starts[k]
    constants = PyBytes_FromStringAndSize(NULL, total)
    out = <uint8_t *>PyBytes_AS_STRING(constants)
    for i in range(count):
        starts = <const int64_t *>s.value_start.data + shapes[i].first_value
        ends = <const int64_t *>s.value_end.data + shapes[i].first_value
        hash_view[i] = shapes[i].hash
        first_view[i] = shapes[i].first_kind
        message_view[0, i, 0] = shapes[i].marks[0]
        message_view[0, i, 1] = shapes[i].marks[1]
        message_view[1, i, 0] = shapes[i].marks[2]
        message_view[1, i, 1] = shapes[i].marks[3]
        p = shapes[i].start
        for k in range(shapes[i].n_slots + 1):
            n = (starts[k] if k < shapes[i].n_slots else shapes[i].end) - p
            offset_view[piece] = at
            memcpy(out + at, s.d + p, n)
            at += n
            piece += 1
            if k < shapes[i].n_slots:
                p = ends[k]
    first_view[count] = s.kinds.size
    offset_view[piece] = at
    kinds = take_array(&s.kinds, np.uint8)
    return hashes, first_slot, kinds, constants, offset, message[0], message[1]
