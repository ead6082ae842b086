"""The ``glad`` command: learn a log's history, score a log, explain its anomalies."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from glad.anomaly import DetectorName
from glad.detector import Detector, DetectorConfig
from glad.errors import GladError
from glad.files import read_log
from glad.settings import TEMPORAL, RelationConfig
from glad.units import UnitRule, choose_rule, group_units
from logscan import ScanError
from valb import ValbError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from glad.anomaly import Anomaly, Scores
    from glad.units import Units

DONE, BAD_INPUT = 0, 3
LINES_SHOWN = 5


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("glad", description="Anomalies in logs, without labels.")
    commands = parser.add_subparsers(dest="command", required=True)
    train = commands.add_parser("train", help="learn the history of a log")
    score = commands.add_parser("score", help="write one row per unit of a log")
    explain = commands.add_parser("explain", help="say why units are anomalous")
    for command in (train, score, explain):
        command.add_argument("file", type=Path, metavar="FILE", help="a log, packed or not")
        command.add_argument("--device", default="cpu", help="cpu, cuda or auto")
    train.add_argument("--out", type=Path, required=True, metavar="MODEL")
    train.add_argument("--units", default="", metavar="REGEX", help="of the key; else chosen")
    train.add_argument("--seed", type=int, default=0)
    train.add_argument("--temporal", choices=TEMPORAL, default=RelationConfig.temporal)
    for command in (score, explain):
        command.add_argument("--model", type=Path, required=True, metavar="MODEL")
        command.add_argument("--json", action="store_true", help="one object per line")
    explain.add_argument("--unit", action="append", default=[], metavar="KEY")
    explain.add_argument("--limit", type=int, default=20, help="how many at most")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    options = _parser().parse_args(arguments)
    run = {"train": _train, "score": _score, "explain": _explain}[options.command]
    try:
        run(options)
    except BrokenPipeError:
        # Whoever read our output has seen enough.
        sys.stderr.close()
    except (GladError, ScanError, ValbError, OSError) as error:
        sys.stderr.write(f"glad: {error}\n")
        return BAD_INPUT
    return DONE


def _write(line: str) -> None:
    sys.stdout.write(line + "\n")


def _train(options: argparse.Namespace) -> None:
    rule = UnitRule(options.units) if options.units else None
    events = read_log(options.file)
    rule = rule or choose_rule(events)
    relation = RelationConfig(seed=options.seed, temporal=options.temporal)
    config = DetectorConfig(rule=rule, relation=relation)
    detector = Detector(config, device=options.device).fit(group_units(events, rule))
    detector.save(options.out)
    what = f"'{rule.pattern}'" if rule.pattern else f"windows of {rule.size} records"
    _write(f"{detector.units_} units ({what}), threshold {detector.threshold_:g}")
    if detector.warming_up:
        needed = config.warm_up_units
        _write(f"warming up: only novelty is in force below {needed} units of history")


def _scored(options: argparse.Namespace) -> tuple[Detector, Units, Scores]:
    detector = Detector.load(options.model, device=options.device)
    units = group_units(read_log(options.file), detector.config.rule)
    return detector, units, detector.score(units)


def _score(options: argparse.Namespace) -> None:
    _, units, scores = _scored(options)
    names = tuple(DetectorName)
    if not options.json:
        _write("\t".join(("unit", "score", "anomalous", "kind", *names)))
    for index, key in enumerate(units.keys):
        row: dict[str, Any] = {
            "unit": key,
            "score": round(float(scores.fused[index]), 4),
            "anomalous": bool(scores.anomalous[index]),
            "kind": str(names[scores.leading[index]]),
        }
        tails = {str(n): float(t) for n, t in zip(names, scores.tails[index], strict=True)}
        if options.json:
            _write(json.dumps(row | {"tails": tails}))
        else:
            columns = (str(value) for value in row.values())
            _write("\t".join((*columns, *(f"{tail:.3g}" for tail in tails.values()))))


def _explain(options: argparse.Namespace) -> None:
    detector, units, scores = _scored(options)
    chosen = np.flatnonzero(scores.anomalous)
    if options.unit:
        wanted = set(options.unit)
        chosen = np.flatnonzero([key in wanted for key in units.keys])
    worst = chosen[np.argsort(-scores.fused[chosen], kind="stable")][: options.limit]
    for anomaly in detector.explain(units, scores, worst.tolist()):
        _write(json.dumps(anomaly.to_dict()) if options.json else _told(anomaly))


def _told(anomaly: Anomaly) -> str:
    """Tell an anomaly in a few lines."""
    evidence = anomaly.evidence
    lines = [f"{anomaly.unit}  score {anomaly.score:.1f}  {anomaly.kind}", evidence.sentence]
    lines += [f"{part.detector}: {part.text}" for part in evidence.parts if part.text]
    lines.append(f"records {', '.join(str(row) for row in evidence.rows[:LINES_SHOWN])}")
    return "\n  ".join(lines)
