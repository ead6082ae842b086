"""Structures that differ in single words only and have one template: no tagger is needed there.

Where several structures of a template are equal but for the words at some places, a further one
that is equal but for those places has the same template. What varies is learned from structures
that were tagged; nothing is guessed here.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from valb._tally import items, messages
from valb.variables import NO_SCORES, Variable
from valb.views import View

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from logscan import RecordBatch, Span
    from valb.structures import Frozen, Known

    _Layout = tuple[int, int, int, tuple[int, ...]]

# So many structures, and so many different words at a place, are needed to learn from.
LEAST_STRUCTURES, LEAST_WORDS = 4, 3
# A frame in which more sets of places vary is not worth the look-ups.
MOST_SETS = 8
# About 1 KB each. Beyond it all are forgotten; what is alike then is tagged and learned again.
MOST_FAMILIES = 20_000
# Layouts that a family remembers the spans of.
MOST_LAYOUTS = 256
_START, _END = 0, 1


class Items(NamedTuple):
    """A message's slots and words; ``frame`` is a hash of all that lies between them."""

    frame: int
    hashes: list[int]  # 1 for a slot
    starts: list[int]  # in the view's text
    ends: list[int]


def items_of(view: View) -> Items:
    """Cut a view into items."""
    return Items(*items(view.text.encode("latin-1"), view.edges))


def bare_views(batch: RecordBatch, structures: Iterable[int]) -> list[tuple[View, Items]]:
    """Give views of some structures with the values of their first records only, and items."""
    found = messages(batch, structures)
    return [(View(*message), Items(*inside)) for message, inside in found]


class _Bound(NamedTuple):
    """An end of a variable, relative to an item: ``offset`` from its start or its end."""

    item: int
    side: int  # _START or _END of the item
    offset: int

    def place(self, found: Items) -> int:
        """Return where it is in a structure's text."""
        return (found.ends if self.side == _END else found.starts)[self.item] + self.offset


@dataclass(slots=True)
class Family:
    """A template as it lies in structures of one frame."""

    entry: int
    text: str  # of the template when this was learned; another one makes it invalid
    bounds: list[tuple[_Bound, _Bound]]
    varying: tuple[int, ...]
    # By where the message lies, which items are slots, and the sizes of the varying words.
    spans: dict[
        tuple[int, int, int, tuple[int, ...]], tuple[tuple[Span, ...], tuple[Frozen, ...]]
    ] = field(default_factory=dict)

    def variables(self, view: View) -> list[Variable]:
        """Give the variables of a structure of the family."""
        found = items_of(view)
        return [Variable(a.place(found), b.place(found), NO_SCORES) for a, b in self.bounds]


class Families:
    """What was learned, by frame and set of varying items."""

    def __init__(self) -> None:
        self._sets: defaultdict[int, dict[tuple[int, ...], dict[tuple[int, ...], Family]]] = (
            defaultdict(dict)
        )
        self._count = 0

    def find(self, found: Items) -> Family | None:
        """Find the family that a structure belongs to."""
        for varying, families in self._sets.get(found.frame, {}).items():
            family = families.get(_rest(found.hashes, varying))
            if family is not None:
                return family
        return None

    def drop(self, family: Family, found: Items) -> None:
        """Forget a family whose template has changed; ``found`` is of one that it took in."""
        del self._sets[found.frame][family.varying][_rest(found.hashes, family.varying)]

    def learn(self, entry: int, text: str, members: Sequence[Known]) -> None:
        """Learn from structures of one template, all of them tagged."""
        if self._count > MOST_FAMILIES:
            self._sets.clear()
            self._count = 0
        frames: defaultdict[int, list[tuple[Items, Known]]] = defaultdict(list)
        for known in members:
            found = items_of(known.view)
            frames[found.frame].append((found, known))
        for frame, alike in frames.items():
            if len(alike) >= LEAST_STRUCTURES:
                self._learn_frame(frame, entry, text, alike)

    def _learn_frame(
        self, frame: int, entry: int, text: str, alike: Sequence[tuple[Items, Known]]
    ) -> None:
        columns = zip(*(found.hashes for found, _ in alike), strict=True)
        varying = tuple(
            k for k, column in enumerate(columns) if len(set(column)) >= LEAST_WORDS
        )
        sets = self._sets[frame]
        if not varying or (varying not in sets and len(sets) >= MOST_SETS):
            return
        for found, known in alike:
            families = sets.setdefault(varying, {})
            rest = _rest(found.hashes, varying)
            if rest in families and families[rest].text == text:
                continue
            bounds = _bounds(found, known.variables, varying)
            if bounds is not None:
                families[rest] = Family(entry, text, bounds, varying)
                self._count += 1


def _rest(hashes: Sequence[int], varying: tuple[int, ...]) -> tuple[int, ...]:
    rest = list(hashes)
    for k in varying:
        rest[k] = 0
    return tuple(rest)


def _bounds(
    found: Items, variables: Sequence[Variable], varying: tuple[int, ...]
) -> list[tuple[_Bound, _Bound]] | None:
    """Tie variables to items; None where a varying item is not a variable as a whole."""
    bounds = []
    covered: set[int] = set()
    for variable in variables:
        low, high = variable.start, variable.end
        inside = [
            k
            for k, (a, b) in enumerate(zip(found.starts, found.ends, strict=True))
            if a < high and b > low
        ]
        if not inside:
            return None
        covered.update(k for k in inside if found.starts[k] >= low and found.ends[k] <= high)
        bounds.append(
            (
                _Bound(inside[0], _START, low - found.starts[inside[0]]),
                _Bound(inside[-1], _END, high - found.ends[inside[-1]]),
            )
        )
    return bounds if covered.issuperset(varying) else None
