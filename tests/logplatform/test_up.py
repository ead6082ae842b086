"""`logplatform up`: everything in one process group, first account once, a clean end."""

from __future__ import annotations

import os
import socket
import time

import pytest

from tests.platform_process import Platform, is_group_alive, logplatform

pytestmark = [pytest.mark.services, pytest.mark.slow]
LINES = b"".join(b"2024-05-01 12:00:00 INFO app: user %d came in\n" % n for n in range(5000))


@pytest.fixture
def platform(platform_environment, tmp_path):
    found = Platform(platform_environment, tmp_path / "up.log")
    yield found
    found.end()


def wait_until_gone(platform):
    deadline = time.monotonic() + 30
    while is_group_alive(platform.process.pid):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_file_is_sealed_all_ends_together_and_the_account_is_told_once(platform):
    platform.start()
    said = platform.log.read_text()
    assert f"logplatform is at http://127.0.0.1:{platform.port}" in said
    assert said.count("first account: admin / ") == 1
    made = logplatform(
        *["token", "create", "--source", "app", "--scope", "ingest", "--scope", "read"],
        environment=platform.environment,
    )
    platform.token = made.stdout.decode().strip()
    uploaded = platform.post("/api/v1/sources/app/uploads?filename=app.log", LINES)
    assert uploaded["lines"] == 5000
    deadline = time.monotonic() + 60
    while platform.get(f"/api/v1/batches/{uploaded['batches'][0]}")["state"] != "sealed":
        assert time.monotonic() < deadline, platform.log.read_text()
        time.sleep(0.2)
    (pattern,) = platform.get("/api/v1/patterns?source=app")["results"]
    assert pattern["count"] == 5000
    assert platform.process is not None
    assert platform.stop() == 0
    wait_until_gone(platform)
    exported = logplatform("export", "--source", "app", environment=platform.environment)
    assert exported.stdout == LINES
    platform.start()
    assert platform.stop() == 0
    assert platform.log.read_text().count("first account") == 1


def test_port_in_use_is_said_in_one_line(platform_environment):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = logplatform(
            "up", f"--port={port}", environment=platform_environment, check=False
        )
    assert done.returncode == 3
    assert f"port {port} of 127.0.0.1: Address already in use" in done.stderr.decode()


def test_children_end_when_up_is_killed(platform):
    platform.start()
    assert platform.process is not None
    os.kill(platform.process.pid, 9)
    platform.process.wait()
    wait_until_gone(platform)
