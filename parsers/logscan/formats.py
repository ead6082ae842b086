"""The header formats that come with logscan, and which one a sample of lines has.

A new format is one line in `HEADER_FORMATS`, placed before those that match its lines too.
"""

from __future__ import annotations

import numpy as np

from logscan._kernel import match_lines
from logscan.errors import UnknownFormat
from logscan.header import HeaderFormat, compile_pattern

_ISO = "%Y[-/]%m[-/]%d[T \t]%H:%M:%S{[.,]%f}{%z| %z}"

_PATTERNS = {
    "json": f"<json:{{{_ISO}|%s{{.%f}}}}>",
    "logfmt": f"<logfmt:{{{_ISO}|%s{{.%f}}}}>",
    "combined": (
        "<client*> <ident> <user*> [<time:%d/%b/%Y:%H:%M:%S %z>] "
        '<message>"{<method> <path*> <protocol>"|<request*>"} <status> <bytes>'
        '{ "<referer*>" "<agent*>"}'
    ),
    "syslog5424": (
        r"\<<priority>\>1 <time:%Y-%m-%dT%H:%M:%S{.%f}%z> "
        "<host> <component> <pid> <id> <message>"
    ),
    "syslog": (
        r"{\<<priority>\>}<time:%b %e {%Y }%H:%M:%S{.%f}> <host> "
        r"{<component>{[<pid>]}{ (<unit>)}: }<message>"
    ),
    "syslog_iso": (
        r"{\<<priority>\>}<time:%Y-%m-%dT%H:%M:%S{.%f}%z> "
        "<host> <component>{[<pid>]}: <message>"
    ),
    "postgres": (
        "<time:%Y-%m-%d %H:%M:%S{.%f} %Z> [<pid>] <words:8><level:postgres>: <message>"
    ),
    "apache_error": "[<time:%a %b %e %H:%M:%S{.%f} %Y>] [{<module>:}<level>] <message>",
    "glog": "<level:letter><time:%m%d %H:%M:%S.%f> <thread> <component>:<line>] <message>",
    "android": (
        "<time:%m-%d %H:%M:%S.%f> <pid:digits> <tid:digits> <level:letter> "
        "<component>{ }: <message>"
    ),
    "spring": f"<time:{_ISO}> <level> <pid:digits> --- [<thread>] <component> : <message>",
    "python": f"<time:{_ISO}> - <component> - <level> - <message>",
    "python_basic": "<level>:<component>:<message>",
    "python_level_first": (
        f"<level> <time:{_ISO}> <component> <pid:digits> <tid:digits> <message>"
    ),
    "python_thread": f"<time:{_ISO}> <level> [<thread>] <component:dotted> <message>",
    "oslo": f"<time:{_ISO}> <pid:digits> <level> <component:dotted> <message>",
    "logback": f"<time:{_ISO}> [<thread>] <level> <component> - <message>",
    "logback_context": (
        f"<time:{_ISO}> <words:6><level:strict> <component:dotted> -{{ }}<message>"
    ),
    "log4j_thread": f"<time:{_ISO}> <level> [<thread>] <component>: <message>",
    "log4j_dash": f"<time:{_ISO}> - <level> [<thread>] - <message>",
    "log4j": f"<time:{_ISO}> <level> <component>: <message>",
    "log4j_short": "<time:%y/%m/%d %H:%M:%S> <level> <component>: <message>",
    "log4j_compact": "<time:%y%m%d %H%M%S> <pid:digits> <level> <component>: <message>",
    "bracketed": (
        f"[<time:{_ISO}>{{: <level>{{/<process>}}}}] {{[<pid:digits>] }}"
        "{{[}<level:strict>{]} }<message>"
    ),
    "iso": (
        f"<time:{_ISO}>{{,}} {{- |\\| }}{{[}}{{<level:strict>{{]}}{{:| \\|| -}} }}"
        "{[<thread>] }{<component:dotted>{:} }<message>"
    ),
    "none": "",
}
HEADER_FORMATS: dict[str, HeaderFormat] = {
    name: HeaderFormat(name, pattern) for name, pattern in _PATTERNS.items()
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


def detect_format(sample: bytes) -> HeaderFormat:
    """Return the format of the first thousand lines.

    The first of `HEADER_FORMATS`, which go from special to general, whose share of matching
    lines is within 2 % (or one line in four or more) of the best share.
    """
    text = _head(sample)
    matched = {}
    for name, header in HEADER_FORMATS.items():
        program = compile_pattern(header.pattern)
        kinds = match_lines(text, program.ops, program.sets, 0) if header.pattern else None
        if kinds is not None and _share(kinds) >= MIN_SHARE:
            matched[name] = int(np.count_nonzero(kinds == 1))
    if not matched:
        return HEADER_FORMATS["none"]
    best = max(matched.values())
    enough = best - max(SLACK * best, 1 if best >= 4 else 0)
    return HEADER_FORMATS[next(name for name, count in matched.items() if count >= enough)]


def _head(sample: bytes) -> bytes:
    """Return the first lines of a sample, without a last one that the sample may have cut."""
    end = 0
    for _ in range(SAMPLE_LINES):
        newline = sample.find(b"\n", end)
        if newline < 0:
            return sample[:end] or sample
        end = newline + 1
    return sample[:end]


def _share(kinds: np.ndarray[tuple[int], np.dtype[np.uint8]]) -> float:
    lines = np.count_nonzero(kinds != 3)
    return float(np.count_nonzero(kinds == 1) / lines) if lines else 0.0
