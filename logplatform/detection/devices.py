"""Where detectors compute: as configured, by itself on a GPU where there is one."""

from __future__ import annotations

import torch
from django.conf import settings

# Two workers on two cores would only get in each other's way.
THREADS = 1


def device() -> str:
    """Return the device of this process's detectors."""
    torch.set_num_threads(THREADS)
    wanted: str = settings.CONFIG.detect_device
    if wanted != "auto":
        return wanted
    return "cuda" if torch.cuda.is_available() else "cpu"
