"""What a report says, before it gets a form: sections of sentences, tables and pictures."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

# In the order in which they are shown; `sections.all` makes them. Named here because that needs
# matplotlib, which the web process does not load.
SECTION_NAMES = (
    "summary",
    "anomalies",
    "severity",
    "new_templates",
    "vanished_templates",
    "movers",
    "variables",
    "gaps",
    "detectors",
    "storage",
)


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table; ``link`` is a path of the dashboard. ``text`` may come from a log."""

    text: str
    link: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A column's name, and whether it holds numbers."""

    name: str
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under columns; ``more`` counts those that were left out."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    more: int = 0


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture by its file's name without ending, and what it shows in words."""

    name: str
    alt: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing told by itself: what it is, why, and records that show it, as they were."""

    title: str
    link: str
    facts: tuple[str, ...]
    lines: tuple[str, ...] = ()
    picture: Picture | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a report. ``is_notable``: there is something in it that has changed.

    ``polished`` are the sentences once more in the words of a language model, ``polished_by``
    its name; empty where none is asked.
    """

    key: str
    title: str
    sentences: tuple[str, ...]
    table: Table | None = None
    pictures: tuple[Picture, ...] = ()
    is_notable: bool = False
    findings: tuple[Finding, ...] = ()
    polished: tuple[str, ...] = ()
    polished_by: str = ""

    @property
    def all_pictures(self) -> tuple[Picture, ...]:
        """The section's own pictures and those of its findings."""
        return self.pictures + tuple(
            finding.picture for finding in self.findings if finding.picture is not None
        )


@dataclass(frozen=True, slots=True)
class Content:
    """A whole report; ``period`` in words, in the plan's time zone."""

    title: str
    period: str
    sections: tuple[Section, ...]

    @property
    def is_notable(self) -> bool:
        """Whether anything has changed."""
        return any(section.is_notable for section in self.sections)

    def to_json(self) -> dict[str, Any]:
        """Return what a row holds."""
        return asdict(self)


def read_content(given: dict[str, Any]) -> Content:
    """Read the content of a row."""
    sections = tuple(_section(section) for section in given["sections"])
    return Content(given["title"], given["period"], sections)


def _section(given: dict[str, Any]) -> Section:
    table = given["table"]
    return Section(
        key=given["key"],
        title=given["title"],
        sentences=tuple(given["sentences"]),
        table=None
        if table is None
        else Table(
            tuple(Column(**column) for column in table["columns"]),
            tuple(tuple(Cell(**cell) for cell in row) for row in table["rows"]),
            table["more"],
        ),
        pictures=tuple(Picture(**picture) for picture in given["pictures"]),
        is_notable=given["is_notable"],
        # Reports of earlier versions have none of these.
        findings=tuple(_finding(finding) for finding in given.get("findings", ())),
        polished=tuple(given.get("polished", ())),
        polished_by=given.get("polished_by", ""),
    )


def _finding(given: dict[str, Any]) -> Finding:
    picture = given["picture"]
    return Finding(
        title=given["title"],
        link=given["link"],
        facts=tuple(given["facts"]),
        lines=tuple(given["lines"]),
        picture=None if picture is None else Picture(**picture),
    )
