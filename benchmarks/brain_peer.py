"""Brain (Yu et al., TSC 2023) as a peer, where a Python that has it can be had.

Its package `logparser3` pins a `regex` of 2022, so it has an environment of its own::

    python -m venv DIR && DIR/bin/pip install --no-deps logparser3 pandas regex numpy \
        python-dateutil six tzdata

and ``benchmarks.parsing --brain DIR/bin/python``. It runs without the settings that it has for
each of these systems: no masks, no delimiters, its default threshold.
"""

from __future__ import annotations

import csv
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from valb.labels import LabelledLog

# Run by the other Python: folder of `messages.log`.
_PROGRAM = """
import sys
from logparser.Brain import LogParser
LogParser("any", "<Content>", indir=sys.argv[1], outdir=sys.argv[1]).parse("messages.log")
"""


def brain_templates(log: LabelledLog, python: Path) -> list[str]:
    """Parse a system's messages; the template of each."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "messages.log").write_bytes(log.data())
        program = [str(python), "-c", _PROGRAM, folder + "/"]
        subprocess.run(program, check=True, stdout=subprocess.DEVNULL, timeout=600)
        path = Path(folder) / "messages.log_structured.csv"
        with path.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
    if len(rows) != len(log.messages):
        raise SystemExit(f"Brain gave {len(rows)} rows for {len(log.messages)} of {log.name}")
    return [row["EventTemplate"] for row in rows]
