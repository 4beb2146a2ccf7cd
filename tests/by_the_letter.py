"""A second evaluator, slow and plain, written from the language's own description and not from the engine.

In: resolved packs, a platform whose facts are all known, and what the authority chooses in each `up to`. Out: what each
payer pays of each award before and after the statements, as exact fractions that are rounded once. Nothing of the
engine's planning is used, so that an error in it shows as a difference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import accumulate
from math import floor

from policyeval.pack import Pack
from policyeval.tree import Node, Number, Op, Ref, Split, walk
from policyeval.units import UNITS
from policyeval.vocabulary import Vocabulary

Choose = Callable[[str, int | None], int]  # the choice's name and its most in fen -> what the authority chooses
Facts = Mapping[str, int | bool]


@dataclass(frozen=True)
class Part:
    """`weight`: its fixed share of the total, where the text gives one."""

    payer: str | None
    amount: Fraction
    weight: Fraction | None = None


@dataclass(frozen=True)
class Amount:
    """`down`: an amount that the authority chooses never rounds up."""

    total: Fraction
    parts: tuple[Part, ...] = ()
    down: bool = False
    figureless: bool = False

    def changed(self, total: Fraction) -> Amount:
        """Another total, the payers in proportion; where there is nothing to go by, by their shares, or the first."""
        fixed = all(p.weight is not None for p in self.parts)
        if fixed and not self.total:
            shares = [p.weight or Fraction(0) for p in self.parts]
        elif not self.total:
            shares = [Fraction(1), *(Fraction(0) for _ in self.parts[1:])]
        else:
            shares = [p.amount / self.total for p in self.parts]
        amounts = [total * share for share in shares]
        if not fixed and total != self.total:
            # a proportion that is no fixed share of the split is worked out to the fen, decision 5
            reached = [Fraction(self.rounded(s)) for s in accumulate(amounts)]
            amounts = [x - y for x, y in zip([*reached[:-1], total], [Fraction(0), *reached], strict=False)]
        parts = tuple(replace(p, amount=a) for p, a in zip(self.parts, amounts, strict=True))
        return replace(self, total=total, parts=parts)

    def rounded(self, amount: Fraction) -> int:
        return floor(amount) if self.down else floor(amount + Fraction(1, 2))

    def in_fen(self) -> dict[str | None, int]:
        """Each payer from the cumulative shares, so that they add up to the rounded total."""
        if not self.parts:
            return {None: self.rounded(self.total)}
        reached = [self.rounded(s) for s in accumulate(p.amount for p in self.parts)]
        reached[-1] = self.rounded(self.total)
        return {p.payer: x - y for p, x, y in zip(self.parts, reached, [0, *reached], strict=False)}

    def settled(self) -> Amount:
        fen = self.in_fen()
        weight = Fraction(1) if len(self.parts) == 1 else None
        parts = tuple(Part(p.payer, Fraction(fen[p.payer]), weight) for p in self.parts)
        return Amount(Fraction(self.rounded(self.total)), parts, figureless=self.figureless)


@dataclass
class Award:
    """What an award has come to by now: `parts` by payer, in the order named."""

    id: str
    applies: bool
    figureless: bool
    before: dict[str | None, int]
    parts: dict[str | None, int] = field(default_factory=dict)
    displaced: set[str | None] = field(default_factory=set)


class Letter:
    def __init__(self, packs: Sequence[Pack], vocabulary: Vocabulary, facts: Facts, choose: Choose) -> None:
        self.packs = {pack.id: pack for pack in packs}
        self.vocabulary = vocabulary
        self.facts = facts
        self.choose = choose

    def awards(self) -> dict[str, Award]:
        """Every award after all statements."""
        found = {}
        for pack in self.packs.values():
            for id_ in pack.awards:
                applies, amount = self.award(pack, id_, self.facts)
                parts = amount.in_fen() if applies else {}
                found[f"{pack.id}/{id_}"] = Award(f"{pack.id}/{id_}", applies, amount.figureless, parts, dict(parts))
        rules = [(pack, s.rule) for pack in self.packs.values() for s in pack.precedence]
        active = [awake for pack, rule in rules if (awake := self.active(pack, rule))]
        for award in found.values():
            if award.applies and award.figureless and any(self.set_against(award, r, found) for r in active):
                chosen = self.choose(f"{award.id}#", None)
                payer = None if None in award.before else next(iter(award.before))
                award.before[payer] += chosen
                award.parts[payer] += chosen
        for rule in active:
            self.apply(rule, found)
        return found

    # amounts

    def award(self, pack: Pack, id_: str, facts: Facts) -> tuple[bool, Amount]:
        award = pack.awards[id_]
        seat = list(self.vocabulary.places)[int(facts[self.vocabulary.seat])]
        here = any(up.name == pack.jurisdiction for up in self.vocabulary.upward(seat))
        reader = _Reader(self, pack, id_, facts)
        if not here or (award.when is not None and not reader.holds(award.when)):
            return False, Amount(Fraction(0))
        return True, reader.amount(award.amount)

    def reference(self, ref: Ref, facts: Facts) -> tuple[bool, Amount]:
        """An award, or whichever of a family applies, after its last rounding."""
        pack = self.packs[ref.pack or ""]
        found = [self.award(pack, id_, facts) for id_ in pack.families.get(ref.name, (ref.name,))]
        total = Amount(Fraction(0))
        for applies, amount in found:
            if applies:
                total = _sum(total, amount.settled())
        return any(applies for applies, _ in found), total

    # statements

    def active(self, pack: Pack, rule: Node) -> Op | None:
        """The statement without its `when`, where it holds at all."""
        assert isinstance(rule, Op)
        seat = list(self.vocabulary.places)[int(self.facts[self.vocabulary.seat])]
        if not any(up.name == pack.jurisdiction for up in self.vocabulary.upward(seat)):
            return None
        reader = _Reader(self, pack, "", self.facts)
        if rule.op == "when":
            if not reader.holds(rule.args[1]):
                return None
            rule = rule.args[0]
            assert isinstance(rule, Op)
        bound = {"limited_to": 1, "together": 0, "together_in_order": 0}.get(rule.op)
        for node in walk(rule.args[bound]) if bound is not None else ():
            if isinstance(node, Ref) and node.role in ("award", "family"):
                around = next((n for n in walk(rule.args[bound or 0]) if isinstance(n, Op) and node in n.args), None)
                facts = reader.taken(around) if around is not None and around.op == "as_if" else self.facts
                if not self.reference(node, facts)[0]:
                    return None  # asleep
        if bound is not None:
            ceiling = Number(Fraction(max(0, floor(reader.amount(rule.args[bound]).total)), 100), "元")
            args = list(rule.args)
            args[bound] = ceiling
            rule = replace_op(rule, tuple(args))
        return rule

    def set_against(self, award: Award, rule: Op, found: Mapping[str, Award]) -> bool:
        if rule.op in ("stacks_with", "replaces"):
            return False
        groups = [{id_ for id_, _ in self.slices(ref)} for ref in rule.args if isinstance(ref, Ref)]
        if not any(award.id in group for group in groups):
            return False
        others = [id_ for group in groups if award.id not in group for id_ in group]
        return rule.op == "limited_to" or any(found[id_].applies for id_ in others)

    def slices(self, ref: Ref) -> list[tuple[str, str | None]]:
        names = self.packs[ref.pack or ""].families.get(ref.name, (ref.name,))
        return [(f"{ref.pack}/{name}", ref.slice) for name in names]

    def parts(self, ref: Ref, found: Mapping[str, Award]) -> list[tuple[str, str | None]]:
        """The payers' parts that an operand stands for, of awards that apply."""
        return [
            (id_, payer)
            for id_, only in self.slices(ref)
            if found[id_].applies
            for payer in found[id_].parts
            if only is None or payer == only
        ]

    def apply(self, rule: Op, found: Mapping[str, Award]) -> None:
        operands = [self.parts(ref, found) for ref in rule.args if isinstance(ref, Ref)]
        bound = next((n.value * 100 for n in rule.args if isinstance(n, Number)), Fraction(0))

        def total(parts: Sequence[tuple[str, str | None]]) -> int:
            return sum(found[id_].parts[payer] for id_, payer in parts)

        def displace(parts: Sequence[tuple[str, str | None]]) -> None:
            for id_, payer in parts:
                found[id_].parts[payer] = 0
                found[id_].displaced.add(payer)

        def reduce(parts: Sequence[tuple[str, str | None]], new: int) -> None:
            awards = list(dict.fromkeys(id_ for id_, _ in parts))
            old = [total([p for p in parts if p[0] == id_]) for id_ in awards]
            for id_, sum_, share in zip(awards, old, _in_proportion(old, new), strict=True):
                mine = [payer for i, payer in parts if i == id_]
                shares = _in_proportion([found[id_].parts[p] for p in mine], share if sum_ else 0)
                found[id_].parts.update(zip(mine, shares, strict=True))

        match rule.op:
            case "take_higher":
                applying = [parts for parts in operands if parts]
                best = max(map(total, applying), default=0)
                standing = next((parts for parts in applying if total(parts) == best), None)
                for parts in applying:
                    if parts is not standing:
                        displace(parts)
            case "replaces" if operands[0]:
                for parts in operands[1:]:
                    displace(parts)
            case "net_of" if operands[0] and operands[1]:
                reduce(operands[0], max(0, total(operands[0]) - total(operands[1])))
            case "limited_to":
                reduce(operands[0], min(total(operands[0]), int(bound)))
            case "together":
                flat = [part for parts in operands for part in parts]
                reduce(flat, min(total(flat), int(bound)))
            case "together_in_order":
                left = int(bound)
                for parts in operands:
                    sum_ = total(parts)
                    reduce(parts, min(sum_, left))
                    left = max(0, left - sum_)


