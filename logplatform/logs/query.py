"""The query language, version 1: text -> syntax tree.

``str(tree)`` is the way back and how queries are stored (`query_tree`). What a query finds is
decided in `search_compile`; docs/query-language.md describes the language for its users.
"""

from __future__ import annotations

import difflib
import ipaddress
import re
from typing import Final

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedEOF, UnexpectedToken

from logplatform.logs import units, values
from logplatform.logs.errors import LogsError
from logplatform.logs.query_tree import (
    FIELDS,
    LABEL_FIELDS,
    ORDERED_FIELDS,
    OWN_PREFIX,
    Anything,
    LevelRange,
    Node,
    Not,
    Phrase,
    Regex,
    Term,
    all_of,
    any_of,
    leaves,
)
from logplatform.logs.values import (
    Between,
    Compare,
    Equals,
    Like,
    Matches,
    Ranked,
    Test,
    Within,
)
from logscan.batch import Level
from logzip.errors import BadPattern

# Twenty times the longest query seen in issue trackers; keeps every recursion below shallow.
MAX_QUERY_CHARS: Final = 4096
MAX_DEPTH: Final = 50
MAX_TERMS: Final = 200

_GRAMMAR = r"""
start: [either]
either: both (_OR both)*
both: unary (_AND? unary)*
unary: (_NOT | _MINUS) unary -> negated
     | "(" either ")" -> group
     | FIELD value -> term
     | FIELD "(" value (_OR value)* ")" -> terms
     | _ICASE (STRING | WORD) -> icase_text
     | _REGEX STRING -> regex_text
     | STRING -> phrase
     | WORD -> word
value: OPERATOR? VALUE -> bare_value
     | OPERATOR? STRING -> quoted_value
     | _ICASE (STRING | VALUE) -> icase_value
     | _REGEX STRING -> regex_value

_OR.5: /OR(?=[\s()]|$)/
_AND.5: /AND(?=[\s()]|$)/
_NOT.5: /NOT(?=[\s("]|$)/
_MINUS.5: /-(?=[^\s-])/
_ICASE.4: /i:(?=[^\s()])/
_REGEX.4: /re:(?=")/
FIELD.3: /[^\W\d][\w.@$-]*:(?!\/\/)(?=[^\s)])/
OPERATOR.3: />=|<=|>|<|=/
STRING.2: /"(?:[^"\\]|\\.)*"/s
WORD.1: /[^\s()"][^\s()]*/
VALUE.1: /[^\s()"<>=][^\s()]*/
%ignore /\s+/
"""
_PARSER = Lark(_GRAMMAR, parser="lalr", lexer="contextual", propagate_positions=True)


