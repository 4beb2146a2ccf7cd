"""A table on a Spark cluster: what DuckDB gives of the same table, whatever becomes of a worker."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest
import yaml
from click.testing import CliRunner
from engines import SWIFT, Cluster
from policyeval.cli.main import cli
from test_budgets import PROPERTY, large, pack, written

ASKED = ["--as-of", "2024-06-30", "--lang", "en"]
HEADER = "编号,所在地,平台类别,级别,上级扶持经费（万元）,当年度技术合同实际成交额,绩效考核,特别重大"
ROWS = [
    "甲,赣榆区,新型研发机构,国家级,800,0,良好,否",
    "乙,donghai,技术创新中心,省级,1200.000001,1元,,是",
    '"丙,""一""",启东市,新型研发机构,市级,,3000万元,优秀,',
    "丁,,,,0.0001,,,",
    "戊,gaoxin,专业研究所,无级别,999.999999,10000000000000元,不合格,是",
    "己,火星区,技术创新中心,国家级,800,0元,,",
    "庚,赣榆区,技术创新中心,国家级,很多,0元,差不多,",
    "辛,海州区,公共技术服务平台,国家级,2e3,500万元,良好,否",
]


def said(*arguments: str, status: int) -> str:
    result = CliRunner().invoke(cli, ["batch", *arguments, *ASKED])
    assert result.exit_code == status, result.output
    return result.stderr


