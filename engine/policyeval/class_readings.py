"""Every reading's outcome for a class of platforms, side by side, and the readings that do not matter to it.

In: a condition on platforms, facts that they share, and what applies where they are. Out: for each set of policies that
applies to some of them the formulas under every combination of readings, and of each reading whether it matters, with
the smallest platform to which it does. Promise: a reading is said not to matter only where it is proved that no
platform of the class gets, and no payer pays, anything else under any of its options, whatever the other readings; the
formulas hold for every platform of their part of the class, but for the rounding to the fen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date
from functools import cached_property, partial
from itertools import product
from math import prod
from typing import Any

from policyeval.alternatives import LIMIT, Combination, matters, ways
from policyeval.answer import money_json, packs_json
from policyeval.cases import Platform as Given
from policyeval.cases import Written
from policyeval.claims import Breach, Claim, Ground
from policyeval.classes import Among, Cell, Piece, Side, Table
from policyeval.domains import Domains, Space, following, homes
from policyeval.evaluate import Evaluator, Span, emit, outcome
from policyeval.explain import in_place, nowhere
from policyeval.library import Library, Selection
from policyeval.lower import lower
from policyeval.money import yuan
from policyeval.pack import Pack, Reading
from policyeval.parse import parse
from policyeval.plan import Node, Plan, PlannedAward, copy_nodes, facts_below, needed, with_facts
from policyeval.problems import At, Problem, Refusal
from policyeval.prove import SECONDS, UNITS, Mismatch, Prover, Verdict
from policyeval.record import Record, replace
from policyeval.regime import Regimes, Tell, bearing, ordered_plan, silent
from policyeval.simplify import Simplifier, specialise
from policyeval.solve import Platform, Undecided
from policyeval.source import Text
from policyeval.tree import Name, Ref, walk
from policyeval.verdicts import platform_words, reason_json
from policyeval.vocabulary import Label, Vocabulary

_CLASS = "class"  # the name of the one regime that is asked about
_SPOKEN = frozenset({"fact", "value", "place"})  # what a class may be told by

Graph = tuple[tuple[Node, ...], int]  # and the node of it that is meant


class There(Record):
    """What an option of a reading gives at one platform, and the awards that it then has without a figure."""

    support: Span
    payers: dict[str, Span]
    promised: tuple[str, ...]


class Turn(Record):
    """One reading. Where it matters: the smallest platform to which it does, how the other clauses are read there, and
    what each option gives it."""

    id: str
    reading: Reading
    verdict: Verdict
    at: dict[str, Written]
    others: dict[str, str]
    options: dict[str, There]

    @property
    def matters(self) -> bool | None:
        """None where it could not be settled."""
        return {"proved": False, "refuted": True, "unknown": None}[self.verdict.verdict]


class Outcome(Record):
    """Formulas, and the readings that lead to them: for each way the options of those that matter there."""

    side: Side
    ways: tuple[dict[str, tuple[str, ...]], ...]
    default: bool


class Class(Record):
    """Platforms that share their formulas under every reading. `when`: what tells them apart."""

    when: dict[str, list[str]]
    outcomes: tuple[Outcome, ...]


class Part(Record):
    """The platforms of the class at places where the same packs apply. `unquantified`: awards without a figure that
    some of them have; `combinations`: of the readings that may matter."""

    places: tuple[str, ...]
    packs: tuple[Pack, ...]
    chosen: dict[str, str]
    turns: tuple[Turn, ...]
    combinations: int
    classes: tuple[Class, ...]
    unquantified: tuple[str, ...]


class ClassReadings(Record):
    """What a class of platforms gets under every reading."""

    vocabulary: Vocabulary
    condition: str
    given: Given
    as_of: date
    parts: tuple[Part, ...]
    notes: tuple[Problem, ...]

    @property
    def undecided(self) -> bool:
        """Whether something could not be settled: whether a reading matters, or what to answer from."""
        return any(not part.packs or any(turn.matters is None for turn in part.turns) for part in self.parts)


def class_readings(
    regimes: Regimes, condition: str, given: Given, seconds: float = SECONDS, tell: Tell = silent
) -> ClassReadings:
    """`given`: facts that all platforms of the class share; readings that are chosen stay so; `seconds`: the limit for
    each reading.

    Raises Refusal for a condition that cannot be read, V408 where it speaks of anything but facts, V409 where no
    platform meets it, T109 where the readings combine in too many ways.
    """
    library, as_of = regimes.library, regimes.as_of
    meant = _meant(library, condition, as_of)
    known = {name: v for name, v in given.facts.items() if name.partition("[")[0] not in given.assumed}
    seats = homes(library.vocabulary, library.vocabulary.seat)
    names = list(library.vocabulary.places)
    given_seat = known.get(library.vocabulary.seat)
    groups: dict[tuple[str, ...], list[int]] = {}
    selections: dict[tuple[str, ...], Selection] = {}
    for seat in seats if given_seat is None else [int(given_seat)]:
        found = regimes.selection(names[seat])
        key = tuple(pack.ref for pack in found.packs)
        groups.setdefault(key, []).append(seat)
        selections.setdefault(key, found)
    parts = []
    notes = []
    for key, places in groups.items():
        asked = _Asked(library.vocabulary, selections[key].packs, places, meant, known, regimes.chosen, as_of, seconds)
        if asked.places and asked.any():
            parts.append(asked.part(tell))
            notes.append(selections[key].notes)
    if not parts:
        raise Refusal(Problem("V409", {"class": condition}))
    return ClassReadings(library.vocabulary, " ".join(condition.split()), given, as_of, tuple(parts), _common(notes))


def _meant(library: Library, written: str, as_of: date) -> Graph:
    """The condition as a node of a graph."""
    text = Text.whole(written, _CLASS)
    parsed = parse(text, "condition")
    known = {r for pack in (*library.packs, *library.named.values()) for r in pack.readings}
    for name in walk(parsed):
        if isinstance(name, Name) and name.name in known.difference(library.vocabulary.fact_spellings):
            raise _no_fact(name, text)
    tree, around = in_place(parsed, "condition", text, library)
    for ref in walk(tree):
        if isinstance(ref, Ref) and ref.role not in _SPOKEN:
            raise _no_fact(ref, text)
    entitlements = {i: e for i, e in around.entitlements.items() if e.when is tree}
    alone = replace(nowhere(library), entitlements=entitlements)
    plan = lower([alone], library.vocabulary, {}, as_of)
    return plan.nodes, plan.entitlements[0].applies


def _no_fact(name: Name | Ref, text: Text) -> Refusal:
    return Refusal(Problem("V408", {"name": str(name)}, At(text.source, name.span)))


def _common(notes: Sequence[tuple[Problem, ...]]) -> tuple[Problem, ...]:
    """What is to be said wherever the platforms are."""
    return tuple(note for note in notes[0] if all(note in others for others in notes))


class _Asked:
    """The platforms of the class at some places."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        packs: Sequence[Pack],
        places: Sequence[int],
        meant: Graph,
        known: Platform,
        fixed: Mapping[str, str],
        as_of: date,
        seconds: float,
    ) -> None:
        self.vocabulary, self.packs, self.known, self.seconds = vocabulary, packs, known, seconds
        every = bearing(packs)
        self.chosen = {id_: option for id_, option in fixed.items() if id_ in every}
        self.open = {id_: reading for id_, reading in every.items() if id_ not in fixed}
        self.plan: Plan = ordered_plan(packs, vocabulary, fixed, as_of)
        space = _at(Domains(vocabulary, packs, None).space(), vocabulary.seat, places)
        self.ground = Ground(vocabulary, space, {_CLASS: self.plan})
        self.prover = Prover(self.ground, seconds)
        self.about = self._about(meant)
        self.among = self._among()
        self.places = [place for place in places if self._reaches(place)]

    def _about(self, meant: Graph) -> int:
        """A platform is of the class."""
        b = self.ground.b
        facts = [(b.fact(name), v) for name, v in self.known.items()]
        shared = [(f if v else b.not_(f)) if isinstance(v, bool) else b.equal(f, b.const(v)) for f, v in facts]
        return b.and_(specialise(b, meant[0], {})[meant[1]], *shared)

    def _among(self) -> Among:
        left = Simplifier(self.ground.space.bounds)
        number = specialise(left, self.ground.b.nodes, self.known)[self.about]
        nodes, (wanted,) = needed(left.nodes, [number])
        return Among(nodes, wanted, self.ground.space, self.seconds)

    def _reaches(self, place: int) -> bool:
        """Whether there may be platforms of the class at a place."""
        seat = self.vocabulary.seat
        left = Simplifier(self.ground.space.bounds)
        there = {seat: place, **following(self.vocabulary, seat, place)}
        return self.among.any(left, self.among.left(left, there))

    def any(self, *also: int) -> bool:
        """Whether there may be such a platform."""
        wanted = self.ground.b.and_(self.about, *also)
        if wanted == self.ground.b.false:
            return False
        with suppress(Undecided, Refusal), self.prover.timed():
            return self.prover.solver.find(wanted) is not None
        return True

    def part(self, tell: Tell) -> Part:
        count = prod(len(reading.options) for reading in self.open.values())
        if count > LIMIT:
            raise Refusal(Problem("T109", {"count": count, "limit": LIMIT}))
        names = list(self.vocabulary.places)
        table = _Table(with_facts(self.plan, self.known), self.open, self.vocabulary, self.places, self.among)
        pieces = list(table.pieces()) if self.packs else []
        cells = {id(cell): cell for piece, _, _ in pieces for cell in piece.cells}
        turns: list[Turn] = []
        for id_ in self.open:
            turns.append(self._turn(id_, table, cells.values()))
            tell(len(turns), len(self.open))
        return Part(
            places=tuple(names[place] for place in self.places),
            packs=tuple(self.packs),
            chosen=self.chosen,
            turns=tuple(turns),
            combinations=count,
            classes=tuple(_apart_by([Class(table.when(p, box), tuple(_outcomes(p, table))) for p, _, box in pieces])),
            unquantified=tuple(a.id for a in self._own if self.any(self._promised(a, self.ground.numbers[_CLASS]))),
        )

    @cached_property
    def _own(self) -> list[PlannedAward]:
        return [award for award in self.plan.awards if award.own]

    def _promised(self, award: PlannedAward, numbers: Sequence[int]) -> int:
        """The award applies and has no figure; `numbers`: of the plan's nodes in the ground."""
        return self.ground.b.and_(numbers[award.applies], numbers[award.unquantified])

    # whether a reading matters

    def _turn(self, id_: str, table: _Table, cells: Iterable[Cell]) -> Turn:
        """A reading, looked at in each cell, where formulas are short, and where only a promise turns on it."""
        found: list[tuple[Verdict, dict[str, Any]]] = [(self.prover.decide(_claim(partial(self._promise, id_))), {})]
        differing = ((cell, table.differing(id_, cell)) for cell in cells)
        found += [(self._decided(cell, pairs), table.known(cell.combo)) for cell, pairs in differing if pairs]
        broken = [(verdict, known) for verdict, known in found if verdict.witness]
        if not broken:
            verdict = next((v for v, _ in found if v.verdict == "unknown"), found[0][0])
            return Turn(id_, self.open[id_], verdict, {}, {}, {})
        every = [self._whole(verdict, known) for verdict, known in broken]
        at = min(range(len(every)), key=lambda i: self._size(every[i]))
        by = [verdict.by for verdict, _ in found]
        most = None if None in by else max(b for b in by if b is not None)
        return self._shown(id_, replace(broken[at][0], by=most), every[at])

    def _decided(self, cell: Cell, pairs: Sequence[tuple[int, int]]) -> Verdict:
        """Whether the amounts of a pair ever differ in a cell."""
        ground = Ground(self.vocabulary, self.ground.space, {})
        b = ground.b
        facts = [(b.fact(name), within) for name, within in cell.within.items()]
        inside = [b.and_(b.at_most(b.const(w.low or 0), f), b.at_most(f, b.const(w.high or 0))) for f, w in facts]
        nodes, numbers = needed(cell.builder.nodes, [cell.left, *(n for pair in pairs for n in pair)])
        copied = specialise(b, nodes, {})
        left, *rest = (copied[n] for n in numbers)
        apart = partial(_apart, ground, b.and_(left, *inside), list(zip(rest[::2], rest[1::2], strict=True)))
        return Prover(ground, self.seconds).decide(_claim(apart))

    def _promise(self, id_: str) -> Iterator[Breach]:
        """An award without a figure is promised under some options and not under others."""
        b = self.ground.b
        values = [b.const(i) for i in range(len(self.open[id_].options))]
        options = [copy_nodes(self.plan.nodes, b, facts={id_: value}) for value in values]
        differ = []
        for award in self._own:
            first, *others = [self._promised(award, numbers) for numbers in options]
            differ += [b.or_(b.and_(first, b.not_(o)), b.and_(b.not_(first), o)) for o in others]
        yield Breach("most", b.and_(self.about, b.or_(*differ)), b.zero)

    # the platform that shows it

    def _whole(self, verdict: Verdict, known: Platform) -> Platform:
        """A witness with all facts: what its class has, and else what is plainest."""
        assert verdict.witness
        return {**self.prover.plain, **known, **verdict.witness.facts, **self.known}

    def _size(self, at: Platform) -> tuple[int, ...]:
        """Whole 万元 before whole 元 before fen, then the least amounts, then what is assumed or comes first."""
        facts, values = self.vocabulary.facts, self.ground.space.values
        amounts = {n: abs(int(v)) for n, v in at.items() if n in facts and n not in values}
        money = [v for n, v in amounts.items() if facts[n].kind == "money"]
        unit = next(i for i, unit in enumerate(UNITS) if all(v % unit == 0 for v in money))
        return unit, sum(amounts.values()), *(among.index(at[n]) for n, among in values.items() if n in facts)

    def _shown(self, id_: str, verdict: Verdict, at: Platform) -> Turn:
        """What the engine's own evaluation gives the platform, with as few other clauses read otherwise as can be."""
        names = {other: tuple(reading.options) for other, reading in self.open.items() if other != id_}
        every = product(*(range(len(options)) for options in names.values()))
        for combination in sorted(every, key=lambda c: sum(map(bool, c))):
            read = {**at, **dict(zip(names, combination, strict=True))}
            if self._matters(id_, read):
                plain = self._plainest(id_, read)
                return Turn(
                    id=id_,
                    reading=self.open[id_],
                    verdict=verdict,
                    at=platform_words({name: v for name, v in plain.items() if name in self._spoken}, self.vocabulary),
                    others={other: options[i] for (other, options), i in zip(names.items(), combination, strict=True)},
                    options=dict(zip(self.open[id_].options, self._options(id_, plain), strict=True)),
                )
        raise Mismatch(f"{id_}: the platform that was found does not show that it matters")

    def _plainest(self, id_: str, at: Platform) -> Platform:
        """The platform with its listed facts as they are assumed, or come first, where the reading still matters."""
        for name, values in self.ground.space.values.items():
            for value in values if name in self.vocabulary.facts and name not in self.known else ():
                changed = self.prover.moved(at, name, value)
                if changed is not None and self._meant(changed)[0] and self._matters(id_, changed):
                    at = changed
                    break
        return at

    @cached_property
    def _meant(self) -> Callable[[Platform], Sequence[Any]]:
        return emit(self.ground.b.nodes, [self.about], frozenset())

    @cached_property
    def _spoken(self) -> set[str]:
        """The facts that the policies or the class ask for."""
        return {*self.plan.facts, *facts_below(self.ground.b.nodes, [self.about])}

    def _matters(self, id_: str, at: Platform) -> bool:
        first, *others = self._options(id_, at)
        return any(other != first for other in others)

    def _options(self, id_: str, at: Platform) -> list[There]:
        return [self._there({**at, id_: i}) for i in range(len(self.open[id_].options))]

    def _there(self, facts: Platform) -> There:
        trace = self._evaluator.trace(facts)
        promised = tuple(a.id for a in self._own if outcome(a, trace) == "unquantified")
        return There(trace.span(self.plan.support), {p: trace.span(n) for p, n in self.plan.payers.items()}, promised)

    @cached_property
    def _evaluator(self) -> Evaluator:
        return Evaluator(self.plan)


