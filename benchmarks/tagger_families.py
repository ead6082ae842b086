"""Families of taggers at like size: ``python -m benchmarks.tagger_families``.

The tagger that ships (residual layers with growing steps), a BiLSTM-CRF (the family of VALB's
paper) and a small transformer encoder read the same features, have the same heads and are
trained alike: same logs, augmentation, epochs, rate and seed. Only what lets atoms know of each
other differs, about 100,000 weights each. ``--folds A+B C`` leaves systems out as
`benchmarks.parsing` does. Nothing of this is used by `valb` itself.
"""

from __future__ import annotations

import argparse
import math
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.machine import data_dir, report_header, write_report
from benchmarks.parsing import FIGURES, GROUPS, fold_folder, measure, typed_templates
from logscan import scan_messages
from valb import Annotator
from valb.evidence import Evidence
from valb.features import Lexicon, features
from valb.labels import LabelledLog, read_logs
from valb.scores import TAGS
from valb.tagger import Batch, Committee, Tagger, TaggerConfig
from valb.training import TrainingConfig, train
from valb.views import views

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def _padded(states: Tensor, batch: Batch) -> Tensor:
    """Lay (N, size) states out as (B, T, size)."""
    shape = (len(batch.lengths), int(batch.lengths.max()), states.shape[-1])
    padded = states.new_zeros(shape)
    padded[batch.rows, batch.places] = states
    return padded


class Crf(nn.Module):
    """A linear chain over begin, inside, outside (Lafferty et al., ICML 2001)."""

    def __init__(self) -> None:
        super().__init__()
        self.moves = nn.Parameter(torch.zeros(TAGS, TAGS))  # from, to
        self.start = nn.Parameter(torch.zeros(TAGS))
        self.end = nn.Parameter(torch.zeros(TAGS))

    def forwards(self, scores: Tensor, mask: Tensor) -> Tensor:
        """Give the log-weights of all ways to each tag, (B, T, TAGS)."""
        alpha = self.start + scores[:, 0]
        found = [alpha]
        for t in range(1, scores.shape[1]):
            ways = (alpha.unsqueeze(-1) + self.moves).logsumexp(1) + scores[:, t]
            alpha = torch.where(mask[:, t, None], ways, alpha)
            found.append(alpha)
        return torch.stack(found, 1)

    def backwards(self, scores: Tensor, mask: Tensor) -> Tensor:
        """Give the log-weights of all ways from each tag to the end, (B, T, TAGS)."""
        beta = self.end.expand(len(scores), TAGS)
        found = [beta]
        for t in range(scores.shape[1] - 1, 0, -1):
            ways = (self.moves + (scores[:, t] + beta).unsqueeze(1)).logsumexp(-1)
            beta = torch.where(mask[:, t, None], ways, beta)
            found.append(beta)
        return torch.stack(found[::-1], 1)


class RecurrentTagger(Tagger):
    """BiLSTM-CRF: two layers of 48 each way, a CRF over the tags."""

    def __init__(self) -> None:
        super().__init__(TaggerConfig(layers=0))
        self.lstm = nn.LSTM(64, 48, 2, bidirectional=True, batch_first=True, dropout=0.25)
        self.out = nn.Linear(96, 64)
        self.crf = Crf()

    def mixed(self, states: Tensor, batch: Batch) -> Tensor:
        """Run both ways over each message."""
        packed = nn.utils.rnn.pack_padded_sequence(
            _padded(states, batch), batch.lengths.cpu(), batch_first=True, enforce_sorted=False
        )
        read, _ = nn.utils.rnn.pad_packed_sequence(self.lstm(packed)[0], batch_first=True)
        read_out: Tensor = self.out(read)[batch.rows, batch.places]
        return states + read_out

    def tag_loss(self, scores: Tensor, tags: Tensor, batch: Batch) -> Tensor:
        """Share each message's negative log-likelihood among its atoms."""
        laid = _padded(scores, batch)
        mask = torch.arange(laid.shape[1]) < batch.lengths.unsqueeze(-1)
        total = (self.crf.forwards(laid, mask)[:, -1] + self.crf.end).logsumexp(-1)
        own = scores.gather(-1, tags.unsqueeze(-1)).squeeze(-1)
        first = batch.places == 0
        last = batch.places == batch.lengths[batch.rows] - 1
        own = own + self.crf.start[tags] * first + self.crf.end[tags] * last
        moves = torch.cat([own.new_zeros(1), self.crf.moves[tags[:-1], tags[1:]]])
        own = own + moves * ~first
        reached = own.new_zeros(len(total)).index_add(0, batch.rows, own)
        return ((total - reached) / batch.lengths)[batch.rows]

    def tag_chances(self, scores: Tensor, batch: Batch) -> Tensor:
        """Give the marginals."""
        laid = _padded(scores, batch)
        mask = torch.arange(laid.shape[1]) < batch.lengths.unsqueeze(-1)
        both = self.crf.forwards(laid, mask) + self.crf.backwards(laid, mask)
        return both.softmax(-1)[batch.rows, batch.places]


