"""Small packs for the tests of the checking row.

In: a case of `tests/cases/check/*.yaml`. Out: a Pack whose source is the case's own expressions, a line each.
`amount`, `when`, `rule` and `claim` are short for a pack with that one expression; every pack may use `city-plan`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from policyeval.check import check
from policyeval.load import load_vocabulary
from policyeval.money import read_money
from policyeval.pack import Award, Budget, Case, Cite, Document, Entitlement, Guarantee, Pack, Reading, Slot, Statement
from policyeval.parse import parse
from policyeval.problems import At, Problem
from policyeval.resolve import resolve
from policyeval.source import Source, Span, Text
from policyeval.tree import Node
from policyeval.vocabulary import Label, Vocabulary

CASES = Path(__file__).parent / "cases" / "check"
CITE = Cite("一", "甲")
PLAIN = "funding matched 1:1 by host"

CITY_PLAN = {
    "readings": {"scope": ["together", "each"]},
    "awards": {
        "base_match": {"family": "matching", "amount": "funding matched 1:0.5:0.5 by city, host"},
        "top_match": {"family": "matching", "amount": "funding matched 1:1 by city"},
        "promise": {"amount": "unspecified"},
    },
}


def cases(*names: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The cases of these files, each with a name of its own."""
    for name in names:
        for case in yaml.load((CASES / f"{name}.yaml").read_bytes(), yaml.BaseLoader):
            yield f"{name}: {case['case']}", case


@cache
def vocabulary() -> Vocabulary:
    found, problems = load_vocabulary([("vocabulary.yaml", (CASES / "vocabulary.yaml").read_bytes())])
    assert not problems
    return found


class _Lines:
    """Collects expressions as lines of one source."""

    def __init__(self, id: str, words: Mapping[str, Any]) -> None:
        self.spans: dict[str, Span] = {}
        self.texts = list(_expressions(words))
        self.source = Source(f"{id}.yaml", "\n".join(text for _, _, text in self.texts))

    def parsed(self) -> dict[str, Node]:
        start, trees = 0, {}
        for key, kind, text in self.texts:
            span = Span(start, start + len(text))
            self.spans[key] = span
            if kind != "word":
                trees[key] = parse(Text(text, self.source, tuple(range(*span))), kind)  # type: ignore[arg-type]
            start = span.end + 1
        return trees