class QueryError(LogsError):
    """A query that says nothing: the message, and the place in the query it speaks of."""

    def __init__(self, message: str, position: int, length: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.position = position
        self.length = max(1, length)
        self.query = ""  # set by `parse`, which knows it

    @property
    def caret(self) -> str:
        """The line of the query and, under it, carets at the place."""
        start = self.query.rfind("\n", 0, self.position) + 1
        line = self.query[start:].split("\n", 1)[0]
        column = self.position - start
        width = max(1, min(self.length, len(line) - column))
        return f"{line}\n{' ' * column}{'^' * width}"


def parse(query: str) -> Node:
    """Read a query.

    Raises
    ------
    QueryError
        Where the query is no sentence of the language, or a value makes no sense for its field.
    """
    try:
        return _parse(query)
    except QueryError as error:
        error.query = query
        raise


def _parse(query: str) -> Node:
    if len(query) > MAX_QUERY_CHARS:
        message = f"a query has at most {MAX_QUERY_CHARS} characters"
        raise QueryError(message, MAX_QUERY_CHARS, len(query) - MAX_QUERY_CHARS)
    try:
        found = _PARSER.parse(query)
    except UnexpectedCharacters as error:
        position: int = error.pos_in_stream  # type: ignore[assignment]  # lark declares None
        raise _unexpected_character(query, position) from error
    except UnexpectedToken as error:
        raise _unexpected_token(query, error.token) from error
    except UnexpectedEOF as error:
        raise QueryError("the query ends too early", len(query)) from error
    top = found.children[0] if found.children else None
    tree: Node = _read(top, MAX_DEPTH) if isinstance(top, Tree) else Anything()
    if sum(1 for _ in leaves(tree)) > MAX_TERMS:
        raise QueryError(f"a query has at most {MAX_TERMS} conditions", 0, len(query))
    return tree


def suggestion(name: str) -> str | None:
    """Return the built-in field that ``name`` is probably a misspelling of."""
    close = difflib.get_close_matches(name.lower(), FIELDS, n=1, cutoff=0.7)
    return close[0] if close else None


def _unexpected_character(query: str, position: int) -> QueryError:
    rest = query[position:]
    if rest.startswith('"'):
        return QueryError("this quote is not closed", position, len(rest))
    if rest.startswith(("<", ">", "=")):
        return QueryError("a value is expected here; put other text in quotes", position)
    return QueryError(f"{rest[0]!r} is not expected here", position)


def _unexpected_token(query: str, token: Token) -> QueryError:
    if token.type == "$END":
        opened = _open_parenthesis(query)
        if opened is not None:
            return QueryError("this parenthesis is not closed", opened)
        return QueryError("a condition is expected after this", max(0, len(query.rstrip()) - 1))
    position = token.start_pos or 0
    if token.type == "RPAR":
        before = query[:position].rstrip()
        if before.endswith("("):
            message = "nothing is in these parentheses; put text with parentheses in quotes"
            return QueryError(message, len(before) - 1, position - len(before) + 2)
        if _open_parenthesis(query[:position]) is None:
            return QueryError("no parenthesis is open here", position)
        return QueryError("a condition is expected before this", position)
    return QueryError(f"{str(token)!r} is not expected here", position, len(token))


def _open_parenthesis(query: str) -> int | None:
    """Return the position of the last parenthesis that is not closed."""
    opened = []
    for match in re.finditer(r'(?<!\S)"(?:[^"\\]|\\.)*"|(?<=:)"(?:[^"\\]|\\.)*"|[()]', query):
        if match[0] == "(":
            opened.append(match.start())
        elif match[0] == ")" and opened:
            opened.pop()
    return opened[-1] if opened else None


def _tree(item: Tree[Token] | Token) -> Tree[Token]:
    if not isinstance(item, Tree):
        raise TypeError(item)
    return item


def _read(tree: Tree[Token], depth: int) -> Node:
    """Turn a parse tree into a syntax tree."""
    if depth == 0:
        raise QueryError(f"more than {MAX_DEPTH} conditions in each other", tree.meta.start_pos)
    if tree.data in {"term", "terms"}:
        return _read_terms(tree)
    parts = [part for part in tree.children if isinstance(part, Tree)]
    if not parts:
        return _read_text(tree.data, _token(tree, 0))
    items = [_read(part, depth - 1) for part in parts]
    if tree.data == "negated":
        return Not(items[0])
    return any_of(items) if tree.data == "either" else all_of(items)


def _token(tree: Tree[Token], index: int) -> Token:
    token = tree.children[index]
    if not isinstance(token, Token):
        raise TypeError(token)
    return token


def _text(token: Token) -> bytes:
    if token.type == "STRING":
        return values.unquote(token[1:-1])
    return token.encode(errors="surrogatepass")


def _place(token: Token) -> tuple[int, int]:
    return token.start_pos or 0, len(token)


def _read_text(kind: str, token: Token) -> Node:
    """Read a condition on the raw record."""
    if kind == "regex_text":
        return Regex(_read_regex(token))
    if kind == "word" and token == "*":
        return Anything()
    if kind == "word" and token in {"AND", "OR", "NOT"}:
        message = f"{token} needs a condition on both sides; put the word in quotes to find it"
        raise QueryError(message, *_place(token))
    if kind == "word" and token.removesuffix(":") in FIELDS and token.endswith(":"):
        raise QueryError(f"{token} needs a value", *_place(token))
    text = _text(token)
    if b"\n" in text:
        raise QueryError("text is looked for line by line: no \\n in it", *_place(token))
    return Phrase(text, ignore_case=kind == "icase_text") if text else Anything()


def _read_regex(token: Token) -> str:
    regex = values.unquote_regex(token[1:-1])
    try:
        values.compile_regex(regex)
    except BadPattern as error:
        raise QueryError(str(error), *_place(token)) from error
    return regex


def _read_terms(tree: Tree[Token]) -> Node:
    """Read ``name:value`` and ``name:(value OR value)``."""
    name_token = _token(tree, 0)
    written, position = name_token[:-1], name_token.start_pos or 0
    own = written not in FIELDS
    name = written.removeprefix(OWN_PREFIX)
    if not name:
        raise QueryError("a name is expected after 'field.'", position, len(name_token))
    items: list[Node] = []
    for child in tree.children[1:]:
        value = _tree(child)
        if written == "level":
            items.append(_read_level(value))
        else:
            test = _read_test(value, "" if own else name)
            items.append(Term(name, test, own=own, position=position))
    return any_of(items)


def _split_operator(value: Tree[Token]) -> tuple[str, Token]:
    tokens = [token for token in value.children if isinstance(token, Token)]
    return (str(tokens[0]), tokens[1]) if len(tokens) == 2 else ("", tokens[0])


def _read_level(value: Tree[Token]) -> LevelRange:
    operator, token = _split_operator(value)
    text = _text(token).decode(errors="replace")
    if value.data == "regex_value":
        raise QueryError("a level is one of these names: " + _LEVEL_NAMES, *_place(token))
    low, separator, high = text.partition("..")
    if separator and not operator:
        first, last = _level(low, token), _level(high, token)
        if first > last:
            raise QueryError(f"{low} is above {high}", *_place(token))
        return LevelRange(first, last)
    level = _level(text, token)
    if operator in {"", "="}:
        return LevelRange(level, level)
    if level == Level.NONE:
        raise QueryError("records without a level cannot be compared", *_place(token))
    if operator.startswith(">"):
        lowest = level + (operator == ">")
        if lowest > Level.FATAL:
            raise QueryError("no level is above fatal", *_place(token))
        return LevelRange(Level(lowest), Level.FATAL)
    highest = level - (operator == "<")
    if highest < Level.TRACE:
        raise QueryError("no level is below trace", *_place(token))
    return LevelRange(Level.TRACE, Level(highest))


_LEVELS: Final = {level.name.lower(): level for level in Level} | {
    "information": Level.INFO,
    "notice": Level.INFO,
    "warning": Level.WARN,
    "err": Level.ERROR,
    "severe": Level.ERROR,
    "critical": Level.FATAL,
    "crit": Level.FATAL,
}
_LEVEL_NAMES: Final = ", ".join(level.name.lower() for level in Level)


def _level(name: str, token: Token) -> Level:
    level = _LEVELS.get(name.lower())
    if level is not None:
        return level
    close = difflib.get_close_matches(name.lower(), _LEVELS, n=1)
    hint = f"did you mean {close[0]}?" if close else f"levels are {_LEVEL_NAMES}"
    raise QueryError(f"{name!r} is not a level; {hint}", *_place(token))


def _read_test(value: Tree[Token], name: str) -> Test:
    """Read the right-hand side of a term; ``name`` is a built-in field or empty."""
    operator, token = _split_operator(value)
    if value.data == "regex_value":
        return Matches(_read_regex(token))
    text = _text(token)
    if value.data == "icase_value":
        return Equals(text, ignore_case=True)
    if operator not in {"", "="}:
        if name in ORDERED_FIELDS:
            return Ranked(operator, text.decode(errors="replace"))
        if name in {"template", "component", "source", *LABEL_FIELDS}:
            message = f"{name} has no order; use a name, a pattern or {name}:(a OR b)"
            raise QueryError(message, *_place(token))
        return Compare(operator, _read_quantity(text.decode(errors="replace"), name, token))
    if operator or value.data == "quoted_value" or name == "template":
        return Equals(text)
    return _read_bare(str(token), name, token) or Equals(text)


def _read_bare(text: str, name: str, token: Token) -> Test | None:
    """Read what only a value without quotes can be: a network, a range, a pattern."""
    if name in {"location", ""} and "/" in text:
        try:
            return Within(str(ipaddress.ip_network(text, strict=False)))
        except ValueError:
            pass  # a path
    low, separator, high = text.partition("..")
    if separator and _QUANTITY_START.match(low) and _QUANTITY_START.match(high):
        first = _read_quantity(low, name, token)
        last = _read_quantity(high, name, token)
        return _between(first, last, token)
    return Like(text.encode(errors="surrogatepass")) if "*" in text else None


def _between(low: units.Quantity, high: units.Quantity, token: Token) -> Between:
    unit = low.unit or high.unit  # 1..2s
    low = units.Quantity(low.number, low.unit or unit)
    high = units.Quantity(high.number, high.unit or unit)
    if low.unit and high.unit and low.unit.dimension != high.unit.dimension:
        raise QueryError(f"{low} and {high} are not comparable", *_place(token))
    if low.amount > high.amount:
        raise QueryError(f"{low} is above {high}", *_place(token))
    return Between(low, high)


_QUANTITY_START = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[^\W\d]+|%)?$")
_DIMENSIONS: Final = {"duration": units.Dimension.TIME, "resource": units.Dimension.SIZE}


def _read_quantity(text: str, name: str, token: Token) -> units.Quantity:
    prefer = _DIMENSIONS.get(name)
    quantity = units.parse_quantity(text.encode(errors="replace"), prefer=prefer)
    if quantity is None:
        known = {"duration": units.TIME_SYMBOLS, "resource": units.SIZE_SYMBOLS}.get(
            name, f"{units.TIME_SYMBOLS} {units.SIZE_SYMBOLS} %"
        )
        message = f"{text!r} is not a number; units are {known}"
        raise QueryError(message, *_place(token))
    if name == "duration" and quantity.unit and quantity.unit.dimension != prefer:
        message = f"{quantity.unit.symbol} is not a unit of time: {units.TIME_SYMBOLS}"
        raise QueryError(message, *_place(token))
    return quantity
