"""`policyeval prove`, as a person and as a script meet it."""

from __future__ import annotations

import json
import shlex
import shutil
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result
from policyeval.cli.main import cli

ROOT = Path(__file__).resolve().parents[1]

LESS = "prove 'support of ganyu-draft >= support of enacted' --as-of 2023-06-30"
HOST = "prove 'host pays under ganyu-draft <= host pays under enacted' --as-of 2023-06-30"
SUBSIDY = "prove 'ganyu-draft/performance_subsidy never above 100万元' --as-of 2023-06-30"


@pytest.fixture(autouse=True)
def _steady(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The same language, width and cache wherever the tests run."""
    for name in ("LC_ALL", "LC_MESSAGES", "NO_COLOR", "FORCE_COLOR", "POLICYEVAL_CACHE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("POLICYEVAL_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))


def run(line: str) -> Result:
    return CliRunner().invoke(cli, shlex.split(line))


PAGES = {
    "proved_en": SUBSIDY,
    "proved_zh": f"{SUBSIDY} --lang zh",
    "refuted_en": HOST,
    "refuted_zh": "prove '属地 支付按 ganyu-draft 不高于 属地 支付按 现行' --as-of 2023-06-30 --lang zh",
    "refuted_md": f"{HOST} --format md",
    "refuted_json": f"{HOST} --format json",
    "proved_json": f"{SUBSIDY} --format json",
    "where": f"{HOST} --where 'performance is not excellent'",
    "where_zh": f"{HOST} --where '级别 为 国家级' --reading no_duplication=higher_regime --lang zh",
    "every_reading": f"{LESS} --for-all-readings",
    "every_reading_zh": f"{LESS} --for-all-readings --lang zh",
    "every_reading_json": f"{LESS} --for-all-readings --format json",
    "unknown": f"{LESS} --limit 0.000001",
    "unknown_zh": f"{LESS} --limit 0.000001 --lang zh",
    "vacuous": "prove 'ganyu-draft/national_match never above 0元' --where 'level is municipal' --as-of 2023-06-30",
    "case": f"{HOST} --emit-case -",
    "help": "prove --help",
    "help_zh": "prove --help --lang zh",
}


@pytest.mark.parametrize("name", PAGES)
def test_page(name: str, snapshot: object) -> None:
    result = run(PAGES[name])
    assert result.stderr == ""
    assert result.stdout == snapshot


@pytest.mark.parametrize(
    ("line", "status"),
    [
        (SUBSIDY, 0),
        (LESS, 0),
        (HOST, 1),
        (f"{HOST} --emit-case -", 1),
        (f"{LESS} --for-all-readings", 1),
        (f"{LESS} --limit 0.000001", 3),
        (f"{LESS} --where 'performance is excellent'", 0),
    ],
)
def test_exit_status(line: str, status: int) -> None:
    result = run(line)
    assert result.exit_code == status, result.stderr
    assert result.stderr == ""


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (f"{LESS} --limit 0", "C111"),
        (f"{LESS} --limit -1", "C111"),
        (f"{LESS} --limit soon", "C111"),
        (f"{LESS} --limit nan", "C111"),
        (f"{LESS} --limit inf", "C111"),
        (f"{LESS} --limit", "C103"),
        ("prove", "C105"),
        ("prove 'support of ganyu-draft'", "P102"),
        ("prove 'support of ganyu-draft >= support of nowhere'", "N121"),
        ("prove 'support of ganyu-draft >= 5%'", "U214"),
        (f"{LESS} --where 'level is national and level is none'", "V405"),
        (f"{LESS} --where 'levle is national'", "N101"),
        (f"{LESS} --reading no_duplication=nobody", "N403"),
        (f"{LESS} --format yaml", "C104"),
        (f"{LESS} --as-of yesterday", "M106"),
    ],
)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_what_cannot_run(line: str, code: str, lang: str) -> None:
    result = run(f"{line} --lang {lang}" if not line.endswith("--limit") else f"--lang {lang} {line}")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert code in result.stderr
    assert "Traceback" not in result.stderr


# A witness as an example ------------------------------------------------------

EMITTED = {
    "host": HOST,
    "reading": f"{LESS} --reading no_duplication=city_alone",
    "every_reading": f"{LESS} --for-all-readings",
    "award": "prove 'ganyu-draft/matching never above 400万元' --as-of 2023-06-30",
    "in_force": "prove 'support of enacted <= 400万元' --where 'location is ganyu' --as-of 2023-06-30",
}


@pytest.mark.parametrize("name", EMITTED)
def test_an_emitted_case_passes_in_the_pack(name: str, tmp_path: Path) -> None:
    policies = tmp_path / "policies"
    shutil.copytree(ROOT / "policies", policies)
    case = tmp_path / "case.yaml"
    assert run(f"{EMITTED[name]} --emit-case {case}").exit_code == 1
    (entry,) = yaml.safe_load(case.read_text(encoding="utf-8"))
    pack = policies / ("lianyungang-2021.yaml" if name == "in_force" else "ganyu-draft.yaml")
    before, cases, after = pack.read_text(encoding="utf-8").partition("\ncases:\n")
    indented = "".join(f"  {line}\n" for line in case.read_text(encoding="utf-8").splitlines())
    pack.write_text(f"{before}{cases}{indented}{after}", encoding="utf-8")
    result = run(f"test {pack} --format json")
    assert result.exit_code == 0, result.stdout + result.stderr
    assert entry["name"]["en"] in result.stdout

    # and it is no example of something else: with another figure it fails
    wrong = case.read_text(encoding="utf-8").replace("payers:\n", "payers:\n      city: 1.23元\n", 1)
    pack.write_text(f"{before}{cases}{_indented(wrong, entry)}{after}", encoding="utf-8")
    assert run(f"test {pack}").exit_code == 1


def _indented(text: str, entry: dict[str, object]) -> str:
    """The case with the city's part changed."""
    data = yaml.safe_load(text.replace("      city: 1.23元\n", ""))
    data[0]["expect"]["payers"]["city"] = "1.23元"
    assert data[0]["platform"] == entry["platform"]
    return "".join(f"  {line}\n" for line in yaml.safe_dump(data, allow_unicode=True, sort_keys=False).splitlines())


def test_a_file_that_is_there_is_not_overwritten(tmp_path: Path) -> None:
    case = tmp_path / "case.yaml"
    case.write_text("mine", encoding="utf-8")
    result = run(f"{HOST} --emit-case {case}")
    assert result.exit_code == 2
    assert case.read_text(encoding="utf-8") == "mine"
    assert "Traceback" not in result.stderr


def test_nothing_is_written_where_there_is_no_witness(tmp_path: Path) -> None:
    case = tmp_path / "case.yaml"
    assert run(f"{SUBSIDY} --emit-case {case}").exit_code == 0
    assert not case.exists()


def test_a_witness_is_what_eval_says_of_it() -> None:
    witness = json.loads(run(f"{HOST} --format json").stdout)["witness"]
    settings = " ".join(f"--set {name}={value}" for name, value in witness["platform"].items())
    line = f"eval {settings} --as-of 2023-06-30 --with ganyu-draft --format json"
    answer = json.loads(run(line).stdout)
    assert {k: answer["support"][k] for k in ("min", "max")} == witness["ganyu-draft"]
    assert answer["payers"] == witness["payers"]["ganyu-draft"]
