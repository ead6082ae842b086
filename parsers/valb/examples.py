"""Templates that a person has corrected: what they say, and which messages they fit.

An example is obeyed at once by every structure whose message it fits; the tagger is not asked
there. How a tagger learns from examples for the rest of a source is in `fine_tuning`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from valb.category import CATEGORIES, Category
from valb.errors import BadExample, BadModel
from valb.labels import MARKER
from valb.structures import is_hollow

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    Places = list[tuple[int, int]]

EXAMPLES_FILE = "examples.json"
# Each new structure is held against all of them.
MAX_EXAMPLES = 5_000
# Messages kept of an example.
MAX_SAMPLES = 16
# An example with fewer constant words takes only values that look like those of its samples:
# ``<OBN>: <OTP>`` would be the template of half a log.
LEAST_WORDS = 2
_MARKER = re.compile(r"<(\*|" + "|".join(CATEGORIES) + ")>")
_BLANKS = re.compile(r"[\x00-\x20\x7f]+")
_WORD = re.compile(r"[A-Za-z\x80-\xff][0-9A-Za-z_\x80-\xff]+")


@dataclass(frozen=True)
class Example:
    """A template as a person says it is.

    Parameters
    ----------
    typed_text : str
        Constants, and variables as ``<OID>``, ``<LOI>`` ...; ``<*>`` leaves the category to the
        tagger. Runs of blanks count as one.
    samples : tuple of str
        Messages of this template, one character a byte (Latin-1). They tell which values may
        hold blanks; where there are none, no value does.
    """

    typed_text: str
    samples: tuple[str, ...] = ()
    categories: tuple[Category | None, ...] = field(init=False, compare=False)
    parts: tuple[str, ...] = field(init=False, compare=False)  # constants between the variables
    _hint: str = field(init=False, compare=False)  # what every message that fits has
    _has_blanks: tuple[bool, ...] = field(init=False, compare=False)  # a value of the samples
    _shapes: tuple[frozenset[str], ...] | None = field(init=False, compare=False)

    def __post_init__(self) -> None:
        text = _BLANKS.sub(" ", self.typed_text).strip(" ")
        pieces = _MARKER.split(text.encode().decode("latin-1"))
        parts = tuple(pieces[::2])
        if not any(parts):
            raise BadExample(f"{self.typed_text!r}: a template has constant text")
        if not all(parts[1:-1]):
            raise BadExample(f"{self.typed_text!r}: two variables touch; make them one")
        found = {
            "typed_text": text,
            "categories": tuple(None if n == "*" else Category(n) for n in pieces[1::2]),
            "parts": parts,
            "samples": self.samples[:MAX_SAMPLES],
            "_hint": max(" ".join(parts).split(" "), key=len),
        }
        for name, value in found.items():
            object.__setattr__(self, name, value)
        self._look_at_samples()

    def _look_at_samples(self) -> None:
        values: list[list[str]] = [[] for _ in self.categories]
        for sample in self.samples:
            places = match(sample, self.parts)
            if places is None:
                raise BadExample(f"{self.typed_text!r} does not fit its line {sample!r}")
            for column, (start, end) in zip(values, places, strict=True):
                column.append(sample[start:end])
        blanks = tuple(any(map(_BLANKS.search, column)) for column in values)
        object.__setattr__(self, "_has_blanks", blanks)
        is_weak = self.samples and len(_WORD.findall(" ".join(self.parts))) < LEAST_WORDS
        shapes = tuple(frozenset(map(_shape, column)) for column in values) if is_weak else None
        object.__setattr__(self, "_shapes", shapes)

    @property
    def text(self) -> str:
        """The template with variables as ``<*>``, one character a byte."""
        return MARKER.join(self.parts)

    @property
    def constant_bytes(self) -> int:
        """Of two examples that fit a message the one with more is right."""
        return sum(map(len, self.parts))

    @property
    def numbers(self) -> tuple[int, ...]:
        """The categories as indices, -1 where the tagger's holds."""
        return tuple(-1 if c is None else CATEGORIES.index(c) for c in self.categories)

    def fit(self, message: str) -> Places | None:
        """Find where the variables lie in a message; None where the example does not fit."""
        places = match(message, self.parts) if self._hint in message else None
        if places is None:
            return None
        for k, (start, end) in enumerate(places):
            value = message[start:end]
            if not self._has_blanks[k] and _BLANKS.search(value):
                return None
            if (
                self._shapes is not None
                and self.samples
                and _shape(value) not in self._shapes[k]
            ):
                return None
        return places

    def to_list(self) -> list[Any]:
        """Give what `from_list` needs, as JSON values."""
        return [self.typed_text, list(self.samples)]

    @classmethod
    def from_list(cls, data: Sequence[Any]) -> Example:
        """Read what `to_list` gave."""
        typed_text, samples = data
        return cls(typed_text, tuple(samples))


