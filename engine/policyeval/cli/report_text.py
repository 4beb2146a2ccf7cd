"""A report as a page of one language.

In: a Report. Out: a page: what changes in short, rules side by side, classes of platforms, who pays, verdicts, what
stays open, and what it all comes from. Promise: the pages of both languages hold the same tables in the same order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from policyeval import __version__
from policyeval.classes import describe
from policyeval.cli.compare_text import Writer
from policyeval.cli.curve_text import course_rows
from policyeval.cli.packs_ import term
from policyeval.cli.page import Page, Row, row
from policyeval.cli.sensitivity_text import what_it_changes
from policyeval.cli.table import Cell
from policyeval.cli.verdict_text import STYLE, verdict_row
from policyeval.cli.words import known, listed, say
from policyeval.compare import Extreme
from policyeval.curve import SUPPORT, Curve
from policyeval.explain import Explained
from policyeval.pack import Award, Entitlement, Pack
from policyeval.problems import Lang
from policyeval.prove import Verdict
from policyeval.provisions import Cite
from policyeval.report import Report, RuleChange
from policyeval.sensitivity import Turn, differing
from policyeval.sentences import readable

Draw = Callable[[Mapping[str, Curve], str], bytes]

_NUMERALS = "一二三四五六七八九十"


def page_of(report: Report, lang: Lang, draw: Draw | None = None) -> Page:
    """The whole report; `draw` makes its pictures."""
    return _Writer(report, lang, draw).page()


class _Writer:
    def __init__(self, report: Report, lang: Lang, draw: Draw | None) -> None:
        self.draw = draw
        self.report, self.found, self.lang = report, report.comparison, lang
        self.vocabulary = self.found.vocabulary
        self.said = say(lang)
        self.compared = Writer(self.found, self.vocabulary, lang)
        self.packs = list({pack.ref: pack for pack in (*self.found.after, *self.found.before)}.values())
        self.made, self.sections = Page(), 0

    def page(self) -> Page:
        found, said, page = self.found, self.said, self.made
        page.title(said("report_title", title=found.subject.document.title[self.lang]))
        page.text(self._about())
        self._summary()
        self._rules()
        self._heading("classes")
        self.compared.classes(page)
        self._heading("extremes")
        self.compared.extremes(page)
        self._curves()
        self._burdens()
        self._verdicts()
        self._cases()
        self._open()
        self._left_out()
        self._sources()
        return page

    def _heading(self, key: str) -> None:
        self.sections += 1
        number = f"{_NUMERALS[self.sections - 1]}、" if self.lang == "zh" else f"{self.sections}. "
        self.made.heading(number + self.said(key))

    def _about(self) -> str:
        found = self.found
        where = listed([self.vocabulary.places[place].label[self.lang] for place in found.where], self.lang)
        packs = listed([pack.ref for pack in found.before], self.lang)
        key = "report_about" if packs else "report_alone"
        return self.said(key, pack=found.subject.ref, packs=packs, day=found.as_of.isoformat(), where=where)

    # in short

    def _summary(self) -> None:
        self._heading("summary")
        said, found, report = self.said, self.found, self.report
        counts = [f"{said(key)} {report.verdicts.get(key, 0)}" for key in ("proved", "refuted", "unknown")]
        rows = [
            row(_label(said("amount")), self._ways(("rises", report.gain), ("falls", report.loss))),
            *(
                row(
                    _label(self.compared.treasury(one.payer)),
                    self._ways(("pays_more", one.more), ("pays_less", one.less)),
                )
                for one in report.burdens
            ),
            row(_label(said("verdicts")), listed(counts, self.lang)),
            row(_label(said("classes")), said("classes_count", count=len(found.classes))),
            row(_label(said("no_figure_for")), self._named(found.unquantified)),
            row(_label(said("discretion")), self._named(found.discretionary)),
            row(_label(said("open_clauses")), self._clauses(len(found.readings))),
        ]
        self.made.rows(rows)

    def _ways(self, *ways: tuple[str, Extreme]) -> str:
        """By how much at most something changes each way, or that it does not."""
        words = [self._way(key, one) for key, one in ways]
        return ("；" if self.lang == "zh" else "; ").join(filter(None, words)) or self.said("same")

    def _way(self, key: str, one: Extreme) -> str:
        if one.amount is None:
            return self.said("unknown_effect")
        if one.amount:
            return self.said(key, amount=readable(one.amount))
        return self.said(f"none_{key}") if key in ("rises", "falls") else ""

    def _clauses(self, count: int) -> str:
        return self.said("clauses_count", count=count) if count else self.said("none")

    def _named(self, ids: tuple[str, ...]) -> str:
        named = [f"{self.compared.rule(id_)} ({id_.partition('/')[0]})" for id_ in ids]
        return listed(named, self.lang) or self.said("none")

    # rules side by side

    def _rules(self) -> None:
        self._heading("rules_in_words")
        if not self.report.rules:
            self.made.text(self.said("no_rule_changes"))
        for change in self.report.rules:
            self._rule(change)

    def _rule(self, change: RuleChange) -> None:
        one = change.after or change.before
        assert one is not None  # a change is of a rule
        colon = "：" if self.lang == "zh" else ": "
        self.made.group(_opening(f"{self.said(change.kind)}{colon}{self._title(one)}"))
        sides = [
            (name, side)
            for name, side in zip(self.compared.sides(), (change.before, change.after), strict=True)
            if side
        ]
        rows = [
            self._across("rule", [side.ref for _, side in sides], code=True),
            self._across("says", [self._says(side) for _, side in sides]),
            self._across("clause", [self._clause(side) for _, side in sides]),
            self._across("note", [self._note(side) for _, side in sides]),
        ]
        if change.aside:
            lost = listed([self.compared.treasury(p) if p else self.said("whole") for p in change.aside], self.lang)
            rows.append(self._across("sets_aside", [lost, *([""] if len(sides) > 1 else [])]))
        self.made.rows([r for r in rows if any(cell.text for cell in r.cells[1:])], ["", *(name for name, _ in sides)])

    def _across(self, key: str, texts: list[str], code: bool = False) -> Row:
        shown = [f"`{text}`" if code and text else text for text in texts]
        return row(_label(self.said(key)), *shown)

    def _title(self, one: Explained) -> str:
        rule = one.rule
        assert rule is not None  # a report has no expression by itself
        if rule.kind == "statement":
            return self.said("statement_number", number=rule.id[len("precedence[") : -1])
        return rule.label[self.lang] if rule.label else one.ref

    def _says(self, one: Explained) -> str:
        sentences = one.sentences(self.lang)
        item = one.rule.item if one.rule else None
        if isinstance(item, Award | Entitlement) and item.beneficiary != "platform":
            end = "。" if self.lang == "zh" else "."
            sentences.append(self.said("for", who=known(item.beneficiary, self.lang)).capitalize() + end)
        return ("" if self.lang == "zh" else " ").join(sentences)

    def _clause(self, one: Explained) -> str:
        cite: Cite | None = getattr(one.rule.item, "cite", None) if one.rule else None
        return self._cited(one.pack, cite) if cite else ""

    def _cited(self, pack: Pack, cite: Cite) -> str:
        title = pack.document.title[self.lang]
        document = pack.document.number or (f"《{title}》" if self.lang == "zh" else title)
        return f"{document} {self.said('cite', section=cite.section, phrase=cite.phrase)}"

    def _note(self, one: Explained) -> str:
        note = getattr(one.rule.item, "note", None) if one.rule else None
        return note[self.lang] if note else ""

    # curves

    def _curves(self) -> None:
        if self.report.drawings:
            self._heading("curves")
        for drawing in self.report.drawings:
            when = describe(drawing.when, self.vocabulary)[self.lang] or self.said("every_platform")
            about = self.said("chart_title", fact=self.vocabulary.facts[drawing.over].label[self.lang])
            self.made.group(_opening(f"{when} · {about}"))
            if drawing.curves is None:
                self.made.text(drawing.why_not.message(self.lang) if drawing.why_not else "")
                continue
            new = drawing.curves[1]
            if self.draw:
                named = dict(zip(self.compared.sides(), drawing.curves, strict=True))
                self.made.figure(self.draw(named, self.lang), f"{when} · {about}")
            low, high = new.courses[SUPPORT]
            for key, course in (("", low),) if low == high else (("least", low), ("most", high)):
                header = [self.compared.sides()[1] + (f" · {self.said(f'course_{key}')}" if key else ""), "", ""]
                self.made.rows(list(course_rows(course, new, self.lang)), header)

    # who pays

    def _burdens(self) -> None:
        self._heading("burdens")
        rows = []
        for one in self.report.burdens:
            name = Cell(self.compared.treasury(one.payer), "bold")
            ways = [(key, way) for key, way in (("pays_more", one.more), ("pays_less", one.less)) if way.amount != 0]
            for key, way in ways:
                change, begins = self._way(key, way), self.compared.begins(way)
                rows.append(row(name, change, self.compared.example(way), below=begins))
            if not ways:
                rows.append(row(name, self.said("same"), ""))
        self.made.rows(rows, [self.said("payer"), self.said("effect"), self.said("reached_at")])

    # verdicts

    def _verdicts(self) -> None:
        self._heading("verdicts")
        self.made.text(self.said("verdicts_mean"))
        header = [self.said(key) for key in ("claim", "verdict", "breach")]
        self.made.rows([self._verdict(verdict) for verdict in self.found.claims], header)

    def _verdict(self, verdict: Verdict) -> Row:
        shown = verdict_row(verdict, self.vocabulary, self.lang)
        guarantee = self.report.guarantees.get(verdict.claim.id)
        first = Cell(self._says(guarantee)) if guarantee else shown.cells[0]
        return Row((first, *shown.cells[1:]), shown.below)

    def _cases(self) -> None:
        if self.found.cases:
            self._heading("cases")
            self.made.rows([self.compared.case(c) for c in self.found.cases], ["", *self.compared.sides()])

    # what stays open

    def _open(self) -> None:
        self._heading("open_clauses")
        said, packs = self.said, {pack.id: pack for pack in self.packs[::-1]}
        for id_, chosen in self.found.readings.items():
            pack = packs[id_.partition("/")[0]]
            reading = pack.readings[id_.partition("/")[2]]
            self.made.group(reading.ask[self.lang])
            self.made.text(f"{self._cited(pack, reading.cite)} · `{id_}`", "dim")
            options = [
                row(
                    Cell(label[self.lang], "bold" if option == chosen else ""),
                    f"`{option}`",
                    said("taken" if option == chosen else "also_possible"),
                )
                for option, label in reading.options.items()
            ]
            self.made.rows(options, [said("options"), said("name"), said("in_this_report")])
            if turn := self.report.turns.get(id_):
                self._turn(turn)
        unsettled = list(self._unsettled())
        if unsettled:
            self.made.group(said("unsettled_amounts"))
            self.made.rows(unsettled, [said("awards"), said("why_open"), said("clause")])
        if not (self.found.readings or unsettled):
            self.made.text(said("nothing_open"))

    def _turn(self, turn: Turn) -> None:
        """What each option would do to the claims that do not come out the same under all."""
        changes = what_it_changes(turn, self.found.claims, self.lang)
        self.made.text(changes.text, changes.style)
        for _, verdicts in differing(turn):
            rows = []
            for option, verdict in zip(turn.options, verdicts, strict=True):
                by = self.said("at_most", amount=readable(verdict.by)) if verdict.by else ""
                shown = Cell(self.said(verdict.verdict), STYLE[verdict.verdict])
                rows.append(row(turn.reading.options[option][self.lang], shown, Cell(by, "bold")))
            self.made.rows(
                rows, [_opening(verdicts[0].claim.words[self.lang]), self.said("verdict"), self.said("breach")]
            )

    def _unsettled(self) -> Iterator[Row]:
        packs = {pack.id: pack for pack in self.packs[::-1]}
        for kind, ids in (("discretion", self.found.discretionary), ("promise", self.found.unquantified)):
            for id_ in ids:
                pack = packs[id_.partition("/")[0]]
                award = pack.awards[id_.partition("/")[2]]
                yield row(Cell(award.label[self.lang], "bold"), self.said(kind), self._cited(pack, award.cite))

    def _left_out(self) -> None:
        rows = [
            row(pack.id, one.section, one.what[self.lang], one.reason[self.lang])
            for pack in self.packs
            for one in pack.not_modelled
        ]
        if rows:
            self._heading("not_modelled")
            self.made.rows(rows, [self.said(key) for key in ("pack", "clause", "what", "reason")])

    # what it comes from

    def _sources(self) -> None:
        self._heading("sources")
        said = self.said
        for pack in self.packs:
            document = pack.document
            self.made.group(document.title[self.lang])
            facts = {
                "pack": f"`{pack.ref}`",
                "status": said(pack.status),
                "number": document.number or "",
                "issuer": document.issuer[self.lang] if document.issuer else "",
                "issued": document.issued.isoformat() if document.issued else "",
                "in_force": term(pack, self.lang),
                "sha256": f"`{pack.sha256}`",
            }
            self.made.rows([row(_label(said(key)), text) for key, text in facts.items() if text])
        self.made.group(said("made_with"))
        sides = zip(self.compared.sides(), self.report.digests, strict=True)
        made = [
            (said("program"), f"policyeval {__version__}"),
            (said("day"), self.found.as_of.isoformat()),
            *((said("plan_digest", side=side), f"`{value}`") for side, value in sides),
        ]
        self.made.rows([row(_label(key), text) for key, text in made])


def _opening(text: str) -> str:
    """The text as a line begins with it."""
    return text[:1].upper() + text[1:]


def _label(text: str) -> Cell:
    return Cell(_opening(text), "bold")
