"""Anomaly detection on a log with session labels, beside its peers, in one run.

    python -m benchmarks.anomaly --log LOG --units 'blk_-?\\d+' --labels CSV --split time:0.5
    python -m benchmarks.anomaly --blocks BLOCKS.jsonl --split random:0.5
    python -m benchmarks.anomaly --log LOG --inject relations [--units REGEX] [--labels CSV]

History keeps its anomalies; no detector sees a label, and the threshold is the shipped default
tail probability. Every figure is the median over the seeds. Times are CPU seconds.
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from sklearn.metrics import average_precision_score, roc_auc_score

from benchmarks.anomaly_data import Corpus, read_block_corpus, read_corpus, split
from benchmarks.anomaly_injection import inject
from benchmarks.anomaly_peers import PEERS, SEEDED
from benchmarks.machine import report_header, write_report
from glad import (
    DEFAULT_TAIL,
    WARM_UP_UNITS,
    Detector,
    DetectorConfig,
    DetectorName,
    Scores,
    Units,
    alerts_per_day,
)
from glad.counts import count_events
from glad.graph import worst_edges
from glad.settings import TEMPORAL, RelationConfig

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from glad.graph import Graphs

DAY_NS = 86_400 * 10**9
Rows = dict[str, dict[str, float]]


def main() -> None:
    """Measure and print."""
    options = _parser().parse_args()
    torch.set_num_threads(1)
    started = time.process_time()
    if options.blocks:
        corpus = read_block_corpus(options.blocks)
    elif options.log:
        corpus = read_corpus(options.log, options.units, options.labels)
    else:
        raise SystemExit("give --log FILE or --blocks FILE")
    report: dict[str, Any] = report_header()
    report |= {
        "log": str(options.blocks or options.log),
        "split": options.split,
        "units": len(corpus.units),
        "unit_rule": corpus.rule.pattern or f"{corpus.rule.size} records",
        "lines": corpus.lines,
        "read_seconds": time.process_time() - started,
        "threshold": DEFAULT_TAIL,
        "temporal": options.temporal,
        "seeds": options.seeds,
    }
    report |= measure_injection(corpus, options) if options.inject else measure(corpus, options)
    if options.json is None:
        _print(report)
    else:
        write_report(None if options.json == "-" else Path(options.json), report)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--log", type=Path, help="a raw log, packed or not")
    parser.add_argument("--units", default="", help="regex of the session key; else chosen")
    parser.add_argument("--labels", type=Path, help="csv: BlockId,Label (Normal, Anomaly)")
    parser.add_argument("--blocks", type=Path, help="jsonl of labelled blocks of raw lines")
    parser.add_argument("--split", default="time:0.5", help="time:SHARE or random:SHARE")
    parser.add_argument("--inject", choices=("relations",), help="make relations wrong")
    parser.add_argument("--seeds", type=int, default=5, help="how many runs")
    parser.add_argument("--device", default="cpu", help="cpu, cuda or auto")
    parser.add_argument("--temporal", choices=TEMPORAL, default=RelationConfig.temporal)
    parser.add_argument("--json", nargs="?", const="-", metavar="OUT", help="JSON (to OUT)")
    return parser


def _detector(
    corpus: Corpus,
    options: argparse.Namespace,
    seed: int,
    *,
    warm_up_units: int = WARM_UP_UNITS,
) -> Detector:
    relation = RelationConfig(seed=seed, temporal=options.temporal)
    config = DetectorConfig(rule=corpus.rule, relation=relation, warm_up_units=warm_up_units)
    return Detector(config, device=options.device)


def measure(corpus: Corpus, options: argparse.Namespace) -> dict[str, Any]:
    """Measure the family and its peers against labels."""
    if corpus.anomalous is None:
        raise SystemExit("give --labels FILE, or --inject relations")
    runs: dict[str, list[dict[str, float]]] = {}
    faults: dict[str, list[float]] = {}
    times: dict[str, list[float]] = {"train_seconds": [], "score_seconds_per_million": []}
    thresholds = []
    for seed in range(options.seeds):
        early, late = split(corpus, options.split, seed)
        train, test = corpus.units.take(early), corpus.units.take(late)
        truth = corpus.anomalous[late]
        started = time.process_time()
        detector = _detector(corpus, options, seed).fit(train)
        fitted = time.process_time()
        scores = detector.score(test)
        times["train_seconds"].append(fitted - started)
        seconds = (time.process_time() - fitted) / max(len(test.records), 1)
        times["score_seconds_per_million"].append(seconds * 1e6)
        thresholds.append(detector.threshold_)
        rows = _family_rows(scores, test, truth)
        rows |= _peer_rows(train, test, truth, seed=seed, fixed=options.split[0] == "t")
        for name, row in rows.items():
            runs.setdefault(name, []).append(row)
        for fault, auc in _fault_aucs(scores.fused, truth, corpus, late).items():
            faults.setdefault(fault, []).append(auc)
    report: dict[str, Any] = {
        name: {key: statistics.median(run[key] for run in found) for key in found[0]}
        for name, found in runs.items()
    }
    report |= {key: statistics.median(values) for key, values in times.items()}
    report |= {"thresholds_in_force": thresholds, "anomalies": int(corpus.anomalous.sum())}
    if len(faults) > 1:
        report["fault_auc"] = {key: statistics.median(v) for key, v in faults.items()}
    return report


def _family_rows(scores: Scores, test: Units, truth: NDArray[np.bool_]) -> Rows:
    """Measure each detector and the fusion."""
    pattern = count_events(test).patterns(test.events.type_key)
    rows = {
        str(name): measures(
            truth, -np.log(scores.tails[:, i]), scores.tails[:, i] < DEFAULT_TAIL,
            days=(test, pattern),
        )
        for i, name in enumerate(DetectorName)
    }  # fmt: skip
    rows["fused"] = measures(truth, scores.fused, scores.anomalous, days=(test, scores.pattern))
    return rows


_FIXED: dict[str, dict[str, float]] = {}


def _peer_rows(
    train: Units, test: Units, truth: NDArray[np.bool_], *, seed: int, fixed: bool
) -> Rows:
    """Measure the peers; those without a seed once, where the split has none either."""
    pattern = count_events(test).patterns(test.events.type_key)
    rows: Rows = {}
    for name, score in PEERS.items():
        if fixed and seed and name not in SEEDED:
            rows[name] = _FIXED[name]
            continue
        found = score(train, test, seed)
        rows[name] = measures(truth, found.score, found.anomalous, days=(test, pattern))
        _FIXED[name] = rows[name]
    return rows


def measures(
    truth: NDArray[np.bool_],
    score: NDArray[np.floating],
    flagged: NDArray[np.bool_],
    *,
    days: tuple[Units, NDArray[np.uint64]],
) -> dict[str, float]:
    """Give precision, recall and F1 at the threshold, AUC, AP and alerts a day."""
    hits = int((truth & flagged).sum())
    precision = hits / max(int(flagged.sum()), 1)
    recall = hits / max(int(truth.sum()), 1)
    test, pattern = days
    start = test.start_ns
    watched = max(1.0, float(np.ptp(start)) / DAY_NS) if len(start) else 1.0
    both = bool(truth.any()) and not bool(truth.all())
    return {
        "precision": precision,
        "recall": recall,
        "f1": 2 * precision * recall / max(precision + recall, 1e-12),
        "auc": float(roc_auc_score(truth, score)) if both else float("nan"),
        "ap": float(average_precision_score(truth, score)) if both else float("nan"),
        "alerts_per_day": alerts_per_day(
            pattern[flagged], start[flagged] // DAY_NS, days=watched
        ),
    }


def _fault_aucs(
    score: NDArray[np.float32],
    truth: NDArray[np.bool_],
    corpus: Corpus,
    late: NDArray[np.int64],
) -> dict[str, float]:
    """Give the AUC within each fault's run."""
    fault = np.array(corpus.fault)[late]
    found = {}
    for name in sorted(set(fault.tolist())):
        inside = fault == name
        if truth[inside].any() and not truth[inside].all():
            found[name] = float(roc_auc_score(truth[inside], score[inside]))
    return found


