"""DuckDB, by hand: by_hand.sql over a table in memory into another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb

from bench.by_hand import BATCH
from bench.peers import MANY, Amounts, Row

NAME = "DuckDB SQL, by hand"
TAKES = MANY
PACKAGES = ("duckdb",)


class Rules:
    def __init__(self) -> None:
        self.base = duckdb.connect()
        self.base.execute("SET enable_progress_bar = false")

    def prepare(self, rows: Sequence[Row], times: int = 1) -> str:
        """The name of a table that is ready in the database."""
        money = "::DECIMAL(16,0) * 0.01::DECIMAL(2,2)"
        self.base.execute(
            "CREATE OR REPLACE TABLE given "
            "(location TEXT, kind TEXT, level TEXT, up BIGINT, turnover BIGINT, performance TEXT, exceptional BOOLEAN)"
        )
        for start in range(0, len(rows), 1000):
            part = [f"({', '.join(map(_literal, row))})" for row in rows[start : start + 1000]]
            self.base.execute(f"INSERT INTO given VALUES {', '.join(part)}")
        self.base.execute(
            "CREATE OR REPLACE TABLE many AS "
            f"SELECT location, kind, level, up{money} AS upstream_funding, turnover{money} AS contract_turnover, "
            f"performance, exceptional FROM range({times}) AS again(n), given ORDER BY n, given.rowid"
        )
        return "many"

    def run(self, given: str) -> str:
        self.base.execute(f"CREATE OR REPLACE VIEW platforms AS FROM {given}")
        self.base.execute(f"CREATE OR REPLACE TABLE found AS {BATCH}")
        return "found"

    def amounts(self, done: str) -> list[Amounts]:
        names = ("support_min", "support_max", "city_min", "host_min", "host_max")
        fen = ", ".join(f"CAST({name} * 100 AS BIGINT)" for name in names)
        return [Amounts(*row) for row in self.base.execute(f"SELECT {fen} FROM {done}").fetchall()]


def _literal(cell: Any) -> str:
    return f"'{cell}'" if isinstance(cell, str) else str(cell)
