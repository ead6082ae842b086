"""How far a long compression is, on a terminal."""

from __future__ import annotations

import io
import time
from typing import BinaryIO, TextIO

EVERY_S = 0.2  # often enough to look alive
LEAST_BYTES = 4 << 20  # less is done before anyone reads it


class Progress:
    """One line on a terminal, written over again as bytes of the input are read."""

    def __init__(self, name: str, size: int, terminal: TextIO) -> None:
        self._name = name
        self._size = size
        self._terminal = terminal
        self._is_shown = terminal.isatty() and size >= LEAST_BYTES
        self._next_s = 0.0
        self._width = 0

    def watch(self, source: BinaryIO) -> BinaryIO:
        """Return ``source`` as a file whose reading is shown."""
        return io.BufferedReader(_Watched(source, self), 1 << 20) if self._is_shown else source

    def show(self, done: int) -> None:
        """Say that ``done`` bytes are read, if it is time to."""
        now_s = time.monotonic()
        if now_s < self._next_s:
            return
        self._next_s = now_s + EVERY_S
        text = f"{self._name}: {done / 1e6:,.0f} of {self._size / 1e6:,.0f} MB"
        self._terminal.write(f"\r{text:{self._width}}")
        self._terminal.flush()
        self._width = len(text)

    def clear(self) -> None:
        """Leave the line empty."""
        if self._width:
            self._terminal.write("\r" + " " * self._width + "\r")
            self._terminal.flush()


class _Watched(io.RawIOBase):
    """A file that tells how much of it was read."""

    def __init__(self, source: BinaryIO, progress: Progress) -> None:
        self._source = source
        self._progress = progress
        self._done = 0
        self.name = getattr(source, "name", "segment")

    def readable(self) -> bool:
        """Tell io.BufferedReader that this is read from."""
        return True

    def readinto(self, target: object) -> int:
        """Fill ``target`` with what comes next; 0 at the end."""
        view = memoryview(target).cast("B")  # type: ignore[arg-type]  # any writable buffer
        part = self._source.read(len(view))
        view[: len(part)] = part
        self._done += len(part)
        self._progress.show(self._done)
        return len(part)
