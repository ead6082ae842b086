"""Messages cut into atoms, the units that the tagger labels. No statistics live here.

An atom is finer than a token of the scan: ``node-129`` is ``node``, ``-``, ``129``, so that a
variable may be a part of a token. Units that are never constant in part (addresses, dates,
paths, numbers with their sign) stay whole, which keeps sequences short and labels consistent.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_WORD = r"[0-9A-Za-z_\x80-\xff]"
_SEGMENT = r"[0-9A-Za-z_\x80-\xff.%+~@:$*\-]"
_CLOCK = r"\d{1,2}:\d{2}:\d{2}(?:[.,:]\d+)?"
_DAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"

# First match wins, so the order is from the most to the least particular.
_KINDS = {
    "date": rf"{_DAY},?\ (?:{_MONTH}\ +\d{{1,2}}|\d{{1,2}}\ {_MONTH}(?:\ \d{{4}})?)"
    rf"\ {_CLOCK}(?:\ [A-Z]{{3,4}}|\ [+-]\d{{4}})?(?:\ \d{{4}})?(?!{_WORD})"
    rf"|\d{{1,2}}/{_MONTH}/\d{{4}}:{_CLOCK}(?:\ [+-]\d{{4}})?"
    rf"|(?<!{_WORD})\d{{4}}([-/.])\d{{1,2}}\2\d{{1,2}}"
    rf"(?:[T :_.-]\d{{1,2}}[:.]\d{{2}}[:.]\d{{2}}(?:[.,:]\d+)?(?:Z|[+-]\d\d:?\d\d)?)?"
    rf"(?!{_WORD})",
    "url": r"[A-Za-z][A-Za-z0-9+.\-]*://[^\s\"'<>()\[\]{},;|`]*[^\s\"'<>()\[\]{},;|`.:]",
    "uuid": r"[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}"
    rf"(?!{_WORD})",
    "mac": rf"(?<!{_WORD})(?:[0-9A-Fa-f]{{1,2}}:){{5,}}[0-9A-Fa-f]{{1,2}}(?!{_WORD})",
    "ip6": rf"(?<!{_WORD})(?=[0-9A-Fa-f:]*::|(?:[0-9A-Fa-f]+:){{6}})[0-9A-Fa-f]{{0,4}}"
    rf"(?::[0-9A-Fa-f]{{0,4}}){{2,8}}(?!{_WORD})",
    "clock": rf"(?<!{_WORD}){_CLOCK}(?!{_WORD})",
    "ip4": rf"(?<!{_WORD})/?\d{{1,3}}(?:\.\d{{1,3}}){{3}}(?::\d+)?(?!{_WORD})",
    "path": rf"(?<!{_WORD})(?:\.{{0,2}}|~)/(?:{_SEGMENT}+/)+{_SEGMENT}*(?<![.:])"
    rf"|(?<!{_WORD})/(?=[A-Za-z0-9_])(?!\d+\.\d+\.\d+\.\d+){_SEGMENT}*{_WORD}"
    r"|[A-Za-z]:\\(?:[^\s\"'<>()\[\]{},;|`\\]+\\)*[^\s\"'<>()\[\]{},;|`\\]*[^\s\"'<>()\[\]{},;|`\\.:]",
    "name": rf"(?<!{_WORD})[A-Za-z_]{_WORD}*(?:[.$][A-Za-z_]{_WORD}*)+",
    "hex": rf"0[xX][0-9A-Fa-f]+(?!{_WORD})",
    "number": rf"(?<![0-9A-Za-z_)\]\x80-\xff])[-+]?\d+(?:\.\d+)*(?!{_WORD})"
    rf"|\d+(?:\.\d+)*(?!{_WORD})",
    "word": rf"[A-Za-z]+_-\d+|{_WORD}+",
    "space": r"[\x00-\x20\x7f]+",
    "mark": r"(?P<one>.)(?P=one)*",
}
ATOM_KINDS = tuple(_KINDS)
_PATTERN = re.compile("|".join(f"(?P<{kind}>{body})" for kind, body in _KINDS.items()), re.S)


@dataclass(frozen=True, slots=True)
class Atom:
    """One atom: its place in the message (bytes) and whether a blank stands before it."""

    kind: str
    text: str
    start: int
    end: int
    after_space: bool


def cut(message: str) -> list[Atom]:
    """Cut a message, one character a byte (Latin-1), into atoms; blanks are left out."""
    atoms = []
    after_space = False
    for match in _PATTERN.finditer(message):
        kind = match.lastgroup
        if kind == "space":
            after_space = True
            continue
        if kind is None or kind == "one":
            kind = "mark"
        atoms.append(Atom(kind, match.group(), match.start(), match.end(), after_space))
        after_space = False
    return atoms
