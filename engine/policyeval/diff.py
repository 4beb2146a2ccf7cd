"""Two versions of a pack: what changed in meaning, not in text.

In: a library and two packs. Out: a Difference: the rules that say something else and whom each touches, what platforms
get on both sides, and apart from these what was only reworded, moved or renamed; and its JSON. Promises: what is called
no change of meaning has the same formulas on both sides, for every platform, reading and day; what else is said of all
platforms is proved, or shown by one; each side stands beside the packs that it uses, and nothing else.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Literal

from policyeval.answer import cite_json
from policyeval.changes import Pair, options_of_both, pairs
from policyeval.claims import ENDS, Breach, Claim, Ground
from policyeval.compare import Class, class_json, classes
from policyeval.digest import award_digest, outcome_digest
from policyeval.domains import Domains
from policyeval.explain import Item
from policyeval.library import Library
from policyeval.lower import lower, open_slots
from policyeval.money import in_words
from policyeval.pack import (
    Authority,
    Award,
    Budget,
    Entitlement,
    Guarantee,
    Pack,
    Reading,
    Slot,
    Statement,
)
from policyeval.plan import Builder, Plan, with_facts
from policyeval.problems import Problem, Refusal
from policyeval.prove import SECONDS, Prover, Verdict
from policyeval.provisions import Provision, Provisions
from policyeval.record import Record, names, replace
from policyeval.regime import Tell, bearing, chosen_readings, planned, silent
from policyeval.renaming import Keys, renamed
from policyeval.sentences import Expression
from policyeval.switches import by_rule, switched
from policyeval.tree import Node, Number, Op, Split
from policyeval.verdicts import AFTER, BEFORE, readings_of, verdict_json, witness_json
from policyeval.vocabulary import Label, Vocabulary
from policyeval.write import write

ALONE = 8  # changes, at most, of which each is also looked at by itself

MONEY = ("award", "statement", "reading")  # kinds of rules that an amount can come from
_PLAN = ("award", "statement", "entitlement")  # whose meaning the plan holds

_SAME_SUPPORT = Label("每个平台得到的支持都与原来相同", "every platform receives the same")

Kind = Literal["none", "no_money", "money", "unknown"]
When = dict[str, list[str]]


class Change(Record):
    """A rule that says something else. `touches`: the platforms that get something else by this change alone, as the
    values of the facts that tell them apart; None where that was not worked out."""

    pair: Pair
    touches: tuple[When, ...] | None = None


class Rewording(Record):
    """A rule whose meaning stayed. `what`: the parts of it that are worded otherwise."""

    pair: Pair
    what: tuple[str, ...]


class Entry(Record):
    """Something said of the document as a whole."""

    name: str
    old: Label
    new: Label


class Difference(Record):
    """`old` goes by the keys of `new`. `digests` are of all that platforms get, and where they are equal there are no
    `claims`; `classes` are those that get something else, under the readings that each side assumes.
    """

    vocabulary: Vocabulary
    names: tuple[str, str]  # as the packs were named
    refs: tuple[str, str]
    old: Pack
    new: Pack
    beside: tuple[Pack, ...]
    place: str
    as_of: date
    readings: dict[str, str]
    keys: Keys
    changes: tuple[Change, ...]
    reworded: tuple[Rewording, ...]
    moved: tuple[Pair, ...]
    document: tuple[Entry, ...]
    digests: tuple[str, str]
    claims: tuple[Verdict, ...]
    classes: tuple[Class, ...]
    open_readings: dict[str, tuple[str, ...]]
    reasons: tuple[Problem, ...] = ()  # why the classes could not be worked out

    @property
    def same(self) -> bool:
        """Both sides have the same formulas."""
        return self.digests[0] == self.digests[1]

    @property
    def kind(self) -> Kind:
        """No change of meaning; a change, but nobody is paid otherwise; somebody is; or that is not settled."""
        effects = {effect for one in self.classes for effect in one.effect.values()}
        if effects - {"same", "unknown"} or any(verdict.verdict == "refuted" for verdict in self.claims):
            return "money"
        if self.reasons or "unknown" in effects or any(verdict.verdict == "unknown" for verdict in self.claims):
            return "unknown"
        provided = _told(self.old.provisions) != _told(self.new.provisions)
        elsewhere = self.old.jurisdiction != self.new.jurisdiction
        return "no_money" if self.changes or provided or elsewhere else "none"


def diff(
    library: Library,
    old: str,
    new: str,
    as_of: date,
    readings: Mapping[str, str],
    seconds: float = SECONDS,
    tell: Tell = silent,
) -> Difference:
    """What changed from one pack to the other, both named by any PACK reference. `seconds`: the limit for each claim;
    `tell` hears of the progress.

    Raises Refusal where a reference means nothing, or L301 where the two packs have no place in common.
    """
    return _Sides(library, (old, new), as_of, chosen_readings(library, readings)).difference(seconds, tell)


class _Sides:
    """The two packs, the old one under the keys of the new one, each with the options of both."""

    def __init__(self, library: Library, names: tuple[str, str], as_of: date, readings: Mapping[str, str]) -> None:
        self.library, self.names, self.as_of = library, names, as_of
        self.vocabulary = library.vocabulary
        was, self.new = (library.pack(name) for name in names)
        if self.new.id in was.uses or was.id in self.new.uses:
            raise Refusal(Problem("L302", {"pack": was.ref, "other": self.new.ref}))
        self.place = self._place(was, self.new)
        under = renamed(was, self.new)
        self.was, self.old, self.keys = was, under.pack, under.keys
        self.beside = self._beside(was)
        self.packs = [
            library.ordered([*self.beside, replace(pack, readings=options_of_both(pack, self.old, self.new))])
            for pack in (self.old, self.new)
        ]
        moved = {f"{was.id}/{old}": f"{self.new.id}/{new}" for old, new in self.keys.get("reading", {}).items()}
        self.readings = {moved.get(id_, id_): option for id_, option in readings.items()}

    def _place(self, old: Pack, new: Pack) -> str:
        """The larger one of their places."""
        inside = self.vocabulary.below(old.jurisdiction)
        if new.jurisdiction in inside:
            return old.jurisdiction
        if old.jurisdiction in self.vocabulary.below(new.jurisdiction):
            return new.jurisdiction
        raise Refusal(Problem("L301", {"pack": old.ref, "other": new.ref}))

    def _beside(self, old: Pack) -> tuple[Pack, ...]:
        """The packs that either uses, as far as they are at hand."""
        around = {**self.library.around(old), **self.library.around(self.new)}
        used = {*old.uses, *self.new.uses} - {old.id, self.new.id}
        return tuple(pack for id_, pack in around.items() if id_ in used)

    def difference(self, seconds: float, tell: Tell) -> Difference:
        whole = [self._whole(packs) for packs in self.packs]
        digests = (outcome_digest(whole[0]), outcome_digest(whole[1]))
        changed, moved = _apart(pairs(self.old, self.new))
        rewritten = [pair for pair in changed if self._rewritten(pair, whole, digests[0] == digests[1])]
        changed = [pair for pair in changed if pair not in rewritten]
        if digests[0] != digests[1]:  # so it may matter where a statement stands
            changed, moved = [*changed, *moved], []
        reasons: list[Problem] = []
        assumed = any(pair.rule.kind == "reading" for pair in changed)
        found = self._classes(reasons) if digests[0] != digests[1] or assumed else ()
        return Difference(
            vocabulary=self.vocabulary,
            names=self.names,
            refs=(self.was.ref, self.new.ref),
            old=self.old,
            new=self.new,
            beside=self.beside,
            place=self.place,
            as_of=self.as_of,
            readings=self.readings,
            keys=self.keys,
            changes=tuple(self._touching(changed, found, bool(reasons))),
            reworded=(*(Rewording(pair, ("expression",)) for pair in rewritten), *_reworded(self.old, self.new)),
            moved=tuple(moved),
            document=tuple(_document(self.was, self.new, self.vocabulary)),
            digests=digests,
            claims=self._claims(seconds, tell) if digests[0] != digests[1] else (),
            classes=found,
            open_readings=self._open,
            reasons=tuple(reasons),
        )

    @property
    def _open(self) -> dict[str, tuple[str, ...]]:
        """The readings that no option was chosen for."""
        every = bearing(self.packs[0])
        return {id_: tuple(reading.options) for id_, reading in every.items() if id_ not in self.readings}

    # proofs

    def _whole(self, packs: Sequence[Pack]) -> Plan:
        """All that the packs say, whatever the readings, the day, and what fills their slots."""
        builder = Builder()
        slots = {slot: builder.fact(slot) for slot in open_slots(packs)}
        return lower(packs, self.vocabulary, self.readings, None, builder, slots)

    def _claims(self, seconds: float, tell: Tell) -> tuple[Verdict, ...]:
        """Whether every platform gets the same, and every payer pays the same: as open clauses are read by default, and
        where they do, however these are read."""
        assumed = [planned(packs, self.vocabulary, self.readings) for packs in self.packs]
        every = [lower(packs, self.vocabulary, self.readings) for packs in self.packs]
        space = Domains(self.vocabulary, self.packs[0], self.place).space()
        provers = [
            Prover(Ground(self.vocabulary, space, {BEFORE: old, AFTER: new}), seconds) for old, new in (assumed, every)
        ]
        payers = [p for p in self.vocabulary.payers if any(p in plan.payers for plan in every)]
        found: list[Verdict] = []
        for payer in (None, *payers):
            tell(len(found), len(payers) + 1)
            verdict = self._alike(provers[0], payer)
            found.append(self._alike(provers[1], payer) if verdict.verdict == "proved" else verdict)
        return tuple(found)

    def _alike(self, prover: Prover, payer: str | None) -> Verdict:
        """Whether the support, or what a payer pays, is the same for every platform, end by end."""
        ground = prover.ground
        if payer is None:
            id_, words = "every_platform_receives_the_same", _SAME_SUPPORT
            sides = (ground.support(BEFORE), ground.support(AFTER))
        else:
            label = self.vocabulary.treasury(payer, self.place)
            id_ = f"{payer}_pays_the_same"
            words = Label(f"{label.zh}对每个平台的出资都与原来相同", f"{label.en} pays the same for every platform")
            sides = (ground.paid(BEFORE, payer), ground.paid(AFTER, payer))

        def breaches() -> Iterator[Breach]:
            yield from ground.above(*sides, ENDS)
            yield from ground.above(*sides[::-1], ENDS)

        return prover.decide(Claim(id_, words, breaches, ground.b.true, (BEFORE, AFTER)))

    def _rewritten(self, pair: Pair, whole: Sequence[Plan], same: bool) -> bool:
        """An expression that is written otherwise and comes to the same formula, and nothing else of the rule."""
        if not (pair.old and pair.new and pair.how == "changed" and pair.rule.kind in _PLAN):
            return False
        if Pair(replace(pair.old, item=_with_trees(pair.old.item, pair.new.item)), pair.new).how != "same":
            return False
        if same:
            return pair.id not in {asleep.id for plan in whole for asleep in plan.asleep}
        sides = [award_digest(plan, award) for plan in whole for award in plan.awards if award.id == pair.id]
        return len(sides) == len(whole) and sides[0] == sides[1]

    # whom it touches

    def _classes(self, reasons: list[Problem]) -> tuple[Class, ...]:
        plans = [planned(packs, self.vocabulary, self.readings, self.as_of) for packs in self.packs]
        return tuple(self._other(plans[0], plans[1], reasons))

    def _other(self, before: Plan, after: Plan, reasons: list[Problem]) -> Iterator[Class]:
        """The classes of platforms that two plans treat differently."""
        try:
            found = classes(before, after, self.vocabulary, self.place)
        except Refusal as why:
            reasons += why.problems
            return
        yield from (one for one in found if set(one.effect.values()) != {"same"})

    def _touching(self, changed: Sequence[Pair], found: Sequence[Class], unsettled: bool) -> Iterator[Change]:
        """Each change with those it touches: all, where it is the only one; else each alone, with the old rest."""
        acting = [pair for pair in changed if pair.rule.kind in MONEY]
        if len(acting) == 1 and not unsettled:
            alone = {_key(acting[0]): tuple(one.when for one in found)}
        elif len(acting) <= ALONE and not unsettled:
            alone = dict(self._each_alone(acting))
        else:
            alone = {}
        yield from (Change(pair, alone.get(_key(pair))) for pair in changed)

    def _each_alone(self, acting: Sequence[Pair]) -> Iterator[tuple[Hashable, tuple[When, ...]]]:
        both = switched(self.library, self.packs[0], self.packs[1], by_rule)
        readings = planned(self.packs[0], self.vocabulary, self.readings, self.as_of).readings
        plan = lower(both.packs, self.vocabulary, readings, self.as_of)
        off = {clause.switch: False for clause in both.clauses}
        before = with_facts(plan, off)
        for clause in both.clauses:
            (pair,) = clause.rules
            if _switchable(pair) and any(_key(pair) == _key(other) for other in acting):
                reasons: list[Problem] = []
                after = with_facts(plan, {**off, clause.switch: True})
                touched = tuple(one.when for one in self._other(before, after, reasons))
                if not reasons:
                    yield _key(pair), touched


def _key(pair: Pair) -> Hashable:
    """What tells a pair from the others of two packs."""
    return pair.id, pair.how


def _switchable(pair: Pair) -> bool:
    """What an award belongs to cannot be switched."""
    sides = [rule.item for rule in (pair.old, pair.new) if rule and isinstance(rule.item, Award)]
    return len({(award.family, award.beneficiary, award.fills) for award in sides}) <= 1


def _with_trees(item: Item, other: Item) -> Item:
    """The rule with the expressions of another one of its kind."""
    trees = {key: getattr(other, key) for key in ("when", "amount", "rule") if key in names(type(item))}
    return replace(item, **trees)


# rules


def _apart(found: Sequence[Pair]) -> tuple[list[Pair], list[Pair]]:
    """What is not the same; and statements that only stand elsewhere."""
    changed = [pair for pair in found if pair.how != "same"]
    moved = []
    for gone in [pair for pair in changed if pair.how == "removed" and pair.rule.kind == "statement"]:
        for come in [pair for pair in changed if pair.how == "added" and pair.rule.kind == "statement"]:
            if (whole := Pair(gone.old, come.new)).how == "same" and gone in changed:
                moved.append(whole)
                changed = [pair for pair in changed if pair not in (gone, come)]
    return changed, moved


def _reworded(old: Pack, new: Pack) -> Iterator[Rewording]:
    """Rules of both sides whose label, clause or note are others."""
    for pair in pairs(old, new):
        if pair.old and pair.new:
            was, now = pair.old.item, pair.new.item
            parts = [p for p in ("label", "ask", "cite", "note") if getattr(was, p, None) != getattr(now, p, None)]
            if isinstance(was, Reading) and isinstance(now, Reading):
                common = was.options.keys() & now.options.keys()
                parts += ["options"] if any(was.options[o] != now.options[o] for o in common) else []
            if parts:
                yield Rewording(pair, tuple(parts))


# the document


def _document(old: Pack, new: Pack, vocabulary: Vocabulary) -> Iterator[Entry]:
    for (name, was), (_, now) in zip(_said(old, vocabulary), _said(new, vocabulary), strict=True):
        if was != now:
            yield Entry(name, was, now)
    yield from _provided(_told(old.provisions), _told(new.provisions))
    for section in ("notes", "cases", "not_modelled", "allow"):
        was, now = (getattr(p.provisions if section == "notes" else p, section) for p in (old, new))
        if was != now:
            edited = Label(f"{len(now)}，有改动", f"{len(now)}, edited")
            yield Entry(section, _plain(str(len(was))), _plain(str(len(now))) if len(was) != len(now) else edited)


Told = dict[str, dict[str, Provision]]


def _told(provisions: Provisions) -> Told:
    """The provisions by section and id."""
    sections = {section: getattr(provisions, section) for section in names(Provisions)}
    return {section: dict(items) for section, items in sections.items() if isinstance(items, Mapping)}


def _provided(old: Told, new: Told) -> Iterator[Entry]:
    """Targets, duties and the like that were added or removed, or say something else, each with what differs."""
    for section, was in old.items():
        now = new[section]
        for id_ in {**was, **now}:
            if was.get(id_) != now.get(id_):
                before, after = was.get(id_), now.get(id_)
                yield Entry(section, _brief(id_, before, after), _brief(id_, after, before))


def _brief(id_: str, one: Provision | None, other: Provision | None) -> Label:
    """A provision by its id and label, with those short fields in which it is not like the other."""
    if one is None:
        return _plain("")
    label = getattr(one, "label", None) or getattr(one, "does", None)
    fields = [name for name in names(type(one)) if other and getattr(one, name) != getattr(other, name, None)]
    short = [(name, getattr(one, name)) for name in fields if _is_short(getattr(one, name))]
    keys = [name.rstrip("_") for name, _ in short]  # `for_` is written `for`
    values = [", ".join(map(str, said)) if isinstance(said, tuple) else str(said) for _, said in short]
    texts = [f"{key} {value}" for key, value in zip(keys, values, strict=True)]
    text = "; ".join([id_, *texts])
    return Label(f"{text}（{label.zh}）", f"{text} ({label.en})") if label else _plain(text)


def _is_short(value: object) -> bool:
    return isinstance(value, str | date) or (isinstance(value, tuple) and all(isinstance(one, str) for one in value))


def _plain(text: str) -> Label:
    return Label(text, text)


def _said(pack: Pack, vocabulary: Vocabulary) -> Iterator[tuple[str, Label]]:
    document = pack.document
    plain = {
        "pack": pack.id,
        "version": pack.version,
        "status": pack.status,
        "number": document.number,
        "issued": document.issued,
        "first_day": pack.effective_from,
        "last_day": pack.effective_to,
        "payers": ", ".join(pack.payers),
        "uses": ", ".join(f"{id_} {wanted}" for id_, wanted in pack.uses.items()),
    }
    yield from ((name, _plain(str(value or ""))) for name, value in plain.items())
    yield "title", document.title
    yield "issuer", document.issuer or Label("", "")
    yield "place", vocabulary.places[pack.jurisdiction].label


# what changed, in parts

Said = Node | Label | str | None


class Part(Record):
    """A part of a rule, before and after. `figures`: where nothing but these are others, each before and after."""

    name: str
    old: Said
    new: Said
    figures: tuple[tuple[str, str], ...]


def parts_of(pair: Pair) -> list[Part]:
    """The parts of a rule that are others; all of them where it was added or removed."""
    was, now = (_parts(rule.item) if rule else {} for rule in (pair.old, pair.new))
    found = [(name, was.get(name), now.get(name)) for name in dict.fromkeys((*now, *was))]
    return [Part(name, old, new, tuple(_figures(old, new) or ())) for name, old, new in found if old != new]


def _parts(item: Item) -> dict[str, Said]:
    match item:
        case Award():
            words = {key: getattr(item, key) for key in ("family", "beneficiary", "per", "instrument", "fills")}
            return {"amount": item.amount, "when": item.when, **words}
        case Entitlement():
            return {"when": item.when, "beneficiary": item.beneficiary}
        case Statement():
            return {"rule": item.rule}
        case Reading():
            return {"options": ", ".join(sorted(item.options)), "default": item.default}
        case Budget():
            return {"awards": ", ".join(sorted(item.awards)), "total": in_words(item.total)}
        case Authority():
            return {"when": item.when, "body": item.body, "does": item.does}
        case Guarantee():
            return {"claim": item.claim}
        case Slot():
            return {}


def _figures(old: Said, new: Said) -> list[tuple[str, str]] | None:
    """The figures in which two expressions differ; None where they differ in more."""
    if old == new:
        return []
    if isinstance(old, Number | Split) and isinstance(new, Number | Split):
        return [(write(old), write(new))]
    if not (isinstance(old, Op) and isinstance(new, Op) and old.op == new.op and len(old.args) == len(new.args)):
        return None
    found = [_figures(a, b) for a, b in zip(old.args, new.args, strict=True)]
    return None if None in found else [pair for part in found if part for pair in part]


# JSON


def as_json(found: Difference, lang: str = "en") -> dict[str, Any]:
    return {
        "from": found.refs[0],
        "to": found.refs[1],
        "change": found.kind,
        "place": found.place,
        "beside": [pack.ref for pack in found.beside],
        "as_of": found.as_of.isoformat(),
        "readings": found.readings,
        "digests": {"from": found.digests[0], "to": found.digests[1]},
        "rules": [_change_json(change, found, lang) for change in found.changes],
        "reworded": [{"rule": one.pair.id, "what": list(one.what)} for one in found.reworded],
        "moved": [{"from": pair.old and pair.old.ref, "to": pair.id} for pair in found.moved],
        "renamed": [{"kind": k, "from": a, "to": b} for k, names in found.keys.items() for a, b in names.items()],
        "document": [{"what": entry.name, "from": entry.old[lang], "to": entry.new[lang]} for entry in found.document],
        "claims": [_claim_json(verdict, found, lang) for verdict in found.claims],
        "classes": [class_json(one, lang) for one in found.classes],
        "reasons": [{"code": why.code, "text": why.message("zh" if lang == "zh" else "en")} for why in found.reasons],
    }


def _change_json(change: Change, found: Difference, lang: str) -> dict[str, Any]:
    pair = change.pair
    return {
        "rule": pair.id,
        "kind": pair.rule.kind,
        "change": pair.how,
        "cite": pair.cite and cite_json(pair.rule.pack, pair.cite),
        "parts": {
            part.name: {"from": words(part.old, found, lang), "to": words(part.new, found, lang)}
            for part in parts_of(pair)
        },
        "figures": [list(figures) for part in parts_of(pair) for figures in part.figures],
        "touches": None if change.touches is None else list(change.touches),
    }


def _claim_json(verdict: Verdict, found: Difference, lang: str) -> dict[str, Any]:
    said = verdict_json(verdict, found.vocabulary, lang)
    if verdict.witness is not None:
        readings = readings_of(verdict.witness, found.open_readings)
        said["witness"] = witness_json(verdict.witness, found.vocabulary, readings)
    return said


def words(said: Said, found: Difference, lang: str) -> str | None:
    """A part of a rule as it may be written."""
    match said:
        case None | str():
            return said
        case Label():
            return said[lang]
    packs = {pack.id: pack for pack in (*found.beside, found.new)}
    return Expression(said, found.vocabulary, found.new.id, packs)[lang]
