"""Packs for the tests of `lint`, written in short.

In: a case of `tests/cases/lint/*.yaml`. Out: a Library with its packs, and what `lint` says of the pack `here`. A case
leaves out whatever does not matter to it: labels, citations, dates; `notes` has the codes of the notes it asks for.
`here` is a district's draft; `city-plan` is enacted by the city above it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from policyeval.library import Library, _build
from policyeval.lint import Linted, lint
from policyeval.problems import At, Problem
from policyeval.record import replace

CASES = Path(__file__).parent / "cases" / "lint"
VOCABULARY = Path(__file__).parent / "cases" / "check" / "vocabulary.yaml"
DAY = date(2026, 1, 1)

_LABEL = {"zh": "例", "en": "an example"}
_CITE = {"section": "一", "phrase": "甲"}
_AROUND = {"version": "1.0.0", "document": {"title": _LABEL}, "payers": []}
_HERE = {"status": "draft", "effective": None, "jurisdiction": "district_d", "uses": {"city-plan": "^1"}}
_THERE = {"status": "enacted", "effective": {"from": "2020-01-01", "to": None}, "jurisdiction": "city_b"}
_CITY_PLAN = {"awards": {"base": {"family": "matching", "amount": "funding matched 1:0.5:0.5 by city, host"}}}


class _Plain(yaml.SafeDumper):
    """Writes out what is used twice, in place of an alias."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def cases() -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted(CASES.glob("*.yaml")):
        for case in yaml.load(path.read_bytes(), yaml.BaseLoader):
            yield f"{path.stem}: {case['case']}", case


def written(id: str, words: Mapping[str, Any], around: Mapping[str, Any]) -> bytes:
    """A pack as a file, with what the case leaves out filled in."""
    pack: dict[str, Any] = {"pack": id, **_AROUND, **around, **words}
    pack["awards"] = {a: {"label": _LABEL, "cite": _CITE, **award} for a, award in words.get("awards", {}).items()}
    pack["entitlements"] = {
        e: {"label": _LABEL, "cite": _CITE, **item} for e, item in words.get("entitlements", {}).items()
    }
    pack["slots"] = {s: {"label": {"zh": f"{s}待定", "en": s}, "cite": _CITE} for s in words.get("slots", ())}
    pack["authority"] = [{"body": _LABEL, "does": _LABEL, "cite": _CITE, **a} for a in words.get("authority", ())]
    pack["precedence"] = [{"cite": _CITE, **_rule(rule)} for rule in words.get("precedence", ())]
    pack["readings"] = {r: _reading(r, options) for r, options in words.get("readings", {}).items()}
    pack["duties"] = {
        d: {"does": _LABEL, "cite": _CITE, "bodies": ["office"], **duty} for d, duty in words.get("duties", {}).items()
    }
    pack["targets"] = {
        t: {"label": _LABEL, "cite": _CITE, "metric": "labs", **target}
        for t, target in words.get("targets", {}).items()
    }
    pack["allow"] = [{"reason": _LABEL, **allow} for allow in words.get("allow", ())]
    return yaml.dump(pack, Dumper=_Plain, allow_unicode=True, sort_keys=False, width=1000).encode()


def _rule(rule: Any) -> dict[str, Any]:
    return rule if isinstance(rule, dict) else {"rule": rule}


def _reading(name: str, options: list[str]) -> dict[str, Any]:
    return {"ask": _LABEL, "cite": _CITE, "options": dict.fromkeys(options, _LABEL), "default": options[0]}


def library(case: Mapping[str, Any]) -> Library:
    others = {"city-plan": _CITY_PLAN, **case.get("packs", {})}
    files = [("vocabulary.yaml", VOCABULARY.read_bytes()), ("here.yaml", written("here", case["pack"], _HERE))]
    files += [(f"{id}.yaml", written(id, words, _THERE)) for id, words in others.items()]
    return _build([files], [], use_cache=False)[0]


def linted(case: Mapping[str, Any]) -> Linted:
    """What is found in `here`; worked out once for the same case."""
    return _linted(json.dumps(case))


@cache
def _linted(words: str) -> Linted:
    case = json.loads(words)
    found = library(case)
    wrong = [p.message() for p in found.problems if p.severity == "error"]
    assert not wrong, wrong
    (pack,) = found.versions["here"]
    notes = case.get("notes", [])
    linted = lint(found, pack, DAY, bool(notes), found.problems)
    kept = [p for p in linted.problems if p.severity != "note" or p.code in notes]
    return replace(linted, problems=tuple(kept))


def said(problem: Problem) -> dict[str, Any]:
    """A problem as the cases write it."""
    found: dict[str, Any] = {"code": problem.code, "text": piece(problem.at) if problem.at else None}
    if problem.others:
        found["others"] = [piece(at) for at, _ in problem.others]
    return found | {"en": problem.message("en"), "zh": problem.message("zh")}


def piece(at: At) -> str:
    return at.source.text[at.span.start : at.span.end]
