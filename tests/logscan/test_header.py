"""Header formats: what is matched, how times and levels are read, which format is detected."""

from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logscan import (
    HEADER_FORMATS,
    Level,
    SlotKind,
    TimeOrigin,
    detect_format,
    scan,
)

NOON = 1_795_262_400_000_000_000  # 2026-11-21 12:00 UTC
EXAMPLES = [
    # format, line, time, level, component, message with slots
    (
        "log4j_compact",
        "081109 203615 148 INFO dfs.DataNode$X: Block blk_1 ok",
        "2008-11-09T20:36:15",
        Level.INFO,
        "dfs.DataNode$X",
        "Block <*> ok",
    ),
    (
        "log4j_short",
        "17/06/09 20:10:40 WARN executor.Executor: Running task 0.0",
        "2017-06-09T20:10:40",
        Level.WARN,
        "executor.Executor",
        "Running task <*>",
    ),
    (
        "log4j_thread",
        "2015-10-18 18:01:47,978 INFO [IPC Server 3] org.apache.X: msg",
        "2015-10-18T18:01:47.978",
        Level.INFO,
        "org.apache.X",
        "msg",
    ),
    (
        "log4j_dash",
        "2015-07-29 17:41:44,747 - ERROR [Peer@774] - Notification",
        "2015-07-29T17:41:44.747",
        Level.ERROR,
        None,
        "Notification",
    ),
    (
        "log4j",
        "2015-10-18 18:01:47 FATAL a.B: gone",
        "2015-10-18T18:01:47",
        Level.FATAL,
        "a.B",
        "gone",
    ),
    (
        "spring",
        "2024-01-02 03:04:05.123  INFO 1234 --- [main] c.e.App  : Started in 2.5 s",
        "2024-01-02T03:04:05.123",
        Level.INFO,
        "c.e.App",
        "Started in <*> s",
    ),
    (
        "logback",
        "2024-01-02 03:04:05.123 [pool-1] DEBUG com.foo.Bar - msg",
        "2024-01-02T03:04:05.123",
        Level.DEBUG,
        "com.foo.Bar",
        "msg",
    ),
    (
        "python",
        "2024-01-02 03:04:05,123 - my.name - CRITICAL - msg 1",
        "2024-01-02T03:04:05.123",
        Level.FATAL,
        "my.name",
        "msg <*>",
    ),
    ("python_basic", "WARNING:root:msg", None, Level.WARN, "root", "msg"),
    (
        "python_level_first",
        "INFO 2024-01-02 03:04:05,123 basehttp 17 140 msg",
        "2024-01-02T03:04:05.123",
        Level.INFO,
        "basehttp",
        "msg",
    ),
    (
        "python_thread",
        "2026-11-21 08:32:29,207 DEBUG    [26150:MainThread] django.db.backends (0.000) SELECT",
        "2026-11-21T08:32:29.207",
        Level.DEBUG,
        "django.db.backends",
        "(<*>) SELECT",
    ),
    (
        "oslo",
        "2017-05-16 00:00:00.008 25746 INFO nova.osapi.server [req] GET",
        "2017-05-16T00:00:00.008",
        Level.INFO,
        "nova.osapi.server",
        "[req] GET",
    ),
    (
        "syslog",
        "Jun  9 06:06:20 combo sshd(pam_unix)[19939]: check pass",
        "2026-06-09T06:06:20",
        Level.NONE,
        "sshd(pam_unix)",
        "check pass",
    ),
    (
        "syslog",
        "<34>Oct 11 22:14:15 host su: 'su root' failed",
        "2026-10-11T22:14:15",
        Level.FATAL,
        "su",
        "'su root' failed",
    ),
    (
        "syslog",
        "Jun  9 06:06:20 combo last message repeated 2 times",
        "2026-06-09T06:06:20",
        Level.NONE,
        None,
        "last message repeated <*> times",
    ),
    (
        "syslog5424",
        "<165>1 2003-08-24T05:14:15.000003-07:00 host.x evnt - ID47 - msg",
        "2003-08-24T12:14:15.000003",
        Level.INFO,
        "evnt",
        "- msg",
    ),
    (
        "syslog_iso",
        "2024-01-02T03:04:05.123456+01:00 host cron[12]: msg",
        "2024-01-02T02:04:05.123456",
        Level.NONE,
        "cron",
        "msg",
    ),
    (
        "postgres",
        "2026-11-21 08:12:02.742 UTC [6432] postgres@shop/psql 0 ERROR:  integer out of range",
        "2026-11-21T08:12:02.742",
        Level.ERROR,
        None,
        "integer out of range",
    ),
    (
        "postgres",
        "2026-11-21 08:12:02 UTC [6432] LOG:  duration: 1.120 ms",
        "2026-11-21T08:12:02",
        Level.INFO,
        None,
        "duration: <*> ms",
    ),
    (
        "apache_error",
        "[Sun Dec 04 04:47:44 2005] [error] mod_jk child in error state 6",
        "2005-12-04T04:47:44",
        Level.ERROR,
        None,
        "mod_jk child in error state <*>",
    ),
    (
        "apache_error",
        "[Fri Sep 09 10:42:29.902022 2011] [core:warn] [pid 35708] x",
        "2011-09-09T10:42:29.902022",
        Level.WARN,
        None,
        "[pid <*>] x",
    ),
    (
        "android",
        "03-17 16:13:38.811  1702  2395 D WindowManager: printing",
        "2026-03-17T16:13:38.811",
        Level.DEBUG,
        "WindowManager",
        "printing",
    ),
    (
        "glog",
        "E0102 03:04:05.123456  1234 file.go:12] failed",
        "2026-01-02T03:04:05.123456",
        Level.ERROR,
        "file.go",
        "failed",
    ),
    (
        "bracketed",
        "[2018-01-12\t08:53:12.188370] [WARNING]\t[10593]\tx",
        "2018-01-12T08:53:12.188370",
        Level.WARN,
        None,
        "[<*>]\tx",
    ),
    (
        "bracketed",
        "[2024-01-02 03:04:05 +0100] [12] [INFO] Listening at: http://0.0.0.0:80",
        "2024-01-02T02:04:05",
        Level.INFO,
        None,
        "Listening at: http://<*>",
    ),
    (
        "bracketed",
        "[2024-01-02 03:04:05,123: ERROR/MainProcess] Task failed",
        "2024-01-02T03:04:05.123",
        Level.ERROR,
        None,
        "Task failed",
    ),
    (
        "logback_context",
        "2021-08-14 23:16:03.921 [CTX:[a,b@10.0.0.1,0]] [exec-5] WARN  a.b.Impl -The date is 7",
        "2021-08-14T23:16:03.921",
        Level.WARN,
        "a.b.Impl",
        "The date is <*>",
    ),
    (
        "iso",
        "2024-01-02 03:04:05.5 | INFO     | a.b:main:12 - hello",
        "2024-01-02T03:04:05.5",
        Level.INFO,
        None,
        "a.b:main:<*> - hello",
    ),
    (
        "iso",
        "2024-01-02 03:04:05.123 +00:00 [INF] Hello",
        "2024-01-02T03:04:05.123",
        Level.INFO,
        None,
        "Hello",
    ),
    (
        "iso",
        "2024-01-02 03:04:05 -12 degrees",
        "2024-01-02T03:04:05",
        Level.NONE,
        None,
        "<*> degrees",
    ),
    (
        "iso",
        "2024-01-02T03:04:05.123456789Z warn: disk full",
        "2024-01-02T03:04:05.123456789",
        Level.WARN,
        None,
        "disk full",
    ),
    (
        "windows_cbs",
        "2016-09-28 04:30:30, Info                  CBS    Loaded",
        "2016-09-28T04:30:30",
        Level.INFO,
        "CBS",
        "Loaded",
    ),
    (
        "iso",
        "2024/01/02 03:04:05 Error opening file",
        "2024-01-02T03:04:05",
        Level.NONE,
        None,
        "Error opening file",
    ),
    (
        "combined",
        'h - bob [17/May/2015:10:05:03 +0200] "GET /a.png HTTP/1.1" 200 9 "-" "Moz \\" 5" 0.1',
        "2015-05-17T08:05:03",
        Level.NONE,
        None,
        '"GET <*> <*>" <*> <*> "<*>" "<*>" <*>',
    ),
    (
        "combined",
        'h - - [17/May/2015:10:05:03 +0000] "\\x16\\x03" 400 -',
        "2015-05-17T10:05:03",
        Level.NONE,
        None,
        '"<*>" <*> -',
    ),
    (
        "json",
        '{"level":"error","ts":"2024-01-02T03:04:05.5Z","logger":"a.b","msg":"took 3 ms"}',
        "2024-01-02T03:04:05.5",
        Level.ERROR,
        "a.b",
        "took <*> ms",
    ),
    (
        "json",
        '{"msg":"a b","severity":"WARNING","time":"2024-01-02T03:04:05Z"}',
        "2024-01-02T03:04:05",
        Level.WARN,
        None,
        "a b",
    ),
    (
        "json",
        '{"stream":"x","time":"2024-01-02T03:04:05Z"}',
        "2024-01-02T03:04:05",
        Level.NONE,
        None,
        '{"stream":"<*>","time":"<*>"}',
    ),
    (
        "json",
        '{"time": 1704164645123, "level": 50, "message": "x"}',
        "2024-01-02T03:04:05.123",
        Level.ERROR,
        None,
        "x",
    ),
]
IDS = [f"{name} {line[:24]}" for name, line, *_ in EXAMPLES]


