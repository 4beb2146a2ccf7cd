"""The results of examples, and what they reach, as a page and as JSON.

In: results and coverages. Out: a page with each failed example, what was expected and found, and the sentences of the
awards concerned; or the same as data. Promise: no page where all is well and nothing more was asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from policyeval.answer import money_json, sentence_json
from policyeval.cli.page import Below, Page, Row, row
from policyeval.cli.table import Cell
from policyeval.cli.words import listed, say
from policyeval.coverage import Coverage, Item, Tally
from policyeval.evaluate import Span
from policyeval.examples import Difference, Example, Result, Value
from policyeval.pack import Pack
from policyeval.problems import At
from policyeval.sentences import Expression, amount_words, readable
from policyeval.vocabulary import Vocabulary


def page_of(results: Sequence[Result], reached: Sequence[Coverage], vocabulary: Vocabulary, lang: str) -> Page | None:
    """What went otherwise, what was not reached, and how many examples passed."""
    said, page = say(lang), Page()
    failed = [result for result in results if result.differences]
    if not failed and not reached:
        return None
    for result in failed:
        path, line, column = place_of(result.example.at)
        page.text(f"{path}:{line}:{column}: {name_of(result.example, lang)}", "bold")
        page.rows(list(_differences(result.differences, lang)))
    if reached:
        rows = [row(Cell(c.pack.ref, "bold"), _tally(c.clauses), _tally(c.branches)) for c in reached]
        if failed:
            page.heading(said("coverage"))
        else:
            page.title(said("coverage"))
        page.rows(rows, [said("pack"), said("clauses"), said("branches")])
        for heading, field in (("not_reached", "uncovered"), ("out_of_reach", "dead")):
            items = [(c, item) for c in reached for t in (c.clauses, c.branches) for item in getattr(t, field)]
            page.section(said(heading), [_item(item, c.pack, vocabulary, lang) for c, item in items])
    page.text(said("passed_failed", passed=len(results) - len(failed), failed=len(failed)), "red" if failed else "")
    return page


def place_of(at: At) -> tuple[str, int, int]:
    place = at.source.place(at.span.start)
    return at.source.name, place.line, place.column


def name_of(example: Example, lang: str) -> str:
    """The example's name, with what tells it from its sisters."""
    name = example.case.name[lang]
    varied = [f"{fact}={value}" for fact, value in example.varied.items()]
    if not varied:
        return name
    return f"{name}（{listed(varied, lang)}）" if lang == "zh" else f"{name} ({listed(varied, lang)})"


# differences


def difference_line(difference: Difference, lang: str) -> str:
    """`payers.host: expected 500万元, found 400万元`."""
    words = say(lang)(
        "expected_found", expected=_words(difference.expected, lang), found=_words(difference.found, lang)
    )
    return f"{_about(difference)}: {words}"


def _about(difference: Difference) -> str:
    return f"{difference.about}.{difference.of}" if difference.of else difference.about


def _differences(differences: Sequence[Difference], lang: str) -> Iterator[Row]:
    """A row for each; an award's sentences stand below the first that comes from it."""
    told: set[str] = set()
    for difference in differences:
        yield _difference(difference, told, lang)
        told |= {award for award, _ in difference.because}


def _difference(difference: Difference, told: set[str], lang: str) -> Row:
    said = say(lang)
    below = []
    for award, sentences in difference.because:
        if award not in told:
            below.append(Below(award))
            below += [Below(sentence.text(lang), "dim", 1) for sentence in sentences]
    expected, found = (_words(value, lang) for value in (difference.expected, difference.found))
    return row(
        Cell(_about(difference), "bold"),
        said("expected", value=expected),
        Cell(said("found", value=found), "red"),
        Cell(_gap(difference, lang), "dim"),
        below=below,
    )


def _gap(difference: Difference, lang: str) -> str:
    """How far two exact amounts are apart."""
    ends = [v.min for v in (difference.expected, difference.found) if isinstance(v, Span) and v.min == v.max]
    if len(ends) != 2 or ends[0] is None or ends[1] is None:
        return ""
    by = ends[1] - ends[0]
    return say(lang)("more_by" if by > 0 else "less_by", amount=readable(abs(by)))


def _words(value: Value, lang: str) -> str:
    said = say(lang)
    if isinstance(value, Span):
        return amount_words(*value, lang)
    if isinstance(value, bool):
        return said("yes" if value else "no")
    if isinstance(value, str):
        return said(value)
    return listed(list(value), lang) or said("none")


# coverage


def _tally(tally: Tally) -> str:
    return f"{tally.percent}% ({len(tally.covered)}/{tally.total})"


def _item(item: Item, pack: Pack, vocabulary: Vocabulary, lang: str) -> Row:
    path, line, _ = place_of(item.at)
    text = Expression(item.tree, vocabulary, pack.id, {pack.id: pack})[lang] if item.tree is not None else ""
    below = [Below(text, "dim")] if text else []
    return row(Cell(f"{path}:{line}", "dim"), item.rule, Cell(say(lang)(f"way_{item.way}"), "yellow"), below=below)


# JSON


def as_json(results: Sequence[Result], reached: Sequence[Coverage], lang: str) -> dict[str, Any]:
    failed = sum(1 for result in results if result.differences)
    found: dict[str, Any] = {
        "passed": len(results) - failed,
        "failed": failed,
        "cases": [_case_json(result, lang) for result in results],
    }
    if reached:
        found["coverage"] = [
            {"pack": c.pack.id, "version": c.pack.version, "clauses": _json(c.clauses), "branches": _json(c.branches)}
            for c in reached
        ]
    return found


def _case_json(result: Result, lang: str) -> dict[str, Any]:
    example = result.example
    path, line, column = place_of(example.at)
    return {
        "pack": example.pack.id,
        "version": example.pack.version,
        "case": example.case.name[lang],
        "varied": example.varied,
        "path": path,
        "line": line,
        "column": column,
        "platform": dict(example.platform.written),
        "as_of": example.as_of.isoformat(),
        "readings": example.readings,
        "passed": not result.differences,
        "differences": list(_differences_json(result.differences, lang)),
    }


def _differences_json(differences: Sequence[Difference], lang: str) -> Iterator[dict[str, Any]]:
    for difference in differences:
        yield {
            "about": difference.about,
            "of": difference.of or None,
            "expected": _value_json(difference.expected),
            "found": _value_json(difference.found),
            "because": [
                {"award": award, "because": [sentence_json(s, lang) for s in sentences]}
                for award, sentences in difference.because
            ],
        }


def _value_json(value: Value) -> Any:
    if isinstance(value, Span):
        return money_json(value)
    return list(value) if isinstance(value, tuple) else value


def _json(tally: Tally) -> dict[str, Any]:
    return {
        "covered": len(tally.covered),
        "total": tally.total,
        "percent": tally.percent,
        "uncovered": [_item_json(item) for item in tally.uncovered],
        "dead": [_item_json(item) for item in tally.dead],
    }


def _item_json(item: Item) -> dict[str, Any]:
    path, line, column = place_of(item.at)
    text = item.at.source.text[item.at.span.start : item.at.span.end] if item.tree is not None else None
    words = " ".join(text.split()) if text else None
    return {"rule": item.rule, "way": item.way, "text": words, "path": path, "line": line, "column": column}
