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
    # tables of actual figures
    "Q201": _m("`{path}` cannot be read as a table: {reason}", "无法把`{path}`作为表格读取：{reason}"),
    "Q202": _m(
        "`{path}` lacks the columns {columns}",
        "`{path}`缺少这些列：{columns}",
        "one row names the columns: metric, place, period, value, and unit where there is one",
        "要有一行写明各列的名称：指标、地方、时期、数值，有单位时再加单位",
    ),
    "Q203": _m("`{path}` is read as {encoding}", "`{path}`按{encoding}读取", severity="note"),
    "Q204": _m("`{path}` is read as divided by `{delimiter}`", "`{path}`按`{delimiter}`分列", severity="note"),
    "Q205": _m("{at}: `{value}` is not a known metric", "{at}：`{value}`不是已知的指标", "{near}", "{near}", "warning"),
    "Q206": _m("{at}: `{value}` is not a known place", "{at}：`{value}`不是已知的地方", "{near}", "{near}", "warning"),
    "Q207": _m(
        "{at}: `{value}` is not a period",
        "{at}：`{value}`不是时期",
        "write `2023`, `2023H1`, `2023Q1`, `2023-05`, `2023年1-6月` or `2023-12-31`",
        "写成`2023年`、`2023年上半年`、`2023年一季度`、`2023年5月`、`2023年1-6月`或`2023-12-31`",
        "warning",
    ),
    "Q208": _m(
        "{at}: `{value}` is not a figure that `{metric}` can have",
        "{at}：`{value}`不是`{metric}`可以有的数值",
        severity="warning",
    ),
    "Q209": _m(
        "{at}: `{value}` has a unit in which `{metric}` is not measured",
        "{at}：`{value}`的单位与指标`{metric}`不符",
        severity="warning",
    ),
    "Q210": _m(
        "{at}: `{value}` is not a whole number, and `{metric}` is a count",
        "{at}：`{value}`不是整数，而`{metric}`是计数",
        severity="warning",
    ),
    "Q211": _m(
        "{at}: `{value}` is one of several values for the same metric, place and period (line {lines})",
        "{at}：同一指标、地方、时期有几个数值，`{value}`是其中之一（另见第{lines}行）",
        severity="warning",
    ),
    "Q212": _m(
        "{at}: `{value}` may be a part of one or a part of a hundred",
        "{at}：`{value}`是小数还是百分数，无法确定",
        "write `{value}%`, give the unit `%`, or write the percentage that is meant",
        "请写成`{value}%`，或者注明单位`%`，或者写出百分数",
        "warning",
    ),
    "Q213": _m(
        "{at}: `{value}` is an amount of money without a unit",
        "{at}：金额`{value}`没有单位",
        "write 元, 万元 or 亿元 with it, in a column for the unit, or in the name of the column",
        "请在数值后、单位列或者列名里写明元、万元或亿元",
        "warning",
    ),
    "Q214": _m(
        "{at}: `{value}` is written once for several rows",
        "{at}：`{value}`在几行上合并成一格",
        "whether each row has this figure or all of them together have it cannot be seen; write it in each",
        "看不出是各行都是这个数，还是几行合计；请逐行写出",
        "warning",
    ),
    "Q215": _m("{at}: the row has no {column}", "{at}：这一行没有{column}", severity="warning"),
    "Q216": _m(
        "of `{path}` the sheet `{sheet}` is read, and not {others}",
        "`{path}`只读取工作表`{sheet}`，没有读取{others}",
        severity="note",
    ),
    "Q217": _m(
        "{left} of {rows} rows were left out, {read} were read",
        "共{rows}行，读取{read}行，略去{left}行",
        severity="warning",
    ),
    "Q218": _m(
        "to read `{path}`, openpyxl is needed",
        "读取`{path}`需要openpyxl",
        "run `pip install 'policyeval[excel]'`, or save the table as CSV",
        "请运行`pip install 'policyeval[excel]'`，或者把表格另存为CSV",
    ),
    "Q219": _m(
        "`{path}` has more than {limit} rows, or more than 200 columns",
        "`{path}`超过{limit}行，或者超过200列",
        "split it",
        "请拆分",
    ),
    "Q221": _m(
        "of `{path}` the columns {columns} are not read", "`{path}`的这些列没有读取：{columns}", severity="note"
    ),
}
