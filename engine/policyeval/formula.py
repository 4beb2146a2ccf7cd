"""A plan's formula as text in the language's own words.

In: a simplified graph and a node of it. Out: text such as `min(upstream_funding, 1000万元)`, which `parse` reads back.
Promise: the text says what is paid but for the rounding to the fen, which every amount has. An item of a list, which
no expression names, is written as the plan calls it: `projects[2].funding`.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from policyeval.domains import figure
from policyeval.money import in_words
from policyeval.plan import UNBOUNDED
from policyeval.simplify import Simplifier
from policyeval.vocabulary import Vocabulary

Terms = dict[int, Fraction]  # a sum of multiples of nodes; key -1 is the constant


class Formulas:
    """Writes nodes of one simplified graph, in one language."""

    def __init__(self, builder: Simplifier, vocabulary: Vocabulary, lang: str) -> None:
        self.b = builder
        self.vocabulary = vocabulary
        self.lang = lang
        self._kind = "money"  # what the sums are of that are being written

    def amount(self, low: int, high: int) -> str:
        """An amount, or a range as `… + up to …`."""
        if low == high:
            return self._sum(self._terms(low))
        if self._is_unbounded(high):
            open_ = "未明确" if self.lang == "zh" else "unspecified"
            return open_ if self.b.value(low) == 0 else f"{self._sum(self._terms(low))} + {open_}"
        least, spread = self._terms(low), self._spread(self._terms(high), self._terms(low))
        up_to = f"{'给予不超过' if self.lang == 'zh' else 'up to'} {spread}"
        return up_to if not least else f"{self._sum(least)} + {up_to}"

    def _is_unbounded(self, number: int) -> bool:
        high = self.b.interval(number).high
        return high is not None and high > UNBOUNDED // 10**6

    def _terms(self, number: int) -> Terms:
        line = self.b.line(number)
        return _clean({number: Fraction(factor, line.over) for number, factor in (*line.terms, (-1, line.constant))})

    def _spread(self, high: Terms, low: Terms) -> str:
        """high - low; where high is the highest of several, what each of them is above low."""
        rest = _less(low, {})
        for number, factor in high.items():
            node = self.b.nodes[number] if number >= 0 else None
            if node is not None and node.kind == "Max" and factor == 1 and number not in low:
                rest = _less(low, {n: f for n, f in high.items() if n != number})
                parts = [self._sum(_less(self._terms(a), rest)) for a in node.args]
                return f"max({', '.join(parts)})"
        return self._sum(_less(high, low))

    def _sum(self, terms: Terms) -> str:
        if not terms:
            return in_words(0)
        ordered = sorted(terms.items(), key=lambda item: (item[1] < 0, item[0] < 0, item[0]))
        text = ""
        for number, factor in ordered:
            piece = self._term(number, abs(factor))
            if not text:
                text = f"-{piece}" if factor < 0 else piece
            else:
                text += f" {'-' if factor < 0 else '+'} {piece}"
        return text

    def _term(self, number: int, factor: Fraction) -> str:
        if number < 0:
            return figure(self._kind, factor)
        node = self.b.nodes[number]
        if node.kind in ("Min", "Max"):
            args = sorted(node.args, key=lambda a: self.b.value(a) is not None)  # bounds read best last
            return f"{node.kind.lower()}({', '.join(self._scaled_arg(a, factor) for a in args)})"
        text = self._atom(number)
        if factor == 1:
            return text
        thousandths = factor * 100_000  # a share is shown in percent where three decimals are enough
        if thousandths.denominator == 1:
            whole, part = divmod(thousandths.numerator, 1000)
            shown = f"{whole}.{part:03d}".rstrip("0").rstrip(".")
            return f"{shown}% {'的' if self.lang == 'zh' else 'of'} {text}"
        scaled = text if factor.numerator == 1 else f"{text} * {factor.numerator}"
        return scaled if factor.denominator == 1 else f"{scaled} / {factor.denominator}"

    def _scaled_arg(self, number: int, factor: Fraction) -> str:
        return self._sum({n: f * factor for n, f in self._terms(number).items()})

    def _atom(self, number: int) -> str:
        node = self.b.nodes[number]
        match node.kind:
            case "Fact":
                return self._name(node.data)
            case "Mul":
                return f"({' * '.join(map(self._factor, node.args))})"
            case "Div":
                return f"({' / '.join(map(self._factor, node.args))})"
            case "If":
                words = ("如果 {} 则 {} 否则 {}" if self.lang == "zh" else "if {} then {} else {}").format
                yes, no = (self._sum(self._terms(a)) for a in node.args[1:])
                return f"({words(self.condition(node.args[0]), yes, no)})"
        return self.condition(number)

    def _factor(self, number: int) -> str:
        terms = self._terms(number)
        return f"({self._sum(terms)})" if len(terms) > 1 else self._sum(terms)

    def condition(self, number: int, held: bool = True) -> str:
        """A condition over facts that are still open; `held` False: its opposite."""
        node = self.b.nodes[number]
        zh = self.lang == "zh"
        match node.kind:
            case "Not":
                return self.condition(node.args[0], not held)
            case "Less":
                words = ("低于" if held else "不低于") if zh else ("below" if held else "at least")
                return self._compared(words, node.args)
            case "Equal":
                return self._compared(("为" if held else "不为") if zh else ("is" if held else "is not"), node.args)
            case "And" | "Or":
                joint = (" 且 " if zh else " and ") if (node.kind == "And") == held else (" 或 " if zh else " or ")
                return f"({joint.join(self.condition(a, held) for a in node.args)})"
            case "Fact":
                name = self._name(node.data)
                return name if held else f"{'非' if zh else 'not'} {name}"
            case "Member":
                return self._values(node.args[0], list(node.data), held)
        return str(node.data)

    def _compared(self, word: str, args: Sequence[int]) -> str:
        left, right = sorted(args, key=lambda a: self.b.value(a) is not None) if word in ("为", "is") else args
        if self.b.value(left) is not None and self.b.value(right) is None:  # read from the fact's side
            turned = {"below": "above", "at least": "at most", "低于": "高于", "不低于": "不高于"}
            left, right, word = right, left, turned.get(word, word)
        self._kind = self._compared_kind(args)
        text = f"{self._sum(self._terms(left))} {word} {self._sum(self._terms(right))}"
        self._kind = "money"
        return text

    def _compared_kind(self, numbers: Sequence[int]) -> str:
        """What is compared: the kind of the facts in it, and money where they are of more than one."""
        facts = {self.b.nodes[i].data for number in numbers for i in self._terms(number) if i >= 0}
        known = {info.kind for fact in facts if isinstance(fact, str) and (info := self.vocabulary.facts.get(fact))}
        return known.pop() if len(known) == 1 else "money"

    def _values(self, fact: int, numbers: Sequence[int], held: bool) -> str:
        name = self.b.nodes[fact].data
        info = self.vocabulary.facts[name]
        among = list(self.vocabulary.places) if info.kind == "place" else list(info.values)
        words = ("属于", "in") if held else ("不属于", "not in")
        return f"{self._name(name)} {words[self.lang != 'zh']} {', '.join(among[n] for n in numbers)}"

    def _name(self, fact: str) -> str:
        known = self.vocabulary.facts.get(fact)
        name = known.label.zh if known and self.lang == "zh" else fact
        if known and known.kind == "list":
            return f"({name} 的 个数)" if self.lang == "zh" else f"(count of {name})"
        return name


def _less(a: Terms, b: Terms) -> Terms:
    return _clean({n: a.get(n, Fraction(0)) - b.get(n, Fraction(0)) for n in {**a, **b}})


def _clean(terms: Terms) -> Terms:
    return {n: f for n, f in terms.items() if f}
