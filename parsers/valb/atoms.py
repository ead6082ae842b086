"""Messages cut into atoms, the units that the tagger labels. No statistics live here.

An atom is finer than a token of the scan: ``node-129`` is ``node``, ``-``, ``129``, so that a
variable may be a part of a token. Units that are never constant in part (addresses, dates,
paths, numbers with their sign) stay whole, which keeps sequences short and labels consistent.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass

from valb import _looks

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
    rf"|(?<!{_WORD})\d{{4}}(?P<joint>[-/.])\d{{1,2}}(?P=joint)\d{{1,2}}"
    rf"(?:[T :_.-]\d{{1,2}}[:.]\d{{2}}[:.]\d{{2}}(?:[.,:]\d+)?(?:Z|[+-]\d\d:?\d\d)?)?"
    rf"(?!{_WORD})",
    "url": r"[A-Za-z][A-Za-z0-9+.\-]*://[^\s\"'<>()\[\]{},;|`]*[^\s\"'<>()\[\]{},;|`.:]",
    "uuid": r"[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}"
    rf"(?!{_WORD})",
    "mac": rf"(?<!{_WORD})(?:[0-9A-Fa-f]{{1,2}}:){{5,}}[0-9A-Fa-f]{{1,2}}(?!{_WORD})",
    "ip6": rf"(?<!{_WORD})(?=[0-9A-Fa-f:]*::|(?:[0-9A-Fa-f]+:){{6}})[0-9A-Fa-f]{{0,4}}"
    rf"(?::[0-9A-Fa-f]{{0,4}}){{2,8}}(?!{_WORD})",
    "clock": rf"(?<!{_WORD}){_CLOCK}(?!{_WORD})",
    # Java writes resolved addresses as host/1.2.3.4:5.
    "ip4": rf"(?<!{_WORD})(?:[A-Za-z][0-9A-Za-z_.\-]*/|/)?\d{{1,3}}(?:\.\d{{1,3}}){{3}}"
    rf"(?::\d+)?(?!{_WORD})",
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
# Most atoms are words or marks that nothing else could start at: compiled code finds them, and
# this pattern all others. They are told apart by their first character, so that few patterns
# are tried at each place.
_PLAIN = rf"(?!{_DAY},?\ )[A-Za-z]+(?=[ ,;=()\[\]\"'<>]|$)"
_EASY = r"(?P<easy_one>[,;=()\[\]{}<>\"'|&?!#*%@^$`])(?P=easy_one)*"
_BY_FIRST = {
    r"[A-Za-z_\x80-\xff]": "date url uuid mac ip6 path ip4 name word",
    r"[0-9]": "date uuid mac ip6 clock ip4 hex number word",
    r"": "ip6 ip4 path number mark",
}


def _pattern() -> re.Pattern[str]:
    groups = [f"(?P<plain>{_PLAIN})", f"(?P<space>{_KINDS['space']})", f"(?P<easy>{_EASY})"]
    for number, (first, kinds) in enumerate(_BY_FIRST.items()):
        bodies = "|".join(
            f"(?P<{kind}_{number}>{_renamed(_KINDS[kind], number)})" for kind in kinds.split()
        )
        groups.append(f"(?={first})(?:{bodies})" if first else bodies)
    return re.compile("|".join(groups), re.S)


def _renamed(body: str, number: int) -> str:
    """Give the groups inside a pattern names of their own; one may stand at several places."""
    return re.sub(r"\(\?P([<=])(\w+)", rf"(?P\g<1>\g<2>__{number}", body)


_PATTERN = _pattern()
_KIND_OF = {"plain": "word", "space": "space", "easy": "mark"} | {
    f"{kind}_{number}": kind
    for number, kinds in enumerate(_BY_FIRST.values())
    for kind in kinds.split()
}


@dataclass(frozen=True, slots=True)
class Atoms:
    """The ``T`` atoms of a message: parallel lists."""

    kinds: list[str]
    texts: list[str]
    starts: list[int]  # places in the message, bytes
    ends: list[int]
    spaced: list[bool]  # whether a blank stands before it

    def __len__(self) -> int:
        return len(self.texts)


def cut(message: str, most: int = sys.maxsize) -> Atoms:
    """Cut a message, one character a byte (Latin-1), into atoms; blanks are left out.

    What lies behind ``most`` atoms is not cut.
    """
    return Atoms(*_looks.cut(message, _PATTERN.match, _KIND_OF, most))
