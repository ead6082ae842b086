"""The templates of one source and the structures that have them; how templates become one.

Templates are compared by text. They become one when their texts do, when they differ in a word
that the tagger held for a variable in enough of them, or in the length of a list.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from valb.category import CATEGORIES
from valb.entries import (
    Entry,
    Word,
    constant_key,
    kept_words,
    n_words,
    with_gap,
    without_hollow,
    words_of,
)
from valb.labels import MARKER
from valb.structures import Known, align, widened
from valb.templates import Template, template_id
from valb.variables import NO_SCORES, UNKNOWN, Variable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from valb.scores import Scores

# About 7 KB each. Beyond it whatever fits no template is one that is a variable as a whole.
MAX_TEMPLATES = 20_000
# Templates that differ in one word are one when the tagger thought that word variable with at
# least this mean probability; an entry with a variable there counts as 1. The figures lie
# between the groups that are one template and those that are not, on the labelled systems.
SIBLINGS = 0.35
LEAST_CHANCE = 0.05  # of the words alone
# Many words at one place are evidence of themselves.
MANY, SIBLINGS_OF_MANY = 6, 0.1
# Templates that differ in the length of a list are one when one of the lists is this long.
LIST_ITEMS = 3
# Constant words that a template needs to take others in; others that it is compared with.
LEAST_WORDS = 2
MOST_COMPARED = 200
_LIST = re.compile(r"<\*>(?:(?: |, ?|; ?)<\*>)+")


class TemplateTable:
    """Templates and structures, with what changed since it was last asked."""

    def __init__(self) -> None:
        self.known: dict[int, Known] = {}
        self._entries: list[Entry] = []
        self._ids: set[str] = set()
        self._by_text: dict[tuple[str, int], int] = {}
        self._texts: set[int] = set()  # hashes of these texts
        # Hash of the text with a gap -> entry and word: the texts would be most of a table.
        self._by_gap: dict[int, list[tuple[int, Word]]] = {}
        self._by_constant: dict[tuple[int, str], list[int]] = {}  # see `constant_key`
        self._by_list: dict[str, list[int]] = {}  # text with each list as one -> entries
        self._by_head: dict[str, list[int]] = {}  # text up to the first variable -> entries
        self._by_rest: dict[str, list[int]] = {}  # text without what may be missing -> entries
        self._touched: dict[int, None] = {}  # entries with new tagged structures
        self._fresh: list[int] = []  # entries not compared with others yet
        self._changed: dict[int, None] = {}
        self._merged: list[int] = []

    def templates(self) -> tuple[Template, ...]:
        """All templates in force, in order of first appearance."""
        numbers = range(len(self._entries))
        return tuple(self.template(n) for n in numbers if self._entries[n].merged_into < 0)

    def template(self, number: int) -> Template:
        """Give an entry as it is now."""
        entry = self._entries[number]
        if entry.template is None:
            likeliest = entry.votes.argmax(-1).tolist()
            given = entry.taught or [-1] * len(likeliest)
            numbers = (a if a >= 0 else b for a, b in zip(given, likeliest, strict=True))
            categories = tuple(CATEGORIES[i] for i in numbers)
            parts = (
                entry.text.encode("latin-1").decode("utf-8", "backslashreplace").split(MARKER)
            )
            typed = parts[0] + "".join(
                f"<{category}>{part}"
                for category, part in zip(categories, parts[1:], strict=False)
            )
            entry.template = Template(entry.id, MARKER.join(parts), typed, categories)
        return entry.template

    def put(self, key: int, known: Known, scores: Scores | None) -> None:
        """Add a structure, or put it anew, under the template of its text.

        ``scores`` is None where the header format names the variables: such a template
        becomes one with none that only looks like it.
        """
        before = self.known.get(key)
        self.known[key] = known
        text = known.text()
        if before is not None:
            old = self._entries[before.entry]
            del old.members[key]
            if old.text != text and old.taught is None:
                self._generalise(before.entry, text, known)
        number = self._number(text, known, scores)
        self._join(number, key, known)
        self._touched[number] = None

    def teach(self, moved: Mapping[int, Known], text: str, taught: tuple[int, ...]) -> int:
        """Put structures, known or new, under a text that a person gave; returns its entry.

        A template all of whose structures move becomes the one of that text: the one with most
        of them keeps its id where no template has the text yet, the others end in it.
        """
        number = self._alive(text, len(taught))
        if number is not None and self._entries[number].text != text:
            number = None
        emptied = self._take_out(moved)
        if number is None and emptied:
            number = emptied[0]
            entry = self._entries[number]
            entry.text, entry.votes = text, np.zeros((len(taught), len(CATEGORIES)))
            self._index(number)
        elif number is None:
            number = self._new(text, np.zeros((len(taught), len(CATEGORIES))))
        for other in emptied:
            if other != number:
                self._entries[other].merged_into = number
                self._merged.append(other)
        entry = self._entries[number]
        if entry.taught != taught:
            self._changed.update(dict.fromkeys(entry.members))
        entry.taught, entry.is_named, entry.words = taught, True, []
        for key, known in moved.items():
            if key in self.known:
                self._changed[key] = None
            self.known[key] = known
            self._join(number, key, known)
        self._touched[number] = None
        return number

    def _take_out(self, moved: Mapping[int, Known]) -> list[int]:
        """Take structures out of their templates; give those left empty, the largest first."""
        sizes: Counter[int] = Counter()
        for key in moved:
            if key in self.known:
                number = self.known[key].entry
                del self._entries[number].members[key]
                sizes[number] += 1
        return [
            number for number, _ in sizes.most_common() if not self._entries[number].members
        ]

    def unpin(self, text: str) -> None:
        """Let a template that a person gave change again as others do."""
        for entry in self._entries:
            if entry.text == text and entry.merged_into < 0 and entry.taught is not None:
                entry.taught, entry.is_named, entry.template = None, False, None

    def members(self, template: str) -> dict[int, Known]:
        """Give the structures of a template by hash; none where no template has that id."""
        return {
            key: self.known[key]
            for entry in self._entries
            if entry.id == template and entry.merged_into < 0
            for key in entry.members
        }

    def n_free_variables(self, number: int) -> int:
        """Count the variables of an entry; none where a format or a person names them."""
        return 0 if self._entries[number].is_named else len(self._entries[number].votes)

    def put_alike(self, key: int, known: Known, number: int) -> None:
        """Add a structure of which it is known that it has an entry's template."""
        self.known[key] = known
        known.entry = number
        self._entries[number].members[key] = None

    def take_touched(self) -> list[tuple[int, str, list[Known]]]:
        """Give entries with structures new since the last call, and the tagged ones of each."""
        touched = {self.alive(number) for number in self._touched}
        self._touched = {}
        result = []
        for number in sorted(touched):
            entry = self._entries[number]
            tagged = (self.known[key] for key in reversed(entry.members))
            members = list(islice((k for k in tagged if not k.is_alike), MOST_COMPARED))
            result.append((number, entry.text, members))
        return result

    def alive(self, number: int) -> int:
        """Follow an entry to the one that it became part of."""
        while self._entries[number].merged_into >= 0:
            number = self._entries[number].merged_into
        return number

    def text(self, number: int) -> str:
        """Return the text of an entry, one character a byte."""
        return self._entries[number].text

    def _number(self, text: str, known: Known, scores: Scores | None) -> int:
        """Find or make the entry of a text; one that was generalised since is followed."""
        found = self._alive(text, len(known.variables))
        if found is not None:
            general = self._entries[found].text
            places = align(text, general)
            if general == text:
                return found
            if places is not None:
                known.settle(widened(known, places, NO_SCORES))
                return found
        if len(self._entries) >= MAX_TEMPLATES:
            return self._whole(known)
        number = self._new(text, np.zeros((len(known.variables), len(CATEGORIES))))
        entry = self._entries[number]
        entry.is_named = scores is None
        if scores is not None:
            entry.words = list(words_of(text, known, scores))
            self._index_words(number)
        return number

    def _whole(self, known: Known) -> int:
        """Give a structure that has no room in the table the one template that fits all."""
        known.settle([Variable(0, len(known.view.text), UNKNOWN)])
        number = self._alive(MARKER, 1)
        if number is None:
            number = self._new(MARKER, np.zeros((1, len(CATEGORIES))))
            self._entries[number].is_named = True
        return number

    def _new(self, text: str, votes: NDArray[np.float64]) -> int:
        number = len(self._entries)
        key = template_id(text)
        while key in self._ids:
            # The template that began with this text has another one now.
            key = template_id(f"{text}\0{number}")
        self._ids.add(key)
        self._entries.append(Entry(key, text, votes, []))
        self._index(number)
        return number

    def _alive(self, text: str, variables: int) -> int | None:
        """Find the entry that a text leads to, through all that became one with others."""
        number = self._by_text.get((text, variables))
        return None if number is None else self.alive(number)

    def _index(self, number: int) -> None:
        entry = self._entries[number]
        self._by_text[entry.text, len(entry.votes)] = number
        self._texts.add(hash(entry.text))
        self._fresh.append(number)
        self._index_words(number)
        self._by_constant.setdefault(constant_key(entry.text), []).append(number)
        self._by_list.setdefault(_LIST.sub(MARKER, entry.text), []).append(number)
        self._by_head.setdefault(entry.text.partition(MARKER)[0], []).append(number)
        self._by_rest.setdefault(without_hollow(entry.text)[0], []).append(number)

    def _index_words(self, number: int) -> None:
        entry = self._entries[number]
        for word in entry.words:
            self._by_gap.setdefault(hash(with_gap(entry.text, word)), []).append((number, word))

    def _join(self, number: int, key: int, known: Known) -> None:
        entry = self._entries[number]
        known.entry = number
        entry.members[key] = None
        if known.variables and not known.is_alike:
            # Several times as fast as `stack`.
            scores = np.concatenate([v.scores for v in known.variables])
            entry.votes = entry.votes + scores.reshape(entry.votes.shape)
        entry.template = None

    def merge(self) -> None:
        """Compare new entries with all others until nothing more becomes one."""
        while self._fresh:
            number = self._fresh.pop()
            entry = self._entries[number]
            if entry.merged_into >= 0 or entry.is_named:
                continue
            for gap in self._crowded(entry):
                self._merge_siblings(gap)
            self._merge_lists(_LIST.sub(MARKER, entry.text))
            self._merge_hollow(without_hollow(entry.text)[0])
            self._merge_partial(number)
            self._move_blanks(number)

    def _crowded(self, entry: Entry) -> list[str]:
        """Give the entry's texts with a gap that others have too, and its own text."""
        gaps = [with_gap(entry.text, word) for word in entry.words]
        found, texts = self._by_gap, self._texts
        crowded = [gap for gap in gaps if hash(gap) in texts or len(found[hash(gap)]) > 1]
        return [*crowded, entry.text]

    def _merge_siblings(self, gap: str) -> None:
        """Make one of the entries that differ in the word at a gap, if they should be."""
        siblings = [
            (number, word)
            for number, word in self._by_gap.get(hash(gap), ())
            if self._entries[number].merged_into < 0
            and any(word is held for held in self._entries[number].words)
            and with_gap(self._entries[number].text, word) == gap
        ]
        chances = [word.chance for _, word in siblings]
        if not chances or sum(chances) < LEAST_CHANCE * len(chances):
            return
        whole = self._alive(gap, gap.count(MARKER))
        if whole is not None and self._entries[whole].text == gap:
            chances.append(1.0)
        least = SIBLINGS if len(chances) < MANY else SIBLINGS_OF_MANY
        if len(chances) < 2 or sum(chances) < least * len(chances):
            return
        for number, word in siblings:
            hint = NO_SCORES.copy()
            hint[word.category] = -0.1
            self._rewrite(number, gap, hint)

    def _merge_lists(self, key: str) -> None:
        """Make one of the entries that differ in the length of a list."""
        alike = [
            n
            for n in self._by_list.get(key, ())
            if self._entries[n].merged_into < 0 and not self._entries[n].is_named
        ]
        longest = max(
            (run.count(MARKER) for n in alike for run in _LIST.findall(self._entries[n].text)),
            default=0,
        )
        if len(alike) < 2 or longest < LIST_ITEMS:
            return
        for number in alike:
            if self._entries[number].text != key:
                self._rewrite(number, key, NO_SCORES)

    def _merge_hollow(self, rest: str) -> None:
        """Make one of the entries that differ in variables that some of them lack."""
        alike = [
            n
            for n in self._by_rest.get(rest, ())
            if self._entries[n].merged_into < 0 and not self._entries[n].is_named
        ]
        places = {n: without_hollow(self._entries[n].text)[1] for n in alike}
        every = sorted(set().union(*places.values()))
        if len(alike) < 2 or not every:
            return
        text = MARKER.join(rest[a:b] for a, b in pairwise([0, *every, len(rest)]))
        for number in alike:
            self._rewrite(number, text, NO_SCORES)

    def _move_blanks(self, number: int) -> None:
        """Move structures to a template that they fit if a value is missing at two blanks."""
        entry, target = self._entries[number], -1
        for key in list(entry.members):
            known = self.known[key]
            head, two_blanks, _ = known.view.text.partition("  ")
            for other in self._by_head.get(head + " ", ()) if two_blanks else ():
                general = self._entries[other].text
                if other == number or self._entries[other].merged_into >= 0:
                    continue
                places = align(known.view.text, general) or []
                fits = all(" " not in known.view.text[a:b] for a, b in places)
                if not places or not fits or n_words(general) < LEAST_WORDS:
                    continue
                del entry.members[key]
                known.settle([Variable(a, b, NO_SCORES) for a, b in places])
                self._join(other, key, known)
                self._changed[key] = None
                target = other
                break
        if not entry.members and target >= 0:
            entry.merged_into = target
            self._merged.append(number)

    def _merge_partial(self, number: int) -> None:
        """Make one of templates where a variable of one has constant bytes beside it."""
        entries = self._entries
        alike = self._by_constant.get(constant_key(entries[number].text), [])
        for other in alike[-MOST_COMPARED:]:
            for special, general in ((number, other), (other, number)):
                # Each variable of the general one takes at least one of the other's in.
                is_fit = len(entries[special].votes) >= len(entries[general].votes)
                if is_fit and entries[special].merged_into < 0 > entries[general].merged_into:
                    self._absorb(special, entries[general].text)

    def _absorb(self, special: int, general: str) -> None:
        text = self._entries[special].text
        if self._entries[special].is_named:
            return
        places = None if text == general else align(text, general)
        parts = [text[low:high] for low, high in places or ()]
        if not parts or n_words(general) < LEAST_WORDS:
            return
        if all(MARKER in part and " " not in part for part in parts):
            self._rewrite(special, general, NO_SCORES)

    def _generalise(self, number: int, text: str, known: Known) -> None:
        """Let an entry and its structures follow one that turned out to vary more."""
        if align(self._entries[number].text, text):
            scores = (
                known.variables[-1].scores if known.variables else np.zeros(len(CATEGORIES))
            )
            self._rewrite(number, text, scores)

    def _rewrite(self, number: int, text: str, hint: NDArray[np.float64]) -> None:
        """Give all structures of an entry a more general text; the entry may end by it."""
        entry = self._entries[number]
        places = align(entry.text, text)
        if places is None or entry.text == text or 2 * MARKER in text:
            return
        members = list(entry.members)
        for key in members:
            known = self.known[key]
            known.settle(widened(known, places, hint))
            self._changed[key] = None
        target = self._alive(text, len(places))
        if target == number or (target is not None and self._entries[target].text != text):
            target = None
        if target is None:
            entry.text, entry.words = text, kept_words(entry, places)
            entry.votes = np.zeros((len(places), len(CATEGORIES)))
            target = number
            self._index(number)
        else:
            entry.merged_into = target
            self._merged.append(number)
            self._fresh.append(target)
        entry.members = {}
        for key in members:
            self._join(target, key, self.known[key])

    def take_changes(
        self, again: set[int], batch: set[int]
    ) -> tuple[list[int], dict[str, str]]:
        """Give structures whose template changed since the last call, and merged ids.

        New structures of ``batch`` are left out; those in ``again`` were known before it.
        """
        changed = [key for key in self._changed if key not in batch or key in again]
        changed += [key for key in again if key not in self._changed]
        merged = {}
        for number in self._merged:
            target = self.alive(number)
            if self._entries[target].id != self._entries[number].id:
                merged[self._entries[number].id] = self._entries[target].id
        self._changed, self._merged = {}, []
        return [key for key in changed if key in self.known], merged

    def forget(self, key: int) -> None:
        """Drop a structure; its template stays."""
        del self._entries[self.known.pop(key).entry].members[key]

    def to_dict(self) -> dict[str, Any]:
        """Give the state as JSON values."""
        entries = [
            [e.id, e.text, e.votes.round(2).tolist(), e.merged_into,
             [[w.start, w.end, round(w.chance, 3), w.category] for w in e.words], e.is_named,
             e.taught]
            for e in self._entries
        ]  # fmt: skip
        known = [[str(key), *known.to_list()] for key, known in self.known.items()]
        # Texts of templates that ended or were generalised, and the entry they lead to.
        former = [
            [text, variables, number]
            for (text, variables), number in self._by_text.items()
            if self._entries[number].text != text or self._entries[number].merged_into >= 0
        ]
        return {"templates": entries, "former": former, "structures": known}

    @classmethod
    def from_dict(cls, state: Mapping[str, Any]) -> TemplateTable:
        """Read what `to_dict` gave."""
        table = cls()
        for number, (key, text, votes, merged_into, words, *flags) in enumerate(
            state["templates"]
        ):
            totals = np.array(votes, np.float64).reshape(-1, len(CATEGORIES))
            entry = Entry(key, text, totals, [Word(*word) for word in words])
            entry.merged_into = merged_into
            entry.is_named = any(flags[:1])
            entry.taught = tuple(flags[1]) if flags[1:] and flags[1] is not None else None
            table._entries.append(entry)
            table._ids.add(key)
            if merged_into < 0:
                table._index(number)
        for text, variables, number in state["former"]:
            table._by_text.setdefault((text, variables), number)
        table._fresh = []
        table._touched = dict.fromkeys(range(len(table._entries)))
        for key, *data in state["structures"]:
            known = Known.from_list(data)
            table.known[int(key)] = known
            table._entries[known.entry].members[int(key)] = None
        return table
