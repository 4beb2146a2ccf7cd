"""Whether engines agree on the generated packs of the test suite: `python -m bench.certify [ROWS] [--engine A,B]
[--postgres URL] [--master URL]`.

In: the packs of `tests/generated_packs.py`, so many platforms for each. Out: how many were compared on each engine,
what was left out and why, and what disagrees, if anything does (status 1). How: as `policyeval certify` does with packs
of a folder, on engines that stay open.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from itertools import islice
from pathlib import Path
from time import perf_counter

from policyeval.certify import ENGINES, Certificate, Engine, Wish, certified, opened
from policyeval.regime import Regimes

DAY = date(2023, 6, 30)
ROWS = 1_000


class Sum:
    """What came of all certificates together."""

    def __init__(self) -> None:
        self.packs = 0
        self.compared: Counter[str] = Counter()
        self.disagree: Counter[str] = Counter()
        self.left_out: Counter[tuple[str, str, str]] = Counter()
        self.differences: list[str] = []

    def add(self, name: str, found: Certificate) -> None:
        self.packs += 1
        for tried in found.tried:
            engine = f"{tried.engine} {tried.version or ''}".strip()
            self.compared[engine] += tried.compared
            self.disagree[engine] += tried.disagree
            for why, rows in tried.left_out:
                self.left_out[engine, why.code, why.message("en")] += rows
        self.differences += [f"{name}: {d}" for d in found.differences]

    def lines(self) -> list[str]:
        found = [f"{self.packs} sets of generated packs"]
        for engine, number in self.compared.items():
            found.append(f"  {engine}: {number:,} compared, {self.disagree[engine]:,} disagree")
            gone: Counter[tuple[str, str]] = Counter()
            for (of, code, why), rows in self.left_out.items():
                if of == engine:
                    gone[code, why if code in ("B410", "B411", "B412") else ""] += rows
            found += [f"    {rows:,} left out: {code} {why}".rstrip() for (code, why), rows in gone.items()]
        return [*found, *self.differences[:5]]


def run(wish: Wish, engines: Sequence[Engine], size: int | None = None, tell: Callable[[str], None] = print) -> Sum:
    """All sets of packs, or the first so many."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
    from generated_packs import generated  # noqa: PLC0415  # where the tests have their packs

    whole = Sum()
    for found in islice(generated(), size):
        start = perf_counter()
        whole.add(found.name, certified(Regimes(found.library, DAY, with_=found.ids), wish, engines))
        tell(f"{found.name}: {perf_counter() - start:.1f} s")
    return whole


def main() -> int:
    parser = ArgumentParser(prog="python -m bench.certify")
    parser.add_argument("rows", type=int, nargs="?", default=ROWS)
    parser.add_argument("--engine", default=",".join(ENGINES))
    parser.add_argument("--postgres")
    parser.add_argument("--master")
    asked = parser.parse_args()
    wish = Wish(asked.rows, tuple(asked.engine.split(",")), asked.postgres, asked.master)
    start = perf_counter()
    with opened(wish) as engines:
        whole = run(wish, engines, tell=lambda line: print(line, file=sys.stderr, flush=True))
    print(*whole.lines(), f"  in {perf_counter() - start:.0f} s", sep="\n")
    return 1 if whole.disagree.total() else 0


if __name__ == "__main__":
    sys.exit(main())
