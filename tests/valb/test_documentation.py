"""The example of the tutorial works as it stands."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

EXAMPLES = Path(__file__).parents[2] / "samples"


def test_the_example_finds_the_slowest_request(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "shop.log"
    log.write_text(
        "".join(
            f"2026-11-21 10:00:{i:02},123 INFO shop: Request {i + 100} took {i * 7} ms\n"
            for i in range(40)
        )
    )
    monkeypatch.setattr(sys, "argv", ["slow_requests.py", str(log)])
    runpy.run_path(str(EXAMPLES / "slow_requests.py"), run_name="__main__")
    first = capsys.readouterr().out.splitlines()[0]
    assert first.split() == ["273.0", "ms", "Request", "<OID>", "took", "<TDA>", "ms"]
