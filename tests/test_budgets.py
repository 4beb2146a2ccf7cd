"""Budgets over tables: worked by hand, against a calculation of their own, and the same however a table is read."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import product
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pytest
import yaml
from click.testing import CliRunner
from hypothesis import given
from hypothesis import settings as how_often
from hypothesis import strategies as st
from policyeval.batch.run import Request, run
from policyeval.cases import read_setting
from policyeval.cli.main import cli
from policyeval.impact.as_json import as_json
from policyeval.impact.run import Question
from policyeval.impact.run import run as impact
from policyeval.impact.sums import SIDES
from policyeval.library import open_library
from policyeval.money import yuan
from policyeval.problems import Problem, Refusal
from policyeval.regime import Regimes

CASES = Path(__file__).parent / "cases" / "budgets"
WORKED = yaml.safe_load((CASES / "worked.yaml").read_text(encoding="utf-8"))
DAY = date(2024, 6, 30)
COLUMNS = ("location", "upstream_funding", "contract_turnover", "level")
PAYERS = ("province", "city", "host")

Row = Sequence[Any]


CITE = {"section": "一", "phrase": "甲"}


def pack(awards: Mapping[str, Any], budgets: Mapping[str, Any], rules: Sequence[str] = ()) -> dict[str, Any]:
    named = {"label": {"zh": "例", "en": "example"}, "cite": CITE}
    return {
        "pack": "town", "version": "1.0.0", "status": "enacted", "jurisdiction": "ganyu",
        "document": {"title": {"zh": "例", "en": "example"}}, "effective": {"from": date(2024, 1, 1), "to": None},
        "payers": list(PAYERS),
        "awards": {name: named | award for name, award in awards.items()},
        "budgets": {
            name: named | {"awards": under, "total": f"{yuan(ceiling)}元"} for name, (under, ceiling) in budgets.items()
        },
        "precedence": [{"rule": rule, "cite": CITE} for rule in rules],
    }  # fmt: skip


def regimes(folder: Path, words: Mapping[str, Any]) -> Regimes:
    path = folder / "town.yaml"
    path.write_text(yaml.safe_dump(dict(words), allow_unicode=True, sort_keys=False), encoding="utf-8")
    return Regimes(open_library([], [str(path)]).sound(), DAY, [str(path)], (), {})


def written(rows: Sequence[Row], path: Path) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        write = csv.writer(file)
        write.writerow(COLUMNS)
        for funding, turnover, level in (cells(row) for row in rows):
            write.writerow(["ganyu", *("" if x == "" else yuan(x) for x in (funding, turnover)), level])
    return path


def cells(row: Row) -> tuple[Any, Any, str]:
    funding, turnover, level = (*row, *(0, "national")[len(row) - 1 :])
    return funding, turnover, level


def ask(
    source: Path, rules: Regimes, out: Path, **more: Any
) -> tuple[list[dict[str, str]], list[dict[str, Any]], tuple[Problem, ...]]:
    """The rows, the totals of the metadata, the notes."""
    plain = {"mapped": {}, "units": {}, "settings": (), "overwrite": True}
    asked = Request(str(source), str(out), **plain | more)
    done, notes = run(asked, rules, lambda *_: None)
    with out.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file)), json.loads(done.about["policyeval.budgets"]), notes


def ends(found: Mapping[str, str], of: str) -> list[int | None]:
    return [int(Decimal(text) * 100) if (text := found[f"{of}_{end}"]) else None for end in ("min", "max")]


def two(expected: Any) -> list[Any]:
    return expected if isinstance(expected, list) else [expected, expected]


@pytest.mark.parametrize("case", WORKED, ids=lambda case: case["name"])
def test_worked_by_hand(case: Mapping[str, Any], tmp_path: Path) -> None:
    rules = regimes(tmp_path, pack(case["awards"], case["budgets"], case.get("rules", ())))
    source, out = written(case["rows"], tmp_path / "in.csv"), tmp_path / "out.csv"
    if code := case.get("refused"):
        with pytest.raises(Refusal) as refused:
            ask(source, rules, out)
        assert [p.code for p in refused.value.problems] == [code]
        for lang in ("en", "zh"):
            message = refused.value.problems[0].message(lang)  # type: ignore[arg-type]
            assert "`town/year`" in message
            assert "town/grant" in message or "town/match" in message or code == "B466"
        return
    found, totals, notes = ask(source, rules, out)
    for of in ("support", *PAYERS):
        if of in case:
            assert [ends(row, of) for row in found] == [two(each) for each in case[of]], of
    assert [t["budget"] for t in totals] == [f"town/{name}" for name in case["totals"]]
    for total, (stands, over, paid, left, outside) in zip(totals, case["totals"].values(), strict=True):
        assert (total["exceeded"], total["rows_outside"]) == (over, outside)
        for key, expected in (("total", stands), ("paid", paid), ("remainder", left)):
            assert [int(Decimal(total[key][end]) * 100) for end in ("least", "most")] == two(expected), key
    said = {"yes": "B460", "some": "B461", "no": None}
    codes = [said[over] or ("B462" if outside else None) for _, over, _, _, outside in case["totals"].values()]
    assert [n.code for n in notes] == [code for code in codes if code]


# Against a calculation of its own ---------------------------------------------

# fixed and left to discretion, one payer and two, under two budgets and none; of each row its awards as (name, the
# payers' parts of what is fixed, or a most that may be chosen)
PROPERTY: dict[str, Any] = {
    "match": {"when": "level is national", "amount": "upstream_funding matched 1:0.5:0.5 by city, host"},
    "prize": {"when": "level is provincial", "amount": "(contract_turnover + up to upstream_funding) by host"},
    "spare": {"when": "level is municipal", "amount": "up to upstream_funding by city"},
    "reward": {"amount": "contract_turnover by city"},
}
UNDER = {"match": "year", "prize": "year", "reward": "rewards"}
Paid = dict[str, dict[str, int]]  # of each award what each pays


def chosen(funding: int, turnover: int, level: str, choice: int) -> Paid:
    """What a row comes to before budgets, with a choice."""
    found: Paid = {"reward": {"city": turnover}}
    if level == "national":
        found["match"] = {"city": (funding + 1) // 2, "host": funding // 2}
    elif level == "provincial":
        found["prize"] = {"host": turnover + choice}
    elif level == "municipal":
        found["spare"] = {"city": choice}
    return found


def reduced(table: Sequence[Paid], ceilings: Mapping[str, int]) -> list[Paid]:
    """Each award of each row times budget / total, down; its payers by what they pay together so far, half up."""
    sums = dict.fromkeys(ceilings, 0)
    for award, payers in ((a, p) for row in table for a, p in row.items() if a in UNDER):
        sums[UNDER[award]] += sum(payers.values())
    found: list[Paid] = []
    for row in table:
        found.append({})
        for award, payers in row.items():
            budget, whole = UNDER.get(award), sum(payers.values())
            if budget is None or sums[budget] <= ceilings[budget]:
                found[-1][award] = payers
                continue
            new = int(Fraction(whole) * ceilings[budget] / sums[budget])
            upto = [0]
            for i in range(1, len(payers) + 1):
                exact = Fraction(new * sum([*payers.values()][:i]), whole or 1)
                upto.append(int(exact + Fraction(1, 2)))
            found[-1][award] = {p: upto[i + 1] - upto[i] for i, p in enumerate(payers)}
    return found


def of_row(row: Paid) -> dict[str, int]:
    parts = [(payer, amount) for payers in row.values() for payer, amount in payers.items()]
    sums = {payer: sum(a for p, a in parts if p == payer) for payer in PAYERS}
    return sums | {"support": sum(sums.values())}


LEVELS = ("none", "municipal", "provincial", "national")
SMALL = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 6), st.sampled_from(LEVELS)), min_size=1, max_size=4
)  # fmt: skip


@how_often(max_examples=12, deadline=None)
@given(SMALL, st.integers(0, 20), st.integers(0, 20))
def test_ends_are_those_of_all_choices(rows: list[tuple[int, int, str]], year: int, rewards: int) -> None:
    ceilings = {"year": year, "rewards": rewards}
    budgets = {name: [[a for a, b in UNDER.items() if b == name], ceiling] for name, ceiling in ceilings.items()}
    choices = [range(f + 1) if level in ("provincial", "municipal") else (0,) for f, _, level in rows]
    every = []
    for each in product(*choices):
        table = [chosen(*row, choice) for row, choice in zip(rows, each, strict=True)]
        every.append([of_row(row) for row in reduced(table, ceilings)])
    with TemporaryDirectory() as folder:
        home = Path(folder)
        found, totals, _ = ask(written(rows, home / "in.csv"), regimes(home, pack(PROPERTY, budgets)), home / "out.csv")
    for i, row in enumerate(found):
        for of in ("support", *PAYERS):
            outcomes = [table[i][of] for table in every]
            assert ends(row, of) == [min(outcomes), max(outcomes)], (i, of)
    for total, (name, ceiling) in zip(totals, ceilings.items(), strict=True):
        for end, choice in (("least", min), ("most", max)):
            table = [chosen(*row, choice(c)) for row, c in zip(rows, choices, strict=True)]
            stands, paid = (
                sum(sum(p.values()) for row in t for a, p in row.items() if UNDER.get(a) == name)
                for t in (table, reduced(table, ceilings))
            )
            assert total["total"][end] == yuan(stands)
            assert total["paid"][end] == yuan(paid)
            assert total["remainder"][end] == yuan(ceiling - paid)


AMOUNT = st.one_of(st.integers(0, 30), st.integers(10**9 - 5, 10**9 + 5), st.integers(0, 10**15))
ANY = st.lists(st.tuples(AMOUNT, AMOUNT, st.sampled_from(("none", "national"))), min_size=1, max_size=30)


@how_often(max_examples=12, deadline=None)
@given(ANY, st.one_of(AMOUNT, st.none()), AMOUNT)
def test_what_is_paid_and_what_is_left_is_the_budget(
    rows: list[tuple[int, int, str]], year: int | None, rewards: int
) -> None:
    """`year` None: exactly what stands under it."""
    matched = sum(funding for funding, _, level in rows if level == "national")
    ceilings = {"year": min(matched, 10**15) if year is None else year, "rewards": rewards}
    budgets = {name: [[a for a, b in UNDER.items() if b == name], ceiling] for name, ceiling in ceilings.items()}
    with TemporaryDirectory() as folder:
        home = Path(folder)
        rules, source = regimes(home, pack(PROPERTY, budgets)), written(rows, home / "in.csv")
        found, totals, _ = ask(source, rules, home / "out.csv")
    table = [chosen(*row, 0) for row in rows]
    expected = reduced(table, ceilings)
    paid = {name: sum(sum(p.values()) for r in expected for a, p in r.items() if UNDER[a] == name) for name in ceilings}
    for total, (name, ceiling) in zip(totals, ceilings.items(), strict=True):
        assert total["paid"] == dict.fromkeys(("least", "most"), yuan(paid[name]))
        assert paid[name] + int(Decimal(total["remainder"]["most"]) * 100) == ceiling
        assert paid[name] <= ceiling
        if total["exceeded"] != "no":
            assert ceiling - paid[name] < 2 * len(rows)
    for row, old, new in zip(found, table, expected, strict=True):
        before = of_row(old)
        assert [ends(row, of)[0] for of in ("support", *PAYERS)] == [of_row(new)[of] for of in ("support", *PAYERS)]
        assert ends(row, "support")[0] == sum(ends(row, payer)[0] or 0 for payer in PAYERS)
        assert (ends(row, "support")[0] or 0) <= before["support"]


# The same however a table is read ---------------------------------------------


def large(count: int) -> list[tuple[Any, int, str]]:
    rnd = Random(5)
    return [
        (rnd.choice((rnd.randrange(10**9), rnd.randrange(40), "")), rnd.randrange(10**7), rnd.choice(LEVELS))
        for _ in range(count)
    ]


@pytest.fixture
def town(tmp_path: Path) -> tuple[Regimes, Path]:
    budgets = {"year": [["match", "prize"], 123456789012], "rewards": [["reward"], 98765432]}
    return regimes(tmp_path, pack(PROPERTY, budgets)), written(large(3_000), tmp_path / "in.csv")


def test_the_same_on_any_threads_and_in_any_parts(
    town: tuple[Regimes, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules, source = town
    once, out = tmp_path / "once.csv", tmp_path / "out.csv"
    _, totals, notes = ask(source, rules, once)
    assert [n.code for n in notes] == ["B461", "B460"]
    with duckdb.connect() as engine:
        engine.execute(f"CREATE TABLE whole AS FROM read_csv('{source}', all_varchar = true)")
        engine.execute(f"COPY whole TO '{tmp_path}/whole.parquet'")
        (tmp_path / "several").mkdir()
        for i, (low, high) in enumerate(((0, 7), (7, 1_000), (1_000, 3_000))):
            engine.execute(f"COPY (FROM whole LIMIT {high - low} OFFSET {low}) TO '{tmp_path}/several/{i}.parquet'")
    for threads, size in ((2, 500_000), (1, 1_401)):
        monkeypatch.setattr("policyeval.batch.run.ROWS_OF_TEXT", size)
        monkeypatch.setattr("policyeval.batch.run.ROWS", size)
        for each in (source, tmp_path / "whole.parquet", tmp_path / "several"):
            assert ask(each, rules, out, threads=threads)[1:] == (totals, notes)
            assert out.read_bytes() == once.read_bytes(), (threads, size, each)


def test_a_run_goes_on_with_the_totals_that_it_had(
    town: tuple[Regimes, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules, source = town
    once, out = tmp_path / "once.csv", tmp_path / "out.csv"
    ask(source, rules, once)
    monkeypatch.setattr("policyeval.batch.run.ROWS_OF_TEXT", 701)
    told = 0

    def stop(done: int, _: int | None) -> None:
        nonlocal told
        told += done == 1402
        if told == 3:  # after two looks for the totals
            raise KeyboardInterrupt

    asked = Request(str(source), str(out), {}, {}, ())
    with pytest.raises(KeyboardInterrupt):
        run(asked, rules, stop)
    for other in ({"budgets": False}, {"settings": (read_setting("level=national"),)}):
        with pytest.raises(Refusal) as refused:
            ask(source, rules, out, resume=True, overwrite=False, **other)
        assert [p.code for p in refused.value.problems] == ["B208"]
    monkeypatch.setattr("policyeval.batch.run.measure", None)  # the totals are not worked out again
    ask(source, rules, out, resume=True, overwrite=False)
    assert out.read_bytes() == once.read_bytes()
    assert Path(f"{out}.meta.json").read_bytes() == Path(f"{once}.meta.json").read_bytes()


def test_budgets_may_be_left_out(town: tuple[Regimes, Path], tmp_path: Path) -> None:
    rules, source = town
    without = regimes(tmp_path, pack(PROPERTY, {}))
    out, plain = tmp_path / "out.csv", tmp_path / "plain.csv"
    _, totals, notes = ask(source, rules, out, budgets=False)
    assert (totals, notes) == (None, ())
    run(Request(str(source), str(plain), {}, {}, ()), without, lambda *_: None)
    assert out.read_bytes() == plain.read_bytes()
    assert "policyeval.budgets" not in json.loads(Path(f"{plain}.meta.json").read_text(encoding="utf-8"))


def test_a_table_without_rows(town: tuple[Regimes, Path], tmp_path: Path) -> None:
    found, totals, notes = ask(written([], tmp_path / "none.csv"), town[0], tmp_path / "out.csv")
    assert (found, notes) == ([], ())
    assert [(t["exceeded"], t["paid"]["most"]) for t in totals] == [("no", "0.00"), ("no", "0.00")]


# What a user meets ------------------------------------------------------------

SAID = {
    "en": """\
