"""What is wrong with a pack though every name in it is known.

In: a resolved pack, the vocabulary, and the other packs, resolved too. Out: the problems, in the order of the file:
types and units (`infer`), payers, promises without a figure, cycles between awards, statements, dead branches
(`reach`, where nothing is in error). Promise: a pack without an error here can be lowered; whatever is unknown causes
no second problem.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations

from policyeval.infer import RULES, Types, quoted, type_of, types_of
from policyeval.infer import conditions as whens
from policyeval.money import LIMIT
from policyeval.pack import Award, Pack
from policyeval.problems import At, Problem, errors
from policyeval.reach import unreachable
from policyeval.tree import Name, Node, Number, Op, Ref, walk
from policyeval.types import MONEY
from policyeval.units import UNITS
from policyeval.vocabulary import Vocabulary

__all__ = ["RULES", "Types", "check", "type_of", "types_of"]

Key = tuple[str, str]  # a pack and an award
Edge = tuple[Key, Ref, Key]  # the first award's amount names the second at this place


def check(pack: Pack, vocabulary: Vocabulary, packs: Mapping[str, Pack]) -> list[Problem]:
    """All problems of one resolved pack."""
    around = {**packs, pack.id: pack}
    types, problems = types_of(pack, vocabulary, around)
    problems += _Structure(pack, around, types).problems()
    if not errors(problems):
        problems += unreachable(pack, vocabulary, around)
    return sorted(problems, key=lambda p: p.at.span if p.at else (0, 0))


class _Structure:
    """Payers, promises without a figure, cycles and statements of one pack."""

    def __init__(self, pack: Pack, packs: Mapping[str, Pack], types: Types) -> None:
        self.pack, self.packs, self.types = pack, packs, types

    def problems(self) -> Iterator[Problem]:
        for award in self.pack.awards.values():
            yield from self._payers(award.amount)
            yield from self._nameless(award.amount)
            yield from self._figureless(award.amount, allowed=True)
        for node in {id(node): node for condition in self._conditions() for node in walk(condition)}.values():
            yield from self._settled(node)
        yield from self._too_large()
        yield from self._idle_conditions()
        for statement in self.pack.precedence:
            rule = statement.rule
            if isinstance(rule, Op) and rule.op == "when":
                rule = rule.args[0]
            if isinstance(rule, Op):
                yield from self._statement(rule)
        for guarantee in self.pack.guarantees:
            if isinstance(guarantee.claim, Op):
                yield from self._statement(guarantee.claim)
        yield from self._cycles()

    def _problem(self, code: str, node: Node, *others: tuple[Node, str], **words: object) -> Problem:
        words.setdefault("text", quoted(self.pack, node.span))
        remarks = tuple((At(self.pack.source, other.span), remark) for other, remark in others)
        return Problem(code, words, At(self.pack.source, node.span), remarks)

    # payers

    def _payers(self, node: Node) -> Iterator[Problem]:
        """A payer named twice for one amount."""
        for op in walk(node):
            if isinstance(op, Op) and op.op in _MEASURED:
                for arg in op.args[: _MEASURED[op.op]]:
                    for payer in _named_payers(arg):
                        yield self._problem("U228", arg, (payer, "U293"))
            if not isinstance(op, Op) or op.op not in _PAYING:
                continue
            named: dict[str, Node] = {}
            for payer in op.args[1:]:
                if (
                    isinstance(payer, Ref)
                    and payer.role == "payer"
                    and named.setdefault(payer.name, payer) is not payer
                ):
                    yield self._problem("U217", payer, (named[payer.name], "U293"))
            inner = next(_named_payers(op.args[0]), None)
            if inner is not None:
                yield self._problem("U218", op.args[-1], (inner, "U293"))

    def _nameless(self, amount: Node) -> Iterator[Problem]:
        """A figure that nobody is said to pay."""
        for node in _unpaid(amount) if self.types.of(amount) == MONEY else ():
            yield self._problem("W401", node)

    # promises without a figure, and amounts that the authority chooses

    def _figureless(self, node: Node, allowed: bool) -> Iterator[Problem]:
        """`unspecified` where a figure is needed: it may be a whole amount or a whole branch, with its payer."""
        if not isinstance(node, Op):
            return
        if node.op == "if":
            for branch in node.args[1:]:
                yield from self._figureless(branch, allowed)
        elif node.op == "by":
            yield from self._figureless(node.args[0], allowed)
        elif node.op == "unspecified":
            if not allowed:
                yield self._problem("U219", node)
        else:
            for arg in node.args:
                yield from self._inner(node, arg)

    def _inner(self, around: Op, arg: Node) -> Iterator[Problem]:
        if around.op == "up_to" and isinstance(arg, Op) and arg.op == "unspecified":
            yield self._problem("U220", around)
        else:
            yield from self._figureless(arg, allowed=False)

    def _conditions(self) -> Iterator[Node]:
        """Every condition of the pack: each `when`, and those of each `if` and each `where`."""
        yield from whens(self.pack)
        for tree in self._trees():
            for node in walk(tree):
                if isinstance(node, Op) and node.op in ("if", "when", "where"):
                    yield node.args[0 if node.op == "if" else 1]

    def _trees(self) -> list[Node]:
        amounts = [award.amount for award in self.pack.awards.values()]
        return [*amounts, *(statement.rule for statement in self.pack.precedence)]

    def _settled(self, node: Node) -> Iterator[Problem]:
        """A condition must not turn on what the authority chooses or the document leaves out."""
        if isinstance(node, Op) and node.op in ("up_to", "unspecified"):
            yield self._problem("U221", node)

    def _too_large(self) -> Iterator[Problem]:
        """Money above the most that an amount can be worked out to."""
        for tree in (*self._trees(), *whens(self.pack), *(guarantee.claim for guarantee in self.pack.guarantees)):
            for node in walk(tree):
                if isinstance(node, Number) and self.types.of(node) == MONEY:
                    size = UNITS[node.unit].size if node.unit else UNITS["元"].size
                    if node.value * size > LIMIT:
                        yield self._problem("U232", node, limit=f"{LIMIT // int(UNITS['亿元'].size)}亿元")

    def _idle_conditions(self) -> Iterator[Problem]:
        """A condition on the items of a list that speaks of no field."""
        for tree in (*self._trees(), *whens(self.pack)):
            for node in walk(tree):
                if isinstance(node, Op) and node.op == "where":
                    listed, condition = node.args
                    names = [n.name for n in walk(condition) if isinstance(n, Ref) and n.role == "fact"]
                    whole = not any(isinstance(n, Name) for n in walk(node))
                    if whole and not any(name.startswith(f"{listed}.") for name in names):
                        yield self._problem("W406", condition, list=str(listed))

    # statements

    def _statement(self, rule: Op) -> Iterator[Problem]:
        operands = [arg for arg in rule.args if isinstance(arg, Ref) and arg.role in ("award", "family")]
        if rule.op in ("limited_to", "never_above", "never_below"):
            operands = operands[:1]
        for arg in rule.args:
            yield from self._figureless(arg, allowed=False)
        for first, second in combinations(operands, 2):
            if self._overlap(first, second):
                yield self._problem("W402", second, (first, "U294"))
        for ref in operands:
            yield from self._idle_slice(ref)

    def _overlap(self, a: Ref, b: Ref) -> bool:
        same_payer = a.slice is None or b.slice is None or a.slice == b.slice
        return same_payer and bool({*self._awards(a)} & {*self._awards(b)})

    def _idle_slice(self, ref: Ref) -> Iterator[Problem]:
        """A slice by a payer that the award never names."""
        owner = self.packs.get(ref.pack or "")
        if ref.slice is None or owner is None:
            return
        payers = sorted({payer for key in self._awards(ref) for payer in self._paid_by(key, set())})
        if "" not in payers and ref.slice not in payers:
            words = {"payers": ", ".join(payers) or "—", "payer": ref.slice}
            yield self._problem("W403", ref, **words)

    def _awards(self, ref: Ref) -> list[Key]:
        """The awards that an award or family stands for."""
        pack = ref.pack or ""
        if ref.role == "slot":
            return [(p.id, a.id) for p in self.packs.values() for a in p.awards.values() if a.fills == str(ref)]
        owner = self.packs.get(pack)
        names = owner.families.get(ref.name, (ref.name,)) if owner and ref.role == "family" else (ref.name,)
        return [(pack, name) for name in names]

    def _award(self, key: Key) -> Award | None:
        owner = self.packs.get(key[0])
        return owner.awards.get(key[1]) if owner else None

    def _paid_by(self, key: Key, seen: set[Key]) -> set[str]:
        """The payers that an award names, those of the awards it refers to included; `""` for one not known."""
        award = self._award(key)
        if award is None:
            return {""}
        if key in seen:
            return set()
        seen.add(key)
        return self._paid_in(award.amount, seen)

    def _paid_in(self, node: Node, seen: set[Key]) -> set[str]:
        if isinstance(node, Ref) and node.role in ("award", "family", "slot"):
            return {payer for key in self._awards(node) for payer in self._paid_by(key, seen)}
        if not isinstance(node, Op):
            return set()
        if node.op in _PAYING:
            return {arg.name if isinstance(arg, Ref) else "" for arg in node.args[1:] if not _is_figure(arg)}
        return {payer for arg in _parts(node) for payer in self._paid_in(arg, seen)}

    # cycles

    def _cycles(self) -> Iterator[Problem]:
        """Each cycle of awards that goes through this pack, found by one walk over what the amounts name."""
        done: set[Key] = set()
        for award in self.pack.awards:
            path: list[Edge] = []
            todo = [iter(self._edges((self.pack.id, award)))]
            open_: list[Key] = [(self.pack.id, award)]
            while todo and open_[0] not in done:
                edge = next(todo[-1], None)
                if edge is None:
                    todo.pop()
                    done.add(open_.pop())
                    path = path[:-1]
                elif edge[2] in open_:
                    yield from self._cycle([*path, edge][open_.index(edge[2]) :])
                elif edge[2] not in done:
                    path.append(edge)
                    open_.append(edge[2])
                    todo.append(iter(self._edges(edge[2])))

    def _edges(self, key: Key) -> list[Edge]:
        award = self._award(key)
        if award is None:
            return []
        trees = [award.amount] if award.when is None else [award.amount, award.when]
        refs = [node for tree in trees for node in walk(tree) if isinstance(node, Ref)]
        return [(key, ref, to) for ref in refs if ref.role in ("award", "family", "slot") for to in self._awards(ref)]

    def _cycle(self, edges: list[Edge]) -> Iterator[Problem]:
        start = next((i for i, (key, _, _) in enumerate(edges) if key[0] == self.pack.id), None)
        if start is None:
            return  # a cycle of other packs is theirs to report
        edges = edges[start:] + edges[:start]
        shown = [self._shown(key) for key, _, _ in edges] + [self._shown(edges[0][0])]
        others = tuple((At(self.packs[key[0]].source, ref.span), "U295") for key, ref, _ in edges[1:])
        cycle = " → ".join(f"`{name}`" for name in shown)
        yield Problem("R301", {"cycle": cycle}, At(self.pack.source, edges[0][1].span), others)

    def _shown(self, key: Key) -> str:
        return key[1] if key[0] == self.pack.id else "/".join(key)


# which operands of an operator are parts of its amount

_PAYING = ("matched", "by", "first_by")  # they say who pays
_MEASURED = {"steps": 1, "top_up": 2}  # how many operands are only measured, so that who pays them is lost
_OVER_ITEMS = ("sum_of", "count_of")
_ALL = ("add", "sub", "higher", "lower")
_SECOND = ("of",)


def _parts(node: Op) -> tuple[Node, ...]:
    """The operands that the amount is made of; bounds, conditions and divisors are not."""
    if node.op == "if":
        return node.args[1:]
    if node.op in _MEASURED or node.op in _OVER_ITEMS:
        return ()
    if node.op in _ALL or node.op == "mul":
        return node.args
    return node.args[1:2] if node.op in _SECOND else node.args[:1]


def _is_figure(node: Node) -> bool:
    """The split among the operands of `matched`."""
    return not isinstance(node, Ref) or node.role != "payer"


def _named_payers(node: Node) -> Iterator[Node]:
    """The payers named in an amount itself, those of awards it refers to left out."""
    if not isinstance(node, Op):
        return
    if node.op in _PAYING:
        yield node.args[-1]
    elif node.op != "as_if":
        for part in _parts(node):
            yield from _named_payers(part)


def _unpaid(node: Node) -> list[Node]:
    """The parts of an amount that have a figure and no payer; the whole where that holds for all its parts."""
    if isinstance(node, Ref):
        return [] if node.role in ("award", "family", "slot") else [node]
    if isinstance(node, Number):
        return [node] if node.value else []
    if not isinstance(node, Op):
        return []
    if node.op in (*_PAYING, "as_if", "unspecified") or not node.args:
        return []
    parts = _parts(node)
    unpaid = [_unpaid(part) for part in parts]
    if all(unpaid):
        return [node]
    return [] if node.op == "mul" else [n for found in unpaid for n in found]
