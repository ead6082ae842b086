# Arrays that grow while a kernel runs without the interpreter lock.

cdef struct Vector:
    char *data
    Py_ssize_t size
    Py_ssize_t room


cdef inline int append(Vector *v, const void *source, Py_ssize_t n) except -1 nogil:
    cdef char *data
    cdef Py_ssize_t room
    if v.size + n > v.room:
        room = 2 * v.room + n + 1024
        data = <char *>realloc(v.data, room)
        if data == NULL:
            with gil:
                raise MemoryError
        v.data = data
        v.room = room
    memcpy(v.data + v.size, source, n)
    v.size += n
    return 0


cdef inline int append_byte(Vector *v, int value) except -1 nogil:
    cdef char byte = <char>value
    return append(v, &byte, 1)


cdef inline int append_long(Vector *v, int64_t value) except -1 nogil:
    return append(v, &value, 8)


cdef class Grown:
    """Some vectors, freed with it."""

    cdef Vector v[6]

    def __cinit__(self):
        memset(self.v, 0, sizeof(self.v))

    def __dealloc__(self):
        cdef int i
        for i in range(6):
            free(self.v[i].data)

    cdef bytes as_bytes(self, int i):
        return self.v[i].data[: self.v[i].size] if self.v[i].size else b""

    cdef object as_array(self, int i, object dtype):
        return np.frombuffer(self.as_bytes(i), dtype)
