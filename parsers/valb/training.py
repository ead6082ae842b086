"""Training of the tagger on labelled logs, real and synthetic. Nothing is parsed here.

Each round draws other records of every structure, so that evidence ranges from one record to
thousands, and fresh synthetic logs.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch.nn import functional

from logscan import scan_messages
from valb.category import CATEGORIES
from valb.evidence import Evidence
from valb.features import Features, Lexicon, features
from valb.labels import LabelledLog, align, read_logs
from valb.synthetic import synthetic_log
from valb.tagger import Committee, Tagger, collate
from valb.truth import truth
from valb.views import record_values, view
from valb.words import DIMENSIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from valb.views import View

# Between the seeds of two taggers of a committee, so that none is of another committee too.
MEMBER_SEEDS = 1000
_INDEX = {category: index for index, category in enumerate(CATEGORIES)}


@dataclass(frozen=True)
class TrainingConfig:
    """How a tagger is trained; the defaults are what ships."""

    seed: int = 0
    rounds: int = 6
    epochs_a_round: int = 2
    batch: int = 64
    rate: float = 4e-3
    decay: float = 1e-2
    # Share of an atom's hashed features hidden, so that no single word decides.
    hide: float = 0.2
    # Share of atoms whose word vector is hidden; with none hidden a few words decide all.
    hide_words: float = 0.5
    # Templates of each round's synthetic log.
    synthetic: int = 900
    category_weight: float = 0.7
    # Taggers whose scores are averaged.
    members: int = 2


@dataclass(frozen=True, slots=True)
class Lesson:
    """One view's features with the truth of each atom."""

    features: Features
    tags: NDArray[np.int64]  # (T,) 0 outside, 1 begin, 2 inside
    categories: NDArray[np.int64]  # (T,) index into CATEGORIES, -1 outside
    weight: float


class Source:
    """A labelled log, scanned, from which examples are drawn."""

    def __init__(self, log: LabelledLog, lexicon: Lexicon) -> None:
        self._log = log
        self._lexicon = lexicon
        self._batch = scan_messages(log.data())
        table = self._batch.structures
        self._structures = list(table)
        self._rows = [self._batch.rows(index) for index in range(len(table))]
        truths = [log.templates[int(rows[0])] for rows in self._rows]
        counts = Counter(truths)
        # A template with hundreds of structures must not drown the others.
        self._weights = [1 / counts[template] ** 0.5 for template in truths]

    def examples(self, rng: np.random.Generator) -> list[Lesson]:
        """Draw one example of each structure, from some share of the log's records."""
        share = 1.0 if rng.random() < 0.6 else float(rng.uniform(0.05, 1.0))
        drawn = []
        for index, rows in enumerate(self._rows):
            kept = rows[rng.random(len(rows)) < share] if share < 1 else rows
            if len(kept):
                drawn.append((index, self._view(index, kept, rng)))
        seen = [view for _, (_, view) in drawn]
        found = features(seen, self._lexicon, Evidence(), [True] * len(seen))
        return [
            self._example(index, row, view, item)
            for (index, (row, view)), item in zip(drawn, found, strict=True)
            if len(item)
        ]

    def _view(
        self, index: int, rows: NDArray[np.int64], rng: np.random.Generator
    ) -> tuple[int, View]:
        chosen = rng.permutation(rows)[: int(rng.integers(1, 25))].tolist()
        structure = self._structures[index]
        slots = structure.message_slots()
        records = [record_values(self._batch, row, slots) for row in chosen]
        return chosen[0], view(structure, records, len(rows))

    def _example(self, index: int, row: int, view: View, found: Features) -> Lesson:
        template = self._log.templates[row]
        message = self._log.messages[row].encode().decode("latin-1")
        places = align(message, template.encode().decode("latin-1"))
        categories = [_INDEX[category] for category in self._log.categories[template]]
        tags, kinds = truth(view, places or [], categories)
        return Lesson(found, tags, kinds, self._weights[index])


