"""Packs, and the readings chosen, to one plan.

In: resolved and checked packs in the order in which their statements apply, the vocabulary, readings. Out: a Plan.
Promise: everything a pack says about money, entitlements and departments in charge is in the plan; what cannot be
awake is listed. A reading that is not chosen stays a fact of the plan, so that one plan can stand for all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction

from policyeval.amounts import Amount, Arithmetic, Exact
from policyeval.pack import Award, Pack
from policyeval.plan import Asleep, Builder, Condition, Entry, Plan, PlannedAward, PlannedBudget, PlannedShare, Step
from policyeval.precedence import Precedence, Standing
from policyeval.record import Record
from policyeval.tree import Day, Node, Number, Op, Ref, Split, walk
from policyeval.units import UNITS
from policyeval.vocabulary import Vocabulary

MILLIONTHS = 10**6  # facts that are ratios or numbers come in millionths

Env = dict[str, int]  # facts replaced by `as if`, by name


class Lowered(Record):
    """An award before any statement, in whole fen."""

    applies: int
    conditions: tuple[Condition, ...]
    amount: Amount
    steps: tuple[Step, ...]


def lower(
    packs: Sequence[Pack],
    vocabulary: Vocabulary,
    readings: Mapping[str, str],
    as_of: date | None = None,
    builder: Builder | None = None,
    given: Mapping[str, int] | None = None,
) -> Plan:
    """The plan of `packs` (resolved, higher governments first) under `readings` (`pack/id` -> option).

    Without a day, the day of the question stays a fact of the plan. `builder`: where its nodes are added; `given`:
    nodes of it that stand for facts, and for slots that no award fills.
    """
    lowering = _Lowering(packs, vocabulary, readings, builder or Builder())
    lowering.given = dict(given or {})
    if as_of is not None:
        day = lowering.b.const(as_of.toordinal())
        lowering.given |= {name: day for name, fact in vocabulary.facts.items() if fact.given == "as_of"}
    return lowering.plan()


def open_slots(packs: Sequence[Pack]) -> list[str]:
    """The slots that no award of these packs fills: one of a pack still to come may."""
    filled = {award.fills for pack in packs for award in pack.awards.values()}
    return [id_ for pack in packs for slot in pack.slots if (id_ := f"{pack.id}/{slot}") not in filled]


class _Lowering:
    def __init__(
        self, packs: Sequence[Pack], vocabulary: Vocabulary, readings: Mapping[str, str], builder: Builder
    ) -> None:
        self.b = builder
        self.math = Arithmetic(self.b)
        self.packs = {pack.id: pack for pack in packs}
        self.vocabulary = vocabulary
        self.readings = readings
        self.given: Env = {}  # what the question itself settles
        self._lowered: dict[tuple[str, str, tuple[tuple[str, int], ...]], Lowered] = {}
        self._inside: dict[tuple[int, str], Condition] = {}  # by the node of where the platform is, and the place

    def plan(self) -> Plan:
        standings = {f"{p.id}/{a.id}": self._standing(p, a) for p in self.packs.values() for a in p.awards.values()}
        precedence = Precedence(self.b, standings)
        asleep: list[Asleep] = []
        awake = []
        for pack in self.packs.values():
            for i, statement in enumerate(pack.precedence, 1):
                id_ = f"{pack.id}/precedence[{i}]"
                absent = self._absent(statement.rule)
                if absent:
                    asleep.append(Asleep(id_, statement.rule, absent))
                else:
                    awake.append((id_, pack, statement))
        rules = [(id_, statement.rule, *self._statement(pack, statement.rule)) for id_, pack, statement in awake]
        precedence.set_against([(op, operands, self.b.and_(active, up)) for _, _, op, operands, _, active, up in rules])
        for rule in rules:
            precedence.apply(*rule)
        awards = tuple(self._planned(id_, precedence.now[id_]) for id_ in standings)
        alarms = precedence.alarms([(self._family(id_), id_) for id_ in standings])
        own = [a for a in awards if a.own]
        support, undetermined = self._certain(precedence, [(a.id, s) for a in own for s in a.shares])
        payers, payers_open = self._payers(precedence, own)
        unquantified = self.b.or_(*(self.b.and_(a.applies, a.unquantified, self._stands(a)) for a in own))
        entitlements, authority = self._entries("entitlements"), self._entries("authority")
        return Plan(
            nodes=tuple(self.b.nodes),
            support=support,
            undetermined=undetermined,
            unquantified=unquantified,
            payers=payers,
            payers_open=payers_open,
            awards=awards,
            statements=tuple(precedence.done),
            alarms=tuple(alarms),
            asleep=tuple(asleep),
            entitlements=tuple(entitlements),
            authority=tuple(authority),
            packs=tuple(pack.ref for pack in self.packs.values()),
            readings=dict(self.readings),
            budgets=tuple(
                PlannedBudget(f"{pack.id}/{b.id}", tuple(f"{pack.id}/{a}" for a in pack.awards_of(b.awards)), b.total)
                for pack in self.packs.values()
                for b in pack.budgets.values()
            ),
        )

    # awards

    def _standing(self, pack: Pack, award: Award) -> Standing:
        lowered = self.award(pack, award.id, {})
        settled = self.math.settle(lowered.amount)
        parts = {
            payer: (
                self.b.and_(lowered.applies, present),
                self.b.if_(lowered.applies, node, self.b.zero),
            )
            for payer, present, node in settled.parts
        }
        return Standing(
            f"{pack.id}/{award.id}", lowered.applies, lowered.conditions, settled.unspecified, parts, lowered.steps
        )

    def award(self, pack: Pack, award_id: str, env: Env) -> Lowered:
        key = (pack.id, award_id, tuple(sorted(env.items())))
        if key not in self._lowered:
            award = pack.awards[award_id]
            expression = _Expression(self, pack, award, env)
            conditions = (self._here(pack, env), *expression.conditions(award.when))
            amount = expression.amount(award.amount, self.b.true)
            applies = self.b.and_(*(c.node for c in conditions))
            self._lowered[key] = Lowered(applies, conditions, amount, tuple(expression.steps))
        return self._lowered[key]

    def reference(self, ref: Ref, env: Env) -> tuple[int, Amount]:
        """Whether an award (or whichever of a family) applies on the platform of `env`, and its amount in whole fen."""
        meant = [self.award(pack, id_, env) for pack, id_ in self._meant(ref)]
        if not meant and str(ref) in self.given:
            return self.b.true, Amount(Exact(self.given[str(ref)]), (), self.b.false)
        if len(meant) == 1:
            (one,) = meant
            return one.applies, self.math.choose(one.applies, self.math.each_in_fen(one.amount), self.math.nothing())
        applies, total = self.b.false, self.math.nothing()
        for one in meant:
            total = self.math.plus(total, self.math.where(one.applies, one.amount))
            applies = self.b.or_(applies, one.applies)
        return applies, total

    def _meant(self, ref: Ref) -> list[tuple[Pack, str]]:
        """The awards that an award or a family stands for, or that fill a slot."""
        if ref.role == "slot":
            packs = self.packs.values()
            return [(pack, a.id) for pack in packs for a in pack.awards.values() if a.fills == str(ref)]
        pack = self.packs[ref.pack or ""]
        return [(pack, id_) for id_ in pack.families.get(ref.name, (ref.name,))]

    def fact(self, name: str, env: Env) -> int:
        found = env.get(name, self.given.get(name))
        return self.b.fact(name) if found is None else found

    def is_field(self, name: str) -> bool:
        """Whether it is what each item of a list has, and not a fact of the platform itself."""
        fact = self.vocabulary.facts.get(name)
        return fact is not None and fact.within is not None

    def reading(self, ref: Ref) -> int:
        """A reading: the number of the chosen option, or a fact of the plan where none is chosen."""
        id_ = f"{ref.pack}/{ref.name}"
        chosen = self.readings.get(id_)
        if chosen is None:
            return self.b.fact(id_)
        return self.b.const(self.option(id_, chosen))

    def option(self, reading: str, option: str) -> int:
        pack, _, id_ = reading.partition("/")
        return list(self.packs[pack].readings[id_].options).index(option)

    def _here(self, pack: Pack, env: Env) -> Condition:
        """That the platform lies in the pack's jurisdiction."""
        seat, place = self.vocabulary.seat, pack.jurisdiction
        at = self.fact(seat, env)
        if (at, place) not in self._inside:
            index = self.vocabulary.place_index
            tree = Op("is", (Ref("fact", seat), Ref("place", place)))
            node = self.b.member(at, [index[p] for p in self.vocabulary.below(place)])
            self._inside[at, place] = Condition(tree, node, (seat,))
        return self._inside[at, place]

    def _family(self, id_: str) -> str | None:
        pack, _, award = id_.partition("/")
        return self.packs[pack].awards[award].family

    def _planned(self, id_: str, now: Standing) -> PlannedAward:
        shares = tuple(
            PlannedShare(payer, *now.before[payer], after, now.displaced[payer]) for payer, after in now.after.items()
        )
        displaced = self.b.and_(now.applies, *(self.b.or_(self.b.not_(s.present), s.displaced) for s in shares))
        pack, _, award = id_.partition("/")
        return PlannedAward(
            id=id_,
            own=self.packs[pack].awards[award].beneficiary == "platform",
            applies=now.applies,
            conditions=now.conditions,
            unquantified=now.unspecified,
            before=self.b.add(*(s.before for s in shares)),
            after=self.b.add(*(s.after for s in shares)),
            displaced=displaced,
            shares=shares,
            steps=now.steps,
            against=now.against,
        )

    # outputs

    def _certain(self, precedence: Precedence, shares: Sequence[tuple[str, PlannedShare]]) -> tuple[int, int]:
        """The sum of what is known, and whether anything is not. A promise without a figure leaves no sum unknown.

        The shorter sum of awards that stand for each other asks for more than they do, or less: it counts where known.
        """
        b = self.b
        known = [b.known(share.after) for _, share in shares]
        certain = b.add(*(b.if_(k, share.after, b.zero) for k, (_, share) in zip(known, shares, strict=True)))
        total = precedence.total([(award, share.payer) for award, share in shares])
        short = total != b.add(*(share.after for _, share in shares))
        return (b.if_(b.known(total), total, certain) if short else certain), b.not_(b.and_(*known))

    def _stands(self, award: PlannedAward) -> int:
        """The award is not surely displaced."""
        return self.b.not_(self.b.and_(self.b.known(award.displaced), award.displaced))

    def _payers(self, precedence: Precedence, awards: Sequence[PlannedAward]) -> tuple[dict[str, int], dict[str, int]]:
        named = [p for pack in self.packs.values() for p in pack.payers]
        paying = [s.payer for a in awards for s in a.shares if s.payer is not None]
        found = {*named, *paying}
        sums: dict[str, int] = {}
        open_: dict[str, int] = {}
        for payer in (p for p in self.vocabulary.payers if p in found):
            parts = [(a.id, s) for a in awards for s in a.shares if s.payer == payer]
            sums[payer], _ = self._certain(precedence, parts)
            open_[payer] = self.b.or_(*(self._may_be_more(s) for _, s in parts))
        return sums, open_

    def _may_be_more(self, share: PlannedShare) -> int:
        """What the payer pays is not known, and it is not certain that the payer has no part in it."""
        b = self.b
        maybe_present = b.or_(share.present, b.not_(b.known(share.present)))
        return b.and_(b.not_(b.known(share.after)), maybe_present)

    def _entries(self, section: str) -> list[Entry]:
        entries = []
        for pack in self.packs.values():
            found = pack.entitlements.items() if section == "entitlements" else enumerate(pack.authority)
            for key, item in found:
                when = self.b.true
                if item.when is not None:
                    when = _Expression(self, pack, None, {}).condition(item.when)
                entries.append(Entry(f"{pack.id}/{key}", self.b.and_(self._here(pack, {}).node, when)))
        return entries

    # statements

    def _absent(self, rule: Node) -> str | None:
        """The first pack that a statement speaks of and that is not loaded."""
        refs = [rule] if isinstance(rule, Ref) else []
        if isinstance(rule, Op):
            return next((found for arg in rule.args if (found := self._absent(arg))), None)
        return next((r.pack for r in refs if r.role in _OF_PACKS and r.pack not in self.packs), None)

    def _statement(
        self, pack: Pack, rule: Node
    ) -> tuple[str, list[list[tuple[str, str | None]]], Exact | None, int, int]:
        """Operator, operands (lists of slices), bound, where it is active, and where what it refers to applies."""
        active = self._here(pack, {}).node
        expression = _Expression(self, pack, None, {})
        assert isinstance(rule, Op)
        if rule.op == "when":
            active = self.b.and_(active, expression.condition(rule.args[1]))
            rule = rule.args[0]
            assert isinstance(rule, Op)
        bound: Exact | None = None
        operands = list(rule.args)
        if rule.op == "limited_to":
            bound = self.math.bound(expression.amount(operands.pop(), self.b.true).total)
        elif rule.op in ("together", "together_in_order"):
            bound = self.math.bound(expression.amount(operands.pop(0), self.b.true).total)
        slices = [self._slices(ref) for ref in operands if isinstance(ref, Ref)]
        return rule.op, slices, bound, active, expression.present

    def _slices(self, ref: Ref) -> list[tuple[str, str | None]]:
        awards = self.packs[ref.pack or ""].families.get(ref.name, (ref.name,))
        return [(f"{ref.pack}/{award}", ref.slice) for award in awards]


