"""Cells to facts: what a row says, as the plan counts it.

In: a part of a table in the view PART, the headings, settings for all rows. Out: a query that yields the table's own
columns and a typed one for each fact; and which rows hold a cell that cannot be read. Promises: a cell means what the
same words mean in a case file, for `cases` reads each distinct text once, and plain numbers alone are left to the
engine; an empty cell is a fact that is not known, or its default; nothing is guessed.
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any
from unicodedata import normalize

from policyeval.batch.header import FEN, Heading, fen_in
from policyeval.batch.table import PART, ROW, Engine, Table, literal, quoted, reading
from policyeval.cases import Given, Platform, Value, read_value, spelled_fact, typed
from policyeval.columns import Column
from policyeval.domains import listed, spelled
from policyeval.money import LIMIT
from policyeval.problems import Problem, Refusal
from policyeval.record import Record, replace
from policyeval.vocabulary import Fact, Vocabulary

_WHOLE = frozenset({"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"})
_DECIMAL = re.compile(r"DECIMAL\((\d+),(\d+)\)")
_NUMBERS = frozenset({"money", "count", "number", "ratio"})
_EXPONENT = re.compile(r"([+-]?\d{1,9})?", re.ASCII)
_UNIT = re.compile(r"[^\d\s.,+\-_eE]")
_DIGITS = len(str(LIMIT)) - 1
_SPARE = 18 - _DIGITS  # decimals that a product of 18 digits may keep beside those of LIMIT

Text = str | None
Among = tuple[int | bool, ...] | None  # the values that there are, of a listed fact


class Rejected(Record):
    """A cell that cannot be read, which sends its row away."""

    row: int
    column: str
    value: str
    problem: Problem


class Source(Record):
    """Rows as a query: the terms of its columns, what they are of, and the condition and order that they have."""

    columns: tuple[str, ...]
    rows: str
    where: tuple[str, ...] = ()
    order: str = ""

    def sql(self, more: Mapping[str, str] | None = None, where: Sequence[str] = ()) -> str:
        """The query, in any order; `more`: further columns by name, each with its term."""
        columns = [*self.columns, *(f"{term} AS {quoted(name)}" for name, term in (more or {}).items())]
        conditions = " AND ".join([*self.where, *where])
        return f"SELECT {', '.join(columns)} FROM {self.rows}{f' WHERE {conditions}' if conditions else ''}"

    @property
    def in_order(self) -> str:
        return self.sql() + (f" ORDER BY {self.order}" if self.order else "")


class Facts(Record):
    """A part as the plan counts it. `source`: the table's columns and one for each fact, without the rejected rows.

    `open`: facts that some row leaves open; `present`: the values of listed facts that there are; `bad`: the rejected
    rows, as the end of a query.
    """

    source: Source
    columns: dict[str, Column]
    open: frozenset[str]
    present: dict[str, tuple[int | bool, ...]]
    rejected: int
    bad: str

    @property
    def shape(self) -> tuple[object, ...]:
        """What formulas of a table's rows hang on."""
        return tuple(sorted(self.open)), tuple(sorted(self.present.items()))


class _Said(Record):
    """What columns say of some facts: a term for each, the joins they need, and the condition of a wrong cell.

    `coded`: columns whose texts are known, with terms for the same texts that are quicker to write.
    """

    facts: tuple[str, ...]
    terms: tuple[str, ...]
    open: tuple[bool, ...]
    present: tuple[Among, ...]
    joins: str = ""
    bad: str = ""
    coded: tuple[tuple[str, str], ...] = ()


