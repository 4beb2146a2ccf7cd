"""Lints of guarantees: one that some platform breaks, under the readings that are assumed or under others, or that
concerns no platform at all.

In: a pack and what is in force around it. Out: findings W522 to W524. Promise: what is not found here is proved for
every platform of the pack's place and every reading, or said to be undecided.
"""

from __future__ import annotations

from datetime import date

from policyeval.library import Library
from policyeval.lint.findings import Findings
from policyeval.lint.parts import Words
from policyeval.lint.search import Witness as Example
from policyeval.money import in_words
from policyeval.pack import Guarantee
from policyeval.prove import Verdict
from policyeval.verdicts import held

_TIME_OVER = "V403"


def find(findings: Findings, library: Library, day: date) -> None:
    around = findings.around
    verdicts = held(library, around.pack, day)
    for number, (guarantee, (verdict, readings)) in enumerate(zip(around.pack.guarantees, verdicts, strict=True), 1):
        _look(findings, f"guarantees[{number}]", guarantee, verdict, readings)


def _look(findings: Findings, rule: str, guarantee: Guarantee, verdict: Verdict, readings: dict[str, str]) -> None:
    if verdict.reason is not None and verdict.verdict == "unknown":
        findings.hurried |= verdict.reason.code == _TIME_OVER
        why = {"en": verdict.reason.message("en"), "zh": verdict.reason.message("zh")}
        findings.undecided("W523" if readings else "W522", rule, guarantee.span, why)
    elif verdict.vacuous:
        findings.say("W524", rule, guarantee.span)
    elif verdict.witness is not None:
        facts = verdict.witness.facts
        own = findings.around.vocabulary.facts.values()
        stated = {fact.name: facts[fact.name] for fact in own if fact.name in facts and fact.derived is None}
        example = Example(stated, _varied(findings, readings))
        words = {"by": _by(verdict.by), "at": findings.at(example), "under": findings.under(example)}
        findings.say("W523" if readings else "W522", rule, guarantee.span, **words)


def _varied(findings: Findings, readings: dict[str, str]) -> dict[str, int]:
    """The readings that are not the assumed ones."""
    kept = {}
    for id_, option in readings.items():
        pack, _, name = id_.partition("/")
        reading = findings.around.by_id[pack].readings[name]
        if reading.default != option:
            kept[id_] = list(reading.options).index(option)
    return kept


def _by(by: int | None) -> Words:
    if by is None:
        return {"en": "without bound", "zh": "没有上限"}
    return {"en": f"by up to {in_words(by)}", "zh": f"最多相差{in_words(by)}"}
