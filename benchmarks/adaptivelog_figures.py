"""Draw a report of `benchmarks.adaptivelog`: ``REPORT.json --out DIR`` writes two pictures."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib.pyplot as plt
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence


def draw_risk_coverage(report: dict[str, Any], path: Path) -> None:
    """Accuracy of the surest share of rows, one line a set."""
    figure, axes = plt.subplots(figsize=(7, 4.5))
    for name, figures in report["sets"].items():
        curve = figures["risk_coverage"]
        axes.plot([int(share) for share in curve], list(curve.values()), marker=".", label=name)
    axes.set_xlabel("rows answered by the small model, surest first (%)")
    axes.set_ylabel("of these right")
    axes.legend(ncols=3, fontsize="small")
    figure.tight_layout()
    figure.savefig(path)
    plt.close(figure)


def draw_uncertainty(report: dict[str, Any], path: Path) -> None:
    """Draw the AUROC of each score at finding wrong rows, as a table."""
    sets = report["sets"]
    scores = list(next(iter(sets.values()))["uncertainty"])
    values = np.array(
        [[s["uncertainty"][score] for score in scores] for s in sets.values()], dtype=float
    )
    rows = [
        [f"{value:.3f}" for value in row]
        for row in np.vstack([values, np.nanmean(values, axis=0)])
    ]
    figure, axes = plt.subplots(figsize=(8, 3.2))
    axes.axis("off")
    table = axes.table(rows, rowLabels=[*sets, "mean"], colLabels=scores, loc="center")
    table.scale(1, 1.2)
    axes.set_title("chance that a wrong row is ranked above a right one (AUROC)")
    figure.tight_layout()
    figure.savefig(path)
    plt.close(figure)


def main(arguments: Sequence[str] | None = None) -> None:
    """Draw both pictures."""
    parser = argparse.ArgumentParser(description="Pictures of a report of the benchmark.")
    parser.add_argument("report", type=Path)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    options = parser.parse_args(arguments)
    report = json.loads(options.report.read_text(encoding="utf-8"))
    options.out.mkdir(parents=True, exist_ok=True)
    draw_risk_coverage(report, options.out / "adaptivelog_risk_coverage.svg")
    draw_uncertainty(report, options.out / "adaptivelog_uncertainty.svg")


if __name__ == "__main__":
    main()
