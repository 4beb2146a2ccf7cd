"""Who must do what: the steps that a platform goes through, and who is in charge of what across documents.

In: packs, and a platform where steps are asked for. Out: steps in order with their bodies, and every task with the body
that has it. Promise: a step whose condition turns on a fact that is missing is kept, and names it; nothing is dropped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from types import MappingProxyType

from policyeval.cases import Platform
from policyeval.evaluate import Evaluator
from policyeval.pack import Authority, Pack
from policyeval.provisions import Cite, Duty, Procedure, Step
from policyeval.record import Record, replace
from policyeval.regime import planned
from policyeval.tree import Node
from policyeval.vocabulary import Label, Vocabulary

_NOTHING = Label("", "")
_CLAUSE = Cite("", "")


class Taken(Record):
    """A step that the platform takes, with the bodies that act for it.

    `missing`: the facts that decide whether it is taken, where that is open.
    """

    step: Step
    bodies: tuple[str, ...]
    missing: tuple[str, ...] = ()


class Course(Record):
    """A procedure of a pack, with the steps that the platform takes, in the order of the document."""

    pack: Pack
    procedure: Procedure
    steps: tuple[Taken, ...]


class Task(Record):
    """Something that bodies have to do. `for_`: the platforms that it is about, where not all."""

    pack: Pack
    bodies: tuple[Label, ...]
    does: Label
    cite: Cite
    part: str
    role: str = "responsible"
    every: str | None = None
    for_: Node | None = None


def courses(
    packs: Sequence[Pack],
    vocabulary: Vocabulary,
    platform: Platform,
    as_of: date,
    readings: Mapping[str, str] = MappingProxyType({}),
) -> list[Course]:
    """The procedures of these packs (higher governments first) with the steps that the platform takes.

    `readings`: those chosen, by `pack/id`; each other is read by its default.
    """
    steps = [
        (pack, procedure, step)
        for pack in packs
        for procedure in pack.provisions.procedures.values()
        for step in procedure.steps
    ]
    settled = applying([(pack, step.when) for pack, _, step in steps], packs, vocabulary, platform, as_of, readings)
    found = []
    for pack in packs:
        for procedure in pack.provisions.procedures.values():
            mine = zip(steps, settled, strict=True)
            taken = [
                Taken(step, _acting(step.bodies, platform, vocabulary), missing)
                for (of, within, step), (holds, missing) in mine
                if of is pack and within is procedure and holds is not False
            ]
            found.append(Course(pack, procedure, tuple(taken)))
    return found


def _acting(bodies: tuple[str, ...], platform: Platform, vocabulary: Vocabulary) -> tuple[str, ...]:
    """Of the bodies that a step names, those of the platform's place or above it; all, where none is."""
    place = platform.written.get(vocabulary.seat)
    above = {up.name for up in vocabulary.upward(place)} if place else set()
    return tuple(body for body in bodies if vocabulary.bodies[body].place in above) or bodies


def applying(
    conditions: Sequence[tuple[Pack, Node | None]],
    packs: Sequence[Pack],
    vocabulary: Vocabulary,
    platform: Platform,
    as_of: date,
    readings: Mapping[str, str],
) -> list[tuple[bool | None, tuple[str, ...]]]:
    """Whether each condition holds where its pack applies; None where it turns on the facts that follow.

    Conditions are lowered and evaluated like any department's `when`, in packs that hold them and the awards alone.
    """
    bare = {pack.id: _bare(pack, [when for of, when in conditions if of is pack]) for pack in packs}
    plan = planned(list(bare.values()), vocabulary, readings, as_of)
    evaluator = Evaluator(plan)
    trace = evaluator.trace(platform.facts)
    found: dict[str, list[tuple[bool | None, tuple[str, ...]]]] = {id: [] for id in bare}
    for entry in plan.authority:
        holds = trace.holds(entry.applies)
        missing = () if holds is not None else tuple(evaluator.blame(platform.facts, entry.applies))
        found[entry.id.partition("/")[0]].append((holds, missing))
    return [found[pack.id].pop(0) for pack, _ in conditions]


def _bare(pack: Pack, conditions: Iterable[Node | None]) -> Pack:
    authority = tuple(Authority(_NOTHING, _NOTHING, _CLAUSE, when) for when in conditions)
    return replace(pack, budgets={}, entitlements={}, precedence=(), guarantees=(), authority=authority)


# Across documents ------------------------------------------------------------


def tasks(packs: Iterable[Pack], vocabulary: Vocabulary) -> Iterator[Task]:
    """Whatever some body has to do by these packs: in charge of platforms, duties, targets, steps."""
    for pack in packs:
        for i, item in enumerate(pack.authority):
            yield Task(pack, (item.body,), item.does, item.cite, f"authority[{i + 1}]", for_=item.when)
        for duty in pack.provisions.duties.values():
            yield _duty(pack, duty, vocabulary)
        for target in pack.provisions.targets.values():
            if target.bodies:
                bodies = named(target.bodies, vocabulary)
                yield Task(pack, bodies, target.label, target.cite, f"targets.{target.id}", for_=target.when)
            for table in target.quotas.values():
                for i, row in enumerate(table.rows):
                    if row.bodies:
                        part = f"targets.{target.id}.quotas.{table.id}.rows[{i + 1}]"
                        yield Task(pack, named(row.bodies, vocabulary), target.label, row.cite, part, for_=row.when)
        for procedure in pack.provisions.procedures.values():
            for i, step in enumerate(procedure.steps):
                if step.bodies:
                    part = f"procedures.{procedure.id}.steps[{i + 1}]"
                    yield Task(pack, named(step.bodies, vocabulary), step.does, step.cite, part, for_=step.when)


def _duty(pack: Pack, duty: Duty, vocabulary: Vocabulary) -> Task:
    bodies = named(duty.bodies, vocabulary)
    return Task(pack, bodies, duty.does, duty.cite, f"duties.{duty.id}", duty.role, duty.every, duty.when)


def named(bodies: Iterable[str], vocabulary: Vocabulary) -> tuple[Label, ...]:
    return tuple(vocabulary.bodies[body].label for body in bodies)
