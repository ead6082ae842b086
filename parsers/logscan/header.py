r"""Header formats: the small language of their patterns, compiled for the kernel.

A pattern describes the start of a line::

    <time:%y%m%d %H%M%S> <pid> <level> <component>: <message>

``<time:FORMAT>``     the timestamp: strftime's directives, ``[ab]`` one byte of a set, ``%f``
                      one to nine digits of a fraction, ``%z`` an offset or Z, ``%e``
                      a padded day, ``%I`` and ``%p`` hours of twelve, ``%Z`` a zone's name
``<level>``           a level word in any case; ``<level:strict>`` takes no word that could
                      begin a sentence, ``<level:letter>`` one letter,
                      ``<level:postgres>`` LOG and the like too, ``<level:redis>`` its marks
``<component>``       the logger or program; ``<component:dotted>`` must look like ``a.b``
``<priority>``        syslog's number, which gives the level
``<words:N>``         at most N words before the ``<level>`` that has to follow
``<NAME>``            another field: a run of bytes up to the literal that follows; with blanks
                      only where a bracket or quote closes it
``<NAME*>``           ... that is a variable whatever it holds; ``<NAME:digits>`` of digits,
                      ``<NAME:number>`` of digits with a point, ``<NAME:clock>`` a time of day;
                      ``<_>`` has no name
``<message>``         here the message begins; the rest of the pattern lies in the message
``<json:FORMAT>``     the whole line is a JSON object, with its time in this format
``<logfmt:FORMAT>``   the whole line is ``key=value`` pairs, likewise
``{a|b}``             optional, the first alternative that matches
blank                 one or more spaces or tabs, or the end of the line
backslash             takes the next character literally

Matching never goes back into a field or a group that has matched. Nothing is matched here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Self

import numpy as np

from logscan._kernel import FIELD_FLAGS, LEVEL_VARIANTS, OP_CODES
from logscan.errors import UnknownFormat

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

BLANK = frozenset(b" \t")
LETTERS = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
DIGITS = frozenset(b"0123456789")
CLOSERS = frozenset(b"])}>\"'")
# A timestamp's seconds are read once for all lines of that second, if they stand before these.
AFTER_MARK = frozenset({"%f", "%z", "%Z", "%s"})
MAX_DEPTH = 8  # of groups, the kernel's stack


@dataclass(frozen=True, slots=True)
class HeaderFormat:
    """A named header pattern; two formats with the same pattern scan alike."""

    name: str
    pattern: str

    def __post_init__(self) -> None:
        """Refuse a pattern that cannot be read, at once."""
        compile_pattern(self.pattern)

    @classmethod
    def shipped(cls, name: str, pattern: str) -> Self:
        """Make a format whose pattern is known to be right, without compiling it yet."""
        made = cls.__new__(cls)
        object.__setattr__(made, "name", name)
        object.__setattr__(made, "pattern", pattern)
        return made


@dataclass(frozen=True, slots=True)
class Program:
    """A compiled pattern: four int32 to an operation, and byte sets of 256 flags each."""

    ops: NDArray[np.int32]
    sets: NDArray[np.uint8]
    time_format: str
    names: tuple[str, ...]  # of its fields, the component's too, in order


@dataclass(frozen=True, slots=True)
class _Literal:
    byte: int


@dataclass(frozen=True, slots=True)
class _Set:
    bytes: frozenset[int]


@dataclass(frozen=True, slots=True)
class _Blank:
    pass


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    variant: str
    variable: bool


@dataclass(frozen=True, slots=True)
class _Time:
    field: str
    format: str
    nodes: tuple[_Node, ...]


@dataclass(frozen=True, slots=True)
class _Directive:
    name: str


@dataclass(frozen=True, slots=True)
class _Group:
    choices: tuple[tuple[_Node, ...], ...]


_Node = _Literal | _Set | _Blank | _Field | _Time | _Directive | _Group


class _Reader:
    """Reads one pattern, front to back."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0
        self.depth = 0

    def fail(self, cause: str) -> UnknownFormat:
        return UnknownFormat(f"header pattern {self.pattern!r}: {cause} at {self.at}")

    def take(self) -> str:
        if self.at >= len(self.pattern):
            raise self.fail("unexpected end")
        self.at += 1
        return self.pattern[self.at - 1]

    def sequence(self, ends: str, *, in_time: bool) -> tuple[_Node, ...]:
        nodes: list[_Node] = []
        while self.at < len(self.pattern) and self.pattern[self.at] not in ends:
            nodes.extend(self.node(in_time=in_time))
        return tuple(nodes)

    def node(self, *, in_time: bool) -> Sequence[_Node]:
        char = self.take()
        if char == "{":
            return (self.group(in_time=in_time),)
        if in_time and char == "%":
            return (self.directive(),)
        if in_time and char == "[":
            return (_Set(frozenset(self.until("]").encode())),)
        if char == "<" and not in_time:
            return (self.field(),)
        if char == " ":
            return (_Set(BLANK) if in_time else _Blank(),)
        if char == "\\":
            char = self.take()
        return tuple(_Literal(byte) for byte in char.encode())

    def group(self, *, in_time: bool) -> _Group:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.fail(f"groups nest deeper than {MAX_DEPTH}")
        choices = [self.sequence("|}", in_time=in_time)]
        while (char := self.take()) == "|":
            choices.append(self.sequence("|}", in_time=in_time))
        if char != "}":
            raise self.fail("a group is not closed")
        self.depth -= 1
        return _Group(tuple(choices))

    def directive(self) -> _Directive:
        name = "%" + self.take()
        if name not in OP_CODES:
            raise self.fail(f"unknown directive {name}")
        return _Directive(name)

    def field(self) -> _Node:
        start = self.at
        while self.at < len(self.pattern) and self.pattern[self.at] not in ":*>":
            self.at += 1
        name = self.pattern[start : self.at]
        char = self.take()
        if not name.isidentifier():
            raise self.fail(f"{name!r} is no field name")
        if name in ("time", "json", "logfmt"):
            return self.time(name, char)
        variant = ""
        if char == ":":
            variant, char = self.until(">"), ">"
        if char == "*":
            self.expect(">")
        return _Field(name, variant, variable=char == "*")

    def time(self, name: str, char: str) -> _Time:
        if char != ":":
            raise self.fail(f"<{name}> needs a format")
        start = self.at
        nodes = self.sequence(">", in_time=True)
        text = self.pattern[start : self.at]
        self.expect(">")
        return _Time(name, text, nodes)

    def until(self, char: str) -> str:
        end = self.pattern.find(char, self.at)
        if end < 0:
            raise self.fail(f"{char!r} is missing")
        text = self.pattern[self.at : end]
        self.at = end + 1
        return text

    def expect(self, char: str) -> None:
        if self.take() != char:
            raise self.fail(f"expected {char!r}")


