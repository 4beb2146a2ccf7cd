"""Random small packs: every operator and statement, over amounts of a few fen, so that all choices can be tried.

In: a source of randomness. Out: packs in the words of `small_packs`, and platforms. `city-plan` is a city's, `here` a
district's pack in it; awards of both may be set against each other.
"""

from __future__ import annotations

from random import Random
from typing import Any

PAYERS = ("province", "city", "host")
MONEY = ("funding", "turnover")


class Writer:
    """Writes expressions at random. `choices` and `figureless`: how often an amount is left open."""

    def __init__(self, rnd: Random, choices: float = 0.5, figureless: float = 0.1, lists: bool = True) -> None:
        self.rnd = rnd
        self.choices, self.figureless, self.lists = choices, figureless, lists
        self.left = 2  # so many choices at most in all packs, for they multiply

    # conditions

    def condition(self, depth: int = 1) -> str:
        kind = self.rnd.randrange(9 if depth else 7)
        match kind:
            case 0:
                return f"level {self.rnd.choice(['is', 'at least', 'above', 'is not'])} municipal"
            case 1:
                return "exceptional"
            case 2:
                return f"{self.rnd.choice(MONEY)} {self.rnd.choice(['above', 'at most'])} {self.fen()}"
            case 3:
                return f"performance in {self.rnd.choice(['good', 'good, excellent'])}"
            case 4:
                return f"host_tier is {self.rnd.choice(['county', 'district'])}"
            case 5:
                return self.rnd.choice(["location is county_c", "funding below turnover"])
            case 6 if self.lists:
                return self.rnd.choice(
                    [f"count of {self.items()} at least {self.rnd.randrange(1, 4)}",
                     f"sum of grant of {self.items()} above {self.fen()}"]
                )  # fmt: skip
            case 6:
                return "exceptional"
            case 7:
                return f"not ({self.condition(0)})"
        return f"({self.condition(0)} {self.rnd.choice(['and', 'or'])} {self.condition(0)})"

    def items(self) -> str:
        """A list, with a condition on its items or without."""
        of_item = ["level is national", "finished", f"grant at most {self.fen()}", "grant below funding",
                   f"staff above {self.rnd.randrange(4)}", "finished or exceptional",
                   "finished and not level is national"]  # fmt: skip
        return f"(projects where {self.rnd.choice(of_item)})" if self.rnd.random() < 0.7 else "projects"

    # amounts

    def fen(self) -> str:
        return f"0.0{self.rnd.randrange(10)}元"

    def base(self) -> str:
        """An amount that says nothing of who pays."""
        money = self.rnd.choice([*MONEY, *MONEY, self.fen()])
        match self.rnd.randrange(10):
            case 0:
                return f"{self.rnd.choice(['50', '10', '25'])}% of {money}"
            case 5 if self.lists:
                return self.rnd.choice([f"sum of grant of {self.items()}", f"{self.fen()} * count of {self.items()}"])
            case 1:
                return f"{money} / {self.rnd.choice('23')}"
            case 2:
                return f"{self.rnd.choice(MONEY)} + {money}"
            case 3:
                return f"(if {self.condition()} then {money} else {self.fen()})"
            case 4:
                return f"({self.rnd.choice(['higher', 'lower'])} of {money}, {self.rnd.choice(MONEY)})"
        return money

    def paid(self, depth: int, awards: list[str]) -> str:
        """An amount with its payers."""
        if not depth or self.rnd.random() < 0.3:
            return self._leaf(awards)
        inner, other = self.paid(depth - 1, awards), self.paid(depth - 1, awards)
        match self.rnd.randrange(9):
            case 0 | 1:
                return f"({inner}) capped at {self._bound()}"
            case 2:
                return f"({inner}) each capped at {self._bound()}"
            case 3:
                return f"({inner}) at least {self.fen()}"
            case 4 | 5:
                return f"if {self.condition()} then ({inner}) else ({other})"
            case 6:
                return f"({inner}) + ({other})"
            case 7:
                return f"{self.rnd.choice(['higher', 'lower'])} of ({inner}), ({other})"
        return f"{self.rnd.choice(['50', '25', '150'])}% of ({inner})"

    def _leaf(self, awards: list[str]) -> str:
        if awards and self.rnd.random() < 0.12:
            award = self.rnd.choice(awards)
            return f"({award} as if {self._setting()})" if self.rnd.random() < 0.6 else award
        if self.rnd.random() < 0.4:
            plain = f"({self.base()}) by {self.rnd.choice(PAYERS)}"
        else:
            payers = self.rnd.sample(PAYERS, self.rnd.choice([1, 2, 2, 3]))
            parts = ":".join(self.rnd.choice(["1", "1", "0.5", "0.25", "0.2", "2"]) for _ in payers)
            plain = f"({self.base()}) matched {self.rnd.choice('112')}:{parts} by {', '.join(payers)}"
        if self.left and self.rnd.random() < self.choices:
            self.left -= 1
            return f"(up to ({plain}))"
        return f"({plain})"

    def _bound(self) -> str:
        return self.rnd.choice([self.fen(), self.fen(), f"(50% of {self.rnd.choice(MONEY)})", f"({self.fen()} / 2)"])

    def _setting(self) -> str:
        return self.rnd.choice(
            ["level is national", "funding is 0.05元", "exceptional is true", "host_tier is county",
             "location is county_c", "turnover is 0.08元", "level is none and turnover is 0.03元"]
        )  # fmt: skip

    def amount(self, awards: list[str]) -> str:
        if self.rnd.random() < self.figureless:
            promise = self.rnd.choice(["unspecified", "unspecified by host"])
            if self.rnd.random() < 0.5:
                return promise
            return f"if {self.condition()} then ({self.paid(1, awards)}) else {promise}"
        return self.paid(2, awards)

    # packs

    def award(self, awards: list[str]) -> dict[str, str]:
        found = {"amount": self.amount(awards)}
        if self.rnd.random() < 0.4:
            found["when"] = self.condition()
        if self.rnd.random() < 0.5:
            found["family"] = "kin"
        return found

    def statement(self, operands: list[str]) -> str:
        a, b, *rest = self.rnd.sample(operands, min(len(operands), self.rnd.choice([2, 2, 3])))
        both = ", ".join([a, b, *rest])
        text = self.rnd.choice(
            [f"higher of {both}", f"higher of {both}", f"{a} replaces {', '.join([b, *rest])}", f"{a} net of {b}",
             f"{a} net of {b}", f"{a} limited to {self._limit(b)}", f"{both} together capped at {self.fen()}",
             f"{both} together capped at {self.fen()} in order", f"{a} stacks with {b}"]
        )  # fmt: skip
        return f"{text} when {self.condition()}" if self.rnd.random() < 0.25 else text

    def _limit(self, other: str) -> str:
        if "." in other or self.rnd.random() < 0.6:
            return self.fen()
        return f"{other} as if {self._setting()}"


