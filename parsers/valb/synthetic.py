"""Synthetic labelled logs for training: generic phrases and fields, values of every kind.

The labelled systems are few and each has its own words; these logs teach what words such as
``timeout`` or ``port`` say of the value beside them. Nothing here is cut from a real log.
"""

# ruff: noqa: E501, SIM905  # word lists read better as text

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from valb.category import Category
from valb.labels import MARKER, LabelledLog
from valb.phrases import PHRASES
from valb.values import CODES, MAKERS, WORDS, camel, one

if TYPE_CHECKING:
    import numpy as np

    from valb.values import Maker

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
        "state/proto/event/verb",
    ),
    "TID2": ("type kind class family variant", "smallint"),
    "STC2": ("state phase currentState newState oldState stage_code sts", "smallint"),
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


# How names of fields end that nobody wrote down before, by category.
_ENDINGS = {
    "OID": ("id Id ID Uid Pid No Index Seq Handle Token Key Num", "int/hex/id/uuid/bigint"),
    "LOI": ("path Path Dir File Host Addr Url Uri Root Home Location", "ip/addr/host/path/url"),
    "LOI2": ("port Port Line Address Offset Pc", "port/int/hexaddr"),
    "OBN": (
        "name Name User Owner Class Service Queue Topic Package",
        "user/service/class/word",
    ),
    "TID": ("type Type Mode Reason Kind Policy Action Event", "state/proto/event/verb"),
    "SID": (
        "enabled Enabled Flag Flags Mask Active Allowed Visible Busy",
        "bool/onoff/bit/hexflag",
    ),
    "TDA": (
        "time Time Timeout Ms Millis Secs Seconds Delay Age Duration Stamp",
        "int/msunit/float",
    ),
    "CRS": ("bytes Bytes Size Memory Mb MB KB Capacity Heap Length", "int/sizeunit/bigint"),
    "STC": ("code Code Status Errno Result Ret", "smallint/neg/http/hexcode"),
    "OTP": (
        "width Width Height Version Ratio Level Scale Factor Padding Top X Y Color Translation"
        " Bounds Margin Volume Priority Weight Angle",
        "int/float/neg/fraction",
    ),
}
_STEMS = (
    "max min total avg last next first old new current prev target actual expected pending active"
    " completed assigned failed allocated requested known running queued mapped reduced free used"
    " local remote input output source sink parent child base app user client server node task job"
    " block page cache heap disk net io cpu query session request response event batch group win"
    " view screen window key lock wake sleep boot init start finish stop load scan merge flush sync"
).split()


def _made_key(rng: np.random.Generator) -> tuple[str, str, str]:
    """Make a field's name out of stems: the name, its category and the kinds of its values."""
    stems = [one(rng, _STEMS) for _ in range(int(rng.integers(1, 3)))]
    form = rng.random()
    if form < 0.3:
        stems.append(one(rng, _NOUNS))
        tag, kinds = "OBA", "int/smallint"
    elif form < 0.4:
        stems.insert(0, one(rng, ("is", "has", "can", "should", "use", "allow")))
        tag, kinds = "SID", "bool/bit/bool"
    else:
        tag = list(_ENDINGS)[int(rng.integers(len(_ENDINGS)))]
        endings, kinds = _ENDINGS[tag]
        stems.append(one(rng, endings.split()))
    style = rng.random()
    if style < 0.6:
        key = stems[0] + "".join(stem[:1].upper() + stem[1:] for stem in stems[1:])
        key = key[:1].upper() + key[1:] if style < 0.2 else key
    else:
        key = one(rng, ("_", "_", " ", "-", ".")).join(stem.lower() for stem in stems)
        key = key.upper() if style > 0.95 else key
    return key, tag[:3], kinds


def _field(rng: np.random.Generator) -> str:
    if rng.random() < 0.4:
        key, tag, kinds = _made_key(rng)
        return f"{key}\0{{{tag}:{kinds}}}"
    name = list(_FIELDS)[int(rng.integers(len(_FIELDS)))]
    keys, kinds = _FIELDS[name]
    key = one(rng, keys.split())
    form = rng.random()
    if form < 0.15:
        key = key.upper() if rng.random() < 0.3 else key[:1].upper() + key[1:]
    elif form < 0.3:
        other = one(rng, WORDS)
        key = one(rng, (other + key[:1].upper() + key[1:], f"{other}_{key}", f"{other} {key}"))
    return f"{key}\0{{{name[:3]}:{kinds}}}"


