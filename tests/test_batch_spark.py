"""A table on a Spark cluster: what DuckDB gives of the same table, whatever becomes of a worker."""

from __future__ import annotations

import codecs
import csv
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from threading import Thread
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
import yaml
from click.testing import CliRunner
from engines import LOOPBACK, SWIFT, Cluster, free_port, works_on_all
from policyeval.batch.spark_csv import Csv
from policyeval.cli.main import cli
from policyeval.regime import Tell
from test_batch import DAMAGE, GOOD, HEADER
from test_budgets import PROPERTY, large, pack, written

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

ASKED = ["--as-of", "2024-06-30", "--lang", "en"]
NAMES = "编号,所在地,平台类别,级别,上级扶持经费（万元）,当年度技术合同实际成交额,绩效考核,特别重大"
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
# beside the damage of other tables: rows of several lines, quotes that stay open, blank rows, odd ends of lines
ODD = [
    b"",
    b",,,,,,",
    b",,,,,,,,,",
    b'"ganyu",,"national",1,1,,',
    b'"ganyu",,national,1,1,,,',
    b'"ganyu",,"na""t""",1,1,,',
    b'"ganyu\n",,national,1,1,,',
    b'ganyu,,"national\r\n",1,1,,',
    b'ganyu,,national,1,1,,"\n\nno\r\n"',
    b'"ganyu,,national',
    b'ganyu,,"national,1,1',
    b'"gan"yu,,"x',
    b'"a","b,c",,,,,""',
    b'gan\xffyu,,"na',
    b"\xed\xa0\x80,,,,,,",
    b"\xef\xbf\xbd,,,,,,",
    GOOD[0].encode() + b"\r",
    GOOD[0].encode() + b"\r" + GOOD[1].encode(),
    b"gan\xff\r" + GOOD[0].encode(),
]


# damage that depends on the encoding; where reading goes on behind it decides what the quotes and commas there are
FOREIGN: dict[str, list[bytes]] = {
    "gb18030": [
        "乗|亅,,漒,1,1,,".encode("gb18030"),
        "\ufffd\U0001f600,,㐀,1,1,,".encode("gb18030"),
        b"gan\x80yu,,national,1,1,,",
        b"ganyu,,national,1,1,,\x81",
        b'\x81"ganyu",,"national",1,1,,',
        b'"gan\x81",,"national",1,1,,',
        b'"gan\x810",,"national",1,1,,',
        b'"gan\x810\x81",,"national",1,1,,',
        b"\xe3\x32\x9a\x36,,national,1,1,,",
        b'ganyu,,"national,\x810',
    ],
    "utf-16-be": [
        "上乊∢Ⰰ਀,,∬,1,1,,".encode("utf-16-be"),
        '\ud800"ganyu",,"national",1,1,,'.encode("utf-16-be", "surrogatepass"),
        '"gan\udc00",,"national\ud800",1,1,,'.encode("utf-16-be", "surrogatepass"),
        'ganyu,,"national,\ud800'.encode("utf-16-be", "surrogatepass"),
    ],
}


def said(*arguments: str, status: int) -> str:
    result = CliRunner().invoke(cli, ["batch", *arguments, *ASKED])
    assert result.exit_code == status, result.output
    return result.stderr


def told(*arguments: str, status: int) -> str:
    result = CliRunner().invoke(cli, ["batch", *arguments, *ASKED])
    assert result.exit_code == status, result.output
    return result.stdout


def both(*arguments: str, status: int) -> str:
    result = CliRunner().invoke(cli, ["batch", *arguments, *ASKED])
    assert result.exit_code == status, result.output
    return result.output


def on(cluster: Cluster, *more: str) -> list[str]:
    return ["--engine", "spark", "--master", cluster.master, *more]


