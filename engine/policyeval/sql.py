"""The plan as a database reads it: nodes without free choices to SQL.

In: a graph, the columns that hold its facts, and a dialect. Out: steps of one query, each adding columns to the one
before it, and the expression of each node on the last of them. Promises: the database's whole numbers all the way, in
64 bits where the bounds of the facts prove that this is enough and in wider ones where not, so that nothing ever wraps;
a fact that is not known is NULL, and the three values of the plan are those of SQL; what a dialect cannot say is
refused by name (X401).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property, partial

from sqlglot import exp

from policyeval.columns import NARROW, Column
from policyeval.partial import SURE, UNKNOWN
from policyeval.plan import Node, cone, facts_below
from policyeval.problems import Problem, Refusal
from policyeval.record import Record, field, replace
from policyeval.simplify import Interval, Simplifier

Term = exp.Expr

_NOBODY_KNOWS = Node("Fact", (), UNKNOWN)
_LEAVES = frozenset({"Const", "Truth", "Fact"})
_TRUTHS = frozenset({"Truth", "Less", "Equal", "Member", "And", "Or", "Not", "Known"})


class Dialect(Record):
    """What engines say differently. `wide`: whole numbers past 64 bits, up to `most` either way, None for any.

    `apart`: steps have to be kept apart, or the planner writes a column out wherever it is used, in all later steps.
    """

    name: str
    wide: str
    most: int | None
    divide: Callable[[Term, Term, bool], Term]  # whole numbers, towards 0; and whether they are wide
    apart: bool = False

    def step(self, select: exp.Select) -> exp.Select:
        return select.offset(0) if self.apart else select

    @cached_property
    def narrow(self) -> exp.DataType:
        return exp.DataType.build("BIGINT", dialect=self.name)

    def widened(self, term: Term) -> Term:
        return exp.cast(term, exp.DataType.build(self.wide, dialect=self.name))


def _whole(a: Term, b: Term, _wide: bool) -> Term:
    return exp.IntDiv(this=_grouped(a), expression=_grouped(b))


def _slash(a: Term, b: Term, wide: bool) -> Term:
    """PostgreSQL's slash keeps to whole numbers for BIGINT, its `div` for NUMERIC."""
    return _whole(a, b, wide) if wide else exp.Div(this=_grouped(a), expression=_grouped(b), typed=True, safe=False)


def _exact(a: Term, b: Term, wide: bool) -> Term:
    """Spark's DIV ends in 64 bits; without its rest a decimal divides exactly."""
    if not wide:
        return _whole(a, b, wide)
    rest = exp.Mod(this=_grouped(a.copy()), expression=_grouped(b.copy()))
    whole = exp.Div(this=exp.paren(exp.Sub(this=_grouped(a), expression=rest)), expression=_grouped(b))
    return exp.cast(whole, exp.DataType.build("DECIMAL(38, 0)"))


DIALECTS = {
    "duckdb": Dialect("duckdb", "HUGEINT", 2**127 - 1, _whole),
    "spark": Dialect("spark", "DECIMAL(38, 0)", 10**38 - 1, _exact),
    "postgres": Dialect("postgres", "NUMERIC", None, _slash, apart=True),
}


class Step(Record):
    """Columns that are added at once: their names, what they are, and what there is to say about each."""

    columns: tuple[tuple[str, Term, tuple[str, ...]], ...]


class Query(Record):
    """`steps` in their order; `value` gives any wanted node's term on the columns of the last."""

    steps: tuple[Step, ...]
    value: Callable[[int], Term] = field(compare=False)
    nullable: Callable[[int], bool] = field(compare=False)
    interval: Callable[[int], Interval] = field(compare=False)

    def texts(self, dialect: str) -> tuple[tuple[tuple[str, str], ...], ...]:
        """The columns of each step, each with its name and its text."""
        return tuple(tuple((name, term.sql(dialect)) for name, term, _ in step.columns) for step in self.steps)


def query(
    nodes: Sequence[Node],
    wanted: Sequence[int],
    columns: Mapping[str, Column],
    bounds: Mapping[str, Interval],
    dialect: str = "duckdb",
    notes: Mapping[int, Sequence[str]] | None = None,
    prefix: str = "n",
) -> Query:
    """The wanted nodes. `bounds` are those of the facts; `notes` are written beside the nodes that they speak of, each
    of which is a column of its own.

    Raises Refusal X401 where numbers may be too large for the dialect.
    """
    writing = _Writing(nodes, wanted, columns, bounds, DIALECTS[dialect], notes or {}, prefix)
    return Query(tuple(writing.steps()), writing.term, writing.nullable, writing.interval)


