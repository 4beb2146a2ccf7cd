"""The measure for tables: batch and totals written by hand, in DuckDB SQL and in Polars.

In: platforms as Parquet. Out: the columns of `policyeval batch`, or the totals before and after the draft, in fen.
`python -m bench.by_hand [ROWS [SHARE]]` holds them against the evaluator on random platforms, with that share of all
cells missing, and ends with status 1 where any cell is another one.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import date
from functools import cache
from itertools import chain
from pathlib import Path
from time import perf_counter
from typing import Any

import duckdb
from policyeval.cases import dated, typed
from policyeval.evaluate import Amounts, Evaluator
from policyeval.library import Library, open_library
from policyeval.regime import Regimes

from bench.data import COLUMNS, generate

try:
    import polars
except ImportError:
    polars = None  # type: ignore[assignment]

HERE = Path(__file__).parent
BATCH = (HERE / "by_hand.sql").read_text(encoding="utf-8")
TOTALS = (HERE / "by_hand_totals.sql").read_text(encoding="utf-8")
DRAFT = "ganyu-draft"
DAY = date(2023, 6, 30)
PAYERS = ("province", "city", "host")
ENDS = ("min", "max")
AMOUNTS = [f"{of}_{end}" for of in ("support", *PAYERS) for end in ENDS]
ROWS = 1_000_000
MISSING = 0.03

COUNTIES = ["donghai", "guanyun", "guannan"]
CEILING = 1000_0000_00


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


def totals_by_polars(platforms: Path) -> dict[str, int]:
    """The same by Polars, as a stream."""
    level, location, performance = (polars.col(name) for name in ("level", "location", "performance"))
    base, turnover = (_fen(name).clip(upper_bound=CEILING) for name in ("upstream_funding", "contract_turnover"))
    nothing = level.is_in(["none", "municipal"]) | (location == "qidong")
    known = location.is_not_null()
    matching = (
        polars.when(nothing)
        .then(0)
        .when(known & (level == "national"))
        .then(base)
        .when(known & (level == "provincial"))
        .then((base + 1) // 2)
    )
    city = (
        polars.when(nothing | location.is_in(COUNTIES))
        .then(0)
        .when(known & (level == "national"))
        .then((base + 1) // 2)
        .when(known & (level == "provincial"))
        .then((base + 2) // 4)
    )
    subsidy = (
        polars.when((location != "ganyu") | (level == "none") | performance.ne_missing("excellent"))
        .then(0)
        .when((location == "ganyu") & level.is_not_null())
        .then(turnover // 10)
    )
    shares = polars.scan_parquet(platforms).select(matching=matching, city=city, subsidy=subsidy)
    support, own, more = polars.col("matching"), polars.col("matching") - polars.col("city"), polars.col("subsidy")
    sums = {
        "support_min_before": support,
        "support_max_before": support,
        "support_min_after": support,
        "support_max_after": support + more,
        "city_min_before": polars.col("city"),
        "city_max_before": polars.col("city"),
        "city_min_after": polars.col("city"),
        "city_max_after": polars.col("city"),
        "host_min_before": own,
        "host_max_before": own,
        "host_min_after": own,
        "host_max_after": own + more,
    }
    found = shares.select(
        platforms=polars.len(),
        undetermined_before=support.is_null().sum(),
        undetermined_after=(support + more).is_null().sum(),
        **{name: amount.sum() for name, amount in sums.items()},
    ).collect(engine="streaming")
    return {name: int(value) for name, value in found.row(0, named=True).items()}


def _fen(name: str) -> Any:
    return (polars.col(name) * 100).cast(polars.Int64)


# Held against the evaluator --------------------------------------------------


class Told:
    """What the evaluator says of a row: before and after the draft, each regime built once."""

    def __init__(self, library: Library) -> None:
        self.vocabulary = library.vocabulary
        self.sides = [Regimes(library, DAY, with_=with_) for with_ in ((), (DRAFT,))]
        self.evaluators: list[dict[str | None, Evaluator]] = [{}, {}]

        self.assumed = dated(typed({}, self.vocabulary), self.vocabulary, DAY).facts
        self.cell = cache(self._cell)

    def __call__(self, row: Sequence[Any]) -> Iterator[Amounts]:
        facts = dict(self.assumed)
        for name, cell in zip(COLUMNS, row, strict=True):
            if cell is not None:
                facts.update(self.cell(name, cell))
        place = row[COLUMNS.index(self.vocabulary.seat)]
        for side, made in zip(self.sides, self.evaluators, strict=True):
            if place not in made:
                made[place] = Evaluator(side.at(place).plan)
            yield made[place].amounts(facts)

    def _cell(self, name: str, cell: Any) -> dict[str, Any]:
        """The fact of one cell and what is derived from it, typed as in a case file."""
        text = str(cell).lower() if isinstance(cell, bool) else str(cell)
        return {
            n: v for n, v in typed({name: text}, self.vocabulary).facts.items() if n == name or n not in self.assumed
        }


def cells(found: Amounts) -> tuple[Any, ...]:
    """As the columns of a batch hold them; a payer that no pack names there pays nothing."""
    spans = [found.support, *(found.payers.get(payer, (0, 0)) for payer in PAYERS)]
    return (*chain.from_iterable(spans), found.unquantified, found.undetermined)


def disagreements(platforms: Path, out: Path) -> list[str]:
    """Where the hand-written and the evaluator differ: rows of the batch, then totals."""
    told, wrong = Told(open_library().sound()), []
    sums = dict.fromkeys((f"{name}_{side}" for name in AMOUNTS for side in ("before", "after")), 0)
    sums |= {"platforms": 0, "undetermined_before": 0, "undetermined_after": 0}
    with duckdb.connect() as base:
        fen = ", ".join(f"CAST({name} * 100 AS BIGINT)" for name in AMOUNTS)
        base.execute(f"SELECT {', '.join(COLUMNS)}, {fen}, unquantified, undetermined FROM '{out}'")
        while some := base.fetchmany(10_000):
            for row in some:
                before, after = map(cells, told(row[: len(COLUMNS)]))
                if after != row[len(COLUMNS) :]:
                    wrong.append(f"{row}, the evaluator {after}")
                sums["platforms"] += 1
                for side, said in (("before", before), ("after", after)):
                    sums[f"undetermined_{side}"] += said[-1]
                    for name, amount in zip(AMOUNTS, said, strict=False):
                        # the least counts where the most is known
                        sums[f"{name}_{side}"] += amount or 0
    for name, run in {"DuckDB": totals, "Polars": totals_by_polars}.items():
        if run is totals_by_polars and polars is None:
            print("Polars is not installed")
            continue
        found = run(platforms)
        wrong += [f"{name}: {key} {found[key]}, the evaluator {sums[key]}" for key in found if found[key] != sums[key]]
    return wrong


def main(rows: int = ROWS, missing: float = MISSING) -> int:
    with tempfile.TemporaryDirectory() as folder:
        platforms, out = Path(folder) / "platforms.parquet", Path(folder) / "out.parquet"
        generate(platforms, rows, missing)
        batch(platforms, out)
        start = perf_counter()
        wrong = disagreements(platforms, out)
    print(f"{rows} rows, {missing:.0%} of the cells missing: {len(wrong)} differ ({perf_counter() - start:.0f} s)")
    print(*wrong[:5], sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*(kind(text) for kind, text in zip((int, float), sys.argv[1:], strict=False))))
