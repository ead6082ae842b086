"""Speed of logzip in a running process: MB of log by CPU second, the least of some runs.

    python -m benchmarks.compression_speed [--json [OUT]] [--data DIR] [--level fast ...]
        [--runs N]

`benchmarks.compression` measures commands, once each, which on a machine with other work says
more about that work. Here nothing is measured but logzip, on the same first 16,000,000 bytes,
again and again, and the least time counts: caches are warm, and the rest of the machine was out
of the way for once. Memory is kept as the command keeps it.
"""

from __future__ import annotations

import argparse
import io
import math
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.compression import BIG, SLICE_BYTES
from benchmarks.machine import corpus_files, corpus_hash, data_dir, report_header, write_report
from logzip import compress_stream, decompress_stream
from logzip.memory import keep_memory

if TYPE_CHECKING:
    from collections.abc import Callable


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--json", nargs="?", const="-", metavar="OUT", help="JSON (to OUT)")
    parser.add_argument("--data", help="folder of the corpus; else LOGPLATFORM_DATA")
    parser.add_argument("--level", nargs="+", default=["fast", "default"], help="of logzip")
    parser.add_argument("--runs", type=int, default=7, help="of which the least time counts")
    options = parser.parse_args()
    keep_memory()
    files = [file for file in corpus_files(data_dir(options.data)) if file.stem in BIG]
    report: dict[str, Any] = report_header()
    report |= {"corpus": corpus_hash(files), "bytes": SLICE_BYTES, "runs": options.runs}
    report["mb_s"] = {level: {} for level in options.level}
    for level, rows in report["mb_s"].items():
        for file in files:
            rows[file.stem] = speeds(file.read_bytes()[:SLICE_BYTES], level, options.runs)
        means = [math.prod(row[i] for row in rows.values()) for i in range(2)]
        rows["geometric mean"] = [mean ** (1 / len(files)) for mean in means]
        if options.json is None:
            for name, (packing, unpacking) in rows.items():
                print(f"{level:8} {name:15} {packing:7.1f} MB/s in {unpacking:7.1f} out")
    if options.json is not None:
        write_report(None if options.json == "-" else Path(options.json), report)


def speeds(raw: bytes, level: str, runs: int) -> list[float]:
    """Return MB/s in and out."""
    held: dict[str, io.BytesIO] = {}

    def pack() -> None:
        held["packed"] = io.BytesIO()
        compress_stream(io.BytesIO(raw), held["packed"], level=level)

    def unpack() -> None:
        held["unpacked"] = io.BytesIO()
        decompress_stream(io.BytesIO(held["packed"].getvalue()), held["unpacked"])

    found = [len(raw) / 1e6 / least_seconds(work, runs) for work in (pack, unpack)]
    if held["unpacked"].getvalue() != raw:
        raise AssertionError("what came back is not what went in")
    return found


def least_seconds(work: Callable[[], None], runs: int) -> float:
    """Return the CPU seconds of the quickest run."""
    seconds = []
    for _ in range(runs):
        began = time.process_time()
        work()
        seconds.append(time.process_time() - began)
    return min(seconds)


if __name__ == "__main__":
    main()
