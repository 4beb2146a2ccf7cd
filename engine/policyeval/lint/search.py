"""Whether some platform meets a condition of a plan, over all its facts and all readings.

In: nodes of a plan whose readings are still facts of it, and the places whose platforms are in question. Out: a
Witness, or None where there is none. Promises: a witness has been evaluated; "none" is exact, found by cases over the
facts with listed values and by proof over the amounts; what costs too much, or is not made of straight lines, raises
Undecided. A platform is taken to be wholly known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from policyeval.domains import bounds, following, homes, listed
from policyeval.lint.numbers import Known, Numbers, Undecided, Whole
from policyeval.money import LIMIT
from policyeval.record import Record
from policyeval.simplify import Interval
from policyeval.vocabulary import Vocabulary

_STEPS = 1_500  # formulas that one question may look at

_TRUTHS = frozenset({"Truth", "Less", "Equal", "Member", "And", "Or", "Not", "Known"})


class Witness(Record):
    """A platform, as far as it matters: facts by name, and the readings that are not the default."""

    facts: dict[str, int | bool]
    readings: dict[str, int]


class Case(Record):
    """What is known of facts with listed values, and formulas in which none of these is left."""

    known: dict[str, int | bool]
    roots: tuple[int, ...]


class Search:
    """Questions about the nodes of a builder, in which one plan or more are lowered."""

    def __init__(
        self, vocabulary: Vocabulary, seats: Sequence[int], readings: Mapping[str, int], slots: Sequence[str] = ()
    ) -> None:
        """`seats`: the places to consider; `readings`: how many options each has, the first being the default;
        `slots`: those that may hold any amount."""
        self.vocabulary, self.seats, self.readings = vocabulary, seats, readings
        self.b = Whole()
        self.bounds = bounds(vocabulary) | {r: Interval(0, n - 1) for r, n in readings.items()}
        self.bounds |= dict.fromkeys(slots, Interval(0, LIMIT))
        self.numbers = Numbers(self.b, self.bounds)
        self._places = {n: [n] for n, f in vocabulary.facts.items() if f.kind == "place"}  # and what follows from each
        self._bits: dict[str, int] = {}
        self._masks: list[int] = []
        self._names: dict[int, str] = {}  # of facts with listed values, by their bits
        self._admitted: dict[int, tuple[str, Sequence[int | bool]] | None] = {}
        self._found: dict[tuple[int, tuple[tuple[str, int | bool], ...]], Witness | None] = {}
        self._lists: dict[str, list[int | bool]] = {r: list(range(n)) for r, n in readings.items()}
        for name, fact in vocabulary.facts.items():
            if fact.derived:
                self._places[fact.derived.source].append(name)
            elif name in self._places:
                self._lists[name] = [*(seats if name == vocabulary.seat else homes(vocabulary, name))]
            elif values := listed(fact):
                self._lists[name] = values
        self.given = {slot: self.b.fact(slot) for slot in slots}  # nodes for what is the same for all platforms too
        if len(seats) == 1:
            known = self._with_following({vocabulary.seat: seats[0]})
            self.given |= {name: self.b.const(int(value)) for name, value in known.items()}

    # questions

    def possible(self, number: int, fixed: Known | None = None) -> Witness | None:
        """A platform, and readings, for which the condition holds; some of them may be fixed. Raises Undecided."""
        key = (number, tuple(sorted((fixed or {}).items())))
        if key not in self._found:
            self._found[key] = self._search(number, fixed or {})
        return self._found[key]

    def likely(self, number: int) -> Witness | None:
        """The same, with as few readings other than the default as can be."""
        found = self.possible(number)
        if found is None or not found.readings:
            return found
        mine = [r for r in self.readings if self._mask(number) & self._bit(r)]
        default = dict.fromkeys(mine, 0)
        usual = self.possible(number, default)
        for reading in mine:
            for option in range(1, self.readings[reading]):
                usual = usual or self.possible(number, {**default, reading: option})
        return usual or found

    def differs(self, a: int, b: int) -> int:
        """The condition that two amounts of the plan are not equal."""
        return self.b.or_(self.b.less(a, b), self.b.less(b, a))

    def cases(self, roots: Sequence[int], fixed: Known | None = None) -> Iterator[Case]:
        """The formulas for every combination of the facts with listed values, each different one once."""
        return self._cases(tuple(roots), dict(fixed or {}), condition=False)

    def turns_on(self, number: int, reading: str) -> bool:
        """Whether some platform sees another value under another option of the reading."""
        (first,) = self._put((number,), {reading: 0})
        for option in range(1, self.readings[reading]):
            (other,) = self._put((number,), {reading: option})
            if first != other and self.possible(self._unlike(first, other)):
                return True
        return False

    def _unlike(self, a: int, b: int) -> int:
        if self._is_truth(a) or self._is_truth(b):
            return self.b.or_(self.b.and_(a, self.b.not_(b)), self.b.and_(b, self.b.not_(a)))
        return self.differs(a, b)

    def _is_truth(self, number: int) -> bool:
        node = self.b.nodes[number]
        while node.kind == "If":
            node = self.b.nodes[node.args[1]]
        return node.kind in _TRUTHS or (node.kind == "Fact" and self._lists.get(node.data) == [False, True])

    def witness(self, known: Known, numbers: Mapping[str, int]) -> Witness:
        facts = {n: v for n, v in known.items() if n not in self.readings}
        chosen = {n: int(v) for n, v in known.items() if n in self.readings and v}
        return Witness({**facts, **numbers}, chosen)

    def depends(self, number: int, name: str) -> bool:
        """Whether the formula speaks of the fact or reading."""
        return bool(self._mask(number) & self._bit(name))

    def below(self, roots: Sequence[int], name: str) -> list[int]:
        """The nodes below the roots, in order, that depend on the fact."""
        return self._dependent(roots, self._bit(name))

    def value(self, number: int, facts: Known) -> int:
        """The value of a formula for one platform; what the authority chooses is the most."""
        return int(self.numbers.values([number], facts, True)[number])

    # cases

    def _search(self, number: int, fixed: Known) -> Witness | None:
        for case in self._cases((number,), dict(fixed), condition=True):
            numbers = self.numbers.met(case.roots[0])
            if numbers is not None:
                return self.witness(case.known, numbers)
        return None

    def _cases(self, roots: tuple[int, ...], fixed: dict[str, int | bool], condition: bool) -> Iterator[Case]:
        """The same; of a condition only the combinations for which it may hold."""
        left = _STEPS
        seen: set[tuple[int, ...]] = set()
        todo = [(fixed, self._put(roots, fixed))]
        while todo:
            known, roots = todo.pop()
            if roots in seen or (condition and roots[0] == self.b.false):
                continue
            seen.add(roots)
            needed = self._needed(roots[0]) if condition else {}
            if needed and not all(needed.values()):
                continue
            sure = {name: values[0] for name, values in needed.items() if len(values) == 1}
            if sure:
                todo.append(({**known, **sure}, self._put(roots, self._with_following(sure))))
                continue
            name = self._next(roots)
            if name is None:
                yield Case(known, roots)
                continue
            for value in reversed(needed.get(name, self._lists[name])):
                left -= 1
                if left < 0:
                    raise Undecided
                here = {name: value}
                todo.append(({**known, **here}, self._put(roots, self._with_following(here))))

    def _needed(self, number: int) -> dict[str, Sequence[int | bool]]:
        """For each fact with listed values that a part of the condition speaks of alone, the values that it admits."""
        node = self.b.nodes[number]
        found: dict[str, Sequence[int | bool]] = {}
        for part in node.args if node.kind == "And" else (number,):
            if part not in self._admitted:
                self._admitted[part] = self._admits(part)
            alone = self._admitted[part]
            if alone is not None:
                name, values = alone
                found[name] = [v for v in found[name] if v in values] if name in found else values
        return found

    def _admits(self, part: int) -> tuple[str, Sequence[int | bool]] | None:
        mask = self._mask(part)
        name = self._names.get(mask)
        if name is None:
            name = next((n for n in self._lists if self._bit(n) == mask), None)
            if name is None:
                return None
            self._names[mask] = name
        cone = self.numbers.cone([part])
        return name, [v for v in self._lists[name] if self.numbers.values([part], {name: v}, True, cone)[part]]

    def _with_following(self, known: dict[str, int | bool]) -> dict[str, int | bool]:
        """What is known, and what follows from the places among it."""
        found = dict(known)
        for name in (n for n in self._places if n in known):
            found |= following(self.vocabulary, name, int(known[name]))
        return found

    def _next(self, roots: Sequence[int]) -> str | None:
        """The fact to go through next: the place, since others follow from it, then facts, then readings."""
        mask = 0
        for root in roots:
            mask |= self._mask(root)
        for place, follow in self._places.items():
            if any(mask & self._bit(name) for name in follow):
                return place
        names = [n for n in self._bits if mask & self._bits[n] and n in self._lists]
        return next((n for n in names if n not in self.readings), names[0] if names else None)

    def _put(self, roots: tuple[int, ...], known: Known) -> tuple[int, ...]:
        """The formulas with the known facts put in."""
        if not known:
            return roots
        wanted = 0
        for name in known:
            wanted |= self._bit(name)
        new: dict[int, int] = {}
        for i in self._dependent(roots, wanted):
            node = self.b.nodes[i]
            if node.kind == "Fact":
                value = known[node.data]
                new[i] = self.b.truth(value) if isinstance(value, bool) else self.b.const(value)
            else:
                new[i] = self.b.rebuilt(node, tuple([new.get(a, a) for a in node.args]))
        return tuple([new.get(root, root) for root in roots])

    def _dependent(self, roots: Sequence[int], wanted: int) -> list[int]:
        """The nodes below the roots, in order, that depend on one of the wanted facts."""
        nodes = self.b.nodes
        todo = [root for root in roots if self._mask(root) & wanted]
        found = set(todo)
        while todo:
            for a in nodes[todo.pop()].args:
                if a not in found and self._masks[a] & wanted:
                    found.add(a)
                    todo.append(a)
        return sorted(found)

    def _mask(self, number: int) -> int:
        """The facts that a node depends on, as bits."""
        masks, nodes = self._masks, self.b.nodes
        for i in range(len(masks), len(nodes)):
            node = nodes[i]
            mask = self._bit(node.data) if node.kind == "Fact" else 0
            for a in node.args:
                mask |= masks[a]
            masks.append(mask)
        return masks[number]

    def _bit(self, name: str) -> int:
        return self._bits.setdefault(name, 1 << len(self._bits))
