"""The ordinary reader: a plan and facts to amounts, with or without the trace.

In: a plan, and the facts of a platform as `cases` types them. Out: least and most of the support and of every payer;
with the trace, every node that the plan keeps for its awards and statements. Promise: whole fen throughout. The plan is
written out as one straight Python function, once for each set of facts that are missing, so that a platform costs a few
microseconds and what cannot be unknown is not asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from policyeval.plan import UNBOUNDED, Node, Plan, PlannedAward
from policyeval.ranges import Ranges, ranges
from policyeval.record import Record

Value = int | bool | None
Facts = Mapping[str, Value]


class Span(NamedTuple):
    """Least and most in fen; None where there is none that is known."""

    min: int | None
    max: int | None


class Amounts(Record):
    """What a platform receives, and from whom, over every choice that the documents leave open."""

    support: Span
    payers: dict[str, Span]
    unquantified: bool
    undetermined: bool


class Trace:
    """The values of the plan's nodes for one platform."""

    def __init__(self, ends: Mapping[int, tuple[Value, Value]]) -> None:
        self._ends = ends

    def span(self, node: int) -> Span:
        """Least and most of an amount."""
        low, high = self._ends[node]
        return Span(low, _most(high))

    def holds(self, node: int) -> bool | None:
        """A condition that no choice changes."""
        found = self._ends[node][1]
        return None if found is None else bool(found)

    def always(self, node: int) -> bool:
        return self._ends[node][0] is True

    def sometimes(self, node: int) -> bool:
        return self._ends[node][1] is True


class Evaluator:
    """Evaluates one plan, for any number of platforms."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._brief: dict[frozenset[str], Callable[[Facts], Sequence[Value]]] = {}
        self._whole: dict[frozenset[str], Callable[[Facts], Sequence[Value]]] = {}
        self._outputs = [plan.support, *plan.payers.values()]
        self._flags = [plan.unquantified, plan.undetermined, *plan.payers_open.values()]
        self._brief_ranges: Ranges | None = None
        self._whole_ranges: Ranges | None = None
        self._names = [*plan.payers]
        self._traced = list(dict.fromkeys(traced(plan)))
        self._facts = plan.facts

    def amounts(self, facts: Facts) -> Amounts:
        """The amounts alone, without a trace."""
        missing = self._missing(facts)
        run = self._brief.get(missing)
        if run is None:
            if self._brief_ranges is None:
                self._brief_ranges = ranges(self.plan, self._outputs + self._flags)
            wanted = [self._brief_ranges.ends[n] for n in self._outputs]
            flags = [self._brief_ranges.ends[n][1] for n in self._flags]
            run = self._brief[missing] = emit(
                self._brief_ranges.nodes, [n for pair in wanted for n in pair] + flags, missing
            )
        values = run(facts)
        count = len(self._names)
        unquantified, undetermined, *opened = values[2 * count + 2 :]
        if undetermined:
            support = Span(values[0], None)
            payers = {
                name: Span(values[2 * i + 2], None if opened[i] else _most(values[2 * i + 3]))
                for i, name in enumerate(self._names)
            }
        else:
            support = Span(values[0], _most(values[1]))
            payers = {name: Span(values[2 * i + 2], _most(values[2 * i + 3])) for i, name in enumerate(self._names)}
        return Amounts(support, payers, bool(unquantified), bool(undetermined))

    def trace(self, facts: Facts) -> Trace:
        """Every node that the plan keeps for its awards, statements and findings."""
        missing = self._missing(facts)
        run = self._whole.get(missing)
        if self._whole_ranges is None:
            self._whole_ranges = ranges(self.plan, self._traced)
        if run is None:
            wanted = [n for t in self._traced for n in self._whole_ranges.ends[t]]
            run = self._whole[missing] = emit(self._whole_ranges.nodes, wanted, missing)
        values = iter(run(facts))
        return Trace(dict(zip(self._traced, zip(values, values, strict=True), strict=True)))

    def blame(self, facts: Facts, node: int) -> list[str]:
        """The missing facts for want of which a node is unknown, in the order of the plan."""
        found = ranges(self.plan, [node])
        top = found.ends[node][1]
        below = _below(found.nodes, [top])
        values = dict(zip(below, emit(found.nodes, below, self._missing(facts))(facts), strict=True))
        waiting, names = {top}, []
        for i in reversed(below):
            if i in waiting and values[i] is None:
                if found.nodes[i].kind == "Fact":
                    names.append(found.nodes[i].data)
                waiting.update(found.nodes[i].args)
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
    if applies is None or trace.span(award.before).min is None or trace.span(award.after).min is None:
        return "undetermined"
    if trace.holds(award.unquantified):
        return "unquantified"
    if trace.always(award.displaced):
        return "displaced"
    if trace.sometimes(award.displaced):
        return "open"
    return "paid" if trace.span(award.before) == trace.span(award.after) else "reduced"


def _most(value: Value) -> int | None:
    return None if value is None or value > UNBOUNDED // 10**6 else value


def emit(nodes: Sequence[Node], wanted: Sequence[int], missing: frozenset[str]) -> Callable[[Facts], Sequence[Value]]:
    """A function from facts to the values of the wanted nodes, with the facts of `missing` unknown."""
    lines = ["def run(facts):"]
    unknowable: set[int] = set()
    text: dict[int, str] = {}
    for i in _below(nodes, wanted):
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


def _below(nodes: Sequence[Node], wanted: Sequence[int]) -> list[int]:
    """The nodes that the wanted ones need, themselves included, in order."""
    needed = set(wanted)
    for i in range(max(wanted, default=-1), -1, -1):
        if i in needed:
            needed.update(nodes[i].args)
    return sorted(needed)


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
