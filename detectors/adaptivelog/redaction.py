"""Takes out of a text what must not leave the house, and puts it back into the answer.

Two sources: variables whose type the parser knows, exactly; and patterns for what lies in
constant text or was typed wrongly. A value has the same placeholder wherever it occurs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from adaptivelog.patterns import DETECTORS, Kind, find_secrets

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["DETECTORS", "Kind", "Redactor", "TypedValue"]

# Categories of VALB whose values name something: objects by id or name, places. Switches,
# amounts, durations, types and status codes are what the question is about and stay.
PRIVATE = {"OID": Kind.ID, "LOI": Kind.PLACE, "OBN": Kind.NAME, "TID": Kind.ID, "SID": Kind.ID}
MAX_CHARACTERS = 16_000  # of a text; a prompt shows 4,000, and patterns take time
PLACEHOLDER = re.compile(r"<([A-Z_]+)_(\d+)>")


@dataclass(frozen=True, slots=True)
class TypedValue:
    """A variable's place in a text, in characters, with its category's three letters."""

    start: int
    end: int
    category: str


@dataclass
class Redactor:
    """Placeholders of one request, or of one conversation when kept.

    Attributes
    ----------
    values : dict of str to str
        Placeholder to what it stands for. Never leaves the process.
    """

    values: dict[str, str] = field(default_factory=dict)
    _names: dict[tuple[Kind, str], str] = field(default_factory=dict)

    def redact(self, text: str, *, typed: Iterable[TypedValue] = ()) -> str:
        """Replace what is private by placeholders such as ``<ADDRESS_1>``.

        Of a longer text than `MAX_CHARACTERS` only the beginning is given, up to a blank, so
        that no secret is cut into a part that looks harmless.
        """
        if len(text) > MAX_CHARACTERS:
            text = (text[:MAX_CHARACTERS].rsplit(None, 1) or [""])[0] + " ..."
        spans = [(found.start, found.end, found.kind) for found in find_secrets(text)]
        spans += [
            (value.start, value.end, PRIVATE[value.category])
            for value in typed
            if value.category in PRIVATE and value.start < value.end <= len(text)
        ]
        parts: list[str] = []
        end = 0
        for start, stop, kind in _disjoint(spans):
            parts += [_neutral(text[end:start]), self._placeholder(kind, text[start:stop])]
            end = stop
        parts.append(_neutral(text[end:]))
        return "".join(parts)

    def restore(self, text: str) -> str:
        """Put the values back. The result is data: text to show, nothing to run."""
        return PLACEHOLDER.sub(lambda found: self.values.get(found[0], found[0]), text)

    def _placeholder(self, kind: Kind, value: str) -> str:
        name = self._names.get((kind, value))
        if name is None:
            number = sum(known is kind for known, _ in self._names) + 1
            name = self._names[kind, value] = f"<{kind.upper()}_{number}>"
            self.values[name] = value
        return name


def _neutral(text: str) -> str:
    """Spoil what looks like a placeholder in the log itself, or restoring would fill it."""
    return PLACEHOLDER.sub(r"<\1-\2>", text)


def _disjoint(spans: list[tuple[int, int, Kind]]) -> Iterable[tuple[int, int, Kind]]:
    """Merge spans that overlap, so that no part of any stays; the longest names the kind."""
    merged: list[tuple[int, int, Kind, int]] = []
    for start, end, kind in sorted(spans):
        if merged and start < merged[-1][1]:
            first, last, known, longest = merged[-1]
            if end - start > longest:
                known, longest = kind, end - start
            merged[-1] = (first, max(last, end), known, longest)
        else:
            merged.append((start, end, kind, end - start))
    return [(start, end, kind) for start, end, kind, _ in merged]
