"""Pictures of reports: readable in print, by the colour-blind, on light and on dark.

Colours are Okabe and Ito's; what is bad is hatched as well.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num
from matplotlib.figure import Figure
from matplotlib.font_manager import findfont, get_font
from matplotlib.ticker import MaxNLocator, StrMethodFormatter

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from matplotlib.axes import Axes

    from logplatform.logs.histogram import Histogram

DPI = 110
WIDTH_IN = 7.6
LEVELS = ("none", "trace", "debug", "info", "warn", "error", "fatal")
HATCHES = {"error": "////", "fatal": "xxxx"}
COLOURS = {
    "none": "#bdbdbd",
    "trace": "#d9d9d9",
    "debug": "#969696",
    "info": "#56b4e9",
    "warn": "#e69f00",
    "error": "#d55e00",
    "fatal": "#cc79a7",
}


@dataclass(frozen=True, slots=True)
class Look:
    """The colours that depend on what lies behind a picture."""

    name: str
    ground: str
    ink: str
    faint: str
    line: str


LIGHT = Look("", "#ffffff", "#1f2328", "#d0d7de", "#0b3d66")
DARK = Look("-dark", "#16181d", "#e6e8eb", "#3a3f47", "#f0e442")
LOOKS = (LIGHT, DARK)


def volume(found: Histogram, before: Histogram, place: ZoneInfo, look: Look) -> bytes:
    """Draw records over time, stacked by level, and the same weekdays before as a line."""
    figure, axes = canvas(2.7, look)
    times = [_at(bucket.time_ns) for bucket in found.buckets]
    width = found.step_ns / 86_400e9
    base = [0] * len(times)
    for level in LEVELS:
        counts = [bucket.counts.get(level, 0) for bucket in found.buckets]
        if any(counts):
            axes.bar(
                times,
                counts,
                width=width,
                bottom=base,
                align="edge",
                color=COLOURS[level],
                label=level,
                hatch=HATCHES.get(level),
                edgecolor=look.ground,
                linewidth=0.2,
            )
            base = [low + more for low, more in zip(base, counts, strict=True)]
    if before.total and len(before.buckets) > 1:
        shift = found.start_ns - before.start_ns
        axes.step(
            [_at(bucket.time_ns + shift) for bucket in before.buckets],
            [sum(bucket.counts.values()) for bucket in before.buckets],
            where="post",
            color=look.line,
            linewidth=1.3,
            linestyle="--",
            label="same weekdays before",
        )
    _date_axis(axes, place)
    axes.set_xlim(_at(found.start_ns), _at(found.end_ns))
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    _legend(axes, look)
    return png(figure)


def bars(rows: Sequence[tuple[str, int, int]], look: Look) -> bytes:
    """Draw for each name how much there is now and was before."""
    figure, axes = canvas(0.7 + 0.36 * len(rows), look)
    names = [label(name) for name, _, _ in rows]
    places = range(len(rows))
    axes.barh(
        [place - 0.19 for place in places],
        [now for _, now, _ in rows],
        height=0.36,
        color="#0072b2" if look is LIGHT else "#56b4e9",
        label="now",
    )
    axes.barh(
        [place + 0.19 for place in places],
        [before for _, _, before in rows],
        height=0.36,
        color="#e69f00",
        hatch="////",
        edgecolor=look.ground,
        linewidth=0.2,
        label="before",
    )
    # Text of a log is no formula, whatever dollars it has.
    axes.set_yticks(list(places), names, parse_math=False, fontsize=7.5)
    axes.invert_yaxis()
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    _legend(axes, look)
    return png(figure)


def strips(
    rows: Sequence[tuple[str, Sequence[tuple[int, int]]]],
    span: tuple[int, int],
    place: ZoneInfo,
    look: Look,
) -> bytes:
    """Draw for each source when it spoke (filled) and when it was silent (hatched)."""
    figure, axes = canvas(0.6 + 0.34 * len(rows), look)
    first, end = (_at(minute * 60_000_000_000) for minute in span)
    for at, (_, gaps) in enumerate(rows):
        axes.broken_barh([(first, end - first)], (at - 0.3, 0.6), color="#56b4e9")
        pieces = [(_at(low * 60_000_000_000), (high - low) / 1440) for low, high in gaps]
        axes.broken_barh(
            pieces,
            (at - 0.3, 0.6),
            facecolor=look.ground,
            edgecolor="#d55e00",
            hatch="////",
            linewidth=0.8,
        )
    axes.set_yticks(
        range(len(rows)), [label(name) for name, _ in rows], parse_math=False, fontsize=8
    )
    axes.invert_yaxis()
    _date_axis(axes, place)
    axes.set_xlim(first, end)
    return png(figure)


def _date_axis(axes: Axes, place: ZoneInfo) -> None:
    locator = AutoDateLocator(tz=place)  # type: ignore[no-untyped-call]  # matplotlib's
    axes.xaxis.set_major_locator(locator)
    # The period is in the report's head; the corner would name the day after.
    formatter = ConciseDateFormatter(  # type: ignore[no-untyped-call]
        locator, tz=place, show_offset=False
    )
    axes.xaxis.set_major_formatter(formatter)


def label(text: str, limit: int = 46) -> str:
    """Return a text that the font has every letter of, short enough to stand beside bars."""
    known = _letters()
    shown = "".join(char if ord(char) in known else "□" for char in text)
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


@cache
def _letters() -> frozenset[int]:
    return frozenset(get_font(findfont("DejaVu Sans")).get_charmap())


def canvas(height_in: float, look: Look) -> tuple[Figure, Axes]:
    """Return a figure as wide as a page, with axes in the colours of a look."""
    figure = Figure(figsize=(WIDTH_IN, height_in), dpi=DPI, layout="constrained")
    FigureCanvasAgg(figure)
    figure.set_facecolor(look.ground)
    axes = figure.add_subplot()
    axes.set_facecolor(look.ground)
    axes.tick_params(colors=look.ink, labelsize=8, length=2)
    axes.grid(visible=True, color=look.faint, linewidth=0.5, alpha=0.6)
    axes.set_axisbelow(True)
    for side, spine in axes.spines.items():
        spine.set_visible(side in {"left", "bottom"})
        spine.set_color(look.faint)
    axes.xaxis.get_offset_text().set_color(look.ink)
    axes.xaxis.get_offset_text().set_fontsize(8)
    return figure, axes


def _legend(axes: Axes, look: Look) -> None:
    handles, labels = axes.get_legend_handles_labels()
    if handles:
        axes.legend(
            handles,
            labels,
            loc="lower left",
            bbox_to_anchor=(0, 1.0),
            ncols=len(labels),
            frameon=False,
            fontsize=7.5,
            labelcolor=look.ink,
            borderaxespad=0.2,
            columnspacing=1.2,
        )


def _at(time_ns: int) -> float:
    moment = datetime.fromtimestamp(time_ns / 1e9, tz=UTC)
    return float(date2num(moment))  # type: ignore[no-untyped-call]  # matplotlib's


def png(figure: Figure) -> bytes:
    """Return a figure as PNG."""
    out = io.BytesIO()
    # Without the software's name, so that equal pictures are equal bytes.
    figure.savefig(out, format="png", metadata={"Software": None})
    return out.getvalue()
