"""Tables: Chinese width, line breaks, columns."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from policyeval.cli.page import Page, row
from policyeval.cli.table import Cell, columns_of, pad, row_lines, width, wrap

TEXT = st.text(alphabet="ab 1.,/赣榆区万元，。（）“”", max_size=60)


def test_a_chinese_character_is_two_columns_wide() -> None:
    assert width("赣榆区 1,2") == 10
    assert pad("万元", 6) == "万元  "
    assert pad("万元", 6, right=True) == "  万元"


def test_an_amount_stays_in_one_piece() -> None:
    assert wrap("最多1000万元", 8) == ["最多", "1000万元"]
    assert wrap("最多 1000万元", 11) == ["最多", "1000万元"]


def test_a_closing_mark_never_begins_a_line() -> None:
    assert wrap("东海县，灌云县", 6) == ["东海", "县，灌", "云县"]


@given(TEXT, st.integers(8, 30))
def test_wrapping_fits_and_loses_nothing(text: str, columns: int) -> None:
    lines = wrap(text, columns)
    assert all(width(line) <= columns for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


@given(st.lists(st.lists(TEXT, min_size=3, max_size=3), min_size=1, max_size=4), st.integers(40, 120))
def test_columns_fit(texts: list[list[str]], room: int) -> None:
    rows = [[Cell(text) for text in row] for row in texts]
    widths = columns_of(rows, room)
    assert all(width(line) <= room for row in rows for line in row_lines(row, widths, colour=False))


def test_colour_adds_no_width() -> None:
    cells = [Cell("给付", "green"), Cell("500万元", right=True)]
    plain, coloured = (row_lines(cells, [6, 10], colour) for colour in (False, True))
    assert plain == ["给付       500万元"]
    assert coloured == ["\x1b[32m给付  \x1b[0m     500万元"]


def test_markdown_shows_marks_as_they_are() -> None:
    page = Page()
    page.rows([row("a_b|c", "x*y `p|q`")], ["1", "2"])
    assert page.markdown() == "| 1 | 2 |\n| --- | --- |\n| a\\_b\\|c | x\\*y `p\\|q` |\n"
