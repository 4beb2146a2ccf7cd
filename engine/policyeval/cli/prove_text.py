"""A proof as a page.

In: a Proof. Out: the claim, the platforms it speaks of, what became of it, and what the proof rests on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from policyeval.cli.page import Page, Row, row
from policyeval.cli.table import Cell
from policyeval.cli.verdict_text import verdict_row
from policyeval.cli.words import listed, say
from policyeval.provisions import Cite
from policyeval.regime import unassumed
from policyeval.sentences import Expression
from policyeval.verdicts import Proof, readings_of


def page_of(proof: Proof, lang: str) -> Page:
    said, page = say(lang), Page()
    page.title(proof.text)
    place = proof.vocabulary.places[proof.place].label[lang]
    about = [said("about_platforms", where=place), *([proof.where] if proof.where else [])]
    page.text(listed(about, lang))
    for name, packs in proof.regimes.items():
        label = said("in_force_now") if name == "enacted" else name
        page.text(
            said("regime_of", name=label, day=proof.as_of.isoformat(), packs=listed([p.ref for p in packs], lang))
        )
    page.text(_readings(proof, lang), "dim")
    page.heading(said("verdict"))
    witness = proof.verdict.witness
    readings = _varied(proof, readings_of(witness, proof.open_readings)) if witness else {}
    page.rows([verdict_row(proof.verdict, proof.vocabulary, lang, readings)])
    if proof.verdict.verdict == "proved" and not proof.verdict.vacuous:
        if proof.rests_on:
            page.section(said("rests_on"), list(_clauses(proof, lang)))
        else:
            page.text(said("rests_on_nothing"), "dim")
    return page


def _readings(proof: Proof, lang: str) -> str:
    said = say(lang)
    if proof.open_readings:
        return said("every_reading", count=len(proof.open_readings))
    varied = _varied(proof, proof.readings)
    if not varied:
        return said("read_assumed")
    return said("read_as", readings=", ".join(f"{id_}={option}" for id_, option in varied.items()))


def _varied(proof: Proof, readings: Mapping[str, str]) -> dict[str, str]:
    return unassumed((pack for packs in proof.regimes.values() for pack in packs), readings)


def _clauses(proof: Proof, lang: str) -> Iterator[Row]:
    packs = {pack.id: pack for packs in proof.regimes.values() for pack in packs}
    for clause in proof.rests_on:
        pack_id, _, name = clause.partition("/")
        pack = packs[pack_id]
        if name in pack.awards:
            award = pack.awards[name]
            words, cite = award.label[lang], award.cite
        else:
            statement = pack.precedence[int(name[len("precedence[") : -1]) - 1]
            words, cite = Expression(statement.rule, proof.vocabulary, pack_id, packs)[lang], statement.cite
        yield row(words, _cited(cite, lang), Cell(clause, "dim"))


def _cited(cite: Cite, lang: str) -> str:
    return say(lang)("cite", section=cite.section, phrase=cite.phrase)
