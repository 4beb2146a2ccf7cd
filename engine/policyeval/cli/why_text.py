"""Why a platform gets what it gets, as a page.

In: Reasons. Out: what binds and what was lost, each with its clause and the amount without it; what would raise the
support; and what would reach the amount that was asked for.
"""

from __future__ import annotations

from collections.abc import Iterator

from policyeval.cli.eval_text import support_words
from policyeval.cli.page import Below, Page, Row, row
from policyeval.cli.platform_text import described, value_words
from policyeval.cli.table import Cell
from policyeval.cli.words import listed, say
from policyeval.sentences import Expression, amount_words, readable
from policyeval.why import Clause, Reach, Reasons, Turn


def page_of(found: Reasons, lang: str) -> Page:
    said, page, answer = say(lang), Page(), found.answer
    page.title(described(answer.platform, found.vocabulary, lang))
    names = listed([pack.ref for pack in answer.packs], lang)
    page.text(said("as_of", day=answer.as_of.isoformat(), packs=said("under", packs=names)))
    page.rows([row(said("support_short"), Cell(support_words(answer, lang), "bold"))])
    page.section(said("binds"), [_clause(c, found, lang) for c in found.binding])
    page.section(said("lost"), [_clause(c, found, lang) for c in found.lost])
    page.heading(said("raises"))
    if found.raises:
        page.rows([_turn(t, found, lang) for t in found.raises])
    for key, names_ in (("raises_none", found.idle), ("not_settled_for", found.undecided)):
        if names_:
            page.text(said(key, facts=listed([found.vocabulary.facts[n].label[lang] for n in names_], lang)), "dim")
    if found.wanted is not None:
        page.heading(said("why_not", amount=readable(found.wanted)))
        page.text(said(_verdict(found, found.wanted)))
        page.rows([r for reach in found.reached for r in _reach(reach, found, lang)])
    return page


def _verdict(found: Reasons, wanted: int) -> str:
    low, high = found.answer.support
    if low is not None and low >= wanted:
        return "reached"
    return "reached_perhaps" if high is None or high >= wanted else "not_yet"


def _clause(clause: Clause, found: Reasons, lang: str) -> Row:
    said = say(lang)
    award = clause.award.partition("/")
    pack = next(p for p in found.answer.packs if p.id == award[0])
    packs = {p.id: p for p in found.answer.packs}
    words = Expression(clause.tree, found.vocabulary, clause.pack.id, packs)[lang]
    without = said("without", amount=amount_words(*clause.without, lang))
    cite = said("cite", section=clause.cite.section, phrase=clause.cite.phrase)
    return row(
        pack.awards[award[2]].label[lang],
        Cell(amount_words(*clause.amount, lang), "bold"),
        without,
        below=[Below(f"{words}"), Below(f"{cite} · {clause.id}", "dim")],
    )


def _turn(turn: Turn, found: Reasons, lang: str) -> Row:
    fact = found.vocabulary.facts[turn.fact]
    key = "value_is" if fact.values or fact.kind == "bool" else "value_from"
    value = value_words(fact, turn.value, found.vocabulary, lang)
    return row(fact.label[lang], say(lang)(key, value=value), Cell(amount_words(*turn.support, lang), "bold"))


def _reach(reach: Reach, found: Reasons, lang: str) -> Iterator[Row]:
    said, fact = say(lang), found.vocabulary.facts[reach.fact]
    label = fact.label[lang]
    for turn in reach.values:
        yield _turn(turn, found, lang)
    if reach.possible is not None:
        yield row(label, said("possible_from", value=value_words(fact, reach.possible, found.vocabulary, lang)))
    if reach.certain is not None and reach.certain != reach.possible:
        yield row(label, said("certain_from", value=value_words(fact, reach.certain, found.vocabulary, lang)))
    if not reach.values and reach.possible is None:
        yield row(label, Cell(said("never_reaches"), "dim"))
