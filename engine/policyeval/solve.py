"""The plan as a solver reads it: is there a platform for which something holds?

In: nodes without free choices, the platforms that there are, a time limit. Out: one such platform, or none. Promises:
whole numbers without bounds and the engine's own rounding, so that "none" is a proof about what is paid; what the
solver cannot say is refused by name (R404, R405), and what it does not settle in time is Undecided, never a guess.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from time import monotonic
from typing import Any

import z3

from policyeval.domains import Space
from policyeval.plan import Builder, Node, cone
from policyeval.problems import Problem, Refusal
from policyeval.straighten import Straight

Platform = dict[str, int | bool]


class Undecided(Exception):
    """The solver gave up, or its time was over; `reason` is a code of the messages."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Solver:
    """Asks about nodes of one builder, which may go on growing, over the platforms of `space`.

    `seconds`: what all questions together may take, from `start` on.
    """

    def __init__(self, builder: Builder, space: Space, seconds: float) -> None:
        self.b = builder
        self.space = space
        self.seconds = seconds
        self._straight = Straight(builder, space.values)
        self._terms: dict[int, Any] = {}
        self._facts: dict[str, Any] = {}
        self._solver = z3.Solver()
        self.start()

    def start(self) -> None:
        """The time limit begins anew."""
        self._until = monotonic() + self.seconds

    def find(self, *conditions: int) -> Platform | None:
        """A platform for which all conditions hold, or None where it is proved that there is none.

        Only facts that some question has spoken of are in it. Raises Undecided, or Refusal R404 or R405.
        """
        with self._asking(conditions):
            return self._model()

    def least(self, number: int, low: int, high: int, *conditions: int) -> int:
        """The least that `number` can be where the conditions hold; the caller knows that `high` can be reached."""
        wanted = self.term(number)
        with self._asking(conditions):
            while low < high:
                middle = (low + high) // 2
                self._solver.push()
                self._solver.add(wanted <= middle)
                found = self._model()
                self._solver.pop()
                if found is None:
                    low = middle + 1
                else:
                    high = middle
        return low

    def core(self, conditions: Mapping[str, int], *others: int) -> list[str] | None:
        """Which of the named conditions a proof needs that they and the others never hold together; None: they can."""
        terms = {name: self.term(number) for name, number in conditions.items()}
        names = {z3.Bool(f"condition {name}"): name for name in conditions}
        with self._asking(others):
            self._solver.add(*(z3.Implies(tag, terms[name]) for tag, name in names.items()))
            needed = list(names)
            if self._check(*needed) == z3.sat:
                return None
            for tag in list(needed):
                fewer = [other for other in needed if other is not tag]
                if self._check(*fewer) == z3.unsat:
                    needed = fewer
        return [names[tag] for tag in needed]

    @contextmanager
    def _asking(self, conditions: tuple[int, ...]) -> Iterator[None]:
        terms = [self.term(c) for c in conditions]  # what follows from the facts in them holds for every question
        self._solver.push()
        try:
            self._solver.add(*terms)
            yield
        finally:
            self._solver.pop()

    def _check(self, *assumed: Any) -> Any:
        left = self._until - monotonic()
        if left <= 0:
            raise Undecided("V403")
        self._solver.set("timeout", max(1, int(left * 1000)))
        answer = self._solver.check(*assumed)
        if answer == z3.unknown:
            raise Undecided("V403" if monotonic() >= self._until else "V404")
        return answer

    def _model(self) -> Platform | None:
        if self._check() == z3.unsat:
            return None
        model = self._solver.model()
        return {name: _value(model.eval(term, model_completion=True)) for name, term in self._facts.items()}

    # terms

    def term(self, number: int) -> Any:
        """The node as the solver says it."""
        for i in cone(self.b.nodes, [straight := self._straight.of(number)]):
            if i not in self._terms:
                node = self.b.nodes[i]
                self._terms[i] = self._fact(node.data) if node.kind == "Fact" else self._said(node)
        return self._terms[straight]

    def _said(self, node: Node) -> Any:
        if node.kind not in TERMS:
            raise Refusal(Problem("R405", {"kind": node.kind}))
        return TERMS[node.kind](node, [self._terms[a] for a in node.args])

    def _fact(self, name: str) -> Any:
        if name not in self._facts:
            values = self.space.values.get(name, ())
            self._facts[name] = z3.Bool(name) if values and isinstance(values[0], bool) else z3.Int(name)
            self._solver.add(*self._domain(name))
            for table in self.space.tables:
                if name in table.facts:
                    rows = [[self._fact(f) == v for f, v in zip(table.facts, row, strict=True)] for row in table.rows]
                    self._solver.add(z3.Or([z3.And(row) for row in rows]))
        return self._facts[name]

    def _domain(self, name: str) -> Iterator[Any]:
        """What is true of a fact of any platform."""
        term = self._facts[name]
        if name in self.space.values:
            if not z3.is_bool(term):
                yield z3.Or([term == value for value in self.space.values[name]])
        elif name in self.space.bounds:
            low, high = self.space.bounds[name].low, self.space.bounds[name].high
            if low is not None:
                yield term >= low
            if high is not None:
                yield term <= high


def _value(term: Any) -> int | bool:
    return z3.is_true(term) if z3.is_bool(term) else int(term.as_long())


def _quotient(node: Node, args: list[Any]) -> Any:
    """Rounded as the engine rounds. The solver's own division goes down where the divisor is above 0."""
    dividend, divisor = args
    by = divisor.as_long()  # fixed, since every node was straightened
    if by < 0:
        dividend, by = -dividend, -by
    return (2 * dividend + by) / (2 * by) if node.data == "half_up" else dividend / by


def _extreme(args: list[Any], beats: Callable[[Any, Any], Any]) -> Any:
    found, *others = args
    for other in others:
        found = z3.If(beats(other, found), other, found)
    return found


TERMS: dict[str, Callable[[Node, list[Any]], Any]] = {
    "Const": lambda node, _: z3.IntVal(node.data),
    "Truth": lambda node, _: z3.BoolVal(node.data),
    "Add": lambda _, args: z3.Sum(args),
    "Mul": lambda _, args: args[0] * args[1],
    "Div": _quotient,
    "Min": lambda _, args: _extreme(args, lambda a, b: a < b),
    "Max": lambda _, args: _extreme(args, lambda a, b: a > b),
    "Less": lambda _, args: args[0] < args[1],
    "Equal": lambda _, args: args[0] == args[1],
    "Member": lambda node, args: z3.Or([args[0] == value for value in node.data]),
    "And": lambda _, args: z3.And(args),
    "Or": lambda _, args: z3.Or(args),
    "Not": lambda _, args: z3.Not(args[0]),
    "If": lambda _, args: z3.If(*args),
    "Known": lambda _node, _args: z3.BoolVal(True),  # a platform's facts are stated, or the question says which are not
}
