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
    Lines(
        "json",
        '{"version":"1.1","short_message":"gone 1","timestamp":1795262401.5,"level":3}',
        "2026-11-21T12:00:01.5", ERROR, None, "gone 1",
    ),
    Lines(
        "json",
        '{"@timestamp":"2026-11-21T10:00:01Z","log":{"level":"warn","logger":"a.b"},'
        '"error":{"message":"lost"},"message":"late 1"}',
        "2026-11-21T10:00:01", WARN, "a.b", "late 1",
    ),
    Lines(
        "json", '{"severity":"ERROR","jsonPayload":{"message":"late 1","user":{"name":"x"}}}',
        "", ERROR, None, "late 1",
    ),
    Lines(
        "audit", 'type=CWD msg=audit(1795262401.250:4711): cwd="/root"',
        "2026-11-21T12:00:01.25", NONE, None, 'cwd="/root"',
    ),
    Lines(
        "combined_vhost",
        "shop.example:443 10.0.0.9 - bob [21/Nov/2026:10:00:01 +0100] "
        '"GET /a HTTP/1.1" 404 19 "-" "x"',
        "2026-11-21T09:00:01", NONE, None, '"GET /a HTTP/1.1" 404 19 "-" "x"',
    ),
    Lines(
        "s3",
        "ab12 logs [21/Nov/2026:10:00:01 +0000] 10.0.0.9 - 3E57 REST.GET.OBJECT a/b "
        '"GET /a HTTP/1.1" 200 - 113 - 7 - "-" "S3" -',
        "2026-11-21T10:00:01", NONE, None, '"GET /a HTTP/1.1" 200 - 113 - 7 - "-" "S3" -',
    ),
    Lines(
        "alb",
        "https 2026-11-21T10:00:01.250000Z app/lb/50dc 10.0.0.9:2817 10.0.0.1:80 0.000 -1 0.1 "
        '502 - 34 366 "GET https://x:443/a HTTP/1.1" "curl/7.46" - - arn',
        "2026-11-21T10:00:01.25", NONE, None,
        '"GET https://x:443/a HTTP/1.1" "curl/7.46" - - arn',
    ),
    Lines(
        "haproxy",
        "10.0.1.2:33313 [21/Nov/2026:10:00:01.655] http-in app/srv1 10/0/30/69/109 "
        '200 2750 - - ---- "GET /"',
        "2026-11-21T10:00:01.655", NONE, None, '- - ---- "GET /"',
    ),
    Lines(
        "cisco", "<189>4711: sw1: *Nov 21 10:00:01.250: %LINK-3-UPDOWN: Interface Gi0/1 down",
        "2026-11-21T10:00:01.25", INFO, "LINK-3-UPDOWN", "Interface Gi0/1 down",
    ),
    Lines(
        "level_component", "2026-11-21T10:00:01.250Z [WARN]  agent.server: late",
        "2026-11-21T10:00:01.25", WARN, "agent.server", "late",
    ),
    Lines(
        "postgres_csv",
        '2026-11-21 10:00:01.250 UTC,"app","shop",4711,"10.0.0.1:5432",65a1.1267,1,"SELECT",'
        '2026-11-21 09:00:00 UTC,3/12,0,ERROR,42P01,"no ""orders""",,,"psql"',
        "2026-11-21T10:00:01.25", ERROR, None, '"no ""orders""",,,"psql"',
    ),
    Lines(
        "mysql", "2026-11-21 10:00:01 0 [Note] Starting MariaDB",
        "2026-11-21T10:00:01", INFO, None, "Starting MariaDB",
    ),
    Lines(
        "mysql_short", "261121 10:00:01 [Warning] late",
        "2026-11-21T10:00:01", WARN, None, "late",
    ),
    Lines(
        "elasticsearch", "[2026-11-21 10:00:01.250][12][warning][config] [source/x.cc:1] late",
        "2026-11-21T10:00:01.25", WARN, "config", "late",
    ),
    Lines(
        "spring",
        "2026-11-21T10:00:01.250+01:00 ERROR 7 --- [app] [main] c.e.Demo   : late",
        "2026-11-21T09:00:01.25", ERROR, "c.e.Demo", "late",
    ),
    Lines(
        "clickhouse", "2026.11.21 10:00:01.250000 [ 12 ] {a-b} <Error> executeQuery: late",
        "2026-11-21T10:00:01.25", ERROR, "executeQuery", "late",
    ),
    Lines(
        "mongodb", "2026-11-21T10:00:01.250+0100 W STORAGE  [listener] late",
        "2026-11-21T09:00:01.25", WARN, "STORAGE", "late",
    ),
    Lines(
        "nlog", "2026-11-21 10:00:01.2500|WARN|MyApp.Program|late",
        "2026-11-21T10:00:01.25", WARN, "MyApp.Program", "late",
    ),
    Lines(
        "monolog", "[2026-11-21 10:00:01] production.ERROR: late []",
        "2026-11-21T10:00:01", ERROR, None, "late []",
    ),
    Lines(
        "env_logger", "[2026-11-21T10:00:01Z INFO  app::server] late",
        "2026-11-21T10:00:01", INFO, "app::server", "late",
    ),
    Lines(
        "samba", "[2026/11/21 10:00:01.250000,  0] smbd/server.c:1782(main)",
        "2026-11-21T10:00:01.25", NONE, None, "smbd/server.c:1782(main)",
    ),
    Lines(
        "bind", "21-Nov-2026 10:00:01.250 lame-servers: info: refused",
        "2026-11-21T10:00:01.25", INFO, "lame-servers", "refused",
    ),
    Lines(
        "php", "[21-Nov-2026 10:00:01 Europe/Berlin] PHP Fatal error:  late in a.php",
        "2026-11-21T10:00:01", Level.FATAL, None, "late in a.php",
    ),
    Lines(
        "eventlog", "Error,11/1/2026 9:05:03 PM,Disk,11,None,late",
        "2026-11-01T21:05:03", ERROR, None, "Disk,11,None,late",
    ),
    Lines(
        "level_date", "ERROR 2026-11-21 10:00:01,250 [main] a.b.App: late",
        "2026-11-21T10:00:01.25", ERROR, "a.b.App", "late",
    ),
    Lines(
        "level_date", "WARN  [Tasks:1] 2026-11-21 10:00:01,250 Gossiper.java:100 - late",
        "2026-11-21T10:00:01.25", WARN, None, "Gossiper.java:100 - late",
    ),
    Lines("clock", "[10:00:01 WRN] late", "", WARN, None, "late"),
    Lines("clock", "10:00:01,250 INFO  [org.app] (a) late", "", INFO, "org.app", "(a) late"),
    Lines(
        "iso", "2026-11-21 10:00:01,250 [main] WARN  [a.b.App] late",
        "2026-11-21T10:00:01.25", WARN, "a.b.App", "late",
    ),
    Lines(
        "iso", "2026-11-21 10:00:01,250 a.b ERROR late",
        "2026-11-21T10:00:01.25", ERROR, "a.b", "late",
    ),
    Lines(
        "date", "Sat Nov 21 10:00:01 2026 [pid 12] late",
        "2026-11-21T10:00:01", NONE, None, "late",
    ),
    Lines(
        "date_us", "11/2/2026, 9:05:03 PM [error] late",
        "2026-11-02T21:05:03", ERROR, None, "late",
    ),
    Lines(
        "date_eu", "21.11.2026 10:00:01 ERROR late",
        "2026-11-21T10:00:01", ERROR, None, "late",
    ),
    Lines(
        "iso_second", "db1 2026-11-21T10:00:01Z late",
        "2026-11-21T10:00:01", NONE, None, "late",
    ),
    Lines(
        "kernel", "kern  :err   : [    1.234567] usb 1-1: gone",
        "", ERROR, None, "usb 1-1: gone",
    ),
)  # fmt: skip
