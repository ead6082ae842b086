"""Accuracy where some templates of a source were labelled: ``benchmarks.parsing --few-shot``.

The tagger that was trained without the system is fine-tuned on 32 of its templates, or on 20 %
where it has fewer than 160, drawn uniformly by seed, each with up to 16 of its messages; their
templates are also obeyed as examples. GA, PA and VA (see `benchmarks.parsing`) are over the
messages whose true template was not labelled. A group is all messages of one predicted
template, those of labelled templates included.
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


def score(log: LabelledLog, drawn: Drawn, tagger: Committee, *, obey: bool) -> dict[str, float]:
    """Parse a system and compare the messages whose template was not labelled."""
    batch = scan_messages(log.data())
    annotator = Annotator(examples=drawn.examples if obey else (), tagger=tagger)
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
    return {
        "GA": float(np.mean(grouped)),
        "PA": float(np.mean([found[r].text == log.templates[r] for r in rows])),
        "VA": float(np.mean([found[r].typed_text == typed[r] for r in rows])),
    }


def few_shot(
    logs: Sequence[LabelledLog], systems: Sequence[str], cache: Path, shots: int
) -> dict[str, dict[str, dict[str, float]]]:
    """Measure systems, all where none are named: mean of `SEEDS`, and zero-shot on the same."""
    result: dict[str, dict[str, dict[str, float]]] = {"zero_shot": {}, "few_shot": {}}
    for log in logs:
        if systems and log.name not in systems:
            continue
        base = fold_model(logs, log.name, cache, 0)
        rows: dict[str, list[dict[str, float]]] = {"zero_shot": [], "few_shot": []}
        for seed in SEEDS:
            drawn = draw(log, shots, seed)
            rows["zero_shot"].append(score(log, drawn, base, obey=False))
            busy = time.process_time()
            batch = scan_messages(log.data())
            net = fine_tune(base, [batch], drawn.examples, FineTuningConfig(seed=seed))
            busy = time.process_time() - busy
            figures = score(log, drawn, net, obey=True)
            rows["few_shot"].append({**figures, "fine_tuning_cpu_s": busy})
        for kind, many in rows.items():
            result[kind][log.name] = {n: float(np.mean([r[n] for r in many])) for n in many[0]}
    for found in result.values():
        names = next(iter(found.values())).keys()
        found["mean"] = {n: float(np.mean([f[n] for f in found.values()])) for n in names}
    return result