def _claim(breaches: Callable[[], Iterator[Breach]]) -> Claim:
    """That a reading does not matter, as something to be broken."""
    return Claim(_CLASS, Label("", ""), breaches, 0, ())


def _apart(ground: Ground, left: int, pairs: Sequence[tuple[int, int]]) -> Iterator[Breach]:
    """Platforms for which the least or the most of a pair differ. Raises a Refusal last: the others may settle it."""
    b, differ, by = ground.b, [], []
    refused: Refusal | None = None
    for one, other in pairs:
        try:
            ends = zip(ground.ends(one), ground.ends(other), strict=True)
        except Refusal as why:
            refused = why
            continue
        for x, y in ends:
            differ.append(b.not_(b.equal(x, y)))
            by += [b.sub(x, y), b.sub(y, x)]
    bad = b.and_(left, b.or_(*differ))
    yield Breach("most", bad, b.if_(bad, b.max(b.zero, *by), b.zero))
    if refused is not None:
        raise refused


class _Table(Table):
    """The classes of a plan whose readings are open: each combination of their options stands beside the others."""

    def __init__(
        self, plan: Plan, open_: Mapping[str, Reading], vocabulary: Vocabulary, places: Sequence[int], among: Among
    ) -> None:
        super().__init__([plan], vocabulary, places, among)
        self.open = open_
        self.combinations: list[Combination] = list(product(*(tuple(r.options) for r in open_.values())))

    def outputs(self, builder: Simplifier, found: Sequence[int]) -> tuple[Sequence[int], ...]:
        """The outputs under each combination, in their order."""
        every: list[tuple[int, ...]] = [tuple(found)]
        for id_, reading in self.open.items():
            done = {
                outputs: [_read(builder, outputs, id_, i) for i in range(len(reading.options))]
                for outputs in dict.fromkeys(every)
            }
            every = [read for outputs in every for read in done[outputs]]
        return tuple(every)

    def differing(self, id_: str, cell: Cell) -> list[tuple[int, int]]:
        """The outputs of a cell that are not the same node under two options of the reading alone."""
        found = dict(zip(self.combinations, cell.outputs, strict=True))
        at = list(self.open).index(id_)
        pairs: dict[tuple[int, int], None] = {}
        for one in self.combinations:
            others = list(self.open[id_].options)
            for option in others[others.index(one[at]) + 1 :]:
                pairs |= dict.fromkeys(zip(found[one], found[*one[:at], option, *one[at + 1 :]], strict=True))
        return [(a, b) for a, b in pairs if a != b]


