"""The tagger: a small convolutional network over the atoms of a message. Training is elsewhere.

It belongs to the family of VALB (Li et al., ICSE 2023), which labels tokens with a category or
as static. Departures: atoms instead of tokens, hashed character features instead of a
character network, and counts over the source's other structures and values as input. This is
what is trained; `network` does the same without torch where logs are parsed.
"""

from __future__ import annotations

import gc
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from valb.category import CATEGORIES
from valb.errors import BadModel
from valb.features import BUCKETS, DENSE, LOOKS, Features, Lexicon
from valb.scores import TAGS, VERSION, Scores

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

# Labels disagree at borders; a tagger that is never quite sure generalises better.
SMOOTHING = 0.02


@dataclass(frozen=True)
class TaggerConfig:
    """The sizes of a `Tagger`; saved beside its weights. Widths are multiples of 16."""

    width: int = 64
    hidden: int = 64
    layers: int = 4  # each sees twice as far as the one before
    dropout: float = 0.25
    version: int = VERSION


@dataclass(frozen=True, slots=True)
class Batch:
    """Several views padded to one length, on a device; ``U`` different atoms, ``N`` in all."""

    hashed: Tensor  # (F,)
    first: Tensor  # (U,) starts in `hashed`
    looks: Tensor  # (U, LOOKS)
    which: Tensor  # (N,) each atom's number among the different ones
    dense: Tensor  # (N, DENSE)
    rows: Tensor  # (N,) view of each atom
    places: Tensor  # (N,) place of each atom in its view
    lengths: Tensor  # (B,)


def collate(
    items: Sequence[Features], lexicon: Lexicon, device: torch.device | str = "cpu"
) -> Batch:
    """Join the features of several views, none of them empty."""
    lengths = np.array([len(item) for item in items])
    used, which = np.unique(np.concatenate([item.atoms for item in items]), return_inverse=True)
    hashed, first, looks = lexicon.rows(used)
    starts = np.repeat(lengths.cumsum() - lengths, lengths)
    arrays = (
        hashed,
        first[:-1],
        looks,
        which,
        np.concatenate([item.dense for item in items]),
        np.repeat(np.arange(len(lengths)), lengths),
        np.arange(len(which)) - starts,
        lengths,
    )
    return Batch(*(torch.from_numpy(array).to(device) for array in arrays))


class Block(nn.Module):
    """A residual layer that sees each atom with those ``step`` before and behind it."""

    def __init__(self, size: int, step: int, dropout: float) -> None:
        super().__init__()
        self.step = step
        self.norm = nn.LayerNorm(size)
        self.mix = nn.Linear(3 * size, 2 * size)
        self.drop = nn.Dropout(dropout)

    def forward(self, atoms: Tensor, places: Tensor, left: Tensor) -> Tensor:
        """Mix (N, size) atoms that stand at ``places`` with ``left`` more to come."""
        normed = self.norm(atoms)
        step = self.step
        before = torch.zeros_like(normed)
        behind = torch.zeros_like(normed)
        before[step:] = normed[:-step] * (places[step:] >= step).unsqueeze(-1)
        behind[:-step] = normed[step:] * (left[:-step] >= step).unsqueeze(-1)
        mixed = self.mix(torch.cat([before, normed, behind], -1))
        mixed_in: Tensor = self.drop(nn.functional.glu(mixed, -1))
        return atoms + mixed_in


