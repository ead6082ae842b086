"""Makes the sample logs: a shop on real servers has a bad day of four minutes.

``python -m samples.make`` starts PostgreSQL, Redis, the shop (samples/shop.py, under granian)
and nginx in front of it, sends customers (samples/customers.py), breaks one thing after the
other, and writes what the programs logged to logplatform/logs/samples/. Needs Debian's nginx
besides what `make test` needs. The logs are committed, so nobody has to run this.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import zstandard

from samples import customers
from tests.services.servers import free_port, postgresql_server, redis_server

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "logplatform" / "logs" / "samples"
MINUTES = 4.0

NGINX = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/nginx-error.log;
events {{ worker_connections 256; }}
http {{
    access_log {folder}/nginx-access.log combined;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    set_real_ip_from 127.0.0.1;
    real_ip_header X-Forwarded-For;
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://127.0.0.1:{shop_port};
            proxy_set_header X-Real-IP $remote_addr;
        }}
    }}
}}
"""
POSTGRESQL = {
    "log_line_prefix": "%m [%p] %q%u@%d ",
    "log_connections": "on",
    "log_disconnections": "on",
    "log_lock_waits": "on",
    "deadlock_timeout": "200ms",
    "log_min_duration_statement": "40ms",
    "log_checkpoints": "on",
    "checkpoint_timeout": "60s",
    "log_autovacuum_min_duration": "0",
    "autovacuum_naptime": "15s",
    "log_temp_files": "0",
    "max_connections": "24",
    "password_encryption": "scram-sha-256",
    "log_timezone": "UTC",
}
TABLES = """
CREATE ROLE shop LOGIN PASSWORD 'shop';
CREATE TABLE product (
    id int PRIMARY KEY, name text, description text, price numeric(8, 2), stock int
);
INSERT INTO product
SELECT n, 'product ' || n, repeat(md5(n::text) || ' lamp chair desk ', 40), n % 300 + 0.99,
    10000
FROM generate_series(1, 2000) AS n;
CREATE TABLE purchase (
    id serial PRIMARY KEY, key text UNIQUE, customer text, product int REFERENCES product,
    placed timestamptz DEFAULT now()
);
INSERT INTO purchase (key, customer, product, placed)
SELECT 'k' || n, 'u' || n % 400, n % 2000 + 1, timestamptz '2026-07-01' + n * interval '30 s'
FROM generate_series(1, 120000) AS n;
GRANT ALL ON ALL TABLES IN SCHEMA public TO shop;
GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO shop;
"""


@dataclass(frozen=True)
class Place:
    """Where the running shop's parts are."""

    folder: Path
    database_url: str
    redis_port: int
    shop_port: int
    port: int


def main() -> None:
    """Run the shop, have the bad day, write the samples."""
    folder = Path(tempfile.mkdtemp(prefix="logplatform-samples-"))
    os.chmod(folder, 0o777)  # noqa: PTH101  (PostgreSQL runs as another user)
    redis_port, shop_port, port = free_port(), free_port(), free_port()
    log = folder / "postgresql.log"
    with ExitStack() as stack:
        stack.enter_context(process_time_zone("UTC"))
        base = stack.enter_context(postgresql_server(options=POSTGRESQL, log=log))
        url = create_shop_database(base)
        place = Place(folder, url, redis_port, shop_port, port)
        stack.enter_context(running(nginx_command(place), place))
        bad_day(place)
    for name in ("shop.log", "postgresql.log", "nginx-access.log"):
        write_sample(folder / name)


@contextmanager
def process_time_zone(name: str) -> Iterator[None]:
    """Let this process's children log in one time zone."""
    os.environ["TZ"] = name
    time.tzset()
    yield


def create_shop_database(base: str) -> str:
    """Make the shop's database and tables; the shop's own user signs in by password."""
    server = base.rpartition("/")[0]
    with psycopg.connect(base, autocommit=True) as connection:
        connection.execute("CREATE DATABASE shop")
        row = connection.execute("SHOW hba_file").fetchone()
        assert row is not None
        rules = Path(row[0])
        rules.write_text(
            "host all shop 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 trust\n",
            encoding="utf-8",
        )
        connection.execute("SELECT pg_reload_conf()")
    with psycopg.connect(f"{server}/shop", autocommit=True) as connection:
        connection.execute(TABLES.encode())
    return f"{server}/shop"


def nginx_command(place: Place) -> list[str]:
    """Write nginx's configuration and return its command."""
    configuration = place.folder / "nginx.conf"
    text = NGINX.format(folder=place.folder, port=place.port, shop_port=place.shop_port)
    configuration.write_text(text, encoding="utf-8")
    return ["nginx", "-e", f"{place.folder}/nginx-error.log", "-c", str(configuration)]


