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
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice, repeat
from typing import Any, TextIO

from policyeval.batch.table import PART, ROW, Damaged, Engine, Part, Table, literal, reading, state_of
from policyeval.files import why_not
from policyeval.problems import Problem, Refusal
from policyeval.record import Record, replace
from policyeval.regime import Tell
from policyeval.sheet import cell_text, delimiter_of

_BLOCK = 2**20
_TELLING = 1_000  # lines, to tell UTF-8 with damage from GB18030
_LOOKED_AT = 2**16  # bytes, to find the delimiter
_WIDEST = 1_000  # columns
_SHOWN = 40  # characters of a key in a message
LONGEST = 2**22  # characters of a row
_FORMULA = 2**14  # bytes of a cell with the longest formula
_NO_VALUE = re.compile(
    rb'<c r="([A-Z]+\d+)"(?: (?!t=)\w+="[^"]*")*><f(?:[^>]*/>|[^>]*>[^<]*</f>)(?:<v\s*/>|<v></v>)?</c>'
)
_CELLS = 2**24  # of a part, which the engine holds
LINES = 1_000  # of a row, at most
UTF8, _UTF16 = "utf-8-sig", "utf-16"
DAMAGE = "\udcff"  # what stands for bytes that are no character: no text can hold it

Cells = list[str]
Rows = Iterator[tuple[int, Cells | Problem]]  # a line, and its cells or what is wrong with it
csv.field_size_limit(LONGEST)
codecs.register_error("policyeval.damage", lambda error: (DAMAGE, error.end))  # type: ignore[attr-defined]


class _Text(Record):
    """How a file is written. `clean`: every byte is part of a character; `marked`: Excel opens it as what it is."""

    encoding: str
    clean: bool
    marked: bool


class CsvHeader(Record):
    """How a CSV file begins. `lines`: down to its header; `marked`: Excel opens it as what it is."""

    columns: tuple[str, ...]
    delimiter: str
    lines: int
    encoding: str
    marked: bool


class _Gone(Record):
    """Rows gone through: so many, of which some are kept and some blank or damaged."""

    rows: int
    kept: int
    blank: int
    damaged: tuple[Damaged, ...]


class _Rows:
    """Rows to be brought into the plain file, so many at a time. `file`: what they are read from, where it says how
    far it is."""

    delimiter = ","

    def __init__(self, rows: Rows, file: TextIO | None = None) -> None:
        self.rows, self.file = rows, file

    def put(self, plain: TextIO | None, limit: int) -> _Gone:
        """The next rows, at most `limit`; they are passed over where there is no `plain`."""
        write, write_all = (
            csv.writer(plain or io.StringIO(), delimiter=self.delimiter, lineterminator="\n", quoting=quoting).writerow
            for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_ALL)
        )
        rows = kept = blank = 0
        damaged: list[Damaged] = []
        for line, cells in islice(self.rows, limit):
            rows += 1
            if isinstance(cells, Problem):
                damaged.append(Damaged(line, cells))
            elif not any(cells):
                blank += 1
            elif any("\0" in cell for cell in cells):
                damaged.append(Damaged(line, Problem("B122", {})))
            elif plain:
                try:  # the writer leaves a lone return without quotes
                    (write_all if any("\r" in cell for cell in cells) else write)((line, *cells))
                except UnicodeEncodeError:  # half of a character
                    damaged.append(Damaged(line, Problem("B122", {})))
                else:
                    kept += 1
        return _Gone(rows, kept, blank, tuple(damaged))


# CSV -------------------------------------------------------------------------


def csv_table(name: str, path: str, folder: str) -> Table:
    """A CSV file; raises Refusal where it has no header, or is in no encoding that is known."""
    text = _written(path, name)
    with _opened(path, text.encoding) as file:
        delimiter = delimiter_of(file.read(_LOOKED_AT))
    with _opened(path, text.encoding) as file:
        columns = _Csv(file, text, delimiter, name).columns
    notes = [*encoding_notes(name, text.encoding), *delimiter_notes(name, delimiter)]

    def rows() -> _Rows:
        return _Csv(_opened(path, text.encoding), text, delimiter, name)

    return _spooled(name, path, folder, columns, rows, notes, text.marked)


def encoding_notes(name: str, encoding: str) -> list[Problem]:
    return [] if encoding == UTF8 else [Problem("Q203", {"path": name, "encoding": encoding.upper()})]