class _Reader:
    """Reads the expressions of one award or statement."""

    def __init__(self, letter: Letter, pack: Pack, award: str, facts: Facts) -> None:
        self.letter, self.pack, self.award, self.facts = letter, pack, award, facts
        self.vocabulary = letter.vocabulary
        tree = pack.awards[award].amount if award else None
        nodes = walk(tree) if tree is not None else ()
        self.numbers = {id(n): i for i, n in enumerate((n for n in nodes if isinstance(n, Op) and n.op == "up_to"), 1)}

    def holds(self, node: Node) -> bool:
        if isinstance(node, Ref):
            return bool(self.facts[node.name])
        assert isinstance(node, Op)
        match node.op:
            case "and":
                return all(self.holds(a) for a in node.args)
            case "or":
                return any(self.holds(a) for a in node.args)
            case "not":
                return not self.holds(node.args[0])
            case "known":
                return True
        left, *rights = node.args
        if any(isinstance(r, Ref) and r.role == "place" for r in rights):
            place = list(self.vocabulary.places)[int(self.value(left))]
            above = {up.name for up in self.vocabulary.upward(place)}
            return any(isinstance(r, Ref) and r.name in above for r in rights)
        x, others = self.value(left), [self.factor(r) if self.counts(left) else self.value(r) for r in rights]
        y = others[0]
        return {
            "is": x == y, "is_not": x != y, "in": x in others, "at_least": x >= y, "at_most": x <= y,
            "above": x > y, "below": x < y,
        }[node.op]  # fmt: skip

    def counts(self, node: Node) -> bool:
        """Whether it is a number of things, so that a bare number beside it is one too, and not yuan."""
        if isinstance(node, Ref):
            return node.role == "fact" and self.vocabulary.facts[node.name].kind == "count"
        return isinstance(node, Op) and node.op == "count_of"

    def value(self, node: Node) -> Fraction:
        """A side of a comparison: money in fen, a value of a list by its place there."""
        if isinstance(node, Ref) and node.role == "value":
            if node.name in ("true", "false"):
                return Fraction(node.name == "true")
            return Fraction(list(self.vocabulary.facts[node.of or ""].values).index(node.name))
        if isinstance(node, Ref) and node.role == "place":
            return Fraction(self.vocabulary.place_index[node.name])
        if isinstance(node, Ref) and node.role == "fact":
            return Fraction(self.facts[node.name])
        return self.amount(node).total

    def taken(self, node: Op) -> Facts:
        """The platform of an `as if`."""
        facts = dict(self.facts)
        for setting in node.args[1:]:
            assert isinstance(setting, Op)
            fact, value = setting.args
            assert isinstance(fact, Ref)
            found = self.value(value)
            facts[fact.name] = int(found)
            if self.vocabulary.facts[fact.name].kind == "place":
                for name, derived in self.vocabulary.facts.items():
                    if derived.derived:
                        place = list(self.vocabulary.places)[int(found)]
                        nearest = self.vocabulary.nearest(place, derived.derived.nearest)
                        assert nearest is not None
                        facts[name] = list(derived.values).index(nearest.tier)
        return facts

    def items(self, listed: Node) -> Iterator[Facts]:
        """The platform as each item of a list sees it: its own fields beside the facts of the platform."""
        name, condition = listed, None
        if isinstance(listed, Op):
            name, condition = listed.args
        assert isinstance(name, Ref)
        for i in range(1, int(self.facts[name.name]) + 1):
            own = {
                f.name: self.facts[f"{name}[{i}].{short}"]
                for short, f in self.vocabulary.facts[name.name].fields.items()
            }
            facts = {**self.facts, **own}
            if condition is None or _Reader(self.letter, self.pack, self.award, facts).holds(condition):
                yield facts

    def factor(self, node: Node) -> Fraction:
        if isinstance(node, Op):
            return self.amount(node).total
        assert isinstance(node, Number)
        return node.value * (UNITS[node.unit].size if node.unit else 1)

    def amount(self, node: Node) -> Amount:
        if isinstance(node, Number):
            return Amount(node.value * UNITS[node.unit or "元"].size)
        if isinstance(node, Ref):
            if node.role == "fact":
                return Amount(Fraction(self.facts[node.name]))
            return self.letter.reference(node, self.facts)[1]
        assert isinstance(node, Op)
        args = node.args
        match node.op:
            case "unspecified":
                return Amount(Fraction(0), (Part(None, Fraction(0), Fraction(1)),), figureless=True)
            case "if":
                return self.amount(args[1] if self.holds(args[0]) else args[2])
            case "up_to":
                most = self.amount(args[0])
                chosen = self.letter.choose(f"{self.pack.id}/{self.award}#{self.numbers[id(node)]}", floor(most.total))
                return replace(most.changed(Fraction(chosen)), down=True)
            case "matched":
                assert isinstance(args[1], Split)
                base, *shares = args[1].parts
                payers = [a.name for a in args[2:] if isinstance(a, Ref)]
                of = self.amount(args[0])
                whole = sum(shares, Fraction(0))
                parts = tuple(Part(p, of.total * s / base, s / whole) for p, s in zip(payers, shares, strict=True))
                return replace(of, total=sum((p.amount for p in parts), Fraction(0)), parts=parts)
            case "by":
                assert isinstance(args[1], Ref)
                of = self.amount(args[0])
                return replace(of, parts=(Part(args[1].name, of.total, Fraction(1)),))
            case "cap":
                amount, bound = self.amount(args[0]), Fraction(floor(self.amount(args[1]).total))
                return amount.changed(min(amount.total, bound))
            case "cap_each":
                amount, bound = self.amount(args[0]), Fraction(floor(self.amount(args[1]).total))
                if not amount.parts:
                    return amount.changed(min(amount.total, bound))
                even = len({p.weight for p in amount.parts}) == 1
                parts = tuple(Part(p.payer, min(p.amount, bound), p.weight if even else None) for p in amount.parts)
                return replace(amount, total=sum((p.amount for p in parts), Fraction(0)), parts=parts)
            case "at_least":
                amount = self.amount(args[0])
                return amount.changed(max(amount.total, self.amount(args[1]).total))
            case "of":
                return self._times(self.amount(args[1]), self.factor(args[0]))
            case "mul":
                return self._times(self.amount(args[0]), self.factor(args[1]))
            case "div":
                return self._times(self.amount(args[0]), 1 / self.factor(args[1]))
            case "add":
                return _sum(self.amount(args[0]), self.amount(args[1]))
            case "sub":
                return _sum(self.amount(args[0]), self._times(self.amount(args[1]), Fraction(-1)))
            case "higher" | "lower":
                first, *rest = [self.amount(a) for a in args]
                for other in rest:
                    beaten = other.total > first.total if node.op == "higher" else other.total < first.total
                    first = other if beaten else first
                return first
            case "count_of":
                return Amount(Fraction(sum(1 for _ in self.items(args[0]))))
            case "sum_of":
                assert isinstance(args[1], Ref)
                return Amount(Fraction(sum(int(facts[args[1].name]) for facts in self.items(args[0]))))
            case "as_if":
                assert isinstance(args[0], Ref)
                return self.letter.reference(args[0], self.taken(node))[1]
        raise NotImplementedError(node.op)

    def _times(self, amount: Amount, factor: Fraction) -> Amount:
        parts = tuple(replace(p, amount=p.amount * factor) for p in amount.parts)
        return replace(amount, total=amount.total * factor, parts=parts)


