"""The relation graph of one anomalous unit as a picture: its events and what they are tied to.

Wrong relations are thick, missing ones dashed as well, so that the picture needs no colours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from matplotlib.colors import to_rgba
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from logplatform.reports import plots

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from matplotlib.axes import Axes

    from logplatform.reports.plots import Look

    Place = tuple[float, float]
    Node = Mapping[str, Any]
    Link = Mapping[str, Any]

# Of each kind; the page of the anomaly draws up to 200 nodes.
MAX_EVENTS, MAX_OTHERS = 7, 6
ROW_IN = 0.62
BOX_WIDTH, BOX_HEIGHT = 2.6, 0.62
COLUMNS = {"component": 0.0, "event": 3.4, "field": 6.8}
LABEL_CHARS = 36
WRONG = {"light": "#d55e00", "dark": "#e69f00"}


def is_drawable(evidence: Mapping[str, Any]) -> bool:
    """Say whether there is a graph with a relation that is wrong or missing."""
    return any(link["state"] != "usual" for link in evidence.get("links", ()))


def in_words(evidence: Mapping[str, Any]) -> str:
    """Return what the picture shows."""
    names = {node["id"]: plots.label(node["label"], 60) for node in evidence["nodes"]}
    parts = [
        f"{names.get(link['source'], '?')} {link['label']} {names.get(link['target'], '?')} "
        f"is {link['state']}"
        for link in evidence["links"]
        if link["state"] != "usual"
    ]
    more = f", and {len(parts) - 3} more" if len(parts) > 3 else ""
    return f"Relations of the unit; {'; '.join(parts[:3])}{more}"


def draw(evidence: Mapping[str, Any], look: Look) -> bytes:
    """Draw the graph as PNG: components, events from first to last, fields."""
    shown = _in_order(_chosen(evidence["nodes"], evidence["links"]), evidence["links"])
    places = _places(shown)
    rows = max(-min(y for _, y in places.values()), 0) + 1
    figure, axes = plots.canvas(0.5 + ROW_IN * rows, look)
    axes.set_axis_off()
    axes.set_xlim(-BOX_WIDTH / 2 - 0.1, COLUMNS["field"] + BOX_WIDTH / 2 + 0.1)
    axes.set_ylim(-rows + 0.4, 0.75)
    links = [
        link
        for link in evidence["links"]
        if link["source"] in places and link["target"] in places
    ]
    for link in sorted(links, key=lambda link: link["state"] != "usual"):
        _arrow(axes, link, places, look)
    for node in shown:
        _box(axes, node, places[node["id"]], look)
    return plots.png(figure)


def _chosen(nodes: Iterable[Node], links: Iterable[Link]) -> list[Node]:
    """Return the nodes that are drawn: those of wrong relations first, then the commonest."""
    wrong = {
        link[end] for link in links if link["state"] != "usual" for end in ("source", "target")
    }
    ranked = sorted(nodes, key=lambda node: (node["id"] not in wrong, -node["count"]))
    left = {kind: MAX_EVENTS if kind == "event" else MAX_OTHERS for kind in COLUMNS}
    chosen = set()
    for node in ranked:
        if left[node["kind"]] > 0:
            left[node["kind"]] -= 1
            chosen.add(node["id"])
    return [node for node in nodes if node["id"] in chosen]


def _in_order(shown: list[Node], links: Iterable[Link]) -> list[Node]:
    """Return the nodes so that what comes next stands below, as far as there are no circles."""
    names = {node["id"] for node in shown if node["kind"] == "event"}
    before: dict[str, set[str]] = {name: set() for name in names}
    for link in links:
        if {link["source"], link["target"]} <= names and link["source"] != link["target"]:
            before[link["target"]].add(link["source"])
    waiting, placed, done = list(shown), [], set[str]()
    while waiting:
        # The first that all others before it stand above; in a circle, the one with the least.
        node = min(waiting, key=lambda node: len(before.get(node["id"], set()) - done))
        waiting.remove(node)
        placed.append(node)
        done.add(node["id"])
    return placed


def _places(shown: list[Node]) -> dict[str, Place]:
    """Return each node's place: a column for each kind, centred on the longest one."""
    columns = {kind: [node for node in shown if node["kind"] == kind] for kind in COLUMNS}
    longest = max(len(of) for of in columns.values())
    return {
        node["id"]: (COLUMNS[kind], -(row + (longest - len(of)) / 2))
        for kind, of in columns.items()
        for row, node in enumerate(of)
    }


