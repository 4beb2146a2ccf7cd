"""Texts into trees: cases as data, good and bad; limits; the grammar against the table of operators."""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from policyeval.data_files import data_file
from policyeval.functions import PHRASES, RESERVED, SLOT, TABLE, UNIT_WORDS, spaced
from policyeval.parse import BRACKETS, DEEPEST, LONGEST, STARTS, Start, parse
from policyeval.problems import Problem, Refusal
from policyeval.source import Place, Source, Span, Text
from policyeval.tree import Name, Node, Number, Op, walk
from policyeval.write import write

CASES = Path(__file__).parent / "cases" / "parse"


def cases(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load((CASES / name).read_text(encoding="utf-8"))
    return found


def read(text: str, start: Start = "amount") -> Node:
    return parse(Text.whole(text, "here"), start)


def refused(text: str, start: Start = "amount") -> Problem:
    with pytest.raises(Refusal) as caught:
        read(text, start)
    (problem,) = caught.value.problems
    return problem


def shown(node: Node) -> str:
    """A tree as the cases write it."""
    if isinstance(node, Op):
        return f"({' '.join([node.op, *map(shown, node.args)])})"
    return write(node)


GOOD = [(case["start"], text, case["tree"]) for case in cases("good.yaml") for text in case["texts"]]


@pytest.mark.parametrize(("start", "text", "tree"), GOOD)
def test_good(start: Start, text: str, tree: str) -> None:
    assert shown(read(text, start)) == str(tree)


@pytest.mark.parametrize("case", cases("bad.yaml"), ids=lambda case: case["text"])
def test_bad(case: dict[str, str]) -> None:
    problem = refused(case["text"], case["start"])
    lang = "zh" if case.get("lang") == "zh" else "en"
    assert problem.code == case["code"]
    assert problem.at is not None
    assert problem.at.source.text[slice(*problem.at.span)] == case["piece"]
    assert case["says"] in f"{problem.message(lang)} {problem.help(lang)}"


@pytest.mark.parametrize("case", cases("bad.yaml"), ids=lambda case: case["text"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_messages_speak_as_a_drafter_does(case: dict[str, str], lang: Any) -> None:
    problem = refused(case["text"], case["start"])
    message = problem.message(lang)
    assert not message[0].isupper()
    ours = re.sub(r"`[^`]*`|U\+[0-9A-F]+ [A-Z -]+", "", f"{message} {problem.help(lang)}")
    assert not re.search(r"[{}]|[A-Z_]{3,}|Token|Lark", ours)


def test_every_code_of_parsing_has_a_case() -> None:
    from policyeval.messages import MESSAGES

    codes = {code for code in MESSAGES if re.fullmatch(r"P1\d\d", code)}
    assert codes == {case["code"] for case in cases("bad.yaml")}


# ---- the grammar and the table


SAMPLES = {
    "amount": ["x", "y", "z"],
    "any": ["x", "y"],
    "condition": ["c", "d", "e"],
    "ratio": ["10%"],
    "split": ["1:1"],
    "payer": ["p", "q"],
    "award": ["a", "b"],
    "fact": ["f"],
    "regime": ["some-draft", "enacted"],
    "value": ["v", "w"],
    "set": ["f is v", "g is w"],
    "number": ["10%", "5万元"],
    "unit": ["元"],
    "count": ["n", "5"],
    "band": ["1% to 3万元", "2% to 5万元"],
    "beyond": ["3% above"],
    "statement": ["a replaces b"],
    "list": ["l"],
    "field": ["f"],
}


# what cannot stand alone
AROUND = {"set": "a as if {}", "band": "x in steps {}, 2% above", "beyond": "x in steps 1% to 5万元, {}"}


def filled(op: str, spelling: str) -> str:
    signature = TABLE[op].signature

    def operand(slot: re.Match[str]) -> str:
        index, comma = int(slot[1]), slot[2]
        samples = SAMPLES[signature[index].rstrip("…")]
        earlier = sum(kind.rstrip("…") == signature[index].rstrip("…") for kind in signature[:index])
        return samples[earlier] if comma is None else comma.join(samples[earlier:])

    return SLOT.sub(operand, spelling)


@pytest.mark.parametrize(
    ("op", "spelling"), [(row.op, spelling) for row in TABLE.values() for spelling in dict.fromkeys(row.en + row.zh)]
)
def test_every_spelling_of_the_table_is_read(op: str, spelling: str) -> None:
    text = filled(op, spelling)
    if op in AROUND:
        around = read(AROUND[op].format(text))
        assert isinstance(around, Op)
        (tree,) = (arg for arg in around.args if isinstance(arg, Op) and arg.op == op)
    else:
        position = TABLE[op].position
        start: Start = "amount" if position in ("either", "setting") else position  # type: ignore[assignment]
        tree = read(text, start)
    assert isinstance(tree, Op)
    assert tree.op == op


def test_grammar_and_table_have_the_same_words() -> None:
    grammar = data_file("grammar", "expression.lark").read_text(encoding="utf-8")
    in_grammar = set()
    for line in re.findall(r"^[A-Z_]+\.\d: (.*)", grammar, re.MULTILINE):
        for spelling in line.replace(" _GAP ", " ").split("|"):
            in_grammar.add(" ".join(re.findall(r'"(\w+)"', spelling)))
    assert in_grammar - {""} == set(PHRASES) | UNIT_WORDS


def test_grammar_has_no_conflicts(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    from lark import Lark, logger

    grammar = data_file("grammar", "expression.lark").read_text(encoding="utf-8")
    monkeypatch.setattr(logger, "propagate", True)
    with caplog.at_level(logging.DEBUG, logger.name):
        Lark(grammar, parser="lalr", lexer="basic", start=list(STARTS), debug=True)
        assert "onflict" not in caplog.text
        Lark('start: a | b\na: "x" ["y"]\nb: "x" "y" "y"\n!c: a', parser="lalr", debug=True)
        Lark('start: start "+" start | "x"', parser="lalr", debug=True)
    assert "Shift/Reduce conflict" in caplog.text  # so the check above can fail


@pytest.mark.parametrize("word", sorted(RESERVED))
def test_a_keyword_is_never_a_name(word: str) -> None:
    assert refused(f"x by {word}").code.startswith("P1")


# ---- places


def test_spans_are_of_the_file() -> None:
    value = "a + （10%　of bc)"
    source = Source("x.yaml", "amount: >\n  a +\n  （10%　of bc)\n")
    offsets = (*tuple(12 + i for i in range(3)), 15, *tuple(18 + i for i in range(len(value) - 4)))
    tree = parse(Text(value, source, offsets), "amount")
    pieces = [source.text[slice(*node.span)] for node in walk(tree)]
    assert pieces == ["a +\n  （10%　of bc)", "a", "10%　of bc", "10%", "bc"]


def test_a_problem_has_its_place_in_the_file() -> None:
    source = Source("x.yaml", "amount: |\n  x\n  macthed 1:1 by a\n")
    value = "x\nmacthed 1:1 by a\n"
    offsets = (12, 13, *range(16, 16 + len(value) - 2))
    with pytest.raises(Refusal) as caught:
        parse(Text(value, source, offsets), "amount")
    at = caught.value.problems[0].at
    assert at is not None
    assert source.place(at.span.start) == Place(3, 3)
    assert source.text[slice(*at.span)] == "macthed"


def test_full_width_forms_keep_every_offset() -> None:
    tree = read("（ａ　＋　ｂ） 最高 １，０００万元")
    assert isinstance(tree, Op)
    assert [node.span for node in walk(tree)] == [Span(0, 18), Span(1, 6), Span(1, 2), Span(5, 6), Span(11, 18)]


def test_numbers_are_exact() -> None:
    long = "0." + "1" * 500
    tree = read(long)
    assert isinstance(tree, Number)
    assert tree.value.denominator == 10**500
    assert write(tree) == long


# ---- limits


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a" * (LONGEST + 1), "X101"),
        ("(" * 10_000 + "a" + ")" * 10_000, "X101"),
        ("(" * (BRACKETS + 1) + "a" + ")" * (BRACKETS + 1), "X102"),
        ("(" * 2_000, "X102"),
        (")" * 4_000, "P108"),
        ("if a then b else " * 200 + "c", "X102"),
        ("if " * 1_000, "P101"),
        ("up to " * 600 + "c", "X102"),
        ("-" * 3_999 + "c", "X102"),
        (" + ".join("a" * 1_000), "X102"),
        ("a" + " by b" * 700, "X102"),
        ("1" * 4_000 + "x", "X101"),
        ("x " + "1:" * 1_900 + "1", "P101"),
    ],
)
def test_limits(text: str, code: str) -> None:
    assert refused(text).code == code


@pytest.mark.parametrize("word", ["not ", "非 "])
def test_limit_of_conditions(word: str) -> None:
    assert refused(word * 600 + "c", "condition").code == "X102"


@pytest.mark.parametrize(
    "text",
    [
        "(" * BRACKETS + "a" + ")" * BRACKETS,
        " + ".join("a" * (DEEPEST + 1)),
        "if a then b else " * DEEPEST + "c",
        "9" * LONGEST,
        "min(" + ", ".join("a" * 1_000) + ")",
    ],
)
def test_just_within_the_limits(text: str) -> None:
    tree = read(text)
    assert read(write(tree)) == tree


# ---- keywords joined to their neighbours


@pytest.mark.parametrize(
    ("word", "known", "apart"),
    [
        ("上级扶持经费配套", None, "上级扶持经费 配套"),
        ("级别为国家级", ["级别", "国家级"], "级别 为 国家级"),
        ("级别不低于市级且x", ["级别", "市级", "x"], "级别 不低于 市级 且 x"),
        ("级别为国家级", ["level"], None),
        ("配套", None, None),
        ("民营企业", None, None),
        ("上级扶持经费", None, None),
    ],
)
def test_spaced(word: str, known: list[str] | None, apart: str | None) -> None:
    assert spaced(word, known) == apart


def test_names_keep_their_parts() -> None:
    assert read("lianyungang-2021/matching.city") == Name("matching", "lianyungang-2021", "city")