B460 note: the budget `town/year` of 1元 is exceeded: 3元 stand under it, so 33.3333% of each award is paid, 0.99元 in \
all, and 0.01元 are left over; rows left out for lack of a fact: 1
B461 note: the budget `town/prizes` of 2元 may be exceeded: 0元 to 4元 stand under it as discretion goes, so 50% to \
100% of each award is paid, 0元 to 2元 in all, and 0元 to 2元 are left over; rows left out for lack of a fact: 1
B462 note: the budget `town/rest` of 9元 is kept by 0元; rows left out for lack of a fact: 1""",
    "zh": """\
B460 说明：预算`town/year`（1元）不足：应付3元，各按33.3333%支付，共付0.99元，余0.01元；另有1行缺事实，未计入
B461 说明：预算`town/prizes`（2元）可能不足：视裁量应付0元至4元，各按50%至100%支付，共付0元至2元，余0元至2元；\
另有1行缺事实，未计入
B462 说明：预算`town/rest`（9元）够付0元；另有1行缺事实，未计入""",
}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_line_for_each_budget(lang: str, tmp_path: Path) -> None:
    awards = {
        "grant": {"amount": "upstream_funding by host"},
        "prize": {"amount": "up to contract_turnover by city"},
        "idle": {"when": "level is none", "amount": "upstream_funding by city"},
    }
    words = pack(awards, {"year": [["grant"], 100], "prizes": [["prize"], 200], "rest": [["idle"], 900]})
    (tmp_path / "town.yaml").write_text(yaml.safe_dump(words, allow_unicode=True, sort_keys=False), encoding="utf-8")
    source = written([[100, 0], [100, 400], [100, 0], ["", "", ""]], tmp_path / "in.csv")
    out, rules = str(tmp_path / "out.csv"), str(tmp_path / "town.yaml")
    asked = ["batch", str(source), out, "--packs", rules, "--as-of", "2024-06-30", "--lang", lang]
    found = CliRunner().invoke(cli, asked)
    assert found.exit_code == 0, found.output
    assert [line for line in found.stderr.splitlines() if line.startswith("B")] == SAID[lang].splitlines()
    without = CliRunner().invoke(cli, [*asked, "--overwrite", "--no-budgets"])
    assert (without.exit_code, without.stderr) == (0, "")


# Impact -----------------------------------------------------------------------

DRAFT = PROPERTY | {"reward": {"amount": "2 * contract_turnover by city"}}


@pytest.fixture
def sides(tmp_path: Path) -> tuple[list[str], Path]:
    """What is in force, with a draft of other amounts and budgets; the options that name them, and a table."""
    before = pack(PROPERTY, {"year": [["match", "prize"], 12345678901], "rewards": [["reward"], 98765432]})
    after = pack(DRAFT, {"year": [["match", "prize"], 23456789012], "rewards": [["reward"], 10**12]})
    after |= {"pack": "later", "status": "draft", "effective": None}
    after["precedence"] = [{"rule": f"{name} replaces town/{name}", "cite": CITE} for name in DRAFT]
    after["uses"] = {"town": "^1"}
    folder = tmp_path / "rules"
    folder.mkdir()
    for name, words in (("town", before), ("later", after)):
        text = yaml.safe_dump(words, allow_unicode=True, sort_keys=False)
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    options = ["--policies", str(folder), "--packs", "town", "--with", "later", "--as-of", "2024-06-30"]
    return options, written(large(400), tmp_path / "in.csv")


def of_sides(options: Sequence[str]) -> list[Regimes]:
    library = open_library([Path(options[1])]).sound()
    return [Regimes(library, DAY, ["town"], drafts, {}) for drafts in ((), ("later",))]


def test_an_impact_adds_up_what_batch_gives(sides: tuple[list[str], Path], tmp_path: Path) -> None:
    options, source = sides
    rules = of_sides(options)
    request = Request(str(source), "", {}, {}, ())
    found = impact(Question(request, by=("level",)), *rules, lambda *_: None)
    rows = [ask(source, each, tmp_path / f"{i}.csv") for i, each in enumerate(rules)]
    assert {side: [t.as_json() for t in totals] for side, totals in found.budgets.items()} == {
        side: totals for side, (_, totals, _) in zip(SIDES, rows, strict=True)
    }
    assert [[t["exceeded"] for t in totals] for _, totals, _ in rows] == [["yes", "yes"], ["some", "no", "no", "no"]]
    settled = [
        pair for pair in zip(rows[0][0], rows[1][0], strict=True) if "true" not in [r["undetermined"] for r in pair]
    ]
    assert found.whole.settled == len(settled) < 400
    for of in ("support", *PAYERS):
        change = found.whole.amount(of)
        for i, span in enumerate((change.before, change.after)):
            assert list(span) == [sum(ends(pair[i], of)[end] or 0 for pair in settled) for end in (0, 1)], of
    moves = [[b - a for a, b in zip(ends(x, "support"), ends(y, "support"), strict=True)] for x, y in settled]  # type: ignore[operator]
    assert found.whole["gain"] == sum(min(m) >= 0 < max(m) for m in moves) > 0
    assert found.whole["lose"] == sum(max(m) <= 0 > min(m) for m in moves)
    gained = max(m[1] for m in moves if min(m) >= 0)
    assert found.largest["gain"][0].change[1] == gained
    for level in LEVELS:
        of_level = [(x, y) for x, y in settled if x["level"] == level]
        spans = found.groups[(level,)].amount("support")
        assert spans.after.max == sum(ends(y, "support")[1] or 0 for _, y in of_level)


def test_an_impact_is_the_same_on_any_threads_and_in_any_parts(
    sides: tuple[list[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    options, source = sides
    found = []
    for threads, size in ((1, 500_000), (2, 150)):
        monkeypatch.setattr("policyeval.batch.run.ROWS_OF_TEXT", size)
        asked = Question(Request(str(source), "", {}, {}, (), threads))
        found.append(as_json(impact(asked, *of_sides(options), lambda *_: None), "en"))
    assert found[0] == found[1]


@pytest.mark.parametrize("form", ["text", "md"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_has_the_budgets(
    lang: str, form: str, sides: tuple[list[str], Path], snapshot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    options, source = sides
    monkeypatch.chdir(source.parent)
    found = CliRunner().invoke(cli, ["impact", "in.csv", *options, "--top", "1", "--lang", lang, "--format", form])
    assert found.exit_code == 0, found.output
    assert (found.stdout, found.stderr) == snapshot


def test_without_budgets_an_impact_has_none(sides: tuple[list[str], Path]) -> None:
    options, source = sides
    found = CliRunner().invoke(cli, ["impact", str(source), *options, "--no-budgets", "--format", "json"])
    assert json.loads(found.stdout)["budgets"] == {"before": [], "after": []}


LINES = {
    "en": "over the whole table, the budget town/year of 5元 pays 50% of each award under it",
    "zh": "按全表计，预算town/year（5元）之下各项按50%支付",
}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_row_is_that_of_eval_and_a_line_of_its_budget(lang: str, tmp_path: Path) -> None:
    awards = {"grant": {"when": "level is national", "amount": "upstream_funding by host"}}
    words = pack(awards, {"year": [["grant"], 500]})
    (tmp_path / "town.yaml").write_text(yaml.safe_dump(words, allow_unicode=True, sort_keys=False), encoding="utf-8")
    draft = words | {"pack": "later", "status": "draft", "effective": None, "budgets": {}, "awards": {}}
    (tmp_path / "later.yaml").write_text(yaml.safe_dump(draft, allow_unicode=True, sort_keys=False), encoding="utf-8")
    source = written([[400, 0], [600, 0], [5, 0, "none"]], tmp_path / "in.csv")
    rules = ["--packs", str(tmp_path / "town.yaml"), "--with", str(tmp_path / "later.yaml"), "--as-of", "2024-06-30"]
    asked = ["impact", str(source), *rules, "--lang", lang, "--explain"]

    def said(*more: str) -> str:
        return CliRunner().invoke(cli, [*asked, *more]).stdout

    plain = said("2", "--no-budgets").splitlines()
    assert [line for line in said("2").splitlines() if line not in plain] == [LINES[lang]] * 2
    assert said("4") == said("4", "--no-budgets")  # no award of this row is under it
    found = json.loads(said("2", "--format", "json"))
    assert [found["budgets"][side][0]["share"]["most"] for side in SIDES] == ["0.500000", "0.500000"]
    without = json.loads(said("2", "--format", "json", "--no-budgets"))
    assert {key: value for key, value in found.items() if key != "budgets"} == without
