"""A table through a regime: each row with what the platform gets, part by part.

In: a Request and the regime. Out: the table of answers in its place, the rejected rows beside it, and counts that add
up. Promises: a run that ends before its time, however it does, leaves nothing half done in the place of the result and
keeps the parts that are done, so that it can go on; memory does not grow with the rows.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha256
from heapq import merge

import duckdb

from policyeval import __version__
from policyeval.answer import packs_json
from policyeval.batch.answers import answers
from policyeval.batch.formulas import Formulas, measure
from policyeval.batch.header import Heading, headings
from policyeval.batch.open import open_table
from policyeval.batch.table import Engine, Part, Table, quoted, same_place, told
from policyeval.batch.typed import Facts, Typing
from policyeval.batch.watched import watched
from policyeval.batch.write import WHOLE, Finished, Target, copied, found_part, target
from policyeval.budgets import kept_of, totals_kept
from policyeval.cases import Given
from policyeval.columns import FLAGS, amount_columns
from policyeval.near import nearest
from policyeval.problems import Lang, Problem, Refusal
from policyeval.record import Record, names
from policyeval.regime import Regime, Regimes, Tell
from policyeval.vocabulary import Vocabulary

ROWS_OF_TEXT = 500_000  # of a part
ROWS = 12_000_000  # of a part that the engine reads by itself
_STATE = "state.json"
_NAMED = 12  # columns in a message


class Request(Record):
    """What a user asks. `mapped`: facts by column; `units`: units by column; `settings` hold for all rows."""

    source: str
    target: str
    mapped: Mapping[str, str]
    units: Mapping[str, str]
    settings: tuple[Given, ...]
    threads: int | None = None
    resume: bool = False
    overwrite: bool = False
    lang: Lang = "en"
    budgets: bool = True


class Done(Record):
    """What came of it: `rows` gone through are `written`, `rejected`, or `blank`."""

    rows: int
    written: int
    rejected: int
    blank: int
    rejects: str | None
    about: Mapping[str, str]


def part_size(table: Table) -> int:
    """The rows of a part: fewer of a text, which is brought to the engine first."""
    return ROWS_OF_TEXT if table.counted == "line" else ROWS


@contextmanager
def engine_for(folder: str, threads: int | None) -> Iterator[Engine]:
    """An engine of its own, which fetches nothing from anywhere and puts down what it must in `folder`."""
    engine = duckdb.connect(config={"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"})
    try:
        engine.execute("SET enable_progress_bar = false")
        engine.execute(f"SET temp_directory = '{os.path.join(folder, 'temp')}'".replace("\\", "/"))
        if threads:
            engine.execute(f"SET threads = {threads}")
        yield engine
    except RuntimeError as error:  # as the engine says it where it finds the signal itself
        if str(error) != "Query interrupted":
            raise
        raise KeyboardInterrupt from None
    finally:
        engine.close()


def opened(
    engine: Engine,
    request: Request,
    regimes: Sequence[Regime],
    vocabulary: Vocabulary,
    folder: str,
    made: Sequence[str],
) -> tuple[Table, Typing]:
    """The table with its facts. Raises Refusal, B109 where a fact that the regimes ask for is said nowhere."""
    table = open_table(request.source, engine, folder)
    found: tuple[Heading, ...] = headings(
        [n for n, _ in table.columns], vocabulary, request.mapped, request.units, made
    )
    typing = Typing(table, found, vocabulary, request.settings, folder)
    lacking(typing, regimes)
    return table, typing


def lacking(typing: Typing, regimes: Sequence[Regime]) -> None:
    """Raises Refusal B109 where a fact that the regimes ask for is said nowhere, B133 where no fact is, each with what
    had to be found out of the table: that may be the reason."""
    asked = {name: None for regime in regimes for name in regime.plan.facts}
    seat = [typing.vocabulary.seat] if regimes else []
    if missing := typing.lacking([*seat, *asked]):
        columns, notes = typing.table.named, typing.table.notes
        if not (typing.headings or typing.passed):
            raise Refusal(*notes, Problem("B133", {"path": typing.table.name, "columns": columns}))
        labels = {name: typing.vocabulary.facts[name].label for name in missing}
        words = {
            "facts": {
                "zh": "、".join(f"`{name}`（{label['zh']}）" for name, label in labels.items()),
                "en": ", ".join(f"`{name}` ({label['en']})" for name, label in labels.items()),
            },
            "first": missing[0],
            "columns": columns,
        }
        raise Refusal(*notes, Problem("B109", words))


def run(request: Request, regimes: Regimes, tell: Tell) -> tuple[Done, tuple[Problem, ...]]:
    """Raises Refusal; what is done by then stays in the target's folder of parts."""
    goal, regime = target(request.target), regimes.at(None)
    if same_place(request.source, request.target):
        raise Refusal(Problem("B202", {"path": request.target}))
    vocabulary = regimes.library.vocabulary
    made = amount_columns([*regime.plan.payers])
    with _folder(goal, request) as (folder, left), engine_for(folder, request.threads) as engine:
        there = goal.there(engine)
        moved = there is not None and (left.moved(folder) or bool(left.same and left.same in there))
        if there is not None and not (moved or request.overwrite):
            raise Refusal(Problem("B201", {"path": goal.name}))
        table, typing = opened(engine, request, [regime], vocabulary, folder, made)
        if goal.most is not None and (table.rows or 0) > goal.most:
            raise Refusal(Problem("B203", {"path": goal.name, "rows": table.rows, "limit": goal.most}))
        formulas = Formulas(regime, vocabulary)
        if request.budgets and left.parts:
            formulas.totals = totals_kept(regime.plan, left.budgets)
        elif request.budgets:
            measure(formulas, engine, table, typing, part_size(table), tell)
        about = about_of(regimes, formulas, request)
        going = _Run(request, goal, folder, engine, table, typing, formulas, about, tell)
        idle = () if regime.packs else (Problem("B222", {"day": regimes.as_of.isoformat()}),)
        notes = (*table.notes, *strangers(table, typing), *idle, *regime.notes, *formulas.notes)
        return going.through(left, moved), notes


