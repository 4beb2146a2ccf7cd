"""The engine's own evaluator, a platform at a time: typed facts in, amounts out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from policyeval.evaluate import Amounts as Found
from policyeval.evaluate import Evaluator
from policyeval.library import open_library
from policyeval.regime import Regimes

from bench.held import DAY, DRAFT, Typist
from bench.peers import ONE, Amounts, Row

NAME = "policyeval, its evaluator"
TAKES = ONE
PACKAGES = ("policyeval",)

Given = list[tuple[Evaluator, dict[str, Any]]]


class Rules:
    def __init__(self) -> None:
        self.library = open_library().sound()
        self.regimes = Regimes(self.library, DAY, with_=(DRAFT,))
        self.typist = Typist(self.library.vocabulary)
        self.evaluators: dict[str, Evaluator] = {}

    def prepare(self, rows: Sequence[Row], times: int = 1) -> Given:
        return [self._one(row) for row in rows] * times

    def _one(self, row: Row) -> tuple[Evaluator, dict[str, Any]]:
        if row.location not in self.evaluators:
            self.evaluators[row.location] = Evaluator(self.regimes.at(row.location).plan)
        money = {name: f"{fen // 100}.{fen % 100:02}" for name, fen in (("u", row.upstream), ("t", row.turnover))}
        cells = row._replace(upstream=money["u"], turnover=money["t"])
        return self.evaluators[row.location], self.typist(cells)

    def run(self, given: Given) -> list[Found]:
        return [evaluator.amounts(facts) for evaluator, facts in given]

    def trace(self, given: Given) -> list[Any]:
        return [evaluator.trace(facts) for evaluator, facts in given]

    def amounts(self, done: list[Found]) -> list[Amounts]:
        nothing = (0, 0)
        return [Amounts(*found.support, found.payers.get("city", nothing)[0], *found.payers["host"]) for found in done]
