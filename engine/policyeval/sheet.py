"""Small tables as people keep them: CSV, XLSX, YAML.

In: the bytes of a file. Out: rows of texts, each with the place where a person finds it. Promises: an encoding or a
delimiter that had to be found out is said; a merged cell fills the rows that it spans, and says so; a number is the one
that a spreadsheet shows. What the texts mean is for others to say.
"""

from __future__ import annotations

import csv
import re
import zipfile
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO, StringIO
from typing import TYPE_CHECKING, Any

from policyeval.files import CASE_SIZE, too_large
from policyeval.problems import Problem, Refusal
from policyeval.record import Record

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell as XlsxCell
    from openpyxl.worksheet.worksheet import Worksheet

_DELIMITERS = ",\t;，|"
_LOOKED_AT = 50  # lines, to find out which
_ROWS, _COLUMNS = 50_000, 200
_UNPACKED = 20 * CASE_SIZE
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')  # of a number format: texts, and conditions and colours


class Cell(Record):
    """A text, where it stands, and whether it was written once for several rows."""

    text: str
    line: int
    column: int
    merged: bool = False


class Sheet(Record):
    """The rows that hold anything. `lettered`: columns have letters, as in a spreadsheet."""

    name: str
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[Problem, ...] = ()
    lettered: bool = False


def read_sheet(data: bytes, name: str) -> Sheet:
    """The table of a file; what it is is told by its first bytes and its name. Raises Refusal."""
    if len(data) > CASE_SIZE:
        raise Refusal(too_large(name, len(data), CASE_SIZE))
    if data[:4] == _OLD_EXCEL:
        raise Refusal(_unread(name, "an old .xls workbook, or one with a password", "是旧的.xls工作簿，或者有密码"))
    if data[:4] == b"PK\x03\x04":
        return _xlsx(data, name)
    text, notes = _decoded(data, name)
    sheet = _yaml(text, name) if name.lower().endswith((".yaml", ".yml", ".json")) else _csv(text, name)
    return Sheet(name, sheet.rows, (*notes, *sheet.notes))


def _unread(name: str, en: object, zh: object) -> Problem:
    return Problem("Q201", {"path": name, "reason": {"en": en, "zh": zh}})


