"""`policyeval explain`: a rule read back as sentences, with its clause."""

from __future__ import annotations

from pathlib import Path

import click

from policyeval.cli import options
from policyeval.cli.console import say_json, say_pages
from policyeval.cli.options import command, door, option
from policyeval.cli.page import Below, Page, Row, row
from policyeval.cli.table import Cell
from policyeval.cli.words import Say, known, listed, say
from policyeval.explain import Explained, Rule, explain, explain_expression
from policyeval.files import names_a_file
from policyeval.library import open_library
from policyeval.pack import Award, Entitlement, Reading
from policyeval.problems import Lang, Problem, Refusal
from policyeval.provisions import Cite


@command(
    "explain",
    en="Read a rule back as sentences, with its clause, its readings and the statements that name it.\n\n"
    "RULE is PACK/NAME: an award or a family, a slot, an entitlement, a reading, a budget, or precedence[2], "
    "authority[1], guarantees[1], counted from 1. With --expression, RULE may be a pack whose names the expression "
    "uses.",
    zh="把一条规则读成句子，并列出条款、相关解读和涉及它的衔接规则。\n\n"
    "RULE写成“规则包/名称”：奖补或类别、待定项、其他支持、解读、预算，或precedence[2]、authority[1]、guarantees[1]（从1数起）。"
    "用--expression时，RULE可以写表达式所用的规则包。",
)
@click.argument("rule", metavar="[RULE]", required=False)
@option("--expression", metavar="TEXT", zh="直接给出的表达式", en="an expression to read back instead")
@options.policies
@options.form("text", "md", "json")
def run(rule: str | None, expression: str | None, policies: tuple[Path, ...], form: str) -> int:
    if rule is None and expression is None:
        raise Refusal(Problem("D124"))
    reference = rule if expression is not None or rule is None else rule.rpartition("/")[0]
    library = open_library(policies, [reference] if reference and names_a_file(reference) else [])
    if expression is not None:
        found = explain_expression(expression, library, library.pack(rule) if rule else None)
    else:
        found = explain(rule or "", library)
    if form == "json":
        say_json(found.as_json(door().asked or "en"))
    else:
        say_pages([_Explanation(found, door().lang).page()], form)
    return 0


class _Explanation:
    """One explained rule as a page."""

    def __init__(self, found: Explained, lang: Lang) -> None:
        self.found, self.lang = found, lang
        self.said: Say = say(lang)

    def page(self) -> Page:
        found, page = self.found, Page()
        self._head(page)
        if sentences := found.sentences(self.lang):
            page.text(("" if self.lang == "zh" else " ").join(sentences))
        for text in found.written(self.lang).values():
            page.text(f"`{text}`", "dim")
        rule = found.rule
        if rule and isinstance(rule.item, Reading):
            page.heading(self.said("options"))
            page.rows(self._options(rule.item))
        if rule and (cite := getattr(rule.item, "cite", None)):
            page.heading(self.said("clause"))
            page.rows([row(self._cite(cite), below=self._note(rule))])
        if found.readings:
            page.heading(self.said("depends_on"))
            page.rows([self._reading(reading) for reading in found.readings])
        if found.filled_by:
            page.heading(self.said("filled_by"))
            page.rows([self._brief(award) for award in found.filled_by])
        if found.parts:
            page.heading(self.said("awards" if found.kind in ("family", "budget") else "depending"))
            page.rows([self._brief(part) for part in found.parts])
        if found.statements:
            page.heading(self.said("named_by"))
            page.rows([self._brief(statement) for statement in found.statements])
        return page

    def _head(self, page: Page) -> None:
        found, rule = self.found, self.found.rule
        if found.kind == "expression":
            return
        title = found.ref if not rule or not rule.label else f"{found.ref}  {rule.label[self.lang]}"
        page.title(title)
        where = found.vocabulary.places[found.pack.jurisdiction].label[self.lang]
        facts = [found.pack.document.title[self.lang], where]
        if rule and isinstance(rule.item, Award) and rule.item.per == "year":
            facts.append(self.said("yearly"))
        if rule and isinstance(rule.item, Award | Entitlement) and rule.item.beneficiary != "platform":
            facts.append(self.said("for", who=known(rule.item.beneficiary, self.lang)))
        if rule and isinstance(rule.item, Award) and rule.item.fills:
            facts.append(self.said("fills", slot=rule.item.fills))
        page.text(listed(facts, self.lang), "dim")

    def _cite(self, cite: Cite) -> str:
        return self.said("cite", section=cite.section, phrase=cite.phrase)

    def _note(self, rule: Rule) -> list[Below]:
        note = getattr(rule.item, "note", None)
        return [Below(note[self.lang], "dim")] if note else []

    def _options(self, reading: Reading) -> list[Row]:
        return [
            row(option, label[self.lang], self.said("reading_default") if option == reading.default else "")
            for option, label in reading.options.items()
        ]

    def _reading(self, rule: Rule) -> Row:
        item = rule.item
        assert isinstance(item, Reading)
        below = [Below(item.ask[self.lang])]
        for name, label in item.options.items():
            default = (
                f"（{self.said('reading_default')}）" if self.lang == "zh" else f" ({self.said('reading_default')})"
            )
            colon = "：" if self.lang == "zh" else ": "
            below.append(Below(f"{name}{default if name == item.default else ''}{colon}{label[self.lang]}", level=1))
        return row(Cell(rule.ref, "bold"), Cell(self._cite(item.cite), "dim"), below=below)

    def _brief(self, rule: Rule) -> Row:
        cite: Cite | None = getattr(rule.item, "cite", None)
        said = self.found.said(rule, self.lang)
        below = [Below(("" if self.lang == "zh" else " ").join(said))] if said else []
        return row(Cell(rule.ref, "bold"), Cell(self._cite(cite) if cite else "", "dim"), below=below)
