"""Claims as people write them, as nodes of a ground.

In: the tree of a claim, resolved, and a ground. Out: a Claim. Promises: amounts are exact; where both sides are ranges
they are held against each other end by end, so a claim is proved only where it holds for the least and for the most;
what a claim cannot say is refused by name (V402).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from functools import partial

from policyeval.amounts import Arithmetic, Exact
from policyeval.claims import ENDS, Breach, Claim, End, Ground
from policyeval.pack import Pack
from policyeval.problems import Problem, Refusal
from policyeval.record import Record
from policyeval.tree import Node, Number, Op, Ref, walk
from policyeval.units import UNITS
from policyeval.vocabulary import Label

ENACTED = "enacted"


class Written(Record):
    """Who reads a claim: the pack that it is written in, the regimes of the ground by the names that it has for them,
    and the regime in which its awards are looked up."""

    pack: Pack
    packs: Mapping[str, Pack]
    regimes: Mapping[str, str]
    regime: str


def claim_of(
    ground: Ground,
    id_: str,
    words: Label,
    tree: Node,
    written: Written,
    regimes: tuple[str, ...] = (),
    where: int | None = None,
) -> Claim:
    """The claim. `regimes`: those whose outcome a witness shows, by default all of the ground; `where`: the platforms
    that it speaks of, a node. Raises Refusal V401 or V402."""
    assert isinstance(tree, Op)  # the grammar has nothing else
    reader = _Reader(ground, written)
    sides = [reader.amount(side) for side in tree.args]
    about = ground.b.or_(*reader.applying) if reader.applying else ground.b.true
    about = about if where is None else ground.b.and_(about, where)
    breaches = partial(reader.breaches, tree.op, sides, where)
    return Claim(id_, words, breaches, about, regimes or tuple(ground.plans), tuple(reader.speaks_of))


def awards_of(tree: Node) -> list[str]:
    """The packs whose awards a claim names, in its order."""
    return [n.pack for n in walk(tree) if isinstance(n, Ref) and n.role in ("award", "family") and n.pack]


def regimes_of(tree: Node) -> list[str]:
    """The regimes that a claim names, in its order."""
    return [node.name for node in walk(tree) if isinstance(node, Ref) and node.role == "regime"]


class _Reader:
    def __init__(self, ground: Ground, written: Written) -> None:
        self.ground, self.b = ground, ground.b
        self.math = Arithmetic(ground.b)
        self.written = written
        self.applying: list[int] = []  # where the awards that are named apply
        self.speaks_of: list[tuple[str, int]] = []  # what these have come to, payer by payer

    def breaches(self, op: str, sides: Sequence[Exact], where: int | None) -> Iterable[Breach]:
        (low, high), den = self.math.aligned(sides)
        match op:
            case "never_above":
                yield from self._above(low, high, den, ["most"], where)
            case "never_below":
                yield from self._above(high, low, den, ["least"], where)
            case "at_most":
                yield from self._above(low, high, den, ENDS, where)
            case "at_least":
                yield from self._above(high, low, den, ENDS, where)
            case "below":
                yield from self._not_below(low, high, den, where)
            case "above":
                yield from self._not_below(high, low, den, where)
            case "is":
                yield from self._above(low, high, den, ENDS, where)
                yield from self._above(high, low, den, ENDS, where)

    def _above(self, left: int, right: int, den: int, ends: Iterable[End], where: int | None) -> Iterable[Breach]:
        for breach in self.ground.above(left, right, ends, where):
            yield Breach(breach.end, breach.bad, self._fen(breach.by, den))

    def _not_below(self, left: int, right: int, den: int, where: int | None) -> Iterable[Breach]:
        """`left` is not below `right`: also where they are the same, by nothing."""
        for end, a, c in zip(ENDS, self.ground.ends(left), self.ground.ends(right), strict=True):
            bad = self.b.not_(self.b.less(a, c))
            bad = bad if where is None else self.b.and_(where, bad)
            yield Breach(end, bad, self.b.if_(bad, self._fen(self.b.sub(a, c), den), self.b.zero))

    def _fen(self, over: int, den: int) -> int:
        """A breach in whole fen: one that falls between two goes up, since it is said to be no larger."""
        return self.b.div(self.b.add(over, self.b.const(den - 1)), self.b.const(den), "down")

    def amount(self, node: Node) -> Exact:
        """An amount in fen, free choices still in it."""
        match node:
            case Number(value=value, unit=unit):
                return self.math.number(value * UNITS[unit or "元"].size)
            case Ref(role="fact", name=name) if self.ground.vocabulary.facts[name].kind == "money":
                return Exact(self.b.fact(name))
            case Ref(role="award" | "family"):
                return Exact(self._award(node))
            case Op(op="support_of", args=(Ref(name=regime),)):
                return Exact(self.ground.support(self._regime(regime)))
            case Op(op="pays_under", args=(Ref(name=payer), Ref(name=regime))):
                return Exact(self.ground.paid(self._regime(regime), payer))
            case Op(op="add", args=(x, y)):
                return self.math.add(self.amount(x), self.amount(y))
            case Op(op="sub", args=(x, y)):
                return self.math.sub(self.amount(x), self.amount(y))
            case Op(op="neg", args=(x,)):
                return self.math.scale(self.amount(x), Fraction(-1))
            case Op(op="of", args=(share, x)):
                return self.math.scale(self.amount(x), self._fixed(share))
            case (
                Op(op="mul", args=(Number(unit=None) as number, x))
                | Op(op="mul", args=(x, Number(unit=None) as number))
            ):
                return self.math.scale(self.amount(x), number.value)
            case Op(op="div", args=(x, Number(value=value, unit=None))) if value:
                return self.math.scale(self.amount(x), 1 / value)
            case Op(op="higher", args=args):
                return self.math.most(*map(self.amount, args))
            case Op(op="lower", args=args):
                return self.math.least(*map(self.amount, args))
        raise self._refusal(node)

    def _award(self, ref: Ref) -> int:
        """What an award, or the awards of a family, have come to after all statements."""
        regime, id_ = self.written.regime, ref.pack or self.written.pack.id
        pack = self.written.packs.get(id_)
        ids = [f"{id_}/{award}" for award in (pack.families.get(ref.name, (ref.name,)) if pack else ())]
        awards = [a for a in self.ground.plans[regime].awards if a.id in ids]
        if not awards:
            known = [name.partition("@")[0] for name in self.ground.plans[regime].packs]
            raise self._unknown(id_, known)
        self.applying += [self.ground.of(regime, award.applies) for award in awards]
        shares = [s for a in awards for s in a.shares if ref.slice in (None, s.payer)]
        self.speaks_of += [(regime, share.after) for share in shares]
        return self.b.add(*(self.ground.of(regime, share.after) for share in shares))

    def _regime(self, name: str) -> str:
        if name not in self.written.regimes:
            raise self._unknown(name, self.written.regimes)
        return self.written.regimes[name]

    def _unknown(self, name: str, known: Iterable[str]) -> Refusal:
        return Refusal(Problem("V401", {"name": name, "known": ", ".join(f"`{n}`" for n in known)}))

    def _fixed(self, node: Node) -> Fraction:
        if isinstance(node, Number):
            return node.value * (Fraction(1, 100) if node.unit == "%" else 1)
        raise self._refusal(node)

    def _refusal(self, node: Node) -> Refusal:
        op = node.op.replace("_", " ") if isinstance(node, Op) else str(node)
        return Refusal(Problem("V402", {"text": op}))
