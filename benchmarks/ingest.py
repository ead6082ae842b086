"""Ingest, export and a first search of whole files, beside SQLite's full-text index.

    python -m benchmarks.ingest [--json [OUT]] [--data DIR] [--only NAME ...] [--peer]

Each file goes through `logplatform ingest --wait` into a home of its own (SQLite, embedded
broker), is exported again and compared to the byte. Seconds are CPU seconds, user and system,
of the whole process with its start (about 4 s: Python, Django, PyTorch); ``wall`` is what the
person at the prompt waits. The peer is what one can have without a log platform: every line a
row of an FTS5 table in trigrams, which finds any part of a line as `logplatform search` does,
but knows neither times nor fields.
"""

from __future__ import annotations

import argparse
import filecmp
import json
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.machine import corpus_files, corpus_hash, data_dir, report_header, write_report

PLATFORM = [str(Path(sys.executable).with_name("logplatform"))]
SOURCE = "log"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--json", nargs="?", const="-", metavar="OUT", help="JSON (to OUT)")
    parser.add_argument("--data", help="folder of the corpus; else LOGPLATFORM_DATA")
    parser.add_argument("--only", nargs="+", default=[], help="names of corpus files")
    parser.add_argument("--peer", action="store_true", help="SQLite's index too (slow, large)")
    options = parser.parse_args()
    files = corpus_files(data_dir(options.data))
    files = [file for file in files if not options.only or file.stem in options.only]
    report: dict[str, Any] = report_header()
    report |= {"corpus": corpus_hash(files), "files": {}}
    for file in files:
        row = measure_platform(file)
        if options.peer:
            row["sqlite_fts5"] = measure_sqlite(file)
        report["files"][file.stem] = row
        if options.json is None:
            print_row(file.stem, row)
    if options.json is not None:
        write_report(None if options.json == "-" else Path(options.json), report)


def measure_platform(file: Path) -> dict[str, Any]:
    """Return what `logplatform ingest` says of a file, its cost, and whether it comes back."""
    with tempfile.TemporaryDirectory(prefix="logplatform-benchmark-") as folder:
        environment = os.environ | {"LOGPLATFORM_HOME": f"{folder}/home"}
        copy = Path(folder) / "copy"
        ingest = [*PLATFORM, "ingest", str(file), "--source", SOURCE, "--wait", "--json"]
        said, ingest_cost = run(ingest, environment)
        _, export_cost = run(
            [*PLATFORM, "export", "--source", SOURCE, "-o", str(copy)], environment
        )
        found = json.loads(said)
        lines_per_s = round(found["lines"] / ingest_cost["cpu_s"])
        return {
            **found,
            "equal": filecmp.cmp(file, copy, shallow=False),
            "ingest": ingest_cost | {"lines_per_cpu_s": lines_per_s},
            "export": export_cost,
        }


def measure_sqlite(file: Path) -> dict[str, float]:
    """Return cost and size of an FTS5 table in trigrams with one row a line."""
    with tempfile.TemporaryDirectory(prefix="logplatform-benchmark-") as folder:
        path = Path(folder) / "lines.sqlite3"
        began, wall = time.process_time(), time.perf_counter()
        database = sqlite3.connect(path)
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("CREATE VIRTUAL TABLE lines USING fts5(line, tokenize='trigram')")
        with file.open(encoding="utf-8", errors="replace", newline="") as stream, database:
            database.executemany("INSERT INTO lines VALUES (?)", ((line,) for line in stream))
        lines = database.execute("SELECT count(*) FROM lines").fetchone()[0]
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.close()
        cpu_s = time.process_time() - began
        return {
            "cpu_s": round(cpu_s, 2),
            "wall_s": round(time.perf_counter() - wall, 2),
            "lines_per_cpu_s": round(lines / cpu_s),
            "stored_bytes": path.stat().st_size,
        }


def run(command: list[str], environment: dict[str, str]) -> tuple[str, dict[str, float]]:
    """Return a command's standard output, and its CPU and wall seconds."""
    before, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        command, env=environment, check=True, stdout=subprocess.PIPE, text=True
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return done.stdout, {
        "cpu_s": round(cpu_s, 2),
        "wall_s": round(time.perf_counter() - wall, 2),
    }


def print_row(name: str, row: dict[str, Any]) -> None:
    """Print one file's figures."""
    sizes = {"logplatform": row["stored_bytes"]}
    speeds = {"logplatform": row["ingest"]["lines_per_cpu_s"]}
    if peer := row.get("sqlite_fts5"):
        sizes["sqlite"], speeds["sqlite"] = peer["stored_bytes"], peer["lines_per_cpu_s"]
    for tool, size in sizes.items():
        sys.stdout.write(
            f"{name:16}{tool:12} {row['lines']:9,} lines {speeds[tool]:9,} lines/CPU-s "
            f"{row['raw_bytes'] / size:8.2f} raw/stored\n"
        )
    if not row["equal"]:
        sys.stdout.write(f"{name}: NOT THE SAME BYTES\n")


if __name__ == "__main__":
    main()
