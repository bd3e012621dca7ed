"""A year's report for a word processor (ISO/IEC 29500), from the same sheet as the page and the
PDF. The same sheet is always written to the same bytes."""

import re
from datetime import UTC, datetime
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from docx import Document
from docx.document import Document as Doc
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement
from docx.shared import Inches
from docx.table import Table as DocTable
from docx.table import _Cell

from api.sheets import Bar, Bars, Block, Part, Sheet, Table

_NO_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 has no way to say."""
_BLUE = "2B5EA7"
_LONGEST = 1.8
"""Inches: a third of the page's width, within its cell."""
_THEN = (1980, 1, 1, 0, 0, 0)
"""The first time that a ZIP file can tell; each part bears it."""


def rendered(sheet: Sheet) -> bytes:
    document = Document()
    _described(document, sheet)
    _says(document, sheet.title, "Title")
    _says(document, sheet.state, "Subtitle")
    for part in sheet.parts:
        _part(document, part)
    if sheet.checkpoint:
        _says(document, sheet.signed, "Heading1")
        _says(document, sheet.keep)
        for line in sheet.checkpoint:
            _says(document, line, "NoSpacing")
    return _packed(document)


def _says(document: Doc, words: str, style: str | None = None) -> None:
    """A paragraph in the style of this id. The library's own call looks the style up by its name
    each time, which takes a report of a thousand lines seconds."""
    paragraph = document.element.body.add_p()
    if style is not None:
        paragraph.style = style
    paragraph.add_r().text = _shown(words)


def _described(document: Doc, sheet: Sheet) -> None:
    """Title, language and day. The library says of itself who wrote it, and when that was made."""
    own, day = document.core_properties, datetime.fromisoformat(sheet.day).replace(tzinfo=UTC)
    own.title, own.author, own.language, own.comments = _shown(sheet.title), "", "nb-NO", ""
    own.created = own.modified = day.replace(tzinfo=None)
    own.revision, own.last_modified_by = 1, ""
    font = document.styles["Normal"].element.get_or_add_rPr()
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "nn-NO" if sheet.language == "nn" else "nb-NO")
    font.append(language)


def _part(document: Doc, part: Part) -> None:
    if not part.words and not part.blocks and part.note is None:
        return
    _says(document, part.heading, "Heading1")
    for words in part.words:
        _says(document, words)
    for block in part.blocks:
        _block(document, block)
    if part.note is not None:
        _says(document, part.note)


def _block(document: Doc, block: Block) -> None:
    if block.heading is not None:
        _says(document, block.heading, "Heading2")
    for line in block.lines:
        _says(document, line, "ListBullet")
    if block.table is not None:
        _table(document, block.table)
    if block.bars is not None:
        _bars(document, block.bars)


def _bars(document: Doc, chart: Bars) -> None:
    rows = [[bar.label, str(bar.count), ""] for bar in chart.bars]
    drawn = _table(document, Table(head=[*chart.head, ""], rows=rows))
    for row, bar in zip(drawn.rows[1:], chart.bars, strict=True):
        if bar.length:
            _drawn(row.cells[2], bar)


def _drawn(cell: _Cell, bar: Bar) -> None:
    """A shaded paragraph, as long as its indent leaves it: no picture, and nothing to read out."""
    properties = cell.paragraphs[0]._p.get_or_add_pPr()
    shade = OxmlElement("w:shd")
    for name, value in {"val": "clear", "color": "auto", "fill": _BLUE}.items():
        shade.set(qn(f"w:{name}"), value)
    properties.append(shade)
    cell.paragraphs[0].paragraph_format.right_indent = Inches(_LONGEST * (100 - bar.length) / 100)


def _table(document: Doc, table: Table) -> DocTable:
    """Its first row is the head on every page, and is told as such."""
    drawn: DocTable = document.add_table(
        rows=1 + len(table.rows), cols=len(table.head), style="Table Grid"
    )
    for row, cells in zip(drawn.rows, [table.head, *table.rows], strict=True):
        for cell, words in zip(row.cells, cells, strict=True):
            cell.text = _shown(words)
    properties = drawn.rows[0]._tr.get_or_add_trPr()
    properties.append(OxmlElement("w:tblHeader"))
    for cell in drawn.rows[0].cells:
        for run in cell.paragraphs[0].runs:
            run.bold = True
    return drawn


def _shown(words: str) -> str:
    return _NO_XML.sub(lambda found: f"[U+{ord(found[0]):04X}]", words)


def _packed(document: Doc) -> bytes:
    """The library's file with the same parts under one fixed time."""
    made, packed = BytesIO(), BytesIO()
    document.save(made)
    with ZipFile(made) as loose, ZipFile(packed, "w", ZIP_DEFLATED) as tight:
        for name in loose.namelist():
            part = ZipInfo(name, _THEN)
            part.compress_type = ZIP_DEFLATED
            tight.writestr(part, loose.read(name))
    return packed.getvalue()
