"""What can be claimed of every platform: claims as nodes of one graph in which all regimes stand side by side.

In: regimes (packs that apply together, as plans), the platforms that there are. Out: claims, each with what breaks it
and by how much. Promises: a range is held against a range end by end, least against least and most against most, and
each breach says which end it speaks of; promises without a figure take no part, and are listed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Literal

from policyeval.domains import Space
from policyeval.pack import Pack
from policyeval.plan import Plan, cone, copy_nodes, shared_out
from policyeval.problems import Problem, Refusal
from policyeval.ranges import ends_of
from policyeval.record import Record
from policyeval.simplify import Simplifier, specialise
from policyeval.vocabulary import Label, Vocabulary

End = Literal["least", "most"]
ENDS: tuple[End, End] = ("least", "most")


_LIMIT = 20_000  # nodes that working out the choices of one amount may add


class Breach(Record):
    """One way to break a claim: where `bad` holds, by `by` fen. `end`: of a range, the end that is spoken of."""

    end: End
    bad: int
    by: int


class Claim(Record):
    """A claim about every platform. `about`: the platforms that it says something of, a node of the ground.

    `breaches`: worked out when it is decided, since that takes time and may be refused; `speaks_of`: nodes of regimes'
    plans whose amounts it is about, beside what the regimes come to.
    """

    id: str
    words: Label
    breaches: Callable[[], Iterable[Breach]]
    about: int
    regimes: tuple[str, ...]
    speaks_of: tuple[tuple[str, int], ...] = ()


class Ends(Record):
    """The support, and what each payer pays, least and most, as nodes of the ground."""

    support: tuple[int, int]
    payers: Mapping[str, tuple[int, int]]


class Ground:
    """The graph in which the plans of regimes stand side by side over the same platforms."""

    def __init__(self, vocabulary: Vocabulary, space: Space, plans: Mapping[str, Plan]) -> None:
        self.vocabulary = vocabulary
        self.space = space
        self.plans = plans
        self.b = Simplifier(space.bounds)
        self.numbers = {name: specialise(self.b, plan.nodes, {}) for name, plan in plans.items()}
        self._ends: dict[int, tuple[int, int]] = {}

    def of(self, regime: str, node: int) -> int:
        """A node of a regime's plan, as a node of the ground."""
        return self.numbers[regime][node]

    def ends(self, number: int) -> tuple[int, int]:
        """The least and the most of a node over all free choices.

        Raises Refusal X301 where they grow too long, R406 where they are not exact to the fen.
        """
        if number not in self._ends:
            if number in shared_out(self.b.nodes, cone(self.b.nodes, [number])):
                raise Refusal(Problem("R406"))
            self._ends |= ends_of(self.b, [number], _LIMIT)
        if number not in self._ends:
            raise Refusal(Problem("X301", {"limit": _LIMIT}))
        return self._ends[number]

    def outcome(self, regime: str) -> Ends:
        """What a regime comes to. Raises Refusal as `ends` does."""
        plan = self.plans[regime]
        payers = {p: self.ends(self.of(regime, n)) for p, n in plan.payers.items()}
        return Ends(self.ends(self.of(regime, plan.support)), payers)

    def support(self, regime: str) -> int:
        return self.of(regime, self.plans[regime].support)

    def paid(self, regime: str, payer: str) -> int:
        """What a payer pays; nothing under a regime that does not name it."""
        node = self.plans[regime].payers.get(payer)
        return self.b.zero if node is None else self.of(regime, node)

    def award(self, regime: str, id_: str, payer: str | None = None) -> int:
        """What an award, or one payer's part of it, has come to after all statements."""
        shares = [s for a in self.plans[regime].awards if a.id == id_ for s in a.shares if payer in (None, s.payer)]
        return self.b.add(*(self.of(regime, s.after) for s in shares))

    def above(self, left: int, right: int, ends: Iterable[End], where: int | None = None) -> Iterator[Breach]:
        """`left` is above `right`, end by end."""
        for end in ends:
            side = ENDS.index(end)
            yield self.breach(end, self.ends(left)[side], self.ends(right)[side], where)

    def breach(self, end: End, more: int, less: int, where: int | None = None) -> Breach:
        """`more` is above `less`; both are free of choices."""
        bad = self.b.less(less, more)
        bad = bad if where is None else self.b.and_(where, bad)
        return Breach(end, bad, self.b.if_(bad, self.b.sub(more, less), self.b.zero))