# What a list of fields may be headed by, so that all its values are of one category.
_HEADED = {
    "Times times Timings timing Durations Latency elapsed": ("TDA", "int/float/msunit"),
    "Counts counters Totals stats Tasks Requests Errors": ("OBA", "int/smallint"),
    "Memory memory Heap usage Usage Sizes Storage": ("CRS", "int/sizeunit/sizek"),
    "flags Flags Switches settings Features": ("SID", "bool/bit/onoff"),
    "position Position Size Bounds Layout Geometry Color": ("OTP", "int/float/neg/fraction"),
    "ids Handles owner Identity": ("OID", "int/hex/id"),
}


def _headed(rng: np.random.Generator) -> str:
    """Make a list of fields of which only its first word says what they are."""
    heads = list(_HEADED)
    head = heads[int(rng.integers(len(heads)))]
    tag, kinds = _HEADED[head]
    joint, between = one(rng, ("=", ": ", " = ", ":", " ")), one(rng, (", ", " ", "; "))
    kind = one(rng, kinds.split("/"))
    count = int(rng.integers(2, 6))
    fields = (f"{one(rng, _STEMS)}{joint}{{{tag}:{kind}}}" for _ in range(count))
    return one(rng, head.split()) + one(rng, (": ", " ", " - ", "[")) + between.join(fields)


def _indexed(rng: np.random.Generator) -> str:
    """Make a phrase in which a thing of a kind is named by its number."""
    thing = one(rng, _NOUNS)
    singular = thing.removesuffix("s")
    doing = one(rng, _DOING)
    adjective = one(rng, (*_ADJECTIVES, *[""] * 30))
    kind = one(rng, ("int", "int", "smallint", "floatid", "id", "hex", "bigint"))
    if rng.random() < 0.35:
        return f"{doing} {adjective} {thing} {{OBA:int/smallint}}".replace("  ", " ")
    text = f"{doing} {adjective} {singular} {{OID:{kind}}}".replace("  ", " ")
    tail = rng.random()
    if tail < 0.2:
        text += f" {one(rng, ('in', 'of', 'for', 'on'))} {one(rng, _NOUNS).removesuffix('s')} {{OID:{kind}}}"
    elif tail < 0.4:
        text += f" {one(rng, ('in', 'after', 'took'))} {{TDA:int}} {one(rng, _UNITS)}"
    elif tail < 0.5:
        text += f" ({one(rng, ('id', 'ID', 'no', 'handle', 'uid'))} {{OID:int}})"
    elif tail < 0.6:
        text += f", {{CRS:int}} bytes {one(rng, ('sent', 'read', 'returned', 'left'))}"
    return text


_DOING = (
    "Started Running Finished Got Sent Reading Removed Assigned Received Lost Dropped Killed added"
    " closing Launched Waiting-for Registered Skipping Adding Cleaned Updated Stopped"
).split()


def _fields(rng: np.random.Generator) -> str:
    """Make a list of fields in one style, now and then behind some words."""
    joint = one(rng, ("=", "=", "=", ": ", ":", " = ", " ", '="', "[", "(", " =", "->", " is "))
    closing = {'="': '"', "[": "]", "(": ")"}.get(joint, "")
    between = one(rng, (", ", ", ", " ", " ", "; ", ",", " | ", "\t"))
    count = int(rng.integers(1, 9))
    text = between.join(_field(rng).replace("\0", joint) + closing for _ in range(count))
    if rng.random() < 0.6:
        lead = " ".join(one(rng, WORDS) for _ in range(int(rng.integers(1, 4))))
        lead = one(rng, (lead, lead.capitalize(), camel(rng)))
        text = lead + one(rng, (": ", " ", " - ", ", ", " (")) + text
        if "(" in text and ")" not in text:
            text += ")"
    return text


