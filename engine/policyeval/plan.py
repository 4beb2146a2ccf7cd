"""The plan: one typed graph of whole numbers and truth values that every reader reads.

In: what `lower` builds from packs, a date and readings. Out: the graph, and which of its nodes are the support, the
payers and the awards. Promises:

- Few node kinds, all over whole numbers: money is fen, or a fixed fraction of a fen that `Div` rounds back to fen.
  Enumerations, places and dates are whole numbers too (the vocabulary says which), ratios are in millionths.
- No loops: the arguments of a node stand before it, so one pass in order evaluates everything.
- Unknown is part of the meaning. A fact may be unknown. `And` and `Or` follow Kleene; an `If` whose condition is
  unknown is unknown; `Known` says whether its argument is; every other node is unknown where an argument is.
- A free choice (`up to`) is a node, from 0 to its argument. A promise without a figure that is set against another
  award is a choice without a most. `ranges` works out least and most; nothing else has to know about choices.

Nodes are shared: the same kind, arguments and data give the same number, so equal numbers are equal formulas.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import gcd
from typing import Any, Literal, NamedTuple

from policyeval.record import Record, replace
from policyeval.tree import Node as Tree

Kind = Literal[
    "Const",  # the whole number `data`
    "Truth",  # the truth value `data`
    "Fact",  # the fact `data` of the platform
    "Choice",  # a whole number from 0 to a, or without a most where it has no argument; `data` names the choice
    "Add",  # a + b + …
    "Mul",  # a * b
    "Div",  # a / b rounded `data`: half_up or down; 0 where b is 0
    "Min",  # the least of a, b, …
    "Max",  # the most of a, b, …
    "Less",  # a < b
    "Equal",  # a = b
    "Member",  # a is one of the whole numbers `data`
    "And",
    "Or",
    "Not",
    "If",  # b where a holds, otherwise c
    "Known",  # a is known
]


class Node(NamedTuple):
    kind: Kind
    args: tuple[int, ...] = ()
    data: Any = None


UNBOUNDED = 10**30  # what a choice without a most is taken to be; any outcome near it has no most
NO_MOST = UNBOUNDED // 10**6  # an outcome above this has no most


class Builder:
    """Adds nodes, each only once, folding what is already certain; every method returns the node's number."""

    def __init__(self) -> None:
        self.watch: Callable[[], None] | None = None  # asked before a node is added; whoever set it may raise there
        self.nodes: list[Node] = []
        self._numbers: dict[tuple[Kind, tuple[int, ...], Any], int] = {}
        self._consts: dict[int, int] = {}  # the same for constants, which are asked for more often than all others
        self.true = self._new("Truth", (), True)
        self.false = self._new("Truth", (), False)
        self.zero = self.const(0)

    def _new(self, kind: Kind, args: tuple[int, ...] = (), data: Any = None) -> int:
        number = self._numbers.get((kind, args, data))
        if number is None:
            if self.watch is not None:
                self.watch()
            node = Node(kind, args, data)
            number = self._numbers[node] = len(self.nodes)
            self.nodes.append(node)
        return number

    def value(self, number: int) -> int | bool | None:
        """The value of a Const or Truth node, else None."""
        kind, _, data = self.nodes[number]
        return data if kind == "Const" or kind == "Truth" else None

    # leaves

    def const(self, value: int) -> int:
        number = self._consts.get(value)
        if number is None:
            number = self._consts[value] = self._new("Const", (), value)
        return number

    def truth(self, value: bool) -> int:
        return self.true if value else self.false

    def fact(self, name: str) -> int:
        return self._new("Fact", (), name)

    def choice(self, name: str, most: int | None) -> int:
        if most is not None and self.value(most) == 0:
            return self.zero
        return self._new("Choice", () if most is None else (most,), name)

    # arithmetic

    def add(self, *args: int) -> int:
        """The sum, with multiples of one node put together, so that what is added and taken away again is gone."""
        if len(args := tuple(arg for arg in args if arg != self.zero)) == 1:
            return args[0]
        constant, multiples = 0, dict[int, int]()
        for arg in self._flat("Add", args):
            value = self.value(arg)
            if value is None:
                node, factor = self._multiple(arg)
                multiples[node] = multiples.get(node, 0) + factor
            else:
                constant += value
        rest = [n if factor == 1 else self.mul(n, self.const(factor)) for n, factor in multiples.items() if factor]
        if not rest:
            return self.const(constant)
        if constant:
            rest.append(self.const(constant))
        return rest[0] if len(rest) == 1 else self._new("Add", tuple(sorted(rest)))

    def _multiple(self, number: int) -> tuple[int, int]:
        """A node and the fixed number that it is multiplied by."""
        node = self.nodes[number]
        factor = self.value(node.args[1]) if node.kind == "Mul" else None
        return (number, 1) if factor is None else (node.args[0], int(factor))

    def sub(self, a: int, b: int) -> int:
        return self.zero if a == b else self.add(a, self.mul(b, self.const(-1)))

    def mul(self, a: int, b: int) -> int:
        """The product. A constant factor is kept last, so that readers see linear terms as such."""
        x, y = self.value(a), self.value(b)
        if x is not None and y is not None:
            return self.const(x * y)
        if x is not None:
            a, b, y = b, a, x
        if y == 0:
            return self.zero
        if y == 1:
            return a
        inner = self.nodes[a]
        if y is not None and inner.kind == "Add":
            return self.add(*(self.mul(arg, b) for arg in inner.args))
        if y is not None and inner.kind == "Mul" and self.value(inner.args[1]) is not None:
            return self.mul(inner.args[0], self.const(y * int(self.value(inner.args[1]) or 0)))
        return self._new("Mul", (a, b) if y is not None else (min(a, b), max(a, b)))

    def div(self, a: int, b: int, rounding: Literal["half_up", "down"]) -> int:
        x, y = self.value(a), self.value(b)
        if y == 0 or x == 0:
            return self.zero
        if y == 1:
            return a
        if x is not None and y is not None:
            return self.const((2 * x + y) // (2 * y) if rounding == "half_up" else x // y)
        inner = self.nodes[a]
        if y is not None and inner.kind == "Mul":
            factor = self.value(inner.args[1])
            if factor is not None and (common := gcd(factor, y)) > 1:
                reduced = self.mul(inner.args[0], self.const(factor // common))
                return self.div(reduced, self.const(y // common), rounding)
        if inner.kind == "Mul" and b in inner.args:
            other = inner.args[1] if inner.args[0] == b else inner.args[0]
            return b if other == b else self.if_(self.equal(b, self.zero), self.zero, other)
        return self._new("Div", (a, b), rounding)

    def min(self, *args: int) -> int:
        return self._extreme("Min", min, args)

    def max(self, *args: int) -> int:
        return self._extreme("Max", max, args)

    def _extreme(self, kind: Literal["Min", "Max"], pick: Any, args: Iterable[int]) -> int:
        rest = list(dict.fromkeys(self._flat(kind, args)))
        known = [value for arg in rest if (value := self.value(arg)) is not None]
        if len(known) > 1:
            rest = [arg for arg in rest if self.value(arg) is None] + [self.const(pick(known))]
        return rest[0] if len(rest) == 1 else self._new(kind, tuple(sorted(rest)))

    # conditions

    def less(self, a: int, b: int) -> int:
        x, y = self.value(a), self.value(b)
        if a == b:
            return self.false
        return self.truth(x < y) if x is not None and y is not None else self._new("Less", (a, b))

    def at_most(self, a: int, b: int) -> int:
        return self.not_(self.less(b, a))

    def equal(self, a: int, b: int) -> int:
        x, y = self.value(a), self.value(b)
        if a == b:
            return self.true
        if x is not None and y is not None:
            return self.truth(x == y)
        return self._new("Equal", (min(a, b), max(a, b)))

    def member(self, a: int, values: Iterable[int]) -> int:
        among = frozenset(values)
        x = self.value(a)
        if x is not None:
            return self.truth(x in among)
        return self._new("Member", (a,), tuple(sorted(among))) if among else self.false

    def and_(self, *args: int) -> int:
        return self._junction("And", self.true, self.false, args)

    def or_(self, *args: int) -> int:
        return self._junction("Or", self.false, self.true, args)

    def _junction(self, kind: Literal["And", "Or"], neutral: int, ruling: int, args: Iterable[int]) -> int:
        rest = {arg for arg in args if arg != neutral}
        if ruling in rest:
            return ruling
        if len(rest) < 2:
            return rest.pop() if rest else neutral
        found = tuple(sorted({*self._flat(kind, rest)}))
        return ruling if kind == "And" and self._clash(found) else self._new(kind, found)

    def _clash(self, args: Sequence[int]) -> bool:
        """Whether a number would have to equal two different ones."""
        equals = [sides for kind, sides, _ in map(self.nodes.__getitem__, args) if kind == "Equal"]
        seen: dict[int, int] = {}
        for pair in equals if len(equals) > 1 else ():
            for fixed, other in (pair, pair[::-1]):
                value = self.value(fixed)
                if value is not None and seen.setdefault(other, value) != value:
                    return True
        return False

    def not_(self, a: int) -> int:
        node = self.nodes[a]
        if node.kind == "Truth":
            return self.truth(not node.data)
        return node.args[0] if node.kind == "Not" else self._new("Not", (a,))

    def if_(self, condition: int, yes: int, no: int) -> int:
        truth = self.value(condition)
        if truth is not None:
            return yes if truth else no
        if yes == no:
            return yes
        if yes == self.true and no == self.false:
            return condition
        if yes == self.false and no == self.true:
            return self.not_(condition)
        node = self.nodes[condition]
        if node.kind == "Not":
            return self.if_(node.args[0], no, yes)
        return self._new("If", (condition, self._under(yes, condition, True), self._under(no, condition, False)))

    def _under(self, number: int, condition: int, held: bool) -> int:
        """An If on the same condition, just below one, is decided."""
        node = self.nodes[number]
        return node.args[1 if held else 2] if node.kind == "If" and node.args[0] == condition else number

    def known(self, a: int) -> int:
        return self.true if self.value(a) is not None else self._new("Known", (a,))

    def _flat(self, kind: Kind, args: Iterable[int]) -> list[int]:
        found: list[int] = []
        for arg in args:
            of, inner, _ = self.nodes[arg]
            if of == kind:
                found += inner
            else:
                found.append(arg)
        return found

    def rebuilt(self, node: Node, args: tuple[int, ...]) -> int:
        """The node with other arguments, folded anew."""
        match node.kind:
            case "Const":
                return self.const(node.data)
            case "Truth":
                return self.truth(node.data)
            case "Fact":
                return self.fact(node.data)
            case "Choice":
                return self.choice(node.data, args[0] if args else None)
            case "Add":
                return self.add(*args)
            case "Mul":
                return self.mul(*args)
            case "Div":
                return self.div(args[0], args[1], node.data)
            case "Min":
                return self.min(*args)
            case "Max":
                return self.max(*args)
            case "Less":
                return self.less(*args)
            case "Equal":
                return self.equal(*args)
            case "Member":
                return self.member(args[0], node.data)
            case "And":
                return self.and_(*args)
            case "Or":
                return self.or_(*args)
            case "Not":
                return self.not_(args[0])
            case "If":
                return self.if_(*args)
            case "Known":
                return self.known(args[0])


class Step(Record):
    """One operator of an award's amount, with the node of its value.

    The value is `node` / `den` fen, before the last rounding; with `den` 0 it is a truth value: the condition of an
    `if`, that of several ways this one is taken (`way`), or that a limit binds (`limit`). It was reached where `guard`
    holds. `operand` / `operand_den` is what a cap, a floor or a choice was put on.
    """

    op: str
    tree: Tree
    node: int
    den: int
    guard: int
    operand: int
    operand_den: int


class Condition(Record):
    """One of the conditions that an award needs, and the facts it speaks of."""

    tree: Tree
    node: int
    facts: tuple[str, ...]


class PlannedShare(Record):
    """What one payer pays of an award: before and after the statements. `payer` None: the document does not say who."""

    payer: str | None
    present: int
    before: int
    after: int
    displaced: int


class PlannedAward(Record):
    """An award of a loaded pack; numbers are nodes. `unquantified`: it applies, with no figure in the document.

    `own`: the platform itself receives it, so it is part of the support; others' awards are kept for the statements.
    """

    id: str
    own: bool
    applies: int
    conditions: tuple[Condition, ...]
    unquantified: int
    before: int
    after: int
    displaced: int
    shares: tuple[PlannedShare, ...]
    steps: tuple[Step, ...]
    against: int  # it is set against another award by a statement, so that its amount matters there


class Effect(Record):
    """What a statement did to one payer's share of one award: the nodes before and after it."""

    award: str
    payer: str | None
    before: int
    after: int


class PlannedStatement(Record):
    """A statement that is awake; `active` where its `when` and what it refers to hold."""

    id: str
    op: str
    tree: Tree
    awards: tuple[str, ...]
    active: int
    asleep: int
    effects: tuple[Effect, ...]


class Alarm(Record):
    """A finding that depends on the platform: where `node` holds, `code` is reported about `ids`."""

    code: str
    ids: tuple[str, ...]
    node: int


class Asleep(Record):
    """A statement that cannot be awake, since a pack it speaks of is not loaded."""

    id: str
    tree: Tree
    pack: str


class Entry(Record):
    """An entitlement or a department in charge: where `applies` holds."""

    id: str
    applies: int


class PlannedBudget(Record):
    """A ceiling of `total` fen over the awards of all platforms of a year.

    It says nothing of one platform: only a reader that has them all, a batch, can apply it.
    """

    id: str
    awards: tuple[str, ...]
    total: int
    applied_to: Literal["batch"] = "batch"


class Plan(Record):
    """The graph and its outputs. `support` and `payers` add up what is certain; `open` says where more may come."""

    nodes: tuple[Node, ...]
    support: int
    undetermined: int
    unquantified: int
    payers: dict[str, int]
    payers_open: dict[str, int]
    awards: tuple[PlannedAward, ...]
    statements: tuple[PlannedStatement, ...]
    alarms: tuple[Alarm, ...]
    asleep: tuple[Asleep, ...]
    entitlements: tuple[Entry, ...]
    authority: tuple[Entry, ...]
    packs: tuple[str, ...]
    readings: dict[str, str]
    budgets: tuple[PlannedBudget, ...] = ()

    @property
    def facts(self) -> list[str]:
        """The facts that the plan asks for, in the order in which it first does."""
        return [node.data for node in self.nodes if node.kind == "Fact"]


def cone(nodes: Sequence[Node], wanted: Iterable[int]) -> list[int]:
    """The wanted nodes and all that they are made of, in order."""
    found = set(wanted)
    todo = [*found]
    while todo:
        new = [a for a in nodes[todo.pop()].args if a not in found]
        found.update(new)
        todo += new
    return sorted(found)


def shared_out(nodes: Sequence[Node], among: Iterable[int]) -> set[int]:
    """Of these nodes, in their order, those below which a choice is shared out in proportion: their ends may be a fen
    off."""
    moving: set[int] = set()
    found: set[int] = set()
    for i in among:
        node = nodes[i]
        if node.kind == "Choice" or not moving.isdisjoint(node.args):
            moving.add(i)
            if (node.kind == "Div" and node.args[1] in moving) or not found.isdisjoint(node.args):
                found.add(i)
    return found


def facts_below(nodes: Sequence[Node], wanted: Iterable[int]) -> list[str]:
    """The facts that the wanted nodes depend on, in the order in which they stand."""
    return [nodes[i].data for i in cone(nodes, wanted) if nodes[i].kind == "Fact"]


def needed(nodes: Sequence[Node], wanted: Sequence[int]) -> tuple[tuple[Node, ...], list[int]]:
    """The wanted nodes and all that they are made of, as a graph of their own; and the new numbers of the wanted."""
    new = {old: i for i, old in enumerate(cone(nodes, wanted))}
    graph = tuple(Node(nodes[old].kind, tuple(new[a] for a in nodes[old].args), nodes[old].data) for old in new)
    return graph, [new[n] for n in wanted]


def copy_nodes(
    nodes: Iterable[Node], builder: Builder, leaf: dict[int, int] | None = None, facts: dict[str, int] | None = None
) -> list[int]:
    """Rebuild `nodes` in `builder`, with `leaf` (by number) and `facts` (by name) replaced; the new number of each."""
    replaced, known = leaf or {}, facts or {}
    numbers: list[int] = []
    for i, node in enumerate(nodes):
        if i in replaced:
            numbers.append(replaced[i])
        elif node.kind == "Fact" and node.data in known:
            numbers.append(known[node.data])
        else:
            numbers.append(builder.rebuilt(node, tuple(numbers[a] for a in node.args)))
    return numbers


def with_facts(plan: Plan, facts: Mapping[str, int | bool]) -> Plan:
    """What the plan comes to where these facts are as given: its totals, and nothing of how they come about."""
    builder = Builder()
    known = {n: builder.truth(v) if isinstance(v, bool) else builder.const(v) for n, v in facts.items()}
    numbers = copy_nodes(plan.nodes, builder, facts=known)
    return replace(
        plan,
        nodes=tuple(builder.nodes),
        support=numbers[plan.support],
        undetermined=numbers[plan.undetermined],
        unquantified=numbers[plan.unquantified],
        payers={payer: numbers[node] for payer, node in plan.payers.items()},
        payers_open={payer: numbers[node] for payer, node in plan.payers_open.items()},
        awards=(),
        statements=(),
        alarms=(),
        entitlements=(),
        authority=(),
    )
