"""OpenFisca-core as its documentation teaches it: an entity, enumerations, dated parameters, one formula per concept.

Amounts are in yuan, and `value_type = float` is float32, as it is by default. Two peers use this country:
`openfisca_arrays` gives it whole columns, `openfisca_situations` its JSON situations.
"""

from __future__ import annotations

import numpy as np
from openfisca_core.entities import build_entity
from openfisca_core.indexed_enums import Enum
from openfisca_core.parameters import ParameterNode
from openfisca_core.periods import DateUnit
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

YEAR = "2023"
Platform = build_entity(key="platform", plural="platforms", label="An innovation platform", is_person=True)


class Location(Enum):
    donghai = "Donghai County"
    guanyun = "Guanyun County"
    guannan = "Guannan County"
    ganyu = "Ganyu District"
    haizhou = "Haizhou District"
    lianyun = "Lianyun District"
    gaoxin = "High-Tech Zone"
    etdz = "Economic and Technological Development Zone"
    xuwei = "Xuwei New Area"
    qidong = "Qidong City"


class Level(Enum):
    none = "None"
    municipal = "Municipal"
    provincial = "Provincial"
    national = "National"


class Performance(Enum):
    excellent = "Excellent"
    good = "Good"
    qualified = "Qualified"
    unqualified = "Unqualified"
    unrated = "Unrated"


class location(Variable):  # noqa: N801  # OpenFisca's variables are named in lower case
    value_type = Enum
    possible_values = Location
    default_value = Location.ganyu
    entity = Platform
    definition_period = DateUnit.YEAR


class level(Variable):  # noqa: N801
    value_type = Enum
    possible_values = Level
    default_value = Level.none
    entity = Platform
    definition_period = DateUnit.YEAR


class performance(Variable):  # noqa: N801
    value_type = Enum
    possible_values = Performance
    default_value = Performance.unrated
    entity = Platform
    definition_period = DateUnit.YEAR


class upstream_funding(Variable):  # noqa: N801
    value_type = float
    entity = Platform
    definition_period = DateUnit.YEAR


class contract_turnover(Variable):  # noqa: N801
    value_type = float
    entity = Platform
    definition_period = DateUnit.YEAR


class in_county(Variable):  # noqa: N801
    value_type = bool
    entity = Platform
    definition_period = DateUnit.YEAR

    def formula(platform, period):  # noqa: N805
        where = platform("location", period)
        return (where == Location.donghai) + (where == Location.guanyun) + (where == Location.guannan)


class in_city(Variable):  # noqa: N801
    value_type = bool
    entity = Platform
    definition_period = DateUnit.YEAR

    def formula(platform, period):  # noqa: N805
        return platform("location", period) != Location.qidong


class matched(Variable):  # noqa: N801
    """What is matched before rounding, by all payers together."""

    value_type = float
    entity = Platform
    definition_period = DateUnit.YEAR

    def formula(platform, period, parameters):  # noqa: N805
        national = platform("level", period) == Level.national
        provincial = platform("level", period) == Level.provincial
        funding = platform("upstream_funding", period)
        rules = parameters(period).matching
        amount = np.select(
            [national, provincial],
            [
                np.minimum(funding * rules.national.ratio, rules.national.ceiling),
                np.minimum(funding * rules.provincial.ratio, rules.provincial.ceiling),
            ],
        )
        return amount * platform("in_city", period)


class matching(Variable):  # noqa: N801
    value_type = float
    entity = Platform
    definition_period = DateUnit.YEAR

    def formula(platform, period):  # noqa: N805
        return to_fen(platform("matched", period))


class city(Variable):  # noqa: N801
    value_type = float
    entity = Platform
    definition_period = DateUnit.YEAR

    def formula(platform, period, parameters):  # noqa: N805
        share = parameters(period).matching.city_share
        return np.where(platform("in_county", period), 0, to_fen(platform("matched", period) * share))


class subsidy(Variable):  # noqa: N801
    """The performance subsidy of the draft, at most."""

    value_type = float
    entity = Platform
    definition_period = DateUnit.YEAR

    def formula(platform, period, parameters):  # noqa: N805
        rules = parameters(period).subsidy
        entitled = (
            (platform("location", period) == Location.ganyu)
            * (platform("performance", period) == Performance.excellent)
            * (platform("level", period) != Level.none)
        )
        amount = np.minimum(platform("contract_turnover", period) * rules.ratio, rules.ceiling)
        return entitled * np.floor(amount * 100) / 100


class support_min(Variable):  # noqa: N801
    value_type = float
    entity = Platform
    definition_period = DateUnit.YEAR

    def formula(platform, period):  # noqa: N805
        return platform("matching", period)


class support_max(Variable):  # noqa: N801
    value_type = float
    entity = Platform
    definition_period = DateUnit.YEAR

    def formula(platform, period):  # noqa: N805
        return platform("matching", period) + platform("subsidy", period)


class host_min(Variable):  # noqa: N801
    value_type = float
    entity = Platform
    definition_period = DateUnit.YEAR

    def formula(platform, period):  # noqa: N805
        return platform("matching", period) - platform("city", period)


class host_max(Variable):  # noqa: N801
    value_type = float
    entity = Platform
    definition_period = DateUnit.YEAR

    def formula(platform, period):  # noqa: N805
        return platform("host_min", period) + platform("subsidy", period)


def to_fen(yuan):
    """Half-up to the fen."""
    return np.floor(yuan * 100 + 0.5) / 100


def _since(value):
    return {"values": {"2021-04-12": {"value": value}}}


PARAMETERS = {
    "matching": {
        "national": {"ratio": _since(1.0), "ceiling": _since(10_000_000)},
        "provincial": {"ratio": _since(0.5), "ceiling": _since(5_000_000)},
        "city_share": _since(0.5),
    },
    "subsidy": {"ratio": _since(0.1), "ceiling": _since(1_000_000)},
}
INPUTS = (location, level, performance, upstream_funding, contract_turnover)
FORMULAS = (in_county, in_city, matched, matching, city, subsidy, support_min, support_max, host_min, host_max)
WANTED = ("support_min", "support_max", "city", "host_min", "host_max")


def country() -> TaxBenefitSystem:
    system = TaxBenefitSystem([Platform])
    system.add_variables(*INPUTS, *FORMULAS)
    system.parameters = ParameterNode("", data=PARAMETERS)
    return system