class Typing:
    """Types the parts of one table. `settings`: what holds for all rows; a fact that is set to nothing stays open."""

    few = 64  # texts that a query can list itself

    def __init__(
        self, table: Table, headings: Sequence[Heading], vocabulary: Vocabulary, settings: Sequence[Given], folder: str
    ) -> None:
        self.table, self.vocabulary, self.folder = table, vocabulary, folder
        self.types = dict(table.columns)
        self.fixed = typed({}, vocabulary, settings).facts
        self.settings = {spelled_fact(given.fact, vocabulary) or "": given for given in settings}
        self.headings = tuple(h for h in headings if h.fact not in self.settings)
        self.passed = tuple(h for h in headings if h.fact in self.settings)  # what is set holds in their stead
        follow = {name for name, fact in vocabulary.facts.items() if fact.derived}
        self.left_open = frozenset(self.settings.keys() & vocabulary.facts.keys()) - self.fixed.keys() - follow
        self.prefix = "~"
        while any(name.startswith(self.prefix) for name in self.types):
            self.prefix += "~"
        self._bare: dict[str, str] = {}  # of a column of money, an amount without a unit
        self._united: dict[str, str] = {}  # and one with a unit

    @property
    def stated(self) -> frozenset[str]:
        """The facts that the table itself says, or the settings for all of it."""
        return frozenset([*(h.fact for h in self.headings), *(f for f in self.settings if f in self.fixed)])

    def lacking(self, facts: Sequence[str]) -> list[str]:
        """Of these facts those that nothing says: no column, no setting, no default, no place."""
        known = {*self.stated, *self.fixed, *self.left_open}
        found = []
        for name in facts:
            fact = self.vocabulary.facts[name]
            base = fact.within or (fact.derived.source if fact.derived and name not in known else name)
            if base not in known:
                found.append(base)
        return list(dict.fromkeys(found))

    def part(self, engine: Engine) -> Facts:
        """The part in hand. Raises Refusal B108 where a column mixes bare numbers with amounts that have units."""
        said = [self._said(engine, group, number) for number, group in enumerate(self._groups())]
        terms: dict[str, tuple[str, bool, Among]] = {}
        for name, value in self.fixed.items():
            terms[name] = self._constant(name, value), False, (value,)
        for name in self.left_open:
            terms[name] = f"CAST(NULL AS {self._type(name)})", True, ()
        for each in said:
            for fact, term, open_, among in zip(each.facts, each.terms, each.open, each.present, strict=True):
                if open_ and fact in self.fixed:  # the default
                    assumed = self.fixed[fact]
                    term, open_ = f"coalesce({term}, {self._constant(fact, assumed)})", False
                    among = None if among is None else tuple(dict.fromkeys([*among, assumed]))
                terms[fact] = term, open_, among
        opened = {name for name, (_, open_, _) in terms.items() if open_}
        follow = {n for n, f in self.vocabulary.facts.items() if f.derived and f.derived.source in opened}
        rows = f"{PART} AS p{''.join(s.joins for s in said)}"
        bad = " OR ".join(s.bad for s in said if s.bad)
        rejected = int(self._one(engine, f"SELECT count(*) FROM {rows} WHERE {bad}")[0]) if bad else 0
        cells = {name: _cell(name) for name in self.types}
        for each in said:
            cells |= {name: f"{term} AS {quoted(name)}" for name, term in each.coded}
        select = [*cells.values(), *(f"{term} AS {self._column(n)}" for n, (term, _, _) in terms.items())]
        where = (f"NOT coalesce({bad}, FALSE)",) if rejected else ()
        order = f"p.{quoted(ROW)}" if any(s.joins for s in said) else ""  # a join keeps none
        return Facts(
            source=Source(tuple(select), rows, where, order),
            columns={name: self._typed(name, open_) for name, (_, open_, _) in terms.items()},
            open=frozenset(opened | (follow - terms.keys())),
            present={n: tuple(sorted(among)) for n, (_, _, among) in terms.items() if among and n in self._listed},
            rejected=rejected,
            bad=f"{rows} WHERE {bad}" if bad else "",
        )

    def rejected(self, engine: Engine, facts: Facts) -> Iterator[Rejected]:
        """Each cell that cannot be read, row by row."""
        if not facts.rejected:
            return
        names = [h.column for h in self.headings]
        cells = ", ".join(map(self._as_text, names))
        with reading(self.table.name):
            engine.execute(f"SELECT p.{quoted(ROW)}, {cells} FROM {facts.bad} ORDER BY 1")
            while rows := engine.fetchmany(10_000):
                for number, *texts in rows:
                    yield from self._wrong(number, dict(zip(names, texts, strict=True)))

    # one row

    @property
    def cells(self) -> list[str]:
        """Terms on the part for the texts that a platform is read from."""
        return [self._as_text(h.column) for h in self.headings]

    def platform(self, texts: Sequence[Text]) -> Platform:
        """The platform that the texts of one row say, as a case file would. Raises Refusal."""
        given = {
            h.fact: _with_unit(text, h.unit, self.vocabulary.declared[h.fact])
            for h, text in zip(self.headings, texts, strict=True)
            if text is not None and text.strip()
        }
        return typed(given, self.vocabulary, self.settings.values())

    # what columns say

    def _groups(self) -> list[list[Heading]]:
        """Columns that are read together: a place with what follows from it, every other one by itself."""
        by: dict[str, list[Heading]] = {}
        for heading in self.headings:
            by.setdefault(_source(self.vocabulary, heading.fact), []).append(heading)
        return list(by.values())

    def _said(self, engine: Engine, group: Sequence[Heading], number: int) -> _Said:
        fact = self.vocabulary.declared[group[0].fact]
        if len(group) == 1 and fact.kind in _NUMBERS:
            return self._number(engine, group[0], fact, number)
        if len(group) == 1 and fact.kind == "bool" and self.types[group[0].column] == "BOOLEAN":
            cell = _cell(group[0].column)
            (some,) = self._one(engine, f"SELECT count(*) > count({cell}) FROM {PART} AS p")
            return _Said((fact.name,), (cell,), (some,), ((False, True),))
        return self._texts(engine, group, number)

    def _texts(self, engine: Engine, group: Sequence[Heading], number: int) -> _Said:
        """Facts of which each distinct text, or combination of texts, is read by itself."""
        cells = [self._as_text(h.column) for h in group]
        names = self._facts_of(group)
        read: dict[tuple[Text, ...], dict[str, Value]] = {}
        wrong: list[tuple[Text, ...]] = []
        for texts in self._all(engine, f"SELECT DISTINCT {', '.join(cells)} FROM {PART} AS p"):
            problems, facts = self._read(group, texts)
            if problems:
                wrong.append(texts)
            else:
                read[texts] = facts
        found = read.values()
        open_ = tuple(not read or any(name not in facts for facts in found) for name in names)
        among = tuple(tuple(dict.fromkeys(f[n] for f in found if n in f)) if n in self._listed else None for n in names)
        coded = self._coded(group, [texts[0] for texts in read])
        if len(group) == 1 and not wrong and self._as_they_are(names[0], read):
            return _Said(tuple(names), (cells[0],), open_, among, coded=coded)
        words: list[list[Text]] = [[*t, *(self._word(n, f.get(n)) for n in names), None] for t, f in read.items()]
        words += [[*texts, *(None for _ in names), "x"] for texts in wrong]
        return replace(self._mapped(engine, cells, names, words, number), open=open_, present=among, coded=coded)

    def _coded(self, group: Sequence[Heading], texts: Sequence[Text]) -> tuple[tuple[str, str], ...]:
        """A column of a few texts, as what a writer need not look up row by row; its name and the term."""
        column, found = group[0].column, sorted(text for text in texts if text is not None)
        if not (
            self.table.coded and len(group) == 1 and self.types[column] == "VARCHAR" and 0 < len(found) <= self.few
        ):
            return ()
        words = ", ".join(map(literal, found))
        return ((column, f"MAP([{words}], CAST([{words}] AS ENUM({words})[]))[{_cell(column)}]"),)

    def _mapped(
        self, engine: Engine, cells: Sequence[str], names: Sequence[str], words: Sequence[Sequence[Text]], number: int
    ) -> _Said:
        """Texts by a table of what they mean: listed in the query itself where they are few.

        Of a row of `words` the first are the texts, then come what they say, and whether that is wrong.
        """
        if len(cells) == len(names) == 1 and len(words) <= self.few:
            pairs = [(row[0], row[1]) for row in words if row[0] is not None and row[1] is not None]
            keys, values = (", ".join(literal(str(pair[i])) for pair in pairs) for i in (0, 1))
            bad = ", ".join(literal(str(row[0])) for row in words if row[2])
            term = f"CAST(MAP([{keys}], [{values}])[{cells[0]}] AS {self._type(names[0])})"
            term = term if pairs else f"CAST(NULL AS {self._type(names[0])})"
            return _Said(tuple(names), (term,), (), (), bad=f"({cells[0]} IN ({bad}))" if bad else "")
        alias, width = f"m{number}", len(cells)
        kinds = ["VARCHAR", *(["VARCHAR"] * width), *(self._type(n) for n in names), "VARCHAR"]
        self._lay(engine, alias, kinds, [["-", *row] for row in words])
        same = " AND ".join(f"{cell} IS NOT DISTINCT FROM {alias}.c{i}" for i, cell in enumerate(cells, 1))
        last = width + len(names) + 1
        bad = f"({alias}.c{last} IS NOT NULL)" if any(row[-1] for row in words) else ""
        terms = tuple(f"{alias}.c{i}" for i in range(width + 1, last))
        return _Said(tuple(names), terms, (), (), f" LEFT JOIN {alias} ON {same}", bad)

    def _lay(self, engine: Engine, alias: str, kinds: Sequence[str], rows: Sequence[Sequence[Text]]) -> None:
        """A table of the engine with the columns c0, c1 and so on."""
        path = os.path.join(self.folder, f"{alias}.csv")
        null = "~"  # no text among them
        while any(word == null for row in rows for word in row):
            null += "~"
        with open(path, "w", encoding="utf-8", newline="") as file:  # many at a time
            write = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
            write.writerows([null if word is None else word for word in row] for row in rows)
        shape = ", ".join(f"'c{i}': '{kind}'" for i, kind in enumerate(kinds))
        options = f"header = false, delim = ',', quote = '\"', escape = '\"', nullstr = '{null}', auto_detect = false"
        with reading(path):
            engine.execute(
                f"CREATE OR REPLACE TEMP TABLE {alias} AS "
                f"SELECT * FROM read_csv({literal(path)}, {options}, columns = {{{shape}}})"
            )

    def _read(self, group: Sequence[Heading], texts: Sequence[Text]) -> tuple[list[Problem], dict[str, Value]]:
        """The facts of a combination of texts, as a case file reads them."""
        names = self._facts_of(group)
        given = {h.fact: text for h, text in zip(group, texts, strict=True) if text is not None and text.strip()}
        fact = self.vocabulary.declared[group[0].fact]
        if len(group) == 1 and fact.kind not in ("place", "list"):
            text = given.get(fact.name)
            value = None if text is None else read_value(fact, _with_unit(text, group[0].unit, fact), self.vocabulary)
            if isinstance(value, Problem):
                return [value], {}
            return [], {} if value is None else {fact.name: value}
        try:
            found = typed(given, self.vocabulary, self._beside(group)).facts
        except Refusal as refusal:
            return list(refusal.problems), {}
        return [], {n: v for n, v in found.items() if n in names and (n in given or self._follows(n, given))}

    def _beside(self, group: Sequence[Heading]) -> list[Given]:
        """What is set of the same place."""
        source = _source(self.vocabulary, group[0].fact)
        return [said for fact, said in self.settings.items() if _source(self.vocabulary, fact) == source]

    def _follows(self, name: str, given: Mapping[str, str]) -> bool:
        fact = self.vocabulary.facts[name]
        return (fact.derived is not None and fact.derived.source in given) or fact.within in given

    def _facts_of(self, group: Sequence[Heading]) -> list[str]:
        """The facts that columns say: a list says all that its items have."""
        names = [h.fact for h in group]
        return [*names, *(n for n, f in self.vocabulary.facts.items() if f.within in names and f.item is not None)]

    def _as_they_are(self, name: str, read: Mapping[tuple[Text, ...], Mapping[str, Value]]) -> bool:
        """Whether every text is the canonical one already, or no text at all."""
        if self._type(name) != "VARCHAR":
            return False
        return all(
            text is None if name not in facts else spelled(self.vocabulary, name, facts[name]) == text
            for (text,), facts in read.items()
        )

    # numbers

    def _number(self, engine: Engine, heading: Heading, fact: Fact, number: int) -> _Said:
        """Whole numbers and decimals of the engine are taken as they are, unless one of them is out of bounds."""
        zeros = fen_in(heading.unit) if fact.kind == "money" else 0 if fact.kind == "count" else 6
        cell, kind = _cell(heading.column), self.types[heading.column]
        decimal = _DECIMAL.fullmatch(kind)
        places = int(decimal[2]) if decimal and int(decimal[1]) <= 18 else 0 if kind in _WHOLE else None
        if places is not None and places <= zeros:
            ask = f"SELECT min({cell}), max({cell}), count({cell}) < count(*) FROM {PART} AS p"
            low, high, some = self._one(engine, ask)
            if low is None or (low >= (-LIMIT if fact.kind == "number" else 0) and high * 10**zeros <= LIMIT):
                wide = f"CAST({cell} AS DECIMAL(38, {places}))" if places > _SPARE else cell
                term = f"CAST({wide} * {10**zeros} AS BIGINT)" if zeros else f"CAST({cell} AS BIGINT)"
                return _Said((fact.name,), (term,), (some,), (None,))
        return self._written(engine, heading, fact, zeros, number)

    def _written(self, engine: Engine, heading: Heading, fact: Fact, zeros: int, number: int) -> _Said:
        """Numbers as texts: plain digits are the engine's, every other text is read once."""
        cell = f"trim({self._as_text(heading.column)})"
        decimals = rf"(\.\d{{1,{zeros}}})?" if zeros else ""
        plain = rf"regexp_full_match({cell}, '\d{{1,{_DIGITS - zeros}}}{decimals}')"
        term, rest = f"TRY_CAST({cell} AS DECIMAL({_DIGITS}, {zeros}))", zeros
        if zeros == 2 * _SPARE:  # one step would have more than 18 digits, which ends the query
            term, rest = f"CAST({term} * {10**_SPARE} AS DECIMAL(18, {_SPARE}))", _SPARE
        term = f"CAST({term} * {10**rest} AS BIGINT)"
        ask = f"count({cell}) < count(*) OR coalesce(bool_or({cell} = ''), FALSE)"
        some, bare = self._one(engine, f"SELECT {ask}, any_value({cell}) FILTER ({plain}) FROM {PART} AS p")
        found = self._all(engine, f"SELECT DISTINCT {cell} FROM {PART} AS p WHERE NOT {plain}")
        others = [text for (text,) in found if text and text.strip()]
        if fact.kind == "money" and heading.unit is None:
            self._look_at_units(heading, fact, bare, others)
        whole = f"CASE WHEN {plain} THEN {term} END"
        if not others:
            return _Said((fact.name,), (whole if some else term,), (some,), (None,))
        words: list[list[Text]] = []
        for text in others:
            value = read_value(fact, _with_unit(text, heading.unit, fact), self.vocabulary)
            words.append([text, None, "x"] if isinstance(value, Problem) else [text, str(int(value)), None])
        said = self._mapped(engine, [cell], [fact.name], words, number)
        whole = f"CASE WHEN {plain} THEN {term} ELSE {said.terms[0]} END"
        return _Said(said.facts, (whole,), (some,), (None,), said.joins, said.bad)

    def _look_at_units(self, heading: Heading, fact: Fact, bare: str | None, others: Sequence[str]) -> None:
        """Raises Refusal B108 where some amounts say their unit and others do not: the bare ones may mean any."""
        column = heading.column
        amounts = (text for text in others if not isinstance(read_value(fact, text, self.vocabulary), Problem))
        for text in (*([bare] if bare else ()), *amounts):
            if _has_unit(text):
                self._united.setdefault(column, text)
            elif text.strip("0.,"):  # nothing is nothing in any unit
                self._bare.setdefault(column, text)
        if column in self._bare and column in self._united:
            words = {"column": column, "bare": self._bare[column], "other": self._united[column]}
            raise Refusal(Problem("B108", words))

    # rejected rows

    def _wrong(self, row: int, texts: Mapping[str, Text]) -> Iterator[Rejected]:
        for group in self._groups():
            cells = [texts[h.column] for h in group]
            if self.vocabulary.declared[group[0].fact].kind in _NUMBERS:
                cells = [cell and cell.strip() for cell in cells]
            problems, _ = self._read(group, cells)
            for problem in problems:
                said = problem.words.get("fact")
                at = next((i for i, h in enumerate(group) if h.fact == said), 0)
                yield Rejected(row, group[at].column, cells[at] or "", problem)

    # facts in a query

    @cached_property
    def _listed(self) -> frozenset[str]:
        return frozenset(n for n, f in self.vocabulary.facts.items() if listed(f) or f.kind == "place")

    def _as_text(self, column: str) -> str:
        kind = self.types[column]
        if kind == "VARCHAR":
            return _cell(column)
        if kind == "TIMESTAMP":  # as programs keep a day
            return f"regexp_replace(CAST({_cell(column)} AS VARCHAR), ' 00:00:00$', '')"
        nested = kind.endswith("]") or kind.startswith(("STRUCT", "MAP"))
        return f"CAST({f'to_json({_cell(column)})' if nested else _cell(column)} AS VARCHAR)"

    def _column(self, fact: str) -> str:
        return quoted(self.prefix + fact)

    def _typed(self, fact: str, may_be_null: bool) -> Column:
        of = self.vocabulary.facts[fact]
        values = tuple(self.vocabulary.places) if of.kind == "place" else tuple(of.values)
        return Column(self.prefix + fact, values, of.kind == "bool", may_be_null)

    def _type(self, fact: str) -> str:
        kind = self.vocabulary.facts[fact].kind
        return "VARCHAR" if kind in ("place", "enumeration", "ordered") else "BOOLEAN" if kind == "bool" else "BIGINT"

    def _word(self, fact: str, value: Value | None) -> Text:
        """A value as the query's column of the fact has it."""
        if value is None:
            return None
        return spelled(self.vocabulary, fact, value) if self._type(fact) == "VARCHAR" else str(value).lower()

    def _constant(self, fact: str, value: Value) -> str:
        return f"CAST({literal(self._word(fact, value) or '')} AS {self._type(fact)})"

    def _one(self, engine: Engine, query: str) -> Any:
        with reading(self.table.name):
            return engine.execute(query).fetchone()

    def _all(self, engine: Engine, query: str) -> list[Any]:
        with reading(self.table.name):
            return engine.execute(query).fetchall()


def _source(vocabulary: Vocabulary, fact: str) -> str:
    """The place that a fact follows from, or the fact itself."""
    derived = vocabulary.declared[fact].derived if fact in vocabulary.declared else None
    return derived.source if derived else fact


def _cell(column: str) -> str:
    return f"p.{quoted(column)}"


def _has_unit(text: str) -> bool:
    return _UNIT.search(normalize("NFKC", text)) is not None


def _with_unit(text: str, unit: str | None, fact: Fact) -> str:
    """An amount with the unit of its column, where it has none of its own."""
    if fact.kind != "money" or unit is None or _has_unit(text):
        return text
    if unit != FEN:
        return f"{text.strip()}{unit}"
    digits, _, exponent = normalize("NFKC", text).strip().lower().partition("e")
    return f"{digits}e{int(exponent or 0) - 2}" if _EXPONENT.fullmatch(exponent) else text
