"""Statements of precedence, applied in order to the awards of a plan.

In: each award's standing before any statement, and the statements in the order in which they apply. Out: nodes for
what each payer pays of each award after them, what was displaced, and where a finding is due. Promise: statements work
on whole fen; each sees what earlier ones left; where one reduces an award its payers go down by the cumulative rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from policyeval.amounts import Arithmetic, Exact
from policyeval.plan import Alarm, Builder, Condition, Effect, PlannedStatement, Step
from policyeval.tree import Node as Tree

Slice = tuple[str, str | None]  # an award, and one payer of it or all
Part = tuple[str, str | None]  # an award, and exactly one of its payers (None: the document does not say who)


class Standing:
    """What an award has come to by now; changed only by `Precedence`."""

    def __init__(
        self,
        id_: str,
        applies: int,
        conditions: tuple[Condition, ...],
        unspecified: int,
        parts: dict[str | None, tuple[int, int]],
        steps: tuple[Step, ...],
    ) -> None:
        self.id = id_
        self.applies = applies
        self.conditions = conditions
        self.unspecified = unspecified
        self.before = parts  # payer -> (present, fen)
        self.after = {payer: node for payer, (_, node) in parts.items()}
        self.displaced = dict.fromkeys(parts, -1)  # called displaced
        self.gone = dict.fromkeys(parts, -1)  # nothing is left to pay
        self.steps = steps
        self.against = -1


class Precedence:
    """The awards of a plan while statements are applied to them."""

    def __init__(self, builder: Builder, standings: dict[str, Standing]) -> None:
        self.b = builder
        self.math = Arithmetic(builder)
        self.now = standings
        self.done: list[PlannedStatement] = []
        self._ties: list[Alarm] = []
        self._joint: list[tuple[dict[Part, int], int]] = []  # what some parts have come to, and a shorter sum of it
        for standing in standings.values():
            standing.against = builder.false
            standing.displaced = dict.fromkeys(standing.displaced, builder.false)
            standing.gone = dict.fromkeys(standing.gone, builder.false)

    def set_against(self, rules: Sequence[tuple[str, list[list[Slice]], int]]) -> None:
        """An award without a figure that a statement sets against another one becomes a choice without a most."""
        b = self.b
        for standing in self.now.values():
            if standing.unspecified == b.false:
                continue
            met = []
            for op, operands, active in rules:
                groups = [{award for award, _ in operand} for operand in operands]
                mine = [group for group in groups if standing.id in group]
                if not mine or op in ("stacks_with", "replaces"):
                    continue
                others = [a for group in groups if standing.id not in group for a in group]
                alone = op == "limited_to"
                met.append(b.and_(active, b.true if alone else b.or_(*(self.now[a].applies for a in others))))
            standing.against = b.and_(standing.applies, standing.unspecified, b.or_(*met))
            if standing.against != b.false:
                free = b.choice(f"{standing.id}#", None)
                taken = b.false
                # its own payer; where it names none, nobody's part, though another branch of the amount has payers
                for payer in sorted(standing.before, key=lambda p: p is not None):
                    present, node = standing.before[payer]
                    here = b.and_(standing.against, present, b.not_(taken))
                    taken = b.or_(taken, present)
                    standing.after[payer] = b.if_(here, b.add(node, free), node)
                    standing.before[payer] = (present, standing.after[payer])

    def apply(
        self,
        id_: str,
        tree: Tree,
        op: str,
        operands: list[list[Slice]],
        bound: Exact | None,
        active: int,
        awake: int,
    ) -> None:
        """Apply one statement where it is active, and awake: what it refers to applies. Its effects are kept."""
        before = {(a, p): n for a, s in self.now.items() for p, n in s.after.items()}
        groups = [self._parts(operand) for operand in operands]
        asleep = self.b.and_(active, self._applies(groups[0]), self.b.not_(awake))
        active = self.b.and_(active, awake)
        match op:
            case "take_higher":
                self._take_higher(id_, groups, active)
            case "replaces":
                for group in groups[1:]:
                    self._displace(group, self.b.and_(active, self._applies(groups[0])))
            case "net_of":
                both = self.b.and_(active, self._applies(groups[0]), self._applies(groups[1]))
                left = self.b.max(self.b.zero, self.b.sub(self.total(groups[0]), self.total(groups[1])))
                self._reduce(groups[0], left, both)
            case "limited_to":
                assert bound is not None
                total = self.total(groups[0])
                within = self.b.min(total, self.b.max(self.b.zero, bound.node))
                self._reduce(groups[0], within, self.b.and_(active, self._applies(groups[0])))
            case "together":
                assert bound is not None
                flat = [part for group in groups for part in group]
                self._reduce(flat, self.b.min(self.total(flat), bound.node), active)
            case "together_in_order":
                assert bound is not None
                self._in_order(groups, bound.node, active)
        self.done.append(
            PlannedStatement(
                id=id_,
                op=op,
                tree=tree,
                awards=tuple(dict.fromkeys(award for operand in operands for award, _ in operand)),
                active=active,
                asleep=asleep,
                effects=tuple(
                    Effect(a, p, before[a, p], n)
                    for a, s in self.now.items()
                    for p, n in s.after.items()
                    if n != before[a, p]
                ),
            )
        )

    def alarms(self, families: Sequence[tuple[str | None, str]]) -> list[Alarm]:
        """Ties between different payers, and awards of one family and payer that no statement sets in order."""
        return [*self._ties, *self._overlaps(families)]

    # operands

    def _parts(self, operand: Sequence[Slice]) -> list[Part]:
        return [(a, p) for a, payer in operand for p in self.now[a].after if payer is None or p == payer]

    def total(self, parts: Sequence[Part]) -> int:
        """What the parts have come to together: where the highest of some stands, it is the highest of them."""
        left = dict.fromkeys(parts)
        sums = []
        for nodes, joint in reversed(self._joint):
            if all(part in left and self.now[part[0]].after[part[1]] == node for part, node in nodes.items()):
                left = {part: None for part in left if part not in nodes}
                sums.append(joint)
        return self.b.add(*sums, *(self.now[a].after[p] for a, p in left))

    def _applies(self, parts: Sequence[Part]) -> int:
        return self.b.or_(*(self.now[a].before[p][0] for a, p in parts))

    # changes

    def _displace(self, parts: Sequence[Part], where: int, called: int | None = None) -> None:
        """Nothing is paid of the parts where the condition holds; they are called displaced where `called` does."""
        for award, payer in parts:
            standing = self.now[award]
            here = self.b.and_(where, standing.before[payer][0])
            flag = here if called is None else self.b.and_(called, standing.before[payer][0])
            gone, after = standing.gone[payer], standing.after[payer]
            # what is displaced already stays so, whatever is unknown now
            standing.after[payer] = self.b.if_(gone, self.b.zero, self.b.if_(here, self.b.zero, after))
            standing.gone[payer] = self.b.or_(gone, here)
            standing.displaced[payer] = self.b.or_(standing.displaced[payer], flag)

    def _reduce(self, parts: Sequence[Part], new_total: int, where: int) -> None:
        """Bring the parts down to `new_total` together, in proportion, where the condition holds."""
        b = self.b
        awards = list(dict.fromkeys(award for award, _ in parts))
        mine = {award: [p for p in parts if p[0] == award] for award in awards}
        old = {award: self.total(mine[award]) for award in awards}
        shared = self.math.in_proportion(list(old.values()), b.add(*old.values()), new_total) if awards else []
        changed: dict[Part, int] = {}
        for award, share in zip(awards, shared, strict=True):
            # the usual case, only one of a family applying, needs no proportion
            alone = b.not_(b.or_(*(self._applies(mine[other]) for other in awards if other != award)))
            new = self.math.in_proportion(
                [self.now[a].after[p] for a, p in mine[award]], old[award], b.if_(alone, new_total, share)
            )
            here = b.and_(where, self._applies(mine[award]))
            for (_, payer), node in zip(mine[award], new, strict=True):
                changed[award, payer] = b.if_(here, node, self.now[award].after[payer])
        for (award, payer), node in changed.items():
            self.now[award].after[payer] = node

    def _in_order(self, groups: Sequence[Sequence[Part]], bound: int, active: int) -> None:
        left = bound
        for group in groups:
            total = self.total(group)
            self._reduce(group, self.b.min(total, left), active)
            left = self.b.max(self.b.zero, self.b.sub(left, total))

    def _take_higher(self, id_: str, groups: Sequence[Sequence[Part]], active: int) -> None:
        b = self.b
        totals = [self.total(g) for g in groups]
        applies = [self._applies(g) for g in groups]
        self._note_ties(id_, groups, totals, applies, active)
        lost, called = [], []
        for i, total in enumerate(totals):
            above = [
                b.and_(applies[j], b.not_(b.less(other, total)) if j < i else b.less(total, other))
                for j, other in enumerate(totals)
                if j != i
            ]
            # where all are 0 nothing stands above anything, so nothing is called displaced
            some = [b.less(b.zero, other) for j, other in enumerate(totals) if j != i]
            lost.append(b.and_(active, applies[i], b.or_(*above)))
            called.append(b.and_(active, applies[i], b.or_(*(b.and_(*pair) for pair in zip(above, some, strict=True)))))
        for group, gone, named in zip(groups, lost, called, strict=True):
            self._displace(group, gone, named)
        nodes = {(a, p): self.now[a].after[p] for group in groups for a, p in group}
        self._joint.append((nodes, b.if_(active, b.max(*totals), b.add(*totals))))

    def _note_ties(
        self, id_: str, groups: Sequence[Sequence[Part]], totals: Sequence[int], applies: Sequence[int], active: int
    ) -> None:
        b = self.b
        for i, j in combinations(range(len(groups)), 2):
            payers = dict.fromkeys(p for g in (groups[i], groups[j]) for _, p in g)
            sums = [[b.add(*(self.now[a].after[p] for a, p in g if p == payer)) for payer in payers]
                    for g in (groups[i], groups[j])]  # fmt: skip
            differ = b.or_(*(b.not_(b.equal(x, y)) for x, y in zip(*sums, strict=True)))
            tie = b.and_(active, applies[i], applies[j], b.equal(totals[i], totals[j]), b.less(b.zero, totals[i]))
            highest = b.and_(*(b.not_(b.less(totals[i], t)) for k, t in enumerate(totals) if k not in (i, j)))
            node = b.and_(tie, highest, differ)
            if node != b.false:
                awards = tuple(dict.fromkeys(a for g in (groups[i], groups[j]) for a, _ in g))
                self._ties.append(Alarm("tie", (id_, *awards), node))

    def _overlaps(self, families: Sequence[tuple[str | None, str]]) -> list[Alarm]:
        b = self.b
        found = []
        for x, y in _relatives(families):
            settled = b.or_(*(s.active for s in self.done if x in s.awards and y in s.awards))
            for payer in self.now[x].after:
                if payer is None or payer not in self.now[y].after:
                    continue
                paid = [b.less(b.zero, self.now[a].after[payer]) for a in (x, y)]
                node = b.and_(b.not_(settled), self.now[x].applies, self.now[y].applies, *paid)
                if node != b.false:
                    found.append(Alarm("undeclared_overlap", (x, y, payer), node))
        return found


def _relatives(families: Sequence[tuple[str | None, str]]) -> list[tuple[str, str]]:
    """The pairs of awards of one family, in the order of the awards."""
    members: dict[str, list[tuple[int, str]]] = {}
    for i, (family, award) in enumerate(families):
        if family is not None:
            members.setdefault(family, []).append((i, award))
    pairs = sorted(pair for group in members.values() for pair in combinations(group, 2))
    return [(x, y) for (_, x), (_, y) in pairs]
