"""How long a person waits: a log dropped into the browser, its patterns, a first search.

    python -m benchmarks.journey FILE [--query TEXT] [--runs 3] [--json [OUT]]

Each run starts `logplatform up` in a home of its own, opens Chromium, signs in and drops FILE.
Seconds are wall seconds from the drop (the page reads the file, uploads it, workers seal it,
the tagger is loaded) until the page of patterns says that every count is exact for all lines
that the job took, and until a search typed after that shows its first record. The log is
dropped as one file chooser would hand it over; nothing is warmed up.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect, sync_playwright

from benchmarks.machine import report_header, write_report
from tests.conftest import CHROMIUM_ARGUMENTS
from tests.platform_process import Platform
from tests.services.servers import chromium

if TYPE_CHECKING:
    from playwright.sync_api import Page

SEALED_MS = 300_000
SOURCE = "dropped"
# What the person's own environment says of another installation is not this one's.
FOREIGN = ("DJANGO_SETTINGS_MODULE", "DATABASE_URL", "REDIS_URL")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--query", default="error", help="the first search")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--json", nargs="?", const="-", metavar="OUT", help="JSON (to OUT)")
    options = parser.parse_args()
    runs = [one_run(options.file, options.query) for _ in range(options.runs)]
    report: dict[str, Any] = report_header()
    report |= {
        "file": options.file.name,
        "runs": runs,
        "median": {key: statistics.median(run[key] for run in runs) for key in runs[0]},
    }
    if options.json is not None:
        write_report(None if options.json == "-" else Path(options.json), report)
        return
    for name, value in report["median"].items():
        sys.stdout.write(f"{name:16}{value:12,.1f}\n")


def one_run(file: Path, query: str) -> dict[str, float]:
    """Return the seconds of one first visit."""
    with tempfile.TemporaryDirectory(prefix="logplatform-benchmark-") as folder:
        environment = os.environ | {"LOGPLATFORM_HOME": f"{folder}/home"}
        for name in FOREIGN:
            environment.pop(name, None)
        platform = Platform(environment, Path(folder) / "up.log")
        try:
            platform.start()
            said = re.search(r"first account: admin / (\S+)", platform.log.read_text())
            assert said
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path=chromium(), args=list(CHROMIUM_ARGUMENTS)
                )
                page = browser.new_page()
                page.set_default_timeout(SEALED_MS)
                sign_in(page, f"http://127.0.0.1:{platform.port}", said[1])
                return visit(page, file, query)
        finally:
            platform.end()


def sign_in(page: Page, url: str, password: str) -> None:
    """Come to the page where files are dropped."""
    page.goto(f"{url}/upload?source={SOURCE}")
    page.get_by_label("User name").fill("admin")
    page.locator("input[type=password]").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("navigation", name="Pages").wait_for()


def visit(page: Page, file: Path, query: str) -> dict[str, float]:
    """Drop the file and wait for what the person wants to see."""
    began = time.perf_counter()
    page.locator("input[type=file]").first.set_input_files(file)
    page.get_by_role("combobox", name="Source").press("Escape")
    page.get_by_role("button", name=re.compile("upload$", re.IGNORECASE)).click()
    uploads = page.get_by_role("region", name="Uploads")
    expect(uploads.get_by_text("stored and compressed")).to_be_visible(timeout=SEALED_MS)
    stored = time.perf_counter() - began
    page.goto(f"{page.url.split('/upload')[0]}/patterns?source={SOURCE}")
    shown = page.get_by_role("status").filter(has_text="every count is exact")
    expect(shown).to_be_visible(timeout=SEALED_MS)
    lines = int(re.sub(r"\D", "", shown.inner_text().split("all ")[-1].split(" record")[0]))
    patterns = time.perf_counter() - began
    page.goto(f"{page.url.split('/patterns')[0]}/explore?source={SOURCE}")
    page.get_by_label("Query", exact=True).fill(query)
    page.keyboard.press("Escape")
    page.get_by_label("Query", exact=True).press("Enter")
    page.wait_for_url("**q=**")
    page.get_by_role("treegrid", name="Records").locator("[data-hit]").first.wait_for()
    search = time.perf_counter() - began
    return {
        "stored_s": stored,
        "patterns_s": patterns,
        "first_search_s": search,
        "records": float(lines),
    }


if __name__ == "__main__":
    main()
