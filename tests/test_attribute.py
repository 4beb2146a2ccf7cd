"""Shapley values of clauses: figures worked by hand, and an oracle that tries every order of bringing them in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from itertools import combinations, permutations
from pathlib import Path
from random import Random
from typing import Any

import pytest
import random_packs
import yaml
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from policyeval.attribute import SUPPORT, Attribution, as_json, attribute, rounded, shapley
from policyeval.cases import Platform, typed
from policyeval.changes import Pair
from policyeval.evaluate import Evaluator, Span
from policyeval.library import Library, open_library
from policyeval.lower import lower
from policyeval.money import read_money
from policyeval.pack import Pack
from policyeval.problems import Refusal
from policyeval.record import replace
from policyeval.resolve import resolve
from policyeval.switches import by_section
from policyeval.tree import Op
from regimes import shipped
from small_packs import build, vocabulary
from test_properties import made

DAY = date(2023, 6, 30)
ROOT = Path(__file__).parents[1]
DRAFT = ROOT / "policies" / "ganyu-draft.yaml"
CASES = yaml.load((ROOT / "tests" / "cases" / "attribute" / "ganyu.yaml").read_bytes(), yaml.BaseLoader)
NATIONAL = {"location": "ganyu", "level": "national", "upstream_funding": "1200万元"}


def platforms(*facts: Mapping[str, str], library: Library | None = None) -> list[Platform]:
    return [typed(one, (library or shipped()).vocabulary) for one in facts]


def split(*facts: Mapping[str, str], **options: Any) -> Attribution:
    library = options.pop("library", shipped())
    pack, against = options.pop("pack", "ganyu-draft"), options.pop("against", None)
    readings = options.pop("readings", {})
    return attribute(library, pack, against, DAY, readings, platforms(*facts, library=library), **options)


def parts(found: Attribution) -> dict[str, dict[str, Span]]:
    """What each clause changes, by its first rule; those that change nothing are left out."""
    return {
        part.clause.rules[0].rule.id: {of: span for of, span in part.amounts.items() if span != (0, 0)}
        for part in found.parts
        if any(span != (0, 0) for span in part.amounts.values())
    }


def adds_up(found: Attribution) -> None:
    for of, change in found.change.items():
        for end in (0, 1):
            exact = [part.exact[of][end] for part in found.parts]
            in_fen = [part.amounts[of][end] for part in found.parts]
            if None in (*exact, change[end]):  # with some of the clauses there is no most
                assert {*exact, *in_fen} <= {None}
            else:
                assert sum(exact) == sum(in_fen) == change[end]
                assert all(abs(a - b) < 1 for a, b in zip(exact, in_fen, strict=True))


# By hand ----------------------------------------------------------------------


def span(written: Any) -> Span:
    low, high = (written["min"], written["max"]) if isinstance(written, dict) else (written, written)
    return Span(*(read_money(end.lstrip("-")) * (-1 if end.startswith("-") else 1) for end in (low, high)))


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_figure(case: dict[str, Any]) -> None:
    found = split(*case["platforms"], readings=case.get("readings", {}))
    assert parts(found) == {
        rule: {of: span(amount) for of, amount in amounts.items()} for rule, amounts in case["expect"].items()
    }
    adds_up(found)
    exact = {c["rules"][0]["rule"].partition("/")[2]: c["exact"]["support"]["max"] for c in as_json(found)["clauses"]}
    assert {rule: exact[rule] for rule in case.get("exactly", {})} == case.get("exactly", {})


def test_both_ends_are_those_of_eval() -> None:
    found = split(NATIONAL, {**NATIONAL, "performance": "excellent", "contract_turnover": "500万元"})
    assert found.before["support"] == (2000 * 10**6, 2000 * 10**6)
    assert found.after["support"] == (2000 * 10**6, 2050 * 10**6)
    assert found.change["host"] == (0, 50 * 10**6)


def test_a_promise_without_a_figure_is_named_and_has_no_part() -> None:
    found = split({**NATIONAL, "exceptional": "true"})
    (promise,) = [part for part in found.parts if part.unquantified]
    assert promise.unquantified == ("ganyu-draft/case_by_case",)
    assert set(promise.amounts.values()) == {Span(0, 0)}
    assert found.unquantified == (
        "lianyungang-2021/staged_funding", "lianyungang-2021/case_by_case", "ganyu-draft/case_by_case",
    )  # fmt: skip


# Which platforms count ----------------------------------------------------------


def test_a_platform_of_another_place_is_untouched_and_one_that_lacks_a_fact_is_left_out() -> None:
    county, unknown = {**NATIONAL, "location": "donghai"}, {"location": "ganyu", "level": "national"}
    found = split(NATIONAL, county, unknown, {"level": "national"})
    assert [(case.outcome, case.missing) for case in found.cases] == [
        ("counted", ()),
        ("untouched", ()),
        ("undetermined", ("upstream_funding",)),
        ("undetermined", ("location",)),
    ]
    assert (found.before, found.after, parts(found)) == (lambda f: (f.before, f.after, parts(f)))(split(NATIONAL))


def test_a_fact_that_matters_to_some_clauses_alone_leaves_the_platform_out(tmp_path: Path) -> None:
    """What is paid is known on both sides, but not with the subsidy and without the rule that replaces it."""
    words = DRAFT.read_text("utf-8").replace(
        "precedence:\n",
        "precedence:\n  - {rule: matching replaces performance_subsidy, cite: {section: 九, phrase: 甲}}\n",
    )
    (tmp_path / "mine.yaml").write_text(words, "utf-8")
    library = open_library([], [str(tmp_path / "mine.yaml")], use_cache=False).sound()
    found = split({**NATIONAL, "performance": "excellent"}, library=library, pack=str(tmp_path / "mine.yaml"))
    (case,) = found.cases
    assert not case.before.undetermined
    assert not case.after.undetermined
    assert (case.outcome, case.missing) == ("undetermined", ("contract_turnover",))


def test_no_platform_that_counts_is_no_change() -> None:
    found = split({**NATIONAL, "location": "donghai"})
    assert (found.before, found.change, parts(found)) == ({SUPPORT: (0, 0)}, {SUPPORT: (0, 0)}, {})


def test_nothing_in_force_before_is_nothing() -> None:
    found = attribute(shipped(), "ganyu-draft", None, date(2000, 1, 1), {}, platforms(NATIONAL))
    assert parts(found) == {"national_match": {"support": Span(10**9, 10**9), "host": Span(10**9, 10**9)}}


# Against another pack -------------------------------------------------------------


def changed(tmp_path: Path, *edits: tuple[str, str]) -> tuple[Library, str]:
    words = DRAFT.read_text("utf-8")
    for old, new in edits:
        assert words.count(old) == 1, old
        words = words.replace(old, new)
    file = tmp_path / "mine.yaml"
    file.write_text(words, "utf-8")
    return open_library([], [str(file)], use_cache=False).sound(), str(file)


EXCELLENT = {**NATIONAL, "upstream_funding": "600万元", "performance": "excellent", "contract_turnover": "3000万元"}


def test_two_versions_are_split_over_what_changed(tmp_path: Path) -> None:
    library, mine = changed(
        tmp_path,
        ("matched 1:1 by host capped at 1000万元", "matched 1:0.8 by host capped at 1000万元"),
        ("contract_turnover capped at 100万元", "contract_turnover capped at 250万元"),
        ("filing:\n    ask", "filing: # reworded\n    ask"),
    )
    found = split(EXCELLENT, library=library, pack=mine, against="ganyu-draft")
    assert [[(pair.id, pair.how) for pair in part.clause.rules] for part in found.parts] == [
        [("ganyu-draft/national_match", "changed")],
        [("ganyu-draft/performance_subsidy", "changed")],
    ]
    loss, gain = Span(-120 * 10**6, -120 * 10**6), Span(0, 150 * 10**6)
    assert parts(found) == {
        "national_match": {"support": loss, "host": loss},
        "performance_subsidy": {"support": gain, "host": gain},
    }
    adds_up(found)


def test_rules_added_removed_and_moved(tmp_path: Path) -> None:
    """Without the clause on duplicate rewards all is paid twice; a bonus is new; a condition is narrower."""
    text = DRAFT.read_text("utf-8")
    start, end = text.index("  - rule: matching net of"), text.index("  - rule: higher of matching, performance")
    bonus = "  bonus:\n    label: {zh: 奖, en: bonus}\n    cite: {section: 九, phrase: 奖}\n    amount: 7万元 by host\n"
    library, mine = changed(
        tmp_path,
        (text[start:end], ""),
        ("\nentitlements:\n", f"{bonus}\nentitlements:\n"),
        (
            "when: level at least municipal and performance is excellent",
            "when: level is none and performance is excellent",
        ),
    )
    found = split(EXCELLENT, library=library, pack=mine, against="ganyu-draft")
    wan = 10**6
    assert parts(found) == {
        "performance_subsidy": {"support": Span(0, -100 * wan), "host": Span(0, -100 * wan)},
        "bonus": {"support": Span(7 * wan, 7 * wan), "host": Span(7 * wan, 7 * wan)},
        # in force 300 + 300, and 600 less 300: with the clause 600, without it 1200
        "precedence[2]": {"support": Span(600 * wan, 600 * wan), "host": Span(600 * wan, 600 * wan)},
    }
    adds_up(found)


def test_one_pack_in_place_of_another() -> None:
    """The city plan goes and the draft comes: what the draft says of it sleeps as its clauses go."""
    found = split(NATIONAL, against="lianyungang-2021")
    adds_up(found)
    # Of 500 + 500 the draft makes 0 + 1000. Worth, in 万元, of the sets of M (comes), N (comes) and C (goes):
    # none 1000, M 2000, N 1000, C 0, MN 1000, MC 1000, NC 0, MNC 1000.
    # M: (2*1000 + 0 + 1000 + 2*1000) / 6, N: (0 - 1000 + 0 + 0) / 6, C: (2*-1000 - 1000 - 1000 + 0) / 6.
    exact = {key: part.exact["support"][0] for part in found.parts if (key := part.clause.rules[0].id)}
    assert exact["ganyu-draft/national_match"] == Fraction(5000 * 10**6, 6)
    assert exact["ganyu-draft/precedence[2]"] == Fraction(-1000 * 10**6, 6)
    assert exact["lianyungang-2021/national_match"] == Fraction(-4000 * 10**6, 6)
    assert [pair.how for pair in found.parts[-1].clause.rules] == ["removed"]


def test_a_change_that_is_of_no_clause_is_refused(tmp_path: Path) -> None:
    """The other default for the clause on duplicate rewards."""
    text = DRAFT.read_text("utf-8")
    first, last = text.index("      net_of_city:\n"), text.index("      higher_regime:\n")
    other = text.index("      city_alone:\n")
    end = text.index("    default: net_of_city")
    options = text[other:end] + text[first:last] + text[last:other]
    library, mine = changed(tmp_path, (text[first:end], options), ("default: net_of_city", "default: city_alone"))
    with pytest.raises(Refusal) as refused:
        split(NATIONAL, library=library, pack=mine, against="ganyu-draft")
    assert [problem.code for problem in refused.value.problems] == ["X304"]
    settled = split(
        NATIONAL, library=library, pack=mine, against="ganyu-draft", readings={"no_duplication": "city_alone"}
    )
    assert settled.parts == ()


def test_the_same_pack_changes_nothing() -> None:
    found = split(NATIONAL, against="ganyu-draft")
    assert (found.parts, found.change["support"]) == ((), (0, 0))


# Grouping and the limit -------------------------------------------------------------


def test_clauses_of_one_section_as_one() -> None:
    found = split({**EXCELLENT}, by=by_section)
    assert [(part.clause.section, part.clause.phrase) for part in found.parts] == [("六", None)]
    assert parts(found)["national_match"] == {"support": Span(0, 10**8), "host": Span(0, 10**8)}


def test_some_told_apart() -> None:
    """Beside the subsidy, which meets no other clause here, all others are one clause that changes nothing."""
    found = split(EXCELLENT, apart=["performance_subsidy"])
    assert [part.clause.rest for part in found.parts] == [False, True]
    assert parts(found) == {"performance_subsidy": {"support": Span(0, 10**8), "host": Span(0, 10**8)}}
    again = split(EXCELLENT, apart=["ganyu-draft/precedence[3]", "precedence[4]"])
    assert len(again.parts) == 2


def test_a_rule_that_does_not_change_cannot_be_told_apart() -> None:
    with pytest.raises(Refusal) as refused:
        split(NATIONAL, apart=["national_mach", "precedence[99]"])
    assert [problem.code for problem in refused.value.problems] == ["C121", "C121"]
    assert "`national_match`?" in refused.value.problems[0].help()


def test_too_many_clauses_are_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("policyeval.attribute.LIMIT", 2)
    assert split({**NATIONAL, "level": "municipal"}).parts  # of no account where they do not bear on the platform
    with pytest.raises(Refusal) as refused:
        split(NATIONAL)
    (problem,) = refused.value.problems
    assert problem.code == "X303"
    assert "`ganyu-draft/precedence[2]`" in problem.message()
    assert split(NATIONAL, by=by_section).parts


# Every order ------------------------------------------------------------------------


def rules(pack: Pack) -> list[str]:
    return [*pack.awards, *(f"precedence[{i}]" for i in range(1, len(pack.precedence) + 1))]


def with_only(pack: Pack, kept: Sequence[str]) -> Pack:
    """The pack without its other statements, and with its other awards for nobody, since statements may name them."""
    nobody = Op("or", ())
    return replace(
        pack,
        awards={id_: a if id_ in kept else replace(a, when=nobody) for id_, a in pack.awards.items()},
        precedence=tuple(s for i, s in enumerate(pack.precedence, 1) if f"precedence[{i}]" in kept),
    )


def by_rule(pair: Pair) -> str:
    return pair.id


def library_of(packs: Sequence[Pack]) -> Library:
    city, here = packs
    enacted = replace(city, status="enacted", effective_from=date(2020, 1, 1), sha256=city.id)
    return Library(vocabulary(), (enacted, replace(here, sha256=here.id)))


def random_platform(rnd: Random) -> Platform:
    facts = random_packs.platform(rnd)
    place = list(vocabulary().places)[facts["location"]]
    return Platform(facts=facts, written={"location": place})


Ends = dict[tuple[str, int], Fraction | None]


def in_every_order(pack: Pack, city: Pack, platform: Platform) -> Iterator[tuple[str, Ends]]:
    """Each rule's part: the mean, over all orders, of what it changes when it comes; None where a worth is unknown."""
    names = rules(pack)
    worth: dict[frozenset[str], dict[tuple[str, int], int | None]] = {}
    for size in range(len(names) + 1):
        for kept in combinations(names, size):
            plan = lower([city, with_only(pack, kept)], vocabulary(), {}, DAY)
            amounts = Evaluator(plan).amounts(platform.facts)
            named = {SUPPORT: amounts.support, **amounts.payers}
            worth[frozenset(kept)] = {(who, end): span[end] for who, span in named.items() for end in (0, 1)}
    orders = list(permutations(names))
    for name in names:
        found: Ends = {}
        for key in worth[frozenset()]:
            values = {kept: ends[key] for kept, ends in worth.items()}
            before = [frozenset(order[: order.index(name)]) for order in orders]
            changes = [(values[kept | {name}], values[kept]) for kept in before]
            unknown = None in values.values()
            found[key] = None if unknown else Fraction(sum((a or 0) - (b or 0) for a, b in changes), len(orders))
        yield name, found


