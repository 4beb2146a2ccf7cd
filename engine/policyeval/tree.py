"""The one expression tree.

In: what `parse` read. Out: what everything after it works on. Promise: frozen; two trees are equal when they say the
same, wherever they stand, so spans take no part in equality. Names are kept as typed; `resolve` says what they mean.

A node is a leaf (Number, Split, Day, Name; after `resolve` Ref in place of Name) or an Op, whose `op` is a row of the
operator table in `functions`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import Literal

from policyeval.record import Record, field
from policyeval.source import Span

NOWHERE = Span(0, 0)


class Number(Record):
    """A number as written, with its unit: `1000 万元`, `10 %`, `3`. `unit` is a key of `units.UNITS`, or None."""

    value: Fraction
    unit: str | None = None
    span: Span = field(default=NOWHERE, compare=False)


class Split(Record):
    """`1:0.5:0.5`: the base, then one share a payer."""

    parts: tuple[Fraction, ...]
    span: Span = field(default=NOWHERE, compare=False)


class Day(Record):
    """A calendar date."""

    value: date
    span: Span = field(default=NOWHERE, compare=False)


class Name(Record):
    """A name as typed: a fact, a value, a payer, a reading, an award or a family.

    `lianyungang-2021/matching.city` has pack `lianyungang-2021`, name `matching`, slice `city`.
    """

    name: str
    pack: str | None = None
    slice: str | None = None
    span: Span = field(default=NOWHERE, compare=False)

    def __str__(self) -> str:
        return f"{self.pack + '/' if self.pack else ''}{self.name}{'.' + self.slice if self.slice else ''}"


class Ref(Record):
    """What a Name means, once resolved: canonical names only, so both surfaces give the same tree.

    `fact` and `reading` (with its pack), `value` (of the fact or reading `of`), `place`, `payer`, `award` and `family`
    (with their pack, and a payer as `slice` where one is named), `slot` (with its pack), `regime` (`enacted`, or the
    pack that is added to it), `metric`.
    """

    role: Literal["fact", "reading", "value", "place", "payer", "award", "family", "slot", "regime", "metric"]
    name: str
    pack: str | None = None
    slice: str | None = None
    of: str | None = None
    span: Span = field(default=NOWHERE, compare=False)

    def __str__(self) -> str:
        return f"{self.pack + '/' if self.pack else ''}{self.name}{'.' + self.slice if self.slice else ''}"


class Op(Record):
    """An operator of the table in `functions`, and its operands in the order given there."""

    op: str
    args: tuple[Node, ...] = ()
    span: Span = field(default=NOWHERE, compare=False)

    @cached_property
    def nodes(self) -> Sequence[Node]:
        """The operator and all below it, in reading order; kept, since every pass walks the same trees."""
        found: list[Node] = []
        todo: list[Node] = [self]
        while todo:
            node = todo.pop()
            found.append(node)
            if isinstance(node, Op):
                todo += node.args[::-1]
        return found


Node = Number | Split | Day | Name | Ref | Op


def walk(node: Node) -> Sequence[Node]:
    """The node and all below it, in reading order."""
    return node.nodes if isinstance(node, Op) else (node,)
