"""What every name in a pack means.

In: a pack whose trees hold names as typed, the vocabulary, and the packs it may speak of. Out: a copy of the pack in
which every Name is a Ref, and the problems. Promises:

- Position decides: after `by` a payer, beside a fact its values, in a statement an award or family, and so on.
- Only canonical names are left, so the Chinese and the English surface give the same tree.
- A reading, an award and a family always carry their pack.
- A name of a declared pack that is not at hand becomes a Ref by its position alone (`reading` on the left of a
  comparison, else `award`); the lowering lets such expressions sleep.
- A name that means nothing stays a Name and is a problem; what hangs on it is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Literal, TypeVar

from policyeval.functions import RESERVED, UNIT_WORDS, spaced
from policyeval.grounded import grounded
from policyeval.near import did_you_mean, nearest
from policyeval.pack import Authority, Award, Budget, Case, Entitlement, Pack, Reading
from policyeval.problems import At, Problem
from policyeval.record import replace
from policyeval.source import Span
from policyeval.tree import NOWHERE, Name, Node, Op, Ref
from policyeval.units import digits
from policyeval.versions import bounds, meets
from policyeval.vocabulary import Vocabulary

Role = Literal["fact", "reading", "value", "place", "payer", "award", "family", "slot", "regime", "metric"]
Conditioned = TypeVar("Conditioned", Award, Entitlement, Authority)

FACTS: tuple[Role, ...] = ("fact", "reading", "award", "family")  # on the left of a comparison, or alone
FIGURES: tuple[Role, ...] = ("fact", "award", "family", "slot", "reading")  # in an amount
OPERANDS: tuple[Role, ...] = ("award", "family")  # in a statement, and before `as if`
PAYERS: tuple[Role, ...] = ("payer",)

COMPARISONS = frozenset({"is", "is_not", "in", "not_in", "at_least", "at_most", "above", "below"})
CONDITIONS = frozenset({"or", "and", "not"})
STATEMENTS = frozenset({"take_higher", "replaces", "net_of", "stacks_with"})
BOUNDED = frozenset({"limited_to", "never_above", "never_below"})  # an operand, then an amount
CEILINGS = frozenset({"together", "together_in_order"})  # an amount, then operands
AMOUNTS = frozenset(
    {"unspecified", "up_to", "higher", "lower", "add", "sub", "mul", "div", "neg", "of", "cap", "cap_each"}
    | {
        "brackets",
        "steps",
        "band",
        "beyond",
        "for_each",
        "for_each_most",
        "shared",
        "rounded",
        "rounded_down",
        "top_up",
    }
)
BINDERS = frozenset(
    {"if", "matched", "by", "first_by", "as_if", "set", "known", "when", "sum_of", "count_of", "where"}
)  # each with positions of its own

CLAIMED = frozenset({"support_of", "pays_under"})  # what only a claim can speak of
ENACTED = {"enacted": "enacted", "现行": "enacted"}  # what is in force, as a regime

TRUTH = {"true": "true", "yes": "true", "是": "true", "真": "true"} | {
    "false": "false", "no": "false", "否": "false", "假": "false",
}  # fmt: skip

ROLE_WORDS: dict[Role, dict[str, str]] = {
    "fact": {"en": "a fact", "zh": "事实"},
    "reading": {"en": "a reading", "zh": "解读"},
    "value": {"en": "a value", "zh": "取值"},
    "place": {"en": "a place", "zh": "地方"},
    "payer": {"en": "a payer", "zh": "出资方"},
    "award": {"en": "an award", "zh": "奖补"},
    "family": {"en": "a family of awards", "zh": "奖补类别"},
    "slot": {"en": "a slot", "zh": "待定项"},
    "regime": {"en": "a policy", "zh": "政策"},
    "metric": {"en": "a metric", "zh": "指标"},
}
CODES: dict[Role, str] = {"fact": "N101", "metric": "N131", "award": "N103", "payer": "N104", "place": "N105"}


_NUMBER = re.compile(rf"[0-9]+({'|'.join(sorted(UNIT_WORDS))})?")


def resolve(pack: Pack, vocabulary: Vocabulary, packs: Mapping[str, Pack]) -> tuple[Pack, list[Problem]]:
    """The pack with every name resolved, and what could not be."""
    names = _Names(pack, vocabulary, packs)
    names.frame()
    resolved = replace(
        pack,
        awards={id: replace(names.conditioned(a), amount=names.amount(a.amount)) for id, a in pack.awards.items()},
        entitlements={id: names.conditioned(e) for id, e in pack.entitlements.items()},
        authority=tuple(names.conditioned(a) for a in pack.authority),
        precedence=tuple(replace(s, rule=names.amount(s.rule)) for s in pack.precedence),
        guarantees=tuple(replace(g, claim=names.claim(g.claim)) for g in pack.guarantees),
        provisions=grounded(pack, vocabulary, names.condition, names.metric, names.dangling),
    )
    return resolved, sorted(names.problems, key=lambda problem: problem.at.span if problem.at else NOWHERE)


class _Names:
    """One pack's names. Each method that takes a node gives the node with its names resolved."""

    def __init__(self, pack: Pack, vocabulary: Vocabulary, packs: Mapping[str, Pack]) -> None:
        self.pack, self.vocabulary, self.packs = pack, vocabulary, packs
        self.problems: list[Problem] = []
        self.within: str | None = None  # the list whose items a condition is about
        self._named = cache(self._spelled)
        self._claiming = False

    # expressions, by position

    def conditioned(self, item: Conditioned) -> Conditioned:
        return item if item.when is None else replace(item, when=self.condition(item.when))

    def amount(self, node: Node) -> Node:
        return self.name(node, FIGURES) if isinstance(node, Name) else self.inside(node)

    def claim(self, node: Node) -> Node:
        self._claiming = True
        found = self.inside(node)
        self._claiming = False
        return found

    def metric(self, node: Node) -> Node:
        """An expression over metrics."""
        if isinstance(node, Name):
            return self.name(node, ("metric",))
        return replace(node, args=tuple(map(self.metric, node.args))) if isinstance(node, Op) else node

    def condition(self, node: Node) -> Node:
        return self.name(node, FACTS) if isinstance(node, Name) else self.inside(node)

    def operand(self, node: Node) -> Node:
        return self.name(node, OPERANDS) if isinstance(node, Name) else node

    def payer(self, node: Node) -> Node:
        return self.name(node, PAYERS) if isinstance(node, Name) else node

    def inside(self, node: Node) -> Node:
        """An operator with its operands resolved, each by its position; a leaf as it is."""
        if not isinstance(node, Op) or not node.args:
            return node
        return replace(node, args=tuple(self._args(node.op, node.args)))

    def _args(self, op: str, args: tuple[Node, ...]) -> Iterable[Node]:
        first, rest = args[0], args[1:]
        if op in COMPARISONS:
            return self._beside(self.condition(first), rest)
        if op in CONDITIONS:
            return map(self.condition, args)
        if op in STATEMENTS:
            return map(self.operand, args)
        if op in BOUNDED:
            return self.operand(first), *map(self.amount, rest)
        if op in CEILINGS:
            return self.amount(first), *map(self.operand, rest)
        if op == "if":
            return self.condition(first), *map(self.amount, rest)
        if op in ("matched", "by"):
            return self.amount(first), *map(self.payer, rest)
        if op == "first_by":
            return *map(self.amount, args[:2]), *map(self.payer, args[2:])
        if op == "as_if":
            return self.operand(first), *(self._about(None, self.inside, node) for node in rest)
        if op == "where":
            listed = self._list(first)
            return listed, *(self._about(listed, self.condition, node) for node in rest)
        if op in ("sum_of", "count_of"):
            listed = self._list(first)
            return listed, *(self._field(listed, node) for node in rest)
        if op == "set":
            return self._beside(self._settable(first), rest)
        if op == "known":
            return (self.name(first, ("fact",)) if isinstance(first, Name) else first,)
        if op in CLAIMED:
            return self._claimed(op, args)
        if op == "when":
            return self.amount(first), *map(self.condition, rest)
        return map(self.amount, args)

    def _claimed(self, op: str, args: tuple[Node, ...]) -> Iterable[Node]:
        """Whatever a regime comes to: only a claim can speak of it, since a pack's own amounts are part of it."""
        *payers, regime = args
        assert isinstance(regime, Name)  # the grammar has nothing else here
        if not self._claiming:
            self.problem("N120", regime.span, text=op.replace("_", " "))
            return args
        known = {**ENACTED, **{id: id for id in (self.pack.id, *self.pack.uses, *self.packs)}}
        if regime.name not in known:
            near = did_you_mean(regime.name, known)
            self.problem("N121", regime.span, name=regime.name, near=near)
            return args
        return (*map(self.payer, payers), Ref("regime", known[regime.name], span=regime.span))

    def _beside(self, left: Node, rest: Iterable[Node]) -> tuple[Node, ...]:
        """What stands beside `left`, names taking its values."""
        return left, *(self._value(left, n) if isinstance(n, Name) else self.inside(n) for n in rest)

    # lists

    def _list(self, node: Node) -> Node:
        """A list by name, or with a condition on its items."""
        if isinstance(node, Ref) or (isinstance(node, Op) and node.op == "where"):
            return self.inside(node)
        spellings = self.vocabulary.fact_spellings
        if isinstance(node, Name) and spellings.get(str(node)) in self.vocabulary.lists:
            return Ref("fact", spellings[str(node)], span=node.span)
        written = " ".join(self.pack.source.text[node.span.start : node.span.end].split())
        self.dangling("N122", node.span, written, [s for s, n in spellings.items() if n in self.vocabulary.lists])
        return node

    def _about(self, listed: Node | None, read: Callable[[Node], Node], node: Node) -> Node:
        """The node read as one about the items of a list; of none, as one about the platform."""
        before = self.within
        self.within = listed.name if isinstance(listed, Ref) else None
        found = read(node)
        self.within = before
        return found

    def _field(self, listed: Node, node: Node) -> Node:
        """A field of a list's items."""
        ref = listed.args[0] if isinstance(listed, Op) and listed.op == "where" else listed
        if not isinstance(node, Name) or not isinstance(ref, Ref):
            return node
        fields = self.vocabulary.facts[ref.name].field_spellings
        if str(node) in fields:
            return Ref("fact", fields[str(node)], span=node.span)
        self.dangling("N123", node.span, str(node), fields, of=ref.name)
        return node

    def _settable(self, node: Node) -> Node:
        if isinstance(node, Name) and node.name not in self.vocabulary.fact_spellings:
            pack = self.packs.get(node.pack) if node.pack else self.pack
            if pack is not None and node.name in pack.readings:
                self.problem("N106", node.span, name=str(node))
                return node
        return self.name(node, ("fact",)) if isinstance(node, Name) else node

    # names

    def name(self, name: Name, roles: tuple[Role, ...]) -> Node:
        """The first of these roles that the name has, or the name and a problem."""
        if name.pack is not None and name.pack != self.pack.id:
            return self._foreign(name, tuple(r for r in roles if r not in ("fact", "payer")))
        return self._known(name, tuple(r for r in roles if r != "fact") if name.pack else roles, self.pack)

    def _foreign(self, name: Name, roles: tuple[Role, ...]) -> Node:
        assert name.pack is not None  # the caller asked
        if name.pack not in self.pack.uses:
            known = {*self.pack.uses, self.pack.id, *self.packs}
            self.problem("N107", name.span, pack=name.pack, near=did_you_mean(name.pack, known))
            return name
        pack = self.packs.get(name.pack)
        if pack is None:
            guess: Role = "award" if name.slice or not roles or roles[0] != "reading" else "reading"
            return self._ref(guess, name.name, name.pack, name)
        return self._known(name, roles, pack)

    def _known(self, name: Name, roles: tuple[Role, ...], pack: Pack) -> Node:
        if name.slice:
            roles = tuple(r for r in roles if r in OPERANDS)
        for role in roles:
            found = self.spelled(role, pack.id).get(name.name)
            if found is not None:
                of = pack.id if role in ("reading", "slot", *OPERANDS) else None
                return self._ref(role, found, of, name)
        self._unknown(name, roles, pack)
        return name

    def _ref(self, role: Role, meant: str, pack: str | None, name: Name) -> Node:
        """What the name means, with its slice; the name where the slice is no payer."""
        payer = self.vocabulary.payer_spellings.get(name.slice) if name.slice else None
        if name.slice and payer is None:
            piece = Span(name.span.end - len(name.slice), name.span.end)
            self.dangling("N104", piece, name.slice, self.vocabulary.payer_spellings)
            return name
        return Ref(role, meant, pack, payer, span=name.span)

    def spelled(self, role: Role, pack: str) -> Mapping[str, str]:
        """Every spelling of every name in a role, with the name it means."""
        if role == "fact":
            return self.vocabulary.inside[self.within] if self.within else self.vocabulary.fact_spellings
        return self._named(role, pack)

    def _spelled(self, role: Role, pack: str) -> Mapping[str, str]:
        if role == "payer":
            return self.vocabulary.payer_spellings
        if role == "metric":
            return self.vocabulary.metric_spellings
        owner = self.pack if pack == self.pack.id else self.packs[pack]
        if role == "reading":
            return {id: id for id in owner.readings}
        if role == "slot":
            return owner.slot_spellings
        return owner.award_spellings if role == "award" else {id: id for id in owner.families}

    # values

    def _value(self, left: Node, name: Name) -> Node:
        if isinstance(left, Name):
            return name  # what stands on the left is a problem already
        values = self._values(left)
        if values is None or name.pack or name.slice:
            return self.amount(name)
        found = values(name.name) or self._stray(name)
        if found is not None:
            return replace(found, span=name.span)
        assert isinstance(left, Ref)  # only facts and readings have values
        known = self._value_names(left)
        self.dangling("N105" if self._kind(left) == "place" else "N102", name.span, name.name, known, of=str(left))
        return name

    def _values(self, left: Node) -> Callable[[str], Ref | None] | None:
        """What a name means beside `left`; None where `left` takes no values that have names."""
        if not isinstance(left, Ref):
            return None
        if left.role == "reading" and left.pack != self.pack.id and left.pack not in self.packs:
            return lambda name: Ref("value", name, of=str(left))
        if self._kind(left) not in ("enumeration", "ordered", "bool", "place"):
            return None
        role: Role = "place" if self._kind(left) == "place" else "value"
        known, of = self._value_names(left), None if role == "place" else str(left)
        return lambda name: Ref(role, known[name], of=of) if name in known else None

    def _value_names(self, left: Ref) -> Mapping[str, str]:
        kind = self._kind(left)
        if kind == "bool":
            return TRUTH
        if kind == "place":
            return self.vocabulary.place_spellings
        if left.role == "reading":
            return _option_spellings(self._reading(left))
        return self.vocabulary.value_spellings[left.name]

    def _kind(self, left: Ref) -> str | None:
        if left.role == "reading":
            return "enumeration"
        return self.vocabulary.facts[left.name].kind if left.role == "fact" else None

    def _reading(self, ref: Ref) -> Reading:
        owner = self.pack if ref.pack == self.pack.id else self.packs[str(ref.pack)]
        return owner.readings[ref.name]

    def _stray(self, name: Name) -> Ref | None:
        """Another fact, or a value of another fact: it means something, and `check` says that it does not fit."""
        fact = self.vocabulary.fact_spellings.get(name.name)
        if fact is not None:
            return Ref("fact", fact)
        for of, values in self.vocabulary.value_spellings.items():
            if name.name in values:
                return Ref("value", values[name.name], of=of)
        for reading in self.pack.readings.values():
            if name.name in reading.options:
                return Ref("value", name.name, of=f"{self.pack.id}/{reading.id}")
        return None

    # the frame of a pack

    def frame(self) -> None:
        """What stands outside expressions: place, payers, packs in use, readings, families."""
        pack, vocabulary = self.pack, self.vocabulary
        if pack.jurisdiction not in vocabulary.places:
            self._no_id("N105", "jurisdiction", pack.jurisdiction, vocabulary.places, vocabulary.place_spellings)
        for payer in pack.payers:
            if payer not in vocabulary.payers:
                self._no_id("N104", f"payers.{payer}", payer, vocabulary.payers, vocabulary.payer_spellings)
        for id, wanted in pack.uses.items():
            self._use(id, wanted, self._at(f"uses.{id}"))
        for reading in pack.readings.values():
            self._reading_frame(reading)
        for award in pack.awards.values():
            if award.family in pack.awards:
                self.problem("N112", award.span, name=award.family)
            if award.id in RESERVED:
                self.problem("N127", award.span, name=award.id)
            if award.fills is not None:
                self._fills(award.fills, self._at(f"awards.{award.id}.fills", award.span))
        for slot in pack.slots.values():
            for role in ("fact", "award", "family"):
                if slot.id in self.spelled(role, pack.id):
                    self.problem("N117", slot.span, name=slot.id, other=ROLE_WORDS[role])
        for budget in pack.budgets.values():
            self._budget(budget)
        for i, case in enumerate(pack.cases):
            self._case(case, f"cases.{i}")

    def _no_id(self, code: str, at: str, name: str, known: Iterable[str], spelled: Mapping[str, str]) -> None:
        """A label where YAML wants the name, or what is not known at all."""
        if name in spelled:
            self.problem("N126", self._at(at), name=name, id=spelled[name])
        else:
            self.dangling(code, self._at(at), name, known)

    def _fills(self, slot: str, span: Span) -> None:
        """The slot that an award fills, in this pack or one in use."""
        pack, _, id = slot.rpartition("/")
        if not pack or (pack != self.pack.id and pack not in self.pack.uses):
            known = [p for p in (*self.pack.uses, self.pack.id) if p]
            self.problem("N107", span, pack=pack or slot, near=did_you_mean(pack or slot, known))
            return
        owner = self.pack if pack == self.pack.id else self.packs.get(pack)
        if owner is not None and id not in owner.slots:
            self.dangling("N114", span, id, owner.slots, pack=pack, wanted=ROLE_WORDS["slot"])

    def _budget(self, budget: Budget) -> None:
        """The awards and families that share a budget; each award in one budget alone."""
        taken = {a: b for b in self.pack.budgets.values() if b.id != budget.id for a in self.pack.awards_of(b.awards)}
        for name in budget.awards:
            span = self._at(f"budgets.{budget.id}.{name}", budget.span)
            if name not in self.pack.awards and name not in self.pack.families:
                self.dangling("N103", span, name, [*self.pack.awards, *self.pack.families])
            for award in self.pack.awards_of([name]):
                if award in taken and taken[award].span < budget.span:
                    self.problem("N116", span, name=award, first=taken[award].id)

    def _use(self, id: str, wanted: str, span: Span) -> None:
        versions = sorted(pack.version for pack in self.packs.values() if pack.id == id)
        if id == self.pack.id:
            self.problem("N124", span, pack=id)
        elif bounds(wanted) is None:
            self.problem("N108", span, pack=id, range=wanted)
        elif versions and not any(meets(version, wanted) for version in versions):
            self.problem("N109", span, pack=id, range=wanted, known=", ".join(versions), version=versions[-1])
        elif not versions and (near := nearest(id, self.packs)) and _letters(near) != _letters(id):
            self.problem("N113", span, pack=id, near=did_you_mean(id, self.packs))

    def _reading_frame(self, reading: Reading) -> None:
        first = next(iter(reading.options), None)
        if reading.default not in reading.options:
            self.dangling("N102", reading.span, reading.default, reading.options, of=reading.id)
        elif reading.default != first:
            self.problem("N110", reading.span, name=reading.id, default=reading.default, first=first)
        if reading.id in self.vocabulary.fact_spellings:
            self.problem("N111", reading.span, name=reading.id)

    def _case(self, case: Case, key: str) -> None:
        """The facts and readings that an example names; their values are read where it is run."""
        for fact in case.platform:
            if fact not in self.vocabulary.fact_spellings:
                span = self._at(f"{key}.platform.{fact}", case.span)
                known = self.vocabulary.fact_spellings
                self.dangling("N101", span, fact, known, wanted=ROLE_WORDS["fact"])
        for reading, options in case.readings.items():
            span = self._at(f"{key}.readings.{reading}", case.span)
            pack, _, id = reading.rpartition("/")
            owner = self.packs.get(pack) if pack and pack != self.pack.id else self.pack
            if owner is None:
                continue
            if id not in owner.readings:
                self.dangling("N101", span, id, owner.readings, wanted=ROLE_WORDS["reading"])
                continue
            for option in options if isinstance(options, list) else [options]:
                if option not in owner.readings[id].options:
                    self.dangling("N102", span, option, owner.readings[id].options, of=id)

    def _at(self, key: str, otherwise: Span = NOWHERE) -> Span:
        """Where a name outside expressions stands."""
        return self.pack.spans.get(key, otherwise)

    # problems

    def problem(self, code: str, span: Span, **words: object) -> None:
        self.problems.append(Problem(code, words, At(self.pack.source, span)))

    def _unknown(self, name: Name, roles: tuple[Role, ...], pack: Pack) -> None:
        known = [spelling for role in roles for spelling in self.spelled(role, pack.id)]
        wanted = _one_of(roles[:2])  # the likely ones
        if pack.id != self.pack.id:
            self.dangling("N114", name.span, name.name, known, pack=pack.id, wanted=wanted)
            return
        other = self._elsewhere(name) if name.pack is None else None
        if other is not None:
            self.problem("N115", name.span, name=str(name), found=other, wanted=wanted)
        else:
            self.dangling(CODES[roles[0]] if roles else "N103", name.span, name.name, known, wanted=wanted)

    def _elsewhere(self, name: Name) -> dict[str, str] | None:
        """What a name that does not fit its position is in another one."""
        roles: tuple[Role, ...] = ("fact", "reading", "award", "family", "payer")
        found = next((r for r in roles if name.name in self.spelled(r, self.pack.id)), None)
        if found is not None:
            return ROLE_WORDS[found]
        stray = self._stray(name)
        if stray is not None:
            return {"en": f"a value of `{stray.of}`", "zh": f"`{stray.of}`的取值"}
        of = next((list_ for list_ in self.vocabulary.lists.values() if name.name in list_.field_spellings), None)
        if of is not None:
            return {"en": f"a field of the items of `{of.name}`", "zh": f"`{of.name}`各项的字段"}
        return ROLE_WORDS["place"] if name.name in self.vocabulary.place_spellings else None

    def dangling(self, code: str, span: Span, name: str, known: Iterable[str], **words: object) -> None:
        if apart := spaced(name, _Pieces(self)):
            self.problem("P112", span, found=name, apart=apart)
        elif code == "N101" and (figure := digits(name)):
            self.problem("N125", span, found=name, digits=figure)
        else:
            self.problem(code, span, name=name, near=_mend(name, list(known)), **words)


