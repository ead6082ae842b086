"""A report's content as HTML, plain text and CSV; the PDF is in `pdf`."""

from __future__ import annotations

import csv
import io
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from django.template import Context, Engine

from logplatform.reports.places import page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.template.base import Template

    from logplatform.reports.content import Content, Finding, Picture, Section, Table

# What makes a spreadsheet read a cell as a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
TEXT_WIDTH = 100


@cache
def _template() -> Template:
    folder = Path(__file__).parent / "templates"
    return Engine(dirs=[str(folder)], autoescape=True).get_template("report.html")


def as_html(content: Content, *, link: str, pictures: Mapping[str, str]) -> str:
    """Return a page of its own.

    Parameters
    ----------
    content : Content
    link : str
        The report's own address, empty where there is none.
    pictures : mapping
        The address of each picture by name: of a part of the same mail, or the data itself.
    """
    sections = [_shown(section, pictures) for section in content.sections]
    context = Context({"content": content, "sections": sections, "link": link})
    return str(_template().render(context))


def _shown(section: Section, pictures: Mapping[str, str]) -> dict[str, object]:
    table = section.table
    return {
        "title": section.title,
        "sentences": section.sentences,
        "table": table,
        "polished": section.polished,
        "polish_note": polish_note(section),
        "pictures": [
            found for picture in section.pictures for found in _picture(picture, pictures)
        ],
        "findings": [_finding(finding, pictures) for finding in section.findings],
        "rows": _html_rows(table) if table is not None else [],
    }


def _picture(picture: Picture | None, pictures: Mapping[str, str]) -> list[dict[str, str]]:
    """Return a picture's address and text; none where there is no such picture."""
    if picture is None or picture.name not in pictures:
        return []
    return [{"src": pictures[picture.name], "alt": picture.alt}]


def _finding(finding: Finding, pictures: Mapping[str, str]) -> dict[str, object]:
    return {
        "title": finding.title,
        "link": page(finding.link) if finding.link else "",
        "facts": finding.facts,
        "lines": finding.lines,
        "pictures": _picture(finding.picture, pictures),
    }


def _html_rows(table: Table) -> list[list[dict[str, object]]]:
    return [
        [
            {
                "text": cell.text,
                "link": page(cell.link) if cell.link else "",
                "is_number": column.is_number,
            }
            for cell, column in zip(row, table.columns, strict=True)
        ]
        for row in table.rows
    ]


def as_text(content: Content, *, link: str) -> str:
    """Return the report as plain text."""
    parts = [content.title, "=" * len(content.title), content.period, ""]
    if link:
        parts += [link, ""]
    for section in content.sections:
        parts += [section.title, "-" * len(section.title), *_polished(section)]
        parts += [*section.sentences, *_text_findings(section)]
        if section.table is not None:
            parts += ["", *_text_rows(section.table)]
        parts.append("")
    return "\n".join(parts)


def _polished(section: Section) -> list[str]:
    if not section.polished:
        return []
    return [" ".join(section.polished), f"({polish_note(section)})", ""]


def polish_note(section: Section) -> str:
    """Say who worded the summary, and that nothing else is in it."""
    return (
        f"Worded by {section.polished_by} from the sentences below; its figures were checked "
        "against them."
    )


def _text_findings(section: Section) -> list[str]:
    found: list[str] = []
    for finding in section.findings:
        found += ["", f"* {finding.title}", *(f"  {fact}" for fact in finding.facts)]
        found += [f"  | {line}" for line in finding.lines]
        if link := page(finding.link) if finding.link else "":
            found.append(f"  {link}")
    return found


def _text_rows(table: Table) -> list[str]:
    names = [column.name for column in table.columns]
    rows = [
        ", ".join(
            [
                row[0].text,
                *(
                    f"{name}: {cell.text}"
                    for name, cell in zip(names[1:], row[1:], strict=True)
                ),
            ]
        )
        for row in table.rows
    ]
    listed = [f"* {row}" for row in rows]
    return [*listed, f"* and {table.more} more"] if table.more else listed


def as_csv(table: Table) -> str:
    """Return a table for spreadsheets; no cell can become a formula there."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([column.name for column in table.columns])
    for row in table.rows:
        writer.writerow(
            [
                _number(cell.text) if column.is_number else defused(cell.text)
                for cell, column in zip(row, table.columns, strict=True)
            ]
        )
    return out.getvalue()


def defused(text: str) -> str:
    """Return a text that a spreadsheet takes as such."""
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA_STARTS) else text


def _number(text: str) -> str:
    """Return a number without the thousands' commas; anything else as a text."""
    plain = text.replace(",", "")
    try:
        float(plain)
    except ValueError:
        return defused(text)
    return plain