def standard(ground: Ground, before: str, after: str, subject: Pack) -> Iterator[Claim]:
    """The claims that every comparison decides, about the regimes `before` and `after` a pack."""
    b, both = ground.b, (before, after)
    old, new = ground.support(before), ground.support(after)
    yield Claim(
        "no_platform_receives_less",
        Label("没有平台得到的支持减少", "no platform receives less"),
        lambda: ground.above(old, new, ["least"]),
        b.true,
        both,
    )
    yield Claim(
        "no_platform_receives_more",
        Label("没有平台得到的支持增加", "no platform receives more"),
        lambda: ground.above(new, old, ["most"]),
        b.true,
        both,
    )
    plans = [ground.plans[name] for name in both]
    for payer in (p for p in ground.vocabulary.payers if any(p in plan.payers for plan in plans)):
        label = ground.vocabulary.treasury(payer, subject.jurisdiction)
        yield Claim(
            f"{payer}_pays_no_more",
            Label(f"{label.zh}对任何平台都不多出资", f"{label.en} pays no more for any platform"),
            partial(ground.above, ground.paid(after, payer), ground.paid(before, payer), ["most"]),
            b.true,
            both,
        )
    yield from _rising(ground, after, both)
    yield _within_standard(ground, after, both, subject)
    yield _no_double_award(ground, after, both)


def _rising(ground: Ground, regime: str, regimes: tuple[str, ...]) -> Iterator[Claim]:
    """The support never falls as a fact rises, for each fact that the vocabulary marks so."""
    b, plan = ground.b, ground.plans[regime]

    def falls(name: str) -> Iterator[Breach]:
        more = b.add(b.fact(name), b.const(1))
        numbers = copy_nodes(plan.nodes[: plan.support + 1], b, facts={name: more})
        high = ground.space.bounds[name].high
        inside = b.true if high is None else b.less(b.fact(name), b.const(high))
        yield from ground.above(ground.support(regime), numbers[plan.support], ENDS, inside)

    for name, fact in ground.vocabulary.facts.items():
        if not fact.support_never_falls:
            continue
        yield Claim(
            f"support_never_falls_as_{name}_rises",
            Label(
                f"{fact.label.zh}增加一分，支持总额不会因此减少",
                f"one more fen of {fact.label.en} never lowers the support",
            ),
            partial(falls, name),
            b.true,
            regimes,
        )


def _within_standard(ground: Ground, regime: str, regimes: tuple[str, ...], subject: Pack) -> Claim:
    """What a `limited to` of the pack takes off is nothing: the award is within the standard by itself."""
    b = ground.b
    limits = [s for s in ground.plans[regime].statements if s.op == "limited_to" and s.id.startswith(f"{subject.id}/")]

    def taken() -> Iterator[Breach]:
        for statement in limits:
            was = b.add(*(ground.of(regime, e.before) for e in statement.effects))
            off = b.sub(was, b.add(*(ground.of(regime, e.after) for e in statement.effects)))
            yield ground.breach("most", ground.ends(off)[1], b.zero)

    return Claim(
        "within_referenced_standard",
        Label(
            f"{subject.id}的奖补本身从不超出所参照的标准",
            f"the awards of {subject.id} are by themselves never above the standard they refer to",
        ),
        taken,
        b.or_(*(ground.of(regime, statement.active) for statement in limits)),
        regimes,
        tuple((regime, n) for s in limits for e in s.effects for n in (e.before, e.after)),
    )


def _no_double_award(ground: Ground, regime: str, regimes: tuple[str, ...]) -> Claim:
    b = ground.b

    def both_paid() -> Iterator[Breach]:
        for alarm in ground.plans[regime].alarms:
            if alarm.code == "undeclared_overlap":
                first, second, payer = alarm.ids
                bad = ground.ends(ground.of(regime, alarm.node))[1]
                twice = ground.ends(b.min(*(ground.award(regime, id_, payer) for id_ in (first, second))))[1]
                yield Breach("most", bad, b.if_(bad, twice, b.zero))

    return Claim(
        "no_double_award",
        Label("没有平台就同一用途从同一出资方得到两项支持", "no platform is paid twice for one purpose by one payer"),
        both_paid,
        b.true,
        regimes,
    )
