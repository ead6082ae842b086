"""How found lines are printed: numbers, names, colours, or matching parts alone, as by grep.

Which lines are found is the business of `logzip.grep`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from logzip.patterns import Parts

HIT, NEAR = b":", b"-"  # what follows the name and the number of a hit, and of a line near one
# GNU grep's default colours: matches bold red, names magenta, numbers green, separators cyan.
MATCH, NAME, NUMBER, SEPARATOR = b"01;31", b"35", b"32", b"36"
GAP = b"--\n"


@dataclass(frozen=True, slots=True)
class Style:
    """What stands beside each printed line; ``name`` is the file's, ``None`` for no name."""

    numbers: bool = False
    only_matching: bool = False
    color: bool = False
    name: bytes | None = None

    @property
    def is_plain(self) -> bool:
        """Whether lines are printed as they are."""
        return not (self.numbers or self.only_matching or self.color or self.name is not None)


PLAIN = Style()


@dataclass(frozen=True, slots=True)
class Line:
    """One line to print, with its line end; ``number`` counts from 1."""

    number: int
    text: bytes
    is_hit: bool


def printed(line: Line, style: Style, parts_of: Parts) -> bytes:
    """Return what is printed of a line; ``parts_of`` finds its matching parts."""
    prefix = _prefix(line, style)
    body, end = line.text[:-1], line.text[-1:]
    if style.only_matching:
        parts = parts_of(body) if line.is_hit else iter(())
        return b"".join(
            prefix + _colored(body[low:high], MATCH, style) + b"\n" for low, high in parts
        )
    if not (style.color and line.is_hit):
        return prefix + line.text
    out, at = [prefix], 0
    for low, high in parts_of(body):
        out += [body[at:low], _colored(body[low:high], MATCH, style)]
        at = high
    return b"".join([*out, body[at:], end])


def gap(style: Style) -> bytes:
    """Return the line between lines that are not neighbours."""
    return _colored(GAP[:-1], SEPARATOR, style) + b"\n"


def named(name: bytes, text: bytes, style: Style) -> bytes:
    """Return a file's name before what is said of it."""
    return _colored(name, NAME, style) + _colored(HIT, SEPARATOR, style) + text


def _prefix(line: Line, style: Style) -> bytes:
    separator = HIT if line.is_hit else NEAR
    prefix = b""
    if style.name is not None:
        prefix = _colored(style.name, NAME, style) + _colored(separator, SEPARATOR, style)
    if style.numbers:
        prefix += _colored(b"%d" % line.number, NUMBER, style)
        prefix += _colored(separator, SEPARATOR, style)
    return prefix


def _colored(text: bytes, code: bytes, style: Style) -> bytes:
    return b"\x1b[%sm\x1b[K%s\x1b[m\x1b[K" % (code, text) if style.color else text
