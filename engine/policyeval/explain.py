"""A rule read back: what it says in sentences, from which clause, under which readings, and what else names it.

In: a library and a rule's name, or an expression. Out: an Explained. Promise: the sentences are made from the tree that
is evaluated, never from the words of the pack.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

from policyeval.answer import cite_json
from policyeval.check import check
from policyeval.library import Library
from policyeval.money import yuan
from policyeval.naming import naming
from policyeval.near import did_you_mean
from policyeval.pack import (
    Authority,
    Award,
    Budget,
    Document,
    Entitlement,
    Guarantee,
    Pack,
    Reading,
    Slot,
    Statement,
)
from policyeval.parse import Start, parse
from policyeval.phrases import Phrases
from policyeval.problems import Lang, Problem, Refusal, errors
from policyeval.provisions import Cite
from policyeval.record import Record, replace
from policyeval.resolve import resolve
from policyeval.source import Source, Text
from policyeval.tree import Node, Op, Ref, walk
from policyeval.vocabulary import Label, Vocabulary
from policyeval.write import write

Kind = Literal[
    "award", "family", "slot", "entitlement", "reading", "budget", "statement", "authority", "guarantee", "expression"
]
Item = Award | Slot | Entitlement | Reading | Budget | Statement | Authority | Guarantee

_READINGS: tuple[Start, ...] = ("statement", "claim", "amount", "condition")  # `higher of` is of awards, if it can be
_SHOWN = 12  # rules that a message lists
_SCRATCH = "expression"
_LABEL = Label("表达式", "expression")
_CITE = Cite("", "")


class Rule(Record):
    """One rule of a pack: an award, a slot, an entitlement, a reading, a statement (`precedence[2]`, from 1), …"""

    id: str
    kind: Kind
    item: Item
    pack: Pack

    @property
    def ref(self) -> str:
        return f"{self.pack.id}/{self.id}"

    @property
    def label(self) -> Label | None:
        match self.item:
            case Award() | Slot() | Entitlement() | Budget():
                return self.item.label
            case Reading():
                return self.item.ask
            case Authority():
                return self.item.body
        return None

    @property
    def trees(self) -> dict[str, Node]:
        """Its expressions by their keys."""
        keys = ("when", "amount", "rule", "claim")
        found = {key: getattr(self.item, key, None) for key in keys}
        return {key: tree for key, tree in found.items() if tree is not None}


class Explained(Record):
    """What there is to say about a rule. `parts` are the awards of a family or under a budget, and what depends on a
    reading or a slot; `filled_by` are the awards that fill a slot."""

    ref: str
    kind: Kind
    pack: Pack
    vocabulary: Vocabulary
    packs: Mapping[str, Pack]
    rule: Rule | None = None
    tree: tuple[Node, Start] | None = None
    readings: tuple[Rule, ...] = ()
    statements: tuple[Rule, ...] = ()
    parts: tuple[Rule, ...] = ()
    filled_by: tuple[Rule, ...] = ()

    def phrases(self, pack: Pack, lang: Lang) -> Phrases:
        return Phrases(self.vocabulary, pack, lang, self.packs)

    def sentences(self, lang: Lang) -> list[str]:
        """What the rule says."""
        if self.tree is not None:
            return self.phrases(self.pack, lang).anything(*self.tree)
        return self.said(self.rule, lang) if self.rule else []

    def said(self, rule: Rule, lang: Lang) -> list[str]:
        """What another rule says."""
        phrases, item = self.phrases(rule.pack, lang), rule.item
        match item:
            case Award():
                return phrases.award(item.when, item.amount)
            case Entitlement():
                return phrases.entry(item.when)
            case Authority():
                return [*phrases.entry(item.when), *([f"{item.does[lang]}{'。' if lang == 'zh' else '.'}"])]
            case Statement():
                return phrases.statement(item.rule)
            case Guarantee():
                return phrases.statement(item.claim)
            case Slot():
                return phrases.slot()
            case Budget():
                return phrases.budget(item.awards, item.total)
        return []

    def written(self, lang: Lang) -> dict[str, str]:
        """The expressions as they may be written in a language."""
        trees = {_SCRATCH: self.tree[0]} if self.tree else self.rule.trees if self.rule else {}
        name = naming(self.vocabulary, self.pack.id, lang, self.packs)
        return {key: write(tree, lang, name) for key, tree in trees.items()}

    def as_json(self, lang: Lang) -> dict[str, Any]:
        rule, item = self.rule, self.rule.item if self.rule else None
        cite: Cite | None = getattr(item, "cite", None)
        found: dict[str, Any] = {
            "rule": None if self.kind == "expression" else self.ref,
            "kind": self.kind,
            "pack": None if self.kind == "expression" else self.pack.ref,
            "label": rule.label[lang] if rule and rule.label else None,
            "sentences": self.sentences(lang),
            "expressions": self.written(lang),
            "cite": cite_json(self.pack, cite) if cite else None,
        }
        if isinstance(item, Award):
            found |= {"beneficiary": item.beneficiary, "per": item.per, "instrument": item.instrument}
            found["fills"] = item.fills
        if isinstance(item, Reading):
            found |= {"options": _options(item, lang), "default": item.default}
        found["readings"] = [
            {
                "reading": reading.ref,
                "ask": reading.item.ask[lang],
                "options": _options(reading.item, lang),
                "default": reading.item.default,
                "cite": cite_json(reading.pack, reading.item.cite),
            }
            for reading in self.readings
            if isinstance(reading.item, Reading)
        ]
        found["statements"] = [self._brief(statement, lang) for statement in self.statements]
        if self.parts:
            found["rules"] = [self._brief(part, lang) for part in self.parts]
        if isinstance(item, Slot):
            found["filled_by"] = [self._brief(award, lang) for award in self.filled_by]
        if isinstance(item, Budget):
            found["total"] = yuan(item.total)
        return found

    def _brief(self, rule: Rule, lang: Lang) -> dict[str, Any]:
        cite: Cite | None = getattr(rule.item, "cite", None)
        return {
            "rule": rule.ref,
            "sentences": self.said(rule, lang),
            "cite": cite_json(rule.pack, cite) if cite else None,
        }


def _options(reading: Reading, lang: Lang) -> dict[str, str]:
    return {option: label[lang] for option, label in reading.options.items()}


# A rule by its name ----------------------------------------------------------


def explain(name: str, library: Library) -> Explained:
    """The rule of that name: `pack/rule`, or `rule` alone where one pack has it. Raises Refusal."""
    reference, _, id = name.rpartition("/")
    if reference:
        pack = library.pack(reference)
        known = rules_of(pack)
        if id not in known and id not in pack.families:
            words = {"pack": pack.id, "rule": id, "near": did_you_mean(id, [*known, *pack.families])}
            raise Refusal(Problem("D121", {**words, "known": _some([*known, *pack.families])}))
        return _explained(pack, id, library)
    packs = _packs(library)
    having = [pack for pack in packs.values() if id in rules_of(pack) or id in pack.families]
    if not having:
        near = did_you_mean(id, [rule for pack in packs.values() for rule in (*rules_of(pack), *pack.families)])
        raise Refusal(Problem("D122", {"rule": id, "near": near}))
    if len(having) > 1:
        raise Refusal(Problem("D123", {"rule": id, "known": ", ".join(f"`{pack.id}/{id}`" for pack in having)}))
    return _explained(having[0], id, library)


def rules_of(pack: Pack) -> dict[str, Rule]:
    """Every rule of a pack by its name."""
    rules = [
        *(Rule(id, "award", award, pack) for id, award in pack.awards.items()),
        *(Rule(id, "slot", slot, pack) for id, slot in pack.slots.items()),
        *(Rule(id, "entitlement", item, pack) for id, item in pack.entitlements.items()),
        *(Rule(id, "reading", reading, pack) for id, reading in pack.readings.items()),
        *(Rule(id, "budget", budget, pack) for id, budget in pack.budgets.items()),
        *(Rule(f"precedence[{i}]", "statement", item, pack) for i, item in enumerate(pack.precedence, 1)),
        *(Rule(f"authority[{i}]", "authority", item, pack) for i, item in enumerate(pack.authority, 1)),
        *(Rule(f"guarantees[{i}]", "guarantee", item, pack) for i, item in enumerate(pack.guarantees, 1)),
    ]
    found: dict[str, Rule] = {}
    for rule in rules:
        found.setdefault(rule.id, rule)
    return found


def _some(names: list[str]) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:_SHOWN])
    return f"{shown}, …" if len(names) > _SHOWN else shown


def _packs(library: Library) -> dict[str, Pack]:
    """The newest version of each pack, and the files of the command line."""
    newest = {id: versions[0] for id, versions in library.versions.items()}
    return newest | {pack.id: pack for pack in library.named.values()}


def _explained(pack: Pack, id: str, library: Library) -> Explained:
    packs = {**_packs(library), pack.id: pack}
    rules = [rule for other in packs.values() for rule in rules_of(other).values()]
    rule = rules_of(pack).get(id)
    base = Explained(f"{pack.id}/{id}", rule.kind if rule else "family", pack, library.vocabulary, packs, rule)
    if rule is not None and isinstance(rule.item, Reading | Slot):
        role = "reading" if isinstance(rule.item, Reading) else "slot"
        depending = tuple(other for other in rules if rule.ref in _named(role, other.trees.values()))
        filling = tuple(r for r in rules if isinstance(r.item, Award) and r.item.fills == rule.ref)
        return replace(base, parts=depending, filled_by=filling)
    if rule is not None and isinstance(rule.item, Budget):
        return replace(base, parts=tuple(rules_of(pack)[award] for award in pack.awards_of(rule.item.awards)))
    if rule is None:
        awards = [rules_of(pack)[award] for award in pack.families[id]]
        return replace(base, parts=tuple(awards), statements=_naming(rules, pack, [id]))
    family = rule.item.family if isinstance(rule.item, Award) else None
    return replace(
        base,
        readings=_readings(rule.trees.values(), packs),
        statements=_naming(rules, pack, [id, *([family] if family else [])]) if isinstance(rule.item, Award) else (),
    )


def _naming(rules: Iterable[Rule], pack: Pack, names: list[str]) -> tuple[Rule, ...]:
    """The statements that speak of an award, or of its family."""
    return tuple(
        rule
        for rule in rules
        if rule.kind == "statement"
        and any(
            isinstance(node, Ref) and node.role in ("award", "family") and node.pack == pack.id and node.name in names
            for tree in rule.trees.values()
            for node in walk(tree)
        )
    )


def _named(role: str, trees: Iterable[Node]) -> list[str]:
    """The readings, or the slots, that trees name."""
    found = (node for tree in trees for node in walk(tree))
    return list(dict.fromkeys(str(n) for n in found if isinstance(n, Ref) and n.role == role))


def _readings(trees: Iterable[Node], packs: Mapping[str, Pack]) -> tuple[Rule, ...]:
    """The readings that trees turn on, those of awards whose amounts they take among them."""
    reached = list(_reached(list(trees), packs, set()))
    known = {rule.ref: rule for pack in packs.values() for rule in rules_of(pack).values() if rule.kind == "reading"}
    return tuple(known[ref] for ref in _named("reading", reached) if ref in known)


def _reached(trees: list[Node], packs: Mapping[str, Pack], seen: set[str]) -> Iterator[Node]:
    yield from trees
    for ref in (node for tree in trees for node in _taken(tree)):
        for pack, award in _awards(ref, packs):
            if f"{pack.id}/{award.id}" not in seen:
                seen.add(f"{pack.id}/{award.id}")
                inner = [tree for tree in (award.when, award.amount) if tree is not None]
                yield from _reached(inner, packs, seen)


def _awards(ref: Ref, packs: Mapping[str, Pack]) -> Iterator[tuple[Pack, Award]]:
    """The awards that a name stands for: its own, those of a family, or those that fill a slot."""
    if ref.role == "slot":
        yield from ((p, a) for p in packs.values() for a in p.awards.values() if a.fills == str(ref))
    elif pack := packs.get(ref.pack or ""):
        yield from ((pack, pack.awards[id]) for id in pack.awards_of([ref.name]) if id in pack.awards)


def _taken(tree: Node) -> Iterator[Ref]:
    """The awards whose amounts a tree takes; those that a statement only sets against each other are not."""
    if isinstance(tree, Op) and tree.op == "when":
        tree = tree.args[0]
    if isinstance(tree, Op) and tree.op in ("limited_to", "never_above", "never_below"):
        tree = tree.args[1]
    elif isinstance(tree, Op) and tree.op in ("take_higher", "replaces", "net_of", "stacks_with"):
        return
    for node in walk(tree):
        if isinstance(node, Ref) and node.role in ("award", "family", "slot"):
            yield node


# An expression by itself -----------------------------------------------------


def explain_expression(written: str, library: Library, home: Pack | None = None) -> Explained:
    """An amount, a condition, a statement or a claim, whichever it is, as one of the pack `home`. Raises Refusal."""
    text = Text.whole(written, _SCRATCH)
    packs = _packs(library)
    refused: list[Problem] = []
    for tree, start in _parsed(text):
        try:
            found, resolved = in_place(tree, start, text, library, home)
        except Refusal as refusal:
            refused = refused or [*refusal.problems]
        else:
            base = Explained(_SCRATCH, "expression", resolved, library.vocabulary, packs, tree=(found, start))
            return replace(base, readings=_readings([found], {**packs, resolved.id: resolved}))
    raise Refusal(*refused)


def in_place(tree: Node, start: Start, text: Text, library: Library, home: Pack | None = None) -> tuple[Node, Pack]:
    """An expression resolved and checked as one of the pack `home`, or of no pack, and the pack with it in its place.

    Raises Refusal.
    """
    packs = _packs(library)
    around = replace(home or nowhere(library), source=text.source)
    resolved, problems = resolve(_with(around, tree, start), library.vocabulary, packs)
    problems = problems or check(resolved, library.vocabulary, packs)
    if errors(problems):
        raise Refusal(*errors(problems))
    return _found(resolved, start), resolved


def nowhere(library: Library) -> Pack:
    """A pack of a place above all others, where payers are spoken of in general, and which may speak of all packs."""
    return Pack(
        id=_SCRATCH,
        version="0.0.0",
        status="draft",
        jurisdiction=next(name for name, place in library.vocabulary.places.items() if place.within is None),
        document=Document(_LABEL),
        source=Source(_SCRATCH, ""),
        sha256="",
        uses={id: pack.version for id, pack in _packs(library).items()},
    )


def _with(pack: Pack, tree: Node, start: Start) -> Pack:
    """The pack with one expression more, where one of its sort belongs."""
    match start:
        case "amount":
            return replace(pack, awards={**pack.awards, _SCRATCH: Award(_SCRATCH, _LABEL, _CITE, tree)})
        case "condition":
            added = Entitlement(_SCRATCH, _LABEL, _CITE, tree)
            return replace(pack, entitlements={**pack.entitlements, _SCRATCH: added})
        case "statement":
            return replace(pack, precedence=(*pack.precedence, Statement(tree, _CITE, "")))
        case "claim":
            return replace(pack, guarantees=(*pack.guarantees, Guarantee(tree, "")))


def _found(pack: Pack, start: Start) -> Node:
    """The expression that was added."""
    match start:
        case "amount":
            return pack.awards[_SCRATCH].amount
        case "statement":
            return pack.precedence[-1].rule
        case "claim":
            return pack.guarantees[-1].claim
    when = pack.entitlements[_SCRATCH].when
    assert when is not None  # it was added
    return when


def _parsed(text: Text) -> list[tuple[Node, Start]]:
    """Every way in which the text can be read; where there is none, the problem that came furthest."""
    found: list[tuple[Node, Start]] = []
    refused: list[Refusal] = []
    for start in _READINGS:
        try:
            found.append((parse(text, start), start))
        except Refusal as refusal:
            refused.append(refusal)
    if not found:
        raise max(refused, key=_place)
    return found


def _place(refusal: Refusal) -> int:
    at = refusal.problems[0].at
    return at.span.start if at else 0
