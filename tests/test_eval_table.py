"""`policyeval eval` as a table: a row for a platform, the columns of the contract, nothing made up for what is open."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from openpyxl import load_workbook
from policyeval.cli.main import cli

CASES = """
- name: =cmd
  platform: {location: 赣榆, level: 国家级, kind: 技术创新中心, upstream_funding: 800万元, performance: 优秀,
             contract_turnover: 1000万元}
- platform: {location: donghai, level: 省级, kind: 产业创新中心, upstream_funding: 0.01元}
- platform: {location: lianyun, level: national, kind: new_rnd_institution}
"""
HEADER = (
    "name,location,host_tier,kind,level,upstream_funding,contract_turnover,performance,exceptional,support_min,"
    "support_max,unquantified,undetermined,province_min,province_max,city_min,city_max,host_min,host_max"
)
# By hand. 1: 连政办发〔2021〕18号 七 and the draft's 六: 1:1, half of it the city's, up to 10% of the turnover more.
# 2: a county pays 1:0.5 by itself, half of one fen rounded half up. 3: the base is not known.
ROWS = [
    (
        "=cmd,ganyu,district,technology_innovation_center,national,8000000.00,10000000.00,excellent,false,8000000.00,"
        "9000000.00,true,false,0.00,0.00,4000000.00,4000000.00,4000000.00,5000000.00"
    ),
    (
        ",donghai,county,industry_innovation_center,provincial,0.01,,unrated,false,0.01,0.01,true,false,0.00,0.00,0.00,"
        "0.00,0.01,0.01"
    ),
    ",lianyun,district,new_rnd_institution,national,,,unrated,false,0.00,,true,true,0.00,0.00,0.00,,0.00,",
]


@pytest.fixture
def cases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cases.yaml").write_text(CASES, encoding="utf-8")
    return "cases.yaml"


def run(*args: str) -> Result:
    return CliRunner().invoke(cli, ["eval", *args, "--with", "ganyu-draft", "--as-of", "2023-06-30", "--lang", "en"])


def test_csv_has_the_columns_of_the_contract(cases: str) -> None:
    result = run(cases, "--format", "csv")
    assert result.exit_code == 3  # the third platform lacks a fact
    assert result.stdout.splitlines() == [HEADER, *ROWS]


def test_files_hold_the_same(cases: str, tmp_path: Path) -> None:
    assert run(cases, "-o", "out.csv").exit_code == 3
    assert (tmp_path / "out.csv").read_text(encoding="utf-8-sig").splitlines() == [HEADER, *ROWS]
    assert run(cases, "-o", "out.xlsx").exit_code == 3
    sheet = load_workbook(tmp_path / "out.xlsx")["policyeval"]
    head, first, _, third = (list(row) for row in sheet.iter_rows(values_only=True))
    assert head == HEADER.split(",")
    assert first[0] == "'=cmd"  # a text, and no formula
    assert Decimal(str(first[head.index("support_max")])) == 9_000_000
    assert third[head.index("support_max")] is None


def test_a_file_that_is_there_stays_unless_forced(cases: str) -> None:
    assert run(cases, "-o", "out.csv").exit_code == 3
    again = run(cases, "-o", "out.csv")
    assert (again.exit_code, "D113" in again.stderr) == (2, True)
    assert run(cases, "-o", "out.csv", "--force").exit_code == 3


def test_another_kind_of_file_is_refused(cases: str) -> None:
    result = run(cases, "-o", "out.ods")
    assert (result.exit_code, "B132" in result.stderr) == (2, True)
