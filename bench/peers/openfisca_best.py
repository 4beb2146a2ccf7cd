"""OpenFisca-core in its best encoding: whole fen in int64, words as numbers, as few formulas as there are amounts.

`value_type = int` is int32, which ends at 21,474,836.47元; the variables are told another dtype, which no part of the
documentation offers, and then it is exact. What is decided at load time in the engine is written out here by hand.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from openfisca_core.entities import build_entity
from openfisca_core.periods import DateUnit
from openfisca_core.simulations import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

from bench.peers import MANY, arrays

NAME = "OpenFisca-core, best encoding"
TAKES = MANY
PACKAGES = ("openfisca-core",)

YEAR = "2023"
CEILING = arrays.CEILING
Platform = build_entity(key="platform", plural="platforms", label="An innovation platform", is_person=True)
DTYPES = {"place": np.int8, "level": np.int8, "rated": np.int8}
INPUTS = ("place", "level", "rated", "upstream", "turnover")
WANTED = ("matching", "support_max", "city", "host_min", "host_max")


def _variable(name: str, formula: Any = None) -> type[Variable]:
    said = {"value_type": int, "entity": Platform, "definition_period": DateUnit.YEAR}
    return type(name, (Variable,), said | ({"formula": formula} if formula else {}))


def _matching(platform: Any, period: Any) -> Any:
    level, base = platform("level", period), np.minimum(platform("upstream", period), CEILING)
    whole = np.where(level == 3, base, (base + 1) >> 1)
    return np.where((level >= 2) & (platform("place", period) != 3), whole, 0)


def _city(platform: Any, period: Any) -> Any:
    level, base = platform("level", period), np.minimum(platform("upstream", period), CEILING)
    share = np.where(level == 3, (base + 1) >> 1, (base + 2) >> 2)
    place = platform("place", period)
    return np.where((level >= 2) & ((place == 0) | (place == 2)), share, 0)


def _subsidy(platform: Any, period: Any) -> Any:
    entitled = (platform("place", period) == 2) & (platform("rated", period) == 1) & (platform("level", period) >= 1)
    return np.where(entitled, np.minimum(platform("turnover", period), CEILING) // 10, 0)


def _support_max(platform: Any, period: Any) -> Any:
    return platform("matching", period) + platform("subsidy", period)


def _host_min(platform: Any, period: Any) -> Any:
    return platform("matching", period) - platform("city", period)


def _host_max(platform: Any, period: Any) -> Any:
    return platform("host_min", period) + platform("subsidy", period)


FORMULAS = {
    "matching": _matching,
    "city": _city,
    "subsidy": _subsidy,
    "support_max": _support_max,
    "host_min": _host_min,
    "host_max": _host_max,
}


class Rules(arrays.Rules):
    """Takes the very arrays that NumPy by hand takes."""

    formulas, dtypes, wanted = FORMULAS, DTYPES, WANTED

    def __init__(self) -> None:
        self.system = TaxBenefitSystem([Platform])
        for name in (*INPUTS, *self.formulas):
            self.system.add_variable(_variable(name, self.formulas.get(name)))
            self.system.get_variable(name).dtype = self.dtypes.get(name, np.int64)

    def run(self, given: list[Any], trace: bool = False) -> list[Any]:
        simulation = SimulationBuilder.build_default_simulation(self.system, len(given[0]))
        simulation.trace = trace
        for name, column in zip(INPUTS, given, strict=True):
            simulation.set_input(name, YEAR, column)
        return [simulation.calculate(name, YEAR) for name in self.wanted]

    def trace(self, given: list[Any]) -> list[Any]:
        return self.run(given, trace=True)
