"""One or two lines of each header format as the programs write them, and what they say.

Written here from the programs' documentation or output; none is cut from a data set.
"""

from __future__ import annotations

from dataclasses import dataclass

from logscan import Level

NONE, DEBUG, INFO, WARN, ERROR = Level.NONE, Level.DEBUG, Level.INFO, Level.WARN, Level.ERROR


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines of a format; what is said of the first one. ``time`` is UTC, empty for none."""

    name: str
    text: str
    time: str
    level: Level
    component: str | None
    message: str


ALL = (
    Lines(
        "json",
        '{"ts":"2026-11-21T10:00:01.5+02:00","level":"warn","logger":"a.b","msg":"x 1"}',
        "2026-11-21T08:00:01.5", WARN, "a.b", "x 1",
    ),
    Lines(
        "json",
        '{"__REALTIME_TIMESTAMP":"1795262401000000","PRIORITY":"3",'
        '"SYSLOG_IDENTIFIER":"sshd","MESSAGE":"gone"}',
        "2026-11-21T12:00:01", ERROR, "sshd", "gone",
    ),
    Lines(
        "logfmt", 'time="2026-11-21T10:00:01Z" level=error msg="disk full" pct=97 dev=sda1',
        "2026-11-21T10:00:01", ERROR, None, "disk full",
    ),
    Lines(
        "combined", '::1 - bob [21/Nov/2026:10:00:01 +0100] "GET /a HTTP/2.0" 404 5 "-" "x/1"',
        "2026-11-21T09:00:01", NONE, None, '"GET /a HTTP/2.0" 404 5 "-" "x/1"',
    ),
    Lines(
        "syslog5424", "<11>1 2026-11-21T10:00:01.003Z web su - ID47 - 'su root' failed",
        "2026-11-21T10:00:01.003", ERROR, "su", "- 'su root' failed",
    ),
    Lines(
        "syslog", "<28>Nov 21 10:00:01 web sshd[77]: gone",
        "2026-11-21T10:00:01", WARN, "sshd", "gone",
    ),
    Lines(
        "syslog_iso", "2026-11-21T10:00:01+0000 web sshd[77]: gone",
        "2026-11-21T10:00:01", NONE, "sshd", "gone",
    ),
    Lines(
        "syslog_full", "Sat 2026-11-21 10:00:01 CET web sshd[77]: gone",
        "2026-11-21T09:00:01", NONE, "sshd", "gone",
    ),
    Lines(
        "syslog_epoch", "1795262401.250000 web sshd[77]: gone",
        "2026-11-21T12:00:01.25", NONE, "sshd", "gone",
    ),
    Lines(
        "syslog_labelled", "- 1795262401 2026.11.21 n7 Nov 21 04:00:01 n7/n7 crond[5]: x",
        "2026-11-21T12:00:01", NONE, "crond", "x",
    ),
    Lines(
        "bluegene_ras",
        "- 1795262401 2026.11.21 R1-M0 2026-11-21-04.00.01.250000 R1-M0 RAS APP FATAL no fan",
        "2026-11-21T12:00:01", Level.FATAL, "APP", "no fan",
    ),
    Lines(
        "cluster_event", "4711 node-3 unix.hw net.up 1795262401 1 NIFF: node is up",
        "2026-11-21T12:00:01", NONE, "unix.hw", "NIFF: node is up",
    ),
    Lines(
        "squid",
        "1795262401.250    921 10.0.0.9 TCP_MISS/200 507 GET http://x/ - DIRECT/- a/b",
        "2026-11-21T12:00:01.25", NONE, None,
        "TCP_MISS/200 507 GET http://x/ - DIRECT/- a/b",
    ),
    Lines(
        "postgres", "2026-11-21 10:00:01.250 EST [13] bob@shop ERROR:  deadlock detected",
        "2026-11-21T15:00:01.25", ERROR, None, "deadlock detected",
    ),
    Lines(
        "mysql", "2026-11-21T10:00:01.250000Z 8 [Warning] [MY-010068] [Server] no CA",
        "2026-11-21T10:00:01.25", WARN, "Server", "no CA",
    ),
    Lines(
        "redis", "77:M 21 Nov 2026 10:00:01.250 # Out of memory",
        "2026-11-21T10:00:01.25", WARN, None, "Out of memory",
    ),
    Lines(
        "apache_error", "[Sat Nov 21 10:00:01.250000 2026] [core:error] [pid 5] x",
        "2026-11-21T10:00:01.25", ERROR, None, "[pid 5] x",
    ),
    Lines(
        "nginx_error", "2026/11/21 10:00:01 [error] 5#6: *7 open() failed",
        "2026-11-21T10:00:01", ERROR, None, "open() failed",
    ),
    Lines(
        "glog", "W1121 10:00:01.250000   77 leader.go:12] lost",
        "2026-11-21T10:00:01.25", WARN, "leader.go", "lost",
    ),
    Lines(
        "android", "11-21 10:00:01.250  17  23 W Wifi    : off",
        "2026-11-21T10:00:01.25", WARN, "Wifi", "off",
    ),
    Lines(
        "android_time", "11-21 10:00:01.250 W/Wifi( 17): off",
        "2026-11-21T10:00:01.25", WARN, "Wifi", "off",
    ),
    Lines("android_brief", "W/Wifi( 17): off", "", WARN, "Wifi", "off"),
    Lines(
        "windows_cbs", "2026-11-21 10:00:01, Warning               CBS    No hash",
        "2026-11-21T10:00:01", WARN, "CBS", "No hash",
    ),
    Lines(
        "tomcat", "21-Nov-2026 10:00:01.250 WARNING [main] org.x.Y.run late",
        "2026-11-21T10:00:01.25", WARN, "org.x.Y.run", "late",
    ),
    Lines(
        "java_util", "Nov 21, 2026 12:00:01 AM org.x.Y run\nWARNING: late",
        "2026-11-21T00:00:01", WARN, "org.x.Y", "\nWARNING: late",
    ),
    Lines(
        "elasticsearch", "[2026-11-21T10:00:01,250][WARN ][o.e.n.Node  ] [n1] late",
        "2026-11-21T10:00:01.25", WARN, "o.e.n.Node", "late",
    ),
    Lines(
        "ruby", "W, [2026-11-21T10:00:01.250000 #77]  WARN -- shop: late",
        "2026-11-21T10:00:01.25", WARN, "shop", "late",
    ),
    Lines(
        "ruby", "W, [2026-11-21T10:00:01.250000 #77]  WARN -- : late",
        "2026-11-21T10:00:01.25", WARN, None, "late",
    ),
    Lines(
        "container", "2026-11-21T10:00:01.250000000Z stderr F late",
        "2026-11-21T10:00:01.25", NONE, None, "late",
    ),
    Lines(
        "spring", "2026-11-21T10:00:01.250Z  WARN 77 --- [main] o.x.Y   : late",
        "2026-11-21T10:00:01.25", WARN, "o.x.Y", "late",
    ),
    Lines(
        "python", "2026-11-21 10:00:01,250 - shop - WARNING - late",
        "2026-11-21T10:00:01.25", WARN, "shop", "late",
    ),
    Lines("python_basic", "WARNING:shop:late", "", WARN, "shop", "late"),
    Lines(
        "python_level_first", "WARNING 2026-11-21 10:00:01,250 shop 77 140 late",
        "2026-11-21T10:00:01.25", WARN, "shop", "late",
    ),
    Lines(
        "python_thread", "2026-11-21 10:00:01,250 WARNING [77:Main] shop.db late",
        "2026-11-21T10:00:01.25", WARN, "shop.db", "late",
    ),
    Lines(
        "oslo", "2026-11-21 10:00:01.250 77 WARNING nova.api [-] late",
        "2026-11-21T10:00:01.25", WARN, "nova.api", "[-] late",
    ),
    Lines(
        "oslo_file", "api.log 2026-11-21 10:00:01.250 77 WARNING nova.api [-] late",
        "2026-11-21T10:00:01.25", WARN, "nova.api", "[-] late",
    ),
    Lines(
        "logback", "2026-11-21 10:00:01.250 [main] WARN  o.x.Y - late",
        "2026-11-21T10:00:01.25", WARN, "o.x.Y", "late",
    ),
    Lines(
        "logback_context", "2026-11-21 10:00:01.250 shop WARN  o.x.Y - late",
        "2026-11-21T10:00:01.25", WARN, "o.x.Y", "late",
    ),
    Lines("logback_clock", "10:00:01.250 [main] WARN  o.x.Y - late", "", WARN, "o.x.Y", "late"),
    Lines(
        "log4j_thread", "2026-11-21 10:00:01,250 WARN [main] o.x.Y: late",
        "2026-11-21T10:00:01.25", WARN, "o.x.Y", "late",
    ),
    Lines(
        "log4j_dash", "2026-11-21 10:00:01,250 - WARN  [main:Y@7] - late",
        "2026-11-21T10:00:01.25", WARN, None, "late",
    ),
    Lines(
        "log4j", "2026-11-21 10:00:01,250 WARN o.x.Y: late",
        "2026-11-21T10:00:01.25", WARN, "o.x.Y", "late",
    ),
    Lines(
        "log4j_short", "26/11/21 10:00:01 WARN o.x.Y: late",
        "2026-11-21T10:00:01", WARN, "o.x.Y", "late",
    ),
    Lines(
        "log4j_compact", "261121 100001 77 WARN o.x.Y: late",
        "2026-11-21T10:00:01", WARN, "o.x.Y", "late",
    ),
    Lines(
        "piped", "20261121-10:00:01:250|Step_Counter|3000|late",
        "2026-11-21T10:00:01.25", NONE, "Step_Counter", "late",
    ),
    Lines(
        "bracketed", "[2026-11-21 10:00:01 +0000] [77] [WARNING] late",
        "2026-11-21T10:00:01", WARN, None, "late",
    ),
    Lines(
        "bracketed_date", "[11.21 10:00:01] chrome.exe - late",
        "2026-11-21T10:00:01", NONE, None, "chrome.exe - late",
    ),
    Lines(
        "bracketed_date", "[Sat Nov 21 10:00:01 2026] usb 1-1: gone",
        "2026-11-21T10:00:01", NONE, None, "usb 1-1: gone",
    ),
    Lines(
        "iso", "2026-11-21 10:00:01.250 WARN late",
        "2026-11-21T10:00:01.25", WARN, None, "late",
    ),
    Lines("epoch", "1795262401.25 ERROR late", "2026-11-21T12:00:01.25", ERROR, None, "late"),
    Lines("kernel", "[   12.345678] usb 1-1: gone", "", NONE, None, "usb 1-1: gone"),
    Lines(
        "uvicorn", 'INFO:     10.0.0.9:4711 - "GET /a HTTP/1.1" 404 Not Found',
        "", INFO, None, '"GET /a HTTP/1.1" 404 Not Found',
    ),
    Lines("uvicorn", "WARNING:  late", "", WARN, None, "late"),
    Lines("level_first", "[debug] late", "", DEBUG, None, "late"),
)  # fmt: skip
