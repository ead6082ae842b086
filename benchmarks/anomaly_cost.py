"""What scoring costs against the number of lines: CPU seconds and memory, by copies of a log.

    python -m benchmarks.anomaly_cost --log LOG --units 'blk_-?\\d+' --json OUT

The log's events are put one after the other, each copy with units of its own, so that nothing
is shared between copies. Reading and templates are counted apart; storage is not in it.
"""

from __future__ import annotations

import argparse
import resource
import time
from dataclasses import replace
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import torch

from benchmarks.anomaly_data import read_corpus
from benchmarks.machine import report_header, write_report
from glad import Detector, DetectorConfig, Units, join_events

COPIES = (1, 2, 3, 5)


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--units", default="")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--json", type=Path, metavar="OUT")
    parser.add_argument("--figure", type=Path, metavar="SVG")
    options = parser.parse_args()
    torch.set_num_threads(1)
    began = time.process_time()
    corpus = read_corpus(options.log, options.units, None)
    report = report_header() | {
        "log": str(options.log),
        "lines": corpus.lines,
        "read_seconds": time.process_time() - began,
    }
    began = time.process_time()
    half = corpus.units.take(np.arange(len(corpus.units) // 2))
    detector = Detector(DetectorConfig(rule=corpus.rule), device=options.device).fit(half)
    report |= {"train_units": len(half), "train_seconds": time.process_time() - began}
    report["scoring"] = [_scored(detector, corpus.units, copies) for copies in COPIES]
    write_report(options.json, report)
    if options.figure:
        draw(report["scoring"], options.figure)


def draw(rows: list[dict[str, float]], path: Path) -> None:
    """Draw seconds and memory against lines."""
    figure, axes = plt.subplots(figsize=(6, 3.6))
    lines = [row["lines"] / 1e6 for row in rows]
    axes.plot(lines, [row["seconds"] for row in rows], marker="o", label="CPU seconds")
    axes.set(xlabel="million lines", ylabel="CPU seconds", xlim=(0, None), ylim=(0, None))
    memory = axes.twinx()
    peak = [row["peak_memory_gib"] for row in rows]
    memory.plot(lines, peak, marker="s", color="tab:gray", label="peak memory, GiB")
    memory.set(ylabel="GiB", ylim=(0, 2))
    figure.legend(loc="lower right", bbox_to_anchor=(0.88, 0.2))
    figure.tight_layout()
    figure.savefig(path)
    plt.close(figure)


def _scored(detector: Detector, units: Units, copies: int) -> dict[str, float]:
    many = repeated(units, copies)
    began = time.process_time()
    detector.score(many)
    seconds = time.process_time() - began
    return {
        "lines": len(many.events),
        "units": len(many),
        "seconds": seconds,
        "seconds_per_million_lines": seconds / len(many.events) * 1e6,
        "peak_memory_gib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
    }


def repeated(units: Units, copies: int) -> Units:
    """Put copies of some units one after the other, with events of their own."""
    size = len(units.events)
    events = join_events(
        replace(units.events, row=units.events.row + copy * size) for copy in range(copies)
    )
    sizes = np.tile(np.diff(units.first), copies)
    return Units(
        events=events,
        keys=tuple(f"{key} {copy}" for copy in range(copies) for key in units.keys),
        first=np.concatenate((np.zeros(1, np.int64), np.cumsum(sizes))),
        records=np.concatenate([units.records + copy * size for copy in range(copies)]),
    )


if __name__ == "__main__":
    main()
