"""Whether what is written by hand for tables is right: `python -m bench.held [ROWS [SHARE]]`.

In: random platforms, with that share of all cells missing. Out: how many rows of the batch by hand, and which totals,
are others than the evaluator's; status 1 where any is.
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
from policyeval.vocabulary import Vocabulary

from bench import by_hand
from bench.data import COLUMNS, generate

try:
    from bench import by_hand_polars
except ImportError:  # Polars may be absent
    by_hand_polars = None  # type: ignore[assignment]

DRAFT = "ganyu-draft"
DAY = date(2023, 6, 30)
PAYERS = ("province", "city", "host")
AMOUNTS = [f"{of}_{end}" for of in ("support", *PAYERS) for end in ("min", "max")]
ROWS = 1_000_000
MISSING = 0.03


class Typist:
    """Facts from cells, typed as in a case file; each cell that comes twice is typed once."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.assumed = dated(typed({}, vocabulary), vocabulary, DAY).facts
        self.cell = cache(self._cell)

    def __call__(self, row: Sequence[Any]) -> dict[str, Any]:
        facts = dict(self.assumed)
        for name, cell in zip(COLUMNS, row, strict=True):
            if cell is not None:
                facts.update(self.cell(name, cell))
        return facts

    def _cell(self, name: str, cell: Any) -> dict[str, Any]:
        """The fact of one cell and what is derived from it."""
        text = str(cell).lower() if isinstance(cell, bool) else str(cell)
        found = typed({name: text}, self.vocabulary).facts
        return {n: v for n, v in found.items() if n == name or n not in self.assumed}


class Told:
    """What the evaluator says of a row: before and after the draft, each regime built once."""

    def __init__(self, library: Library) -> None:
        self.typist = Typist(library.vocabulary)
        self.sides = [Regimes(library, DAY, with_=with_) for with_ in ((), (DRAFT,))]
        self.evaluators: list[dict[str | None, Evaluator]] = [{}, {}]

    def __call__(self, row: Sequence[Any]) -> Iterator[Amounts]:
        facts, place = self.typist(row), row[COLUMNS.index("location")]
        for side, made in zip(self.sides, self.evaluators, strict=True):
            if place not in made:
                made[place] = Evaluator(side.at(place).plan)
            yield made[place].amounts(facts)


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
    runs = {"DuckDB": by_hand.totals}
    if by_hand_polars:
        runs["Polars"] = by_hand_polars.totals
    for name, run in runs.items():
        found = run(platforms)
        wrong += [f"{name}: {key} {found[key]}, the evaluator {sums[key]}" for key in found if found[key] != sums[key]]
    return wrong


def main(rows: int = ROWS, missing: float = MISSING) -> int:
    with tempfile.TemporaryDirectory() as folder:
        platforms, out = Path(folder) / "platforms.parquet", Path(folder) / "out.parquet"
        generate(platforms, rows, missing)
        by_hand.batch(platforms, out)
        start = perf_counter()
        wrong = disagreements(platforms, out)
    print(f"{rows} rows, {missing:.0%} of the cells missing: {len(wrong)} differ ({perf_counter() - start:.0f} s)")
    print(*wrong[:5], sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*(kind(text) for kind, text in zip((int, float), sys.argv[1:], strict=False))))
