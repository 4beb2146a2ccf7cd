"""The type of every expression, and the clashes.

In: a resolved pack. Out: `Types`, a side table from node to type, and the problems, each with both sides underlined.
Promises:

- A bare number takes the kind that its position wants: in `capped at 1000` it is 1000 yuan and its type is money. The
  leaf itself carries the type, so a reader of the tree never guesses.
- A node whose type is not known (a dangling name, an absent pack) has no type and causes no further problem.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise

from policyeval.pack import Authority, Award, Entitlement, Pack
from policyeval.problems import At, Problem
from policyeval.record import Record, field
from policyeval.source import Span
from policyeval.tree import Day, Name, Node, Number, Op, Ref, Split, walk
from policyeval.types import BOOL, COUNT, DATE, KIND_NAMES, MONEY, NUMBER, RATIO, SPLIT, Type
from policyeval.units import UNITS
from policyeval.vocabulary import Vocabulary

# A short remark under the other side of a clash: "this is money".
REMARKS = {kind: f"U28{i}" for i, kind in enumerate(kind for kind in KIND_NAMES if kind != "list")}

SCALARS = frozenset({"ratio", "number", "count"})
ORDERED = frozenset({"money", "ratio", "number", "count", "date", "ordered"})
LISTED = frozenset({"enumeration", "ordered", "bool", "place"})


class Types(Record):
    """What each node is. `of(node)` is None for what has no type; nodes are told apart by identity."""

    table: dict[int, Type | None] = field(default_factory=dict)

    def of(self, node: Node) -> Type | None:
        return self.table.get(id(node))


def types_of(pack: Pack, vocabulary: Vocabulary, packs: Mapping[str, Pack]) -> tuple[Types, list[Problem]]:
    """The types of all expressions of a resolved pack, each in its position, and the clashes."""
    typing = Typing(pack, vocabulary, packs)
    for award in pack.awards.values():
        typing.money(award.amount)
    for condition in conditions(pack):
        typing.condition(condition)
    for statement in pack.precedence:
        typing.statement(statement.rule)
    for guarantee in pack.guarantees:
        typing.statement(guarantee.claim)
    return typing.types, typing.problems


def conditions(pack: Pack) -> Iterator[Node]:
    """The `when` of every award, entitlement, department and provision."""
    items: tuple[Award | Entitlement | Authority, ...] = (*pack.awards.values(), *pack.entitlements.values())
    for item in (*items, *pack.authority):
        if item.when is not None:
            yield item.when
    for _, condition in pack.provisions.conditions():
        yield condition


def type_of(node: Node, pack: Pack, vocabulary: Vocabulary, packs: Mapping[str, Pack]) -> Type | None:
    """The type of one expression standing alone; a bare number is a number."""
    return Typing(pack, vocabulary, packs).infer(node)


class Typing:
    """One pass over the expressions of a pack."""

    def __init__(self, pack: Pack, vocabulary: Vocabulary, packs: Mapping[str, Pack]) -> None:
        self.pack, self.vocabulary, self.packs = pack, vocabulary, packs
        self.types = Types()
        self.problems: list[Problem] = []

    # positions

    def money(self, node: Node) -> None:
        """Money must stand here; a bare number is yuan."""
        found = self.infer(node)
        if found is None or found == MONEY or self.adapt(node, MONEY):
            return
        self.clash("U207" if found == BOOL else "U212", node, type=found)

    def condition(self, node: Node) -> None:
        """A condition must stand here."""
        if isinstance(node, Op) and node.op == "at_least":
            self.note(node, _compare(self, node))
            return
        found = self.infer(node)
        if found is not None and found != BOOL:
            self.clash("U208", node, type=found)

    def statement(self, node: Node) -> None:
        """A statement of precedence or a claim."""
        if not isinstance(node, Op):
            return
        if node.op == "when":
            self.statement(node.args[0])
            self.condition(node.args[1])
            return
        if node.op in _CLAIMS:
            self.note(node, _compare(self, node))
            return
        for arg in node.args:
            self.money(arg)

    def infer(self, node: Node) -> Type | None:
        """The node's type by itself, noted in the table."""
        match node:
            case Number(unit=None):
                found: Type | None = NUMBER
            case Number(unit=str(unit)):
                found = MONEY if UNITS[unit].kind == "money" else RATIO
            case Split():
                found = SPLIT
            case Day():
                found = DATE
            case Ref():
                found = self._ref(node)
            case Op():
                found = RULES[node.op](self, node) if node.op in RULES else None
            case _:
                found = None
        return self.note(node, found)

    def note(self, node: Node, found: Type | None) -> Type | None:
        self.types.table[id(node)] = found
        return found

    def _ref(self, ref: Ref) -> Type | None:
        if ref.role == "fact":
            if self.is_list(ref):
                self.clash("U229", ref)
                return None
            return self.vocabulary.facts[ref.name].type
        if ref.role == "reading":
            return Type("enumeration", str(ref))
        if ref.role == "value":
            fact = self.vocabulary.facts.get(ref.of or "")
            return fact.type if fact else Type("enumeration", ref.of)
        if ref.role == "place":
            return Type("place")
        return MONEY if ref.role in ("award", "family", "slot") else None

    def is_list(self, node: Node) -> bool:
        return isinstance(node, Ref) and node.role == "fact" and node.name in self.vocabulary.lists

    # numbers that take the kind of their position

    def adapt(self, node: Node, wanted: Type) -> bool:
        """Whether the node is made of bare numbers alone; if so it has the type wanted from now on."""
        if not _bare(node):
            return False
        if isinstance(node, Op):
            parts: tuple[Node, ...] = node.args[ADAPTED[node.op]]
            for part in parts:
                self.adapt(part, wanted)
        self.note(node, wanted)
        return True

    def common(self, a: Node, b: Node) -> Type | None:
        """The type that two inferred sides share, a bare number adapting to the other; None where they clash."""
        left, right = self.types.of(a), self.types.of(b)
        if left is None or right is None:
            return None
        if left.kind == right.kind:
            return left if left == right or left.kind == "place" else None
        for node, other in ((a, right), (b, left)):
            if other.kind in ("money", *SCALARS) and self.adapt(node, other):
                return other
        return NUMBER if {left.kind, right.kind} == {"number", "count"} else None

    # problems

    def clash(self, code: str, node: Node, *others: Node, **words: object) -> None:
        """A problem at the node, with a remark under each other side. A type among the words is shown by its name."""
        text = self.text(node.span)
        shown = {"text": text} | {k: _named(v, text) if isinstance(v, Type) else v for k, v in words.items()}
        remarks = tuple((self.at(o.span), REMARKS[t.kind]) for o in others if (t := self.types.of(o)) is not None)
        self.problems.append(Problem(code, shown, self.at(node.span), remarks))

    def at(self, span: Span) -> At:
        return At(self.pack.source, span)

    def text(self, span: Span) -> str:
        return quoted(self.pack, span)