class _Writing:
    def __init__(
        self,
        nodes: Sequence[Node],
        wanted: Sequence[int],
        columns: Mapping[str, Column],
        bounds: Mapping[str, Interval],
        dialect: Dialect,
        notes: Mapping[int, Sequence[str]],
        prefix: str,
    ) -> None:
        self.nodes, self.columns, self.dialect, self.notes, self.prefix = nodes, columns, dialect, notes, prefix
        self.cone = cone(nodes, wanted)
        sure = {name + SURE: interval for name, interval in bounds.items()}
        self._bounds = Simplifier({**bounds, **sure, UNKNOWN: Interval(0, 0)})
        self._bounds.nodes = list(nodes)
        uses = Counter(a for i in self.cone for a in dict.fromkeys(nodes[i].args)) + Counter(wanted)
        self.unknown = self._surely_unknown()
        named = [i for i in self.cone if (uses[i] > 1 or i in notes) and i not in self.unknown]
        self.shared = [i for i in named if nodes[i].kind not in _LEAVES]
        self._named: dict[int, str] = {}
        self._nullable: dict[int, bool] = {}

    # steps

    def steps(self) -> Iterator[Step]:
        """A node that is used more than once, or has a note, is a column of its own, as early as it can be."""
        depth: dict[int, int] = {}
        for i in self.cone:
            below = max((depth[a] for a in self.nodes[i].args), default=0)
            depth[i] = below + (i in self._shared)
        for level in range(1, max(depth.values(), default=0) + 1):
            here = [i for i in self.shared if depth[i] == level]
            made = tuple((f"{self.prefix}{i}", self.term(i), tuple(self.notes.get(i, ()))) for i in here)
            yield Step(made)
            self._named |= {i: f"{self.prefix}{i}" for i in here}

    @cached_property
    def _shared(self) -> frozenset[int]:
        return frozenset(self.shared)

    def term(self, number: int) -> Term:
        """The node on the columns that there are by now."""
        if number in self._named:
            return named(self._named[number])
        if number in self.unknown:
            return exp.null()
        node = self.nodes[number]
        return _TERMS[node.kind](self, number, node)

    def _surely_unknown(self) -> frozenset[int]:
        """NULL has no type, and PostgreSQL would make a column of it one of texts."""
        found: set[int] = set()
        for i in self.cone:
            node = self.nodes[i]
            gone = [a in found for a in node.args]
            match node.kind:
                case "Known":
                    continue
                case "And" | "Or":
                    unknown = all(gone)
                case "If":
                    unknown = gone[0] or (gone[1] and gone[2])
                case _:
                    unknown = any(gone) or node == _NOBODY_KNOWS
            if unknown:
                found.add(i)
        return frozenset(found)

    def args(self, node: Node) -> list[Term]:
        return [self.term(a) for a in node.args]

    # what is known of a node

    def column(self, fact: str) -> Column:
        """The column of a fact; where it is surely known, no NULL is met in it."""
        found = self.columns[fact.removesuffix(SURE)]
        return replace(found, may_be_null=False) if fact.endswith(SURE) else found

    def nullable(self, number: int) -> bool:
        if number not in self._nullable:
            node = self.nodes[number]
            if node == _NOBODY_KNOWS:
                found = True
            elif node.kind == "Fact":
                found = self.column(node.data).may_be_null
            else:
                found = node.kind != "Known" and any(self.nullable(a) for a in node.args)
            self._nullable[number] = found
        return self._nullable[number]

    def interval(self, number: int) -> Interval:
        return self._bounds.interval(number)

    def most(self, number: int) -> int:
        """The largest that the number can be, either way. Raises Refusal X401 where there is no such bound."""
        found = self.interval(number)
        if found.low is None or found.high is None:
            raise self.too_large(number)
        return max(abs(found.low), abs(found.high))

    def too_large(self, number: int) -> Refusal:
        facts = ", ".join(f"`{name}`" for name in facts_below(self.nodes, [number]))
        return Refusal(Problem("X401", {"dialect": self.dialect.name, "facts": facts}))

    def wide(self, number: int, most: int) -> bool:
        """Whether something as large as `most`, met on the way to the node, needs more than 64 bits."""
        if self.dialect.most is not None and most > self.dialect.most:
            raise self.too_large(number)
        return most > NARROW

    def fitted(self, number: int, term: Term, wide: bool) -> Term:
        """A number worked out in wide ones, as narrow as it can surely be."""
        return exp.cast(term, self.dialect.narrow) if wide and self.most(number) <= NARROW else term

    def picked(self, number: int, term: Term, among: Sequence[int]) -> Term:
        """One of some numbers, of which some may be wide."""
        ends = [end for a in among for end in self.interval(a)._key() if end is not None]
        return self.fitted(number, term, any(abs(end) > NARROW for end in ends))

    def text(self, number: int) -> Column | None:
        """The column of a fact whose values are texts."""
        node = self.nodes[number]
        column = self.column(node.data) if node.kind == "Fact" and node != _NOBODY_KNOWS else None
        return column if column and column.values else None


