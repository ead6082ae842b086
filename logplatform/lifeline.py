"""Child processes that end when their parent is killed: none keeps a port or a lease."""

from __future__ import annotations

import ctypes
import signal

PR_SET_PDEATHSIG = 1  # from <linux/prctl.h>


def end_with_parent() -> None:
    """Have the kernel end this process when its parent dies (Linux)."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
