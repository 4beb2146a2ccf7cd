"""Lints of awards: overlaps, dead ceilings and branches, floors above ceilings, gaps, promises without an owner,
amounts below 0, payers that are not there.

In: a pack among those around it. Out: W501, W503, W504, W507, W508, W511, W526 to W528. Promise: what is called dead is
dead for every platform under every reading.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from policyeval.domains import following
from policyeval.lint.findings import Findings
from policyeval.lint.parts import TOO_LARGE, Around, Key, Planned, Words, key_of
from policyeval.lint.search import Witness
from policyeval.plan import PlannedAward, Step
from policyeval.source import Span
from policyeval.tree import Node, Number, Op, Ref, walk
from policyeval.units import UNITS

_PAIRS = 20_000  # pairs of awards of one family that are looked at

_CEILING = {"en": "ceiling", "zh": "最高额"}
_AMOUNT = {"en": "amount", "zh": "数额"}
_FLOOR = {"en": "floor", "zh": "保底"}


def find(findings: Findings, told: set[Span]) -> None:
    """`told`: the places that `check` has called dead already."""
    around = findings.around
    for award in around.pack.awards.values():
        if why := around.obstacle((around.pack.id, award.id)):
            findings.undecided("W503", award.id, award.span, why)
    for key in around.awards:
        _Award(findings, around.planned(key), key, told).look()
    _gaps(findings)
    _entries(findings, told)
    _overlaps(findings)


class _Award:
    """One award: its condition, its branches, its ceilings and floors."""

    def __init__(self, findings: Findings, planned: Planned, key: Key, told: set[Span]) -> None:
        self.f, self.planned, self.told = findings, planned, told
        self.award = findings.around.award(key)
        self.plan: PlannedAward = planned.awards[key]
        self.search = planned.search
        self.applies = self.plan.applies

    def look(self) -> None:
        award, f = self.award, self.f
        begun = len(f.problems)
        alive = self._steps()
        with f.deciding("W504", award.id, award.span):
            if not alive and self.search.possible(self.applies) is None:
                del f.problems[begun:]
                if award.when is not None:
                    self._dead(award.when.span)
                return
        self._floors()
        self._never_paid()
        self._below_nothing()
        self._absent_payers()

    def _dead(self, span: Span) -> None:
        place = self.f.around.vocabulary.places[self.f.around.pack.jurisdiction].label
        if span not in self.told:
            self.f.say("W504", self.award.id, span, place={"en": place.en, "zh": place.zh})

    def _steps(self) -> bool:
        """Looks at branches, ceilings and floors; whether a platform was found that reaches any of them."""
        branches = {id(op.args[0]): op for op in _ops(self.award.amount) if op.op == "if"}
        alive = False
        for step in self.plan.steps:
            span = step.tree.span
            if step.op == "if" and id(step.tree) in branches:
                with self.f.deciding("W504", self.award.id, span):
                    alive |= self._branches(step, branches[id(step.tree)])
            elif step.op in ("cap", "cap_each", "at_least") and step.den and isinstance(step.tree, Op):
                with self.f.deciding("W503", self.award.id, span):
                    alive |= self._bound(step, step.tree)
            elif step.op in ("way", "limit"):
                code = "W504" if _is_band(step.tree) else "W503"
                with self.f.deciding(code, self.award.id, span):
                    alive |= self._turn(step, step.tree)
        return alive

    def _here(self, step: Step) -> int:
        """Where a step is reached."""
        return self.search.b.and_(self.applies, step.guard)

    def _branches(self, step: Step, op: Op) -> bool:
        here, truth = self._here(step), step.node
        dead = []
        for branch, way in zip(op.args[1:], (truth, self.search.b.not_(truth)), strict=True):
            if self.search.possible(self.search.b.and_(here, way)) is None:
                dead.append(branch)
        if len(dead) == 1:  # where both are, the place before them is
            self._dead(dead[0].span)
        return len(dead) < 2

    def _bound(self, step: Step, op: Op) -> bool:
        b = self.search.b
        value = b.mul(step.node, b.const(step.operand_den))
        operand = b.mul(step.operand, b.const(step.den))
        changed = b.less(operand, value) if op.op == "at_least" else b.less(value, operand)
        here = self._here(step)
        if self.search.possible(b.and_(here, changed)) is not None:
            return True
        if self.search.possible(here) is None:
            return False
        self._idle(op.args[1].span, _FLOOR if op.op == "at_least" else _CEILING)
        return True

    def _turn(self, step: Step, tree: Node) -> bool:
        """A band, one of several amounts, or a limit on what is counted; whether any platform comes to it at all."""
        here = self._here(step)
        if self.search.possible(self.search.b.and_(here, step.node)) is not None:
            return True
        if self.search.possible(here) is None:
            return False
        if _is_band(tree):
            self._dead(tree.span)
        elif step.op == "way":
            self._idle(tree.span, _AMOUNT)
        elif isinstance(tree, Op) and tree.op == "for_each_most":
            self._idle(tree.args[2].span, _CEILING)
        return True

    def _idle(self, span: Span, what: Words) -> None:
        self.f.say("W503", self.award.id, span, award=self.award.id, bound=what)

    # floors above ceilings

    def _floors(self) -> None:
        for outer in _ops(self.award.amount):
            for inner in _spine(outer):
                pair = {"at_least": None, "cap": None, "cap_each": None}
                if outer.op in pair and inner.op in pair and (outer.op == "at_least") != (inner.op == "at_least"):
                    floor, cap = (outer, inner) if outer.op == "at_least" else (inner, outer)
                    self._above(floor, cap)

    def _above(self, floor: Op, cap: Op) -> None:
        b = self.search.b
        low, high = self._worth(floor.args[1]), self._worth(cap.args[1])
        here = next((self._here(step) for step in self.plan.steps if step.tree is cap), None)
        if low is None or high is None or here is None:
            self.f.undecided("W508", self.award.id, floor.span)
            return
        times = _payers(cap) if cap.op == "cap_each" else 1
        ceiling = b.max(high[0], b.zero)  # a ceiling below 0 counts as 0
        above = b.less(b.mul(ceiling, b.const(low[1] * times)), b.mul(low[0], b.const(high[1])))
        with self.f.deciding("W508", self.award.id, floor.span):
            if self.search.possible(b.and_(here, above)):
                other = (self.f.around.pack, cap.args[1].span, "W591")
                self.f.say("W508", self.award.id, floor.args[1].span, other, award=self.award.id)

    def _worth(self, bound: Node) -> tuple[int, int] | None:
        """A bound as a node over a denominator."""
        if isinstance(bound, Number):
            exact = bound.value * UNITS[bound.unit or "元"].size
            return self.search.b.const(exact.numerator), exact.denominator
        found = next((step for step in self.plan.steps if step.tree is bound and step.den), None)
        return (found.node, found.den) if found else None

    # awards that never pay

    def _never_paid(self) -> None:
        b, after = self.search.b, self.plan.after
        with self.f.deciding("W528", self.award.id, self.award.span):
            ways = (b.less(b.zero, after), self.plan.unquantified, b.less(after, b.zero))
            if all(self.search.possible(way) is None for way in ways):
                self.f.say("W528", self.award.id, self.award.span, award=self.award.id)

    # amounts below 0

    def _below_nothing(self) -> None:
        if not any(_takes_away(node) for node in walk(self.award.amount)):
            return
        with self.f.deciding("W526", self.award.id, self.award.amount.span):
            found = self.search.likely(self.search.b.less(self.plan.before, self.search.b.zero))
            if found:
                words = {"award": self.award.id, "under": self.f.under(found), "at": self.f.at(found)}
                self.f.say("W526", self.award.id, self.award.amount.span, **words)

    # payers that are not there

    def _absent_payers(self) -> None:
        v = self.f.around.vocabulary
        for op in _ops(self.award.amount):
            for payer in (arg for arg in op.args if isinstance(arg, Ref) and arg.role == "payer"):
                if not (without := self.f.around.without(payer.name)):
                    continue
                here = next((self._here(step) for step in self.plan.steps if step.tree is op), self.applies)
                with self.f.deciding("W527", self.award.id, payer.span):
                    facts = ({v.seat: home, **following(v, v.seat, home)} for home in without)
                    found = next((known for known in facts if self.search.possible(here, known)), None)
                    if found:
                        label = list(v.places.values())[found[v.seat]].label
                        words = {"payer": payer.name, "place": {"en": label.en, "zh": label.zh}}
                        self.f.say("W527", self.award.id, payer.span, **words)


def _takes_away(node: Node) -> bool:
    return (isinstance(node, Op) and node.op in ("sub", "neg")) or (isinstance(node, Number) and node.value < 0)


def _ops(tree: Node) -> Iterator[Op]:
    return (node for node in walk(tree) if isinstance(node, Op))


def _spine(op: Op) -> Iterator[Op]:
    """What a bound is put on, from the outside in, as far as it is one amount."""
    node = op.args[0] if op.args else None
    while isinstance(node, Op) and node.op in ("cap", "cap_each", "at_least", "by", "up_to"):
        yield node
        node = node.args[0]


def _is_band(tree: Node) -> bool:
    return isinstance(tree, Op) and tree.op in ("band", "beyond")


def _payers(node: Op) -> int:
    """How many payers an amount names."""
    return max((len(op.args) - 2 for op in _ops(node) if op.op == "matched"), default=1)


# Departments, entitlements, and promises without a figure


def _entries(findings: Findings, told: set[Span]) -> None:
    around = findings.around
    bare = [key for key in around.awards if _unowned(around, key)]
    plan = around.with_entries(bare)
    _dead_entries(findings, plan, told)
    charge = plan.search.b.or_(*(entry.applies for entry in plan.plan.authority))
    for key in bare:
        if not _assigned(around, key):
            _promise(findings, plan, key, charge)


def _dead_entries(findings: Findings, plan: Planned, told: set[Span]) -> None:
    """Conditions of entitlements and departments that no platform of the place meets."""
    around = findings.around
    place = around.vocabulary.places[around.pack.jurisdiction].label
    items = [(id_, item.when) for id_, item in around.pack.entitlements.items()]
    items += [(f"authority[{i}]", item.when) for i, item in enumerate(around.pack.authority, 1)]
    for (rule, when), entry in zip(items, (*plan.plan.entitlements, *plan.plan.authority), strict=True):
        if when is not None and when.span not in told:
            with findings.deciding("W504", rule, when.span):
                if plan.search.possible(entry.applies) is None:
                    findings.say("W504", rule, when.span, place={"en": place.en, "zh": place.zh})


def _unowned(around: Around, key: Key) -> bool:
    """Whether an award is a promise without a figure, in part at least, and names no payer."""
    amount = around.award(key).amount
    payers = any(share.payer is not None for share in around.planned(key).awards[key].shares)
    return not payers and any(op.op == "unspecified" for op in _ops(amount))


def _assigned(around: Around, key: Key) -> bool:
    """Whether the clause that promises an award also gives bodies a duty, whatever the platform."""
    duties = around.pack.provisions.duties.values()
    return any(duty.when is None and duty.cite.section == around.award(key).cite.section for duty in duties)


def _promise(findings: Findings, plan: Planned, key: Key, charge: int) -> None:
    """A promise that nobody owns: for some platform no department is in charge either."""
    search, b = plan.search, plan.search.b
    award, planned = findings.around.award(key), plan.awards[key]
    promised = b.and_(planned.applies, planned.unquantified)
    with findings.deciding("W511", award.id, award.span):
        if planned.own:
            found = search.likely(b.and_(promised, b.not_(charge)))
        else:  # departments are named for platforms, so any of them that is there at all will do
            found = None if search.possible(b.and_(promised, charge)) else search.possible(promised)
        if found is not None:
            span = next(op.span for op in _ops(award.amount) if op.op == "unspecified")
            findings.say("W511", award.id, span, award=award.id, at=findings.at(found))


# Gaps ------------------------------------------------------------------------


def _gaps(findings: Findings) -> None:
    around = findings.around
    applies = [(plan.search, plan.awards[key].applies, _values(around, key))
               for key in around.awards for plan in [around.planned(key)]]  # fmt: skip
    default = dict.fromkeys(around.readings, 0)
    for ref, rule in _named(around):
        fact = around.vocabulary.facts[ref.of or ""]
        value = list(fact.values).index(ref.name)
        likely = [(search, n) for search, n, needs in applies if ref.name in needs.get(fact.name, (ref.name,))]
        with findings.deciding("W507", rule, ref.span):
            for reading in ({}, *_single(around)):
                known = {**default, **reading, fact.name: value}
                if not any(search.possible(number, known) for search, number in likely):
                    label = fact.values[ref.name]
                    words = {"value": {"en": ref.name, "zh": label.zh}, "fact": {"en": fact.name, "zh": fact.label.zh}}
                    under = findings.under(Witness({}, reading))
                    findings.say("W507", rule, ref.span, under=under, **words)
                    break


def _single(around: Around) -> Iterator[dict[str, int]]:
    """Each reading of the pack in each option that is not the default, the others as they are."""
    for reading in around.pack.readings.values():
        for option in range(1, len(reading.options)):
            yield {f"{around.pack.id}/{reading.id}": option}


def _named(around: Around) -> Iterator[tuple[Ref, str]]:
    """Values of lists that the document says something for: each once, where it is first named, and the rule."""
    seen: set[tuple[str | None, str]] = set()
    pack = around.pack
    trees = [(award.when, award.id) for award in pack.awards.values()]
    trees += [(item.when, item.id) for item in pack.entitlements.values()]
    trees += [(item.when, f"authority[{i}]") for i, item in enumerate(pack.authority, 1)]
    trees += [(op.args[0], a.id) for a in pack.awards.values() for op in _ops(a.amount) if op.op == "if"]
    for tree, rule in trees:
        for ref in _meant(tree) if tree is not None else ():
            fact = around.vocabulary.facts.get(ref.of or "")
            if fact and fact.kind in ("enumeration", "ordered") and not fact.derived and (ref.of, ref.name) not in seen:
                seen.add((ref.of, ref.name))
                yield ref, rule


def _meant(condition: Node) -> Iterator[Ref]:
    """The values for which a condition holds; those that it shuts out are left out."""
    if not isinstance(condition, Op):
        return
    if condition.op in ("and", "or"):
        for arg in condition.args:
            yield from _meant(arg)
    elif condition.op in ("is", "in", "at_least", "at_most"):
        yield from (arg for arg in condition.args[1:] if isinstance(arg, Ref) and arg.role == "value")


# Overlaps --------------------------------------------------------------------


def _overlaps(findings: Findings) -> None:
    """Awards of one family that one payer pays to one platform, with no statement over both."""
    around = findings.around
    for part in around.parts:
        families: dict[str, list[Key]] = {}
        for key in part.awards:
            if family := around.award(key).family:
                families.setdefault(family, []).append(key)
        pairs = [pair for keys in families.values() if len(keys) > 1 for pair in combinations(keys, 2)]
        pairs = [(x, y) for x, y in pairs if around.pack.id in (x[0], y[0])]
        if not pairs:
            continue
        first = around.award(next(key for pair in pairs for key in pair if key[0] == around.pack.id))
        why = around.hindrance(part) if part.statements else TOO_LARGE if len(pairs) > _PAIRS else None
        if why is not None:
            findings.undecided("W501", first.id, first.span, why)
        elif part.statements:
            _alarmed(findings, around.together(part))
        else:
            _paired(findings, around.free, [(x, y) for x, y in pairs if {x, y} <= around.free.awards.keys()])


def _alarmed(findings: Findings, plan: Planned) -> None:
    told: set[Key] = set()
    for alarm in plan.plan.alarms:
        if alarm.code == "undeclared_overlap":
            x, y, payer = alarm.ids
            _overlap(findings, plan, key_of(x), key_of(y), payer, alarm.node, told)


def _paired(findings: Findings, plan: Planned, pairs: list[tuple[Key, Key]]) -> None:
    """Awards that no statement speaks of, so that they are paid as they stand."""
    b = plan.search.b
    values = {key: _values(findings.around, key) for pair in pairs for key in pair}
    told: set[Key] = set()
    for x, y in pairs:
        if y in told or x in told or _apart(values[x], values[y]):
            continue
        first, second = plan.awards[x], plan.awards[y]
        for share in first.shares:
            other = next((s for s in second.shares if s.payer == share.payer), None)
            if other is not None and share.payer is not None:
                paid = [b.less(b.zero, s.after) for s in (share, other)]
                both = b.and_(first.applies, second.applies, *paid)
                _overlap(findings, plan, x, y, share.payer, both, told)


def _overlap(findings: Findings, plan: Planned, x: Key, y: Key, payer: str, node: int, told: set[Key]) -> None:
    around = findings.around
    if around.pack.id not in (x[0], y[0]):
        return
    mine, other = (y, x) if y[0] == around.pack.id else (x, y)
    if mine in told:
        return
    award, beside = around.award(mine), around.award(other)
    with findings.deciding("W501", award.id, award.span):
        found = plan.search.likely(node)
        if found is not None:
            told.add(mine)
            there = (around.by_id[other[0]], beside.span, "W590")
            name = beside.id if other[0] == around.pack.id else "/".join(other)
            words = {"under": findings.under(found), "at": findings.at(found)}
            findings.say("W501", award.id, award.span, there, award=award.id, other=name, payer=payer,
                         rules=[award.id, name], **words)  # fmt: skip


Values = dict[str, frozenset[str]]


def _values(around: Around, key: Key) -> Values:
    """For facts with listed values, those that an award surely needs: a quick way to tell that two never meet."""
    when = around.award(key).when
    found: Values = {}
    parts = when.args if isinstance(when, Op) and when.op == "and" else (when,)
    for part in parts:
        if isinstance(part, Op) and part.op in ("is", "in"):
            left, *rights = part.args
            if isinstance(left, Ref) and left.role == "fact" and _plain(rights):
                names = frozenset(r.name for r in rights if isinstance(r, Ref))
                found[left.name] = found.get(left.name, names) & names
    return found


def _plain(rights: list[Node]) -> bool:
    return all(isinstance(r, Ref) and r.role == "value" for r in rights)


def _apart(x: Values, y: Values) -> bool:
    return any(x[name].isdisjoint(y[name]) for name in x.keys() & y.keys())
