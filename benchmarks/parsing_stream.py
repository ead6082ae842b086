"""A long stream with ever new structures: ``python -m benchmarks.parsing --stream``.

Of the lines one in a hundred (``--new``) has a structure that no line before had: one half are
new messages, the other half known messages with another word at a place where words vary. What
is measured, each million lines: lines per CPU-second from bytes to typed columns, and the
resident memory. Making the lines is not counted.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from logscan import HEADER_FORMATS, scan, scan_messages
from valb import Annotator
from valb.columns import typed_columns

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

BLOCK_LINES = 50_000
PAGE_BYTES = 4096
_KNOWN_FORMS = 400
_KNOWN_LINES = 99_991
_VERBS = ("opened", "closed", "stopped", "refused", "queued", "flushed", "moved", "deleted")
_NOUNS = (
    "session",
    "request",
    "file",
    "block",
    "worker",
    "queue",
    "lease",
    "volume",
    "replica",
)
_ENDS = ("{n}", "id={n}", "in {n} ms", "of {a}", "for tables")
_LETTERS = np.frombuffer(b"abcdefghijklmnoprstuvw", np.uint8)


class Stream:
    """Makes lines; the same seed gives the same ones."""

    def __init__(self, new_share: float, seed: int) -> None:
        self._random = np.random.default_rng(seed)
        self._every = round(1 / new_share)
        self._forms = [self._form() for _ in range(_KNOWN_FORMS)]
        self._made = 0
        # Made once: the values repeat, as the measure is of structures.
        self._pool = [self._known() for _ in range(_KNOWN_LINES)]

    def _pick(self, things: Sequence[str]) -> str:
        return things[int(self._random.integers(len(things)))]

    def _word(self) -> str:
        return bytes(self._random.choice(_LETTERS, 7)).decode()

    def _form(self) -> str:
        parts = [self._pick(_NOUNS), self._pick(_VERBS)]
        for _ in range(int(self._random.integers(2, 6))):
            parts += [self._pick(_NOUNS), self._pick(_ENDS)]
        return " ".join(parts)

    def _known(self) -> str:
        number, *host, port = self._random.integers(1_000_000, size=5).tolist()
        address = f"10.{'.'.join(str(part % 256) for part in host)}:{port % 65536}"
        return self._pick(self._forms).replace("{n}", str(number)).replace("{a}", address)

    def _new(self) -> str:
        if self._random.integers(2):
            return f"user {self._word()} logged in from 10.0.0.{self._made % 250} as staff"
        return f"{self._word()} {self._known()} {self._word()}"

    def blocks(self, lines: int) -> Iterator[bytes]:
        """Yield blocks of `BLOCK_LINES` lines."""
        while self._made < lines:
            made = []
            for _ in range(min(BLOCK_LINES, lines - self._made)):
                self._made += 1
                is_new = self._made % self._every == 0
                text = self._new() if is_new else self._pool[self._made % _KNOWN_LINES]
                second = self._made // 1000
                clock = f"{second // 3600 % 24:02}:{second // 60 % 60:02}:{second % 60:02}"
                made.append(f"2026-11-21 {clock},{self._made % 1000:03} INFO app: {text}\n")
            yield "".join(made).encode()


def resident_mib() -> float:
    """Give the memory that the process has now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * PAGE_BYTES / 2**20


def track_stream(lines: int, new_share: float, seed: int = 0) -> list[dict[str, Any]]:
    """Parse a stream; one row of figures for each million lines."""
    annotator = Annotator()
    annotator.annotate(scan_messages(b"warm up\n"))
    annotator = annotator.fresh()
    header = HEADER_FORMATS["log4j"]
    rows: list[dict[str, Any]] = []
    done, busy = 0, 0.0
    for block in Stream(new_share, seed).blocks(lines):
        before = time.process_time()
        batch = scan(block, header=header, received_ns=0)
        annotation = annotator.annotate(batch)
        for _ in typed_columns(batch, annotation):
            pass
        busy += time.process_time() - before
        done += len(batch)
        if done % 1_000_000 == 0 or done == lines:
            rows.append(
                {
                    "lines": done,
                    "lines_per_cpu_s": round(
                        (done - (rows[-1]["lines"] if rows else 0)) / busy
                    ),
                    "resident_mib": round(resident_mib()),
                    "templates": len(annotator.templates),
                }
            )
            busy = 0.0
    return rows
