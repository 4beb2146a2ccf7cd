"""The ordinary reader: a plan and facts to amounts, with or without the trace.

In: a plan, and the facts of a platform as `cases` types them. Out: least and most of the support and of every payer;
with the trace, every node that the plan keeps for its awards and statements. Promise: whole fen throughout. The plan is
written out as one straight Python function, once for each set of facts that are missing, so that a platform costs a few
microseconds and what cannot be unknown is not asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from policyeval import corners
from policyeval.partial import Careful
from policyeval.plan import NO_MOST, UNBOUNDED, Node, Plan, PlannedAward, cone, copy_nodes
from policyeval.ranges import ends_of, ranges
from policyeval.simplify import Simplifier

_SEARCHED = 20_000  # nodes that working out the choices of one platform may add

Value = int | bool | None
Facts = Mapping[str, Value]


class Span(NamedTuple):
    """Least and most in fen; None where there is none that is known."""

    min: int | None
    max: int | None


class Amounts(NamedTuple):
    """What a platform receives, and from whom, over every choice that the documents leave open."""

    support: Span
    payers: dict[str, Span]
    unquantified: bool
    undetermined: bool


class Trace:
    """The values of the plan's nodes for one platform: the least and the most of each, from its place in `at` on."""

    def __init__(self, at: Mapping[int, int], values: Sequence[Value]) -> None:
        self._at, self._values = at, values

    def span(self, node: int) -> Span:
        """Least and most of an amount."""
        at = self._at[node]
        return Span(self._values[at], _most(self._values[at + 1]))

    def holds(self, node: int) -> bool | None:
        """A condition that no choice changes."""
        found = self._values[self._at[node] + 1]
        return None if found is None else bool(found)

    def always(self, node: int) -> bool:
        return self._values[self._at[node]] is True

    def sometimes(self, node: int) -> bool:
        return self._values[self._at[node] + 1] is True


class _Ends:
    """Least and most of some nodes of a plan: as formulas where these are short, else searched for one platform."""

    def __init__(self, plan: Plan, asked: Sequence[int]) -> None:
        self.plan = plan
        self.asked = list(dict.fromkeys(asked))
        self._made: dict[frozenset[str], tuple[Callable[[Facts], Sequence[Value]], list[int]]] = {}

    def __call__(self, facts: Facts, missing: frozenset[str]) -> Sequence[Value]:
        """The least and the most of each node in turn."""
        made = self._made.get(missing)
        if made is None:
            found = ranges(self.plan, self.asked, missing)
            hard = [n for n in self.asked if n not in found.ends]
            ends = [found.ends.get(n, (0, 0)) for n in self.asked]
            made = self._made[missing] = emit(found.nodes, [n for pair in ends for n in pair], missing), hard
        run, hard = made
        values = run(facts)
        return self._searched(values, hard, facts, missing) if hard else values

    def _searched(
        self, values: Sequence[Value], hard: Sequence[int], facts: Facts, missing: frozenset[str]
    ) -> Sequence[Value]:
        """The values, those of the hard nodes found with this platform's numbers in the facts' places."""
        builder = Careful(missing) if missing else Simplifier({})
        known = {
            name: builder.truth(value) if isinstance(value, bool) else builder.const(value)
            for name in self.plan.facts
            if (value := facts.get(name)) is not None
        }
        numbers = copy_nodes(self.plan.nodes, builder, facts=known)
        found = ends_of(builder, [numbers[n] for n in hard], _SEARCHED)
        run = emit(builder.nodes, [n for pair in found.values() for n in pair], missing)
        short = iter(run(facts))
        pairs = {n: (next(short), next(short)) for n in found}
        left = [numbers[n] for n in hard if numbers[n] not in found]
        if left:
            pairs |= zip(left, self._corners(builder.nodes, left, missing), strict=True)
        whole = list(values)
        for n in hard:
            at = 2 * self.asked.index(n)
            whole[at : at + 2] = pairs[numbers[n]]
        return whole

    def _corners(
        self, built: Sequence[Node], wanted: Sequence[int], missing: frozenset[str]
    ) -> list[tuple[Value, Value]]:
        # choices by number: an award and the same award `as if` have one each, of one name
        named = [n._replace(data=f"{n.data}#{i}") if n.kind == "Choice" else n for i, n in enumerate(built)]
        nodes = [Node("Fact", (), n.data) if n.kind == "Choice" else n for n in named]
        unknown = set(missing)
        zeros = {n.data: 0 for n in named if n.kind == "Choice"}
        for n in named:
            if n.kind == "Choice" and n.args and emit(nodes, n.args, frozenset(unknown))(zeros) == (None,):
                unknown.add(n.data)
        free = [n if n.kind == "Choice" and n.data not in unknown else nodes[i] for i, n in enumerate(named)]
        return corners.ends(free, wanted, lambda wanted: emit(nodes, wanted, frozenset(unknown)))


