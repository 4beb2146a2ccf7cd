"""What `lint` says, held against every choice on many platforms.

In: random small packs. Out: complaints, none where lint is right. Amounts are a few fen, so that platforms near every
bound are met by chance, and all choices can be tried.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from itertools import product
from random import Random
from typing import Any

from policyeval.check import check
from policyeval.library import Library
from policyeval.lint import Linted, lint
from policyeval.lint.numbers import _CALCULATED
from policyeval.lower import lower
from policyeval.pack import Pack
from policyeval.plan import Plan
from policyeval.problems import Problem, errors
from policyeval.record import replace
from policyeval.vocabulary import Vocabulary
from random_packs import MONEY, packs, platform
from small_packs import resolved, vocabulary

DAY = date(2026, 1, 1)


@cache
def words() -> Vocabulary:
    """The vocabulary of the small packs, in which no rise of an amount may lower the support."""
    facts = {name: replace(f, support_never_falls=f.kind == "money") for name, f in vocabulary().declared.items()}
    return replace(vocabulary(), declared=facts)


class Look:
    """One pack as linted, and its plan."""

    def __init__(self, pack: Pack, city: Pack) -> None:
        library = Library(words(), (city, pack))
        self.pack = pack
        self.found: Linted = lint(library, pack, DAY, notes=True)
        self.plan: Plan = lower(library.ordered([city, pack]), vocabulary(), {})

    def said(self, code: str, **words: Any) -> list[Problem]:
        """The findings of a code whose words are these."""
        named = [p for p in self.found.problems if p.code == code]
        return [p for p in named if all(_words(p.words[k]) == v for k, v in words.items())]

    def undecided(self, code: str) -> bool:
        return any(p.code == "W521" and p.words["code"] == code for p in self.found.problems)

    def runs(self, facts: Mapping[str, Any]) -> Iterator[list[Any]]:
        """The value of every node of the plan, once for each way in which the authority may choose."""
        choices = [i for i, node in enumerate(self.plan.nodes) if node.kind == "Choice"]
        for picks in product(range(14), repeat=len(choices)):
            values: list[Any] = []
            chosen = dict(zip(choices, picks, strict=True))
            for i, (kind, args, data) in enumerate(self.plan.nodes):
                given = [values[a] for a in args]
                if i in chosen and chosen[i] > max(0, given[0]):
                    break
                values.append(chosen[i] if i in chosen else _CALCULATED[kind](data, given, facts, True))
            else:
                yield values


def _words(value: Any) -> Any:
    return value["en"] if isinstance(value, Mapping) else value


def looked(seed: int) -> Look | None:
    """A random pack, or None for one that is wrong."""
    case = packs(Random(seed), figureless=0.0, choices=0.2)
    found, around, problems = resolved({**case["here"], "packs": {"city-plan": case["city-plan"]}})
    if errors([*problems, *check(found, vocabulary(), around)]):
        return None
    return Look(found, around["city-plan"])


def complaints(look: Look, platforms: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    place = {vocabulary().place_index[p] for p in vocabulary().below(look.pack.jurisdiction)}
    for facts in platforms:
        if facts["location"] in place:
            runs = list(look.runs(facts))
            yield from _alarms(look, runs)
            yield from _dead(look, runs)
            yield from _falls(look, facts, runs)


def _alarms(look: Look, runs: Sequence[list[Any]]) -> Iterator[str]:
    for alarm in look.plan.alarms:
        if not any(values[alarm.node] for values in runs):
            continue
        if alarm.code == "tie" and alarm.ids[0].startswith("here/"):
            if not look.said("W502", rule=alarm.ids[0].removeprefix("here/")) and not look.undecided("W502"):
                yield f"no tie is reported: {alarm.ids}"
        elif alarm.code == "undeclared_overlap":
            mine = [id_.removeprefix("here/") for id_ in alarm.ids[:2] if id_.startswith("here/")]
            named = any(look.said("W501", award=award) for award in mine)
            if mine and not named and not look.undecided("W501"):
                yield f"no overlap is reported: {alarm.ids}"


def _dead(look: Look, runs: Sequence[list[Any]]) -> Iterator[str]:
    plan = look.plan
    dead = {p.at.span for p in look.said("W503") + look.said("W504") if p.at}
    for award in plan.awards:
        for step in award.steps:
            for values in runs:
                if not (values[award.applies] and values[step.guard]) or not award.id.startswith("here/"):
                    continue
                bound = step.op in ("cap", "cap_each", "at_least") and step.tree.args[1].span in dead
                if bound and values[step.node] * step.operand_den != values[step.operand] * step.den:
                    yield f"a bound that takes effect is called dead: {step.tree}"
                if step.op == "if":
                    taken = _branch(look.pack, step.tree, 1 if values[step.node] else 2)
                    if taken is not None and taken.span in dead:
                        yield f"a branch that is taken is called dead: {taken}"
    for statement in plan.statements:
        rule = statement.id.removeprefix("here/")
        if look.said("W505", rule=rule):
            changed = any(v[e.before] != v[e.after] for v in runs for e in statement.effects)
            if changed:
                yield f"a statement that changes something is called dead: {statement.tree}"


def _branch(pack: Pack, condition: Any, way: int) -> Any:
    from policyeval.tree import Op, walk

    for award in pack.awards.values():
        for node in walk(award.amount):
            if isinstance(node, Op) and node.op == "if" and node.args[0] is condition:
                return node.args[way]
    return None


def _falls(look: Look, facts: Mapping[str, Any], runs: Sequence[list[Any]]) -> Iterator[str]:
    own = [share.after for award in look.plan.awards if award.id.startswith("here/") for share in award.shares]
    for fact in MONEY:
        more = list(look.runs({**facts, fact: facts[fact] + 1}))
        both = [[(v[look.plan.support], sum(v[n] for n in own)) for v in some] for some in (runs, more)]
        falls = [
            min(pair[i] for pair in both[1]) < min(pair[i] for pair in both[0])
            or max(pair[i] for pair in both[1]) < max(pair[i] for pair in both[0])
            for i in (0, 1)
        ]
        # a fall of the higher government's awards alone is theirs
        if all(falls) and not look.said("W506", fact=fact) and not look.undecided("W506"):
            yield f"no cliff is reported over {fact}: {facts}"


def tried(seed: int, platforms: int) -> list[str]:
    look = looked(seed)
    if look is None:
        return []
    rnd = Random(seed)
    return list(dict.fromkeys(complaints(look, [platform(rnd) for _ in range(platforms)])))