@pytest.mark.parametrize("part", range(4))
@settings(max_examples=8, deadline=None, derandomize=True)
@given(seed=st.integers(0, 2**32))
def test_every_order(part: int, seed: int) -> None:
    packs, _, rnd = made(4 * seed + part, choices=0.3)
    assume(len(rules(packs[1])) <= 4)
    library = library_of(packs)
    city, here = library.packs
    platform = random_platform(rnd)
    try:
        found = attribute(library, "here", None, DAY, {}, [platform], by=by_rule)
        adds_up(found)
        told = {part.clause.rules[0].id: part for part in found.parts}
        assert told.keys() >= {f"here/{name}" for name in rules(here)}
        for name, expected in in_every_order(here, city, platform) if found.cases[0].outcome == "counted" else ():
            exact = told[f"here/{name}"].exact
            assert {key: exact.get(key[0], (0, 0))[key[1]] for key in expected} == expected
    except Refusal as refusal:
        assume(not {"R401", "X301"} & {problem.code for problem in refusal.problems})
        raise


# Statements of other packs ------------------------------------------------------------


def two_packs(city: Mapping[str, Any], here: Mapping[str, Any]) -> Library:
    built = {"city-plan": build("city-plan", city), "here": build("here", {"jurisdiction": "district_d", **here})}
    return library_of([resolve(pack, vocabulary(), built)[0] for pack in built.values()])