def named(name: str) -> exp.Column:
    """A column, with its name as it is."""
    return exp.column(exp.to_identifier(name, quoted=True))


def _number(value: int) -> Term:
    return exp.Literal.number(value) if value >= 0 else exp.paren(exp.Neg(this=exp.Literal.number(-value)))


def _grouped(term: Term) -> Term:
    return exp.paren(term) if isinstance(term, exp.Binary | exp.Unary) and not isinstance(term, exp.Paren) else term


def _one_of(column: Column, values: Sequence[str]) -> Term:
    texts: list[Term] = [exp.Literal.string(value) for value in values]
    return named(column.name).eq(texts[0]) if len(texts) == 1 else exp.In(this=named(column.name), expressions=texts)


# Terms, one a kind of node ---------------------------------------------------


def _const(_w: _Writing, _number_: int, node: Node) -> Term:
    return _number(node.data)


def _truth(_w: _Writing, _number_: int, node: Node) -> Term:
    return exp.true() if node.data else exp.false()


def _fact(w: _Writing, _number_: int, node: Node) -> Term:
    column = w.column(node.data)
    if not column.values:
        return named(column.name)
    # as a number, where an enumeration is set against something else than one of its values
    case = exp.Case(this=named(column.name))
    for i, value in enumerate(column.values):
        case = case.when(exp.Literal.string(value), _number(i))
    return exp.cast(case, w.dialect.narrow)


def _add(w: _Writing, number: int, node: Node) -> Term:
    wide = w.wide(number, sum(w.most(a) for a in node.args))
    first, *others = (_grouped(t) if isinstance(t, exp.Connector) else t for t in w.args(node))
    found = w.dialect.widened(first) if wide else first
    for other in others:
        less = isinstance(other, exp.Neg)
        found = exp.Sub(this=found, expression=other.this) if less else exp.Add(this=found, expression=other)
    return w.fitted(number, found, wide)


def _mul(w: _Writing, number: int, node: Node) -> Term:
    a, b = (w.most(arg) for arg in node.args)
    wide = w.wide(number, a * b)
    first, second = w.args(node)
    if w.nodes[node.args[1]] == Node("Const", (), -1):
        return exp.Neg(this=_grouped(first))
    found = exp.Mul(this=_grouped(w.dialect.widened(first) if wide else first), expression=_grouped(second))
    return w.fitted(number, found, wide)


def _div(w: _Writing, number: int, node: Node) -> Term:
    """Rounded down, or half up as one division: `(2a + b) / 2b` goes down. Engines divide towards 0."""
    a, b = node.args
    twice = 2 if node.data == "half_up" else 1
    wide = w.wide(number, twice * w.most(a) + twice * w.most(b))
    top, below = w.args(node)
    top = w.dialect.widened(top) if wide else top
    fixed = w.nodes[b].data if w.nodes[b].kind == "Const" else None
    if twice == 2:
        top = exp.Add(this=exp.Mul(this=_number(2), expression=_grouped(top)), expression=below.copy())
        below = _number(2 * fixed) if fixed is not None else exp.Mul(this=_number(2), expression=_grouped(below))
    found = w.dialect.divide(top, below, wide)
    low, least = w.interval(a).low, w.interval(b).low
    if low is None or least is None or low < 0 or least < 0:
        rest = exp.Mod(this=_grouped(top.copy()), expression=_grouped(below.copy()))
        signs = exp.NEQ(this=exp.paren(top.copy() < 0), expression=exp.paren(below.copy() < 0))
        down = exp.Case().when(exp.and_(rest.neq(0), signs), _number(1)).else_(_number(0))
        found = exp.Sub(this=found, expression=down)
    found = w.fitted(number, found, wide)
    if fixed is not None:
        return found
    zero = exp.Case().when(w.term(b).eq(0), exp.Case().when(_not_null(w.term(a)), _number(0)))
    return exp.cast(zero.else_(found), w.dialect.narrow) if w.most(number) <= NARROW else zero.else_(found)


