# cython: language_level=3
"""What a block's plan says, read front to back: how numbers, flags and columns are coded.

A block has hundreds of columns, and a search that decodes three of them has to read how all are
coded. What the codes mean is in `logzip.ints`, `codecs`, `flags` and `relations`, where they are
enumerations; docs/format.md is the specification.
"""

from cpython.bytes cimport PyBytes_AS_STRING
from libc.stdint cimport uint8_t, uint64_t

from logzip import format as limits

cdef enum:
    CONSTANT = 0  # a transform of numbers
    DELTA2 = 3
    DICTIONARY = 4
    RECENT = 5
    VARINT = 0  # a layout
    MAX_DICTIONARY = 1 << 16
    MAX_NESTING = 8  # of numbers

cdef enum:
    CONSTANT_VALUE = 0  # a codec of values
    NUMBER = 1
    TEXT = 2
    DISTINCT = 3
    SHAPES = 4
    HEX = 5
    INDICES = 0
    RECENCY = 1
    MAX_WIDTH = 20
    MAX_HEX = 128

cdef enum:
    FEW_SET = 2
    FEW_CLEAR = 3
    ALONE = 0
    LAST_RELATION = 3

cdef uint64_t NO_LIMIT = <uint64_t>0xFFFFFFFFFFFFFFFF
cdef uint64_t MAX_RECORDS = limits.MAX_RECORDS
cdef uint64_t MAX_STRUCTURES = limits.MAX_STRUCTURES
cdef uint64_t MAX_SLOTS = limits.MAX_SLOTS
cdef uint64_t MAX_RUN_BYTES = limits.MAX_RUN_BYTES
cdef int MAX_DEPTH = limits.MAX_DEPTH


cdef class ByteReader:
    """Reads varints and bytes front to back; ValueError past the end or a limit."""

    cdef readonly bytes data
    cdef public Py_ssize_t position

    def __init__(self, bytes data, Py_ssize_t position=0):
        self.data = data
        self.position = position

    cpdef uint64_t varint(self, uint64_t limit=NO_LIMIT) except? 0:
        """Read one varint, at most ``limit``."""
        cdef const uint8_t *data = <const uint8_t *>PyBytes_AS_STRING(self.data)
        cdef Py_ssize_t end = len(self.data)
        cdef uint64_t number = 0
        cdef uint8_t byte
        cdef int shift = 0
        while True:
            if self.position >= end or shift > 63:
                raise ValueError("a number is cut short")
            byte = data[self.position]
            self.position += 1
            if shift == 63 and byte & 126:
                raise ValueError("a number of more than 64 bits")
            number |= <uint64_t>(byte & 127) << shift
            if byte < 128:
                break
            shift += 7
        if number > limit:
            raise ValueError(f"{number} exceeds the limit of {limit}")
        return number

    cpdef int byte(self) except -1:
        """Read one byte."""
        if self.position >= len(self.data):
            raise ValueError(f"a byte is wanted at {self.position}, past the end")
        self.position += 1
        return <uint8_t>PyBytes_AS_STRING(self.data)[self.position - 1]

    cpdef bytes take(self, object size):
        """Read ``size`` bytes."""
        end = self.position + size
        if size < 0 or end > len(self.data):
            raise ValueError(f"{size} bytes are wanted at {self.position}, past the end")
        part = self.data[self.position:end]
        self.position = end
        return part

    def done(self):
        """Check that nothing is left."""
        if self.position != len(self.data):
            raise ValueError(f"{len(self.data) - self.position} bytes too many")


cdef class IntPlan:
    """How to decode a column of numbers."""

    cdef readonly int transform, layout
    cdef readonly list children
    cdef readonly list header
    cdef readonly Py_ssize_t first_stream
    cdef readonly Py_ssize_t next_stream  # the first one after the column's own

    def __init__(self, ByteReader plan, Py_ssize_t first_stream, int depth=0):
        cdef int code = plan.byte(), n_children = 0
        self.transform = code >> 4
        self.layout = code & 15
        self.children = []
        if self.transform > RECENT or self.layout > 8 or depth > MAX_NESTING:
            raise ValueError(f"unknown coding of numbers {code:#x}")
        self.header = [plan.varint()]
        if self.transform == DELTA2 or self.transform == RECENT:
            self.header.append(plan.varint())
        if self.transform == DICTIONARY:
            if self.header[0] > MAX_DICTIONARY or self.layout == VARINT:
                raise ValueError("a dictionary of numbers is too long")
            n_children = 1
        elif self.transform == RECENT:
            n_children = 2
        for _ in range(n_children):
            child = IntPlan(plan, first_stream, depth + 1)
            self.children.append(child)
            first_stream = (<IntPlan>child).next_stream
        self.first_stream = self.next_stream = first_stream
        if self.transform != CONSTANT:
            self.next_stream += max(1, self.layout)


