"""What people type in place of what the grammar shows: read, or named with a mend; never a riddle."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from policyeval.check import check
from policyeval.library import Library, open_library
from policyeval.load import read_pack
from policyeval.pack import Pack
from policyeval.problems import Problem, errors
from policyeval.resolve import resolve
from test_restyle import HEAD, IN

CASES: list[dict[str, str]] = yaml.safe_load(
    (Path(__file__).parent / "cases" / "parse" / "typed.yaml").read_text(encoding="utf-8")
)
READ = [case for case in CASES if "same" in case]
NAMED = [case for case in CASES if "code" in case]


@pytest.fixture(scope="module")
def library() -> Library:
    return open_library(use_cache=False)


def opened(key: str, text: str, library: Library) -> tuple[Pack | None, list[Problem]]:
    """A pack that holds the text as a block, so that YAML leaves every character as it is."""
    value = f" |-\n      {text}"
    pack, problems = read_pack((HEAD + IN[key].replace(f"{key}:{{}}", f"{key}:{value}")).encode(), "x.yaml")
    if pack is not None:
        around = library.around(pack)
        pack, found = resolve(pack, library.vocabulary, around)
        problems += found or check(pack, library.vocabulary, around)
    return pack, errors(problems)


def bare(pack: Pack | None) -> Any:
    assert pack is not None
    return ([(a.amount, a.when) for a in pack.awards.values()], [s.rule for s in pack.precedence])


@pytest.mark.parametrize("case", READ, ids=lambda case: case["text"])
def test_it_is_read_as_it_was_meant(case: dict[str, str], library: Library) -> None:
    typed, problems = opened(case["key"], case["text"], library)
    meant, others = opened(case["key"], case["same"], library)
    assert problems == others == []
    assert bare(typed) == bare(meant)


@pytest.mark.parametrize("case", NAMED, ids=lambda case: ascii(case["text"]))
def test_it_is_named_with_its_mend(case: dict[str, str], library: Library) -> None:
    _, problems = opened(case["key"], case["text"], library)
    problem = problems[0]
    assert problem.at is not None
    assert problem.code == case["code"]
    assert problem.at.source.text[slice(*problem.at.span)] == case["piece"]
    lang: Any = case.get("say", "en")
    assert case["says"] in f"{problem.message(lang)} {problem.help(lang)}"
    for said in (problem.message("en"), problem.help("zh")):
        assert not re.search(r"[{}]|[A-Z_]{4,}(?! )", re.sub(r"`[^`]*`|U\+\w+ [A-Z -]+", "", said))


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_and_a_byte_order_mark(end: str, mark: str, library: Library) -> None:
    value = " >-\n      level is national\n      and\tupstream_funding above 5万元"
    text = HEAD + IN["when"].replace("when:{}", f"when:{value}")
    pack, problems = read_pack((mark + text).replace("\n", end).encode(), "x.yaml")
    assert errors(problems) == []
    plain, _ = read_pack(text.encode(), "x.yaml")
    assert bare(pack) == bare(plain)


def test_a_place_after_a_byte_order_mark_is_of_the_line(library: Library) -> None:
    text = ("\ufeff" + HEAD + IN["when"].replace("when:{}", "when: levl is national")).replace("\n", "\r\n")
    pack, _ = read_pack(text.encode(), "x.yaml")
    assert pack is not None
    _, (problem,) = resolve(pack, library.vocabulary, library.around(pack))
    assert problem.at is not None
    place = problem.at.source.place(problem.at.span.start)
    assert problem.at.source.line(place.line)[place.column - 1 :] == "levl is national"


def test_a_tab_for_indentation_is_named() -> None:
    _, problems = read_pack((HEAD + IN["when"].replace("{}", " x").replace("    when", "\twhen")).encode(), "x.yaml")
    assert problems[0].code == "F109"
