"""Amounts while they are lowered: exact fractions of a fen, and who pays which part.

In: nodes of the plan. Out: nodes of the plan. An `Exact` is a node over a fixed denominator, so amounts stay whole
numbers however they are multiplied by ratios; `settle` rounds once, as the award's last step. Promises: payers add up
to the award; a cap is never passed, since bounds that fall between two fen go down before they are applied.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from math import lcm
from typing import NamedTuple

from policyeval.plan import Builder
from policyeval.record import Record, replace


class Exact(NamedTuple):
    """The value of `node` divided by `den`; no record, since thousands of them are made."""

    node: int
    den: int = 1


class Share(Record):
    """One payer's part. `weight`: its fixed share of the total, where it has one; `present`: it is named here."""

    payer: str | None
    part: Exact
    weight: Fraction | None
    present: int


_LEAVES = 16  # amounts that one amount may be made of before their payers are settled

_Part = tuple[str | None, int, int]  # a payer, whether it is named, and its fen


class Amount(Record):
    """An award's amount before its last rounding. `down`: it rounds down, since the authority may stop at a bound.

    `fork`: a condition, and the amounts where it holds and where it does not, as long as these differ in payers or in
    rounding; `total` is then the one that is meant, and each keeps its own payers.
    """

    total: Exact
    shares: tuple[Share, ...]
    unspecified: int  # the node of "no figure in the document"
    down: bool = False
    fork: tuple[int, Amount, Amount] | None = None


class Settled(Record):
    """An amount in whole fen: the total, each payer's part and whether it is named, in the order named."""

    total: int
    parts: tuple[tuple[str | None, int, int], ...]
    unspecified: int


