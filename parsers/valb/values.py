"""Values of every kind for synthetic logs: addresses, identifiers, sizes, names. All made up."""

# ruff: noqa: E501, SIM905  # word lists read better as text

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np

    Maker = Callable[[np.random.Generator], str]

WORDS = (
    "alpha backup billing cache catalog checkout core daily data default edge events export feed"
    " frontend gateway global guest heartbeat images inbox index ingest inventory jobs journal"
    " ledger local logs mail main media metrics mirror monitor nightly notify orders payments"
    " primary profile proxy public push replica reports root sales scheduler search session shadow"
    " shared shipping staging standby stats storage stream temp test tracker upload users vault"
    " video web worker"
).split()
# Constants that hold a digit.
CODES = "ssh2 http2 utf8 sha256 x86_64 ipv4 ipv6 base64 s3 k8s md5 tls13 v1 ext4 i18n".split()
_USERS = (
    "root admin alice bob carol dave eve guest test oracle postgres mysql www-data nobody jenkins"
    " ubuntu nagios backup deploy git support pi ftp zhang li.wei maria john.smith k.mueller svc_db"
).split()
_STATES = (
    "RUNNING STOPPED FAILED SUCCEEDED PENDING NEW IDLE ACTIVE LEADING FOLLOWING LOOKING INIT READY"
    " CLOSED OPEN CLOSING CONNECTED DISCONNECTED started stopped healthy degraded online offline"
    " Normal Error standby primary UNKNOWN KILLED SCHEDULED ASSIGNED"
).split()
_EVENTS = (
    "NODE_ADDED TASK_ABORT CONTAINER_LAUNCH connect disconnect timeout USER_LOGIN keydown resize"
    " SHUTDOWN heartbeat LEADER_CHANGE NodeCreated SessionExpired PUBLISH commit rebalance"
).split()
_EXCEPTIONS = (
    "java.io.IOException java.lang.NullPointerException ValueError KeyError TimeoutError"
    " java.net.SocketException java.net.ConnectException org.acme.db.LockException IOException"
    " InterruptedException RuntimeError EOFException System.OutOfMemoryException OSError"
).split()


def one(rng: np.random.Generator, items: Sequence[str]) -> str:
    """Draw one of some strings."""
    return items[int(rng.integers(len(items)))]


def _digits(rng: np.random.Generator, low: int = 1, high: int = 6) -> str:
    size = int(rng.integers(low, high + 1))
    return str(
        int(rng.integers(10 ** (size - 1), 10**size)) if size > 1 else int(rng.integers(10))
    )


def _hex(rng: np.random.Generator, size: int) -> str:
    return "".join("0123456789abcdef"[i] for i in rng.integers(0, 16, size))


def _ip(rng: np.random.Generator) -> str:
    return ".".join(str(i) for i in rng.integers(1, 255, 4))


def _host(rng: np.random.Generator) -> str:
    name = one(rng, WORDS)
    form = int(rng.integers(8))
    return (
        f"{name[:4]}-{one(rng, WORDS)[:2]}-{rng.integers(100)}",
        f"{name[:5].upper()}-{rng.integers(100):02d}.{one(rng, WORDS)}.corp.example.com",
        f"{_hex(rng, 7).upper()}.{one(rng, WORDS)}.net",
        f"{name}{rng.integers(100)}",
        f"{name}-{rng.integers(40)}.{one(rng, WORDS)}.example.com",
        f"{name}.{one(rng, ('local', 'example.org', 'internal', 'net'))}",
        f"node-{rng.integers(400)}",
        "localhost",
    )[form]


def _id(rng: np.random.Generator) -> str:
    kind = one(
        rng, ("blk", "job", "task", "attempt", "req", "container", "rdd", "app", "msg", "tx")
    )
    form = int(rng.integers(5))
    return (
        f"{kind}_{_digits(rng, 8, 13)}_{rng.integers(10000):04d}",
        f"{kind}-{_uuid(rng)}",
        f"{kind}_{_digits(rng, 1, 6)}",
        f"{kind}_{_digits(rng, 8, 13)}_{rng.integers(100):04d}_m_{rng.integers(1000):06d}",
        _hex(rng, int(rng.integers(6, 16))),
    )[form]


