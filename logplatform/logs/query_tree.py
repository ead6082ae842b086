"""The syntax tree of a query, and its normal form: ``str(tree)`` parses to an equal tree.

Reading a query is in `query`, what a tree finds in `search_compile`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from logplatform.logs import values
from logscan.batch import Level

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logplatform.logs.values import Test

CATEGORIES: Final = (
    "object_id",
    "location",
    "object_name",
    "type",
    "switch",
    "duration",
    "resource",
    "amount",
    "status_code",
    "other",
)
# Tasks of triage: what a record's template has been called (`judgements`).
LABEL_FIELDS: Final = ("severity", "category", "problem")
ORDERED_FIELDS: Final = ("severity",)  # their labels go from most to least
FIELDS: Final = ("level", "template", "component", "source", *LABEL_FIELDS, *CATEGORIES)
OWN_PREFIX: Final = "field."


@dataclass(frozen=True, slots=True)
class Anything:
    """Every record."""

    def __str__(self) -> str:
        return "*"


@dataclass(frozen=True, slots=True)
class Phrase:
    """These bytes anywhere in the raw record."""

    text: bytes
    ignore_case: bool = False

    def __str__(self) -> str:
        return ("i:" if self.ignore_case else "") + values.quote(self.text)


@dataclass(frozen=True, slots=True)
class Regex:
    """A line of the raw record that fits a regular expression."""

    regex: str

    def __str__(self) -> str:
        return "re:" + values.quote_regex(self.regex)


@dataclass(frozen=True, slots=True)
class LevelRange:
    """A level between two others, both included."""

    low: Level
    high: Level

    def __str__(self) -> str:
        if self.low == self.high:
            return f"level:{self.low.name.lower()}"
        if self.high == Level.FATAL and self.low != Level.NONE:
            return f"level:>={self.low.name.lower()}"
        if self.low == Level.TRACE:
            return f"level:<={self.high.name.lower()}"
        return f"level:{self.low.name.lower()}..{self.high.name.lower()}"


@dataclass(frozen=True, slots=True)
class Term:
    """A field, whose value satisfies a test; ``own`` marks a log's own field."""

    name: str
    test: Test
    own: bool = False
    position: int = field(default=0, compare=False)  # of the name in the query

    def __str__(self) -> str:
        return f"{OWN_PREFIX if self.own else ''}{self.name}:{self.test}"


@dataclass(frozen=True, slots=True)
class Not:
    """Records that do not satisfy the item."""

    item: Node

    def __str__(self) -> str:
        return f"NOT {_wrapped(self.item)}"


@dataclass(frozen=True, slots=True)
class And:
    """Records that satisfy all items; make one with `all_of`."""

    items: tuple[Node, ...]

    def __str__(self) -> str:
        return " ".join(map(_wrapped, self.items))


@dataclass(frozen=True, slots=True)
class Or:
    """Records that satisfy one of the items; make one with `any_of`."""

    items: tuple[Node, ...]

    def __str__(self) -> str:
        return " OR ".join(map(str, self.items))


Node = Anything | Phrase | Regex | LevelRange | Term | Not | And | Or


def _wrapped(item: Node) -> str:
    """Write an item of a conjunction or negation, in parentheses where it binds weaker."""
    return f"({item})" if isinstance(item, And | Or) else str(item)


def all_of(items: list[Node]) -> Node:
    """Return the conjunction of some items, flat."""
    flat: list[Node] = []
    for item in items:
        flat.extend(item.items if isinstance(item, And) else [item])
    return flat[0] if len(flat) == 1 else And(tuple(flat))


def any_of(items: list[Node]) -> Node:
    """Return the disjunction of some items, flat."""
    flat: list[Node] = []
    for item in items:
        flat.extend(item.items if isinstance(item, Or) else [item])
    return flat[0] if len(flat) == 1 else Or(tuple(flat))


def leaves(tree: Node) -> Iterator[Node]:
    """Yield the conditions of a tree that have no conditions in them, from left to right."""
    if isinstance(tree, And | Or):
        for item in tree.items:
            yield from leaves(item)
    elif isinstance(tree, Not):
        yield from leaves(tree.item)
    else:
        yield tree