def nanoseconds(text: str) -> int:
    whole, _, fraction = text.partition(".")
    seconds = int(datetime.fromisoformat(whole).replace(tzinfo=UTC).timestamp())
    return seconds * 10**9 + int(fraction.ljust(9, "0"))


@pytest.mark.parametrize(
    ("name", "line", "time", "level", "component", "message"), EXAMPLES, ids=IDS
)
def test_header_fields_are_read(
    name: str, line: str, time: str | None, level: Level, component: str | None, message: str
) -> None:
    data = line.encode() + b"\n"
    batch = scan(data, header=HEADER_FORMATS[name], received_ns=NOON)
    assert batch.time_ns[0] == (nanoseconds(time) if time else NOON)
    assert batch.time_origin[0] == (TimeOrigin.HEADER if time else TimeOrigin.RECEIPT)
    assert batch.level[0] == level
    index = int(batch.component[0])
    assert (batch.components[index].decode() if index >= 0 else None) == component
    assert batch.structures[0].message_text().decode() == message
    assert (SlotKind.TIME in batch.structures[0].kinds) == (time is not None)
    assert batch.record(0) == data


@pytest.mark.parametrize(
    ("name", "line"), [(name, line) for name, line, *_ in EXAMPLES], ids=IDS
)
def test_a_format_is_detected_among_its_own_lines_and_traces(name: str, line: str) -> None:
    trace = "java.io.IOException: x\n\tat a.B(B.java:1)\n\tat a.B(B.java:2)\n\n  more\n"
    sample = "".join(f"{line}\n{trace if i % 3 == 0 else ''}" for i in range(40))
    assert detect_format(sample.encode()).name == name


