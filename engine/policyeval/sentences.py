"""The sentences of an explanation, in Chinese and English.

In: a code and its words. Out: text. Promise: the codes are stable, and each has both languages; amounts are written as
people write them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from policyeval.money import in_words
from policyeval.naming import naming
from policyeval.pack import Pack
from policyeval.problems import Lang
from policyeval.record import Record, field
from policyeval.tree import Node
from policyeval.vocabulary import Label, Vocabulary
from policyeval.write import write

SENTENCES: dict[str, Label] = {
    # why an award applies or not
    "condition_holds": Label("符合条件：{text}", "meets the condition `{text}`"),
    "condition_fails": Label("不符合条件：{text}（实际：{facts}）", "does not meet `{text}` (here: {facts})"),
    "fact_missing": Label("缺少事实：{facts}", "cannot be decided without: {facts}"),
    "tied_to_missing": Label("受未能确定的奖补项目牵连", "depends on an award that cannot be decided"),
    # how the amount comes about
    "given": Label("{text} = {amount}", "{text} = {amount}"),
    "step": Label("{text} → {amount}", "{text} → {amount}"),
    "branch_taken": Label("因 {text} 成立", "since `{text}` holds"),
    "branch_not_taken": Label("因 {text} 不成立", "since `{text}` does not hold"),
    "way_taken": Label("取 {text}", "taking `{text}`"),
    "cap_binds": Label("上限起作用：{text} → {amount}", "the cap binds: {text} → {amount}"),
    "cap_not_reached": Label("未达上限：{text} → {amount}", "the cap is not reached: {text} → {amount}"),
    "floor_binds": Label("按下限计：{text} → {amount}", "the floor applies: {text} → {amount}"),
    "discretion": Label("由主管部门在{amount}范围内酌定：{text}", "the authority decides within {amount}: {text}"),
    "no_figure": Label("文件承诺支持而未定数额", "the document promises support and sets no figure"),
    "paid_by": Label("由{payer}承担{amount}", "{payer} pays {amount}"),
    "payer_open": Label("文件未写明由谁承担", "the document does not say who pays"),
    # what statements did
    "take_higher": Label("就高：{text}（{change}）", "the higher stands: {text} ({change})"),
    "replaces": Label("被替代：{text}（{change}）", "replaced: {text} ({change})"),
    "net_of": Label("抵扣：{text}（{change}）", "set off: {text} ({change})"),
    "limited_to": Label("限额：{text}（{change}）", "limited: {text} ({change})"),
    "together": Label("合计封顶：{text}（{change}）", "capped together: {text} ({change})"),
    "together_in_order": Label("按次序合计封顶：{text}（{change}）", "capped together in order: {text} ({change})"),
    # findings
    "no_pack": Label("{as_of}在该地没有施行的政策", "no policy is in force there on {as_of}"),
    "tie": Label(
        "就高时金额相同而承担者不同，按先列者执行；文件对此未作规定",
        "equal amounts with different payers under `higher of`: the first named stands; "
        "the text does not settle who pays",
    ),
    "undeclared_overlap": Label(
        "同类奖补由同一承担者重复支付而没有条款说明关系，已相加",
        "two awards of one family are paid by the same payer and no statement relates them: added up",
    ),
    "asleep_no_pack": Label("{pack}未载入，本条不起作用：{text}", "{pack} is not loaded, so this sleeps: {text}"),
    "asleep_not_applicable": Label(
        "所参照的奖补不适用，本条不起作用：{text}", "what it refers to does not apply, so this sleeps: {text}"
    ),
}


class Sentence(Record):
    """One sentence as data: `ids` are what it speaks of, `words` fill its template (a Label gives its own language)."""

    code: str
    ids: tuple[str, ...] = ()
    words: Mapping[str, Any] = field(default_factory=dict)

    def text(self, lang: str) -> str:
        return SENTENCES[self.code][lang].format(**{k: _word(v, lang) for k, v in self.words.items()})


class Expression(Record):
    """An expression of the pack `home`, which speaks of `packs`, in either language, as its drafter would write it."""

    tree: Node
    vocabulary: Vocabulary
    home: str
    packs: Mapping[str, Pack]

    def __getitem__(self, lang: str) -> str:
        surface: Lang = "zh" if lang == "zh" else "en"
        return write(self.tree, surface, naming(self.vocabulary, self.home, surface, self.packs))


def readable(fen: int) -> str:
    """Fen as people write them, with the thousands of long figures apart: 1,234,567.89元, 1000万元."""
    text = in_words(fen)
    whole = text.lstrip("-")[: len(text.lstrip("-").rstrip("万元").partition(".")[0])]
    return text.replace(whole, f"{int(whole):,}", 1) if len(whole) > 4 else text


def amount_words(low: int | None, high: int | None, lang: str) -> str:
    """An amount or a range as people write it."""
    if low is None:
        return "未知" if lang == "zh" else "unknown"
    if low == high:
        return readable(low)
    if high is None:
        return f"{readable(low)}以上，上不封顶" if lang == "zh" else f"{readable(low)} or more, no most known"
    least = "0" if low == 0 else readable(low)
    return f"{least}至{readable(high)}" if lang == "zh" else f"{least} to {readable(high)}"


def _word(value: Any, lang: str) -> str:
    if isinstance(value, Label | Expression):
        return value[lang]
    if isinstance(value, tuple):
        return amount_words(value[0], value[1], lang)
    if isinstance(value, list):
        return ("、" if lang == "zh" else ", ").join(_word(v, lang) for v in value)
    return str(value)