def measure_injection(corpus: Corpus, options: argparse.Namespace) -> dict[str, Any]:
    """Measure how well wrong relations are found, ours beside plain edge counting."""
    ours: list[dict[str, float]] = []
    plain: list[dict[str, float]] = []
    for seed in range(options.seeds):
        early, late = split(corpus, options.split, seed)
        if not corpus.rule.pattern and options.log:
            late = late[::2]  # windows overlap; a record may be changed once
        train = corpus.units.take(early)
        detector = _detector(corpus, options, seed, warm_up_units=0).fit(train)
        changed = inject(corpus.units.take(late), detector.fields, detector.edges, train, seed)
        graphs = detector.graphs(changed.units)
        odds = detector.edge_odds(graphs)
        able = np.isfinite(odds)
        surprise = np.where(graphs.is_field, detector.edges.surprise(graphs), -np.inf)
        wrong = changed.wrong_edge
        ours.append(_injection_row(graphs, np.where(able, odds, -np.inf), wrong))
        plain.append(_injection_row(graphs, surprise, wrong))
    median = [
        {key: statistics.median(row[key] for row in rows) for key in rows[0]}
        for rows in (ours, plain)
    ]
    return {**median[0], "edge_counting": median[1]}


def _injection_row(
    graphs: Graphs, score: NDArray[np.floating], wrong: NDArray[np.uint64]
) -> dict[str, float]:
    """Measure one scoring of edges. A tie with another edge is no hit."""
    score = score.astype(np.float32)
    truth = wrong != 0
    window, _ = worst_edges(graphs, score)
    is_wrong = graphs.edge_keys == wrong[graphs.edge_unit]
    own = np.full(graphs.units, -np.inf, np.float32)
    own[graphs.edge_unit[is_wrong]] = score[is_wrong]
    as_high = (score >= own[graphs.edge_unit]) & ~is_wrong
    rivals = np.bincount(graphs.edge_unit[as_high], minlength=graphs.units)
    return {
        "window_auc": float(roc_auc_score(truth, window)),
        "window_ap": float(average_precision_score(truth, window)),
        "hit_at_1": float((rivals[truth] == 0).mean()),
        "hit_at_3": float((rivals[truth] < 3).mean()),
        "injected_units": float(truth.sum()),
    }


def _print(report: dict[str, Any]) -> None:
    for key, value in report.items():
        if isinstance(value, dict) and "f1" in value:
            text = "  ".join(f"{name} {number:.3f}" for name, number in value.items())
            print(f"{key:18} {text}")
        elif key not in {"machine"}:
            print(f"{key}: {value}")


if __name__ == "__main__":
    main()
