"""Messages about whole tables of platforms, in files and databases, by code.

In: nothing. Out: BATCH, a part of `messages.MESSAGES`.
"""

from __future__ import annotations

from policyeval.message import Message
from policyeval.message import message as _m

BATCH: dict[str, Message] = {
    "B101": _m(
        "`{first}` and `{second}` are both {fact}",
        "`{first}`和`{second}`两列都是{fact}",
        "leave one of them out, or say with --map which other fact it is",
        "请去掉一列，或用--map说明它是哪个事实",
    ),
    "B102": _m("there are two columns `{column}`", "有两列都叫`{column}`", "give one another name", "请给其中一列改名"),
    "B103": _m(
        "the table has a column `{column}` already, which would be added",
        "表中已有`{column}`列，而结果要添加同名的列",
        "give the column another name, or take the answers of an earlier run out",
        "请给这一列改名，或去掉以前计算的结果",
    ),
    "B104": _m("there is no column `{column}`", "没有`{column}`列", "{near}", "{near}"),
    "B105": _m(
        "`{column}` is not for a table to say: it follows from --as-of",
        "`{column}`不由表格给出，它由--as-of决定",
        "give the column another name",
        "请给这一列改名",
    ),
    "B106": _m("`{name}` is no column of money", "`{name}`不是金额列", "{near}", "{near}"),
    "B107": _m(
        "`{unit}` is no unit of money", "`{unit}`不是金额单位", "元, 万元, 亿元 or 分", "可用：元、万元、亿元、分"
    ),
    "B108": _m(
        "`{column}` mixes amounts with a unit, as `{other}`, and bare numbers, as `{bare}`",
        "`{column}`列中有的金额带单位（如`{other}`），有的不带（如`{bare}`）",
        "say what the bare numbers are in, as in --unit {column}=万元",
        "请说明不带单位的是什么单位，例如 --unit {column}=万元",
    ),
    "B109": _m(
        "no column says {facts}; the columns are {columns}",
        "没有一列给出{facts}；现有各列：{columns}",
        "name the column with --map COLUMN={first}, set one value for all rows with --set {first}=…, or leave it open "
        "for all with --set {first}=",
        "请用 --map 列名={first} 指明是哪一列，或用 --set {first}=… 为各行设同一个值，或用 --set {first}= 表示都不知道",
    ),
    "B110": _m("`{path}` cannot be read: {reason}", "无法读取`{path}`：{reason}"),
    "B111": _m(
        "`{path}` has other columns than `{other}`: names, types and their order must be the same",
        "`{path}`与`{other}`的列不同：名称、类型和次序都须一致",
        "read them in two runs",
        "请分两次读取",
    ),
    "B112": _m("`{path}` has no table `{table}`: it has {there}", "`{path}`中没有表`{table}`，有{there}"),
    "B113": _m(
        "`{path}` is no text: it holds zero bytes",
        "`{path}`不是文本：其中有零字节",
        "save the table as CSV, XLSX or Parquet",
        "请把表格存为CSV、XLSX或Parquet",
    ),
    "B114": _m("`{path}` has more than {limit} columns", "`{path}`的列多于{limit}"),
    "B115": _m(
        "column {number} of `{path}` has no name", "`{path}`的第{number}列没有名称", "give it one", "请给它起个名"
    ),
    "B116": _m(
        "`{path}` is a database: say which table",
        "`{path}`是数据库，请指明哪个表",
        "as in {path}#TABLE",
        "例如 {path}#表名",
    ),
    "B117": _m("the header of `{path}` cannot be read: {reason}", "无法读取`{path}`的表头：{reason}"),
    "B118": _m("`{path}` has no JSON object in any line", "`{path}`没有一行是JSON对象"),
    "B119": _m(
        "`{path}` is one JSON list, not JSON lines",
        "`{path}`是一个JSON列表，不是JSON lines",
        "write one object a line, without the list around them",
        "请每行写一个对象，去掉外层的列表",
    ),
    "B120": _m("`{path}` has no header", "`{path}`没有表头", "the first row names the columns", "第一行应是各列的名称"),
    "B121": _m("{cells} cells, where the header has {columns}", "有{cells}个单元格，而表头有{columns}列"),
    "B122": _m("bytes that are no character", "有无法解码的字节"),
    "B123": _m("quotation marks that do not match", "引号不成对"),
    "B124": _m("broken JSON: {reason}", "JSON有误：{reason}"),
    "B125": _m("not a JSON object", "不是JSON对象"),
    "B126": _m("more than {limit} characters in a row", "一行多于{limit}个字符"),
    "B130": _m("{option} `{value}` is not of the form NAME=MEANING", "{option} `{value}`不是“名称=含义”的形式"),
    "B133": _m(
        "no column of `{path}` is a fact; the columns are {columns}",
        "`{path}`没有一列是事实；现有各列：{columns}",
        "name each with --map COLUMN=FACT; of a text or a workbook the first row names the columns: take titles off it",
        "请用 --map 列名=事实 逐列指明；文本和工作簿的第一行须是各列的名称，请删去上方的标题行",
    ),
    "B134": _m(
        "`{path}` has formulas that no program has worked out, the first in cell {cell}: they are read as empty",
        "`{path}`中有尚未计算的公式（第一个在{cell}），按空单元格读取",
        "open it in a spreadsheet program and save it",
        "请用表格软件打开后重新保存",
        severity="warning",
    ),
    "B135": _m(
        "of `{path}` the sheet `{sheet}` is read, and not {others}",
        "`{path}`只读取工作表`{sheet}`，没有读取{others}",
        "name another one as in {path}#SHEET",
        "读另一个工作表请写 {path}#工作表名",
        severity="note",
    ),
    "B136": _m(
        "`{path}` is no whole Parquet file: {reason}",
        "`{path}`不是完整的Parquet文件：{reason}",
        "it was perhaps cut short: fetch it, or write it, once more",
        "文件可能没有传完或写完：请重新取得",
    ),
    "B150": _m(
        "the folder `{path}` holds no Parquet file",
        "文件夹`{path}`中没有Parquet文件",
        "name a file",
        "请指明文件",
    ),
    "B151": _m(
        "`{column}` is not read: --set says {fact} for all rows",
        "不读`{column}`列：--set已为各行设定{fact}",
        severity="note",
    ),
    "B131": _m(
        "the column `{column}` is in `{unit}`, which is no unit of money here",
        "`{column}`列的单位`{unit}`不是可用的金额单位",
        "convert it into 元, 万元, 亿元 or 分; or say with --unit what its numbers are in",
        "请换算为元、万元、亿元或分，或用--unit说明数字的单位",
    ),
    "B132": _m(
        "`{path}` is neither a .csv nor an .xlsx file",
        "`{path}`既不是.csv也不是.xlsx文件",
        "end its name in .csv or .xlsx",
        "文件名请以.csv或.xlsx结尾",
    ),
    "B201": _m(
        "`{path}` exists already",
        "`{path}`已经存在",
        "choose another name, or replace it with --overwrite",
        "请换个名称，或用--overwrite替换",
    ),
    "B202": _m("`{path}` is the table itself", "`{path}`就是读入的表", "choose another name", "请换个名称"),
    "B203": _m(
        "`{path}` would have {rows} rows; a sheet holds {limit}",
        "`{path}`将有{rows}行，而一张工作表最多{limit}行",
        "write a .csv or .parquet file",
        "请写成.csv或.parquet文件",
    ),
    "B204": _m(
        "`{name}` does not say what to write",
        "从`{name}`看不出要写成什么",
        "end it in .csv, .tsv, .jsonl, .xlsx, .parquet or /, or name DATABASE.duckdb#TABLE",
        "请以.csv、.tsv、.jsonl、.xlsx、.parquet或/结尾，或写数据库.duckdb#表",
    ),
    "B205": _m("there is no folder `{path}`", "没有文件夹`{path}`", "make it first", "请先建立"),
    "B206": _m(
        "an earlier run stopped; what it has done is in `{folder}`",
        "上次运行中断，已完成的部分在`{folder}`",
        "go on with --resume, or begin anew with --overwrite",
        "用--resume继续，或用--overwrite重新开始",
    ),
    "B207": _m(
        "there is no earlier run to go on with: no `{folder}`",
        "没有可以继续的运行：没有`{folder}`",
        "leave --resume out",
        "请去掉--resume",
    ),
    "B208": _m(
        "what `{folder}` holds is of another run: of another table, other policies or options",
        "`{folder}`中是另一次运行的结果：表、文件或选项不同",
        "begin anew with --overwrite",
        "用--overwrite重新开始",
    ),
    "B209": _m(
        "`{folder}` is in the way: parts are to be kept there, and it holds something else",
        "`{folder}`已有其他内容，而中间结果要放在那里",
        "rename it, or choose another OUT",
        "请给它改名，或为OUT换个名称",
    ),
    "B210": _m(
        "`{path}` cannot be written: {reason}",
        "无法写入`{path}`：{reason}",
        "make room or choose another place; rows that are done are kept",
        "请腾出空间或换个位置；已完成的部分会保留",
    ),
    "B221": _m(
        "carried along, as columns that are no fact: {columns}",
        "以下各列不是事实，原样带出：{columns}",
        "name a fact's column with --map COLUMN=FACT",
        "若是事实，请用 --map 列名=事实 指明",
        "note",
    ),
    "B222": _m(
        "no policy is in force on {day}, so no amount is known",
        "{day}没有施行中的政策，各行金额都未知",
        "ask for another day with --as-of, or add a draft with --with",
        "可用--as-of换一个日期，或用--with加上草案",
        severity="warning",
    ),
    "B220": _m(
        "stopped; the rows that are done are kept in `{folder}`",
        "已停止，完成的部分保留在`{folder}`",
        "go on with --resume",
        "用--resume继续",
        "note",
    ),
    "B310": _m(
        "`{name}` needs a further package",
        "`{name}`需要另装一个包",
        "pip install 'policyeval[postgres]'",
        "pip install 'policyeval[postgres]'",
    ),
    "B311": _m("`{name}` cannot be read: {reason}", "无法读取`{name}`：{reason}"),
    "B312": _m(
        "`{name}` cannot be written: {reason}",
        "无法写入`{name}`：{reason}",
        "the database is as it was; rows that are done are kept",
        "数据库没有改动；已完成的部分会保留",
    ),
    "B313": _m(
        "`{name}` does not say which table",
        "`{name}`没有指明哪个表",
        "as in postgresql://user@host/database#TABLE",
        "例如 postgresql://用户@主机/数据库#表名",
    ),
    "B301": _m(
        "PySpark is not installed",
        "没有安装PySpark",
        "`pip install policyeval[spark]`",
        "`pip install policyeval[spark]`",
    ),
    "B302": _m("Spark at `{master}` has failed: {reason}", "Spark（`{master}`）失败：{reason}"),
    "B303": _m(
        "{columns} hold more than {limit} different texts, which the driver would have to read",
        "{columns}中不同的文本多于{limit}种，须由驱动程序逐个读取",
        "write amounts as DECIMAL with two places, or as whole numbers",
        "请把金额存为两位小数的DECIMAL，或存为整数",
    ),
    "B304": _m(
        "{rows} rows, but {written} were written and {rejected} rejected: the table changed while it was read",
        "共{rows}行，而写入{written}行、退回{rejected}行：读取期间表格有变",
        "run it again",
        "请重新运行",
    ),
    "B305": _m("{option} does not go with --engine {engine}", "{option}不能与--engine {engine}同用"),
    "B306": _m(
        "Spark does not write `{name}`",
        "Spark不能写`{name}`",
        "end it in / or .parquet for a folder of Parquet files, in .csv for one of CSV files",
        "请以/或.parquet结尾（Parquet文件夹），或以.csv结尾（CSV文件夹）",
    ),
    "B307": _m(
        "Spark at `{master}` has had no worker for this for {seconds} seconds",
        "Spark（`{master}`）已有{seconds}秒没有可用的工作节点",
        "see that its workers run and are free, or give them longer with --wait SECONDS; nothing was written",
        "请确认工作节点在运行且有空闲，或用 --wait 秒数 多等一会；没有写入任何结果",
    ),
    "B309": _m(
        "no Spark master answers at `{master}`: {reason}",
        "`{master}`没有Spark主节点应答：{reason}",
        "see that it runs, and that --master is its address",
        "请确认主节点在运行，且--master是它的地址",
    ),
    "X401": _m(
        "amounts made of {facts} may have more digits than {dialect} has in a whole number",
        "由{facts}算出的金额可能超出{dialect}整数的位数",
        "limit the amount with `capped at`, or use `policyeval eval`, which knows no such limit",
        "请用`最高`限定金额，或改用没有位数限制的`policyeval eval`",
    ),
    "X402": _m(
        "what {packs} leave to discretion depends on each other in so many ways that no formula says the ends",
        "{packs}留给裁量的部分互相牵连太多，写不出上下限的公式",
        "use `policyeval eval`, which works them out platform by platform",
        "请用`policyeval eval`逐个平台计算",
    ),
    "B401": _m(
        "{facts} hold lists of items, which a row of a table has no column for",
        "{facts}是清单，表格的一行放不下",
        "use `policyeval eval` or `policyeval batch`, which read lists",
        "请用能读清单的`policyeval eval`或`policyeval batch`",
    ),
    "B402": _m(
        "`{name}` is not a name of a table in {dialect}",
        "`{name}`不是{dialect}的表名",
        "quote it as the database wants it, as in `finance.platforms`",
        "请按数据库的写法给出，例如`finance.platforms`",
    ),
    "B403": _m(
        "no pack is in force on {day}, so there is nothing to compute",
        "{day}没有施行的文件，无可计算",
        "name the day with `--as-of`, or a draft with `--with`",
        "请用`--as-of`指定日期，或用`--with`加上草案",
    ),
    "B410": _m(
        "no database was named",
        "没有指明数据库",
        "name one with `--postgres URL`",
        "请用`--postgres URL`指明",
        severity="note",
    ),
    "B411": _m(
        "{engine} is not installed",
        "没有安装{engine}",
        "`pip install policyeval[{engine}]`",
        severity="note",
    ),
    "B412": _m("{engine} does not answer: {error}", "{engine}没有应答：{error}", severity="note"),
    "B413": _m("the solver knows no platform that cannot be settled", "求解器不处理尚不能确定的平台", severity="note"),
    "B450": _m(
        "nothing to hold what is in force against",
        "没有可与现行政策对照的草案",
        "name a draft with --with",
        "请用--with加上一份草案",
    ),
    "B451": _m(
        "`{name}` is neither a fact of the table nor one of its columns, which are {columns}",
        "表中没有`{name}`；现有各列：{columns}",
        "{near}",
        "{near}",
    ),
    "B452": _m(
        "there are more than {limit} groups by {names}",
        "按{names}分组多于{limit}组",
        "group by a column with fewer values",
        "请按取值较少的列分组",
    ),
    "B453": _m(
        "`{pack}` changes nothing here: no platform lies in {place}",
        "`{pack}`在这里没有影响：没有平台位于{place}",
        severity="note",
    ),
    "B454": _m(
        "left out, as columns that are no fact: {columns}",
        "以下各列不是事实，没有用到：{columns}",
        "name a fact's column with --map COLUMN=FACT",
        "若是事实，请用 --map 列名=事实 指明",
        "note",
    ),
    "B480": _m(
        "what other readings would change cannot be worked out for this table: {reason}",
        "无法就这张清单计算其他解读：{reason}",
        "ask again with `--reading ID=OPTION` for each of them",
        "请用`--reading 解读=选项`逐一另算",
        "note",
    ),
    "B482": _m(
        "`{path}` does not say what sort of file to write",
        "从`{path}`看不出要写哪种文件",
        "let its name end in .xlsx, .html, .md, .json or .txt",
        "文件名请以.xlsx、.html、.md、.json或.txt结尾",
    ),
    "B483": _m(
        "--explain prints one row, and writes no file",
        "--explain只显示一行的说明，不写文件",
        "leave out -o, or send the output to a file",
        "请去掉-o，或把输出转入文件",
    ),
    "B456": _m(
        "`{path}` has no row {row} with a platform",
        "`{path}`的第{row}行没有平台",
        "rows are counted from 1, lines of a text with its header",
        "行从1数起，文本的行号连同表头",
    ),
    "B460": _m(
        "the budget `{budget}` of {ceiling} is exceeded: {total} stand under it, so {share} of each award is paid, "
        "{paid} in all, and {remainder} are left over{outside}",
        "预算`{budget}`（{ceiling}）不足：应付{total}，各按{share}支付，共付{paid}，余{remainder}{outside}",
        "--no-budgets leaves budgets out",
        "--no-budgets 不计预算",
        "note",
    ),
    "B461": _m(
        "the budget `{budget}` of {ceiling} may be exceeded: {total} stand under it as discretion goes, so {share} of "
        "each award is paid, {paid} in all, and {remainder} are left over{outside}",
        "预算`{budget}`（{ceiling}）可能不足：视裁量应付{total}，各按{share}支付，共付{paid}，余{remainder}{outside}",
        "--no-budgets leaves budgets out",
        "--no-budgets 不计预算",
        "note",
    ),
    "B462": _m(
        "the budget `{budget}` of {ceiling} is kept by {total}{outside}",
        "预算`{budget}`（{ceiling}）够付{total}{outside}",
        severity="note",
    ),
    "B463": _m(
        "{rows} rows have several of {awards}, and what of each is left to discretion: under the exceeded budget "
        "`{budget}` their sum has no exact ends",
        "有{rows}行同时得到{awards}中的几项，且有裁量余地：预算`{budget}`不足，其合计没有确切的上下限",
        "settle the discretion in the pack, put the awards under budgets of their own, or leave budgets out with "
        "--no-budgets",
        "请在政策包中定下裁量，或分设预算，或用--no-budgets不计预算",
    ),
    "B464": _m(
        "in {rows} rows the same choice decides `{award}`, which stands under the exceeded budget `{budget}`, and an "
        "award that does not: their sum has no exact ends",
        "有{rows}行由同一裁量决定`{award}`和另一项奖补，前者受不足的预算`{budget}`限制，后者不受：其合计没有确切的上下限",
        "put both under one budget, or leave budgets out with --no-budgets",
        "请把两者放在同一预算之下，或用--no-budgets不计预算",
    ),
    "B465": _m(
        "in {rows} rows several pay `{award}`, and how much is left to discretion: under the exceeded budget "
        "`{budget}` what each pays has no exact ends",
        "有{rows}行由几方共付`{award}`，且有裁量余地：预算`{budget}`不足，各方所付没有确切的上下限",
        "settle the discretion in the pack, or leave budgets out with --no-budgets",
        "请在政策包中定下裁量，或用--no-budgets不计预算",
    ),
    "B466": _m(
        "in {rows} rows an award under the budget `{budget}` has no figure but is set against another one, so that "
        "what stands under the budget has no most",
        "有{rows}行中，预算`{budget}`之下有一项没有数额的奖补与另一项相比，应付总额没有上限",
        "leave budgets out with --no-budgets",
        "请用--no-budgets不计预算",
    ),
    "B467": _m(
        "no formula says the least and the most of `{award}` by itself, which stands under the budget `{budget}`",
        "预算`{budget}`之下的`{award}`单独的上下限写不出公式",
        "leave budgets out with --no-budgets",
        "请用--no-budgets不计预算",
    ),
}
