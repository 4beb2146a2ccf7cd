"""By hand with `Decimal`: bench/reference.py, against which all others are held."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bench.peers import ONE, Amounts, Row
from bench.reference import reference

NAME = "Python with Decimal, by hand"
TAKES = ONE
PACKAGES = ()


class Rules:
    def prepare(self, rows: Sequence[Row], times: int = 1) -> list[tuple[Any, ...]]:
        return [(r.upstream, r.turnover, r.level, r.performance, r.location) for r in rows] * times

    def run(self, given: list[tuple[Any, ...]]) -> list[Any]:
        return [reference(*one) for one in given]

    def amounts(self, done: list[Any]) -> list[Amounts]:
        return [Amounts(*map(int, (*support, payers["city"][0], *payers["host"]))) for support, payers in done]
