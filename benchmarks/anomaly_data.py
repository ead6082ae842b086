"""Logs, labels and splits of the anomaly benchmark. Labels leave this module apart from units.

A log is read as `glad` reads it; labels are only ever given to `anomaly`'s measures.
"""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from glad import UnitRule, Units, choose_rule, group_units, labelled_units, read_events
from glad.files import read_log
from logscan import open_input, scan_messages
from valb import Annotator

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


@dataclass(frozen=True)
class Corpus:
    """Units of a log, and what is said of them elsewhere."""

    units: Units
    rule: UnitRule
    lines: int
    anomalous: NDArray[np.bool_] | None  # (U,) None where there are no labels
    fault: tuple[str, ...]  # (U,) "" where unknown


def read_corpus(log: Path, units: str, labels: Path | None) -> Corpus:
    """Read a log and, if there are some, its labels; units without a label are left out."""
    events = read_log(log)
    rule = UnitRule(units) if units else choose_rule(events)
    found = group_units(events, rule)
    anomalous = None
    if labels is not None:
        with open_input(labels) as stream:
            rows = csv.DictReader(io.StringIO(stream.read().decode("utf-8")))
            known = {row["BlockId"]: row["Label"] == "Anomaly" for row in rows}
        found = found.take(np.flatnonzero([key in known for key in found.keys]))
        anomalous = np.array([known[key] for key in found.keys], bool)
    return Corpus(found, rule, len(events), anomalous, ("",) * len(found))


def read_block_corpus(path: Path) -> Corpus:
    """Read blocks of raw lines: JSON with ``scenario``, ``block``, ``label``, ``lines``."""
    with open_input(path) as stream:
        blocks = [json.loads(line) for line in stream.read().splitlines()]
    lines, unit = [], []
    for index, block in enumerate(blocks):
        # A line is a record here: its format differs from that of the line before.
        lines += [line.replace("\n", " ").replace("\r", " ") for line in block["lines"]]
        unit += [index] * len(block["lines"])
    batch = scan_messages("".join(f"{line}\n" for line in lines).encode())
    annotator = Annotator()
    annotator.annotate(batch)
    events = read_events(batch, annotator.annotate(batch))
    if len(events) != len(unit):
        raise ValueError(f"{path}: {len(unit)} lines are {len(events)} records")
    keys = [f"{block['scenario']} {block['block']}" for block in blocks]
    units = labelled_units(events, keys, np.array(unit))
    order = {key: index for index, key in enumerate(keys)}
    chosen = [blocks[order[key]] for key in units.keys]
    return Corpus(
        units=units,
        rule=UnitRule(),
        lines=len(lines),
        anomalous=np.array([block["label"] == "A" for block in chosen], bool),
        fault=tuple(block["scenario"] for block in chosen),
    )


def split(corpus: Corpus, how: str, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Split units into history and test: ``time:0.5`` by first record, or ``random:0.5``."""
    kind, _, share = how.partition(":")
    total = len(corpus.units)
    cut = int(total * float(share))
    order = np.arange(total)
    if kind == "random":
        order = np.random.default_rng(seed).permutation(total)
    elif kind != "time":
        raise ValueError(f"split {how!r} is neither time:SHARE nor random:SHARE")
    return np.sort(order[:cut]), np.sort(order[cut:])
