"""Every message of a problem, in English and Chinese, by its stable code.

A message starts in lower case, shows the user's own words in backticks, and is followed by the mend. Letters: F files
and YAML, S schema, P parsing, N names, U types and units, M money and facts, R precedence, L library and loading of
packs, X limits, C the command line, T examples, D the drafter's
desk. A code never changes its meaning.
"""

from __future__ import annotations

from policyeval.message import Message
from policyeval.message import message as _m
from policyeval.messages_lint import LINTS

MESSAGES: dict[str, Message] = {
    **LINTS,
    # money and facts
    "M101": _m(
        "`{fact}` is not an amount of money: `{value}`",
        "`{fact}`不是金额：`{value}`",
        "write it as `1200万元`, `12000000` or `12,000,000.00` (a bare number is yuan)",
        "写成`1200万元`、`12000000`或`12,000,000.00`（不带单位按元计）",
    ),
    # names
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
    "N114": _m("`{name}` is not {wanted} of pack `{pack}`", "`{pack}`没有{wanted}`{name}`", "{near}", "{near}"),
    "N115": _m(
        "`{name}` is {found}, and {wanted} must stand here",
        "`{name}`是{found}，这里应写{wanted}",
        "write a name of the right kind; `policyeval facts` lists facts, values and payers",
        "换成合适的名字；`policyeval facts`列出事实、取值和出资方",
    ),
    # files and YAML
    "F101": _m("there is no file `{path}`", "没有文件`{path}`", "check the path", "请核对路径"),
    "F102": _m(
        "`{path}` is a folder, not a file", "`{path}`是文件夹，不是文件", "name a file in it", "请写出其中的文件"
    ),
    "F103": _m("`{path}` cannot be read: {reason}", "无法读取`{path}`：{reason}"),
    "F104": _m(
        "`{path}` is not a text in UTF-8: it holds zero bytes",
        "`{path}`不是UTF-8文本：其中有零字节",
        "a text in UTF-16 can be saved as UTF-8; a Word or Excel file cannot be read here",
        "UTF-16文本请另存为UTF-8；Word、Excel文件不能在此读取",
    ),
    "F105": _m(
        "`{path}` is in GBK (GB18030), not in UTF-8",
        "`{path}`的编码是GBK（GB18030），不是UTF-8",
        "save it as UTF-8",
        "请另存为UTF-8",
    ),
    "F106": _m(
        "`{path}` is not a text in UTF-8: byte {byte} fits no character",
        "`{path}`不是UTF-8文本：第{byte}个字节不成字符",
        "save it as UTF-8",
        "请另存为UTF-8",
    ),
    "F107": _m("`{path}` is empty", "`{path}`是空的", "a pack begins with `pack: ID`", "规则包以`pack: ID`开头"),
    "F108": _m("a control character ({char}) stands here", "这里有控制字符（{char}）", "delete it", "请删去"),
    "F109": _m(
        "a tab stands where YAML needs spaces",
        "这里用了制表符，YAML要用空格",
        "indent with two spaces",
        "请用两个空格缩进",
    ),
    "F110": _m("this is not YAML", "这里不合YAML写法", "compare it with a pack that loads", "请对照能读入的规则包"),
    "F111": _m(
        "this line does not line up with the lines above it",
        "这一行与上面的行没有对齐",
        "give it the indentation of the keys (or the `-`) it belongs with",
        "请与同级的键（或`-`）对齐",
    ),
    "F112": _m(
        "a `:` cannot stand here",
        "这里不能有`:`",
        "put a text that holds `: ` in quotes; or check how far this line is indented",
        "含有`: `的文字请加引号；或检查本行缩进",
    ),
    "F113": _m("this quote is never closed", "引号没有结束", "close it with the same quote", "请用同样的引号结束"),
    "F114": _m(
        "this bracket is never closed",
        "括号没有结束",
        "close it, or check the commas in it",
        "请补上括号，或检查其中的逗号",
    ),
    "F115": _m("a key without `:`", "键后面没有`:`", "write `key: value`", "请写成`键: 值`"),
    "F116": _m(
        "`*{name}` repeats something that is not there", "`*{name}`所引用的内容不存在", "write it out", "请直接写出"
    ),
    "F117": _m(
        "a second document begins here", "这里开始了第二个文档", "one file holds one pack", "一个文件只放一个规则包"
    ),
    "F118": _m("`{tag}`: types of YAML are not used here", "`{tag}`：这里不用YAML的类型标记", "delete it", "请删去"),
    "F119": _m(
        "a value cannot begin with `{char}`",
        "值不能以`{char}`开头",
        "put the whole value in quotes",
        "请给整个值加引号",
    ),
    "F120": _m(
        "a backslash in double quotes begins a code that does not exist",
        "双引号里的反斜杠后面不是可用的转义",
        "use single quotes",
        "请改用单引号",
    ),
    "F121": _m("key `{key}` is written twice", "键`{key}`写了两次", "keep one of them", "请只留一处"),
    "F122": _m("first written here", "先写在这里", severity="note"),
    "F123": _m("a key must be a word", "键必须是一个词", "write `key: value`", "请写成`键: 值`"),
    # what a file may cost
    "X201": _m("`{path}` is {size}; at most {limit} are read", "`{path}`有{size}，最多读{limit}", "split it", "请拆分"),
    "X202": _m(
        "aliases (`*name`) repeat more than {limit} values",
        "别名（`*name`）重复了超过{limit}个值",
        "write out what is meant",
        "请直接写出内容",
    ),
    "X203": _m(
        "nested deeper than {limit} levels",
        "嵌套超过{limit}层",
        "nothing in a pack needs more",
        "规则包用不着更深的层次",
    ),
    "X204": _m("more than {limit} values in one file", "一个文件里超过{limit}个值", "split it", "请拆分"),
    # shape of packs and vocabularies
    "S101": _m("there is no key `{key}` here", "这里没有`{key}`这个键", "{near}", "{near}"),
    "S102": _m("`{key}` is missing", "缺少`{key}`", "add `{key}: …`", "请补上`{key}: …`"),
    "S103": _m("`{key}` must be {shape}", "`{key}`应是{shape}", "", ""),
    "S104": _m("`{value}` is not {what}", "`{value}`不是{what}", "for example `{example}`", "例如`{example}`"),
    "S105": _m("`{key}` cannot be `{value}`", "`{key}`不能是`{value}`", "{near}", "{near}"),
    "S106": _m(
        "`{key}` has {length} characters; at most {limit} may stand here",
        "`{key}`有{length}个字，最多{limit}个",
        "keep the few characters by which the clause is found",
        "只留能找到条款的几个字",
    ),
    "S107": _m("`{key}` is empty", "`{key}`是空的", "give it {shape}", "请填{shape}"),
    "S108": _m("`{key}` needs at least {limit}", "`{key}`至少要有{limit}项", "add what is missing", "请补充"),
    "S109": _m(
        "`{value}` is not a day of the calendar",
        "日历上没有`{value}`这一天",
        "check the month and the day",
        "请核对月和日",
    ),
    "S111": _m(
        "an enacted pack must say from when it is in force",
        "已生效的规则包要写明生效日期",
        "write `effective: {{from: 2021-04-12, to: null}}`, or `status: draft`",
        "请写`effective: {{from: 2021-04-12, to: null}}`，或`status: draft`",
    ),
    "S112": _m(
        "`to` ({value}) lies before `from` ({first})",
        "`to`（{value}）早于`from`（{first}）",
        "swap or correct them",
        "请更正",
    ),
    "S113": _m(
        "`{path}` is neither a pack nor a vocabulary",
        "`{path}`既不是规则包也不是词汇表",
        "a pack has the key `pack`, a vocabulary the key `vocabulary`",
        "规则包要有`pack`键，词汇表要有`vocabulary`键",
    ),
    # vocabularies
    "S121": _m("`{key}` is defined twice", "`{key}`定义了两次", "keep one of them", "请只留一处"),
    "S122": _m(
        "`{value}` names both `{first}` and `{key}`",
        "`{value}`既指`{first}`又指`{key}`",
        "give one of them another name",
        "请给其中一个换个名称",
    ),
    "S123": _m(
        "a fact of type `{kind}` needs `values`", "类型为`{kind}`的事实要有`values`", "list its values", "请列出取值"
    ),
    "S124": _m("a fact of type `{kind}` has no `values`", "类型为`{kind}`的事实没有`values`", "delete them", "请删去"),
    "S125": _m("there is no {what} `{value}`", "没有{what}`{value}`", "{near}", "{near}"),
    "S126": _m("`{key}` lies in itself: {circle}", "`{key}`在自己里面：{circle}", "correct `within`", "请更正`within`"),
    "S127": _m("defined here first", "先在这里定义", severity="note"),
    "S128": _m(
        "only a date without a default can be the day of the question",
        "只有没有默认值的日期才能取查询日",
        "write `type: date`, and no `default`",
        "请写`type: date`，不写`default`",
    ),
    # types and units
    "U201": _m(
        "cannot add {right} to {left}: `{text}`",
        "{left}不能加上{right}：`{text}`",
        "bring both to one kind: a share of an amount is written `10% of FACT`",
        "先化成同一类：金额的一部分写成`10% 的 事实`",
    ),
    "U202": _m(
        "cannot multiply money by money: `{text}`",
        "金额不能乘以金额：`{text}`",
        "one of the two must be a number, a count or a percentage",
        "其中一个应是数、个数或百分比",
    ),
    "U203": _m(
        "the bound is {right}, and what it bounds is {left}: `{text}`",
        "限额是{right}，而被限制的是{left}：`{text}`",
        "write an amount, `100万元`, or a share of one, `10% of FACT`",
        "写成金额，例如`100万元`，或它的一部分，`10% 的 事实`",
    ),
    "U204": _m(
        "`{text}` has {shares} share(s) after the base, and {payers} payer(s) are named",
        "`{text}`在基数之后有{shares}份，而写了{payers}个出资方",
        "write the base, then one share for each payer, as in `1:0.5:0.5` for two",
        "先写基数，再给每个出资方写一份：两个出资方写`1:0.5:0.5`",
    ),
    "U205": _m(
        "the base of `{text}` is 0",
        "`{text}`的基数是0",
        "the first part of a split is the base that the shares are measured by, as in `1:0.5:0.5`",
        "分担比例的第一个数是基数，例如`1:0.5:0.5`",
    ),
    "U206": _m(
        "`{text}` is {type}, and cannot be reckoned with",
        "`{text}`是{type}，不能参加计算",
        "use an amount or a number here; `policyeval facts` lists them",
        "这里用金额或数；`policyeval facts`列出可用的事实",
    ),
    "U207": _m(
        "`{text}` is a condition, and an amount is wanted here",
        "`{text}`是条件，这里应写金额",
        "put it after `when`, or write `if … then … else …`",
        "放到`when`里，或写成“如果……则……否则……”",
    ),
    "U208": _m(
        "`{text}` is {type}, and a condition is wanted here",
        "`{text}`是{type}，这里应写条件",
        "compare it with something: `FACT is VALUE`, `FACT above 100万元`",
        "把它与什么比较：`事实 为 取值`、`事实 高于 100万元`",
    ),
    "U209": _m(
        "cannot divide by `{text}`: only division by a number is allowed",
        "不能除以`{text}`：只能除以数",
        "multiply the other side instead",
        "改为把另一边乘上去",
    ),
    "U210": _m("division by zero: `{text}`", "除数为零：`{text}`", "write a divisor other than 0", "写一个不为0的除数"),
    "U211": _m(
        "`{text}` is {type}, and a percentage is wanted before `of`",
        "`{text}`是{type}，这里应写百分比",
        "write `10% of …`, or multiply: `… * 2`",
        "写成百分比，或改用乘法",
    ),
    "U212": _m(
        "`{text}` is {type}, and an amount of money is wanted here",
        "`{text}`是{type}，这里应写金额",
        "write an amount: `1000万元`, a fact that is money, or a share of one, `10% of FACT`",
        "写金额：`1000万元`、是金额的事实，或它的一部分",
    ),
    "U213": _m(
        "`{text}` is {right}, and stands beside {left}",
        "`{text}`是{right}，而与它并列的是{left}",
        "all branches, and all that is compared by `higher of`, must be of one kind",
        "各个分支、以及“就高”所比较的，必须是同一类",
    ),
    "U214": _m(
        "`{text}` is {right}, and stands against {left}",
        "`{text}`是{right}，而另一边是{left}",
        "compare like with like: money with money, a percentage with a percentage",
        "同类才能比较：金额比金额，百分比比百分比",
    ),
    "U215": _m(
        "`{text}` is {right}, and stands against {left}",
        "`{text}`是{right}，而另一边是{left}",
        "compare a fact with its own values; `policyeval facts` lists them",
        "事实只能与自己的取值比较；`policyeval facts`列出取值",
    ),
    "U216": _m(
        "`{text}` is {type}, which has no order",
        "`{text}`是{type}，没有高低次序",
        "use `is` or `in`, or declare the fact `type: ordered` in the vocabulary",
        "改用“为”或“属于”，或在词汇表中把它声明为有次序的`type: ordered`",
    ),
    "U217": _m(
        "`{text}` is named twice in one split",
        "同一分担中`{text}`写了两次",
        "name each payer once and add its shares",
        "每个出资方写一次，把份额相加",
    ),
    "U218": _m(
        "`{text}` is named as payer of an amount that names its payer already",
        "`{text}`被写为出资方，而这笔金额已写明由谁出",
        "say once who pays, inside or outside",
        "由谁出资只写一次",
    ),
    "U219": _m(
        "`unspecified` has no figure to reckon with",
        "`未明确`没有数额，不能参加计算",
        "let it stand alone: as the whole amount, as a whole branch of `if`, or as `unspecified by PAYER`",
        "让它独立成为整个金额、`如果`的一个完整分支，或写明由谁出",
    ),
    "U220": _m(
        "`{text}`: there is no figure that the amount could be up to",
        "`{text}`：没有数额可作上限",
        "write `unspecified` alone",
        "只写`未明确`",
    ),
    "U221": _m(
        "a condition cannot turn on `{text}`, which no figure of the document settles",
        "条件不能取决于`{text}`：文件没有定下它的数额",
        "compare facts and fixed amounts",
        "只比较事实和确定的金额",
    ),
    "U222": _m(
        "cannot take {right} from {left}: `{text}`",
        "{left}不能减去{right}：`{text}`",
        "bring both to one kind: a share of an amount is written `10% of FACT`",
        "先化成同一类：金额的一部分写成`10% 的 事实`",
    ),
    # remarks under the other side of a clash
    "U223": _m(
        "each bracket needs a percentage, but `{text}` is {type}",
        "每一段都应写百分比，而`{text}`是{type}",
        "write `10% to 100万元`; for a fixed figure write `in steps`",
        "请写成`10% 至 100万元`；定额请用`分档`",
    ),
    "U224": _m(
        "the bounds must rise, but `{text}` is not above the one before",
        "界限应逐级升高，而`{text}`不高于前一个",
        "put the bounds in order, each once",
        "请把界限从低到高排列，每个只写一次",
    ),
    "U225": _m(
        "`{text}` is {type}, and a count must stand here",
        "`{text}`是{type}，这里应写个数",
        "name a fact of type count; an amount for each 元 is a percentage of the amount",
        "请写类型为个数的事实；按金额计算请用百分比",
    ),
    "U226": _m(
        "an amount cannot be rounded to `{text}`",
        "数额不能取整到`{text}`",
        "write a unit of money, such as `元` or `万元`",
        "请写金额单位，例如`元`、`万元`",
    ),
    "U227": _m(
        "`{text}` is more than the whole, so nothing is left for the rest",
        "`{text}`超过全部，其余部分无从谈起",
        "write at most `100%`",
        "请写不超过`100%`的比例",
    ),
    "U228": _m(
        "who pays is lost here: `{text}` only measures",
        "这里写的出资方不起作用：`{text}`只用来计量",
        "say who pays after the whole: `… by PAYER`",
        "请在整项之后写出资方：`…… 由 出资方`",
    ),
    "U280": _m("this is money", "这是金额", severity="note"),
    "U281": _m("this is a percentage", "这是百分比", severity="note"),
    "U282": _m("this is a number", "这是数", severity="note"),
    "U283": _m("this is a count", "这是个数", severity="note"),
    "U284": _m("this is a date", "这是日期", severity="note"),
    "U285": _m("this is a condition, true or false", "这是条件，只有是与否", severity="note"),
    "U286": _m("this takes values of a list", "这取自一组选项", severity="note"),
    "U287": _m("this takes values of an ordered list", "这取自一组有次序的选项", severity="note"),
    "U288": _m("this is a place", "这是地方", severity="note"),
    "U289": _m("this is a split ratio", "这是分担比例", severity="note"),
    "U290": _m("the payers", "出资方", severity="note"),
    "U291": _m("this holds here", "到这里它成立", severity="note"),
    "U292": _m("this does not hold here", "到这里它不成立", severity="note"),
    "U293": _m("named here already", "这里已经写过", severity="note"),
    "U294": _m("named here first", "先写在这里", severity="note"),
    "U295": _m("and from here", "又从这里", severity="note"),
    # cycles between awards
    "R301": _m(
        "awards in a cycle, each needing the next one's amount: {cycle}",
        "奖补互为前提，成了循环：{cycle}",
        "let one of them say its amount without the others; a limit between awards belongs under `precedence`",
        "让其中一个直接写出金额；奖补之间的限制写在`precedence`里",
    ),
    # doubtful
    "W401": _m(
        "no payer is named for `{text}`",
        "没有写明`{text}`由谁出",
        "add `by PAYER`, or a split, `matched 1:0.5:0.5 by PAYER, PAYER`",
        "加上`由 出资方`，或分担比例`配套 1:0.5:0.5 由 出资方、出资方`",
        severity="warning",
    ),
    "W402": _m(
        "this statement names the same award twice: `{text}`",
        "这条规则两次写到同一奖补：`{text}`",
        "leave one of them out, or name the slices meant, as in `AWARD.PAYER`",
        "去掉其中一个，或写明所指出资方的部分",
        severity="warning",
    ),
    "W403": _m(
        "`{text}`: `{payer}` pays nothing of it; its payers: {payers}",
        "`{text}`：`{payer}`不出其中任何部分；出资方：{payers}",
        "name one of its payers, or the award without a slice",
        "改写为它的出资方，或不写出资方",
        severity="warning",
    ),
    "W404": _m(
        "this branch is never reached: `{text}`",
        "这个分支永远走不到：`{text}`",
        "the conditions on the way to it cannot hold together: remove the branch or mend a condition",
        "通往它的条件不能同时成立：删去这个分支，或改正条件",
        severity="warning",
    ),
    "W405": _m(
        "this condition never holds: `{text}`",
        "这个条件永远不成立：`{text}`",
        "its parts exclude each other: mend one of them",
        "它的各部分互相排斥：改正其中一个",
        severity="warning",
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
    # facts of a platform
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
        "for example `platform: {{location: ganyu, level: national}}`",
        "例如`platform: {{所在地: 赣榆区, 级别: 国家级}}`",
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
    "N310": _m("`{fact}` takes one value", "`{fact}`只有一个值", "write one text or number", "请写一个文字或数"),
    "S114": _m(
        "`{path}` is a vocabulary, not a pack",
        "`{path}`是词汇表，不是规则包",
        "add its folder with `--policies`",
        "请用`--policies`加入它所在的文件夹",
    ),
    # the library
    "L101": _m(
        "`{pack}` is in this folder twice",
        "`{pack}`在这个文件夹里有两份",
        "give one of them another version, or delete it",
        "请给其中一份换版本号，或删去一份",
    ),
    "L102": _m(
        "there is no pack `{pack}`",
        "没有规则包`{pack}`",
        "{near} `policyeval packs` lists them; a file is named by its path",
        "{near}`policyeval packs`列出全部；文件请写路径",
    ),
    "L103": _m(
        "there is no version `{version}` of `{pack}`", "`{pack}`没有版本`{version}`", "known: {there}", "可用：{there}"
    ),
    "L104": _m("there is no folder `{path}`", "没有文件夹`{path}`", "check the path", "请核对路径"),
    "L110": _m(
        "`{ref}` does not say which file of which revision",
        "`{ref}`没有写明哪个版本的哪个文件",
        "write `git:REV:path`, for example `git:HEAD~1:policies/ganyu-draft.yaml`",
        "请写`git:版本:路径`，例如`git:HEAD~1:policies/ganyu-draft.yaml`",
    ),
    "L111": _m("git does not answer", "git没有响应", "install git, or name a file", "请安装git，或写文件路径"),
    "L112": _m(
        "`{ref}`: this folder is not in a git repository",
        "`{ref}`：当前文件夹不在git仓库里",
        "go to the folder of the repository",
        "请先进入仓库所在的文件夹",
    ),
    "L113": _m(
        "git knows no revision `{revision}`", "git没有版本`{revision}`", "`git log` lists them", "`git log`列出全部版本"
    ),
    "L114": _m(
        "revision `{revision}` has no file `{path}`",
        "版本`{revision}`里没有文件`{path}`",
        "`git ls-tree -r --name-only {revision}` lists its files",
        "`git ls-tree -r --name-only {revision}`列出其中的文件",
    ),
    "L201": _m(
        "`{pack}` is a document of {of} and does not apply in {place}",
        "`{pack}`是{of}的文件，在{place}不适用",
        severity="note",
    ),
    "L202": _m(
        "`{pack}` is a draft and was not applied",
        "`{pack}`是草案，没有适用",
        "add `--with {ref}` to apply it",
        "加上`--with {ref}`即可适用",
        severity="warning",
    ),
    "L203": _m(
        "`{pack}` is not in force on {day} and was not applied: it is in force {term}",
        "`{pack}`在{day}不在有效期内，没有适用：有效期{term}",
        "ask for another day with `--as-of`",
        "可用`--as-of`换一个日期",
        severity="note",
    ),
    "L204": _m("`{path}` stands in for `{pack}`", "`{path}`代替`{pack}`", severity="note"),
    "L206": _m(
        "`{ref}` is not in `{path}`",
        "`{path}`里没有`{ref}`",
        "the two do not fit together: name another file or leave one out",
        "两者不能一起用：请换文件或去掉一个",
    ),
    # regimes and plans
    "N401": _m(
        "there is no reading `{reading}`",
        "没有解读`{reading}`",
        "{near} `policyeval packs` lists the readings of each pack",
        "{near}`policyeval packs`列出各政策包的解读",
    ),
    "N402": _m(
        "several packs have a reading `{reading}`",
        "有多个政策包都有解读`{reading}`",
        "say which: {known}",
        "请写明是哪一个：{known}",
    ),
    "N403": _m(
        "the reading `{reading}` has no option `{option}`",
        "解读`{reading}`没有选项`{option}`",
        "{near} its options are {known}",
        "{near}可选：{known}",
    ),
    "R401": _m(
        "the least and most of `{choice}` cannot be worked out exactly: "
        "a choice is shared out in proportion and then compared",
        "`{choice}`的最低与最高无法精确得出：酌定的数额先按比例分摊、再参与比较",
        "put the ceiling after the comparison",
        "请把封顶条款放在比较条款之后",
    ),
    "R402": _m(
        "the largest difference cannot be worked out exactly",
        "最大差额无法精确得出",
        "compare the two packs on cases of your own with `--cases`",
        "可用`--cases`对具体案例作比较",
    ),
    "R403": _m(
        "`{first}` and `{second}` are of one rank, and which comes first changes an outcome: `{rule}`",
        "`{first}`与`{second}`级别相同，先后次序会改变结果：`{rule}`",
        "say in one of the packs how they relate, with one statement over both awards",
        "请在其中一个政策包里用一条规则写明两者的关系",
    ),
    "R403_other": _m("the other statement stands here", "另一条规则在这里"),
    "X301": _m(
        "the free choices of these packs need more than {limit} nodes to work out",
        "这些政策包的酌定数额过于繁复，超出{limit}个节点",
        "name fewer packs with `--packs`",
        "请用`--packs`减少政策包",
    ),
    "L301": _m(
        "`{pack}` and `{other}` are of places that have no platform in common, so there is nothing to compare",
        "`{pack}`与`{other}`适用的地方没有交集，无从比较",
        "compare packs of one place, or of a place and one above it",
        "请比较同一地方、或上下级地方的政策包",
    ),
    "X302": _m(
        "the packs tell {classes} classes of platforms apart; the limit is {limit}",
        "这些政策包把平台分成{classes}类，上限是{limit}类",
        "compare packs of a smaller place",
        "请比较较小地方的政策包",
    ),
    # parsing
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
        "units are `元`, `万元`, `亿元`, `yuan` and `%`; {near}",
        "单位有`元`、`万元`、`亿元`、`yuan`和`%`；{near}",
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
    "X101": _m(
        "this expression has {length} characters; at most {limit} are read",
        "表达式有{length}个字符，最多{limit}个",
        "divide it into several awards or statements",
        "请拆成几项奖补或几条规则",
    ),
    "X102": _m(
        "nested more than {limit} deep",
        "嵌套超过{limit}层",
        "divide it into several awards, or take brackets out",
        "请拆成几项奖补，或减少括号",
    ),
    # the command line
    "C101": _m("there is no command `{name}`", "没有`{name}`这个命令", "{near}", "{near}"),
    "C102": _m(
        "there is no option `{name}` here",
        "这里没有`{name}`这个选项",
        "{near} `policyeval {command}--help` lists them",
        "{near}`policyeval {command}--help`列出全部",
    ),
    "C103": _m(
        "`{option}` needs a value", "`{option}`后面要有值", "write `{option} {shape}`", "请写`{option} {shape}`"
    ),
    "C104": _m("`{option}` cannot be `{value}`", "`{option}`不能是`{value}`", "{near}", "{near}"),
    "C105": _m(
        "`{name}` is missing",
        "缺少`{name}`",
        "`policyeval {command}--help` shows how",
        "用法见`policyeval {command}--help`",
    ),
    "C106": _m(
        "`{value}` is one too many",
        "多出了`{value}`",
        "options begin with `--`; put a value with spaces in quotes",
        "选项以`--`开头；含空格的值请加引号",
    ),
    "C107": _m(
        "there is no platform to evaluate",
        "没有要计算的平台",
        "name a case file, `-` for standard input, or `--set location=ganyu --set level=national`",
        "请写案例文件、`-`（标准输入），或`--set 所在地=赣榆区 --set 级别=国家级`",
    ),
    "C108": _m(
        "`{value}` chooses no reading",
        "`{value}`没有选定解读",
        "write `--reading ID=OPTION`, as in `--reading lianyungang-2021/cap_scope=each`",
        "请写`--reading 解读=选项`，例如`--reading lianyungang-2021/cap_scope=each`",
    ),
    "C109": _m(
        "{message}", "{message}", "`policyeval {command}--help` shows how", "用法见`policyeval {command}--help`"
    ),
    "C110": _m(
        "this is a fault of policyeval {version}, not of what you gave: {error} ({place})",
        "这是policyeval {version}自身的错误，不是输入的问题：{error}（{place}）",
        "send this line, the command and the files it read to the authors",
        "请把这一行、所用的命令和文件发给作者",
    ),
    # examples and their readings
    "T101": _m(
        "`{pack}` has no award `{name}` for the platform",
        "`{pack}`没有给平台的奖补`{name}`",
        "{near}",
        "{near}",
    ),
    "T102": _m("`{pack}` has no entitlement `{name}`", "`{pack}`没有支持事项`{name}`", "{near}", "{near}"),
    "T103": _m("no pack names a department `{name}`", "没有哪个政策包写有部门`{name}`", "{near}", "{near}"),
    "T104": _m(
        "this example says no day, and a draft has no first day in force",
        "这个案例没有写日期，而草案没有施行的第一天",
        "add `as_of: 2023-06-30`",
        "请加上`as_of: 2023-06-30`",
    ),
    "T105": _m(
        "`{name}` takes one value only in this example",
        "`{name}`在这个案例里只有一个取值",
        "list its values, as in `{name}: [A, B]`, or leave it out of `when`",
        "列出它的几个取值，例如`{name}: [甲, 乙]`，或者从`when`中去掉",
    ),
    "T106": _m(
        "`{value}` is not one of the values that `{name}` takes in this example",
        "`{value}`不是`{name}`在这个案例里的取值",
        "{near}",
        "{near}",
    ),
    "T107": _m(
        "nothing is expected where {where}",
        "没有写明{where}时的预期",
        "add an item with that `when`, or one without `when`",
        "加一项这样的`when`，或者一项不带`when`的预期",
    ),
    "T108": _m(
        "this example stands for {count} platforms; at most {limit} are run",
        "这个案例展开为{count}个平台，最多{limit}个",
        "divide it into several examples",
        "请拆成几个案例",
    ),
    "T109": _m(
        "the readings of these packs combine in {count} ways; at most {limit} are tried",
        "这些政策包的解读有{count}种组合，最多{limit}种",
        "choose some of them with `--reading ID=OPTION`",
        "请用`--reading 解读=选项`选定其中一些",
    ),
    "T110": _m(
        "`{path}` cannot be written: {reason}",
        "无法写入`{path}`：{reason}",
        "name a file in a folder that exists and may be written",
        "请写已有且可写的文件夹中的文件",
    ),
    "T111": _m(
        "the examples of `{pack}` reach {percent}% of its {of}, less than {least}%",
        "`{pack}`的案例只触及{percent}%的{of}，低于{least}%",
        "`policyeval test {pack} --coverage` lists the rest",
        "`policyeval test {pack} --coverage`列出其余的",
    ),
    # the desk: fmt, new, explain
    "D101": _m(
        "`{path}` writes characters as pairs of `\\u` codes, and cannot be formatted",
        "`{path}`把字符写成成对的`\\u`编码，不能排版",
        "write the characters themselves",
        "请直接写出字符",
    ),
    "D102": _m(
        "`{path}` was left as it is: rewritten, it would no longer mean the same",
        "`{path}`保持原样：改写后意思会变",
        "rename what has two meanings, or write the expression by hand",
        "请给有歧义的名称改名，或手工改写表达式",
    ),
    "D103": _m(
        "`{path}` was left as it is: this text is used in several places (`*name`), and would be written differently "
        "in each",
        "`{path}`保持原样：这段文字用在多处（`*名称`），而各处的写法不同",
        "write it out in each place",
        "请在各处分别写出",
    ),
    "D104": _m(
        "several files cannot be printed as one",
        "多个文件不能一起输出",
        "add `--write`, `--check` or `--diff`, or name one file",
        "请加上`--write`、`--check`或`--diff`，或者只写一个文件",
    ),
    "D105": _m(
        "`--write` changes files, and `{other}` leaves them as they are",
        "`--write`改写文件，`{other}`不改",
        "choose one of them",
        "请选用其中一个",
    ),
    "D106": _m("`{path}` would be rewritten", "`{path}`需要改写", severity="note"),
    "D107": _m("`{path}` cannot be written: {reason}", "无法写入`{path}`：{reason}"),
    "D108": _m(
        "`{path}` is not a file that can be written",
        "`{path}`不是可以写入的文件",
        "name a file, or leave out `--write`",
        "请写文件名，或去掉`--write`",
    ),
    "D109": _m("`{path}` was rewritten", "已改写`{path}`", severity="note"),
    "D111": _m(
        "`{id}` cannot be the id of a pack",
        "`{id}`不能作规则包的名称",
        "use small letters, digits, `_` and `-`, as in `{example}`",
        "请用小写字母、数字、`_`和`-`，例如`{example}`",
    ),
    "D112": _m(
        "there is a pack `{id}` already, in `{path}`",
        "已有规则包`{id}`，在`{path}`",
        "choose another id",
        "请换一个名称",
    ),
    "D113": _m(
        "`{path}` is there already, and was not overwritten",
        "`{path}`已经存在，没有覆盖",
        "choose another file with `-o FILE`",
        "请用`-o 文件`另选一个",
    ),
    "D121": _m(
        "`{pack}` has no rule `{rule}`",
        "`{pack}`没有规则`{rule}`",
        "{near} its rules: {known}",
        "{near}可写：{known}",
    ),
    "D122": _m("no pack has a rule `{rule}`", "没有哪个规则包有规则`{rule}`", "{near}", "{near}"),
    "D123": _m(
        "several packs have a rule `{rule}`", "有多个规则包都有规则`{rule}`", "say which: {known}", "请写明：{known}"
    ),
    "D124": _m(
        "name one rule, or give an expression",
        "请写一条规则，或者给出表达式",
        "write `policyeval explain ganyu-draft/national_match`, or `--expression '…'` alone",
        "写成`policyeval explain ganyu-draft/national_match`，或只写`--expression '…'`",
    ),
}
