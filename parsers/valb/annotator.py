"""The annotator: templates for the structures of a source, batch by batch.

It never looks at a line: known structures are answered from a table, new ones are tagged once,
together. torch is not loaded.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from valb._tally import Sampler, layout
from valb.category import CATEGORIES
from valb.errors import BadExample, BadState
from valb.evidence import Evidence
from valb.examples import Example, Examples, match, read_examples
from valb.families import MOST_LAYOUTS, Families, bare_views
from valb.features import Lexicon, features
from valb.header_variables import NamedVariables, settle_named
from valb.neighbours import Neighbours
from valb.network import load
from valb.structures import UNKNOWN_CHECK, Known, checks_of, slim
from valb.table import TemplateTable
from valb.templates import Annotation, Correction, Revision, Template
from valb.variables import (
    NO_SCORES,
    Variable,
    agreed,
    find_variables,
    log_chances,
    scored,
)
from valb.views import views

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from logscan import RecordBatch
    from valb.category import Category
    from valb.families import Items
    from valb.scores import Scorer, Scores
    from valb.views import View

WEIGHTS = Path(__file__).parent / "weights"
STATE_VERSION = 3
# Versions that can still be read.
READABLE_VERSIONS = (1, 2, 3)
# Of structures that differ in words and slots only, so many are tagged before the others are
# compared with what came of it; then `NEXT_ALIKE` times as many.
FIRST_ALIKE, NEXT_ALIKE = 12, 8
# Different atoms whose looks are kept, under 1 KB each.
MAX_ATOMS_KEPT = 20_000
# Their features are about 8 KB each.
TAGGED_AT_ONCE = 2_000
# About 2 KB each. Beyond it the oldest are forgotten; should they come back, they are tagged
# again and find their template by its text.
MAX_STRUCTURES = 50_000
# Structures of a template that are asked when others are corrected, and the probability that a
# category must have to take the place of another one then.
MOST_ASKED, LEAST_SURE = 8, 0.5


class Annotator:
    """Templates and structures of one source, known so far.

    Parameters
    ----------
    model : Path
        Folder of a saved tagger; the shipped one by default.
    examples : iterable of Example
        Corrected templates, obeyed by all structures whose messages they fit. Those that were
        saved with the model are known without.
    tagger : Scorer or None
        One that is loaded already, in place of what ``model`` has.
    learns : bool or None
        Whether templates that nobody corrected follow what the corrected ones show, from the
        next new structure on (see `neighbours`); None where examples were saved with the model.
    """

    def __init__(
        self,
        model: Path = WEIGHTS,
        *,
        examples: Iterable[Example] = (),
        tagger: Scorer | None = None,
        learns: bool | None = None,
    ) -> None:
        self._model = model
        self._tagger = tagger
        saved = read_examples(model)
        self._examples = Examples([*saved, *examples])
        self._table = TemplateTable()
        self._evidence = Evidence()
        self._lexicon = Lexicon()
        self._named = NamedVariables()
        self._families = Families()
        self._learns = bool(saved) if learns is None else learns
        self._neighbours: Neighbours | None = None  # made when first asked for

    @property
    def templates(self) -> tuple[Template, ...]:
        """All templates that are in force, in order of first appearance."""
        return self._table.templates()

    def messages(self, template: str, most: int) -> list[str]:
        """Give some messages of a template, each of another structure."""
        members = islice(self._table.members(template).values(), most)
        texts = (known.view.text.encode("latin-1") for known in members)
        return [text.decode("utf-8", "backslashreplace") for text in texts]

    @property
    def model(self) -> Path:
        """The folder of its tagger."""
        return self._model

    def tagger(self) -> Scorer:
        """Return the taggers; they are loaded when first asked for."""
        if self._tagger is None:
            self._tagger = load(self._model)
        return self._tagger

    @property
    def examples(self) -> tuple[Example, ...]:
        """The corrected templates, in the order in which they came."""
        return tuple(self._examples)

    def correct(self, typed_text: str, template: str = "") -> Correction:
        """Take a corrected template and obey it at once, here and in batches to come.

        ``template`` is the id of the template that was wrong. Those of its messages that fit
        the text show what its variables may hold; every known structure that fits moves. Where
        all of a template's structures move it keeps its id with the new text, or ends in the
        one that has the text already; where some stay, these keep the id. The categories of
        the text hold, ``<*>`` leaves one as it was. Doing the former text over undoes it.

        Raises
        ------
        BadExample
            The text cannot be read, or fits no message that is known.
        """
        example = Example(typed_text)
        members = self._table.members(template)
        messages = [known.view.text for known in members.values()]
        samples = [text for text in messages if match(text, example.parts) is not None]
        if template and not samples:
            raise BadExample(f"{typed_text!r} fits no line of template {template}")
        example = Example(typed_text, tuple(dict.fromkeys(samples)))
        moved = {}
        for key, known in self._table.known.items():
            other = self._obeying(example, known)
            if other is not None:
                moved[key] = other
        if not moved:
            raise BadExample(f"{typed_text!r} fits no line, or fixes a value that varies")
        self._examples.add(example)
        self._neighbours = None
        number = self._table.teach(moved, example.text, example.numbers)
        revised, merged = self._table.take_changes(set(), set())
        return Correction(self._table.template(number), self._revisions(revised), merged)

    def forget_example(self, typed_text: str) -> None:
        """Let a corrected template change again as others do; no structure moves by that.

        Raises
        ------
        BadExample
            There is no such example.
        """
        text = Example(typed_text).text
        if not self._examples.drop(text):
            raise BadExample(f"{typed_text!r} is no example")
        self._neighbours = None
        self._table.unpin(text)

    def suggest(self, examples: Iterable[Example]) -> dict[str, tuple[Category, ...]]:
        """Say which templates' variables would mean something else by some examples.

        The examples are not obeyed and nothing changes: for whoever keeps corrections apart.
        Borders of variables stay as they are. A category that the examples leave in doubt is
        not given: half of the probability is asked for.
        """
        neighbours = Neighbours(examples)
        asked = self._tagged(MOST_ASKED) if neighbours.examples else []
        seen = [known.view for _, known in asked]
        lexicon = Lexicon()
        found = features(seen, lexicon, self._evidence, [False] * len(seen))
        scores = self.tagger().score(found, lexicon) if seen else []
        totals: dict[int, list[NDArray[np.float64]]] = {}
        for (number, known), view, told in zip(asked, seen, scores, strict=True):
            now = neighbours.adjusted(view, told)
            meant = [scored(view, now, v.start, v.end) for v in known.variables]
            chances = log_chances(np.stack([v.scores for v in agreed(view, meant)]))
            totals.setdefault(number, []).append(chances)
            known.forget_atoms()
        result = {}
        for number, chances_of in totals.items():
            template = self._table.template(number)
            total = log_chances(np.mean(chances_of, 0))
            sure = np.exp(total.max(-1)) >= LEAST_SURE
            categories = tuple(
                CATEGORIES[k] if enough else before
                for k, enough, before in zip(
                    total.argmax(-1).tolist(), sure.tolist(), template.categories, strict=True
                )
            )
            if categories != template.categories:
                result[template.id] = categories
        return result

    def _tagged(self, most: int) -> list[tuple[int, Known]]:
        """Give some structures with variables of each template that changes as others do.

        The tagger was asked about all of them; variables that a format or a person names are
        left out.
        """
        taken: Counter[int] = Counter()
        found = []
        for known in self._table.known.values():
            if known.is_alike or not known.variables or taken[known.entry] >= most:
                continue
            if self._table.n_free_variables(known.entry) == len(known.variables):
                taken[known.entry] += 1
                found.append((known.entry, known))
        return found

    def _obeying(self, example: Example, known: Known) -> Known | None:
        """Give a structure as an example has it, None where it does not fit."""
        places = example.fit(known.view.text)
        if places is None:
            return None
        variables = []
        for low, high in places:
            inside = [v.scores for v in known.variables if v.start < high and v.end > low]
            variables.append(Variable(low, high, inside[0] if inside else NO_SCORES))
        other = Known(known.check, known.view)
        other.settle(variables)
        return other if other.holds(known.view.values) else None

    def _revisions(self, keys: Iterable[int]) -> dict[int, Revision]:
        table = self._table
        return {
            key: Revision(table.template(table.known[key].entry), table.known[key].spans)
            for key in keys
        }

    def fresh(self) -> Annotator:
        """Make an annotator that knows no source yet and shares tagger and examples."""
        other = Annotator(self._model, examples=self._examples, learns=self._learns)
        other._tagger, other._lexicon = self._tagger, self._lexicon
        return other

    def annotate(self, batch: RecordBatch) -> Annotation:
        """Give the template of each structure of a batch; learn those that are new."""
        hashes: list[int] = batch.structures.hash.tolist()
        table = self._table
        checks = checks_of(batch.structures)
        sampler = Sampler(batch)
        fresh = [
            i
            for i, key in enumerate(hashes)
            if self._is_fresh(batch, i, key, checks[i], sampler)
        ]
        old = {hashes[i] for i in fresh if hashes[i] in table.known}
        if fresh:
            self._learn(batch, fresh, hashes, checks)
        self._named.note(hashes, batch, range(len(hashes)))
        known = [table.known[key] for key in hashes]
        numbers, template = np.unique([k.entry for k in known], return_inverse=True)
        revised, merged = table.take_changes(old, set(hashes))
        annotation = Annotation(
            templates=tuple(table.template(n) for n in numbers.tolist()),
            template=template.astype(np.int32),
            spans=tuple(k.spans for k in known),
            revised=self._revisions(revised),
            merged=merged,
            named=tuple(self._named.of(key, batch, i) for i, key in enumerate(hashes)),
        )
        self._forget(set(hashes))
        return annotation

    def _is_fresh(
        self, batch: RecordBatch, index: int, key: int, check: int, sampler: Sampler
    ) -> bool:
        """Tell whether a structure is new, or its template does not hold any more."""
        known = self._table.known.get(key)
        if known is None:
            return True
        if known.check == UNKNOWN_CHECK:
            known.check = check
        if known.check != check:
            # Two structures with one hash: the later one takes its place.
            self._table.forget(key)
            self._named.forget(key)
            return True
        return bool(known.frozen) and known.is_broken(batch, index, sampler)

    def _learn(
        self,
        batch: RecordBatch,
        fresh: Sequence[int],
        hashes: Sequence[int],
        checks: Sequence[int],
    ) -> None:
        """Learn a few of the structures that are alike, then those that these do not tell."""
        self._learn_families()
        again = [index for index in fresh if hashes[index] in self._table.known]
        unseen = [index for index in fresh if hashes[index] not in self._table.known]
        found = dict(zip(unseen, bare_views(batch, unseen), strict=True))
        sampler = Sampler(batch)
        most = FIRST_ALIKE
        while found or again:
            for index, (view, inside) in list(found.items()):
                known = self._alike(view, inside, checks[index])
                if known is not None and not known.is_broken(batch, index, sampler):
                    self._table.put_alike(hashes[index], known, known.entry)
                    del found[index]
            taken: Counter[int] = Counter()
            chosen = again
            for index, (_, inside) in found.items():
                taken[inside.frame] += 1
                if taken[inside.frame] <= most:
                    chosen.append(index)
            for low in range(0, len(chosen), TAGGED_AT_ONCE):
                self._tag(batch, chosen[low : low + TAGGED_AT_ONCE], hashes, checks)
            for index in chosen:
                found.pop(index, None)
            again = []
            most *= NEXT_ALIKE
            self._learn_families()

    def _alike(self, view: View, inside: Items, check: int) -> Known | None:
        """Make a structure known that belongs to a family."""
        family = None if ("",) in view.values else self._families.find(inside)
        if family is None:
            return None
        entry = self._table.alive(family.entry)
        if self._table.text(entry) != family.text:
            self._families.drop(family, inside)
            return None
        taught = self._examples.find(view.text)
        if taught is not None and taught[0].text != family.text:
            return None
        known = Known.alike(check, view, entry, family.variables)
        shape = layout(inside.hashes, inside.starts, inside.ends, family.varying)
        key = (view.first_piece, view.cut_left, view.cut_right, shape)
        if key in family.spans:
            known.spans, known.frozen = family.spans[key]
        else:
            known.settle(known.variables)
            if len(family.spans) < MOST_LAYOUTS:
                family.spans[key] = known.spans, known.frozen
        return known

    def _learn_families(self) -> None:
        for number, text, members in self._table.take_touched():
            self._families.learn(number, text, members)

    def _tag(
        self,
        batch: RecordBatch,
        chosen: Sequence[int],
        hashes: Sequence[int],
        checks: Sequence[int],
    ) -> None:
        """Find the variables of structures by the tagger."""
        table = self._table
        seen: list[View] = []
        for index, view in zip(chosen, views(batch, chosen), strict=True):
            known = table.known.get(hashes[index])
            seen.append(view if known is None else _with_values(view, known.view))
        unseen = [hashes[index] not in table.known for index in chosen]
        self._named.note([hashes[index] for index in chosen], batch, chosen)
        for index, view, scores in zip(chosen, seen, self._score(seen, unseen), strict=True):
            known = Known(checks[index], slim(view))
            if self._teach(hashes[index], known, view, scores):
                known.forget_atoms()
                continue
            named = self._named.of(hashes[index], batch, index)
            variables, is_named = settle_named(view, find_variables(view, scores), named)
            known.settle(variables)
            table.put(hashes[index], known, None if is_named else scores)
            known.forget_atoms()
        table.merge()

    def _teach(self, key: int, known: Known, view: View, scores: Scores) -> bool:
        """Give a structure the template of the example that fits it, if one does."""
        found = self._examples.find(view.text)
        if found is None:
            return False
        example, places = found
        known.settle([scored(view, scores, low, high) for low, high in places])
        if not known.holds(view.values):
            return False
        self._table.teach({key: known}, example.text, example.numbers)
        return True

    def _score(self, seen: Sequence[View], unseen: Sequence[bool]) -> Iterable[Scores]:
        if len(self._lexicon) > MAX_ATOMS_KEPT:
            self._lexicon = Lexicon()
        found = features(seen, self._lexicon, self._evidence, unseen)
        scores = self.tagger().score(found, self._lexicon)
        if not self._learns or not len(self._examples):
            return scores
        if self._neighbours is None:
            self._neighbours = Neighbours(self._examples)
        return map(self._neighbours.adjusted, seen, scores)

    def _forget(self, recent: set[int]) -> None:
        """Forget the oldest structures where there are too many."""
        known = self._table.known
        if len(known) <= MAX_STRUCTURES:
            return
        for key in [key for key in known if key not in recent][: len(known) - MAX_STRUCTURES]:
            self._table.forget(key)
            self._named.forget(key)

    def to_dict(self) -> dict[str, Any]:
        """Give the state as JSON values."""
        return {
            "version": STATE_VERSION,
            **self._table.to_dict(),
            "named": self._named.to_dict(),
            "examples": [example.to_list() for example in self._examples],
            "learns": self._learns,
        }

    @classmethod
    def from_dict(cls, state: Mapping[str, Any], model: Path = WEIGHTS) -> Annotator:
        """Make an annotator that goes on where the one of `to_dict` was."""
        if state.get("version") not in READABLE_VERSIONS:
            raise BadState(f"annotator state of version {state.get('version')!r}")
        annotator = cls(model, learns=state.get("learns"))
        try:
            annotator._table = TemplateTable.from_dict(state)
            # States of the first version knew no names; they come with the next batch.
            if "named" in state:
                annotator._named = NamedVariables.from_dict(state["named"])
            for data in state.get("examples", ()):
                annotator._examples.add(Example.from_list(data))
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise BadState(f"annotator state cannot be read: {error!r}") from error
        if state["version"] == 1:
            # It summed structures up otherwise.
            for known in annotator._table.known.values():
                known.check = UNKNOWN_CHECK
        seen = [replace(k.view) for k in annotator._table.known.values() if not k.is_alike]
        features(seen, Lexicon(), annotator._evidence, [True] * len(seen))
        return annotator


def _with_values(view: View, old: View) -> View:
    """Add the value that a structure had before to the sampled ones."""
    return replace(
        view,
        values=tuple((*new, *was) for new, was in zip(view.values, old.values, strict=True)),
    )
