"""What is decided by proof: the claims of a comparison, a pack's guarantees, a claim that somebody types.

In: a library or plans, claims. Out: verdicts, and their JSON as the contract fixes it. Promise: the same regimes as
`eval` and `compare`, so a witness can be evaluated by anybody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import reduce
from typing import Any

from policyeval.answer import money_json
from policyeval.assertions import ENACTED, Written, awards_of, claim_of, regimes_of
from policyeval.cases import as_written
from policyeval.claims import Claim, Ground, standard
from policyeval.domains import Domains, spelled
from policyeval.explain import in_place, nowhere
from policyeval.library import Library
from policyeval.lower import lower
from policyeval.money import yuan
from policyeval.pack import Award, Pack, Statement
from policyeval.parse import parse
from policyeval.plan import Plan
from policyeval.problems import Lang, Problem, Refusal
from policyeval.prove import SECONDS, Prover, Verdict, Witness
from policyeval.record import Record, field, replace
from policyeval.regime import Tell, bearing, chosen_readings, in_force_around, ordered_plan, silent, with_defaults
from policyeval.resolve import CLAIMED
from policyeval.sentences import Expression
from policyeval.simplify import specialise
from policyeval.solve import Clock, Undecided
from policyeval.source import Text
from policyeval.tree import Name, Node, Number, Op, Ref, walk
from policyeval.types import Kind
from policyeval.vocabulary import Fact, Label, Vocabulary

BEFORE, AFTER = "from", "to"  # the keys under which a comparison shows its two sides


class Proof(Record):
    """A claim that somebody typed, and what became of it. `rests_on`: clauses that suffice for the proof, whatever the
    others say."""

    vocabulary: Vocabulary
    verdict: Verdict
    text: str
    where: str | None
    place: str
    as_of: date
    regimes: Mapping[str, tuple[Pack, ...]]
    readings: Mapping[str, str]
    open_readings: Mapping[str, tuple[str, ...]]
    rests_on: tuple[str, ...] = ()


class Asked(Record):
    """What a claim is to be decided for: the regimes by name, and the platforms of a place."""

    library: Library
    packs: Mapping[str, tuple[Pack, ...]]
    place: str
    as_of: date
    readings: Mapping[str, str] | None  # None: every reading of every clause
    fixed: Mapping[str, str] = field(default_factory=dict)  # but for these
    awards: str = ENACTED  # the regime in which the awards of a claim are looked up

    def plan(self, packs: Sequence[Pack]) -> Plan:
        return ordered_plan(packs, self.library.vocabulary, self.chosen(packs), self.as_of)

    def chosen(self, packs: Iterable[Pack]) -> Mapping[str, str]:
        """The readings that are settled."""
        return self.fixed if self.readings is None else with_defaults(packs, self.readings)

    def ground(self, vocabulary: Vocabulary | None = None, change: Change = lambda pack: pack) -> Ground:
        """The regimes side by side; `change` is made to every pack."""
        words = vocabulary or self.library.vocabulary
        every = list({pack.ref: pack for packs in self.packs.values() for pack in packs}.values())
        plans = {
            name: replace(self, library=replace(self.library, vocabulary=words)).plan([change(p) for p in packs])
            for name, packs in self.packs.items()
        }
        return Ground(words, Domains(words, every, self.place).space(), plans)


def compared(
    vocabulary: Vocabulary,
    subject: Pack,
    packs: tuple[Sequence[Pack], Sequence[Pack]],
    plans: tuple[Plan, Plan],
    seconds: float,
    tell: Tell = silent,
) -> tuple[Verdict, ...]:
    """The verdicts of a comparison: the claims that every one decides, then the pack's own guarantees."""
    space = Domains(vocabulary, [*packs[0], *packs[1]], subject.jurisdiction).space()
    ground = Ground(vocabulary, space, {BEFORE: plans[0], AFTER: plans[1]})
    prover = Prover(ground, seconds)
    own = guarantees(ground, subject, {pack.id: pack for pack in packs[1]})
    claims = [*standard(ground, BEFORE, AFTER, subject), *own]
    decided = []
    for claim in claims:
        decided.append(_decided(prover, claim))
        tell(len(decided), len(claims))
    return tuple(decided)


