"""Accuracy where some templates of a source were labelled: ``benchmarks.parsing --few-shot``.

32 templates of a system, or 20 % where it has fewer than 160, are drawn uniformly by seed, each
with up to 16 of its messages, and obeyed as examples. What they say is taken over to the others
in two ways, measured apart and together: ``few_shot``, by comparing variables with theirs
(`valb.neighbours`, which is what the platform does), and ``fine_tuned``, by fine-tuning the
tagger that was trained without the system (`valb.fine_tuning`). GA, PA and VA (see
`benchmarks.parsing`) are over the messages whose true template was not labelled. A group is
all messages of one predicted template, those of labelled templates included. Few templates
hold most messages, so PA and VA are also given by template: ``PT`` and ``VT``, the mean over
templates that were not labelled of the share of their messages that is right.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.parsing import fold_model, typed_templates
from logscan import scan_messages
from valb import Annotator, Example
from valb.examples import MAX_SAMPLES
from valb.fine_tuning import FineTuningConfig, fine_tune
from valb.neighbours import Neighbours

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from valb.labels import LabelledLog
    from valb.tagger import Committee

SHARE, SHARE_BELOW = 0.2, 160
SEEDS = (0, 1, 2, 3, 4)


@dataclass(frozen=True)
class Drawn:
    """The templates of a system that are taken as labelled."""

    templates: frozenset[str]
    examples: tuple[Example, ...]


def draw(log: LabelledLog, shots: int, seed: int) -> Drawn:
    """Draw templates of a system uniformly."""
    names = list(dict.fromkeys(log.templates))
    count = shots if len(names) >= SHARE_BELOW else max(1, round(SHARE * len(names)))
    chosen = np.random.default_rng(seed).choice(len(names), count, replace=False)
    drawn = frozenset(names[i] for i in chosen.tolist())
    messages: dict[str, dict[str, None]] = {}
    typed = typed_templates(log)
    for message, template, text in zip(log.messages, log.templates, typed, strict=True):
        if template in drawn:
            messages.setdefault(text, {})[message.encode().decode("latin-1")] = None
    examples = (Example(t, tuple(of)[:MAX_SAMPLES]) for t, of in messages.items())
    return Drawn(drawn, tuple(examples))


def score(
    log: LabelledLog, drawn: Drawn, tagger: Committee, *, obey: bool, learns: bool = False
) -> dict[str, float]:
    """Parse a system and compare the messages whose template was not labelled."""
    batch = scan_messages(log.data())
    examples = drawn.examples if obey else ()
    annotator = Annotator(examples=examples, tagger=tagger, learns=learns)
    annotation = annotator.annotate(batch)
    found = [annotation.templates[i] for i in annotation.template[batch.structure].tolist()]
    true_groups: dict[str, set[int]] = {}
    groups: dict[str, set[int]] = {}
    for row, (true, template) in enumerate(zip(log.templates, found, strict=True)):
        true_groups.setdefault(true, set()).add(row)
        groups.setdefault(template.text, set()).add(row)
    typed = typed_templates(log)
    rows = [row for row, true in enumerate(log.templates) if true not in drawn.templates]
    grouped = [groups[found[r].text] == true_groups[log.templates[r]] for r in rows]
    right = np.array([found[r].text == log.templates[r] for r in rows])
    right_typed = np.array([found[r].typed_text == typed[r] for r in rows])
    _, of = np.unique([log.templates[r] for r in rows], return_inverse=True)
    sizes = np.bincount(of)
    return {
        "GA": float(np.mean(grouped)),
        "PA": float(right.mean()),
        "VA": float(right_typed.mean()),
        "PT": float(np.mean(np.bincount(of, right) / sizes)),
        "VT": float(np.mean(np.bincount(of, right_typed) / sizes)),
    }


def few_shot(
    logs: Sequence[LabelledLog], systems: Sequence[str], cache: Path, shots: int
) -> dict[str, dict[str, dict[str, float]]]:
    """Measure systems, all where none are named: mean of `SEEDS`, and zero-shot on the same."""
    kinds = ("zero_shot", "few_shot", "fine_tuned", "both")
    result: dict[str, dict[str, dict[str, float]]] = {kind: {} for kind in kinds}
    for log in logs:
        if systems and log.name not in systems:
            continue
        base = fold_model(logs, log.name, cache, 0)
        draws = [_draw_figures(log, draw(log, shots, seed), base, seed) for seed in SEEDS]
        for kind in kinds:
            many = [figures[kind] for figures in draws]
            result[kind][log.name] = {n: float(np.mean([r[n] for r in many])) for n in many[0]}
    for found in result.values():
        names = next(iter(found.values())).keys()
        found["mean"] = {n: float(np.mean([f[n] for f in found.values()])) for n in names}
    return result


def _draw_figures(
    log: LabelledLog, drawn: Drawn, base: Committee, seed: int
) -> dict[str, dict[str, float]]:
    """Measure one draw without labels, with each way of learning from them, and with both."""
    busy = time.process_time()
    Neighbours(drawn.examples)
    learning = time.process_time() - busy
    busy = time.process_time()
    net = fine_tune(
        base, [scan_messages(log.data())], drawn.examples, FineTuningConfig(seed=seed)
    )
    tuning = time.process_time() - busy
    taught = score(log, drawn, base, obey=True, learns=True)
    tuned = score(log, drawn, net, obey=True)
    return {
        "zero_shot": score(log, drawn, base, obey=False),
        "few_shot": {**taught, "learning_cpu_s": learning},
        "fine_tuned": {**tuned, "learning_cpu_s": tuning},
        "both": score(log, drawn, net, obey=True, learns=True),
    }
