"""Tables that the engine reads by itself: Parquet files and tables of DuckDB databases.

In: a name as a user types it. Out: a Table, which yields the rows in parts, each a view of the engine. Promises: rows
keep their order and their numbers; what cannot be read is refused with the engine's reason.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from glob import glob

import duckdb

from policyeval.problems import Problem, Refusal
from policyeval.record import Record

PART = "part"  # the view of the rows in hand
ROW = "~#"  # its column with the number of the row, or of the line, as a person counts

_NAMED = 20  # columns in a message

_NUMBER = "file_row_number"  # as the engine counts the rows of a Parquet file

ENDLESS = "partial_aggregate_pushdown"  # over many steps with a list of places DuckDB 2.0 does not come to its end

Engine = duckdb.DuckDBPyConnection


class Damaged(Record):
    """A row that cannot be told apart into cells."""

    line: int
    problem: Problem


class Part(Record):
    """Rows that stand in the view PART. `upto`: rows gone through when it is done; `damaged` are not in the view."""

    rows: int
    upto: int
    damaged: tuple[Damaged, ...] = ()
    blank: int = 0


class Table(Record):
    """A table: its columns with the engine's types, and how its rows come.

    `rows` is None where they have to be gone through to be counted; `estimate` then says what there may be. `identity`
    tells the same table in the same state. `counted`: `row`, or `line` of a text. `coded`: a text comes as the number
    of a word in a list, so that what is asked of it is worked out once for each word.
    """

    name: str
    columns: tuple[tuple[str, str], ...]
    identity: str
    rows: int | None
    parts: Callable[[Engine, int, int], Iterator[Part]]  # of so many rows each, from a row on
    counted: str = "row"
    notes: tuple[Problem, ...] = ()
    marked: bool = False  # a text that Excel opens as such: with a mark of its encoding, or in GB18030
    estimate: Callable[[], int | None] = lambda: None
    coded: bool = False

    @property
    def named(self) -> str:
        """The first of its columns, as a message lists them."""
        return ", ".join(f"`{name}`" for name, _ in self.columns[:_NAMED])

    def expected(self) -> int | None:
        """The rows that there are, or may be, as far as that is known."""
        return self.rows if self.rows is not None else self.estimate()


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


_CUT = ("magic bytes", "TProtocolException", "too small to be a Parquet file")


def told(error: Exception) -> str:
    """The engine's reason, in one line."""
    return " ".join(str(error).split("\n\n")[0].split())[:200]


@contextmanager
def reading(name: str) -> Iterator[None]:
    """Raises Refusal B110 where the engine cannot read."""
    try:
        yield
    except duckdb.InterruptException:
        raise KeyboardInterrupt from None
    except duckdb.Error as error:
        broken = any(sign in str(error) for sign in _CUT)
        raise Refusal(Problem("B136" if broken else "B110", {"path": name, "reason": told(error)})) from None


def without(engine: Engine, optimizer: str) -> None:
    """Sets a part of the engine's planning aside, where this version of it has one."""
    if engine.execute("SELECT 1 FROM duckdb_optimizers() WHERE name = ?", [optimizer]).fetchone():
        engine.execute(f"SET disabled_optimizers = '{optimizer}'")


def state_of(path: str) -> str:
    found = os.stat(path)
    return f"{os.path.abspath(path)}:{found.st_size}:{found.st_mtime_ns}"


