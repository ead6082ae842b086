"""The header formats that come with logscan, and which one a sample of lines has.

A new format is one line in `HEADER_FORMATS`, placed before those that match its lines too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from logscan._kernel import match_lines
from logscan.errors import UnknownFormat
from logscan.header import HeaderFormat, compile_pattern

_ISO = "%Y[-/]%m[-/]%d[T \t]%H:%M:%S{[.,]%f}{%z| %z}"
# A level in brackets of its own or bare; the word alone could not begin a sentence.
_LEVEL = "{[<level:strict>{ }]|<level:strict>}"
# What some put between the date and the rest.
_AFTER_DATE = "{,} {- |\\| }"

# Where a request, its result and who asked stand in an access log's message.
_REQUEST = '"{<method> <path*> <protocol>"|<request*>"}'

_PATTERNS = {
    "json": f"<json:{{{_ISO}|%s{{.%f}}}}>",
    "audit": "{node=<host> }type=<type> msg=audit(<time:%s.%f>:<event:digits>): <message>",
    "logfmt": f"<logfmt:{{{_ISO}|%s{{.%f}}}}>",
    "combined": (
        "<client*> <ident> <user*> [<time:%d/%b/%Y:%H:%M:%S %z>] "
        f"<message>{_REQUEST} <status> <bytes>"
        '{ "<referer*>" "<agent*>"}'
    ),
    "combined_vhost": (
        "<vhost> <client*> <ident> <user*> [<time:%d/%b/%Y:%H:%M:%S %z>] "
        f"<message>{_REQUEST} <status> <bytes>"
        '{ "<referer*>" "<agent*>"}'
    ),
    "s3": (
        "<owner> <bucket> [<time:%d/%b/%Y:%H:%M:%S %z>] <client> <requester> <id> <operation> "
        f"<key> <message>{_REQUEST} <status> <error> <bytes>{{ }}"
    ),
    "alb": (
        "<type> <time:%Y-%m-%dT%H:%M:%S.%f%z> <balancer> <client*> <target*> <request_time*> "
        "<target_time*> <response_time*> <status> <target_status> <received_bytes*> "
        "<sent_bytes*> "
        f'<message>{_REQUEST}{{ "<agent*>"}}'
    ),
    "haproxy": (
        "<client*> [<time:%d/%b/%Y:%H:%M:%S.%f>] <frontend> <backend>/<server> <_> "
        "<status> <bytes*> <message>"
    ),
    "syslog5424": (
        r"\<<priority>\>1 <time:%Y-%m-%dT%H:%M:%S{.%f}%z> "
        "<host> <component> <pid> <id> <message>"
    ),
    "cisco": (
        r"{\<<priority>\>}{<sequence:digits>: }{<host>: }{*|.}"
        r"<time:%b %e {%Y }%H:%M:%S{.%f}{ %Z}>: \%<component>: <message>"
    ),
    "syslog": (
        r"{\<<priority>\>}<time:%b %e {%Y }%H:%M:%S{.%f}> <host> "
        r"{<component>{[<pid>]}{ (<unit>)}: }<message>"
    ),
    "level_component": (f"<time:%Y-%m-%dT%H:%M:%S{{.%f}}%z> {_LEVEL} <component>: <message>"),
    "syslog_iso": (
        r"{\<<priority>\>}<time:%Y-%m-%dT%H:%M:%S{.%f}%z> "
        "<host> <component>{[<pid>]}: <message>"
    ),
    "syslog_full": (
        "<time:%a %Y-%m-%d %H:%M:%S{.%f} %Z> <host> <component>{[<pid>]}: <message>"
    ),
    "syslog_epoch": "<time:%s.%f> <host> <component>{[<pid>]}: <message>",
    "bluegene_ras": (
        "<label> <time:%s> <_> <node> <_> <location> <type> <component> <level> <message>"
    ),
    "syslog_labelled": (
        "<label> <time:%s> <_> <node> <_> <_:digits> <_> <host> "
        "{<component>{[<pid>]}{ (<unit>)}: }<message>"
    ),
    "cluster_event": ("<id:digits> <node> <component> <state> <time:%s> <flag> <message>"),
    "squid": (
        "<time:%s.%f> <elapsed_ms:digits> <client> <message><result*>/<status*> <bytes:digits> "
        "<method> <url*> <user> <_>/<peer*> <content_type>"
    ),
    "postgres": (
        "<time:%Y-%m-%d %H:%M:%S{.%f} %Z> [<pid>] <words:8><level:postgres>: <message>"
    ),
    "postgres_csv": (
        '<time:%Y-%m-%d %H:%M:%S{.%f} %Z>,{"<user*>"},{"<database*>"},<pid:digits>,'
        '{"<client*>"},<session>,<line:digits>,{"<command*>"},<_> <_> <_>,{<virtual*>},'
        "{<transaction*>},<level:postgres>,<code>,<message>"
    ),
    "mysql": (
        "<time:%Y-%m-%d[T ]%H:%M:%S{.%f%z}> <thread:digits> [<level:postgres>] "
        "{[<code>] [<component>] }<message>"
    ),
    "mysql_short": "<time:%y%m%d %H:%M:%S> {[<level:postgres>] }<message>",
    "redis": "<pid*>:<role*> <time:%e %b %Y %H:%M:%S.%f> <level:redis> <message>",
    "apache_error": "[<time:%a %b %e %H:%M:%S{.%f} %Y>] [{<module>:}<level>] <message>",
    "nginx_error": (
        "<time:%Y/%m/%d %H:%M:%S> [<level>] <pid*>#<tid*>: "
        r"{*<connection*> }<message>"
    ),
    "glog": (
        "<level:letter><time:{%Y%m%d|%m%d} %H:%M:%S.%f> <thread> <component>:<line>] <message>"
    ),
    "android": (
        "<time:%m-%d %H:%M:%S.%f> <pid:digits> <tid:digits> <level:letter> "
        "<component>{ }: <message>"
    ),
    "android_time": (
        "<time:%m-%d %H:%M:%S.%f> <level:letter>/<component>({ }<pid:digits>): <message>"
    ),
    "android_brief": "<level:letter>/<component>({ }<pid:digits>): <message>",
    "windows_cbs": "<time:%Y-%m-%d %H:%M:%S>, <level> <component> <message>",
    "tomcat": "<time:%d-%b-%Y %H:%M:%S.%f> <level> [<thread>] <component> <message>",
    "java_util": "<time:%b %d, %Y %I:%M:%S %p> <component:dotted>{ <function>}<message>",
    "elasticsearch": (
        f"[<time:{_ISO}>]{{[<pid:digits>]}}[<level>{{ }}][<component>{{ }}] {{[<node>] }}"
        "<message>"
    ),
    "ruby": (
        "<_>, [<time:%Y-%m-%dT%H:%M:%S{.%f}> #<pid*>] <level> -- {: |<component>: }<message>"
    ),
    "container": "<time:%Y-%m-%dT%H:%M:%S.%f%z> std<_> <_> <message>",
    "spring": (
        f"<time:{_ISO}> <level> <pid:digits> --- {{[<app>] [<thread>]|[<thread>]}} "
        "<component> : <message>"
    ),
    "clickhouse": (
        "<time:%Y.%m.%d %H:%M:%S{.%f}> [{ }<thread:digits>{ }] \\{<query*>\\} "
        r"\<<level>\> <component>: <message>"
    ),
    "mongodb": f"<time:{_ISO}> <level:letter> <component> [<context>] <message>",
    "nlog": f"<time:{_ISO}>\\|<level:strict>\\|<component>\\|<message>",
    "monolog": f"[<time:{_ISO}>] <channel>.<level>: <message>",
    "env_logger": f"[<time:{_ISO}> <level> <component>] <message>",
    "samba": f"[<time:{_ISO}>, <verbosity:digits>{{, <_>}}] <message>",
    "bind": "<time:%d-%b-%Y %H:%M:%S{.%f}> <component>: <level>: <message>",
    "php": "[<time:%d-%b-%Y %H:%M:%S>{ <zone>}] {PHP <level>{ <_>}: }<message>",
    "eventlog": ("<level>{,| }<time:{%m/%d/%Y|%d.%m.%Y} {%I:%M:%S %p|%H:%M:%S}>{,| }<message>"),
    "python": f"<time:{_ISO}> - <component> - <level> - <message>",
    "python_basic": "<level>:<component>:<message>",
    "python_level_first": (
        f"<level> <time:{_ISO}> <component> <pid:digits> <tid:digits> <message>"
    ),
    "level_date": (
        f"<level:strict> {{[<thread>] }}<time:{_ISO}>{{,}} {{[<thread>] }}"
        "{<component:dotted>{:<line:digits>}{:| -} }<message>"
    ),
    "python_thread": f"<time:{_ISO}> <level> [<thread>] <component:dotted> <message>",
    "oslo": f"<time:{_ISO}> <pid:digits> <level> <component:dotted> <message>",
    "oslo_file": f"<file> <time:{_ISO}> <pid:digits> <level> <component:dotted> <message>",
    "logback": f"<time:{_ISO}> [<thread>] <level> <component> - <message>",
    "logback_context": (
        f"<time:{_ISO}> <words:6><level:strict> <component:dotted> -{{ }}<message>"
    ),
    "logback_clock": "<_> [<thread>] <level> <component> - <message>",
    "clock": (
        f"{{[}}<_:clock>{{]}} {{{_LEVEL}{{:}}{{]}} }}"
        "{[<component:dotted>] |[<thread>] }<message>"
    ),
    "log4j_thread": f"<time:{_ISO}> <level> [<thread>] <component>: <message>",
    "log4j_dash": f"<time:{_ISO}> - <level> [<thread>] - <message>",
    "log4j": f"<time:{_ISO}> <level> <component>: <message>",
    "log4j_short": "<time:%y/%m/%d %H:%M:%S> <level> <component>: <message>",
    "log4j_compact": "<time:%y%m%d %H%M%S> <pid:digits> <level> <component>: <message>",
    "piped": r"<time:%Y%m%d-%H:%M:%S:%f>\|<component>\|<pid:digits>\|<message>",
    "bracketed": (
        f"[<time:{_ISO}>{{: <level>{{/<process>}}}}] {{[<pid:digits>] }}"
        "{{[}<level:strict>{]} }<message>"
    ),
    "bracketed_date": (
        "[<time:{%a |}{%b %e|%m[-./]%d|%d/%b/%Y} %H:%M:%S{[.,]%f}{ %Y}{ %z}>] "
        "{{[}<level:strict>{]} }<message>"
    ),
    "iso": (
        f"<time:{_ISO}>{_AFTER_DATE}{{{_LEVEL}{{:| \\|| -}} }}"
        f"{{[<component:dotted>] |[<thread>] }}{{- }}{{{_LEVEL} }}"
        f"{{[<component:dotted>] |<component:dotted>{{:}} }}{{{_LEVEL}{{:}} }}<message>"
    ),
    "date": (
        "{[}<time:{%a{,} |}{%b %e{{,} %Y}|%e %b %Y|%d[-/]%b[-/]%Y}{,} "
        "%H:%M:%S{[.,]%f}{ %Y}{ %z}>{]}{,} "
        f"{{[pid <pid:digits>] }}{{{_LEVEL}{{:}} }}<message>"
    ),
    "date_us": (
        f"{{[}}<time:%m[-/]%d[-/]%Y{{,}} {{%I:%M:%S{{[.,]%f}} %p|%H:%M:%S{{[.,]%f}}}}>{{]}} "
        f"{_AFTER_DATE[4:]}{{{_LEVEL}{{:}} }}<message>"
    ),
    "date_eu": (
        f"{{[}}<time:%d[-/.]%m[-/.]%Y{{,}} {{%I:%M:%S{{[.,]%f}} %p|%H:%M:%S{{[.,]%f}}}}>{{]}} "
        f"{_AFTER_DATE[4:]}{{{_LEVEL}{{:}} }}<message>"
    ),
    "iso_second": f"<label> <time:{_ISO}> <message>",
    "epoch": "{[}<time:%s{.%f}>{]} {{[}<level:strict>{]} }<message>",
    "kernel": "{<facility>{ }:<level>{ }: }[{ }<uptime:number>] <message>",
    "uvicorn": f"<level:strict>: {{<client> - <message>{_REQUEST} <status>{{ }}|<message>}}",
    "level_first": "{[}<level:strict>{]}{:} <message>",
    "none": "",
}
# Compiled when they are first used: all of them take 40 ms, which each command would wait for.
HEADER_FORMATS: dict[str, HeaderFormat] = {
    name: HeaderFormat.shipped(name, pattern) for name, pattern in _PATTERNS.items()
}

SAMPLE_LINES = 1000
# Below this share of the lines that are no traces, joining the rest to the lines that match
# would hide more records than the header gives.
MIN_SHARE = 0.3
# A pattern that says more is taken although it matches a little less: lines that carry their
# time start a record in any case.
SLACK = 0.02


def header_format(name: str) -> HeaderFormat:
    """Return the header format of this name, or raise `UnknownFormat`."""
    try:
        return HEADER_FORMATS[name]
    except KeyError:
        known = ", ".join(HEADER_FORMATS)
        raise UnknownFormat(f"no header format {name!r}; there are {known}") from None


@dataclass(frozen=True, slots=True)
class Detection:
    """What the first lines of a log tell about its header format.

    Attributes
    ----------
    lines
        Lines looked at, without blank ones and those of stack traces.
    matched
        How many of them the format matches.
    others
        Other formats that match enough lines, with how many; the best first.
    """

    format: HeaderFormat
    lines: int
    matched: int
    others: tuple[tuple[str, int], ...] = ()

    @property
    def confidence(self) -> float:
        """The share of lines that the format matches; for ``none``, that no other one does."""
        if not self.lines:
            return 0.0
        if self.format.pattern:
            return self.matched / self.lines
        return 1 - max((count for _, count in self.others), default=0) / self.lines


def detect(sample: bytes) -> Detection:
    """Tell the format of the first thousand lines, and how sure that is.

    The first of `HEADER_FORMATS`, which go from special to general, whose share of matching
    lines is within 2 % (or one line in four or more) of the best share.
    """
    text = _head(sample)
    counts = {}
    lines = 0
    for name, header in HEADER_FORMATS.items():
        if header.pattern:
            lines, counts[name] = _count(text, header)
    found = {name: count for name, count in counts.items() if count >= MIN_SHARE * lines > 0}
    ranked = sorted(counts.items(), key=lambda item: -item[1])
    chosen = "none"
    if found:
        best = max(found.values())
        enough = best - max(SLACK * best, 1 if best >= 4 else 0)
        chosen = next(name for name, count in found.items() if count >= enough)
    others = tuple((name, count) for name, count in ranked if count and name != chosen)
    return Detection(HEADER_FORMATS[chosen], lines, counts.get(chosen, 0), others[:5])


def detect_format(sample: bytes) -> HeaderFormat:
    """Return the format of the first thousand lines, see `detect`."""
    return detect(sample).format


def count_matching(sample: bytes, header: HeaderFormat) -> tuple[int, int]:
    """Return how many of the first lines are no traces, and how many a format matches."""
    return _count(_head(sample), header)


def _count(text: bytes, header: HeaderFormat) -> tuple[int, int]:
    """Return how many lines are no traces, and how many of them a format matches."""
    program = compile_pattern(header.pattern)
    kinds = match_lines(text, program.ops, program.sets, 0)
    return int(np.count_nonzero(kinds != 3)), int(np.count_nonzero(kinds == 1))


def _head(sample: bytes) -> bytes:
    """Return the first lines of a sample, without a last one that the sample may have cut."""
    end = 0
    for _ in range(SAMPLE_LINES):
        newline = sample.find(b"\n", end)
        if newline < 0:
            return sample[:end] or sample
        end = newline + 1
    return sample[:end]
