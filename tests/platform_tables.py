"""Tables of platforms for tests: rows as a CSV file has them."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random

from policyeval.money import yuan
from regimes import shipped

FACTS = ("location", "kind", "level", "upstream_funding", "contract_turnover", "performance", "exceptional")

Row = Mapping[str, str]


def table(rows: Sequence[Row], path: Path, columns: Sequence[str] = FACTS) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        write = csv.writer(file)
        write.writerow(columns)
        write.writerows([row.get(name, "") for name in columns] for row in rows)
    return path


def platforms(count: int, seed: int, missing: float) -> list[dict[str, str]]:
    """Random rows as a table has them, the amounts beside the ceilings of the documents."""
    rnd, words = Random(seed), shipped().vocabulary
    hosts = [p for p in words.places if words.nearest(p, words.facts["host_tier"].derived.nearest)]  # type: ignore[union-attr]

    def amount() -> str:
        fen = rnd.choice((0, 500_0000_00, 1000_0000_00, 2000_0000_00)) + rnd.randrange(-3, 4)
        return yuan(rnd.choice((max(0, fen), rnd.randrange(3 * 10**9))))

    rows = []
    for _ in range(count):
        row = {name: rnd.choice(list(words.facts[name].values)) for name in ("kind", "level", "performance")}
        row |= {"location": rnd.choice(["ganyu", "ganyu", *hosts]), "exceptional": rnd.choice(("true", "false"))}
        row |= {"upstream_funding": amount(), "contract_turnover": amount()}
        rows.append({name: "" if rnd.random() < missing else row[name] for name in FACTS})
    return rows
