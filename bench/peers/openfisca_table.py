"""OpenFisca-core in its best encoding, with all that `policyeval batch` makes of a table: every column, and facts that
may be missing.

A missing fact is -1, and so is an amount that nobody can know; there is no other way to say either in OpenFisca, where
each variable has a default. The columns are those of by_hand.sql, the formulas one for each, as OpenFisca wants them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from bench.peers import MANY, Amounts, Row, openfisca_best
from bench.peers.arrays import CEILING, LEVELS, PLACES, RATED

NAME = "OpenFisca-core, best encoding, all columns"
TAKES = MANY
PACKAGES = openfisca_best.PACKAGES
MISSING = -1
WANTED = (
    "support_min", "support_max", "unquantified", "undetermined",
    "province_min", "province_max", "city_min", "city_max", "host_min", "host_max",
)  # fmt: skip


def _share(platform: Any, period: Any, nobody: tuple[int, ...], national: Any, provincial: Any) -> Any:
    place, level = platform("place", period), platform("level", period)
    upstream = platform("upstream", period)
    share = np.where(level == 3, national, provincial)
    unknown = (place == MISSING) | (level == MISSING) | (upstream == MISSING)
    nothing = (level == 0) | (level == 1) | np.isin(place, nobody)
    return np.where(nothing, 0, np.where(unknown, MISSING, share))


def _base(platform: Any, period: Any) -> Any:
    return np.minimum(platform("upstream", period), CEILING)


def _matching(platform: Any, period: Any) -> Any:
    base = platform("base", period)
    return _share(platform, period, (3,), base, (base + 1) >> 1)


def _city(platform: Any, period: Any) -> Any:
    base = platform("base", period)
    return _share(platform, period, (1, 3), (base + 1) >> 1, (base + 2) >> 2)


def _subsidy(platform: Any, period: Any) -> Any:
    place, turnover = platform("place", period), platform("turnover", period)
    nothing = ((place != 2) & (place != MISSING)) | (platform("level", period) == 0) | (platform("rated", period) != 1)
    known = (place == 2) & (turnover != MISSING)
    return np.where(nothing, 0, np.where(known, np.minimum(turnover, CEILING) // 10, MISSING))


def _support_max(platform: Any, period: Any) -> Any:
    matching, subsidy = platform("matching", period), platform("subsidy", period)
    return np.where((matching == MISSING) | (subsidy == MISSING), MISSING, matching + subsidy)


def _host_min(platform: Any, period: Any) -> Any:
    matching = platform("matching", period)
    return np.where(matching == MISSING, 0, matching - platform("city", period))


def _host_max(platform: Any, period: Any) -> Any:
    most = platform("support_max", period)
    return np.where(most == MISSING, MISSING, most - platform("city", period))


def _nothing(platform: Any, period: Any) -> Any:
    return np.zeros(platform.count, np.int64)


FORMULAS = {
    "base": _base,
    "matching": _matching,
    "subsidy": _subsidy,
    "city": _city,
    "support_min": lambda platform, period: np.maximum(platform("matching", period), 0),
    "support_max": _support_max,
    "unquantified": lambda platform, period: platform("place", period) != MISSING,
    "undetermined": lambda platform, period: platform("support_max", period) == MISSING,
    "province_min": _nothing,
    "province_max": _nothing,
    "city_min": lambda platform, period: np.maximum(platform("city", period), 0),
    "city_max": lambda platform, period: platform("city", period),
    "host_min": _host_min,
    "host_max": _host_max,
}
DTYPES = {"unquantified": np.bool_, "undetermined": np.bool_}


class Rules(openfisca_best.Rules):
    """The same inputs in the same arrays, with room for what is missing."""

    formulas, dtypes, wanted = FORMULAS, openfisca_best.DTYPES | DTYPES, WANTED

    def prepare(self, rows: Sequence[Row], times: int = 1) -> list[Any]:
        of = dict(zip(Row._fields, zip(*rows, strict=True), strict=True))
        codes = {"location": PLACES, "level": LEVELS, "performance": RATED}
        arrays = [
            np.array([MISSING if word is None else of_word.get(word, 0) for word in of[name]], np.int8)
            for name, of_word in codes.items()
        ]
        arrays += [
            np.array([MISSING if fen is None else fen for fen in of[name]], np.int64)
            for name in ("upstream", "turnover")
        ]
        return [np.tile(array, times) for array in arrays]

    def amounts(self, done: list[Any]) -> list[Amounts]:
        of = dict(zip(WANTED, done, strict=True))
        return super().amounts([of["city_min" if name == "city" else name] for name in Amounts._fields])
