"""Messages about targets, duties, procedures and the tables that they are held against, by code.

In: nothing. Out: PROVISIONS, a part of `messages.MESSAGES`.
"""

from __future__ import annotations

from policyeval.message import Message
from policyeval.message import message as _m

PROVISIONS: dict[str, Message] = {
    "N131": _m("`{name}` is not a known metric", "`{name}`不是已知的指标", "{near}", "{near}"),
    "N132": _m("`{name}` is not a known body", "`{name}`不是已知的部门或机构", "{near}", "{near}"),
    "N133": _m("this pack has no period `{name}`", "本文件的`periods`没有`{name}`", "{near}", "{near}"),
    "N134": _m(
        "`{name}` is neither a comparator nor a reading whose options are comparators",
        "`{name}`不是比较方式，也不是以比较方式为选项的解读",
        "{near}",
        "{near}",
    ),
    "N135": _m(
        "this pack has no award, family, entitlement or target `{name}`",
        "本文件没有奖补、类别、其他支持或目标`{name}`",
        "{near}",
        "{near}",
    ),
    "N136": _m("this pack has no target `{name}`", "本文件没有目标`{name}`", "{near}", "{near}"),
    "N137": _m("`{name}` is not a word of the vocabulary", "词汇表里没有`{name}`", "{near}", "{near}"),
    "Q101": _m(
        "`{name}` is not a figure that `{metric}` can have",
        "`{name}`不是`{metric}`可以有的数值",
        "write it as `80`, `200亿元`, `2.5万` or `60%`; a milestone is `yes` or `no`",
        "写成`80`、`200亿元`、`2.5万`或`60%`；里程碑写“是”或“否”",
    ),
    "Q102": _m(
        "`{name}` has a unit in which `{metric}` is not measured",
        "`{name}`的单位与指标`{metric}`不符",
        "`policyeval facts` lists metrics with their units",
        "`policyeval facts`列出各项指标和单位",
    ),
    "Q103": _m(
        "`{name}` is not a whole number, and `{metric}` is a count",
        "`{name}`不是整数，而`{metric}`是计数",
        "write a whole number, or declare the metric as `number`",
        "请写整数，或者把指标的类型改为`number`",
    ),
    "Q106": _m(
        "this line is not a row of a ledger",
        "这一行不是台账的一行",
        'write `{{"source": "PACK", "section": "七", "kind": "cap", "value": 1000, "unit": "万元"}}`',
        '写成`{{"source": "规则包", "section": "七", "kind": "cap", "value": 1000, "unit": "万元"}}`',
    ),
    "Q107": _m(
        "`{path}` holds no row of a ledger",
        "`{path}`里没有台账的行",
        "a ledger has one JSON object a line",
        "台账每行是一个JSON对象",
    ),
    "Q108": _m(
        "the ledger has no row about `{pack}`",
        "台账里没有关于`{pack}`的行",
        "known there: {known}",
        "台账里有：{known}",
    ),
    "Q104": _m(
        "target `{name}` has no value, and `{comparator}` needs one",
        "目标`{name}`没有数值，而`{comparator}`需要数值",
        "add `value`, or write `comparator: none` where the document prints no figure",
        "请加上`value`；文件没有写数字的，写`comparator: none`",
    ),
    "Q105": _m(
        "an expression over metrics cannot hold `{name}`",
        "指标的表达式里不能用`{name}`",
        "metrics and numbers can be added, subtracted, multiplied and divided",
        "指标和数字只能加减乘除",
    ),
}
