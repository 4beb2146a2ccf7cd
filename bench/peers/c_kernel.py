"""The C kernel over Arrow columns in memory: the limit."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pyarrow as pa

from bench import kernel
from bench.data import COLUMNS
from bench.peers import MANY, Amounts, Row

NAME = "C kernel (the limit)"
TAKES = MANY
PACKAGES = ("pyarrow",)


class Rules:
    def __init__(self) -> None:
        kernel.compiled()

    def prepare(self, rows: Sequence[Row], times: int = 1) -> Any:
        return table(rows, times)

    def run(self, given: Any) -> Any:
        return kernel.computed(given)

    def amounts(self, done: Any) -> list[Amounts]:
        names = ("support_min", "support_max", "city_min", "host_min", "host_max")
        columns = (done[name].to_pylist() for name in names)
        return [Amounts(*(int(cell * 100) for cell in row)) for row in zip(*columns, strict=True)]


def table(rows: Sequence[Row], times: int = 1) -> Any:
    """The rows as Arrow has them: money as DECIMAL(18,2), words as numbers into a dictionary."""
    columns = {}
    for name, cells in zip(COLUMNS, zip(*rows, strict=True), strict=True):
        if name in kernel.TEXTS:
            columns[name] = pa.array(cells).dictionary_encode()
        elif name == "exceptional":
            columns[name] = pa.array(cells)
        else:
            columns[name] = pa.array([Decimal(fen).scaleb(-2) for fen in cells], kernel.YUAN)
    return pa.concat_tables([pa.table(columns)] * times).combine_chunks()
