"""Calls between services, on a made log of three services that write their spans."""

import numpy as np
import pytest

from glad import Detector, DetectorConfig, DetectorName, group_units, read_events
from glad.calls import find_handovers
from glad.settings import RelationConfig
from glad.units import UnitRule
from logscan import HEADER_FORMATS, scan
from valb import Annotator

START = "2026-03-01 10:{minute:02d}:{second:02d},000"
REQUESTS = 240
# Who calls whom in a usual request, and from which of its spans.
USUAL = (("web.Front", "shop.Cart"), ("shop.Cart", "shop.Stock"), ("web.Front", "user.Login"))


def request_lines(number, calls):
    trace = f"trace_{4_000_000 + number}"
    spans = {"web.Front": f"{number:04x}a0b1c2d3"}
    lines = [f"web.Front: GET basket {trace} span_id={spans['web.Front']}"]
    for place, (caller, callee) in enumerate(calls):
        spans[callee] = f"{number:04x}{place}f00dbead"
        lines.append(
            f"{callee}: handled {trace} span_id={spans[callee]} parent_span_id={spans[caller]}"
        )
    return lines


def traced_log(requests, wrong=()):
    out = []
    for number in range(requests):
        calls = list(USUAL)
        if number in wrong:
            calls[2] = ("shop.Stock", "user.Login")  # both are known, the call is not
        time = START.format(minute=number // 60, second=number % 60)
        out += [f"{time} INFO {line}\n" for line in request_lines(number, calls)]
    return "".join(out).encode()


def read_traces(annotator, data):
    batch = scan(data, header=HEADER_FORMATS["log4j"], received_ns=0)
    events = read_events(batch, annotator.annotate(batch))
    return group_units(events, UnitRule(r"trace_\d+"))


@pytest.fixture(scope="module")
def annotator():
    annotator = Annotator()
    read_traces(annotator, traced_log(60))
    return annotator


@pytest.fixture(scope="module")
def usual(annotator):
    return read_traces(annotator, traced_log(REQUESTS))


@pytest.fixture(scope="module")
def fitted(usual):
    relation = RelationConfig(width=16, steps=60, units_at_once=32)
    return Detector(DetectorConfig(relation=relation, warm_up_units=0)).fit(usual)


def calls_of(graphs, unit):
    edges = np.flatnonzero(graphs.is_call & (graphs.edge_unit == unit))
    names = [graphs.item_labels[item] for item in graphs.node_item]
    return {
        (
            names[graphs.edge_source[edge]],
            graphs.role_names[graphs.edge_role[edge]],
            names[graphs.edge_target[edge]],
        )
        for edge in edges
    }


def test_parent_spans_make_calls_between_components(fitted, usual):
    found = calls_of(fitted.graphs(usual), 3)
    assert {edge for edge in found if edge[1] != "passes to"} == {
        edge
        for caller, callee in USUAL
        for edge in ((caller, "calls", callee), (callee, "called by", caller))
    }


def test_identifier_that_passes_components_is_handed_over(fitted, usual):
    found = calls_of(fitted.graphs(usual), 3)
    assert ("shop.Stock", "passes to", "user.Login") in found
    assert ("user.Login", "passes to", "shop.Stock") not in found


def test_windows_hand_nothing_over(usual):
    windows = group_units(usual.events, UnitRule(size=8, step=8))
    assert not len(find_handovers(windows))


def test_wrong_call_is_named_and_drawn(fitted, annotator):
    later = read_traces(annotator, traced_log(20, wrong={7}))
    graphs = fitted.graphs(later)
    odds = fitted.edge_odds(graphs)
    worst = int(np.argmax(np.where(graphs.is_call, odds, -np.inf)))
    assert graphs.edge_unit[worst] == 7
    (anomaly,) = fitted.explain(later, fitted.score(later), [7])
    part = next(p for p in anomaly.evidence.parts if p.detector == DetectorName.RELATION)
    assert "component 'user.Login' called by 'shop.Stock': never in 240 units" in part.text
    assert "usual: 'web.Front' (240)" in part.text
    names = {node.id: (node.label, node.kind) for node in anomaly.evidence.nodes}
    drawn = {
        (names[link.source][0], link.label, names[link.target][0], str(link.state))
        for link in anomaly.evidence.links
    }
    assert ("shop.Stock", "calls", "user.Login", "wrong") in drawn
    assert not any(label == "called by" for _, label, *_ in drawn)
    assert ("shop.Stock", "component") in {(label, str(kind)) for label, kind in names.values()}