class Arithmetic:
    """Operations on Exact and Amount over one builder."""

    def __init__(self, builder: Builder) -> None:
        self.b = builder

    # exact numbers

    def number(self, value: Fraction) -> Exact:
        return Exact(self.b.const(value.numerator), value.denominator)

    def aligned(self, values: Sequence[Exact]) -> tuple[list[int], int]:
        """The nodes of the values over one denominator."""
        den = lcm(*(v.den for v in values))
        return [v.node if v.den == den else self.b.mul(v.node, self.b.const(den // v.den)) for v in values], den

    def add(self, *values: Exact) -> Exact:
        nodes, den = self.aligned(values)
        return Exact(self.b.add(*nodes), den)

    def sub(self, a: Exact, c: Exact) -> Exact:
        (x, y), den = self.aligned([a, c])
        return Exact(self.b.sub(x, y), den)

    def mul(self, a: Exact, c: Exact) -> Exact:
        x, y = self.b.value(a.node), self.b.value(c.node)
        if y is not None:
            return self.scale(a, Fraction(int(y), c.den))
        if x is not None:
            return self.scale(c, Fraction(int(x), a.den))
        return Exact(self.b.mul(a.node, c.node), a.den * c.den)

    def scale(self, a: Exact, factor: Fraction) -> Exact:
        """a times a fixed factor, over the least denominator that it needs."""
        if factor == 1:
            return a
        common = Fraction(factor.numerator, factor.denominator * a.den)
        return Exact(self.b.mul(a.node, self.b.const(common.numerator)), common.denominator)

    def least(self, *values: Exact) -> Exact:
        nodes, den = self.aligned(values)
        return Exact(self.b.min(*nodes), den)

    def most(self, *values: Exact) -> Exact:
        nodes, den = self.aligned(values)
        return Exact(self.b.max(*nodes), den)

    def if_(self, condition: int, yes: Exact, no: Exact) -> Exact:
        (x, y), den = self.aligned([yes, no])
        return Exact(self.b.if_(condition, x, y), den)

    def less(self, a: Exact, c: Exact) -> int:
        (x, y), _ = self.aligned([a, c])
        return self.b.less(x, y)

    def equal(self, a: Exact, c: Exact) -> int:
        (x, y), _ = self.aligned([a, c])
        return self.b.equal(x, y)

    def floor(self, a: Exact) -> Exact:
        """A bound that falls between two fen goes down, so that it is never passed."""
        return Exact(self.b.div(a.node, self.b.const(a.den), "down"))

    # amounts

    def plain(self, total: Exact) -> Amount:
        return Amount(total, (), self.b.false)

    def nothing(self) -> Amount:
        return self.plain(Exact(self.b.zero))

    def unspecified(self) -> Amount:
        nobody = Share(None, Exact(self.b.zero), Fraction(1), self.b.true)
        return Amount(Exact(self.b.zero), (nobody,), self.b.true)

    def paid_by(self, amount: Amount, payers: Sequence[str], weights: Sequence[Fraction]) -> Amount:
        """The amount, its total multiplied by the sum of the weights, each payer paying its weight."""
        if amount.fork:
            return self._forked(amount.fork, lambda a: self.paid_by(a, payers, weights))
        if len(payers) == 1 and weights[0] == 1:
            return replace(amount, shares=(Share(payers[0], amount.total, weights[0], self.b.true),))
        whole = sum(weights, Fraction(0))
        total = self.scale(amount.total, whole)
        shares = tuple(
            Share(payer, self.scale(amount.total, weight), weight / whole if whole else Fraction(0), self.b.true)
            for payer, weight in zip(payers, weights, strict=True)
        )
        return replace(amount, total=total, shares=shares)

    def scaled(self, amount: Amount, factor: Exact) -> Amount:
        if amount.fork:
            return self._forked(amount.fork, lambda a: self.scaled(a, factor))
        shares = tuple(replace(s, part=self.mul(s.part, factor)) for s in amount.shares)
        return replace(amount, total=self.mul(amount.total, factor), shares=shares)

    def with_total(self, amount: Amount, total: Exact) -> Amount:
        """The amount changed to `total`, its payers in proportion: by their weights where these are fixed, otherwise
        to the fen by their exact cumulative parts; of an amount of 0 the first named pays."""
        if amount.fork:
            return self._forked(amount.fork, lambda a: self.with_total(a, total))
        if total == amount.total or not amount.shares:
            return replace(amount, total=total)
        if all(s.weight is not None for s in amount.shares):
            shares = tuple(replace(s, part=self.scale(total, s.weight or Fraction(0))) for s in amount.shares)
            return replace(amount, total=total, shares=shares)
        nothing = self.b.equal(amount.total.node, self.b.zero)
        changed: list[Share] = []
        reached, before = Exact(self.b.zero), Exact(self.b.zero)
        for share in amount.shares[:-1]:
            reached = self.add(reached, share.part)
            upto = self.if_(nothing, total, self._part(total, reached, amount.total, amount.down))
            changed.append(replace(share, part=self.sub(upto, before)))
            before = upto
        changed.append(replace(amount.shares[-1], part=self.sub(total, before)))
        return replace(amount, total=total, shares=tuple(changed))

    def _part(self, total: Exact, reached: Exact, whole: Exact, down: bool) -> Exact:
        """total * reached / whole, to the fen."""
        above = self.b.mul(self.b.mul(total.node, reached.node), self.b.const(whole.den))
        below = self.b.mul(whole.node, self.b.const(total.den * reached.den))
        return Exact(self.b.div(above, below, "down" if down else "half_up"))

    def bound(self, cap: Exact) -> Exact:
        """A ceiling in whole fen; one below 0 counts as 0, since nobody is asked to pay back."""
        return self.most(self.floor(cap), Exact(self.b.zero))

    def capped(self, amount: Amount, cap: Exact) -> Amount:
        return self.with_total(amount, self.least(amount.total, self.bound(cap)))

    def each_capped(self, amount: Amount, cap: Exact) -> Amount:
        if amount.fork:
            return self._forked(amount.fork, lambda a: self.each_capped(a, cap))
        if not amount.shares:
            return self.capped(amount, cap)
        bound = self.bound(cap)
        shares = tuple(replace(s, part=self.least(s.part, bound)) for s in amount.shares)
        even = len({s.weight for s in shares}) == 1 and shares[0].weight is not None
        total = self.scale(shares[0].part, Fraction(len(shares))) if even else self.add(*(s.part for s in shares))
        return replace(amount, total=total, shares=shares if even else _unweighted(shares))

    def floored(self, amount: Amount, floor: Exact) -> Amount:
        return self.with_total(amount, self.most(amount.total, floor))

    def in_brackets(self, amount: Amount, bands: Sequence[tuple[Fraction, Exact]], beyond: Fraction) -> Amount:
        """Each part of the amount by its own rate: the sum of (rate - next rate) * min(amount, bound), and the last."""
        rates = [rate for rate, _ in bands[1:]] + [beyond]
        parts = [
            self.scale(self.least(amount.total, bound), rate - after)
            for (rate, bound), after in zip(bands, rates, strict=True)
        ]
        return self.with_total(amount, self.add(*parts, self.scale(amount.total, beyond)))

    def in_steps(self, measured: Exact, bands: Sequence[tuple[Exact, Exact]], beyond: Exact) -> Exact:
        """The figure of the first band whose bound the measure does not pass."""
        found = beyond
        for figure, bound in reversed(bands):
            found = self.if_(self.less(bound, measured), found, figure)
        return found

    def rounded_to(self, amount: Amount, unit: int, down: bool) -> Amount:
        """The amount in whole units of so many fen."""
        total = amount.total
        units = self.b.div(total.node, self.b.const(total.den * unit), "down" if down else "half_up")
        return self.with_total(amount, Exact(self.b.mul(units, self.b.const(unit))))

    def shared(self, amount: Amount, count: Exact) -> Amount:
        """One of `count` equal parts, down to the fen; nothing where there are none."""
        whole, parts = self.b.const(count.den), self.b.mul(self.b.const(amount.total.den), count.node)
        return self.with_total(amount, Exact(self.b.div(self.b.mul(amount.total.node, whole), parts, "down")))

    def first_by(self, amount: Amount, part: Exact, payers: Sequence[str]) -> Amount:
        """The first pays so much of the amount, the other what is left."""
        if amount.fork:
            return self._forked(amount.fork, lambda a: self.first_by(a, part, payers))
        first = self.least(amount.total, self.bound(part))
        parts = (first, self.sub(amount.total, first))
        shares = tuple(Share(p, part, None, self.b.true) for p, part in zip(payers, parts, strict=True))
        return replace(amount, shares=shares)

    def up_to(self, amount: Amount, name: str) -> Amount:
        # what is chosen is a sum in whole fen, so a most between two fen goes down
        choice = Exact(self.b.choice(name, self.floor(amount.total).node))
        return self._downwards(self.with_total(amount, choice))

    def _downwards(self, amount: Amount) -> Amount:
        return self._forked(amount.fork, self._downwards) if amount.fork else replace(amount, down=True)

    def plus(self, a: Amount, c: Amount) -> Amount:
        if _leaves(a) * _leaves(c) > _LEAVES:
            a, c = self.in_fen(a), self.in_fen(c)
        if a.fork:
            return self._forked(a.fork, lambda x: self.plus(x, c))
        if c.fork:
            return self._forked(c.fork, lambda x: self.plus(a, x))
        a, c = self._attributed(*self._same_rounding(a, c))
        shares = _unweighted(self._merged(a, c, self.add, self.b.or_))
        if _same_weights(a, c):
            shares = tuple(replace(s, weight=old.weight) for s, old in zip(shares, a.shares, strict=True))
        return Amount(self.add(a.total, c.total), shares, self.b.or_(a.unspecified, c.unspecified), a.down)

    def choose(self, condition: int, yes: Amount, no: Amount) -> Amount:
        """`yes` where the condition holds, otherwise `no`, each with its own payers."""
        if self.b.value(condition) is not None:
            return yes if self.b.value(condition) else no
        if _leaves(yes) + _leaves(no) > _LEAVES:
            yes, no = self.in_fen(yes), self.in_fen(no)
        unspecified = self.b.if_(condition, yes.unspecified, no.unspecified)
        total = self.if_(condition, yes.total, no.total)
        if yes.fork or no.fork or yes.down != no.down or not _same_weights(yes, no):
            return Amount(total, (), unspecified, fork=(condition, yes, no))
        merged = self._merged(yes, no, lambda x, y: self.if_(condition, x, y), lambda x, y: self.b.if_(condition, x, y))
        shares = tuple(replace(s, weight=old.weight) for s, old in zip(merged, yes.shares, strict=True))
        return Amount(total, shares, unspecified, yes.down)

    def _forked(self, fork: tuple[int, Amount, Amount], change: Callable[[Amount], Amount]) -> Amount:
        """Both sides of a fork changed."""
        condition, yes, no = fork
        return self.choose(condition, change(yes), change(no))

    def where(self, condition: int, amount: Amount) -> Amount:
        """The amount, in whole fen, where the condition holds, else nothing."""
        amount = self.in_fen(amount)
        nothing = Exact(self.b.zero)
        shares = tuple(
            replace(s, part=self.if_(condition, s.part, nothing), present=self.b.and_(condition, s.present))
            for s in amount.shares
        )
        unspecified = self.b.and_(condition, amount.unspecified)
        return Amount(self.if_(condition, amount.total, nothing), shares, unspecified)

    def pick(self, amounts: Sequence[Amount], higher: bool) -> Amount:
        """The higher (or lower) of the amounts with its payers; of equal ones the first named."""
        first, *rest = amounts
        for other in rest:
            plain = not (first.fork or other.fork)
            if plain and _same_weights(first, other) and first.down == other.down:
                total = (self.most if higher else self.least)(first.total, other.total)
                unspecified = self.b.or_(first.unspecified, other.unspecified)
                first = replace(self.with_total(first, total), unspecified=unspecified)
            else:
                low, high = (first.total, other.total) if higher else (other.total, first.total)
                first = self.choose(self.b.not_(self.less(low, high)), first, other)
        return first

    def settle(self, amount: Amount) -> Settled:
        """The last step of an award: whole fen, the payers by their exact cumulative shares."""
        total, parts = self._settled(amount)
        return Settled(total, tuple(parts) or ((None, self.b.true, total),), amount.unspecified)

    def _settled(self, amount: Amount) -> tuple[int, list[_Part]]:
        """The total, and each payer's part where anyone is named."""
        if amount.fork:
            return self._settled_fork(*amount.fork)
        total = self.rounded(amount.total, amount.down)
        parts: list[_Part] = []
        reached = Exact(self.b.zero)
        before = self.b.zero
        for i, share in enumerate(amount.shares):
            upto = total
            if i < len(amount.shares) - 1:
                reached = self._reached(amount, i, reached, share)
                upto = self.rounded(reached, amount.down)
            parts.append((share.payer, share.present, self.b.sub(upto, before)))
            before = upto
        return total, parts

    def _settled_fork(self, condition: int, yes: Amount, no: Amount) -> tuple[int, list[_Part]]:
        """Payer by payer: a payer that one side does not name pays nothing there."""
        b = self.b
        (total, mine), (other, theirs) = self._told(self._settled(yes)), self._told(self._settled(no))
        names = _in_order([p for p, _, _ in mine], [p for p, _, _ in theirs])
        here, there = ({payer: (present, node) for payer, present, node in side} for side in (mine, theirs))
        nothing = (b.false, b.zero)
        parts = []
        for payer in names or dict.fromkeys([*here, *there]):
            (x_named, x), (y_named, y) = here.get(payer, nothing), there.get(payer, nothing)
            parts.append((payer, b.if_(condition, x_named, y_named), b.if_(condition, x, y)))
        return b.if_(condition, total, other), parts

    def _told(self, side: tuple[int, list[_Part]]) -> tuple[int, list[_Part]]:
        """Beside payers, what has none is paid by one that is not known; of nothing nobody need be known."""
        total, parts = side
        return (total, parts) if parts or self.b.value(total) == 0 else (total, [(None, self.b.true, total)])

    def _reached(self, amount: Amount, i: int, reached: Exact, share: Share) -> Exact:
        """What payers 0 to i pay together, as a fixed part of the total where it is one."""
        weights = [s.weight for s in amount.shares[: i + 1]]
        if all(w is not None for w in weights):
            return self.scale(amount.total, sum((w for w in weights if w is not None), Fraction(0)))
        return self.add(reached, share.part)

    def rounded(self, a: Exact, down: bool) -> int:
        return self.b.div(a.node, self.b.const(a.den), "down" if down else "half_up")

    def in_proportion(self, parts: Sequence[int], total: int, new_total: int) -> list[int]:
        """Whole-fen parts of `total` reduced to `new_total` by the cumulative rule; they add up to it."""
        if len(parts) == 1:
            return [new_total]
        new: list[int] = []
        reached, before = self.b.zero, self.b.zero
        for i, part in enumerate(parts):
            reached = self.b.add(reached, part)
            last = i == len(parts) - 1
            upto = new_total if last else self.b.div(self.b.mul(new_total, reached), total, "half_up")
            new.append(self.b.sub(upto, before))
            before = upto
        return new

    def _same_rounding(self, a: Amount, c: Amount) -> tuple[Amount, Amount]:
        """Two amounts that round differently are settled first, each in its own way."""
        return (a, c) if a.down == c.down else (self.in_fen(a), self.in_fen(c))

    def _attributed(self, a: Amount, c: Amount) -> tuple[Amount, Amount]:
        """Where one of the amounts says who pays, the other says that it does not know."""
        if not a.shares and not c.shares:
            return a, c
        a, c = self._by_nobody(a), self._by_nobody(c)
        # parts in whole fen need no order any more, so two orders that clash are settled first
        return (a, c) if _order(a, c) is not None else (self.in_fen(a), self.in_fen(c))

    def _by_nobody(self, amount: Amount) -> Amount:
        if amount.shares or self.b.value(amount.total.node) == 0:
            return amount
        return replace(amount, shares=(Share(None, amount.total, Fraction(1), self.b.true),))

    def each_in_fen(self, amount: Amount) -> Amount:
        """The amount after its last rounding, as an amount again; a fork stays one."""
        return self._forked(amount.fork, self.each_in_fen) if amount.fork else self.in_fen(amount)

    def in_fen(self, amount: Amount) -> Amount:
        """The same as one amount, its payers in one order."""
        total, parts = self._settled(amount)
        weight = Fraction(1) if len(parts) == 1 else None
        shares = tuple(Share(payer, Exact(node), weight, present) for payer, present, node in parts)
        return Amount(Exact(total), shares, amount.unspecified)

    def _merged(
        self, a: Amount, c: Amount, part: Callable[[Exact, Exact], Exact], present: Callable[[int, int], int]
    ) -> tuple[Share, ...]:
        """The shares of two amounts payer by payer; a payer that one does not name pays nothing there."""
        names = _order(a, c) or list(dict.fromkeys(s.payer for s in (*a.shares, *c.shares)))
        nothing = Share(None, Exact(self.b.zero), None, self.b.false)
        merged = []
        for name in names:
            x = next((s for s in a.shares if s.payer == name), nothing)
            y = next((s for s in c.shares if s.payer == name), nothing)
            merged.append(Share(name, part(x.part, y.part), None, present(x.present, y.present)))
        return tuple(merged)


def _leaves(amount: Amount) -> int:
    """Of how many amounts a fork is made."""
    return sum(map(_leaves, amount.fork[1:])) if amount.fork else 1


def _order(a: Amount, c: Amount) -> list[str | None] | None:
    return _in_order([s.payer for s in a.shares], [s.payer for s in c.shares])


def _in_order(mine: Sequence[str | None], theirs: Sequence[str | None]) -> list[str | None] | None:
    """The payers of both in an order that is the order of each, or None where these clash."""
    names: list[str | None] = []
    done = 0
    for payer in mine:
        if payer in theirs:
            at = theirs.index(payer)
            if at < done or any(p in mine for p in theirs[done:at]):
                return None
            names += theirs[done:at]
            done = at + 1
        names.append(payer)
    return [*names, *theirs[done:]]


def _unweighted(shares: Iterable[Share]) -> tuple[Share, ...]:
    return tuple(replace(s, weight=None) for s in shares)


def _same_weights(a: Amount, c: Amount) -> bool:
    """Whether both amounts name the same payers with the same fixed shares."""
    mine, theirs = [(s.payer, s.weight) for s in a.shares], [(s.payer, s.weight) for s in c.shares]
    return mine == theirs and all(weight is not None for _, weight in mine)