@given(
    moment=st.datetimes(datetime(1700, 1, 1), datetime(2261, 12, 31)),  # noqa: DTZ001
    minutes=st.integers(-14 * 60, 14 * 60),
)
def test_iso_times_agree_with_datetime(moment: datetime, minutes: int) -> None:
    aware = moment.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    line = aware.isoformat(timespec="microseconds").encode()
    batch = scan(line + b" x", header=HEADER_FORMATS["iso"], received_ns=NOON)
    since = aware - datetime(1970, 1, 1, tzinfo=UTC)
    micros = (since.days * 86_400 + since.seconds) * 10**6 + since.microseconds
    assert batch.time_ns[0] == micros * 1000


@pytest.mark.parametrize(
    ("received", "stamp", "year"),
    [
        ("2026-01-03T00:00:00", "Dec 31 23:59:59", 2025),
        ("2025-12-31T00:00:00", "Jan  2 00:00:00", 2026),  # a clock that runs ahead
        ("2026-11-21T00:00:00", "Nov 22 23:00:00", 2026),
        ("2026-11-21T00:00:00", "Nov 23 23:00:00", 2025),
        ("2026-03-01T00:00:00", "Feb 29 00:00:00", 2024),
    ],
)
def test_dates_without_year_take_it_from_the_receipt(
    received: str, stamp: str, year: int
) -> None:
    line = f"{stamp} host su: x\n".encode()
    batch = scan(line, header=HEADER_FORMATS["syslog"], received_ns=nanoseconds(received))
    assert datetime.fromtimestamp(int(batch.time_ns[0]) / 1e9, UTC).year == year


