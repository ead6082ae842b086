"""Size, speed and memory of logzip beside general compressors, on the same files in one run.

    python -m benchmarks.compression [--json] [--data DIR] [--slices] [--level default ...]
        [--peers zstd-3 ...]

Every tool is a process of its own: MB/s are input bytes (1 MB = 10**6) by the CPU seconds, user
and system, of all its threads; memory is its largest resident set. A Python program takes a
third of a second to start, as long as 16 MB take; so speeds stand twice: with the start, and
less what the same command takes for an empty input (`after_start`), peers alike. What each
tool makes is decompressed again and compared to the byte. A peer that isn't installed is left
out and named (7zz and brotli are Debian's packages 7zip and brotli). Beside each file that the
research report measured stand the ratios it gives for log compressors without a package.
"""

from __future__ import annotations

import argparse
import filecmp
import math
import os
import shutil
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.compression_published import PUBLISHED
from benchmarks.machine import corpus_files, corpus_hash, data_dir, report_header, write_report

SLICE_BYTES = 16_000_000  # the part of each file that docs/ and the research report go by
# The five logs that were written under a load; their geometric mean is the headline.
BIG = ("django", "nginx_access", "postgres", "spark", "syslog")
LOGZIP = [sys.executable, "-m", "logzip", "-T1", "-q", "-c"]
KEYS = (
    "ratio",
    "compress_mb_s",
    "decompress_mb_s",
    "compress_mb_s_after_start",
    "decompress_mb_s_after_start",
)
START_RUNS = 3
# 7z writes its own format to files alone.
PPMD_IN = """
f=$(mktemp -u).7z; 7zz a -t7z -m0=PPMd -mx=9 -mmt=1 -si "$f" >/dev/null && cat "$f"; rm -f "$f"
"""
PPMD_OUT = 'f=$(mktemp).7z; cat > "$f"; 7zz e -so "$f" 2>/dev/null; rm -f "$f"'
PEERS = {
    "gzip-6": (["gzip", "-6", "-c"], ["gzip", "-d", "-c"]),
    "zstd-3": (["zstd", "-3", "-T1", "-q", "-c"], ["zstd", "-d", "-q", "-c"]),
    "zstd-19": (["zstd", "-19", "-T1", "-q", "-c"], ["zstd", "-d", "-q", "-c"]),
    "zstd-19-long": (
        ["zstd", "-19", "--long=27", "-T1", "-q", "-c"],
        ["zstd", "-d", "--long=27", "-q", "-c"],
    ),
    "xz-6": (["xz", "-6", "-T1", "-c"], ["xz", "-d", "-c"]),
    "bzip2-9": (["bzip2", "-9", "-c"], ["bzip2", "-d", "-c"]),
    "brotli-9": (["brotli", "-q", "9", "-c"], ["brotli", "-d", "-c"]),
    "7z-ppmd": (["sh", "-c", PPMD_IN], ["sh", "-c", PPMD_OUT]),
}
NEEDS = {"7z-ppmd": "7zz"}  # where the program isn't the first word


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--json", nargs="?", const="-", metavar="OUT", help="JSON (to OUT)")
    parser.add_argument("--data", help="folder of the corpus; else LOGPLATFORM_DATA")
    parser.add_argument("--slices", action="store_true", help="the first 16,000,000 bytes")
    parser.add_argument("--level", nargs="+", default=["default"], help="of logzip")
    parser.add_argument("--only", nargs="+", default=[], help="names of corpus files")
    parser.add_argument("--peers", nargs="+", default=[*PEERS], choices=PEERS, help="beside it")
    options = parser.parse_args()
    files = corpus_files(data_dir(options.data))
    files = [file for file in files if not options.only or file.stem in options.only]
    missing = [peer for peer in options.peers if not is_installed(peer)]
    tools = {peer: PEERS[peer] for peer in options.peers if peer not in missing} | {
        f"logzip {level}": ([*LOGZIP, "--level", level], [*LOGZIP, "-d"])
        for level in options.level
    }
    report: dict[str, Any] = report_header()
    report |= {"corpus": corpus_hash(files), "slices": options.slices, "files": {}}
    report |= {"not_installed": missing, "published": PUBLISHED}
    for file in files:
        report["files"][file.stem] = measure_file(file, tools, slices=options.slices)
        if options.json is None:
            print_file(file.stem, report["files"][file.stem])
    report["geometric_mean"] = {tool: means(report["files"], tool) for tool in tools}
    if options.json is None:
        print_means(report["geometric_mean"])
    else:
        write_report(None if options.json == "-" else Path(options.json), report)


def is_installed(peer: str) -> bool:
    """Tell whether a peer's program is on this machine."""
    return shutil.which(NEEDS.get(peer, PEERS[peer][0][0])) is not None


