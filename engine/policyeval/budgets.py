"""Budgets: what the ceilings over all platforms of a table leave of each award, as formulas beside those of a row.

In: a regime whose packs declare budgets, and what the rows of a table come to. Out: what each row brings under each
budget; the totals of a table; outcomes in which each award is taken times budget / total. Promises: exact whole fen,
each award down, its payers by the cumulative rule so that they add up to it; a row's ends hold over its own choices and
those of all other rows, which are free of each other; what has no exact end is refused by name (B463 to B467).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property
from itertools import combinations
from math import isqrt
from typing import Any, Literal

from policyeval.amounts import Arithmetic
from policyeval.columns import NARROW
from policyeval.domains import bounds
from policyeval.money import yuan
from policyeval.outcomes import Ends, Outcomes, outcomes
from policyeval.partial import Partial
from policyeval.plan import NO_MOST, Builder, Node, Plan, PlannedAward, PlannedBudget, cone, copy_nodes, shared_out
from policyeval.problems import Problem, Refusal
from policyeval.record import Record, replace
from policyeval.regime import Regime
from policyeval.sentences import readable
from policyeval.vocabulary import Vocabulary

_PLACES = 10**6  # of a share that is shown


class Total(Record):
    """All that stands under a budget in a table. `least`, `most`: with every choice at its least, at its most; `paid`:
    what the budget leaves of these two; `outside`: rows that lack a fact an award under it depends on."""

    budget: PlannedBudget
    least: int
    most: int
    paid: tuple[int, int]
    outside: int

    @property
    def exceeded(self) -> Literal["no", "some", "yes"]:
        """Never, for some choices, or whatever is chosen."""
        ceiling = self.budget.total
        return "no" if self.most <= ceiling else "yes" if self.least > ceiling else "some"

    @property
    def remainder(self) -> tuple[int, int]:
        return self.budget.total - self.paid[0], self.budget.total - self.paid[1]

    @property
    def shares(self) -> tuple[str, str]:
        """What is paid of each award, down to the millionth: budget / total, or 1."""
        least, most = (self._share(total) for total in (self.least, self.most))
        return least, most

    def _share(self, total: int) -> str:
        ceiling = self.budget.total
        whole, part = divmod(_PLACES if total <= ceiling else ceiling * _PLACES // total, _PLACES)
        return f"{whole}.{part:06d}"

    @property
    def percentages(self) -> list[str]:
        """The shares as people write them, one where they are the same, the lower first."""
        return [f"{_percent(share)}%" for share in sorted({*self.shares})]

    def as_json(self) -> dict[str, Any]:
        def two(amounts: Iterable[int]) -> dict[str, str]:
            return dict(zip(("least", "most"), map(yuan, amounts), strict=True))

        return {
            "budget": self.budget.id,
            "awards": list(self.budget.awards),
            "ceiling": yuan(self.budget.total),
            "total": two((self.least, self.most)),
            "exceeded": self.exceeded,
            "share": dict(zip(("least", "most"), self.shares, strict=True)),
            "paid": two(self.paid),
            "remainder": two(self.remainder),
            "rows_outside": self.outside,
        }

    def said(self) -> Problem | None:
        """What there is to say where it is exceeded, or where rows are outside of it."""
        if self.exceeded == "no" and not self.outside:
            return None
        shares = self.percentages
        code = {"yes": "B460", "some": "B461", "no": "B462"}[self.exceeded]
        return Problem(code, {
            "budget": self.budget.id,
            "ceiling": readable(self.budget.total),
            "total": _to(self.least, self.most),
            "share": {lang: _between(shares[0], shares[-1], lang) for lang in ("zh", "en")},
            "paid": _to(*sorted(self.paid)),
            "remainder": _to(*sorted(self.remainder)),
            "outside": {
                "zh": f"；另有{self.outside:,}行缺事实，未计入" if self.outside else "",
                "en": f"; rows left out for lack of a fact: {self.outside:,}" if self.outside else "",
            },
        })  # fmt: skip


def kept_of(total: Total) -> dict[str, Any]:
    """What a later run goes on with."""
    return {
        "budget": total.budget.id,
        "least": total.least,
        "most": total.most,
        "paid": list(total.paid),
        "outside": total.outside,
    }


def totals_kept(plan: Plan, found: Any) -> tuple[Total, ...]:
    """The totals that an earlier run has kept; none where they are of other budgets."""
    try:
        budgets = {budget.id: budget for budget in plan.budgets}
        return tuple(
            Total(
                budgets[t["budget"]],
                int(t["least"]),
                int(t["most"]),
                (int(t["paid"][0]), int(t["paid"][1])),
                int(t["outside"]),
            )
            for t in found
        )
    except (KeyError, TypeError, ValueError, IndexError):
        return ()


def _percent(share: str) -> str:
    """0.833333 -> 83.3333."""
    digits = share.replace(".", "").lstrip("0").rjust(5, "0")
    return f"{digits[:-4]}.{digits[-4:]}".rstrip("0").rstrip(".")


def _to(least: int, most: int) -> dict[str, str]:
    return {lang: _between(readable(least), readable(most), lang) for lang in ("zh", "en")}


def _between(least: str, most: str, lang: str) -> str:
    return least if least == most else f"{least}至{most}" if lang == "zh" else f"{least} to {most}"


def _amount(award: str) -> str:
    return f"{award} amount"


def _share(award: str, number: int) -> str:
    return f"{award} share {number}"


def _sum(budget: PlannedBudget) -> str:
    return f"{budget.id} sum"


def _open(budget: PlannedBudget) -> str:
    return f"{budget.id} open"


def _rest(payer: str | None) -> str:
    """What is under no budget: of the support, or of a payer."""
    return "rest" if payer is None else f"rest {payer}"


# A table ---------------------------------------------------------------------

Look = Callable[[Callable[["Budgets"], "Columns"]], Mapping[str, int]]  # columns of each row, added up over a table


def totals(plan: Plan, look: Look) -> tuple[Total, ...]:
    """All budgets of a plan over a table. Raises Refusal: B466 or B467 where a total would not be exact,
    B463 to B465 where one is exceeded and what is left of an award would not be."""
    if not plan.budgets:
        return ()
    found = look(lambda budgets: budgets.sums())
    counted = []
    for budget in plan.budgets:
        least, most, outside = (found[f"{budget.id} {what}"] for what in ("least", "most", "outside"))
        counted.append(Total(budget, least, most, (least, most), outside))
    if problems := [p for total in counted for p in _refused(total, found)]:
        raise Refusal(*problems)
    over = exceeded(counted)
    paid = look(lambda budgets: budgets.paid(over)) if over else {}
    return tuple(
        replace(t, paid=(paid[f"{t.budget.id} 0"], paid[f"{t.budget.id} 1"])) if t in over else t for t in counted
    )


def exceeded(found: Sequence[Total]) -> list[Total]:
    """Those that some choices exceed."""
    return [total for total in found if total.exceeded != "no"]


def _refused(total: Total, found: Mapping[str, int]) -> Iterator[Problem]:
    """What stands in the way of exact ends, each with the number of rows where it does.

    The first two would make the total itself inexact, the others matter where the budget is exceeded.
    """
    id_, awards = total.budget.id, total.budget.awards
    loose = [award for award in awards if found[f"{award} loose"]]
    if rows := found[f"{id_} endless"]:
        yield Problem("B466", {"budget": id_, "rows": rows})
    elif loose:
        yield Problem("B467", {"budget": id_, "award": loose[0]})
    elif total.exceeded == "no":
        return
    elif rows := found[f"{id_} several"]:
        names = ", ".join(f"`{award}`" for award in awards)
        yield Problem("B463", {"budget": id_, "awards": names, "rows": rows})
    else:
        whys = [("tied", "B464"), ("shared", "B465")]
        whys += [("between", "B465")] if total.least < total.most else []
        for award in awards:
            if why := next(((code, rows) for w, code in whys if (rows := found.get(f"{award} {w}", 0))), None):
                yield Problem(why[0], {"budget": id_, "award": award, "rows": why[1]})


# What a row brings -----------------------------------------------------------


class Columns(Record):
    """A graph, and nodes of it by name: whole numbers to add up over all rows, and conditions to count."""

    nodes: tuple[Node, ...]
    amounts: Mapping[str, int]
    conditions: Mapping[str, int]


class Budgets:
    """Some budgets of a regime, over rows of one shape.

    `stated`, `open_`, `present` and `branched` are those of `outcomes`. Raises Refusal X402, and B467 where no formula
    says the ends of an award by itself.
    """

    def __init__(
        self,
        regime: Regime,
        vocabulary: Vocabulary,
        budgets: Sequence[PlannedBudget],
        stated: AbstractSet[str],
        open_: AbstractSet[str],
        present: Mapping[str, Sequence[int | bool]] | None = None,
        branched: bool = True,
    ) -> None:
        self.plan, self.vocabulary, self.budgets, self.open = regime.plan, vocabulary, budgets, open_
        self.awards = {a.id: a for a in self.plan.awards}
        found = outcomes(regime, vocabulary, stated, open_, present, beside=self._beside, branched=branched)
        self.builder = Partial(bounds(vocabulary), open_)
        numbers = copy_nodes(found.nodes, self.builder)
        self.found = found
        self.at = {key: (numbers[least], numbers[most]) for key, (least, most) in found.beside.items()}
        self.numbers = numbers
        self._complain()

    def _complain(self) -> None:
        keys = [(b, award, key) for b in self.budgets for award in b.awards for key in self._of(self.awards[award])]
        lost = [(b.id, award) for b, award, key in keys if key not in self.at]
        lost += [(b.id, b.awards[0]) for b in self.budgets if {_sum(b), _open(b), *self._rests} - self.at.keys()]
        if lost:
            raise Refusal(Problem("B467", {"budget": lost[0][0], "award": lost[0][1]}))

    @property
    def _rests(self) -> list[str]:
        return [_rest(None), *map(_rest, self.plan.payers)]

    def _of(self, award: PlannedAward) -> list[str]:
        return [_amount(award.id), *(_share(award.id, i) for i in range(len(award.shares)))]

    def _beside(self, b: Builder, at: Sequence[int]) -> dict[str, int]:
        """What has to have ends: the sum under each budget, each of its awards with its payers, and all the rest.

        An award that lacks a fact is outside of its budget, with all of its payers.
        """
        found: dict[str, int] = {}
        known: dict[str, int] = {}
        for budget in self.budgets:
            for id_ in budget.awards:
                award = self.awards[id_]
                here = known[id_] = b.and_(*(b.known(at[share.after]) for share in award.shares))
                found[_amount(id_)] = b.if_(here, at[award.after], b.zero)
                for i, share in enumerate(award.shares):
                    found[_share(id_, i)] = b.if_(here, at[share.after], b.zero)
            found[_sum(budget)] = b.add(*(found[_amount(id_)] for id_ in budget.awards))
            found[_open(budget)] = b.not_(b.and_(*(known[id_] for id_ in budget.awards)))
        rest: dict[str, list[int]] = {key: [] for key in self._rests}
        for award in (a for a in self.plan.awards if a.own):
            outside = b.not_(known[award.id]) if award.id in known else b.true
            for share in award.shares:
                certain = b.if_(b.and_(outside, b.known(at[share.after])), at[share.after], b.zero)
                rest[_rest(None)].append(certain)
                if share.payer is not None:
                    rest[_rest(share.payer)].append(certain)
        return found | {key: b.add(*parts) for key, parts in rest.items()}

    # the first look at a table: what stands under each budget

    def sums(self) -> Columns:
        b = self.builder
        amounts: dict[str, int] = {}
        conditions: dict[str, int] = {}
        for budget in self.budgets:
            least, most = self.at[_sum(budget)]
            endless = b.less(b.const(NO_MOST), most)
            amounts[f"{budget.id} least"] = least
            amounts[f"{budget.id} most"] = b.if_(endless, b.zero, most)
            conditions[f"{budget.id} outside"] = self.at[_open(budget)][1]
            conditions[f"{budget.id} endless"] = endless
            pays = [self._positive(_amount(id_)) for id_ in budget.awards]
            moves = b.or_(*(self._moves(_amount(id_)) for id_ in budget.awards))
            conditions[f"{budget.id} several"] = b.and_(moves, self._of_these(2, pays))
            for id_ in budget.awards:
                for what, node in self._obstacles(budget, self.awards[id_]).items():
                    conditions[f"{id_} {what}"] = node
        return Columns(tuple(b.nodes), amounts, conditions)

    def _obstacles(self, budget: PlannedBudget, award: PlannedAward) -> dict[str, int]:
        """Where the ends of the award, or of one of its payers, would not be exact."""
        b = self.builder
        moves = b.or_(*(self._moves(key) for key in self._of(award)))
        mine = self._choices(s.after for s in award.shares)
        others = [a for other in self.budgets if other.id != budget.id for a in other.awards]
        tied = [key for a in others if mine & self._choices([self.awards[a].after]) for key in self._of(self.awards[a])]
        tied += [key for key in self._rests if mine & self._choices(self._left(key))]
        found = {"tied": b.and_(moves, b.or_(*map(self._moves, tied))), "loose": b.false}
        if not self._loose.isdisjoint(s.after for s in award.shares):
            found["loose"] = moves
        if award.own:
            pays = [self._positive(key) for key in self._of(award)[1:]]
            found["shared"] = b.and_(moves, self._of_these(2, pays))
            found["between"] = self._of_these(3, pays)
        return found

    def _left(self, rest: str) -> Iterator[int]:
        """The shares of the support, or of a payer, that are under no budget."""
        under = {id_ for budget in self.budgets for id_ in budget.awards}
        for award in self.plan.awards:
            if award.own and award.id not in under:
                yield from (s.after for s in award.shares if rest in (_rest(None), _rest(s.payer)))

    def _choices(self, wanted: Iterable[int]) -> set[int]:
        nodes = self.plan.nodes
        return {i for i in cone(nodes, wanted) if nodes[i].kind == "Choice"}

    @cached_property
    def _loose(self) -> set[int]:
        return shared_out(self.plan.nodes, range(len(self.plan.nodes)))

    def _positive(self, key: str) -> int:
        return self.builder.less(self.builder.zero, self.at[key][1])

    def _moves(self, key: str) -> int:
        least, most = self.at[key]
        return self.builder.less(least, most)

    def _of_these(self, count: int, conditions: Sequence[int]) -> int:
        """Whether so many of them hold at once."""
        return self.builder.or_(*(self.builder.and_(*some) for some in combinations(conditions, count)))

    # the second look: what is paid

    def paid(self, totals: Sequence[Total]) -> Columns:
        """What the budgets leave where all choices of the table are at their least, and at their most."""
        b = self.builder
        amounts = {}
        for total in totals:
            for end, all_rows in enumerate((total.least, total.most)):
                whole = b.const(max(total.budget.total, all_rows))
                awards = (self.at[_amount(id_)][end] for id_ in total.budget.awards)
                paid = (self._times(amount, total.budget.total, whole) for amount in awards)
                amounts[f"{total.budget.id} {end}"] = b.add(*paid)
        return Columns(tuple(b.nodes), amounts, {})

    # the rows

    def outcomes(self, totals: Sequence[Total]) -> Outcomes:
        """The outcomes in which the budgets are kept."""
        b = self.builder
        parts = {key: [[end] for end in self.at[key]] for key in self._rests}
        for total in totals:
            wholes = self._wholes(total)
            for award in (self.awards[id_] for id_ in total.budget.awards):
                for end, whole in enumerate(wholes) if award.own else ():
                    old = self.at[_amount(award.id)][end]
                    new = self._times(old, total.budget.total, whole)
                    shares = [self.at[_share(award.id, i)][end] for i in range(len(award.shares))]
                    parts[_rest(None)][end].append(new)
                    for share, node in zip(award.shares, self._shared(shares, old, new), strict=True):
                        if share.payer is not None:
                            parts[_rest(share.payer)][end].append(node)

        found, numbers = self.found, self.numbers

        def ends(payer: str | None, old: Ends) -> Ends:
            least, most = parts[_rest(payer)]
            return Ends(b.add(*least), b.add(*most), numbers[old.open])

        support = ends(None, found.support)
        payers = {payer: ends(payer, old) for payer, old in found.payers.items()}
        return Outcomes(
            nodes=tuple(b.nodes),
            support=support,
            payers=payers,
            unquantified=numbers[found.unquantified],
            undetermined=numbers[found.undetermined],
            covered=numbers[found.covered],
            became={},
            beside={},
        )

    def _times(self, amount: int, ceiling: int, whole: int) -> int:
        """amount * ceiling / whole, down; in 64 bits wherever these are enough, for an engine may need a hundred times
        as long to divide wider numbers."""
        b = self.builder
        room = (NARROW - (b.interval(whole).high or 0)) // max(1, ceiling)

        def paid(amount: int) -> int:
            return b.div(b.mul(amount, b.const(ceiling)), whole, "down")

        if self._fits(amount, room) or room <= 0:
            return paid(amount)
        return b.if_(b.less(b.const(room), amount), paid(amount), paid(b.min(amount, b.const(room))))

    def _shared(self, shares: Sequence[int], old: int, new: int) -> list[int]:
        """The payers of an award that is reduced; in 64 bits wherever these are enough."""
        b, math = self.builder, Arithmetic(self.builder)
        found = math.in_proportion(shares, old, new)
        room = b.const(isqrt(NARROW // (4 * len(shares))))
        if len(shares) > 1 and not self._fits(old, int(b.value(room) or 0)):
            small = math.in_proportion([b.min(s, room) for s in shares], b.min(old, room), b.min(new, room))
            wide = b.less(room, old)
            found = [b.if_(wide, *pair) for pair in zip(found, small, strict=True)]
        # never below 0, nor above what it was, which the bounds of a product do not show
        return [b.min(most, b.max(b.zero, node)) for most, node in zip(shares, found, strict=True)]

    def _fits(self, amount: int, room: int) -> bool:
        high = self.builder.interval(amount).high
        return high is not None and high <= room

    def _wholes(self, total: Total) -> tuple[int, int]:
        """What the budget is divided by, or itself where that is less: the row at its least and all others at their
        most, and the other way round."""
        b = self.builder
        ceiling = b.const(total.budget.total)
        least, most = self.at[_sum(total.budget)]
        if least == most and total.least == total.most:
            return (whole := b.max(ceiling, b.const(total.most))), whole
        if least == most:
            return b.max(ceiling, b.const(total.most)), b.max(ceiling, b.const(total.least))
        moves = b.sub(most, least)
        return (
            b.max(ceiling, b.sub(b.const(total.most), moves)),
            b.max(ceiling, b.add(b.const(total.least), moves)),
        )
