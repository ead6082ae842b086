"""What templates have been called by whoever judges them, as far as queries ask for it.

Judging is the triage app's, which this app may not import: it registers here where labels are
found. Nothing is judged or stored here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from logplatform.logs.errors import NoJudgeError

# Gives the labels of a source's templates by their rows: (the source's row, a field's name).
Labels: TypeAlias = Callable[[int, str], Mapping[int, str]]


def _no_judge(source_id: int, field: str) -> Mapping[int, str]:
    raise NoJudgeError(f"{field} of source {source_id}: no app has registered as judge")


_labels: list[Labels] = [_no_judge]


def register(labels: Labels) -> None:
    """Say where the labels of templates are found; the last one to say so counts."""
    _labels[0] = labels


class Judgements:
    """The labels of templates as one answer sees them: each is read once."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, str], Mapping[int, str]] = {}

    def of(self, source_id: int, field: str) -> Mapping[int, str]:
        """Return the labels of a source's templates, by their rows; without one: no entry."""
        key = (source_id, field)
        if key not in self._known:
            self._known[key] = _labels[0](source_id, field)
        return self._known[key]