@pytest.mark.parametrize(
    "stamp",
    [
        "2024-13-01 00:00:00",
        "2023-02-29 00:00:00",
        "2024-01-01 24:00:00",
        "9999-01-01 00:00:00",
    ],
)
def test_impossible_times_are_no_headers(stamp: str) -> None:
    batch = scan(f"{stamp} x\n".encode(), header=HEADER_FORMATS["iso"], received_ns=NOON)
    assert batch.time_origin[0] == TimeOrigin.RECEIPT


def test_lines_of_one_second_keep_their_own_fraction_and_zone() -> None:
    data = b"".join(
        b"2024-01-02T03:04:05.%d%s x\n" % (i, z) for i in range(3) for z in (b"Z", b"+01:00")
    )
    batch = scan(data, header=HEADER_FORMATS["iso"], received_ns=NOON)
    base = nanoseconds("2024-01-02T03:04:05")
    expected = [base + i * 10**8 - h * 3600 * 10**9 for i in range(3) for h in (0, 1)]
    assert batch.time_ns.tolist() == expected


def test_json_fields_without_blanks_are_slots_of_their_own() -> None:
    data = b'{"msg":"a b","user":"bob","note":"two words","n":5,"d":{"k":"v"},"l":["x"]}\n'
    batch = scan(data, header=HEADER_FORMATS["json"], received_ns=NOON)
    structure = batch.structures[0]
    assert structure.text() == (
        b'{"msg":"a b","user":"<*>","note":"two words","n":<*>,"d":{"k":"<*>"},"l":["<*>"]}\n'
    )
    assert structure.kinds.count(SlotKind.FIELD) == 3


def test_levels_of_any_spelling_map_to_six() -> None:
    words = {
        "trace": 1,
        "Debug": 2,
        "NOTICE": 3,
        "warning": 4,
        "SEVERE": 5,
        "Err": 5,
        "emerg": 6,
    }
    for word, level in words.items():
        line = f"[Sun Dec 04 04:47:44 2005] [{word}] x".encode()
        assert (
            scan(line, header=HEADER_FORMATS["apache_error"], received_ns=0).level[0] == level
        )


def test_time_format_is_given_where_a_header_was_found() -> None:
    line = b"17/06/09 20:10:40 INFO a.B: x\n"
    header = HEADER_FORMATS["log4j_short"]
    assert scan(line, header=header, received_ns=NOON).time_format == "%y/%m/%d %H:%M:%S"
    assert scan(b"x\n", header=header, received_ns=NOON).time_format == ""


def test_components_are_interned() -> None:
    data = b"".join(b"17/06/09 20:10:40 INFO c%d: x\n" % (i % 200) for i in range(1000))
    batch = scan(data, header=HEADER_FORMATS["log4j_short"], received_ns=NOON)
    assert len(batch.components) == 200
    assert np.array_equal(batch.component, np.arange(1000) % 200)