def table(path: Path, times: int = 1) -> None:
    lines = [NAMES, *(row.replace(",0,良好", ",0元,良好") for row in ROWS * times)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def parquet(folder: Path, files: int, times: int) -> None:
    folder.mkdir()
    table(folder / "texts", times)
    amounts = 'TRY_CAST("上级扶持经费（万元）" AS DECIMAL(18, 6)) AS "上级扶持经费（万元）"'  # as programs keep them
    duckdb.sql(f"CREATE OR REPLACE TEMP TABLE texts AS FROM read_csv('{folder / 'texts'}', all_varchar = true)")
    for n in range(files):
        duckdb.sql(f"COPY (SELECT * REPLACE ({amounts}) FROM texts) TO '{folder}/{n}.parquet'")
    (folder / "texts").unlink()


def rows_of(query: str) -> list[tuple[object, ...]]:
    return sorted(duckdb.sql(query).fetchall(), key=repr)


def csv_of(path: str) -> list[tuple[object, ...]]:
    return rows_of(f"FROM read_csv('{path}', all_varchar = true, header = true, quote = '\"', escape = '\"')")


def same_rejects(folder: Path, spark: str, duck: str) -> None:
    assert (folder / f"{spark}.rejects").read_bytes() == (folder / f"{duck}.rejects").read_bytes()


def left(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


# The same as DuckDB -----------------------------------------------------------------


@pytest.fixture
def in_parts(spark: SparkSession, monkeypatch: pytest.MonkeyPatch) -> None:
    """A text is read in parts of a few lines; what is made of it as ever."""
    names = ("spark.sql.files.maxPartitionBytes", "spark.sql.files.openCostInBytes")

    def put_together(read: Csv, go_on: Callable[[Csv], None] = Csv._put_together) -> None:
        assert len(read.spans) > 4
        for name in names:
            spark.conf.unset(name)
        go_on(read)

    monkeypatch.setattr(Csv, "_put_together", put_together)
    for name, value in zip(names, (2_000, 1), strict=True):
        spark.conf.set(name, value)


def in_encoding(line: bytes, encoding: str) -> bytes:
    """What is damaged stays so."""
    text = line.decode("utf-8", "surrogateescape")
    return text.encode(encoding, "surrogateescape" if encoding == "gb18030" else "surrogatepass")


@pytest.mark.usefixtures("in_parts")
@pytest.mark.parametrize("encoding", ["utf-8", *FOREIGN])
def test_damage_in_a_file_that_is_read_in_parts(encoding: str, cluster: Cluster, tmp_path: Path) -> None:
    """The same rows are sent away as by DuckDB, with the same lines and reasons, and the others are right; the same is
    said of the file."""
    chance, some = Random(6), [*DAMAGE, *ODD]
    if encoding != "utf-8":
        some = [*FOREIGN[encoding], *(in_encoding(line, encoding) for line in some)]
    good = [row.encode(encoding) for row in GOOD]
    lines = [HEADER[:-1].decode().encode(encoding), *some, *(chance.choice([*some, *good]) for _ in range(300))]
    mark, end = codecs.BOM_UTF16_BE if encoding == "utf-16-be" else b"", b"" if encoding == "utf-8" else b"\x81"
    (tmp_path / "in.csv").write_bytes(mark + "\n".encode(encoding).join(lines) + end)
    duck = both(str(tmp_path / "in.csv"), f"{tmp_path}/duck.csv", status=1)
    spark = both(str(tmp_path / "in.csv"), f"{tmp_path}/spark.csv", *on(cluster), status=1)
    assert spark == duck.replace("duck", "spark")
    assert " blank" in spark
    assert (f" is read as {encoding.upper().removesuffix('-BE')}\n" in spark) == (encoding != "utf-8")
    same_rejects(tmp_path, "spark.csv", "duck.csv")
    assert csv_of(f"{tmp_path}/spark.csv/*.csv") == csv_of(f"{tmp_path}/duck.csv")


@pytest.mark.usefixtures("spark")
def test_several_files_of_csv(cluster: Cluster, tmp_path: Path) -> None:
    """Two columns, so that no line is sure to begin a row; another delimiter; lines and an encoding of its own for each
    file.
    """
    (tmp_path / "in.csv").mkdir()
    files = {
        "年 1": ("utf-8-sig", ["ganyu;A", "火星;", '"gan', 'yu";B']),
        "年 2": ("utf-16", ["qidong", "donghai;B"]),
        "年 3": ("gb18030", ["qidong;上", "东海县;", "火星;"]),
        "年 4": ("utf-8", []),
    }
    for name, (encoding, rows) in files.items():
        (tmp_path / "in.csv" / f"{name}.csv").write_text("\n".join(["location;id", *rows]), encoding=encoding)
    (tmp_path / "in.csv" / "年 0.csv").touch()
    facts = ("level=national", "kind=new_rnd_institution", "upstream_funding=1", "contract_turnover=0")
    more = [option for fact in facts for option in ("--set", fact)]
    out = both(f"{tmp_path}/in.csv", f"{tmp_path}/out/", *more, *on(cluster), status=1)
    assert [line for line in out.splitlines() if line.startswith("Q20")] == [
        f"Q203 note: `file:{tmp_path}/in.csv/年 2.csv` is read as UTF-16",
        f"Q203 note: `file:{tmp_path}/in.csv/年 3.csv` is read as GB18030",
        f"Q204 note: `{tmp_path}/in.csv` is read as divided by `;`",
    ]
    assert "\n8 rows: 4 in " in out
    with Path(f"{tmp_path}/out.rejects").open(encoding="utf-8-sig", newline="") as file:
        found = [row[:5] for row in csv.reader(file)]
    assert found == [
        ["file", "line", "column", "value", "code"],
        [f"file:{tmp_path}/in.csv/年 1.csv", "3", "location", "火星", "N303"],
        [f"file:{tmp_path}/in.csv/年 1.csv", "4", "location", "gan\nyu", "N303"],
        [f"file:{tmp_path}/in.csv/年 2.csv", "2", "", "", "B121"],
        [f"file:{tmp_path}/in.csv/年 3.csv", "4", "location", "火星", "N303"],
    ]


@pytest.mark.usefixtures("spark")
def test_budgets_are_those_of_duckdb(cluster: Cluster, tmp_path: Path) -> None:
    words = pack(PROPERTY, {"year": [["match", "prize"], 12345678901], "rewards": [["reward"], 98765432]})
    rules = tmp_path / "town.yaml"
    rules.write_text(yaml.safe_dump(words, allow_unicode=True, sort_keys=False), encoding="utf-8")
    source, packs = written(large(500), tmp_path / "in.csv"), ["--packs", str(rules)]
    told = said(str(source), str(tmp_path / "duck.parquet"), *packs, status=0)
    assert said(str(source), f"{tmp_path}/spark/", *packs, *on(cluster), status=0) == told
    assert told.count("B460 note: the budget `town/") == 2
    assert rows_of(f"FROM '{tmp_path}/spark/*.parquet'") == rows_of(f"FROM '{tmp_path}/duck.parquet'")
    about = json.loads(Path(f"{tmp_path}/spark/_policyeval.json").read_text(encoding="utf-8"))
    kept = duckdb.sql(f"SELECT key, value FROM parquet_kv_metadata('{tmp_path}/duck.parquet')").fetchall()
    assert about["policyeval.budgets"].encode() == dict(kept)[b"policyeval.budgets"]


# How it ends ------------------------------------------------------------------------


def test_what_spark_cannot_do_is_said_in_a_line(cluster: Cluster, tmp_path: Path) -> None:
    """In a process of its own, as a user starts one: Java writes nothing beside it."""
    command = "import sys; from policyeval.cli.main import main; sys.exit(main())"
    asked = [sys.executable, "-c", command, "batch", f"{tmp_path}/in.parquet", f"{tmp_path}/out/", *on(cluster), *ASKED]
    env = os.environ | {"JDK_JAVA_OPTIONS": SWIFT}
    run = subprocess.run(asked, env=env, text=True, capture_output=True, timeout=240, check=False)
    assert run.returncode == 2, run
    assert run.stderr.startswith("B302 ")
    assert len(run.stderr.splitlines()) == 1
    assert left(tmp_path) == set()


@pytest.mark.usefixtures("spark")
def test_too_many_texts_for_the_driver(cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("policyeval.batch.spark.MOST", 3)
    parquet(tmp_path / "in", 1, 1)
    err = said(str(tmp_path / "in"), f"{tmp_path}/spark/", *on(cluster), status=2)
    assert err.startswith("B303 `所在地` hold more than 3 ")
    assert left(tmp_path) == {"in"}


@pytest.mark.usefixtures("spark")
def test_rows_that_are_not_there_when_they_are_counted(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from policyeval.batch import spark

    def lossy(answers: Any, form: str, path: str, write: Callable[..., None] = spark._written) -> None:
        write(answers, form, path)
        next(file for file in Path(path).glob("*.parquet") if rows_of(f"FROM '{file}'")).unlink()

    monkeypatch.setattr(spark, "_written", lossy)
    parquet(tmp_path / "in", 2, 1)
    err = said(str(tmp_path / "in"), f"{tmp_path}/spark/", *on(cluster), status=2)
    assert err.startswith("B304 16 rows, but 6 were written and 4 rejected: ")
    assert left(tmp_path) == {"in"}


BYTES = {
    "B113": {"in.csv": f"{NAMES}\n{ROWS[0]}\n".encode("utf-16-le")},
    "B120": {"in.csv": b"\n\n"},
    "B117": {"in.csv": b'location,"level\n'},
    "B111": {"in.csv/1.csv": HEADER, "in.csv/2.csv": HEADER.replace(b"level", b"rank"), "in.csv/3.csv": b""},
}


@pytest.mark.usefixtures("spark")
@pytest.mark.parametrize("code", BYTES)
def test_tables_that_are_refused(code: str, cluster: Cluster, tmp_path: Path) -> None:
    for name, data in BYTES[code].items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(data)
    assert said(f"{tmp_path}/in.csv", f"{tmp_path}/out/", *on(cluster), status=2).startswith(f"{code} ")
    assert left(tmp_path) == {"in.csv"}


def test_no_master_answers(tmp_path: Path) -> None:
    pytest.importorskip("pyspark")
    table(tmp_path / "in.csv")
    masters = f"spark://{LOOPBACK}:{free_port()},{LOOPBACK}:{free_port()}"
    err = said(str(tmp_path / "in.csv"), f"{tmp_path}/spark/", "--engine", "spark", "--master", masters, status=2)
    assert err.startswith("B309 ")
    assert left(tmp_path) == {"in.csv"}


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
        (["out/", "--wait", "9"], "B305"),
        (["out/", "--engine", "spark", "--wait", "0"], "C104"),
        (["out.xlsx", "--engine", "spark"], "B306"),
    ],
)
def test_what_does_not_go_together(more: list[str], code: str, tmp_path: Path) -> None:
    assert said(str(tmp_path / "in.csv"), *more, status=2).startswith(f"{code} ")


def test_duckdb_may_be_named(tmp_path: Path) -> None:
    table(tmp_path / "in.csv")
    said(str(tmp_path / "in.csv"), str(tmp_path / "out.csv"), "--engine", "duckdb", status=1)


# Workers that are lost ---------------------------------------------------------------


def killed_when_writing(cluster: Cluster, folder: Path, worker: int) -> Thread:
    """A worker that is lost once the first one writes."""

    def kill() -> None:
        until = time.monotonic() + 200
        while not list(folder.glob("spark.parts/whole/_temporary/*/_temporary/*")):
            assert time.monotonic() < until
            time.sleep(0.02)
        cluster.kill_worker(worker)

    thread = Thread(target=kill)
    thread.start()
    return thread


@pytest.mark.cluster(all_workers=True)
def test_workers_that_are_lost(
    spark: SparkSession, cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same rows as by DuckDB, the same numbers of rows that are sent away; how far it is is told all the while.

    Where the last worker is lost, the run ends after a while, and what was there before is as it was.
    """
    seen: dict[str, list[tuple[int, int | None]]] = {}

    @contextmanager
    def bar(words: str, rated: bool = False) -> Iterator[Tell]:
        yield lambda done, total: seen.setdefault(words, []).append((done, total))

    works_on_all(spark)
    monkeypatch.setattr("policyeval.cli.progress.bar", bar)
    parquet(tmp_path / "in", 6, 100)
    duck = told(str(tmp_path / "in"), f"{tmp_path}/duck.parquet", status=1)
    killer = killed_when_writing(cluster, tmp_path, 0)
    out = told(str(tmp_path / "in"), f"{tmp_path}/spark/", *on(cluster), status=1)
    killer.join()
    assert out.startswith("4,800 rows: ")
    assert out.partition(" in ")[0] == duck.partition(" in ")[0]
    same_rejects(tmp_path, "spark", "duck.parquet")
    counted = "SELECT *, count(*) FROM '{}' GROUP BY ALL"
    assert rows_of(counted.format(f"{tmp_path}/spark/*.parquet")) == rows_of(counted.format(f"{tmp_path}/duck.parquet"))
    about = json.loads(Path(f"{tmp_path}/spark/_policyeval.json").read_text(encoding="utf-8"))
    assert about["policyeval.as_of"] == "2024-06-30"
    assert {"reading", "computing"} <= {*seen} <= {"platforms", "reading", "budgets", "computing", "counting"}
    del seen["platforms"]  # of DuckDB
    assert all(total and 0 <= done <= total for tells in seen.values() for done, total in tells)
    there = {"in", "duck.parquet", "duck.parquet.rejects", "spark", "spark.rejects"}
    assert left(tmp_path) == there

    (tmp_path / "spark" / "earlier").touch()
    earlier = left(tmp_path / "spark")
    killer = killed_when_writing(cluster, tmp_path, 1)
    err = said(str(tmp_path / "in"), f"{tmp_path}/spark/", "--overwrite", *on(cluster, "--wait", "1"), status=2)
    killer.join()
    assert err.startswith("B307 ")
    assert (left(tmp_path), left(tmp_path / "spark")) == (there, earlier)
