"""What the lints have found, and how a platform and its readings are said in a message.

In: a pack among those around it. Out: Problems, each with the rule that it is about among its words (`rule`, `rules`).
Promise: a question that could not be decided is a finding of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction

from policyeval.domains import figure
from policyeval.infer import quoted
from policyeval.lint.numbers import Undecided
from policyeval.lint.parts import Around, Words
from policyeval.lint.search import Witness
from policyeval.messages import MESSAGES
from policyeval.money import in_words, yuan
from policyeval.pack import Pack
from policyeval.problems import At, Problem
from policyeval.source import Span
from policyeval.vocabulary import Label

Other = tuple[Pack, Span, str]  # a further place, and the code of its remark

_TOO_MUCH = {
    "en": "it turns on too many facts at once, or is not made of straight lines",
    "zh": "牵涉的事实太多，或者不是分段线性的算式",
}


class Findings:
    """Collects the problems of one pack. `notes`: whether lints that only note something are to look at all."""

    def __init__(self, around: Around, notes: bool) -> None:
        self.around = around
        self.notes = notes
        self.problems: list[Problem] = []
        self.hurried = False  # the time for a proof was over
        self._undecided: set[tuple[str, str]] = set()

    def say(self, code: str, rule: str, span: Span, /, *others: Other, **words: object) -> None:
        """One finding about a rule of the pack, underlined at `span`; `text` is what is underlined."""
        pack = self.around.pack
        words = {"rule": rule, "text": quoted(pack, span), **words}
        remarks = tuple((At(other.source, at), remark) for other, at, remark in others)
        self.problems.append(Problem(code, words, At(pack.source, span), remarks))

    def undecided(self, code: str, rule: str, span: Span, why: Words = _TOO_MUCH) -> None:
        if (code, rule) not in self._undecided:
            self._undecided.add((code, rule))
            self.say("W521", rule, span, code=code, why=why)

    @contextmanager
    def deciding(self, code: str, rule: str, span: Span) -> Iterator[None]:
        """What cannot be decided inside is said as such."""
        try:
            yield
        except (Undecided, RecursionError):
            self.undecided(code, rule, span)

    # words

    def under(self, witness: Witness) -> Words:
        """The readings under which something appears, where they are not the default."""
        found = [self._reading(id_, option) for id_, option in witness.readings.items()]
        if not found:
            return {"en": "", "zh": ""}
        return {
            "en": " under " + " and ".join(f"`{name} is {option}`" for name, option in found),
            "zh": "（解读" + "、".join(f"`{name} 为 {option}`" for name, option in found) + "）",
        }

    def at(self, witness: Witness) -> Words:
        """A platform, as far as it matters."""
        if not witness.facts:
            return {"en": "any platform", "zh": "任何平台"}
        shown = [(name, self._label(name), self.value(name, value)) for name, value in witness.facts.items()]
        return {
            "en": ", ".join(f"{name} {value.en}" for name, _, value in shown),
            "zh": "，".join(f"{label.zh}{value.zh}" for _, label, value in shown),
        }

    def _label(self, name: str) -> Label:
        """What a fact, or a slot, is called."""
        fact = self.around.vocabulary.facts.get(name)
        pack, _, slot = name.partition("/")
        return fact.label if fact else self.around.by_id[pack].slots[slot].label

    def value(self, name: str, value: int | bool) -> Label:
        """A value of a fact as it is written in a pack, and its label in Chinese."""
        v = self.around.vocabulary
        fact = v.facts.get(name)
        if fact is None:  # a slot
            return Label(money(int(value)), money(int(value)))
        match fact.kind:
            case "bool":
                return Label("是" if value else "否", "true" if value else "false")
            case "money":
                return Label(in_words(int(value)), in_words(int(value)))
            case "place":
                place = list(v.places)[int(value)]
                return Label(v.places[place].label.zh, place)
            case "enumeration" | "ordered":
                option = list(fact.values)[int(value)]
                return Label(fact.values[option].zh, option)
        written = figure(fact.kind, Fraction(value))
        return Label(written, written)

    def _reading(self, id_: str, option: int) -> tuple[str, str]:
        pack, _, name = id_.partition("/")
        options = list(self.around.by_id[pack].readings[name].options)
        return (name if pack == self.around.pack.id else id_), options[option]


def severe(problem: Problem) -> bool:
    """Whether it is more than a note."""
    return MESSAGES[problem.code].severity != "note"


def money(fen: int) -> str:
    return in_words(fen) if fen % 100 == 0 else f"{yuan(fen)}元"


# Places in a file ------------------------------------------------------------


def rules(pack: Pack) -> list[tuple[int, str]]:
    """Where each rule of the pack begins, and its id, in the order of the file."""
    found = [(pack.spans[f"uses.{id_}"].start, f"uses.{id_}") for id_ in pack.uses if f"uses.{id_}" in pack.spans]
    found += [(item.span.start, item.id) for item in pack.readings.values()]
    found += [(item.span.start, item.id) for item in pack.awards.values()]
    found += [(item.span.start, item.id) for item in pack.entitlements.values()]
    found += [(item.span.start, f"authority[{i}]") for i, item in enumerate(pack.authority, 1)]
    found += [(item.span.start, f"precedence[{i}]") for i, item in enumerate(pack.precedence, 1)]
    found += [(item.span.start, f"guarantees[{i}]") for i, item in enumerate(pack.guarantees, 1)]
    return sorted(found)


def rule_at(pack: Pack, start: int) -> str:
    """The rule in which a place of the file lies: the last that begins at or before it."""
    before = [rule for at, rule in rules(pack) if at <= start]
    return before[-1] if before else "pack"