def own_claims(ground: Ground, subject: Pack, packs: Mapping[str, Pack]) -> list[Claim]:
    """A pack's own guarantees that can be said, each as it is written."""
    return [claim for claim in guarantees(ground, subject, packs) if isinstance(claim, Claim)]


def guarantees(ground: Ground, subject: Pack, packs: Mapping[str, Pack]) -> Iterable[Claim | Verdict]:
    """The same; in place of one that cannot be said, the verdict that it is unknown, with the reason."""
    written = Written(subject, packs, {ENACTED: BEFORE, subject.id: AFTER}, AFTER)
    for number, guarantee in enumerate(subject.guarantees, 1):
        id_ = f"{subject.id}/guarantees[{number}]"
        said = Expression(guarantee.claim, ground.vocabulary, subject.id, packs)
        words = Label(said["zh"], said["en"])
        try:
            yield claim_of(ground, id_, words, guarantee.claim, written)
        except Refusal as why:
            unsaid = Claim(id_, words, lambda: (), ground.b.true, ())
            yield Verdict(unsaid, "unknown", by=None, reason=why.problems[0])


def _decided(prover: Prover, claim: Claim | Verdict) -> Verdict:
    return prover.decide(claim) if isinstance(claim, Claim) else claim


def held(library: Library, pack: Pack, day: date) -> Iterable[tuple[Verdict, dict[str, str]]]:
    """What becomes of a pack's guarantees with what is in force around it, under every reading.

    One that does not hold comes as it is where clauses are read as assumed, if it does not hold there either; else with
    the readings under which it does not.
    """
    around = in_force_around(library, pack.jurisdiction, day)
    packs = {
        BEFORE: tuple(library.ordered(around)),
        AFTER: tuple(library.ordered([*(p for p in around if p.id != pack.id), pack])),
    }
    every = Asked(library, packs, pack.jurisdiction, day, None)
    assumed = replace(every, readings={})
    by_id = {p.id: p for p in packs[AFTER]}
    if not pack.guarantees:
        return
    grounds = every.ground(), assumed.ground()
    provers = [Prover(ground) for ground in grounds]
    for open_, plain in zip(*(guarantees(ground, pack, by_id) for ground in grounds), strict=True):
        verdict = _decided(provers[0], open_)
        if verdict.verdict == "refuted":
            default = _decided(provers[1], plain)
            if default.verdict != "proved":
                yield default, {}
                continue
        yield verdict, readings_of(verdict.witness, _open(every)) if verdict.witness else {}


# a claim that somebody types


def proved(
    library: Library,
    written: str,
    as_of: date,
    readings: Mapping[str, str],
    where: str | None = None,
    every_reading: bool = False,
    seconds: float = SECONDS,
) -> Proof:
    """What becomes of a claim over all platforms of the places where the regimes that it names apply.

    Raises Refusal for what cannot be read, L301 where the regimes have no place in common, V405 where no platform meets
    `where`.
    """
    text = Text.whole(written, "claim")
    parsed = parse(text, "claim")
    home = _home(parsed, library)
    tree, _ = in_place(parsed, "claim", text, library, home)
    asked = _asked(library, tree, home, as_of, None if every_reading else chosen_readings(library, readings))
    ground = asked.ground()
    about = None if where is None else _condition(asked, ground, where, home)
    prover = Prover(ground, seconds)
    if about is not None and not _possible(prover, about):
        raise Refusal(Problem("V405", {"where": where or ""}))
    reader = _written(asked, home)
    verdict = prover.decide(claim_of(ground, "claim", Label(written, written), tree, reader, (), about))
    plans = ground.plans.values()
    rests = _rests_on(asked, plans, tree, reader, where, home, prover.clock) if verdict.verdict == "proved" else ()
    return Proof(
        library.vocabulary,
        verdict,
        written,
        where,
        asked.place,
        as_of,
        asked.packs,
        {id_: option for plan in plans for id_, option in plan.readings.items()},
        _open(asked) if every_reading else {},
        tuple(rests),
    )


