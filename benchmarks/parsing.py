"""Accuracy and speed of valb beside drain3: ``python -m benchmarks.parsing``.

Accuracy is measured leave-one-system-out: for each of the labelled systems taggers are trained
on others and parse its 2,000 messages (see `fold_model`). ``--folds A B+C`` leaves B and C out
together, which is harder and saves a training. Nothing is post-processed: texts are compared as
they are. Over the messages and templates of a system:

GA   share of messages whose predicted group (messages of one predicted template) is exactly the
     group of their true template.
PA   share of messages whose predicted template is exactly the true one.
FGA  F1 over templates: a predicted template counts when its group is exactly a true group.
FTA  F1 over templates, as in loghub-2.0: a predicted template counts when every message given
     to it has that very string as its true template.
VA   variable-aware: share of messages whose typed template (``<OID>`` instead of ``<*>``) is
     exactly the true one, text and every category.

``--few-shot 32`` labels some templates of each system first (see `parsing_few_shot`).

Speed (``--speed``) is end to end, from bytes to template ids and typed columns, on one core.
"""

from __future__ import annotations

import argparse
import hashlib
import resource
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from drain3 import TemplateMiner
from drain3.template_miner_config import TemplateMinerConfig

from benchmarks.brain_peer import brain_templates
from benchmarks.machine import corpus_files, corpus_hash, data_dir, report_header, write_report
from benchmarks.parsing_stream import track_stream
from logscan import detect_format, open_input, read_blocks, scan, scan_messages
from valb import Annotator
from valb.annotator import WEIGHTS
from valb.columns import typed_columns
from valb.labels import MARKER, LabelledLog, read_logs
from valb.network import load

if TYPE_CHECKING:
    from collections.abc import Sequence

    from logscan import HeaderFormat
    from valb.tagger import Committee, Tagger

