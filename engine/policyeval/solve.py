"""The plan as a solver reads it: is there a platform for which something holds?

In: nodes without free choices, the platforms that there are, a clock. Out: one such platform, or none. Promises:
whole numbers without bounds and the engine's own rounding, so that "none" is a proof about what is paid; what the
solver cannot say is refused by name (R404, R405), and what it does not settle in time is Undecided, never a guess.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

import z3

from policyeval.domains import Space
from policyeval.plan import Builder, Node, cone, facts_below
from policyeval.problems import Problem, Refusal
from policyeval.straighten import Straight

Platform = dict[str, int | bool]


class Undecided(Exception):
    """The solver gave up, or its time was over; `reason` is a code of the messages."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Clock:
    """How long all questions about one claim may take together, whoever asks them."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.start()

    def start(self) -> None:
        """The time begins anew."""
        self._until = monotonic() + self.seconds

    def left(self) -> float:
        """The seconds that are left. Raises Undecided where the time is over."""
        left = self._until - monotonic()
        if left <= 0:
            raise Undecided("V403")
        return left

    def check(self) -> None:
        """Raises Undecided where the time is over."""
        self.left()


class Solver:
    """Asks about nodes of one builder, which may go on growing, over the platforms of `space`."""

    def __init__(self, builder: Builder, space: Space, clock: Clock) -> None:
        self.b = builder
        self.space = space
        self.clock = clock
        self._straight = Straight(builder, space.values)
        self._terms: dict[int, Any] = {}
        self._facts: dict[str, Any] = {}
        self._solver = z3.Solver()

    def find(self, *conditions: int) -> Platform | None:
        """A platform for which all conditions hold, or None where it is proved that there is none.

        Only facts that some question has spoken of are in it. Raises Undecided, or Refusal R404 or R405.
        """
        with self._asking(conditions):
            if not self._holds():
                return None
            model = self._solver.model()
            return {name: _value(model.eval(term, model_completion=True)) for name, term in self._facts.items()}

    def least(self, number: int, low: int, high: int, *conditions: int) -> int:
        """The least that `number` can be where the conditions hold; the caller knows that `high` can be reached."""
        wanted = self.term(number)
        with self._asking(conditions):
            middle = low  # most often the least there is at all will do
            while low < high:
                found = self._at_most(wanted, middle)
                if found is None:
                    low = middle + 1
                else:
                    high = found
                middle = (low + high) // 2
        return low

    def _at_most(self, wanted: Any, bound: int) -> int | None:
        """A value of the term that is not above the bound, if there is one."""
        self._solver.push()
        try:
            self._solver.add(wanted <= bound)
            return int(_value(self._solver.model().eval(wanted, model_completion=True))) if self._holds() else None
        finally:
            self._solver.pop()

    @contextmanager
    def _asking(self, conditions: tuple[int, ...]) -> Iterator[None]:
        terms = [self.term(c) for c in conditions]  # what follows from the facts in them holds for every question
        self._solver.push()
        try:
            self._solver.add(*terms)
            yield
        finally:
            self._solver.pop()

    def _holds(self) -> bool:
        """Whether what has been asked can be."""
        self._solver.set("timeout", max(1, int(self.clock.left() * 1000)))
        answer = self._solver.check()
        if answer == z3.unknown:
            why = self._solver.reason_unknown()
            if "interrupted" in why:
                raise KeyboardInterrupt  # the solver catches it by itself
            raise Undecided("V403" if why in ("timeout", "canceled") else "V404")
        return bool(answer == z3.sat)

    # terms

    def term(self, number: int) -> Any:
        """The node as the solver says it. A platform that is found has all its facts, those that fold away too."""
        for name in facts_below(self.b.nodes, [number]):
            self._fact(name)
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
