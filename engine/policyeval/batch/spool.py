"""Tables that are texts: CSV, JSON lines, XLSX. They are brought row by row into a plain file that the engine reads.

In: a file. Out: a Table whose cells are texts, with the line of each row. Promises: an encoding or a delimiter that had
to be found out is said; a row that is no row (too few cells, bytes of no character, broken JSON) is set apart with its
line, and the others are read; memory does not grow with the file.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from itertools import islice
from typing import Any

from policyeval.batch.table import PART, ROW, Damaged, Engine, Part, Table, literal, reading, state_of
from policyeval.problems import Problem, Refusal
from policyeval.record import Record
from policyeval.sheet import cell_text, delimiter_of

_BLOCK = 2**20
_LOOKED_AT = 2**16  # bytes, to find the delimiter
_WIDEST = 1_000  # columns

Cells = list[str]
Rows = Iterator[tuple[int, Cells | Problem]]  # a line, and its cells or what is wrong with it
csv.field_size_limit(2**22)


class _Text(Record):
    """How a file is written. `clean`: every byte is part of a character."""

    encoding: str
    clean: bool
    marked: bool


# CSV -------------------------------------------------------------------------


def csv_table(name: str, path: str, folder: str) -> Table:
    """A CSV file; raises Refusal where it has no header, or is in no encoding that is known."""
    text = _written(path, name)
    with _opened(path, text) as file:
        delimiter = delimiter_of(file.read(_LOOKED_AT))
    header_line, header = 0, list[str]()
    with _opened(path, text) as file:
        for line, cells in _csv_cells(file, delimiter, None, text.clean):
            if not isinstance(cells, Problem) and any(cells):
                header_line, header = line, cells
                break
    columns = [cell.strip() for cell in header]
    while columns and not columns[-1]:
        columns.pop()
    if not columns:
        raise Refusal(Problem("B120", {"path": name}))
    notes = []
    if text.encoding != "utf-8-sig":
        notes.append(Problem("Q203", {"path": name, "encoding": text.encoding.upper()}))
    if delimiter != ",":
        notes.append(Problem("Q204", {"path": name, "delimiter": {"\t": "Tab"}.get(delimiter, delimiter)}))

    def rows() -> tuple[io.TextIOWrapper, Rows]:
        file, found = _csv_rows(path, text, delimiter, len(columns))
        return file, (pair for pair in found if pair[0] > header_line)

    marked = text.marked or text.encoding != "utf-8-sig"
    return _spooled(name, path, folder, columns, rows, notes, marked)


def _csv_rows(path: str, text: _Text, delimiter: str, width: int | None) -> tuple[io.TextIOWrapper, Rows]:
    raw = open(path, "rb")  # noqa: SIM115  # closed by whoever reads the rows to their end
    file = io.TextIOWrapper(raw, text.encoding, errors="surrogateescape", newline="")
    return file, _csv_cells(file, delimiter, width, text.clean)


def _csv_cells(file: io.TextIOWrapper, delimiter: str, width: int | None, clean: bool) -> Rows:
    reader = csv.reader(file, delimiter=delimiter)
    line = 1
    while True:
        try:
            for cells in reader:
                if (
                    not clean
                    and not "".join(cells).isascii()
                    and any("\udc80" <= c <= "\udcff" for c in "".join(cells))
                ):
                    yield line, Problem("B122", {})
                elif width is None or len(cells) == width:
                    yield line, cells
                elif not any(cells):
                    yield line, []
                elif len(cells) > width and not any(cells[width:]):
                    yield line, cells[:width]
                else:
                    yield line, Problem("B121", {"cells": len(cells), "columns": width})
                line = reader.line_num + 1
        except csv.Error as error:
            yield line, Problem("B123", {"reason": str(error)})
            line = reader.line_num + 1
            continue
        return


def _written(path: str, name: str) -> _Text:
    """The encoding: UTF-8, with a mark or without, UTF-16 with one, or GB18030.

    A file that is not UTF-8 throughout is judged by the first line with any other byte than ASCII: Chinese characters
    in GB18030 are hardly ever UTF-8 as well, so where that line is, single bytes of the file are damaged.
    """
    with open(path, "rb") as file:  # as above
        first = file.read(4)
        if first[:2] in (b"\xff\xfe", b"\xfe\xff"):
            return _Text("utf-16", clean=False, marked=True)
        file.seek(0)
        marked = first.startswith(codecs.BOM_UTF8)
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            while block := file.read(_BLOCK):
                if b"\0" in block:
                    raise Refusal(Problem("B113", {"path": name}))
                decoder.decode(block)
            decoder.decode(b"", final=True)
            return _Text("utf-8-sig", clean=True, marked=marked)
        except UnicodeDecodeError:
            file.seek(0)
            telling = next((line for line in file if not line.isascii()), b"")
    try:
        telling.decode("utf-8")
    except UnicodeDecodeError:
        return _Text("gb18030", clean=False, marked=False)
    return _Text("utf-8-sig", clean=False, marked=marked)


def _opened(path: str, text: _Text) -> io.TextIOWrapper:
    return open(path, encoding=text.encoding, errors="surrogateescape", newline="")  # as above


# JSON lines ------------------------------------------------------------------


def json_table(name: str, path: str, folder: str) -> Table:
    """A file with a JSON object in each line; the columns are all keys, in the order in which they first come."""
    keys: dict[str, None] = {}
    text = _written(path, name)
    file, objects = _objects(path, text)
    with file:
        for _, found in objects:
            if isinstance(found, dict):
                keys.update(dict.fromkeys(found))
                if len(keys) > _WIDEST:
                    raise Refusal(Problem("B114", {"path": name, "limit": _WIDEST}))
    if not keys:
        raise Refusal(Problem("B120", {"path": name}))
    columns = list(keys)

    def rows() -> tuple[io.TextIOWrapper, Rows]:
        file, objects = _objects(path, text)
        return file, (
            (line, o if isinstance(o, Problem) else [_as_cell(o.get(c)) for c in columns]) for line, o in objects
        )

    return _spooled(name, path, folder, columns, rows, [], marked=False)


def _objects(path: str, text: _Text) -> tuple[io.TextIOWrapper, Iterator[tuple[int, dict[str, Any] | Problem]]]:
    raw = open(path, "rb")  # noqa: SIM115  # as above
    file = io.TextIOWrapper(raw, text.encoding, errors="surrogateescape")
    return file, _parsed(file)


def _parsed(file: io.TextIOWrapper) -> Iterator[tuple[int, dict[str, Any] | Problem]]:
    for line, written in enumerate(file, 1):
        if not written.strip():
            continue
        try:
            # a number keeps its digits: no binary fraction comes near money
            found = json.loads(written, parse_float=str, parse_int=str, parse_constant=str, object_pairs_hook=_once)
            "".join(written).encode()
        except UnicodeEncodeError:
            yield line, Problem("B122", {})
        except RecursionError:
            yield line, Problem("B124", {"reason": "nested too deep"})
        except ValueError as error:
            yield line, Problem("B124", {"reason": str(error).split(": line")[0]})
        else:
            yield line, found if isinstance(found, dict) else Problem("B125", {})


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key twice")
    return found


def _as_cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


# XLSX ------------------------------------------------------------------------


def xlsx_table(name: str, path: str, folder: str) -> Table:
    """The first sheet of a workbook. Raises Refusal."""
    book, sheet, others = _workbook(path, name)
    line, header = next(((i, row) for i, row in enumerate(sheet.iter_rows(values_only=True), 1) if any(row)), (0, ()))
    book.close()
    columns = ["" if cell is None else str(cell).strip() for cell in header]
    while columns and not columns[-1]:
        columns.pop()
    if not columns:
        raise Refusal(Problem("B120", {"path": name}))
    width = len(columns)

    def rows() -> tuple[None, Rows]:
        _, sheet, _ = _workbook(path, name)
        return None, _sheet_rows(sheet, line, width)

    named = "、".join(f"`{other}`" for other in others)
    notes = [Problem("Q216", {"path": name, "sheet": sheet.title, "others": named})] if others else []
    return _spooled(name, path, folder, columns, rows, notes, marked=True)


def _sheet_rows(sheet: Any, header: int, width: int) -> Rows:
    for number, row in enumerate(sheet.iter_rows(min_row=header + 1), header + 1):
        cells = [cell_text(cell) for cell in row]
        if any(cells[width:]):
            yield number, Problem("B121", {"cells": len(cells), "columns": width})
        elif any(cells):
            yield number, (cells + [""] * width)[:width]
        else:
            yield number, []


def _workbook(path: str, name: str) -> tuple[Any, Any, list[str]]:
    try:
        import openpyxl  # noqa: PLC0415  # an extra, and slow to import
    except ImportError:
        raise Refusal(Problem("Q218", {"path": name})) from None
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except Exception as error:  # noqa: BLE001  # a broken workbook breaks its reader in any way
        said = f"{type(error).__name__}: {error}"[:120]
        raise Refusal(Problem("Q201", {"path": name, "reason": {"en": said, "zh": said}})) from None
    visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    filled = [s for s in visible if any(any(row) for row in islice(s.iter_rows(values_only=True), 50))]
    if not filled:
        raise Refusal(Problem("B120", {"path": name}))
    return book, filled[0], [s.title for s in filled[1:]]


# The file that the engine reads ----------------------------------------------


def _spooled(
    name: str,
    path: str,
    folder: str,
    columns: Sequence[str],
    rows: Callable[[], tuple[io.TextIOWrapper | None, Rows]],
    notes: Sequence[Problem],
    marked: bool,
) -> Table:
    if len(columns) > _WIDEST:
        raise Refusal(Problem("B114", {"path": name, "limit": _WIDEST}))
    for i, column in enumerate(columns, 1):
        if not column:
            raise Refusal(Problem("B115", {"path": name, "number": i}))
    size = os.path.getsize(path)
    seen = [0, 0]  # rows, and the bytes that they took

    def parts(engine: Engine, limit: int, skip: int) -> Iterator[Part]:
        file, found = rows()
        with file or nullcontext():
            upto = sum(1 for _ in islice(found, skip))
            while True:
                part = _one(engine, folder, columns, islice(found, limit), upto)
                if part.upto == upto:
                    break
                upto = part.upto
                seen[:] = [upto, os.lseek(file.fileno(), 0, os.SEEK_CUR) if file else 0]
                yield part

    def estimate() -> int | None:
        return seen[0] * size // seen[1] if seen[1] else None

    types = tuple((column, "VARCHAR") for column in columns)
    return Table(name, types, state_of(path), None, parts, "line", tuple(notes), marked, estimate)


def _one(engine: Engine, folder: str, columns: Sequence[str], rows: Rows, upto: int) -> Part:
    path = os.path.join(folder, "rows.csv")
    damaged: list[Damaged] = []
    kept = blank = 0
    with open(path, "w", encoding="utf-8", errors="replace", newline="") as file:  # as above
        write = csv.writer(file, lineterminator="\n").writerow
        for line, cells in rows:
            upto += 1
            if isinstance(cells, Problem):
                damaged.append(Damaged(line, cells))
            elif any(cells):
                write((line, *cells))
                kept += 1
            else:
                blank += 1
    given = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in columns)
    options = "header = false, delim = ',', quote = '\"', escape = '\"', nullstr = '', auto_detect = false"
    with reading(path):
        engine.execute(
            f"CREATE OR REPLACE TEMP VIEW {PART} AS SELECT * FROM read_csv({literal(path)}, {options}, "
            f"max_line_size = 16777216, columns = {{{literal(ROW)}: 'BIGINT', {given}}})"
        )
    return Part(kept, upto, tuple(damaged), blank)