def _read(builder: Simplifier, outputs: tuple[int, ...], id_: str, option: int) -> tuple[int, ...]:
    if id_ not in facts_below(builder.nodes, outputs):
        return outputs
    nodes, wanted = needed(builder.nodes, outputs)
    numbers = specialise(builder, nodes, {id_: option})
    return tuple(numbers[n] for n in wanted)


def _at(space: Space, seat: str, places: Sequence[int]) -> Space:
    """The space with platforms at these places alone."""
    tables = [
        replace(table, rows=tuple(row for row in table.rows if row[0] in places)) if table.facts[0] == seat else table
        for table in space.tables
    ]
    return Space(space.bounds, {**space.values, seat: tuple(places)}, tuple(tables))


def _apart_by(classes: Sequence[Class]) -> Iterator[Class]:
    """The classes by what tells them apart from each other: what all have in common the condition says."""
    for one in classes:
        when = {n: words for n, words in one.when.items() if any(other.when.get(n) != words for other in classes)}
        yield replace(one, when=when)


def _outcomes(piece: Piece, table: _Table) -> Iterator[Outcome]:
    """The formulas of a piece, those of the assumed readings first."""
    found = dict(zip(table.combinations, map(_key, piece.sides), strict=True))
    sides = dict(zip(found.values(), piece.sides, strict=True))
    matter = [matters(i, reading, found) for i, reading in enumerate(table.open.values())]
    default = tuple(reading.default for reading in table.open.values())
    groups: dict[Any, list[Combination]] = {found[default]: []}
    for combination, key in found.items():
        groups.setdefault(key, []).append(combination)
    for key, group in groups.items():
        yield Outcome(sides[key], tuple(ways(group, table.open, matter)), default in group)


