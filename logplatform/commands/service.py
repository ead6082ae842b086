"""``up``, ``web``, ``worker`` and ``beat``: the processes of a running platform."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import warnings
from collections import deque
from typing import TYPE_CHECKING

from celery.exceptions import SecurityWarning
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from logplatform.accounts import services as accounts
from logplatform.celery import app
from logplatform.cli import BAD_INPUT, DONE
from logplatform.commands.failures import CommandError
from logplatform.commands.ready import prepare_home
from logplatform.lifeline import end_with_parent

if TYPE_CHECKING:
    import argparse
    from types import FrameType

# Threads wait for fsync and for the database more than they compute.
WEB_THREADS = 8
# Requests at work or waiting for a thread; more are told to come back, not queued for ever.
WEB_BACKPRESSURE = 128
STOP_S = 20.0  # a seal's present block ends well within
RESTARTS, RESTART_WINDOW_S = 5, 60.0


def web(arguments: argparse.Namespace) -> int:
    """Serve HTTP until told to stop."""
    prepare_home()
    _require_free(arguments.host, arguments.port)
    Granian(
        "logplatform.wsgi:application",
        address=arguments.host,
        port=arguments.port,
        interface=Interfaces.WSGI,
        blocking_threads=WEB_THREADS,
        backpressure=WEB_BACKPRESSURE,
        websockets=False,
        log_level=LogLevels.error,
        respawn_failed_workers=True,
        workers_kill_timeout=int(STOP_S / 2),
    ).serve()
    return DONE


def worker(arguments: argparse.Namespace) -> int:
    """Do jobs until told to stop."""
    prepare_home()
    # Celery warns root of pickled messages, and ours are JSON alone.
    warnings.simplefilter("ignore", SecurityWarning)
    options = [f"--queues={arguments.queues}", *(["--beat"] if arguments.beat else [])]
    app.worker_main(
        [
            "--quiet",
            "worker",
            "--loglevel=WARNING",
            "--without-gossip",
            "--without-mingle",
            "--without-heartbeat",
            *options,
        ]
    )
    return DONE


def beat(arguments: argparse.Namespace) -> int:  # noqa: ARG001  (as every command)
    """Send scheduled tasks until told to stop."""
    prepare_home()
    app.start(["--quiet", "beat", "--loglevel=WARNING", "--pidfile="])
    return DONE


def up(arguments: argparse.Namespace) -> int:
    """Run everything in one process group, and end it together."""
    prepare_home()
    _require_free(arguments.host, arguments.port)
    password = accounts.ensure_first_user()
    family = _Family()
    family.start("web", ["web", f"--host={arguments.host}", f"--port={arguments.port}"])
    family.start("worker", ["worker", "--beat"])
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, family.stop)
    if _wait_until_served(family, arguments.host, arguments.port):
        sys.stdout.write(f"logplatform is at http://{arguments.host}:{arguments.port}\n")
        if password is not None:
            sys.stdout.write(f"first account: {accounts.FIRST_USER} / {password}\n")
        sys.stdout.flush()
    return family.watch()


class _Family:
    """The child processes: restarted when they die, ended when we are."""

    def __init__(self) -> None:
        self._commands: dict[str, list[str]] = {}
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._deaths: deque[float] = deque(maxlen=RESTARTS)
        self.is_stopping = False

    def start(self, name: str, command: list[str]) -> None:
        """Start a child, in our process group."""
        self._commands[name] = command
        self._running[name] = subprocess.Popen(
            [sys.executable, "-m", "logplatform.cli", *command],
            preexec_fn=end_with_parent,  # noqa: PLW1509  (no threads run in this process)
        )

    def stop(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002
        """Ask all to end (a signal handler)."""
        self.is_stopping = True

    def watch(self) -> int:
        """Restart what dies until told to stop; return the exit code."""
        code = DONE
        while not self.is_stopping:
            for name, child in list(self._running.items()):
                if child.poll() is not None and not self._restart(name, child.returncode):
                    self.is_stopping, code = True, BAD_INPUT
            time.sleep(0.1)
        self._end()
        return code

    def _restart(self, name: str, code: int) -> bool:
        now = time.monotonic()
        self._deaths.append(now)
        if len(self._deaths) == RESTARTS and now - self._deaths[0] < RESTART_WINDOW_S:
            sys.stderr.write(f"logplatform: {name} ends again and again (code {code})\n")
            return False
        sys.stderr.write(f"logplatform: {name} ended with code {code}, starting it again\n")
        self.start(name, self._commands[name])
        return True

    def _end(self) -> None:
        for child in self._running.values():
            child.terminate()
        deadline = time.monotonic() + STOP_S
        for child in self._running.values():
            try:
                child.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


def _require_free(host: str, port: int) -> None:
    with socket.socket() as probe:
        # As the server sets it: a port whose last connections are still closing is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(
                f"port {port} of {host}: {os.strerror(error.errno or 0)}; "
                "choose another with --port"
            ) from error


def _wait_until_served(family: _Family, host: str, port: int) -> bool:
    """Wait until the web server answers; False when told to stop before."""
    deadline = time.monotonic() + 60
    while not family.is_stopping and time.monotonic() < deadline:
        try:
            socket.create_connection((host, port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return True
    return False