def strangers(table: Table, typing: Typing, code: str = "B221", but: Iterable[str] = ()) -> list[Problem]:
    """Columns that are no facts: they are carried along, and said, since a fact may be spelled in another way."""
    known = {*but, *(h.column for h in (*typing.headings, *typing.passed))}
    others = [name for name, _ in table.columns if name not in known]
    free = [s for s, fact in typing.vocabulary.fact_spellings.items() if fact not in typing.stated]
    shown = {lang: _shown(others, free, lang) for lang in ("zh", "en")}
    passed = [Problem("B151", {"column": h.column, "fact": h.fact}) for h in typing.passed]
    return [*passed, *([Problem(code, {"columns": shown})] if others else [])]


def _shown(columns: Sequence[str], free: Sequence[str], lang: Lang) -> str:
    found = []
    for name in columns[:_NAMED]:
        near = nearest(name, free)
        hint = (f"（是不是`{near}`？）" if lang == "zh" else f" (is it `{near}`?)") if near else ""
        found.append(f"`{name}`{hint}")
    return ("、" if lang == "zh" else ", ").join(found) + ("…" if len(columns) > _NAMED else "")


def reason(problem: Problem, lang: Lang) -> str:
    """The message and the mend, in one cell."""
    message, help_ = problem.message(lang), problem.help(lang)
    return f"{message}{'；' if lang == 'zh' else '; '}{help_}" if help_ else message


def kept(request: Request) -> str | None:
    """The folder of what is done, where a run has left one."""
    folder = target(request.target).folder
    return folder if _left_in(folder).parts else None


def about_of(regimes: Regimes, formulas: Formulas, request: Request) -> dict[str, str]:
    """What a table was worked out from: in its metadata."""
    regime = formulas.regime
    about = {
        "policyeval.version": __version__,
        "policyeval.as_of": regimes.as_of.isoformat(),
        "policyeval.packs": json.dumps(packs_json(regime.packs), ensure_ascii=False),
        "policyeval.readings": json.dumps(regime.plan.readings, ensure_ascii=False),
    }
    if regime.plan.budgets:
        kept = [total.as_json() for total in formulas.totals] if request.budgets else None
        about["policyeval.budgets"] = json.dumps(kept, ensure_ascii=False)
    return about


class _Left(Record):
    """What a run has left of itself. `same`: what it was asked; `whole`: what was to be moved into the result's place
    when all was done."""

    same: str = ""
    parts: Sequence[Mapping[str, object]] = ()
    budgets: object = None
    whole: str = ""

    def moved(self, folder: str) -> bool:
        """Whether the result went into its place, so that nothing but the end is left to do."""
        return bool(self.whole) and not os.path.exists(os.path.join(folder, self.whole))


