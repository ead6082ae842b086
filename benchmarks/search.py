"""Search inside logzip segments beside `zstd -dc | grep -F`, on the same files in one run.

    python -m benchmarks.search [--json] [--data DIR] [--level default] [--only NAME ...]

Figures are GB of raw log by CPU seconds, user and system (1 GB = 10**9), the median of some
runs; hits are compared with grep's. `logzip` is the search itself in a running process, as the
platform does it, the segment opened anew each time; `command` is `logzip grep -T1` with the
start of Python and all. Queries are cut from the logs themselves, always the same ones.
"""

from __future__ import annotations

import argparse
import io
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.machine import corpus_files, corpus_hash, data_dir, report_header, write_report
from logzip.grep import count_lines, print_lines
from logzip.patterns import line_condition
from logzip.reader import Segment
from logzip.writer import compress_stream

if TYPE_CHECKING:
    from collections.abc import Callable

SELECTIVE_PLACES = (0.11, 0.37, 0.61, 0.83)  # of the lines that selective queries are cut from
SAMPLE_LINES = 20_000
RUNS = 3


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--json", nargs="?", const="-", metavar="OUT", help="JSON (to OUT)")
    parser.add_argument("--data", help="folder of the corpus; else LOGPLATFORM_DATA")
    parser.add_argument("--level", default="default", help="of logzip")
    parser.add_argument("--only", nargs="+", default=[], help="names of corpus files")
    options = parser.parse_args()
    files = corpus_files(data_dir(options.data))
    files = [file for file in files if not options.only or file.stem in options.only]
    report: dict[str, Any] = report_header()
    report |= {"corpus": corpus_hash(files), "level": options.level, "files": {}}
    for file in files:
        rows = measure_file(file, options.level)
        report["files"][file.stem] = rows
        if options.json is None:
            print_file(file.stem, rows)
    report["median_gb_s"] = medians([row for rows in report["files"].values() for row in rows])
    if options.json is None:
        print_medians(report["median_gb_s"])
    else:
        write_report(None if options.json == "-" else Path(options.json), report)


def measure_file(file: Path, level: str) -> list[dict[str, Any]]:
    """Return one row for each query on one file."""
    with tempfile.TemporaryDirectory(prefix="logplatform-benchmark-") as folder:
        archive, peer = Path(folder) / "log.lgz", Path(folder) / "log.zst"
        with file.open("rb") as source, archive.open("wb") as target:
            compress_stream(source, target, level=level, threads=os.cpu_count() or 1)
        subprocess.run(["zstd", "-3", "-q", str(file), "-o", str(peer)], check=True)
        return [
            measure_query(file, archive, peer, kind=kind, pattern=pattern)
            for kind, pattern in queries(file.read_bytes())
        ]


def queries(data: bytes) -> list[tuple[str, bytes]]:
    """Cut the queries of a file: four rare words, one that is absent, three common ones."""
    lines = data.splitlines()
    found = []
    for place in SELECTIVE_PLACES:
        words = [word for word in lines[int(place * len(lines))].split() if len(word) > 4]
        rarest = min(words, key=lambda word: (data.count(word), -len(word)), default=b"none")
        found.append(("selective", rarest))
    found.append(("absent", b"xylophone"))
    counts = Counter(word for line in lines[:SAMPLE_LINES] for word in set(line.split()))
    common = [
        word
        for word, n in counts.most_common()
        if 0.05 < n / min(SAMPLE_LINES, len(lines)) < 0.6 and len(word) > 2
    ]
    return [*found, *(("common", word) for word in common[:3])]


def measure_query(
    file: Path, archive: Path, peer: Path, *, kind: str, pattern: bytes
) -> dict[str, Any]:
    """Return hits and speeds of one query, printed and counted."""
    size = file.stat().st_size / 1e9
    text = os.fsdecode(pattern)
    grep_arguments = ["grep", "-a", "-F", "-e", text]
    logzip = [sys.executable, "-m", "logzip", "grep", "-T1"]
    hits, count_s = in_process(lambda: count(archive, text))
    lines, print_s = in_process(lambda: output(archive, text))
    expected = subprocess.run(
        [*grep_arguments, str(file)], env=C_LOCALE, capture_output=True, check=False
    ).stdout
    return {
        "kind": kind,
        "query": text,
        "hits": hits,
        "equal": lines == expected and hits == expected.count(b"\n"),
        "gb_s": {
            "logzip": size / print_s,
            "logzip count": size / count_s,
            "command": size / as_processes([[*logzip, text, str(archive)]]),
            "zstd | grep": size / as_processes([["zstd", "-dcq", str(peer)], grep_arguments]),
            "zstd | grep -c": size
            / as_processes([["zstd", "-dcq", str(peer)], [*grep_arguments, "-c"]]),
        },
    }


C_LOCALE = {**os.environ, "LC_ALL": "C"}


def count(archive: Path, text: str) -> int:
    """Count the lines that hold ``text``."""
    with Segment.open(archive) as segment:
        return count_lines(segment, line_condition([text.encode()], regex=False))


def output(archive: Path, text: str) -> bytes:
    """Return the lines that hold ``text``."""
    out = io.BytesIO()
    with Segment.open(archive) as segment:
        for part in print_lines(segment, line_condition([text.encode()], regex=False), 0):
            out.write(part)
    return out.getvalue()


def in_process(work: Callable[[], Any]) -> tuple[Any, float]:
    """Return the result and the median CPU seconds of ``work``."""
    seconds = []
    result = None
    for _ in range(RUNS):
        began = time.process_time()
        result = work()
        seconds.append(time.process_time() - began)
    return result, max(statistics.median(seconds), 1e-6)


def as_processes(commands: list[list[str]]) -> float:
    """Return the median CPU seconds of a pipeline of one or two commands."""
    seconds = []
    for _ in range(RUNS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        with subprocess.Popen(commands[0], stdout=subprocess.PIPE, env=C_LOCALE) as first:
            if len(commands) == 1:
                first.communicate()
            else:
                subprocess.run(
                    commands[1],
                    stdin=first.stdout,
                    stdout=subprocess.DEVNULL,
                    env=C_LOCALE,
                    check=False,
                )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return statistics.median(seconds)


def medians(rows: list[dict[str, Any]]) -> dict[str, dict[str, float]]:
    """Return the median speed of each tool for each kind of query."""
    return {
        kind: {
            tool: statistics.median(row["gb_s"][tool] for row in rows if row["kind"] == kind)
            for tool in rows[0]["gb_s"]
        }
        for kind in dict.fromkeys(row["kind"] for row in rows)
    }


def print_file(name: str, rows: list[dict[str, Any]]) -> None:
    """Print the queries of one file."""
    print(name)
    for row in rows:
        speeds = "  ".join(f"{tool} {speed:.2f}" for tool, speed in row["gb_s"].items())
        wrong = "" if row["equal"] else "  NOT AS GREP"
        print(f"  {row['kind']:10}{row['query'][:24]!r:28}{row['hits']:8}  {speeds}{wrong}")


def print_medians(kinds: dict[str, dict[str, float]]) -> None:
    """Print the medians over all files."""
    print("median GB/s of raw log a core")
    for kind, speeds in kinds.items():
        print(
            f"  {kind:10}", "  ".join(f"{tool} {value:.2f}" for tool, value in speeds.items())
        )


if __name__ == "__main__":
    main()