def _uuid(rng: np.random.Generator) -> str:
    return "-".join(_hex(rng, size) for size in (8, 4, 4, 4, 12))


def _path(rng: np.random.Generator) -> str:
    parts = [one(rng, WORDS) for _ in range(int(rng.integers(1, 5)))]
    name = one(rng, WORDS) + one(
        rng, ("", ".log", ".conf", ".xml", ".jar", f"-{_digits(rng)}", ".d")
    )
    top = one(
        rng, ("/var", "/etc", "/home", "/usr/lib", "/tmp", "/opt", "/data", "/proc", "/dev")
    )
    if rng.random() < 0.1:
        return "C:\\" + "\\".join(parts) + "\\" + name
    return "/".join([top, *parts, name])


def _class(rng: np.random.Generator) -> str:
    parts = [one(rng, WORDS) for _ in range(int(rng.integers(1, 4)))]
    name = "".join(one(rng, WORDS).title() for _ in range(2))
    return ".".join([one(rng, ("com", "org", "net", "io")), *parts, name])


def camel(rng: np.random.Generator) -> str:
    """Make a name such as ``QueueRunner``."""
    return "".join(one(rng, WORDS).title() for _ in range(int(rng.integers(1, 4))))


def _clock(rng: np.random.Generator) -> str:
    return f"{rng.integers(24):02d}:{rng.integers(60):02d}:{rng.integers(60):02d}"


def _datetime(rng: np.random.Generator) -> str:
    day = (
        f"20{rng.integers(10, 27)}{{0}}{rng.integers(1, 13):02d}{{0}}{rng.integers(1, 29):02d}"
    )
    mark, between = one(rng, ("-", "/")), one(rng, ("T", " "))
    return (
        day.format(mark) + between + _clock(rng) + one(rng, ("", f".{rng.integers(1000):03d}"))
    )


