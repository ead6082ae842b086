"""Templates as texts: which variable of one is which of another, words and variables put in.

Texts here have one character a byte, as valb's own have; `inner` and `outer` are the way there
and back. Nothing here knows of rows.
"""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from valb.labels import MARKER
from valb.structures import align

if TYPE_CHECKING:
    from collections.abc import Sequence

# A template with fewer constant words does not take in others that it happens to fit.
LEAST_WORDS = 2


def inner(text: str) -> str:
    """Return a text with one character a byte."""
    return text.encode("utf-8", "surrogatepass").decode("latin-1")


def outer(text: str) -> str:
    """Return a text of one character a byte as people read it."""
    return text.encode("latin-1").decode("utf-8", "backslashreplace")


def typed(text: str, categories: Sequence[str]) -> str:
    """Write a template's categories for its markers; one without a category stays ``<*>``."""
    parts = text.split(MARKER)
    named = [f"<{category}>" for category in categories]
    named += [MARKER] * (len(parts) - 1 - len(named))
    return parts[0] + "".join(mark + part for mark, part in zip(named, parts[1:], strict=False))


def markers(text: str) -> list[int]:
    """Return where each variable of a template's text begins."""
    places, at = [], text.find(MARKER)
    while at >= 0:
        places.append(at)
        at = text.find(MARKER, at + len(MARKER))
    return places


def counterpart(text: str, variable: int, other: str) -> list[int]:
    """Return which variables of another text are a variable of this one.

    The other text is the same, a more general one or a more special one; of any other none is.
    """
    if text == other:
        return [variable]
    places = align(text, other)
    if places is not None:
        at = markers(text)[variable]
        return [k for k, (low, high) in enumerate(places) if low <= at < high]
    places = align(other, text)
    if places is None:
        return []
    low, high = places[variable]
    return [k for k, at in enumerate(markers(other)) if low <= at < high]


def place_of(text: str, variable: int, other: str) -> list[int]:
    """Return which variables of a structure's own text are a variable of its template's.

    A template whose bytes are no UTF-8 is shown otherwise than it is, so that its structures
    do not fit it; there variables go by their number.
    """
    found = counterpart(text, variable, other)
    is_shown_otherwise = "\\x" in text or inner("\ufffd") in text
    if not found and is_shown_otherwise and len(markers(text)) == len(markers(other)):
        return [variable]
    return found


def fits(text: str, general: str) -> bool:
    """Say whether a template is one of a more general text by itself.

    Word for word: a variable stands for no blank, and a text that is nearly all variables
    would take in anything.
    """
    words = [word for word in general.replace(MARKER, " ").split() if word.isalnum()]
    if len(words) < LEAST_WORDS:
        return text == general
    places = align(text, general)
    return places is not None and all(" " not in text[low:high] for low, high in places)


def with_value(text: str, variable: int, value: str) -> str:
    """Put a value in the place of a variable."""
    at = markers(text)[variable]
    return text[:at] + value + text[at + len(MARKER) :]


def with_variable(text: str, start: int, end: int) -> str:
    """Put a variable in the place of a stretch."""
    return text[:start] + MARKER + text[end:]


def common_text(texts: Sequence[str]) -> str:
    """Return the text that all of some templates fit: where their words differ, a variable."""
    merged = texts[0]
    for text in texts[1:]:
        merged = _common(merged.split(" "), text.split(" "))
    return merged


def _common(left: list[str], right: list[str]) -> str:
    if len(left) == len(right):
        both = zip(left, right, strict=True)
        return " ".join(one if one == other else _word(one, other) for one, other in both)
    found: list[str] = []
    for tag, a, b, _, _ in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if tag == "equal":
            found += left[a:b]
        elif not found or found[-1] != MARKER:
            found.append(MARKER)
    return " ".join(found)


def _word(one: str, other: str) -> str:
    """Keep the punctuation that two words end with."""
    tail = 0
    while (
        tail < min(len(one), len(other)) - 1
        and one[-1 - tail] == other[-1 - tail]
        and one[-1 - tail] in ",;:)]}.\"'"
    ):
        tail += 1
    head = 0
    while (
        head < min(len(one), len(other)) - tail - 1
        and one[head] == other[head]
        and one[head] in "([{\"'"
    ):
        head += 1
    return one[:head] + MARKER + one[len(one) - tail :]
