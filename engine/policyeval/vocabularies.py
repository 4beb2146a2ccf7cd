"""Vocabulary files, merged into one vocabulary.

In: the nodes of vocabulary files that fit their schema. Out: the Vocabulary, and what clashes or dangles: a name
defined twice, a spelling that means two things, a tier or place that is not there, places in a circle.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

from policyeval.near import one_of
from policyeval.nodes import Mapped, Node, Scalar, Sequence, plain
from policyeval.problems import At, Problem
from policyeval.types import Kind
from policyeval.vocabulary import Body, Derived, Fact, Label, Metric, Payer, PlaceInfo, Relation, Vocabulary

T = TypeVar("T")
Table = dict[str, tuple[Scalar, Mapped]]  # each name with its key and its node

_SECTIONS = ("tiers", "facts", "payers", "places", "bodies", "metrics")
_LISTED = frozenset({"enumeration", "ordered"})
_COUNTED = frozenset({"count", "number"})  # metrics with a unit of their own
_OF_LISTS = ("most", "of")
_NOT_OF_LISTS = ("default", "derived", "support_never_falls")
_WORDS = {
    "tier": {"en": "kind of place", "zh": "地方类别"},
    "place": {"en": "place", "zh": "地方"},
    "fact": {"en": "fact of type place", "zh": "类型为地方的事实"},
    "value": {"en": "value", "zh": "取值"},
    "body": {"en": "body", "zh": "部门或机构"},
    "metric": {"en": "metric", "zh": "指标"},
}
_RELATIONS = ("same_as", "like")


def merge(roots: Iterable[Mapped]) -> tuple[Vocabulary, list[Problem]]:
    """One vocabulary of all; not to be used where a problem is an error."""
    roots, problems = list(roots), list[Problem]()
    tables = {section: _table(roots, section, problems) for section in _SECTIONS}
    for table in tables.values():
        problems += _spelled_twice({name: (key, _label(_labelled(node))) for name, (key, node) in table.items()})
    problems += _dangling(tables)
    problems += _circles(tables["places"])
    vocabulary = Vocabulary(
        declared=_built(tables["facts"], _fact),
        payers=_built(tables["payers"], _payer),
        places=_built(tables["places"], _place),
        tiers={name: _label(node) for name, (_, node) in tables["tiers"].items()},
        bodies=_built(tables["bodies"], _body),
        metrics=_built(tables["metrics"], _metric),
    )
    return vocabulary, problems


def _table(roots: list[Mapped], section: str, problems: list[Problem]) -> Table:
    """One section of all files; a name that is there already is a problem."""
    found: Table = {}
    for root in roots:
        node = root.get(section)
        for name, (key, item) in node.entries.items() if isinstance(node, Mapped) else ():
            assert isinstance(item, Mapped)
            if name in found:
                problems.append(Problem("S121", {"key": name}, key.at, ((found[name][0].at, "S127"),)))
            else:
                found[name] = (key, item)
    return found


def _built(table: Table, build: Callable[[str, dict[str, Any]], T]) -> dict[str, T]:
    return {name: build(name, plain(node)) for name, (_, node) in table.items()}


# Records ---------------------------------------------------------------------


def _fact(name: str, words: dict[str, Any], within: str | None = None) -> Fact:
    kind: Kind = words["type"]
    derived = words.get("derived")
    return Fact(
        name=f"{within}.{name}" if within else name,
        kind=kind,
        label=_named(words["label"]),
        values={value: _named(label) for value, label in words.get("values", {}).items()},
        default=words.get("default"),
        derived=Derived(derived["from"], tuple(derived["nearest"])) if derived else None,
        given=words.get("given"),
        support_never_falls=words.get("support_never_falls") == "true",
        note=_maybe(words, "note"),
        most=int(words["most"]) if "most" in words else None,
        fields={field: _fact(field, inner, name) for field, inner in words.get("of", {}).items()},
        within=within,
    )


def _payer(name: str, words: dict[str, Any]) -> Payer:
    return Payer(name, _named(words["label"]), tuple(words["tiers"]))


def _place(name: str, words: dict[str, Any]) -> PlaceInfo:
    return PlaceInfo(name, words["tier"], _named(words["label"]), words.get("within"), _maybe(words, "treasury"))


def _body(name: str, words: dict[str, Any]) -> Body:
    return Body(name, _named(words["label"]), words["place"], words.get("succeeds"), _maybe(words, "note"))


def _metric(name: str, words: dict[str, Any]) -> Metric:
    related = {key: Relation(words[key]["metric"], _named(words[key]["why"])) for key in _RELATIONS if key in words}
    return Metric(
        name=name,
        label=_named(words["label"]),
        type=words["type"],
        unit=_maybe(words, "unit"),
        measure=words.get("measure"),
        within=words.get("within"),
        adds_to=words.get("adds_to"),
        same_as=related.get("same_as"),
        like=related.get("like"),
        note=_maybe(words, "note"),
    )


def _maybe(words: dict[str, Any], key: str) -> Label | None:
    return _named(words[key]) if words.get(key) else None


def _named(words: dict[str, Any]) -> Label:
    return Label(words["zh"], words["en"], tuple(words.get("also", ())))


def _label(node: Node) -> Label:
    return _named(plain(node))


def _labelled(node: Mapped) -> Node:
    """The label of an item; a tier is its own label."""
    return node.get("label") or node


# Clashes ---------------------------------------------------------------------


def _spelled_twice(labels: Mapping[str, tuple[Scalar, Label]]) -> Iterator[Problem]:
    """Spellings that mean two things of one table."""
    meant: dict[str, str] = {}
    for name, (key, label) in labels.items():
        for spelling in dict.fromkeys((name, *label.spellings)):
            first = meant.setdefault(spelling, name)
            if first != name:
                words = {"value": spelling, "first": first, "key": name}
                yield Problem("S122", words, key.at, ((labels[first][0].at, "S127"),))


def _dangling(tables: Mapping[str, Table]) -> Iterator[Problem]:
    tiers, places = tables["tiers"], tables["places"]
    for _, fact in tables["facts"].values():
        yield from _fact_problems(fact, tables)
    for _, payer in tables["payers"].values():
        yield from _unknown("tier", _texts(payer["tiers"]), tiers)
    for _, place in places.values():
        yield from _unknown("tier", _texts(place["tier"]), tiers)
        if "within" in place:
            yield from _unknown("place", _texts(place["within"]), places)
    for _, body in tables["bodies"].values():
        yield from _unknown("place", _texts(body["place"]), places)
        yield from _named_here("body", body, ("succeeds",), tables["bodies"])
    for _, metric in tables["metrics"].values():
        yield from _metric_problems(metric, tables["metrics"])


def _named_here(what: str, item: Mapped, keys: Iterable[str], known: Table) -> Iterator[Problem]:
    for key in keys:
        if key in item:
            yield from _unknown(what, _texts(item[key]), known)


def _metric_problems(metric: Mapped, metrics: Table) -> Iterator[Problem]:
    """A metric that has a unit and needs none, or the other way round; others that it speaks of and are not there."""
    kind = plain(metric["type"])
    if (kind in _COUNTED) != ("unit" in metric):
        key = "type" if kind in _COUNTED else "unit"
        yield Problem("S131" if kind in _COUNTED else "S132", {"kind": kind}, metric.entries[key][0].at)
    yield from _named_here("metric", metric, ("within", "adds_to"), metrics)
    for key in _RELATIONS:
        if isinstance(related := metric.get(key), Mapped):
            yield from _unknown("metric", _texts(related["metric"]), metrics)


def _list_problems(fact: Mapped) -> Iterator[Problem]:
    """What a list must say and no other fact may, and the other way round."""
    kind = plain(fact["type"])
    for key in _OF_LISTS if kind == "list" else ():
        if key not in fact:
            yield Problem("S129", {"key": key}, fact.entries["type"][0].at)
    for key in _NOT_OF_LISTS if kind == "list" else _OF_LISTS:
        if key in fact:
            yield Problem("S130", {"kind": kind, "key": key}, fact.entries[key][0].at)
    if isinstance(fields := fact.get("of"), Mapped):
        named = {name: (key, node) for name, (key, node) in fields.entries.items() if isinstance(node, Mapped)}
        yield from _spelled_twice({name: (key, _label(node["label"])) for name, (key, node) in named.items()})
        for _, field in named.values():
            yield from _value_problems(field)


def _value_problems(fact: Mapped) -> Iterator[Problem]:
    """Values where there should be none, none where there should be some, or two of one name."""
    kind = plain(fact["type"])
    values = fact.get("values")
    if (kind in _LISTED) != (values is not None):
        yield Problem("S124" if values else "S123", {"kind": kind}, fact.entries["values" if values else "type"][0].at)
    if isinstance(values, Mapped):
        yield from _spelled_twice({name: (key, _label(node)) for name, (key, node) in values.entries.items()})


def _fact_problems(fact: Mapped, tables: Mapping[str, Table]) -> Iterator[Problem]:
    kind = plain(fact["type"])
    yield from _list_problems(fact)
    yield from _value_problems(fact)
    values = fact.get("values")
    known = list(values.entries) if isinstance(values, Mapped) else ["true", "false"]
    if "default" in fact and (values or kind == "bool"):
        yield from _unknown("value", _texts(fact["default"]), known)
    if "given" in fact and (kind != "date" or "default" in fact):
        yield Problem("S128", {"kind": kind}, fact.entries["given"][0].at)
    if "derived" in fact and isinstance(derived := fact["derived"], Mapped):
        sources = [name for name, (_, other) in tables["facts"].items() if plain(other["type"]) == "place"]
        yield from _unknown("fact", _texts(derived["from"]), sources)
        yield from _unknown("tier", _texts(derived["nearest"]), tables["tiers"])
        yield from _unknown("value", _texts(derived["nearest"]), known)


def _texts(node: Node) -> Iterator[Scalar]:
    for item in node.items if isinstance(node, Sequence) else (node,):
        assert isinstance(item, Scalar)
        yield item


def _unknown(what: str, named: Iterable[Scalar], known: Iterable[str]) -> Iterator[Problem]:
    known = list(known)
    for scalar in named:
        if scalar.value not in known:
            near = one_of(scalar.value or "", known)
            yield Problem("S125", {"what": _WORDS[what], "value": scalar.value, "near": near}, scalar.at)


def _circles(places: Table) -> Iterator[Problem]:
    told: set[str] = set()
    for name in places:
        path = [name]
        while (up := _within(places, path[-1])) and up not in path:
            path.append(up)
        if up == name and name not in told:
            told.update(path)
            words = {"key": name, "circle": " → ".join([*path, name])}
            node = places[name][1]["within"]
            yield Problem("S126", words, At(node.source, node.span))


def _within(places: Table, name: str) -> str | None:
    node = places[name][1] if name in places else None
    return plain(node["within"]) if node and "within" in node else None
