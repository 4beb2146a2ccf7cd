"""Builders for platforms of which some facts may not be known.

In: nodes over facts that may be open, facts that are surely known, and one that surely is not. Out: nodes with the
same value, unknown ones included. Why: what a builder folds away is not asked any more, so that it would be known
although a fact is missing. Promise: what may be unknown is folded only as Kleene's logic allows, all else as usual.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from typing import Any, Literal

from policyeval.plan import Builder, Kind
from policyeval.simplify import Interval, Simplifier

SURE = "!"  # after the name of a fact: it is known here
UNKNOWN = "?"  # the fact that nobody knows


class Careful(Builder):
    """`open_`: the facts that may be unknown, by their plain names."""

    def __init__(self, open_: Collection[str]) -> None:
        self.open = frozenset(open_)
        self.unsure: set[int] = set()  # nodes that may be unknown
        super().__init__()

    @cached_property
    def unknown(self) -> int:
        return self.fact(UNKNOWN)

    def _new(self, kind: Kind, args: tuple[int, ...] = (), data: Any = None) -> int:
        number = super()._new(kind, args, data)
        if kind == "Fact":
            if data in self.open or data == UNKNOWN:
                self.unsure.add(number)
        elif kind != "Known" and not self.unsure.isdisjoint(args):
            self.unsure.add(number)
        return number

    def _strict(self, kind: Kind, args: tuple[int, ...], data: Any = None) -> int | None:
        """An operation that is unknown where an argument is, if one may be."""
        if self.unknown in args:
            return self.unknown
        return None if self.unsure.isdisjoint(args) else self._new(kind, args, data)

    def known(self, a: int) -> int:
        if a == self.unknown:
            return self.false
        return self._new("Known", (a,)) if a in self.unsure else self.true

    def sub(self, a: int, b: int) -> int:
        return self.add(a, self.mul(b, self.const(-1))) if a in self.unsure else super().sub(a, b)

    def add(self, *args: int) -> int:
        rest = tuple(sorted(arg for arg in args if arg != self.zero))
        found = self._strict("Add", rest) if len(rest) > 1 else None
        return super().add(*args) if found is None else found

    def mul(self, a: int, b: int) -> int:
        if self.value(a) is not None:
            a, b = b, a
        found = None if self.value(b) == 1 else self._strict("Mul", (a, b))
        return super().mul(a, b) if found is None else found

    def div(self, a: int, b: int, rounding: Literal["half_up", "down"]) -> int:
        found = None if self.value(b) == 1 else self._strict("Div", (a, b), rounding)
        return super().div(a, b, rounding) if found is None else found

    def min(self, *args: int) -> int:
        found = self._strict("Min", tuple(sorted({*args}))) if len({*args}) > 1 else None
        return super().min(*args) if found is None else found

    def max(self, *args: int) -> int:
        found = self._strict("Max", tuple(sorted({*args}))) if len({*args}) > 1 else None
        return super().max(*args) if found is None else found

    def less(self, a: int, b: int) -> int:
        found = self._strict("Less", (a, b))
        return super().less(a, b) if found is None else found

    def equal(self, a: int, b: int) -> int:
        found = self._strict("Equal", (a, b) if a < b else (b, a))
        return super().equal(a, b) if found is None else found

    def member(self, a: int, values: Iterable[int]) -> int:
        among = tuple(sorted({*values}))
        found = self._strict("Member", (a,), among)
        return super().member(a, among) if found is None else found

    def _junction(self, kind: Literal["And", "Or"], neutral: int, ruling: int, args: Iterable[int]) -> int:
        rest = {*self._flat(kind, args)} - {neutral}
        if ruling in rest:
            return ruling
        if self.unsure.isdisjoint(rest) or len(rest) == 1:
            return super()._junction(kind, neutral, ruling, rest)
        return self._new(kind, tuple(sorted(rest)))

    def not_(self, a: int) -> int:
        return self.unknown if a == self.unknown else super().not_(a)

    def if_(self, condition: int, yes: int, no: int) -> int:
        if condition == self.unknown:
            return self.unknown
        if condition in self.unsure:
            return self._new("If", (condition, yes, no))
        return super().if_(condition, yes, no)


class Partial(Careful, Simplifier):
    """A careful builder that knows between which bounds its numbers lie, and folds what these decide."""

    def __init__(self, bounds: Mapping[str, Interval], open_: Collection[str]) -> None:
        self.open, self.unsure = frozenset(open_), set()
        Simplifier.__init__(self, {**bounds, **{name + SURE: interval for name, interval in bounds.items()}})
