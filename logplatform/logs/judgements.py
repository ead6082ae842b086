"""What templates have been called by whoever judges them, as far as queries ask for it.

Judging is the triage app's, which this app may not import: it registers here where labels are
found. Nothing is judged or stored here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from logplatform.logs.errors import NoJudgeError

# Gives the labels of a source's templates by their rows: (the source's row, a field's name).
Labels: TypeAlias = Callable[[int, str], Mapping[int, str]]
# Gives the labels that a field may have in a source, from the most to the least.
Order: TypeAlias = Callable[[int, str], Sequence[str]]


def _no_judge(source_id: int, field: str) -> Mapping[int, str]:
    raise NoJudgeError(f"{field} of source {source_id}: no app has registered as judge")


def _no_order(source_id: int, field: str) -> Sequence[str]:
    raise NoJudgeError(f"{field} of source {source_id}: no app has registered as judge")


_judge: list[tuple[Labels, Order]] = [(_no_judge, _no_order)]


def register(labels: Labels, order: Order) -> None:
    """Say where the labels of templates are found; the last one to say so counts."""
    _judge[0] = labels, order


class Judgements:
    """The labels of templates as one answer sees them: each is read once."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, str], Mapping[int, str]] = {}
        self._orders: dict[tuple[int, str], Sequence[str]] = {}

    def of(self, source_id: int, field: str) -> Mapping[int, str]:
        """Return the labels of a source's templates, by their rows; without one: no entry."""
        key = (source_id, field)
        if key not in self._known:
            self._known[key] = _judge[0][0](source_id, field)
        return self._known[key]

    def order(self, source_id: int, field: str) -> Sequence[str]:
        """Return the labels that a field may have in a source, from the most to the least."""
        key = (source_id, field)
        if key not in self._orders:
            self._orders[key] = _judge[0][1](source_id, field)
        return self._orders[key]