def _possible(prover: Prover, about: int) -> bool:
    try:
        with prover.timed():
            return prover.solver.find(about) is not None
    except (Undecided, Refusal):
        return True  # the claim itself will say so


def _home(tree: Node, library: Library) -> Pack:
    """The pack whose awards a claim may name without saying whose they are: the first that it names."""
    names = [
        n.name
        for op in walk(tree)
        if isinstance(op, Op) and op.op in CLAIMED
        for n in op.args[-1:]
        if isinstance(n, Name)
    ]
    names += [n.pack for n in walk(tree) if isinstance(n, Name) and n.pack]
    known = {pack.id: pack for pack in (*library.packs[::-1], *library.named.values())}
    found = next((known[name] for name in names if name in known), None)
    around = nowhere(library)
    if found is None:
        return around
    others = {id_: version for id_, version in around.uses.items() if id_ != found.id}
    return replace(found, uses=others, guarantees=())


def _asked(library: Library, tree: Node, home: Pack, as_of: date, readings: Mapping[str, str] | None) -> Asked:
    known = {pack.id: pack for pack in (*library.packs[::-1], *library.named.values())}
    named = [known[name] for name in dict.fromkeys([*regimes_of(tree), *awards_of(tree)]) if name in known]
    place = home.jurisdiction
    for pack in named:
        inside = library.vocabulary.below(pack.jurisdiction)
        if place not in inside and pack.jurisdiction not in library.vocabulary.below(place):
            raise Refusal(Problem("L301", {"pack": home.ref, "other": pack.ref}))
        place = place if place in inside else pack.jurisdiction
    base = in_force_around(library, place, as_of)

    def beside(*added: Pack) -> tuple[Pack, ...]:
        """What is in force, and these."""
        return tuple(library.ordered([*(p for p in base if p.id not in {a.id for a in added}), *added]))

    names = sorted(dict.fromkeys(regimes_of(tree)), key=lambda name: name != ENACTED)  # read as from, to
    packs = {name: beside(known[name]) if name in known else beside() for name in names}
    drafts = [pack for pack in (known[name] for name in dict.fromkeys(awards_of(tree))) if pack not in base]
    awards = " + ".join(pack.id for pack in drafts) or ENACTED
    if awards_of(tree):
        packs[awards] = beside(*drafts)
    return Asked(library, packs or {ENACTED: beside()}, place, as_of, readings, awards=awards)


def _written(asked: Asked, home: Pack) -> Written:
    packs = {pack.id: pack for packs in asked.packs.values() for pack in packs}
    return Written(home, packs, {name: name for name in asked.packs}, asked.awards)


def _condition(asked: Asked, ground: Ground, written: str, home: Pack) -> int:
    """A condition on platforms, as a node of the ground."""
    text = Text.whole(written, "where")
    tree, around = in_place(parse(text, "condition"), "condition", text, asked.library, home)
    id_, scratch = next((i, e) for i, e in around.entitlements.items() if e.when is tree)
    every = {pack.id: pack for packs in asked.packs.values() for pack in packs}
    above = nowhere(asked.library)
    alone = replace(above, entitlements={id_: scratch})
    packs = [alone, *every.values()]  # in any order, since a condition comes before all statements
    plan = lower(packs, asked.library.vocabulary, asked.chosen(packs), asked.as_of)
    applies = next(entry.applies for entry in plan.entitlements if entry.id == f"{above.id}/{id_}")
    return specialise(ground.b, plan.nodes, {})[applies]


def _open(asked: Asked) -> dict[str, tuple[str, ...]]:
    packs = {pack.id: pack for packs in asked.packs.values() for pack in packs}
    return {id_: tuple(reading.options) for id_, reading in bearing(packs.values()).items()}


# what a proof rests on

Change = Callable[[Pack], Pack]