def _named(kind: Type, text: str) -> dict[str, str]:
    """The type in words; of a list's own name, that it is a list."""
    return KIND_NAMES[kind.kind] if kind.of and kind.of.rpartition("/")[2] == text else kind.words


def quoted(pack: Pack, span: Span) -> str:
    """The words at a place, on one line and not too long for a message."""
    words = " ".join(pack.source.text[span.start : span.end].split())
    return words if len(words) <= 60 else words[:59] + "…"


# Of which operands a bare expression is made, and which of them take the kind of its position.
BARE_PARTS: dict[str, slice] = dict.fromkeys(("add", "sub", "neg", "mul", "div", "higher", "lower"), slice(None))
BARE_PARTS |= {"if": slice(1, None), "cap": slice(None), "cap_each": slice(None), "at_least": slice(None)}
ADAPTED: dict[str, slice] = BARE_PARTS | {"mul": slice(1), "div": slice(1)}


def _bare(node: Node) -> bool:
    """Made of numbers without a unit alone."""
    if isinstance(node, Op):
        parts: tuple[Node, ...] = node.args[BARE_PARTS[node.op]] if node.op in BARE_PARTS else ()
        return bool(parts) and all(map(_bare, parts))
    return isinstance(node, Number) and node.unit is None


# the rules: what each operator makes of its operands