class TransformerTagger(Tagger):
    """A transformer encoder: three layers of width 64, four heads, norm first."""

    def __init__(self) -> None:
        super().__init__(TaggerConfig(layers=0))
        layer = nn.TransformerEncoderLayer(
            64, 4, 128, dropout=0.25, activation="gelu", batch_first=True, norm_first=True
        )
        self.encoder = nn.TransformerEncoder(layer, 3, enable_nested_tensor=False)

    def mixed(self, states: Tensor, batch: Batch) -> Tensor:
        """Attend to all atoms of the message; places are sines."""
        half = torch.arange(32) * (-math.log(10_000.0) / 32)
        angles = batch.places.unsqueeze(-1) * half.exp()
        laid = _padded(states + torch.cat([angles.sin(), angles.cos()], -1), batch)
        outside = torch.arange(laid.shape[1]) >= batch.lengths.unsqueeze(-1)
        attended: Tensor = self.encoder(laid, src_key_padding_mask=outside)
        return attended[batch.rows, batch.places]


FAMILIES: dict[str, Callable[[], Tagger]] = {
    "residual": Tagger,
    "bilstm_crf": RecurrentTagger,
    "transformer": TransformerTagger,
}


def _trained(
    logs: Sequence[LabelledLog], family: str, fold: str, seed: int
) -> tuple[Tagger, float]:
    """Train a family without a fold, or read the weights that such a training left."""
    cache = Path(tempfile.gettempdir()) / "logplatform-valb-families"
    path = cache / f"{fold_folder(logs, fold, cache, seed).name}-{family}.pt"
    if path.is_file():
        saved = torch.load(path, weights_only=True)
        net = FAMILIES[family]()
        net.load_state_dict(saved["state"])
        return net.eval(), float(saved["cpu_s"])
    others = [log for log in logs if log.name not in fold.split("+")]
    busy = time.process_time()
    net = train(others, TrainingConfig(seed=seed), make=FAMILIES[family])
    busy = time.process_time() - busy
    cache.mkdir(exist_ok=True)
    torch.save({"state": net.state_dict(), "cpu_s": busy}, path)
    return net, busy


def _figures(log: LabelledLog, net: Tagger) -> dict[str, float]:
    batch = scan_messages(log.data())
    annotation = Annotator(tagger=Committee([net])).annotate(batch)
    found = [annotation.templates[i] for i in annotation.template[batch.structure].tolist()]
    texts, typed = [t.text for t in found], [t.typed_text for t in found]
    return measure(log.templates, typed_templates(log), texts, typed)


def _microseconds_an_atom(log: LabelledLog, net: Tagger) -> float:
    """Time the network alone over one system's structures, median of nine."""
    batch = scan_messages(log.data())
    lexicon = Lexicon()
    seen = list(views(batch, range(len(batch.structures))))
    items = features(seen, lexicon, Evidence(), [True] * len(seen))
    times = []
    for _ in range(9):
        busy = time.process_time()
        Committee([net]).score(items, lexicon)
        times.append(time.process_time() - busy)
    return float(np.median(times)) / sum(map(len, items)) * 1e6


def compare(
    data: Path, families: Sequence[str], folds: Sequence[str], seeds: Sequence[int]
) -> dict[str, Any]:
    """Measure families on all folds and seeds."""
    logs = read_logs(data / "parsing")
    timed = max(logs, key=lambda log: len(log.categories))
    result: dict[str, Any] = {}
    for family in families:
        rows: dict[str, list[dict[str, float]]] = {}
        spent, nets = [], []
        for seed in seeds:
            for fold in folds:
                net, cpu_s = _trained(logs, family, fold, seed)
                spent.append(cpu_s)
                nets.append(net)
                for log in logs:
                    if log.name in fold.split("+"):
                        rows.setdefault(log.name, []).append(_figures(log, net))
        weights = sum(p.numel() for p in FAMILIES[family]().parameters())
        means = {
            n: float(np.mean([r[n] for many in rows.values() for r in many])) for n in FIGURES
        }
        result[family] = {
            "weights": weights,
            "mb_half_precision": 2 * weights / 1e6,
            "training_cpu_s": float(np.median(spent)),
            "microseconds_an_atom": _microseconds_an_atom(timed, nets[0]),
            "mean": means,
            "systems": {
                name: {n: float(np.mean([r[n] for r in many])) for n in FIGURES}
                for name, many in rows.items()
            },
        }
    return result


def main() -> None:
    """Run the comparison."""
    parser = argparse.ArgumentParser(description="Families of taggers at like size.")
    parser.add_argument("--data")
    parser.add_argument("--families", nargs="*", choices=FAMILIES, default=tuple(FAMILIES))
    parser.add_argument("--folds", nargs="*", default=GROUPS, metavar="SYSTEMS")
    parser.add_argument("--seeds", nargs="*", type=int, default=(0,))
    options = parser.parse_args()
    torch.set_num_threads(1)
    report: dict[str, Any] = report_header()
    report["folds"] = list(options.folds)
    report["families"] = compare(
        data_dir(options.data), options.families, options.folds, options.seeds
    )
    write_report(None, report)


if __name__ == "__main__":
    main()
