"""What a single clause leaves unsaid, and terms that do not fit: deadlines, starts, bases, figures, frequencies."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from policyeval.audit.findings import OFTEN, Finding, Spot, both, spot
from policyeval.audit.promises import Promise, World
from policyeval.pack import Pack
from policyeval.provisions import Definition, Duty, Eligibility
from policyeval.record import replace
from policyeval.tree import Op, walk

_YEAR = re.compile(r"\d{4}")


def unsaid(world: World) -> Iterator[Finding]:
    """What a target leaves out: what is doubled, from when a sum runs, whether a figure is yearly."""
    for promise in world.promises:
        target, words = promise.target, {"label": promise.label, "figure": promise.figure}
        if "double" in promise.comparators and target.baseline is None:
            yield _doubled(world, promise)
        if target.cumulative and (promise.period is None or promise.period.first is None):
            yield Finding("A627", words, (promise.spot,))
        is_yearly = promise.metric.type == "money" and promise.metric.measure == "flow"
        if is_yearly and promise.is_figure and target.per is None and not target.cumulative:
            yield Finding("A632", words, (promise.spot,))


def deadlines(world: World) -> Iterator[Finding]:
    """Targets to be reached once, and no deadline is printed."""
    for pack, promises in _by_pack(world):
        once = (p for p in promises if p.period is None and p.target.per is None)
        dateless = [p for p in once if p.is_figure or p.metric.type == "milestone"]
        if dateless:
            yield Finding("A628", {"pack": pack.id, "count": len(dateless)}, _named(dateless))


def figureless(world: World) -> Iterator[Finding]:
    """Targets and support without a figure."""
    for pack, promises in _by_pack(world):
        counted = (p for p in promises if p.metric.type != "milestone" and "double" not in p.comparators)
        bare = [p for p in counted if not p.is_figure]
        if bare:
            yield Finding("A631", {"pack": pack.id, "count": len(bare)}, _named(bare))
    for pack in world.packs:
        spots = tuple(
            spot(pack, f"awards.{award.id}", award, award.label)
            for award in pack.awards.values()
            if any(isinstance(node, Op) and node.op == "unspecified" for node in walk(award.amount))
        )
        if spots:
            yield Finding("A640", {"pack": pack.id, "count": len(spots)}, spots)


def _by_pack(world: World) -> Iterator[tuple[Pack, list[Promise]]]:
    for _, promises in groupby(world.promises, key=lambda promise: promise.pack.ref):
        found = list(promises)
        yield found[0].pack, found


def _named(promises: list[Promise]) -> tuple[Spot, ...]:
    """Where several targets stand, each with its label."""
    return tuple(replace(promise.spot, label=promise.target.label) for promise in promises)


def _doubled(world: World, promise: Promise) -> Finding:
    """A doubling whose base is not printed; a target of the same document tells the base that it implies."""
    other = next(iter(world.of_pack(promise.metric.name, promise.places, promise.pack)), None)
    if other is None or other.value is None:
        return Finding("A630", {"label": promise.label, "implied": ""}, (promise.spot,))
    half = promise.number(other.value / 2)
    implied = {
        "en": f"; {other.figure['en']} would make it {half['en']}",
        "zh": f"；按{other.figure['zh']}推算为{half['zh']}",
    }
    return Finding("A630", {"label": promise.label, "implied": implied}, (promise.spot, other.spot))


def periods(world: World) -> Iterator[Finding]:
    """Periods whose years are not printed, and deadlines after the document's own term."""
    for pack in world.packs:
        for period in pack.provisions.periods.values():
            at = Spot(pack, f"periods.{period.id}", period.cite, period.span)
            if period.cite is not None and period.value is not None and len(_YEAR.findall(period.value)) == 0:
                yield Finding("A629", {"label": both(period.label)}, (at,))
    for promise in world.promises:
        term = promise.pack.effective_to
        if promise.end is not None and term is not None and promise.end > term:
            words = {"label": promise.label, "day": promise.end.isoformat(), "term": term.isoformat()}
            yield Finding("A620", words, (promise.spot, _document(promise.pack)))