def _numeric(t: Typing, *nodes: Node) -> bool:
    """Whether all are amounts or numbers; the first that is not is a problem, its neighbour the other side."""
    for node in nodes:
        found = t.types.of(node)
        if found is not None and found.kind not in ("money", *SCALARS):
            t.clash("U207" if found == BOOL else "U206", node, *(n for n in nodes if n is not node), type=found)
            return False
    return True


def _money_first(t: Typing, node: Op) -> Type:
    """`up to`, `by`: the amount; payers have no type."""
    t.money(node.args[0])
    return MONEY


def _unspecified(_t: Typing, _node: Op) -> Type:
    return MONEY


def _sum(t: Typing, node: Op) -> Type | None:
    a, b = node.args
    left, right = t.infer(a), t.infer(b)
    if not _numeric(t, a, b):
        return None
    found = t.common(a, b)
    if found is None and left and right:
        t.clash("U201" if node.op == "add" else "U222", b, a, left=left, right=right)
    return found


def _negated(t: Typing, node: Op) -> Type | None:
    found = t.infer(node.args[0])
    return found if _numeric(t, node.args[0]) else None


def _product(t: Typing, node: Op) -> Type | None:
    a, b = node.args
    left, right = t.infer(a), t.infer(b)
    if not _numeric(t, a, b) or left is None or right is None:
        return None
    if left == right == MONEY:
        t.clash("U202", b, a)
        return None
    if MONEY in (left, right):
        return MONEY
    return left if left == right else NUMBER


def _quotient(t: Typing, node: Op) -> Type | None:
    a, b = node.args
    found, divisor = t.infer(a), t.infer(b)
    if divisor is not None and worth(b) is None:
        t.clash("U209", b, a)
    elif worth(b) == 0:
        t.clash("U210", b, a)
    return found if _numeric(t, a) else None


def worth(node: Node) -> Fraction | None:
    """What arithmetic over bare numbers comes to; None for anything else."""
    if isinstance(node, Number):
        return node.value if node.unit is None else None
    if not isinstance(node, Op) or node.op not in ARITHMETIC:
        return None
    values = [value for arg in node.args if (value := worth(arg)) is not None]
    if len(values) < len(node.args) or (node.op == "div" and values[1] == 0):
        return None
    return ARITHMETIC[node.op](*values)


ARITHMETIC: dict[str, Callable[..., Fraction]] = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "div": operator.truediv,
    "neg": operator.neg,
}


def _share(t: Typing, node: Op) -> Type | None:
    """`10% of E`."""
    share, whole = node.args
    found = t.infer(share)
    of = t.infer(whole)
    if found is not None and found != RATIO:
        t.clash("U211", share, whole, type=found)
    if not _numeric(t, whole):
        return None
    if of == NUMBER and t.adapt(whole, MONEY):
        return MONEY
    return of


def _bounded(t: Typing, node: Op) -> Type | None:
    """`capped at`, `each capped at`, and `at least` as a floor: both sides alike."""
    amount, bound = node.args
    left, right = t.infer(amount), t.infer(bound)
    if node.op == "at_least" and left is not None and left.kind not in ("money", *SCALARS):
        return BOOL  # a comparison: whoever wanted an amount says so
    if left is None or right is None:
        return left
    found = t.common(amount, bound)
    if found is None or found.kind not in ("money", *SCALARS):
        t.clash("U203", bound, amount, left=left, right=right)
        return left
    return found


def _matched(t: Typing, node: Op) -> Type:
    base, split, *payers = node.args
    t.money(base)
    t.infer(split)
    if isinstance(split, Split):
        _split(t, split, payers)
    return MONEY


def _split(t: Typing, split: Split, payers: list[Node]) -> None:
    shares = len(split.parts) - 1
    if shares != len(payers):
        by = Span(payers[0].span.start, payers[-1].span.end)
        words = {"text": t.text(split.span), "shares": shares, "payers": len(payers)}
        t.problems.append(Problem("U204", words, t.at(split.span), ((t.at(by), "U290"),)))
    if split.parts[0] == 0:
        t.clash("U205", split)


