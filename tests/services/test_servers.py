"""The servers that other tests rely on: real, reachable, and gone with their owner."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import psycopg
import redis


def test_redis_answers(redis_url):
    with redis.Redis.from_url(redis_url) as client:
        assert client.ping() is True


def test_postgresql_keeps_rows(postgresql_url):
    with psycopg.connect(postgresql_url) as connection:
        connection.execute("CREATE TEMPORARY TABLE t (n int)")
        connection.execute("INSERT INTO t VALUES (7)")
        assert connection.execute("SELECT n FROM t").fetchall() == [(7,)]


def test_browser_shows_a_page(browser):
    page = browser.new_page()
    page.set_content("<h1>lines</h1>")
    assert page.inner_text("h1") == "lines"
    page.close()


def test_servers_end_when_their_owner_is_killed(tmp_path):
    program = (
        "import time\n"
        "from tests.services.servers import redis_server\n"
        "with redis_server() as url:\n"
        "    print(url, flush=True)\n"
        "    time.sleep(60)\n"
    )
    owner = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, env=os.environ
    )
    assert owner.stdout is not None
    url = owner.stdout.readline().strip()
    owner.send_signal(signal.SIGKILL)
    owner.wait()
    owner.stdout.close()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and _answers(url):
        time.sleep(0.05)
    assert not _answers(url)


def _answers(url):
    with redis.Redis.from_url(url) as client:
        try:
            return client.ping()
        except redis.ConnectionError:
            return False
