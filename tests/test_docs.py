"""The documents tell the truth: their commands print what they show, their packs load, their Python runs.

In: README.md, CONTRIBUTING.md and docs/. Of a document, in order and in a folder of its own that has `examples` and
`policies`:

- `console` blocks: every `$ policyeval …` is run, and what it prints is compared with the lines below it. A line that
  is only `…` stands for any lines. `$ cp A B` copies.
- `yaml` blocks: a vocabulary, a pack, a part of a pack or a case must load without a problem; two spellings of one
  expression must mean the same; a block that opens with the path of a file must be that file.
- `python` blocks with `>>>` are run as doctests.
- `<!-- test: edit FILE: OLD -> NEW -->` does what the text tells a reader to do; `<!-- test: exit N -->` says which
  exit status the commands of the next block have.

`make snapshots` records the outputs anew, as it does the snapshots.
"""

from __future__ import annotations

import doctest
import json
import re
import shlex
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from policyeval.cases import read_cases, typed
from policyeval.cli.main import cli
from policyeval.functions import SLOT, TABLE, Operator
from policyeval.library import open_library
from policyeval.money import read_money
from policyeval.pack import Pack
from policyeval.problems import render
from policyeval.regime import Regimes

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")])
NAMES = [document.relative_to(ROOT).as_posix() for document in DOCUMENTS]
WIDTH = "100"  # columns of the outputs that the documents show

_PIECE = re.compile(r"^```(\w+)\n(.*?)^```$|^<!-- test: (\w+) (.*?) -->$", re.MULTILINE | re.DOTALL)
_DIGEST = re.compile(r"(sha256 )[0-9a-f]{12}|(\"sha256\": \")[0-9a-f]{64}")
_OPERATORS = re.compile(r"(?<=<!-- operators -->\n).*?(?=<!-- /operators -->)", re.DOTALL)
_ANY = "…"

_CITE = {"section": "一", "phrase": "配套"}
_AWARD = {
    "label": {"zh": "配套", "en": "matching"},
    "cite": _CITE,
    "amount": "upstream_funding matched 1:0.5 by host",
}
# What a part of a pack is checked in: what a pack must have, and awards that statements can speak of.
_AROUND: dict[str, Any] = {
    "pack": "example",
    "version": "1.0.0",
    "status": "enacted",
    "uses": {"lianyungang-2021": "^1"},
    "jurisdiction": "ganyu",
    "document": {"title": {"zh": "例", "en": "an example"}},
    "effective": {"from": "2024-01-01"},
    "payers": ["city", "host"],
    "awards": {name: {**_AWARD, "family": f"{name}es"} for name in ("match", "reward", "subsidy")},
}


