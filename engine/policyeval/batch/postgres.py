"""Tables of PostgreSQL, read and written as streams.

In: `postgresql://…#TABLE` as a user types it. Out: the table as a Parquet file that the engine reads, and answers as a
table. Promises: one look at the table, whatever others write meanwhile; one transaction for the answers, so that their
table is there whole or not at all; no password in a message.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from policyeval.batch.table import Engine, Table, literal, parquet
from policyeval.problems import Problem, Refusal
from policyeval.record import replace

if TYPE_CHECKING:
    from psycopg import Connection

_BLOCK = 2**20
# the engine's types of PostgreSQL's, by their numbers; every other one is text
_READ = {16: "BOOLEAN", 20: "BIGINT", 21: "SMALLINT", 23: "INTEGER", 700: "FLOAT", 701: "DOUBLE", 1082: "DATE"}
_NUMERIC = 1700
_WRITTEN = {"VARCHAR": "TEXT", "DOUBLE": "DOUBLE PRECISION", "FLOAT": "REAL", "HUGEINT": "NUMERIC(38, 0)"}
_SAME = ("BOOLEAN", "BIGINT", "SMALLINT", "INTEGER", "DATE", "DECIMAL", "TIMESTAMP")


def is_postgres(name: str) -> bool:
    return name.startswith(("postgresql://", "postgres://"))


def shown(name: str) -> str:
    """The name without its password."""
    return re.sub(r"(://[^:/@]+):[^@]*@", r"\1:…@", name)


@contextmanager
def _connected(name: str, code: str) -> Iterator[tuple[Connection[Any], Any]]:
    """A transaction, and the table's name as SQL has it. Raises Refusal: B310 without psycopg, else `code`."""
    try:
        import psycopg  # noqa: PLC0415  # an extra
        from psycopg import sql  # noqa: PLC0415  # an extra
    except ImportError:
        raise Refusal(Problem("B310", {"name": shown(name)})) from None
    url, _, table = name.partition("#")
    if not table:
        raise Refusal(Problem("B313", {"name": shown(name)}))
    try:
        with psycopg.connect(url, connect_timeout=10) as connection:
            yield connection, sql.Identifier(*table.split("."))
    except psycopg.Error as error:
        reason = " ".join(str(error).split("\nLINE ")[0].split())[:200] or type(error).__name__  # without the query
        raise Refusal(Problem(code, {"name": shown(name), "reason": reason})) from None


def postgres_table(engine: Engine, name: str, folder: str) -> Table:
    """The table as it is now, brought into `folder`. Raises Refusal B310, B311, B313."""
    spool, whole = os.path.join(folder, "table.csv"), os.path.join(folder, "table.parquet")
    with _connected(name, "B311") as (connection, table), connection.cursor() as cursor:
        from psycopg import sql  # noqa: PLC0415  # an extra

        cursor.execute(sql.SQL("SELECT * FROM {} LIMIT 0").format(table))
        columns = [(column.name, _kind(column)) for column in cursor.description or ()]
        asked = sql.SQL("COPY (SELECT * FROM {}) TO STDOUT (FORMAT csv, FORCE_QUOTE *)").format(table)
        with open(spool, "wb") as file, cursor.copy(asked) as rows:
            file.writelines(rows)
    shape = ", ".join(f"{literal(column)}: {literal(kind)}" for column, kind in columns)
    options = "header = false, delim = ',', quote = '\"', escape = '\"', nullstr = '', allow_quoted_nulls = false"
    source = (
        f"read_csv({literal(spool)}, {options}, auto_detect = false, max_line_size = 16777216, columns = {{{shape}}})"
    )
    engine.execute(f"COPY (SELECT * FROM {source}) TO {literal(whole)} (FORMAT parquet)")
    os.remove(spool)
    return replace(parquet(engine, whole), name=shown(name))


def _kind(column: Any) -> str:
    if column.type_code == _NUMERIC and column.precision and column.precision <= 38 and (column.scale or 0) >= 0:
        return f"DECIMAL({column.precision}, {column.scale or 0})"
    return _READ.get(column.type_code, "VARCHAR")


def comment_of(name: str) -> str | None:
    """The comment of a table that is there."""
    with _connected(name, "B312") as (connection, table):
        asked = "SELECT coalesce(obj_description(oid, 'pg_class'), '') FROM pg_class WHERE oid = to_regclass(%s)"
        found = connection.execute(asked, [table.as_string(connection)]).fetchone()
        return str(found[0]) if found else None


def into_postgres(engine: Engine, rows: str, comment: str, name: str, folder: str) -> None:
    """The rows of a query as a table, in the place of one that is there. Raises Refusal B312."""
    spool = os.path.join(folder, "answers.csv")
    columns = [(row[0], _type(row[1])) for row in engine.execute(f"DESCRIBE {rows}").fetchall()]
    engine.execute(f"COPY ({rows}) TO {literal(spool)} (FORMAT csv, HEADER false, FORCE_QUOTE *, NULLSTR '')")
    with _connected(name, "B312") as (connection, table), connection.cursor() as cursor:
        from psycopg import sql  # noqa: PLC0415  # an extra

        shape = sql.SQL(", ").join(sql.SQL(f"{{}} {kind}").format(sql.Identifier(n)) for n, kind in columns)
        cursor.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(table))
        cursor.execute(sql.SQL("CREATE TABLE {} ({})").format(table, shape))
        with open(spool, "rb") as file, cursor.copy(sql.SQL("COPY {} FROM STDIN (FORMAT csv)").format(table)) as copy:
            while block := file.read(_BLOCK):
                copy.write(block)
        cursor.execute(sql.SQL("COMMENT ON TABLE {} IS {}").format(table, sql.Literal(comment)))


def _type(kind: str) -> str:
    return _WRITTEN.get(kind) or (kind if kind.startswith(_SAME) else "TEXT")