def _bytes(node: _Literal | _Set | _Blank) -> frozenset[int]:
    if isinstance(node, _Set):
        return node.bytes
    return BLANK if isinstance(node, _Blank) else frozenset({node.byte})


def _first(nodes: Sequence[_Node], follow: frozenset[int]) -> frozenset[int]:
    """Return the bytes with which a match of ``nodes`` can begin."""
    if not nodes:
        return follow
    node, rest = nodes[0], nodes[1:]
    match node:
        case _Literal() | _Set() | _Blank():
            return _bytes(node)
        case _Group(choices):
            after = _first(rest, follow)
            return after.union(*(_first(choice, after) for choice in choices))
        case _Field("message"):
            return _first(rest, follow)
        case _:
            return LETTERS | DIGITS


class _Writer:
    """Turns nodes into the kernel's operations."""

    def __init__(self) -> None:
        self.ops: list[list[int]] = []
        self.sets: dict[frozenset[int], int] = {}
        self.names: dict[str, int] = {}
        self.depth = 0

    def op(self, name: str, *operands: int) -> int:
        self.ops.append([OP_CODES[name], *operands, *(0,) * (3 - len(operands))])
        return len(self.ops) - 1

    def set_index(self, members: frozenset[int]) -> int:
        return self.sets.setdefault(members, len(self.sets))

    def sequence(self, nodes: Sequence[_Node], follow: frozenset[int]) -> None:
        for index, node in enumerate(nodes):
            self.node(node, nodes[index + 1 :], follow)

    def node(self, node: _Node, rest: Sequence[_Node], follow: frozenset[int]) -> None:
        match node:
            case _Literal(byte):
                self.op("byte", byte)
            case _Set(members):
                self.op("set", self.set_index(members))
            case _Blank():
                self.op("blank")
            case _Directive(name):
                self.op(name)
            case _Time():
                self.time(node)
            case _Group(choices):
                self.group(choices, _first(rest, follow))
            case _Field():
                self.field(node, rest, follow)

    def group(self, choices: Sequence[Sequence[_Node]], follow: frozenset[int]) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise UnknownFormat(f"header pattern: groups nest deeper than {MAX_DEPTH}")
        commits = []
        for choice in choices:
            attempt = self.op("try", 0, self.start_set(choice))
            self.sequence(choice, follow)
            commits.append(self.op("commit"))
            self.ops[attempt][1] = len(self.ops)
        for commit in commits:
            self.ops[commit][1] = len(self.ops)
        self.depth -= 1

    def start_set(self, choice: Sequence[_Node]) -> int:
        """Return the set of bytes that a choice must begin with, -1 where that is not known."""
        if choice and isinstance(choice[0], _Literal | _Set | _Blank):
            return self.set_index(_bytes(choice[0]))
        return -1

    def time(self, node: _Time) -> None:
        if node.field != "time":
            self.op(node.field, len(self.ops) + 2)
            self.op("end")
        begin = self.op("time", -1)
        marks = _mark_place(node.nodes)
        for index, child in enumerate(node.nodes):
            self.node(child, node.nodes[index + 1 :], frozenset())
            if index == marks:
                self.op("time_mark", begin + 1)
                self.ops[begin][1] = len(self.ops)
        self.op("time_end")
        if node.field != "time":
            self.op("end")

    def field(self, node: _Field, rest: Sequence[_Node], follow: frozenset[int]) -> None:
        if node.name == "message":
            self.op("message")
        elif node.name == "priority":
            self.op("priority")
        elif node.name == "level":
            if node.variant not in LEVEL_VARIANTS:
                raise UnknownFormat(f"header pattern: unknown kind of level {node.variant!r}")
            self.op("level", LEVEL_VARIANTS[node.variant])
        elif node.name == "words":
            if not rest or not (isinstance(rest[0], _Field) and rest[0].name == "level"):
                raise UnknownFormat("header pattern: <words:N> needs a <level> after it")
            self.op("words", _word_count(node.variant))
        else:
            stops = _first(rest, follow)
            binds = _colon_binds(rest, follow)
            flags = _field_flags(node, stops, binds=binds)
            name = self.names.setdefault(node.name, len(self.names))
            self.op("field", self.set_index(stops), flags, name)


