"""The labelled sets and recorded answers that `benchmarks.adaptivelog` replays."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from adaptivelog.examples import Example, Row

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TASKS = ("lp", "mc", "ldsm")  # in this order; others come after them
PARTS = ("train", "dev", "test")


@dataclass(frozen=True)
class ReplaySet:
    """One set: rows to learn from, rows to judge, and what a large model said to these.

    ``plain`` and ``with_cases`` are its labels, empty where there is none recorded.
    """

    name: str
    train: tuple[Example, ...]
    dropped: int  # rows of train and dev whose log occurs in test
    test: tuple[Example, ...]
    plain: tuple[str, ...]
    with_cases: tuple[str, ...]

    @property
    def answers(self) -> tuple[str, ...]:
        """The answer with error cases where recorded, else the plain one."""
        return tuple(a or b for a, b in zip(self.with_cases, self.plain, strict=True))

    @property
    def truth(self) -> np.ndarray[tuple[int], np.dtype[np.str_]]:
        """The true labels, (rows,)."""
        return np.array([example.label for example in self.test])


def read_sets(data: Path, *, leaks: bool = False) -> Iterator[ReplaySet]:
    """Give every set of the folder that has recorded answers, as it is split there.

    Parameters
    ----------
    leaks : bool
        Keep the rows of train and dev whose log occurs in test.
    """
    for path in sorted((data / "replay").glob("*.jsonl"), key=_place):
        task, _, name = path.stem.partition("_")
        files = {part: data / task / f"{path.stem}_{part}.json" for part in PARTS}
        if not name or not files["test"].is_file():
            continue  # recorded answers to something else
        test = _read(files["test"])
        logs = set() if leaks else {example.row.text for example in test}
        known = [example for part in ("train", "dev") for example in _read(files[part])]
        kept = tuple(example for example in known if example.row.text not in logs)
        answers = _answers(path)
        said = [answers.get((e.row, e.label)) or answers.get((e.row, "")) for e in test]
        yield ReplaySet(
            path.stem,
            kept,
            len(known) - len(kept),
            test,
            tuple(answer[0] if answer else "" for answer in said),
            tuple(answer[1] if answer else "" for answer in said),
        )


def _place(path: Path) -> tuple[int, str]:
    task = path.stem.partition("_")[0]
    return TASKS.index(task) if task in TASKS else len(TASKS), path.stem


def _read(path: Path) -> tuple[Example, ...]:
    if not path.is_file():
        return ()  # a set without dev rows
    rows = json.loads(path.read_text(encoding="utf-8"))
    return tuple(
        Example(Row(*text) if isinstance(text, list) else Row(text), str(label))
        for text, label in rows
    )


def _answers(path: Path) -> dict[tuple[Row, str], tuple[str, str]]:
    found = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        fields = json.loads(line)
        row = Row(fields["log"], fields.get("description") or "")
        labels = (fields.get("icl_label"), fields.get("ecr_label"))
        plain, cases = ("" if label is None else str(label) for label in labels)
        found[row, str(fields.get("gold", ""))] = (plain, cases)
    return found
