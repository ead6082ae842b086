"""The embedded broker: kombu's messages in a folder, whole before they have their name.

kombu's own transport creates a message under its final name and fills it after, so a worker
that looks in between takes an empty file and ends by it; seen on busy machines.
"""

from __future__ import annotations

import json
import os
import secrets
import time
from pathlib import Path

from kombu.exceptions import ChannelError
from kombu.transport import TRANSPORT_ALIASES, filesystem

SCHEME = "folder"  # of the broker's address: folder://


class Channel(filesystem.Channel):
    """kombu's channel with files that appear whole."""

    def _put(  # type: ignore[override]  # kombu's own signatures differ from each other
        self, queue: str, payload: object, **_: object
    ) -> None:
        """Put a message onto a queue; names sort in the order of sending."""
        name = f"{round(time.monotonic() * 1000)}_{secrets.token_hex(16)}.{queue}.msg"
        _appear(Path(self.data_folder_out) / name, payload)

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str, queue: str) -> None:
        """Bind a queue in an exchange's table, which is never seen empty."""
        table: Path = self._exchange_file(exchange)  # type: ignore[no-untyped-call]  # kombu
        if not table.exists():
            self.control_folder.mkdir(exist_ok=True)
            _appear(table, [])
        super()._queue_bind(  # type: ignore[no-untyped-call]  # kombu
            exchange, routing_key, pattern, queue
        )


class Transport(filesystem.Transport):
    """kombu's transport with our channel."""

    Channel = Channel


def _appear(path: Path, content: object) -> None:
    """Give a file its name once its content is there; one that is there already stays.

    Raises
    ------
    ChannelError
        The folder cannot be written.
    """
    draft = path.with_name(f"{secrets.token_hex(16)}.draft")
    try:
        draft.write_text(json.dumps(content), encoding="utf-8")
        try:
            os.link(draft, path)
        except FileExistsError:
            return
        finally:
            draft.unlink()
    except OSError as error:
        raise ChannelError(f"cannot write {path}: {error}") from error


TRANSPORT_ALIASES[SCHEME] = f"{__name__}:Transport"
