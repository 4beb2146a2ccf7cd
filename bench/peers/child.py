"""One peer in a process of its own: `python -m bench.peers.child MODULE ROWS.json start|measure`.

In: rows as JSON. `start`: loads the rules, evaluates one row, says nothing. `measure`: prints one JSON object: rows a
second over all rows (over a hundred times as many where a tool takes whole columns), the seconds of one evaluation
without and with a trace, the peak of memory after the rows in MB, and the amounts of each row.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from time import perf_counter
from types import ModuleType
from typing import Any

from bench.peers import MANY, Row
from bench.processes import high_water, spent

TIMES = 100  # as many rows for what takes columns
ROUNDS = 5  # of all rows, where a round is short
LONG = 3.0  # seconds after which there is no further round
BUDGET = 1.0  # seconds for evaluations of one row


def measured(peer: ModuleType, rows: list[Row]) -> dict[str, Any]:
    rules = peer.Rules()
    times = TIMES if peer.TAKES == MANY else 1
    given, took = rules.prepare(rows, times), 0.0
    rounds: list[float] = []
    while len(rounds) < ROUNDS and took < LONG:
        start = spent()
        done = rules.run(given)
        rounds.append(spent() - start)
        took += rounds[-1]
    peak = getattr(rules, "peak", None) or high_water()
    if times > 1:
        given = rules.prepare(rows)
        done = rules.run(given)
    found = rules.amounts(done)
    one = rules.prepare([next(row for row in rows if _at_work(row))])
    return {
        "name": peer.NAME,
        "takes": peer.TAKES,
        "versions": {package: _version(package) for package in peer.PACKAGES},
        "rate": len(rows) * times / min(rounds),
        "rows": len(rows) * times,
        "one": _quickest(lambda: rules.run(one)),
        "traced": _quickest(lambda: rules.trace(one)) if hasattr(rules, "trace") else None,
        "peak": peak,
        "found": found,
    }


def _at_work(row: Row) -> bool:
    """A platform to which every rule applies."""
    return (row.location, row.level, row.performance) == ("ganyu", "national", "excellent")


def _quickest(run: Callable[[], object]) -> float:
    best, end = float("inf"), perf_counter() + BUDGET
    while (start := perf_counter()) < end:
        run()
        best = min(best, perf_counter() - start)
    return best


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "?"


def main(module: str, rows: str, what: str) -> int:
    try:
        peer = import_module(f"bench.peers.{module}")
    except ImportError as missing:
        print(json.dumps({"skipped": f"{missing.name} is not installed"}))
        return 0
    read = [Row(*row) for row in json.loads(Path(rows).read_text(encoding="utf-8"))]
    if what == "start":
        rules = peer.Rules()
        rules.run(rules.prepare(read[:1]))
    else:
        print(json.dumps(measured(peer, read)))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