def _key(side: Side) -> tuple[str, ...]:
    return (side.support["en"], *(words["en"] for words in side.payers.values()))


# JSON


def as_json(found: ClassReadings, lang: str = "en") -> dict[str, Any]:
    shared = {n: v for n, v in found.given.written.items() if n not in (*found.given.assumed, *found.given.derived)}
    return {
        "class": found.condition,
        "set": shared,
        "as_of": found.as_of.isoformat(),
        "parts": [_part_json(part, lang) for part in found.parts],
    }


def _part_json(part: Part, lang: str) -> dict[str, Any]:
    return {
        "places": list(part.places),
        "packs": packs_json(part.packs),
        "chosen": dict(part.chosen),
        "readings": {turn.id: _turn_json(turn, lang) for turn in part.turns},
        "combinations": part.combinations,
        "unquantified_awards": list(part.unquantified),
        "classes": [{"when": c.when, "outcomes": [_outcome_json(o, lang) for o in c.outcomes]} for c in part.classes],
    }


def _turn_json(turn: Turn, lang: str) -> dict[str, Any]:
    verdict = turn.verdict
    return {
        "ask": turn.reading.ask[lang],
        "options": list(turn.reading.options),
        "default": turn.reading.default,
        "matters": turn.matters,
        "by_at_most": None if verdict.by is None else yuan(verdict.by),
        "first": verdict.witness
        and {
            "platform": turn.at,
            "smallest": verdict.witness.smallest,
            "threshold": {name: yuan(v) for name, v in verdict.witness.thresholds.items()},
            "readings": turn.others,
            "options": {option: _there_json(there) for option, there in turn.options.items()},
        },
        "reason": reason_json(verdict, lang),
    }


def _there_json(there: There) -> dict[str, Any]:
    return {
        "support": money_json(there.support),
        "payers": {payer: money_json(span) for payer, span in there.payers.items()},
        "unquantified_awards": list(there.promised),
    }


def _outcome_json(outcome: Outcome, lang: str) -> dict[str, Any]:
    return {
        "default": outcome.default,
        "ways": [{id_: list(options) for id_, options in way.items()} for way in outcome.ways],
        "support": outcome.side.support[lang],
        "payers": {payer: words[lang] for payer, words in outcome.side.payers.items()},
    }