class _Pieces:
    """What may stand between two keywords: any name that means something in the pack, and numbers."""

    def __init__(self, names: _Names) -> None:
        roles: tuple[Role, ...] = ("fact", "reading", "award", "family", "payer")
        self.known = {*names.vocabulary.place_spellings, *TRUTH}
        self.known.update(*(names.spelled(role, names.pack.id) for role in roles))
        self.known.update(*names.vocabulary.value_spellings.values())
        self.known.update(*(reading.options for reading in names.pack.readings.values()))

    def __contains__(self, piece: object) -> bool:
        return piece in self.known or _NUMBER.fullmatch(str(piece)) is not None


def _mend(name: str, known: list[str]) -> dict[str, str]:
    """The nearest name that an expression can hold, or else a few that may stand there."""
    known = [k for k in known if k.replace("-", "_").isidentifier()]
    if nearest(name, known) is not None:
        return did_you_mean(name, known)
    some = [f"`{k}`" for k in known if k.isascii()][:8]
    if not some:
        return {"en": "", "zh": ""}
    return {"en": f"known here: {', '.join(some)}", "zh": f"这里可以写：{'、'.join(some)}"}


def _one_of(roles: tuple[Role, ...]) -> dict[str, str]:
    en, zh = ([ROLE_WORDS[role][lang] for role in roles] for lang in ("en", "zh"))
    return {"en": ", ".join(en[:-1]) + " or " * (len(en) > 1) + "".join(en[-1:]), "zh": "、".join(zh)}


def _option_spellings(reading: Reading) -> dict[str, str]:
    labels = {spelling: option for option, label in reading.options.items() for spelling in label.spellings}
    return labels | {option: option for option in reading.options}


def _letters(name: str) -> str:
    """A pack's name without its year, which may honestly differ."""
    return "".join(c for c in name if not c.isdigit())
