"""Engines that SQL is run on, and tables of platforms for them.

In: a query over a table `platforms`, its columns and rows. Out: what the engine answers. Every table has a column
`row`, by which answers are told apart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

import duckdb
from sqlglot import exp

Kind = Literal["bigint", "boolean", "text"]
Rows = Sequence[Mapping[str, int | bool | str | None]]


class Engine(NamedTuple):
    """What answers queries in its own dialect."""

    dialect: str
    answer: Callable[[str, Mapping[str, Kind], Sequence[tuple[Any, ...]]], list[tuple[Any, ...]]]
    most: int | None = None  # sets of outcomes of one test, where a query takes seconds

    def ask(self, query: exp.Query, columns: Mapping[str, Kind], rows: Rows) -> list[dict[str, Any]]:
        """What the query says of each row."""
        names = [projection.alias_or_name for projection in query.selects]
        table = {"row": "bigint", **columns}
        numbered = [(i, *(row.get(name) for name in columns)) for i, row in enumerate(rows)]
        found = [dict(zip(names, r, strict=True)) for r in self.answer(query.sql(self.dialect), table, numbered)]
        assert sorted(r["row"] for r in found) == list(range(len(rows)))
        return sorted(found, key=lambda r: r["row"])


def duckdb_engine() -> Engine:
    def answer(query: str, columns: Mapping[str, Kind], rows: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        with duckdb.connect() as connection:
            connection.execute(_table("create table", columns))
            connection.executemany(f"insert into platforms values ({', '.join('?' * len(columns))})", rows)
            return connection.execute(query).fetchall()

    return Engine("duckdb", answer)


def postgres_engine(url: str) -> Engine:
    import psycopg

    def answer(query: str, columns: Mapping[str, Kind], rows: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        with psycopg.connect(url) as connection, connection.cursor() as cursor:
            cursor.execute(_table("create temporary table", columns))
            with cursor.copy("copy platforms from stdin") as copy:
                for row in rows:
                    copy.write_row(row)
            found = cursor.execute(query).fetchall()
            cursor.execute("drop table platforms")
            return found

    return Engine("postgres", answer)


def spark_engine(spark: Any) -> Engine:
    def answer(query: str, columns: Mapping[str, Kind], rows: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        kinds = {"text": "string"}
        schema = ", ".join(f"`{name}` {kinds.get(kind, kind)}" for name, kind in columns.items())
        spark.createDataFrame(list(rows), schema).createOrReplaceTempView("platforms")
        return [tuple(row) for row in spark.sql(query).collect()]

    # else the planner spends most of a minute on putting steps together
    spark.conf.set("spark.sql.optimizer.excludedRules", "org.apache.spark.sql.catalyst.optimizer.CollapseProject")
    return Engine("spark", answer, most=2)


def _table(create: str, columns: Mapping[str, Kind]) -> str:
    named = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
    return f"{create} platforms ({named})"
