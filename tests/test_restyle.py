"""`fmt`: expressions change their surface, the rest of a file keeps every byte, and no plan changes."""

from __future__ import annotations

import os
import re
import shutil
import stat
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, cast

import pytest
import yaml
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from policyeval import restyle
from policyeval.cli.main import cli
from policyeval.data_files import data_file
from policyeval.digest import digest
from policyeval.functions import RESERVED
from policyeval.library import Library, open_library
from policyeval.load import expressions, read_pack
from policyeval.lower import lower
from policyeval.naming import _LETTERS, WORD, is_a_name
from policyeval.nodes import Mapped, read_yaml
from policyeval.pack import Pack
from policyeval.parse import _KNOWN, BRACKETS, LONGEST, Start
from policyeval.problems import Lang, Problem, Refusal
from policyeval.resolve import resolve
from policyeval.restyle import respaced, restyled, tokens
from policyeval.tree import Node, Op, walk
from policyeval.write import write
from strategies import BY_START
from test_parse import GOOD, read

ROOT = Path(__file__).resolve().parents[1]
NEW_CITY = ROOT / "examples" / "new-city"
PACKS = [path for path in sorted((ROOT / "policies").glob("*.yaml")) if b"\npack: " in path.read_bytes()]
FILES = [*PACKS, NEW_CITY / "qinglan-2024.yaml"]
SURFACES: list[Lang | None] = [None, "zh", "en"]
CASES = yaml.safe_load((ROOT / "tests" / "cases" / "fmt" / "expressions.yaml").read_text(encoding="utf-8"))

HEAD = """\
pack: small
version: 1.0.0
status: draft
uses: {lianyungang-2021: ^1}
jurisdiction: ganyu
document: {title: {zh: 例, en: example}}
effective: null
payers: [host]
readings:
  ceiling:
    ask: {zh: 如何, en: how}
    cite: {section: 一, phrase: 限}
    options: {together: {zh: 合计, en: in all}, each: {zh: 各自, en: each}}
    default: together
awards:
  other:
    label: {zh: 另一项, en: other}
    cite: {section: 一, phrase: 补}
    amount: 1元 by host
"""
IN = {
    "amount": "  match:\n    label: {zh: 配, en: match}\n    cite: {section: 一, phrase: 配}\n    amount:{}\n",
    "when": "  match:\n    label: {zh: 配, en: match}\n    cite: {section: 一, phrase: 配}\n    amount: 1元 by host\n"
    "    when:{}\n",
    "rule": "  match: {label: {zh: 配, en: match}, cite: {section: 一, phrase: 配}, amount: 1元 by host}\n"
    "precedence:\n  - rule:{}\n    cite: {section: 一, phrase: 抵}\n",
    "claim": "  match: {label: {zh: 配, en: match}, cite: {section: 一, phrase: 配}, amount: 1元 by host}\n"
    "guarantees:\n  - claim:{}\n",
}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    os.environ["POLICYEVAL_CACHE"] = str(tmp_path_factory.getbasetemp() / "cache")
    return open_library([NEW_CITY])


def pack_with(key: str, text: str) -> bytes:
    return (HEAD + IN[key].replace(f"{key}:{{}}", f"{key}:{text}")).encode()


def around(lang: Lang | None, text: str) -> str:
    """The amounts of the pack around an expression, which are restyled too."""
    return text.replace("1元 by host", "1元 由 属地") if lang == "zh" else text


def resolved(data: bytes, library: Library) -> Pack:
    pack, problems = read_pack(data, "x.yaml")
    assert pack is not None, problems
    pack, problems = resolve(pack, library.vocabulary, library.around(pack))
    assert not problems
    return pack


def plan_digest(pack: Pack, library: Library) -> str:
    packs = library.ordered([*(library.pack(id) for id in pack.uses), pack])
    return digest(lower(packs, library.vocabulary, {}))


def refusal(data: bytes, library: Library, lang: Lang | None = "zh") -> Problem:
    with pytest.raises(Refusal) as caught:
        restyled(data, "x.yaml", library, lang)
    return caught.value.problems[0]


# One expression ---------------------------------------------------------------


