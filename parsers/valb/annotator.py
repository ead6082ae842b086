"""The annotator: templates for the structures of a source, batch by batch.

It never looks at a line: known structures are answered from a table, new ones are tagged once,
together. torch is loaded when the first new structure comes.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from valb.category import CATEGORIES
from valb.errors import BadState
from valb.evidence import Evidence, skeleton
from valb.features import features
from valb.structures import Known, broken, check_of, slim
from valb.templates import Annotation, Revision, Template, template_id
from valb.variables import find_variables
from valb.views import views

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from logscan import RecordBatch

    from valb.tagger import Scores, Tagger
    from valb.views import View

WEIGHTS = Path(__file__).parent / "weights"
STATE_VERSION = 1


@dataclass(slots=True)
class _Entry:
    """A template that can still change."""

    id: str
    text: str
    votes: np.ndarray  # (variables, 10) summed log-probabilities
    template: Template | None = None  # made when asked for
    merged_into: int = -1

    def freeze(self) -> Template:
        if self.template is None:
            categories = tuple(CATEGORIES[i] for i in self.votes.argmax(-1).tolist())
            parts = self.text.split("<*>")
            typed = parts[0] + "".join(
                f"<{category}>{part}" for category, part in zip(categories, parts[1:], strict=False)
            )
            self.template = Template(self.id, self.text, typed, categories)
        return self.template


class Annotator:
    """Templates and structures of one source, known so far.

    Parameters
    ----------
    model : Path
        Folder of a saved tagger; the shipped one by default.
    """

    def __init__(self, model: Path = WEIGHTS) -> None:
        self._model = model
        self._loaded: Tagger | None = None
        self._known: dict[int, Known] = {}
        self._entries: list[_Entry] = []
        self._by_text: dict[tuple[str, int], int] = {}
        self._evidence = Evidence()

    @property
    def templates(self) -> tuple[Template, ...]:
        """All templates that are in force, in order of first appearance."""
        return tuple(entry.freeze() for entry in self._entries if entry.merged_into < 0)

    def to_dict(self) -> dict[str, Any]:
        """Give the state as JSON values."""
        entries = [[e.id, e.text, e.votes.astype(float).round(2).tolist(), e.merged_into] for e in self._entries]
        known = [[str(key), *known.to_list()] for key, known in self._known.items()]
        return {"version": STATE_VERSION, "templates": entries, "structures": known}

    @classmethod
    def from_dict(cls, state: Mapping[str, Any], model: Path = WEIGHTS) -> Annotator:
        """Make an annotator that goes on where the one of `to_dict` was."""
        annotator = cls(model)
        try:
            if state["version"] != STATE_VERSION:
                raise BadState(f"annotator state of version {state['version']}")
            for key, text, votes, merged in state["templates"]:
                votes = np.array(votes, np.float64).reshape(-1, len(CATEGORIES))
                annotator._by_text.setdefault((text, len(votes)), len(annotator._entries))  # noqa: SLF001
                annotator._entries.append(_Entry(key, text, votes, merged_into=merged))  # noqa: SLF001
            for key, *known in state["structures"]:
                annotator._known[int(key)] = Known.from_list(known)  # noqa: SLF001
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise BadState(f"annotator state cannot be read: {error!r}") from error
        for known in annotator._known.values():  # noqa: SLF001
            annotator._evidence.add(skeleton(known.view))  # noqa: SLF001
        return annotator

    def annotate(self, batch: RecordBatch) -> Annotation:
        """Give the template of each structure of a batch; learn those that are new."""
        table = batch.structures
        hashes = table.hash.tolist()
        fresh = []
        for index, key in enumerate(hashes):
            known = self._known.get(key)
            if known is None or broken(known, batch, index):
                fresh.append(index)
        self._learn(batch, fresh, hashes)
        return self._answer(hashes)

    def _learn(self, batch: RecordBatch, fresh: list[int], hashes: list[int]) -> None:
        if not fresh:
            return
        seen = []
        for index, view in zip(fresh, views(batch, fresh), strict=True):
            old = self._known.get(hashes[index])
            seen.append(view if old is None else _with_values(view, old.view))
        skeletons = [skeleton(view) for view in seen]
        for index, words in zip(fresh, skeletons, strict=True):
            if hashes[index] not in self._known:
                self._evidence.add(words)
        for index, view, scores in zip(fresh, seen, self._score(seen, skeletons), strict=True):
            known = Known(
                check_of(batch.structures[index]), slim(view), tuple(find_variables(view, scores)), -1
            )
            known.settle()
            known.template = self._place(known, scores)
            self._known[hashes[index]] = known

    def _score(self, seen: Sequence[View], skeletons: Sequence[list[str]]) -> list[Scores]:
        if self._loaded is None:
            # torch takes a second and 200 MB to load; most batches have nothing new.
            from valb.tagger import load

            self._loaded = load(self._model)
        evidence = self._evidence
        return self._loaded.score(
            [
                features(view, evidence.counts(words), evidence.structures)
                for view, words in zip(seen, skeletons, strict=True)
            ]
        )

    def _place(self, known: Known, scores: Scores) -> int:
        """Find or make the template of a structure, and add its vote on the categories."""
        text = known.text()
        number = self._by_text.setdefault((text, len(known.variables)), len(self._entries))
        votes = np.stack([v.scores for v in known.variables]) if known.variables else np.zeros((0, 10))
        if number == len(self._entries):
            self._entries.append(_Entry(template_id(text), text, votes))
        else:
            entry = self._entries[number]
            entry.votes = entry.votes + votes
            entry.template = None
        return number

    def _answer(self, hashes: list[int]) -> Annotation:
        known = [self._known[key] for key in hashes]
        numbers, template = np.unique([k.template for k in known], return_inverse=True)
        return Annotation(
            templates=tuple(self._entries[n].freeze() for n in numbers.tolist()),
            template=template.astype(np.int32),
            spans=tuple(k.spans for k in known),
        )


def _with_values(view: View, old: View) -> View:
    """Add the value that a structure had before to the sampled ones."""
    return replace(
        view,
        values=tuple((*new, *was) for new, was in zip(view.values, old.values, strict=True)),
    )