def _decoded(data: bytes, name: str) -> tuple[str, list[Problem]]:
    """The text, and which encoding it is in where that is not UTF-8."""
    first = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    for encoding in (first, "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            said = {"path": name, "encoding": encoding.upper()}
            return text, [] if encoding == "utf-8-sig" else [Problem("Q203", said)]
    raise Refusal(_unread(name, "neither UTF-8 nor GB18030", "既不是UTF-8，也不是GB18030"))


# CSV -------------------------------------------------------------------------


def _csv(text: str, name: str) -> Sheet:
    delimiter = delimiter_of(text)
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[tuple[Cell, ...]] = []
    line = 1
    try:
        for fields in reader:
            cells = tuple(Cell(field.strip(), line, column) for column, field in enumerate(fields, 1))
            rows += _kept(cells, len(rows), name)
            line = reader.line_num + 1
    except csv.Error as error:
        raise Refusal(_unread(name, f"line {line}: {error}", f"第{line}行：{error}")) from None
    shown = {"\t": "Tab"}.get(delimiter, delimiter)
    notes = () if delimiter == "," or not rows else (Problem("Q204", {"path": name, "delimiter": shown}),)
    return Sheet(name, tuple(rows), notes)


def delimiter_of(text: str) -> str:
    """What parts the cells: what the first lines have most often, texts in quotes aside."""
    bare = re.sub(r'"[^"]*"', "", "\n".join(text.splitlines()[:_LOOKED_AT]))
    return max(_DELIMITERS, key=bare.count)


def _kept(cells: tuple[Cell, ...], before: int, name: str) -> list[tuple[Cell, ...]]:
    """The row where it holds anything. Raises Refusal where it is one too many."""
    if not any(cell.text for cell in cells):
        return []
    if before >= _ROWS:
        raise Refusal(Problem("Q219", {"path": name, "limit": _ROWS}))
    return [cells]


# YAML ------------------------------------------------------------------------


def _yaml(text: str, name: str) -> Sheet:
    """A list of mappings: the keys are the header, in the order in which they first come."""
    from policyeval.nodes import CASE_LIMITS, Mapped, Scalar, Sequence, read_yaml  # noqa: PLC0415  # few tables are YAML

    root, problems = read_yaml(text.encode(), name, CASE_LIMITS)
    if problems:
        raise Refusal(*problems)
    if not isinstance(root, Sequence):
        raise Refusal(_unread(name, "it is not a list of rows", "不是由各行组成的列表"))
    rows = [item for item in root.items if isinstance(item, Mapped)]
    if len(rows) < len(root.items):
        raise Refusal(_unread(name, "a row is no mapping of columns to values", "有一行不是“列：值”的形式"))
    keys = {key: written for row in reversed(rows) for key, (written, _) in reversed(row.entries.items())}
    header = list(dict.fromkeys(key for row in rows for key in row.entries))
    found = [tuple(_at(keys[key], key) for key in header)]
    for row in rows:
        cells = []
        for key in header:
            node = row.get(key)
            written = (node.value or "") if isinstance(node, Scalar) else "" if node is None else "…"
            cells.append(_at(node or row, written.strip()))
        found += _kept(tuple(cells), len(found), name)
    return Sheet(name, tuple(found))


def _at(node: Any, text: str) -> Cell:
    place = node.source.place(node.span.start)
    return Cell(text, place.line, place.column)


# XLSX ------------------------------------------------------------------------


def _xlsx(data: bytes, name: str) -> Sheet:
    """The first worksheet that holds anything; the others are named."""
    try:
        import openpyxl  # noqa: PLC0415  # an extra, and slow to import
    except ImportError:
        raise Refusal(Problem("Q218", {"path": name})) from None
    import warnings  # noqa: PLC0415  # as above

    try:
        size = sum(member.file_size for member in zipfile.ZipFile(BytesIO(data)).infolist())
        if size > _UNPACKED:
            raise Refusal(too_large(name, size, _UNPACKED))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what a workbook has beside its cells
            book = openpyxl.load_workbook(BytesIO(data), data_only=True)
    except Refusal:
        raise
    except Exception as error:  # noqa: BLE001  # a broken workbook breaks its reader in any way
        said = f"{type(error).__name__}: {error}"[:120]
        raise Refusal(_unread(name, said, said)) from None
    sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    filled = {sheet.title: rows for sheet in sheets if (rows := _rows(sheet, name))}
    if not filled:
        return Sheet(name, (), lettered=True)
    title, *others = filled
    named = "、".join(f"`{other}`" for other in others)
    notes = (Problem("Q216", {"path": name, "sheet": title, "others": named}),) if others else ()
    return Sheet(name, tuple(filled[title]), notes, lettered=True)


def _rows(sheet: Worksheet, name: str) -> list[tuple[Cell, ...]]:
    if sheet.max_row > _ROWS or sheet.max_column > _COLUMNS:
        raise Refusal(Problem("Q219", {"path": name, "limit": _ROWS}))
    spanned = _spanned(sheet)
    found: list[tuple[Cell, ...]] = []
    for row in sheet.iter_rows():
        cells = []
        for cell in row:
            at = (cell.row or 0, cell.column or 0)
            cells.append(Cell(spanned[at], *at, merged=True) if at in spanned else Cell(cell_text(cell), *at))
        found += _kept(tuple(cells), len(found), name)
    return found


def _spanned(sheet: Worksheet) -> dict[tuple[int, int], str]:
    """For cells merged over several rows, the text that is written once for all of them, in their first column.

    What is merged over several columns belongs to one of them, and nothing says to which but its place.
    """
    found: dict[tuple[int, int], str] = {}
    for area in sheet.merged_cells.ranges:
        if area.max_row > area.min_row:
            text = cell_text(sheet.cell(area.min_row, area.min_col))
            found |= {(row, area.min_col): text for row in range(area.min_row, area.max_row + 1)}
    return found


def cell_text(cell: XlsxCell | Any) -> str:
    """The text of a workbook's cell: numbers with the digits that a spreadsheet keeps, percentages with their sign."""
    value, form = cell.value, _QUOTED.sub("", cell.number_format or "")
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int() | float():
            number = Decimal(f"{value:.15g}") if isinstance(value, float) else Decimal(value)
            return f"{_digits(number * 100)}%" if "%" in form else _digits(number)
        case datetime() | date():
            return _day(value, form.lower())
        case _:
            return str(value).strip()


def _digits(number: Decimal) -> str:
    if not number.is_finite():
        return str(number)
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _day(value: date, form: str) -> str:
    """As much of a date as its format shows: a spreadsheet keeps `2023-05` as the first day of that month."""
    if "d" in form:
        return f"{value:%Y-%m-%d}"
    return f"{value:%Y-%m}" if "m" in form else f"{value:%Y}"
