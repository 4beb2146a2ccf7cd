"""The certificate: engines agree, and one that does not is found."""

from __future__ import annotations

import json
import re
from datetime import date
from itertools import combinations
from random import Random
from typing import Any, get_args

import pytest
from generated_packs import OPERATORS, SIZE, generated, said
from policyeval import certify as certifying
from policyeval.cases import read_cases, typed
from policyeval.certify import Wish, certify
from policyeval.plan import Kind
from policyeval.problems import Problem, Refusal
from policyeval.regime import Regimes
from regimes import shipped
from sqlglot import exp
from test_cli import _steady, run  # noqa: F401  # the fixture sets language, width and cache

from bench import certify as bench

DAY = date(2023, 6, 30)
CITY = {"packs": ("lianyungang-2021",)}
ASKED = "certify --rows 300 --engine duckdb,postgres --packs lianyungang-2021 --as-of 2023-06-30"


def found(rows: int = 300, **more: Any) -> certifying.Certificate:
    return certify(Regimes(shipped(), DAY, **{**CITY, **more}), Wish(rows, ("duckdb",)))


def test_all_agree() -> None:
    one = found(6000)
    duckdb, solver = one.tried
    assert one.agrees
    assert (duckdb.compared, duckdb.disagree, duckdb.left_out) == (6000, 0, ())
    assert solver.compared > 0
    assert len(one.combinations) == 2
    assert one.possible == 4  # two clauses, each with two readings
    assert not one.pairs  # in two combinations two options each of two clauses cannot all meet


def test_any_two_options_meet_in_few_combinations() -> None:
    options = {"a": "xy", "b": "xyz", "c": "xy", "d": "xyzw", "e": "xy"}
    some = certifying.combinations(options, 14, Random(1))
    assert some[0] == dict.fromkeys(options, "x")
    met = {(a, c[a], b, c[b]) for c in some for a, b in combinations(options, 2)}
    every = {(a, x, b, y) for a, b in combinations(options, 2) for x in options[a] for y in options[b]}
    assert met == every
    assert len(some) == len({tuple(c.items()) for c in some}) == 14
    assert len(certifying.combinations(options, 1000, Random(1))) == 96
    assert certifying.combinations({"a": "xyz"}, 2, Random(1))[0] == {"a": "x"}
    assert certifying.combinations({}, 2, Random(1)) == [{}]


def test_with_a_draft_under_a_reading() -> None:
    one = found(500, packs=(), with_=("ganyu-draft",), readings={"no_duplication": "city_alone"})
    assert one.agrees
    assert one.tried[0].compared == 500
    assert {c["ganyu-draft/no_duplication"] for c in one.combinations} == {"city_alone"}


def test_the_same_platforms_again_and_none_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = found(400)
    sizes: list[int] = []
    chunk = certifying._Held.chunk

    def watched(self: Any, rows: int, counts: Any) -> None:
        sizes.append(rows)
        chunk(self, rows, counts)

    monkeypatch.setattr(certifying._Held, "chunk", watched)
    monkeypatch.setattr(certifying, "_CHUNK", 150)
    assert found(400) == whole
    assert sizes == [150, 150, 100]


