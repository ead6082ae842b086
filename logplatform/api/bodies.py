"""Request bodies as limited streams. Nothing here touches ``request.data`` or ``POST``."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, BinaryIO

from django.http import UnreadablePostError

from logplatform.api.problems import UnsupportedEncodingError
from logscan import InputTooLarge, open_input

if TYPE_CHECKING:
    from rest_framework.request import Request

MAGIC = {"gzip": b"\x1f\x8b", "zstd": b"\x28\xb5\x2f\xfd"}
BUFFER_BYTES = 1 << 18


class _Body(io.RawIOBase):
    """What the client sends, counted."""

    name = "request body"

    def __init__(self, request: Request, max_bytes: int) -> None:
        # Django reads nothing without a Content-Length; the server has undone the chunks.
        is_chunked = "chunked" in request.META.get("HTTP_TRANSFER_ENCODING", "").lower()
        self._stream = request.META["wsgi.input"] if is_chunked else request
        self._left = max_bytes
        self._max_bytes = max_bytes

    def readable(self) -> bool:
        """Tell io.BufferedReader that this is read from."""
        return True

    def readinto(self, target: object) -> int:
        """Fill ``target`` with what comes next; 0 at the end."""
        view = memoryview(target).cast("B")  # type: ignore[arg-type]  # any writable buffer
        try:
            data = self._stream.read(len(view))
        except OSError as error:
            raise UnreadablePostError(f"the connection ended early: {error}") from error
        self._left -= len(data)
        if self._left < 0:
            raise InputTooLarge(f"the body is longer than {self._max_bytes} bytes")
        view[: len(data)] = data
        return len(data)


def open_body(request: Request, *, max_bytes: int) -> io.BufferedReader:
    """Return the body as it came, up to ``max_bytes``; a longer one raises `InputTooLarge`."""
    declared = request.META.get("CONTENT_LENGTH") or "0"
    if declared.isdigit() and int(declared) > max_bytes:
        raise InputTooLarge(f"the body has {declared} bytes, at most {max_bytes} are taken")
    return io.BufferedReader(_Body(request, max_bytes), BUFFER_BYTES)


def open_encoded(request: Request, *, max_wire_bytes: int, max_bytes: int) -> BinaryIO:
    """Return the body with its Content-Encoding undone, within limits."""
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    body = open_body(request, max_bytes=max_wire_bytes)
    if encoding in {"", "identity"}:
        return body
    magic = MAGIC.get(encoding.removeprefix("x-"))
    if magic is None:
        raise UnsupportedEncodingError(
            f"Content-Encoding {encoding!r}: send gzip, zstd or none"
        )
    if not body.peek(len(magic)).startswith(magic):
        raise UnsupportedEncodingError(f"the body is not {encoding}")
    return open_input(body, max_bytes=max_bytes)
