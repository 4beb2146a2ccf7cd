"""Branches that no platform reaches.

In: a resolved pack. Out: a warning for each branch of an `if`, and each `when`, that cannot hold. Promise: what is
reported is proved: every combination of the listed facts and readings was tried, and every other condition (a sum above
a bound, say) was taken both ways, though the same way wherever it stands. Beyond LIMIT combinations nothing is said.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from itertools import product
from math import prod

from policyeval.infer import conditions, quoted
from policyeval.pack import Pack
from policyeval.problems import At, Problem
from policyeval.tree import Node, Number, Op, Ref
from policyeval.units import UNITS
from policyeval.vocabulary import Vocabulary

LIMIT = 4096

Path = tuple[tuple[Node, bool], ...]  # conditions on the way, each with the way taken
Domains = dict[Node, tuple[str | bool, ...]]
Values = Mapping[Node, str | bool]  # of each variable: a fact, a reading, or a condition that is not looked into

ORDER: dict[str, Callable[[int, int], bool]] = {
    "at_least": operator.ge,
    "at_most": operator.le,
    "above": operator.gt,
    "below": operator.lt,
}


def unreachable(pack: Pack, vocabulary: Vocabulary, packs: Mapping[str, Pack]) -> list[Problem]:
    return list(_Reach(pack, vocabulary, packs).problems())


_DENIED = {"is_not": "is", "not_in": "in"}


class _Reach:
    def __init__(self, pack: Pack, vocabulary: Vocabulary, packs: Mapping[str, Pack]) -> None:
        self.pack, self.vocabulary, self.packs = pack, vocabulary, packs
        self._sets: dict[int, frozenset[str]] = {}  # by the identity of a comparison of the pack

    def problems(self) -> Iterator[Problem]:
        dead = {id(condition): never for condition in conditions(self.pack) if (never := self._never(condition))}
        yield from dead.values()
        for condition in conditions(self.pack):
            yield from self._branches(condition, ())
        for award in self.pack.awards.values():
            if id(award.when) not in dead:
                yield from self._branches(award.amount, ((award.when, True),) if award.when is not None else ())
        for statement in self.pack.precedence:
            yield from self._statement(statement.rule)

    def _statement(self, rule: Node) -> Iterator[Problem]:
        if not isinstance(rule, Op):
            return
        path: Path = ()
        if rule.op == "when":
            if never := self._never(rule.args[1]):
                yield never
                return
            path = ((rule.args[1], True),)
        yield from self._branches(rule, path)

    def _never(self, condition: Node) -> Problem | None:
        return None if self.possible(((condition, True),)) else self._held_never(condition)

    def _held_never(self, condition: Node) -> Problem:
        words = {"text": quoted(self.pack, condition.span)}
        return Problem("W405", words, At(self.pack.source, condition.span))

    def _branches(self, node: Node, path: Path) -> Iterator[Problem]:
        """The dead branches in a node that stands where `path` has led."""
        if not isinstance(node, Op):
            return
        if node.op == "where" and not self.possible((*path, (node.args[1], True))):
            yield self._held_never(node.args[1])
        if node.op != "if":
            for arg in node.args:
                yield from self._branches(arg, path)
            return
        condition, *branches = node.args
        for branch, way in zip(branches, (True, False), strict=True):
            taken = (*path, (condition, way))
            if self.possible(taken):
                yield from self._branches(branch, taken)
            else:
                yield self._dead(branch, taken)

    def _dead(self, branch: Node, path: Path) -> Problem:
        words = {"text": quoted(self.pack, branch.span)}
        others = tuple((At(self.pack.source, c.span), "U291" if way else "U292") for c, way in path)
        return Problem("W404", words, At(self.pack.source, branch.span), others)

    # whether conditions can hold together

    def possible(self, path: Path) -> bool:
        """Whether some values of the variables lead along the path; True where there are too many to try."""
        variables = dict.fromkeys(v for condition, _ in path for v in self._variables(condition))
        domains: Domains = {v: self._domain(v) or (True, False) for v in variables}
        if prod(map(len, domains.values())) > LIMIT:
            return True
        rest = self._narrow(domains, path)
        open_ = list(dict.fromkeys(v for condition, _ in rest for v in self._variables(condition)))
        return all(domains.values()) and any(
            all(self._holds(condition, dict(zip(open_, values, strict=True))) == way for condition, way in rest)
            for values in product(*(domains[v] for v in open_))
        )

    def _narrow(self, domains: Domains, path: Path) -> Path:
        """Takes out of the domains what a comparison on the way shuts out by itself; the conditions that are left."""
        rest = []
        for condition, way in path:
            parts = condition.args if way and isinstance(condition, Op) and condition.op == "and" else (condition,)
            for part in parts:
                if isinstance(part, Op) and self._listed(part):
                    admitted, variable = self._admitted(part), part.args[0]
                    domains[variable] = tuple(v for v in domains[variable] if (v in admitted) == way)
                else:
                    rest.append((part, way))
        return tuple(rest)

    def _variables(self, node: Node) -> Iterator[Node]:
        if isinstance(node, Op) and node.op in ("or", "and", "not"):
            for arg in node.args:
                yield from self._variables(arg)
        elif self._listed(node):
            yield node.args[0]  # type: ignore[union-attr]  # a comparison
        elif _constant(node) is None:
            yield _plain(node)

    def _holds(self, node: Node, values: Values) -> bool:
        constant = _constant(node)
        if constant is not None:
            return constant
        if isinstance(node, Op):
            if node.op == "or":
                return any(self._holds(arg, values) for arg in node.args)
            if node.op == "and":
                return all(self._holds(arg, values) for arg in node.args)
            if node.op == "not":
                return not self._holds(node.args[0], values)
            if self._listed(node):
                return values[node.args[0]] in self._admitted(node)
            if node.op in _DENIED:
                return not values[_plain(node)]
        return values[node] in (True, "true")

    def _admitted(self, node: Op) -> frozenset[str]:
        """The values of a listed fact for which a comparison holds."""
        if id(node) not in self._sets:
            names = [right.name for right in node.args[1:] if isinstance(right, Ref)]
            domain = self._domain(node.args[0])
            if node.op in ORDER:
                bound = domain.index(names[0])
                found = {value for i, value in enumerate(domain) if ORDER[node.op](i, bound)}
            elif isinstance(node.args[1], Ref) and node.args[1].role == "place":
                found = {value for name in names for value in self.vocabulary.below(name)}
            else:
                found = set(names)
            self._sets[id(node)] = frozenset({*domain} - found if node.op in _DENIED else found)
        return self._sets[id(node)]

    def _listed(self, node: Node) -> bool:
        """A fact or reading of known values, compared with some of them."""
        if not isinstance(node, Op) or node.op not in ("is", "in", *_DENIED, *ORDER):
            return False
        left, *rights = node.args
        domain = self._domain(left)
        return bool(domain) and all(
            isinstance(r, Ref) and r.role in ("value", "place") and r.name in domain for r in rights
        )

    def _domain(self, node: Node) -> tuple[str, ...]:
        """The values of a fact or reading; none where they cannot be listed."""
        if not isinstance(node, Ref):
            return ()
        if node.role == "reading":
            owner = self.pack if node.pack == self.pack.id else self.packs.get(node.pack or "")
            return tuple(owner.readings[node.name].options) if owner else ()
        if node.role != "fact":
            return ()
        fact = self.vocabulary.facts[node.name]
        if fact.kind == "bool":
            return ("true", "false")
        return tuple(self.vocabulary.places if fact.kind == "place" else fact.values)


def _plain(node: Node) -> Node:
    """`is not` as the `is` that it denies, and `not in` as the `in`, so that both are one variable."""
    return Op(_DENIED[node.op], node.args) if isinstance(node, Op) and node.op in _DENIED else node


def _constant(node: Node) -> bool | None:
    """What a comparison of two figures says; None for any other condition."""
    if not isinstance(node, Op) or len(node.args) != 2:
        return None
    left, right = node.args
    if not isinstance(left, Number) or not isinstance(right, Number):
        return None
    a, b = (n.value * (UNITS[n.unit].size if n.unit else 1) for n in (left, right))
    if left.unit is None and right.unit is not None and UNITS[right.unit].kind == "money":
        a *= UNITS["元"].size
    if right.unit is None and left.unit is not None and UNITS[left.unit].kind == "money":
        b *= UNITS["元"].size
    sense = {"is": a == b, "is_not": a != b, "at_least": a >= b, "at_most": a <= b, "above": a > b, "below": a < b}
    return sense.get(node.op)
