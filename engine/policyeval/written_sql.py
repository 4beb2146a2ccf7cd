"""A regime as a query for people: run where the table is, with the clause beside each expression.

In: a regime, a day, a dialect, the name of a table whose columns are facts as people write them. Out: one commented
query, or a view. Promises: money in yuan, exact; a cell that cannot be read never counts as something else: the row
says which column it is (`problem`) and has no amounts; an empty cell is a fact that is not known, or the vocabulary's
default. What a row of a table cannot hold is refused by name (B401).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

from sqlglot import exp, parse_one
from sqlglot.errors import ParseError, TokenError

from policyeval import __version__
from policyeval.answer import document_name
from policyeval.cases import TRUTHS, typed
from policyeval.columns import Column, amount_columns
from policyeval.domains import bounds, homes
from policyeval.outcomes import Outcomes, outcomes
from policyeval.pack import Pack
from policyeval.plan import PlannedAward, cone
from policyeval.problems import Problem, Refusal
from policyeval.provisions import Cite
from policyeval.record import Record
from policyeval.regime import Regime
from policyeval.sentences import Expression
from policyeval.sql import DIALECTS, Term, named
from policyeval.tree import Node as Tree
from policyeval.view import view
from policyeval.vocabulary import Fact, Vocabulary

if TYPE_CHECKING:
    from policyeval.problems import Lang

PROBLEM = "problem"  # the column that names what cannot be read
_ROW = "policyeval_row"  # the table's own row, kept whole, so that its columns meet none of ours
_CELLS, _TYPED = "cells", "typed"
_TEXTS = frozenset({"enumeration", "ordered", "place", "bool"})
_UNSAID = frozenset({"fact", "limit", "way"})  # steps that an award's other lines tell already
_LEAVES = frozenset({"Const", "Truth", "Fact"})
_WIDE = 108  # characters of a line of the head
_COMMENTED = re.compile(r"( *)(.*?)((?: /\* .*? \*/)+)")
_DIGITS = {"money": 2, "ratio": 6, "number": 6, "count": 0}  # after the point, of a cell


class Asked(Record):
    """What is to be written: for which engine and table, the name of the view if it is one, the comments' language."""

    dialect: str
    table: str = "platforms"
    view: str | None = None
    lang: Lang = "en"


def written(regime: Regime, vocabulary: Vocabulary, as_of: date, asked: Asked) -> str:
    """The query. Raises Refusal: B401 to B403, and what `outcomes` and `view` refuse."""
    if not regime.packs:
        raise Refusal(Problem("B403", {"day": as_of.isoformat()}))
    table, name = (_table(text, asked.dialect) for text in (asked.table, asked.view or asked.table))
    clauses = _Clauses(regime, vocabulary, asked.lang)
    open_ = {f.name for f in vocabulary.facts.values() if f.default is None and f.given is None}
    present = {f.name: homes(vocabulary, f.name) for f in vocabulary.facts.values() if f.kind == "place"}
    made = outcomes(regime, vocabulary, set(), open_, present=present, followed=clauses.nodes)
    facts = [vocabulary.facts[fact] for fact in made.facts]
    if lists := {f.within or f.name for f in facts if f.kind == "list" or f.within}:
        raise Refusal(Problem("B401", {"facts": ", ".join(f"`{name}`" for name in sorted(lists))}))
    cells = _Cells(vocabulary, as_of, asked.dialect, facts)
    notes, folded = clauses.notes(made)
    columns = {f.name: Column(f.name, _values(f, vocabulary), f.kind == "bool", f.name in open_) for f in facts}
    where = exp.Is(this=named(PROBLEM), expression=exp.null())
    query = view({"": made}, vocabulary, cells.checked(), columns, (), asked.dialect, notes={"": notes}, where=where)
    before = [_step(cells.words(table), _CELLS), _step(cells.typed(), _TYPED)]
    query.args["with_"].set("expressions", [*before, *query.args["with_"].expressions])
    query.set("expressions", [cells.whole_row(), named(PROBLEM), *query.expressions])
    for column in query.expressions:
        if folded and column.alias == "support_min":
            column.add_comments(folded)
    whole = exp.Create(this=name, kind="VIEW", expression=query) if asked.view else query
    head = _head(regime, as_of, asked, [f for f in facts if f.given is None], clauses)
    text = whole.sql(asked.dialect, pretty=True, max_text_width=_WIDE)
    return "\n".join([*(f"-- {line}" for line in head), *_comments_first(f"{text};".splitlines()), ""])


