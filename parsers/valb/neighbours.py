"""What corrected templates say of the other templates of their source.

A source writes the same things in the same way: where ``port`` was corrected once, the number
behind the next ``port`` means the same, and ``node-`` is constant before the next number too.
Each atom is compared with the labelled ones in several *contexts* (its shape, the words and
marks around it, the key before it); what was said there moves the tagger's probabilities. No
weights of the tagger change and no torch is needed: learning takes milliseconds, is the same
each time, and is forgotten by leaving the examples out.

Departure from VALB (Li et al., ICSE 2023), which has no learning from corrections.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from valb.category import CATEGORIES
from valb.scores import TAGS
from valb.truth import truth
from valb.views import View

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from numpy.typing import NDArray

    from valb.examples import Example
    from valb.scores import Scores

    Key = tuple[str, ...]
    Counts = dict[Key, NDArray[np.float64]]

# How much each context counts. Fitted to the labelled systems with 32 templates of each taken
# as labelled, then rounded; fitted without a system they are nearly the same (docs/valb.md).
TAG_TRUST = {"key": 0.27, "before": 0.26, "behind": 0.26, "two before": 0.13, "all": 0.08}
CATEGORY_TRUST = {
    "shape": 0.36,
    "word before": 0.30,
    "shape and word": 0.25,
    "both": 0.28,
    "words around": 0.18,
    "two before": 0.26,
}
# Messages that are looked at of one example.
MOST_OF_ONE = 40
# A probability of the tagger below this counts as this, so that examples can speak against it.
_LEAST = 1e-4
_WHOLE_KINDS = frozenset(
    {"date", "clock", "ip4", "ip6", "mac", "uuid", "url", "path", "name", "hex"}
)
_DIGITS, _LETTERS = re.compile(r"\d+"), re.compile(r"[A-Za-z\x80-\xff]+")
_LONGEST_SHAPE = 8


class _Contexts(NamedTuple):
    """The contexts in which each atom of a view is compared."""

    tags: list[list[Key]]
    categories: list[list[Key]]


def _shape(kind: str, text: str) -> str:
    if kind in _WHOLE_KINDS:
        return kind
    if kind == "number":
        return "decimal" if "." in text else "number"
    if text.isalpha():
        return "w" if text.islower() else "W"
    if kind == "mark":
        return text
    return _LETTERS.sub("a", _DIGITS.sub("0", text))[:_LONGEST_SHAPE]


def _keys(view: View) -> Iterator[Key]:
    """Yield what names each atom: the ``key=`` that its token begins with, else a word before.

    The last part says whether the atom is the first one behind it.
    """
    kinds, texts, spaced = view.atoms.kinds, view.atoms.texts, view.atoms.spaced
    start, head, word_before, last_word = 0, 0, "^", "^"
    for i, text in enumerate(texts):
        if i == 0 or spaced[i]:
            start, word_before = i, last_word
            head = start + 1
            while head < len(texts) and not spaced[head] and kinds[head] == "mark":
                head += 1
            is_name = text.isalpha() or kinds[start] == "name"
            if not is_name or head == start + 1:
                head = start
        if head > start and i >= head:
            yield "".join(texts[start:head]), "first" if i == head else "later"
        else:
            yield " " + word_before, "first" if i == start else "later"
        if text.isalpha():
            last_word = text


def _contexts(view: View) -> _Contexts:
    atoms = view.atoms
    shapes = [_shape(kind, text) for kind, text in zip(atoms.kinds, atoms.texts, strict=True)]
    is_word = [text.isalpha() for text in atoms.texts]
    own = [
        (" " if spaced else "") + (text if word or kind == "mark" else shape)
        for kind, text, spaced, word, shape in zip(
            atoms.kinds, atoms.texts, atoms.spaced, is_word, shapes, strict=True
        )
    ]
    padded = ["^^", "^", *own, "$", "$$"]
    left, right = _words_around(atoms.texts, is_word)
    found = _Contexts([], [])
    for i, (name, place) in enumerate(_keys(view)):
        two_before, before, this, behind, two_behind = padded[i : i + 5]
        shape = shapes[i]
        looks = this if atoms.kinds[i] == "mark" else "W" if is_word[i] else "v"
        tags: list[Key] = [
            ("key", name, place, looks if place == "first" or looks == this else "v"),
            ("before", before, shape),
            ("behind", shape, behind),
            ("two before", two_before, before, shape),
            ("all", two_before, before, shape, behind, two_behind),
        ]
        categories: list[Key] = [
            ("shape", shape),
            ("word before", left[i]),
            ("shape and word", shape, left[i]),
            ("both", before, shape, behind),
            ("words around", left[i], right[i], shape),
            ("two before", two_before, before, shape),
        ]
        found.tags.append(tags)
        found.categories.append(categories)
    return found


def _words_around(texts: list[str], is_word: list[bool]) -> tuple[list[str], list[str]]:
    """Give the words before and behind each atom, marks and numbers left out."""
    left = _words_before(texts, is_word)
    return left, _words_before(texts[::-1], is_word[::-1])[::-1]


def _words_before(texts: list[str], is_word: list[bool]) -> list[str]:
    found, last = [], ""
    for text, word in zip(texts, is_word, strict=True):
        found.append(last)
        if word:
            last = text.lower()
    return found


class Neighbours:
    """What examples of a source say, by context.

    Parameters
    ----------
    examples : iterable of Example
        Corrected templates with messages of theirs; those without messages say nothing.
    """

    def __init__(self, examples: Iterable[Example]) -> None:
        self._tags: Counts = {}
        self._categories: Counts = {}
        self.examples = 0  # that have messages
        for example in examples:
            tags: defaultdict[Key, NDArray[np.float64]] = defaultdict(lambda: np.zeros(TAGS))
            kinds: defaultdict[Key, NDArray[np.float64]] = defaultdict(
                lambda: np.zeros(len(CATEGORIES))
            )
            for sample in example.samples[:MOST_OF_ONE]:
                _count(example, sample, tags, kinds)
            self.examples += bool(tags)
            # Each template has one voice in a context, however many atoms of it are there.
            for total, counted in ((self._tags, tags), (self._categories, kinds)):
                for key, counts in counted.items():
                    share = counts / counts.sum()
                    total[key] = total[key] + share if key in total else share

    def adjusted(self, view: View, scores: Scores) -> Scores:
        """Give the scores of a view's atoms with what the examples say of them."""
        if not len(scores.tags) or not self._tags:
            return scores
        contexts = _contexts(view)
        tags = _moved(scores.tags.astype(float), contexts.tags, self._tags, TAG_TRUST)
        categories = _moved(
            np.exp(scores.categories.astype(float)),
            contexts.categories,
            self._categories,
            CATEGORY_TRUST,
        )
        return replace(
            scores,
            tags=tags.astype(np.float32),
            categories=np.log(categories).astype(np.float32),
        )


