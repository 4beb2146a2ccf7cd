"""`policyeval batch` from and to a real PostgreSQL: types of columns, one transaction, a session that is ended."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from threading import Thread
from time import monotonic, sleep
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result
from policyeval.batch.postgres import shown
from policyeval.cli.main import cli
from test_budgets import pack

DAY = ["--as-of", "2023-06-30", "--with", "ganyu-draft", "--lang", "en"]
PLATFORMS = """
    create table platforms (
      "编号" integer, "所在地" text, kind text, "级别" text, upstream_funding numeric(18, 2),
      "当年度技术合同实际成交额" numeric(18, 2), performance text, exceptional boolean, "备注" text);
    insert into platforms values
      (1, '赣榆区', '技术创新中心', '国家级', 8000000, 10000000, '优秀', false, ''),
      (2, 'donghai', '产业创新中心', '省级', 0.01, null, null, null, 'a "quoted", line
over two'),
      (3, '连云区', '新型研发机构', '国家级', null, 0, '良好', true, null),
      (4, '火星区', '新型研发机构', '国家级', 1, 0, null, null, null)
"""
# By hand. 1: 连政办发〔2021〕18号 七, the draft's 六: 1:1 of 800万元, half the city's; up to 10% of 1000万元 more.
# 2: a county pays 1:0.5 by itself, half of one fen rounded half up. 3: the base is not known.
ANSWERS = {
    1: ("8000000.00", "9000000.00", True, False, "4000000.00", "4000000.00", "4000000.00", "5000000.00"),
    2: ("0.01", "0.01", True, False, "0.00", "0.00", "0.01", "0.01"),
    3: ("0.00", None, True, True, "0.00", None, "0.00", None),
}


def batch(*args: str) -> Result:
    return CliRunner().invoke(cli, ["batch", *args, *DAY])


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def url(database: str, home: Path) -> str:
    import psycopg

    with psycopg.connect(database) as connection:
        connection.execute(PLATFORMS)
    return database


def rows(url: str, query: str) -> list[Any]:
    import psycopg

    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchall()  # type: ignore[arg-type]


def waiting(url: str) -> int:
    """The session that waits for a lock, once there is one."""
    until = monotonic() + 30
    while monotonic() < until:
        if found := rows(url, "select pid from pg_stat_activity where wait_event_type = 'Lock'"):
            return int(found[0][0])
        sleep(0.05)
    raise AssertionError("nobody waits")


@pytest.fixture
def locked(url: str) -> Any:
    """Locks a table while somebody runs, and ends the session of whoever waits for it."""
    import psycopg

    def ended(table: str, *args: str) -> Result:
        found: list[Result] = []
        with psycopg.connect(url) as holder:
            holder.execute(f"lock table {table} in access exclusive mode")
            thread = Thread(target=lambda: found.append(batch(*args)))
            thread.start()
            rows(url, f"select pg_terminate_backend({waiting(url)})")
            thread.join()
        return found[0]

    return ended


def test_a_table_becomes_a_table_of_answers(url: str, home: Path) -> None:
    result = batch(f"{url}#platforms", f"{url}#answers")
    assert result.exit_code == 1, result.output
    assert "4 rows: 3 in" in result.stdout
    columns = (
        '"编号", support_min::text, support_max::text, unquantified, undetermined, '
        "city_min::text, city_max::text, host_min::text, host_max::text"
    )
    found = {number: tuple(cells) for number, *cells in rows(url, f"select {columns} from answers")}
    assert found == ANSWERS
    kinds = dict(
        rows(url, "select column_name, data_type from information_schema.columns where table_name = 'answers'")
    )
    assert kinds["upstream_funding"] == kinds["support_max"] == "numeric"
    assert (kinds["exceptional"], kinds["编号"], kinds["备注"]) == ("boolean", "integer", "text")
    assert rows(url, 'select "备注" from answers order by "编号"') == [("",), ('a "quoted", line\nover two',), (None,)]
    assert rows(url, "select upstream_funding from answers where upstream_funding < 1") == [(Decimal("0.01"),)]
    about = json.loads(rows(url, "select obj_description('answers'::regclass)")[0][0])
    assert {pack["pack"] for pack in json.loads(about["policyeval.packs"])} > {"ganyu-draft"}
    assert "火星区" in (home / "answers.rejects").read_text(encoding="utf-8")
    assert [path.name for path in home.iterdir()] == ["answers.rejects"]


def test_budgets_are_in_the_comment_of_the_table(url: str, home: Path) -> None:
    """By hand: of 800万元 and a fen, under 400万元, half a fen less than 400万元 and less than half a fen are left."""
    words = pack({"grant": {"amount": "upstream_funding by host"}}, {"year": [["grant"], 400_000_000]})
    words["jurisdiction"] = "lianyungang"
    (home / "town.yaml").write_text(yaml.safe_dump(words, allow_unicode=True, sort_keys=False), encoding="utf-8")
    result = CliRunner().invoke(
        cli, ["batch", f"{url}#platforms", f"{url}#answers", "--packs", "town.yaml", "--as-of", "2024-06-30"]
    )
    assert result.exit_code == 1, result.output
    found = rows(url, 'select "编号", support_min::text, host_max::text from answers order by 1')
    assert found == [(1, "3999999.99", "3999999.99"), (2, "0.00", "0.00"), (3, "0.00", None)]
    about = json.loads(rows(url, "select obj_description('answers'::regclass)")[0][0])
    (total,) = json.loads(about["policyeval.budgets"])
    assert (total["total"]["most"], total["paid"]["most"]) == ("8000000.01", "3999999.99")
    assert (total["remainder"]["most"], total["rows_outside"]) == ("0.01", 1)


def test_a_table_that_is_there_is_replaced_only_when_asked(url: str) -> None:
    assert batch(f"{url}#platforms", f"{url}#answers").exit_code == 1
    again = batch(f"{url}#platforms", f"{url}#answers", "--reading", "ganyu-draft/no_duplication=higher_regime")
    assert again.exit_code == 2
    assert "B201" in again.stderr
    assert batch(f"{url}#platforms", f"{url}#answers", "--overwrite").exit_code == 1
    assert rows(url, "select count(*) from answers") == [(3,)]


@pytest.mark.parametrize("name", ["platforms", "public.platforms"])
def test_the_table_itself_is_never_replaced(url: str, name: str) -> None:
    before = rows(url, "select * from platforms")
    result = batch(f"{url}#platforms", f"{url}#{name}", "--overwrite")
    assert (result.exit_code, "B202" in result.stderr) == (2, True)
    assert rows(url, "select * from platforms") == before


def test_a_session_that_ends_while_it_reads_leaves_nothing(url: str, home: Path, locked: Any) -> None:
    result = locked("platforms", f"{url}#platforms", "out.csv")
    assert result.exit_code == 2
    assert "B311" in result.stderr
    assert list(home.iterdir()) == []


def test_a_session_that_ends_while_it_writes_loses_nothing(url: str, home: Path, locked: Any) -> None:
    (home / "in.csv").write_text("location,level,kind,upstream_funding\nganyu,national,new_rnd_institution,100\n")
    rows_before = "create table answers as select 7 as seven"
    import psycopg

    with psycopg.connect(url) as connection:
        connection.execute(rows_before)
    options = ("in.csv", f"{url}#answers", "--set", "contract_turnover=0")
    result = locked("answers", *options, "--overwrite")
    assert result.exit_code == 2
    assert "B312" in result.stderr
    assert "B220" in result.stderr
    assert rows(url, "select * from answers") == [(7,)]
    result = batch(*options, "--overwrite", "--resume")
    assert result.exit_code == 0, result.output
    assert rows(url, "select upstream_funding, support_min::text from answers") == [("100", "100.00")]


@pytest.mark.parametrize(
    ("source", "code"),
    [("#nowhere", "B311"), ("", "B313"), ("/nobase#platforms", "B311")],
)
def test_what_is_not_there_is_said(url: str, source: str, code: str) -> None:
    name = f"{url}{source}" if source.startswith("#") or not source else f"{url.rpartition('/')[0]}{source}"
    result = batch(name, "out.csv")
    assert result.exit_code == 2
    assert code in result.stderr


def test_a_password_is_not_shown() -> None:
    assert shown("postgresql://user:secret@host/base#table") == "postgresql://user:…@host/base#table"
    assert shown("postgresql://user@host/base#table") == "postgresql://user@host/base#table"
