"""Time and memory of logzip against the size of its input.

    python -m benchmarks.scale [--json] [--data DIR] [--megabytes 50 200 800 ...]
        [--figure SVG]

The input is one log again and again, each time a day later and with task numbers that were not
there before, piped into `logzip -T1`, and its archive into `logzip -d -T1`: nothing but the
archive is on disk or in memory whole. Seconds are CPU seconds of the command, its start
included; memory is its largest resident set. 10,000 megabytes take some seven CPU minutes, of
which the log's making is two.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib.pyplot as plt

from benchmarks.compression import LOGZIP, run
from benchmarks.machine import corpus_files, corpus_hash, data_dir, report_header, write_report

if TYPE_CHECKING:
    from collections.abc import Iterator

FILE = "spark"
DATE = re.compile(rb"^(\d\d)/(\d\d)/(\d\d) ")
TASK = re.compile(rb"TID (\d+)")
TASKS_A_DAY = 1_000_000


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--json", nargs="?", const="-", metavar="OUT", help="JSON (to OUT)")
    parser.add_argument("--data", help="folder of the corpus; else LOGPLATFORM_DATA")
    parser.add_argument("--megabytes", nargs="+", type=int, default=[50, 200, 800])
    parser.add_argument("--figure", type=Path, metavar="SVG", help="draw it")
    parser.add_argument("--write", type=int, metavar="BYTES", help=argparse.SUPPRESS)
    options = parser.parse_args()
    files = [file for file in corpus_files(data_dir(options.data)) if file.stem == FILE]
    if options.write:
        for part in days(files[0].read_bytes(), options.write):
            sys.stdout.buffer.write(part)
        return
    report: dict[str, Any] = report_header()
    report |= {"corpus": corpus_hash(files), "rows": []}
    for megabytes in options.megabytes:
        row = measure(megabytes * 1_000_000)
        report["rows"].append(row)
        if options.json is None:
            print("  ".join(f"{name} {value:,.1f}" for name, value in row.items()), flush=True)
    if options.figure is not None:
        draw(options.figure, report["rows"])
    if options.json is not None:
        write_report(None if options.json == "-" else Path(options.json), report)


def measure(size: int) -> dict[str, float]:
    """Return seconds and memory for ``size`` bytes of the log and its repetitions."""
    with tempfile.TemporaryDirectory(prefix="logplatform-benchmark-") as folder:
        packed = Path(folder) / "packed"
        # By another process: what this one holds would count as memory of the command.
        again = [sys.executable, "-m", "benchmarks.scale", *sys.argv[1:]]
        with subprocess.Popen([*again, "--write", str(size)], stdout=subprocess.PIPE) as log:
            if log.stdout is None:
                raise AssertionError("a pipe was asked for")
            source = Path(f"/dev/fd/{log.stdout.fileno()}")
            pack_s, pack_mib = run(LOGZIP, source, packed)
        if log.returncode != 0:
            sys.exit("the log could not be made")
        unpack_s, unpack_mib = run([*LOGZIP, "-d"], packed, Path(os.devnull))
        return {
            "megabytes": size / 1e6,
            "ratio": size / packed.stat().st_size,
            "compress_s": pack_s,
            "compress_peak_mib": pack_mib,
            "decompress_s": unpack_s,
            "decompress_peak_mib": unpack_mib,
        }


def draw(path: Path, rows: list[dict[str, float]]) -> None:
    """Draw seconds and memory against the size."""
    sizes = [row["megabytes"] / 1000 for row in rows]
    figure, (time, memory) = plt.subplots(1, 2, figsize=(9, 3.4))
    for name, marker in (("compress", "o"), ("decompress", "s")):
        time.plot(sizes, [row[f"{name}_s"] for row in rows], marker=marker, label=name)
        peaks = [row[f"{name}_peak_mib"] for row in rows]
        memory.plot(sizes, peaks, marker=marker, label=name)
    time.set(xlabel="GB of log", ylabel="CPU seconds", xlim=(0, None), ylim=(0, None))
    memory.set(xlabel="GB of log", ylabel="peak memory, MiB", xlim=(0, None), ylim=(0, None))
    time.legend()
    memory.legend()
    figure.tight_layout()
    figure.savefig(path)
    plt.close(figure)


def days(raw: bytes, size: int) -> Iterator[bytes]:
    """Yield ``size`` bytes of a log that goes on, day after day."""
    found = DATE.match(raw)
    if found is None:
        sys.exit(f"{FILE} does not begin with a date")
    day = date(2000 + int(found[1]), int(found[2]), int(found[3]))
    number = 0
    while size > 0:
        later = (day + timedelta(days=number)).strftime("%y/%m/%d ").encode()
        first = number * TASKS_A_DAY
        part = raw.replace(b"\n" + found[0], b"\n" + later)
        part = TASK.sub(lambda task, first=first: b"TID %d" % (int(task[1]) + first), part)  # type: ignore[misc]  # mypy knows no defaults of lambdas
        yield part[:size]
        size -= len(part)
        number += 1


if __name__ == "__main__":
    main()
