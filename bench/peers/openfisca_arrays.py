"""OpenFisca-core, idiomatic, from whole columns: enumerations as the words of the table, amounts in yuan."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from openfisca_core.simulations import SimulationBuilder

from bench.peers import MANY, Amounts, Row, fen, yuan
from bench.peers.openfisca_country import WANTED, YEAR, country

NAME = "OpenFisca-core, idiomatic, columns"
TAKES = MANY
PACKAGES = ("openfisca-core",)


class Rules:
    def __init__(self) -> None:
        self.system = country()

    def prepare(self, rows: Sequence[Row], times: int = 1) -> dict[str, Any]:
        of = dict(zip(Row._fields, zip(*rows, strict=True), strict=True))
        columns = {name: np.array(of[name]) for name in ("location", "level", "performance")}
        columns["upstream_funding"] = np.array([yuan(amount) for amount in of["upstream"]])
        columns["contract_turnover"] = np.array([yuan(amount) for amount in of["turnover"]])
        return {name: np.tile(column, times) for name, column in columns.items()}

    def run(self, given: dict[str, Any], trace: bool = False) -> list[Any]:
        simulation = SimulationBuilder.build_default_simulation(self.system, len(given["level"]))
        simulation.trace = trace
        for name, column in given.items():
            simulation.set_input(name, YEAR, column)
        return [simulation.calculate(name, YEAR) for name in WANTED]

    def trace(self, given: dict[str, Any]) -> list[Any]:
        return self.run(given, trace=True)

    def amounts(self, done: list[Any]) -> list[Amounts]:
        return [Amounts(*map(fen, row)) for row in zip(*(column.tolist() for column in done), strict=True)]