def parquet(engine: Engine, name: str) -> Table:
    """A Parquet file, or a folder or pattern of such files, in the order of their names. Raises Refusal."""
    files = (
        [name]
        if os.path.isfile(name)
        else sorted(glob(os.path.join(name, "*.parquet") if os.path.isdir(name) else name))
    )
    if not files:
        raise Refusal(Problem("B150" if os.path.isdir(name) else "F101", {"path": name}))
    shapes = []
    for file in files:
        with reading(file):
            rows = engine.execute(f"DESCRIBE SELECT * FROM read_parquet({literal(file)})").fetchall()
            (count,) = engine.execute(f"SELECT count(*) FROM read_parquet({literal(file)})").fetchone() or (0,)
        if _NUMBER in (row[0].lower() for row in rows):  # which would hide the engine's own
            raise Refusal(Problem("B103", {"column": _NUMBER}))
        shapes.append((file, count, tuple((row[0], row[1]) for row in rows)))
    for file, _, columns in shapes[1:]:
        if columns != shapes[0][2]:
            raise Refusal(Problem("B111", {"path": file, "other": files[0]}))
    counts = [(file, count) for file, count, _ in shapes]

    def parts(engine: Engine, size: int, skip: int) -> Iterator[Part]:
        before = 0
        for file, count in counts:
            view = f"SELECT *, {_NUMBER} + {before + 1} AS {quoted(ROW)} FROM read_parquet({literal(file)})"
            yield from _sliced(engine, file, view, _NUMBER, before, count, size, skip)
            before += count

    return Table(name, shapes[0][2], "|".join(map(state_of, files)), sum(c for _, c in counts), parts, coded=True)


def database(engine: Engine, path: str, table: str, folder: str) -> Table:
    """A table or view of a DuckDB database, which is opened to read only. Raises Refusal.

    Rows go by their numbers, so a view, or a table that has lost some, is first put down in `folder`.
    """
    if not os.path.isfile(path):
        raise Refusal(Problem("F101", {"path": path}))
    source = f"given.{quoted(table)}"
    with reading(path):
        engine.execute(f"ATTACH IF NOT EXISTS {literal(path)} AS given (READ_ONLY)")
        ours = "database_name = 'given' AND schema_name = 'main'"
        tables = _names(engine, f"SELECT table_name FROM duckdb_tables() WHERE {ours}")
        views = _names(engine, f"SELECT view_name FROM duckdb_views() WHERE {ours} AND NOT internal")
    if table not in (*tables, *views):
        there = ", ".join(f"`{t}`" for t in (*tables, *views)) or "–"
        raise Refusal(Problem("B112", {"path": path, "table": table, "there": there}))
    with reading(path):
        (count,) = engine.execute(f"SELECT count(*) FROM {source}").fetchone() or (0,)
        if table in views or count != (engine.execute(f"SELECT max(rowid) + 1 FROM {source}").fetchone() or (0,))[0]:
            source = _put_down(engine, source, os.path.join(folder, "given.duckdb"))
        columns = tuple((r[0], r[1]) for r in engine.execute(f"DESCRIBE SELECT * FROM {source}").fetchall())

    def parts(engine: Engine, size: int, skip: int) -> Iterator[Part]:
        view = f"SELECT *, rowid + 1 AS {quoted(ROW)} FROM {source}"
        yield from _sliced(engine, path, view, "rowid", 0, count, size, skip)

    return Table(f"{path}#{table}", columns, f"{state_of(path)}#{table}", count, parts)


def same_place(one: str, other: str) -> bool:
    """Whether two names mean one file, or one table of a database. One server under two names is not found out."""
    if "://" in one:
        return one.replace("#public.", "#") == other.replace("#public.", "#")
    (path, table), (place, into) = map(_place, (one, other))
    return into in ("", table) and os.path.exists(path) and os.path.exists(place) and os.path.samefile(path, place)


def _place(name: str) -> tuple[str, str]:
    path, _, table = (name, "", "") if os.path.exists(name) else name.partition("#")
    return path, table.casefold()


def _names(engine: Engine, query: str) -> list[str]:
    return [row[0] for row in engine.execute(query).fetchall()]


def _put_down(engine: Engine, source: str, path: str) -> str:
    if os.path.exists(path):
        os.remove(path)
    engine.execute(f"ATTACH {literal(path)} AS put_down")
    engine.execute(f"CREATE TABLE put_down.rows AS SELECT * FROM {source}")
    return "put_down.rows"


def _sliced(
    engine: Engine, name: str, view: str, number: str, before: int, count: int, size: int, skip: int
) -> Iterator[Part]:
    for start in range(max(0, skip - before), count, size):
        end = min(start + size, count)
        whole = start == 0 and end == count
        where = "" if whole else f" WHERE {number} BETWEEN {start} AND {end - 1}"
        with reading(name):
            engine.execute(f"CREATE OR REPLACE TEMP VIEW {PART} AS {view}{where}")
        yield Part(end - start, before + end)
