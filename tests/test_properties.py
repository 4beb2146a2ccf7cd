"""What holds for every pack and every platform, tried on random small ones and on the real packs.

The random packs are in fen, so that every choice of the authority can be tried: what the engine claims as least and
most is compared with all that can happen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from itertools import combinations
from math import prod
from operator import ge, gt, le, lt
from random import Random
from typing import Any
from zlib import crc32

import random_packs
from by_the_letter import Letter
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from policyeval.cases import typed
from policyeval.check import check
from policyeval.compare import Class, Comparison, compare
from policyeval.evaluate import Evaluator, emit, traced
from policyeval.lower import lower
from policyeval.money import read_money, yuan
from policyeval.pack import Pack
from policyeval.plan import UNBOUNDED, Node, Plan
from policyeval.problems import Refusal, errors
from policyeval.record import replace
from policyeval.resolve import resolve
from policyeval.simplify import Interval, simplify
from regimes import ask, shipped
from small_packs import build, vocabulary

MANY = 1_000  # combinations of choices that are all tried
Facts = dict[str, Any]

seeds = st.integers(0, 2**32)
often = settings(max_examples=100, deadline=None, derandomize=True)
seldom = settings(max_examples=30, deadline=None, derandomize=True)


def made(seed: int, **chances: float) -> tuple[list[Pack], Plan, Random]:
    """Random packs without an error, their plan, and the randomness that is left."""
    rnd = Random(seed)
    words = random_packs.packs(rnd, **chances)
    built = {id: build(id, dict(pack)) for id, pack in words.items()}
    found = {id: resolve(pack, vocabulary(), built) for id, pack in built.items()}
    packs = {id: pack for id, (pack, _) in found.items()}
    problems = [p for _, said in found.values() for p in said]
    problems += [p for pack in packs.values() for p in check(pack, vocabulary(), packs)]
    # statements that speak of an award twice (W402) are reported, and mean nothing in particular
    assume(not errors(problems) and all(p.code != "W402" for p in problems))
    return list(packs.values()), lower(list(packs.values()), vocabulary(), {}), rnd


# Choices, each by its node: an award and the same award `as if` have one each


def without_choices(plan: Plan) -> list[Node]:
    """The plan with each choice as a fact of its own."""
    return [Node("Fact", (), f"choice {i}") if n.kind == "Choice" else n for i, n in enumerate(plan.nodes)]


def most(plan: Plan, choice: int, at: Facts) -> int | None:
    args = plan.nodes[choice].args
    return emit(without_choices(plan), args, _missing(plan, at))(at)[0] if args else UNBOUNDED


def _missing(plan: Plan, at: Facts) -> frozenset[str]:
    return frozenset(n.data for n in without_choices(plan) if n.kind == "Fact" and at.get(n.data) is None)


def lacking(facts: Facts, rnd: Random, number: int) -> Facts:
    """The platform with so many facts missing; where its place is, what follows from the place is too."""
    gone = rnd.sample(sorted(facts), number)
    gone += ["host_tier"] * ("location" in gone)
    return {name: None if name in gone else value for name, value in facts.items()}


def choices(plan: Plan) -> list[int]:
    return [i for i, node in enumerate(plan.nodes) if node.kind == "Choice"]


def every_choice(plan: Plan, facts: Facts) -> Iterator[Facts]:
    """The platform with each combination of choices; of one without a most, some and the most there is; of one whose
    most is not known, none that is."""

    def each(left: Sequence[int], at: Facts) -> Iterator[Facts]:
        if not left:
            yield at
            return
        bound = most(plan, left[0], at)
        values = [None] if bound is None else range(max(bound, 0) + 1)
        for value in [*range(40), UNBOUNDED] if bound == UNBOUNDED else values:
            yield from each(left[1:], {**at, f"choice {left[0]}": value})

    return each(choices(plan), facts)


def how_many(plan: Plan, facts: Facts) -> int:
    nothing = {**facts, **{f"choice {i}": 0 for i in choices(plan)}}
    bounds = [most(plan, i, nothing) for i in choices(plan)]
    return prod(41 if bound == UNBOUNDED else (bound or 0) + 1 for bound in bounds)


def shared_out(plan: Plan) -> set[int]:
    """Nodes below which a choice is shared out in proportion: their ends may be a fen off."""
    moving = set(choices(plan))
    found: set[int] = set()
    for i, node in enumerate(plan.nodes):
        if moving.intersection(node.args):
            moving.add(i)
            if node.kind == "Div" and node.args[1] in moving:
                found.add(i)
        if found.intersection(node.args):
            found.add(i)
    return found


def same(claimed: int | bool | None, true: int | bool | None, slack: int) -> bool:
    if claimed is None or true is None or isinstance(true, bool):
        return claimed is true
    if max(claimed, true) > UNBOUNDED // 10**6:
        return min(claimed, true) > UNBOUNDED // 10**6
    return abs(claimed - true) <= slack


def ends(values: Sequence[int | bool | None]) -> tuple[int | bool | None, int | bool | None]:
    """Least and most; of a condition whether it holds whatever is chosen, and whether it can, as Kleene has it."""
    if any(isinstance(v, bool) for v in values):
        never = False if False in values else None if None in values else True
        return never, True if True in values else None if None in values else False
    known = [v for v in values if v is not None]
    return (min(known), max(known)) if len(known) == len(values) else (None, None)


@seldom
@given(seeds, st.sampled_from([0, 0, 1, 2, 5]))
def test_least_and_most_are_those_of_all_choices(seed: int, gone: int) -> None:
    """A number of which something is unknown under some choice is unknown: no choice makes a fact known."""
    _, plan, rnd = made(seed)
    facts = lacking(random_packs.platform(rnd), rnd, gone)
    assume(choices(plan) and how_many(plan, facts) <= MANY)
    asked = list(dict.fromkeys(traced(plan)))
    run = cache(lambda missing: emit(without_choices(plan), asked, missing))
    all_ = list(zip(*(run(_missing(plan, at))(at) for at in every_choice(plan, facts)), strict=True))
    try:
        trace = Evaluator(plan).trace(facts)
    except Refusal:
        assume(False)
    loose = shared_out(plan)
    for node, values in zip(asked, all_, strict=True):
        low, high = ends(values)
        if low is None or isinstance(low, bool):
            assert trace.span(node) == (low, high), node
        else:
            slack, (least, most_) = (1 if node in loose else 0), trace.span(node)
            assert same(least, low, slack), (node, least, low)
            assert same(UNBOUNDED if most_ is None else most_, high, slack), (node, most_, high)


@seldom
@given(seeds)
def test_with_and_without_a_trace_the_same(seed: int) -> None:
    _, plan, rnd = made(seed, choices=0.3)
    facts = random_packs.platform(rnd)
    for name in rnd.sample(sorted(facts), rnd.choice([0, 0, 1, 2])):
        del facts[name]
    evaluator = Evaluator(plan)
    try:
        brief, trace = evaluator.amounts(facts), evaluator.trace(facts)
    except Refusal:
        assume(False)
    support = trace.span(plan.support)
    assert brief.undetermined == trace.sometimes(plan.undetermined)
    assert brief.unquantified == trace.sometimes(plan.unquantified)
    assert brief.support == (support._replace(max=None) if brief.undetermined else support)
    for payer, node in plan.payers.items():
        span = trace.span(node)
        open_ = trace.sometimes(plan.payers_open[payer])
        assert brief.payers[payer] == (span._replace(max=None) if open_ else span)


# One choice fixed in each `up to`


def chosen(seed: int) -> Any:
    def choose(name: str, bound: int | None) -> int:
        number = crc32(f"{seed} {name}".encode())
        return number % 20 if bound is None else [0, bound, bound // 2, max(bound - 1, 0), min(1, bound)][number % 5]

    return choose


def fixed(plan: Plan, facts: Facts, seed: int) -> Facts:
    at, choose = dict(facts), chosen(seed)
    for i in choices(plan):
        bound = most(plan, i, at)
        at[f"choice {i}"] = choose(plan.nodes[i].data, None if bound == UNBOUNDED else bound)
    return at


@often
@given(seeds)
def test_every_payers_part_is_what_the_language_says(seed: int) -> None:
    packs, plan, rnd = made(seed)
    shares = [(award.id, share) for award in plan.awards for share in award.shares]
    run = emit(without_choices(plan), [n for _, s in shares for n in (s.present, s.before, s.after)], frozenset())
    for number in range(4):
        facts = random_packs.platform(rnd)
        values = iter(run(fixed(plan, facts, number)))
        expected = Letter(packs, vocabulary(), facts, chosen(number)).awards()
        found: dict[str, dict[str | None, tuple[int, int]]] = {id_: {} for id_ in expected}
        for id_, share in shares:
            present, before, after = next(values), next(values), next(values)
            if present:
                found[id_][share.payer] = (before, after)
            else:
                assert (before, after) == (0, 0)
        wanted = {
            id_: {payer: (award.before[payer], award.parts[payer]) for payer in award.parts}
            for id_, award in expected.items()
        }
        # where branches name payers in orders that clash, one order has to do for statements (decision 5)
        assume(all(list(found[id_]) == list(wanted[id_]) for id_ in wanted))
        assert found == wanted


@often
@given(seeds)
def test_payers_add_up_and_no_statement_pays_more(seed: int) -> None:
    _, plan, rnd = made(seed)
    asked = [n for a in plan.awards for n in (a.before, a.after, *(x for s in a.shares for x in (s.before, s.after)))]
    facts = random_packs.platform(rnd)
    values = iter(emit(without_choices(plan), [plan.support, *asked], frozenset())(fixed(plan, facts, seed)))
    support = next(values)
    total = 0
    for award in plan.awards:
        before, after = next(values), next(values)
        parts = [(next(values), next(values)) for _ in award.shares]
        assert (sum(b for b, _ in parts), sum(a for _, a in parts)) == (before, after)
        assert all(a >= 0 for _, a in parts)
        assert after <= before
        total += after
    assert total == support


@often
@given(seeds, st.integers(0, 12), st.integers(1, 6), st.sampled_from(["funding", "turnover"]))
def test_simple_packs_are_monotone_in_money(seed: int, low: int, more: int, fact: str) -> None:
    """Without conditions, statements and differences nothing falls as money rises."""
    rnd = Random(seed)
    writer = random_packs.Writer(rnd, figureless=0)
    base, share = rnd.choice([fact, f"{fact} / 3", f"25% of {fact}"]), rnd.choice(["1:1", "1:0.5:0.5", "1:0.25:0.5"])
    payers = "host" if share == "1:1" else "city, host"
    amount = f"{base} matched {share} by {payers} capped at {writer.fen()} at least {writer.fen()}"
    pack = build("here", {"awards": {"one": {"amount": f"up to ({amount})"}}, "uses": {}})
    pack, _ = resolve(pack, vocabulary(), {"here": pack})
    evaluator = Evaluator(lower([pack], vocabulary(), {}))
    facts = {**random_packs.platform(rnd), fact: low}
    less, greater = evaluator.amounts(facts), evaluator.amounts({**facts, fact: low + more})
    assert (less.support.max or 0) <= (greater.support.max or 0)


# What is missing


@seldom
@given(seeds)
def test_what_is_certain_holds_whatever_the_missing_facts_are(seed: int) -> None:
    _, plan, rnd = made(seed, choices=0.2)
    evaluator = Evaluator(plan)
    whole = random_packs.platform(rnd)
    left_out = [n for n in rnd.sample(sorted(whole), rnd.choice([1, 1, 2])) if n != "host_tier"]
    left_out += ["host_tier"] * ("location" in left_out)
    facts = {name: value for name, value in whole.items() if name not in left_out}
    try:
        claimed = evaluator.amounts(facts)
        for _ in range(8):
            other = random_packs.platform(rnd)
            filled = {**facts, **{name: other[name] for name in left_out}}
            if "location" not in left_out:
                filled["host_tier"] = whole["host_tier"]
            true = evaluator.amounts(filled)
            assert (claimed.support.min or 0) <= (true.support.min or 0)
            for payer, span in claimed.payers.items():
                assert (span.min or 0) <= (true.payers[payer].min or 0)
            if not claimed.undetermined:
                assert claimed.support == true.support
                assert claimed.payers == true.payers
    except Refusal:
        assume(False)


@seldom
@given(seeds, st.integers(0, 6))
def test_support_is_null_where_it_is_undetermined_or_a_promise_has_no_most(seed: int, gone: int) -> None:
    """The least is what is certain, if only 0; it is never null where a pack applies."""
    _, plan, rnd = made(seed, choices=0.2)
    facts = lacking(random_packs.platform(rnd), rnd, gone)
    evaluator = Evaluator(plan)
    try:
        found, trace = evaluator.amounts(facts), evaluator.trace(facts)
    except Refusal:
        assume(False)
    spans = [found.support, *found.payers.values()]
    assert all(span.min is not None for span in spans)
    if found.undetermined:
        assert found.support.max is None
    elif not any(trace.sometimes(award.against) for award in plan.awards):
        assert all(span.max is not None for span in spans)


@seldom
@given(seeds)
def test_missing_facts_are_named_where_anything_is_undetermined(seed: int) -> None:
    _, plan, rnd = made(seed, choices=0.2)
    facts = random_packs.platform(rnd)
    missing = set(rnd.sample(["level", "funding", "turnover", "performance", "exceptional"], 2))
    evaluator = Evaluator(plan)
    at = {name: value for name, value in facts.items() if name not in missing}
    try:
        undetermined = evaluator.amounts(at).undetermined
    except Refusal:
        assume(False)
    own = [n for award in plan.awards for n in (award.applies, award.after)]
    named = {name for node in own for name in evaluator.blame(at, node)}
    assert named <= missing
    assert bool(named) >= undetermined


# Partial evaluation


@seldom
@given(seeds)
def test_a_simplified_plan_gives_the_same(seed: int) -> None:
    _, plan, rnd = made(seed)
    facts = random_packs.platform(rnd)
    known = {name: facts[name] for name in rnd.sample(sorted(facts), rnd.randrange(len(facts) + 1))}
    bounds = {name: Interval(0, 12) for name in facts}
    bounds |= {node.data: Interval(0, UNBOUNDED) for node in without_choices(plan) if node.kind == "Fact"} | bounds
    wanted = list(dict.fromkeys(traced(plan)))
    nodes, numbers = simplify(without_choices(plan), known, bounds, wanted)
    for number in range(3):
        at = fixed(plan, {**random_packs.platform(rnd), **known}, number)
        before = emit(without_choices(plan), wanted, frozenset())(at)
        assert list(emit(nodes, numbers, frozenset())(at)) == list(before)


# The order of statements and of packs


@seldom
@given(seeds)
def test_awards_of_one_order_or_another(seed: int) -> None:
    """Awards that no statement names come to the same in whatever order their pack lists them."""
    packs, plan, rnd = made(seed)
    spoken = {award for s in plan.statements for award in s.awards}
    facts = random_packs.platform(rnd)
    turned = [p if not p.awards else _turned(p) for p in packs]
    other = lower(turned, vocabulary(), {})
    at = {a.id: [(s.payer, s.before) for s in a.shares] for a in plan.awards}
    for award in other.awards:
        if award.id not in spoken:
            mine = _values(plan, at[award.id], facts)
            assert _values(other, [(s.payer, s.before) for s in award.shares], facts) == mine


def _turned(pack: Pack) -> Pack:
    return replace(pack, awards=dict(reversed(pack.awards.items())))


def _values(plan: Plan, shares: Sequence[tuple[str | None, int]], facts: Facts) -> Mapping[str | None, Any]:
    run = emit(without_choices(plan), [n for _, n in shares], frozenset())
    at = dict(facts)
    for i in choices(plan):
        at[f"choice {i}"] = min(most(plan, i, at) or 0, 5)
    return dict(zip((p for p, _ in shares), run(at), strict=True))


# Comparisons of the real packs: formulas, effects and largest changes, on platforms nobody chose

DAY = date(2023, 6, 30)
NO_DUPLICATION, HIGHER, CAP = "ganyu-draft/no_duplication", "ganyu-draft/higher_scope", "lianyungang-2021/cap_scope"
READINGS = [
    {},
    {NO_DUPLICATION: "higher_regime"},
    {NO_DUPLICATION: "city_alone", CAP: "each"},
    {HIGHER: "all", CAP: "each"},
    {NO_DUPLICATION: "higher_regime", HIGHER: "all", CAP: "each"},
]
WORDS = {"above": gt, "below": lt, "at most": le, "at least": ge}
money = st.one_of(st.integers(0, 4 * 10**9), st.sampled_from([0, 5 * 10**8, 10**9, 2 * 10**9, 10**15]))
near = st.builds(lambda amount, by: min(10**15, max(0, amount + by)), money, st.integers(-3, 3))


@cache
def compared(readings: tuple[tuple[str, str], ...]) -> Comparison:
    return compare(shipped(), "ganyu-draft", None, DAY, dict(readings))


@cache
def reader_of(formula: str) -> Evaluator:
    """What a formula says, read back as the amount of an award."""
    pack = build("here", {"awards": {"one": {"amount": formula}}, "uses": {}, "jurisdiction": "ganyu"})
    pack, problems = resolve(pack, shipped().vocabulary, {"here": pack})
    assert not problems
    return Evaluator(lower([pack], shipped().vocabulary, {}))


def among(class_: Class, platform: Mapping[str, Any]) -> bool:
    for fact, values in class_.when.items():
        bounds = [(word, v.removeprefix(word)) for v in values for word in WORDS if v.startswith(word)]
        if not bounds and platform[fact] not in values:
            return False
        if not all(WORDS[word](read_money(platform[fact]), read_money(bound)) for word, bound in bounds):
            return False
    return True


@often
@given(
    st.sampled_from(READINGS),
    st.fixed_dictionaries(
        {
            "location": st.sampled_from(["ganyu", "ganyu_edz"]),
            "kind": st.just("technology_innovation_center"),
            "level": st.sampled_from(["none", "municipal", "provincial", "national"]),
            "performance": st.sampled_from(["excellent", "good", "unrated"]),
            "upstream_funding": near.map(yuan),
            "contract_turnover": near.map(yuan),
        }
    ),
)
def test_a_comparison_says_what_the_evaluator_says(readings: dict[str, str], platform: dict[str, str]) -> None:
    (found,) = [c for c in compared(tuple(readings.items())).classes if among(c, platform)]
    facts = typed(platform, shipped().vocabulary).facts
    sides = [ask(platform, DAY, with_, readings) for with_ in ([], ["ganyu-draft"])]
    for answer, side in zip(sides, (found.before, found.after), strict=True):
        spans = {"support": (answer["support"], side.support)}
        spans |= {payer: (span, side.payers[payer]) for payer, span in answer["payers"].items()}
        for span, formula in spans.values():
            said = reader_of(formula["en"]).amounts(facts).support
            assert abs((said.min or 0) - fen(span["min"])) <= 1, formula
            assert abs((said.max or 0) - fen(span["max"])) <= 1, formula
    old, new = (answer["support"] for answer in sides)
    assert fen(new["max"]) - fen(old["max"]) <= found.gain.amount
    assert fen(old["min"]) - fen(new["min"]) <= found.loss.amount
    changes = {"support": (old, new)}
    changes |= {payer: (sides[0]["payers"][payer], span) for payer, span in sides[1]["payers"].items()}
    for name, (before, after) in changes.items():
        differences = [fen(after[end]) - fen(before[end]) for end in ("min", "max")]
        match found.effect[name]:
            case "same":
                assert differences == [0, 0], name
            case "never_less":
                assert min(differences) >= 0, name
            case "never_more":
                assert max(differences) <= 0, name


def fen(amount: str) -> int:
    return read_money(amount)


def test_the_random_packs_say_everything() -> None:
    """The generator reaches every statement and the forms that matter, so that the properties are about them."""
    texts = [str(random_packs.packs(Random(seed))) for seed in range(400)]
    words = ["up to", "unspecified", "as if", "each capped at", "at least", "if ", "replaces", "net of", "limited to"]
    words += ["together capped at", "in order", "stacks with", "'higher of", "lower of", "kin", ".host", "city-plan/a"]
    words += ["matched", " + ", "% of", " / ", "when"]
    for a, b in combinations(words, 2):
        assert any(a in text and b in text for text in texts), (a, b)