class _Expression:
    """Lowers the expressions of one award, entitlement or statement."""

    def __init__(self, lowering: _Lowering, pack: Pack, award: Award | None, env: Env) -> None:
        self.l = lowering
        self.b, self.math = lowering.b, lowering.math
        self.pack, self.award, self.env = pack, award, env
        self.steps: list[Step] = []
        self.present = lowering.b.true  # where everything the expression refers to applies
        self._choices = 0
        self._operand: Exact | None = None  # what the operator just lowered was put on, for its step

    # conditions

    def conditions(self, when: Node | None) -> list[Condition]:
        """The conditions that must all hold, each by itself."""
        if when is None:
            return []
        parts = when.args if isinstance(when, Op) and when.op == "and" else (when,)
        return [
            Condition(
                part,
                self.condition(part),
                tuple(dict.fromkeys(self._platform_facts(part))),
            )
            for part in parts
        ]

    def _platform_facts(self, node: Node) -> Iterator[str]:
        """The facts that are stated of the platform itself; the fields of a list go with the list."""
        names = (n.name for n in walk(node) if isinstance(n, Ref) and n.role == "fact")
        return (name for name in names if not self.l.is_field(name))

    def condition(self, node: Node) -> int:
        if isinstance(node, Ref):
            return self.l.fact(node.name, self.env)
        assert isinstance(node, Op)
        args = node.args
        match node.op:
            case "and":
                return self.b.and_(*(self.condition(a) for a in args))
            case "or":
                return self.b.or_(*(self.condition(a) for a in args))
            case "not":
                return self.b.not_(self.condition(args[0]))
            case "known":
                assert isinstance(args[0], Ref)
                return self.b.known(self.l.fact(args[0].name, self.env))
            case "is":
                return self._is(args[0], args[1])
            case "is_not":
                return self.b.not_(self._is(args[0], args[1]))
            case "in":
                return self.b.or_(*(self._is(args[0], value) for value in args[1:]))
            case "not_in":
                return self.b.not_(self.b.or_(*(self._is(args[0], value) for value in args[1:])))
        x, y = self._both(args[0], args[1])
        match node.op:
            case "at_least":
                return self.b.not_(self.math.less(x, y))
            case "at_most":
                return self.b.not_(self.math.less(y, x))
            case "above":
                return self.math.less(y, x)
            case "below":
                return self.math.less(x, y)
        raise NotImplementedError(node.op)

    def _is(self, left: Node, right: Node) -> int:
        if isinstance(left, Ref) and left.role == "reading" and left.pack not in self.l.packs:
            return self.b.false  # a reading of a pack that is not loaded is not chosen
        if isinstance(right, Ref) and right.role == "place":
            index = self.l.vocabulary.place_index
            return self.b.member(self.discrete(left), [index[p] for p in self.l.vocabulary.below(right.name)])
        if isinstance(right, Ref) and right.role == "value" and right.name in ("true", "false") and self._is_bool(left):
            truth = self.condition(left)
            return truth if right.name == "true" else self.b.not_(truth)
        if isinstance(right, Ref) and right.role == "fact" and self._is_bool(left):
            return self.b.if_(self.condition(left), self.condition(right), self.b.not_(self.condition(right)))
        x, y = self._both(left, right)
        return self.math.equal(x, y)

    def _is_bool(self, node: Node) -> bool:
        return isinstance(node, Ref) and node.role == "fact" and self.l.vocabulary.facts[node.name].kind == "bool"

    def _both(self, left: Node, right: Node) -> tuple[Exact, Exact]:
        """Both sides of a comparison, as money where one of them is."""
        discrete = ("value", "place", "reading")
        sides = (left, right)
        if any(isinstance(s, Day) or (isinstance(s, Ref) and s.role in discrete) for s in sides):
            return Exact(self.discrete(left)), Exact(self.discrete(right))
        if all(isinstance(s, Ref) and s.role == "fact" and self._kind(s.name) in _DISCRETE for s in sides):
            return Exact(self.discrete(left)), Exact(self.discrete(right))
        if self.is_money(left) or self.is_money(right):
            return self.amount(left, self.b.true).total, self.amount(right, self.b.true).total
        return self.factor(left), self.factor(right)

    def _kind(self, fact: str) -> str:
        return self.l.vocabulary.facts[fact].kind

    def discrete(self, node: Node) -> int:
        """A value of a list, a place or a date as its number."""
        if isinstance(node, Day):
            return self.b.const(node.value.toordinal())
        assert isinstance(node, Ref)
        match node.role:
            case "fact":
                return self.l.fact(node.name, self.env)
            case "reading":
                return self.l.reading(node)
            case "place":
                return self.b.const(self.l.vocabulary.place_index[node.name])
        of = node.of or ""
        if "/" in of:
            return self.b.const(self.l.option(of, node.name))
        if self._kind(of) == "bool":
            return self.b.truth(node.name == "true")
        return self.b.const(list(self.l.vocabulary.facts[of].values).index(node.name))

    # numbers without money

    def is_money(self, node: Node) -> bool:
        """Whether an operand is surely money; a bare number is whatever its place asks for."""
        match node:
            case Number(unit=unit):
                return unit is not None and UNITS[unit].kind == "money"
            case Ref(role="fact", name=name):
                return self._kind(name) == "money"
            case Ref(role=role):
                return role in ("award", "family", "slot")
            case Op(op="of", args=args):
                return self.is_money(args[1])
            case Op(op="if", args=args):
                return self.is_money(args[1]) or self.is_money(args[2])
            case Op(op="count_of"):
                return False
            case Op(op="steps", args=args):
                return any(self.is_money(band.args[0]) for band in args[1:] if isinstance(band, Op))
            case Op(op=op, args=args):
                return op in _MONEY_ONLY or any(self.is_money(a) for a in args)
        return False

    def factor(self, node: Node) -> Exact:
        match node:
            case Number(value=value, unit=unit):
                return self.math.number(value * (UNITS[unit].size if unit else 1))
            case Ref(role="fact", name=name):
                return Exact(self.l.fact(name, self.env), 1 if self._kind(name) == "count" else MILLIONTHS)
            case Op(op="add", args=(a, c)):
                return self.math.add(self.factor(a), self.factor(c))
            case Op(op="sub", args=(a, c)):
                return self.math.sub(self.factor(a), self.factor(c))
            case Op(op="mul" | "of", args=(a, c)):
                return self.math.mul(self.factor(a), self.factor(c))
            case Op(op="div", args=(a, c)):
                return self.math.scale(self.factor(a), 1 / self.fixed(c))
            case Op(op="neg", args=(a,)):
                return self.math.scale(self.factor(a), Fraction(-1))
            case Op(op="higher", args=args):
                return self.math.most(*(self.factor(a) for a in args))
            case Op(op="lower", args=args):
                return self.math.least(*(self.factor(a) for a in args))
            case Op(op="if", args=(c, x, y)):
                return self.math.if_(self.condition(c), self.factor(x), self.factor(y))
            case Op(op="steps"):
                return self._in_steps(node, self.factor, self.b.true)
            case Op(op="count_of", args=(listed,)):
                return self._over_items(listed, None)
        raise NotImplementedError(str(node))

    def fixed(self, node: Node) -> Fraction:
        """A number that is the same for every platform; `check` has refused any other divisor."""
        exact = self.factor(node)
        value = self.b.value(exact.node)
        assert value is not None
        return Fraction(int(value), exact.den)

    # amounts

    def amount(self, node: Node, guard: int) -> Amount:
        """The amount a tree says, with a step for each operator, reached where `guard` holds."""
        match node:
            case Number(value=value, unit=unit):
                return self.math.plain(self.math.number(value * UNITS[unit or "元"].size))
            case Ref(role="fact", name=name):
                amount = self.math.plain(Exact(self.l.fact(name, self.env)))
                return self._step("fact", node, amount, guard, amount.total)
            case Ref():
                amount = self._referred(node, self.env)
                return self._step("award", node, amount, guard, amount.total)
            case Op(op="if", args=(c, x, y)):
                return self._if(c, x, y, guard)
            case Op(op=op):
                self._operand = None
                amount = self._operator(node, guard)
                return self._step(op, node, amount, guard, self._operand or amount.total)
        raise NotImplementedError(str(node))

    def _operator(self, node: Op, guard: int) -> Amount:
        args = node.args

        def sub(i: int) -> Amount:
            return self.amount(args[i], guard)

        def on(i: int) -> Amount:
            amount = sub(i)
            self._operand = amount.total
            return amount

        match node.op:
            case "unspecified":
                return self.math.unspecified()
            case "up_to":
                self._choices += 1
                name = f"{self.pack.id}/{self.award.id if self.award else '?'}#{self._choices}"
                return self.math.up_to(on(0), name)
            case "higher" | "lower":
                found = [self.amount(a, guard) for a in args]
                self._stands(args, [a.total for a in found], node.op == "higher", guard)
                return self.math.pick(found, higher=node.op == "higher")
            case "add":
                return self.math.plus(sub(0), sub(1))
            case "sub":
                return self.math.plus(sub(0), self.math.scaled(sub(1), self.math.number(Fraction(-1))))
            case "neg":
                return self.math.scaled(sub(0), self.math.number(Fraction(-1)))
            case "mul":
                money, number = (args[0], args[1]) if self.is_money(args[0]) else (args[1], args[0])
                return self.math.scaled(self.amount(money, guard), self.factor(number))
            case "of":
                return self.math.scaled(sub(1), self.factor(args[0]))
            case "div":
                return self.math.scaled(sub(0), self.math.number(1 / self.fixed(args[1])))
            case "matched":
                split = args[1]
                assert isinstance(split, Split)
                base, *parts = split.parts
                payers = [a.name for a in args[2:] if isinstance(a, Ref)]
                return self.math.paid_by(sub(0), payers, [part / base for part in parts])
            case "by":
                payers = [a.name for a in args[1:] if isinstance(a, Ref)]
                return self.math.paid_by(sub(0), payers, [Fraction(1)])
            case "cap":
                bound = sub(1).total
                return self.math.capped(on(0), bound)
            case "cap_each":
                bound = sub(1).total
                return self.math.each_capped(on(0), bound)
            case "at_least":
                bound = sub(1).total
                return self.math.floored(on(0), bound)
            case "first_by":
                payers = [a.name for a in args[2:] if isinstance(a, Ref)]
                return self._first_by(node, sub(0), payers, guard)
            case "brackets":
                _, (beyond,), *rates = _bands(node)
                bands = [(self.fixed(rate), self.amount(bound, guard).total) for rate, bound in rates]
                amount = on(0)
                begins = (Exact(self.b.zero), *(bound for _, bound in bands))
                for band, begin in zip((*args[2:], args[1]), begins, strict=True):
                    self._turn("way", band, self.math.less(begin, amount.total), guard)
                return self.math.in_brackets(amount, bands, self.fixed(beyond))
            case "steps":
                return self.math.plain(self._in_steps(node, lambda n: self.amount(n, guard).total, guard))
            case "for_each" | "for_each_most":
                counts = [self.factor(a) for a in args[1:]]
                if node.op == "for_each_most":
                    self._turn("limit", node, self.math.less(counts[1], counts[0]), guard)
                counted = self.math.least(*counts)
                return self.math.scaled(sub(0), counted)
            case "shared":
                return self.math.shared(sub(0), self.factor(args[1]))
            case "rounded" | "rounded_down":
                assert isinstance(args[1], Number)
                unit = UNITS[args[1].unit or "元"].size
                return self.math.rounded_to(on(0), int(unit), down=node.op == "rounded_down")
            case "top_up":
                most, before = sub(1).total, sub(0).total
                self._turn("limit", node, self.math.less(before, most), guard)
                lacking = self.math.sub(most, before)
                return self.math.plain(self.math.most(lacking, Exact(self.b.zero)))
            case "sum_of":
                return self.math.plain(self._over_items(args[0], args[1]))
            case "as_if":
                return self._as_if(args)
        raise NotImplementedError(node.op)

    def _over_items(self, listed: Node, field: Node | None) -> Exact:
        """What a field comes to over the items of a list, or how many there are: a sum with a term for each item that
        there may be, 0 where it is not there or its condition does not hold."""
        condition = None
        if isinstance(listed, Op):
            listed, condition = listed.args
        assert isinstance(listed, Ref)
        whole, count = self.l.vocabulary.facts[listed.name], self.l.fact(listed.name, self.env)
        if field is None and condition is None:
            return Exact(count)
        terms = []
        for item in range(1, (whole.most or 0) + 1):
            fields = {f.name: self.b.fact(f"{whole.name}[{item}].{name}") for name, f in whole.fields.items()}
            of_item = _Expression(self.l, self.pack, self.award, {**self.env, **fields})
            here = self.b.at_most(self.b.const(item), count)
            if condition is not None:
                here = self.b.and_(here, of_item.condition(condition))
                self.present = self.b.and_(self.present, of_item.present)
            value = self.b.const(1) if field is None else of_item.amount(field, here).total.node
            terms.append(self.b.if_(here, value, self.b.zero))
        return Exact(self.b.add(*terms))

    def _stands(self, operands: Sequence[Node], totals: Sequence[Exact], higher: bool, guard: int) -> None:
        """Where each of several operands is the one that is taken; of equal ones the first."""

        def beats(x: Exact, y: Exact) -> int:
            return self.math.less(y, x) if higher else self.math.less(x, y)

        for i, (operand, total) in enumerate(zip(operands, totals, strict=True)):
            earlier = (beats(total, other) for other in totals[:i])
            later = (self.b.not_(beats(other, total)) for other in totals[i + 1 :])
            self._turn("way", operand, self.b.and_(*earlier, *later), guard)

    def _first_by(self, node: Op, amount: Amount, payers: list[str], guard: int) -> Amount:
        part = node.args[1]
        if self.is_money(part):
            first = self.amount(part, self.b.true).total
            self._turn("limit", node, self.math.less(first, amount.total), guard)
            return self.math.first_by(amount, first, payers)
        share = self.factor(part)
        fixed = self.b.value(share.node)
        if fixed is None:
            return self.math.first_by(amount, self.math.mul(amount.total, share), payers)
        ratio = Fraction(int(fixed), share.den)
        return self.math.paid_by(amount, payers, [ratio, 1 - ratio])

    def _in_steps(self, node: Op, figure: Callable[[Node], Exact], guard: int) -> Exact:
        """Measured as money where the measure or a bound is."""
        (base,), (beyond,), *bands = _bands(node)
        money = any(self.is_money(n) for n in (base, *(bound for _, bound in bands)))

        def size(n: Node) -> Exact:
            return self.amount(n, guard).total if money else self.factor(n)

        measured, bounds = size(base), [size(bound) for _, bound in bands]
        above = [self.math.less(bound, measured) for bound in bounds]
        below = [*map(self.b.not_, above), self.b.true]
        for band, low, high in zip((*node.args[2:], node.args[1]), (self.b.true, *above), below, strict=True):
            self._turn("way", band, self.b.and_(low, high), guard)
        figures = [figure(f) for f, _ in bands]
        return self.math.in_steps(measured, list(zip(figures, bounds, strict=True)), figure(beyond))

    def _if(self, condition: Node, yes: Node, no: Node, guard: int) -> Amount:
        truth = self.condition(condition)
        self._turn("if", condition, truth, guard)
        return self.math.choose(
            truth,
            self.amount(yes, self.b.and_(guard, truth)),
            self.amount(no, self.b.and_(guard, self.b.not_(truth))),
        )

    def _as_if(self, args: Sequence[Node]) -> Amount:
        award, *settings = args
        assert isinstance(award, Ref)
        env = dict(self.env)
        for setting in settings:
            assert isinstance(setting, Op)
            fact, value = setting.args
            assert isinstance(fact, Ref)
            kind = self._kind(fact.name)
            if kind == "money":
                env[fact.name] = self.math.rounded(self.amount(value, self.b.true).total, down=False)
            elif kind in _DISCRETE or kind == "date":
                env[fact.name] = self.discrete(value)
            else:
                den = 1 if kind == "count" else MILLIONTHS
                env[fact.name] = self.math.rounded(self.math.scale(self.factor(value), Fraction(den)), down=False)
            self._derive(env, fact.name)
        return self._referred(award, env)

    def _derive(self, env: Env, changed: str) -> None:
        """Facts that follow from a place follow it here too."""
        number = self.b.value(env[changed])
        if self._kind(changed) != "place" or number is None:
            return
        place = list(self.l.vocabulary.places)[int(number)]
        for name, fact in self.l.vocabulary.facts.items():
            if fact.derived and fact.derived.source == changed:
                nearest = self.l.vocabulary.nearest(place, fact.derived.nearest)
                if nearest:
                    env[name] = self.b.const(list(fact.values).index(nearest.tier))

    def _referred(self, ref: Ref, env: Env) -> Amount:
        """An award is the platform's, also where the condition on an item names it."""
        applies, amount = self.l.reference(ref, {n: node for n, node in env.items() if not self.l.is_field(n)})
        self.present = self.b.and_(self.present, applies)
        return amount

    def _turn(self, op: str, node: Node, truth: int, guard: int) -> None:
        """A step that is no amount: where a condition holds, one of several ways is taken, or a limit binds."""
        self.steps.append(Step(op, node, truth, 0, guard, truth, 0))

    def _step(self, op: str, node: Node, amount: Amount, guard: int, operand: Exact) -> Amount:
        total = amount.total
        self.steps.append(Step(op, node, total.node, total.den, guard, operand.node, operand.den))
        return amount


_OF_PACKS = frozenset({"award", "family", "slot", "reading"})  # what a statement cannot be awake without
_DISCRETE = frozenset({"enumeration", "ordered", "place", "bool"})
_MONEY_ONLY = frozenset(
    {"matched", "by", "first_by", "cap", "cap_each", "up_to", "unspecified", "as_if", "sum_of"}
    | {"brackets", "for_each", "for_each_most", "shared", "rounded", "rounded_down", "top_up"}
)


def _bands(node: Op) -> Iterator[tuple[Node, ...]]:
    """What is measured, what lies above the last bound, and each band: its rate or figure, and its bound."""
    yield node.args[:1]
    yield from (band.args for band in node.args[1:] if isinstance(band, Op))