class Tagger(nn.Module):
    """Atoms in, scores for tag and category of each atom out."""

    def __init__(self, config: TaggerConfig = TaggerConfig()) -> None:
        super().__init__()
        self.config = config
        self.embed = nn.EmbeddingBag(BUCKETS, config.width, mode="sum", padding_idx=0)
        # Features never trained on must not add noise, so rows start at nought.
        nn.init.normal_(self.embed.weight, std=0.01)
        self.looks = nn.Linear(LOOKS, config.width)
        self.dense = nn.Sequential(nn.Linear(DENSE, config.width), nn.GELU())
        self.drop = nn.Dropout(config.dropout)
        self.enter = nn.Sequential(
            nn.LayerNorm(2 * config.width), nn.Linear(2 * config.width, config.hidden)
        )
        self.blocks = nn.ModuleList(
            Block(config.hidden, 2**layer, config.dropout) for layer in range(config.layers)
        )
        size = 2 * config.hidden + 2 * config.width
        self.leave = nn.LayerNorm(size)
        self.tag = nn.Linear(size, TAGS)
        self.category = nn.Sequential(
            nn.Linear(size, config.hidden), nn.GELU(), nn.Linear(config.hidden, len(CATEGORIES))
        )

    def forward(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Score all atoms: logits (N, TAGS) and (N, 10)."""
        looks = self.embed(batch.hashed, batch.first) + self.looks(batch.looks)  # (U, width)
        atoms = torch.cat([looks[batch.which], self.dense(batch.dense)], -1)
        atoms = self.drop(atoms)  # (N, 2 * width)
        states = self.mixed(self.enter(atoms), batch)  # (N, hidden)
        # What the message is about as a whole: the mean over its atoms.
        total = states.new_zeros(len(batch.lengths), states.shape[-1])
        total.index_add_(0, batch.rows, states)
        whole = (total / batch.lengths.unsqueeze(-1))[batch.rows]
        joined = self.drop(self.leave(torch.cat([states, whole, atoms], -1)))
        return self.tag(joined), self.category(joined)

    def mixed(self, states: Tensor, batch: Batch) -> Tensor:
        """Let each atom's state, (N, hidden), know of those around it."""
        left = batch.lengths[batch.rows] - 1 - batch.places
        for block in self.blocks:
            states = block(states, batch.places, left)
        return states

    def tag_loss(self, scores: Tensor, tags: Tensor, batch: Batch) -> Tensor:
        """Give each atom's share of the loss, (N,), from what `forward` gave for tags."""
        del batch  # each atom is judged alone
        return nn.functional.cross_entropy(
            scores, tags, reduction="none", label_smoothing=SMOOTHING
        )

    def tag_chances(self, scores: Tensor, batch: Batch) -> Tensor:
        """Turn what `forward` gave for tags into probabilities, (N, TAGS)."""
        del batch
        return scores.softmax(-1)


class Committee:
    """Taggers trained alike but for the seed; their scores are averaged.

    Which category a number without a telling word gets hangs on the seed; two taggers get more
    typed templates right on unseen systems than either (docs/valb.md), for a fifth more time.
    """

    def __init__(self, members: Sequence[Tagger]) -> None:
        self.members = tuple(members)

    @torch.inference_mode()
    def score(
        self, items: Sequence[Features], lexicon: Lexicon, *, at_once: int = 128
    ) -> list[Scores]:
        """Score views; those of like length go together, the result is in the order given."""
        # The matrices are small: a second thread costs more than it brings.
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            return self._score(items, lexicon, at_once)
        finally:
            torch.set_num_threads(threads)

    def _score(self, items: Sequence[Features], lexicon: Lexicon, at_once: int) -> list[Scores]:
        result = [Scores(np.zeros((0, TAGS), np.float32), np.zeros((0, 10), np.float32))] * len(
            items
        )
        order = sorted(
            (i for i in range(len(items)) if len(items[i])), key=lambda i: len(items[i])
        )
        for low in range(0, len(order), at_once):
            chosen = order[low : low + at_once]
            tags, categories = self._means(collate([items[i] for i in chosen], lexicon))
            ends = np.cumsum([len(items[i]) for i in chosen])[:-1]
            for i, tag, category in zip(
                chosen, np.split(tags, ends), np.split(categories, ends), strict=True
            ):
                result[i] = Scores(tag, category)
        return result

    def _means(self, batch: Batch) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        tags = np.zeros((len(batch.rows), TAGS), np.float32)
        categories = np.zeros((len(batch.rows), len(CATEGORIES)), np.float32)
        for member in self.members:
            tag, category = member.eval()(batch)
            tags += member.tag_chances(tag, batch).numpy()
            categories += category.log_softmax(-1).numpy()
        share = np.float32(1 / len(self.members))
        return tags * share, categories * share

    def save(self, folder: Path) -> None:
        """Write ``config.json`` and ``weights.safetensors`` (half precision)."""
        folder.mkdir(parents=True, exist_ok=True)
        state = {
            f"{number}.{name}": value.half().contiguous()
            for number, member in enumerate(self.members)
            for name, value in member.state_dict().items()
        }
        save_file(state, folder / "weights.safetensors")
        config = asdict(self.members[0].config) | {"members": len(self.members)}
        (folder / "config.json").write_text(json.dumps(config, indent=1) + "\n")


def load(folder: Path) -> Committee:
    """Read what `Committee.save` wrote."""
    path = folder / "config.json"
    try:
        found = json.loads(path.read_text())
        count = int(found.pop("members", 1))
        config = TaggerConfig(**found)
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise BadModel(f"{path}: {error}") from error
    if config.version != VERSION:
        raise BadModel(f"{path}: version {config.version}, this program reads {VERSION}")
    state = load_file(folder / "weights.safetensors")
    members = []
    for number in range(count):
        tagger = Tagger(config)
        own = {name: state[f"{number}.{name}"].float() for name in tagger.state_dict()}
        tagger.load_state_dict(own)
        members.append(tagger.eval())
    # torch leaves half a million objects; each full collection would go through them.
    gc.collect()
    gc.freeze()
    return Committee(members)