def delimiter_notes(name: str, delimiter: str) -> list[Problem]:
    shown = {"\t": "Tab"}.get(delimiter, delimiter)
    return [] if delimiter == "," else [Problem("Q204", {"path": name, "delimiter": shown})]


def csv_header(first: bytes, name: str) -> CsvHeader:
    """Of a file that begins so. Raises Refusal B113 where it is no text, B117 or B120 where it has no header."""
    encoding = _UTF16 if _in_utf16(first, name) else _telling(first.splitlines(keepends=True))
    text = _Text(encoding, clean=False, marked=_marked(first, encoding))
    told = first.decode(encoding, "policyeval.damage")
    delimiter = delimiter_of(told[:_LOOKED_AT])
    found = _Csv(io.StringIO(told, newline=""), text, delimiter, name)
    return CsvHeader(tuple(found.columns), delimiter, found.before + found.at, encoding, text.marked)


def into_utf8(path: str, encoding: str, to: str, tell: Tell) -> None:
    """Writes a text once more, in UTF-8; bytes that are no character are none there either."""
    with (
        _opened(path, encoding) as file,
        open(to, "w", encoding="utf-8", errors="surrogateescape", newline="") as told,
    ):
        size = os.path.getsize(path)
        while block := file.read(_BLOCK):
            told.write(block)
            tell(os.lseek(file.fileno(), 0, os.SEEK_CUR), size)


def csv_rows(text: str, delimiter: str, columns: Sequence[str]) -> Rows:
    """The rows of lines that stand below a header, counted from 1."""
    return _Csv(io.StringIO(text, newline=""), _Text(UTF8, clean=False, marked=False), delimiter, "", columns).rows


