"""Pages as one Word document.

In: a page for each language. Out: the bytes of a .docx on A4: headings, captions and header rows that repeat are
Word's own, so its outline and a screen reader find them. Promise: the same pages and day give the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from docx import Document
from docx.document import Document as Opened
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Cm, Length, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from policyeval.cli.page import Page
from policyeval.cli.sections import TAGS, Part, Section, pieces, sections
from policyeval.problems import Lang

_COLOURS = {
    "dim": RGBColor(0x55, 0x55, 0x55),
    "red": RGBColor(0xA4, 0x00, 0x00),
    "yellow": RGBColor(0x7A, 0x4A, 0x00),
    "green": RGBColor(0x0A, 0x5C, 0x22),
    "cyan": RGBColor(0x00, 0x56, 0x6B),
}
_LATIN, _CHINESE, _CODE = "Arial", "SimHei", "Consolas"  # what Word has, where Chinese is read
_STYLES = ("Normal", "Title", "Heading 1", "Heading 2", "Caption")
_WIDTH = 17  # of the text, in cm
_LEAST, _MOST = 8, 40  # characters by which a column is given its part of it
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the least that a zip file can say


def docx(pages: Mapping[Lang, Page], program: str, day: date) -> bytes:
    """The document. `program`: what made it; `day`: the day it speaks of, its only date."""
    document = Document()
    articles = {lang: sections(page, lang) for lang, page in pages.items()}
    _set_up(document, TAGS[next(iter(pages))])
    for lang, article in articles.items():
        _Writer(document, lang).article(article)
    said = document.core_properties
    said.title = " / ".join(article[0].heading for article in articles.values())
    said.author = said.last_modified_by = program
    said.created = said.modified = datetime.combine(day, time(), UTC)
    said.language = TAGS[next(iter(pages))]
    said.comments = ""
    return _saved(document)


def _set_up(document: Opened, lang: str) -> None:
    """A4, fonts for both scripts, and the page's number at its foot."""
    page = document.sections[0]
    page.page_width, page.page_height = Cm(21), Cm(29.7)
    page.left_margin = page.right_margin = Cm((21 - _WIDTH) / 2)
    page.top_margin = page.bottom_margin = Cm(2)
    for name in _STYLES:
        style = document.styles[name]
        assert isinstance(style, ParagraphStyle)
        style.font.name, style.font.color.rgb = _LATIN, RGBColor(0x1A, 0x1A, 0x1A)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)
        fonts.set(qn("w:eastAsia"), _CHINESE)
        if name == "Normal":
            style.font.size, style.paragraph_format.space_after = Pt(10), Pt(4)
        if name == "Title":
            style.font.size, style.paragraph_format.page_break_before = Pt(18), True  # each language on its own page
        if name == "Caption":
            style.font.size, style.paragraph_format.keep_with_next = Pt(9), True
    foot = page.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    foot._p.append(_element("w:fldSimple", instr="PAGE"))
    _speak(document.styles["Normal"].element.get_or_add_rPr(), lang)


class _Writer:
    def __init__(self, document: Opened, lang: Lang) -> None:
        self.document, self.lang = document, lang

    def article(self, article: list[Section]) -> None:
        for number, section in enumerate(article):
            self._text(self.document.add_heading(level=1 if number else 0), section.heading)
            for part in section.parts:
                match part.block.kind:
                    case "text":
                        self._text(self.document.add_paragraph(), part.block.text, part.block.style)
                    case "group":
                        self._text(self.document.add_heading(level=2), part.block.text)
                    case "rows":
                        self._text(self.document.add_paragraph(style="Caption"), part.number)
                        self._table(part)

    def _table(self, part: Part) -> None:
        block = part.block
        table = self.document.add_table(rows=0, cols=part.columns, style="Table Grid")
        if block.header:
            head = table.add_row()
            head._tr.get_or_add_trPr().append(_element("w:tblHeader"))
            for cell, name in zip(head.cells, block.header, strict=True):
                self._text(cell.paragraphs[0], name, "bold")
        for row in block.rows:
            line = table.add_row()
            line._tr.get_or_add_trPr().append(_element("w:cantSplit"))
            for cell, content in zip(line.cells, row.cells, strict=False):
                self._text(cell.paragraphs[0], content.text, content.style)
            for below in row.below:
                self._text(line.cells[part.remarks].add_paragraph(), below.text, below.style)
        table.autofit = False
        for column, width in zip(table.columns, _widths(part), strict=True):
            column.width = width  # one program reads it here,
            for cell in column.cells:  # another there
                cell.width = width
        self.document.add_paragraph()

    def _text(self, paragraph: Paragraph, text: str, style: str = "") -> None:
        for piece in pieces(text, self.lang):
            run = paragraph.add_run(piece.text)
            _speak(run._r.get_or_add_rPr(), TAGS["zh" if piece.foreign else self.lang])
            if style == "bold":
                run.bold = True
            elif style:
                run.font.color.rgb = _COLOURS[style]
            if piece.code:
                _as_code(run)


def _widths(part: Part) -> list[Length]:
    """The width of the page shared out by the longest text of each column, within bounds."""
    texts = [[cell.text for cell in row.cells] for row in part.block.rows] + [list(part.block.header)]
    longest = [max(len(text[i]) for text in texts if i < len(text)) for i in range(part.columns)]
    weights = [min(max(n, _LEAST), _MOST) for n in longest]
    return [Cm(_WIDTH * weight / sum(weights)) for weight in weights]


def _as_code(run: Run) -> None:
    run.font.name, run.font.size = _CODE, Pt(9)
    run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), _CHINESE)


def _speak(properties: BaseOxmlElement, lang: str) -> None:
    """Says which language a text is in, for proofing and for reading aloud."""
    properties.append(_element("w:lang", val=lang, eastAsia=lang))


def _element(name: str, **attributes: str) -> BaseOxmlElement:
    element: BaseOxmlElement = OxmlElement(name)
    for key, value in attributes.items():
        element.set(qn(f"w:{key}"), value)
    return element


def _saved(document: Opened) -> bytes:
    """The file, without the time at which it was packed."""
    packed, steady = BytesIO(), BytesIO()
    document.save(packed)
    with ZipFile(packed) as source, ZipFile(steady, "w", ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(ZipInfo(name, _EPOCH), source.read(name), ZIP_DEFLATED)
    return steady.getvalue()
