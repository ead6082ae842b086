"""The tagger: a small recurrent network over the atoms of a message. Training is elsewhere.

It belongs to the family of VALB (Li et al., ICSE 2023), which labels tokens with a category or
as static. Departures: atoms instead of tokens, hashed character features instead of a
character network, and counts over the source's other structures and values as input. torch
is imported by this module only; import it where tagging starts, not before.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from valb.category import CATEGORIES
from valb.errors import BadModel
from valb.features import BUCKETS, DENSE, Features

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

VERSION = 1
# Outside, begin, inside of a variable.
TAGS = 3


@dataclass(frozen=True)
class TaggerConfig:
    """The sizes of a `Tagger`; saved beside its weights."""

    width: int = 64
    hidden: int = 96
    layers: int = 1
    dropout: float = 0.3
    encoder: str = "conv"
    version: int = VERSION


@dataclass(frozen=True, slots=True)
class Scores:
    """What the tagger says of one view's ``T`` atoms."""

    tags: NDArray[np.float32]  # (T, TAGS) probabilities
    categories: NDArray[np.float32]  # (T, 10) log-probabilities, given that it is variable


@dataclass(frozen=True, slots=True)
class Batch:
    """Several views padded to one length, on a device."""

    hashed: Tensor  # (F,)
    first: Tensor  # (N,) starts in `hashed`, N atoms in all
    dense: Tensor  # (N, DENSE)
    rows: Tensor  # (N,) view of each atom
    places: Tensor  # (N,) place of each atom in its view
    lengths: Tensor  # (B,) on the CPU


def collate(items: Sequence[Features], device: str = "cpu") -> Batch:
    """Join the features of several views, none of them empty."""
    lengths = [len(item) for item in items]
    shifts = np.cumsum([0, *(len(item.hashed) for item in items)])
    first = np.concatenate([item.first + shift for item, shift in zip(items, shifts, strict=False)])
    return Batch(
        hashed=torch.from_numpy(np.concatenate([item.hashed for item in items])).to(device),
        first=torch.from_numpy(first).to(device),
        dense=torch.from_numpy(np.concatenate([item.dense for item in items])).to(device),
        rows=torch.repeat_interleave(torch.tensor(lengths)).to(device),
        places=torch.cat([torch.arange(size) for size in lengths]).to(device),
        lengths=torch.tensor(lengths),
    )


class Conv(nn.Module):
    def __init__(self, size, out, dropout):
        super().__init__()
        self.inp = nn.Linear(size, out)
        self.norms = nn.ModuleList(nn.LayerNorm(out) for _ in range(4))
        self.convs = nn.ModuleList(
            nn.Conv1d(out, 2 * out, 3, padding=d, dilation=d, groups=1) for d in (1, 2, 4, 8)
        )
        self.drop = nn.Dropout(dropout)
        self.out = nn.LayerNorm(out)

    def forward(self, x, mask):
        x = self.inp(x) * mask
        for norm, conv in zip(self.norms, self.convs):
            y = conv((norm(x) * mask).transpose(1, 2)).transpose(1, 2)
            x = x + self.drop(nn.functional.glu(y, -1)) * mask
        return self.out(x)


class Attn(nn.Module):
    def __init__(self, size, out, dropout):
        super().__init__()
        self.inp = nn.Conv1d(size, out, 3, padding=1)
        self.layers = nn.ModuleList(
            nn.TransformerEncoderLayer(out, 4, 2 * out, dropout, "gelu", batch_first=True, norm_first=True)
            for _ in range(2)
        )
        self.convs = nn.ModuleList(nn.Conv1d(out, out, 3, padding=1) for _ in range(2))
        self.out = nn.LayerNorm(out)

    def forward(self, x, mask):
        x = self.inp(x.transpose(1, 2)).transpose(1, 2) * mask
        pad = mask[..., 0] == 0
        for layer, conv in zip(self.layers, self.convs):
            x = layer(x, src_key_padding_mask=pad) * mask
            x = x + nn.functional.gelu(conv(x.transpose(1, 2)).transpose(1, 2)) * mask
        return self.out(x)


