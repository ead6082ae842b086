"""A small log whose every answer can be foretold."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from logplatform.logs import services

if TYPE_CHECKING:
    from logplatform.logs.models import Source

START_NS = 1_767_261_600_000_000_000  # 2026-01-01 10:00 UTC
SECOND_NS = 1_000_000_000
REQUEST = b"request from 10.0.%d.%d took %d ms status %d"


def _text(n: int) -> tuple[bytes, bytes, bytes]:
    return (
        (b"INFO", b"web", REQUEST % (n % 4, n % 9, n, 200 + n % 3 * 100)),
        (b"WARN", b"db", b"query user%d size %d KB slow" % (n % 5, n % 50)),
        (b"ERROR", b"web", b"payment failed user=u%d n=%d" % (n % 3, n)),
        (b"INFO", b"cache", b"flushed elapsed_ms=%d caf\xc3\xa9 \xff" % (n * 10)),
    )[n % 4]


# One record a second for ten minutes, its milliseconds n % 7.
LINES = [
    b"2026-01-01 10:%02d:%02d,%03d %s shop.%s: %s\n" % (n // 60, n % 60, n % 7, *_text(n))
    for n in range(600)
]
TIMES_NS = [START_NS + n * SECOND_NS + n % 7 * 1_000_000 for n in range(600)]


def accept(source: Source, data: bytes) -> None:
    """Store some lines, not sealed yet."""
    services.accept_upload(source, io.BytesIO(data))
    source.refresh_from_db()


def shown(lines: list[bytes]) -> list[str]:
    """Return lines as hits show them."""
    return [line.rstrip(b"\n").decode(errors="backslashreplace") for line in lines]
