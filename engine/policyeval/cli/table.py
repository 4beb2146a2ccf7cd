"""Text in columns, by the width that a terminal gives each character.

In: texts, Chinese or not. Out: lines that fit a width. Promises: a Chinese character counts two columns; a line breaks
at a space, after a slash or beside a Chinese character, never before a closing mark or after an opening one; colour
adds no width.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise
from unicodedata import category, east_asian_width

from policyeval.record import Record

GAP = "  "
MAY_BREAK = "\u200b"  # a place in a word where a line may break; it has no width
_BREAKS = f" /{MAY_BREAK}"  # a line may break after it
_NARROWEST = 8  # columns that a shrunken column keeps
_NOT_FIRST = set("元，。、；：！？）〕】》」』”’…%％,.;:!?)]}")
_NOT_LAST = set("（〔【《「『“‘([{")
_STYLES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}


class Cell(Record):
    """A text in a column. `style` is a name of _STYLES, or nothing; `right` sets it against the right."""

    text: str
    style: str = ""
    right: bool = False


def width(text: str) -> int:
    """Columns of a terminal that the text takes."""
    if text.isascii():
        return len(text)
    return sum(_columns(char) for char in text)


@cache
def _columns(char: str) -> int:
    if category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if east_asian_width(char) in "WF" else 1


def pad(text: str, columns: int, right: bool = False) -> str:
    space = " " * (columns - width(text))
    return space + text if right else text + space


def styled(text: str, style: str, colour: bool) -> str:
    """The text in a style, where colour is wanted at all."""
    return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if colour and style and text.strip() else text


def wrap(text: str, columns: int) -> list[str]:
    """Lines of at most `columns`; a piece that is longer by itself is cut."""
    if width(text) <= columns:
        return [text.replace(MAY_BREAK, "").rstrip()]
    lines, line, used = [], "", 0
    for piece in _pieces(text):
        size = width(piece)
        if used + width(piece.rstrip()) <= columns:
            line, used = line + piece, used + size
            continue
        if line:
            lines.append(line.rstrip())
        *cut, line = _cut(piece.lstrip() if lines else piece, columns)
        lines += cut
        used = width(line)
    return [line.replace(MAY_BREAK, "") for line in (*lines, line.rstrip())]


def _pieces(text: str) -> Iterator[str]:
    """The text in pieces between which a line may break, each with the spaces after it."""
    start = 0
    for i, (before, after) in enumerate(pairwise(text), 1):
        if after == " " or after in _NOT_FIRST or before in _NOT_LAST:
            continue
        # 1000万元 stays in one piece
        if before in _BREAKS or _columns(before) == 2 or (_columns(after) == 2 and not before.isdigit()):
            yield text[start:i]
            start = i
    yield text[start:]


def _cut(piece: str, columns: int) -> list[str]:
    if width(piece) <= columns:
        return [piece]
    parts: list[str] = []
    part = ""
    for char in piece:
        if part and char != " " and width(part + char) > columns:
            parts.append(part.rstrip())
            part = ""
        part += char
    return [*parts, part]


def columns_of(rows: Sequence[Sequence[Cell]], room: int) -> list[int]:
    """The width of each column: what its cells need, the widest giving way until all fit the room.

    A column keeps its longest unbreakable piece as long as another one can give way.
    """
    count = max((len(row) for row in rows), default=0)
    cells = [[row[i].text for row in rows if i < len(row)] for i in range(count)]
    widths = [max(map(width, texts)) for texts in cells]
    room -= len(GAP) * (count - 1)
    if sum(widths) <= room:
        return widths
    for least in ([_unbreakable(texts) for texts in cells], [_NARROWEST] * count):
        while sum(widths) > room and any(w > low for w, low in zip(widths, least, strict=True)):
            widest = max((i for i in range(count) if widths[i] > least[i]), key=lambda i: (widths[i], i))
            widths[widest] -= 1
    return widths


def _unbreakable(texts: Sequence[str]) -> int:
    return max((width(piece.rstrip()) for text in texts for piece in _pieces(text)), default=0)


def row_lines(row: Sequence[Cell], widths: Sequence[int], colour: bool) -> list[str]:
    """One row as lines, its cells wrapped within their columns."""
    wrapped = [wrap(cell.text, max(1, columns)) for cell, columns in zip(row, widths, strict=False)]
    lines = []
    for i in range(max(map(len, wrapped), default=0)):
        parts: list[str] = []
        for cell, columns, texts in zip(row, widths, wrapped, strict=False):
            text = texts[i] if i < len(texts) else ""
            last = len(parts) == len(row) - 1
            filled = text if last and not cell.right else pad(text, columns, cell.right)
            parts.append(styled(filled, cell.style, colour))
        lines.append(GAP.join(parts).rstrip())
    return lines
