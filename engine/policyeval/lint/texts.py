"""Lints of what is written: splits, figures against their citations, units, thresholds, references to other packs.

In: a pack among those around it. Out: W509, W514 to W518, and the note W525. Promise: few false alarms; each rule is
the one that its page in `docs/lints/` states.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from itertools import combinations
from typing import Any

from policyeval.lint.findings import Findings
from policyeval.pack import Pack
from policyeval.provisions import Cite
from policyeval.record import Record, replace
from policyeval.tree import NOWHERE, Node, Number, Op, Ref, Split, walk
from policyeval.units import UNITS
from policyeval.versions import bounds


class Rule(Record):
    """A rule of a pack: its id, its expressions, and the clause it comes from."""

    id: str
    trees: tuple[Node, ...]
    cite: Cite | None
    family: str | None = None
    award: bool = False

    @cached_property
    def nodes(self) -> list[Node]:
        """All that is in the expressions, in reading order; a unit to round to is no figure and is left out."""
        found = [node for tree in self.trees for node in walk(tree)]
        units = {id(op.args[1]) for op in found if isinstance(op, Op) and op.op in ("rounded", "rounded_down")}
        return [node for node in found if id(node) not in units]


def find(findings: Findings) -> None:
    rules = list(_rules(findings.around.pack))
    for rule in rules:
        _splits(findings, rule)
        _cited(findings, rule)
        _inclusive(findings, rule)
    _units(findings, rules)
    _edges(findings, rules)
    if findings.notes:
        _uncited(findings, rules)
    _references(findings)


def _rules(pack: Pack) -> Iterator[Rule]:
    for award in pack.awards.values():
        trees = (award.amount,) if award.when is None else (award.when, award.amount)
        yield Rule(award.id, trees, award.cite, award.family, award=True)
    for entitlement in pack.entitlements.values():
        if entitlement.when is not None:
            yield Rule(entitlement.id, (entitlement.when,), entitlement.cite)
    for i, authority in enumerate(pack.authority, 1):
        if authority.when is not None:
            yield Rule(f"authority[{i}]", (authority.when,), authority.cite)
    for i, statement in enumerate(pack.precedence, 1):
        yield Rule(f"precedence[{i}]", (statement.rule,), statement.cite)
    for i, guarantee in enumerate(pack.guarantees, 1):
        yield Rule(f"guarantees[{i}]", (guarantee.claim,), guarantee.cite)


# Splits ----------------------------------------------------------------------

_NOTHING = {"en": "all shares together are 0", "zh": "各份额合计为0"}
_NEGATIVE = {"en": "a share is below 0", "zh": "有份额小于0"}


def _splits(findings: Findings, rule: Rule) -> None:
    for op in rule.nodes:
        if isinstance(op, Op) and op.op == "matched" and isinstance(split := op.args[1], Split):
            shares = split.parts[1:]
            payers = [arg.name for arg in op.args[2:] if isinstance(arg, Ref)]
            empty = [payer for payer, share in zip(payers, shares, strict=False) if share == 0]
            if any(part < 0 for part in split.parts):
                findings.say("W509", rule.id, split.span, what=_NEGATIVE)
            elif not any(shares):
                findings.say("W509", rule.id, split.span, what=_NOTHING)
            elif empty:
                labels = [findings.around.vocabulary.payers[payer].label.zh for payer in empty]
                what = {"en": f"the share of {', '.join(empty)} is 0", "zh": f"{'、'.join(labels)}的份额为0"}
                findings.say("W509", rule.id, split.span, what=what)


# Figures and their citations -------------------------------------------------

_RATIO = re.compile(r"\d+(?:\.\d+)?(?:\s*:\s*\d+(?:\.\d+)?)+")
_PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s*%")
_MONEY = re.compile(r"(\d+(?:\.\d+)?)\s*(亿元|万元|亿|万|元)(?![\u4e00-\u9fff])|(\d+(?:\.\d+)?)\s*(亿元|万元|元)")


class Figures(Record):
    """Figures by their value, by kind: splits, percentages, amounts."""

    ratios: dict[tuple[Fraction, ...], Any]
    percents: dict[Fraction, Any]
    sums: dict[Fraction, Any]

    @property
    def kinds(self) -> tuple[dict[Any, Any], ...]:
        return self.ratios, self.percents, self.sums


def _said(phrase: str) -> Figures:
    """The figures of a phrase, as they stand in it."""
    plain = unicodedata.normalize("NFKC", phrase).replace("∶", ":")
    rest = _RATIO.sub(" ", plain)
    return Figures(
        {_ratio(m[0]): m[0] for m in _RATIO.finditer(plain)},
        {Fraction(m[1]) / 100: f"{m[1]}%" for m in _PERCENT.finditer(rest)},
        {_worth(m[1] or m[3], m[2] or m[4]): m[0].strip() for m in _MONEY.finditer(rest)},
    )


def _written(nodes: Iterable[Node]) -> Figures:
    """The figures of expressions, each with the first node that says it."""
    found = Figures({}, {}, {})
    for node in nodes:
        if isinstance(node, Split):
            found.ratios.setdefault(_ratio_of(node.parts), node)
        elif isinstance(node, Number) and node.unit == "%":
            found.percents.setdefault(node.value / 100, node)
        elif isinstance(node, Number) and (worth := _money(node)):
            found.sums.setdefault(worth, node)
    return found


def _cited(findings: Findings, rule: Rule) -> None:
    """A figure of the cited phrase that is not among the figures of its kind in the expression."""
    if rule.cite is None:
        return
    said, written = _said(rule.cite.phrase), _written(rule.nodes)
    if any(_shares(n.parts) in said.ratios for n in written.ratios.values()):
        said = replace(said, ratios={})
    for cited, figures in zip(said.kinds, written.kinds, strict=True):
        _missing(findings, rule, cited, figures)


def _uncited(findings: Findings, rules: Iterable[Rule]) -> None:
    """Figures that stand in no phrase that the pack cites."""
    pack = findings.around.pack
    cites = [item.cite for section in (pack.readings, pack.slots, pack.budgets) for item in section.values()]
    cites += [rule.cite for rule in rules if rule.cite is not None]
    said = [_said(cite.phrase) for cite in cites]
    for rule in rules:
        written = _written(rule.nodes)
        odd = [
            node
            for kind, figures in enumerate(written.kinds)
            for figure, node in figures.items()
            if not any(figure in s.kinds[kind] for s in said)
            and not (isinstance(node, Split) and any(_shares(node.parts) in s.ratios for s in said))
        ]
        if odd:
            odd.sort(key=lambda node: node.span)
            texts = list(dict.fromkeys(_text(findings, node) for node in odd))
            findings.say("W525", rule.id, odd[0].span, written=_listed(texts))


def _shares(parts: Sequence[Fraction]) -> tuple[Fraction, ...]:
    """How the payers of a split share, the base left out."""
    return _ratio_of(parts[1:])


def _missing(findings: Findings, rule: Rule, cited: Mapping[Any, str], written: Mapping[Any, Node]) -> None:
    lacking = [text for figure, text in cited.items() if figure not in written]
    if not lacking or not written:
        return
    odd = [node for figure, node in written.items() if figure not in cited]
    texts = [_text(findings, node) for node in odd]
    findings.say("W514", rule.id, odd[0].span, cited=lacking[0], written=_listed(texts))


def _listed(texts: Sequence[str]) -> dict[str, str]:
    return {"en": ", ".join(f"`{t}`" for t in texts), "zh": "、".join(f"`{t}`" for t in texts)}


def _text(findings: Findings, node: Node) -> str:
    return findings.around.pack.source.text[node.span.start : node.span.end]


def _ratio(text: str) -> tuple[Fraction, ...]:
    return _ratio_of([Fraction(part.strip()) for part in text.split(":")])


def _ratio_of(parts: Sequence[Fraction]) -> tuple[Fraction, ...]:
    return tuple(part / parts[0] for part in parts) if parts[0] else tuple(parts)


def _worth(number: str, unit: str) -> Fraction:
    return Fraction(number) * UNITS[unit if unit.endswith("元") else f"{unit}元"].size


def _money(node: Number) -> Fraction | None:
    """The worth of an amount with its unit written; a bare number may be anything."""
    if node.unit is None or UNITS[node.unit].kind != "money" or node.value == 0:
        return None
    return node.value * UNITS[node.unit].size


# 以上 and 以下 ----------------------------------------------------------------

_COMPARED = ("above", "below", "at_least", "at_most")
_OPEN = {
    "above": (("以上", "不低于", "不少于"), "at_least"),
    "below": (("以下", "不超过", "不高于"), "at_most"),
}
_SAID_IN = {
    "en": "not met, though the cited phrase says {word}, which takes the bound in",
    "zh": "不满足，而引文写的是“{word}”，含本数",
}
_NOT_BOTH = {
    "en": "not met, though a like rule takes the bound in",
    "zh": "不满足，而同类规则含本数",
}
_NEITHER = {
    "en": "met by neither of two like rules",
    "zh": "两条同类规则都不满足",
}
_BOTH = {
    "en": "met by two like rules at once",
    "zh": "同时满足两条同类规则",
}


def _inclusive(findings: Findings, rule: Rule) -> None:
    """A phrase that takes the bound in, and an expression whose every comparison leaves it out."""
    comparisons = [op for op in rule.nodes if isinstance(op, Op) and op.op in ("above", "below", "at_least", "at_most")]
    for op in comparisons:
        if op.op in _OPEN and rule.cite is not None:
            words, closed = _OPEN[op.op]
            word = next((w for w in words if w in rule.cite.phrase), None)
            if word and not any(other.op == closed for other in comparisons):
                what = {lang: text.format(word=word) for lang, text in _SAID_IN.items()}
                findings.say("W516", rule.id, op.span, bound=_text(findings, op.args[1]), what=what)


class _Edge(Record):
    """A comparison of a fact with a fixed bound, in the condition of a rule."""

    rule: str
    op: Op
    outer: bool  # in a `when`, not in a branch of an amount


def _edges(findings: Findings, rules: Iterable[Rule]) -> None:
    """Comparisons of one fact with one bound, in several rules, that disagree about the bound itself."""
    found: dict[tuple[str, Fraction], list[_Edge]] = {}
    for rule in rules:
        for tree in rule.trees:
            for op in walk(tree):
                if isinstance(op, Op) and (key := _compared(op)):
                    outer = rule.award and len(rule.trees) > 1 and tree is rule.trees[0]
                    found.setdefault(key, []).append(_Edge(rule.id, op, outer))
    told: set[int] = set()
    for edges in found.values():
        for a, b in combinations(edges, 2) if len({edge.op.op for edge in edges}) > 1 else ():
            if a.rule == b.rule:
                continue
            pair = {a.op.op: a, b.op.op: b}
            what = _doubt(pair, edges)
            if what is not None:
                odd = pair.get("above") or pair.get("below") or b
                other = a if odd is b else b
                if id(odd.op) not in told:
                    told.add(id(odd.op))
                    there = (findings.around.pack, other.op.span, "W593")
                    bound = _text(findings, odd.op.args[1])
                    findings.say("W516", odd.rule, odd.op.span, there, bound=bound, what=what, rules=[a.rule, b.rule])


def _doubt(pair: dict[str, _Edge], edges: Sequence[_Edge]) -> dict[str, str] | None:
    if pair.keys() in ({"above", "at_least"}, {"below", "at_most"}):
        return _NOT_BOTH
    if not all(edge.outer for edge in pair.values()):
        return None  # the last branch of an `if` takes whatever is left
    if pair.keys() == {"above", "below"} and not any(e.op.op in ("at_least", "at_most", "is") for e in edges):
        return _NEITHER
    return _BOTH if pair.keys() == {"at_least", "at_most"} else None


def _compared(op: Op) -> tuple[str, Fraction] | None:
    """The fact and the bound of a comparison with a figure."""
    if op.op not in ("above", "below", "at_least", "at_most", "is") or len(op.args) != 2:
        return None
    left, right = op.args
    if not isinstance(left, Ref) or left.role != "fact":
        return None
    if not isinstance(right, Number):
        return None
    return left.name, right.value * (UNITS[right.unit].size if right.unit else 1)


# 元 and 万元 ------------------------------------------------------------------

_FAR = 1_000  # times smaller than every like figure

_LIKE = {"cap": "ceiling", "cap_each": "ceiling", "together": "ceiling", "together_in_order": "ceiling",
         "never_above": "ceiling", "limited_to": "ceiling", "at_least": "floor", "by": "sum"}  # fmt: skip


def _units(findings: Findings, rules: Sequence[Rule]) -> None:
    """A figure in 元 among like figures that are all far larger and in 万元 or 亿元."""
    groups: dict[tuple[str, str], list[tuple[Rule, Number]]] = {}
    for rule in rules:
        for kind, number in _figures(rule):
            groups.setdefault(("", kind), []).append((rule, number))
            if rule.family:
                groups.setdefault((rule.family, kind), []).append((rule, number))
    told: set[int] = set()
    for key in sorted(groups, key=lambda k: not k[0]):  # a family first, for the nearest comparison
        rule, number = min(groups[key], key=lambda pair: _fen(pair[1]))
        others = [n for _, n in groups[key] if n is not number]
        if id(number) not in told and (other := _slip(number, others)) is not None:
            told.add(id(number))
            times = round(_fen(other) / _fen(number))
            there = (findings.around.pack, other.span, "W592")
            findings.say("W515", rule.id, number.span, there, other=_text(findings, other), times=times)


def _slip(least: Number, others: Sequence[Number]) -> Number | None:
    """The figure that shows that the least of a group is a slip: the nearest of others that are all far larger."""
    if UNITS[least.unit or "元"].size != UNITS["元"].size or any(_fen(n) < _FAR * _fen(least) for n in others):
        return None
    return min((n for n in others if n.unit in ("万元", "亿元")), key=_fen, default=None)


def _fen(number: Number) -> Fraction:
    return number.value * UNITS[number.unit or "元"].size


def _figures(rule: Rule) -> Iterator[tuple[str, Number]]:
    """Fixed amounts other than 0, by what they are: a ceiling, a floor, a sum paid, a sum for each that is counted, a
    figure or a bound of a step or a bracket, a threshold of a fact."""
    for node in rule.nodes:
        if not isinstance(node, Op):
            continue
        for arg in node.args:
            if isinstance(arg, Number) and arg.value > 0 and (arg.unit is None or UNITS[arg.unit].kind == "money"):
                left = node.args[0]
                if (
                    isinstance(left, Ref)
                    and left.role == "fact"
                    and node.op in ("at_least", "at_most", "above", "below")
                ):
                    if arg.unit is not None:
                        yield f"threshold {left.name}", arg
                elif node.op in _LIKE:
                    yield _LIKE[node.op], arg
                elif node.op in ("for_each", "for_each_most") and arg is left:
                    yield "each", arg
                elif node.op in ("band", "beyond") and arg.unit is not None:
                    yield ("step" if arg is left else "bound"), arg


# References ------------------------------------------------------------------


def _references(findings: Findings) -> None:
    around = findings.around
    for id_, wanted in around.pack.uses.items():
        span = around.pack.spans.get(f"uses.{id_}", NOWHERE)
        other = around.by_id.get(id_)
        if other is not None and other.effective_to is not None and other.effective_to < around.day:
            words = {"day": around.day.isoformat(), "last": other.effective_to.isoformat()}
            findings.say("W517", f"uses.{id_}", span, pack=id_, **words)
        limits = bounds(wanted)
        if limits is not None and limits[0][0] == 0 and limits[1] >= (1, 0, 0):
            version = other.version if other is not None else "0.1.0"
            findings.say("W518", f"uses.{id_}", span, pack=id_, range=wanted, version=version)