def _word_count(text: str) -> int:
    if text and not (text.isascii() and text.isdigit() and len(text) < 4):
        raise UnknownFormat(f"header pattern: <words:{text}> needs a number below 1000")
    return int(text or "8")


def _field_flags(node: _Field, stops: frozenset[int], *, binds: bool) -> int:
    names = ["component"] if node.name == "component" else []
    if node.variant:
        if node.variant not in ("dotted", "digits", "number", "clock"):
            raise UnknownFormat(f"header pattern: unknown kind of field {node.variant!r}")
        names.append(node.variant)
    if node.variable:
        names.append("slot")
    if stops and stops <= CLOSERS:
        names += ["blanks", "empty"]
    if ord('"') in stops:
        names.append("escapes")
    if ord(":") in stops and not binds:
        names.append("colon_blank")
    return sum(FIELD_FLAGS[name] for name in names)


def _colon_binds(rest: Sequence[_Node], follow: frozenset[int]) -> bool:
    """Tell whether the field's ``:`` is followed by something other than a blank."""
    return bool(rest) and rest[0] == _Literal(ord(":")) and not BLANK & _first(rest[1:], follow)


def _mark_place(nodes: Sequence[_Node]) -> int:
    """Return the index of the node after which all of the date and the seconds are read."""
    last = -1
    for index, node in enumerate(nodes):
        names = _directives(node)
        if names & AFTER_MARK:
            late = frozenset[str]().union(*(_directives(after) for after in nodes[index:]))
            return last if late <= AFTER_MARK else -1
        if names:
            last = index
    return last


def _directives(node: _Node) -> frozenset[str]:
    if isinstance(node, _Directive):
        return frozenset({node.name})
    if isinstance(node, _Group):
        return frozenset[str]().union(
            *(_directives(child) for c in node.choices for child in c)
        )
    return frozenset()


@lru_cache(maxsize=256)
def compile_pattern(pattern: str) -> Program:
    """Compile a pattern; raise `UnknownFormat`, with the place, where it cannot be read."""
    if not pattern.replace("\t", " ").isprintable():  # lone surrogates, line ends
        raise UnknownFormat(f"header pattern {pattern!r}: holds what cannot be printed")
    reader = _Reader(pattern)
    nodes = reader.sequence("", in_time=False)
    writer = _Writer()
    writer.sequence(nodes, frozenset())
    writer.op("end")
    times = [node.format for node in nodes if isinstance(node, _Time)]
    if len(times) > 1:
        raise reader.fail("a second <time>")
    sets = np.zeros((max(1, len(writer.sets)), 256), np.uint8)
    for members, index in writer.sets.items():
        sets[index, list(members)] = 1
    return Program(
        np.array(writer.ops, np.int32).ravel(),
        sets.ravel(),
        "".join(times),
        tuple(writer.names),
    )