class Tagger(nn.Module):
    """Atoms in, scores for tag and category of each atom out."""

    def __init__(self, config: TaggerConfig) -> None:
        super().__init__()
        self.config = config
        self.embed = nn.EmbeddingBag(BUCKETS, config.width, mode="sum", padding_idx=0)
        # Features never trained on must not add noise, so rows start at nought.
        nn.init.normal_(self.embed.weight, std=0.01)
        self.dense = nn.Sequential(nn.Linear(DENSE, config.width), nn.GELU())
        self.norm = nn.LayerNorm(2 * config.width)
        self.drop = nn.Dropout(config.dropout)
        if config.encoder == "lstm":
            self.encoder = nn.LSTM(
                2 * config.width,
                config.hidden,
                config.layers,
                batch_first=True,
                bidirectional=True,
                dropout=config.dropout if config.layers > 1 else 0.0,
            )
        elif config.encoder == "conv":
            self.encoder = Conv(2 * config.width, 2 * config.hidden, config.dropout)
        else:
            self.encoder = Attn(2 * config.width, 2 * config.hidden, config.dropout)
        size = 2 * config.hidden + 2 * config.width
        self.tag = nn.Linear(size, TAGS)
        self.category = nn.Sequential(
            nn.Linear(size, config.hidden), nn.GELU(), nn.Linear(config.hidden, len(CATEGORIES))
        )

    def forward(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Score all atoms: logits (N, TAGS) and (N, 10)."""
        atoms = torch.cat([self.embed(batch.hashed, batch.first), self.dense(batch.dense)], -1)
        atoms = self.drop(self.norm(atoms))  # (N, 2 * width)
        views, longest = len(batch.lengths), int(batch.lengths.max())
        padded = atoms.new_zeros(views, longest, atoms.shape[-1])
        padded[batch.rows, batch.places] = atoms
        if self.config.encoder == "lstm":
            packed = nn.utils.rnn.pack_padded_sequence(
                padded, batch.lengths, batch_first=True, enforce_sorted=False
            )
            states, _ = nn.utils.rnn.pad_packed_sequence(self.encoder(packed)[0], batch_first=True)
        else:
            mask = padded.new_zeros(views, longest, 1)
            mask[batch.rows, batch.places] = 1.0
            states = self.encoder(padded, mask)
        context = self.drop(states[batch.rows, batch.places])  # (N, 2 * hidden)
        joined = torch.cat([context, atoms], -1)
        return self.tag(joined), self.category(joined)

    @torch.inference_mode()
    def score(self, items: Sequence[Features], *, at_once: int = 64) -> list[Scores]:
        """Score views; those of like length go together, the result is in the order given."""
        self.eval()
        result = [Scores(np.zeros((0, TAGS), np.float32), np.zeros((0, 10), np.float32))] * len(
            items
        )
        order = sorted((i for i in range(len(items)) if len(items[i])), key=lambda i: len(items[i]))
        for low in range(0, len(order), at_once):
            chosen = order[low : low + at_once]
            tags, categories = self(collate([items[i] for i in chosen]))
            sizes = [len(items[i]) for i in chosen]
            for i, tag, category in zip(
                chosen,
                tags.softmax(-1).split(sizes),
                categories.log_softmax(-1).split(sizes),
                strict=True,
            ):
                result[i] = Scores(tag.numpy(), category.numpy())
        return result

    def save(self, folder: Path) -> None:
        """Write ``config.json`` and ``weights.safetensors`` (half precision)."""
        folder.mkdir(parents=True, exist_ok=True)
        state = {name: value.half().contiguous() for name, value in self.state_dict().items()}
        save_file(state, folder / "weights.safetensors")
        (folder / "config.json").write_text(json.dumps(asdict(self.config), indent=1) + "\n")


def load(folder: Path) -> Tagger:
    """Read a tagger that `Tagger.save` wrote."""
    path = folder / "config.json"
    try:
        config = TaggerConfig(**json.loads(path.read_text()))
    except (OSError, ValueError, TypeError) as error:
        raise BadModel(f"{path}: {error}") from error
    if config.version != VERSION:
        raise BadModel(f"{path}: version {config.version}, this program reads {VERSION}")
    tagger = Tagger(config)
    state = load_file(folder / "weights.safetensors")
    tagger.load_state_dict({name: value.float() for name, value in state.items()})
    return tagger.eval()