FIGURES = ("GA", "PA", "FGA", "FTA", "VA")
# What a trained tagger depends on; a change in any of them trains the folds anew.
_TRAINED_BY = [
    "atoms",
    "evidence",
    "features",
    "labels",
    "phrases",
    "synthetic",
    "tagger",
    "training",
    "truth",
    "values",
    "views",
    "words",
]
# Systems that are left out together where one training for each would take too long.
GROUPS = (
    "Android+Apache+BGL",
    "HDFS+HPC+Hadoop",
    "Linux+Mac+OpenSSH",
    "Spark+Thunderbird+Windows",
)
# drain3 is stopped there, or it would take most of an hour.
DRAIN_LINES = 5_000
RUNS = 3
# Our own masks for drain3, from the special to the general; one list for everything.
MASKS = (
    ("UUID", r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b"),
    ("URL", r"\b[a-zA-Z][a-zA-Z0-9+.-]*://[^\s\"'<>()\[\]{},;|]+"),
    ("MAC", r"\b(?:[0-9a-fA-F]{2}:){5,}[0-9a-fA-F]{2}\b"),
    ("IPV6", r"(?<![\w:])(?:[0-9a-fA-F]{1,4}:){4,7}:?[0-9a-fA-F]{1,4}(?![\w:])"),
    (
        "DATE",
        r"\b[MTWFS][a-z]{2} [A-Z][a-z]{2} +\d+ \d\d:\d\d:\d\d(?: [A-Z]+)? \d{4}",
    ),
    ("DATE", r"\b\d{4}[-/]\d{1,2}[-/]\d{1,2}(?:[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?)?\b"),
    ("TIME", r"\b\d{1,2}:\d{2}:\d{2}(?:[.,]\d+)?\b"),
    ("ADDR", r"/?\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b"),
    ("PATH", r"(?<![\w.])(?:[A-Za-z]:\\|/)[\w.\-+~%@]+(?:[/\\][\w.\-+~%@$]*)+"),
    ("HOST", r"\b[\w-]+(?:\.[\w-]+)+:\d+\b"),
    ("HEX", r"\b0[xX][0-9a-fA-F]+\b"),
    ("SIZE", r"\b\d+(?:\.\d+)? ?(?:[KMGT]i?B|kB|ms|us|ns|sec)\b"),
    (
        "ID",
        r"\b(?=[A-Za-z_-]*\d)(?=\d*[A-Za-z])[A-Za-z0-9]*[_-]?-?[A-Za-z0-9_-]*\d[A-Za-z0-9_-]*\b",
    ),
    ("NUM", r"(?<![\w.])[-+]?\d+(?:\.\d+)?(?![\w.])"),
)


def measure(
    true: Sequence[str], typed: Sequence[str], found: Sequence[str], found_typed: Sequence[str]
) -> dict[str, float]:
    """Compare predicted templates with the true ones, message by message."""
    true_groups: defaultdict[str, set[int]] = defaultdict(set)
    groups: defaultdict[str, set[int]] = defaultdict(set)
    for i, (a, b) in enumerate(zip(true, found, strict=True)):
        true_groups[a].add(i)
        groups[b].add(i)
    grouped = [g for g in groups.values() if true_groups[true[min(g)]] == g]
    exact = sum({true[i] for i in g} == {text} for text, g in groups.items())
    both = len(groups) + len(true_groups)
    return {
        "GA": sum(map(len, grouped)) / len(true),
        "PA": _share(true, found),
        "FGA": 2 * len(grouped) / both,
        "FTA": 2 * exact / both,
        "VA": _share(typed, found_typed),
    }


def _share(true: Sequence[str], found: Sequence[str]) -> float:
    return sum(a == b for a, b in zip(true, found, strict=True)) / len(true)


def typed_templates(log: LabelledLog) -> list[str]:
    """Write the true template of each message with its categories."""
    texts = {}
    for template, categories in log.categories.items():
        first, *rest = template.split(MARKER)
        texts[template] = first + "".join(
            f"<{category}>{part}" for category, part in zip(categories, rest, strict=True)
        )
    return [texts[template] for template in log.templates]


def fold_folder(logs: Sequence[LabelledLog], left_out: str, cache: Path, seed: int) -> Path:
    """Name the folder of a tagger by all that it is made from."""
    digest = hashlib.sha256(f"{left_out} {seed}".encode())
    package = Path(sys.modules["valb"].__file__ or "").parent
    for name in _TRAINED_BY:
        digest.update((package / f"{name}.py").read_bytes())
    for log in logs:
        digest.update(log.data() + "\n".join(log.templates).encode())
        digest.update(repr(log.categories).encode())
    return cache / digest.hexdigest()[:24]


def trained(logs: Sequence[LabelledLog], left_out: str, cache: Path, seed: int) -> Tagger:
    """Train on all systems but those left out, or read what such a training left."""
    # Speed and memory are measured without torch.
    from valb.tagger import Committee, load
    from valb.training import TrainingConfig, train

    folder = fold_folder(logs, left_out, cache, seed)
    if not (folder / "weights.safetensors").is_file():
        others = [log for log in logs if log.name not in left_out.split("+")]
        Committee([train(others, TrainingConfig(seed=seed))]).save(folder)
    return load(folder).members[0]


def fold_model(logs: Sequence[LabelledLog], left_out: str, cache: Path, seed: int) -> Committee:
    """Train the two taggers that are asked together, neither on a system that is left out.

    ``left_out`` is one system or several joined by ``+``. The second tagger is trained without
    the whole `GROUPS` of these: harder than it need be, and four trainings instead of twelve.
    """
    from valb.tagger import Committee

    names = set(left_out.split("+"))
    groups = "+".join(group for group in GROUPS if names & set(group.split("+")))
    both = dict.fromkeys((left_out, groups))
    return Committee([trained(logs, each, cache, seed) for each in both])


def valb_figures(log: LabelledLog, model: Committee) -> dict[str, float]:
    """Parse a system's messages with taggers that have not seen it."""
    batch = scan_messages(log.data())
    annotation = Annotator(tagger=model).annotate(batch)
    found = [annotation.templates[i] for i in annotation.template[batch.structure].tolist()]
    return measure(
        log.templates,
        typed_templates(log),
        [template.text for template in found],
        [template.typed_text for template in found],
    )


def _miner(masks: Sequence[tuple[str, str]]) -> TemplateMiner:
    config = TemplateMinerConfig()
    config.profiling_enabled = False
    miner = TemplateMiner(config=config)
    from drain3.masking import LogMasker, MaskingInstruction

    instructions = [MaskingInstruction(pattern, name) for name, pattern in masks]
    miner.masker = LogMasker(instructions, "<", ">")
    return miner


def drain_figures(log: LabelledLog, masks: Sequence[tuple[str, str]]) -> dict[str, float]:
    """Parse a system's messages with drain3; its templates are those after the last message."""
    miner = _miner(masks)
    clusters = [miner.add_log_message(message)["cluster_id"] for message in log.messages]
    texts = {c.cluster_id: c.get_template() for c in miner.drain.clusters}
    for name, _ in masks:
        texts = {key: text.replace(f"<{name}>", MARKER) for key, text in texts.items()}
    found = [texts[cluster] for cluster in clusters]
    figures = measure(log.templates, log.templates, found, found)
    return {name: figure for name, figure in figures.items() if name != "VA"}


def brain_figures(log: LabelledLog, python: Path) -> dict[str, float]:
    """Parse a system's messages with Brain, without settings of its own."""
    found = brain_templates(log, python)
    figures = measure(log.templates, log.templates, found, found)
    return {name: figure for name, figure in figures.items() if name != "VA"}


def accuracy(
    data: Path, folds: Sequence[str], seed: int, brain: Path | None
) -> dict[str, dict[str, dict[str, float]]]:
    """Measure every parser on every system asked for."""
    import torch

    torch.set_num_threads(1)
    logs = read_logs(data / "parsing")
    cache = Path(tempfile.gettempdir()) / "logplatform-valb-folds"
    result: dict[str, dict[str, dict[str, float]]] = {
        "valb": {},
        "drain3": {},
        "drain3_masks": {},
    }
    if brain is not None:
        result["brain"] = {}
    left_out = {name: fold for fold in folds for name in fold.split("+")}
    for log in logs:
        if folds and log.name not in left_out:
            continue
        fold = left_out.get(log.name, log.name)
        result["drain3"][log.name] = drain_figures(log, ())
        result["drain3_masks"][log.name] = drain_figures(log, MASKS)
        if brain is not None:
            result["brain"][log.name] = brain_figures(log, brain)
        result["valb"][log.name] = valb_figures(log, fold_model(logs, fold, cache, seed))
    for systems in result.values():
        names = next(iter(systems.values())).keys()
        systems["mean"] = {n: float(np.mean([s[n] for s in systems.values()])) for n in names}
    return result


def _parse_pass(path: Path, annotator: Annotator) -> dict[str, float]:
    """Go through a file once; typed columns are the values of every variable."""
    lines = records = variables = structures = 0
    wall, busy, annotating = time.perf_counter(), time.process_time(), 0.0
    with open_input(path) as stream:
        header = _header_of(path)
        for block in read_blocks(stream, header=header):
            batch = scan(block, header=header, received_ns=0)
            annotating -= time.process_time()
            annotation = annotator.annotate(batch)
            annotating += time.process_time()
            for typed in typed_columns(batch, annotation):
                variables += sum(map(len, typed.columns))
            lines += int(batch.lines.sum())
            records += len(batch)
            structures += len(batch.structures)
    busy, wall = time.process_time() - busy, time.perf_counter() - wall
    return {
        "lines": lines,
        "records": records,
        "variables": variables,
        "cpu_s": busy,
        "wall_s": wall,
        "lines_per_cpu_s": lines / busy,
        "annotate_ms_per_structure": 1000 * annotating / structures,
    }


def _header_of(path: Path) -> HeaderFormat:
    with open_input(path) as stream:
        return detect_format(stream.read(256 << 10))


def _first_lines_s(path: Path, annotator: Annotator) -> dict[str, float]:
    """Time the first thousand lines of a source that nobody has seen."""
    with open_input(path) as stream:
        data = b"".join(line for line, _ in zip(stream, range(1000), strict=False))
    wall, busy = time.perf_counter(), time.process_time()
    batch = scan(data, header=detect_format(data), received_ns=0)
    for _ in typed_columns(batch, annotator.annotate(batch)):
        pass
    return {"wall_s": time.perf_counter() - wall, "cpu_s": time.process_time() - busy}


def time_file(path: Path) -> dict[str, Any]:
    """Time a first and a second pass over a file, the median of `RUNS`, and drain3.

    drain3 has typed masks, and gets the first lines only.
    """
    # Loading the weights is paid once a process, not once a file.
    tagger = load(WEIGHTS)
    Annotator(tagger=tagger).annotate(scan_messages(b"warm up\n"))
    runs = []
    for _ in range(RUNS):
        annotator = Annotator(tagger=tagger)
        runs.append((_parse_pass(path, annotator), _parse_pass(path, annotator)))
    first, again = (
        sorted(passes, key=lambda one: one["cpu_s"])[RUNS // 2]
        for passes in zip(*runs, strict=True)
    )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    with open_input(path) as stream:
        lines = [
            line.decode("utf-8", "replace").rstrip("\n")
            for line, _ in zip(stream, range(DRAIN_LINES), strict=False)
        ]
    miner = _miner(MASKS)
    busy = time.process_time()
    for line in lines:
        miner.add_log_message(line)
    busy = time.process_time() - busy
    return {
        "first_pass": first,
        "known": again,
        "first_1000_lines": _first_lines_s(path, Annotator(tagger=tagger)),
        "templates": len(annotator.templates),
        "drain3_masks_lines_per_cpu_s": len(lines) / busy,
        "peak_mib": peak,
    }


def digest_of(path: Path) -> str:
    """Hash all that two passes over a file give: it must not change when code gets faster."""
    annotator, digest = Annotator(), hashlib.sha256()
    for _ in range(2):
        with open_input(path) as stream:
            for block in read_blocks(stream, header=_header_of(path)):
                batch = scan(block, header=_header_of(path), received_ns=0)
                annotation = annotator.annotate(batch)
                digest.update(repr((annotation.named, annotation.spans)).encode())
                digest.update(repr((annotation.revised, annotation.merged)).encode())
                for typed in typed_columns(batch, annotation):
                    text = f"{typed.template.id} {typed.template.typed_text}"
                    digest.update(text.encode("utf-8", "backslashreplace"))
                    digest.update(typed.rows.tobytes())
                    for column in typed.columns:
                        digest.update(b"\0".join(column))
    return digest.hexdigest()[:16]


def _table(result: dict[str, dict[str, dict[str, float]]]) -> str:
    rows = []
    for parser, systems in result.items():
        rows.append(f"{parser:14} " + " ".join(f"{name:>6}" for name in FIGURES))
        for system, figures in systems.items():
            cells = (f"{figures[n]:6.3f}" if n in figures else "     -" for n in FIGURES)
            rows.append(f"{system:14} " + " ".join(cells))
    return "\n".join(rows) + "\n"


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description="Accuracy and speed of valb beside drain3.")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--data")
    parser.add_argument("--folds", nargs="*", default=(), metavar="SYSTEM")
    parser.add_argument("--leave-one-system-out", action="store_true", help="the default")
    parser.add_argument("--brain", type=Path, metavar="PYTHON", help="one that has logparser3")
    parser.add_argument("--few-shot", type=int, metavar="TEMPLATES", help="labelled ones")
    parser.add_argument("--speed", action="store_true")
    parser.add_argument("--digest", action="store_true", help="hash what is found, to compare")
    parser.add_argument("--stream", action="store_true", help="a stream of new structures")
    parser.add_argument("--lines", type=int, default=10_000_000, help="with --stream")
    parser.add_argument("--new", type=float, default=0.01, help="with --stream: share of lines")
    parser.add_argument("--files", nargs="*", default=(), help="with --speed: only these")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    report: dict[str, Any] = report_header()
    if options.stream:
        report["stream"] = track_stream(options.lines, options.new, options.seed)
        write_report(None, report)
        return
    data = data_dir(options.data)
    if options.speed or options.digest:
        files = [f for f in corpus_files(data) if not options.files or f.stem in options.files]
        report["corpus"] = corpus_hash(files)
        name, measured = ("digest", digest_of) if options.digest else ("speed", time_file)
        report[name] = {path.stem: measured(path) for path in files}
        write_report(None, report)
        return
    if options.few_shot is not None:
        # It reads this module.
        import torch

        from benchmarks.parsing_few_shot import few_shot

        torch.set_num_threads(1)
        cache = Path(tempfile.gettempdir()) / "logplatform-valb-folds"
        logs = read_logs(data / "parsing")
        report["few_shot"] = few_shot(logs, options.folds, cache, options.few_shot)
        write_report(None, report)
        return
    report["accuracy"] = accuracy(data, options.folds, options.seed, options.brain)
    if options.json:
        write_report(None, report)
    else:
        sys.stdout.write(_table(report["accuracy"]))


if __name__ == "__main__":
    main()
