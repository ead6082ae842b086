"""The model of relations: whether a value, or a next event, is wrong for an event here.

Top to bottom: configuration, batches, layers, detector. Import it where training or scoring
starts: it loads torch. Graphs and wrong edges are made elsewhere.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn
from torch_geometric.nn import TransformerConv

from glad.context import (
    CONTEXT,
    ROLE_BUCKETS,
    TRIGRAM_BUCKETS,
    TRIGRAMS,
    TYPE_BUCKETS,
    WrongEdgeMaker,
    draw_unlinked,
    make_inputs,
)
from glad.errors import NoDevice
from glad.graph import worst_edges
from glad.held_out import HeldOut
from glad.paper import PaperModel, margin_loss

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from glad.context import Inputs
    from glad.graph import Graphs
    from glad.history import EdgeTable
    from glad.settings import RelationConfig


# Of the nodes of a step, those hidden although history knows them. Without it a syslog's
# wrong relations have a window AUC of .87, not .97: few units are soon learnt by heart.
HIDDEN_ITEMS = 0.1
# Of the questions of training, those asked as if history had the edge once: wrong ones are in
# history, too, and all of them when it is judged itself.
COUNTED = 0.25
# Names of the past among the weights.
_PAST = "past_units."


def pick_device(name: str) -> torch.device:
    """Turn ``cpu``, ``cuda`` or ``auto`` into a device."""
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    if name.startswith("cuda") and not torch.cuda.is_available():
        raise NoDevice(f"no CUDA device for {name!r}")
    return torch.device(name)


@dataclass(frozen=True)
class Part:
    """Some units of `Graphs` as tensors: n nodes, m edges, q questions."""

    window: Tensor  # (n,) which of the units, counted from 0
    item: Tensor  # (n,)
    item_type: Tensor  # (n,)
    trigrams: Tensor  # (distinct items, TRIGRAMS)
    label: Tensor  # (n,) row of `trigrams`
    ends: Tensor  # (2, m) nodes of each edge
    role: Tensor  # (m,)
    count: Tensor  # (m,) log(1 + count)
    is_next: Tensor  # (m,)
    fold: Tensor  # (m,)
    asked: Tensor  # (2, q) source and target node of each question
    asked_role: Tensor  # (q,)
    asked_weight: Tensor  # (q,) count of the edge, or of the one that was replaced
    asked_fold: Tensor  # (q,)
    asked_blind: Tensor  # (q,) the model may not look at the ends
    context: Tensor  # (q, CONTEXT)


class RelationModel(nn.Module):
    """Attention over a unit's graph, then a score for each question "is this edge wrong?".

    Of the family of GLAD (Li et al., ICKG 2023). Departures: nodes are ids and hashed
    trigrams instead of sentence embeddings; edges between following events; attention layers
    instead of convolutions; an edge is scored while it is masked out of the messages, with
    products of its ends; counts of history instead of a transformer over windows of time, or
    with ``temporal="gru"`` a recurrent network over the units before, each the mean of its
    nodes. `paper.PaperModel` is the paper's own form.
    """

    def __init__(self, config: RelationConfig, items: int) -> None:
        super().__init__()
        self.config = config
        width = config.width
        self.item = nn.Embedding(items + 1, width)
        self.item_type = nn.Embedding(TYPE_BUCKETS, width)
        self.trigrams = nn.EmbeddingBag(TRIGRAM_BUCKETS, width, mode="mean", padding_idx=0)
        for table in (self.item, self.item_type, self.trigrams):
            nn.init.normal_(table.weight, std=0.1)
        self.role = nn.Embedding(ROLE_BUCKETS, 8)
        self.layers = nn.ModuleList(
            TransformerConv(width, width // config.heads, config.heads, edge_dim=10)
            for _ in range(config.layers)
        )
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(config.layers))
        self.past = nn.GRU(width, width) if config.temporal == "gru" else None
        size = (4 if self.past else 3) * width + 8 + CONTEXT
        self.head = nn.Sequential(nn.Linear(size, width), nn.ReLU(), nn.Linear(width, 1))

    def forward(self, part: Part, past: Part | None) -> Tensor:
        """Give the log odds that each asked edge is wrong, shape (q,), after past units."""
        nodes = self._nodes(part)
        before = self._state(past) if self.past and past else None  # (1, width)
        result = nodes.new_zeros(part.asked.shape[1])
        for fold in range(self.config.folds):
            asked = part.asked_fold == fold
            states = self._messages(nodes, part, part.fold != fold)
            open_eyed = ~part.asked_blind[asked, None]
            u = states[part.asked[0, asked]] * open_eyed  # (q', width)
            v = states[part.asked[1, asked]] * open_eyed
            context = part.context[asked]
            if self.config.temporal != "counts":
                context = torch.zeros_like(context)
            seen = [u, v, u * v, self.role(part.asked_role[asked]), context]
            if before is not None:
                seen.append(before.expand(len(u), -1))
            result[asked] = self.head(torch.cat(seen, -1)).squeeze(-1)
        odds: Tensor = result
        return odds

    def _nodes(self, part: Part) -> Tensor:
        labels = self.trigrams(part.trigrams)  # (distinct items, width)
        own = self.item(part.item) + self.item_type(part.item_type)
        nodes: Tensor = own + labels[part.label]  # (n, width)
        return nodes

    def _state(self, past: Part) -> Tensor:
        """Run over the units before, in time order; (1, width)."""
        kept = torch.ones_like(past.is_next)
        nodes = self._messages(self._nodes(past), past, kept)
        size = torch.bincount(past.window).unsqueeze(-1)  # (windows, 1)
        units = nodes.new_zeros(len(size), nodes.shape[1])
        units = units.index_add(0, past.window, nodes) / size.clamp(min=1)
        assert self.past is not None
        state: Tensor = self.past(units)[1]
        return state

    def _messages(self, nodes: Tensor, part: Part, kept: Tensor) -> Tensor:
        """Pass messages over the edges that are kept, both ways; (n, width)."""
        ends, role = part.ends[:, kept], self.role(part.role[kept])
        count = part.count[kept].unsqueeze(-1)
        both = torch.cat([ends, ends.flip(0)], 1)  # (2, 2 m)
        way = torch.cat([torch.zeros_like(count), torch.ones_like(count)])
        sides = torch.cat([torch.cat([role, role]), torch.cat([count, count]), way], -1)
        for layer, norm in zip(self.layers, self.norms, strict=True):
            nodes = norm(nodes + torch.relu(layer(nodes, both, sides)))
        states: Tensor = nodes
        return states


class RelationDetector:
    """Trains a `RelationModel` on a source's graphs and scores the edges of others.

    Attributes
    ----------
    items_ : ndarray of shape (n_items,)
        Keys of the items of training, sorted: the vocabulary.
    """

    items_: NDArray[np.uint64]
    past_: Part | None  # the last units of history, where the model looks at them
    model: RelationModel | PaperModel

    # Edges of one batch when scoring: bounds memory, and for the transformer its square.
    EDGES_AT_ONCE, EDGES_OF_PAPER = 40_000, 2_000

    def __init__(self, config: RelationConfig, *, device: str = "cpu") -> None:
        self.config = config
        self.device = pick_device(device)
        self.past_ = None

    @property
    def is_paper(self) -> bool:
        """True for the paper's own form."""
        return self.config.temporal == "transformer"

    @property
    def looks_back(self) -> bool:
        """True where units before are looked at."""
        return self.config.temporal in {"gru", "transformer"}

    def build(self, items: NDArray[np.uint64]) -> None:
        """Make an untrained model for a vocabulary."""
        self.items_ = items
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.config.seed)
            form = PaperModel if self.is_paper else RelationModel
            self.model = form(self.config, len(items)).to(self.device)

    def fit(self, graphs: Graphs, table: EdgeTable) -> RelationDetector:
        """Train on the graphs that ``table`` counts, then again without the worst units."""
        with _one_thread():
            return self._fit(graphs, table)

    def _fit(self, graphs: Graphs, table: EdgeTable) -> RelationDetector:
        self.build(np.unique(graphs.item_keys))
        held_out = HeldOut(graphs)
        inputs = self._inputs(graphs, held_out)
        maker = WrongEdgeMaker(graphs, table, held_out, seed=self.config.seed)
        rng = np.random.default_rng(self.config.seed)
        optimiser = torch.optim.Adam(self.model.parameters(), lr=self.config.rate)
        units = np.arange(graphs.units)
        for half in range(2):
            for _ in range(self.config.steps // 2):
                chosen, before = self._chosen(units, rng)
                tools = (chosen, rng, held_out)
                questions = self._questions(graphs, inputs, maker, tools)
                if questions is not None:
                    past = self._past(graphs, inputs, before)
                    self._step(optimiser, questions, past)
            if half == 0 and self.config.trimmed > 0:
                self.past_ = self._past(graphs, inputs, units[-self.config.windows :])
                # History is not clean: what the model finds wrong now, it shall not learn.
                worst, _ = worst_edges(graphs, self._score(graphs, inputs))
                kept = len(units) - int(self.config.trimmed * len(units))
                units = np.sort(np.argsort(worst, kind="stable")[:kept])
        self.past_ = self._past(graphs, inputs, units[-self.config.windows :])
        return self

    def _inputs(self, graphs: Graphs, history: EdgeTable | HeldOut) -> Inputs:
        inputs = make_inputs(graphs, history, self.items_)
        # The paper has no edges between events, and asks of those to components as well.
        return replace(inputs, scored=~graphs.is_next) if self.is_paper else inputs

    def _chosen(
        self, units: NDArray[np.int64], rng: np.random.Generator
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Draw the units of a step, and give those before them: none, or in time order."""
        size = min(len(units), self.config.units_at_once)
        if not self.looks_back:
            return np.sort(rng.choice(units, size, replace=False)), units[:0]
        start = int(rng.integers(min(self.config.windows, len(units) - 1), len(units)))
        return units[start : start + size], units[max(0, start - self.config.windows) : start]

    def _past(self, graphs: Graphs, inputs: Inputs, units: NDArray[np.int64]) -> Part | None:
        if not self.looks_back:
            return None
        nothing = np.zeros(0, np.int64)
        fold = np.zeros(len(graphs.edge_role), np.int64)
        kept = (_ranges(graphs.first_node, units), _ranges(graphs.first_edge, units), fold)
        return self._part(graphs, inputs, kept, (nothing, nothing, inputs.context[:0]))

    def weights(self) -> dict[str, NDArray[np.generic]]:
        """Give the weights of the model, and the past that it looks at."""
        state = self.model.state_dict()
        arrays = {name: value.cpu().numpy() for name, value in state.items()}
        past = {} if self.past_ is None else vars(self.past_)
        return arrays | {f"{_PAST}{name}": value.cpu().numpy() for name, value in past.items()}

    def restore(
        self, items: NDArray[np.uint64], weights: Mapping[str, NDArray[np.generic]]
    ) -> None:
        """Take a vocabulary and weights that `weights` gave."""
        self.build(items)
        state = {name: torch.from_numpy(value) for name, value in weights.items()}
        past = {name: state.pop(name) for name in list(state) if name.startswith(_PAST)}
        self.model.load_state_dict(state)
        if past:
            tensors = [past[f"{_PAST}{column.name}"].to(self.device) for column in fields(Part)]
            self.past_ = Part(*tensors)

    def _step(
        self,
        optimiser: torch.optim.Optimizer,
        questions: tuple[Part, Tensor],
        past: Part | None,
    ) -> None:
        self.model.train()
        optimiser.zero_grad()
        part, answers = questions
        scores = self.model(part, past)
        if self.is_paper:
            loss = margin_loss(scores)
        else:
            loss = nn.functional.binary_cross_entropy_with_logits(scores, answers)
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        optimiser.step()

    def _questions(
        self,
        graphs: Graphs,
        inputs: Inputs,
        maker: WrongEdgeMaker,
        tools: tuple[NDArray[np.int64], np.random.Generator, HeldOut],
    ) -> tuple[Part, Tensor] | None:
        """Ask of each edge of some units, and of as many wrong ones."""
        units, rng, held_out = tools
        edges = _ranges(graphs.first_edge, units)
        asked = edges[inputs.scored[edges]]
        if not len(asked):
            return None
        if self.is_paper:
            return self._paper_questions(graphs, inputs, (units, edges), (asked, rng))
        wrong = maker.draw(asked)
        fold = np.zeros(len(graphs.edge_role), np.int64)
        fold[edges] = rng.integers(0, self.config.folds, len(edges))
        context = np.concatenate(
            (
                held_out.context(asked, counted=rng.random(len(asked)) < COUNTED),
                held_out.context(
                    wrong.edge, wrong.item, counted=rng.random(len(wrong.edge)) < COUNTED
                ),
            )
        )
        part = self._part(
            graphs,
            inputs,
            (_ranges(graphs.first_node, units), edges, fold),
            (np.concatenate((asked, wrong.edge)), wrong.item, context),
            hidden=(held_out, rng),
        )
        if self.config.temporal == "counts":
            blind = rng.random(len(part.asked_blind)) < self.config.blind
            part.asked_blind.copy_(torch.from_numpy(blind))
        answers = np.repeat([0.0, 1.0], [len(asked), len(wrong.edge)]).astype(np.float32)
        return part, torch.from_numpy(answers).to(self.device)

    def _paper_questions(
        self,
        graphs: Graphs,
        inputs: Inputs,
        kept: tuple[NDArray[np.int64], NDArray[np.int64]],
        tools: tuple[NDArray[np.int64], np.random.Generator],
    ) -> tuple[Part, Tensor] | None:
        """Ask of edges, and of the wrong edges made of them, in the same order."""
        units, edges = kept
        asked, source, target = draw_unlinked(graphs, *tools)
        if not len(asked):
            return None
        nodes = _ranges(graphs.first_node, units)
        fold = np.zeros(len(graphs.edge_role), np.int64)
        twice = np.concatenate((asked, asked))
        question = (twice, asked[:0], inputs.context[twice])
        part = self._part(graphs, inputs, (nodes, edges, fold), question)
        part.asked[:, len(asked) :] = torch.from_numpy(
            np.searchsorted(nodes, np.stack((source, target)))
        ).to(self.device)
        answers = torch.arange(len(twice), device=self.device) >= len(asked)
        return part, answers.float()

    def score(self, graphs: Graphs, table: EdgeTable) -> NDArray[np.float32]:
        """Give the log odds that each edge is wrong, shape (M,); -inf where it is not asked.

        The paper's form gives the logarithm of its score.
        """
        inputs = self._inputs(graphs, table)
        with _one_thread():
            return self._score(graphs, inputs)

    @torch.inference_mode()
    def _score(self, graphs: Graphs, inputs: Inputs) -> NDArray[np.float32]:
        self.model.eval()
        scores = np.full(len(graphs.edge_role), -np.inf, np.float32)
        # The fold of an edge must not depend on what else is scored.
        fold = (graphs.edge_keys % np.uint64(self.config.folds)).astype(np.int64)
        at_once = self.EDGES_OF_PAPER if self.is_paper else self.EDGES_AT_ONCE
        groups = graphs.first_edge // at_once
        for group in np.unique(groups[:-1]).tolist():
            units = np.flatnonzero(groups[:-1] == group)
            edges = _ranges(graphs.first_edge, units)
            asked = edges[inputs.scored[edges]]
            if not len(asked):
                continue
            part = self._part(
                graphs,
                inputs,
                (_ranges(graphs.first_node, units), edges, fold),
                (asked, np.zeros(0, np.int64), inputs.context[asked]),
            )
            found = self.model(part, self.past_)
            scores[asked] = (found.log() if self.is_paper else found).cpu().numpy()
        return scores

    def _part(
        self,
        graphs: Graphs,
        inputs: Inputs,
        kept: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]],
        asked: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]],
        *,
        hidden: tuple[HeldOut, np.random.Generator] | None = None,
    ) -> Part:
        """Make tensors of some nodes and edges, and of questions about them.

        The last questions are of wrong targets: items that take the place of an edge's own
        target. One that is no node of the unit becomes a node without edges. In training, what
        the rest of history does not know is ``hidden``: as unknown as a new item will be.
        """
        nodes, edges, fold = kept
        questions, wrong, context = asked
        width = len(graphs.item_keys)
        node_key = graphs.node_unit[nodes] * width + graphs.node_item[nodes]
        source = np.searchsorted(nodes, graphs.edge_source[questions])
        target = np.searchsorted(nodes, graphs.edge_target[questions])
        items, unit = graphs.node_item[nodes], graphs.node_unit[nodes]
        if len(wrong):
            wrong_unit = graphs.edge_unit[questions[-len(wrong) :]]
            wrong_key = wrong_unit * width + wrong
            place = np.searchsorted(node_key, wrong_key).clip(0, len(nodes) - 1)
            absent = node_key[place] != wrong_key
            place[absent] = len(nodes) + np.arange(int(absent.sum()))
            target[-len(wrong) :] = place
            items = np.concatenate((items, wrong[absent]))
            unit = np.concatenate((unit, wrong_unit[absent]))
        distinct, label = np.unique(items, return_inverse=True)
        item, trigrams = inputs.item[items], inputs.item_trigrams[distinct]
        if hidden is not None:
            history, rng = hidden
            unknown = history.hides(unit, items) | (rng.random(len(items)) < HIDDEN_ITEMS)
            item = np.where(unknown, 0, item)
            # Their labels, too: a model that knows them by heart takes new ones for wrong.
            label = np.where(unknown, len(distinct), label)
            trigrams = np.concatenate((trigrams, np.zeros((1, TRIGRAMS), np.int64)))
        ends = (graphs.edge_source[edges], graphs.edge_target[edges])
        arrays = (
            np.unique(unit, return_inverse=True)[1],
            item,
            inputs.item_type[items],
            trigrams,
            label,
            np.searchsorted(nodes, np.stack(ends)),
            inputs.role[edges],
            np.log1p(graphs.edge_count[edges]).astype(np.float32),
            graphs.is_next[edges],
            fold[edges],
            np.stack((source, target)),
            inputs.role[questions],
            graphs.edge_count[questions].astype(np.float32),
            fold[questions],
            np.zeros(len(questions), bool),
            context,
        )
        return Part(*(torch.from_numpy(array).to(self.device) for array in arrays))


@contextmanager
def _one_thread() -> Iterator[None]:
    """Let torch use one thread: the matrices are small, and threads wait for each other."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _ranges(first: NDArray[np.int64], units: NDArray[np.int64]) -> NDArray[np.int64]:
    """List the nodes or edges of some units."""
    size = np.diff(first)[units]
    return np.repeat(first[units] - np.cumsum(size) + size, size) + np.arange(size.sum())
