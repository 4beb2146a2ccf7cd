"""`policyeval batch` as a process, Parquet to Parquet: here reading, writing and starting count too."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pyarrow.parquet as pq

from bench.batch import DRAFT, POLICYEVAL
from bench.peers import MANY, Amounts, Row
from bench.peers.c_kernel import Rules as Arrow
from bench.peers.c_kernel import table

NAME = "policyeval batch, as a process"
TAKES = MANY
PACKAGES = ("policyeval",)


class Rules:
    def __init__(self) -> None:
        self.folder = tempfile.TemporaryDirectory()

    def prepare(self, rows: Sequence[Row], times: int = 1) -> Path:
        file = Path(self.folder.name) / f"platforms{len(rows) * times}.parquet"
        pq.write_table(table(rows, times), file, store_decimal_as_integer=True)
        return file

    def run(self, given: Path) -> Path:
        out = given.with_name("out.parquet")
        subprocess.run(
            [*POLICYEVAL, "batch", str(given), str(out), *DRAFT, "--overwrite"], check=True, capture_output=True
        )
        return out

    def amounts(self, done: Path) -> list[Amounts]:
        return Arrow().amounts(pq.read_table(done))