FUNDED = Platform(facts={"location": 3, "host_tier": 1, "funding": 10}, written={"location": "district_d"})
ABOUT_HERE = [
    # 10 + 4 in force, and with b the 10 alone; c has nothing to do with it, and wakes nothing
    ("higher of a, e, here/b", {"b": {"support": -4, "city": -4}, "c": {"support": 5, "host": 5}}),
    # in fen: 14 in force, with b 6 + 3, with c 6 + 5, with both 6 + 3 + 5
    (
        "a limited to 0.02元 when here/scope is together",
        {"b": {"support": -1, "city": -4, "host": 3}, "c": {"support": 1, "city": -4, "host": 5}},
    ),
]


@pytest.mark.parametrize(("rule", "expected"), ABOUT_HERE)
def test_a_statement_of_another_pack_wakes_with_what_it_speaks_of(rule: str, expected: Mapping[str, Any]) -> None:
    library = two_packs(
        {
            "awards": {"a": {"amount": "funding by city"}, "e": {"amount": "0.04元 by city"}},
            "precedence": [rule],
            "uses": {"here": "^1"},
        },
        {
            "awards": {"b": {"amount": "0.03元 by host"}, "c": {"amount": "0.05元 by host"}},
            "readings": {"scope": ["together", "each"]},
        },
    )
    found = attribute(library, "here", None, DAY, {}, [FUNDED], by=by_rule)
    exact = {name: {of: Span(fen, fen) for of, fen in amounts.items()} for name, amounts in expected.items()}
    assert parts(found) == exact