@pytest.mark.parametrize("case", CASES, ids=lambda case: " ".join(case["text"].split())[:50])
@pytest.mark.parametrize("lang", SURFACES)
def test_expressions(case: dict[str, str], lang: Lang | None, library: Library) -> None:
    before = pack_with(case["key"], case["text"])
    wanted = around(lang, pack_with(case["key"], case.get(lang or "own", case["text"])).decode())
    after = restyled(before, "x.yaml", library, lang)
    assert after.decode() == wanted
    assert restyled(after, "x.yaml", library, lang) == after


def test_quotes_come_where_the_new_text_needs_them(library: Library) -> None:
    flow = "  match: {label: {zh: 配, en: match}, cite: {section: 一, phrase: 配}, amount: 1元 by host, when: %s}\n"
    before = HEAD + flow % "平台类别 属于 技术创新中心、产业创新中心"
    after = restyled(before.encode(), "x.yaml", library, "en").decode()
    assert after == HEAD + flow % "'kind in technology_innovation_center, industry_innovation_center'"
    back = restyled(after.encode(), "x.yaml", library, "zh").decode()
    assert back == around("zh", HEAD + flow % "'平台类别 属于 技术创新中心、产业创新中心'")


@pytest.mark.parametrize(
    ("label", "award", "written"),
    [
        ("区县配套", "配套", "区县配套"),
        ("区县 配套", "配套", "local"),
        ("以上", "配套", "local"),
        ("配套额", "配套额", "local"),
    ],
)
def test_a_slot_goes_by_its_label_in_chinese(label: str, award: str, written: str, library: Library) -> None:
    slot = f"slots:\n  local: {{label: {{zh: {label}, en: local}}, cite: {{section: 一, phrase: 由区制定}}}}\nawards:"
    other = f"  other:\n    label: {{zh: {award}, en: other}}"
    head = HEAD.replace("awards:", slot).replace("  other:\n    label: {zh: 另一项, en: other}", other)
    match = "  match: {label: {zh: 配, en: match}, cite: {section: 一, phrase: 配}, amount: %s}\n"
    before = head + match % "50% of local by host"
    after = around("zh", head) + match % f"50% 的 {written} 由 属地"
    assert restyled(before.encode(), "x.yaml", library, "zh").decode() == after
    assert restyled(after.encode(), "x.yaml", library, "en").decode() == before


# Whole files ------------------------------------------------------------------


Styled = Callable[[bytes, Lang | None], bytes]


@pytest.fixture(scope="module")
def styled(library: Library) -> Styled:
    """Each file is written anew once."""
    return cache(lambda data, lang: restyled(data, "x.yaml", library, lang))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_shipped_packs_in_both_surfaces(path: Path, library: Library, styled: Styled) -> None:
    before = path.read_bytes()
    old = resolved(before, library)
    for lang in SURFACES:
        after = styled(before, lang)
        assert styled(after, lang) == after
        new = resolved(after, library)
        assert plan_digest(new, library) == plan_digest(old, library)
        assert others(after) == others(before)
    assert styled(before, None) == before
    chinese = styled(before, "zh")
    assert not re.search(r"\b(capped at|matched|unspecified)\b", "".join(written(chinese)))
    english = styled(chinese, "en")
    back = styled(english, "zh")
    assert back.split() == chinese.split()  # an English line that was too long was divided
    assert styled(back, "en") == english


def written(data: bytes) -> list[str]:
    root, _ = read_yaml(data, "x.yaml")
    return [scalar.value or "" for *_, scalar, _ in expressions(cast(Mapped, root))]


def others(data: bytes) -> list[str]:
    """The file without its expressions."""
    root, _ = read_yaml(data, "x.yaml")
    text, at, pieces = data.decode(), 0, []
    for span in sorted(scalar.span for *_, scalar, _ in expressions(cast(Mapped, root))):
        pieces.append(text[at : span.start])
        at = span.end
    return [*pieces, text[at:]]


@pytest.mark.parametrize(("end", "bom"), [("\r\n", b""), ("\n", b"\xef\xbb\xbf"), ("\r\n", b"\xef\xbb\xbf")])
def test_line_ends_and_byte_order_marks_stay(end: str, bom: bytes, library: Library, styled: Styled) -> None:
    files = [path.read_bytes() for path in FILES] if bom and end == "\r\n" else []
    for plain in (pack_with("amount", " upstream_funding\n      matched 1:1 by host"), *files):
        before = bom + plain.replace(b"\n", end.encode())
        for lang in SURFACES:
            after = styled(plain, lang)
            assert restyled(before, "x.yaml", library, lang) == bom + after.replace(b"\n", end.encode())


