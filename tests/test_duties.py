"""Who must do what: the steps of a platform, tasks across documents, and what lies where in time."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from policyeval.cases import RawCase, given_of, typed
from policyeval.duties import courses, tasks
from policyeval.load import load_pack
from policyeval.pack import Pack
from policyeval.record import replace
from policyeval.resolve import resolve
from policyeval.timeline import events, years
from policyeval.vocabulary import Body, Label
from test_provisions import PACK, pack, vocabulary

DAY = date(2024, 6, 1)


def small(text: str = PACK) -> Pack:
    found, problems = pack(text)
    assert found is not None
    assert problems == []
    return found


def steps(text: str = PACK, **facts: str) -> list[tuple[str, tuple[str, ...]]]:
    words, _ = vocabulary()
    platform = typed(RawCase(tuple(given_of(fact, value) for fact, value in facts.items())), words)
    (course,) = courses([small(text)], words, platform, DAY)
    return [(taken.step.step, taken.missing) for taken in course.steps]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"location": "hill", "kind": "lab"}, [("1", ()), ("2", ())]),
        ({"location": "hill", "kind": "workshop"}, [("2", ())]),  # step 1 is for laboratories
        ({"location": "hill"}, [("1", ("kind",)), ("2", ())]),
        ({"kind": "workshop"}, [("2", ("location",))]),
        ({}, [("1", ("location", "kind")), ("2", ("location",))]),
    ],
)
def test_the_steps_of_a_platform(facts: dict[str, str], expected: Any) -> None:
    assert [(step, {*missing}) for step, missing in steps(**facts)] == [(s, {*m}) for s, m in expected]


def test_a_step_of_which_an_award_decides() -> None:
    award = "{label: {zh: 奖, en: prize}, cite: {section: 六, phrase: 奖}, amount: 1万元 by city, when: kind is lab}"
    text = PACK.replace("awards: {}", f"awards: {{prize: {award}}}")
    text = text.replace("when: kind is lab, within", "when: prize above 0元, within")
    assert steps(text, location="hill", kind="lab") == [("1", ()), ("2", ())]
    assert steps(text, location="hill", kind="workshop") == [("2", ())]


def test_the_bodies_of_the_platforms_own_place_act() -> None:
    words, _ = vocabulary()
    text = PACK.replace("bodies: [hill_office], does", "bodies: [hill_office, lake_office, office], does")
    words = replace(words, bodies={**words.bodies, "lake_office": Body("lake_office", Label("湖县局", "Lake"), "lake")})
    found = resolve(load_pack(text.encode(), "pack.yaml")[0] or small(), words, {})[0]
    platform = typed(RawCase((given_of("location", "hill"), given_of("kind", "lab"))), words)
    (course,) = courses([found], words, platform, DAY)
    assert course.steps[0].bodies == ("hill_office", "office")
    (course,) = courses([found], words, typed(RawCase((given_of("kind", "lab"),)), words), DAY)
    assert course.steps[0].bodies == ("hill_office", "lake_office", "office")


def test_a_step_of_which_a_reading_decides() -> None:
    text = PACK.replace("when: kind is lab, within", "when: reach is exact, within")
    assert steps(text, location="hill", kind="lab") == [("2", ())]  # the default is at_least
    words, _ = vocabulary()
    platform = typed(RawCase((given_of("location", "hill"), given_of("kind", "lab"))), words)
    (course,) = courses([small(text)], words, platform, DAY, {"county-plan/reach": "exact"})
    assert [taken.step.step for taken in course.steps] == ["1", "2"]


def test_every_task_has_its_body_and_clause() -> None:
    words, _ = vocabulary()
    found = [(t.part, [b.en for b in t.bodies], t.role, t.every, t.cite.section) for t in tasks([small()], words)]
    assert found == [
        ("duties.report", ["New Office"], "lead", "month", "四"),
        ("targets.labs", ["New Office"], "responsible", None, "二"),
        ("procedures.recognition.steps[1]", ["Hill Office"], "responsible", None, "五"),
        ("procedures.recognition.steps[2]", ["New Office"], "responsible", None, "五"),
    ]


def test_what_lies_where_in_time() -> None:
    found = [(e.kind, e.first, e.last, [t.id for t in e.targets]) for e in events([small()])]
    assert found == [
        ("issued", date(2024, 1, 10), date(2024, 1, 10), []),
        ("term", date(2024, 1, 10), None, []),
        ("date", date(2024, 2, 1), date(2024, 2, 1), []),
        ("period", date(2024, 1, 1), date(2026, 12, 31), ["labs"]),
        ("targets", None, None, ["each_year", "sales", "sales_per_lab"]),
    ]
    assert years(events([small()])) == (2024, 2026)
