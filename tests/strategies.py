"""Trees to try things on: every operator of the table, with operands of the right sort or another."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from hypothesis import strategies as st
from policyeval.functions import RESERVED, TABLE
from policyeval.tree import Day, Name, Node, Number, Op, Split
from policyeval.units import UNITS

# Among the words are some that are part of a keyword (`each capped at`), and some that hold one (`配套费`).
_WORDS = ["x", "level", "iffy", "by_law", "each", "together", "higher", "lower", "net", "never", "capped", "at", "_a1"]
_WORDS += ["市级", "上级扶持经费", "配套费", "非营利", "a市", "二〇二三"]
_PACKS = ["lianyungang-2021", "赣榆-草案", "p", "by-laws", "if-2-3"]

words = st.sampled_from(_WORDS)
decimals = st.integers(0, 10**12).flatmap(lambda n: st.integers(0, 6).map(lambda places: Fraction(n, 10**places)))
names = st.builds(Name, words, st.none() | st.sampled_from(_PACKS), st.none() | words)
numbers = st.builds(Number, decimals, st.none() | st.sampled_from(sorted(UNITS)))
days = st.builds(Day, st.dates(date(1000, 1, 1)))
splits = st.builds(Split, st.lists(decimals, min_size=2, max_size=4).map(tuple))
values = names | numbers | days

_LEAVES: dict[str, st.SearchStrategy[Node]] = {
    "split": splits,
    "payer": names,
    "award": names,
    "regime": st.sampled_from(["enacted", "ganyu-draft", "赣榆-草案"]).map(Name),
    "fact": names,
    "value": values,
    "number": numbers,
    "unit": st.sampled_from(sorted(UNITS)).map(lambda unit: Number(Fraction(1), unit)),
    "band": st.builds(lambda figure, bound: Op("band", (figure, bound)), numbers, numbers),
    "beyond": st.builds(lambda figure: Op("beyond", (figure,)), numbers),
    "set": st.builds(lambda fact, value: Op("set", (fact, value)), names, values),
    "field": names,
}
_MIXED = ("amount", "condition", "ratio", "any", "count")


TRIED = {"set", "when", "band", "beyond", "where"}  # every operator that the strategies below put into a tree


def _rows(*positions: str) -> list[str]:
    found = [row.op for row in TABLE.values() if row.position in positions and row.op != "when"]
    TRIED.update(found)
    return found


def operators(op: str, inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Op]:
    """Trees whose top is `op`; what stands below comes from `inner` where it is not a name or another leaf."""
    slots = []
    for kind in TABLE[op].signature:
        operand = _operand(kind.rstrip("…"), inner)
        one = st.lists(operand, min_size=1, max_size=3) if kind.endswith("…") else operand.map(lambda node: [node])
        slots.append(one)
    return st.tuples(*slots).map(lambda found: Op(op, tuple(node for nodes in found for node in nodes)))


def _operand(kind: str, inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    if kind == "list":
        return names | st.builds(lambda listed, condition: Op("where", (listed, condition)), names, inner)
    return inner if kind in _MIXED else _LEAVES[kind]


def _one_of(ops: list[str], inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    return st.one_of([operators(op, inner) for op in ops])


expressions: st.SearchStrategy[Node] = st.recursive(
    values, lambda inner: _one_of(_rows("amount", "condition", "either"), inner), max_leaves=12
)
amounts = names | numbers | _one_of(_rows("amount", "either"), expressions)
conditions = names | _one_of(_rows("condition", "either"), expressions)
_plain_statements = _one_of(_rows("statement"), expressions)
statements = _plain_statements | st.builds(lambda rule, when: Op("when", (rule, when)), _plain_statements, expressions)
_sums = names | numbers | _one_of(["add", "sub", "of", "mul", "support_of", "pays_under"], names | numbers)
_compared = st.sampled_from(["at_least", "at_most", "above", "below", "is"])
claims = _one_of(_rows("claim"), expressions) | st.builds(
    lambda op, left, right: Op(op, (left, right)), _compared, _sums, _sums
)

BY_START: dict[str, st.SearchStrategy[Node]] = {
    "amount": amounts,
    "condition": conditions,
    "statement": statements,
    "claim": claims,
}

assert not RESERVED & set(_WORDS)
