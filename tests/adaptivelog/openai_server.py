"""A server that speaks the OpenAI protocol over real sockets, for tests of the client."""

from __future__ import annotations

import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from adaptivelog import LargeModel, LargeSettings


def answered(text, *, tokens=(100, 10)):
    """A turn of the script: a normal answer with this text."""
    return {"status": 200, "text": text, "usage": tokens}


def failed(status, *, headers=None):
    """A turn of the script: an HTTP error."""
    return {"status": status, "headers": headers or {}}


def labelled(label, reason="because"):
    """A turn of the script: a well-formed answer."""
    return answered(json.dumps({"reason": reason, "label": label}))


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    script: list[dict[str, Any]]
    requests: list[dict[str, Any]]
    clients: list[LargeModel]
    url = ""

    def large(self, **settings):
        """Give a client of this server that writes down its waits instead of waiting."""
        waits: list[float] = []
        model = LargeModel(LargeSettings(self.url, "tiny", **settings), sleep=waits.append)
        self.clients.append(model)
        return model, waits


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, *_):
        """Keep the test's output clean."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.requests.append(
            {
                "body": json.loads(body),
                "headers": {name.lower(): value for name, value in self.headers.items()},
            }
        )
        script = self.server.script
        turn = script.pop(0) if len(script) > 1 else script[0]
        time.sleep(turn.get("sleep_s", 0))
        if turn["status"] != 200:
            self._send(turn["status"], {"error": {"message": "no"}}, turn.get("headers", {}))
        elif "garbage" in turn:
            self._send_bytes(200, turn["garbage"], "application/json", {})
        elif self.server.requests[-1]["body"].get("stream"):
            self._stream(turn["text"])
        else:
            sent, got = map(int, turn.get("usage", (1, 1)))
            message = {"role": "assistant", "content": turn["text"]}
            usage = {
                "prompt_tokens": sent,
                "completion_tokens": got,
                "total_tokens": sent + got,
            }
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            self._send(200, self._envelope("chat.completion", [choice]) | {"usage": usage}, {})

    def _stream(self, text):
        pieces = [text[i : i + 7] for i in range(0, len(text), 7)]
        events = [
            self._envelope("chat.completion.chunk", [{"index": 0, "delta": {"content": piece}}])
            for piece in pieces
        ]
        lines = [f"data: {json.dumps(event)}\n\n" for event in events] + ["data: [DONE]\n\n"]
        self._send_bytes(200, "".join(lines).encode(), "text/event-stream", {})

    def _envelope(self, kind, choices):
        return {"id": "1", "object": kind, "created": 1, "model": "tiny", "choices": choices}

    def _send(self, status, document, headers):
        self._send_bytes(status, json.dumps(document).encode(), "application/json", headers)

    def _send_bytes(self, status, body, kind, headers):
        try:
            self.send_response(status)
            for name, value in {"content-type": kind, **headers}.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):
            pass  # the client stopped waiting, which is what some tests are about


@contextmanager
def serving(*script):
    """Serve the turns of a script, the last one for ever; gives the server.

    ``server.url`` is its base URL and ``server.requests`` what it was sent.
    """
    server = _Server(("127.0.0.1", 0), _Handler)
    server.script, server.requests, server.clients = list(script), [], []
    server.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        for client in server.clients:
            client.close()
        server.shutdown()
        server.server_close()
        thread.join()
