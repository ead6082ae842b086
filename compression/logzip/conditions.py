"""What a search asks for: conditions as frozen values, and the regex of one.

How a condition is evaluated is in `search`, what the footer says about it in `pruning`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import re2

from logzip.errors import BadPattern

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from logscan.batch import Span

# Nine bytes of program a byte of pattern is usual; a pattern past this limit would cost more
# memory than the block it is run on.
REGEX_MEMORY_BYTES = 8 << 20

# Escapes of one letter that stand alone. Others take in what follows, as in \x41, \pL, \101.
LOOKING_AROUND = frozenset((b"^", b"$", b"\\b", b"\\B", b"\\A", b"\\z"))
PLAIN_ESCAPES = frozenset(b"\\%c" % letter for letter in b"dDsSwWbBAzafnrtv")


@dataclass(frozen=True, slots=True)
class Text:
    """Records with a line that holds ``pattern``, byte for byte; an empty one is in every line.

    With ``ignore_case`` the ASCII letters of an ASCII pattern match in either case, and nothing
    else does. A pattern with other letters is folded as Unicode does (simple folding of RE2).
    """

    pattern: bytes
    ignore_case: bool = False

    def __post_init__(self) -> None:
        if b"\n" in self.pattern:
            raise BadPattern("a pattern cannot hold a line end: it is looked for line by line")


@dataclass(frozen=True, slots=True)
class Regex:
    r"""Records with a line in which the RE2 expression ``pattern`` matches somewhere.

    A ``str`` matches UTF-8 characters: a byte that is not UTF-8 is matched by nothing. In
    ``bytes`` each byte is a character, as for grep with ``LC_ALL=C``. ``^`` and ``$`` are the
    ends of a line, and so are ``\A`` and ``\z``; nothing matches a line end.
    """

    pattern: str | bytes
    ignore_case: bool = False

    def __post_init__(self) -> None:
        compiled(self)


@dataclass(frozen=True, slots=True)
class TimeRange:
    """Records whose time is in ``[start_ns, end_ns)``; ``None`` leaves an end open."""

    start_ns: int | None
    end_ns: int | None


@dataclass(frozen=True, slots=True)
class LevelIn:
    """Records whose level is one of ``levels``."""

    levels: frozenset[int]


@dataclass(frozen=True, slots=True)
class StructureIn:
    """Records whose structure's hash is one of ``hashes``."""

    hashes: frozenset[int]


@dataclass(frozen=True, slots=True)
class ComponentIn:
    """Records whose component is one of ``components``."""

    components: frozenset[bytes]


@dataclass(frozen=True, slots=True)
class Variable:
    """Records one of whose variables passes ``test``, asked once for each distinct value.

    ``spans`` says which stretches of a structure, by its hash, are the variable; a record of
    any other structure is no hit.
    """

    spans: Mapping[int, tuple[Span, ...]]
    test: Callable[[bytes], bool] = field(compare=False)


@dataclass(frozen=True, slots=True)
class And:
    """Records that meet all conditions; with none, every record."""

    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Records that meet at least one condition; with none, no record."""

    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Records that do not meet the condition."""

    condition: Condition


Condition: TypeAlias = (
    Text | Regex | TimeRange | LevelIn | StructureIn | ComponentIn | Variable | And | Or | Not
)


def compiled(condition: Regex, *, groups: bool = False) -> Any:  # noqa: ANN401  re2 ships no types
    """Return the compiled expression, from RE2's own cache of 128.

    With ``groups`` its matches tell what its groups matched.

    Raises
    ------
    BadPattern
        If RE2 cannot read the pattern; back references and look-around are not in it, because
        no linear time is known for them.
    """
    options = re2.Options()
    options.max_mem = REGEX_MEMORY_BYTES
    options.log_errors = False
    options.never_nl = True
    options.never_capture = not groups
    options.case_sensitive = not condition.ignore_case
    if isinstance(condition.pattern, bytes):
        options.encoding = re2.Options.Encoding.LATIN1
        text = condition.pattern
    else:
        text = condition.pattern.encode("utf-8", "surrogateescape")
    try:
        return re2.compile(b"(?m)" + _line_ends(text), options)
    except re2.error as error:
        cause = error.args[0]
        cause = cause.decode("utf-8", "replace") if isinstance(cause, bytes) else str(cause)
        raise BadPattern(f"bad regular expression {condition.pattern!r}: {cause}") from error


