"""docker-compose.yml without Docker: each service's command and health check as they stand.

PostgreSQL and Redis are real servers of this machine; only the two URLs and the home differ
from what a container gets.
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import yaml

from tests.services.servers import create_database, free_port

ROOT = Path(__file__).resolve().parent.parent


def port():
    """Return the port that the file names, another only where a program has it already."""
    with socket.socket() as probe:
        return free_port() if probe.connect_ex(("127.0.0.1", 8000)) == 0 else 8000


PORT = port()
COMPOSE = yaml.safe_load(
    (ROOT / "docker-compose.yml").read_text(encoding="utf-8").replace("8000", str(PORT))
)
OURS = ("web", "worker", "beat")
API = f"http://127.0.0.1:{PORT}/api/v1"
HEALTHY_S, STOPPED_S, SEALED_S = 60, 30, 60

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def environment(tmp_path_factory, postgresql_url, redis_url):
    given = {
        name: re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", value)
        for name, value in COMPOSE["services"]["web"]["environment"].items()
    }
    ours = {
        "LOGPLATFORM_HOME": str(tmp_path_factory.mktemp("home")),
        "DATABASE_URL": create_database(postgresql_url, "compose"),
        "REDIS_URL": f"{redis_url}/999",
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    assert ours.keys() - {"PATH"} <= given.keys()
    kept = {
        name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"
    }
    return kept | given | ours


@contextmanager
def service(name, environment, log_folder):
    with (log_folder / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(
            COMPOSE["services"][name]["command"],
            env=environment,
            stdout=log,
            stderr=log,
            cwd=environment["LOGPLATFORM_HOME"],
        )
    try:
        wait_until_healthy(name, process, environment, log_folder)
        yield process
        process.send_signal(signal.SIGTERM)
        assert process.wait(STOPPED_S) == 0, (log_folder / f"{name}.log").read_text()
    finally:
        process.kill()
        process.wait()


def wait_until_healthy(name, process, environment, log_folder):
    kind, *command = COMPOSE["services"][name]["healthcheck"]["test"]
    assert kind == "CMD"
    deadline = time.monotonic() + HEALTHY_S
    while process.poll() is None and time.monotonic() < deadline:
        done = subprocess.run(command, env=environment, capture_output=True, check=False)
        if done.returncode == 0:
            return
        time.sleep(0.3)
    pytest.fail(f"{name} is not healthy: {(log_folder / f'{name}.log').read_text()}")


def run(environment, *command):
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, check=True
    ).stdout


def ask(url, token, body=None):
    request = urllib.request.Request(
        url, data=body, headers={"Authorization": f"Bearer {token}"}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def test_services_take_lines_in_seal_them_and_end_cleanly(environment, tmp_path):
    with ExitStack() as stack:
        for name in OURS:
            stack.enter_context(service(name, environment, tmp_path))
        token = run(
            environment,
            *("logplatform", "token", "create", "--source", "shop"),
            *("--scope", "ingest", "--scope", "read"),
        ).strip()
        lines = b"".join(b"2026-11-21 10:00:%02d,000 INFO a: %d\n" % (n, n) for n in range(50))
        batch = ask(f"{API}/ingest/shop", token, lines)["batch"]
        deadline = time.monotonic() + SEALED_S
        while (state := ask(f"{API}/batches/{batch}", token)["state"]) != "sealed":
            assert time.monotonic() < deadline, f"the batch is still {state}"
            time.sleep(0.3)
        assert run(environment, "logplatform", "search", "--count", "INFO").split() == ["50"]


def test_every_service_has_a_health_check_and_comes_back():
    for name, about in COMPOSE["services"].items():
        assert about["healthcheck"]["test"], name
        assert about["restart"] == "unless-stopped", name


def test_image_does_not_run_as_root():
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    users = [line.split()[1] for line in lines if line.startswith("USER")]
    assert users
    assert users[-1] != "root"