def _ctime(rng: np.random.Generator) -> str:
    day = one(rng, ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"))
    month = one(rng, ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct"))
    return f"{day} {month} {rng.integers(1, 29):02d} {_clock(rng)} 20{rng.integers(10, 27)}"


def _sql(rng: np.random.Generator) -> str:
    return " ".join(("SELECT * FROM", one(rng, WORDS), "WHERE id =", _digits(rng)))


MAKERS: dict[str, Maker] = {
    "int": _digits,
    "smallint": lambda rng: _digits(rng, 1, 2),
    "bigint": lambda rng: _digits(rng, 8, 18),
    "neg": lambda rng: f"-{_digits(rng, 1, 5)}",
    "float": lambda rng: f"{_digits(rng, 1, 3)}.{_digits(rng, 1, 6)}",
    "percent": lambda rng: f"{rng.integers(101)}%",
    "ip": _ip,
    "addr": lambda rng: one(rng, (_ip(rng), _host(rng))) + f":{rng.integers(20, 65536)}",
    "host": _host,
    "port": lambda rng: str(rng.integers(20, 65536)),
    "tty": lambda rng: f"pts/{rng.integers(9)}",
    "hex": lambda rng: "0x" + _hex(rng, int(rng.integers(4, 16))),
    "hexaddr": lambda rng: one(rng, ("0x", "")) + _hex(rng, 8 * int(rng.integers(1, 3))),
    "hexcode": lambda rng: "0x8" + _hex(rng, 7),
    "hexflag": lambda rng: "0x" + _hex(rng, int(rng.integers(1, 5))),
    "uuid": _uuid,
    "rack": lambda rng: f"/{one(rng, WORDS)}-rack{one(rng, ('', '1', '22'))}",
    "bigid": lambda rng: (
        f"{camel(rng)}{one(rng, '_-')}{one(rng, WORDS).upper()}{one(rng, '_-')}{_digits(rng, 6, 12)}"
    ),
    "id": _id,
    "mac": lambda rng: ":".join(_hex(rng, 2) for _ in range(6)),
    "path": _path,
    "urlpath": lambda rng: "/" + "/".join(one(rng, (*WORDS, _digits(rng))) for _ in range(3)),
    "url": lambda rng: (
        one(rng, ("http", "https", "hdfs", "tcp"))
        + f"://{_host(rng)}:{rng.integers(20, 9999)}{_path(rng)}"
    ),
    "dev": lambda rng: "/dev/" + one(rng, ("sda", "sdb1", "nvme0n1", "vcs2", "tty1")),
    "floatid": lambda rng: f"{_digits(rng, 1, 4)}.{rng.integers(3)}",
    "fraction": lambda rng: f"{rng.integers(2)}.{_digits(rng, 1, 8)}",
    "hexid": lambda rng: one(
        rng, (_hex(rng, 12).upper(), f"{one(rng, 'abjkq')}{_hex(rng, 13)}")
    ),
    "pci": lambda rng: f"{_hex(rng, 4)}:{_hex(rng, 2)}:{_hex(rng, 2)}.{rng.integers(8)}",
    "word2": lambda rng: one(
        rng, (one(rng, WORDS).upper(), one(rng, WORDS), _hex(rng, 2).upper())
    ),
    "hwpos": lambda rng: f"R{rng.integers(99):02d}-M{rng.integers(2)}-N{rng.integers(9)}",
    "user": lambda rng: one(rng, _USERS),
    "email": lambda rng: f"{one(rng, _USERS)}@{one(rng, WORDS)}.com",
    "service": lambda rng: (
        one(rng, WORDS) + one(rng, ("", "d", "-server", "Service", f"{rng.integers(9)}"))
    ),
    "thread": lambda rng: (
        one(rng, ("main", "Thread-", "pool-1-thread-", "worker-")) + _digits(rng, 1, 2)
    ),
    "class": _class,
    "func": lambda rng: f"{camel(rng)}.{one(rng, WORDS)}",
    "word": lambda rng: one(
        rng, (one(rng, WORDS), one(rng, WORDS) + "_" + one(rng, WORDS), camel(rng))
    ),
    "dotted": lambda rng: ".".join(one(rng, WORDS) for _ in range(int(rng.integers(2, 5)))),
    "iface": lambda rng: (
        one(rng, ("eth", "en", "wlan", "bond", "docker", "lo")) + one(rng, ("0", "1", "2"))
    ),
    "state": lambda rng: one(rng, _STATES),
    "event": lambda rng: one(rng, _EVENTS),
    "exception": lambda rng: one(rng, _EXCEPTIONS),
    "proto": lambda rng: one(
        rng, ("TCP", "UDP", "http", "SSLv3", "TLSv1.2", "ICMP", "tcp", "IPv6")
    ),
    "verb": lambda rng: one(rng, ("GET", "POST", "PUT", "DELETE", "HEAD")),
    "bool": lambda rng: one(rng, ("true", "false")),
    "onoff": lambda rng: one(
        rng, ("on", "off", "enabled", "disabled", "yes", "no", "True", "False")
    ),
    "bit": lambda rng: one(rng, ("0", "1")),
    "http": lambda rng: one(
        rng, ("200", "201", "204", "301", "302", "400", "403", "404", "500", "503")
    ),
    "version": lambda rng: (
        one(rng, ("", "v"))
        + ".".join(_digits(rng, 1, 2) for _ in range(int(rng.integers(2, 5))))
    ),
    "tempc": lambda rng: f"{rng.integers(10, 99)}C",
    "msunit": lambda rng: f"{_digits(rng)}ms",
    "secunit": lambda rng: f"{_digits(rng, 1, 3)}{one(rng, ('s', 'sec', 'm'))}",
    "hms": _clock,
    "epoch": lambda rng: (
        "1"
        + _digits(rng, 9, 9)
        + one(rng, ("", f"{rng.integers(1000):03d}", f".{rng.integers(1000):03d}"))
    ),
    "datetime": _datetime,
    "date": lambda rng: (
        f"{rng.integers(1, 29):02d}/Oct/20{rng.integers(10, 27)}:{_clock(rng)} +0000"
    ),
    "ctime": _ctime,
    "sizeunit": lambda rng: (
        _digits(rng, 1, 3)
        + one(rng, ("", f".{rng.integers(9)}"))
        + one(rng, ("MB", "KB", "GB", " KB", " MB", " GB", "M", "KiB", "kB"))
    ),
    "sizek": lambda rng: _digits(rng, 2, 6) + one(rng, ("k", "K", "kB", "M")),
    "sql": _sql,
}