def _shape(value: str) -> str:
    shape = re.sub(r"[a-z\x80-\xff]+", "a", value)
    return re.sub(r"[0-9]+", "0", re.sub(r"[A-Z]+", "A", shape))


def match(message: str, parts: Sequence[str]) -> Places | None:
    """Find the values between a template's constants, as globs are matched.

    Each constant lies at its first place behind the one before, the last one at the end. A
    value has no bytes only where one may be missing (see `is_hollow`). None where it does not
    fit.
    """
    text, origins = _plain(message)
    first, *rest = parts
    if not text.startswith(first) or (not rest and text != first):
        return None
    places = []
    place = len(first)
    for number, part in enumerate(rest, 1):
        at_end = number == len(rest)
        least = place if is_hollow(text, place) else place + 1
        found = len(text) - len(part) if at_end else text.find(part, least)
        if found < least or (at_end and not text.endswith(part)):
            return None
        places.append((place, found))
        place = found + len(part)
    if origins is None:
        return places
    return [(origins[a][0], origins[b - 1][1] if b > a else origins[a][0]) for a, b in places]


def _plain(message: str) -> tuple[str, list[tuple[int, int]] | None]:
    """Make runs of blanks one; give where each character was, None where nothing changed."""
    text = _BLANKS.sub(" ", message).strip(" ")
    if text == message:
        return text, None
    origins = [
        found.span() for found in re.finditer(r"[\x00-\x20\x7f]+|[^\x00-\x20\x7f]", message)
    ]
    if _BLANKS.match(message):
        origins = origins[1:]
    return text, [*origins, (len(message), len(message))]


def read_examples(model: Path) -> list[Example]:
    """Read the examples that were saved with a model; none where there are none."""
    path = model / EXAMPLES_FILE
    if not path.is_file():
        return []
    try:
        return [Example.from_list(data) for data in json.loads(path.read_text("utf-8"))]
    except (ValueError, TypeError) as error:
        raise BadModel(f"{path}: {error}") from error


def write_examples(model: Path, examples: Iterable[Example]) -> None:
    """Save examples with a model, so that whoever loads it obeys them."""
    text = json.dumps([example.to_list() for example in examples], indent=1)
    (model / EXAMPLES_FILE).write_text(text + "\n", "utf-8")


class Examples:
    """The examples of one source."""

    def __init__(self, examples: Iterable[Example] = ()) -> None:
        self._examples: dict[str, Example] = {}  # by text, as no two may differ in categories
        for example in examples:
            self.add(example)

    def __iter__(self) -> Iterator[Example]:
        return iter(self._examples.values())

    def __len__(self) -> int:
        return len(self._examples)

    def add(self, example: Example) -> None:
        """Take an example; one of the same text is replaced."""
        if len(self._examples) >= MAX_EXAMPLES and example.text not in self._examples:
            raise BadExample(f"more than {MAX_EXAMPLES} examples")
        self._examples[example.text] = example

    def drop(self, text: str) -> bool:
        """Forget the example of a text, one character a byte; tells whether there was one."""
        return self._examples.pop(text, None) is not None

    def find(self, message: str) -> tuple[Example, Places] | None:
        """Find the example that fits a message best, and where its variables lie."""
        best: tuple[Example, Places] | None = None
        for example in self._examples.values():
            if best is None or example.constant_bytes > best[0].constant_bytes:
                places = example.fit(message)
                if places is not None:
                    best = example, places
        return best