def _rests_on(
    asked: Asked,
    plans: Iterable[Plan],
    tree: Node,
    written: Written,
    where: str | None,
    home: Pack,
    clock: Clock,
) -> Iterable[str]:
    """Clauses that suffice: the claim holds whatever all other awards come to, with all other statements and without.

    Each clause in turn is let go, and stays let go where the claim still holds, as long as there is time.
    """
    packs = {pack.id: pack for packs in asked.packs.values() for pack in packs}
    payers = {award.id: [s.payer for s in award.shares] for plan in plans for award in plan.awards}
    awards = [f"{p.id}/{a}" for p in packs.values() for a in p.awards]
    statements = [id_ for p in packs.values() for id_, _ in _statements(p)]
    free: set[str] = set()
    for clause in [*statements, *awards]:
        tried = {*free, clause}
        if _imagined(packs, tried):
            continue
        freed = _Freed(packs, tried, payers)
        words = asked.library.vocabulary
        try:
            ground = asked.ground(replace(words, declared={**words.declared, **freed.facts}), freed)
            about = None if where is None else _condition(asked, ground, where, home)
            claim = claim_of(ground, "claim", Label("", ""), tree, written, (), about)
            holds = Prover(ground, clock.left()).holds(claim)
        except (Refusal, Undecided):
            holds = False
        if holds:
            free = tried
    return [clause for clause in [*awards, *statements] if clause not in free]


def _imagined(packs: Mapping[str, Pack], free: set[str]) -> bool:
    """Whether a statement that is kept turns on what an award of `free` comes to on another platform, and on whether it
    applies there."""
    kept = (s.rule for p in packs.values() for id_, s in _statements(p) if id_ not in free)
    asked = (n.args[0] for rule in kept for n in walk(rule) if isinstance(n, Op) and n.op == "as_if")
    return any(id_ in free for ref in asked for id_ in _meant(packs, ref))


def _statements(pack: Pack) -> Iterator[tuple[str, Statement]]:
    return ((f"{pack.id}/precedence[{i}]", statement) for i, statement in enumerate(pack.precedence, 1))


def _meant(packs: Mapping[str, Pack], ref: Node) -> list[str]:
    """The awards that a name stands for."""
    assert isinstance(ref, Ref)
    if ref.role == "slot":
        return [f"{p.id}/{a.id}" for p in packs.values() for a in p.awards.values() if a.fills == str(ref)]
    pack = packs.get(ref.pack or "")
    return [f"{ref.pack}/{a}" for a in pack.families.get(ref.name, (ref.name,))] if pack else []


def _has_figure(award: Award) -> bool:
    """Whether the document says anything of the amount; support without a figure takes no part in a claim."""
    return any(isinstance(n, Number) or (isinstance(n, Ref) and n.role != "payer") for n in walk(award.amount))


class _Freed:
    """Packs in which the awards of `free` come to any amount for each of their payers, and its statements hold or do
    not. What such an award comes to on another platform (`as if`) is any amount too, and another one."""

    def __init__(self, packs: Mapping[str, Pack], free: set[str], payers: Mapping[str, Sequence[str | None]]) -> None:
        self.packs, self.free, self.payers = packs, free, payers
        self.facts: dict[str, Fact] = {}
        self._changed = {pack.ref: self._pack(pack) for pack in packs.values()}

    def __call__(self, pack: Pack) -> Pack:
        return self._changed[pack.ref]

    def _pack(self, pack: Pack) -> Pack:
        awards = {id_: self._award(f"{pack.id}/{id_}", award) for id_, award in pack.awards.items()}
        rules = [self._statement(s) if id_ in self.free else s for id_, s in _statements(pack)]
        return replace(pack, awards=awards, precedence=tuple(rules))

    def _statement(self, statement: Statement) -> Statement:
        rule, held = self._kept(statement.rule), self._fact("bool")
        assert isinstance(rule, Op)
        if rule.op == "when":
            rule, condition = rule.args
            held = Op("and", (condition, held))
        return replace(statement, rule=Op("when", (rule, held)))

    def _award(self, id_: str, award: Award) -> Award:
        if not _has_figure(award):
            return award
        return replace(award, amount=self._any([id_]) if id_ in self.free else self._kept(award.amount))

    def _kept(self, tree: Node) -> Node:
        if not isinstance(tree, Op):
            return tree
        if tree.op == "as_if" and not self.free.isdisjoint(meant := _meant(self.packs, tree.args[0])):
            return self._any(meant)
        return replace(tree, args=tuple(self._kept(arg) for arg in tree.args))

    def _any(self, awards: Iterable[str]) -> Node:
        parts: list[Node] = []
        for payer in dict.fromkeys(payer for id_ in awards for payer in self.payers[id_]):
            any_ = self._fact("money")
            parts.append(any_ if payer is None else Op("by", (any_, Ref("payer", payer))))
        return reduce(lambda a, c: Op("add", (a, c)), parts)

    def _fact(self, kind: Kind) -> Node:
        name = f"free_{len(self.facts)}"
        self.facts[name] = Fact(name, kind, Label(name, name))
        return Ref("fact", name)


