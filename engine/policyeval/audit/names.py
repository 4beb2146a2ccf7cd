"""Names: a word under two labels, a body under its old and its new name, who is named for a subject and who is not.

Documents are held against those of the same place and of the places above it, and against themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import pairwise
from typing import Any

from policyeval.audit.findings import Finding, Spot, both, listed, spot
from policyeval.audit.promises import World
from policyeval.pack import Pack
from policyeval.provisions import Definition, Duty

_ALONE = 2  # the fewest labels that differ


def words(world: World) -> Iterator[Finding]:
    """Words of the vocabulary that are defined under two labels, or under one."""
    defined: dict[str, dict[str, list[tuple[Pack, Definition]]]] = {}
    for pack in world.packs:
        for item in pack.provisions.definitions.values():
            if item.of is not None:
                defined.setdefault(item.of, {}).setdefault(pack.jurisdiction, []).append((pack, item))
    for by_place in defined.values():
        for place, here in by_place.items():
            above = [up.name for up in world.vocabulary.upward(place) if up.name != place]
            around = [pair for name in reversed(above) for pair in by_place.get(name, ())]
            yield from _labels(around, here)


def _labels(around: list[tuple[Pack, Definition]], here: list[tuple[Pack, Definition]]) -> Iterator[Finding]:
    """The labels that a place adds to those of the places above it."""
    first: dict[str, tuple[Pack, Definition]] = {}
    for pair in (*around, *here):
        first.setdefault(pair[1].label.zh, pair)
    known = {item.label.zh for _, item in around}
    added = {item.label.zh for _, item in here} - known
    spots = tuple(_definition(*pair) for pair in first.values())
    if len(first) >= _ALONE and added:
        labels = [item.label for _, item in first.values()]
        words = {lang: " / ".join(label[lang] for label in labels) for lang in ("en", "zh")}
        yield Finding("A613", {"labels": words}, spots)
    elif len(first) < _ALONE and len(around) + len(here) >= _ALONE:
        packs = {pack.ref: (pack, item) for pack, item in (*around, *here)}
        if len(packs) >= _ALONE:
            *first_ones, last = (pack.id for pack, _ in packs.values())
            said: dict[str, Any] = {"what": both(here[0][1].label), "upper": ", ".join(first_ones), "lower": last}
            yield Finding("A649", said, tuple(_definition(*pair) for pair in packs.values()))


def _definition(pack: Pack, item: Definition) -> Spot:
    return spot(pack, f"definitions.{item.id}", item)


def renamed(world: World) -> Iterator[Finding]:
    """A body and the one that took over its work, each named by another document, for one topic where there is one."""
    named = _mentions(world)
    for body in world.vocabulary.bodies.values():
        if body.succeeds is None or body.name not in named or body.succeeds not in named:
            continue
        new, old = named[body.name], named[body.succeeds]
        shared = next((topic for topic in old if topic in new and topic is not None), None)
        if shared is None:
            before, after = next(iter(old.values())), next(iter(new.values()))
        else:
            before, after = old[shared], new[shared]
        words = {
            "old": both(world.vocabulary.bodies[body.succeeds].label),
            "new": both(body.label),
            "topic": {"en": f" (both for `{shared}`)", "zh": f"（同为`{shared}`）"} if shared else "",
        }
        yield Finding("A615", words, (before, after), body.note)


def _mentions(world: World) -> dict[str, dict[str | None, Spot]]:
    """For each body, the first clause that names it, by topic; None where a clause has none."""
    found: dict[str, dict[str | None, Spot]] = {}
    for pack in world.packs:
        said = pack.provisions
        for duty in said.duties.values():
            for body in duty.bodies:
                found.setdefault(body, {}).setdefault(duty.topic, spot(pack, f"duties.{duty.id}", duty))
        for procedure in said.procedures.values():
            for i, step in enumerate(procedure.steps):
                for body in step.bodies:
                    at = spot(pack, f"procedures.{procedure.id}.steps.{i}", step)
                    found.setdefault(body, {}).setdefault(procedure.topic, at)
        for target in said.targets.values():
            for body in target.bodies:
                found.setdefault(body, {}).setdefault(None, spot(pack, f"targets.{target.id}", target))
    return found


def absent(world: World) -> Iterator[Finding]:
    """Bodies that one document names for a topic, and another of the place, in force at the same time, does not."""
    found: dict[tuple[str, str], dict[str, list[tuple[Pack, Duty]]]] = {}
    for pack in sorted(world.packs, key=lambda p: (p.document.issued or p.effective_from or date.max, p.id)):
        for duty in pack.provisions.duties.values():
            if duty.topic is not None:
                duties = found.setdefault((pack.jurisdiction, duty.topic), {})
                duties.setdefault(pack.ref, []).append((pack, duty))
    for (place, topic), by_pack in found.items():
        for before, after in pairwise(by_pack.values()):
            first, second = before[0][0], after[0][0]
            old, new = _bodies(world, place, before), _bodies(world, place, after)
            if old and new and old.keys() != new.keys() and _together(first, second):
                words = {
                    "topic": topic,
                    "first": first.id,
                    "second": second.id,
                    "gone": _listed(world, (name for today, (name, _) in old.items() if today not in new)),
                    "come": _listed(world, (name for today, (name, _) in new.items() if today not in old)),
                }
                yield Finding("A616", words, (next(iter(old.values()))[1], next(iter(new.values()))[1]))


def _bodies(world: World, place: str, duties: list[tuple[Pack, Duty]]) -> dict[str, tuple[str, Spot]]:
    """The bodies of the place that are named, by the body that has their work today."""
    found: dict[str, tuple[str, Spot]] = {}
    for pack, duty in duties:
        for body in duty.bodies:
            if world.vocabulary.bodies[body].place == place:
                found.setdefault(world.today(body), (body, spot(pack, f"duties.{duty.id}", duty)))
    return found


def _together(first: Pack, second: Pack) -> bool:
    """Whether two documents are in force on a day together; one without a term is never known not to be."""
    ends = (first.effective_to or date.max, second.effective_to or date.max)
    return max(first.effective_from or date.min, second.effective_from or date.min) <= min(ends)


def uneven(world: World) -> Iterator[Finding]:
    """Clauses of one document on one topic that name some bodies alike, and others in one place only."""
    for pack in world.packs:
        topics: dict[str, list[Duty]] = {}
        for duty in pack.provisions.duties.values():
            if duty.topic is not None and duty.bodies:
                topics.setdefault(duty.topic, []).append(duty)
        for topic, duties in topics.items():
            first = duties[0]
            for duty in duties[1:]:
                mine, theirs = dict.fromkeys(duty.bodies), dict.fromkeys(first.bodies)
                shared = mine.keys() & theirs.keys()
                if shared and len(shared) < min(len(mine), len(theirs)):
                    words = {
                        "topic": topic,
                        "first": _listed(world, (body for body in theirs if body not in shared)),
                        "second": _listed(world, (body for body in mine if body not in shared)),
                    }
                    spots = tuple(spot(pack, f"duties.{d.id}", d) for d in (first, duty))
                    yield Finding("A637", words, spots)
                    break


def _listed(world: World, names: Iterable[str]) -> dict[str, str]:
    labels = [world.vocabulary.bodies[name].label for name in names]
    return listed(labels) if labels else {"en": "nobody", "zh": "无"}
