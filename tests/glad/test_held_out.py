"""History as its own units see it: without the stretch of time that they are in."""

import numpy as np
import pytest

from glad.context import edge_context, edge_keys
from glad.fields import shape_of
from glad.held_out import HeldOut
from glad.history import STRETCHES, EdgeTable, stretches


@pytest.fixture(scope="module")
def graphs(detector, history):
    return detector.graphs(history.take(np.arange(300)))


@pytest.fixture(scope="module")
def held_out(graphs):
    return HeldOut(graphs)


def test_counts_are_those_of_the_other_stretches(graphs, held_out):
    edges = np.arange(0, len(graphs.edge_role), 7)
    found = held_out.context(edges)
    stretch = stretches(graphs)
    for number in range(STRETCHES):
        rest = EdgeTable().fit(graphs, stretch != number)
        rows = stretch[graphs.edge_unit[edges]] == number
        np.testing.assert_array_equal(
            found[rows], edge_context(rest, edge_keys(graphs, edges[rows]))
        )
        assert rest.units_ == np.count_nonzero(stretch != number)


def test_what_one_stretch_alone_has_is_unknown_to_its_units(graphs, held_out):
    stretch = stretches(graphs)
    for item in range(len(graphs.item_keys)):
        having = set(stretch[graphs.node_unit[graphs.node_item == item]].tolist())
        hidden = [bool(held_out.is_new[number, item]) for number in having]
        assert hidden == [len(having) == 1] * len(having)


def test_wrong_edges_are_made_of_what_the_rest_of_history_knows(graphs, held_out):
    edges = np.flatnonzero(graphs.is_field)[:50]
    items = np.repeat(graphs.node_item[graphs.edge_target[edges]][:, None], 2, axis=1)
    known = held_out.knows(edges, items)
    unseen = held_out.context(edges)[:, 11] == 1
    assert (known[:, 0] == known[:, 1]).all()
    assert not known[unseen].any()


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("10.0.0.7", "192.168.14.2"),
        ("mail.example.org", "a.b.c.example.com"),
        ("__getblk+0x25/0x2b", "journal_start+0x78/0x9e"),
    ],
)
def test_values_that_look_alike_share_a_shape(left, right):
    assert shape_of(left.strip("_").replace("_", "")) == shape_of(right.replace("_", ""))


def test_values_that_look_different_have_different_shapes():
    assert len({shape_of(text) for text in ("10.0.0.7", "root", "8a2f", "/etc/passwd")}) == 4


def test_new_values_of_an_open_place_are_not_wrong(detector, history, later):
    """Each order has a total of its own: what is new there is nothing to speak of."""
    graphs = detector.graphs(later)
    odds = detector.edge_odds(graphs)
    usual = np.delete(np.arange(graphs.units), [11, 20, 30])
    clean = np.isin(graphs.edge_unit, usual)
    wrong = (graphs.edge_unit == 30) & (detector.edges.seen(graphs.edge_keys) == 0)
    assert odds[wrong].max() > odds[clean].max()


def test_edge_that_counts_itself_is_seen_once_more(graphs, held_out):
    edges = np.flatnonzero(graphs.is_field)[:20]
    once = np.arange(len(edges)) % 2 == 0
    plain, counted = held_out.context(edges), held_out.context(edges, counted=once)
    assert (counted[once, 0] > plain[once, 0]).all()
    assert (counted[once, 10] == 0).all()
    np.testing.assert_array_equal(counted[~once], plain[~once])
