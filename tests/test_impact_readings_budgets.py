"""Readings of a table under budgets: worked by hand, against runs with each of them, and what a user meets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml
from platform_tables import table
from policyeval.batch.run import Request
from policyeval.budgets import Total
from policyeval.cli.impact_sheets import sheets_of
from policyeval.cli.impact_svg import Charts
from policyeval.cli.impact_text import page_of
from policyeval.cli.words import say
from policyeval.impact import budgeted
from policyeval.impact.as_json import as_json
from policyeval.impact.run import Impact, Question, run
from policyeval.impact.settings import Readings
from policyeval.impact.sums import SUPPORT, Sums
from policyeval.library import Library, open_library
from policyeval.money import yuan
from policyeval.problems import Lang, Problem, Refusal
from policyeval.record import replace
from policyeval.regime import Regimes

WORKED = yaml.safe_load((Path(__file__).parent / "cases/impact/readings_budgets.yaml").read_text(encoding="utf-8"))
COLUMNS = ("location", "level", "upstream_funding", "contract_turnover")
LANGS: tuple[Lang, ...] = ("zh", "en")
HALF = WORKED["settled"] | {"town/base": "half"}
CITE = {"section": "一", "phrase": "甲"}


def words(id_: str, of: Mapping[str, Any]) -> dict[str, Any]:
    """A pack, with the words that are not of this test."""

    def named(name: str) -> dict[str, Any]:
        return {"zh": name, "en": name}

    return {
        "pack": id_, "version": "1.0.0", "status": of["status"], "jurisdiction": "ganyu",
        "document": {"title": named(id_)},
        "effective": {"from": date(2024, 1, 1), "to": None} if of["status"] == "enacted" else None,
        "payers": ["city", "host"],
        "readings": {
            name: {"ask": named(name), "cite": CITE, "options": {o: named(o) for o in options}, "default": options[0]}
            for name, options in of["readings"].items()
        },
        "awards": {name: {"label": named(name), "cite": CITE, **award} for name, award in of["awards"].items()},
        "budgets": {name: {"label": named(name), "cite": CITE, **budget} for name, budget in of["budgets"].items()},
    }  # fmt: skip


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    folder = tmp_path_factory.mktemp("rules")
    for id_, of in WORKED["packs"].items():
        text = yaml.safe_dump(words(id_, of), allow_unicode=True, sort_keys=False)
        (folder / f"{id_}.yaml").write_text(text, encoding="utf-8")
    return open_library([folder]).sound()


@pytest.fixture(scope="module")
def worked(library: Library, tmp_path_factory: pytest.TempPathFactory) -> Impact:
    return ask(library, table(WORKED["rows"], tmp_path_factory.mktemp("table") / "in.csv", COLUMNS))


def ask(library: Library, source: Path, settled: Mapping[str, str] = WORKED["settled"], **asked: Any) -> Impact:
    before, after = (Regimes(library, date(2024, 6, 30), ["town"], drafts, settled) for drafts in ((), ("later",)))
    return run(Question(Request(str(source), "", {}, {}, ()), top=0, **asked), before, after, lambda *_: None)


def readings_of(found: Impact) -> Readings:
    assert found.readings
    return found.readings


# Worked by hand --------------------------------------------------------------


def fen(expected: Any) -> list[int]:
    ends = expected if isinstance(expected, list) else [expected, expected]
    return [int(Decimal(str(end)) * 100) for end in ends]


def check(whole: Sums, budgets: Mapping[str, Sequence[Total]], expected: Mapping[str, Any]) -> None:
    assert [*whole.amount(SUPPORT).before] == fen(expected["before"])
    for of in (SUPPORT, "city", "host"):
        assert [*whole.amount(of).after] == fen(expected[of]), of
    assert (whole["gain"], whole["lose"], whole.settled) == (expected["gain"], 0, 3)
    after = {total.budget.id.partition("/")[2]: total for total in budgets["after"]}
    assert [*budgets["before"]] == [after["year"]]
    assert after.keys() == {"year", "bonuses", "aids"}
    for name, total in after.items():
        check_budget(total, {**WORKED["always"], **expected}[name])


def check_budget(found: Total, expected: Mapping[str, Any]) -> None:
    said = {True: "yes", False: "no"}.get(expected["exceeded"], expected["exceeded"])
    assert found.exceeded == said
    for amounts, key in (((found.least, found.most), "total"), (found.paid, "paid"), (found.remainder, "left")):
        assert [*amounts] == fen(expected[key]), (found.budget.id, key)


def test_worked_by_hand(worked: Impact) -> None:
    check(worked.whole, worked.budgets, WORKED["asked"])
    found = readings_of(worked)
    options = {f"{turn.id}={o}": (sums, turn.budgets[o]) for turn in found.turns for o, sums in turn.others.items()}
    matter = {turn.id for turn in found.turns if turn.matters}
    assert matter == {option.partition("=")[0] for option in WORKED["options"]}
    for option, expected in WORKED["options"].items():
        check(*options[option], expected)
    refused = {f"{turn.id}={o}": [p.code for p in why] for turn in found.turns for o, why in turn.refused.items()}
    assert refused == {option: [code] for option, code in WORKED["refused"].items()}
    assert [turn.id for turn in found.turns if not turn.matters and turn.together is False] == WORKED["idle"]
    assert found.combinations == WORKED["combinations"]
    assert found.range
    assert found.range.refused == WORKED["without"]
    ends = {"least": found.range.least.whole.amount(SUPPORT).after.min}
    ends["most"] = found.range.most.whole.amount(SUPPORT).after.max
    for end, setting in (("least", found.range.least), ("most", found.range.most)):
        assert ends[end] == fen(WORKED[end]["support"])[0]
        assert setting.readings == WORKED[end]["readings"]


def test_a_reading_that_changes_a_budget_alone(library: Library, tmp_path: Path) -> None:
    others = {"town/base": "half", "later/more": "plain", "later/same": "five"}
    found = ask(library, table(WORKED["rows"], tmp_path / "in.csv", COLUMNS), others)
    (turn,) = readings_of(found).turns
    assert (turn.id, turn.matters, told(turn.others["two"])) == ("later/firms", True, told(found.whole))
    for option, totals in (("one", found.budgets), ("two", turn.budgets["two"])):
        (aids,) = [total for total in totals["after"] if total.budget.id == "later/aids"]
        check_budget(aids, WORKED["firms"][option])


# Against runs with each of them -----------------------------------------------


def test_each_is_the_run_with_this_reading(library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rnd = Random(11)
    rows = []
    for i in range(30):
        funding, turnover = (yuan(rnd.choice((0, 1, rnd.randrange(10**5)))) for _ in range(2))
        level = rnd.choice(("none", "municipal", "national", "national"))
        row = {"location": "ganyu", "level": level, "upstream_funding": funding, "contract_turnover": turnover}
        rows.append(row | {"contract_turnover": ""} if i > 25 else row)
    source = table(rows, tmp_path / "in.csv", COLUMNS)
    monkeypatch.setattr(budgeted, "FEW", 0)
    monkeypatch.setattr("policyeval.batch.run.ROWS_OF_TEXT", 20)
    impact = ask(library, source)
    monkeypatch.undo()
    found = readings_of(impact)
    assert (found.range, found.combinations) == (None, WORKED["combinations"])
    pages = [page_of(impact, library.vocabulary, lang).markdown() for lang in LANGS]
    assert "共有8种组合；有预算时每种都要重算全表" in pages[0]
    assert "The 8 combinations were not tried: with budgets each is a run" in pages[1]
    assert any(turn.matters for turn in found.turns)
    for turn in found.turns:
        for option in turn.reading.options.keys() - {turn.asked}:
            if option in turn.refused:
                with pytest.raises(Refusal) as refused:
                    ask(library, source, WORKED["settled"] | {turn.id: option}, readings=False)
                assert turn.refused[option] == refused.value.problems
                continue
            alone = ask(library, source, WORKED["settled"] | {turn.id: option}, readings=False)
            assert told(turn.others[option]) == told(alone.whole), (turn.id, option)
            assert turn.budgets[option] == alone.budgets
    assert {option for turn in found.turns for option in turn.refused} == {"free"}


def told(sums: Sums) -> dict[str, int]:
    return {name: count for name, count in sums.counts.items() if count}


def test_what_no_formula_leaves_open_is_tried(
    worked: Impact, library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All options then cost a run, those that change nothing as well; what comes of them is the same."""

    def refuse(*_: object) -> None:
        raise Refusal(Problem("X402", {"packs": "`x`"}))

    monkeypatch.setattr(Regimes, "left_open", refuse)
    monkeypatch.setattr(budgeted, "FEW", 0)
    found = readings_of(ask(library, table(WORKED["rows"], tmp_path / "in.csv", COLUMNS), HALF))
    assert found.combinations == 8  # 4 of more and 2 of same
    assert [(t.id, t.others, t.budgets, t.matters) for t in found.turns] == [
        (t.id, t.others, t.budgets, t.matters) for t in readings_of(worked).turns if t.id not in HALF
    ]