def test_json_is_yaml_too(library: Library) -> None:
    before = (
        '{"pack": "small", "version": "1.0.0", "status": "draft", "jurisdiction": "ganyu",\n\t"document": {"title": '
    )
    before += '{"zh": "例", "en": "x"}}, "effective": null, "payers": ["host"], "awards": {"a": {"label": {"zh": "甲", '
    before += '"en": "a"}, "cite": {"section": "1", "phrase": "p"}, "amount": "1元 by host"}}}'
    after = restyled(before.encode(), "x.yaml", library, "zh").decode()
    assert after == before.replace("1元 by host", "1元 由 属地")
    pair = before.replace('"甲"', '"\\ud872\\udc4e"')
    assert refusal(pair.encode(), library).code == "D101"


# What is refused ----------------------------------------------------------------


def test_a_file_with_errors_is_not_touched(library: Library) -> None:
    assert refusal(pack_with("when", " levl is national"), library).code == "N101"
    assert refusal(pack_with("amount", " 10% + 5万元 by host"), library).code.startswith("U")
    assert refusal(b"pack: [", library).code.startswith("F")
    assert refusal(b"vocabulary: x\n", library).code == "S114"


def test_nothing_is_given_out_that_would_mean_something_else(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    data = pack_with("amount", " upstream_funding matched 1:1 by host capped at 3万元")
    for wrong in ("upstream_funding matched 1:1 by host capped at 4万元", "upstream_funding matched 1:1 by"):

        def broken(node: Node, *rest: Any, text: str = wrong) -> str:
            return text if str(write(node)).count("matched") else write(node, *rest)

        monkeypatch.setattr(restyle, "write", broken)
        problem = refusal(data, library)
        assert problem.code == "D102"
        if wrong.endswith("万元"):
            assert problem.at is not None
            assert problem.at.source.text[slice(*problem.at.span)].startswith("upstream_funding matched")


def test_one_text_in_two_places_is_written_once(library: Library) -> None:
    item = "    label: {zh: %s, en: %s}\n    cite: {section: 一, phrase: 配}\n    amount: 1元 by host\n    when: %s\n"
    text = HEAD + "  a:\n" + item % ("甲", "a", "&c level  is national") + "  b:\n" + item % ("乙", "b", "*c")
    after = restyled(text.encode(), "x.yaml", library, "zh").decode()
    assert "when: &c 级别 为 国家级\n" in after
    assert "when: *c\n" in after


# Words and names ----------------------------------------------------------------

many = settings(max_examples=75, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("start", list(BY_START))
@given(data=st.data(), blank=st.sampled_from([" ", "  ", "\t", "\n  ", "　"]))
@many
def test_respacing_keeps_the_tree(start: Start, data: Any, blank: str) -> None:
    tree = data.draw(BY_START[start])
    for lang in ("en", "zh"):
        text = write(tree, lang)
        assume(len(text) * len(blank) <= LONGEST and text.count("(") <= BRACKETS)
        assert respaced(text) == text
        wide = text.replace(" ", blank)
        assert respaced(wide) == text
        assert read(wide, start) == tree


@pytest.mark.parametrize("start", list(BY_START))
@given(data=st.data())
@many
def test_both_surfaces_have_the_same_words_in_the_same_order(start: Start, data: Any) -> None:
    tree = data.draw(BY_START[start])
    english, chinese = (
        [t.kind for t in tokens(write(tree, lang)) if t.kind not in ("(", ")")] for lang in ("en", "zh")
    )
    if any(isinstance(node, Op) and node.op in ("sum_of", "count_of", "where") for node in walk(tree)):
        # Chinese names the list first, and says where a condition on its items ends
        assert set(english) == set(chinese)
    else:
        assert english == chinese


@pytest.mark.parametrize(("start", "text"), [(start, text) for start, text, _ in GOOD])
def test_respacing_keeps_what_a_drafter_typed(start: Start, text: str) -> None:
    once = respaced(text)
    assert read(once, start) == read(text, start)
    assert respaced(once) == once
    assert re.sub(r"\s", "", once) == re.sub(r"\s", "", text)


def test_names_are_the_names_of_the_grammar() -> None:
    grammar = data_file("grammar", "expression.lark").read_text(encoding="utf-8")
    in_grammar = re.compile(re.search(r"^_WORD: /(.*)/$", grammar, re.MULTILINE)[1])  # type: ignore[index]
    word = re.compile(WORD)
    assert _LETTERS in _KNOWN.pattern
    for char in filter(_KNOWN.fullmatch, map(chr, range(sys.maxunicode + 1))):
        for text in (char, f"a{char}"):
            assert bool(in_grammar.fullmatch(text)) == bool(word.fullmatch(text)), text
    assert is_a_name("上级扶持经费")
    assert not any(is_a_name(text) for text in (*RESERVED, "高新区（筹）", "a b", "1a", "", "a-b", "Ａ类"))


# The command --------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("ganyu-draft.yaml", "qidong-2023.yaml"):
        shutil.copy(ROOT / "policies" / name, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LANG", "C.UTF-8")
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def run(*arguments: str, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(cli, ["fmt", *arguments], input=stdin)


def test_one_file_is_printed(folder: Path, library: Library) -> None:
    before = (folder / "ganyu-draft.yaml").read_bytes()
    result = run("ganyu-draft.yaml", "--lang", "zh")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout_bytes == restyled(before, "ganyu-draft.yaml", library, "zh")
    assert run("-", "--lang", "zh", stdin=before).stdout_bytes == result.stdout_bytes
    assert run("ganyu-draft.yaml").stdout_bytes == before == (folder / "ganyu-draft.yaml").read_bytes()


def test_check_names_what_would_change(folder: Path, snapshot: object) -> None:
    assert run("--check", "ganyu-draft.yaml", "qidong-2023.yaml").exit_code == 0
    result = run("--check", "ganyu-draft.yaml", "qidong-2023.yaml", "--lang", "zh")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == snapshot


def test_diff_shows_it(folder: Path, snapshot: object) -> None:
    result = run("--diff", "ganyu-draft.yaml", "qidong-2023.yaml", "--lang", "zh")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == snapshot
    assert run("--diff", "--check", "ganyu-draft.yaml", "--lang", "zh").exit_code == 1


def test_write_keeps_the_mode_and_the_link(folder: Path, library: Library) -> None:
    path, link = folder / "ganyu-draft.yaml", folder / "link.yaml"
    link.symlink_to(path.name)
    path.chmod(0o640)
    wanted = restyled(path.read_bytes(), "x", library, "zh")
    result = run("--write", "link.yaml", "--lang", "zh")
    assert result.exit_code == 0
    assert "`link.yaml`" in result.stderr
    assert path.read_bytes() == wanted
    assert link.is_symlink()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert sorted(p.name for p in folder.iterdir()) == ["ganyu-draft.yaml", "link.yaml", "qidong-2023.yaml"]
    assert run("--write", "link.yaml", "--lang", "zh").stderr == ""


def test_a_file_that_cannot_be_replaced_stays_whole(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = (folder / "ganyu-draft.yaml").read_bytes()

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    result = run("--write", "ganyu-draft.yaml", "--lang", "zh")
    assert result.exit_code == 2
    assert "D107" in result.stderr
    assert (folder / "ganyu-draft.yaml").read_bytes() == before
    assert len(list(folder.iterdir())) == 2


def test_a_broken_file_is_told_and_the_others_are_done(folder: Path) -> None:
    text = (folder / "qidong-2023.yaml").read_text(encoding="utf-8")
    (folder / "broken.yaml").write_text(text.replace("amount: unspecified", "amount: unspecifid", 1), encoding="utf-8")
    result = run("--write", "broken.yaml", "ganyu-draft.yaml", "--lang", "en")
    assert result.exit_code == 2
    assert "N101" in result.stderr
    assert "unspecifid" in (folder / "broken.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["ganyu-draft.yaml", "qidong-2023.yaml"], "D104"),
        (["ganyu-draft.yaml", "--write", "--check"], "D105"),
        (["ganyu-draft.yaml", "--write", "--diff"], "D105"),
        (["-", "--write"], "D108"),
        (["git:HEAD:x.yaml", "--write"], "D108"),
        (["absent.yaml"], "F101"),
        ([], "C105"),
    ],
)
def test_what_cannot_be_asked_for(folder: Path, arguments: list[str], code: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert code in result.stderr
    assert result.stdout == ""