_NOTHING = _Left()


@contextmanager
def _folder(goal: Target, request: Request) -> Iterator[tuple[str, _Left]]:
    """The folder of parts, gone at the end unless a part is done and the whole is not, and what is to go on from.

    It holds a state from the beginning, so that a folder of somebody else's is never taken for it.
    """
    folder = goal.folder
    state = os.path.join(folder, _STATE)
    if os.path.exists(folder) and not os.path.exists(state):
        raise Refusal(Problem("B209", {"folder": folder}))
    left = _left_in(folder)
    if left.parts and not request.resume and not request.overwrite:
        raise Refusal(Problem("B206", {"folder": folder}))
    if request.resume and not os.path.exists(state):
        raise Refusal(Problem("B207", {"folder": folder}))
    try:
        if not request.resume:
            shutil.rmtree(folder, ignore_errors=True)
            os.mkdir(folder)
            with open(state, "w", encoding="utf-8") as file:
                json.dump({}, file)
    except OSError as error:
        raise Refusal(Problem("B210", {"path": folder, "reason": error.strerror or str(error)})) from None
    try:
        yield folder, left if request.resume else _NOTHING
    except BaseException:
        left = _left_in(folder)
        _clear(folder, left) if left.parts else shutil.rmtree(folder, ignore_errors=True)
        raise
    shutil.rmtree(folder, ignore_errors=True)


def _left_in(folder: str) -> _Left:
    try:
        with open(os.path.join(folder, _STATE), encoding="utf-8") as file:
            return _Left(**json.load(file))
    except (OSError, ValueError, TypeError):
        return _NOTHING


def _clear(folder: str, left: _Left) -> None:
    """Leaves what a later run goes on with."""
    keep = {_STATE, WHOLE, left.whole, *(part[key] for part in left.parts for key in ("file", "rejects"))}
    for name in os.listdir(folder):
        path = os.path.join(folder, name)
        if name not in keep:
            shutil.rmtree(path) if os.path.isdir(path) else os.remove(path)


