"""`new`: a draft that begins as a copy of another pack, checks clean and overwrites nothing."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from policyeval.beginning import TITLE
from policyeval.cli.main import cli
from policyeval.library import open_library
from policyeval.pack import Pack

ROOT = Path(__file__).resolve().parents[1]
NEW_CITY = ROOT / "examples" / "new-city"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setenv("POLICYEVAL_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def run(line: str) -> Result:
    return CliRunner().invoke(cli, shlex.split(line))


def opened(path: str, *folders: Path) -> Pack:
    library = open_library(folders, [path])
    return library.pack(path)


@pytest.mark.parametrize("like", ["ganyu-draft", "lianyungang-2021", "qidong-2023"])
def test_a_new_draft_checks_clean(like: str) -> None:
    result = run(f"new my-draft --like {like}")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "my-draft.yaml\n", "")
    checked = run("check my-draft.yaml")
    assert checked.exit_code == 0
    pack, old = opened("my-draft.yaml"), open_library().pack(like)
    assert (pack.id, pack.version, pack.status, pack.jurisdiction) == ("my-draft", "0.1.0", "draft", old.jurisdiction)
    assert (pack.effective_from, pack.document.number, pack.document.issuer, pack.document.issued) == (None,) * 4
    assert {lang: pack.document.title[lang] for lang in ("zh", "en")} == TITLE
    assert [*pack.awards, *pack.readings, *pack.entitlements] == [*old.awards, *old.readings, *old.entitlements]
    assert len(pack.precedence) == len(old.precedence)
    assert len(pack.cases) == len(old.cases)


def test_it_speaks_of_itself_and_keeps_every_other_line() -> None:
    run("new my-draft --like ganyu-draft")
    new = Path("my-draft.yaml").read_text(encoding="utf-8").splitlines()
    old = (ROOT / "policies" / "ganyu-draft.yaml").read_text(encoding="utf-8").splitlines()
    changed = [line.strip() for before, line in zip(old, new, strict=True) if before != line]
    assert changed[0].endswith("grammar/pack.schema.json")
    assert (Path.cwd() / changed[0].partition("=")[2]).resolve() == ROOT / "grammar" / "pack.schema.json"
    others = [line for line in changed[1:] if line != "with: [my-draft]"]
    assert others == ["pack: my-draft", "version: 0.1.0", f"zh: {TITLE['zh']}", f"en: {TITLE['en']}"]
    assert sum("my-draft]" in line for line in new) == sum("ganyu-draft]" in line for line in old)


def test_comments_line_ends_and_own_names(folder: Path) -> None:
    text = (NEW_CITY / "qinglan-2024.yaml").read_text(encoding="utf-8")
    text = text.replace("rule: match,", "rule: qinglan-2024/match,").replace(
        "effective: {from", "effective: # when\n  {from"
    )
    Path("like.yaml").write_bytes(text.replace("\n", "\r\n").encode())
    result = run(f"new my-draft --like like.yaml --policies {NEW_CITY} -o -")
    assert result.exit_code == 0
    assert b"effective: # when\r\n  null\r\n" in result.stdout_bytes
    assert b"- rule: my-draft/match, rent_subsidy together capped at" in result.stdout_bytes
    assert b"qinglan-2024" not in result.stdout_bytes.split(b"\n", 1)[1]
    assert result.stdout_bytes.count(b"\r\n") == result.stdout_bytes.count(b"\n")
    assert not Path("my-draft.yaml").exists()


def test_another_place() -> None:
    assert run("new my-draft --like ganyu-draft --jurisdiction 海州区 -o sub.yaml").exit_code == 0
    assert opened("sub.yaml").jurisdiction == "haizhou"


def test_what_the_system_refuses_is_said_in_both_languages() -> None:
    Path("plain").write_text("mine", encoding="utf-8")
    for file, en, zh in (
        ("absent/x.yaml", "there is no such folder", "没有这个文件夹"),
        ("plain/x.yaml", "a part of the path is no folder", "路径中有一段不是文件夹"),
        (f"{'x' * 300}.yaml", "the name is too long", "文件名过长"),
    ):
        for lang, reason in (("en", en), ("zh", zh)):
            assert run(f"--lang {lang} new x --like ganyu-draft -o {file}").stderr.splitlines()[0].endswith(reason)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("new My-Draft --like ganyu-draft", "D111"),
        ("new 'a b' --like ganyu-draft", "D111"),
        ("new qidong-2023 --like ganyu-draft", "D112"),
        ("new there --like ganyu-draft", "D113"),
        ("new x --like ganyu-draft -o absent/x.yaml", "D107"),
        ("new x --like ganyu-draft --jurisdiction 赣余区", "N105"),
        ("new x --like ganyu-drft", "L102"),
        ("new x --like absent.yaml", "F101"),
        ("new x", "C10"),
    ],
)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_what_is_refused(line: str, code: str, lang: str) -> None:
    Path("there.yaml").write_text("mine", encoding="utf-8")
    result = run(f"--lang {lang} {line}")
    assert result.exit_code == 2
    assert code in result.stderr
    assert result.stdout == ""
    assert Path("there.yaml").read_text(encoding="utf-8") == "mine"
    assert [path.name for path in Path.cwd().iterdir()] == ["there.yaml"]