def _count(example: Example, sample: str, tags: Counts, kinds: Counts) -> None:
    places = example.fit(sample)
    if places is None:
        return
    view = View(sample, (0, len(sample)), 0, 0, 0, (), 1)
    found, numbers = truth(view, places, example.numbers)
    contexts = _contexts(view)
    for i, (tag, number) in enumerate(zip(found.tolist(), numbers.tolist(), strict=True)):
        for key in contexts.tags[i]:
            tags[key][tag] += 1
        if number >= 0:
            for key in contexts.categories[i]:
                kinds[key][number] += 1


def _moved(
    chances: NDArray[np.float64],
    contexts: list[list[Key]],
    counts: Counts,
    trust: Mapping[str, float],
) -> NDArray[np.float64]:
    """Move probabilities, (T, C), towards what was counted, as far as each context is trusted.

    In a context with counts ``n`` of ``N`` templates a class gains the logarithm of
    ``(n + p) / ((N + 1) p)``, ``p`` the tagger's probability, times the context's trust.
    """
    chances = np.maximum(chances, _LEAST)
    chances /= chances.sum(-1, keepdims=True)
    logs = np.log(chances)
    for i, keys in enumerate(contexts):
        gained = np.zeros(chances.shape[1])
        for key in keys:
            seen = counts.get(key)
            if seen is not None:
                said = np.log((seen + chances[i]) / (seen.sum() + 1))
                gained += trust[key[0]] * (said - logs[i])
        logs[i] += gained
    logs -= logs.max(-1, keepdims=True)
    moved = np.exp(logs)
    result: NDArray[np.float64] = np.maximum(moved / moved.sum(-1, keepdims=True), _LEAST / 100)
    return result
