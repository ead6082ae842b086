"""The example of the tutorial works as it stands."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

EXAMPLE = Path(__file__).parents[2] / "samples" / "slow_requests.py"


def test_the_example_finds_the_slowest_request(tmp_path: Path) -> None:
    log = tmp_path / "shop.log"
    log.write_text(
        "".join(
            f"2026-11-21 10:00:{i:02},123 INFO shop: Request {i + 100} took {i * 7} ms\n"
            for i in range(40)
        )
    )
    done = subprocess.run(
        [sys.executable, EXAMPLE, log], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[0].split() == [
        "273.0", "ms", "Request", "<OID>", "took", "<TDA>", "ms",
    ]  # fmt: skip
