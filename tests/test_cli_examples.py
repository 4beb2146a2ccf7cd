"""`policyeval test` and `policyeval readings`, as a person and as a script meet them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from test_cli import EXAMPLES, _steady, run, steady  # noqa: F401  # the fixture sets language, width and cache
from test_examples import CASES, ROOT, SMALL, with_cases

GANYU = (
    "readings --set location=ganyu --set kind=technology_innovation_center --set level=national "
    "--set upstream_funding=1200万元 --set performance=excellent --set contract_turnover=3000万元 "
    "--with ganyu-draft --as-of 2023-06-30"
)
CENTERS = "readings --class 'level is national and kind is technology_innovation_center' --as-of 2023-06-30"
PAGES = {
    "test_all": ("test", 0),
    "test_all_zh": ("test --lang zh", 0),
    "test_coverage": ("test --coverage", 0),
    "test_failed": ("test small.yaml --coverage", 1),
    "test_failed_zh": ("test small.yaml --coverage --lang zh", 1),
    "test_failed_json": ("test small.yaml --format json", 1),
    "test_below": ("test ganyu-draft small.yaml --min-coverage 100", 1),
    "readings": (GANYU, 0),
    "readings_zh": (f"{GANYU} --lang zh", 0),
    "readings_md": (f"{GANYU} --reading cap_scope=together --reading higher_scope=subsidies --format md", 0),
    "readings_json": (f"{GANYU} --reading no_duplication=net_of_city --format json", 0),
    "readings_none_matters": (f"readings {EXAMPLES}/ganyu.yaml --set location=donghai --as-of 2023-06-30", 0),
    "readings_without_figure": (
        "readings --set location=qidong --set kind=public_technology_service_platform --as-of 2023-06-30",
        0,
    ),
    "readings_undecided": (f"readings {EXAMPLES}/undecided.yaml --with ganyu-draft --as-of 2023-06-30 --lang zh", 3),
    "readings_class": (f"{CENTERS} --set location=ganyu --with ganyu-draft --reading higher_scope=subsidies", 0),
    "readings_class_zh": (
        "readings --class '级别 为 国家级 且 平台类别 属于 技术创新中心、新型研发机构 且 上级扶持经费 高于 1000万元' --set 所在地=海州区 --as-of 2023-06-30 --lang zh",  # noqa: E501
        0,
    ),
    "readings_class_everywhere": (CENTERS, 0),
    "readings_class_md": (f"{CENTERS} --set location=haizhou --format md", 0),
    "readings_class_json": (f"{CENTERS} --set location=haizhou --format json", 0),
    "readings_class_unsettled": (f"{CENTERS} --set location=haizhou --limit 0.0000001", 3),
    "readings_class_nothing_in_force": ("readings --class 'level is national' --as-of 2000-01-01 --lang zh", 3),
    "readings_nothing_in_force": (f"readings {EXAMPLES}/ganyu.yaml --as-of 2000-01-01", 3),
}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "small.yaml").write_text(SMALL, "utf-8", newline="\n")
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("name", PAGES)
def test_page(name: str, snapshot: object) -> None:
    line, status = PAGES[name]
    result = run(line)
    assert result.exit_code == status, result.stderr
    printed = re.sub(r"(policies/[a-z0-9-]+\.yaml:)\d+", r"\1…", steady(result.stdout))
    assert (printed, result.stderr) == snapshot


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_bad_example_stops_all(lang: str, snapshot: object) -> None:
    Path("small.yaml").write_text(with_cases("[{name: a, platform: {}, expect: {awards: {mach: paid}}}]"), "utf-8")
    result = run(f"test lianyungang-2021 small.yaml --lang {lang}")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == snapshot


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("test lianyungang-2021", 0),
        ("test small.yaml", 1),
        ("test nothere.yaml", 2),
        ("test ganyu-drft", 2),
        ("test --min-coverage 101", 2),
        ("test --min-coverage x", 2),
        ("test --min-coverage 100", 0),
        ("test small.yaml --min-coverage 0", 1),
        ("test lianyungang-2021 --junit nowhere/a.xml", 2),
        ("readings", 2),
        ("readings nothere.yaml", 2),
        ("readings --set location=ganyu", 3),
        (f"{CENTERS} --set location=donghai", 0),
    ],
)
def test_exit_status(line: str, status: int) -> None:
    assert run(line).exit_code == status


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (f"{CENTERS} small.yaml", "C119"),
        (f"{CENTERS} ganyu-draft", "C119"),
        ("readings --class", "C103"),
        ("readings --class 'levle is national'", "N101"),
        ("readings --class 'cap_scope is each'", "V408"),
        (f"{CENTERS} --set level=none", "V409"),
        (f"{CENTERS} --set lev=none", "N301"),
        (f"{CENTERS} --set level=natoinal", "N302"),
        (f"{CENTERS} --reading cap_scope=neither", "N403"),
    ],
)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_classes_that_cannot_be_asked_about(line: str, code: str, lang: str) -> None:
    result = run(f"--lang {lang} {line}")
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"{code} " in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("test --min-coverage 101", "C104 `--min-coverage`不能是`101`\n  修改: 请写0到100的整数"),
        ("test --min-coverage x", "C104 `--min-coverage`不能是`x`\n  修改: 请写0到100的整数"),
        ("test --coverage=all", "C116 `--coverage`后面不写值\n  修改: 只写`--coverage`"),
    ],
)
def test_a_bad_option_is_told_in_chinese(line: str, said: str) -> None:
    assert run(f"--lang zh {line}").stderr.strip() == said


def test_a_pack_that_does_not_load(tmp_path: Path) -> None:
    Path("small.yaml").write_text(SMALL.replace("20万元 by host", "20万元 by hosts"), "utf-8")
    result = run("test small.yaml")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "N104" in result.stderr


def test_junit(tmp_path: Path) -> None:
    assert run("test lianyungang-2021 small.yaml --junit out.xml").exit_code == 1
    root = ET.parse("out.xml").getroot()
    assert [suite.get("name") for suite in root] == ["lianyungang-2021@1.1.0", "small-plan@1.0.0"]
    assert [suite.get("failures") for suite in root] == ["0", "1"]
    assert root.get("tests") == str(sum(int(suite.get("tests") or 0) for suite in root))
    small = root[1]
    assert [case.get("name") for case in small][:2] == [
        "National (upstream_funding=100万元)",
        "National (upstream_funding=400万元)",
    ]
    (failure,) = small.iter("failure")
    assert failure.get("message") == "support: expected 50,000.01元, found 5万元"
    assert "the floor applies" in (failure.text or "")
    assert [path.name for path in tmp_path.iterdir() if path.suffix != ".yaml"] == ["out.xml"]


def test_junit_is_whole_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("out.xml").write_text("before", "utf-8")

    def fails(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fails)
    result = run("test lianyungang-2021 --junit out.xml")
    assert result.exit_code == 2
    assert "T110" in result.stderr
    assert "the disk is full" in result.stderr
    assert Path("out.xml").read_text("utf-8") == "before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.xml", "small.yaml"]


def test_json_says_what_a_program_needs() -> None:
    found = json.loads(run("test small.yaml --coverage --format json").stdout)
    assert (found["passed"], found["failed"]) == (2, 1)
    assert [case["passed"] for case in found["cases"]] == [True, True, False]
    (coverage,) = found["coverage"]
    assert coverage["branches"]["percent"] < 100
    assert {"rule", "way", "text", "path", "line", "column"} == set(coverage["branches"]["uncovered"][0])


def test_the_documents_of_the_repository_are_tested_too() -> None:
    assert run(f"test --policies {ROOT / 'examples' / 'new-city'}").exit_code == 0
    assert (CASES / "small.yaml").read_text("utf-8") == SMALL
