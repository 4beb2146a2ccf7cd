"""Trees into texts: both surfaces give the tree back, with no bracket too many."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from policyeval.functions import TABLE
from policyeval.parse import BRACKETS, LONGEST, Start
from policyeval.problems import Lang, Refusal
from policyeval.record import replace
from policyeval.tree import Day, Name, Node, Number, Op, Ref, Split
from policyeval.write import _BINDING, write
from strategies import BY_START, TRIED
from test_parse import GOOD, read

LANGS: tuple[Lang, ...] = get_args(Lang)
READ_AS: dict[str, Start] = {"condition": "condition", "statement": "statement", "claim": "claim"}

# What stands in a place that takes nothing else.
LEAVES: dict[str, Node] = {
    "number": Number(Fraction(3), "万元"),
    "unit": Number(Fraction(1), "万元"),
    "split": Split((Fraction(1), Fraction(2))),
    "value": Day(date(2023, 1, 1)),
}
PARTS = ("band", "beyond", "set")  # of one operator alone, and never in brackets


def kinds(op: str) -> list[str]:
    """Of each operand, where as many as may be are two."""
    return [kind.rstrip("…") for kind in TABLE[op].signature for _ in range(2 if kind.endswith("…") else 1)]


def small(op: str) -> Op:
    """The operator with a name in each of its places, or with what else must be there."""
    return Op(op, tuple(map(leaf, kinds(op))))


def leaf(kind: str) -> Node:
    if kind in PARTS or kind == "statement":
        return small("replaces" if kind == "statement" else kind)
    return LEAVES.get(kind, Name("x"))


# Some bind by what is in them: they stand here again.
SMALL = [small(op) for op in TABLE if op not in PARTS]
SMALL += [Op("at_least", (small("cap"), Name("x")))]
SMALL += [Op(op, (Name("x"), small(last))) for op in ("add", "sub") for last in ("up_to", "if")]


def inside(kind: str) -> list[Op]:
    """What may stand in a place, with brackets or without."""
    if kind in ("amount", "condition", "ratio", "any", "count"):
        return [tree for tree in SMALL if TABLE[tree.op].position in ("amount", "condition", "either")]
    if kind == "statement":
        return [tree for tree in SMALL if TABLE[tree.op].position == kind and tree.op != "when"]
    return [small("where")] if kind == "list" else []


many = settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("start", list(BY_START))
@given(data=st.data())
@many
def test_round_trip(start: Start, data: Any) -> None:
    tree = data.draw(BY_START[start])
    for lang in LANGS:
        text = write(tree, lang)
        assume(len(text) <= LONGEST and text.count("(") <= BRACKETS)
        assert read(text, start) == tree, text


@pytest.mark.parametrize("start", list(BY_START))
@given(data=st.data())
@settings(many, max_examples=75)
def test_no_bracket_can_be_left_out(start: Start, data: Any) -> None:
    tree = data.draw(BY_START[start])
    text = write(tree)
    assert not needless(text, start, tree), text


@pytest.mark.parametrize("op", [op for op in TABLE if op not in PARTS])
def test_every_operator_inside_every_other(op: str) -> None:
    """In each of its places: both come back, and no bracket can be left out."""
    start = READ_AS.get(TABLE[op].position, "amount")
    written = [(write(tree, lang), tree) for tree in nested(op) for lang in LANGS]
    assert not [text for text, tree in written if read(text, start) != tree or needless(text, start, tree)]


def nested(op: str) -> Iterator[Op]:
    """`op` with every operator in each of its places."""
    for tree in (tree for tree in SMALL if tree.op == op):
        for place, kind in enumerate(kinds(op)):
            for inner in inside(kind):
                yield replace(tree, args=(*tree.args[:place], inner, *tree.args[place + 1 :]))


def brackets(text: str) -> list[tuple[int, int]]:
    """Where a bracket opens and closes that is no part of a keyword."""
    opened, pairs = [], []
    for at, char in enumerate(text):
        if char == "(":
            opened.append(at)
        elif char == ")":
            pairs.append((opened.pop(), at))
    return [pair for pair in pairs if not text[: pair[0]].endswith(("known", "已知", "min", "max"))]


def needless(text: str, start: Start, tree: Node) -> bool:
    """Whether there is a bracket in the text of `tree` without which it says the same."""
    for opened, closed in brackets(text):
        space = "" if text[:opened].endswith("-") else " "  # the sign of a negative stands close by
        if same(f"{text[:opened]}{space}{text[opened + 1 : closed]} {text[closed + 1 :]}", start, tree):
            return True
    return False


def same(text: str, start: Start, tree: Node) -> bool:
    try:
        return read(text, start) == tree
    except Refusal:
        return False


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
