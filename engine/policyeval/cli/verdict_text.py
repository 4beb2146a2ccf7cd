"""Verdicts as rows of a page.

In: verdicts. Out: for each the claim, what became of it, by how much at most, and the smallest platform that shows it,
with what it gets on each side and where, to the fen, the claim begins to break.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from policyeval.cli.page import Below, Row, row
from policyeval.cli.platform_text import in_words, value_words
from policyeval.cli.table import Cell
from policyeval.cli.words import say
from policyeval.domains import spelled
from policyeval.evaluate import Span
from policyeval.prove import Verdict, Witness
from policyeval.sentences import amount_words, readable
from policyeval.verdicts import platform_words
from policyeval.vocabulary import Vocabulary

STYLE = {"proved": "green", "refuted": "red", "unknown": "yellow"}


def verdict_row(verdict: Verdict, vocabulary: Vocabulary, lang: str, readings: Mapping[str, str] | None = None) -> Row:
    said = say(lang)
    words = [Cell(said(verdict.verdict), STYLE[verdict.verdict])]
    if verdict.verdict == "refuted":
        words.append(Cell("" if verdict.by is None else said("at_most", amount=readable(verdict.by)), "bold"))
    return row(verdict.claim.words[lang], *words, below=_below(verdict, vocabulary, lang, readings or {}))


def _below(verdict: Verdict, vocabulary: Vocabulary, lang: str, readings: Mapping[str, str]) -> Iterator[Below]:
    said = say(lang)
    if verdict.vacuous:
        yield Below(said("vacuous"), "yellow")
    if verdict.witness is not None:
        yield from _witness(verdict.witness, vocabulary, lang)
        if verdict.end and _ranged(verdict.witness):
            yield Below(said(f"on_{verdict.end}"), "dim")
    if readings:
        yield Below(said("read_as", readings=", ".join(f"{k}={v}" for k, v in readings.items())), "dim")
    if verdict.reason is not None:
        yield Below(verdict.reason.message("zh" if lang == "zh" else "en"), "yellow")


def _witness(witness: Witness, vocabulary: Vocabulary, lang: str) -> Iterator[Below]:
    said = say(lang)
    written = platform_words(witness.facts, vocabulary)
    facts = " · ".join(in_words(written, written, vocabulary, lang))
    yield Below(said("smallest" if witness.smallest else "for_example", facts=facts))
    sides = list(witness.outcomes.values())
    payers = [p for p in vocabulary.payers if any(side.payers.get(p, _NONE) != _NONE for side in sides)]
    shown = [(said("support_short"), [side.support for side in sides])]
    place = written.get(vocabulary.seat, "")
    labels = {p: vocabulary.treasury(p, place) if place else vocabulary.payers[p].label for p in payers}
    shown += [(labels[p][lang], [side.payers.get(p, _NONE) for side in sides]) for p in payers]
    texts = [f"{label} {' → '.join(amount_words(*span, lang) for span in spans)}" for label, spans in shown]
    yield Below(" · ".join(texts), level=1)
    for name, number in witness.thresholds.items():
        fact = vocabulary.facts[name]
        shown_at = value_words(fact, spelled(vocabulary, name, number), vocabulary, lang)
        yield Below(said("begins_at", fact=fact.label[lang], amount=shown_at), "dim", level=1)


_NONE = Span(0, 0)


def _ranged(witness: Witness) -> bool:
    return any(side.support.min != side.support.max for side in witness.outcomes.values())
