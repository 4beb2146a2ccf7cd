"""OpenFisca-core, idiomatic, from situations: what its documentation and its web API take for some platforms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from openfisca_core.simulations import SimulationBuilder

from bench.peers import ONE, Amounts, Row, fen, yuan
from bench.peers.openfisca_country import WANTED, YEAR, country

NAME = "OpenFisca-core, idiomatic, situations"
TAKES = ONE
PACKAGES = ("openfisca-core",)


class Rules:
    def __init__(self) -> None:
        self.system = country()

    def prepare(self, rows: Sequence[Row], times: int = 1) -> dict[str, Any]:
        """All platforms of a run are one situation, which is the quickest way to give it many."""
        platforms = {
            str(number): {
                "location": {YEAR: row.location},
                "level": {YEAR: row.level},
                "performance": {YEAR: row.performance},
                "upstream_funding": {YEAR: yuan(row.upstream)},
                "contract_turnover": {YEAR: yuan(row.turnover)},
            }
            for number, row in enumerate([*rows] * times)
        }
        return {"platforms": platforms}

    def run(self, given: dict[str, Any], trace: bool = False) -> list[Any]:
        simulation = SimulationBuilder().build_from_entities(self.system, given)
        simulation.trace = trace
        return [simulation.calculate(name, YEAR) for name in WANTED]

    def trace(self, given: dict[str, Any]) -> list[Any]:
        return self.run(given, trace=True)

    def amounts(self, done: list[Any]) -> list[Amounts]:
        return [Amounts(*map(fen, row)) for row in zip(*(column.tolist() for column in done), strict=True)]