def _alike(t: Typing, node: Op) -> Type | None:
    """`higher of`, `lower of`, and the branches of `if`: one type for all."""
    branches = node.args[1:] if node.op == "if" else node.args
    if node.op == "if":
        t.condition(node.args[0])
    return _one_type(t, branches)


def _one_type(t: Typing, branches: Sequence[Node]) -> Type | None:
    """The type that all share; bare numbers adapt to the first that is none."""
    found = [t.infer(branch) for branch in branches]
    first = next((b for b, f in zip(branches, found, strict=True) if f is not None and not _bare(b)), branches[0])
    for branch, kind in zip(branches, found, strict=True):
        wanted = t.types.of(first)
        if kind is not None and wanted is not None and branch is not first and t.common(first, branch) is None:
            t.clash("U213", branch, first, left=wanted, right=kind)
    return t.types.of(first)


def _first_by(t: Typing, node: Op) -> Type:
    """`of which 200万元 by city, rest by host`; the part may also be a percentage of the amount."""
    whole, part = node.args[:2]
    t.money(whole)
    if t.infer(part) != RATIO:
        t.money(part)
    elif isinstance(part, Number) and part.value * UNITS[part.unit or "%"].size > 1:
        t.clash("U227", part, whole)
    return MONEY


def _brackets(t: Typing, node: Op) -> Type:
    """`in brackets 10% to 100万元, 5% above`."""
    base, beyond, *bands = (arg.args if isinstance(arg, Op) and i else (arg,) for i, arg in enumerate(node.args))
    t.money(base[0])
    for rate, *bound in (*bands, beyond):
        found = t.infer(rate)
        if found is not None and found != RATIO:
            t.clash("U223", rate, base[0], type=found)
        for money in bound:
            t.money(money)
    _rising(t, [band[1] for band in bands])
    return MONEY


def _steps(t: Typing, node: Op) -> Type | None:
    """`in steps 10万元 to 100万元, 20万元 above`: bounds of the sort that is measured, figures of one sort."""
    base, beyond, *bands = (arg.args if isinstance(arg, Op) and i else (arg,) for i, arg in enumerate(node.args))
    measured = t.infer(base[0])
    if not _numeric(t, base[0]):
        return None
    for _, bound in bands:
        found = t.infer(bound)
        if measured and found and t.common(base[0], bound) is None:
            t.clash("U214", bound, base[0], left=measured, right=found)
    _rising(t, [band[1] for band in bands])
    return _one_type(t, [figure for figure, *_ in (*bands, beyond)])


def _rising(t: Typing, bounds: list[Node]) -> None:
    """Each bound is above the one before."""
    for before, bound in pairwise(bounds):
        if isinstance(before, Number) and isinstance(bound, Number) and _size(t, before) >= _size(t, bound):
            t.clash("U224", bound, before)


def _size(t: Typing, number: Number) -> Fraction:
    """What a number comes to in its position: a bare one is yuan where money is meant."""
    unit = number.unit or ("元" if t.types.of(number) == MONEY else None)
    return number.value * (UNITS[unit].size if unit else 1)


def _for_each(t: Typing, node: Op) -> Type:
    """`20万元 for each patents at most 5`, and `shared among` so many."""
    amount, counted, *most = node.args
    t.money(amount)
    found = t.infer(counted)
    if found is not None and found.kind != "count":
        t.clash("U225", counted, amount, type=found)
    for limit in most:
        right = t.infer(limit)
        if found and right and t.common(counted, limit) is None:
            t.clash("U225", limit, counted, type=right)
    return MONEY


def _rounded(t: Typing, node: Op) -> Type:
    amount, unit = node.args
    t.money(amount)
    found = t.infer(unit)
    if found != MONEY and isinstance(unit, Number):
        t.clash("U226", unit, amount)
    return MONEY


def _top_up(t: Typing, node: Op) -> Type:
    for arg in node.args:
        t.money(arg)
    return MONEY


def _as_if(t: Typing, node: Op) -> Type:
    for arg in node.args:
        t.infer(arg)
    return MONEY


