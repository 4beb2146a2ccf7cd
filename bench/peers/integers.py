"""By hand with whole fen."""

from __future__ import annotations

from collections.abc import Sequence

from bench.peers import ONE, Amounts, Row

NAME = "Python with int, by hand"
TAKES = ONE
PACKAGES = ()

COUNTIES = frozenset({"donghai", "guanyun", "guannan"})
CEILING = 1000_0000_00  # of what is matched, at both levels: a provincial platform is matched with half


def support(row: Row) -> Amounts:
    whole = city = subsidy = 0
    if row.level in ("national", "provincial") and row.location != "qidong":
        base = min(row.upstream, CEILING)
        national = row.level == "national"
        whole = base if national else (base + 1) // 2
        if row.location not in COUNTIES:
            city = (base + 1) // 2 if national else (base + 2) // 4
    if row.location == "ganyu" and row.performance == "excellent" and row.level != "none":
        subsidy = min(row.turnover, CEILING) // 10
    return Amounts(whole, whole + subsidy, city, whole - city, whole - city + subsidy)


class Rules:
    def prepare(self, rows: Sequence[Row], times: int = 1) -> list[Row]:
        return [*rows] * times

    def run(self, given: list[Row]) -> list[Amounts]:
        return [support(row) for row in given]

    def amounts(self, done: list[Amounts]) -> list[Amounts]:
        return done