class Evaluator:
    """Evaluates one plan, for any number of platforms."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._names = [*plan.payers]
        outputs, flags = [plan.support, *plan.payers.values()], [plan.unquantified, plan.undetermined]
        opened = [*plan.payers_open.values()]
        self._brief, self._whole = _Ends(plan, outputs + flags + opened), _Ends(plan, list(traced(plan)))
        self._traced = {node: 2 * i for i, node in enumerate(self._whole.asked)}
        place = {node: 2 * i for i, node in enumerate(self._brief.asked)}
        self._at = [place[n] for n in outputs]
        self._flags, self._open = ([place[n] + 1 for n in nodes] for nodes in (flags, opened))
        self._facts = plan.facts

    def amounts(self, facts: Facts) -> Amounts:
        """The amounts alone, without a trace."""
        values = self._brief(facts, self._missing(facts))
        spans = [Span(values[i], _most(values[i + 1])) for i in self._at]
        unquantified, undetermined = (values[i] is True for i in self._flags)
        if undetermined:
            more = [True, *(values[i] for i in self._open)]
            spans = [Span(span.min, None) if open_ else span for span, open_ in zip(spans, more, strict=True)]
        return Amounts(spans[0], dict(zip(self._names, spans[1:], strict=True)), unquantified, undetermined)

    def trace(self, facts: Facts) -> Trace:
        """Every node that the plan keeps for its awards, statements and findings."""
        return Trace(self._traced, self._whole(facts, self._missing(facts)))

    def blame(self, facts: Facts, node: int) -> list[str]:
        """The missing facts for want of which a node is unknown, in the order of the plan."""
        missing = self._missing(facts)
        # a choice is unknown where its most is
        nodes = [_its_most(n) if n.kind == "Choice" else n for n in self.plan.nodes]
        below = cone(nodes, [node])
        values = dict(zip(below, emit(nodes, below, missing)(facts), strict=True))
        waiting, names = {node}, []
        for i in reversed(below):
            if i in waiting and values[i] is None:
                if nodes[i].kind == "Fact":
                    names.append(nodes[i].data)
                waiting.update(nodes[i].args)
        return names[::-1]

    def _missing(self, facts: Facts) -> frozenset[str]:
        return frozenset([name for name in self._facts if facts.get(name) is None])


def traced(plan: Plan) -> Iterator[int]:
    """The nodes whose values explain an outcome."""
    yield from (plan.support, plan.undetermined, plan.unquantified)
    yield from plan.payers.values()
    yield from plan.payers_open.values()
    for award in plan.awards:
        yield from (award.applies, award.unquantified, award.before, award.after, award.displaced, award.against)
        yield from (condition.node for condition in award.conditions)
        for share in award.shares:
            yield from (share.present, share.before, share.after, share.displaced)
        for step in award.steps:
            yield from (step.node, step.guard, step.operand)
    for statement in plan.statements:
        yield from (statement.active, statement.asleep)
        for effect in statement.effects:
            yield from (effect.before, effect.after)
    yield from (alarm.node for alarm in plan.alarms)
    yield from (entry.applies for entry in (*plan.entitlements, *plan.authority))


def outcome(award: PlannedAward, trace: Trace) -> str:
    """What became of an award: the words of the contract."""
    applies = trace.holds(award.applies)
    if applies is False:
        return "not_applicable"
    if applies is None or trace.span(award.after).min is None:
        return "undetermined"
    if trace.always(award.displaced):
        return "displaced"
    if trace.holds(award.unquantified):
        return "unquantified"
    if any(trace.sometimes(s.displaced) and not trace.always(s.displaced) for s in award.shares):
        return "open"
    before = trace.span(award.before)
    if before.min is None:
        return "undetermined"
    return "paid" if before == trace.span(award.after) else "reduced"


def _its_most(choice: Node) -> Node:
    return Node("Add", choice.args) if choice.args else Node("Const", (), UNBOUNDED)


def _most(value: Value) -> int | None:
    return None if value is None or value > NO_MOST else value


def emit(nodes: Sequence[Node], wanted: Sequence[int], missing: frozenset[str]) -> Callable[[Facts], Sequence[Value]]:
    """A function from facts to the values of the wanted nodes, with the facts of `missing` unknown."""
    lines = ["def run(facts):"]
    unknowable: set[int] = set()
    text: dict[int, str] = {}
    for i in cone(nodes, wanted):
        node = nodes[i]
        if node.kind in ("Const", "Truth"):
            text[i] = repr(node.data)
            continue
        if (node.kind == "Fact" and node.data in missing) or (
            node.kind != "Known" and any(a in unknowable for a in node.args)
        ):
            unknowable.add(i)
        lines.append(f"    n{i} = {_expression(node, [text[a] for a in node.args], node.args, unknowable, i)}")
        text[i] = f"n{i}"
    lines.append(f"    return ({''.join(text[i] + ', ' for i in wanted)})")
    scope: dict[str, Callable[[Facts], Sequence[Value]]] = {}
    exec("\n".join(lines), {"__builtins__": {}, "min": min, "max": max}, scope)  # our own text, made from nodes
    return scope["run"]


def _expression(node: Node, args: list[str], numbers: Sequence[int], unknowable: set[int], number: int) -> str:
    unknown = [text for text, a in zip(args, numbers, strict=True) if a in unknowable]
    match node.kind:
        case "Fact":
            return "None" if number in unknowable else f"facts[{node.data!r}]"
        case "Known":
            return f"{args[0]} is not None" if unknown else "True"
        case "And":
            return _sure(" and ".join(args), [f"{a} is False" for a in args], unknown, "False")
        case "Or":
            return _sure(" or ".join(args), [f"{a} is True" for a in args], unknown, "True")
        case "If":
            chosen = f"{args[1]} if {args[0]} else {args[2]}"
            return f"None if {args[0]} is None else {chosen}" if args[0] in unknown else chosen
    plain = _operation(node, args)
    return f"None if {' or '.join(f'{a} is None' for a in unknown)} else {plain}" if unknown else plain


def _sure(plain: str, ruling: list[str], unknown: list[str], ruled: str) -> str:
    """Kleene: one ruling argument decides, whatever is unknown; else an unknown one leaves it unknown."""
    if not unknown:
        return plain
    return f"{ruled} if {' or '.join(ruling)} else None if {' or '.join(f'{a} is None' for a in unknown)} else {plain}"


def _operation(node: Node, args: list[str]) -> str:
    match node.kind:
        case "Add":
            return " + ".join(args)
        case "Mul":
            return f"{args[0]} * {args[1]}"
        case "Div":
            a, b = args
            divided = f"(2 * {a} + {b}) // (2 * {b})" if node.data == "half_up" else f"{a} // {b}"
            return divided if b.isdigit() else f"({divided} if {b} else 0)"
        case "Min" | "Max":
            if len(args) == 2:
                return f"({args[0]} if {args[0]} {'<' if node.kind == 'Min' else '>'} {args[1]} else {args[1]})"
            return f"{node.kind.lower()}({', '.join(args)})"
        case "Less":
            return f"{args[0]} < {args[1]}"
        case "Equal":
            return f"{args[0]} == {args[1]}"
        case "Member":
            if len(node.data) == 1:
                return f"{args[0]} == {node.data[0]}"
            return f"{args[0]} in {{{', '.join(map(str, node.data))}}}"
        case "Not":
            return f"not {args[0]}"
    raise NotImplementedError(node.kind)
