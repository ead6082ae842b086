"""The paper's own model: a graph encoder, and a transformer over the nodes of past windows.

GLAD, Li et al., ICKG 2023: built to be compared with `relation`, whose detector trains either.
Written from the paper's description alone. NOTICE says what a product should know of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch_geometric.nn import GCNConv

from glad.context import TRIGRAM_BUCKETS, TYPE_BUCKETS

if TYPE_CHECKING:
    from glad.relation import Part
    from glad.settings import RelationConfig

GRAPH_LAYERS, TIME_LAYERS = 3, 3
# The paper's beta, mu and gamma: slope and offset of the score, margin of the loss.
SLOPE, OFFSET, MARGIN = 1.0, 0.3, 0.5


class PaperModel(nn.Module):
    """Scores edges ``w * sigmoid(beta * (a h_i + b h_j) - mu)``, higher is more wrong.

    Three graph convolutions over events, fields and components (edges weighted by counts; no
    edges between events), a position for each window, then three transformer layers over the
    nodes of all windows in time order.

    Departures: nodes are learned ids and hashed trigrams instead of sentence embeddings, which
    need a language model; 32 wide, not 768; the transformer starts untrained; windows are
    the source's units, never stretches of time; a window sees those before it and itself, not
    later ones, and when scored it sees the last ones of history, so that no score depends on
    what else is scored; no SVDD term, which is an option there.
    """

    def __init__(self, config: RelationConfig, items: int) -> None:
        super().__init__()
        self.config = config
        width = config.width
        self.item = nn.Embedding(items + 1, width)
        self.item_type = nn.Embedding(TYPE_BUCKETS, width)
        self.trigrams = nn.EmbeddingBag(TRIGRAM_BUCKETS, width, mode="mean", padding_idx=0)
        self.graph = nn.ModuleList(GCNConv(width, width) for _ in range(GRAPH_LAYERS))
        self.position = nn.Embedding(config.windows + 1, width)
        layer = nn.TransformerEncoderLayer(
            width, config.heads, 2 * width, dropout=0.0, batch_first=True
        )
        self.time = nn.TransformerEncoder(layer, TIME_LAYERS, enable_nested_tensor=False)
        self.ends = nn.Linear(2 * width, 1, bias=False)  # a and b

    def forward(self, part: Part, past: Part) -> Tensor:
        """Give the score of each asked edge of some windows, (q,), after past ones."""
        before, now = self._encoded(past), self._encoded(part)
        before = before + self.position(past.window)
        now = now + self.position.weight[-1]
        window = torch.cat([past.window, part.window + self.config.windows])  # (n,)
        old = window < self.config.windows
        seen = torch.where(
            old[:, None],
            window[None, :] <= window[:, None],
            old[None, :] | (window[None, :] == window[:, None]),
        )  # (n, n): a row's node sees the column's
        states = self.time(torch.cat([before, now]).unsqueeze(0), mask=~seen).squeeze(0)
        states = states[len(before) :]
        ends = torch.cat([states[part.asked[0]], states[part.asked[1]]], -1)  # (q, 2 width)
        score = torch.sigmoid(SLOPE * self.ends(ends).squeeze(-1) - OFFSET)
        result: Tensor = part.asked_weight * score
        return result

    def _encoded(self, part: Part) -> Tensor:
        labels = self.trigrams(part.trigrams)
        nodes = self.item(part.item) + self.item_type(part.item_type) + labels[part.label]
        ends, weight = part.ends[:, ~part.is_next], part.count[~part.is_next].expm1()
        ends, weight = torch.cat([ends, ends.flip(0)], 1), torch.cat([weight, weight])
        for layer in self.graph:
            nodes = torch.relu(layer(nodes, ends, weight))
        states: Tensor = nodes
        return states


def margin_loss(scores: Tensor) -> Tensor:
    """Ask that edges that are there score lower than wrong ones, by a margin.

    The first half of ``scores`` is of edges, the second one of the wrong edges made of them. As
    in AddGraph, whose rule the paper keeps, pairs that the model has the other way round do not
    count: the wrong edge may be a right one that was not seen.
    """
    right, wrong = scores.chunk(2)
    kept = (right <= wrong).float()
    loss: Tensor = (kept * torch.relu(MARGIN + right - wrong)).sum() / kept.sum().clamp(min=1)
    return loss
