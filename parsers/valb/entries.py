"""One template that can still change, and what of its text is compared with others."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from valb._tally import likeliest_atoms
from valb.labels import MARKER
from valb.structures import CLOSES, OPENS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from valb.scores import Scores
    from valb.structures import Known
    from valb.templates import Template

_WORD = re.compile(
    r"[0-9A-Za-z_.$\-/\x80-\xff]*[0-9A-Za-z\x80-\xff][0-9A-Za-z_.$\-/\x80-\xff]*"
)


@dataclass(slots=True)
class Word:
    """A constant word of a template's text that may turn out to vary."""

    start: int
    end: int
    chance: float  # that it varies, as the tagger has it
    category: int  # should it vary


@dataclass(slots=True)
class Entry:
    """A template that can still change. Its text is one character a byte."""

    id: str
    text: str
    votes: NDArray[np.float64]  # (variables, 10) summed log-probabilities
    words: list[Word]
    members: dict[int, None] = field(default_factory=dict)  # hashes of its structures, in order
    merged_into: int = -1
    is_named: bool = False  # a format names its variables: it is like no other by resemblance
    # Categories that a person gave, -1 where the tagger's holds; such a text stays as it is.
    taught: tuple[int, ...] | None = None
    template: Template | None = None  # made when asked for


def n_words(text: str) -> int:
    """Count the constant words."""
    return len(_WORD.findall(text.replace(MARKER, " ")))


def without_hollow(text: str) -> tuple[str, list[int]]:
    """Take the variables out of a text that may be missing; give their places in the rest."""
    parts = text.split(MARKER)
    rest, places = parts[0], []
    for number, part in enumerate(parts[1:], 1):
        behind = part or MARKER * (number < len(parts) - 1)
        if rest[-1:] in OPENS and behind[:1] in CLOSES:
            places.append(len(rest))
            rest += part
        else:
            rest += MARKER + part
    return rest, places


def with_gap(text: str, word: Word) -> str:
    """Put a variable in place of a word."""
    return text[: word.start] + MARKER + text[word.end :]


def constant_key(text: str) -> tuple[int, str]:
    """Give what two texts share if one has bytes in a variable that the other has beside it."""
    tokens = text.split(" ")
    constants = [token for token in tokens if MARKER not in token]
    return len(tokens), max(constants, key=len, default="")


def words_of(text: str, known: Known, scores: Scores) -> Iterator[Word]:
    """Find the constant words of a text, with what the tagger thought of each."""
    chances = (1 - scores.tags[:, 0]).tolist()
    likeliest = scores.categories.argmax(-1).tolist()
    starts, _ = known.origins()
    atoms = known.view.atoms
    spans = [match.span() for match in _WORD.finditer(text.replace(MARKER, "\0\0\0"))]
    found = likeliest_atoms(spans, starts, atoms.kinds, atoms.starts, atoms.ends, chances)
    for (start, end), best in zip(spans, found, strict=True):
        if best >= 0:
            yield Word(start, end, chances[best], likeliest[best])


def kept_words(entry: Entry, places: Sequence[tuple[int, int]]) -> list[Word]:
    """Keep the words that no variable of a more general text covers, at their new places."""
    kept = []
    for word in entry.words:
        if any(word.start < high and word.end > low for low, high in places):
            continue
        shift = sum(len(MARKER) - (high - low) for low, high in places if high <= word.start)
        kept.append(Word(word.start + shift, word.end + shift, word.chance, word.category))
    return kept
