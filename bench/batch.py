"""Tables by the million: `python -m bench.batch [--rows N] [--rounds N] [--missing SHARE] [--growth N]
[--awards] [--threads N]`.

In: platforms that bench/data.py generates into a temporary folder. Out: Markdown tables. Contenders take turns, each in
a process of its own whose whole life counts: rows a second on the clock, processor time of a million rows, and the peak
of memory; of all rounds the median. Parquet to Parquet: by hand in DuckDB SQL, the C kernel fed by pyarrow, `policyeval
batch`; of OpenFisca-core only its computing counts, from arrays in memory, in processor time. Totals: DuckDB and Polars
by hand, `policyeval impact`. `--growth` goes from 10^4 rows to 10^N, `--awards` from 4 made-up awards to 500.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from time import process_time

from bench.__main__ import POLICYEVAL, print_table, shown
from bench.check import pack
from bench.data import generate
from bench.processes import Took, took

ROWS = 10_000_000
ROUNDS = 3
THREADS = (1, 2)
AWARDS = (4, 20, 100, 500)
AWARDED = 1_000_000  # rows on which packs of many awards are tried
SLICE = 1_000_000  # rows that OpenFisca computes at a time
OF_ONE = ("took", "rows a second", "processor", "peak memory")
DRAFT = ("--with", "ganyu-draft", "--as-of", "2023-06-30")
TOTALS = ("--top", "0", "--no-readings", "--format", "json")  # no more than what is written by hand


def python(call: str) -> list[str]:
    module = call.partition("(")[0].rpartition(".")[0]
    return [sys.executable, "-c", f"import {module}\nfrom pathlib import Path\n{call}"]


def _path(path: Path) -> str:
    return f"Path({str(path)!r})"


def knows(command: str) -> bool:
    """Whether the engine has this command."""
    return find_spec(f"policyeval.{command}") is not None


# Contenders ------------------------------------------------------------------


def parquet_to_parquet(threads: int) -> dict[str, Callable[[Path, Path], list[str]]]:
    """By name, the command that makes one file of another."""
    found: dict[str, Callable[[Path, Path], list[str]]] = {
        "DuckDB SQL, by hand": lambda a, b: python(
            f"bench.by_hand.batch(Path({str(a)!r}), Path({str(b)!r}), {threads})"
        )
    }
    if knows("batch"):
        found["policyeval batch"] = lambda a, b: batch(a, b, threads)
    if find_spec("pyarrow"):
        found["C kernel with pyarrow"] = lambda a, b: python(f"bench.kernel.batch({_path(a)}, {_path(b)})")
    return found


def batch(platforms: Path, out: Path, threads: int, packs: Sequence[str] = DRAFT) -> list[str]:
    out.unlink(missing_ok=True)  # a batch does not write over a file
    return [*POLICYEVAL, "batch", str(platforms), str(out), *packs, "--threads", str(threads)]


def from_memory(rows: int) -> dict[str, list[str]]:
    peers = {
        "best encoding, all columns": "openfisca_table",
        "best encoding, five amounts": "openfisca_best",
        "idiomatic, five amounts": "openfisca_arrays",
    }
    if not find_spec("openfisca_core"):
        return {}
    return {
        f"OpenFisca-core, {how}, from arrays": python(f"bench.batch.compute({peer!r}, {rows})")
        for how, peer in peers.items()
    }


def compute(peer: str, rows: int) -> None:
    """A peer over so many rows in memory, a slice at a time; prints the seconds of the processor for its computing."""
    from bench.peers.__main__ import random_rows  # noqa: PLC0415  # which imports this package's peers

    rules = import_module(f"bench.peers.{peer}").Rules()
    piece = min(SLICE, rows)
    with tempfile.TemporaryDirectory() as folder:
        some = random_rows(min(100_000, piece), Path(folder))
    given, seconds = rules.prepare(some, max(1, piece // len(some))), 0.0
    for _ in range(max(1, rows // piece)):
        start = process_time()
        rules.run(given)
        seconds += process_time() - start
    print(json.dumps({"seconds": seconds}))


def totals(platforms: Path, threads: int) -> dict[str, list[str]]:
    found = {"DuckDB SQL, by hand": python(f"bench.by_hand.totals({_path(platforms)}, {threads})")}
    if find_spec("polars"):
        found["Polars, by hand"] = python(f"bench.by_hand_polars.totals({_path(platforms)})")
    if knows("impact"):
        found["policyeval impact"] = [*POLICYEVAL, "impact", str(platforms), *DRAFT, *TOTALS]
    return found


# Tables ----------------------------------------------------------------------


def in_turn(runs: Mapping[str, Callable[[], list[str]]], rounds: int) -> dict[str, Took]:
    """The median of each, after as many rounds in which they take turns."""
    all_of: dict[str, list[Took]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, command in runs.items():
            all_of[name].append(took(command()))
            print(f"{name}: {all_of[name][-1].clock:.2f} s", file=sys.stderr, flush=True)
    return {name: Took(*(median(column) for column in zip(*some, strict=True))) for name, some in all_of.items()}


def compared(runs: Mapping[str, Callable[[], list[str]]], rows: int, rounds: int) -> None:
    """A table of the contenders, each beside the first: how many times as fast, by the clock and in processor time."""
    found = in_turn(runs, rounds)
    first = next(iter(found.values()))
    head = ("what", "took", "rows a second", "beside the first", "processor, a million rows", "beside", "peak memory")
    print_table(
        head,
        [
            (
                name,
                shown(t.clock),
                f"{rows / t.clock:,.0f}",
                f"{first.clock / t.clock:.2f}",
                shown(t.processor * 1e6 / rows),
                f"{first.processor / t.processor:.2f}",
                f"{t.peak:.0f} MB",
            )
            for name, t in found.items()
        ],
    )
    print()


def _cells(t: Took, rows: int) -> tuple[str, ...]:
    return shown(t.clock), f"{rows / t.clock:,.0f}", shown(t.processor), f"{t.peak:.0f} MB"


def grown(folder: Path, powers: Sequence[int]) -> None:
    """Time and memory as the table grows, on one thread and on two."""
    table = []
    out = folder / "out.parquet"
    for power in powers:
        platforms = folder / f"grown{power}.parquet"
        generate(platforms, 10**power)
        for threads in THREADS:
            for name, command in parquet_to_parquet(threads).items():
                if name.startswith("C "):
                    continue
                t = took(command(platforms, out))
                table.append((f"10^{power}", str(threads), name, *_cells(t, 10**power)))
        platforms.unlink()
        out.unlink(missing_ok=True)
    print_table(("rows", "threads", "what", *OF_ONE), table)
    print()


def awarded(folder: Path, threads: int) -> None:
    """`policyeval batch` under made-up packs, as bench/check.py makes them."""
    platforms, table = folder / "awarded.parquet", []
    generate(platforms, AWARDED)
    for size in AWARDS:
        file = folder / f"made{size}.yaml"
        file.write_bytes(pack(size))
        t = took(batch(platforms, folder / "out.parquet", threads, ("--with", str(file), *DRAFT[2:])))
        table.append((str(size), *_cells(t, AWARDED)))
    print_table(("awards", *OF_ONE), table)
    print()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--missing", type=float, default=0.0, metavar="SHARE", help="of all cells, to leave empty")
    parser.add_argument("--growth", type=int, metavar="N", help="from 10^4 rows to 10^N")
    parser.add_argument("--awards", action="store_true", help="made-up packs of 4 to 500 awards")
    asked = parser.parse_args()
    for command in ("batch", "impact"):
        if not knows(command):
            print(f"policyeval {command}: left out, the engine does not have it yet")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        platforms, out = folder / "platforms.parquet", folder / "out.parquet"
        generate(platforms, asked.rows, asked.missing)
        print(f"\n{asked.rows:,} rows, Parquet to Parquet, {asked.threads} threads\n")
        runs = {n: (lambda c=c: c(platforms, out)) for n, c in parquet_to_parquet(asked.threads).items()}
        runs |= {n: (lambda c=c: c) for n, c in from_memory(asked.rows).items()}
        if asked.missing:  # what the others have no notion of
            runs = {n: run for n, run in runs.items() if not n.startswith(("C ", "OpenFisca"))}
        compared(runs, asked.rows, asked.rounds)
        print(f"{asked.rows:,} rows, totals from Parquet\n")
        compared({n: (lambda c=c: c) for n, c in totals(platforms, asked.threads).items()}, asked.rows, asked.rounds)
        platforms.unlink()
        out.unlink(missing_ok=True)
        if asked.growth:
            grown(folder, range(4, asked.growth + 1))
        if asked.awards and knows("batch"):
            awarded(folder, asked.threads)
    return 0


if __name__ == "__main__":
    sys.exit(main())
