"""Group commit: requests that arrive while another is being synced share the next sync."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(slots=True)
class _Entry(Generic[Item, Result]):
    item: Item
    result: list[Result] = field(default_factory=list)
    error: BaseException | None = None
    is_done: bool = False
    woken: threading.Event = field(default_factory=threading.Event)


class GroupCommit(Generic[Item, Result]):
    """Lets one of several waiting threads write for all of them.

    No timer: a lone request writes at once; those that come while one writes wait together,
    and the first of them then writes for all. The turn is handed over, not fought for: with a
    plain lock the thread that just wrote tends to win it again, alone.
    """

    def __init__(self, write: Callable[[Sequence[Item]], Sequence[Result]]) -> None:
        self._write = write
        self._lock = threading.Lock()
        self._waiting: list[_Entry[Item, Result]] = []
        self._is_writing = False

    def submit(self, item: Item) -> Result:
        """Have ``item`` written, by this thread or another, and return its result."""
        entry: _Entry[Item, Result] = _Entry(item)
        with self._lock:
            self._waiting.append(entry)
            has_turn, self._is_writing = not self._is_writing, True
        if not has_turn:
            entry.woken.wait()
        if not entry.is_done:
            self._write_group()
        if entry.error is not None:
            raise entry.error
        return entry.result[0]

    def _write_group(self) -> None:
        with self._lock:
            group, self._waiting = self._waiting, []
        try:
            results = self._write([entry.item for entry in group])
            for entry, result in zip(group, results, strict=True):
                entry.result.append(result)
        except BaseException as error:
            for entry in group:
                entry.error = error
            raise
        finally:
            for entry in group:
                entry.is_done = True
                entry.woken.set()
            with self._lock:
                self._is_writing = bool(self._waiting)
                if self._waiting:
                    self._waiting[0].woken.set()
