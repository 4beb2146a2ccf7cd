"""Tables as the sheets of one workbook.

In: rows of texts, numbers and amounts. Out: the bytes of an .xlsx file. Promises: money is exact, to the fen: Excel
keeps fifteen digits, so that an amount with more is a text; Excel takes no text for a formula; a control character, for
which XML has no place, shows as U+FFFD.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from io import BytesIO
from typing import Any

from policyeval.cli.page import visible
from policyeval.problems import Problem, Refusal

Value = str | int | Decimal | None  # a Decimal is money in yuan
Table = Sequence[Sequence[Value]]  # the first row is the header

_DIGITS = 15
_FORMULA = ("=", "+", "-", "@")
_MONEY = "#,##0.00"
_WIDEST = 60  # characters of a column


def look_for_openpyxl(path: str) -> None:
    """Raises Refusal Q218 where it is not installed."""
    try:
        import openpyxl  # noqa: F401
    except ImportError:
        raise Refusal(Problem("Q218", {"path": path})) from None


def workbook(path: str, sheets: Mapping[str, Table]) -> bytes:
    """`path` is named in a refusal: Q218 without openpyxl."""
    look_for_openpyxl(path)
    from openpyxl import Workbook
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    for name, table in sheets.items():
        sheet = book.create_sheet(name)
        sheet.freeze_panes = "A2"
        for i, column in enumerate(zip(*table, strict=True), 1):
            longest = max((len(str(value)) for value in column if value is not None), default=0)
            sheet.column_dimensions[get_column_letter(i)].width = min(_WIDEST, max(10, longest * 1.3 + 2))
        for i, row in enumerate(table):
            sheet.append([_cell(sheet, value, None if i else Font(bold=True)) for value in row])
    data = BytesIO()
    book.save(data)
    return data.getvalue()


def _cell(sheet: Any, value: Value, font: Any) -> Any:
    from openpyxl.cell import WriteOnlyCell

    if isinstance(value, str):
        value = visible(f"'{value}" if value[:1] in _FORMULA else value) or None
    elif isinstance(value, int | Decimal) and len(str(value).lstrip("-").replace(".", "")) > _DIGITS:
        value = str(value)
    cell = WriteOnlyCell(sheet, value)
    if isinstance(value, Decimal):
        cell.number_format = _MONEY
    if font:
        cell.font = font
    return cell
