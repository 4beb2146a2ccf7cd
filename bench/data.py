"""Platforms by the million for the benchmarks: `python -m bench.data ROWS OUT.parquet [--missing SHARE]`.

In: a number of rows and a share of cells to leave empty. Out: a Parquet file, the same for the same arguments in every
run and on any number of threads: each cell follows from its row's number alone. Places, kinds and the like are those
of the shared vocabulary; most amounts lie within a few fen of a ceiling or are odd. DuckDB writes it as a stream, so
that 10^8 rows need no more memory than 10^4.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import duckdb
from policyeval.library import open_library
from policyeval.vocabulary import Vocabulary

COLUMNS = ("location", "kind", "level", "upstream_funding", "contract_turnover", "performance", "exceptional")
CITY = "lianyungang"
ELSEWHERE = "qidong"
HOSTS = ("county", "district", "zone")
CEILINGS = (500_0000_00, 1000_0000_00, 2000_0000_00)  # fen: where an amount or its share meets a limit

# A number of a row and a purpose, evenly spread; the same wherever it is worked out.
_DICE = "(hash(i * 31 + {}) % {})::BIGINT"


def generate(out: Path, rows: int, missing: float = 0.0, vocabulary: Vocabulary | None = None) -> None:
    """Writes the file; `missing` is the share of all cells that are left empty."""
    vocabulary = vocabulary or open_library().sound().vocabulary
    cells = [
        _one_of(0, [*hosts(vocabulary), ELSEWHERE]),
        _one_of(1, list(vocabulary.facts["kind"].values)),
        _one_of(2, list(vocabulary.facts["level"].values)),
        _amount(3),
        _amount(7),
        _one_of(11, list(vocabulary.facts["performance"].values)),
        f"{_dice(12, 20)} = 0",
    ]
    limit = round(missing * 10_000)
    if limit:
        cells = [f"CASE WHEN {_dice(20 + n, 10_000)} >= {limit} THEN {cell} END" for n, cell in enumerate(cells)]
    named = ", ".join(f"{cell} AS {name}" for name, cell in zip(COLUMNS, cells, strict=True))
    with duckdb.connect() as base:
        base.execute(f"COPY (SELECT {named} FROM range({rows}) AS r(i)) TO '{out}' (FORMAT parquet)")


def hosts(vocabulary: Vocabulary) -> list[str]:
    """The counties, districts and zones of the city."""
    return sorted(p for p in vocabulary.below(CITY) if vocabulary.places[p].tier in HOSTS)


def _dice(purpose: int, sides: int) -> str:
    return _DICE.format(purpose, sides)


def _one_of(purpose: int, names: list[str]) -> str:
    listed = ", ".join(f"'{name}'" for name in names)
    return f"[{listed}][1 + {_dice(purpose, len(names))}]"


def _amount(purpose: int) -> str:
    """Two in five beside a ceiling, two anywhere up to twice a ceiling, one of a few fen."""
    ceiling = f"([{', '.join(map(str, CEILINGS))}]::BIGINT[])[1 + {_dice(purpose, len(CEILINGS))}]"
    fen = (
        f"CASE {_dice(purpose + 1, 5)} WHEN 0 THEN {_dice(purpose + 2, 9)} "
        f"WHEN 1 THEN {ceiling} - 3 + {_dice(purpose + 2, 7)} WHEN 2 THEN {ceiling} - 3 + {_dice(purpose + 2, 7)} "
        f"ELSE {_dice(purpose + 2, 2 * CEILINGS[-1])} % (2 * {ceiling}) END"
    )
    return f"({fen})::DECIMAL(16,0) * 0.01::DECIMAL(2,2)"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", type=int)
    parser.add_argument("out", type=Path)
    parser.add_argument("--missing", type=float, default=0.0, help="share of all cells left empty, as 0.01")
    asked = parser.parse_args()
    generate(asked.out, asked.rows, asked.missing)
    print(f"{asked.rows} rows in {asked.out}, {asked.out.stat().st_size / 1e6:.0f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