@pytest.mark.parametrize("fails", ["left_open", "under"])
def test_what_is_wrong_with_the_table_ends_the_run(
    fails: str, library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise Refusal(Problem("B110", {"path": "x", "reason": "y"}))

    monkeypatch.setattr(Regimes, fails, refuse)
    with pytest.raises(Refusal) as refused:
        ask(library, table(WORKED["rows"][:1], tmp_path / "in.csv", COLUMNS))
    assert [p.code for p in refused.value.problems] == ["B110"]


def test_where_there_are_no_rows_there_is_nothing_to_vary(library: Library, tmp_path: Path) -> None:
    source = table([], tmp_path / "in.csv", COLUMNS)
    assert ask(library, source).readings is None


# What a user meets --------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGS)
def test_page(lang: Lang, worked: Impact, library: Library, snapshot: Any) -> None:
    page = page_of(worked, library.vocabulary, lang).markdown()
    assert page[page.index(say(lang)("each_reading")) :] == snapshot


def test_json(worked: Impact) -> None:
    found = as_json(worked, "en")["readings"]
    assert list(found) == ["each", "combinations", "combinations_refused", "least", "most"]
    assert found["combinations_refused"] == 2
    turns = {turn["reading"]: turn for turn in found["each"]}
    full = turns["town/base"]["options"]["full"]
    assert full["difference"] == {"min": "199.98", "max": "199.98"}
    assert {side: [t["exceeded"] for t in totals] for side, totals in full["budgets"].items()} == {
        "before": ["yes"], "after": ["no", "no", "yes"],
    }  # fmt: skip
    assert full["budgets"]["before"][0]["remainder"] == {"least": "0.01", "most": "0.01"}
    more = turns["later/more"]
    assert list(more["options"]) == ["twice", "upto"]
    assert [(o, r["means"], [p["code"] for p in r["reasons"]]) for o, r in more["refused"].items()] == [
        ("free", "free", ["B465"])
    ]
    assert turns["later/same"]["refused"] == {}


def test_workbook(worked: Impact, library: Library) -> None:
    sheets = sheets_of(worked, library.vocabulary, "en")
    assert {len({*map(len, rows)}) for rows in sheets.values()} == {1}  # each row as long as its head
    rows = [(row[0], row[1], row[3], row[-2], row[-1]) for row in sheets["Budgets"][1:]]
    assert rows[:4] == [
        ("town/year", "before", "no", "all read as above", None),
        ("later/bonuses", "after", "no", "all read as above", None),
        ("later/aids", "after", "no", "all read as above", None),
        ("town/year", "after", "no", "all read as above", None),
    ]
    assert ("later/bonuses", "after", "as discretion goes", "later/more", "upto") in rows
    assert not [row for row in rows if row[3] == "later/same"]
    (free,) = [row for row in sheets["Readings"] if row[1] == "free"]
    assert "several pay `later/bonus`" in str(free[2])


def test_charts(worked: Impact, library: Library) -> None:
    drawn = Charts(worked, library.vocabulary, "en").readings().decode()
    assert "town/base" in drawn
    assert "later/same" not in drawn
    assert "free" not in drawn


def test_where_every_other_option_is_refused(worked: Impact, library: Library) -> None:
    """There is nothing to stand side by side, and nothing to draw: the reason alone."""
    (more,) = [turn for turn in readings_of(worked).turns if turn.id == "later/more"]
    alone = replace(more, others={}, budgets={}, matters=False)
    found = replace(worked, readings=Readings((alone,), 2, None))
    page = page_of(found, library.vocabulary, "en", Charts(found, library.vocabulary, "en"))
    text = page.markdown()
    text = text[text.index("Each reading that matters") : text.index("What this comes from")]
    assert "free has no exact totals: in 3 rows several pay `later/bonus`" in text
    assert "difference" not in text
    drawn = say("en")("chart_readings")
    assert drawn not in [block.text for block in page.blocks]
    charts = Charts(worked, library.vocabulary, "en")
    assert drawn in [block.text for block in page_of(worked, library.vocabulary, "en", charts).blocks]
    assert "The 2 combinations were not tried" in text
