"""`policyeval readings`: what a platform, or a class of them, gets under every reading of the clauses that are open."""

from __future__ import annotations

from policyeval.alternatives import alternatives, as_json
from policyeval.cases import read_setting, typed
from policyeval.cli import options
from policyeval.cli.console import complain, say_json, say_pages
from policyeval.cli.input import names_a_pack, read_platforms
from policyeval.cli.options import Question, command, door, option
from policyeval.library import open_library
from policyeval.problems import Problem, Refusal

_UNDECIDED = 3


@command(
    "readings",
    en="What a platform, or a class of them, gets under every reading of the open clauses, or which readings change a "
    "verdict.\n\n"
    "CASE is a YAML or JSON file, - for standard input, or the id of a pack. In its place --class stands for all "
    "platforms that meet a condition.",
    zh="条款两可时，一个平台或一类平台在各种解读下各得多少；或者哪些解读会改变对一份草案的结论。\n\n"
    "CASE是YAML或JSON案例文件、-（标准输入），或者规则包的名称。也可以不写CASE，用--class问符合条件的一类平台。",
)
@option(
    "--class",
    "condition",
    metavar="CONDITION",
    zh="问符合条件的一类平台，例如 --class '级别 为 国家级'",
    en="ask about all platforms that meet a condition, as in --class 'level is national'",
)
@options.question
@options.limit
@options.form("text", "json", "md")
def run(
    asked: Question,
    condition: str | None,
    seconds: float,
    form: str,
) -> int:
    if condition is not None:
        if asked.cases:
            raise Refusal(Problem("C119", {"name": asked.cases[0]}))
        return _of_class(condition, asked, seconds, form)
    if len(asked.cases) == 1 and names_a_pack(asked.cases[0]):
        return _of_pack(asked, seconds, form)
    library = asked.rules.library()
    platforms = read_platforms(asked.cases, asked.settings, library.vocabulary)
    regimes = asked.rules.regimes(library)
    found = [alternatives(regimes, platform) for platform in platforms.each]
    complain((note for one in found for note in one.notes), door().lang)
    if form == "json":
        say_json(platforms.shown([as_json(one, door().asked or "en") for one in found]))
    else:
        from policyeval.cli.readings_text import page_of

        say_pages([page_of(one, library.vocabulary, door().lang) for one in found], form)
    answers = [outcome.answer for one in found for outcome in one.outcomes]
    return _UNDECIDED if any(a.undetermined or a.missing for a in answers) else 0


def _of_pack(asked: Question, seconds: float, form: str) -> int:
    from policyeval.cli.progress import bar
    from policyeval.cli.sensitivity_text import page_of
    from policyeval.sensitivity import as_json as sensitivity_json
    from policyeval.sensitivity import sensitivity

    (pack,) = asked.cases
    library = open_library(asked.rules.policies, [pack]).sound()
    with bar(pack) as tell:
        found = sensitivity(library, pack, asked.rules.as_of, asked.rules.readings, seconds, tell)
    if form == "json":
        say_json(sensitivity_json(found, door().asked or "en"))
    else:
        say_pages([page_of(found, door().lang)], form)
    return 0


def _of_class(condition: str, asked: Question, seconds: float, form: str) -> int:
    from policyeval.class_readings import as_json as class_json
    from policyeval.class_readings import class_readings
    from policyeval.cli.class_readings_text import pages_of
    from policyeval.cli.progress import bar

    library = asked.rules.library()
    given = typed({}, library.vocabulary, [read_setting(text) for text in asked.settings])
    with bar(condition) as tell:
        found = class_readings(asked.rules.regimes(library), condition, given, seconds, tell)
    complain(found.notes, door().lang)
    if form == "json":
        say_json(class_json(found, door().asked or "en"))
    else:
        say_pages(pages_of(found, door().lang), form)
    return _UNDECIDED if found.undecided else 0
