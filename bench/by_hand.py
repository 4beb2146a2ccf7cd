"""The measure for tables: batch and totals written by hand in DuckDB SQL.

In: platforms as Parquet. Out: the columns of `policyeval batch`, or the totals before and after the draft, in fen.
bench/held.py holds them against the evaluator. Nothing of the engine is imported, so that a process starts quickly.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

HERE = Path(__file__).parent
BATCH = (HERE / "by_hand.sql").read_text(encoding="utf-8")
TOTALS = (HERE / "by_hand_totals.sql").read_text(encoding="utf-8")


def connected(platforms: Path, threads: int | None = None) -> duckdb.DuckDBPyConnection:
    """A database of its own with the view that the queries read."""
    base = duckdb.connect(config={"threads": threads} if threads else {})
    base.execute("SET enable_progress_bar = false")
    base.execute(f"CREATE VIEW platforms AS SELECT * FROM read_parquet('{platforms}')")
    return base


def batch(platforms: Path, out: Path, threads: int | None = None) -> None:
    """Parquet to Parquet, the rows in their order."""
    with connected(platforms, threads) as base:
        base.execute(f"COPY ({BATCH}) TO '{out}' (FORMAT parquet)")


def totals(platforms: Path, threads: int | None = None) -> dict[str, int]:
    """What all of them cost before and after the draft, by DuckDB."""
    with connected(platforms, threads) as base:
        found = base.execute(TOTALS)
        return dict(zip((column[0] for column in found.description), map(int, found.fetchone()), strict=True))