def shop_command(place: Place) -> list[str]:
    """Return the command of the shop's web server."""
    return [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws"),
        *("--host", "127.0.0.1", "--port", str(place.shop_port)),
        *("--workers", "1", "--blocking-threads", "8", "samples.shop:application"),
    ]


@contextmanager
def running(command: list[str], place: Place) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program until the end of the block."""
    environment = os.environ | {
        "SHOP_LOG": str(place.folder / "shop.log"),
        "SHOP_REDIS_PORT": str(place.redis_port),
        "SHOP_DATABASE_PORT": place.database_url.rpartition(":")[2].partition("/")[0],
    }
    with (place.folder / "output").open("ab") as sink:
        process = subprocess.Popen(
            command, env=environment, stdout=sink, stderr=sink, cwd=ROOT, start_new_session=True
        )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)


def bad_day(place: Place) -> None:
    """Let customers shop for four minutes, and break one thing after the other.

    Seconds: 45 passwords are guessed, 80 the batch job has a wrong password, 95 a database
    process is killed, 120 Redis is away, 145 slow reports and a sale with deadlocks, 180 the
    shop itself is killed, 205 a scanner comes by, 220 too many connections.
    """
    start = time.monotonic()
    end = start + 60 * MINUTES
    with ExitStack() as stack:
        first_redis = stack.enter_context(ExitStack())
        first_redis.enter_context(redis_server(port=place.redis_port))
        first_shop = stack.enter_context(running(shop_command(place), place))
        time.sleep(3)
        people = ("198.51.100", "203.0.113", "192.0.2")
        for network in people:
            visit(
                place, customers.shop_around, network=network, size=5, until=end, pause_s=0.18
            )
        at(start, 45)
        visit(place, customers.guess_passwords, until=start + 62, pause_s=0.08)
        at(start, 80)
        sign_in_wrongly(place)
        at(start, 95)
        kill_database_process(place)
        at(start, 120)
        first_redis.close()
        at(start, 131)
        stack.enter_context(redis_server(port=place.redis_port))
        at(start, 145)
        visit(place, customers.ask_for_reports, size=2, until=start + 170, pause_s=0.8)
        visit(place, customers.sell_out, size=6, until=start + 170, pause_s=0.1)
        at(start, 180)
        os.killpg(first_shop.pid, signal.SIGKILL)
        at(start, 186)
        stack.enter_context(running(shop_command(place), place))
        at(start, 205)
        visit(place, customers.scan, until=start + 215, pause_s=0.05)
        at(start, 220)
        connect_too_often(place)
        at(start, 60 * MINUTES + 1)


def visit(place: Place, act: object, **how: object) -> None:
    """Send a crowd; from one address unless told otherwise."""
    arguments = {"network": "203.0.113", "size": 1} | how
    customers.crowd(act, port=place.port, **arguments)  # type: ignore[arg-type]


def at(start: float, seconds: float) -> None:
    """Wait until ``seconds`` after ``start``."""
    time.sleep(max(0.0, start + seconds - time.monotonic()))


def sign_in_wrongly(place: Place) -> None:
    """Be the nightly job whose password was changed."""
    wrong = place.database_url.replace("postgres@", "shop:old-password@")
    for _ in range(6):
        with suppress(psycopg.OperationalError):
            psycopg.connect(wrong).close()
        time.sleep(0.7)


def kill_database_process(place: Place) -> None:
    """Kill one of the shop's database processes, as the kernel does when memory runs out."""
    with psycopg.connect(place.database_url) as connection:
        row = connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE usename = 'shop' LIMIT 1"
        ).fetchone()
    assert row is not None
    os.kill(row[0], signal.SIGKILL)


def connect_too_often(place: Place) -> None:
    """Open connections until there are no more, keep them for four seconds."""
    with ExitStack() as stack:
        for _ in range(40):
            with suppress(psycopg.OperationalError):
                url = place.database_url.replace("postgres@", "shop:shop@")
                stack.enter_context(psycopg.connect(url))
        time.sleep(4)


def write_sample(log: Path) -> None:
    """Compress a log into the package and count its lines in metadata.json.

    Tracebacks name the checkout's path, which is nobody's business.
    """
    data = log.read_bytes().replace(str(ROOT).encode(), b"/srv/shop")
    target = TARGET / f"{log.name}.zst"
    target.write_bytes(zstandard.ZstdCompressor(level=19).compress(data))
    path = TARGET / "metadata.json"
    samples = json.loads(path.read_text(encoding="utf-8"))
    for sample in samples:
        if sample["file"] == target.name:
            sample["lines"], sample["bytes"] = data.count(b"\n"), len(data)
    path.write_text(json.dumps(samples, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
