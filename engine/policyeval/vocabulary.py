"""The vocabulary: facts, payers and places, as data.

In: what `load` read from vocabulary files. Out: names with their types, labels and defaults; places as a tree.
Promise: nothing in the engine knows any of these by name; a new city needs YAML alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Literal

from policyeval.record import Record, field, replace
from policyeval.types import Kind, Type


class Label(Record):
    """A name in Chinese and English, with other spellings that people use."""

    zh: str
    en: str
    also: tuple[str, ...] = ()

    def __getitem__(self, lang: str) -> str:
        return self.zh if lang == "zh" else self.en

    @property
    def spellings(self) -> tuple[str, ...]:
        return (self.zh, self.en, *self.also)


class Derived(Record):
    """A fact that follows from a place: the tier of the nearest place, at or above it, of one of these tiers."""

    source: str
    nearest: tuple[str, ...]


class Fact(Record):
    """A fact about a platform (or, in a pack, a reading that the reader chooses), or a field of a list's items.

    `projects.funding` is the field of every item, as an expression speaks of it; `projects[2].funding` is that of one
    item, as a plan counts it. In a plan a list by itself is the number of its items.
    """

    name: str
    kind: Kind
    label: Label
    values: Mapping[str, Label] = field(default_factory=dict)  # of an enumeration, lowest first where ordered
    default: str | None = None
    derived: Derived | None = None
    given: str | None = None  # `as_of`: the day of the question, never a platform's to state
    support_never_falls: bool = False  # a claim that `compare` proves: support does not fall as this rises
    note: Label | None = None
    most: int | None = None  # items of a list
    fields: Mapping[str, Fact] = field(default_factory=dict)  # of a list's items, by their short names
    within: str | None = None  # the list that a field is of
    item: int | None = None  # of which item it is, counted from 1

    @cached_property
    def field_spellings(self) -> dict[str, str]:
        """What each field of a list is called, with its full name."""
        return {spelling: inner.name for name, inner in self.fields.items() for spelling in _called(name, inner)}

    @cached_property
    def type(self) -> Type:
        return Type(self.kind, self.name if self.kind in ("enumeration", "ordered", "place") else None)


class PlaceInfo(Record):
    """A place: its tier, the place it lies in, and the treasury that pays there, as people know it."""

    name: str
    tier: str
    label: Label
    within: str | None = None
    treasury: Label | None = None


class Payer(Record):
    """Who pays: the treasury of the nearest place, at or above the platform, of one of these tiers."""

    name: str
    label: Label
    tiers: tuple[str, ...]


class Body(Record):
    """A department, committee or other body of a place. `succeeds`: the body whose work it took over."""

    name: str
    label: Label
    place: str
    succeeds: str | None = None
    note: Label | None = None


class Relation(Record):
    """Another metric, and why it is taken for the same."""

    metric: str
    why: Label


class Metric(Record):
    """What targets measure: in units (`count`, `number`), yuan, percent, or reached or not (`milestone`).

    `within`: a metric that also counts whatever this one counts. `adds_to`: the stock that this flow feeds. `same_as`:
    another name of one thing; `like`: perhaps one thing, the documents do not say.
    """

    name: str
    label: Label
    type: Literal["count", "money", "percent", "number", "milestone"]
    unit: Label | None = None
    measure: Literal["stock", "flow"] | None = None
    within: str | None = None
    adds_to: str | None = None
    same_as: Relation | None = None
    like: Relation | None = None
    note: Label | None = None


class Vocabulary(Record):
    """All vocabularies of the loaded folders, merged. `declared`: the facts that a person may state."""

    declared: Mapping[str, Fact]
    payers: Mapping[str, Payer]
    places: Mapping[str, PlaceInfo]
    tiers: Mapping[str, Label]
    bodies: Mapping[str, Body] = field(default_factory=dict, later=True)
    metrics: Mapping[str, Metric] = field(default_factory=dict, later=True)

    @cached_property
    def facts(self) -> dict[str, Fact]:
        """All facts that an expression or a plan may speak of: those declared, and the fields of lists."""
        return {fact.name: fact for declared in self.declared.values() for fact in _with_fields(declared)}

    @cached_property
    def lists(self) -> dict[str, Fact]:
        return {name: fact for name, fact in self.declared.items() if fact.kind == "list"}

    @cached_property
    def seat(self) -> str:
        """The fact that says where a platform is: the first of type place."""
        return next(name for name, fact in self.declared.items() if fact.kind == "place")

    @cached_property
    def place_index(self) -> dict[str, int]:
        """Each place's number in the plan."""
        return {name: i for i, name in enumerate(self.places)}

    @cached_property
    def fact_spellings(self) -> dict[str, str]:
        return _spellings(self.declared)

    @cached_property
    def inside(self) -> dict[str, dict[str, str]]:
        """For each list: what a name means in a condition on its items.

        A field goes before a fact of the platform. A fact that shares any of its spellings with a field is out of
        reach there, so that no spelling of it means something else than another.
        """
        found = {}
        for list_ in self.lists.values():
            fields = list_.field_spellings
            hidden = {name for name, fact in self.declared.items() if not fields.keys().isdisjoint(_called(name, fact))}
            found[list_.name] = {s: n for s, n in self.fact_spellings.items() if n not in hidden} | fields
        return found

    @cached_property
    def payer_spellings(self) -> dict[str, str]:
        return _spellings(self.payers)

    @cached_property
    def place_spellings(self) -> dict[str, str]:
        """As addresses have them too: the Chinese names of the places that one lies in may stand before its own."""
        found = _spellings(self.places)
        for place in self.places.values():
            name, above = place.label.zh, place.within
            while above is not None:
                name, above = self.places[above].label.zh + name, self.places[above].within
                found.setdefault(name, place.name)
        return found

    @cached_property
    def metric_spellings(self) -> dict[str, str]:
        return _spellings(self.metrics)

    @cached_property
    def value_spellings(self) -> dict[str, dict[str, str]]:
        """For each enumeration: spelling -> value."""
        return {
            name: {spelling: value for value, label in fact.values.items() for spelling in (value, *label.spellings)}
            for name, fact in self.facts.items()
            if fact.item is None
        }

    def upward(self, place: str) -> Iterator[PlaceInfo]:
        """The place and those it lies in, nearest first."""
        at: str | None = place
        while at is not None:
            info = self.places[at]
            yield info
            at = info.within

    def below(self, place: str) -> frozenset[str]:
        """The place and all that lie in it."""
        return self._below[place]

    @cached_property
    def _below(self) -> dict[str, frozenset[str]]:
        found: dict[str, set[str]] = {name: set() for name in self.places}
        for name in self.places:
            for up in self.upward(name):
                found[up.name].add(name)
        return {name: frozenset(below) for name, below in found.items()}

    def depth(self, place: str) -> int:
        return sum(1 for _ in self.upward(place))

    def nearest(self, place: str, tiers: tuple[str, ...]) -> PlaceInfo | None:
        return next((info for info in self.upward(place) if info.tier in tiers), None)

    def treasury(self, payer: str, place: str) -> Label:
        """Who the payer is at a place, as people know it; the payer's own label where no treasury is named."""
        info = self.nearest(place, self.payers[payer].tiers)
        return info.treasury if info and info.treasury else self.payers[payer].label


def _spellings(
    named: Mapping[str, Fact] | Mapping[str, Payer] | Mapping[str, PlaceInfo] | Mapping[str, Metric],
) -> dict[str, str]:
    return {spelling: name for name, item in named.items() for spelling in _called(name, item)}


def _called(name: str, item: Fact | Payer | PlaceInfo | Metric) -> tuple[str, ...]:
    return (name, *item.label.spellings)


def _with_fields(fact: Fact) -> Iterator[Fact]:
    """A fact and, where it is a list, its fields: of every item, then of one item after the other."""
    yield fact
    yield from fact.fields.values()
    for item in range(1, (fact.most or 0) + 1):
        for name, inner in fact.fields.items():
            label = Label(f"{fact.label.zh}[{item}].{inner.label.zh}", f"{fact.label.en}[{item}].{inner.label.en}")
            yield replace(inner, name=f"{fact.name}[{item}].{name}", label=label, item=item)
