"""Web and worker killed with -9 while lines come in: every acknowledged line is found once."""

from __future__ import annotations

import json
import threading
import time
import urllib.error
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException

import numpy as np
import pytest

from tests.platform_process import Platform, logplatform

WRITERS = 4
VICTIMS = ("web", "worker", "all")
SEALED_WITHIN_S = 120.0


class Writer:
    """An agent: sends batches, each again and again until it is acknowledged or given up."""

    def __init__(self, platform: Platform, number: int, stop: threading.Event) -> None:
        self.platform, self.number, self.stop = platform, number, stop
        self.choose = np.random.default_rng(number)
        self.acknowledged: list[str] = []
        self.given_up: list[str] = []

    def run(self) -> None:
        batch = 0
        while not self.stop.is_set():
            lines = [
                f"2024-05-01 12:00:00 INFO soak: writer {self.number} batch {batch} line {line}"
                for line in range(int(self.choose.integers(1, 200)))
            ]
            # One batch in ten is not sent again after a failure: it may be there or not.
            patient = self.choose.random() < 0.9
            sent = self.send(
                "\n".join(lines) + "\n", key=f"{self.number}-{batch}", patient=patient
            )
            (self.acknowledged if sent else self.given_up).extend(lines)
            batch += 1

    def send(self, body: str, *, key: str, patient: bool) -> bool:
        while True:
            try:
                self.platform.post("/api/v1/ingest/soak", body.encode(), Idempotency_Key=key)
            except urllib.error.HTTPError as error:
                assert error.code in (429, 503, 507), error.read()
            except (OSError, HTTPException):
                if not patient or self.stop.is_set():
                    return False
            else:
                return True
            time.sleep(0.1)


@pytest.fixture
def platform(platform_environment, tmp_path):
    environment = platform_environment | {"LOGPLATFORM_SEAL_AFTER_S": "0.5"}
    found = Platform(environment, tmp_path / "up.log")
    done = logplatform(
        *["token", "create", "--source", "soak", "--scope", "ingest", "--scope", "read"],
        environment=environment,
    )
    found.token = done.stdout.decode().strip()
    yield found
    found.end()


def wait_until_sealed(platform):
    deadline = time.monotonic() + SEALED_WITHIN_S
    while time.monotonic() < deadline:
        (source,) = platform.get("/api/v1/sources")["results"]
        if source["pending_batches"] == 0:
            return source
        time.sleep(0.5)
    jobs = platform.get("/api/v1/jobs")["results"]
    raise TimeoutError(f"{source}\n{jobs[:3]}\n{platform.log.read_text()[-4000:]}")


@pytest.mark.services
@pytest.mark.parametrize(
    "rounds", [3, pytest.param(30, marks=[pytest.mark.soak, pytest.mark.timeout(3600)])]
)
def test_acknowledged_lines_are_found_once_after_kills(platform, rounds):
    platform.start()
    choose, stop = np.random.default_rng(rounds), threading.Event()
    writers = [Writer(platform, number, stop) for number in range(WRITERS)]
    with ThreadPoolExecutor(WRITERS) as pool:
        running = [pool.submit(writer.run) for writer in writers]
        try:
            for turn in range(rounds):
                time.sleep(float(choose.uniform(1.0, 3.0)))
                victim = VICTIMS[turn % len(VICTIMS)]
                platform.kill(victim)
                if victim == "all":
                    platform.start()
                else:
                    time.sleep(1.0)
                    platform.wait_ready()
        finally:
            stop.set()
        for writer in running:
            writer.result(60)
    source = wait_until_sealed(platform)
    assert source["failed_jobs"] == 0
    assert platform.stop() == 0
    check_every_line(platform, writers)


def check_every_line(platform, writers):
    acknowledged = Counter(line for writer in writers for line in writer.acknowledged)
    allowed = Counter(line for writer in writers for line in writer.given_up)
    assert sum(acknowledged.values()) > 1000
    exported = logplatform("export", "--source", "soak", environment=platform.environment)
    found = Counter(exported.stdout.decode().splitlines())
    assert not acknowledged - found, "acknowledged lines are lost"
    assert not found - acknowledged - allowed, "lines are doubled or came from nowhere"
    searched = logplatform("search", "writer", "--json", environment=platform.environment)
    hits = Counter(json.loads(line)["raw"] for line in searched.stdout.splitlines())
    assert hits == found
    counted = logplatform("search", "writer", "--count", environment=platform.environment)
    assert int(counted.stdout) == sum(found.values())
