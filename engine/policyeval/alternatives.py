"""Every reading's outcome for one platform, side by side.

In: a platform, and the regimes that apply to it. Out: Alternatives: the outcomes that the open clauses leave, each with
the readings that lead to it, and the readings that make no difference to this platform. Promise: exact for the
platform, since every combination of the readings is tried; LIMIT combinations at most, else a refusal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import product
from math import prod
from typing import Any

from policyeval.answer import Answer, money_json, packs_json
from policyeval.cases import Platform
from policyeval.evaluate import Evaluator, Span, emit
from policyeval.library import Library
from policyeval.lower import lower
from policyeval.pack import Pack, Reading
from policyeval.plan import Builder, copy_nodes
from policyeval.problems import Problem, Refusal
from policyeval.record import Record
from policyeval.regime import Regimes, bearing

LIMIT = 4096  # combinations of readings

Combination = tuple[str, ...]  # an option of each reading, in their order
Box = tuple[frozenset[str], ...]  # some options of each


class Outcome(Record):
    """One outcome, and where it comes about: for each way to it the options of the readings that matter."""

    answer: Answer
    ways: tuple[dict[str, tuple[str, ...]], ...]
    default: bool  # the readings that are assumed lead here


class Alternatives(Record):
    """What one platform gets under every reading, the assumed ones first. `idle` readings change nothing here."""

    platform: Platform
    as_of: date
    packs: tuple[Pack, ...]
    readings: dict[str, Reading]  # those that are open, by their full id
    combinations: int
    matter: tuple[str, ...]
    idle: tuple[str, ...]
    outcomes: tuple[Outcome, ...]
    notes: tuple[Problem, ...]


def alternatives(regimes: Regimes, platform: Platform) -> Alternatives:
    """The outcomes of a platform; readings that are chosen stay so. Raises Refusal."""
    fixed = regimes.chosen
    first = regimes.answer(platform)
    open_ = {id_: reading for id_, reading in bearing(first.packs).items() if id_ not in fixed}
    count = prod(len(reading.options) for reading in open_.values())
    if count > LIMIT:
        raise Refusal(Problem("T109", {"count": count, "limit": LIMIT}))

    def answer(combination: Combination) -> Answer:
        chosen = {**fixed, **dict(zip(open_, combination, strict=True))}
        return regimes.under(chosen).answer(platform)

    combinations = list(product(*(tuple(reading.options) for reading in open_.values())))
    try:
        found = dict(zip(combinations, _outcomes(first, regimes.library, open_, combinations), strict=True))
    except Refusal:  # the choices are too many to work out with the readings left open, so each plan stands alone
        found = {c: _outcome(answer(c)) for c in combinations}
    matter = [matters(i, reading, found) for i, reading in enumerate(open_.values())]
    default = tuple(reading.default for reading in open_.values())
    groups: dict[Any, list[Combination]] = {found[default]: []} if combinations else {}
    for combination in combinations:
        groups.setdefault(found[combination], []).append(combination)
    return Alternatives(
        platform=platform,
        as_of=regimes.as_of,
        packs=first.packs,
        readings=open_,
        combinations=count,
        matter=tuple(id_ for id_, yes in zip(open_, matter, strict=True) if yes),
        idle=tuple(id_ for id_, yes in zip(open_, matter, strict=True) if not yes),
        outcomes=tuple(
            Outcome(
                first if default in group else answer(group[0]), tuple(ways(group, open_, matter)), default in group
            )
            for group in groups.values()
        ),
        notes=first.notes,
    )


def _outcome(answer: Answer) -> Any:
    """What makes two answers the same here: the support, who pays, and what has no figure or cannot be settled."""
    return (
        answer.support,
        tuple(answer.payers.items()),
        answer.undetermined,
        tuple(answer.unquantified_awards),
    )


def _outcomes(
    first: Answer, library: Library, open_: Mapping[str, Reading], combinations: Iterable[Combination]
) -> Iterator[Any]:
    """The same for every combination, from one plan with the readings left open."""
    if not first.packs:
        return iter([_outcome(first)])
    fixed = {id_: option for id_, option in first.readings.items() if id_ not in open_}
    plan = lower(first.packs, library.vocabulary, fixed, first.as_of)
    builder = Builder()
    numbers = copy_nodes(plan.nodes, builder)
    promised = {a.id: builder.and_(numbers[a.applies], numbers[a.unquantified]) for a in plan.awards if a.own}
    evaluator = Evaluator(plan)
    names = {node.data for node in builder.nodes if node.kind == "Fact"}
    facts: dict[str, int | bool | None] = dict(first.platform.facts)
    unnamed = frozenset(name for name in names if name not in facts and name not in open_)
    run = emit(builder.nodes, list(promised.values()), unnamed)

    def outcome(combination: Combination) -> Any:
        chosen = {id_: list(r.options).index(o) for (id_, r), o in zip(open_.items(), combination, strict=True)}
        amounts = evaluator.amounts({**facts, **chosen})
        without = tuple(id_ for id_, held in zip(promised, run({**facts, **chosen}), strict=True) if held is True)
        return (amounts.support, tuple(amounts.payers.items()), amounts.undetermined, without)

    return map(outcome, combinations)


def matters(i: int, reading: Reading, found: Mapping[Combination, Any]) -> bool:
    """Whether another option of the reading alone changes any outcome."""
    first = next(iter(reading.options))
    return any(outcome != found[(*c[:i], first, *c[i + 1 :])] for c, outcome in found.items())


def ways(
    group: Sequence[Combination], open_: Mapping[str, Reading], matter: Sequence[bool]
) -> Iterator[dict[str, tuple[str, ...]]]:
    """The combinations as few products of sets of options, of the readings that matter, and of all options of none."""
    kept = [(i, id_, open_[id_]) for i, (id_, yes) in enumerate(zip(open_, matter, strict=True)) if yes]
    boxes: dict[Box, None] = dict.fromkeys(tuple(frozenset([c[i]]) for i, _, _ in kept) for c in group)
    for axis in range(len(kept) - 1, -1, -1):
        joined: dict[Box, set[str]] = {}
        for box in boxes:
            joined.setdefault((*box[:axis], *box[axis + 1 :]), set()).update(box[axis])
        boxes = {(*rest[:axis], frozenset(options), *rest[axis:]): None for rest, options in joined.items()}
    for box in boxes:
        yield {
            id_: tuple(o for o in reading.options if o in options)
            for (_, id_, reading), options in zip(kept, box, strict=True)
            if len(options) < len(reading.options)
        }


# JSON


def as_json(found: Alternatives, lang: str = "en") -> dict[str, Any]:
    return {
        "platform": dict(found.platform.written),
        "assumed": list(found.platform.assumed),
        "as_of": found.as_of.isoformat(),
        "packs": packs_json(found.packs),
        "combinations": found.combinations,
        "chosen": {id_: o for id_, o in found.outcomes[0].answer.readings.items() if id_ not in found.readings},
        "readings": {
            id_: {
                "ask": reading.ask[lang],
                "options": list(reading.options),
                "default": reading.default,
                "matters": id_ in found.matter,
            }
            for id_, reading in found.readings.items()
        },
        "outcomes": [_outcome_json(outcome) for outcome in found.outcomes],
    }


def _outcome_json(outcome: Outcome) -> dict[str, Any]:
    answer = outcome.answer
    payers: Mapping[str, Span] = answer.payers
    return {
        "default": outcome.default,
        "ways": [{id_: list(options) for id_, options in way.items()} for way in outcome.ways],
        "support": {
            **money_json(answer.support),
            "unquantified": answer.unquantified,
            "unquantified_awards": answer.unquantified_awards,
            "undetermined": answer.undetermined,
        },
        "payers": {payer: money_json(span) for payer, span in payers.items()},
        "missing": list(answer.missing),
    }