# JSON


def verdict_json(verdict: Verdict, vocabulary: Vocabulary, lang: str = "en") -> dict[str, Any]:
    """An entry of `claims`."""
    return {
        "id": verdict.claim.id,
        "claim": verdict.claim.words[lang],
        "verdict": verdict.verdict,
        "witness": verdict.witness and witness_json(verdict.witness, vocabulary, {}),
        "by_at_most": None if verdict.by is None else yuan(verdict.by),
        "end": verdict.end,
        "vacuous": verdict.vacuous,
        "reason": reason_json(verdict, lang),
    }


def reason_json(verdict: Verdict, lang: str) -> dict[str, str] | None:
    """Why a claim is not settled, or its largest breach is not."""
    reason = verdict.reason
    return None if reason is None else {"code": reason.code, "text": reason.message(_lang(lang))}


def _lang(lang: str) -> Lang:
    return "zh" if lang == "zh" else "en"


def witness_json(witness: Witness, vocabulary: Vocabulary, readings: Mapping[str, str]) -> dict[str, Any]:
    """A platform as in a case file, and what the regimes give it."""
    return {
        "platform": platform_words(witness.facts, vocabulary),
        **({"readings": dict(readings)} if readings else {}),
        **{name: money_json(outcome.support) for name, outcome in witness.outcomes.items()},
        "payers": {
            name: {payer: money_json(span) for payer, span in outcome.payers.items()}
            for name, outcome in witness.outcomes.items()
        },
        "threshold": {name: spelled(vocabulary, name, v) for name, v in witness.thresholds.items()},
    }


def platform_words(facts: Mapping[str, int | bool], vocabulary: Vocabulary) -> dict[str, Any]:
    """The facts that a person states, in the vocabulary's order; what follows from a place is left out."""
    stated = [name for name, fact in vocabulary.facts.items() if name in facts and fact.derived is None]
    return as_written({name: spelled(vocabulary, name, facts[name]) for name in stated}, vocabulary)


def readings_of(witness: Witness, open_: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """How the clauses that were left open are read where the claim breaks."""
    return {id_: options[int(witness.facts[id_])] for id_, options in open_.items() if id_ in witness.facts}


def proof_json(proof: Proof, lang: str = "en") -> dict[str, Any]:
    """The JSON of `prove`."""
    found = verdict_json(proof.verdict, proof.vocabulary, lang)
    witness = proof.verdict.witness
    if witness is not None:
        found["witness"] = witness_json(witness, proof.vocabulary, readings_of(witness, proof.open_readings))
    return {
        **found,
        "where": proof.where,
        "place": proof.place,
        "as_of": proof.as_of.isoformat(),
        "regimes": {name: [pack.ref for pack in packs] for name, packs in proof.regimes.items()},
        "readings": dict(proof.readings),
        "open_readings": {id_: list(options) for id_, options in proof.open_readings.items()},
        "rests_on": list(proof.rests_on),
    }