def required_literals(condition: Regex) -> tuple[bytes, ...]:
    r"""Return byte strings that every match of the expression holds, in order.

    Only what stands outside of groups and classes is looked at, and nothing when the expression
    has alternatives, flags or ``\Q``: the answer is used to leave records out, so what is not
    sure is not said.
    """
    text = condition.pattern
    if isinstance(text, str):
        text = text.encode("utf-8", "surrogateescape")
    if condition.ignore_case or b"|" in text or b"(?" in text:
        return ()
    items = _items(text)
    if any(
        item[:1] == b"\\" and item[1:].isalnum() and item not in PLAIN_ESCAPES for item in items
    ):
        return ()
    return _literals(items)


def matches_anywhere(condition: Regex) -> bool:
    r"""Say whether a match is one whatever is around it: no ends of lines or words in it.

    Not sure is no: flags may change what an item means.
    """
    text = condition.pattern
    if isinstance(text, str):
        text = text.encode("utf-8", "surrogateescape")
    return b"(?" not in text and LOOKING_AROUND.isdisjoint(_items(text))


def _line_ends(pattern: bytes) -> bytes:
    r"""Write ``\A`` and ``\z`` as the line ends, for lines are matched many at a time."""
    ends = {b"\\A": b"^", b"\\z": b"$"}
    return b"".join(ends.get(item, item) for item in _items(pattern))


def _items(pattern: bytes) -> list[bytes]:
    """Cut an expression into escapes, classes, repetitions in braces and single bytes."""
    items = []
    at = 0
    while at < len(pattern):
        end = at + 1
        if pattern[at : at + 2] == b"\\Q":
            stop = pattern.find(b"\\E", at)
            end = len(pattern) if stop < 0 else stop + 2
        elif pattern[at] == ord("\\"):
            end = at + 2
        elif pattern[at] == ord("["):
            end = _class_end(pattern, at)
        elif pattern[at] == ord("{") and b"}" in pattern[at:]:
            end = pattern.index(b"}", at) + 1
        items.append(pattern[at:end])
        at = end
    return items


def _class_end(pattern: bytes, start: int) -> int:
    """Return the place after the class that begins at ``start``."""
    at = start + 1
    if pattern[at : at + 1] == b"^":
        at += 1
    first = at
    while at < len(pattern):
        if pattern[at] == ord("]") and at > first:
            return at + 1
        if pattern[at] == ord("\\"):
            at += 1
        elif pattern[at : at + 2] == b"[:" and b":]" in pattern[at:]:
            at = pattern.index(b":]", at) + 1
        at += 1
    return len(pattern)


def _literals(items: list[bytes]) -> tuple[bytes, ...]:
    found = [b""]
    depth = 0
    for place, item in enumerate(items):
        following = items[place + 1] if place + 1 < len(items) else b""
        depth += (item == b"(") - (item == b")")
        literal = _literal(item) if depth == 0 else None
        optional = following[:1] in (b"*", b"?", b"{")
        if literal is not None and not optional:
            found[-1] += literal
        if literal is None or optional or following == b"+":
            found.append(b"")
    return tuple(literal for literal in found if literal)


def _literal(item: bytes) -> bytes | None:
    """Return the byte an item stands for, ``None`` if it is anything but one literal."""
    if len(item) == 1 and item not in b".^$*+?()[]{}|\\":
        # RE2 repeats characters, so the last byte of a longer one alone is not a safe literal
        # before a repetition; nor is any of its bytes in a class.
        return item if item[0] < 0x80 else None
    if len(item) == 2 and item[:1] == b"\\" and item[1] < 0x80 and not item[1:].isalnum():
        return item[1:]
    return None
