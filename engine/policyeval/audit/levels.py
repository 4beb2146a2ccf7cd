"""A lower document against the upper one: what its place is to reach, and the subjects that it keeps or drops."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from policyeval.audit.findings import OFTEN, Finding, Spot, both, listed, spot
from policyeval.audit.promises import Promise, Row, World, compared
from policyeval.pack import Pack
from policyeval.provisions import Cite, Duty, Procedure
from policyeval.source import Span
from policyeval.vocabulary import Label


def quotas(world: World) -> Iterator[Finding]:
    """What a lower document sets itself against what an upper one allots to its place."""
    below: dict[str, list[Pack]] = {}
    for pack in world.packs:
        below.setdefault(pack.jurisdiction, []).append(pack)
    for table in world.tables:
        for row in table.rows:
            if len(row.quota.places) == 1 and row.value is not None:
                for pack in below.get(row.quota.places[0], ()):
                    if pack is not table.promise.pack:
                        yield from _quota(world, table.promise, row, pack)


def _quota(world: World, upper: Promise, row: Row, pack: Pack) -> Iterator[Finding]:
    place, when = row.quota.places[0], row.quota.when or upper.target.when
    lower = next(
        (
            p
            for p in world.of_pack(upper.metric.name, (place,), pack)
            if (p.end, p.target.per, p.target.when) == (upper.end, upper.target.per, when)
        ),
        None,
    )
    if lower is None and upper.pack.id not in pack.uses:
        return
    comparators, reading = compared(upper.pack, row.quota.comparator or upper.target.comparator)
    words = {
        "label": upper.label,
        "place": both(world.vocabulary.places[place].label),
        "upper": upper.pack.id,
        "lower": pack.id,
        "quota": upper.said(row.value, comparators, reading) if upper.is_figure else upper.number(_of(row)),
    }
    if lower is None:
        yield Finding("A612", words, (row.spot, _uses(pack, upper.pack)))
        return
    words["figure"], spots = lower.figure, (row.spot, lower.spot)
    mine, theirs = lower.value or Fraction(0), _of(row)
    if mine > theirs if "at_most" in comparators else mine < theirs:
        yield Finding("A610", words, spots)
        return
    yield Finding("A648", words, spots)
    if lower.value == row.value and (lower.comparators, lower.reading) != (comparators, reading):
        yield Finding("A611", words, spots)


def _of(row: Row) -> Fraction:
    return row.value if row.value is not None else Fraction(0)


def _uses(pack: Pack, upper: Pack) -> Spot:
    """Where a pack says that it builds on another: what stands for a clause that it does not have."""
    return Spot(pack, f"uses.{upper.id}", None, pack.spans.get(f"uses.{upper.id}", pack.spans["pack"]))


Subject = Duty | Procedure


def subjects(world: World) -> Iterator[Finding]:
    """What a pack keeps of the procedures and duties of a pack that it builds on, by topic."""
    for pack in world.packs:
        for upper in world.used(pack):
            mine, theirs = _topics(pack), _topics(upper)
            for key, items in theirs.items():
                yield from _subject(pack, upper, items, mine.get(key))


def _topics(pack: Pack) -> dict[tuple[str, str], list[Subject]]:
    """Procedures and duties by kind and topic."""
    said = pack.provisions
    found: dict[tuple[str, str], list[Subject]] = {}
    items: list[Subject] = [*said.procedures.values(), *said.duties.values()]
    for item in items:
        if item.topic is not None:
            found.setdefault((_section(item), item.topic), []).append(item)
    return found


def _section(item: Subject) -> str:
    return "procedures" if isinstance(item, Procedure) else "duties"


def _subject(pack: Pack, upper: Pack, theirs: list[Subject], mine: list[Subject] | None) -> Iterator[Finding]:
    one = theirs[0]
    words = {"what": _what(one), "upper": upper.id, "lower": pack.id}
    if mine is None:
        spots = (*(_at(upper, item) for item in theirs), _uses(pack, upper))
        if isinstance(one, Procedure):
            yield Finding("A617", {**words, "count": len({step.step for step in one.steps})}, spots)
        else:
            yield Finding("A618", words, spots)
        return
    often, less = _often(theirs), _often(mine)
    if often is not None and (less is None or _rank(less) > _rank(often)):
        spots = (_at(upper, often), _at(pack, less or mine[0]))
        every = {"often": _EVERY[often.every or ""], "less": _EVERY[less.every or "" if less else ""]}
        yield Finding("A619", {**words, "what": _what(often), **every}, spots)
    else:
        both_ = {lang: f"`{one.topic}` ({_what(one)[lang]} / {_what(mine[0])[lang]})" for lang in ("en", "zh")}
        yield Finding("A649", {**words, "what": both_}, (_at(upper, one), _at(pack, mine[0])))


def _what(item: Subject) -> dict[str, str]:
    return both(item.label if isinstance(item, Procedure) else item.does)


def _at(pack: Pack, item: Subject) -> Spot:
    return spot(pack, f"{_section(item)}.{item.id}", item)


def _often(items: list[Subject]) -> Duty | None:
    """The duty that falls due most often."""
    due = [item for item in items if isinstance(item, Duty) and item.every]
    return min(due, key=_rank, default=None)


def _rank(duty: Duty) -> int:
    return OFTEN.index(duty.every or "")


def lists(world: World) -> Iterator[Finding]:
    """Lists that a pack and one that it builds on give for the same thing: a word, or a condition of the same id."""
    for pack in world.packs:
        for upper in world.used(pack):
            theirs = _lists(upper)
            for key, (part, label, items, at) in _lists(pack).items():
                if key not in theirs:
                    continue
                part_, _, items_, at_ = theirs[key]
                words = {
                    "label": both(label),
                    "upper": upper.id,
                    "lower": pack.id,
                    "here": _less(items, items_),
                    "there": _less(items_, items),
                }
                same = {item.zh for item in items} == {item.zh for item in items_}
                if not same:
                    yield Finding("A614", words, (Spot(upper, part_, *at_), Spot(pack, part, *at)))


Listed = tuple[str, Label, tuple[Label, ...], tuple[Cite, Span]]


def _lists(pack: Pack) -> dict[tuple[str, str], Listed]:
    said = pack.provisions
    found: dict[tuple[str, str], Listed] = {}
    for d in said.definitions.values():
        if d.of and d.items:
            found.setdefault(("of", d.of), (f"definitions.{d.id}", d.label, d.items, (d.cite, d.span)))
    for e in said.eligibility.values():
        if e.items:
            found[("eligibility", e.id)] = (f"eligibility.{e.id}", e.label, e.items, (e.cite, e.span))
    return found


def _less(some: tuple[Label, ...], others: tuple[Label, ...]) -> dict[str, str]:
    """Those of a list that another lacks."""
    known = {item.zh for item in others}
    left = [item for item in some if item.zh not in known]
    return listed(left) if left else {"en": "nothing", "zh": "无"}


_EVERY = {
    "month": {"en": "every month", "zh": "每月"},
    "two_months": {"en": "every two months", "zh": "每两个月"},
    "quarter": {"en": "every quarter", "zh": "每季度"},
    "year": {"en": "every year", "zh": "每年"},
    "": {"en": "without saying how often", "zh": "没有写明多久一次"},
}
