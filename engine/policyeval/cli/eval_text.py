"""An answer as a page.

In: an Answer. Out: what the platform gets, who pays, every award with its clause and reasons, what was assumed.
Promise: support without a figure is always said, and never shown as 0.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from policyeval.answer import Answer, AwardAnswer, document_name
from policyeval.cli.page import Below, Page, Row, row
from policyeval.cli.platform_text import described, in_words
from policyeval.cli.table import Cell
from policyeval.cli.words import known, listed, say
from policyeval.evaluate import Span
from policyeval.pack import Award, Pack
from policyeval.provisions import Cite
from policyeval.sentences import amount_words
from policyeval.vocabulary import Vocabulary

EXPLAINED = 2  # the depth that shows every step

_OUTCOME_STYLE = {"paid": "green", "reduced": "yellow", "open": "yellow", "unquantified": "cyan", "undetermined": "red"}
_STEPS = {"given", "step", "branch_taken", "branch_not_taken", "cap_not_reached", "condition_holds"}


def page_of(answer: Answer, vocabulary: Vocabulary, lang: str, depth: int = 1) -> Page:
    """The whole answer."""
    return _Writer(answer, vocabulary, lang, depth).page()


def support_words(answer: Answer, lang: str) -> str:
    """The support in a few words."""
    said = say(lang)
    if not answer.packs:
        return said("no_policy")
    if answer.undetermined:
        low = answer.support.min
        return said("certain", amount=amount_words(low, low, lang)) if low else said("unsettled")
    if answer.support == (0, 0) and (answer.unquantified or answer.missing):
        return said("no_figure" if answer.unquantified else "unsettled")
    return amount_words(*answer.support, lang)


def payer_words(answer: Answer, span: Span, lang: str) -> str:
    """What a payer pays; nothing with a figure is not nothing."""
    if span == (0, 0) and (answer.unquantified or answer.missing):
        return say(lang)("nothing_with_figure")
    if span.max is None and answer.undetermined:
        return (
            say(lang)("certain", amount=amount_words(span.min, span.min, lang)) if span.min else say(lang)("unsettled")
        )
    return amount_words(*span, lang)


class _Writer:
    def __init__(self, answer: Answer, vocabulary: Vocabulary, lang: str, depth: int) -> None:
        self.answer, self.vocabulary, self.lang, self.depth = answer, vocabulary, lang, depth
        self.said = say(lang)
        self.packs = {pack.id: pack for pack in answer.packs}

    def page(self) -> Page:
        said, page = self.said, Page()
        self._head(page)
        page.section(said("support"), list(self._support()))
        page.section(said("who_pays"), list(self._payers()))
        awards = [(a.pack, self._award(a)) for a in self._in_order()]
        self._by_document(page, said("awards"), awards)
        self._by_document(page, said("in_kind"), [self._entitlement(id_) for id_ in self.answer.entitlements])
        page.section(said("authority"), list(self._authority()))
        self._others(page)
        page.section(said("readings"), [self._reading(id_, chosen) for id_, chosen in self.answer.readings.items()])
        page.section(said("asleep"), [row(s.text(self.lang), Cell(id_, "dim")) for id_, s in self.answer.asleep])
        page.section(
            said("findings"),
            [row(s.text(self.lang), Cell(listed(list(s.ids), self.lang), "dim")) for s in self.answer.findings],
        )
        page.section(said("packs"), [self._pack(pack) for pack in self.answer.packs])
        return page

    # what it is, what it gets

    def _head(self, page: Page) -> None:
        answer, lang = self.answer, self.lang
        page.title(described(answer.platform, self.vocabulary, lang))
        names = [f"{p.ref}{self._draft_mark(p)}" for p in answer.packs]
        under = self.said("under", packs=listed(names, lang)) if names else ""
        page.text(self.said("as_of", day=answer.as_of.isoformat(), packs=under))
        if answer.missing:
            labels = [self.vocabulary.facts[name].label[lang] for name in answer.missing]
            page.text(self.said("missing", facts=listed(labels, lang)), "red")
        if answer.platform.assumed:
            facts = in_words(answer.platform.assumed, answer.platform.written, self.vocabulary, lang)
            page.text(self.said("assumed", facts=listed(facts, lang)), "dim")

    def _draft_mark(self, pack: Pack) -> str:
        if pack.status != "draft":
            return ""
        return f"（{self.said('draft')}）" if self.lang == "zh" else f" ({self.said('draft')})"

    def _support(self) -> Iterator[Row]:
        answer, said = self.answer, self.said
        yield row(said("in_all"), Cell(support_words(answer, self.lang), "bold"))
        once, year = (_total(a.amount for a in self._amounts(per)) for per in ("platform", "year"))
        if not answer.undetermined and year is not None:
            if once not in (None, (0, 0)):
                yield row(said("once"), amount_words(*once, self.lang))
            yield row(said("a_year"), amount_words(*year, self.lang))
        without = [a.award.label[self.lang] for a in answer.awards if a.outcome == "unquantified"]
        if without:
            yield row(said("no_figure_for"), listed(without, self.lang))

    def _amounts(self, per: str) -> list[AwardAnswer]:
        return [a for a in self.answer.awards if a.award.per == per and a.outcome in ("paid", "reduced", "open")]

    def _payers(self) -> Iterator[Row]:
        answer = self.answer
        for payer, span in answer.payers.items():
            amount = payer_words(answer, span, self.lang)
            yield row(answer.treasuries[payer][self.lang], amount, Cell(self._parts(payer), "dim"))

    def _parts(self, payer: str) -> str:
        """What a payer pays once, and what in a year, where it pays both."""
        once, year = (
            _total(a.payers[payer] for a in self._amounts(per) if payer in a.payers) for per in ("platform", "year")
        )
        if self.answer.undetermined or year in (None, (0, 0)) or once in (None, (0, 0)):
            return ""
        return self.said("parts", once=amount_words(*once, self.lang), year=amount_words(*year, self.lang))

    # awards

    def _by_document(self, page: Page, heading: str, found: list[tuple[Pack, Row]]) -> None:
        """Rows below the document that they come from."""
        if found:
            page.heading(heading)
        for pack in self.answer.packs:
            rows = [row for owner, row in found if owner is pack]
            if rows:
                page.group(self._document(pack))
                page.rows(rows)

    def _document(self, pack: Pack) -> str:
        title = pack.document.title[self.lang]
        return self.said("document", number=pack.document.number, title=title) if pack.document.number else title

    def _in_order(self) -> list[AwardAnswer]:
        """What does not apply comes last."""
        return sorted(self.answer.awards, key=lambda a: a.outcome == "not_applicable")

    def _award(self, a: AwardAnswer) -> Row:
        style = _OUTCOME_STYLE.get(a.outcome, "dim")
        label = a.award.label[self.lang]
        return row(Cell(self.said(a.outcome), style), self._amount(a), label, below=self._below(a))

    def _amount(self, a: AwardAnswer) -> Cell:
        match a.outcome:
            case "not_applicable":
                return Cell(self.said("no_amount"), "dim")
            case "unquantified" if a.amount.min is None:
                return Cell(self.said("no_amount"), "dim")
            case "undetermined":
                return Cell(self.said("unsettled"), "red")
        amount = amount_words(*a.amount, self.lang)
        return Cell(self.said("per_year", amount=amount) if a.award.per == "year" else amount)

    def _below(self, a: AwardAnswer) -> Iterator[Below]:
        yield Below(f"{self._cite(a.award.cite)}  {a.id}", "dim")
        paying = {payer: span for payer, span in a.payers.items() if span.max != 0 and span.min is not None}
        if paying:
            names = self.answer.treasuries
            parts = [
                self.said("pays", payer=names[p][self.lang], amount=amount_words(*span, self.lang))
                for p, span in paying.items()
            ]
            yield Below(listed(parts, self.lang))
        for sentence in a.because:
            if self.depth >= (EXPLAINED if sentence.code in _STEPS else 1):
                yield Below(sentence.text(self.lang), level=1 if sentence.code in _STEPS else 0)
        if self.depth >= EXPLAINED and a.award.note:
            yield Below(a.award.note[self.lang], "dim")

    def _cite(self, cite: Cite) -> str:
        return self.said("cite", section=cite.section, phrase=cite.phrase)

    # the rest

    def _entitlement(self, id_: str) -> tuple[Pack, Row]:
        pack = self.packs[id_.partition("/")[0]]
        found = pack.entitlements[id_.partition("/")[2]]
        who = "" if found.beneficiary == "platform" else self.said("for", who=known(found.beneficiary, self.lang))
        note = [Below(found.note[self.lang], "dim")] if found.note and self.depth >= EXPLAINED else []
        return pack, row(found.label[self.lang], who, Cell(self._cite(found.cite), "dim"), below=note)

    def _authority(self) -> Iterator[Row]:
        for pack, body in self.answer.authority:
            yield row(body[self.lang], Cell(document_name(self.packs[pack], self.lang), "dim"))

    def _others(self, page: Page) -> None:
        found = [(self.packs[id_.partition("/")[0]], id_.partition("/")[2]) for id_ in self.answer.for_others]
        awards = [(pack, pack.awards[name]) for pack, name in found]
        if self.depth >= EXPLAINED:
            self._by_document(page, self.said("others"), [(pack, self._other(award)) for pack, award in awards])
        elif awards:
            counts = Counter(known(award.beneficiary, self.lang) for _, award in awards)
            who = listed([f"{name} {count}" for name, count in counts.items()], self.lang)
            page.section(self.said("others"), [row(self.said("others_count", count=len(awards), who=who))])

    def _other(self, award: Award) -> Row:
        who = self.said("for", who=known(award.beneficiary, self.lang))
        return row(award.label[self.lang], who, Cell(self._cite(award.cite), "dim"))

    def _reading(self, id_: str, chosen: str) -> Row:
        pack_id, _, name = id_.partition("/")
        reading = self.packs[pack_id].readings[name]
        how = self.said("reading_default" if chosen == reading.default else "reading_chosen")
        others = [option for option in reading.options if option != chosen]
        below = [Below(reading.ask[self.lang], "dim"), Below(f"→ {reading.options[chosen][self.lang]}")]
        if self.depth >= EXPLAINED:
            below += [Below(f"{option}: {reading.options[option][self.lang]}", "dim", 1) for option in others]
        options = self.said("other_options", options=listed(others, self.lang))
        return row(
            f"{id_}={chosen}",
            Cell(how, "dim" if chosen == reading.default else "bold"),
            Cell(options, "dim"),
            below=below,
        )

    def _pack(self, pack: Pack) -> Row:
        title = pack.document.title[self.lang]
        return row(pack.ref, self.said(pack.status), title, Cell(f"sha256 {pack.sha256[:12]}", "dim"))


def _total(spans: Iterable[Span]) -> Span | None:
    """Least and most of a sum; None where nothing is added."""
    found = list(spans)
    if not found:
        return None
    lows, highs = [s.min for s in found], [s.max for s in found]
    low = sum(x for x in lows if x is not None)
    return Span(low, None if None in highs else sum(x for x in highs if x is not None))
