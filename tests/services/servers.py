"""Real servers for the tests: Redis and PostgreSQL on free ports, in folders of their own.

Each is a child process that the kernel ends with its parent (`setpriv --pdeathsig`), so that
even a test run killed with -9 leaves no server behind. Nothing here knows Django.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import psycopg
import redis

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

START_TIMEOUT_S = 60.0  # two busy cores; alone Redis needs 0.1 s and PostgreSQL 1 s
STOP_TIMEOUT_S = 20.0
NAME = "logplatform"
POSTGRES_USER = "postgres"  # Debian's package makes it; the server refuses to run as root


class ServerError(RuntimeError):
    """A server is not installed or did not start."""


def free_port() -> int:
    """Return a port of 127.0.0.1 that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def redis_server(*, port: int | None = None) -> Iterator[str]:
    """Run a Redis server; gives its URL, without a database number."""
    port = port or free_port()
    with _folder("redis") as folder:
        command = [
            *("redis-server", "--bind", "127.0.0.1", "--port", str(port)),
            *("--dir", str(folder), "--appendonly", "no", "--save", ""),
            *("--databases", "1024"),  # one for each test that starts a platform
        ]
        with _running(command, log=folder / "log", stop=signal.SIGTERM) as server:
            client = redis.Redis(port=port)
            _wait(server, client.ping, redis.ConnectionError)
            client.close()
            yield f"redis://127.0.0.1:{port}"


@contextmanager
def postgresql_server(
    *, options: Mapping[str, str] = MappingProxyType({}), log: Path | None = None
) -> Iterator[str]:
    """Run a PostgreSQL server with a database ``logplatform``; gives that one's URL.

    ``options`` are settings of postgresql.conf, ``log`` is where its log shall lie.
    """
    binaries = _postgresql_binaries()
    port = free_port()
    with _folder("postgresql") as folder:
        as_user = _as_postgres(folder)
        subprocess.run(
            [
                *(*as_user, str(binaries / "initdb"), "-D", str(folder / "data")),
                *("-A", "trust", "-U", POSTGRES_USER, "--locale=C.UTF-8", "-E", "UTF8", "-N"),
            ],
            check=True,
            capture_output=True,
            cwd=folder,
        )
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(port),
            "unix_socket_directories": str(folder),
            # The tests kill our processes, never this machine: nothing needs a sync.
            "fsync": "off",
            "max_connections": "200",
        }
        command = [*as_user, str(binaries / "postgres"), "-D", str(folder / "data")]
        for name, value in (settings | dict(options)).items():
            command += ["-c", f"{name}={value}"]
        with _running(command, log=log or folder / "log", stop=signal.SIGINT) as server:
            base = f"postgresql://{POSTGRES_USER}@127.0.0.1:{port}"
            _wait(
                server, lambda: create_database(base, "logplatform"), psycopg.OperationalError
            )
            yield f"{base}/logplatform"


def create_database(base_url: str, name: str, *, template: str = "template1") -> str:
    """Create a database on the server of ``base_url``, empty or a copy; return its URL."""
    base = base_url.rpartition("/")[0] if base_url.count("/") > 2 else base_url
    with psycopg.connect(f"{base}/postgres", autocommit=True, connect_timeout=5) as connection:
        connection.execute(
            psycopg.sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                psycopg.sql.Identifier(name), psycopg.sql.Identifier(template)
            )
        )
    return f"{base}/{name}"


@contextmanager
def both_servers() -> Iterator[dict[str, str]]:
    """Run both; gives the two environment variables that make the platform use them."""
    with ExitStack() as stack:
        redis_url = stack.enter_context(redis_server())
        database_url = stack.enter_context(postgresql_server())
        yield {"REDIS_URL": f"{redis_url}/0", "DATABASE_URL": database_url}


def chromium() -> str:
    """Return the path of the system's Chromium."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    raise ServerError("chromium is not installed")


def _postgresql_binaries() -> Path:
    if path := shutil.which("initdb"):
        return Path(path).resolve().parent
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        raise ServerError("initdb of PostgreSQL is neither on PATH nor in /usr/lib/postgresql")
    return found[-1].parent


def _as_postgres(folder: Path) -> list[str]:
    """Return what to put before a command so that it does not run as root."""
    if os.geteuid() != 0:
        return []
    shutil.chown(folder, POSTGRES_USER)
    return [
        *("setpriv", f"--reuid={POSTGRES_USER}", f"--regid={POSTGRES_USER}"),
        *("--clear-groups", "--"),
    ]


@contextmanager
def _folder(name: str) -> Iterator[Path]:
    """Make a folder outside pytest's own, which only root may enter."""
    folder = Path(tempfile.mkdtemp(prefix=f"logplatform-{name}-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _running(
    command: list[str], *, log: Path, stop: signal.Signals
) -> Iterator[subprocess.Popen[bytes]]:
    # setpriv changes the user first and sets the death signal last: one call does both.
    guard = ["setpriv", f"--pdeathsig={stop.name.removeprefix('SIG')}"]
    command = [*guard, *(command[1:] if command[0] == "setpriv" else ["--", *command])]
    with log.open("wb") as sink:
        server = subprocess.Popen(
            command, stdout=sink, stderr=sink, stdin=subprocess.DEVNULL, cwd=log.parent
        )
    try:
        yield server
    except ServerError as error:
        raise ServerError(f"{error}\n{log.read_text(errors='replace')[-2000:]}") from error
    finally:
        server.send_signal(stop)
        try:
            server.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _wait(
    server: subprocess.Popen[bytes], attempt: Callable[[], object], not_yet: type[Exception]
) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while True:
        try:
            attempt()
        except not_yet as error:
            if server.poll() is not None or time.monotonic() > deadline:
                raise ServerError(f"{server.args!r} did not start: {error}") from error
            time.sleep(0.05)
        else:
            return