def _expressions(words: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    yield "jurisdiction", "word", words.get("jurisdiction", "city_b")
    for payer in words.get("payers", ()):
        yield f"payers.{payer}", "word", payer
    for pack in words.get("uses", ()):
        yield f"uses.{pack}", "word", f"{pack}: {words['uses'][pack]}"
    for reading in words.get("readings", ()):
        yield f"readings.{reading}", "word", reading
    for id, award in words.get("awards", {}).items():
        yield f"{id}.id", "word", id
        yield f"{id}.amount", "amount", award.get("amount", PLAIN)
        if "when" in award:
            yield f"{id}.when", "condition", award["when"]
        if "fills" in award:
            yield f"awards.{id}.fills", "word", award["fills"]
    for slot in words.get("slots", ()):
        yield f"slots.{slot}", "word", slot
    for id, budget in words.get("budgets", {}).items():
        for award in budget["awards"]:
            yield f"budgets.{id}.{award}", "word", award
    for id, when in words.get("entitlements", {}).items():
        yield f"{id}.land", "condition", when
    for i, rule in enumerate(words.get("precedence", ())):
        yield f"rule.{i}", "statement", rule
    for i, claim in enumerate(words.get("guarantees", ())):
        yield f"claim.{i}", "claim", claim
    for section, names in words.get("example", {}).items():
        for name in names:
            yield f"cases.0.{section}.{name}", "word", name


def _whole(case: Mapping[str, Any]) -> dict[str, Any]:
    """A case with its short forms written out."""
    words: dict[str, Any] = {"uses": {"city-plan": "^1"}, "awards": {}, **case}
    if "amount" in case or "when" in case:
        words["awards"] = {"one": {k: case[k] for k in ("amount", "when") if k in case}} | dict(words["awards"])
    words["precedence"] = [*case.get("precedence", ()), *([case["rule"]] if "rule" in case else ())]
    words["guarantees"] = [*case.get("guarantees", ()), *([case["claim"]] if "claim" in case else ())]
    return words


def build(id: str, case: Mapping[str, Any]) -> Pack:
    words = _whole(case) if id == "here" else dict(case)
    lines = _Lines(id, words)
    trees, spans = lines.parsed(), lines.spans
    example = words.get("example", {})
    return Pack(
        id=id,
        version=words.get("version", "1.2.0"),
        status="draft",
        jurisdiction=words.get("jurisdiction", "city_b"),
        document=Document(Label("文件", "document")),
        source=lines.source,
        sha256="",
        uses=words.get("uses", {}),
        payers=tuple(words.get("payers", ())),
        readings={
            r: Reading(
                r, Label("问", "ask"), CITE, {o: Label(o, o) for o in options}, words.get("default", options[0]),
                spans[f"readings.{r}"],
            )
            for r, options in words.get("readings", {}).items()
        },
        awards={
            a: Award(
                a, Label(f"{a}之奖", f"{a} award"), CITE, trees[f"{a}.amount"], trees.get(f"{a}.when"),
                words["awards"][a].get("family"), fills=words["awards"][a].get("fills"), span=spans[f"{a}.id"],
            )
            for a in words.get("awards", {})
        },
        slots={s: Slot(s, Label("待定", "slot"), CITE, spans[f"slots.{s}"]) for s in words.get("slots", ())},
        budgets={
            b: Budget(b, Label("预算", "budget"), CITE, tuple(found["awards"]), read_money(found["total"]), Span(i, i))
            for i, (b, found) in enumerate(words.get("budgets", {}).items())
        },
        entitlements={
            e: Entitlement(e, Label("地", "land"), CITE, trees[f"{e}.land"]) for e in words.get("entitlements", {})
        },
        precedence=tuple(
            Statement(trees[f"rule.{i}"], CITE, text, span=spans[f"rule.{i}"])
            for i, text in enumerate(words.get("precedence", ()))
        ),
        guarantees=tuple(
            Guarantee(trees[f"claim.{i}"], text) for i, text in enumerate(words.get("guarantees", ()))
        ),
        cases=(Case(Label("例", "example"), example.get("platform", {}), {}, readings=example.get("readings", {})),),
        spans=spans,
    )  # fmt: skip


def known_packs(case: Mapping[str, Any]) -> dict[str, Pack]:
    """The pack `here` and those that it may speak of, all with names as typed."""
    others = {"city-plan": CITY_PLAN, **case.get("packs", {})}
    return {"here": build("here", case)} | {id: build(id, words) for id, words in others.items()}


def resolved(case: Mapping[str, Any]) -> tuple[Pack, dict[str, Pack], list[Problem]]:
    """The pack `here` with names resolved, all packs resolved, and what could not be."""
    packs = known_packs(case)
    found = {id: resolve(pack, vocabulary(), packs) for id, pack in packs.items()}
    return found["here"][0], {id: pack for id, (pack, _) in found.items()}, found["here"][1]


def findings(case: Mapping[str, Any]) -> list[Problem]:
    """All that resolving and checking say."""
    pack, packs, problems = resolved(case)
    return problems + check(pack, vocabulary(), packs)


def said(problem: Problem) -> dict[str, Any]:
    """A problem as the cases write it: code, the piece underlined, the other pieces."""
    found: dict[str, Any] = {"code": problem.code, "text": _piece(problem.at) if problem.at else None}
    if problem.others:
        found["others"] = [_piece(at) for at, _ in problem.others]
    return found


def _piece(at: At) -> str:
    return at.source.text[at.span.start : at.span.end]