@pytest.fixture(autouse=True)
def _steady(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The same language, width and cache wherever the tests run."""
    for name in ("LC_ALL", "LC_MESSAGES", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setenv("COLUMNS", WIDTH)
    monkeypatch.setenv("POLICYEVAL_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))
    monkeypatch.setattr("policyeval.cli.chart_svg.svg", lambda *_: b"<svg/>")  # no document shows what is in a picture


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which a reader may do what a document says."""
    for name in ("examples", "policies"):
        shutil.copytree(ROOT / name, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@dataclass(frozen=True)
class Piece:
    """A block or a remark of a document: `kind` is its language, or `edit` or `exit`."""

    kind: str
    text: str
    start: int  # of the text, in the document


def pieces(text: str) -> Iterator[Piece]:
    for match in _PIECE.finditer(text):
        kind, body, remark, words = match.groups()
        yield Piece(remark or kind, words or body or "", match.start(4 if remark else 2))


def blocks(name: str, kind: str) -> list[Piece]:
    return [p for p in pieces((ROOT / name).read_text(encoding="utf-8")) if p.kind == kind]


# Commands ---------------------------------------------------------------------


@dataclass
class Step:
    """A command as shown, and the lines below it."""

    command: str
    shown: list[str] = field(default_factory=list)


def steps(block: str) -> list[Step]:
    found: list[Step] = []
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append(Step(line))
        elif found[-1].command.endswith("\\") and not found[-1].shown:
            found[-1].command += f"\n{line}"
        else:
            found[-1].shown.append(line)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_commands_print_what_is_shown(name: str, folder: Path, request: pytest.FixtureRequest) -> None:
    document = ROOT / name
    text = document.read_text(encoding="utf-8")
    recorded, status = text, 0
    for piece in pieces(text):
        if piece.kind == "edit":
            edit(folder, piece.text)
        elif piece.kind == "exit":
            status = int(piece.text)
        elif piece.kind == "console":
            new = [replace_shown(step, run(step.command, status)) for step in steps(piece.text)]
            recorded = recorded.replace(piece.text, "".join(new), 1)
            status = 0
    if request.config.getoption("update_snapshots"):
        document.write_text(recorded, encoding="utf-8", newline="\n")
    else:
        assert text == recorded


def edit(folder: Path, words: str) -> None:
    """What the text tells a reader to change in a file."""
    name, _, change = words.partition(": ")
    old, _, new = change.partition(" -> ")
    before = (folder / name).read_text(encoding="utf-8")
    assert before.count(old) == 1, f"{name} has {before.count(old)} times: {old}"
    (folder / name).write_text(before.replace(old, new), encoding="utf-8", newline="\n")


def run(command: str, status: int) -> list[str]:
    """The lines that a command prints, its messages among them."""
    program, *arguments = shlex.split(command.removeprefix("$ ").replace("\\\n", " "))
    if program == "cp":
        shutil.copy(*arguments)
        return []
    assert program == "policyeval", f"a console block runs policyeval or cp alone: {command}"
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == status, f"{command}\nexit status {result.exit_code}, not {status}\n{result.output}"
    return [_DIGEST.sub(r"\1\2…", line).rstrip() for line in result.output.splitlines()]


def replace_shown(step: Step, printed: Sequence[str]) -> str:
    """The step with what is printed now; what it leaves out stays left out."""
    return "".join(f"{line}\n" for line in [step.command, *shown_of(step.shown, printed)])


def shown_of(shown: Sequence[str], printed: Sequence[str]) -> list[str]:
    """The printed lines, with `…` for what `shown` leaves out; a stretch goes from its first line to its last."""
    if _ANY not in shown:
        return list(printed)
    stretches: list[list[str]] = [[]]
    for line in shown:
        if line == _ANY:
            stretches.append([])
        else:
            stretches[-1].append(line)
    found: list[str] = []
    at = 0
    for i, stretch in enumerate(stretches):
        if i:
            found.append(_ANY)
        if not stretch:
            continue
        first = at if i == 0 else _place(printed, stretch[0], at)
        if i == len(stretches) - 1:
            end = len(printed)
        elif list(printed[first : first + len(stretch)]) == stretch:
            end = first + len(stretch)
        else:
            end = _place(printed, stretch[-1], first) + 1
        found += printed[first:end]
        at = end
    return found


def _place(printed: Sequence[str], line: str, start: int) -> int:
    for i in range(start, len(printed)):
        if printed[i] == line:
            return i
    raise AssertionError(f"no longer printed, so show another line there: {line}")


def test_what_is_left_out_stays_left_out() -> None:
    printed = ["a", "b", "new", "c", "d", "e"]
    assert shown_of(["a", "b"], printed) == printed
    assert shown_of(["a", "…"], printed) == ["a", "…"]
    assert shown_of(["a", "…", "c", "…", "e"], printed) == ["a", "…", "c", "…", "e"]
    assert shown_of(["…", "b", "c", "…"], printed) == ["…", "b", "new", "c", "…"]
    with pytest.raises(AssertionError, match="no longer printed"):
        shown_of(["…", "gone", "…"], printed)


# Packs ------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_packs_load(name: str, folder: Path) -> None:
    for block in blocks(name, "yaml"):
        first = block.text.partition("\n")[0].removeprefix("# ")
        if (ROOT / first).is_file():
            assert block.text == (ROOT / first).read_text(encoding="utf-8")
            continue
        data = yaml.load(block.text, yaml.BaseLoader)
        match data:
            case {"vocabulary": _}:  # for the blocks that follow on the page
                (folder / "more").mkdir(exist_ok=True)
                (folder / "more" / f"{data['vocabulary']}.yaml").write_text(block.text, encoding="utf-8")
            case {"pack": _}:
                checked(folder, block.text)
            case {"amount": [*_]} | {"when": [*_]} | {"rule": [*_]}:
                same_meaning(folder, data)
            case {"platform": _}:
                more = folder / "more"
                for case in read_cases(block.text.encode(), name):
                    typed(case, open_library([more] if more.is_dir() else []).vocabulary)
            case _:
                checked(folder, part_of_a_pack(data))


def part_of_a_pack(part: dict[str, Any]) -> str:
    awards = {**_AROUND["awards"], **part.get("awards", {})}
    return json.dumps({**_AROUND, **part, "awards": awards}, ensure_ascii=False, indent=1)  # JSON is YAML too


def checked(folder: Path, text: str) -> Pack:
    """The pack, loaded and without any problem."""
    path = folder / "checked.yaml"
    path.write_text(text, encoding="utf-8", newline="\n")
    more = folder / "more"
    library = open_library([more] if more.is_dir() else [], files=[str(path)])
    said = [render(problem) for problem in library.problems]
    assert not said, "\n".join(said)
    return library.named[str(path)]


def same_meaning(folder: Path, data: dict[str, list[str]]) -> None:
    """All spellings of an expression give one tree."""
    ((key, texts),) = data.items()
    if key == "rule":
        pack = checked(folder, part_of_a_pack({"precedence": [{"rule": text, "cite": _CITE} for text in texts]}))
        trees = [statement.rule for statement in pack.precedence]
    else:
        spelled = {f"spelling_{i}": {**_AWARD, key: text} for i, text in enumerate(texts)}
        pack = checked(folder, part_of_a_pack({"awards": spelled}))
        trees = [getattr(pack.awards[id], key) for id in spelled]
    assert len(texts) > 1
    assert all(tree == trees[0] for tree in trees), texts


def test_the_new_city_pays_what_its_cases_say() -> None:
    library = open_library([ROOT / "examples" / "new-city"])
    assert not library.problems
    (pack,) = library.versions["qinglan-2024"]
    assert pack.cases
    for case in pack.cases:
        assert case.as_of
        answer = Regimes(library, case.as_of).answer(typed(case.platform, library.vocabulary))
        expected = case.expect["support"]
        ends = [expected["min"], expected["max"]] if isinstance(expected, dict) else [expected, expected]
        assert list(answer.support) == [read_money(end) for end in ends]


# Python -----------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_python_prints_what_is_shown(name: str, folder: Path) -> None:
    text = "\n".join(block.text for block in blocks(name, "python"))
    said: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    runner.run(doctest.DocTestParser().get_doctest(text, {}, name, name, 0), out=said.append)
    assert not runner.failures, "".join(said)


# What is written about the language -------------------------------------------


def operator_table() -> str:
    """Every operator with its spellings and its meaning."""
    kinds = {"amount": "Amounts", "setting": "Amounts", "either": "Amounts and conditions", "condition": "Conditions",
             "statement": "Statements of precedence", "claim": "Claims"}  # fmt: skip
    groups: dict[str, list[Operator]] = {}
    for row in TABLE.values():
        groups.setdefault(kinds[row.position], []).append(row)
    lines: list[str] = []
    for title, rows in groups.items():
        lines += [f"### {title}", "", "| English | 中文 | means | 含义 |", "| --- | --- | --- | --- |"]
        lines += [
            f"| {_spellings(row, 'en')} | {_spellings(row, 'zh')} | {row.doc['en']} | {row.doc['zh']} |" for row in rows
        ]
        lines.append("")
    return "\n" + "\n".join(lines)


_SLOTS = {"split": "1:r", "payer": "P", "fact": "fact", "value": "V", "condition": "C", "statement": "S", "ratio": "p",
          "award": "A", "any": "X", "count": "n", "number": "V", "unit": "unit", "list": "L",
          "field": "field"}  # fmt: skip
_WITHIN = {
    "set": {"en": "fact is V", "zh": "fact 为 V"},
    "band": {"en": "V to W", "zh": "V 至 W"},
    "beyond": {"en": "V above", "zh": "V 以上部分"},
}


def _spellings(row: Operator, lang: str) -> str:
    """The spellings of one language, operands as letters: E and F for two amounts, C and D for two conditions."""

    def shown(match: re.Match[str]) -> str:
        kinds = [kind.rstrip("…") for kind in row.signature]
        at = int(match[1])
        alike = [i for i, kind in enumerate(kinds) if kind == kinds[at]]
        name = _WITHIN[kinds[at]][lang] if kinds[at] in _WITHIN else _SLOTS.get(kinds[at], "E")
        if len(alike) > 1 and len(name) == 1:
            name = chr(ord(name) + alike.index(at))
        return f"{name}{match[2]}…" if match[2] is not None else name

    return "<br>".join(f"`{SLOT.sub(shown, spelling)}`" for spelling in getattr(row, lang))


def test_the_table_of_operators_is_whole(request: pytest.FixtureRequest) -> None:
    page = ROOT / "docs" / "language.md"
    text = page.read_text(encoding="utf-8")
    new = _OPERATORS.sub(lambda _: operator_table(), text)
    assert _OPERATORS.search(text)
    if request.config.getoption("update_snapshots"):
        page.write_text(new, encoding="utf-8", newline="\n")
    else:
        assert text == new


# The documents as such --------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_links_lead_somewhere(name: str) -> None:
    document = ROOT / name
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", document.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (document.parent / target).exists(), target


def test_every_decision_is_listed() -> None:
    listed = (ROOT / "docs" / "decisions" / "README.md").read_text(encoding="utf-8")
    decisions = sorted(path.name for path in (ROOT / "docs" / "decisions").glob("[0-9]*.md"))
    assert [name for name in decisions if f"({name})" not in listed] == []
    assert len({name[:4] for name in decisions}) == len(decisions)
