"""Synthetic labelled logs for training: generic phrases and fields, values of every kind.

The labelled systems are few and each has its own words; these logs teach what words such as
``timeout`` or ``port`` say of the value beside them. Nothing here is cut from a real log.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from valb.category import Category
from valb.labels import MARKER, LabelledLog

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

    Maker = Callable[[np.random.Generator], str]

_PHRASES = tuple(
    line
    for line in (Path(__file__).parent / "phrases.txt").read_text().splitlines()
    if line and not line.startswith("#")
)
_PLACE = re.compile(r"\{([A-Z]{3}):([a-z0-9/]+)\}")
_CHOICE = re.compile(r"\[([^\[\]]*\|[^\[\]]*)\]")

# Key words of fields, by category, each with the kinds of values they take.
_FIELDS = {
    "OID": (
        "id pid tid uid gid euid ppid sid session sessionId session_id requestId request_id reqid"
        " rid txn xid transaction jobId job_id taskId task containerId block seq seqno sequence ack"
        " token handle uuid guid nodeId instance threadId workerId index idx slot core cookie"
        " ticket orderId userId userid user_id customer stage partition shard replica channel"
        " msgid lock hash conn cid correlationId trace_id span_id vertex fd deviceId serial epoch",
        "int/hex/id/uuid/bigint",
    ),
    "LOI": (
        "ip host hostname addr address src source dst dest destination from to peer remote local"
        " server client rhost laddr raddr url uri path file filename dir directory location"
        " endpoint bind gateway route node rack device dev mount socket pc base lr mip target"
        " root home cwd prefix output input",
        "ip/addr/host/path/url/hexaddr",
    ),
    "LOI2": ("port sport dport lport line lineno remotePort localPort rank bus", "port/int"),
    "OBN": (
        "user username owner name service class component module process proc program command cmd"
        " thread queue topic table database db bucket pool group role domain interface iface"
        " driver package pkg app plugin bean method function property tag label filter project"
        " tenant policy profile image logname ruser account parent creator caller namespace",
        "user/service/class/word/iface/dotted",
    ),
    "TID": (
        "type kind mode state reason event action protocol exception family format direction"
        " phase category level eventType status role severity cause transport op operation",
        "state/proto/event/verb/smallint",
    ),
    "SID": (
        "enabled disabled flag flags force debug verbose active visible success ssl readonly auto"
        " allow mask isActive isBusy isLocal hasError ready connected secure locked running open"
        " dirty valid done cached required interactive canceled fullscreen restart paused muted",
        "bool/onoff/bit/hexflag/bool/bool",
    ),
    "TDA": (
        "time timeout duration elapsed took delay interval latency uptime timestamp ts date expires"
        " ttl age sleep wait period start end last when eventTime lifetime startTime endTime"
        " created modified since cost runtime idle deadline lag total_time xdelay cpu_time",
        "int/msunit/secunit/float/datetime/epoch/hms",
    ),
    "CRS": (
        "size bytes memory mem heap free used capacity buffer cache disk cpu bandwidth length len"
        " rss quota swap total available blocksize headroom heapSize filesize sent received"
        " totalMemory freeMemory vcores throughput rate",
        "int/sizeunit/sizek/bigint",
    ),
    "OBA": (
        "count num total number retries attempts tries items records rows entries files"
        " connections tasks threads sessions requests packets messages errors nodes pending"
        " completed progress percent batch depth failures maxRetries extents nrcpts steps hits"
        " misses replicas children n pages events users samples",
        "int/smallint/percent",
    ),
    "STC": (
        "status code error errno err rc ret retval result exitCode exit_code exit signal statusCode"
        " errorCode response http_status dsn sts rsn",
        "smallint/neg/http/hexcode",
    ),
    "OTP": (
        "version ver rev revision release temperature voltage x y z width height brightness scale"
        " ratio factor priority weight threshold value param score seed altitude speed angle"
        " ambient power vel offset pri nice density",
        "int/float/version/neg",
    ),
}

_WORDS = (
    "alpha backup billing cache catalog checkout core daily data default edge events export feed"
    " frontend gateway global guest heartbeat images inbox index ingest inventory jobs journal"
    " ledger local logs mail main media metrics mirror monitor nightly notify orders payments"
    " primary profile proxy public push replica reports root sales scheduler search session shadow"
    " shared shipping staging standby stats storage stream temp test tracker upload users vault"
    " video web worker"
).split()
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


def _one(rng: np.random.Generator, items: list[str] | tuple[str, ...]) -> str:
    return items[int(rng.integers(len(items)))]


def _digits(rng: np.random.Generator, low: int = 1, high: int = 6) -> str:
    size = int(rng.integers(low, high + 1))
    return str(int(rng.integers(10 ** (size - 1), 10**size)) if size > 1 else int(rng.integers(10)))


def _hex(rng: np.random.Generator, size: int) -> str:
    return "".join("0123456789abcdef"[i] for i in rng.integers(0, 16, size))


def _ip(rng: np.random.Generator) -> str:
    return ".".join(str(i) for i in rng.integers(1, 255, 4))


def _host(rng: np.random.Generator) -> str:
    name = _one(rng, _WORDS)
    form = int(rng.integers(8))
    return (
        f"{name[:4]}-{_one(rng, _WORDS)[:2]}-{rng.integers(100)}",
        f"{name[:5].upper()}-{rng.integers(100):02d}.{_one(rng, _WORDS)}.corp.example.com",
        f"{_hex(rng, 7).upper()}.{_one(rng, _WORDS)}.net",
        f"{name}{rng.integers(100)}",
        f"{name}-{rng.integers(40)}.{_one(rng, _WORDS)}.example.com",
        f"{name}.{_one(rng, ('local', 'example.org', 'internal', 'net'))}",
        f"node-{rng.integers(400)}",
        "localhost",
    )[form]


def _id(rng: np.random.Generator) -> str:
    kind = _one(rng, ("blk", "job", "task", "attempt", "req", "container", "rdd", "app", "msg", "tx"))
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
    parts = [_one(rng, _WORDS) for _ in range(int(rng.integers(1, 5)))]
    name = _one(rng, _WORDS) + _one(rng, ("", ".log", ".conf", ".xml", ".jar", f"-{_digits(rng)}", ".d"))
    top = _one(rng, ("/var", "/etc", "/home", "/usr/lib", "/tmp", "/opt", "/data", "/proc", "/dev"))
    if rng.random() < 0.1:
        return "C:\\" + "\\".join(parts) + "\\" + name
    return "/".join([top, *parts, name])


def _class(rng: np.random.Generator) -> str:
    parts = [_one(rng, _WORDS) for _ in range(int(rng.integers(1, 4)))]
    name = "".join(_one(rng, _WORDS).title() for _ in range(2))
    return ".".join([_one(rng, ("com", "org", "net", "io")), *parts, name])


def _camel(rng: np.random.Generator) -> str:
    return "".join(_one(rng, _WORDS).title() for _ in range(int(rng.integers(1, 4))))


def _clock(rng: np.random.Generator) -> str:
    return f"{rng.integers(24):02d}:{rng.integers(60):02d}:{rng.integers(60):02d}"


def _datetime(rng: np.random.Generator) -> str:
    day = f"20{rng.integers(10, 27)}{{0}}{rng.integers(1, 13):02d}{{0}}{rng.integers(1, 29):02d}"
    mark, between = _one(rng, ("-", "/")), _one(rng, ("T", " "))
    return day.format(mark) + between + _clock(rng) + _one(rng, ("", f".{rng.integers(1000):03d}"))


def _ctime(rng: np.random.Generator) -> str:
    day = _one(rng, ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"))
    month = _one(rng, ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct"))
    return f"{day} {month} {rng.integers(1, 29):02d} {_clock(rng)} 20{rng.integers(10, 27)}"


def _sql(rng: np.random.Generator) -> str:
    table = _one(rng, _WORDS)
    return f"SELECT * FROM {table} WHERE id = {_digits(rng)}"


_MAKERS: dict[str, Maker] = {
    "int": _digits,
    "smallint": lambda rng: _digits(rng, 1, 2),
    "bigint": lambda rng: _digits(rng, 8, 18),
    "neg": lambda rng: f"-{_digits(rng, 1, 5)}",
    "float": lambda rng: f"{_digits(rng, 1, 3)}.{_digits(rng, 1, 6)}",
    "percent": lambda rng: f"{rng.integers(101)}%",
    "ip": _ip,
    "addr": lambda rng: _one(rng, (_ip(rng), _host(rng))) + f":{rng.integers(20, 65536)}",
    "host": _host,
    "port": lambda rng: str(rng.integers(20, 65536)),
    "tty": lambda rng: f"pts/{rng.integers(9)}",
    "hex": lambda rng: "0x" + _hex(rng, int(rng.integers(4, 16))),
    "hexaddr": lambda rng: _one(rng, ("0x", "")) + _hex(rng, _one(rng, ("8", "16")) == "8" and 8 or 16),
    "hexcode": lambda rng: "0x8" + _hex(rng, 7),
    "hexflag": lambda rng: "0x" + _hex(rng, int(rng.integers(1, 5))),
    "uuid": _uuid,
    "rack": lambda rng: f"/{_one(rng, _WORDS)}-rack{_one(rng, ('', '1', '22'))}",
    "bigid": lambda rng: f"{_camel(rng)}{_one(rng, '_-')}{_one(rng, _WORDS).upper()}{_one(rng, '_-')}{_digits(rng, 6, 12)}",
    "id": _id,
    "mac": lambda rng: ":".join(_hex(rng, 2) for _ in range(6)),
    "path": _path,
    "urlpath": lambda rng: "/" + "/".join(_one(rng, (*_WORDS, _digits(rng))) for _ in range(3)),
    "url": lambda rng: _one(rng, ("http", "https", "hdfs", "tcp")) + f"://{_host(rng)}:{rng.integers(20, 9999)}{_path(rng)}",
    "dev": lambda rng: "/dev/" + _one(rng, ("sda", "sdb1", "nvme0n1", "vcs2", "tty1")),
    "srcfile": lambda rng: _one(rng, _WORDS) + _one(rng, (".c", ".cpp", ".java", ".py", ".go")),
    "hwpos": lambda rng: f"R{rng.integers(99):02d}-M{rng.integers(2)}-N{rng.integers(9)}",
    "user": lambda rng: _one(rng, _USERS),
    "email": lambda rng: f"{_one(rng, _USERS)}@{_one(rng, _WORDS)}.com",
    "service": lambda rng: _one(rng, _WORDS) + _one(rng, ("", "d", "-server", "Service", f"{rng.integers(9)}")),
    "thread": lambda rng: _one(rng, ("main", "Thread-", "pool-1-thread-", "worker-")) + _digits(rng, 1, 2),
    "class": _class,
    "func": lambda rng: f"{_camel(rng)}.{_one(rng, _WORDS)}",
    "word": lambda rng: _one(rng, (_one(rng, _WORDS), _one(rng, _WORDS) + "_" + _one(rng, _WORDS), _camel(rng))),
    "dotted": lambda rng: ".".join(_one(rng, _WORDS) for _ in range(int(rng.integers(2, 5)))),
    "iface": lambda rng: _one(rng, ("eth", "en", "wlan", "bond", "docker", "lo")) + _one(rng, ("0", "1", "2")),
    "state": lambda rng: _one(rng, _STATES),
    "event": lambda rng: _one(rng, _EVENTS),
    "exception": lambda rng: _one(rng, _EXCEPTIONS),
    "proto": lambda rng: _one(rng, ("TCP", "UDP", "http", "SSLv3", "TLSv1.2", "ICMP", "tcp", "IPv6")),
    "verb": lambda rng: _one(rng, ("GET", "POST", "PUT", "DELETE", "HEAD")),
    "bool": lambda rng: _one(rng, ("true", "false")),
    "onoff": lambda rng: _one(rng, ("on", "off", "enabled", "disabled", "yes", "no", "True", "False")),
    "bit": lambda rng: _one(rng, ("0", "1")),
    "http": lambda rng: _one(rng, ("200", "201", "204", "301", "302", "400", "403", "404", "500", "503")),
    "version": lambda rng: _one(rng, ("", "v")) + ".".join(_digits(rng, 1, 2) for _ in range(int(rng.integers(2, 5)))),
    "tempc": lambda rng: f"{rng.integers(10, 99)}C",
    "msunit": lambda rng: f"{_digits(rng)}ms",
    "secunit": lambda rng: f"{_digits(rng, 1, 3)}{_one(rng, ('s', 'sec', 'm'))}",
    "hms": _clock,
    "epoch": lambda rng: "1" + _digits(rng, 9, 9) + _one(rng, ("", f"{rng.integers(1000):03d}", f".{rng.integers(1000):03d}")),
    "datetime": _datetime,
    "date": lambda rng: f"{rng.integers(1, 29):02d}/Oct/20{rng.integers(10, 27)}:{_clock(rng)} +0000",
    "ctime": _ctime,
    "sizeunit": lambda rng: _digits(rng, 1, 3) + _one(rng, ("", f".{rng.integers(9)}")) + _one(rng, ("MB", "KB", "GB", " KB", " MB", " GB", "M", "KiB", "kB")),
    "sizek": lambda rng: _digits(rng, 2, 6) + _one(rng, ("k", "K", "kB", "M")),
    "sql": _sql,
}  # fmt: skip


def _field(rng: np.random.Generator) -> str:
    name = list(_FIELDS)[int(rng.integers(len(_FIELDS)))]
    keys, kinds = _FIELDS[name]
    key = _one(rng, keys.split())
    form = rng.random()
    if form < 0.15:
        key = key.upper() if rng.random() < 0.3 else key[:1].upper() + key[1:]
    elif form < 0.3:
        other = _one(rng, _WORDS)
        key = _one(rng, (other + key[:1].upper() + key[1:], f"{other}_{key}", f"{other} {key}"))
    return f"{key}\0{{{name[:3]}:{kinds}}}"


def _fields(rng: np.random.Generator) -> str:
    """Make a list of fields in one style, now and then behind some words."""
    joint = _one(rng, ("=", "=", "=", ": ", ":", " = ", " ", "=\"", "[", "("))
    closing = {'="': '"', "[": "]", "(": ")"}.get(joint, "")
    between = _one(rng, (", ", ", ", " ", " ", "; ", ",", " | "))
    count = int(rng.integers(1, 7))
    text = between.join(_field(rng).replace("\0", joint) + closing for _ in range(count))
    if rng.random() < 0.6:
        lead = " ".join(_one(rng, _WORDS) for _ in range(int(rng.integers(1, 4))))
        lead = _one(rng, (lead, lead.capitalize(), _camel(rng)))
        text = lead + _one(rng, (": ", " ", " - ", ", ", " (")) + text
        if "(" in text and ")" not in text:
            text += ")"
    return text


_NOUNS = (
    "errors warnings exceptions interrupts packets bytes_sent requests replies users threads nodes"
    " blocks pages tasks jobs files retries connections sessions records rows events messages"
    " failures timeouts faults calls cycles entries buckets buffers keys items objects devices"
).split()
_ADJECTIVES = (
    "total pending failed active new old corrected critical fatal open closed missing stale remote"
    " local floating-point input output double dropped invalid idle stored parity cached unused"
).split()
_UNITS = (
    "seconds sec secs s milliseconds ms microseconds us usec nanoseconds ns minutes min hours days"
).split()
_AFTER = (
    "detected and corrected", "total", "were lost", "in queue", "found", "spent in handler",
    "was the maximum", "on average", "since start", "until timeout", "to complete", "ago",
    "over the limit", "remaining", "elapsed", "during startup",
)  # fmt: skip


def _counted(rng: np.random.Generator) -> str:
    """Make a phrase with an amount of things or of time."""
    if rng.random() < 0.6:
        adjectives = " ".join(_one(rng, _ADJECTIVES) for _ in range(int(rng.integers(0, 3))))
        text = f"{{OBA:int/smallint}} {adjectives} {_one(rng, _NOUNS)}".replace("  ", " ")
    else:
        text = f"{{TDA:int/float}} {_one(rng, _UNITS)}"
    if rng.random() < 0.6:
        text += " " + _one(rng, _AFTER)
    if rng.random() < 0.5:
        text = _one(rng, ("took", "slept", "after", "for", "total of", "got", "with", "detected")) + " " + text
    return text


def _pattern(rng: np.random.Generator) -> str:
    """Make one message pattern with its places still open."""
    kind = rng.random()
    if kind < 0.3:
        return _fields(rng)
    if kind < 0.45:
        count = int(rng.integers(1, 4))
        return _one(rng, (", ", ". ", " and ")).join(_counted(rng) for _ in range(count))
    text = _one(rng, _PHRASES)
    while _CHOICE.search(text):
        text = _CHOICE.sub(lambda match: _one(rng, match[1].split("|")), text, count=1)
    form = rng.random()
    if form < 0.12:
        text = f"{_camel(rng)}: {text}"
    elif form < 0.2:
        text = f"{text}, {_fields(rng)}"
    elif form < 0.28:
        text = f"{text} ({_fields(rng)})"
    elif form < 0.34:
        text += _one(rng, (".", "...", ";"))
    return text


def synthetic_log(name: str, templates: int, rng: np.random.Generator) -> LabelledLog:
    """Make a labelled log with about so many templates and a few lines of each."""
    messages: list[str] = []
    truths: list[str] = []
    categories: dict[str, tuple[Category, ...]] = {}
    for _ in range(templates):
        pattern = _pattern(rng)
        places = [(Category(tag), _one(rng, kinds.split("/"))) for tag, kinds in _PLACE.findall(pattern)]
        truth = _PLACE.sub(MARKER, pattern)
        if truth in categories:
            continue
        categories[truth] = tuple(category for category, _ in places)
        parts = truth.split(MARKER)
        for _ in range(int(2 ** rng.uniform(0, 5)) if places else 1):
            values = [_MAKERS[kind](rng) for _, kind in places]
            messages.append(
                parts[0] + "".join(v + p for v, p in zip(values, parts[1:], strict=True))
            )
            truths.append(truth)
    return LabelledLog(name, messages, truths, categories)
