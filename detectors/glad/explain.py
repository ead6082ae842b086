"""Evidence: from scores to sentences, edge histories and the relation graph of a unit.

Only what training counted is used; no score is made here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from glad.anomaly import (
    MAX_GRAPH_NODES,
    DetectorName,
    DetectorPart,
    EdgeHistory,
    EdgeState,
    Evidence,
    GraphEdge,
    GraphNode,
    NodeKind,
)
from glad.counts import count_events
from glad.graph import CALLED_BY, CALLS, EVENT, NEXT
from glad.novelty import WARN, highest_levels

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from glad.detector import Detector, Sight

# A detector says something about a unit when its tail is below this.
WORTH_SAYING = 0.01
EDGES_SHOWN = 3
ROWS_SHOWN = 20
LABEL_LENGTH = 120
# A next event is expected where so many of the units with the first one had it.
EXPECTED_SHARE = 0.9
LEVEL_NAMES = ("none", "TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")
_KINDS = (NodeKind.EVENT, NodeKind.COMPONENT, NodeKind.FIELD)


def explain_unit(
    detector: Detector,
    sight: Sight,
    tails: NDArray[np.float64],
    *,
    leading: DetectorName,
    edge_scores: NDArray[np.float64],
) -> Evidence:
    """Explain one unit.

    Parameters
    ----------
    detector : Detector
    sight : Sight
        Of this unit alone.
    tails : ndarray of shape (5,)
        Its tail probabilities by detector.
    leading : DetectorName
    edge_scores : ndarray of shape (M,)
        How wrong each edge of its graph is, 0 to 1.
    """
    names = tuple(DetectorName)
    texts = {
        name: _TEXTS[name](detector, sight, edge_scores) if tails[i] < WORTH_SAYING else ""
        for i, name in enumerate(names)
    }
    order = worst_edges(sight, edge_scores)
    history = tuple(
        edge_history(detector, sight, edge) for edge in order[:EDGES_SHOWN].tolist()
    )
    nodes, links = _drawing(detector, sight, edge_scores)
    rows = sight.units.events.row[sight.units.records]
    return Evidence(
        sentence=texts[leading] or _TEXTS[leading](detector, sight, edge_scores),
        parts=tuple(
            DetectorPart(name, float(tails[i]), texts[name]) for i, name in enumerate(names)
        ),
        edges=history,
        nodes=nodes,
        links=links,
        rows=_shown_rows(detector, sight, order, leading),
        all_rows=tuple(rows.tolist()),
    )


def worst_edges(sight: Sight, edge_scores: NDArray[np.float64]) -> NDArray[np.int64]:
    """Order the edges that can be wrong, worst first."""
    graphs = sight.graphs
    able = np.flatnonzero(graphs.is_asked)
    return able[np.argsort(-edge_scores[able], kind="stable")]


def edge_history(detector: Detector, sight: Sight, edge: int) -> EdgeHistory:
    """Say how often training saw an edge, and what it saw in its place."""
    graphs, table = sight.graphs, detector.edges
    items = graphs.node_item
    place = int(graphs.place_keys[edge])
    usual = [
        (_short(detector.labels_.get(f"{key:016x}", "?")), units)
        for key, units in table.usual(place)
    ]
    target = graphs.item_labels[items[graphs.edge_target[edge]]]
    return EdgeHistory(
        source=_short(graphs.item_labels[items[graphs.edge_source[edge]]]),
        target=_short(f"{_edge_label(sight, edge)} {target}"),
        seen=int(table.seen(graphs.edge_keys[edge : edge + 1])[0]),
        units=detector.units_,
        usual=tuple(usual),
    )


def _relation_text(detector: Detector, sight: Sight, edge_scores: NDArray[np.float64]) -> str:
    order = worst_edges(sight, edge_scores)
    if not len(order):
        return ""
    graphs, edge = sight.graphs, int(order[0])
    history = edge_history(detector, sight, edge)
    target = _short(graphs.item_labels[graphs.node_item[graphs.edge_target[edge]]])
    if graphs.is_next[edge]:
        claim = f"event '{history.source}' followed by '{target}'"
    elif graphs.is_call[edge]:
        claim = f"component '{history.source}' {_edge_label(sight, edge)} '{target}'"
    else:
        claim = f"event '{history.source}' with {_edge_label(sight, edge)} '{target}'"
    return f"{claim}: {_how_often(history.seen, history.units)}; {_usually(history.usual)}"


def _novelty_text(detector: Detector, sight: Sight, _: NDArray[np.float64]) -> str:
    units, novelty = sight.units, detector.novelty
    said = []
    seen = novelty.type_counts(units)
    kinds = np.unique(units.events.type[units.records])
    rarest = int(kinds[np.argmin(seen[kinds])])
    if novelty.type_surprise(units)[rarest] > 0:
        text = _short(units.events.types[rarest].text)
        said.append(f"event '{text}': {_how_often(int(seen[rarest]), detector.units_)}")
    level = int(highest_levels(units)[0])
    if level >= WARN:
        of = int(novelty.level_units_[level])
        said.append(f"level {LEVEL_NAMES[level]}: {_how_often(of, detector.units_)}")
    pattern = int(novelty.pattern_counts(units)[0])
    if pattern * 20 < detector.units_:
        said.append(f"these counts of events: {_how_often(pattern, detector.units_)}")
    return "; ".join(said)


def _counts_text(detector: Detector, sight: Sight, _: NDArray[np.float64]) -> str:
    differences = detector.counts.differences(sight.units)
    said = [
        f"event '{_short(_event_text(detector, sight, key))}' {found} times, usually {usual}"
        for key, found, usual in differences[:EDGES_SHOWN]
    ]
    more = len(differences) - len(said)
    return "; ".join(said) + (f"; and {more} more" if more > 0 else "")


def _sequence_text(detector: Detector, sight: Sight, _: NDArray[np.float64]) -> str:
    units = sight.units
    before, after, _surprise = detector.sequence.worst_step(units, 0)
    kinds = units.events.type[units.records]
    names = [
        _short(units.events.types[kind].text)
        for kind in kinds[[before, min(after, len(kinds) - 1)]]
    ]
    if before < 0:
        return f"starts with '{names[1]}', which is not usual"
    if after >= len(kinds):
        return f"ends after '{names[0]}', which is not usual"
    return f"'{names[0]}' followed by '{names[1]}', which is not usual"


def _drift_text(detector: Detector, sight: Sight, _: NDArray[np.float64]) -> str:
    units, fields = sight.units, sight.fields
    value = int(detector.drift.worst_values(units, fields)[1][0])
    if value < 0:
        return ""
    events = units.events
    text = events.texts[events.value_text[value]].decode("utf-8", "backslashreplace")
    role = fields.role_keys[fields.role[value]]
    low, middle, high = detector.drift.usual(int(role))
    kind = events.types[events.type[events.value_record[value]]].text
    name = fields.role_names[fields.role[value]]
    return (
        f"event '{_short(kind)}' with {name} {_short(text)}: "
        f"usual {low:.3g} to {high:.3g}, mostly near {middle:.3g}"
    )


def _words_text(detector: Detector, sight: Sight, _: NDArray[np.float64]) -> str:
    rows = detector.words.unlike(sight.units, sight.graphs)
    near = detector.words.near_[0]
    said = [
        f"'{word}' ({count} times), in {having or 'none'} of the {near} units most like it"
        for word, count, having in rows[:EDGES_SHOWN]
    ]
    more = len(rows) - len(said)
    return "; ".join(said) + (f"; and {more} more words" if more > 0 else "")


_TEXTS = {
    DetectorName.NOVELTY: _novelty_text,
    DetectorName.COUNTS: _counts_text,
    DetectorName.SEQUENCE: _sequence_text,
    DetectorName.DRIFT: _drift_text,
    DetectorName.RELATION: _relation_text,
    DetectorName.WORDS: _words_text,
}


def _how_often(seen: int, units: int) -> str:
    return f"never in {units:,} units" if seen == 0 else f"in {seen:,} of {units:,} units"


def _usually(usual: tuple[tuple[str, int], ...]) -> str:
    if not usual:
        return "nothing like it is known"
    return "usual: " + ", ".join(f"'{label}' ({units:,})" for label, units in usual[:3])


def _short(text: str) -> str:
    return text if len(text) <= LABEL_LENGTH else text[: LABEL_LENGTH - 1] + "…"


def _edge_label(sight: Sight, edge: int) -> str:
    return sight.graphs.role_names[int(sight.graphs.edge_role[edge])]


def _event_text(detector: Detector, sight: Sight, key: int) -> str:
    for kind in sight.units.events.types:
        if int(kind.id, 16) == key:
            return kind.text
    return detector.labels_.get(f"{key:016x}", "?")


def _shown_rows(
    detector: Detector, sight: Sight, order: NDArray[np.int64], leading: DetectorName
) -> tuple[int, ...]:
    """Choose the records that show what the leading detector means, worst first."""
    units = sight.units
    events, records = units.events, units.records
    if leading is DetectorName.RELATION and len(order):
        worst = sight.graphs.edge_record[order[:EDGES_SHOWN]]
    elif leading is DetectorName.DRIFT:
        value = int(detector.drift.worst_values(units, sight.fields)[1][0])
        worst = events.value_record[[value]] if value >= 0 else records[:0]
    elif leading is DetectorName.SEQUENCE:
        before, after, _ = detector.sequence.worst_step(units, 0)
        worst = records[max(before, 0) : after + 1]
    else:
        surprise = detector.novelty.type_surprise(units)[events.type[records]]
        surprise = surprise + events.level[records]
        worst = records[np.argsort(-surprise, kind="stable")]
    return tuple(dict.fromkeys(events.row[worst[:ROWS_SHOWN]].tolist()))


def _drawing(
    detector: Detector, sight: Sight, edge_scores: NDArray[np.float64]
) -> tuple[tuple[GraphNode, ...], tuple[GraphEdge, ...]]:
    """Draw a unit: its worst edges first, as many nodes as a person can read."""
    graphs = sight.graphs
    order, edge_scores = _drawn(sight, edge_scores)
    kept: dict[int, int] = {}
    links = []
    for edge in order.tolist():
        ends = (int(graphs.edge_source[edge]), int(graphs.edge_target[edge]))
        if len(kept.keys() | set(ends)) > MAX_GRAPH_NODES:
            continue
        for end in ends:
            kept.setdefault(end, len(kept))
        score = float(edge_scores[edge])
        links.append(
            GraphEdge(
                source=f"n{kept[ends[0]]}",
                target=f"n{kept[ends[1]]}",
                label=_edge_label(sight, edge),
                count=int(graphs.edge_count[edge]),
                score=round(score, 4),
                state=EdgeState.WRONG if score > 0.5 else EdgeState.USUAL,
            )
        )
    table = count_events(sight.units)
    counts = dict(zip(table.type.tolist(), table.count.tolist(), strict=True))
    nodes = [
        GraphNode(
            id=f"n{number}",
            label=_short(graphs.item_labels[graphs.node_item[node]]),
            kind=_KINDS[int(graphs.item_kinds[graphs.node_item[node]])],
            count=counts.get(int(graphs.node_item[node]), 1),
        )
        for node, number in kept.items()
    ]
    _draw_missing(detector, sight, kept, (nodes, links))
    return tuple(nodes), tuple(links)


def _drawn(
    sight: Sight, edge_scores: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Order the edges to draw, worst first; a call is one arrow, as wrong as either way."""
    graphs, scores = sight.graphs, edge_scores.copy()
    called = np.array([name == CALLED_BY for name in graphs.role_names])[graphs.edge_role]
    ends = zip(graphs.edge_source.tolist(), graphs.edge_target.tolist(), strict=True)
    calls = {index for index, name in enumerate(graphs.role_names) if name == CALLS}
    numbers = {
        pair: edge for edge, pair in enumerate(ends) if int(graphs.edge_role[edge]) in calls
    }
    for edge in np.flatnonzero(called).tolist():
        call = numbers[int(graphs.edge_target[edge]), int(graphs.edge_source[edge])]
        scores[call] = max(scores[call], scores[edge])
    order = np.argsort(-scores, kind="stable")
    return order[~called[order]], scores


def _draw_missing(
    detector: Detector,
    sight: Sight,
    kept: dict[int, int],
    drawing: tuple[list[GraphNode], list[GraphEdge]],
) -> None:
    """Add events that nearly always come next after one of the unit, and did not."""
    graphs, table = sight.graphs, detector.edges
    nodes, links = drawing
    here = {int(graphs.item_keys[graphs.node_item[node]]): name for node, name in kept.items()}
    having = detector.novelty.type_counts(sight.units)
    for node, number in list(kept.items()):
        item = graphs.node_item[node]
        if graphs.item_kinds[item] != EVENT or len(nodes) >= MAX_GRAPH_NODES:
            continue
        for key, units in table.usual(graphs.next_place(int(item)))[:1]:
            if key in here or units < EXPECTED_SHARE * having[item]:
                continue
            here[key] = len(here)
            name = f"m{len(nodes)}"
            label = _short(detector.labels_.get(f"{key:016x}", "?"))
            nodes.append(GraphNode(name, label, NodeKind.EVENT, 0))
            links.append(GraphEdge(f"n{number}", name, NEXT, 0, 0.0, EdgeState.MISSING))