def train(
    logs: Sequence[LabelledLog],
    config: TrainingConfig,
    *,
    make: Callable[[], Tagger] = Tagger,
    device: str = "cpu",
) -> Tagger:
    """Train a tagger; the same seed, data and machine give the same weights.

    ``make`` makes the network to train once the seed is set.
    """
    rng = np.random.default_rng(config.seed)
    torch.manual_seed(config.seed)
    net = make().to(device)
    lexicon = Lexicon()
    sources = [Source(log, lexicon) for log in logs]
    optimizer = torch.optim.AdamW(net.parameters(), lr=config.rate, weight_decay=config.decay)
    for done in range(config.rounds):
        examples = [example for source in sources for example in source.examples(rng)]
        if config.synthetic:
            made = Source(synthetic_log("synthetic", config.synthetic, rng), lexicon)
            examples += made.examples(rng)
        for epoch in range(config.epochs_a_round):
            before = (done + epoch / config.epochs_a_round) / config.rounds
            after = (done + (epoch + 1) / config.epochs_a_round) / config.rounds
            batches = batches_of(examples, config.batch, rng)
            for number, batch in enumerate(batches):
                part = before + (after - before) * number / len(batches)
                _set_rate(optimizer, config.rate, part)
                step(net, optimizer, batch, lexicon, config)
    return net.eval().cpu()


def train_committee(
    logs: Sequence[LabelledLog],
    config: TrainingConfig,
    *,
    make: Callable[[], Tagger] = Tagger,
    device: str = "cpu",
) -> Committee:
    """Train the taggers that are asked together, each with a seed of its own."""
    seeds = [config.seed + MEMBER_SEEDS * number for number in range(config.members)]
    configs = [replace(config, seed=seed) for seed in seeds]
    return Committee([train(logs, one, make=make, device=device) for one in configs])


def _set_rate(optimizer: torch.optim.Optimizer, peak: float, part: float) -> None:
    """Rise over the first tenth of training, then fall along a cosine."""
    rate = peak * (part / 0.1 if part < 0.1 else (1 + np.cos(np.pi * (part - 0.1) / 0.9)) / 2)
    for group in optimizer.param_groups:
        group["lr"] = rate + 1e-6


def batches_of(
    examples: Sequence[Lesson], size: int, rng: np.random.Generator
) -> list[list[Lesson]]:
    """Deal lessons of like length into batches, in random order."""
    lengths = np.array([len(example.features) for example in examples])
    order = np.argsort(lengths * np.exp(rng.normal(0, 0.15, len(examples))))
    starts = rng.permutation(np.arange(0, len(order), size))
    return [[examples[i] for i in order[low : low + size]] for low in starts]


def step(
    net: Tagger,
    optimizer: torch.optim.Optimizer,
    examples: Sequence[Lesson],
    lexicon: Lexicon,
    config: TrainingConfig,
) -> None:
    """Learn from one batch; parts of what is seen are hidden."""
    net.train()
    device = net.embed.weight.device
    batch = collate([example.features for example in examples], lexicon, device)
    batch.hashed[torch.rand(len(batch.hashed), device=device) < config.hide] = 0
    hidden = torch.rand(len(batch.looks), device=device) < config.hide_words
    batch.looks[hidden, -DIMENSIONS:] = 0
    tags = torch.from_numpy(np.concatenate([e.tags for e in examples])).to(device)
    kinds = torch.from_numpy(np.concatenate([e.categories for e in examples])).to(device)
    weights = torch.tensor([e.weight for e in examples], device=device)[batch.rows]
    tag_scores, kind_scores = net(batch)
    tag_loss = net.tag_loss(tag_scores, tags, batch)
    loss = (tag_loss * weights).sum() / weights.sum()
    inside = kinds >= 0
    if bool(inside.any()):
        kind_loss = functional.cross_entropy(
            kind_scores[inside], kinds[inside], reduction="none", label_smoothing=0.05
        )
        part = (kind_loss * weights[inside]).sum() / weights[inside].sum()
        loss = loss + config.category_weight * part
    optimizer.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]  # torch has no types for it
    torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    optimizer.step()


def train_folder(data: Path, out: Path, *, seed: int, device: str) -> None:
    """Train on every labelled log below ``data`` and save the tagger in ``out``."""
    train_committee(read_logs(data), TrainingConfig(seed=seed), device=device).save(out)