# The value itself -----------------------------------------------------------------------

worths = st.integers(0, 5).flatmap(
    lambda n: st.tuples(st.just(n), st.lists(st.integers(-(10**9), 10**9), min_size=1 << n, max_size=1 << n))
)


@given(worths)
def test_parts_add_up(game: tuple[int, list[int]]) -> None:
    players, worth = game
    assert sum(shapley(worth, players)) == worth[-1] - worth[0]


@given(worths, st.randoms(use_true_random=False))
def test_parts_follow_their_players(game: tuple[int, list[int]], rnd: Random) -> None:
    """Whatever the order in which players are numbered."""
    players, worth = game
    order = rnd.sample(range(players), players)
    turned = [worth[sum(1 << order[i] for i in range(players) if mask >> i & 1)] for mask in range(1 << players)]
    parts = shapley(worth, players)
    assert shapley(turned, players) == [parts[i] for i in order]


@given(worths)
def test_who_changes_nothing_has_no_part_and_takes_none(game: tuple[int, list[int]]) -> None:
    players, worth = game
    assert shapley(worth + worth, players + 1) == [*shapley(worth, players), 0]


@given(worths)
def test_equals_have_equal_parts(game: tuple[int, list[int]]) -> None:
    """Two more players, of whom the first to come changes what one more player would, and the second nothing."""
    players, worth = game
    other = [2 * w + 7 for w in worth]
    parts = shapley([*worth, *other, *other, *other], players + 2)
    assert parts[-1] == parts[-2]


@given(st.lists(st.fractions(max_denominator=720), min_size=1))
@example([Fraction(1, 3), Fraction(1, 3), Fraction(1, 3)])
def test_rounding_adds_up(some: list[Fraction]) -> None:
    exact = [*some, -sum(some) % 1]
    found = rounded(exact)
    assert sum(found) == sum(exact)
    assert all(abs(a - b) < 1 for a, b in zip(exact, found, strict=True))


def test_the_fen_that_is_left_goes_to_the_largest_remainder_and_of_equal_ones_to_the_first() -> None:
    assert rounded([Fraction(n, 3) for n in (1, 2, 1, 5, 0)]) == [0, 1, 0, 2, 0]
    assert rounded([Fraction(n, 3) for n in (1, 1, 0, -2)]) == [1, 0, 0, -1]
