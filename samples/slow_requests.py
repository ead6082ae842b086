"""Find the slowest requests of a log that nobody configured: ``python slow_requests.py FILE``.

The header format is detected, templates and the meaning of their variables come from valb; a
duration is then a column of numbers, whatever the lines look like.
"""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path

from logscan import detect_format, open_input, read_blocks, scan
from valb import Annotator
from valb.category import Category
from valb.columns import typed_columns

MS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "": 1.0}
DURATION = re.compile(rb"([0-9]+(?:\.[0-9]+)?) ?(us|ms|s)?")


def milliseconds(value: bytes) -> float | None:
    """Read a duration; one without a unit is taken for milliseconds."""
    found = DURATION.fullmatch(value)
    return float(found[1]) * MS[(found[2] or b"").decode()] if found else None


def slowest(path: Path, annotator: Annotator) -> dict[str, float]:
    """Give the largest duration of each template of a log."""
    found: dict[str, float] = {}
    with open_input(path) as stream:
        header = detect_format(stream.read(256 << 10))
    with open_input(path) as stream:
        for block in read_blocks(stream, header=header):
            batch = scan(block, header=header, received_ns=time.time_ns())
            for typed in typed_columns(batch, annotator.annotate(batch)):
                for category, column in zip(
                    typed.template.categories, typed.columns, strict=True
                ):
                    if category is Category.TDA:
                        times = [ms for ms in map(milliseconds, column) if ms is not None]
                        text = typed.template.typed_text
                        found[text] = max([found.get(text, 0.0), *times])
    return found


def main() -> None:
    """Write the templates with a duration, the slowest first."""
    found = slowest(Path(sys.argv[1]), Annotator())
    for text, ms in sorted(found.items(), key=lambda item: -item[1])[:20]:
        sys.stdout.write(f"{ms:12.1f} ms  {text}\n")


if __name__ == "__main__":
    main()
