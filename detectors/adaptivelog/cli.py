"""The ``adaptivelog`` command: train a small model, classify a log's templates, route them."""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from adaptivelog.budget import Budget, Limits
from adaptivelog.cases import Case, CaseBase
from adaptivelog.errors import AdaptivelogError
from adaptivelog.examples import read_examples, read_rows
from adaptivelog.ladder import RUNGS
from adaptivelog.large import LargeModel, LargeSettings
from adaptivelog.model import SmallModel
from adaptivelog.prompts import Question
from adaptivelog.router import Router
from adaptivelog.tasks import TASKS, Task
from adaptivelog.templates import SeenTemplate, is_log, read_templates
from adaptivelog.training import TrainConfig, train
from logscan import ScanError
from valb import ValbError

if TYPE_CHECKING:
    from collections.abc import Sequence

DONE, USAGE, BAD_INPUT = 0, 2, 3


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "adaptivelog", description="A small model that knows when to ask a large one."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    learn = commands.add_parser("train", help="train a small model on labelled rows")
    learn.add_argument("rows", type=Path, metavar="ROWS", help="CSV or NDJSON: text, label")
    learn.add_argument("--out", type=Path, required=True, metavar="MODEL")
    learn.add_argument("--rungs", default="tfidf", help="of " + ",".join(RUNGS))
    learn.add_argument("--encoder", default="", metavar="ID", help="Hugging Face id or folder")
    learn.add_argument("--routed-share", type=float, default=0.1, metavar="SHARE")
    learn.add_argument("--seed", type=int, default=0)
    classify = commands.add_parser("classify", help="label the templates of a log, or rows")
    route = commands.add_parser("route", help="label, and ask a large model where unsure")
    for command in (classify, route):
        command.add_argument("model", type=Path, metavar="MODEL")
        command.add_argument("file", metavar="FILE", help="a log, or rows as CSV or NDJSON")
        command.add_argument("--messages", action="store_true", help="lines are bare messages")
    route.add_argument("--task", choices=sorted(TASKS), help="whose question to ask")
    route.add_argument("--base-url", metavar="URL", help="of an OpenAI-compatible API")
    route.add_argument("--large", default="", metavar="NAME", help="the large model there")
    route.add_argument("--key-file", type=Path, metavar="FILE", help="holds the API key")
    route.add_argument("--cases", type=Path, metavar="FILE", help="error cases, NDJSON")
    route.add_argument("--calls", type=int, metavar="N", help="at most, a day")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    options = _parser().parse_args(arguments)
    run = {"train": _train, "classify": _classify, "route": _route}[options.command]
    try:
        run(options)
    except BrokenPipeError:
        sys.stderr.close()  # whoever read our output has seen enough
    except (AdaptivelogError, ValbError, ScanError, OSError) as error:
        sys.stderr.write(f"adaptivelog: {error}\n")
        return BAD_INPUT
    return DONE


def _train(options: argparse.Namespace) -> None:
    config = TrainConfig(
        rungs=tuple(options.rungs.split(",")),
        encoder=options.encoder,
        routed_share=options.routed_share,
        seed=options.seed,
    )
    training = train(read_examples(options.rows), config)
    version = training.model.save(options.out)
    cases = CaseBase(
        Case(mistake.example.row, mistake.example.label, mistake.said)
        for mistake in training.mistakes
    )
    cases.prune()
    cases.save(options.out / "cases.ndjson")
    _write(
        {
            "version": version,
            "rung": training.model.rung.name,
            "rows": len(training.held_out.targets),
            "held_out_accuracy": training.accuracies,
            "calibration_error": training.calibration_error,
            "cases": len(cases.cases),
        }
    )


def _classify(options: argparse.Namespace) -> None:
    model = SmallModel.load(options.model)
    seen = _questions(options)
    said = model.predict([template.question.row for template in seen])
    for template, label, confidence in zip(
        seen, said.labels, said.confidence.tolist(), strict=True
    ):
        _write({**_shown(template), "label": label, "confidence": round(confidence, 4)})


def _route(options: argparse.Namespace) -> None:
    model = SmallModel.load(options.model)
    cases = CaseBase.load(options.cases) if options.cases else CaseBase()
    task = TASKS[options.task] if options.task else _own_task(model)
    router = Router(
        task,
        model,
        _large(options),
        cases=cases,
        budget=Budget(Limits(calls=options.calls)),
    )
    seen = _questions(options)
    for template in seen:
        (decision,) = router.route([template.question], now_ns=time.time_ns())
        _write(
            {
                **_shown(template),
                "label": decision.label,
                "confidence": round(decision.confidence, 4),
                "source": decision.source,
                "why": decision.why,
                "review": decision.review,
                "reply": asdict(decision.large.reply) if decision.large else None,
                "detail": decision.detail,
            }
        )


def _own_task(model: SmallModel) -> Task:
    labels = tuple((name, name) for name in model.classes)
    return Task("label", "Which of the labels fits this log message?", labels)


def _large(options: argparse.Namespace) -> LargeModel | None:
    if not options.base_url:
        return None
    key = options.key_file.read_text(encoding="utf-8").strip() if options.key_file else "none"
    return LargeModel(LargeSettings(options.base_url, options.large, api_key=key))


def _questions(options: argparse.Namespace) -> tuple[SeenTemplate, ...]:
    if options.file == "-" or is_log(Path(options.file)):
        return read_templates(options.file, messages=options.messages)
    rows = read_rows(Path(options.file))
    return tuple(SeenTemplate(str(n), Question(row), 1) for n, row in enumerate(rows, 1))


def _shown(template: SeenTemplate) -> dict[str, object]:
    row = template.question.row
    return {"id": template.id, "records": template.records, "text": row.text}


def _write(fields: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(fields, ensure_ascii=False) + "\n")
