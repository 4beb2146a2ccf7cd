"""`policyeval batch` as a process, Parquet to Parquet: here reading, writing and starting count too."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pyarrow.parquet as pq

from bench.batch import batch
from bench.peers import MANY, Amounts, Row
from bench.peers.c_kernel import Rules as Arrow
from bench.peers.c_kernel import table
from bench.processes import took

NAME = "policyeval batch, as a process"
TAKES = MANY
PACKAGES = ("policyeval",)


class Rules:
    def __init__(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.peak = 0.0

    def prepare(self, rows: Sequence[Row], times: int = 1) -> Path:
        file = Path(self.folder.name) / f"platforms{len(rows) * times}.parquet"
        pq.write_table(table(rows, times), file, store_decimal_as_integer=True)
        return file

    def run(self, given: Path) -> Path:
        out = given.with_name("out.parquet")
        self.peak = took(batch(given, out, os.cpu_count() or 1)).peak
        return out

    def amounts(self, done: Path) -> list[Amounts]:
        return Arrow().amounts(pq.read_table(done))
