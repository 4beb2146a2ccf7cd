"""NumPy, by hand: whole fen as int64, words as numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from bench.peers import MANY, Amounts, Row

NAME = "NumPy, by hand"
TAKES = MANY
PACKAGES = ("numpy",)

PLACES = {"donghai": 1, "guanyun": 1, "guannan": 1, "ganyu": 2, "qidong": 3}
LEVELS = {"municipal": 1, "provincial": 2, "national": 3}
RATED = {"excellent": 1}
CEILING = 1000_0000_00


def coded(words: Iterable[str], meaning: dict[str, int]) -> Any:
    return np.array([meaning.get(word, 0) for word in words], np.int8)


class Rules:
    def prepare(self, rows: Sequence[Row], times: int = 1) -> list[Any]:
        columns = list(zip(*rows, strict=True))
        of = dict(zip(Row._fields, columns, strict=True))
        arrays = [
            coded(of["location"], PLACES),
            coded(of["level"], LEVELS),
            coded(of["performance"], RATED),
            np.array(of["upstream"], np.int64),
            np.array(of["turnover"], np.int64),
        ]
        return [np.tile(array, times) for array in arrays]

    def run(self, given: list[Any]) -> list[Any]:
        place, level, rated, upstream, turnover = given
        base = np.minimum(upstream, CEILING)
        national, matched = level == 3, (level >= 2) & (place != 3)
        half = (base + 1) // 2
        whole = np.where(matched, np.where(national, base, half), 0)
        city = np.where(matched & (place != 1), np.where(national, half, (base + 2) // 4), 0)
        subsidised = (place == 2) & (rated == 1) & (level >= 1)
        subsidy = np.where(subsidised, np.minimum(turnover, CEILING) // 10, 0)
        own = whole - city
        return [whole, whole + subsidy, city, own, own + subsidy]

    def amounts(self, done: list[Any]) -> list[Amounts]:
        return [Amounts(*row) for row in zip(*(column.tolist() for column in done), strict=True)]
