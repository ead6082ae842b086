"""A person at the dashboard: signs in, drops files, takes pictures, asks axe."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import ConsoleMessage, Locator, Page

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
PICTURES = ROOT / "test-results" / "journeys"
SAMPLES = ROOT / "logplatform" / "logs" / "samples"
expect.set_options(timeout=10_000)  # two busy cores
SEALED_MS = 60_000  # the first seal of a worker loads the tagger
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

RUN_AXE = """async (tags) => {
    const found = await axe.run(document, { runOnly: tags });
    return found.violations.flatMap((v) =>
        v.nodes.map((n) => `${v.id}: ${n.target.join(" ")}: ${n.failureSummary}`));
}"""
DROP = """([name, content]) => {
    const bytes = Uint8Array.from(atob(content), (char) => char.charCodeAt(0));
    const transfer = new DataTransfer();
    transfer.items.add(new File([bytes], name));
    for (const kind of ["dragenter", "dragover", "drop"]) {
        document.body.dispatchEvent(
            new DragEvent(kind, { dataTransfer: transfer, bubbles: true, cancelable: true }));
    }
}"""


def records(number: int) -> str:
    """Say how many records there are as the pages do."""
    return f"{number:,} record{'' if number == 1 else 's'}"


@dataclass
class Visitor:
    """One browser tab, and what went wrong in it."""

    page: Page
    url: str
    scheme: str = "light"
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._listen)

    def _listen(self, message: ConsoleMessage) -> None:
        # The browser reports every 4xx itself; the tests provoke some.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.complaints.append(message.text)

    def open(self, path: str) -> None:
        """Go to a page and wait until it has stopped loading."""
        self.page.goto(self.url + path)
        self.settle()

    def settle(self) -> None:
        """Wait until nothing on the page is on its way."""
        expect(self.page.locator("main")).to_be_visible()
        expect(self.page.locator("[aria-busy=true]")).to_have_count(0)
        self.page.evaluate("document.fonts.ready.then(() => true)")

    def sign_in(self, password: str) -> None:
        """Fill in the form and send it."""
        self.page.get_by_label("User name").fill("admin")
        self.page.locator("input[type=password]").fill(password)
        self.page.get_by_role("button", name="Sign in").click()

    def drop(self, name: str, content: bytes) -> None:
        """Let go of a file over the page."""
        self.page.evaluate(DROP, [name, base64.b64encode(content).decode()])

    def search(self, query: str) -> None:
        """Write a query and run it, by keyboard alone."""
        self.page.keyboard.press("/")
        self.page.keyboard.press("Control+a")
        self.page.keyboard.press("Delete")
        self.page.keyboard.type(query)
        self.page.keyboard.press("Escape")  # suggestions
        self.page.get_by_label("Query", exact=True).focus()
        self.page.keyboard.press("Enter")

    def records(self) -> int:
        """Return how many records the explorer says were found."""
        shown = self.found()
        expect(shown).to_be_visible()
        return int(re.sub(r"\D", "", shown.inner_text()))

    def found(self) -> Locator:
        """Return where the explorer says how many records were found."""
        return self.page.locator("[role=status] strong").filter(has_text="record")

    def picture(self, name: str) -> None:
        """Take a picture for people to look at."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        self.page.wait_for_timeout(150)  # what the last step still paints
        self.page.screenshot(path=PICTURES / f"{name}-{self.scheme}.png")

    def axe(self) -> list[str]:
        """Return what breaks WCAG 2.2 AA on the page as it is."""
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE.read_text())
        found: list[str] = self.page.evaluate(RUN_AXE, WCAG)
        return found