_NOUNS = (
    "errors warnings exceptions interrupts packets bytes_sent requests replies users threads nodes"
    " blocks pages tasks jobs files retries connections sessions records rows events messages"
    " failures timeouts faults calls cycles entries buckets buffers keys items objects devices"
    " containers executors stages variables commands maps reducers shards partitions volumes"
    " segments chunks channels groups members processes services windows views activities locks"
    " timers alarms plugins modules packages snapshots transactions replicas subscribers frames"
    " streams slots workers hosts steps operations registrations allocations leases queries"
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
        adjectives = " ".join(one(rng, _ADJECTIVES) for _ in range(int(rng.integers(0, 3))))
        text = f"{{OBA:int/smallint}} {adjectives} {one(rng, _NOUNS)}".replace("  ", " ")
    else:
        text = f"{{TDA:int/float}} {one(rng, _UNITS)}"
    if rng.random() < 0.6:
        text += " " + one(rng, _AFTER)
    if rng.random() < 0.5:
        text = (
            one(rng, ("took", "slept", "after", "for", "total of", "got", "with")) + " " + text
        )
    return text


def _pattern(rng: np.random.Generator) -> str:
    """Make one message pattern with its places still open."""
    kind = rng.random()
    if kind < 0.3:
        return _fields(rng)
    if kind < 0.36:
        return _headed(rng)
    if kind < 0.46:
        return (_lead(rng) if rng.random() < 0.25 else "") + _indexed(rng)
    if kind < 0.58:
        count = int(rng.integers(1, 4))
        return one(rng, (", ", ". ", " and ")).join(_counted(rng) for _ in range(count))
    text = one(rng, PHRASES)
    while _CHOICE.search(text):
        text = _CHOICE.sub(lambda match: one(rng, match[1].split("|")), text, count=1)
    form = rng.random()
    if form < 0.25:
        text = _lead(rng) + text
    elif form < 0.32:
        text = f"{text}, {_fields(rng)}"
    elif form < 0.39:
        text = f"{text} ({_fields(rng)})"
    elif form < 0.45:
        text += one(rng, (".", "...", ";"))
    return text


def _lead(rng: np.random.Generator) -> str:
    """Make a constant beginning: names with dots, humps and digits are not always variables."""
    name, word, other = camel(rng), one(rng, WORDS), one(rng, WORDS)
    return one(
        rng,
        (
            f"{name}: ",
            f"{name}::{word} ",
            f"{word}.{other}() ",
            f"{name}.{word}: ",
            f"{word}_{other}() ",
            f"{word}_{other}: ",
            f"[{word}] ",
            f"{word}{name}: ",
            f"{one(rng, CODES)} {word} ",
            f"{word} {one(rng, CODES)}: ",
            f"com.{word}.{other}.{name}: ",
        ),
    )


# How whole numbers of a category run on from record to record: (chance, habit).
_HABITS: dict[str, tuple[str, ...]] = {
    "OID": ("series", "series", "spread", "spread", "few"),
    "OBA": ("few", "few", "small", "spread", "rising"),
    "CRS": ("blocks", "blocks", "spread", "spread", "even"),
    "TDA": ("small", "spread", "spread", "even", "even"),
    "STC": ("few", "few", "small", "spread"),
    "SID": ("few",),
    "LOI": ("spread", "spread", "few"),
    "OTP": ("spread", "small", "few", "even"),
}


def _maker(rng: np.random.Generator, tag: str, kind: str) -> Maker:
    """Give what makes the values of one place; whole numbers follow a habit of the category."""
    if kind not in ("int", "bigint", "smallint") or rng.random() < 0.3:
        return MAKERS[kind]
    habit = one(rng, _HABITS.get(tag, ("spread",)))
    size = {"int": 6, "bigint": 12, "smallint": 2}[kind]
    top = 10 ** int(rng.integers(1, size + 1))
    state = [int(rng.integers(top))]

    def series(rng: np.random.Generator) -> str:
        state[0] += int(rng.integers(1, 4))
        return str(state[0])

    def rising(rng: np.random.Generator) -> str:
        state[0] += int(rng.integers(0, 2))
        return str(state[0])

    few = [int(rng.integers(top)) for _ in range(int(rng.integers(1, 4)))] + [0]
    habits: dict[str, Maker] = {
        "series": series,
        "rising": rising,
        "few": lambda rng: str(few[int(rng.integers(len(few)))]),
        "small": lambda rng: str(int(rng.integers(12))),
        "spread": lambda rng: str(int(rng.integers(top))),
        "blocks": lambda rng: str(512 * int(rng.integers(1, top + 1))),
        "even": lambda rng: str(10 * int(rng.integers(top))),
    }
    return habits[habit]


def synthetic_log(name: str, templates: int, rng: np.random.Generator) -> LabelledLog:
    """Make a labelled log with about so many templates and a few lines of each."""
    messages: list[str] = []
    truths: list[str] = []
    categories: dict[str, tuple[Category, ...]] = {}
    for _ in range(templates):
        pattern = _pattern(rng)
        places = [
            (Category(tag), one(rng, kinds.split("/")))
            for tag, kinds in _PLACE.findall(pattern)
        ]
        truth = _PLACE.sub(MARKER, pattern)
        if truth in categories:
            continue
        categories[truth] = tuple(category for category, _ in places)
        parts = truth.split(MARKER)
        makers = [_maker(rng, tag, kind) for tag, kind in places]
        for _ in range(int(2 ** rng.uniform(0, 5)) if places else 1):
            values = [maker(rng) for maker in makers]
            messages.append(
                parts[0] + "".join(v + p for v, p in zip(values, parts[1:], strict=True))
            )
            truths.append(truth)
    return LabelledLog(name, messages, truths, categories)
