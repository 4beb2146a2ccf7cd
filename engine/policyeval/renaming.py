"""A pack whose keys were renamed, read as if they had not been.

In: a pack as it was and as it is. Out: the old one under the keys of the new one, and which were changed. A key (of
the pack, an award, a family, an entitlement, a reading, an option, a slot, a budget) that only the old one has is taken
for one that only the new one has where both stand at the same clause, under the same label or saying the same. Promise:
nothing but keys is changed; that two rules mean the same is for others to prove.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping

from policyeval.changes import meaning
from policyeval.pack import Award, Budget, Entitlement, Pack, Reading, Slot
from policyeval.record import Record, replace
from policyeval.tree import Node, Op, Ref

Keyed = Award | Entitlement | Reading | Slot | Budget
Keys = Mapping[str, Mapping[str, str]]  # by kind, old keys to new ones; those of options as `reading/option`

SECTIONS = {
    "award": "awards",
    "entitlement": "entitlements",
    "reading": "readings",
    "slot": "slots",
    "budget": "budgets",
}
_ANY = "?"  # what stands for a key that only one side has


class Renamed(Record):
    """The old pack under new keys. `keys`: those that were changed."""

    pack: Pack
    keys: Keys


def renamed(old: Pack, new: Pack) -> Renamed:
    """The old pack as if it had been written with the keys of the new one."""
    keys: dict[str, dict[str, str]] = {"pack": {} if old.id == new.id else {old.id: new.id}}
    hidden = [
        _Under(pack, {"pack": {pack.id: new.id}, **_alone(pack, other)}) for pack, other in ((old, new), (new, old))
    ]
    for kind, section in SECTIONS.items():
        keys[kind] = _matched(getattr(old, section), getattr(new, section), hidden[0].likeness, hidden[1].likeness)
    keys["family"] = dict(_families(old, new, keys["award"]))
    keys["option"] = dict(_options(old, new, keys["reading"]))
    return Renamed(_Under(old, keys).pack(), {kind: found for kind, found in keys.items() if found})


def _alone(pack: Pack, other: Pack) -> Keys:
    """The keys that the other pack has not, all under one name."""
    found = {kind: [k for k in getattr(pack, s) if k not in getattr(other, s)] for kind, s in SECTIONS.items()}
    found["family"] = [f for f in pack.families if f not in other.families]
    options = {f"{r.id}/{o}" for r in other.readings.values() for o in r.options}
    found["option"] = [key for r in pack.readings.values() for o in r.options if (key := f"{r.id}/{o}") not in options]
    return {kind: dict.fromkeys(names, _ANY) for kind, names in found.items()}


def _matched(
    was: Mapping[str, Keyed],
    now: Mapping[str, Keyed],
    of_old: Callable[[Keyed], Hashable],
    of_new: Callable[[Keyed], Hashable],
) -> dict[str, str]:
    """The best likeness first: clause and label and meaning, clause and label, clause and meaning."""
    found: dict[str, str] = {}
    for parts in ((True, True), (True, False), (False, True)):
        for old in (key for key in was if key not in now):
            for new in (key for key in now if key not in was):
                if old not in found and new not in found.values():
                    sides = (_signs(was[old], of_old, *parts), _signs(now[new], of_new, *parts))
                    if sides[0] == sides[1]:
                        found[old] = new
    return found


def _signs(item: Keyed, likeness: Callable[[Keyed], Hashable], label: bool, said: bool) -> Hashable:
    name = item.ask if isinstance(item, Reading) else item.label
    return item.cite, label and name.zh, said and likeness(item)


def _families(old: Pack, new: Pack, awards: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """A family is renamed with its awards."""
    for award in old.awards.values():
        now = new.awards.get(awards.get(award.id, award.id))
        gone = award.family and award.family not in new.families
        if now and now.family and gone and now.family not in old.families:
            yield str(award.family), now.family


def _options(old: Pack, new: Pack, readings: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """An option goes by its label, or by its place where as many are there as were."""
    for reading in old.readings.values():
        now = new.readings.get(readings.get(reading.id, reading.id))
        if now is None:
            continue
        left = [option for option in reading.options if option not in now.options]
        right = [option for option in now.options if option not in reading.options]
        labels = {now.options[option].zh: option for option in right}
        for i, option in enumerate(left):
            match = labels.get(reading.options[option].zh) or (right[i] if len(left) == len(right) else None)
            if match is not None:
                yield f"{reading.id}/{option}", match


class _Under:
    """What a pack holds, under other keys."""

    def __init__(self, pack: Pack, keys: Keys) -> None:
        self.old, self.keys = pack, keys

    def key(self, kind: str, name: str) -> str:
        return self.keys.get(kind, {}).get(name, name)

    def pack(self) -> Pack:
        old = self.old
        return replace(
            old,
            id=self.key("pack", old.id),
            awards={(a := self.award(award)).id: a for award in old.awards.values()},
            entitlements={(e := self.entitlement(item)).id: e for item in old.entitlements.values()},
            readings={(r := self.reading(item)).id: r for item in old.readings.values()},
            slots={(s := replace(slot, id=self.key("slot", slot.id))).id: s for slot in old.slots.values()},
            budgets={(b := self.budget(item)).id: b for item in old.budgets.values()},
            authority=tuple(replace(a, when=a.when and self.tree(a.when)) for a in old.authority),
            precedence=tuple(replace(s, rule=self.tree(s.rule)) for s in old.precedence),
            guarantees=tuple(replace(g, claim=self.tree(g.claim)) for g in old.guarantees),
        )

    def likeness(self, item: Keyed) -> Hashable:
        """What an item says, whatever its keys."""
        match item:
            case Award():
                return meaning(self.award(item))
            case Entitlement():
                return meaning(self.entitlement(item))
            case Reading():
                return frozenset(label.zh for label in item.options.values())
            case Budget():
                return meaning(self.budget(item))
            case Slot():
                return None

    def award(self, award: Award) -> Award:
        return replace(
            award,
            id=self.key("award", award.id),
            when=award.when and self.tree(award.when),
            amount=self.tree(award.amount),
            family=award.family and self.key("family", award.family),
            fills=award.fills and self._slot(award.fills),
        )

    def _slot(self, slot: str) -> str:
        pack, _, name = slot.partition("/")
        return f"{self.key('pack', pack)}/{self.key('slot', name)}" if pack == self.old.id else slot

    def entitlement(self, item: Entitlement) -> Entitlement:
        return replace(item, id=self.key("entitlement", item.id), when=item.when and self.tree(item.when))

    def reading(self, item: Reading) -> Reading:
        def option(name: str) -> str:
            return self._option(item.id, name)

        return replace(
            item,
            id=self.key("reading", item.id),
            options={option(name): label for name, label in item.options.items()},
            default=option(item.default),
        )

    def budget(self, item: Budget) -> Budget:
        return replace(
            item,
            id=self.key("budget", item.id),
            awards=tuple(self.key("award" if n in self.old.awards else "family", n) for n in item.awards),
        )

    def _option(self, reading: str, option: str) -> str:
        return self.keys.get("option", {}).get(f"{reading}/{option}", option)

    # expressions

    def tree(self, tree: Node) -> Node:
        if isinstance(tree, Op):
            return replace(tree, args=tuple(self.tree(arg) for arg in tree.args))
        return self._ref(tree) if isinstance(tree, Ref) else tree

    def _ref(self, ref: Ref) -> Ref:
        if ref.pack == self.old.id:
            return replace(ref, pack=self.key("pack", ref.pack), name=self.key(ref.role, ref.name))
        pack, _, reading = (ref.of or "").rpartition("/")
        if pack == self.old.id:
            of = f"{self.key('pack', pack)}/{self.key('reading', reading)}"
            return replace(ref, of=of, name=self._option(reading, ref.name))
        return ref