def ended(world: World) -> Iterator[Finding]:
    """Documents that have ended and still stand with targets."""
    for pack in world.packs:
        term, targets = pack.effective_to, pack.provisions.targets
        if term is not None and term < world.day and targets:
            words = {"pack": pack.id, "term": term.isoformat(), "count": len(targets), "day": world.day.isoformat()}
            yield Finding("A634", words, (_document(pack),))


def nobody(world: World) -> Iterator[Finding]:
    """Targets for which no clause of the document names anybody."""
    served: set[tuple[str, str]] = set()
    for pack in world.packs:
        for duty in pack.provisions.duties.values():
            served |= {(pack.ref, name) for name in duty.targets}
    answered = {
        (p.pack.ref, world.one(p.metric.name))
        for p in world.promises
        if p.target.bodies
        or (p.pack.ref, p.target.id) in served
        or any(row.bodies for table in p.target.quotas.values() for row in table.rows)
    }
    for pack, promises in _by_pack(world):
        alone = [p for p in promises if not any((pack.ref, name) in answered for name in _names(world, p))]
        if alone:
            yield Finding("A636", {"pack": pack.id, "count": len(alone)}, _named(alone))


def _names(world: World, promise: Promise) -> set[str]:
    """The metrics that are this one, or perhaps are."""
    name = world.one(promise.metric.name)
    like = {world.one(promise.metric.like.metric)} if promise.metric.like else set()
    return {name} | like | world.liked.get(name, set())


def counted(world: World) -> Iterator[Finding]:
    """A number that a document prints for a list, and the list."""
    for pack in world.packs:
        said = pack.provisions
        lists: list[tuple[str, Definition | Eligibility]] = [
            *((f"definitions.{d.id}", d) for d in said.definitions.values()),
            *((f"eligibility.{e.id}", e) for e in said.eligibility.values()),
        ]
        for part, item in lists:
            if item.items and item.value is not None and item.value.isdecimal() and int(item.value) != len(item.items):
                words = {"label": both(item.label), "value": item.value, "count": len(item.items)}
                yield Finding("A621", words, (spot(pack, part, item),))
    for table in world.tables:
        for row in table.rows:
            items = row.quota.items
            if items and row.value is not None and row.value != len(items):
                label, value = table.promise.label, table.promise.number(row.value)
                yield Finding("A621", {"label": label, "value": value, "count": len(items)}, (row.spot,))


def procedures(world: World) -> Iterator[Finding]:
    """Procedures in which no step has a limit of days."""
    for pack in world.packs:
        for found in pack.provisions.procedures.values():
            if found.steps and not any(step.within for step in found.steps):
                words = {"label": both(found.label), "count": len({step.step for step in found.steps})}
                yield Finding("A638", words, (spot(pack, f"procedures.{found.id}", found),))


def frequencies(world: World) -> Iterator[Finding]:
    """Duties that do not say how often, beside others of their clause that do."""
    for pack in world.packs:
        sections: dict[str, list[Duty]] = {}
        for duty in pack.provisions.duties.values():
            sections.setdefault(duty.cite.section, []).append(duty)
        for duties in sections.values():
            often = min((d for d in duties if d.every), key=lambda d: OFTEN.index(d.every or ""), default=None)
            for duty in duties if often else ():
                if often is not None and duty.every is None and duty.targets == often.targets:
                    words = {"does": both(duty.does), "other": both(often.does)}
                    spots = tuple(spot(pack, f"duties.{d.id}", d) for d in (duty, often))
                    yield Finding("A639", words, spots)


def _document(pack: Pack) -> Spot:
    return Spot(pack, "effective", None, pack.spans.get("effective", pack.spans["pack"]))
