"""What every benchmark shares: the machine and commit of a figure, the corpus, the report.

No timing happens here.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import zstandard

ROOT = Path(__file__).resolve().parent.parent
COPY_BYTES = 1 << 20


def report_header() -> dict[str, Any]:
    """Return where and on what a benchmark ran: machine, versions, commit, time."""
    return {
        "machine": {
            "cpu": _cpu_model(),
            "cores": os.cpu_count(),
            "memory_gib": round(_memory_bytes() / 2**30, 1),
            "system": platform.platform(),
        },
        "python": platform.python_version(),
        "commit": _git("rev-parse", "HEAD"),
        "uncommitted_changes": bool(_git("status", "--porcelain", "--untracked-files=no")),
        "started": datetime.now(tz=UTC).isoformat(timespec="seconds"),
        "command": sys.argv,
        "load_average": os.getloadavg()[0],
    }


def data_dir(given: str | None = None) -> Path:
    """Return the folder of third-party data: ``given``, else ``LOGPLATFORM_DATA``."""
    name = given or os.environ.get("LOGPLATFORM_DATA", "")
    if not name or not Path(name).is_dir():
        sys.exit("no data: give --data DIR or set LOGPLATFORM_DATA to a folder")
    return Path(name)


def corpus_files(data: Path) -> list[Path]:
    """Return the logs of ``data/corpus``, decompressed once into a cache in the temp folder.

    The cache is keyed by the compressed file's size and hash, so that a changed corpus is never
    measured under an old name.
    """
    cache = Path(tempfile.gettempdir()) / "logplatform-corpus"
    return [_decompressed(path, cache) for path in sorted((data / "corpus").glob("*.log.zst"))]


def corpus_hash(files: list[Path]) -> str:
    """Return a hash of the files' names and bytes, 16 hex digits."""
    digest = hashlib.sha256()
    for path in files:
        digest.update(path.name.encode())
        digest.update(_file_digest(path).encode())
    return digest.hexdigest()[:16]


def write_report(path: Path | None, report: dict[str, Any]) -> None:
    """Write ``report`` as JSON to ``path``, or to standard output where there is none."""
    text = json.dumps(report, indent=2, default=str) + "\n"
    if path is None:
        sys.stdout.write(text)
    else:
        path.write_text(text, encoding="utf-8")


def _decompressed(path: Path, cache: Path) -> Path:
    target = cache / _file_digest(path)[:16] / path.with_suffix("").name
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_suffix(f".{os.getpid()}.part")
        with path.open("rb") as source, part.open("wb") as sink:
            zstandard.ZstdDecompressor().copy_stream(source, sink)
        part.replace(target)
    return target


def _file_digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _git(*arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(ROOT), *arguments], capture_output=True, text=True, check=False
    )
    return done.stdout.strip()


def _cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor()


def _memory_bytes() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
