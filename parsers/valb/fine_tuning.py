"""Fine-tuning of a tagger on a few corrected templates of one source.

The templates that were corrected are obeyed without (see `examples`); this is for the rest of
the source, which has the same words, habits of writing and kinds of values. The tagger sees the
labelled structures with the evidence of the whole source, as it will when it is asked.
"""

from __future__ import annotations

import copy
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import torch

from valb.errors import BadExample
from valb.evidence import Evidence
from valb.examples import Examples
from valb.families import bare_views
from valb.features import Lexicon, features
from valb.tagger import Committee
from valb.training import Lesson, TrainingConfig, batches_of, step
from valb.truth import truth
from valb.views import record_values, view

if TYPE_CHECKING:
    from collections.abc import Iterable

    from torch import Tensor

    from logscan import RecordBatch
    from valb.examples import Example, Places
    from valb.tagger import Tagger
    from valb.views import View

# Structures whose words are counted as evidence.
MOST_STRUCTURES = 20_000
# Of one example's structures so many are learned from at a time.
MOST_OF_ONE = 40


@dataclass(frozen=True)
class FineTuningConfig:
    """How a tagger learns from examples: seconds of one core.

    The mean of several copies' weights, and no more than a part of the way to it, flips fewer
    templates by chance than any one of them (as in Wortsman et al., CVPR 2022).
    """

    seed: int = 0
    copies: int = 2  # of each tagger
    way: float = 0.6  # from the weights as they were to the mean of the fine-tuned ones
    rounds: int = 12
    step: TrainingConfig = field(
        default_factory=lambda: TrainingConfig(rate=1e-3, decay=0.0, batch=32)
    )


@dataclass(frozen=True, slots=True)
class _Found:
    """A structure that an example fits."""

    batch: RecordBatch
    index: int
    example: Example
    weight: float = 1.0

    def draw(self, rng: np.random.Generator) -> tuple[View, Places | None]:
        """View it with other values each time; None where the example does not fit these."""
        rows = self.batch.rows(self.index)
        chosen = rng.permutation(rows)[: int(rng.integers(1, 25))].tolist()
        structure = self.batch.structures[self.index]
        slots = structure.message_slots()
        records = [record_values(self.batch, row, slots) for row in chosen]
        seen = view(structure, records, len(rows))
        return seen, self.example.fit(seen.text)


class LabelledSource:
    """A source's words, and those of its structures that examples fit.

    It holds the batches that have such structures: give no more than memory has room for.
    """

    def __init__(self, batches: Iterable[RecordBatch], examples: Iterable[Example]) -> None:
        self.lexicon = Lexicon()
        self._evidence = Evidence()
        known = Examples(examples)
        found: list[_Found] = []
        seen: set[int] = set()
        for batch in batches:
            hashes = batch.structures.hash.tolist()
            fresh = [i for i, key in enumerate(hashes) if key not in seen]
            fresh = fresh[: MOST_STRUCTURES - len(seen)]
            seen.update(hashes[i] for i in fresh)
            found += self._look(batch, fresh, known)
        if not found:
            raise BadExample("no line of the source fits any of the examples")
        # An example with hundreds of structures must not drown the others.
        counts = Counter(one.example.text for one in found)
        self._found = [replace(one, weight=counts[one.example.text] ** -0.5) for one in found]

    def _look(self, batch: RecordBatch, fresh: list[int], known: Examples) -> list[_Found]:
        seen = [one for one, _ in bare_views(batch, fresh)]
        features(seen, self.lexicon, self._evidence, [True] * len(seen))
        fits = [(index, known.find(one.text)) for index, one in zip(fresh, seen, strict=True)]
        return [_Found(batch, index, fit[0]) for index, fit in fits if fit is not None]

    def lessons(self, rng: np.random.Generator) -> list[Lesson]:
        """Draw a lesson of each labelled structure."""
        drawn: list[tuple[_Found, View, Places]] = []
        taken: Counter[str] = Counter()
        for place in rng.permutation(len(self._found)).tolist():
            found = self._found[place]
            taken[found.example.text] += 1
            if taken[found.example.text] <= MOST_OF_ONE:
                seen, places = found.draw(rng)
                if places is not None:
                    drawn.append((found, seen, places))
        views = [seen for _, seen, _ in drawn]
        items = features(views, self.lexicon, self._evidence, [False] * len(views))
        return [
            Lesson(item, *truth(seen, places, found.example.numbers), found.weight)
            for item, (found, seen, places) in zip(items, drawn, strict=True)
            if len(item)
        ]


def fine_tune(
    committee: Committee,
    batches: Iterable[RecordBatch],
    examples: Iterable[Example],
    config: FineTuningConfig | None = None,
) -> Committee:
    """Teach copies of taggers what examples say of a source; the same seed, the same copies.

    Raises
    ------
    BadExample
        No line of the batches fits any of the examples.
    """
    config = config or FineTuningConfig()
    source = LabelledSource(batches, examples)
    return Committee([_taught(tagger, source, config) for tagger in committee.members])


def _taught(tagger: Tagger, source: LabelledSource, config: FineTuningConfig) -> Tagger:
    first = tagger.state_dict()
    total: dict[str, Tensor] = {name: torch.zeros_like(value) for name, value in first.items()}
    for number in range(config.copies):
        for name, value in _tuned(tagger, source, config, number).state_dict().items():
            total[name] += value / config.copies
    net = copy.deepcopy(tagger)
    net.load_state_dict(
        {name: value.lerp(total[name], config.way) for name, value in first.items()}
    )
    return net.eval()


def _tuned(
    tagger: Tagger, source: LabelledSource, config: FineTuningConfig, number: int
) -> Tagger:
    rng = np.random.default_rng((config.seed, number))
    torch.manual_seed(config.seed * config.copies + number)
    net = copy.deepcopy(tagger)
    optimizer = torch.optim.AdamW(
        net.parameters(), lr=config.step.rate, weight_decay=config.step.decay
    )
    for done in range(config.rounds):
        for group in optimizer.param_groups:
            group["lr"] = config.step.rate * (1 - done / config.rounds)
        for lessons in batches_of(source.lessons(rng), config.step.batch, rng):
            step(net, optimizer, lessons, source.lexicon, config.step)
    return net