def _set(t: Typing, node: Op) -> None:
    fact, value = node.args
    left, right = t.infer(fact), t.infer(value)
    if left and right and t.common(fact, value) is None:
        t.clash(_misfit(left, right), value, fact, left=left, right=right)


def _compare(t: Typing, node: Op) -> Type:
    left, *rights = node.args
    kind = t.infer(left)
    fits = True
    for right in rights:
        found = t.infer(right)
        if kind and found and t.common(left, right) is None:
            t.clash(_misfit(kind, found), right, left, left=kind, right=found)
            fits = False
    if fits and kind and node.op not in ("is", "is_not", "in", "not_in") and kind.kind not in ORDERED:
        t.clash("U216", left, type=kind)
    return BOOL


def _misfit(left: Type, right: Type) -> str:
    """Of two lists, or of two kinds."""
    return "U215" if left.kind in LISTED and right.kind in LISTED else "U214"


def _logic(t: Typing, node: Op) -> Type:
    for arg in node.args:
        t.condition(arg)
    return BOOL


def _known(t: Typing, node: Op) -> Type:
    if not t.is_list(node.args[0]):
        t.infer(node.args[0])
    return BOOL


def _sum_of(t: Typing, node: Op) -> Type:
    listed, field = node.args
    _items(t, listed)
    if not isinstance(field, Name) and not (t.infer(field) == MONEY and isinstance(field, Ref)):
        t.clash("U230", field)
    return MONEY


def _count_of(t: Typing, node: Op) -> Type:
    _items(t, node.args[0])
    return COUNT


def _items(t: Typing, listed: Node) -> None:
    """A list, with a condition on its items or without."""
    if not isinstance(listed, Op) or listed.op != "where":
        return  # what is no list is a problem already
    _, condition = listed.args
    t.condition(condition)
    inner = next((n for n in walk(condition) if isinstance(n, Op) and n.op in ("sum_of", "count_of")), None)
    if inner is not None:
        t.clash("U231", inner)


def _where(t: Typing, node: Op) -> None:
    """A list by itself, where something is wanted that can be reckoned with."""
    _items(t, node)
    t.clash("U229", node)


def _part(_t: Typing, _node: Op) -> None:
    """A band has no type of its own: what it stands in looks at its figures."""


def _statement(t: Typing, node: Op) -> None:
    t.statement(node)


def _claimed(_t: Typing, _node: Op) -> Type:
    """What a regime comes to, or a payer pays under it."""
    return MONEY


_CLAIMS = frozenset({"at_least", "at_most", "above", "below", "is"})

_Rule = Callable[[Typing, Op], Type | None]

RULES: dict[str, _Rule] = {
    "unspecified": _unspecified,
    "up_to": _money_first,
    "by": _money_first,
    "matched": _matched,
    "first_by": _first_by,
    "brackets": _brackets,
    "steps": _steps,
    "top_up": _top_up,
    **dict.fromkeys(("for_each", "for_each_most", "shared"), _for_each),
    **dict.fromkeys(("rounded", "rounded_down"), _rounded),
    "neg": _negated,
    "mul": _product,
    "div": _quotient,
    "of": _share,
    "as_if": _as_if,
    "set": _set,
    "known": _known,
    "sum_of": _sum_of,
    "count_of": _count_of,
    "where": _where,
    **dict.fromkeys(("add", "sub"), _sum),
    **dict.fromkeys(("if", "higher", "lower"), _alike),
    **dict.fromkeys(("cap", "cap_each", "at_least"), _bounded),
    **dict.fromkeys(("or", "and", "not"), _logic),
    **dict.fromkeys(("is", "is_not", "in", "not_in", "at_most", "above", "below"), _compare),
    **dict.fromkeys(("band", "beyond"), _part),
    **dict.fromkeys(("support_of", "pays_under"), _claimed),
    **dict.fromkeys(("take_higher", "replaces", "net_of", "stacks_with", "when"), _statement),
    **dict.fromkeys(("limited_to", "together", "together_in_order", "never_above", "never_below"), _statement),
}