def test_platforms_stand_beside_ceilings_and_lack_facts(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[dict[str, Any]] = []
    expected = certifying._Held.expected
    monkeypatch.setattr(certifying._Held, "expected", lambda self, f: seen.append(f) or expected(self, f))
    found(3000)
    ceiling = 1000_0000_00
    beside = sum(1 for f in seen if f["upstream_funding"] and abs(f["upstream_funding"] - ceiling) <= 3)
    assert beside > 30
    for fact, number in (("level", 4), ("location", 20)):
        assert len({f[fact] for f in seen}) >= number
    assert any(f["upstream_funding"] is None for f in seen)
    assert any(f["upstream_funding"] and f["upstream_funding"] % 2 for f in seen)


def test_a_wrong_engine_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine that rounds down where the plan rounds half up is one fen off for odd fens alone."""
    from policyeval import sql

    real = sql._TERMS["Div"]

    def down(w: Any, number: int, node: Any) -> exp.Expr:
        return real(w, number, node._replace(data="down"))

    monkeypatch.setitem(sql._TERMS, "Div", down)
    one = found(1000)
    duckdb, solver = one.tried
    assert not one.agrees
    assert 0 < duckdb.disagree < 1000
    assert solver.disagree == 0
    assert len(one.differences) == certifying._SHOWN
    for difference in one.differences:  # what is shown is what `eval` says of the platform
        answer = Regimes(shipped(), DAY, ("lianyungang-2021",), readings=difference.readings).answer(
            typed(read_cases(json.dumps(difference.platform).encode(), "case")[0], shipped().vocabulary)
        )
        said = {"support": answer.support, **answer.payers}
        for column, fen in difference.expected.items():
            name, _, end = column.rpartition("_")
            assert getattr(said[name], end) == fen != difference.found[column]


def test_a_wrong_term_is_told_and_is_exit_1(monkeypatch: pytest.MonkeyPatch) -> None:
    from policyeval import sql

    monkeypatch.setitem(sql._TERMS, "Min", sql._TERMS["Max"])
    result = run(f"{ASKED} --lang en")
    assert result.exit_code == 1
    assert "disagree" in result.stdout
    assert '"upstream_funding"' in result.stdout
    said = json.loads(run(f"{ASKED} --format json").stdout)
    assert said["agrees"] is False
    assert said["disagreements"][0]["platform"]


@pytest.mark.parametrize("form", ["text", "md", "json"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_page(form: str, lang: str, snapshot: object) -> None:
    result = run(f"{ASKED} --format {form} --lang {lang}")
    assert (result.exit_code, result.stderr) == (3, "")  # PostgreSQL was asked for, and is not there
    versions = {t.version for t in found(1).tried}
    text = re.sub(r"[0-9a-f]{64}", "DIGEST", result.stdout)
    for version in versions:
        text = text.replace(str(version), "VERSION")
    assert text == snapshot


@pytest.mark.parametrize(
    "words", ["--engine duckbd", "--rows 0", "--rows many --lang zh", "--rows 1000000001", "--reading x=y"]
)
def test_error(words: str, snapshot: object) -> None:
    result = run(f"certify --packs lianyungang-2021 --as-of 2023-06-30 {words}")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == snapshot


def test_engines_that_are_not_there() -> None:
    """They are named with the reason; the rest is certified."""
    wish = Wish(50, ("duckdb", "postgres"), postgres="postgresql://127.0.0.1:1/none")
    one = certify(Regimes(shipped(), DAY, **CITY), wish)
    (why, rows) = one.tried[1].left_out[0]
    assert (one.agrees, one.tried[1].compared, rows) == (True, 0, 50)
    assert why.code in ("B411", "B412")


# Packs of the test suite


def test_generated_packs_say_all_that_the_language_has() -> None:
    every = [said(found) for found in generated()]
    assert len(every) > SIZE >= 60
    whole = set[str]().union(*every)
    assert whole >= OPERATORS
    assert {*get_args(Kind)} <= whole


def test_generated_packs_agree() -> None:
    """A few of them; `python -m bench.certify` has all, on every engine."""
    wish = Wish(60, ("duckdb",))
    with certifying.opened(wish) as engines:
        whole = bench.run(wish, engines, 8, lambda _: None)
    duckdb, solver = whole.compared
    assert (whole.packs, whole.compared[duckdb], whole.disagree.total()) == (8, 480, 0)
    assert whole.compared[solver] > 200


@pytest.mark.parametrize("name", ["postgres", pytest.param("spark", marks=pytest.mark.cluster)])
def test_generated_packs_agree_on(name: str, request: pytest.FixtureRequest) -> None:
    if name == "postgres":
        wish = Wish(40, (name,), postgres=request.getfixturevalue("postgres").url())
    else:
        request.getfixturevalue("spark")
        wish = Wish(40, (name,), master=request.getfixturevalue("cluster").master)
    with certifying.opened(wish) as engines:
        whole = bench.run(wish, engines, 4, lambda _: None)
    engine, _ = whole.compared
    assert (whole.compared[engine], whole.disagree.total()) == (160, 0)


def test_a_wrong_engine_is_found_on_generated_packs(monkeypatch: pytest.MonkeyPatch) -> None:
    from policyeval import sql

    real = sql._TERMS["Div"]
    monkeypatch.setitem(sql._TERMS, "Div", lambda w, number, node: real(w, number, node._replace(data="down")))
    wish = Wish(60, ("duckdb",))
    with certifying.opened(wish) as engines:
        whole = bench.run(wish, engines, 6, lambda _: None)
    assert whole.disagree.total() > 0
    assert "Difference(engine='duckdb'" in whole.lines()[-1]


def test_platforms_that_the_evaluator_refuses_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: Any) -> Any:
        raise Refusal(Problem("R401", {"choice": "x"}))

    monkeypatch.setattr(certifying.Evaluator, "amounts", refused)
    monkeypatch.setattr(certifying._Held, "solved", lambda *_: None)
    duckdb, _ = found(20).tried
    ((why, rows),) = duckdb.left_out
    assert (duckdb.compared + rows, why.code) == (20, "R401")
    assert rows > 0


def test_platforms_that_cannot_be_settled_are_no_case_for_the_solver(monkeypatch: pytest.MonkeyPatch) -> None:
    amounts = certifying.Evaluator.amounts
    monkeypatch.setattr(
        certifying.Evaluator, "amounts", lambda self, facts: amounts(self, facts)._replace(undetermined=True)
    )
    monkeypatch.setattr(certifying._Held, "chunk", lambda *_: None)
    _, solver = found(20).tried
    ((why, rows),) = solver.left_out
    assert (solver.compared, why.code) == (0, "B413")
    assert rows % certifying._SOLVED == 0


def test_nothing_in_force() -> None:
    with pytest.raises(Refusal) as refused:
        certify(Regimes(shipped(), date(1999, 1, 1)), Wish(10))
    assert refused.value.problems[0].code == "B403"
