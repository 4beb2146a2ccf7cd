"""A regime: the packs that apply at a place on a day, under chosen readings, as one plan ready to be asked.

In: a library, a place, a day, references to packs, readings. Out: a Regime. Promise: the same for every question, so
that `eval`, `compare` and all later ones speak of the same rules.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from itertools import combinations

from policyeval.answer import Answer, Asker, nothing_in_force
from policyeval.cases import Platform, dated
from policyeval.evaluate import Evaluator
from policyeval.library import Library, Selection, select
from policyeval.lower import lower
from policyeval.near import did_you_mean
from policyeval.pack import Pack, Reading, Statement
from policyeval.plan import Builder, Plan, cone, copy_nodes
from policyeval.problems import At, Problem, Refusal
from policyeval.record import Record
from policyeval.tree import Ref, walk
from policyeval.vocabulary import Vocabulary

_CONDITIONS = 8  # of two formulas, that are looked at either way


Tell = Callable[[int, int | None], None]  # how much is done, of how much, where that is known


def silent(_done: int, _total: int | None) -> None:
    """Tells nobody."""


class Regime(Record):
    """Packs, higher governments first, their plan, and what there is to say about packs that were named."""

    packs: tuple[Pack, ...]
    plan: Plan
    notes: tuple[Problem, ...] = ()


class Regimes:
    """Regimes of one library for one day and one set of references and readings; each is built once."""

    def __init__(
        self,
        library: Library,
        as_of: date,
        packs: Sequence[str] = (),
        with_: Sequence[str] = (),
        readings: Mapping[str, str] | None = None,
        only: Sequence[Pack] | None = None,
    ) -> None:
        self.library = library
        self.as_of = as_of
        self._packs, self._with = packs, with_
        self._only = only  # these packs and no others, wherever they reach
        self.chosen = chosen_readings(library, readings or {})
        self._askers: dict[tuple[str, ...], Asker] = {}

    def under(self, readings: Mapping[str, str]) -> Regimes:
        """The same under other readings. Raises Refusal N401 to N403 for one that no pack has."""
        return Regimes(self.library, self.as_of, self._packs, self._with, readings, self._only)

    def at(self, place: str | None) -> Regime:
        """The regime at a place; None: the place is not known, so all packs in force anywhere are in question."""
        selection = self.selection(place)
        return Regime(selection.packs, self._asker(selection).plan, selection.notes)

    def left_open(self, readings: Collection[str]) -> Regime:
        """The regime where the place is not known, with some readings as facts of the plan. Raises Refusal R403."""
        selection = self.selection(None)
        fixed = {id_: o for id_, o in with_defaults(selection.packs, self.chosen).items() if id_ not in readings}
        plan = ordered_plan(selection.packs, self.library.vocabulary, fixed, self.as_of)
        return Regime(selection.packs, plan, selection.notes)

    def answer(self, platform: Platform) -> Answer:
        """What a platform gets."""
        place = platform.written.get(self.library.vocabulary.seat)
        selection = self.selection(place)
        platform = dated(platform, self.library.vocabulary, self.as_of)
        if not selection.packs:
            return nothing_in_force(platform, self.as_of, selection.notes)
        return self._asker(selection).answer(platform, selection.notes)

    def everywhere(self) -> list[str]:
        """A place for each regime: the first of those that lie under the same packs, drafts included, and are of one
        kind."""
        vocabulary = self.library.vocabulary
        found: dict[tuple[tuple[str, ...], tuple[str, ...]], str] = {}
        everyone = {pack.id: pack for pack in (*self.library.packs, *self.library.named.values())}
        for place in vocabulary.places:
            derived = [
                vocabulary.nearest(place, f.derived.nearest) for f in vocabulary.facts.values() if f.derived is not None
            ]
            if all(derived):
                over = tuple(p for p, pack in everyone.items() if self.library.reaches(pack, place))
                found.setdefault((over, tuple(d.tier for d in derived if d)), place)
        return list(found.values())

    def selection(self, place: str | None) -> Selection:
        """The packs that apply at a place, or that are in force anywhere. Raises Refusal."""
        if self._only is not None:
            reaching = [p for p in self._only if place is None or self.library.reaches(p, place)]
            return Selection(tuple(reaching))
        return select(self.library, place, self.as_of, self._packs, self._with)

    def _asker(self, selection: Selection) -> Asker:
        key = tuple(pack.sha256 for pack in selection.packs)
        if key not in self._askers:
            plan = planned(selection.packs, self.library.vocabulary, self.chosen, self.as_of)
            evaluator = Evaluator(plan)
            self._askers[key] = Asker(evaluator, selection.packs, self.library.vocabulary, self.as_of)
        return self._askers[key]


def in_force_around(library: Library, place: str, day: date) -> list[Pack]:
    """What is in force at a place, or at any place in it."""
    found = {p.ref: p for place in library.vocabulary.below(place) for p in library.in_force(place, day)}
    return list(found.values())


class Sides(Record):
    """A pack held against what is in force where it applies, or against another pack that was named."""

    subject: Pack
    against: Pack | None
    before: tuple[Pack, ...]
    after: tuple[Pack, ...]
    notes: tuple[Problem, ...] = ()


def sides(library: Library, subject: str, against: str | None, as_of: date) -> Sides:
    """What a pack is held against: both sides hold all else that is in force where it applies.

    Raises Refusal where a reference means nothing, or L301 where the two packs have no place in common.
    """
    pack, vocabulary = library.pack(subject), library.vocabulary
    other = None if against is None else library.pack(against)
    if other and vocabulary.below(pack.jurisdiction).isdisjoint(vocabulary.below(other.jurisdiction)):
        raise Refusal(Problem("L301", {"pack": pack.ref, "other": other.ref}))
    named = {pack.id, other.id if other else ""}
    base = [p for p in in_force_around(library, pack.jurisdiction, as_of) if p.id not in named]
    return Sides(
        subject=pack,
        against=other,
        before=tuple(library.ordered([*base, other] if other else base)),
        after=tuple(library.ordered([*base, pack])),
        notes=_shadow(library, subject, pack),
    )


def _shadow(library: Library, subject: str, pack: Pack) -> tuple[Problem, ...]:
    """A file of the command line that stands in for a shipped pack."""
    shipped = library.versions.get(pack.id, ())
    if subject in library.named and shipped and all(p.sha256 != pack.sha256 for p in shipped):
        return (Problem("L204", {"path": subject, "pack": shipped[0].ref}),)
    return ()


def chosen_readings(library: Library, readings: Mapping[str, str]) -> dict[str, str]:
    """Readings by their full id. Raises Refusal N401 to N403 for one that no pack has."""
    chosen: dict[str, str] = {}
    if not readings:  # as most runs have it, which then need not read those of all packs
        return chosen
    known = {
        f"{pack.id}/{reading.id}": reading
        for pack in (*library.packs, *library.named.values())
        for reading in pack.readings.values()
    }
    for written, option in readings.items():
        full = [id_ for id_ in known if written in (id_, id_.partition("/")[2])]
        if not full:
            near = did_you_mean(written, [*known, *(id_.partition("/")[2] for id_ in known)])
            raise Refusal(Problem("N401", {"reading": written, "near": near}))
        if len(full) > 1:
            raise Refusal(Problem("N402", {"reading": written, "known": ", ".join(f"`{id_}`" for id_ in full)}))
        options = known[full[0]].options
        if option not in options:
            among = ", ".join(f"`{o}`" for o in options)
            words = {"reading": full[0], "option": option, "known": among, "near": did_you_mean(option, options)}
            raise Refusal(Problem("N403", words))
        chosen[full[0]] = option
    return chosen


def planned(
    packs: Sequence[Pack], vocabulary: Vocabulary, readings: Mapping[str, str], as_of: date | None = None
) -> Plan:
    """The plan of packs in their order on a day, with each reading's default where none is chosen.

    Raises Refusal R403 as `ordered_plan` does.
    """
    return ordered_plan(packs, vocabulary, with_defaults(packs, readings), as_of)


def ordered_plan(
    packs: Sequence[Pack], vocabulary: Vocabulary, readings: Mapping[str, str], as_of: date | None = None
) -> Plan:
    """The plan of packs in their order on a day; readings that are not chosen stay open.

    Raises Refusal R403 where two packs of one rank give different outcomes in the other order.
    """
    plan = lower(packs, vocabulary, readings, as_of)
    for a, b in combinations(range(len(packs)), 2):
        same_rank = vocabulary.depth(packs[a].jurisdiction) == vocabulary.depth(packs[b].jurisdiction)
        if same_rank and packs[a].precedence and packs[b].precedence:
            swapped = list(packs)
            swapped[a], swapped[b] = packs[b], packs[a]
            other = lower(swapped, vocabulary, readings, as_of)
            if _outcomes(plan, other):
                raise Refusal(_order_matters(packs[a], packs[b]))
    return plan


def bearing(packs: Iterable[Pack]) -> dict[str, Reading]:
    """The readings of the packs that bear on support, by their full id.

    One that only says how targets compare bears on none, unless a rule of some pack asks for it.
    """
    packs = list(packs)
    asked = {key for pack in packs for key in pack.asked}
    return {
        f"{pack.id}/{reading.id}": reading
        for pack in packs
        for reading in pack.readings.values()
        if (pack.id, reading.id) in asked or reading.id not in pack.comparing
    }


def with_defaults(packs: Iterable[Pack], readings: Mapping[str, str]) -> dict[str, str]:
    """Each reading of the packs that bears on support, as chosen or else as assumed."""
    return {id_: readings.get(id_, reading.default) for id_, reading in bearing(packs).items()}


def unassumed(packs: Iterable[Pack], readings: Mapping[str, str]) -> dict[str, str]:
    """Those of the readings that are not as the packs assume them."""
    assumed = {(f"{pack.id}/{reading.id}", reading.default) for pack in packs for reading in pack.readings.values()}
    return {id_: option for id_, option in readings.items() if (id_, option) not in assumed}


def _outcomes(plan: Plan, other: Plan) -> bool:
    """Whether two plans of the same packs may pay any award differently: as formulas, whatever their conditions."""
    builder = Builder()
    mine, theirs = copy_nodes(plan.nodes, builder), copy_nodes(other.nodes, builder)
    after = {a.id: [theirs[s.after] for s in a.shares] for a in other.awards}
    pairs = [pair for a in plan.awards for pair in zip([mine[s.after] for s in a.shares], after[a.id], strict=True)]
    return any(_differ(builder, *pair, _CONDITIONS) for pair in pairs)


def _differ(builder: Builder, a: int, b: int, left: int) -> bool:
    """Two formulas are different ones, also where each of their conditions is taken either way."""
    if a == b:
        return False
    nodes = tuple(builder.nodes[: max(a, b) + 1])
    condition = next((nodes[i].args[0] for i in cone(nodes, (a, b)) if nodes[i].kind == "If"), None)
    if condition is None or not left:
        return True
    for truth in (True, False):
        numbers = copy_nodes(nodes, builder, leaf={condition: builder.truth(truth)})
        if _differ(builder, numbers[a], numbers[b], left - 1):
            return True
    return False


def _order_matters(first: Pack, second: Pack) -> Problem:
    """The first two statements, one of each pack, that speak of a common award."""
    pairs = [(x, y) for x in first.precedence for y in second.precedence if _spoken_of(x) & _spoken_of(y)]
    x, y = pairs[0] if pairs else (first.precedence[0], second.precedence[0])
    return Problem(
        "R403",
        {"first": first.ref, "second": second.ref, "rule": x.text, "other": y.text},
        At(first.source, x.span),
        ((At(second.source, y.span), "R403_other"),),
    )


def _spoken_of(statement: Statement) -> set[tuple[str | None, str]]:
    return {(n.pack, n.name) for n in walk(statement.rule) if isinstance(n, Ref) and n.role in ("award", "family")}
