"""Lists of a platform's items: stating them, asking about them, and what is said of them everywhere."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import date
from functools import cache
from itertools import islice
from pathlib import Path
from textwrap import indent
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from policyeval import api
from policyeval.cases import read_cases, read_setting, typed
from policyeval.cli.main import cli
from policyeval.compare import as_json, compare
from policyeval.coverage import coverage
from policyeval.domains import Domains, bounds
from policyeval.examples import Runner, examples
from policyeval.library import Library, open_library
from policyeval.lower import lower
from policyeval.money import LIMIT, read_money
from policyeval.pack import Pack
from policyeval.plan import Builder
from policyeval.problems import Refusal, render
from policyeval.restyle import restyled
from policyeval.simplify import Interval
from policyeval.store import decode, encode
from policyeval.verdicts import platform_words, proved
from policyeval.vocabulary import Vocabulary
from small_proofs import held

CASES = Path(__file__).parent / "cases"
LISTS = CASES / "lists"
DAY = date(2024, 6, 30)
ASKED = ["--policies", str(LISTS), "--as-of", "2024-06-30"]


@cache
def library() -> Library:
    return open_library([LISTS]).sound()


def words() -> Vocabulary:
    return library().vocabulary


def plan() -> Pack:
    return library().pack("list-plan")


@pytest.fixture(autouse=True)
def _steady(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("POLICYEVAL_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))


def run(*arguments: str, status: int = 0) -> str:
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == status, result.output
    return result.stdout


# Stating a list -----------------------------------------------------------------


def data(name: str) -> Any:
    return yaml.load((CASES / "facts" / f"{name}.yaml").read_bytes(), yaml.BaseLoader)


@pytest.mark.parametrize("case", data("lists"), ids=lambda case: case["case"])
def test_what_people_write(case: dict[str, Any]) -> None:
    (raw,) = read_cases(f"platform: {case['platform']}".encode(), "case.yaml")
    found = typed(raw, words(), [read_setting(text) for text in case.get("set", ())])
    assert {name: found.written.get(name, "—") for name in case["written"]} == case["written"]
    assert {name: str(found.facts.get(name, "—")) for name in case.get("facts", ())} == case.get("facts", {})
    order = [name for name in words().facts if name in found.facts]
    assert list(found.facts) == order


@pytest.mark.parametrize("case", data("bad_lists"), ids=lambda case: case["platform"])
def test_what_cannot_be_read(case: dict[str, Any]) -> None:
    (raw,) = read_cases(f"platform: {case['platform']}".encode(), "case.yaml")
    settings = [read_setting(text) for text in case.get("set", ())]
    with pytest.raises(Refusal) as refused:
        typed(raw, words(), settings)
    assert [p.code for p in refused.value.problems] == case["codes"]
    first = refused.value.problems[0]
    assert first.at is not None
    assert first.at.source.text[slice(*first.at.span)] == case["piece"]
    for lang in ("en", "zh"):
        assert "{" not in first.message(lang)  # type: ignore[arg-type]
    assert case["says"] in render(first)


def test_an_item_that_is_not_there_is_not_missing() -> None:
    facts = typed({"projects": [{"funding": "1元"}]}, words()).facts
    assert facts["projects"] == 1
    assert facts["projects[1].funding"] == 100
    assert "projects[1].grade" not in facts
    assert (facts["projects[2].funding"], facts["projects[3].finished"]) == (0, False)
    assert not [name for name in typed({}, words()).facts if name.startswith("projects")]


def test_a_program_states_a_list_as_it_is() -> None:
    platform = {
        "location": "ganyu",
        "projects": [{"funding": 1_000_000, "grade": "national", "site": "ganyu", "finished": True}],
        "titles": [],
    }
    answer = api.evaluate(platform, as_of=DAY, packs=["list-plan"], library=library())
    assert answer.support == (35_000_000, 35_000_000)
    with pytest.raises(Refusal) as refused:
        api.evaluate({"location": "ganyu", "level": ["none"]}, as_of=DAY, library=library())
    assert [p.code for p in refused.value.problems] == ["N310"]


# What is said of it -------------------------------------------------------------

PLATFORM = "projects=[{funding: 100万元, grade: national, site: 赣榆区, finished: 是}, {经费: 50万元, grade: 省级}]"


def test_the_answer_has_the_items_by_their_names() -> None:
    said = run("eval", *ASKED, "--packs", "list-plan", "--set", "location=ganyu", "--set", PLATFORM,
               "--set", "titles=[]", "--format", "json", status=3)  # fmt: skip
    found = json.loads(said)
    assert found["platform"]["projects"] == [
        {"funding": "1000000.00", "grade": "national", "finished": "true", "site": "ganyu"},
        {"funding": "500000.00", "grade": "provincial"},
    ]
    assert found["platform"]["titles"] == []
    assert found["missing"] == ["projects[2].finished", "projects[2].site"]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_answer_as_a_page(lang: str, snapshot: Any) -> None:
    settings = ["--set", "location=ganyu", "--set", PLATFORM]
    pages = [run("eval", *ASKED, "--packs", "list-plan", *settings, "--lang", lang, status=3)]
    settings += ["--set", "projects=[{grade: municipal}]", "--set", "titles=[{name: gazelle}]", "--depth", "2"]
    pages.append(run("eval", *ASKED, "--packs", "list-plan", *settings, "--lang", lang, status=3))
    assert re.sub("sha256 [0-9a-f]+", "sha256 …", "\n\n".join(pages)) == snapshot


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_facts_and_rules_as_pages(lang: str, snapshot: Any) -> None:
    page = run("facts", "--policies", str(LISTS), "--lang", lang)
    listed = page[page.index("  projects ") : page.index("出资方" if lang == "zh" else "Payers")]
    explained = [run("explain", f"list-plan/{rule}", "--policies", str(LISTS), "--lang", lang)
                 for rule in ("share", "finished", "titles")]  # fmt: skip
    assert "\n".join([listed, *explained]) == snapshot


def test_facts_as_json() -> None:
    facts = {
        fact["fact"]: fact for fact in json.loads(run("facts", "--policies", str(LISTS), "--format", "json"))["facts"]
    }
    assert (facts["projects"]["type"], facts["projects"]["most"]) == ("list", 3)
    assert [field["fact"] for field in facts["projects"]["of"]] == ["funding", "grade", "finished", "site", "share"]
    assert (facts["level"]["most"], facts["level"]["of"]) == (None, [])


# The desk -----------------------------------------------------------------------


def test_the_examples_hold_and_reach_all_there_is() -> None:
    runner = Runner(library())
    results = [runner.run(example) for example in examples(library(), "list-plan")]
    assert len(results) == 4
    assert [difference for result in results for difference in result.differences] == []
    found = coverage(library(), plan(), results)
    assert (found.clauses.percent, found.branches.percent) == (100, 100)


def test_either_surface_means_the_same_plan() -> None:
    text = (LISTS / "plan.yaml").read_bytes()
    chinese = restyled(text, "plan.yaml", library(), "zh")
    english = restyled(chinese, "plan.yaml", library(), "en")
    shown = chinese.decode()
    assert "30% 的 承担项目 中 项目级别 不低于 省级 且 实施地 为 赣榆区 者 的 经费 合计" in shown
    assert "承担项目 中 项目级别 为 国家级 者 的 个数 不低于 1" in shown
    assert "5万元 for each (count of (projects where finished)) at most 2 by host" in english.decode()
    assert restyled(english, "plan.yaml", library(), "en") == english
    assert restyled(english, "plan.yaml", library(), "zh") == chinese


def test_a_vocabulary_with_lists_is_kept_as_it_is() -> None:
    assert decode(encode(words()), Vocabulary) == words()


def test_what_the_plan_asks_for_has_bounds_and_labels() -> None:
    asked = lower([plan()], words(), {}).facts
    assert [name for name in asked if name not in words().facts] == []
    assert {name for name in asked if name.endswith("]")} == set()
    found = bounds(words())
    assert (found["projects"], found["titles"]) == (Interval(0, 3), Interval(0, 50))
    assert found["projects[2].funding"] == Interval(0, LIMIT)
    assert words().facts["projects[2].funding"].label["zh"] == "承担项目[2].经费"


def test_no_platform_has_more_items_than_the_list_may() -> None:
    b = Builder()
    domains = Domains(words(), [plan()], "ganyu")
    for bound, never in ((2, False), (3, True)):
        top = b.less(b.const(bound), b.fact("projects"))
        assert domains.never(b.nodes, top) is never


def test_a_dead_ceiling_is_found_by_the_number_of_items(tmp_path: Path) -> None:
    changed = (LISTS / "plan.yaml").read_text(encoding="utf-8").replace("titles) by", "titles) capped at 60万元 by")
    (tmp_path / "plan.yaml").write_text(changed, encoding="utf-8")
    (tmp_path / "words.yaml").write_bytes((LISTS / "words.yaml").read_bytes())
    assert "W503" in run("check", "list-plan", "--policies", str(tmp_path))
    assert run("check", "list-plan", "--policies", str(LISTS)) == ""


# Comparing ----------------------------------------------------------------------


def compared(tmp_path: Path, most: int, **amounts: str) -> dict[str, Any]:
    """The list plan with other amounts, and a list of other length, against what is in force."""
    text = yaml.safe_load((LISTS / "plan.yaml").read_text(encoding="utf-8"))
    del text["cases"]
    text["document"]["issued"] = text["effective"]["from"] = "2024-01-01"
    text["awards"] = {name: {**text["awards"]["share"], "amount": amount} for name, amount in amounts.items()}
    for award in text["awards"].values():
        del award["when"]
    (tmp_path / "plan.yaml").write_text(json.dumps(text, ensure_ascii=False), encoding="utf-8")
    voc = (LISTS / "words.yaml").read_text(encoding="utf-8").replace("most: 3", f"most: {most}")
    (tmp_path / "words.yaml").write_text(voc, encoding="utf-8")
    found = open_library([tmp_path]).sound()
    comparison = as_json(compare(found, "list-plan", None, DAY, {}))
    for one in comparison["classes"]:
        for end, side in (("largest_gain", "max"), ("largest_loss", "min")):
            if (at := one[end]["at"]) is not None:
                before, after = (api.evaluate(at, as_of=DAY, packs=packs, library=found)
                                 for packs in (["lianyungang-2021"], ["lianyungang-2021", "list-plan"]))  # fmt: skip
                moved = getattr(after.support, side) - getattr(before.support, side)
                assert abs(moved) == read_money(one[end]["amount"])
    return comparison


def test_a_count_is_compared_however_long_the_list(tmp_path: Path) -> None:
    found = compared(tmp_path, 50, a="1万元 for each (count of projects) at most 2 by host")
    assert max(read_money(one["largest_gain"]["amount"]) for one in found["classes"]) == 2_000_000
    counts = [one["when"].get("projects") for one in found["classes"] if one["when"]["level"] == ["national"]]
    assert counts == [["0"], ["1"], [str(n) for n in range(2, 51)]]


def test_a_sum_is_compared_over_a_few_items(tmp_path: Path) -> None:
    amount = "sum of funding of (projects where finished) capped at 10万元 by host"
    found = compared(tmp_path, 2, a=amount)
    gains = [one["largest_gain"] for one in found["classes"] if one["when"]["level"] == ["national"]]
    assert {gain["amount"] for gain in gains} == {"0.00", "100000.00"}
    whole, none = {"finished": "true", "funding": "100000.00"}, {"finished": "true", "funding": "0.00"}
    at = [gain["at"]["projects"] for gain in gains if gain["at"]]
    assert at == [[whole], [whole, {"finished": "false"}], [{"finished": "false"}, whole], [none, whole]]


@pytest.mark.parametrize(
    ("most", "amount"),
    [
        (4, "sum of funding of projects by host"),
        (50, "sum of funding of (projects where finished) capped at 10万元 by host"),
        (5, "1万元 for each (count of (projects where grade is national and finished)) by host"),
    ],
)
def test_a_list_too_long_to_compare_is_named(tmp_path: Path, most: int, amount: str) -> None:
    with pytest.raises(Refusal) as refused:
        compared(tmp_path, most, a=amount)
    (problem,) = refused.value.problems
    assert problem.code == "X306"
    assert "`projects`" in problem.message("en")


# Asking why -------------------------------------------------------------------


def test_what_would_change_it_is_said_of_items_that_are_there() -> None:
    projects = (
        "projects=[{funding: 100万元, grade: national, site: ganyu, finished: true}, "
        "{funding: 50万元, grade: municipal, site: ganyu, finished: false}]"
    )
    settings = ["--set", "location=ganyu", "--set", "titles=[{name: gazelle}]", "--set", projects]
    said = json.loads(run("why", *settings, *ASKED, "--packs", "list-plan", "--format", "json"))
    assert {turn["fact"]: turn["value"] for turn in said["raises"]} == {
        "projects[1].funding": "1000000.02",
        "projects[2].grade": "provincial",
        "projects[2].finished": "true",
        "titles": "2",
    }
    assert "projects" not in said["idle"]  # a further project would raise it, with funding of its own
    assert "projects[3].funding" not in said["idle"]


# Proving ------------------------------------------------------------------------


def test_claims_about_lists_are_proved_or_refuted() -> None:
    asked = [*ASKED, "--format", "json"]
    assert json.loads(run("prove", "list-plan/titles never above 50万元", *asked))["verdict"] == "proved"
    refuted = json.loads(run("prove", "list-plan/finished never above 9万元", *asked, status=1))
    projects = refuted["witness"]["platform"]["projects"]
    assert sum(project["finished"] == "true" for project in projects) == 2
    assert refuted["by_at_most"] == "10000.00"
    assert "sum of" in run_refused("prove", "list-plan/share never above sum of funding of projects", *ASKED)


CLAIMS = yaml.safe_load((CASES / "proofs" / "lists.yaml").read_bytes())


@pytest.mark.parametrize("case", CLAIMS, ids=lambda case: case["claim"] + case.get("where", ""))
def test_claims_about_lists_worked_by_hand(case: dict[str, Any]) -> None:
    proof = proved(library(), case["claim"], DAY, {}, case.get("where"), seconds=60.0)
    assert proof.verdict.verdict == case["verdict"]
    witness = proof.verdict.witness
    if witness is None:
        return
    at = platform_words(witness.facts, words())
    lists = {name: at.get(name, []) for name in ("projects", "titles")}
    assert {name: len(items) for name, items in lists.items() if items} == case["items"]
    assert sum(read_money(project["funding"]) for project in lists["projects"]) == case.get("funding", 0) * 10**6
    assert proof.verdict.by == case["by"] * 10**6
    assert witness.smallest
    if "from" in case:
        assert list(witness.thresholds.values()) == [read_money(str(case["from"]))]
    assert all(name.count("[") == 0 or int(name[9]) <= len(lists["projects"]) for name in witness.thresholds)
    answer = api.evaluate(at, as_of=DAY, packs=["list-plan"], library=library())
    shown = {award.id: award.amount.max or 0 for award in answer.awards}
    named = sum(amount for id_, amount in shown.items() if id_ in case["claim"])
    assert named > read_money(re.split(r"above|<=", case["claim"])[1].strip())


def test_claims_about_lists_are_what_trying_all_platforms_says() -> None:
    tried = list(islice(held(1, lists=True), 50))
    assert [wrong for _, found in tried for wrong in found or ()] == []
    said = Counter(verdict for verdict, found in tried if found is not None)
    assert min(said["proved"], said["refuted"]) >= 10


def test_an_example_of_a_claim_about_a_list_holds_in_its_pack(tmp_path: Path) -> None:
    case = tmp_path / "case.txt"
    run("prove", "list-plan/finished never above 5万元", *ASKED, "--emit-case", str(case), status=1)
    for path in LISTS.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    pack = tmp_path / "plan.yaml"
    pack.write_text(pack.read_text("utf-8") + indent(case.read_text("utf-8"), "  "), encoding="utf-8", newline="\n")
    assert "5 passed" in run("test", "list-plan", "--policies", str(tmp_path))


def test_a_guarantee_about_a_list_is_proved_or_shown_broken(tmp_path: Path) -> None:
    claims = ["share never above 50万元", "finished never above 5万元", "share never above sum of funding of projects"]
    for path in LISTS.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    pack = tmp_path / "plan.yaml"
    written = "".join(f"  - claim: {claim}\n" for claim in claims)
    pack.write_text(f"{pack.read_text('utf-8')}guarantees:\n{written}", encoding="utf-8", newline="\n")
    result = CliRunner().invoke(cli, ["check", "list-plan", "--policies", str(tmp_path), "--notes", "--format", "json"])
    problems = json.loads(result.stdout)["problems"]
    found = {p["code"]: p["message"] for p in problems if p["code"] in ("W521", "W522")}
    assert list(found) == ["W522", "W521"]
    assert "projects 2, " in found["W522"]
    assert "sum of" in found["W521"]


def test_which_clause_turns_a_verdict_about_a_list(tmp_path: Path) -> None:
    (tmp_path / "words.yaml").write_bytes((LISTS / "words.yaml").read_bytes())
    (tmp_path / "draft.yaml").write_text(OPEN_LIST, encoding="utf-8", newline="\n")
    asked = ["readings", "open-list", "--policies", str(tmp_path), "--as-of", "2000-01-01", "--format", "json"]
    found = json.loads(run(*asked))["readings"]
    assert {id_: (turn["changes"], turn["harmless"]) for id_, turn in found.items()} == {
        # one project alone comes to 20, all three to 60
        "open-list/which": (["open-list/guarantees[1]"], False),
        # no project has two grades, so one that is national or provincial is provincial at least
        "open-list/grades": ([], True),
    }
    refuted = found["open-list/which"]["options"]["every"]["open-list/guarantees[1]"]
    assert refuted == {"verdict": "refuted", "by_at_most": "400000.00"}
    claim = ["prove", "open-list/reward never above 20万元", "--for-all-readings", *asked[2:]]
    witness = json.loads(run(*claim, status=1))["witness"]
    assert (len(witness["platform"]["projects"]), witness["readings"]["open-list/which"]) == (2, "every")


OPEN_LIST = """
pack: open-list
version: 0.1.0
status: draft
jurisdiction: ganyu
document: {title: {zh: 甲（虚构）, en: A (invented)}}
effective: null
payers: [host]
readings:
  which:
    ask: {zh: 哪些项目, en: Which projects?}
    cite: {section: 一, phrase: 项目}
    options: {first: {zh: 一项, en: one}, every: {zh: 各项, en: each}}
    default: first
  grades:
    ask: {zh: 哪些级别, en: Which grades?}
    cite: {section: 一, phrase: 级别}
    options: {higher: {zh: 以上, en: at least}, either: {zh: 两级之一, en: either}}
    default: higher
awards:
  reward:
    label: {zh: 奖励, en: Reward}
    cite: {section: 一, phrase: 每项20万元}
    amount:
      if which is first and grades is higher then 20万元 for each
      (count of (projects where grade at least provincial)) at most 1 by host
      else if which is first then 20万元 for each
      (count of (projects where grade is national or grade is provincial)) at most 1 by host
      else if grades is higher then 20万元 for each (count of (projects where grade at least provincial)) by host
      else 20万元 for each (count of (projects where grade is national or grade is provincial)) by host
guarantees:
  - claim: reward never above 20万元
"""


def run_refused(*arguments: str) -> str:
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == 2, result.output
    return result.stderr
