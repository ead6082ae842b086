"""The forms of temporal context: each trains, scores alike in any batch, and is kept."""

import numpy as np
import pytest

from glad import Detector, DetectorConfig
from glad.context import draw_unlinked
from glad.relation import RelationDetector
from glad.settings import RelationConfig


@pytest.fixture(scope="module", params=["gru", "transformer", "none"])
def other(request, history):
    relation = RelationConfig(width=8, steps=8, units_at_once=16, temporal=request.param)
    config = DetectorConfig(relation=relation, warm_up_units=0)
    return Detector(config).fit(history.take(np.arange(120)))


def test_each_form_scores_alike_in_any_batch_and_when_kept(other, later, tmp_path):
    whole = other.score(later)
    order = np.random.default_rng(0).permutation(len(later))
    np.testing.assert_allclose(
        other.score(later.take(order)).fused, whole.fused[order], atol=1e-4
    )
    other.save(tmp_path)
    again = Detector.load(tmp_path)
    assert again.config.relation == other.config.relation
    np.testing.assert_array_equal(again.score(later).fused, whole.fused)


def test_units_before_matter_to_those_who_look_back(other, later):
    relation = other.relation
    assert isinstance(relation, RelationDetector)
    graphs = other.graphs(later)
    found = other.edge_odds(graphs)
    asked = np.isfinite(found)
    assert asked.any()
    past, relation.past_ = relation.past_, None
    if not relation.looks_back:
        assert past is None
        return
    early = other.graphs(later.take(np.arange(20, 20 + relation.config.windows)))
    inputs = relation._inputs(early, other.edges)
    relation.past_ = relation._past(early, inputs, np.arange(early.units))
    assert not np.allclose(other.edge_odds(graphs)[asked], found[asked], atol=1e-6)
    relation.past_ = past


def test_papers_wrong_edges_link_what_is_not_linked(other, later):
    graphs = other.graphs(later)
    edges = np.flatnonzero(~graphs.is_next)
    found, source, target = draw_unlinked(graphs, edges, np.random.default_rng(0))
    assert len(found)
    unit = graphs.node_unit
    assert (unit[source] == graphs.edge_unit[found]).all()
    assert (unit[target] == graphs.edge_unit[found]).all()
    ends = zip(graphs.edge_source.tolist(), graphs.edge_target.tolist(), strict=True)
    linked = {frozenset(pair) for pair in ends}
    pairs = zip(source.tolist(), target.tolist(), strict=True)
    assert not any(frozenset(pair) in linked for pair in pairs)
