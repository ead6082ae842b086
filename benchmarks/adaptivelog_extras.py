"""The other figures of `benchmarks.adaptivelog`: redaction, calls, training time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from adaptivelog.encoder import EncoderConfig, EncoderText, load_encoder
from adaptivelog.linear import LinearText
from adaptivelog.templates import read_templates
from adaptivelog.training import TrainConfig, train
from benchmarks.adaptivelog_rows import read_sets
from benchmarks.adaptivelog_secrets import measure_redaction
from benchmarks.machine import corpus_files

if TYPE_CHECKING:
    from pathlib import Path

FINE_TUNED_ROWS = 2000
CLASSIFIED_TEMPLATES = 1000
ROUTED_SHARE = 0.1


def track_redaction(_: Path) -> dict[str, Any]:
    """Share of 1,000 planted secrets of 20 kinds that no request would hold."""
    return measure_redaction(1000)


def track_calls(data: Path) -> dict[str, Any]:
    """Calls per million records when each template is asked about once at most.

    ``all`` asks about every template, ``routed`` about the tenth that is most uncertain.
    """
    found: dict[str, Any] = {}
    for path in corpus_files(data.parent):
        templates = read_templates(str(path))
        records = sum(template.records for template in templates)
        per_million = len(templates) / records * 1e6
        found[path.stem] = {
            "records": records,
            "templates": len(templates),
            "calls_per_million_all": round(per_million, 1),
            "calls_per_million_routed": round(per_million * ROUTED_SHARE, 1),
        }
    total = sum(log["records"] for log in found.values())
    calls = sum(log["templates"] for log in found.values())
    found["total"] = {
        "records": total,
        "templates": calls,
        "calls_per_million_all": round(calls / total * 1e6, 1),
        "calls_per_million_routed": round(calls / total * 1e6 * ROUTED_SHARE, 1),
    }
    return found


def time_encoder(data: Path) -> dict[str, Any]:
    """Fine-tune the default encoder on 2,000 rows, two threads; classify 1,000 templates.

    These are the set's test rows, filled up with others; ``right`` is of the test rows alone,
    beside that of the first rung after learning from the same 2,000 rows.
    """
    replay = next(r for r in read_sets(data) if r.name.startswith("lp_"))
    known = replay.train[:FINE_TUNED_ROWS]
    rows = [example.row for example in known]
    classes = sorted({example.label for example in replay.train})
    targets = np.array([classes.index(example.label) for example in known])
    truth = np.array([classes.index(example.label) for example in replay.test])
    asked = [*(example.row for example in replay.test), *rows][:CLASSIFIED_TEMPLATES]
    torch.set_num_threads(2)
    busy, wall = time.process_time(), time.perf_counter()
    rung = EncoderText(EncoderConfig()).fit(rows, targets, labels=len(classes))
    trained = {
        "rows": len(rows),
        "cpu_s": round(time.process_time() - busy, 1),
        "wall_s": round(time.perf_counter() - wall, 1),
    }
    busy, wall = time.process_time(), time.perf_counter()
    said = rung.logits(asked).argmax(-1)
    classified = {
        "rows": len(asked),
        "cpu_s": round(time.process_time() - busy, 1),
        "wall_s": round(time.perf_counter() - wall, 1),
    }
    first = LinearText().fit(rows, targets, labels=len(classes)).logits(asked).argmax(-1)
    return {
        "set": replay.name,
        "fine_tuning": trained,
        "classification": classified,
        "right": float((said[: len(truth)] == truth).mean()),
        "right_tfidf": float((first[: len(truth)] == truth).mean()),
    }


def time_encoder_part(data: Path) -> dict[str, Any]:
    """Fine-tune on 320 rows once and classify 100, one thread: what a busy machine can measure.

    ``*_cpu_s`` of 2,000 rows, four epochs, and of 1,000 templates are these times the share.
    """
    replay = next(r for r in read_sets(data) if r.name.startswith("lp_"))
    examples = replay.train[:320]
    classes = sorted({example.label for example in examples})
    targets = torch.tensor([classes.index(e.label) for e in examples]).numpy()
    torch.set_num_threads(1)
    load_encoder("")
    busy = time.process_time()
    load_encoder("")
    loaded = time.process_time() - busy
    busy = time.process_time()
    config = EncoderConfig(epochs=1)
    rows = [example.row for example in examples]
    rung = EncoderText(config).fit(rows, targets, labels=len(classes))
    step = (time.process_time() - busy - loaded) / (len(rows) / config.batch_rows)
    busy = time.process_time()
    rung.logits(rows[:100])
    classified = (time.process_time() - busy) / 100
    steps = EncoderConfig().epochs * FINE_TUNED_ROWS / config.batch_rows
    return {
        "cpu_s_a_step": round(step, 3),
        "fine_tuning_cpu_s": round(step * steps, 1),
        "cpu_s_a_template": round(classified, 4),
        "classification_cpu_s": round(classified * CLASSIFIED_TEMPLATES, 1),
    }


def time_tfidf(data: Path) -> dict[str, Any]:
    """Train the first rung on a set, folds included; classify 1,000 templates."""
    replay = next(r for r in read_sets(data) if r.name.startswith("lp_"))
    busy = time.process_time()
    model = train(replay.train, TrainConfig()).model
    trained = time.process_time() - busy
    rows = [example.row for example in replay.train][:CLASSIFIED_TEMPLATES]
    busy = time.process_time()
    model.predict(rows)
    return {
        "training": {"rows": len(replay.train), "cpu_s": round(trained, 1)},
        "classification": {"rows": len(rows), "cpu_s": round(time.process_time() - busy, 2)},
    }


EXTRAS = {
    "redaction": track_redaction,
    "calls": track_calls,
    "tfidf": time_tfidf,
    "encoder": time_encoder,
    "encoder_part": time_encoder_part,
}
