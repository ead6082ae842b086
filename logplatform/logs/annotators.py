"""The sources' `valb.Annotator` states on disk: written before a seal commits, never changed.

A state is a file of its own whose name the source's row holds; what no row names is swept up.
"""

from __future__ import annotations

import os
import secrets
from collections import OrderedDict
from typing import TYPE_CHECKING

import orjson
import zstandard
from django.conf import settings

from logplatform.logs import wal
from valb import Annotator

if TYPE_CHECKING:
    from logplatform.logs.models import Source

# A worker seals the same few sources again and again; reading a state costs up to a second.
KEPT_IN_MEMORY = 8
_kept: OrderedDict[str, Annotator] = OrderedDict()


def load(source: Source) -> Annotator:
    """Return the source's annotator as the last committed seal left it.

    It is the caller's to change: it leaves the memory of this process until `keep`.
    """
    if not source.annotator_file:
        return Annotator()
    kept = _kept.pop(source.annotator_file, None)
    return read(source) if kept is None else kept


def read(source: Source) -> Annotator:
    """Read the source's annotator as the last committed seal left it, to look at."""
    if not source.annotator_file:
        return Annotator()
    packed = (settings.HOME.annotators / source.annotator_file).read_bytes()
    return Annotator.from_dict(orjson.loads(zstandard.decompress(packed)))


def save(source: Source, annotator: Annotator) -> str:
    """Write a state next to the earlier ones and return its name, durable already."""
    folder = settings.HOME.annotators / str(source.pk)
    folder.mkdir(mode=0o700, exist_ok=True)
    name = f"{source.annotator_version + 1}-{secrets.token_hex(4)}.json.zst"
    packed = zstandard.compress(orjson.dumps(annotator.to_dict()), 3)
    with wal.disk_full_is_named(name), (folder / name).open("xb") as file:
        file.write(packed)
        file.flush()
        os.fsync(file.fileno())
    wal.sync_folder(folder)
    return f"{source.pk}/{name}"


def keep(name: str, annotator: Annotator) -> None:
    """Keep a committed state in memory for this process's next seal of the source."""
    _kept[name] = annotator
    while len(_kept) > KEPT_IN_MEMORY:
        _kept.popitem(last=False)


def forget() -> None:
    """Drop the states kept in memory, as a process that starts anew has none."""
    _kept.clear()