def _comments_first(lines: Sequence[str]) -> list[str]:
    """Each comment on a line of its own, before the column that it speaks of."""
    found: list[str] = []
    for line in lines:
        match = _COMMENTED.fullmatch(line)
        if match is None:
            found.append(line)
            continue
        found.append(match[1] + match[2])
        at = len(found) - 1
        while not re.match(f"{match[1]}(?!END|AND |OR |[ )])", found[at]):
            at -= 1
        found[at:at] = [f"{match[1]}-- {words}" for words in re.findall(r" /\* (.*?) \*/", match[3])]
    return found


def _step(select: exp.Select, name: str) -> exp.CTE:
    return exp.CTE(this=select, alias=exp.TableAlias(this=exp.to_identifier(name)))


def _table(name: str, dialect: str) -> exp.Table:
    """A table or view as the dialect names it. Raises Refusal B402."""
    try:
        found = parse_one(name, into=exp.Table, dialect=dialect)
    except (ParseError, TokenError):
        raise Refusal(Problem("B402", {"name": name, "dialect": dialect})) from None
    return found


def _values(fact: Fact, vocabulary: Vocabulary) -> tuple[str, ...]:
    return tuple(vocabulary.places) if fact.kind == "place" else tuple(fact.values)


# From cells to facts ---------------------------------------------------------


