"""How the command takes memory from the system: nothing that a library should decide."""

from __future__ import annotations

import ctypes

# Of malloc.h, and what they are set to: the largest threshold that glibc takes, and more free
# memory at the end of the heap than blocks leave there.
M_TRIM_THRESHOLD, TRIM_BYTES = -1, 1 << 29
M_MMAP_THRESHOLD, MMAP_BYTES = -3, 1 << 25


def keep_memory() -> None:
    """Keep what blocks free for the blocks that come.

    A block's columns are arrays of some megabytes. glibc maps each of them anew and gives it
    back at once; that the system clears their pages takes a sixth of all time. Where malloc is
    another one, nothing happens.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_MMAP_THRESHOLD, MMAP_BYTES)
        mallopt(M_TRIM_THRESHOLD, TRIM_BYTES)
