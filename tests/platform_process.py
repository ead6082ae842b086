"""A running `logplatform up`, driven over HTTP as people and agents do."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

START_S = 90.0
STOP_S = 40.0


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def logplatform(
    *arguments: str, environment: dict[str, str], check: bool = True
) -> subprocess.CompletedProcess[bytes]:
    """Run one command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "logplatform.cli", *arguments],
        env=environment,
        capture_output=True,
        check=check,
        timeout=300,
    )


@dataclass
class Platform:
    """One `logplatform up` in a process group of its own."""

    environment: dict[str, str]
    log: Path
    port: int = field(default_factory=free_port)
    token: str = ""
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start everything and wait until it answers."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "logplatform.cli", "up", f"--port={self.port}"],
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.wait_ready()

    def wait_ready(self) -> None:
        """Wait until the web server can take lines."""
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            with suppress(OSError):
                if self.get("/readyz")["ready"]:
                    return
            time.sleep(0.1)
        raise TimeoutError(self.log.read_text())

    def get(self, path: str) -> Any:
        """Ask the API with the token."""
        return self._call(urllib.request.Request(f"http://127.0.0.1:{self.port}{path}"))

    def post(self, path: str, data: bytes, **headers: str) -> Any:
        """Send lines with the token."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data=data)
        request.add_header("Content-Type", "text/plain")
        for name, value in headers.items():
            request.add_header(name.replace("_", "-"), value)
        return self._call(request)

    def _call(self, request: urllib.request.Request) -> Any:
        request.add_header("Authorization", f"Bearer {self.token}")
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def children(self) -> dict[str, int]:
        """Return the process ids of web and worker."""
        assert self.process is not None
        found = {}
        pid = self.process.pid
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            with suppress(FileNotFoundError, ProcessLookupError):
                words = Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
                found.update({n: int(child) for n in ("web", "worker") if n.encode() in words})
        return found

    def kill(self, name: str) -> None:
        """Kill one child with -9, or with ``all`` the whole process group."""
        assert self.process is not None
        if name == "all":
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        elif name in (children := self.children()):
            with suppress(ProcessLookupError):
                os.kill(children[name], signal.SIGKILL)

    def stop(self) -> int:
        """End as Ctrl-C does; return the exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(STOP_S)

    def end(self) -> None:
        """Leave nothing running, whatever has happened."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def is_group_alive(group: int) -> bool:
    """Say whether a process of the group is left."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
