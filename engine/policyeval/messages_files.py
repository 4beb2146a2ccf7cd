"""Messages about files, schemas, the library and limits, by code.

In: nothing. Out: FILES, a part of `messages.MESSAGES`.
"""

from __future__ import annotations

from policyeval.message import Message
from policyeval.message import message as _m

FILES: dict[str, Message] = {
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
    "F115": _m(
        "a key without `:`",
        "键后面没有`:`",
        "write `key: value`, with a plain colon and a space after it",
        "请写成`键: 值`，用半角冒号，后面空一格",
    ),
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
    "S101": _m("there is no key `{key}` here", "这里没有`{key}`这个键", "{near}", "{near}"),
    "S102": _m("`{key}` is missing", "缺少`{key}`", "add `{key}: …`", "请补上`{key}: …`"),
    "S103": _m("`{key}` must be {shape}", "`{key}`应是{shape}", "", ""),
    "S115": _m("each item of `{key}` must be {shape}", "`{key}`的每一项应是{shape}", "", ""),
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
    "S129": _m(
        "a list needs `{key}`",
        "列表要有`{key}`",
        "say how many items it may have, `most: 10`, and what each has, `of: {{NAME: {{type: money, …}}}}`",
        "请写明至多几项（`most: 10`），以及每项有什么（`of: {{名称: {{type: money, …}}}}`）",
    ),
    "S131": _m(
        "a metric of type `{kind}` needs a `unit`: what is counted",
        "`{kind}`类型的指标要有`unit`：数的是什么",
        "add `unit: {{zh: 家, en: firms}}`",
        "加上`unit: {{zh: 家, en: firms}}`",
    ),
    "S132": _m(
        "a metric of type `{kind}` has no `unit` of its own",
        "`{kind}`类型的指标没有自己的`unit`",
        "delete it: money is in yuan, a percent in percent, a milestone is reached or not",
        "请删去：金额按元，百分比按百分点，里程碑只有是否达到",
    ),
    "S130": _m("a fact of type `{kind}` has no `{key}`", "类型为`{kind}`的事实没有`{key}`", "delete it", "请删去"),
    "S128": _m(
        "only a date without a default can be the day of the question",
        "只有没有默认值的日期才能取查询日",
        "write `type: date`, and no `default`",
        "请写`type: date`，不写`default`",
    ),
    "S114": _m(
        "`{path}` is a vocabulary, not a pack",
        "`{path}`是词汇表，不是规则包",
        "add its folder with `--policies`",
        "请用`--policies`加入它所在的文件夹",
    ),
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
    "X301": _m(
        "the free choices of these packs need more than {limit} nodes to work out",
        "这些规则包的酌定数额过于繁复，超出{limit}个节点",
        "name fewer packs with `--packs`",
        "请用`--packs`减少规则包",
    ),
    "L301": _m(
        "`{pack}` and `{other}` are of places that have no platform in common, so there is nothing to compare",
        "`{pack}`与`{other}`适用的地方没有交集，无从比较",
        "compare packs of one place, or of a place and one above it",
        "请比较同一地方、或上下级地方的规则包",
    ),
    "X305": _m(
        "{size} combinations of readings are more than can be looked at ({limit})",
        "解读的组合有{size}种，超过可以查看的上限（{limit}）",
        "settle some with `--reading ID=OPTION`",
        "请用`--reading 解读=选项`先定下一些",
    ),
    "L302": _m(
        "one of `{pack}` and `{other}` speaks of the other: they are two documents, and not two versions of one",
        "`{pack}`与`{other}`中有一份引用了另一份：这是两份文件，不是同一份的两个版本",
        "`policyeval compare` holds what one makes of a platform against the other",
        "请用`policyeval compare`比较两份文件各给多少",
    ),
    "X302": _m(
        "the packs tell {classes} classes of platforms apart; the limit is {limit}",
        "这些规则包把平台分成{classes}类，上限是{limit}类",
        "compare packs of a smaller place",
        "请比较较小地方的规则包",
    ),
    "X303": _m(
        "{count} clauses bear on the platform `{case}`, and at most {limit} are split exactly: {clauses}",
        "影响平台`{case}`的条款有{count}条，最多精确分列{limit}条：{clauses}",
        "tell only some of them apart with `--clauses A,B`, or take those of a section as one with `--by section`",
        "请用`--clauses A,B`只分列其中几条，或用`--by section`把同一章节的合为一项",
    ),
    "X304": _m(
        "for the platform `{case}`, what `{pack}` changes against `{against}` is not the change of its clauses alone, "
        "so it cannot be split over them",
        "对平台`{case}`，`{pack}`与`{against}`的差别不只在条款，无法分到各条款",
        "a reading's default, a family, the order of awards or the place changed too; `--reading ID=OPTION` settles a "
        "reading on both sides",
        "解读的默认选项、奖补类别、奖补的先后或者适用的地方也变了；解读可以用`--reading 解读=选项`在两边选定",
    ),
    "X306": _m(
        "the items of {lists} may be so many that no classes of platforms can be worked out over them",
        "{lists}可能有很多项，无法据此把平台分类",
        "ask about platforms of your own with `policyeval eval`, or about all of them with `policyeval prove`; "
        "counts of items can be compared, and sums over a few",
        "请用`policyeval eval`计算具体平台，或用`policyeval prove`判定对所有平台的主张；项数和少量项的合计可以比较",
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
}