def table(path: Path, times: int = 1) -> None:
    lines = [HEADER, *(row.replace(",0,良好", ",0元,良好") for row in ROWS * times)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def on(master: str, source: Path, target: str, *more: str) -> subprocess.Popen[str]:
    """A run of its own, as a user starts one."""
    command = "import sys; from policyeval.cli.main import main; sys.exit(main())"
    asked = ["batch", str(source), target, "--engine", "spark", "--master", master, *more, *ASKED]
    env = os.environ | {"JDK_JAVA_OPTIONS": SWIFT}
    return subprocess.Popen(
        [sys.executable, "-c", command, *asked], env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def ended(run: subprocess.Popen[str], status: int) -> tuple[str, str]:
    out, err = run.communicate(timeout=240)
    assert run.returncode == status, (out, err)
    return out, err


def rows_of(query: str) -> list[tuple[object, ...]]:
    return sorted(duckdb.sql(query).fetchall(), key=repr)


def test_the_same_rows_as_duckdb(cluster: Cluster, tmp_path: Path) -> None:
    table(tmp_path / "in.csv")
    said(str(tmp_path / "in.csv"), str(tmp_path / "duck.parquet"), status=1)
    out, _ = ended(on(cluster.master, tmp_path / "in.csv", f"{tmp_path}/spark/"), 1)
    assert out.startswith("8 rows: 6 in ")
    assert "2 rejected" in out
    wanted = rows_of(f"FROM '{tmp_path}/duck.parquet'")
    assert rows_of(f"FROM '{tmp_path}/spark/*.parquet'") == wanted
    assert len(wanted) == 6
    with Path(f"{tmp_path}/spark.rejects").open(encoding="utf-8", newline="") as file:
        rejects = [(row["rows"], row["column"], row["value"], row["code"]) for row in csv.DictReader(file)]
    with Path(f"{tmp_path}/duck.parquet.rejects").open(encoding="utf-8", newline="") as file:
        of_duckdb = sorted(("1", row["column"], row["value"], row["code"]) for row in csv.DictReader(file))
    assert rejects == of_duckdb
    about = json.loads(Path(f"{tmp_path}/spark/_policyeval.json").read_text(encoding="utf-8"))
    assert about["policyeval.as_of"] == "2024-06-30"
    assert not Path(f"{tmp_path}/spark.parts").exists()


def test_a_worker_that_is_lost(cluster: Cluster, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    table(tmp_path / "in.csv", 1_000)
    duckdb.sql(f"CREATE OR REPLACE TEMP TABLE texts AS FROM read_csv('{tmp_path}/in.csv', all_varchar = true)")
    amounts = 'TRY_CAST("上级扶持经费（万元）" AS DECIMAL(18, 6)) AS "上级扶持经费（万元）"'  # as programs keep them
    for n in range(8):
        duckdb.sql(f"COPY (SELECT * REPLACE ({amounts}) FROM texts) TO '{tmp_path}/in/{n}.parquet'")
    said(str(tmp_path / "in"), f"{tmp_path}/duck.parquet", status=1)
    run = on(cluster.master, tmp_path / "in", f"{tmp_path}/spark/")
    until = time.monotonic() + 200
    while not list(tmp_path.glob("spark.parts/_temporary/*/_temporary/*")):
        assert run.poll() is None, run.communicate()
        assert time.monotonic() < until
        time.sleep(0.02)
    cluster.kill_worker(0)
    out, _ = ended(run, 1)
    cluster.whole()
    assert out.startswith("64,000 rows: ")
    counted = "SELECT *, count(*) FROM '{}' GROUP BY ALL"
    assert rows_of(counted.format(f"{tmp_path}/spark/*.parquet")) == rows_of(counted.format(f"{tmp_path}/duck.parquet"))


def test_budgets_are_those_of_duckdb(cluster: Cluster, tmp_path: Path) -> None:
    words = pack(PROPERTY, {"year": [["match", "prize"], 12345678901], "rewards": [["reward"], 98765432]})
    rules = tmp_path / "town.yaml"
    rules.write_text(yaml.safe_dump(words, allow_unicode=True, sort_keys=False), encoding="utf-8")
    source, packs = written(large(500), tmp_path / "in.csv"), ["--packs", str(rules)]
    told = said(str(source), str(tmp_path / "duck.parquet"), *packs, status=0)
    out, err = ended(on(cluster.master, source, f"{tmp_path}/spark/", *packs), 0)
    assert out.startswith("500 rows: 500 in ")
    assert err == told
    assert err.count("B460 note: the budget `town/") == 2
    assert rows_of(f"FROM '{tmp_path}/spark/*.parquet'") == rows_of(f"FROM '{tmp_path}/duck.parquet'")
    about = json.loads(Path(f"{tmp_path}/spark/_policyeval.json").read_text(encoding="utf-8"))
    kept = duckdb.sql(f"SELECT key, value FROM parquet_kv_metadata('{tmp_path}/duck.parquet')").fetchall()
    assert about["policyeval.budgets"].encode() == dict(kept)[b"policyeval.budgets"]


def test_what_spark_cannot_do_is_said_in_a_line(cluster: Cluster, tmp_path: Path) -> None:
    del cluster  # Spark is there
    table(tmp_path / "in.csv")
    _, err = ended(on("nowhere", tmp_path / "in.csv", f"{tmp_path}/spark/"), 2)
    assert err.startswith("B302 ")
    assert len(err.splitlines()) == 1
    assert [p.name for p in tmp_path.iterdir()] == ["in.csv"]


def test_without_pyspark(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "pyspark.errors", None)
    monkeypatch.setitem(sys.modules, "pyspark", None)
    table(tmp_path / "in.csv")
    err = said(str(tmp_path / "in.csv"), "out/", "--engine", "spark", status=2)
    assert err.startswith("B301 ")
    assert "pip install policyeval[spark]" in err


@pytest.mark.parametrize(
    ("more", "code"),
    [
        (["out/", "--engine", "spark", "--resume"], "B305"),
        (["out/", "--engine", "spark", "--threads", "2"], "B305"),
        (["out/", "--master", "local"], "B305"),
        (["out.xlsx", "--engine", "spark"], "B306"),
    ],
)
def test_what_does_not_go_together(more: list[str], code: str, tmp_path: Path) -> None:
    assert said(str(tmp_path / "in.csv"), *more, status=2).startswith(f"{code} ")


def test_duckdb_may_be_named(tmp_path: Path) -> None:
    table(tmp_path / "in.csv")
    said(str(tmp_path / "in.csv"), str(tmp_path / "out.csv"), "--engine", "duckdb", status=1)
