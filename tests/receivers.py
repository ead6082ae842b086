"""Real receivers of messages for tests: an HTTP server and an SMTP server on this machine."""

from __future__ import annotations

import email
import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from aiosmtpd.controller import Controller

from tests.platform_process import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage


@dataclass
class HttpReceiver:
    """Takes every POST and answers as it is told."""

    port: int = 0
    status: int = 200
    body: bytes = b"ok"
    headers: dict[str, str] = field(default_factory=dict)
    requests: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The address that it listens at."""
        return f"http://127.0.0.1:{self.port}/hook"

    def bodies(self) -> list[Any]:
        """Return what came, as JSON."""
        return [json.loads(body) for _, body in self.requests]


@contextmanager
def http_receiver() -> Iterator[HttpReceiver]:
    """Run an HTTP receiver."""
    found = HttpReceiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            found.requests.append((dict(self.headers), self.rfile.read(length)))
            self.send_response(found.status)
            for name, value in found.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(found.body)))
            self.end_headers()
            self.wfile.write(found.body)

        def log_request(self, code: object = "-", size: object = "-") -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class Mailbox:
    """The mails that an SMTP server took, parsed back."""

    port: int = 0
    refused: set[str] = field(default_factory=set)
    mails: list[EmailMessage] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802  (aiosmtpd's name)
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        """Take or refuse a recipient."""
        if address in self.refused:
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802  (aiosmtpd's name)
        self, server: Any, session: Any, envelope: Any
    ) -> str:
        """Keep a mail."""
        parsed = email.message_from_bytes(envelope.content, policy=policy.default)
        self.mails.append(parsed)
        return "250 taken"


@contextmanager
def mailbox() -> Iterator[Mailbox]:
    """Run an SMTP server."""
    found = Mailbox(port=free_port())
    controller = Controller(found, hostname="127.0.0.1", port=found.port)
    controller.start()
    try:
        yield found
    finally:
        controller.stop()
