"""From the tagger's scores to the variables of one view, and its template text."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from valb._tally import joint, keep_head, keep_tail, runs
from valb.category import CATEGORIES, Category

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from valb.scores import Scores
    from valb.views import View

# No log statement has one of these in its constant text.
_ALWAYS = frozenset({"date", "clock", "ip4", "ip6", "mac", "uuid"})
# Of a variable on which the tagger was not asked: every category alike.
NO_SCORES = np.full(len(CATEGORIES), -3.0)
NO_SCORES.flags.writeable = False
# Nor a number this long: checked on the templates of all labelled systems.
_LONG = re.compile(r"\d{5}|0[xX][0-9A-Fa-f]{4}")
_BLANKS = re.compile(r"[\x00-\x20\x7f]+")
# So far before a variable its name is looked for.
_NEAR = 24
_NUMBER, _HEX = re.compile(r"-?\d+(?:\.\d+)?"), re.compile(r"(?:0[xX])?[0-9a-fA-F]+")
_DIGITS, _LETTERS = re.compile(r"\d+"), re.compile(r"[A-Za-z\x80-\xff]+")


class Variable(NamedTuple):
    """A stretch of a view's text that varies."""

    start: int
    end: int
    scores: NDArray[np.float64]  # (10,) log-probability of each category, summed over atoms

    @property
    def category(self) -> Category:
        """The likeliest category."""
        return CATEGORIES[int(self.scores.argmax())]


def find_variables(view: View, scores: Scores) -> list[Variable]:
    """Decide which stretches of a view vary and what they mean.

    A slot holds at most one variable, and one whose values differ always does.
    """
    tags = scores.tags.argmax(-1).tolist()
    for i, (kind, text) in enumerate(zip(view.atoms.kinds, view.atoms.texts, strict=True)):
        if tags[i] or kind == "mark" or text.isalpha():
            continue
        if kind in _ALWAYS or _LONG.search(text):
            tags[i] = 1
    stretches = runs(view.atoms.kinds, view.atoms.texts, view.atoms.spaced, tags)
    found = [_variable(view, scores, a, b) for a, b in stretches if a <= b]
    pieces = view.atom_pieces
    covered = {pieces[i] for a, b in stretches for i in range(a, b + 1)}
    found += _missed(view, scores, covered)
    found.sort(key=lambda variable: variable.start)
    return agreed(view, _join(view, [_widen(view, variable) for variable in found]))


def agreed(view: View, found: list[Variable]) -> list[Variable]:
    """Let variables of one look that are joined to their names alike lean on each other.

    ``iar 0x1 dear 0x2``, ``total=3, boot=4``: what one of them means the others mostly mean
    too, so each takes the mean of its own chances and of all theirs.
    """
    if len(found) < 2:
        return found
    groups: defaultdict[tuple[str, bool, str], list[int]] = defaultdict(list)
    for number, variable in enumerate(found):
        start = variable.start
        look = _look(view.text[start : variable.end])
        groups[*joint(view.text, start, _NEAR), look].append(number)
    result = list(found)
    for numbers in groups.values():
        if len(numbers) > 1:
            scores = log_chances(np.stack([found[number].scores for number in numbers]))
            scores = (scores + scores.mean(0)) / 2
            for number, shared in zip(numbers, scores, strict=True):
                result[number] = result[number]._replace(scores=shared)
    return result


def log_chances(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Make summed log-probabilities of categories, (N, 10), those of one choice each."""
    scores = scores - scores.max(-1, keepdims=True)
    result: NDArray[np.float64] = scores - np.log(np.exp(scores).sum(-1, keepdims=True))
    return result


def _look(value: str) -> str:
    """Tell numbers, hexadecimal and all else by its letters and digits."""
    if _NUMBER.fullmatch(value):
        return "number"
    if _HEX.fullmatch(value):
        return "hex"
    return _LETTERS.sub("a", _DIGITS.sub("0", value))[:_NEAR]


def _variable(view: View, scores: Scores, first: int, last: int) -> Variable:
    atoms, categories = view.atoms, scores.categories
    if first == last:
        total = categories[first].astype(float)
    else:
        total = np.add.reduce(categories[first : last + 1], 0, float)
    return Variable(atoms.starts[first], atoms.ends[last], total)


def scored(view: View, scores: Scores, start: int, end: int) -> Variable:
    """Make a variable of a stretch of a view, with what the tagger says of its meaning."""
    atoms = view.atoms
    places = enumerate(zip(atoms.starts, atoms.ends, strict=True))
    inside = [i for i, (low, high) in places if low < end and high > start]
    total = scores.categories[inside].sum(0, float) if inside else NO_SCORES
    return Variable(start, end, total)


def _missed(view: View, scores: Scores, covered: set[int]) -> list[Variable]:
    """Find slots whose values differ although the tagger held them constant."""
    missed = []
    for piece in range(1, len(view.edges) - 1, 2):
        empty = view.edges[piece] == view.edges[piece + 1]
        if piece in covered or empty or len(set(view.values[piece // 2])) == 1:
            continue
        inside = [i for i, place in enumerate(view.atom_pieces) if place == piece]
        total = scores.categories[inside].sum(0, float) if inside else UNKNOWN
        missed.append(Variable(view.edges[piece], view.edges[piece + 1], total))
    return missed


# What lies beyond the atoms that are tagged is "other".
UNKNOWN = np.array([-3.0] * 9 + [-0.5])


def _widen(view: View, variable: Variable) -> Variable:
    """Take in the ends of slots that are not the same in all sampled values."""
    start, end = variable.start, variable.end
    first, last = bisect_right(view.edges, start) - 1, bisect_right(view.edges, end - 1) - 1
    if first & 1:
        low = view.edges[first]
        head = view.text[low:start]
        values = view.values[first // 2]
        if not keep_head(values, head):
            start = low
        elif "-" in view.text[max(start - 1, low) : start + 1]:
            # What a dash joins to a variable is mostly a part of it: a-node-17, 2017-07-08.
            start = low
    if last & 1:
        high = view.edges[last + 1]
        tail = view.text[end:high]
        room = len(tail) + max(start - view.edges[last], 0)
        values = view.values[last // 2]
        if not keep_tail(values, tail, room):
            end = high
            if first == last and any(len(v) <= start - view.edges[first] for v in values):
                start = view.edges[first]
    if start == variable.start and end == variable.end:
        return variable
    return Variable(start, end, variable.scores)


def _join(view: View, found: Iterable[Variable]) -> list[Variable]:
    """Make one of variables that share a slot or have no byte between them."""
    joined: list[Variable] = []
    for variable in found:
        if joined:
            last = joined[-1]
            piece = bisect_right(view.edges, variable.start) - 1
            shared = piece & 1 and last.end > view.edges[piece]
            if shared or variable.start <= last.end:
                longer = max(last, variable, key=lambda v: v.end - v.start)
                joined[-1] = Variable(last.start, max(last.end, variable.end), longer.scores)
                continue
        joined.append(variable)
    return joined


def render(view: View, variables: Iterable[Variable]) -> str:
    """Write a template, one character a byte: variables as ``<*>``, runs of blanks as one."""
    parts: list[str] = []
    last = 0
    for variable in variables:
        parts += (view.text[last : variable.start], "<*>")
        last = variable.end
    parts.append(view.text[last:])
    return _BLANKS.sub(" ", "".join(parts)).strip(" ")
