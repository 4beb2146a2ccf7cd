"""Messages about expressions, names, facts and money, by code.

In: nothing. Out: READING, a part of `messages.MESSAGES`.
"""

from __future__ import annotations

from policyeval.message import Message
from policyeval.message import message as _m

READING: dict[str, Message] = {
    "M101": _m(
        "`{fact}` is not an amount of money: `{value}`",
        "`{fact}`不是金额：`{value}`",
        "write it as `1200万元`, `12000000` or `12,000,000.00` (a bare number is yuan); none is 0, and leave out what "
        "is not known",
        "写成`1200万元`、`12000000`或`12,000,000.00`（不带单位按元计）；没有就写0，不知道就留空",
    ),
    "N101": _m(
        "`{name}` is not known: {wanted} must stand here", "不认识`{name}`：这里应写{wanted}", "{near}", "{near}"
    ),
    "N102": _m("`{name}` is not a value of `{of}`", "`{name}`不是`{of}`的取值", "{near}", "{near}"),
    "N103": _m("this pack has no award or family `{name}`", "本文件没有奖补或类别`{name}`", "{near}", "{near}"),
    "N104": _m("`{name}` is not a known payer", "`{name}`不是已知的出资方", "{near}", "{near}"),
    "N105": _m("`{name}` is not a known place", "`{name}`不是已知的地方", "{near}", "{near}"),
    "N106": _m(
        "`{name}` is a reading, and `as if` changes facts of the platform alone",
        "`{name}`是解读，“视同”只能改变平台的事实",
        "set a fact, `as if FACT is VALUE`; a reading is chosen by the reader",
        "改为设定事实，`视同 事实 为 取值`；解读由读者选择",
    ),
    "N107": _m(
        "pack `{pack}` is named here, and `uses` does not declare it",
        "这里引用了`{pack}`，但`uses`没有声明它",
        "declare it, `uses: {{{pack}: ^1}}`; {near}",
        "请声明它：`uses: {{{pack}: ^1}}`；{near}",
    ),
    "N108": _m(
        "`{range}` is not a range of versions (of `{pack}`)",
        "`{range}`不是版本范围（`{pack}`）",
        "write `^1` (no outcome changes), `^1.2`, `~1.2` or one version, `1.0.0`",
        "写成`^1`（结果不变）、`^1.2`、`~1.2`或一个版本`1.0.0`",
    ),
    "N109": _m(
        "no known version of `{pack}` meets `{range}`; known: {known}",
        "`{pack}`没有满足`{range}`的版本；已知：{known}",
        "read the newer version and write `^{version}`, or add the file of the version meant",
        "核对新版本后写成`^{version}`，或补上所指版本的文件",
    ),
    "N110": _m(
        "the default of reading `{name}` is `{default}`, and its first option is `{first}`",
        "解读`{name}`的默认是`{default}`，而第一个选项是`{first}`",
        "put the default first: readers take the first option for the default",
        "把默认选项放在最前面：读者会把第一项当作默认",
    ),
    "N111": _m(
        "reading `{name}` has the name of a fact",
        "解读`{name}`与一个事实同名",
        "rename the reading: a bare name in an expression would mean the fact",
        "给解读换个名字：表达式中的这个名字指的是事实",
    ),
    "N112": _m(
        "`{name}` names a family and an award of this pack",
        "`{name}`既是奖补类别又是本文件的奖补",
        "rename one of them: a statement could mean either",
        "给其中一个换个名字：优先规则分不清指哪一个",
    ),
    "N113": _m(
        "`uses` declares `{pack}`, which is not among the known packs",
        "`uses`声明的`{pack}`不在已知文件之中",
        "{near} statements about it sleep until it is there",
        "{near}补上之前，涉及它的规则不起作用",
        severity="warning",
    ),
    "N116": _m(
        "`{name}` is under the budget `{first}` already",
        "`{name}`已列入预算`{first}`",
        "keep it under one budget",
        "请只列入一项预算",
    ),
    "N117": _m(
        "slot `{name}` has the name of {other}",
        "待定项`{name}`与{other}同名",
        "rename the slot: its name in an amount would mean the other one",
        "给待定项换个名字：数额中的这个名字指的是另一个",
    ),
    "N120": _m(
        "`{text} …` speaks of all that a platform receives, and only a claim under `guarantees` can",
        "`{text} …`说的是平台得到的全部支持，只能写在`guarantees`的主张里",
        "name the award that is meant",
        "请写出所指的奖补",
    ),
    "N121": _m(
        "no policy `{name}` is known here",
        "这里没有政策`{name}`",
        "{near}",
        "{near}",
    ),
    "N114": _m("`{name}` is not {wanted} of pack `{pack}`", "`{pack}`没有{wanted}`{name}`", "{near}", "{near}"),
    "N115": _m(
        "`{name}` is {found}, and {wanted} must stand here",
        "`{name}`是{found}，这里应写{wanted}",
        "write a name of the right kind; `policyeval facts` lists facts, values and payers",
        "换成合适的名字；`policyeval facts`列出事实、取值和出资方",
    ),
    "N122": _m("`{name}` is not a list", "`{name}`不是列表", "{near}", "{near}"),
    "N123": _m("the items of `{of}` have no `{name}`", "`{of}`的各项没有`{name}`", "{near}", "{near}"),
    "N124": _m(
        "pack `{pack}` names itself under `uses`",
        "`{pack}`在`uses`里写了自己",
        "take it out: a pack always knows its own awards",
        "请去掉：规则包总是知道自己的奖补",
    ),
    "N125": _m(
        "`{found}` is a figure in Chinese numerals",
        "`{found}`是中文数字",
        "write it in digits: `{digits}`",
        "请写成阿拉伯数字：`{digits}`",
    ),
    "N126": _m(
        "`{name}` is a label, and a name must stand here",
        "`{name}`是称呼，这里要写名称",
        "write `{id}`",
        "请写`{id}`",
    ),
    "N127": _m(
        "`{name}` is a word of the language, and no award can be called so",
        "`{name}`是关键词，不能作奖补的名称",
        "rename the award",
        "请给这项奖补换个名字",
    ),
    "M102": _m(
        "`{fact}`: `{value}` has a unit that is not money",
        "`{fact}`：`{value}`的单位不是金额单位",
        "use 元, 万元 or 亿元 (a bare number is yuan)",
        "请用元、万元或亿元（不带单位按元计）",
    ),
    "M103": _m(
        "`{fact}` cannot be negative: `{value}`", "`{fact}`不能是负数：`{value}`", "give at least 0", "请填0或以上"
    ),
    "M104": _m(
        "`{fact}`: `{value}` is more than 10万亿元, the most that is read",
        "`{fact}`：`{value}`超过可读的上限10万亿元",
        "check the digits and the unit",
        "请核对位数和单位",
    ),
    "M105": _m(
        "`{fact}`: `{value}` is not a whole number of fen",
        "`{fact}`：`{value}`不是整数分",
        "give at most two decimals of a yuan",
        "以元计最多两位小数",
    ),
    "M106": _m(
        "`{fact}`: `{value}` is not a day of the calendar",
        "`{fact}`：日历上没有`{value}`这一天",
        "write it as `2023-06-30`",
        "请写成`2023-06-30`",
    ),
    "M107": _m(
        "`{fact}`: `{value}` is neither true nor false",
        "`{fact}`：`{value}`既不是“是”也不是“否”",
        "write `true` or `false` (`是` or `否`)",
        "请写`是`或`否`（`true`或`false`）",
    ),
    "M108": _m(
        "`{fact}`: `{value}` is not a number",
        "`{fact}`：`{value}`不是数",
        "write it as `0.1` or `10%`, with at most six decimals",
        "请写成`0.1`或`10%`，最多六位小数",
    ),
    "M109": _m(
        "`{fact}`: `{value}` is not a whole number from 0 up",
        "`{fact}`：`{value}`不是非负整数",
        "write it as `12`",
        "请写成`12`",
    ),
    "N301": _m(
        "there is no fact `{fact}`",
        "没有`{fact}`这个事实",
        "{near} `policyeval facts` lists them",
        "{near}`policyeval facts`列出全部",
    ),
    "N302": _m(
        "`{fact}` cannot be `{value}`", "`{fact}`不能是`{value}`", "{near} values: {values}", "{near}可用：{values}"
    ),
    "N303": _m(
        "`{fact}`: there is no place `{value}`",
        "`{fact}`：没有`{value}`这个地方",
        "{near} `policyeval facts` lists the places",
        "{near}`policyeval facts`列出全部地方",
    ),
    "N304": _m(
        "`{fact}` is given twice, as `{first}` and as `{second}`",
        "`{fact}`给了两次：`{first}`和`{second}`",
        "keep one of them",
        "请只留一处",
    ),
    "N305": _m(
        "`{value}` has no `{fact}`: a platform lies in a {tiers}",
        "`{value}`没有`{fact}`：平台要在{tiers}里",
        "give a place at or below one of these: {places}",
        "请给出以下地方或其下的地方：{places}",
    ),
    "N306": _m(
        "`{fact}` is `{right}` in `{place}`, not `{value}`",
        "`{place}`的`{fact}`是`{right}`，不是`{value}`",
        "leave it out: it follows from the place",
        "不必填写，可由地方得出",
    ),
    "N307": _m(
        "`{value}` sets nothing", "`{value}`没有设定任何事实", "write `--set FACT=VALUE`", "请写`--set 事实=值`"
    ),
    "N308": _m(
        "a case is `platform: {{FACT: VALUE, …}}`, or a list of these",
        "案例写成`platform: {{事实: 值, …}}`，或其列表",
        "for example `platform: {{location: ganyu, level: national}}`; tables go to `policyeval batch`",
        "例如`platform: {{所在地: 赣榆区, 级别: 国家级}}`；表格请用`policyeval batch`",
    ),
    "N309": _m(
        "there is no key `{key}` in a case",
        "案例里没有`{key}`这个键",
        "{near} facts stand below `platform`",
        "{near}事实写在`platform`下面",
    ),
    "N311": _m(
        "`{fact}` is the day of the question, not a fact of the platform",
        "`{fact}`是查询日，不由平台填写",
        "take it out, and choose the day with `--as-of`",
        "请去掉，并用`--as-of`指定日期",
    ),
    "N312": _m(
        "this is a pack, not a case",
        "这是规则包，不是案例",
        "a case says `platform: {{FACT: VALUE, …}}`; a pack applies with `--with FILE`, and `policyeval test FILE` "
        "runs its examples",
        "案例写成`platform: {{事实: 值, …}}`；规则包用`--with 文件`加上，其中的案例用`policyeval test 文件`运行",
    ),
    "N313": _m(
        "this is a vocabulary, not a case",
        "这是词汇表，不是案例",
        "a case says `platform: {{FACT: VALUE, …}}`; `--policies DIR` names the folder of a vocabulary",
        "案例写成`platform: {{事实: 值, …}}`；词汇表所在的文件夹用`--policies 文件夹`指定",
    ),
    "N310": _m("`{fact}` takes one value", "`{fact}`只有一个值", "write one text or number", "请写一个文字或数"),
    "N321": _m(
        "`{fact}` is a list of items",
        "`{fact}`是若干项的列表",
        "write it as `[{{{example}}}, …]`, and `[]` where there is none",
        "请写成`[{{{example}}}, …]`，一项也没有就写`[]`",
    ),
    "N322": _m(
        "`{fact}` has {count} items; at most {most} are read",
        "`{fact}`有{count}项，最多{most}项",
        "leave out those that do not count, or raise `most` in the vocabulary (50 at most)",
        "请去掉不计的各项，或在词汇表中提高`most`（最大50）",
    ),
    "N323": _m(
        "the items of `{fact}` have no `{field}`",
        "`{fact}`的各项没有`{field}`",
        "{near} `policyeval facts` lists what each item has",
        "{near}`policyeval facts`列出每项有什么",
    ),
    "N401": _m(
        "there is no reading `{reading}`",
        "没有解读`{reading}`",
        "{near} `policyeval packs` lists the readings of each pack",
        "{near}`policyeval packs`列出各规则包的解读",
    ),
    "N402": _m(
        "several packs have a reading `{reading}`",
        "有多个规则包都有解读`{reading}`",
        "say which: {known}",
        "请写明是哪一个：{known}",
    ),
    "N403": _m(
        "the reading `{reading}` has no option `{option}`",
        "解读`{reading}`没有选项`{option}`",
        "{near} its options are {known}",
        "{near}可选：{known}",
    ),
    "P101": _m("expected {wanted}, found `{found}`", "此处应为{wanted}，却是`{found}`", "{near}", "{near}"),
    "P102": _m(
        "the text stops after `{found}`; expected {wanted}",
        "内容在`{found}`之后中断，此处应为{wanted}",
        "{near}",
        "{near}",
    ),
    "P103": _m(
        "nothing is written here",
        "这里没有内容",
        "write an amount such as `1000万元`, a condition such as `level is national`, or leave the key out",
        "写数额如`1000万元`、条件如`级别 为 国家级`，或者去掉这一项",
    ),
    "P104": _m(
        "`{found}` stands between spaces, or it is part of a name",
        "`{found}`作为运算符两边要有空格，否则算作名称的一部分",
        "write `a {found} b`",
        "写成`a {found} b`",
    ),
    "P105": _m(
        "`{found}` is not a unit",
        "`{found}`不是单位",
        "units are `元`, `万元`, `亿元`, `yuan` and `%`. {near}",
        "单位有`元`、`万元`、`亿元`、`yuan`和`%`。{near}",
    ),
    "P106": _m(
        "there is no day `{found}`",
        "没有`{found}`这一天",
        "write year-month-day, as in `2023-06-30`",
        "写成年-月-日，例如`2023-06-30`",
    ),
    "P107": _m(
        "this `(` is never closed",
        "这个`(`没有配对的`)`",
        "add `)` where the piece ends",
        "在该部分结尾补上`)`",
    ),
    "P108": _m(
        "this `)` closes nothing",
        "这个`)`没有配对的`(`",
        "take it out, or add `(` before it",
        "去掉它，或在前面补上`(`",
    ),
    "P109": _m("`{found}` means nothing here", "`{found}`在这里没有意义", "{hint}", "{hint}"),
    "P110": _m(
        "`{found}` ({shown}) is not the `{twin}` it looks like",
        "`{found}`（{shown}）只是看起来像`{twin}`",
        "type `{typed}`",
        "请输入`{typed}`",
    ),
    "P111": _m("an invisible character, {shown}, stands here", "这里有看不见的字符{shown}", "delete it", "请删除"),
    "P112": _m(
        "`{found}` joins a word of the language to its neighbour",
        "`{found}`把关键词和相邻的词连在了一起",
        "put spaces: `{apart}`",
        "用空格隔开：`{apart}`",
    ),
    "P113": _m(
        "`{found}` is {kind}, and {wanted} must stand here",
        "`{found}`是{kind}，这里要写{wanted}",
        "choose between amounts with `if … then … else …`, and compare amounts with `above`, `at most` and the like",
        "按条件选择数额用`如果 … 则 … 否则 …`，比较数额用`高于`、`不高于`等",
    ),
}
