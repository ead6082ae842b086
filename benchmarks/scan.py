"""MB/s of the scan on each corpus file, one thread, beside `re.split` and zstd -3.

Run ``python -m benchmarks.scan [--json] [--data DIR] [--runs N]``. Speeds are CPU time, medians
of N runs over the first 16 MiB of a file; the peers show what the machine did at that moment.
"""

from __future__ import annotations

import argparse
import re
import statistics
import sys
import time
from typing import TYPE_CHECKING, Any

import zstandard

from benchmarks.machine import corpus_files, corpus_hash, data_dir, report_header, write_report
from logscan import detect_format, render, scan

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

BLOCK_BYTES = 16 << 20
SAMPLE_BYTES = 1 << 20
RECEIVED_NS = 1_795_262_400_000_000_000
DELIMITERS = re.compile(rb"[\x00-\x20\x7f\"'()\[\]{}<>,;=|&?`]+")
COLUMNS = ("scan", "render", "re_split", "zstd_3")


def time_scan(path: Path, runs: int) -> dict[str, Any]:
    """Measure one file and return its speeds and what the scan found in it."""
    with path.open("rb") as stream:
        data = stream.read(BLOCK_BYTES)
    header = detect_format(data[:SAMPLE_BYTES])
    batch = scan(data, header=header, received_ns=RECEIVED_NS)
    if render(batch) != data:
        sys.exit(f"{path}: the scan does not give the bytes back")
    compressor = zstandard.ZstdCompressor(level=3)
    calls: dict[str, Callable[[], object]] = {
        "scan": lambda: scan(data, header=header, received_ns=RECEIVED_NS),
        "render": lambda: render(batch),
        "re_split": lambda: [DELIMITERS.split(line) for line in data.split(b"\n")],
        "zstd_3": lambda: compressor.compress(data),
    }
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(runs):
        for name, call in calls.items():
            start = time.process_time()
            call()
            seconds[name].append(time.process_time() - start)
    return {
        "file": path.name,
        "bytes": len(data),
        "format": header.name,
        "records": len(batch),
        "lines": int(batch.lines.sum()),
        "structures": len(batch.structures),
        "slots": len(batch.value_start),
        "mb_per_cpu_s": {
            name: round(len(data) / 1e6 / statistics.median(times))
            for name, times in seconds.items()
        },
        "best_scan_mb_per_cpu_s": round(len(data) / 1e6 / min(seconds["scan"])),
    }


def main() -> None:
    """Print a table, or with --json the whole report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--data")
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    files = corpus_files(data_dir(arguments.data))
    rows = [time_scan(path, arguments.runs) for path in files]
    if arguments.json:
        report = report_header() | {"corpus": corpus_hash(files), "files": rows}
        write_report(None, report)
        return
    sys.stdout.write("MB per CPU-second, one thread\n")
    sys.stdout.write(f"{'file':24}{'format':16}{'records':>8}{'structures':>11}")
    sys.stdout.write("".join(f"{name:>10}" for name in COLUMNS) + "\n")
    for row in rows:
        speeds = "".join(f"{row['mb_per_cpu_s'][name]:>10}" for name in COLUMNS)
        sys.stdout.write(
            f"{row['file']:24}{row['format']:16}{row['records']:>8}{row['structures']:>11}{speeds}\n"
        )


if __name__ == "__main__":
    main()
