"""A draft over a whole table: what all platforms cost before and after, who pays, who gains.

In: a Question, what is in force with the draft and without it. Out: an Impact. Promises: each row is read once, and
those that change most once more; memory does not grow with the rows; the
numbers of rows add up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from heapq import merge
from itertools import islice
from tempfile import TemporaryDirectory
from typing import Any

from policyeval.batch.formulas import Formulas, measure, remembered
from policyeval.batch.run import Request, engine_for, opened, part_size, strangers
from policyeval.batch.table import ENDLESS, ROW, Engine, Part, Table, quoted, reading, without
from policyeval.batch.typed import Facts, Rejected, Typing
from policyeval.batch.watched import watched
from policyeval.budgets import Total
from policyeval.cases import Platform
from policyeval.evaluate import Span
from policyeval.impact.budgeted import Budgeted
from policyeval.impact.groups import By, Key, grouping, in_order
from policyeval.impact.readings import Varying
from policyeval.impact.settings import Found, Readings
from policyeval.impact.sums import SIDES, Change, Sums, added
from policyeval.impact.tally import WAYS, Far, Tally, Way
from policyeval.pack import Pack
from policyeval.problems import Problem, Refusal
from policyeval.record import Record, replace
from policyeval.regime import Regime, Regimes, Tell
from policyeval.vocabulary import Label, Vocabulary

GROUPS = 1_000
_REASONS = 5  # rejected cells that are shown
_ROW_NUMBER = "number of the row"  # in the source; no column of a fact has such a name
_NUMBER_OF = f"p.{quoted(ROW)}"


class Question(Record):
    """What a user asks. `by`: what rows are grouped by; `top`: how many of the largest changes each way; `readings`:
    whether the readings that are not settled are varied."""

    request: Request
    by: tuple[str, ...] = ()
    top: int = 5
    readings: bool = True


class Large(Record):
    """A row that changes much. `unquantified`: whether it has support without a figure, before and after."""

    row: int
    platform: Platform
    support: Change
    unquantified: tuple[bool, bool]

    @property
    def change(self) -> tuple[int, int]:
        """By how much the least rises, and the most."""
        low, high = self.support.change
        assert low is not None
        assert high is not None
        return low, high


class Impact(Record):
    """`counted`: whether rows are counted as `row` or as `line`; `payers`: who they are, where that is the same for
    all rows; `budgets`: what stands under each on either side; `readings`: None where they were not varied; `reasons`:
    the first of the rejected cells."""

    source: str
    counted: str
    as_of: date
    before: Regime
    after: Regime
    whole: Sums
    by: tuple[By, ...]
    groups: Mapping[Key, Sums]
    budgets: Mapping[str, tuple[Total, ...]]
    payers: Mapping[str, Label]
    largest: Mapping[Way, tuple[Large, ...]]
    readings: Readings | None
    blank: int
    rejected: int
    reasons: tuple[Rejected, ...]
    notes: tuple[Problem, ...]


def run(question: Question, before: Regimes, after: Regimes, tell: Tell) -> Impact:
    """Raises Refusal."""
    vocabulary = after.library.vocabulary
    regimes = before.at(None), after.at(None)
    with TemporaryDirectory(prefix="policyeval") as folder, engine_for(folder, question.request.threads) as engine:
        without(engine, ENDLESS)
        table, typing = opened(engine, question.request, regimes, vocabulary, folder, ())

        measured: dict[object, Formulas] = {}

        def formulas(regime: Regime) -> Formulas:
            key = tuple(pack.sha256 for pack in regime.packs), tuple(regime.plan.readings.items())
            if key not in measured:
                made = Formulas(regime, vocabulary)
                if question.request.budgets:
                    measure(made, engine, table, typing, part_size(table), tell)
                measured[key] = made
            return measured[key]

        def through(question: Question, regimes: Sequence[Regime], varying: Varying | Budgeted | None) -> Impact:
            made = [formulas(regime) for regime in regimes]
            return _Run(question, engine, table, typing, made, varying, vocabulary, tell).through(after.as_of)

        def again(regimes: Sequence[Regime]) -> Found:
            found = through(replace(question, by=(), top=0), regimes, None)
            return Found(found.whole, found.budgets)

        varying: Varying | Budgeted | None = None
        if question.readings and question.request.budgets and any(regime.plan.budgets for regime in regimes):
            varying = Budgeted((before, after), regimes, vocabulary, again)
        elif question.readings:
            varying = Varying((before, after), regimes, vocabulary)
        return through(question, regimes, varying)


class _Run:
    def __init__(
        self,
        question: Question,
        engine: Engine,
        table: Table,
        typing: Typing,
        formulas: Sequence[Formulas],
        varying: Varying | Budgeted | None,
        vocabulary: Vocabulary,
        tell: Tell,
    ) -> None:
        self.question, self.engine, self.table, self.typing = question, engine, table, typing
        self.formulas, self.varying, self.vocabulary, self.tell = formulas, varying, vocabulary, tell
        self.regimes = [each.regime for each in formulas]
        self.payers = tuple(dict.fromkeys(p for regime in reversed(self.regimes) for p in regime.plan.payers))
        self.by = grouping(question.by, table, typing)
        self._made: dict[object, Tally] = {}
        self.groups: dict[Key, dict[str, int]] = {}
        self.largest: dict[Way, list[Large]] = {way: [] for way in WAYS}
        self.rejected = self.blank = 0
        self.reasons: list[Rejected] = []
        self.places: set[str] | None = set()

    def through(self, as_of: date) -> Impact:
        done = 0
        for part in self.table.parts(self.engine, part_size(self.table), 0):
            self._part(part, done)
            done = part.upto
            self.tell(done, self.table.expected())
        whole: dict[str, int] = {}
        for counts in self.groups.values():
            whole = added(whole, counts)
        before, after = self.regimes
        budgets = {side: formulas.totals for side, formulas in zip(SIDES, self.formulas, strict=True)}
        return Impact(
            source=self.table.name,
            counted=self.table.counted,
            as_of=as_of,
            before=before,
            after=after,
            whole=Sums(whole),
            by=self.by,
            groups={key: Sums(self.groups[key]) for key in in_order(self.by, self.groups)} if self.by else {},
            budgets=budgets,
            payers=self._labels(),
            largest={way: tuple(found) for way, found in self.largest.items()},
            readings=self.varying.readings(Found(Sums(whole), budgets)) if self.varying else None,
            blank=self.blank,
            rejected=self.rejected,
            reasons=tuple(self.reasons),
            notes=(
                *self.table.notes,
                *strangers(self.table, self.typing, "B454", [by.name for by in self.by]),
                *after.notes,
                *self.formulas[1].notes,
                *self._nowhere(),
                *self._why_not(),
            ),
        )

    # a part

    def _part(self, part: Part, done: int) -> None:
        facts = self.typing.part(self.engine)
        self._reject(part, facts)
        self._see_places(facts)
        tally = self._tally(facts)
        settings = self.varying.settings if self.varying else 1  # that the part is gone through for

        def tell(share: float) -> None:
            self.tell(done + int(share / settings * part.rows), self.table.expected())

        terms = [by.term(facts) for by in self.by]
        source = facts.source.sql({_ROW_NUMBER: _NUMBER_OF})
        query = tally.totals(source, terms, quoted(_ROW_NUMBER), self.question.top)
        with reading(self.table.name):
            lines = watched(self.engine, query, tell)
        far: dict[Way, list[Far]] = {way: [] for way in WAYS}
        for line in lines:
            key = tuple(by.value(value) for by, value in zip(self.by, line, strict=False))
            found = tally.counted(line[len(self.by) :])
            self.groups[key] = added(self.groups.get(key, {}), found.counts)
            for way, some in found.furthest.items():
                far[way] += some
        if len(self.groups) > GROUPS:
            names_of = ", ".join(by.name for by in self.by)
            raise Refusal(Problem("B452", {"names": names_of, "limit": GROUPS}))
        for way, rows in far.items():
            self._look_up(way, rows, tally, facts)
        if self.varying:
            self.varying.part(
                self.engine,
                self.typing,
                facts,
                part.rows - facts.rejected,
                lambda share: tell(1 + share * (settings - 1)),
            )

    def _tally(self, facts: Facts) -> Tally:
        """The query for rows of this shape, made once."""
        if facts.shape not in self._made:
            self._made[facts.shape] = remembered(Tally, self.formulas, self.typing, facts, lambda: self._new(facts))
        return self._made[facts.shape]

    def _new(self, facts: Facts) -> Tally:
        from policyeval.impact.both import tally  # noqa: PLC0415  # what writes SQL is slow to import

        return tally([formulas.of(self.typing, facts) for formulas in self.formulas], self.vocabulary, facts)

    def _look_up(self, way: Way, found: Sequence[Far], tally: Tally, facts: Facts) -> None:
        """The largest changes of the part, among those of the parts before it."""
        kept = {large.row: large for large in self.largest[way]}
        known = [Far(large.row, *large.change) for large in kept.values()]
        top = sorted([*known, *found], key=lambda far: far.order(way))[: self.question.top]
        if new := [far.row for far in top if far.row not in kept]:
            cells = [f"cell {i}" for i in range(len(self.typing.cells))]
            terms = dict(zip(cells, self.typing.cells, strict=True))
            these = f"{_NUMBER_OF} IN ({', '.join(map(str, new))})"
            source = facts.source.sql({_ROW_NUMBER: _NUMBER_OF, **terms}, [these])
            query = tally.listed(source, [quoted(name) for name in (_ROW_NUMBER, *cells)])
            with reading(self.table.name):
                lines = self.engine.execute(query).fetchall()
            kept |= {line[0]: self._large(line, len(cells) + 1) for line in lines}
        self.largest[way] = [kept[far.row] for far in top]

    def _large(self, row: Sequence[Any], shown: int) -> Large:
        platform = self.typing.platform(row[1:shown])
        ends, flags = row[shown : shown + 4], (bool(row[shown + 4]), bool(row[shown + 5]))
        return Large(row[0], platform, Change(Span(ends[0], ends[1]), Span(ends[2], ends[3])), flags)

    def _reject(self, part: Part, facts: Facts) -> None:
        self.blank += part.blank
        self.rejected += len(part.damaged) + facts.rejected
        if len(self.reasons) < _REASONS:
            damaged = (Rejected(d.line, "", "", d.problem) for d in part.damaged)
            both = merge(damaged, self.typing.rejected(self.engine, facts), key=lambda r: r.row)
            self.reasons += islice(both, _REASONS - len(self.reasons))

    # where the platforms are

    def _see_places(self, facts: Facts) -> None:
        """The places of all platforms; None where one of them is not known."""
        seat = self.vocabulary.seat
        present = facts.present.get(seat)
        if self.places is None or present is None or seat in facts.open:
            self.places = None
        else:
            names = list(self.vocabulary.places)
            self.places.update(names[int(number)] for number in present)

    def _labels(self) -> dict[str, Label]:
        """The treasury that is meant, where it is the same for all platforms."""
        found = {}
        for payer in self.payers:
            names = {self.vocabulary.treasury(payer, place) for place in self.places or ()}
            found[payer] = names.pop() if len(names) == 1 else self.vocabulary.payers[payer].label
        return found

    def _nowhere(self) -> list[Problem]:
        """Drafts that apply to no platform of the table."""
        if self.places is None:
            return []
        drafts = [p for p in self.regimes[1].packs if p not in self.regimes[0].packs]
        return [
            Problem("B453", {"pack": pack.ref, "place": self._place(pack)})
            for pack in drafts
            if self.places.isdisjoint(self.vocabulary.below(pack.jurisdiction))
        ]

    def _why_not(self) -> list[Problem]:
        """Why no other reading is shown, where that was asked for."""
        reason = self.varying and self.varying.why_not
        return [Problem("B480", {"reason": {"zh": reason.message("zh"), "en": reason.message("en")}})] if reason else []

    def _place(self, pack: Pack) -> dict[str, str]:
        label = self.vocabulary.places[pack.jurisdiction].label
        return {"zh": label.zh, "en": label.en}
