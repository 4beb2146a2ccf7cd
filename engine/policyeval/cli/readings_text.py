"""The outcomes of every reading, side by side, as a page.

In: Alternatives. Out: a row for each way to an outcome, the assumed readings first, and the readings that make no
difference to this platform. Promise: what no reading changes is said once, as such.
"""

from __future__ import annotations

from collections.abc import Mapping

from policyeval.alternatives import Alternatives, Outcome
from policyeval.cli.eval_text import payer_words, support_words
from policyeval.cli.page import Below, Page, Row, row
from policyeval.cli.platform_text import described, in_words
from policyeval.cli.table import Cell
from policyeval.cli.words import listed, say
from policyeval.evaluate import Span
from policyeval.pack import Reading
from policyeval.vocabulary import Vocabulary


def page_of(found: Alternatives, vocabulary: Vocabulary, lang: str) -> Page:
    """The whole of it."""
    said, page, first = say(lang), Page(), found.outcomes[0].answer
    page.title(described(found.platform, vocabulary, lang))
    names = [pack.ref for pack in found.packs]
    under = said("under", packs=listed(names, lang)) if names else ""
    page.text(said("as_of", day=found.as_of.isoformat(), packs=under))
    if first.missing:
        labels = [vocabulary.facts[name].label[lang] for name in first.missing]
        page.text(said("missing", facts=listed(labels, lang)), "red")
    if found.platform.assumed:
        facts = in_words(found.platform.assumed, found.platform.written, vocabulary, lang)
        page.text(said("assumed", facts=listed(facts, lang)), "dim")
    payers = [p for p in first.payers if any(o.answer.payers[p] != (0, 0) for o in found.outcomes)]
    header = [said("reading"), said("amount"), *(first.treasuries[p][lang] for p in payers)]
    alike = len({_without(outcome, lang) for outcome in found.outcomes}) == 1
    rows = [r for outcome in found.outcomes for r in _rows(found, outcome, payers, alike, lang)]
    page.heading(said("outcomes"))
    if alike and (promised := _without(found.outcomes[0], lang)):
        page.text(said("besides", awards=promised), "dim")
    page.rows(rows, header)
    tried = said("all_tried", count=found.combinations)
    if found.readings:
        page.text(tried if found.matter else f"{said('none_matters')} {tried}", "dim")
    for heading, ids in (("matter", found.matter), ("idle_readings", found.idle)):
        page.section(said(heading), [_reading(found, id_, lang) for id_ in ids])
    return page


def _rows(found: Alternatives, outcome: Outcome, payers: list[str], alike: bool, lang: str) -> list[Row]:
    """A row for each way to the outcome; the one that the assumed readings take is marked.

    What has no figure is said below each row where it is not `alike` in all.
    """
    answer = outcome.answer
    amounts = [payer_words(answer, answer.payers.get(p, Span(0, 0)), lang) for p in payers]
    without = "" if alike else _without(outcome, lang)
    below = [Below(say(lang)("besides_row", awards=without), "dim")] if without else []
    rows = []
    for way in outcome.ways:
        assumed = all(found.readings[id_].default in options for id_, options in way.items())
        words = way_words(way, found.readings, lang)
        words = say(lang)("way_assumed", way=words) if assumed else words
        rows.append(row(words, Cell(support_words(answer, lang), "bold"), *amounts, below=below))
    return rows


def _without(outcome: Outcome, lang: str) -> str:
    """What is promised without a figure."""
    return listed([a.award.label[lang] for a in outcome.answer.awards if a.outcome == "unquantified"], lang)


def way_words(way: Mapping[str, tuple[str, ...]], readings: Mapping[str, Reading], lang: str) -> str:
    """`no_duplication=net_of_city|city_alone, higher_scope=all`, with the pack where two of them share a name."""
    names = [id_.partition("/")[2] for id_ in readings]
    called = {id_: name if names.count(name) == 1 else id_ for id_, name in zip(readings, names, strict=True)}
    parts = [f"{called[id_]}={'|'.join(options)}" for id_, options in way.items()]
    return listed(parts, lang) or say(lang)("any_reading")


def _reading(found: Alternatives, id_: str, lang: str) -> Row:
    reading = found.readings[id_]
    below = [Below(reading.ask[lang], "dim")]
    if id_ in found.matter:
        below += [Below(f"{option}: {words[lang]}", level=1) for option, words in reading.options.items()]
    return row(id_, Cell(listed(list(reading.options), lang), "dim"), below=below)
