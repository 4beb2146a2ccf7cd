"""A page divided by its headings, for documents that have an outline.

In: a page and its language. Out: sections with their blocks, tables numbered through; texts in runs. Promise: the same
numbers in every kind of document.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from policyeval.cli.page import Block, Page
from policyeval.problems import Lang

TAGS: dict[Lang, str] = {"zh": "zh-CN", "en": "en"}
_SIGN = "[\u3000-\u9fff\uf900-\ufaff\uff00-\uffef]"
_CHINESE = re.compile(rf"([\d.,]*{_SIGN}+(?:[\d.:]+{_SIGN}+)*)")  # with the digits before and between
_TABLES: dict[Lang, str] = {"zh": "表{number}", "en": "Table {number}"}


class Piece(NamedTuple):
    """A run of text; `foreign`: Chinese within English, to be read aloud as such."""

    text: str
    code: bool
    foreign: bool


class Part(NamedTuple):
    """A block inside a section; of a table its number in words, and the heading that it is about."""

    block: Block
    number: str = ""
    about: str = ""

    @property
    def columns(self) -> int:
        return max(len(line) for line in (self.block.header, *(row.cells for row in self.block.rows)))

    @property
    def remarks(self) -> int:
        """The column below whose texts there is most room for remarks: that of the longest."""
        texts = [[cell.text for cell in row.cells] for row in self.block.rows]
        room = [max(len(text[i]) for text in texts if i < len(text)) for i in range(len(texts[0]))]
        return room.index(max(room))


class Section(NamedTuple):
    """What stands below a heading; the first has the page's title for one."""

    heading: str
    parts: list[Part]


def pieces(text: str, lang: Lang) -> Iterator[Piece]:
    """Text and, in turn, what stands in backticks; a backtick without a second one is a character like any other."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        parts = [text]
    for i, part in enumerate(parts):
        runs = [part] if lang == "zh" else _CHINESE.split(part)
        for j, run in enumerate(runs):
            if run:
                yield Piece(run, bool(i % 2), bool(j % 2))


def sections(page: Page, lang: Lang) -> list[Section]:
    """The sections of a page that begins with its title."""
    found: list[Section] = []
    about, tables = "", 0
    for block in page.blocks:
        if block.kind in ("title", "heading"):
            found.append(Section(block.text, []))
        elif block.kind == "rows":
            tables += 1
            found[-1].parts.append(Part(block, _TABLES[lang].format(number=tables), about))
        else:
            found[-1].parts.append(Part(block))
        if block.kind in ("title", "heading", "group"):
            about = block.text
    return found
