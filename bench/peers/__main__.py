"""`python -m bench.peers [ROWS [PEER…]]`: what others need for the same rules, as a table.

In: random platforms (10,000 unless told), each tool's own writing of the rules in this folder. Out: a table. Each peer
runs in a process of its own, one after the other, and is left out with a line where it is not installed. Amounts are
held against bench/reference.py. A cold start is a whole process that loads the rules and evaluates one platform, the
median of some; that and all rows are counted in processor time, of which two threads use twice as much as a clock. Of
one evaluation the quickest counts by the clock, and of all rows the quickest round.
"""

from __future__ import annotations

import json
import os
import platform as machine
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

import duckdb

from bench.__main__ import in_turn, of_processes, print_table, shown
from bench.data import COLUMNS, generate
from bench.peers import Amounts, Row, decimals

ROWS = 10_000
STARTS = 5
ROOT = Path(__file__).resolve().parents[2]
NODE_PEER = ROOT / "bench" / "publicodes" / "run.mjs"
PEERS = (
    "c_kernel",
    "arrays",
    "duckdb_sql",
    "openfisca_best",
    "openfisca_table",
    "openfisca_arrays",
    "openfisca_situations",
    "integers",
    "decimals",
    "policyeval_batch",
    "policyeval_rows",
    "cel_rust",
    "cel_python",
    "gorules",
    "publicodes",
)
HEAD = (
    "tool", "rows a second", "at a time", "one", "with trace", "cold start", "peak memory", "rows wrong", "by up to",
)  # fmt: skip


def random_rows(number: int, folder: Path) -> list[Row]:
    """The first rows of bench/data.py."""
    file = folder / "platforms.parquet"
    generate(file, number)
    money = {"upstream_funding", "contract_turnover"}
    cells = (f"CAST({name} * 100 AS BIGINT)" if name in money else name for name in COLUMNS)
    with duckdb.connect() as base:
        return [Row(*row) for row in base.execute(f"SELECT {', '.join(cells)} FROM '{file}'").fetchall()]


def command(peer: str, rows: Path, what: str) -> list[str] | None:
    if peer == "publicodes":
        node = shutil.which("node")
        return [node, str(NODE_PEER), str(rows), what] if node else None
    return [sys.executable, "-m", "bench.peers.child", peer, str(rows), what]


def measured(peer: str, rows: Path) -> dict[str, Any]:
    """What the peer's process says of itself, and its cold start."""
    measure, start = command(peer, rows, "measure"), command(peer, rows, "start")
    if measure is None or start is None:
        return {"skipped": "node is not installed"}
    found: dict[str, Any] = json.loads(_run(measure))
    if "skipped" not in found:
        took = in_turn(lambda: _run(start), rounds=STARTS, clock=of_processes)
        found["start"] = median(seconds for (seconds,) in took)
    return found


def _run(asked: Sequence[str]) -> str:
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(asked, capture_output=True, text=True, cwd=ROOT, env=kept, check=False, timeout=900)
    if done.returncode:
        raise SystemExit(f"{' '.join(asked)}\n{done.stderr}")
    return done.stdout


def wrong(found: Sequence[Sequence[int]], right: Sequence[Amounts]) -> tuple[int, int]:
    """How many rows differ, and by how many fen the worst of their amounts."""
    gaps = [max(abs(a - b) for a, b in zip(*pair, strict=True)) for pair in zip(found, right, strict=True)]
    return sum(gap > 0 for gap in gaps), max(gaps)


def cells(found: dict[str, Any], right: Sequence[Amounts]) -> tuple[str, ...]:
    rows, most = wrong(found["found"], right)
    one, traced = (shown(found[key]) if found[key] is not None else "" for key in ("one", "traced"))
    peak = "" if found["peak"] is None else f"{found['peak']:.0f} MB"
    worst = f"{most} fen" if rows else ""
    rate = f"{found['rate']:,.0f}"
    return found["name"], rate, found["takes"], one, traced, shown(found["start"]), peak, str(rows), worst


def main(number: int = ROWS, peers: Sequence[str] = PEERS) -> int:
    print(f"Python {machine.python_version()}, {machine.system()} {machine.machine()}, {os.cpu_count()} processors")
    table: list[tuple[str, ...]] = []
    versions: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as folder:
        rows = random_rows(number, Path(folder))
        file = Path(folder) / "rows.json"
        file.write_text(json.dumps(rows), encoding="utf-8")
        by_hand = decimals.Rules()
        right = by_hand.amounts(by_hand.run(by_hand.prepare(rows)))
        for peer in peers:
            found = measured(peer, file)
            if "skipped" in found:
                print(f"{peer}: left out, {found['skipped']}", flush=True)
                continue
            versions |= found["versions"]
            table.append(cells(found, right))
            print(f"{found['name']}: {table[-1][1]} rows a second", file=sys.stderr, flush=True)
    print(", ".join(f"{package} {version}" for package, version in sorted(versions.items())), "\n")
    print_table(HEAD, table)
    return 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:2]), *([sys.argv[2:]] if sys.argv[2:] else [])))
