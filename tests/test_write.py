"""Trees into texts: both surfaces give the tree back, with no bracket too many."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from policyeval.functions import TABLE
from policyeval.parse import BRACKETS, LONGEST, Start
from policyeval.problems import Lang, Refusal
from policyeval.tree import Name, Node, Number, Op, Ref
from policyeval.write import _BINDING, write
from strategies import BY_START, TRIED
from test_parse import GOOD, read

LANGS: tuple[Lang, ...] = get_args(Lang)
many = settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("start", list(BY_START))
@given(data=st.data(), formula=st.booleans())
@many
def test_round_trip(start: Start, data: Any, formula: bool) -> None:
    tree = data.draw(BY_START[start])
    for lang in LANGS:
        text = write(tree, lang, formula=formula)
        assume(len(text) <= LONGEST and text.count("(") <= BRACKETS)
        assert read(text, start) == tree, text


@pytest.mark.parametrize("start", list(BY_START))
@given(data=st.data())
@settings(many, max_examples=75)
def test_no_bracket_can_be_left_out(start: Start, data: Any) -> None:
    tree = data.draw(BY_START[start])
    text = write(tree)
    for opened, closed in brackets(text):
        bare = f"{text[:opened]} {text[opened + 1 : closed]} {text[closed + 1 :]}"
        assert not_this(bare, start, tree), text


def brackets(text: str) -> list[tuple[int, int]]:
    opened, pairs = [], []
    for at, char in enumerate(text):
        if char == "(":
            opened.append(at)
        elif char == ")":
            pairs.append((opened.pop(), at))
    return [pair for pair in pairs if not text[: pair[0]].endswith(("known", "min", "max"))]


def not_this(text: str, start: Start, tree: Node) -> bool:
    try:
        return read(text, start) != tree
    except Refusal:
        return True


@pytest.mark.parametrize(("start", "text"), [(start, text) for start, text, _ in GOOD])
@pytest.mark.parametrize("lang", LANGS)
def test_what_is_read_is_written_and_read_again(start: Start, text: str, lang: Lang) -> None:
    tree = read(text, start)
    written = write(tree, lang)
    assert read(written, start) == tree
    assert write(read(written, start), lang) == written


def test_every_operator_is_written() -> None:
    assert set(_BINDING) == set(TABLE)
    for op, (_, slots) in _BINDING.items():
        assert len(slots) <= len(TABLE[op].signature), op
        assert bool(slots) == bool(TABLE[op].signature), op


def test_trees_of_every_operator_are_tried() -> None:
    assert set(TABLE) == TRIED


@pytest.mark.parametrize(
    ("text", "en", "zh"),
    [
        (
            "if ((a is b)) then ((x matched 1 : 0.50 by p,q)) capped at 1,000万 else (up to (10% of (x)))",
            "if a is b then x matched 1:0.5 by p, q capped at 1000万元 else up to 10% of x",
            "如果 a 为 b 则 x 配套 1:0.5 由 p、q 最高 1000万元 否则 给予不超过 10% 的 x",
        ),
        ("min(a, (b + c))", "lower of a, (b + c)", "就低 a、(b + c)"),
        ("(if a then b else c) + d", "(if a then b else c) + d", "(如果 a 则 b 否则 c) + d"),
        ("a - (b - c) - -d", "a - (b - c) - -d", "a - (b - c) - -d"),
        ("(a as if f is each) capped at 3", "(a as if f is each) capped at 3", "a 视同 f 为 each 最高 3"),
    ],
)
def test_surfaces(text: str, en: str, zh: str) -> None:
    assert (write(read(text), "en"), write(read(text), "zh")) == (en, zh)


@pytest.mark.parametrize(
    ("text", "formula"),
    [
        ("lower of upstream_funding, 1000万元", "min(upstream_funding, 1000万元)"),
        ("a + (higher of a, (b + c)) * 2", "a + max(a, b + c) * 2"),
        ("min(a, 3) + up to 10% of b", "min(a, 3) + up to 10% of b"),
        ("max((if c then a else b), (x capped at 3))", "max((if c then a else b), (x capped at 3))"),
    ],
)
def test_formulas(text: str, formula: str) -> None:
    assert write(read(text), formula=True) == formula


def test_names_are_called_as_the_reader_wants() -> None:
    labels = {"upstream_funding": "上级扶持经费", "city": "市级"}

    def label(name: Name | Ref) -> str:
        return labels.get(name.name, str(name))

    resolved = Op("by", (Ref("fact", "upstream_funding"), Ref("payer", "city")))
    for tree in (read("upstream_funding by city"), resolved):
        assert write(tree, "zh", label) == "上级扶持经费 由 市级"


def test_a_fraction_that_is_no_decimal_is_a_division() -> None:
    assert write(Op("mul", (Name("a"), Number(Fraction(1, 3), "万元")))) == "a * (1万元 / 3)"
    assert write(Op("sub", (Name("a"), Number(Fraction(-5, 2), "元")))) == "a - -2.5元"


def test_a_sign_does_not_hide_a_word_that_would_run_into_a_keyword() -> None:
    """`capped` may be a name, but not just before `at`."""
    tree = Op("at_least", (Op("neg", (Name("capped"),)), Op("unspecified")))
    assert write(tree) == "(-capped) at least unspecified"
    assert read(write(tree), "amount") == tree
