"""A page: what a command has to say, in blocks, before it is known where it is read.

In: titles, paragraphs and rows. Out: the text for a terminal of some width, or Markdown. Promise: both hold the same
words, so a command composes its answer once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from policyeval.cli.table import Cell, columns_of, row_lines, styled, wrap

_INDENT = "  "


class Below(NamedTuple):
    """A remark below a row; `level` 1 stands under a remark of level 0."""

    text: str
    style: str = ""
    level: int = 0


class Row(NamedTuple):
    """Cells in columns, and remarks below them."""

    cells: tuple[Cell, ...]
    below: tuple[Below, ...] = ()


class _Block(NamedTuple):
    kind: str  # title, text, heading, group, rows
    text: str = ""
    style: str = ""
    rows: tuple[Row, ...] = ()
    header: tuple[str, ...] = ()


def row(*cells: Cell | str, below: Iterable[Below | str] = ()) -> Row:
    remarks = (b if isinstance(b, Below) else Below(b) for b in below)
    return Row(tuple(c if isinstance(c, Cell) else Cell(c) for c in cells), tuple(remarks))


class Page:
    """Blocks in the order in which they are read."""

    def __init__(self) -> None:
        self._blocks: list[_Block] = []

    def title(self, text: str) -> None:
        self._blocks.append(_Block("title", text))

    def text(self, text: str, style: str = "") -> None:
        self._blocks.append(_Block("text", text, style))

    def heading(self, text: str) -> None:
        self._blocks.append(_Block("heading", text))

    def group(self, text: str) -> None:
        """What the rows after it have in common."""
        self._blocks.append(_Block("group", text))

    def rows(self, rows: Sequence[Row], header: Sequence[str] = ()) -> None:
        self._blocks.append(_Block("rows", rows=tuple(rows), header=tuple(header)))

    def section(self, heading: str, rows: Sequence[Row], header: Sequence[str] = ()) -> None:
        """A heading with its rows, or nothing where there are none."""
        if rows:
            self.heading(heading)
            self.rows(rows, header)

    # a terminal

    def terminal(self, columns: int, colour: bool) -> str:
        lines: list[str] = []
        for before, block in zip([None, *self._blocks], self._blocks, strict=False):
            grouped = block.kind == "group" and before is not None and before.kind == "rows"
            if block.kind == "heading" or grouped or (block.kind == "title" and lines):
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
        for block in self._blocks:
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


def _table(block: _Block, columns: int, colour: bool) -> Iterator[str]:
    header = tuple(Cell(text, "dim", _is_right(block, i)) for i, text in enumerate(block.header))
    all_rows = [Row(header), *block.rows] if header else list(block.rows)
    widths = columns_of([row.cells for row in all_rows], columns - len(_INDENT))
    for row in all_rows:
        for line in row_lines(row.cells, widths, colour):
            yield f"{_INDENT}{line}"
        for below in row.below:
            margin = _INDENT * (3 + below.level)
            for line in wrap(below.text, columns - len(margin)):
                yield margin + styled(line, below.style, colour)


def _is_right(block: _Block, i: int) -> bool:
    return all(row.cells[i].right for row in block.rows if i < len(row.cells))


def _bullets(block: _Block) -> Iterator[str]:
    for row in block.rows:
        cells = [_marked(cell.text, "bold" if i == 0 else "") for i, cell in enumerate(row.cells) if cell.text]
        yield f"- {' · '.join(cells)}"
        for below in row.below:
            yield f"{_INDENT * (1 + below.level)}- {_escaped(below.text)}"


def _pipes(block: _Block) -> Iterator[str]:
    count = max(len(row.cells) for row in block.rows)
    header = [*block.header, *[""] * (count - len(block.header))]
    yield _piped(_escaped(text) for text in header)
    yield _piped("---:" if _is_right(block, i) else "---" for i in range(count))
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