def measure_file(
    file: Path, tools: dict[str, tuple[list[str], list[str]]], *, slices: bool
) -> dict[str, Any]:
    """Return what each tool makes of one file."""
    with tempfile.TemporaryDirectory(prefix="logplatform-benchmark-") as folder:
        source = Path(folder) / "source"
        # Copied by another process: what this one holds would count as memory of the tools.
        size = SLICE_BYTES if slices else file.stat().st_size
        run(["head", "-c", str(size)], file, source)
        return {
            "bytes": source.stat().st_size,
            "tools": {
                tool: measure_tool(source, Path(folder), commands)
                for tool, commands in tools.items()
            },
        }


def measure_tool(
    source: Path, folder: Path, commands: tuple[list[str], list[str]]
) -> dict[str, Any]:
    """Return ratio, speeds and memory of one tool on one file."""
    packed, unpacked = folder / "packed", folder / "unpacked"
    pack_s, pack_mib = run(commands[0], source, packed)
    unpack_s, unpack_mib = run(commands[1], packed, unpacked)
    size = source.stat().st_size
    starts = start_seconds(*map(tuple, commands))
    return {
        "stored_bytes": packed.stat().st_size,
        "ratio": size / packed.stat().st_size,
        "compress_mb_s": size / 1e6 / pack_s,
        "decompress_mb_s": size / 1e6 / unpack_s,
        "compress_mb_s_after_start": size / 1e6 / max(pack_s - starts[0], 1e-3),
        "decompress_mb_s_after_start": size / 1e6 / max(unpack_s - starts[1], 1e-3),
        "compress_peak_mib": pack_mib,
        "decompress_peak_mib": unpack_mib,
        "exact": filecmp.cmp(source, unpacked, shallow=False),
    }


@cache
def start_seconds(pack: tuple[str, ...], unpack: tuple[str, ...]) -> tuple[float, float]:
    """Return what a tool takes for an empty input, either way: the least of some runs."""
    with tempfile.TemporaryDirectory(prefix="logplatform-benchmark-") as folder:
        empty, packed, unpacked = (Path(folder) / name for name in ("empty", "packed", "out"))
        empty.touch()
        times = [
            (run([*pack], empty, packed)[0], run([*unpack], packed, unpacked)[0])
            for _ in range(START_RUNS)
        ]
    return min(pack_s for pack_s, _ in times), min(unpack_s for _, unpack_s in times)


def run(command: list[str], source: Path, target: Path) -> tuple[float, float]:
    """Run a filter; return its CPU seconds and its peak memory in MiB."""
    with source.open("rb") as given, target.open("wb") as out:
        process = os.posix_spawnp(
            command[0],
            command,
            os.environ,
            file_actions=[
                (os.POSIX_SPAWN_DUP2, given.fileno(), 0),
                (os.POSIX_SPAWN_DUP2, out.fileno(), 1),
            ],
        )
        _, status, usage = os.wait4(process, 0)
    if status != 0:
        sys.exit(f"{' '.join(command)} ended with status {status}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def means(files: dict[str, Any], tool: str) -> dict[str, float]:
    """Return the geometric means over the five big files and over all."""
    found = {}
    for name, chosen in (("big", [file for file in files if file in BIG]), ("all", [*files])):
        for key in KEYS:
            numbers = [files[file]["tools"][tool][key] for file in chosen]
            if numbers:
                found[f"{name}_{key}"] = math.exp(sum(map(math.log, numbers)) / len(numbers))
    return found


def print_file(name: str, measured: dict[str, Any]) -> None:
    """Print one file's table."""
    print(f"{name}, {measured['bytes']:,} bytes")
    for tool, row in measured["tools"].items():
        print(
            f"  {tool:15} {row['ratio']:8.2f} to 1"
            f" {row['compress_mb_s']:7.1f} ({row['compress_mb_s_after_start']:6.1f}) MB/s in"
            f" {row['decompress_mb_s']:7.1f} ({row['decompress_mb_s_after_start']:6.1f}) out"
            f" {row['compress_peak_mib']:6.0f} and {row['decompress_peak_mib']:4.0f} MiB"
            f"{'' if row['exact'] else '  NOT EXACT'}",
            flush=True,
        )
    if name in PUBLISHED:
        others = "  ".join(f"{tool} {ratio}" for tool, ratio in PUBLISHED[name].items())
        print(f"  research report, 16 MB: {others}")


def print_means(rows: dict[str, dict[str, float]]) -> None:
    """Print the geometric means."""
    for name in ("big", "all"):
        print(f"geometric means, {'five big files' if name == 'big' else 'all files'}")
        for tool, row in rows.items():
            if f"{name}_ratio" in row:
                numbers = [row[f"{name}_{key}"] for key in KEYS]
                print(
                    f"  {tool:15} {numbers[0]:8.2f} to 1"
                    f" {numbers[1]:7.1f} ({numbers[3]:6.1f}) MB/s in"
                    f" {numbers[2]:7.1f} ({numbers[4]:6.1f}) MB/s out"
                )


if __name__ == "__main__":
    main()
