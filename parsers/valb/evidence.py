"""How words vary between the structures of one source. Values of slots are not counted here.

A letter-only variable (``user root``, ``user cyrus``) looks like any word in one line; that
other structures have other words at its place is what gives it away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from valb.views import View

# A count beyond this says nothing more.
_MOST = 32
# Each structure costs about 3 KB here; later ones are judged by what the first ones showed.
MAX_STRUCTURES = 20_000


class FanOut:
    """How many different values were seen for a key, up to `_MOST`."""

    def __init__(self) -> None:
        self._first: dict[int, int] = {}
        self._more: dict[int, set[int]] = {}

    def add(self, key: int, value: int) -> None:
        """Note that ``value`` was seen for ``key``."""
        first = self._first.setdefault(key, value)
        if first != value:
            others = self._more.setdefault(key, {first})
            if len(others) < _MOST:
                others.add(value)

    def count(self, key: int) -> int:
        """Return the number of different values seen."""
        others = self._more.get(key)
        return len(others) if others else int(key in self._first)


def skeleton(view: View) -> list[str]:
    """Give the texts of a view's atoms, those that lie in slots or hold a digit masked."""
    return [
        "0" if piece & 1 or (not atom.text.isalpha() and any(map(str.isdigit, atom.text)))
        else atom.text
        for atom, piece in zip(view.atoms, view.atom_pieces, strict=True)
    ]  # fmt: skip


class Evidence:
    """Counts over the skeletons of a source's structures; see `counts` for what is asked."""

    def __init__(self) -> None:
        self.structures = 0
        self._word_ids: dict[str, int] = {}
        self._alone = FanOut()  # all atoms but this one -> this one
        self._after = FanOut()  # the two atoms before -> this one
        self._before = FanOut()  # the two atoms behind -> this one
        self._seen: dict[int, int] = {}  # word -> structures with it

    def _keys(self, words: Sequence[str]) -> list[tuple[int, int, int, int]]:
        table = self._word_ids
        ids = [0, 0, *(table.setdefault(word, len(table) + 1) for word in words), 0, 0]
        left, right = [0] * len(ids), [0] * len(ids)
        for i in range(1, len(ids)):
            left[i] = hash((left[i - 1], ids[i - 1]))
            right[-i - 1] = hash((right[-i], ids[-i]))
        return [
            (
                ids[i],
                hash((left[i], right[i])),
                hash((ids[i - 2], ids[i - 1])),
                hash((ids[i + 1], ids[i + 2])),
            )
            for i in range(2, len(ids) - 2)
        ]

    def add(self, words: Sequence[str]) -> None:
        """Note one structure's skeleton."""
        if self.structures >= MAX_STRUCTURES:
            return
        self.structures += 1
        keys = self._keys(words)
        for word, alone, after, before in keys:
            self._alone.add(alone, word)
            self._after.add(after, word)
            self._before.add(before, word)
        for word in {key[0] for key in keys}:
            self._seen[word] = self._seen.get(word, 0) + 1

    def counts(self, words: Sequence[str]) -> list[tuple[int, int, int, int]]:
        """Give for each word of a skeleton four counts.

        Different words at its place where all else is equal; different words behind the two
        atoms before it; different words before the two atoms behind it; structures with it.
        """
        return [
            (
                self._alone.count(alone),
                self._after.count(after),
                self._before.count(before),
                self._seen.get(word, 0),
            )
            for word, alone, after, before in self._keys(words)
        ]