class _Csv(_Rows):
    """The rows of a CSV file, below its header, or with these columns. Raises Refusal where there is none.

    Most blocks of lines are all rows; such a block goes through as it is, once its delimiters are counted, and where
    one does not, smaller ones are tried. A row in quotes may go over several lines. A quote that is never closed must
    not swallow the rows below, so a line that has as many cells as a row is part of no other.
    """

    def __init__(self, file: TextIO, text: _Text, delimiter: str, name: str, columns: Sequence[str] = ()) -> None:
        super().__init__(self._each(), file)
        self.text, self.sign, self.source = text, delimiter, file
        if delimiter.isascii():
            self.delimiter = delimiter
        self.width: int | None = None
        self.lines: list[str] = []
        self.at, self.before = 0, 0  # the next of these lines, and how many lines came before them
        self.columns = [*columns] or self._header(name)
        self.width = len(self.columns)
        self.begins = f"{delimiter}\r\n"  # how a blank line begins
        sign = re.escape(delimiter)
        self.blank = re.compile(rf"^(?:{sign}+\r?$|\r?\n)", re.MULTILINE)

    def put(self, plain: TextIO | None, limit: int) -> _Gone:
        rows = kept = blank = 0
        damaged: list[Damaged] = []
        size = limit
        while rows < limit and self._more():
            lines = self.lines[self.at : self.at + min(size, limit - rows)]
            ready = self._ready(lines) if size > 1 else None
            if ready is not None:
                if plain:
                    plain.write(ready)
                self.at += len(lines)
                rows, kept, size = rows + len(lines), kept + len(lines), size * 8
            elif size > 1:
                size = len(lines) // 8
            else:
                gone, size = super().put(plain, 1), 8
                rows, kept, blank = rows + gone.rows, kept + gone.kept, blank + gone.blank
                damaged += gone.damaged
        return _Gone(rows, kept, blank, tuple(damaged))

    def _ready(self, lines: Sequence[str]) -> str | None:
        """The lines as the plain file has them, where each is a row and all is well with it."""
        block = "".join(lines)
        if "\0" in block or len(block) > LONGEST or not self._sound(block):
            return None
        first = self.before + self.at + 1
        if '"' in block or self.sign != self.delimiter:
            return self._in_quotes(lines, first)
        if {*map(str.count, lines, repeat(self.sign))} != {len(self.columns) - 1}:
            return None
        if (block[0] in self.begins or any(f"\n{sign}" in block for sign in self.begins)) and self.blank.search(block):
            return None
        numbered = "".join([f"{number}{self.sign}{line}" for number, line in enumerate(lines, first)])
        if "\r" in numbered:
            numbered = numbered.replace("\r\n", "\n")
        if "\r" in numbered:
            return None
        return numbered if numbered.endswith("\n") else f"{numbered}\n"

    def _in_quotes(self, lines: Sequence[str], first: int) -> str | None:
        try:
            rows = list(csv.reader(lines, delimiter=self.sign, strict=True))
        except csv.Error:
            return None
        if len(rows) < len(lines) or {*map(len, rows)} != {len(self.columns)} or not all(map(any, rows)):
            return None
        plain = io.StringIO(newline="")
        write = csv.writer(plain, delimiter=self.delimiter, lineterminator="\n")
        write.writerows([(number, *row) for number, row in enumerate(rows, first)])
        return plain.getvalue()

    def _sound(self, text: str) -> bool:
        return self.text.clean or text.isascii() or DAMAGE not in text

    def _more(self) -> bool:
        """Whether there is another line; reads on where none is left."""
        if self.at >= len(self.lines):
            self.before += len(self.lines)
            self.lines, self.at = self.source.readlines(_BLOCK), 0
        return bool(self.lines)

    def _each(self) -> Rows:
        while self._more():
            line = self.before + self.at + 1
            cells, lines = self._row()
            self.at += lines
            yield line, cells

    def _row(self) -> tuple[Cells | Problem, int]:
        """The row that begins at the line in hand, and how many lines it has."""
        reader = csv.reader(self._following(), delimiter=self.sign, strict=True)
        try:
            cells = next(reader)
        except csv.Error as error:
            code = "B126" if "limit" in str(error) else "B123"
            return Problem(code, {"limit": LONGEST} if code == "B126" else {}), 1
        lines, width = reader.line_num, self.width
        text = "".join(self.lines[self.at : self.at + lines])
        if "\0" in text or not self._sound(text):
            return Problem("B122", {}), lines
        if len(text) > LONGEST:
            return Problem("B126", {"limit": LONGEST}), lines
        if width is None or len(cells) == width or not any(cells):
            return cells, lines
        if len(cells) > width and not any(cells[width:]):
            return cells[:width], lines
        if lines > 1:
            return Problem("B123", {}), 1
        return Problem("B121", {"cells": len(cells), "columns": width}), 1

    def _following(self) -> Iterator[str]:
        """The line in hand, and those after it that its quotes may hold."""
        yield self.lines[self.at]
        for number in range(self.at + 1, self.at + LINES):
            if number >= len(self.lines):
                self.lines += self.source.readlines(1)
            if number >= len(self.lines):
                return
            line = self.lines[number]
            if self.width is not None and self.width > 2 and line.count(self.sign) == self.width - 1:
                return
            yield line

    def _header(self, name: str) -> list[str]:
        for _, cells in self._each():
            if isinstance(cells, Problem):
                said = {lang: cells.message(lang) for lang in ("zh", "en")}
                raise Refusal(Problem("B117", {"path": name, "reason": said}))
            if any(map(str.strip, cells)):
                return _named(cells, name)
        raise Refusal(Problem("B120", {"path": name}))


def _named(header: Sequence[str], name: str) -> list[str]:
    """The names of the columns, without empty ones at the end. Raises Refusal."""
    columns = [cell.strip() for cell in header]
    while columns and not columns[-1]:
        columns.pop()
    if not columns:
        raise Refusal(Problem("B120", {"path": name}))
    if len(columns) > _WIDEST:
        raise Refusal(Problem("B114", {"path": name, "limit": _WIDEST}))
    if "" in columns:
        raise Refusal(Problem("B115", {"path": name, "number": columns.index("") + 1}))
    return columns


def _written(path: str, name: str) -> _Text:
    """The encoding: UTF-8, with a mark or without, UTF-16 with one, or GB18030.

    A file that is not UTF-8 throughout is judged by its first lines with any other byte than ASCII: Chinese characters
    in GB18030 are hardly ever UTF-8 as well, so where most of them are, single bytes of the file are damaged.
    """
    with open(path, "rb") as file:
        first = file.read(_LOOKED_AT)
        if _in_utf16(first, name):
            return _Text(_UTF16, clean=False, marked=True)
        file.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            while block := file.read(_BLOCK):
                decoder.decode(block)
            decoder.decode(b"", final=True)
            return _Text(UTF8, clean=True, marked=_marked(first, UTF8))
        except UnicodeDecodeError:
            file.seek(0)
            encoding = _telling(file)
    return _Text(encoding, clean=False, marked=_marked(first, encoding))


