"""`policyeval diff`, as a person and as a script meet it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from test_cli import DRAFT, _steady, run  # noqa: F401  # the fixture sets language, width and cache

DAY = "--as-of 2023-06-30"
PAGES = {
    "changed": f"diff ganyu-draft mine.yaml {DAY}",
    "changed_zh": f"diff ganyu-draft mine.yaml {DAY} --lang zh",
    "changed_md": f"diff ganyu-draft mine.yaml {DAY} --format md",
    "changed_json": f"diff ganyu-draft mine.yaml {DAY} --format json",
    "renamed": f"diff ganyu-draft renamed.yaml {DAY}",
    "renamed_zh": f"diff ganyu-draft renamed.yaml {DAY} --lang zh",
    "renamed_json": f"diff ganyu-draft renamed.yaml {DAY} --format json",
    "rules": f"diff ganyu-draft rules.yaml {DAY} --lang zh",
    "identical": f"diff ganyu-draft ganyu-draft {DAY}",
    "help": "diff --help",
    "help_zh": "--lang zh diff --help",
}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = DRAFT.read_text("utf-8")
    renamed = words.replace("performance_subsidy", "merit_subsidy").replace("version: 0.2.0", "version: 0.2.1")
    rules = words.replace("claim: matching never above 1000万元", "claim: matching never above 1200万元").replace(
        "beneficiary: operator", "beneficiary: firm"
    )
    files = {
        "mine.yaml": words.replace("capped at 100万元 by host", "capped at 200万元 by host"),
        "renamed.yaml": renamed.replace("zh: 绩效补助,", "zh: 绩效奖补,"),
        "rules.yaml": rules.replace("    when: exceptional", "    when: not exceptional"),
    }
    for name, text in files.items():
        assert text != words
        (tmp_path / name).write_text(text, "utf-8", newline="\n")
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("name", PAGES)
def test_page(name: str, snapshot: object) -> None:
    result = run(PAGES[name])
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == snapshot


ERRORS = {
    "one_pack": "diff ganyu-draft",
    "unknown": "diff ganyu-draft ganyu-drft",
    "version": "diff ganyu-draft ganyu-draft@7.0.0",
    "two_documents": "diff lianyungang-2021 ganyu-draft",
    "two_places": "diff ganyu-draft qidong-2023",
    "broken": "diff ganyu-draft broken.yaml",
    "no_file": "diff ganyu-draft nothere.yaml",
    "limit": "diff ganyu-draft mine.yaml --limit 0",
}


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", ERRORS)
def test_error(name: str, lang: str, snapshot: object) -> None:
    words = DRAFT.read_text("utf-8").replace("100万元 by host", "100万元 by hosts")
    Path("broken.yaml").write_text(words, "utf-8")
    result = run(ERRORS[name], LANG=f"{lang}.UTF-8")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == snapshot


def test_a_version_of_git() -> None:
    def git(*words: str) -> None:
        who = ["-c", "user.name=a", "-c", "user.email=a@b.invalid"]
        subprocess.run(["git", *who, *words], check=True, capture_output=True, timeout=60)

    git("init", "-q")
    git("add", "mine.yaml")
    git("commit", "-q", "-m", "first")
    text = Path("mine.yaml").read_text("utf-8")
    Path("mine.yaml").write_text(text.replace("capped at 200万元", "capped at 300万元"), "utf-8")
    found = json.loads(run(f"diff git:HEAD:mine.yaml mine.yaml {DAY} --format json").stdout)
    assert found["change"] == "money"
    assert [rule["figures"] for rule in found["rules"]] == [[["200万元", "300万元"]]]
    assert json.loads(run("diff git:HEAD:mine.yaml git:HEAD:mine.yaml --format json").stdout)["change"] == "none"


def test_a_pack_of_ones_own_words(tmp_path: Path) -> None:
    examples = DRAFT.parents[1] / "examples" / "new-city"
    words = (examples / "qinglan-2024.yaml").read_text("utf-8")
    Path("qinglan.yaml").write_text(words.replace("up to 50% of lab_rent", "up to 60% of lab_rent"), "utf-8")
    found = run(f"diff qinglan-2024 qinglan.yaml --policies {examples} {DAY} --format json")
    assert found.exit_code == 0, found.stderr
    assert [rule["figures"] for rule in json.loads(found.stdout)["rules"]] == [[["50%", "60%"]]]
