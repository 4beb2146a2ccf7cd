"""The engines of `engines.py`: they answer, they come back, and nothing of them stays."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from engines import Postgres

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

FEN = 10**17 + 1  # no double holds it


def test_postgres_answers(database: str) -> None:
    import psycopg

    with psycopg.connect(database) as connection:
        assert connection.execute("select 1").fetchone() == (1,)
        assert connection.execute("select %s::bigint, %s", (FEN, "赣榆区")).fetchone() == (FEN, "赣榆区")
        assert connection.execute("show server_encoding").fetchone() == ("UTF8",)


def test_postgres_is_heard_on_the_loopback_alone(postgres: Postgres) -> None:
    import psycopg

    with psycopg.connect(postgres.url()) as connection:
        assert connection.execute("show listen_addresses").fetchone() == ("127.0.0.1",)


def test_spark_answers(spark: SparkSession) -> None:
    from pyspark.sql import functions as f

    rows = spark.range(0, 100_000, 1, 8).select((f.lit(FEN) + f.col("id")).alias("fen"))
    assert dict(rows.dtypes) == {"fen": "bigint"}
    total = rows.select(f.sum(f.col("fen").cast("decimal(38, 0)")).alias("fen")).collect()[0]["fen"]
    assert int(total) == FEN * 100_000 + 99_999 * 100_000 // 2


INNER = """
import time
from pathlib import Path

from engines import state_of

def test_waits(postgres):
    Path("pid").write_text(str(state_of(postgres.folder)["pids"]["postgres"]))
    time.sleep(60)
"""


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_runs_on_after_a_run_that_is_cut_short(postgres: Postgres, how: signal.Signals) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o711)
        (folder / "conftest.py").write_text('pytest_plugins = ["engines"]')
        (folder / "test_inner.py").write_text(INNER)
        env = os.environ | {"PYTHONPATH": str(Path(__file__).parent), "TMPDIR": name}
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", name]
        run = subprocess.Popen(command, cwd=name, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait(lambda: (folder / "pid").exists() and (folder / "pid").read_text() != "")
        run.send_signal(how)
        run.wait()
        wait(lambda: not runs(int((folder / "pid").read_text())))
        wait(lambda: not list(folder.glob("policyeval-engines-*/postgres")))


def wait(until: Callable[[], bool]) -> None:
    over = time.monotonic() + 60
    while not until():
        assert time.monotonic() < over
        time.sleep(0.1)


def runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