cdef class ColumnPlan:
    """How to decode a column of byte strings."""

    cdef readonly int codec
    cdef readonly list numbers, children, ints
    cdef readonly bytes value, varying
    cdef readonly Py_ssize_t first_stream, next_stream

    def __init__(self, ByteReader plan, Py_ssize_t first_stream, int depth=0):
        self.codec = plan.byte()
        self.numbers, self.children, self.ints = [], [], []
        self.value = self.varying = b""
        self.first_stream = self.next_stream = first_stream
        if self.codec > HEX or depth > MAX_DEPTH + 1:
            raise ValueError(f"unknown codec {self.codec} at depth {depth}")
        if self.codec == CONSTANT_VALUE:
            self.value = plan.take(plan.varint(MAX_RUN_BYTES))
        elif self.codec == NUMBER:
            self.numbers.append(plan.varint(MAX_WIDTH))
            self.numbers.append(plan.varint(max(self.numbers[0], 1) - 1))
            self.read_ints(plan)
        elif self.codec == TEXT:
            self.numbers.append(plan.byte() - 1)
            self.next_stream += 1
            if self.numbers[0] < 0:
                self.read_ints(plan)
        elif self.codec == DISTINCT:
            self.read_dictionary(plan, depth)
        elif self.codec == SHAPES:
            self.read_shapes(plan, depth)
        else:
            size = plan.varint(MAX_HEX)
            self.value = plan.take(size)
            self.varying = plan.take(size)
            self.next_stream += 1

    cdef int read_dictionary(self, ByteReader plan, int depth) except -1:
        """Read the distinct values' column and the coding of the ids."""
        self.numbers.append(plan.varint(MAX_RECORDS))
        self.read_child(plan, depth)
        self.numbers.append(plan.byte())
        if self.numbers[1] == RECENCY:
            self.first_stream = self.next_stream
            self.next_stream += 1
            self.numbers.append(plan.varint(MAX_RECORDS))
        elif self.numbers[1] != INDICES:
            raise ValueError("unknown coding of a dictionary's ids")
        return self.read_ints(plan)

    cdef int read_shapes(self, ByteReader plan, int depth) except -1:
        """Read the shapes, which value has which, and the columns of their runs."""
        cdef uint64_t n_columns
        self.numbers.append(plan.varint(MAX_STRUCTURES))
        self.read_child(plan, depth)
        self.read_ints(plan)
        n_columns = plan.varint(MAX_SLOTS)
        self.numbers.append(n_columns)
        self.read_ints(plan)
        for _ in range(n_columns):
            self.read_child(plan, depth)
        return 0

    cdef int read_ints(self, ByteReader plan) except -1:
        ints = IntPlan(plan, self.next_stream)
        self.ints.append(ints)
        self.next_stream = (<IntPlan>ints).next_stream
        return 0

    cdef int read_child(self, ByteReader plan, int depth) except -1:
        child = ColumnPlan(plan, self.next_stream, depth + 1)
        self.children.append(child)
        self.next_stream = (<ColumnPlan>child).next_stream
        return 0


cdef class FlagPlan:
    """How to decode flags."""

    cdef readonly int mode
    cdef readonly object n_places, places
    cdef readonly Py_ssize_t first_stream, next_stream

    def __init__(self, ByteReader plan, Py_ssize_t first_stream):
        self.mode = plan.byte()
        self.first_stream = first_stream
        self.next_stream = first_stream + 1
        if self.mode > FEW_CLEAR:
            raise ValueError(f"unknown coding of flags {self.mode}")
        self.n_places = 0
        self.places = None
        if self.mode >= FEW_SET:
            self.n_places = plan.varint(MAX_RECORDS)
            self.places = IntPlan(plan, first_stream)
            self.next_stream = (<IntPlan>self.places).next_stream


cdef class RelatedPlan:
    """How to decode a column of a block, told from another one or not."""

    cdef readonly int relation
    cdef readonly object source, n_missed, flags
    cdef readonly ColumnPlan child
    cdef readonly Py_ssize_t next_stream

    def __init__(self, ByteReader plan, Py_ssize_t first_stream):
        self.relation = plan.byte()
        if self.relation > LAST_RELATION:
            raise ValueError(f"unknown relation of columns {self.relation}")
        self.source = self.n_missed = 0
        self.flags = None
        if self.relation != ALONE:
            self.source = plan.varint(MAX_SLOTS)
            self.flags = FlagPlan(plan, first_stream)
            first_stream = (<FlagPlan>self.flags).next_stream
            self.n_missed = plan.varint(MAX_RECORDS)
        self.child = ColumnPlan(plan, first_stream)
        self.next_stream = self.child.next_stream


def read_directory(ByteReader reader, Py_ssize_t n_streams, tuple own_run_bytes):
    """Return (places, filled): where each stream lies, and the bytes in each run.

    A place is (run, offset in it, size). ``own_run_bytes`` is for each kind of stream the size from
    which on one has a run of its own.
    """
    cdef uint64_t entry, size
    cdef Py_ssize_t run
    cdef int kind, n_kinds = len(own_run_bytes)
    cdef list places = [], filled = [], shared = [-1] * n_kinds
    for _ in range(n_streams):
        entry = reader.varint(MAX_RUN_BYTES << 3)
        kind = entry & 7
        size = entry >> 3
        if kind >= n_kinds:
            raise ValueError(f"unknown kind of stream {kind}")
        run = len(filled)
        if size < <uint64_t>own_run_bytes[kind]:
            if shared[kind] < 0:
                shared[kind] = run
            run = shared[kind]
        if run == len(filled):
            filled.append(0)
        places.append((run, filled[run], size))
        filled[run] += size
    return places, filled
