"""How long after its first line an incident is told: the running platform, end to end.

    python -m benchmarks.alert_latency [--incidents 12] [--json FILE]

Runs `logplatform up` in a home of its own, with a source and a rule for each incident and a
webhook on this machine. The incidents are spread over more than a minute, so that they meet
each part of it; each is timed from the request with its first line to the webhook's request.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from contextlib import suppress
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from benchmarks.machine import report_header

SPREAD_S = 66.0
WAIT_S = 180.0
SETUP = """
import sys
from logplatform import config
config.start_django()
from logplatform.accounts import services as accounts
from logplatform.logs import services
from logplatform.reports import channels, rules
team = accounts.ensure_team()
hook = channels.create_channel(
    team=team, draft=channels.ChannelDraft("hook", "webhook", url=sys.argv[1]))
for n in range(int(sys.argv[2])):
    source = services.create_source(team=team, name=f"s{n}")
    rules.create_rule(team=team, draft=rules.RuleDraft(
        name=f"s{n}", kind="count", query="level:error", sources=(source,), channels=(hook,),
        condition={"window_min": 5, "threshold": 3}))
print(accounts.create_token(team=team, name="t", scopes=("ingest",)).secret)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--incidents", type=int, default=12)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        seconds = measure(Path(folder), arguments.incidents)
    found = report_header() | {
        "incidents": arguments.incidents,
        "seconds": [round(s, 1) for s in seconds],
        "median_s": round(statistics.median(seconds), 1),
        "longest_s": round(max(seconds), 1),
    }
    print(json.dumps(found, indent=2))
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=2) + "\n")


def measure(folder: Path, incidents: int) -> list[float]:
    """Return the seconds from each incident's first line to its message."""
    told: dict[str, float] = {}
    server = _receiver(told)
    hook = f"http://127.0.0.1:{server.server_address[1]}/"
    environment = os.environ | {
        "LOGPLATFORM_HOME": str(folder / "home"),
        "LOGPLATFORM_CHANNEL_NETWORKS": "127.0.0.0/8",
        "DJANGO_SETTINGS_MODULE": "logplatform.settings",
    }
    platform, port = _start(environment, folder / "up.log")
    try:
        token = subprocess.run(
            [sys.executable, "-c", SETUP, hook, str(incidents)],
            env=environment,
            capture_output=True,
            check=True,
            text=True,
        ).stdout.strip()
        began = {}
        for number in range(incidents):
            began[f"s{number}"] = time.monotonic()
            for part in range(3):
                _post(port, token, f"s{number}", part)
            time.sleep(SPREAD_S / incidents)
        deadline = time.monotonic() + WAIT_S
        while len(told) < incidents and time.monotonic() < deadline:
            time.sleep(0.1)
        return [told[name] - at for name, at in began.items()]
    finally:
        platform.terminate()
        platform.wait(60)
        server.shutdown()


def _receiver(told: dict[str, float]) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            at = time.monotonic()
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            told.setdefault(body["title"].split(":")[0], at)
            self.send_response(204)
            self.end_headers()

        def log_request(self, code: object = "-", size: object = "-") -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def _start(environment: dict[str, str], log: Path) -> tuple[subprocess.Popen[bytes], int]:
    probe = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    port = probe.server_address[1]
    probe.server_close()
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "logplatform.cli", "up", f"--port={port}"],
            env=environment,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    for _ in range(900):
        with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz") as up:
            if json.load(up)["ready"]:
                return process, port
        time.sleep(0.1)
    raise TimeoutError(log.read_text())


def _post(port: int, token: str, source: str, part: int) -> None:
    line = (
        f"{datetime.now(tz=UTC):%Y-%m-%d %H:%M:%S},000 ERROR shop.pay: payment {part} failed\n"
    )
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/v1/ingest/{source}",
        data=line.encode(),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "text/plain"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        answer.read()


if __name__ == "__main__":
    main()