def replace_op(op: Op, args: tuple[Node, ...]) -> Op:
    return Op(op.op, args, op.span)


def _sum(a: Amount, c: Amount) -> Amount:
    if a.down != c.down:
        a, c = a.settled(), c.settled()
    x, y = (_attributed(amount, other) for amount, other in ((a, c), (c, a)))
    order = _order([p.payer for p in x], [p.payer for p in y])
    if order is None:
        a, c = a.settled(), c.settled()
        x, y = (_attributed(amount, other) for amount, other in ((a, c), (c, a)))
        order = list(dict.fromkeys(p.payer for p in (*x, *y)))
    alike = [(p.payer, p.weight) for p in x] == [(p.payer, p.weight) for p in y]
    parts = []
    for payer in order:
        same = [p for p in (*x, *y) if p.payer == payer]
        parts.append(Part(payer, sum((p.amount for p in same), Fraction(0)), same[0].weight if alike else None))
    return Amount(a.total + c.total, tuple(parts), a.down, a.figureless or c.figureless)


def _attributed(amount: Amount, other: Amount) -> tuple[Part, ...]:
    """Where the other amount says who pays, this one says that it does not know."""
    if amount.parts or not other.parts or not amount.total:
        return amount.parts
    return (Part(None, amount.total, Fraction(1)),)


def _order(mine: Sequence[str | None], theirs: Sequence[str | None]) -> list[str | None] | None:
    """An order that is the order of each; decision 5."""
    common = [p for p in mine if p in theirs]
    if common != [p for p in theirs if p in mine]:
        return None
    found: list[str | None] = []
    rest = list(theirs)
    for payer in mine:
        if payer in rest:
            found += rest[: rest.index(payer)]
            rest = rest[rest.index(payer) + 1 :]
        found.append(payer)
    return found + rest


def _in_proportion(parts: Sequence[int], new: int) -> list[int]:
    """The parts of a sum brought to another by the cumulative rule."""
    whole = sum(parts)
    reached = [floor(Fraction(new * s, whole) + Fraction(1, 2)) if whole else 0 for s in accumulate(parts)]
    if reached:
        reached[-1] = new
    return [x - y for x, y in zip(reached, [0, *reached], strict=False)]