def packs(rnd: Random, **often: Any) -> dict[str, dict[str, Any]]:
    """`city-plan` and `here`, with two to four awards and none to three statements."""
    writer = Writer(rnd, **often)
    city: dict[str, Any] = {"awards": {"a": writer.award([])}, "uses": {}}
    here: dict[str, Any] = {"awards": {}, "uses": {"city-plan": "^1"}, "jurisdiction": "district_d"}
    if rnd.random() < 0.3:
        here["jurisdiction"] = "city_b"
    for name in "bcd"[: rnd.choice([1, 2, 2, 3])]:
        here["awards"][name] = writer.award([*here["awards"], "city-plan/a"])
    operands = [*here["awards"], "city-plan/a"]
    if "family" in city["awards"]["a"]:
        operands.append("city-plan/kin")
    if any("family" in award for award in here["awards"].values()):
        operands.append("kin")
    operands += [f"{rnd.choice(operands)}.{rnd.choice(PAYERS)}" for _ in range(2)]
    here["precedence"] = [writer.statement(list(dict.fromkeys(operands))) for _ in range(rnd.randrange(4))]
    return {"city-plan": city, "here": here}


def platform(rnd: Random) -> dict[str, Any]:
    """All facts that the packs may ask for, as a plan counts them."""
    place = rnd.choice([2, 3, 3, 3])
    return {
        "location": place,
        "host_tier": place - 2,
        "level": rnd.randrange(3),
        "performance": rnd.randrange(3),
        "exceptional": rnd.random() < 0.5,
        "funding": rnd.randrange(13),
        "turnover": rnd.randrange(13),
        "projects": rnd.randrange(4),
        **{f"projects[{i}].grant": rnd.randrange(13) for i in (1, 2, 3)},
        **{f"projects[{i}].level": rnd.randrange(2) for i in (1, 2, 3)},
        **{f"projects[{i}].finished": rnd.random() < 0.5 for i in (1, 2, 3)},
        **{f"projects[{i}].staff": rnd.randrange(5) for i in (1, 2, 3)},
        **{f"projects[{i}].begun": 1 for i in (1, 2, 3)},
    }
