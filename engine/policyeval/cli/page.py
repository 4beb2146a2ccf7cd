"""A page: what a command has to say, in blocks, before it is known where it is read.

In: titles, paragraphs and rows. Out: the text for a terminal of some width, Markdown, or the blocks themselves for
`page_html` and `page_docx`. Promises: all hold the same words, so a command composes its answer once; a control
character, which would move a terminal's cursor and break a document, shows as U+FFFD.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from policyeval.cli.table import Cell, columns_of, row_lines, styled, wrap
from policyeval.record import Record, replace

_INDENT = "  "
_CONTROL = r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]"


class Below(Record):
    """A remark below a row; `level` 1 stands under a remark of level 0."""

    text: str
    style: str = ""
    level: int = 0


class Row(Record):
    """Cells in columns, and remarks below them."""

    cells: tuple[Cell, ...]
    below: tuple[Below, ...] = ()


class Block(Record):
    kind: str  # title, text, heading, group, rows, figure
    text: str = ""
    style: str = ""
    rows: tuple[Row, ...] = ()
    header: tuple[str, ...] = ()
    picture: bytes = b""


def row(*cells: Cell | str, below: Iterable[Below | str] = ()) -> Row:
    remarks = (b if isinstance(b, Below) else Below(b) for b in below)
    return Row(tuple(c if isinstance(c, Cell) else Cell(c) for c in cells), tuple(remarks))


class Page:
    """Blocks in the order in which they are read."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []

    def title(self, text: str) -> None:
        self.blocks.append(Block("title", visible(text)))

    def text(self, text: str, style: str = "") -> None:
        self.blocks.append(Block("text", visible(text), style))

    def heading(self, text: str) -> None:
        self.blocks.append(Block("heading", visible(text)))

    def group(self, text: str) -> None:
        """What the rows after it have in common."""
        self.blocks.append(Block("group", visible(text)))

    def rows(self, rows: Sequence[Row], header: Sequence[str] = ()) -> None:
        self.blocks.append(Block("rows", rows=tuple(map(_visible_row, rows)), header=tuple(map(visible, header))))

    def figure(self, picture: bytes, words: str) -> None:
        """An SVG, where pages show pictures; what it shows stands in the rows beside it, too."""
        self.blocks.append(Block("figure", visible(words), picture=picture))

    def section(self, heading: str, rows: Sequence[Row], header: Sequence[str] = ()) -> None:
        """A heading with its rows, or nothing where there are none."""
        if rows:
            self.heading(heading)
            self.rows(rows, header)

    # a terminal

    def terminal(self, columns: int, colour: bool) -> str:
        lines: list[str] = []
        for before, block in zip([None, *self.blocks], self.blocks, strict=False):
            grouped = block.kind == "group" and before is not None and before.kind == "rows"
            if lines and (block.kind in ("title", "heading") or grouped):
                lines.append("")
            match block.kind:
                case "title" | "heading":
                    lines += [styled(line, "bold", colour) for line in wrap(block.text, columns)]
                case "text":
                    lines += [styled(line, block.style, colour) for line in wrap(block.text, columns)]
                case "group":
                    lines += [styled(f"{_INDENT}{line}", "cyan", colour) for line in wrap(block.text, columns - 2)]
                case "rows":
                    lines += _table(block, columns, colour)
        return "\n".join(lines) + "\n"

    # a document

    def markdown(self) -> str:
        parts = []
        for block in self.blocks:
            match block.kind:
                case "title":
                    parts.append(f"# {_escaped(block.text)}")
                case "heading":
                    parts.append(f"## {_escaped(block.text)}")
                case "group":
                    parts.append(f"### {_escaped(block.text)}")
                case "text":
                    parts.append(_marked(block.text, block.style))
                case "rows":
                    as_list = any(row.below for row in block.rows) and not block.header
                    parts.append("\n".join(_bullets(block) if as_list else _pipes(block)))
        return "\n\n".join(parts) + "\n"


def visible(text: str) -> str:
    return text if text.isprintable() else re.sub(_CONTROL, "\ufffd", text)


def _visible_row(one: Row) -> Row:
    texts = [*(cell.text for cell in one.cells), *(below.text for below in one.below)]
    if all(map(str.isprintable, texts)):
        return one
    cells = tuple(replace(cell, text=visible(cell.text)) for cell in one.cells)
    return Row(cells, tuple(replace(below, text=visible(below.text)) for below in one.below))


def _table(block: Block, columns: int, colour: bool) -> Iterator[str]:
    header = tuple(Cell(text, "dim", is_right(block, i)) for i, text in enumerate(block.header))
    all_rows = [Row(header), *block.rows] if header else list(block.rows)
    widths = columns_of([row.cells for row in all_rows], columns - len(_INDENT))
    for row in all_rows:
        for line in row_lines(row.cells, widths, colour):
            yield f"{_INDENT}{line}"
        for below in row.below:
            margin = _INDENT * (3 + below.level)
            for line in wrap(below.text, columns - len(margin)):
                yield margin + styled(line, below.style, colour)


def is_right(block: Block, i: int) -> bool:
    """Whether a column holds nothing but figures, which stand at its right."""
    return all(row.cells[i].right for row in block.rows if i < len(row.cells))


def _bullets(block: Block) -> Iterator[str]:
    for row in block.rows:
        cells = [_marked(cell.text, "bold" if i == 0 else "") for i, cell in enumerate(row.cells) if cell.text]
        yield f"- {' · '.join(cells)}"
        for below in row.below:
            yield f"{_INDENT * (1 + below.level)}- {_escaped(below.text)}"


def _pipes(block: Block) -> Iterator[str]:
    count = max(len(row.cells) for row in block.rows)
    header = [*block.header, *[""] * (count - len(block.header))]
    yield _piped(_escaped(text) for text in header)
    yield _piped("---:" if is_right(block, i) else "---" for i in range(count))
    for row in block.rows:
        remarks = [_escaped(below.text) for below in row.below]
        cells = [_marked(cell.text, "bold" if cell.style == "bold" else "") for cell in row.cells]
        cells += [""] * (count - len(cells))
        yield _piped([*cells[:-1], "<br>".join([cells[-1], *remarks])])


def _piped(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _marked(text: str, style: str) -> str:
    mark = "**" if style == "bold" and text else ""
    return f"{mark}{_escaped(text)}{mark}"


def _escaped(text: str) -> str:
    """Characters that Markdown would read as marks, outside of pieces in backticks."""
    pieces = text.split("`")
    if len(pieces) % 2 == 0:
        return _plain(text).replace("`", "\\`")
    return "`".join(piece.replace("|", "\\|") if i % 2 else _plain(piece) for i, piece in enumerate(pieces))


def _plain(text: str) -> str:
    for mark in ("\\", "|", "*", "_", "<", "#"):
        text = text.replace(mark, f"\\{mark}")
    return text