def _arrow(axes: Axes, link: Link, places: Mapping[str, Place], look: Look) -> None:
    begin, end = places[link["source"]], places[link["target"]]
    is_usual = link["state"] == "usual"
    colour = look.ink if is_usual else WRONG["dark" if look is plots.DARK else "light"]
    start, stop, bend = _ends(begin, end)
    axes.add_patch(
        FancyArrowPatch(
            start,
            stop,
            connectionstyle=f"arc3,rad={bend}",
            arrowstyle="-|>",
            mutation_scale=9,
            linewidth=1.0 if is_usual else 2.2,
            linestyle="--" if link["state"] == "missing" else "-",
            color=colour,
            alpha=0.35 if is_usual else 1.0,
            zorder=1 if is_usual else 2,
        )
    )
    if not is_usual:
        # A bow reaches half as far as its control point lies.
        bow = abs(bend) * abs(start[1] - stop[1]) / 2
        axes.text(
            (start[0] + stop[0]) / 2 + (bow if start[0] > begin[0] else -bow),
            (start[1] + stop[1]) / 2,
            plots.label(f"{link['state']}: {link['label']}", LABEL_CHARS),
            color=look.ink,
            fontsize=7,
            ha="center",
            va="center",
            parse_math=False,
            zorder=6,
            bbox={"facecolor": look.ground, "edgecolor": "none", "pad": 1.2},
        )


def _ends(begin: Place, end: Place) -> tuple[Place, Place, float]:
    """Return where an arrow begins and ends at the boxes' edges, and how it bends."""
    half_width, half_height = BOX_WIDTH / 2, BOX_HEIGHT / 2
    if begin[0] == end[0]:
        if begin == end:  # to itself: a small bow at the right
            x = begin[0] + half_width
            return (x, begin[1] + 0.2), (x, begin[1] - 0.2), -1.2
        if abs(begin[1] - end[1]) <= 1:
            way = 1 if end[1] < begin[1] else -1
            return (
                (begin[0], begin[1] - way * half_height),
                (end[0], end[1] + way * half_height),
                0.0,
            )
        # Down at the right, back up at the left.
        x = begin[0] + (half_width if end[1] < begin[1] else -half_width)
        return (x, begin[1]), (x, end[1]), -0.25
    way = 1 if end[0] > begin[0] else -1
    return (begin[0] + way * half_width, begin[1]), (end[0] - way * half_width, end[1]), 0.0


def _box(axes: Axes, node: Node, place: Place, look: Look) -> None:
    styles = {
        "event": "square,pad=0",
        "field": "round,pad=0,rounding_size=0.3",
        "component": "round,pad=0,rounding_size=0.08",
    }
    axes.add_patch(
        FancyBboxPatch(
            (place[0] - BOX_WIDTH / 2, place[1] - BOX_HEIGHT / 2),
            BOX_WIDTH,
            BOX_HEIGHT,
            boxstyle=styles[node["kind"]],
            facecolor=look.ground,
            edgecolor=to_rgba(look.ink, 1.0 if node["kind"] == "event" else 0.4),
            linewidth=1.0,
            zorder=3,
        )
    )
    text = plots.label(node["label"], 2 * LABEL_CHARS - 8)
    if len(text) > LABEL_CHARS:
        cut = text.rfind(" ", 8, LABEL_CHARS) + 1 or LABEL_CHARS
        text = f"{text[:cut].rstrip()}\n{plots.label(text[cut:], LABEL_CHARS)}"
    axes.text(
        *place,
        text,
        color=look.ink,
        fontsize=6.6,
        ha="center",
        va="center",
        parse_math=False,
        zorder=5,
    )
