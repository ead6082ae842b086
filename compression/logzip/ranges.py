"""Segments read over HTTP without downloading them: a file object of ranges.

`logzip.Segment` and `logzip.open` take any seekable file; with this one an object store's
(presigned) address is one. A search reads the footer, then the blocks that it doesn't rule out.
Not imported with the package: what speaks HTTP takes a tenth of the command's start.
"""

from __future__ import annotations

import io
import urllib.error
import urllib.request
from typing import BinaryIO

TIMEOUT_S = 30
BUFFER_BYTES = 1 << 16  # small reads share a request


def open_url(url: str, *, timeout_s: float = TIMEOUT_S) -> BinaryIO:
    """Open an ``http`` or ``https`` address as a file of which ranges are read.

    The server must answer ranges (status 206), as S3 and its kin, nginx and most others do. An
    object that changes is noticed by its ETag.

    Raises
    ------
    ValueError
        If the address is of another kind.
    OSError
        If the server cannot be reached, or gives no ranges.
    """
    return io.BufferedReader(_HttpFile(url, timeout_s), BUFFER_BYTES)


class _HttpFile(io.RawIOBase):
    """The bytes behind an address; each read is one request."""

    def __init__(self, url: str, timeout_s: float) -> None:
        if not url.lower().startswith(("http://", "https://")):
            raise ValueError(f"{url!r}: not an http or https address")
        self.name = url.partition("?")[0]  # without the signature
        self._url, self._timeout_s = url, timeout_s
        self._at = 0
        self._tag = ""
        _, self._size = self._get(0, 1)

    def readable(self) -> bool:
        """Tell that this is read from."""
        return True

    def seekable(self) -> bool:
        """Tell that any place can be read."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a byte."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        """Return the place."""
        return self._at

    def readinto(self, target: object) -> int:
        """Fill ``target`` with one request; 0 at the end."""
        view = memoryview(target).cast("B")  # type: ignore[arg-type]  # any writable buffer
        size = min(len(view), self._size - self._at)
        if size <= 0:
            return 0
        data, _ = self._get(self._at, size)
        view[: len(data)] = data
        self._at += len(data)
        return len(data)

    def _get(self, offset: int, size: int) -> tuple[bytes, int]:
        """Return a range, and the size of the whole.

        Raises
        ------
        OSError
            Where the server gives no ranges, another range, or those of another version.
        """
        headers = {
            "Range": f"bytes={offset}-{offset + size - 1}",
            "Accept-Encoding": "identity",
        }
        request = urllib.request.Request(self._url, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=self._timeout_s) as answer:
                if answer.status != 206:
                    raise OSError(f"{self.name}: the server gives no ranges")
                tag = answer.headers.get("ETag", "")
                span, _, whole = answer.headers.get("Content-Range", "").partition("/")
                data: bytes = answer.read(size + 1)
        except urllib.error.URLError as error:
            raise OSError(f"{self.name}: {error.reason}") from error
        if not span.startswith(f"bytes {offset}-") or not whole.isdigit() or len(data) != size:
            raise OSError(f"{self.name}: not the range that was asked for, at byte {offset}")
        if self._tag not in ("", tag):
            raise OSError(f"{self.name}: changed while it was read")
        self._tag = tag
        return data, int(whole)
