"""The patterns of `logzip grep`: what they ask of a line, and which parts of it they match."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import re2

from logzip import _match
from logzip.conditions import And, Or, Regex, Text, compiled
from logzip.search import pieces_matched

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from logzip.conditions import Condition

LineCondition: TypeAlias = "Text | Regex | And | Or"  # And and Or of line conditions alone
Parts: TypeAlias = "Callable[[bytes], Iterator[tuple[int, int]]]"

# More texts than these are looked for as one expression: each of its own would be a pass over
# the block, and what the footer rules out is then seldom worth it.
APART = 16
# RE2 has no look-around: the neighbours of a word are matched with it, around a group.
AS_WORD = b"(?:^|[^0-9A-Za-z_])(%s)(?:$|[^0-9A-Za-z_])"
AS_LINE = b"^(?:%s)$"
WHOLE = {"word": AS_WORD, "line": AS_LINE}


def line_condition(
    patterns: Sequence[bytes], *, regex: bool, ignore_case: bool = False, whole: str = ""
) -> LineCondition:
    """Return what is asked of a line: that it holds one of some patterns.

    ``whole`` is "word" where a match must not touch a letter, digit or underscore, "line" where
    it must be all of the line, else "". Without patterns no line is a hit.

    Raises
    ------
    BadPattern
    """
    if len(patterns) > APART:
        one = b"|".join(_expressions(patterns, regex=regex))
        return Regex(WHOLE[whole] % one if whole else one, ignore_case)
    asked = [
        _one(pattern, regex=regex, ignore_case=ignore_case, whole=whole) for pattern in patterns
    ]
    return asked[0] if len(asked) == 1 else Or(tuple(asked))


def _one(pattern: bytes, *, regex: bool, ignore_case: bool, whole: str) -> LineCondition:
    plain = Regex(pattern, ignore_case) if regex else Text(pattern, ignore_case)
    if not whole:
        return plain
    expression = pattern if regex else re2.escape(pattern)
    # The plain one is what the footer and the columns answer for.
    return And((plain, Regex(WHOLE[whole] % expression, ignore_case)))


def _expressions(patterns: Sequence[bytes], *, regex: bool) -> list[bytes]:
    """Return the alternatives of an expression; of texts, the longest that fits counts."""
    if regex:
        return [b"(?:%s)" % pattern for pattern in patterns]
    return [re2.escape(pattern) for pattern in sorted(patterns, key=len, reverse=True)]


def lines_that_hold(
    condition: Condition, text: bytes, edges: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Say of each line of a text, from edge to edge, whether it meets a line condition."""
    found = np.zeros(len(edges) - 1, bool)
    match condition:
        case And(parts):
            found[:] = True
            for part in parts:
                found &= lines_that_hold(part, text, edges)
        case Or(parts):
            for part in parts:
                found |= lines_that_hold(part, text, edges)
        case Text(pattern, ignore_case):
            return _match.holds_each(text, edges[:-1], edges[1:], pattern, ignore_case)
        case Regex():
            found[list(pieces_matched(compiled(condition), text, edges))] = True
        case _:
            raise TypeError(f"{condition!r} is no condition on a line")
    return found


def matching_parts(
    patterns: Sequence[bytes], *, regex: bool, ignore_case: bool = False, whole: str = ""
) -> Parts:
    """Return a function that yields the parts of a line that match, empty ones left out.

    Where several alternatives of an expression match at one place, the first is taken, as RE2
    does (grep takes the longest).
    """
    one = b"|".join(_expressions(patterns, regex=regex))
    if whole == "line":
        one = AS_LINE % one
    # A byte is a character here, so an expression of them needs no valid UTF-8.
    condition = Regex(AS_WORD % one if whole == "word" else one, ignore_case)
    if whole == "word":
        return partial(_words, compiled(condition, groups=True))
    return partial(_matches, compiled(condition))


def _matches(expression: Any, line: bytes) -> Iterator[tuple[int, int]]:  # noqa: ANN401  no types
    for found in expression.finditer(line):
        low, high = found.span()
        if low < high:
            yield low, high


def _words(expression: Any, line: bytes) -> Iterator[tuple[int, int]]:  # noqa: ANN401  no types
    """As `_matches`, for words: what follows one is what goes before the next."""
    at = 0
    while at <= len(line) and (found := expression.search(line, at)):
        low, high = found.span(1)
        if low < high:
            yield low, high
        at = max(high, at + 1)
