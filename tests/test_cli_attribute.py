"""`policyeval attribute`, as a person and as a script meet it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from test_cli import DRAFT, EXAMPLES, _steady, process, run  # noqa: F401  # the fixture sets language, width and cache

HERE = f"attribute ganyu-draft --cases {EXAMPLES}/ganyu-platforms.yaml --as-of 2023-06-30"
PAGES = {
    "attribute": (HERE, 0),
    "attribute_zh": (f"{HERE} --lang zh", 0),
    "attribute_md": (f"{HERE} --format md", 0),
    "attribute_json": (f"{HERE} --format json", 0),
    "city_alone": (f"{HERE} --reading no_duplication=city_alone --lang zh", 0),
    "by_section": (f"{HERE} --by section", 0),
    "told_apart": (f"{HERE} --clauses national_match,precedence[2]", 0),
    "told_apart_json": (f"{HERE} --clauses national_match --format json", 0),
    "against_a_version": ("attribute mine.yaml --against ganyu-draft --cases cases.yaml --as-of 2023-06-30", 3),
    "against_itself": (f"{HERE} --against ganyu-draft", 0),
    "nothing_counts": (f"attribute ganyu-draft --cases {EXAMPLES}/undecided.yaml --as-of 2023-06-30 --lang zh", 3),
    "no_most": ("attribute open.yaml --cases cases.yaml --as-of 2023-06-30", 3),
    "in_force": (f"attribute lianyungang-2021 --cases {EXAMPLES}/platforms.yaml --as-of 2023-06-30", 0),
    "help": ("attribute --help", 0),
    "help_zh": ("--lang zh attribute --help", 0),
}

CASES = """\
- {location: ganyu, level: national, upstream_funding: 800万元, performance: excellent, contract_turnover: 3000万元}
- {location: donghai, level: national, upstream_funding: 800万元}
- name: not known
  platform: {location: ganyu, level: provincial}
"""


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = DRAFT.read_text("utf-8")
    (tmp_path / "mine.yaml").write_text(
        words.replace("capped at 100万元 by host", "capped at 150万元 by host"), "utf-8"
    )
    promise = "  - {rule: 'higher of case_by_case, matching', cite: {section: 八, phrase: 从优}}\n"
    always = words.replace("    when: exceptional\n    amount: unspecified\n", "    amount: unspecified by host\n")
    (tmp_path / "open.yaml").write_text(always.replace("\nprecedence:\n", f"\nprecedence:\n{promise}"), "utf-8")
    (tmp_path / "cases.yaml").write_text(CASES, "utf-8")
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("name", PAGES)
def test_page(name: str, snapshot: object) -> None:
    line, status = PAGES[name]
    result = run(line)
    assert result.exit_code == status, result.stderr
    assert (result.stdout, result.stderr) == snapshot


ERRORS = {
    "no_cases": "attribute ganyu-draft",
    "no_pack": "attribute --cases cases.yaml",
    "by": f"{HERE} --by word",
    "unknown_clause": f"{HERE} --clauses nat_match,precedence[77]",
    "too_many": f"{HERE} --reading higher_scope=all",
    "elsewhere": f"{HERE} --against qidong-2023",
    "no_file": "attribute ganyu-draft --cases nothere.yaml",
    "cases": "attribute ganyu-draft --cases wrong.yaml",
}


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", ERRORS)
def test_error(name: str, lang: str, snapshot: object, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("wrong.yaml").write_text("- {location: gunyu}\n- {level: natonal}\n", "utf-8")
    monkeypatch.setattr("policyeval.attribute.LIMIT", 3)
    result = run(ERRORS[name], LANG=f"{lang}.UTF-8")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == snapshot


@pytest.mark.parametrize("columns", ["60", "120"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_no_line_is_wider_than_the_terminal(columns: str, lang: str) -> None:
    from policyeval.cli.table import width

    text = run(f"{HERE} --lang {lang}", COLUMNS=columns).stdout
    assert max(map(width, text.splitlines())) <= int(columns)


def test_the_json_adds_up_to_the_fen() -> None:
    found = json.loads(run(f"{HERE} --format json").stdout)
    for end in ("min", "max"):
        fen = [int(clause["support"][end].replace(".", "")) for clause in found["clauses"]]
        assert sum(fen) == int(found["total"]["change"]["support"][end].replace(".", ""))
        for payer, change in found["total"]["change"]["payers"].items():
            parts = [int(clause["payers"][payer][end].replace(".", "")) for clause in found["clauses"]]
            assert sum(parts) == int(change[end].replace(".", ""))
