"""What each part of logzip brings: the paper's three levels, and each codec left out by itself.

    python -m benchmarks.compression_parts [--json] [--data DIR] [--only NAME ...]

The levels are those of logzip (Liu et al., ASE 2019) in our format: level 1 has the header's
fields as columns and messages as text, level 2 templates and a column of text for each of
their variables, level 3 dictionaries for them too. What follows is added to level 3 until it
is the level `default`; then each means is left out of it, the others in place. On the first
16,000,000 bytes of each file, zstd -11 behind each column, everything rendered back.
"""

from __future__ import annotations

import argparse
import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.compression import BIG, SLICE_BYTES
from benchmarks.machine import corpus_files, corpus_hash, data_dir, report_header, write_report
from logscan import detect_format, scan
from logzip.overflow import with_text_messages
from logzip.runs import LEVELS, Means
from logzip.writer import encode

if TYPE_CHECKING:
    from logzip.runs import Level

# Times are columns of the format itself, so timestamps are rendered from them at every level.
PAPER = frozenset(Means) - {Means.CLOCK, Means.MERGING}
DEFAULT = LEVELS["default"]
STEPS: dict[str, tuple[Level, bool]] = {
    "paper's level 1: header": (replace(DEFAULT, without=PAPER), True),
    "paper's level 2: templates": (replace(DEFAULT, without=PAPER), False),
    "paper's level 3: dictionaries": (
        replace(DEFAULT, without=PAPER - {Means.DICTIONARY}),
        False,
    ),
    "and numbers": (
        replace(DEFAULT, without=PAPER - {Means.DICTIONARY, Means.NUMBERS, Means.DELTA}),
        False,
    ),
    "and shapes, hex, recency": (replace(DEFAULT, without=frozenset({Means.RELATIONS})), False),
    "default: and relations": (DEFAULT, False),
    **{
        f"default without {means}": (replace(DEFAULT, without=frozenset({means})), False)
        for means in Means
    },
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--json", nargs="?", const="-", metavar="OUT", help="JSON (to OUT)")
    parser.add_argument("--data", help="folder of the corpus; else LOGPLATFORM_DATA")
    parser.add_argument("--only", nargs="+", default=[*BIG], help="names of corpus files")
    options = parser.parse_args()
    files = [file for file in corpus_files(data_dir(options.data)) if file.stem in options.only]
    report: dict[str, Any] = report_header()
    report |= {"corpus": corpus_hash(files), "bytes": SLICE_BYTES, "ratios": {}}
    raws = {file.stem: file.read_bytes()[:SLICE_BYTES] for file in files}
    for step, (level, text_messages) in STEPS.items():
        ratios = {
            name: track_ratio(raw, level, text_messages=text_messages)
            for name, raw in raws.items()
        }
        ratios["geometric mean"] = math.exp(sum(map(math.log, ratios.values())) / len(ratios))
        report["ratios"][step] = ratios
        if options.json is None:
            print(f"{step:40}", *(f"{ratio:8.2f}" for ratio in ratios.values()), flush=True)
    if options.json is not None:
        write_report(None if options.json == "-" else Path(options.json), report)


def track_ratio(raw: bytes, level: Level, *, text_messages: bool) -> float:
    """Return how many bytes of the log one byte of its block holds."""
    batch = scan(raw, header=detect_format(raw[: 1 << 20]), received_ns=0)
    if text_messages:
        batch = with_text_messages(batch)
        level = replace(level, without=level.without | {Means.MERGING})
    return len(raw) / len(encode(batch, raw, level).data)


if __name__ == "__main__":
    main()