def _not_null(term: Term) -> Term:
    return exp.Is(this=_grouped(term), expression=exp.Not(this=exp.null()))


def _extreme(w: _Writing, number: int, node: Node, pick: type[exp.Least] | type[exp.Greatest]) -> Term:
    """Engines leave NULL out of the lowest and the highest; here it makes the whole unknown."""
    first, *others = w.args(node)
    found: Term = pick(this=first, expressions=others, ignore_nulls=True)
    unknown = [_not_null(w.term(a)) for a in node.args if w.nullable(a)]
    return w.picked(number, exp.Case().when(exp.and_(*unknown), found) if unknown else found, node.args)


def _less(w: _Writing, _number_: int, node: Node) -> Term:
    a, b = node.args
    for fact, other in ((a, b), (b, a)):
        column, fixed = w.text(fact), w.nodes[other]
        if column and fixed.kind == "Const":
            among = [t for i, t in enumerate(column.values) if (i < fixed.data if fact == a else fixed.data < i)]
            if among:
                return _one_of(column, among)
    for end, other in ((a, b), (b, a)):
        value = w.nodes[end].data if w.nodes[end].kind == "Const" else 0
        if abs(value) > NARROW >= w.most(other):  # Spark takes it to be so for NULL as well
            truth = exp.Boolean(this=(value > 0) == (end == b))
            return exp.Case().when(_not_null(w.term(other)), truth) if w.nullable(other) else truth
    left, right = w.args(node)
    return exp.LT(this=_grouped(left), expression=_grouped(right))


def _equal(w: _Writing, _number_: int, node: Node) -> Term:
    a, b = node.args
    for fact, other in ((a, b), (b, a)):
        column, fixed = w.text(fact), w.nodes[other]
        if column and fixed.kind == "Const" and 0 <= fixed.data < len(column.values):
            return _one_of(column, [column.values[fixed.data]])
    one, two = w.text(a), w.text(b)
    if one and two and one.values == two.values:
        return named(one.name).eq(named(two.name))
    left, right = w.args(node)
    return exp.EQ(this=_grouped(left), expression=_grouped(right))


def _member(w: _Writing, _number_: int, node: Node) -> Term:
    column = w.text(node.args[0])
    if column:
        return _one_of(column, [column.values[v] for v in node.data])
    return exp.In(this=_grouped(w.term(node.args[0])), expressions=[_number(v) for v in node.data])


def _junction(w: _Writing, _number_: int, node: Node, join: Callable[..., exp.Condition]) -> Term:
    return join(*w.args(node))


def _not(w: _Writing, _number_: int, node: Node) -> Term:
    inner = w.term(node.args[0])
    if isinstance(inner, exp.EQ):
        return exp.NEQ(this=inner.this, expression=inner.expression)
    if isinstance(inner, exp.Is):
        return exp.Is(this=inner.this, expression=exp.null())
    return exp.not_(inner)


def _if(w: _Writing, number: int, node: Node) -> Term:
    condition, yes, no = w.args(node)
    found = exp.Case().when(condition, yes)
    if w.nullable(node.args[0]):
        found = found.when(exp.Is(this=_grouped(condition.copy()), expression=exp.null()), exp.null())
    if isinstance(no, exp.Case) and no.this is None:  # one list of cases reads better than cases within cases
        found.args["ifs"] += [part.copy() for part in no.args["ifs"]]
        no = no.args.get("default") or exp.null()
    found = found.else_(no.copy())
    # of literals alone an engine would make a number of 32 bits
    literal = all(w.nodes[a].kind == "Const" for a in node.args[1:])
    if literal and w.most(number) <= NARROW:
        return exp.cast(found, w.dialect.narrow)
    return w.picked(number, found, node.args[1:])


def _known(w: _Writing, _number_: int, node: Node) -> Term:
    (arg,) = node.args
    text = w.text(arg)
    return _not_null(named(text.name) if text else w.term(arg)) if w.nullable(arg) else exp.true()


_TERMS: dict[str, Callable[[_Writing, int, Node], Term]] = {
    "Const": _const,
    "Truth": _truth,
    "Fact": _fact,
    "Add": _add,
    "Mul": _mul,
    "Div": _div,
    "Min": partial(_extreme, pick=exp.Least),
    "Max": partial(_extreme, pick=exp.Greatest),
    "Less": _less,
    "Equal": _equal,
    "Member": _member,
    "And": partial(_junction, join=exp.and_),
    "Or": partial(_junction, join=exp.or_),
    "Not": _not,
    "If": _if,
    "Known": _known,
}
