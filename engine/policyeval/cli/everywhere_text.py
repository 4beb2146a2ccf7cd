"""One platform in every regime, as a page.

In: answers for the same platform at several places. Out: a table with a place a row. Promise: an amount without a
figure is named below its row.
"""

from __future__ import annotations

from collections.abc import Sequence

from policyeval.answer import Answer
from policyeval.cli.eval_text import payer_words, support_words
from policyeval.cli.page import Below, Page, Row, row
from policyeval.cli.platform_text import in_words
from policyeval.cli.table import Cell
from policyeval.cli.words import listed, say
from policyeval.vocabulary import Vocabulary


def page_of(answers: Sequence[Answer], vocabulary: Vocabulary, lang: str) -> Page:
    """The places side by side."""
    said, page, first = say(lang), Page(), answers[0]
    platform = first.platform
    moved = {vocabulary.seat, *platform.derived, *platform.assumed}
    facts = in_words([name for name in platform.written if name not in moved], platform.written, vocabulary, lang)
    page.title(said("everywhere") + (f"{'：' if lang == 'zh' else ': '}{' · '.join(facts)}" if facts else ""))
    page.text(said("as_of", day=first.as_of.isoformat(), packs=""))
    payers = [name for name in vocabulary.payers if any(name in answer.payers for answer in answers)]
    header = [said("place"), said("amount"), *(vocabulary.payers[name].label[lang] for name in payers), said("pack")]
    page.rows([_row(answer, payers, vocabulary, lang) for answer in answers], header)
    return page


def _row(answer: Answer, payers: Sequence[str], vocabulary: Vocabulary, lang: str) -> Row:
    said = say(lang)
    place = vocabulary.places[answer.platform.written[vocabulary.seat]].label[lang]
    amounts = [_amount(answer, name, lang) for name in payers]
    without = listed([a.award.label[lang] for a in answer.awards if a.outcome == "unquantified"], lang)
    below = [Below(said("besides_row", awards=without), "dim")] if without else []
    packs = listed([pack.id for pack in answer.packs], lang)
    return row(place, Cell(support_words(answer, lang), "bold"), *amounts, Cell(packs, "dim"), below=below)


def _amount(answer: Answer, payer: str, lang: str) -> str:
    span = answer.payers.get(payer)
    if span is None or (span == (0, 0) and answer.unquantified):
        return say(lang)("no_amount")
    return payer_words(answer, span, lang)