def _in_utf16(first: bytes, name: str) -> bool:
    """Whether a file that begins so has the mark of UTF-16. Raises Refusal B113 where it is no text."""
    if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return True
    if b"\0" in first[:_LOOKED_AT].partition(b"\n")[0]:
        raise Refusal(Problem("B113", {"path": name}))
    return False


def _marked(first: bytes, encoding: str) -> bool:
    return encoding != UTF8 or first.startswith(codecs.BOM_UTF8)


def _telling(lines: Iterable[bytes]) -> str:
    """The encoding that the first lines with any other byte than ASCII are in."""
    telling = list(islice((line for line in lines if not line.isascii()), _TELLING))
    utf8 = [line for line in telling if _reads(line, "utf-8")]
    others = [line for line in telling if line not in utf8 and _reads(line, "gb18030")]
    return "gb18030" if len(others) > len(utf8) else UTF8


def _reads(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _opened(path: str, encoding: str) -> io.TextIOWrapper:
    return open(path, encoding=encoding, errors="policyeval.damage", newline="")


# JSON lines ------------------------------------------------------------------


def json_table(name: str, path: str, folder: str) -> Table:
    """A file with a JSON object in each line; the columns are all keys, in the order in which they first come."""
    keys: dict[str, None] = {}
    text = _written(path, name)
    with _opened(path, text.encoding) as file:
        for _, found in _objects(file):
            if isinstance(found, dict):
                keys.update(dict.fromkeys(found))
                if len(keys) > _WIDEST:
                    raise Refusal(Problem("B114", {"path": name, "limit": _WIDEST}))
    if not keys:
        raise Refusal(Problem("B118", {"path": name}))
    columns = list(keys)

    def rows() -> _Rows:
        file = _opened(path, text.encoding)
        found = ((n, o if isinstance(o, Problem) else [_as_cell(o.get(c)) for c in columns]) for n, o in _objects(file))
        return _Rows(found, file)

    return _spooled(name, path, folder, columns, rows, [], marked=False)


def _objects(file: io.TextIOWrapper) -> Iterator[tuple[int, dict[str, Any] | Problem]]:
    # a number keeps its digits: no binary fraction comes near money
    decode = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str, object_pairs_hook=_once).decode
    for line, written in enumerate(file, 1):
        if not written.strip():
            continue
        if DAMAGE in written:
            yield line, Problem("B122", {})
            continue
        try:
            found = decode(written)
        except UnicodeEncodeError:
            yield line, Problem("B122", {})
        except RecursionError:
            yield line, Problem("B124", {"reason": {"en": "nested too deep", "zh": "嵌套过深"}})
        except KeyError as twice:
            key = twice.args[0][:_SHOWN]
            yield line, Problem("B124", {"reason": {"en": f"the key `{key}` twice", "zh": f"键`{key}`重复"}})
        except ValueError as error:
            yield line, Problem("B124", {"reason": str(error).split(": line")[0]})
        else:
            yield line, found if isinstance(found, dict) else Problem("B125", {})


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The pairs of an object. Raises KeyError where one key is there twice."""
    found = dict(pairs)
    "".join(found).encode()  # half of a character would break a column's name
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise KeyError(next(key for key in found if keys.count(key) > 1))
    return found


def _as_cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


# XLSX ------------------------------------------------------------------------


def xlsx_table(name: str, path: str, folder: str, wanted: str = "") -> Table:
    """The wanted sheet of a workbook, or the first that holds anything. Raises Refusal."""
    book, sheet, others = _workbook(path, name, wanted)
    with _whole(name):
        all_rows = enumerate(sheet.iter_rows(values_only=True), 1)
        line, header = next(((i, row) for i, row in all_rows if any(map(_filled, row))), (0, ()))
        formula = _unworked(sheet)
    book.close()
    columns = _named(["" if cell is None else str(cell) for cell in header], name)
    width = len(columns)

    def rows() -> _Rows:
        _, sheet, _ = _workbook(path, name, wanted)
        return _Rows(_sheet_rows(sheet, line, width, name))

    named = ", ".join(f"`{other}`" for other in others)
    notes = [Problem("B135", {"path": path, "sheet": sheet.title, "others": named})] if others and not wanted else []
    notes += [Problem("B134", {"path": name, "cell": formula})] if formula else []
    found = _spooled(name, path, folder, columns, rows, notes, marked=True)
    return replace(found, identity=f"{found.identity}#{sheet.title}")


def _unworked(sheet: Any) -> str | None:
    """The first cell of a sheet with a formula that nothing has worked out: what reads values alone takes it for empty.

    A formula whose value is an empty text has that type.
    """
    with sheet._get_source() as file:  # no public way leads to both formula and value but reading twice
        rest = b""
        while block := file.read(_BLOCK):
            if found := _NO_VALUE.search(rest + block):
                return str(found[1].decode())
            rest = block[-_FORMULA:]
    return None


def _sheet_rows(sheet: Any, header: int, width: int, name: str) -> Rows:
    with _whole(name):
        for number, row in enumerate(sheet.iter_rows(min_row=header + 1), header + 1):
            cells = [cell_text(cell) for cell in row]
            if any(cells[width:]):
                yield number, Problem("B121", {"cells": len(cells), "columns": width})
            else:
                yield number, (cells + [""] * width)[:width]


def _filled(cell: object) -> bool:
    return cell is not None and str(cell).strip() != ""


@contextmanager
def _whole(name: str) -> Iterator[None]:
    """Raises Refusal Q201: a broken workbook breaks its reader in any way."""
    try:
        yield
    except Exception as error:  # noqa: BLE001  # that is why
        said = f"{type(error).__name__}: {error}"[:120]
        raise Refusal(Problem("Q201", {"path": name, "reason": {"en": said, "zh": said}})) from None


def _workbook(path: str, name: str, wanted: str) -> tuple[Any, Any, list[str]]:
    try:
        import openpyxl  # noqa: PLC0415  # an extra, and slow to import
    except ImportError:
        raise Refusal(Problem("Q218", {"path": name})) from None
    with _whole(name):
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        filled = [s for s in visible if any(any(row) for row in islice(s.iter_rows(values_only=True), 50))]
    if wanted:
        titles = [sheet.title for sheet in book.worksheets]
        if wanted not in titles:
            there = ", ".join(f"`{title}`" for title in titles)
            raise Refusal(Problem("B112", {"path": path, "table": wanted, "there": there}))
        return book, book[wanted], []
    if not filled:
        raise Refusal(Problem("B120", {"path": name}))
    return book, filled[0], [s.title for s in filled[1:]]


# The file that the engine reads ----------------------------------------------


def _spooled(
    name: str,
    path: str,
    folder: str,
    columns: Sequence[str],
    rows: Callable[[], _Rows],
    notes: Sequence[Problem],
    marked: bool,
) -> Table:
    size = os.path.getsize(path)
    seen = [0, 0]  # rows, and the bytes that they took

    def parts(engine: Engine, limit: int, skip: int) -> Iterator[Part]:
        found, limit = rows(), min(limit, _CELLS // len(columns))
        try:
            upto = found.put(None, skip).rows
            while (part := _one(engine, folder, columns, found, limit, upto)).upto > upto:
                upto = part.upto
                seen[:] = [upto, os.lseek(found.file.fileno(), 0, os.SEEK_CUR) if found.file else 0]
                yield part
        finally:
            if found.file:
                found.file.close()

    def estimate() -> int | None:
        return seen[0] * size // seen[1] if seen[1] else None

    types = tuple((column, "VARCHAR") for column in columns)
    return Table(name, types, state_of(path), None, parts, "line", tuple(notes), marked, estimate)


def _one(engine: Engine, folder: str, columns: Sequence[str], rows: _Rows, limit: int, upto: int) -> Part:
    path = os.path.join(folder, "rows.csv")
    try:
        with open(path, "w", encoding="utf-8", newline="") as file:
            gone = rows.put(file, limit)
    except OSError as error:
        raise Refusal(Problem("B210", {"path": path, "reason": why_not(error)})) from None
    given = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in columns)
    options = f"delim = {literal(rows.delimiter)}, header = false, auto_detect = false, nullstr = ''"
    quotes = "quote = '\"', escape = '\"'"
    with reading(path):
        engine.execute(
            f"CREATE OR REPLACE TEMP TABLE {PART} AS SELECT * FROM read_csv({literal(path)}, {options}, {quotes}, "
            f"max_line_size = {5 * LONGEST}, columns = {{{literal(ROW)}: 'BIGINT', {given}}})"
        )
    return Part(gone.kept, upto + gone.rows, gone.damaged, gone.blank)