class _Run:
    def __init__(
        self,
        request: Request,
        goal: Target,
        folder: str,
        engine: Engine,
        table: Table,
        typing: Typing,
        formulas: Formulas,
        about: dict[str, str],
        tell: Tell,
    ) -> None:
        self.request, self.goal, self.folder, self.engine = request, goal, folder, engine
        self.table, self.typing, self.formulas, self.about, self.tell = table, typing, formulas, about, tell
        self.same = self._same()
        self.parts: list[Mapping[str, object]] = []

    def through(self, left: _Left, moved: bool) -> Done:
        """`moved`: the result is in its place already, as an earlier run has left it."""
        self._resume(left, moved)
        if not moved:
            self._all()
        with self._writing():
            self.goal.after(self.about)
        rows, written, rejected, blank = map(self._sum, ("rows", "written", "rejected", "blank"))
        return Done(rows, written, rejected, blank, self.goal.rejects if rejected else None, self.about)

    def _all(self) -> None:
        before = self._sum("rows")
        for part in self.table.parts(self.engine, part_size(self.table), before):
            self._part(part, before)
            before = part.upto
        self._rejects()
        columns = [*dict(self.table.columns), *amount_columns([*self.formulas.regime.plan.payers])]
        with self._writing():
            files = [path for part in self.parts if (path := self._at(part))] or [self._nothing()]
            if self.goal.most is not None and self._sum("written") > self.goal.most:
                words = {"path": self.goal.name, "rows": self._sum("written"), "limit": self.goal.most}
                raise Refusal(Problem("B203", words))
            marked = self.table.marked
            self.goal.finish(
                Finished(self.engine, tuple(files), self.about, tuple(columns), marked, self.same, self._keep)
            )

    def _sum(self, what: str) -> int:
        return sum(int(str(part[what])) for part in self.parts)

    def _part(self, part: Part, before: int) -> None:
        facts = self.typing.part(self.engine)
        number = len(self.parts) + 1
        file, rejects = f"part-{number:05d}{self.goal.suffix}", f"rejects-{number:05d}.csv"
        rejected = self._reject(part, facts, rejects)
        written = self._copy(self._query(facts), os.path.join(self.folder, file), number == 1, before, part.rows)
        if written + facts.rejected != part.rows:
            raise AssertionError(f"{part.rows} rows, {written} written, {facts.rejected} rejected")
        rows, blank = part.upto - before, part.blank
        self.parts.append(
            {"file": file, "rejects": rejects, "rows": rows, "written": written, "rejected": rejected, "blank": blank}
        )
        self._keep()
        self.tell(part.upto, self.table.expected())

    def _query(self, facts: Facts) -> str:
        found = answers(self.formulas, self.typing, facts)
        return found.query(facts.source.in_order, [name for name, _ in self.table.columns])

    def _copy(self, query: str, path: str, first: bool, before: int, rows: int) -> int:
        """Writes a part."""
        statement = copied(self.goal.form, query, path, self.about, first)
        with self._writing():
            done = watched(
                self.engine, statement, lambda part: self.tell(before + int(rows * part), self.table.expected())
            )
        return int(done[0][0]) if done else 0

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Raises Refusal B210 where there is no room, or no leave, to write."""
        try:
            yield
        except duckdb.InterruptException:
            raise KeyboardInterrupt from None
        except (duckdb.Error, OSError) as error:
            raise Refusal(Problem("B210", {"path": self.goal.name, "reason": told(error)})) from None

    # rejected rows

    def _reject(self, part: Part, facts: Facts, name: str) -> int:
        damaged = ((d.line, "", "", d.problem) for d in part.damaged)
        cells = ((r.row, r.column, r.value, r.problem) for r in self.typing.rejected(self.engine, facts))
        with self._writing(), open(os.path.join(self.folder, name), "w", encoding="utf-8", newline="") as file:
            write = csv.writer(file).writerow
            for line, column, value, problem in merge(damaged, cells, key=_line):
                write((line, column, value, problem.code, reason(problem, self.request.lang)))
        return len(part.damaged) + facts.rejected

    def _rejects(self) -> None:
        """All rejected cells in one file, where there are any."""
        path = self.goal.rejects
        if not self._sum("rejected"):
            if os.path.exists(path) and self.request.overwrite:
                os.remove(path)
            return
        with self._writing():
            whole = os.path.join(self.folder, "rejects.whole")
            with open(whole, "wb") as file:
                mark = "\ufeff" if self.table.marked else ""
                file.write(f"{mark}{self.table.counted},column,value,code,reason\r\n".encode())
                for part in self.parts:
                    with open(os.path.join(self.folder, str(part["rejects"])), "rb") as each:
                        shutil.copyfileobj(each, file)
            os.replace(whole, path)

    # going on

    def _same(self) -> str:
        """What must be the same for a run to go on: the table, the rules, the options that bear on the result."""
        request = self.request
        said: list[object] = [
            self.table.identity,
            self.goal.name,
            self.about,
            dict(request.mapped),
            dict(request.units),
        ]
        said.append([(given.fact, given.value) for given in request.settings])
        return sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()

    def _keep(self, whole: str = "") -> None:
        """`whole`: what is moved into the result's place next."""
        path = os.path.join(self.folder, _STATE)
        left = _Left(self.same, self.parts, [*map(kept_of, self.formulas.totals)], os.path.basename(whole))
        with self._writing():
            with open(f"{path}.new", "w", encoding="utf-8") as file:
                json.dump({name: getattr(left, name) for name in names(_Left)}, file, ensure_ascii=False)
            os.replace(f"{path}.new", path)

    def _resume(self, left: _Left, moved: bool) -> None:
        there = moved or all(map(self._at, left.parts))
        if (left.parts or moved) and (left.same != self.same or not there):
            raise Refusal(Problem("B208", {"folder": self.folder}))
        self.parts = [*left.parts]

    def _at(self, part: Mapping[str, object]) -> str | None:
        return found_part(self.folder, str(part["file"]))

    def _nothing(self) -> str:
        """A part without rows, so that a table without rows gives one with the right columns."""
        name = os.path.join(self.folder, f"part-00001{self.goal.suffix}")
        columns = ", ".join(f"CAST(NULL AS {kind}) AS {quoted(column)}" for column, kind in self._shape())
        self.engine.execute(copied(self.goal.form, f"SELECT {columns} WHERE FALSE", name, self.about, first=True))
        return name

    def _shape(self) -> Iterator[tuple[str, str]]:
        yield from self.table.columns
        for column in amount_columns([*self.formulas.regime.plan.payers]):
            yield column, "BOOLEAN" if column in FLAGS else "DECIMAL(18, 2)"


def _line(found: tuple[int, str, str, Problem]) -> int:
    return found[0]
