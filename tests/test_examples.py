"""The examples that packs carry: what they expect, how they are run, and what is said of bad ones."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from policyeval.evaluate import Span
from policyeval.examples import Example, Result, Runner, examples
from policyeval.library import Library, open_library
from policyeval.problems import Problem, Refusal, as_json

ROOT = Path(__file__).resolve().parents[1]
CASES = Path(__file__).parent / "cases" / "examples"
SMALL = (CASES / "small.yaml").read_text("utf-8")
BAD = yaml.load((CASES / "bad.yaml").read_bytes(), yaml.BaseLoader)


def opened(folder: Path, text: str) -> tuple[Library, str]:
    path = folder / "plan.yaml"
    path.write_text(text, "utf-8", newline="\n")
    return open_library(files=[str(path)], use_cache=False).sound(), str(path)


def with_cases(cases: str) -> str:
    return SMALL.partition("\ncases:\n")[0] + f"\ncases: {cases}\n"


def run(library: Library, reference: str) -> list[Result]:
    runner = Runner(library)
    return [runner.run(example) for example in examples(library, reference)]


def refused(library: Library, reference: str) -> tuple[Problem, ...]:
    with pytest.raises(Refusal) as refusal:
        examples(library, reference)
    return refusal.value.problems


SHIPPED = open_library([ROOT / "examples" / "new-city"]).sound()


@pytest.mark.parametrize("reference", [pack.ref for pack in SHIPPED.packs])
def test_the_shipped_examples_hold_and_say_why(reference: str) -> None:
    results = run(SHIPPED, reference)
    assert results
    assert [(r.example.case.name.en, r.differences) for r in results if r.differences] == []
    assert all(r.example.case.because for r in results)


def test_a_list_of_values_makes_an_example_of_each(tmp_path: Path) -> None:
    library, path = opened(tmp_path, SMALL)
    found = examples(library, path)
    assert [e.varied for e in found] == [{"upstream_funding": "100万元"}, {"upstream_funding": "400万元"}, {}]
    assert [len(e.claims) for e in found] == [8, 9, 7]
    assert [e.as_of.isoformat() for e in found] == ["2016-01-01", "2016-01-01", "2016-06-30"]
    assert found[2].case.name.zh == found[2].case.name.en == "a provincial platform, one fen too much"


def test_what_is_different_is_said_to_the_fen_and_by_its_awards(tmp_path: Path) -> None:
    *good, bad = run(*opened(tmp_path, SMALL))
    assert not any(r.differences for r in good)
    said = {(d.about, d.of): (d.expected, d.found) for d in bad.differences}
    assert said == {
        ("support", ""): (Span(5000001, 5000001), Span(5000000, 5000000)),
        ("awards", "small-plan/match"): ("reduced", "paid"),
        ("entitlements", ""): (("small-plan/land",), ()),
        ("unquantified", ""): (("small-plan/promise",), ()),
    }
    because = {d.about: [award for award, _ in d.because] for d in bad.differences}
    assert because["support"] == because["awards"] == ["small-plan/match"]
    assert because["unquantified"] == ["small-plan/promise"]
    floor = [s.text("en") for _, sentences in bad.differences[0].because for s in sentences if s.code == "floor_binds"]
    assert floor == ["the floor applies: 10% of upstream_funding at least 5万元 → 5万元"]


def test_what_is_not_named_is_not_asserted(tmp_path: Path) -> None:
    cases = "[{name: a, platform: {location: ganyu, level: national}, expect: {undetermined: true}}]"
    (result,) = run(*opened(tmp_path, with_cases(cases)))
    assert result.answer.missing
    assert not result.differences


def test_readings_vary_too_and_an_unnamed_pack_is_the_own(tmp_path: Path) -> None:
    cases = (
        "[{name: a, readings: {floor_for: [everyone, nobody]}, platform: {location: ganyu, level: provincial, "
        "kind: new_rnd_institution, upstream_funding: 10万元, contract_turnover: 0}, expect: "
        "[{when: {floor_for: everyone}, support: 5万元}, {when: {floor_for: nobody}, support: {min: 0, max: 1万元}}]}]"
    )
    results = run(*opened(tmp_path, with_cases(cases)))
    assert [r.example.readings for r in results] == [
        {"small-plan/floor_for": "everyone"},
        {"small-plan/floor_for": "nobody"},
    ]
    assert not any(r.differences for r in results)


def test_a_draft_is_applied_in_its_own_examples_and_needs_a_day(tmp_path: Path) -> None:
    draft = re.sub(r"status: enacted\n", "status: draft\n", SMALL).replace("{from: 2016-01-01, to: null}", "null")
    library, path = opened(tmp_path, draft)
    (problem,) = refused(library, path)
    assert (problem.code, problem.at is not None) == ("T104", True)
    results = run(*opened(tmp_path, draft.replace("{zh: 国家级, en: National}", "x\n    as_of: 2016-01-01")))
    assert all(r.answer.packs[-1].id == "small-plan" for r in results)


def test_a_file_stands_in_for_the_shipped_pack_of_its_id(tmp_path: Path) -> None:
    shipped = (ROOT / "policies" / "ganyu-draft.yaml").read_text("utf-8")
    library, path = opened(tmp_path, shipped.replace("matched 1:0.5 by host", "matched 1:0.4 by host"))
    failed = [r for r in run(library, path) if r.differences]
    assert failed
    assert all(r.answer.packs[-1] is library.named[path] for r in failed)


def test_a_city_plan_on_the_command_line_is_seen_by_the_drafts_examples(tmp_path: Path) -> None:
    plan = tmp_path / "city.yaml"
    text = (ROOT / "policies" / "lianyungang-2021.yaml").read_text("utf-8")
    plan.write_text(text.replace("matched 1:0.25:0.25", "matched 1:0.2:0.3"), "utf-8")
    library = open_library(files=[str(plan)], use_cache=False).sound()
    assert any(r.differences for r in run(library, "ganyu-draft"))


@pytest.mark.parametrize("case", BAD, ids=lambda case: case["case"])
def test_what_is_said_of_a_bad_example(case: dict[str, Any], tmp_path: Path) -> None:
    library, path = opened(tmp_path, with_cases(case["cases"]))
    problems = refused(library, path)
    assert [p.code for p in problems] == [f["code"] for f in case["finds"]]
    for problem, found in zip(problems, case["finds"], strict=True):
        assert found.get("text") in (None, as_json(problem)["text"])
        assert as_json(problem)["path"] == path
        assert "{" not in problem.message("zh") + problem.help("zh") + problem.message() + problem.help()
    assert case["en"] in problems[0].message()
    assert case["zh"] in problems[0].message("zh")
    assert problems[0].help() == case.get("help", problems[0].help())


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    cases = (
        "[{name: a, platform: {level: x}, expect: {support: y}}, {name: b, platform: {}, expect: {awards: {z: paid}}}]"
    )
    assert [p.code for p in refused(*opened(tmp_path, with_cases(cases)))] == ["M101", "N302", "T101"]


def test_an_example_is_data() -> None:
    example: Example = examples(SHIPPED, "lianyungang-2021")[0]
    assert example.at.source.name == "policies/lianyungang-2021.yaml"
    assert example.platform.written["location"] == "ganyu"
