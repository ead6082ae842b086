"""A report as a PDF: what the mail says, for print and for the file."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

import matplotlib
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import registerFont, registerFontFamily
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import (
    Image,
    KeepTogether,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    Table,
    TableStyle,
)

from logplatform.reports.places import page
from logplatform.reports.rendering import polish_note

if TYPE_CHECKING:
    from collections.abc import Mapping

    from logplatform.reports import content as contents

# Matplotlib brings DejaVu along, so that the PDF has Greek, Cyrillic and arrows; it has no
# Chinese, Japanese or Korean.
FONT, BOLD = "DejaVuSans", "DejaVuSans-Bold"
MARGIN = 16 * mm
WIDTH = A4[0] - 2 * MARGIN - 12  # a frame has 6 points of its own at each side
# A table of so few rows stays on its section's page.
SHORT_TABLE = 12
LINK = "#0b5cad"


@cache
def _register() -> None:
    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    for name in (FONT, BOLD):
        registerFont(TTFont(name, str(folder / f"{name}.ttf")))
    registerFontFamily(FONT, normal=FONT, bold=BOLD, italic=FONT, boldItalic=BOLD)


def _style(name: str, size: float, **more: Any) -> ParagraphStyle:  # noqa: ANN401  (reportlab's)
    given = {"fontName": FONT, "fontSize": size, "leading": size * 1.4, **more}
    return ParagraphStyle(name, **given)


BODY = _style("body", 9.5, spaceAfter=3)
QUIET = _style("quiet", 8.5, textColor=colors.HexColor("#57606a"))
CELL = _style("cell", 7.5, wordWrap="CJK")
NUMBER = _style("number", 7.5, alignment=2)
HEAD = _style("head", 7.5, fontName=BOLD)
NUMBER_HEAD = _style("number head", 7.5, fontName=BOLD, alignment=2)
TITLE = _style("title", 18, fontName=BOLD)
TOLD = _style("told", 10.5, spaceAfter=3)
FINDING = _style("finding", 10, fontName=BOLD, spaceBefore=8, spaceAfter=2)
LINE = _style("line", 7.5, leftIndent=8, textColor=colors.HexColor("#24292f"))
SECTION = _style("section", 12.5, fontName=BOLD, spaceBefore=12, spaceAfter=4)


def as_pdf(content: contents.Content, *, link: str, pictures: Mapping[str, bytes]) -> bytes:
    """Return the report as a PDF of A4 pages; pictures are PNG by name."""
    _register()
    story: list[Any] = [
        Paragraph(escape(content.title), TITLE),
        Paragraph(escape(content.period), QUIET),
    ]
    if link:
        story.append(Paragraph(_linked("Open this report", link), BODY))
    for section in content.sections:
        story += _section(section, pictures)
    out = io.BytesIO()
    document = SimpleDocTemplate(
        out,
        pagesize=A4,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=MARGIN,
        title=content.title,
        subject=content.period,
        creator="logplatform",
        invariant=True,
    )
    document.build(story, onFirstPage=_number, onLaterPages=_number)
    return out.getvalue()


def _number(canvas: Any, document: Any) -> None:  # noqa: ANN401  (reportlab's)
    canvas.setFont(FONT, 7.5)
    canvas.setFillColor(colors.HexColor("#57606a"))
    canvas.drawRightString(A4[0] - MARGIN, MARGIN / 2, str(document.page))


def _linked(text: str, link: str) -> str:
    """Return a text as reportlab's markup; with a link only where we know our address."""
    if not link:
        return escape(text)
    return f"<a href={quoteattr(link)} color={quoteattr(LINK)}>{escape(text)}</a>"


def _section(section: contents.Section, pictures: Mapping[str, bytes]) -> list[Any]:
    head: list[Any] = [Paragraph(escape(section.title), SECTION)]
    if section.polished:
        head.append(Paragraph(escape(" ".join(section.polished)), TOLD))
        head.append(Paragraph(escape(polish_note(section)), QUIET))
    head += [Paragraph(escape(sentence), BODY) for sentence in section.sentences]
    for picture in section.pictures:
        head += [Spacer(1, 4), _image(pictures[picture.name])]
    table: list[Any] = []
    if section.table is not None:
        table = [Spacer(1, 4), _table(section.table)]
        if section.table.more:
            table.append(Paragraph(f"and {section.table.more} more", QUIET))
    findings = [KeepTogether(_finding(finding, pictures)) for finding in section.findings]
    if not findings and section.table is not None and len(section.table.rows) <= SHORT_TABLE:
        return [KeepTogether(head + table)]
    return [KeepTogether(head), *findings, *table]


def _image(data: bytes) -> Image:
    image = Image(io.BytesIO(data))
    image.drawHeight *= WIDTH / image.drawWidth
    image.drawWidth = WIDTH
    return image


def _finding(finding: contents.Finding, pictures: Mapping[str, bytes]) -> list[Any]:
    link = page(finding.link) if finding.link else ""
    found: list[Any] = [Paragraph(_linked(finding.title, link), FINDING)]
    found += [Paragraph(escape(fact), BODY) for fact in finding.facts]
    found += [Paragraph(escape(line), LINE) for line in finding.lines]
    if finding.picture is not None:
        found += [Spacer(1, 4), _image(pictures[finding.picture.name])]
    return found


def _table(table: contents.Table) -> Table:
    heads = [
        Paragraph(escape(column.name), NUMBER_HEAD if column.is_number else HEAD)
        for column in table.columns
    ]
    rows = [
        [
            Paragraph(
                _linked(cell.text, page(cell.link) if cell.link else ""),
                NUMBER if column.is_number else CELL,
            )
            for cell, column in zip(row, table.columns, strict=True)
        ]
        for row in table.rows
    ]
    narrow = 21 * mm
    widths = [narrow] * len(heads)
    widths[0] = WIDTH - narrow * (len(heads) - 1)
    line = colors.HexColor("#d0d7de")
    style = TableStyle(
        [
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LINEBELOW", (0, 0), (-1, -1), 0.4, line),
            ("TOPPADDING", (0, 0), (-1, -1), 2),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
            ("LEFTPADDING", (0, 0), (-1, -1), 2),
            ("RIGHTPADDING", (0, 0), (-1, -1), 2),
        ]
    )
    return Table([heads, *rows], colWidths=widths, repeatRows=1, style=style)