class _Cells:
    """What is read of a table, in three steps: cells, the facts that they say, and whether each could be read."""

    def __init__(self, vocabulary: Vocabulary, as_of: date, dialect: str, facts: Sequence[Fact]) -> None:
        self.vocabulary, self.as_of, self.dialect = vocabulary, as_of, dialect
        self.given = [f for f in facts if f.given is not None]
        self.facts = [f for f in facts if f.given is None]
        self.narrow = DIALECTS[dialect].narrow
        self.assumed = typed({}, vocabulary)

    def words(self, table: exp.Table) -> exp.Select:
        """The whole row, and the cells that matter: texts without what makes no difference."""
        row = exp.to_identifier(_ROW, quoted=True)
        whole: Term = exp.column(row)
        if self.dialect == "spark":
            whole = exp.Struct(expressions=[exp.Column(this=exp.Star(), table=row.copy())])
        made = [_as(whole, _ROW)]
        for fact in self.facts:
            cell: Term = exp.column(exp.to_identifier(fact.name, quoted=True), table=row.copy())
            if fact.kind in _TEXTS:
                text = exp.Lower(this=exp.Trim(this=exp.cast(cell, exp.DataType.build("TEXT"))))
                cell = exp.Nullif(this=text, expression=exp.Literal.string(""))
            made.append(_as(cell, _cell(fact)))
        return exp.select(*made).from_(exp.alias_(table, row, table=True))

    def typed(self) -> exp.Select:
        """The facts, as a plan counts them; NULL where the cell cannot be read."""
        made = [_as(self._fact(fact), fact.name) for fact in self.facts]
        made += [_as(exp.cast(_number(self.as_of.toordinal()), self.narrow), f.name) for f in self.given]
        return exp.select(exp.Star(), *made).from_(_CELLS)

    def checked(self) -> exp.Select:
        """And the first column that cannot be read."""
        case = exp.Case()
        for fact in self.facts:
            unread: Term = exp.Is(this=named(fact.name), expression=exp.null())
            if fact.default is None:
                unread = exp.and_(exp.Is(this=named(_cell(fact)), expression=exp.Not(this=exp.null())), unread)
            case = case.when(unread, exp.Literal.string(fact.name))
        found = case if self.facts else exp.cast(exp.null(), exp.DataType.build("TEXT"))
        return exp.select(exp.Star(), _as(found, PROBLEM)).from_(_TYPED)

    def whole_row(self) -> Term:
        """The table's own columns."""
        if self.dialect == "postgres":
            return exp.Dot(this=exp.paren(named(_ROW)), expression=exp.Star())
        return exp.Column(this=exp.Star(), table=exp.to_identifier(_ROW, quoted=True))

    def _fact(self, fact: Fact) -> Term:
        cell = named(_cell(fact))
        if fact.kind in _TEXTS:
            return self._text(fact, cell)
        found = self._days(cell) if fact.kind == "date" else self._number(fact, cell)
        if fact.default is not None:
            assumed = _number(int(self.assumed.facts[fact.name]))
            found = exp.Case().when(exp.Is(this=cell.copy(), expression=exp.null()), assumed).else_(found)
        return found

    def _text(self, fact: Fact, cell: Term) -> Term:
        case = exp.Case()
        for spellings, written, value in self._spelled(fact):
            meant: Term = exp.In(this=cell.copy(), expressions=[exp.Literal.string(text) for text in spellings])
            if fact.default is not None and self.assumed.written[fact.name] == written:
                meant = exp.or_(meant, exp.Is(this=cell.copy(), expression=exp.null()))
            case = case.when(meant, value)
        return case

    def _spelled(self, fact: Fact) -> Iterator[tuple[list[str], str, Term]]:
        """How each value may be written in a cell, what it is called, and what it is in the query."""
        v = self.vocabulary
        if fact.kind == "bool":
            called = {text: "true" if value else "false" for text, value in TRUTHS.items()}
            among = ["true", "false"]
        elif fact.kind == "place":
            called, places = v.place_spellings, list(v.places)
            among = [places[i] for i in homes(v, fact.name)]
        else:
            called, among = v.value_spellings[fact.name], list(fact.values)
        meant: dict[str, set[str]] = {}
        for spelling, value in called.items():
            meant.setdefault(spelling.strip().lower(), set()).add(value)
        for value in among:
            spellings = [text for text, values in meant.items() if values == {value}]
            yield spellings, value, exp.convert(value == "true") if fact.kind == "bool" else exp.Literal.string(value)

    def _number(self, fact: Fact, cell: Term) -> Term:
        """As many of the plan's units as the cell says, if it is a whole number of them within bounds."""
        bound, size = bounds(self.vocabulary)[fact.name], 10 ** _DIGITS[fact.kind]
        low, high = (_number((end or 0) // size) for end in (bound.low, bound.high))
        exact = exp.cast(cell, exp.DataType.build(f"DECIMAL(18, {_DIGITS[fact.kind]})"))
        units = exp.cast(
            exp.Mul(this=exact.copy(), expression=_number(size)) if size > 1 else exact.copy(), self.narrow
        )
        whole = exp.Case().when(exact.eq(cell.copy()), units)
        return exp.Case().when(exp.Between(this=cell.copy(), low=low, high=high), whole)

    def _days(self, cell: Term) -> Term:
        """The day's number in the calendar, 1 for the first day of year 1."""
        day, first = (exp.cast(d, exp.DataType.build("DATE")) for d in (cell, exp.Literal.string("0001-01-01")))
        since = (
            exp.DateDiff(this=day, expression=first) if self.dialect == "spark" else exp.Sub(this=day, expression=first)
        )
        number = exp.cast(exp.Add(this=since, expression=_number(1)), self.narrow)
        last = _number(date.max.toordinal())
        return exp.Case().when(exp.Between(this=number, low=_number(1), high=last), number.copy())


def _cell(fact: Fact) -> str:
    return f"{fact.name}_cell"


def _as(term: Term, name: str) -> Term:
    return exp.alias_(term, exp.to_identifier(name, quoted=True))


def _number(value: int) -> Term:
    return exp.convert(value)


# Clauses ---------------------------------------------------------------------


class _Clauses:
    """What there is to say of the plan's nodes: whose they are, what they are there, and by which clause."""

    def __init__(self, regime: Regime, vocabulary: Vocabulary, lang: Lang) -> None:
        self.packs = {pack.id: pack for pack in regime.packs}
        self.plan, self.vocabulary, self.lang = regime.plan, vocabulary, lang
        self.own = [award for award in self.plan.awards if award.own]
        self._said: dict[int, dict[str, dict[str, None]]] = {}  # node: award and clause: what it is
        for award in self.own:
            for node, text in self._of_award(award):
                self._say(node, self.award(award.id), text)
        for statement in self.plan.statements:
            pack, number = self._pack(statement.id), int(statement.id.rpartition("[")[2].rstrip("]"))
            clause = self.clause(pack, pack.precedence[number - 1].cite)
            words = self._words(statement.tree, pack.id)
            for effect in statement.effects:
                label = self._label(effect.award)
                payer = f", {vocabulary.payers[effect.payer].label[lang]}" if effect.payer else ""
                self._say(effect.after, f"{label}{payer} · {clause}", words)

    @property
    def nodes(self) -> list[int]:
        return list(self._said)

    def _say(self, node: int, whose: str, text: str) -> None:
        self._said.setdefault(node, {}).setdefault(whose, {})[text] = None

    def _of_award(self, award: PlannedAward) -> Iterator[tuple[int, str]]:
        zh, home = self.lang == "zh", award.id.partition("/")[0]
        yield award.applies, "适用" if zh else "applies"
        for condition in award.conditions:
            yield condition.node, self._words(condition.tree, home)
        for step in award.steps:
            if step.op not in _UNSAID:
                yield step.node, self._words(step.tree, home)
        for share in award.shares:
            if share.payer:
                payer = self.vocabulary.payers[share.payer].label[self.lang]
                yield share.before, f"{payer}承担" if zh else f"paid by: {payer}"

    def award(self, id_: str) -> str:
        pack = self._pack(id_)
        return f"{self._label(id_)} · {self.clause(pack, pack.awards[id_.partition('/')[2]].cite)}"

    def clause(self, pack: Pack, cite: Cite) -> str:
        return f"{pack.document.number or pack.id} {cite.section} “{cite.phrase}”"

    def _pack(self, id_: str) -> Pack:
        return self.packs[id_.partition("/")[0]]

    def _label(self, id_: str) -> str:
        return self._pack(id_).awards[id_.partition("/")[2]].label[self.lang]

    def _words(self, tree: Tree, home: str) -> str:
        return Expression(tree, self.vocabulary, home, self.packs)[self.lang]

    def notes(self, made: Outcomes) -> tuple[dict[int, list[str]], list[str]]:
        """What to write beside each node of the query, and the awards that are in no node alone."""
        there = {i for i in cone(made.nodes, made.wanted) if made.nodes[i].kind not in _LEAVES}
        at: dict[int, dict[str, dict[str, None]]] = {}
        for node, said in self._said.items():
            for end in there.intersection(made.became.get(node, ())):
                for whose, texts in said.items():
                    at.setdefault(end, {}).setdefault(whose, {}).update(texts)
        found = {n: [_line(f"{whose} · {'; '.join(texts)}") for whose, texts in said.items()] for n, said in at.items()}
        if not isinstance(made.nodes[made.covered].data, bool):
            found[made.covered] = ["有文件适用于所在地" if self.lang == "zh" else "some pack applies at the place"]
        met = {whose for said in at.values() for whose in said}
        return found, [_line(whose) for award in self.own if (whose := self.award(award.id)) not in met]


def _line(text: str) -> str:
    """On one line, whatever a label holds."""
    return " ".join(text.split())


# The head --------------------------------------------------------------------


def _head(regime: Regime, as_of: date, asked: Asked, facts: Sequence[Fact], clauses: _Clauses) -> Iterator[str]:
    """What the query is, under what, what it reads and what it gives."""
    words, lang = _HEAD[asked.lang], asked.lang
    yield words["what"].format(version=__version__, dialect=asked.dialect)
    yield words["day"].format(day=as_of)
    for pack in regime.packs:
        yield words["pack"].format(pack=pack.ref, document=_line(document_name(pack, lang)), sha256=pack.sha256)
    for id_, option in regime.plan.readings.items():
        home, _, name = id_.partition("/")
        reading = clauses.packs[home].readings[name]
        said = f"{reading.options[option][lang]} · {clauses.clause(clauses.packs[home], reading.cite)}"
        yield words["reading"].format(id=id_, option=option, said=_line(said))
    for award in clauses.own:
        yield words["award"].format(id=award.id, said=_line(clauses.award(award.id)))
    for budget in regime.plan.budgets:
        yield words["budget"].format(id=budget.id)
    yield words["needs"].format(table=_line(asked.table))
    for fact in facts:
        yield f"  {fact.name} · {_line(_column(fact, lang))}"
    yield words["gives"].format(table=_line(asked.table))
    yield f"  {', '.join([PROBLEM, *amount_columns(tuple(regime.plan.payers))])}"
    yield words["problem"].format(problem=PROBLEM)


_HEAD = {
    "en": {
        "what": "policyeval {version}, {dialect}: what the platform of each row receives, in yuan, exact",
        "day": "day: {day}",
        "pack": "pack: {pack}, {document}, sha256 {sha256}",
        "reading": "reading: {id}={option}, {said}",
        "award": "award: {id}, {said}",
        "budget": "left out: {id}, a ceiling over the platforms of a year, which no row knows of",
        "needs": "`{table}` must have these columns; an empty cell is a fact that is not known:",
        "gives": "out come all columns of `{table}`, and",
        "problem": "`{problem}` names the first cell that cannot be read; such a row has no amounts",
    },
    "zh": {
        "what": "policyeval {version}，{dialect}：每行的平台得到多少，单位元，准确到分",
        "day": "施行日：{day}",
        "pack": "文件：{pack}，{document}，sha256 {sha256}",
        "reading": "解读：{id}={option}，{said}",
        "award": "奖补：{id}，{said}",
        "budget": "未计：{id}，是一年内全部平台的总额，单行无从计算",
        "needs": "`{table}`须有以下各列，空值表示该事实未知：",
        "gives": "输出`{table}`的全部列，以及",
        "problem": "`{problem}`是第一个读不懂的列，该行不给金额",
    },
}

_COLUMNS = {
    "en": {
        "money": "NUMERIC, yuan, 0 to 10^13, whole fen",
        "ratio": "NUMERIC, as in 0.1 for 10%, up to six decimals",
        "number": "NUMERIC, up to six decimals",
        "count": "BIGINT, 0 or more",
        "date": "DATE",
        "bool": "BOOLEAN, or yes and no",
        "place": "TEXT, a place",
    },
    "zh": {
        "money": "NUMERIC，元，0至10万亿，到分为止",
        "ratio": "NUMERIC，如10%写0.1，至多六位小数",
        "number": "NUMERIC，至多六位小数",
        "count": "BIGINT，不小于0",
        "date": "DATE",
        "bool": "BOOLEAN，或是、否",
        "place": "TEXT，地名",
    },
}


def _column(fact: Fact, lang: Lang) -> str:
    """What a column holds."""
    zh = lang == "zh"
    values = "、".join(v.zh for v in fact.values.values()) if zh else ", ".join(fact.values)
    said = _COLUMNS[lang].get(fact.kind) or f"TEXT{'，' if zh else ', '}{values}"
    if fact.default is not None:
        assumed = fact.values[fact.default][lang] if fact.default in fact.values else fact.default
        said += f"；空值即{assumed}" if zh else f"; empty is {assumed}"
    return f"{fact.label[lang]} · {said}"
