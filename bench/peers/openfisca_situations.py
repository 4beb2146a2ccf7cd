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
TOGETHER = 100


class Rules:
    def __init__(self) -> None:
        self.system = country()

    def prepare(self, rows: Sequence[Row], times: int = 1) -> list[dict[str, Any]]:
        """Some platforms to a situation: one with all of them takes longer for each."""
        every = [*rows] * times
        return [_situation(every[start : start + TOGETHER]) for start in range(0, len(every), TOGETHER)]

    def run(self, given: list[dict[str, Any]], trace: bool = False) -> list[Any]:
        done = []
        for situation in given:
            simulation = SimulationBuilder().build_from_entities(self.system, situation)
            simulation.trace = trace
            done.append([simulation.calculate(name, YEAR) for name in WANTED])
        return done

    def trace(self, given: list[dict[str, Any]]) -> list[Any]:
        return self.run(given, trace=True)

    def amounts(self, done: list[Any]) -> list[Amounts]:
        return [
            Amounts(*map(fen, row))
            for found in done
            for row in zip(*(column.tolist() for column in found), strict=True)
        ]


def _situation(rows: Sequence[Row]) -> dict[str, Any]:
    platforms = {
        str(number): {
            "location": {YEAR: row.location},
            "level": {YEAR: row.level},
            "performance": {YEAR: row.performance},
            "upstream_funding": {YEAR: yuan(row.upstream)},
            "contract_turnover": {YEAR: yuan(row.turnover)},
        }
        for number, row in enumerate(rows)
    }
    return {"platforms": platforms}
