"""Options that several commands share, and commands that speak two languages.

In: click's own classes. Out: `command`, `option` and the shared options. Promise: a bad value is a Problem like any
other; help and messages follow `--lang`, which stands before or after the command's name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

import click

from policyeval.near import one_of
from policyeval.problems import Lang, Problem, Refusal
from policyeval.record import Record, names

if TYPE_CHECKING:
    from policyeval.library import Library
    from policyeval.regime import Regimes

F = TypeVar("F", bound=Callable[..., Any])


class Door:
    """What holds for the whole run: the language, and the one asked for, if any."""

    def __init__(self, lang: Lang) -> None:
        self.lang = lang
        self.asked: Lang | None = None


def door() -> Door:
    found = click.get_current_context().find_object(Door)
    assert found
    return found


class OneOf(click.Choice[str]):
    """One of a few words; another one gets the nearest."""

    def convert(self, value: Any, param: click.Parameter | None, _ctx: click.Context | None) -> Any:
        if value in self.choices:
            return value
        words = {"option": param.opts[0] if param else "", "value": value, "near": one_of(str(value), self.choices)}
        raise Refusal(Problem("C104", words))


class Option(click.Option):
    """An option with help in both languages."""

    def __init__(self, *args: Any, zh: str, en: str, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "help": None})
        self.help = en  # not given to click, which would load `inspect` to tidy it
        self._help = {"zh": zh, "en": en}

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        self.help = self._help[_lang(ctx)]
        return super().get_help_record(ctx)


def telling(name: str, tell: Callable[[click.Context], str], *, zh: str, en: str) -> Option:
    """An option that has something said, and nothing else done."""

    def said(ctx: click.Context, _param: click.Parameter, asked: bool) -> None:
        if asked and not ctx.resilient_parsing:
            click.echo(tell(ctx), color=ctx.color)
            ctx.exit()

    return Option([name], is_flag=True, expose_value=False, is_eager=True, callback=said, zh=zh, en=en)


HELP = telling("--help", lambda ctx: ctx.get_help(), zh="显示说明", en="Show this message and exit.")


class Helped(click.Command):
    """A command whose `--help` speaks two languages too."""

    def get_help_option(self, _ctx: click.Context) -> click.Option:
        return HELP


class Command(Helped):
    """A command with help in both languages."""

    def __init__(self, *args: Any, zh: str, en: str, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "help": en})
        self._help = {"zh": zh, "en": en}

    def get_help(self, ctx: click.Context) -> str:
        self.help = self._help[_lang(ctx)]
        return super().get_help(ctx)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            error.ctx = error.ctx or ctx  # click leaves it out where an option lacks its value
            raise

    def words(self, lang: Lang) -> str:
        return self._help[lang]


def _lang(ctx: click.Context) -> Lang:
    found = ctx.find_object(Door)
    return found.lang if found else "en"


def command(
    name: str, *, en: str, zh: str, both: bool = False, files: bool = False
) -> Callable[[Callable[..., Any]], click.Command]:
    """A command; what it returns is the exit status. `both`: it can answer in both languages at once; `files`: in
    some of the files that it writes."""

    def made(run: Callable[..., Any]) -> click.Command:
        found = click.command(name, cls=Command, en=en, zh=zh)(run)
        found.params.append(LANG_OR_BOTH if both else LANG_OF_FILES if files else LANG)
        return found

    return made


def option(*names: str, en: str, zh: str, **kwargs: Any) -> Callable[[F], F]:
    return click.option(*names, cls=Option, en=en, zh=zh, **kwargs)


# Shared options --------------------------------------------------------------


def _set_lang(ctx: click.Context, _param: click.Parameter, value: str | None) -> None:
    found = ctx.find_object(Door)
    if found and value == "both":
        found.asked = None
    elif found and value:
        found.lang = found.asked = "zh" if value == "zh" else "en"


def _lang_option(*words: str, zh: str, en: str) -> Option:
    return Option(["--lang"], type=OneOf(words), expose_value=False, is_eager=True, callback=_set_lang, zh=zh, en=en)


LANG = _lang_option("zh", "en", zh="中文或英文（默认随系统）", en="Chinese or English (default: the system's)")
LANG_OF_FILES = _lang_option(
    "zh",
    "en",
    "both",
    zh="中文、英文或两者（默认：.html文件两者，其余随系统）",
    en="Chinese, English or both (default: both in an .html file, else the system's)",
)
LANG_OR_BOTH = _lang_option(
    "zh", "en", "both", zh="中文、英文或两者（默认两者）", en="Chinese, English or both (default: both)"
)


def _day(_ctx: click.Context, param: click.Parameter, value: str | None) -> date | None:
    from policyeval.cases import read_day

    if value is None:
        return None
    day = read_day(value)
    if day is None:
        raise Refusal(Problem("M106", {"fact": param.opts[0], "value": value}))
    return day


def _today(ctx: click.Context, param: click.Parameter, value: str | None) -> date:
    return _day(ctx, param, value) or date.today()  # noqa: DTZ011  # the day where the user is


def whole(least: int, most: int) -> Callable[[click.Context, click.Parameter, str | None], int | None]:
    """What reads an option's whole number."""

    def read(_ctx: click.Context, param: click.Parameter, value: str | None) -> int | None:
        if value is None:
            return None
        if value.isdecimal() and len(value) <= len(str(most)) and least <= int(value) <= most:
            return int(value)
        near = {"en": f"write a whole number from {least} to {most:,}", "zh": f"请写{least}到{most:,}的整数"}
        raise Refusal(Problem("C104", {"option": param.opts[0], "value": value, "near": near}))

    return read


def pairs(code: str) -> Callable[[click.Context, click.Parameter, tuple[str, ...]], dict[str, str]]:
    """What reads NAME=VALUE, as often as it is given. One that is no such pair is a Problem of this code."""

    def read(_ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
        found = {}
        for value in values:
            name, _, meant = (part.strip() for part in value.replace("＝", "=").rpartition("="))
            if not (name and meant):
                raise Refusal(Problem(code, {"option": param.opts[0], "value": value}))
            found[name] = meant
        return found

    return read


def listed(_ctx: click.Context, _param: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """What reads A,B, as often as it is given."""
    return tuple(part.strip() for part in ",".join(values).replace("，", ",").split(",") if part.strip())


settings = option(
    "--set",
    "settings",
    metavar="FACT=VALUE",
    multiple=True,
    zh="设定一个事实，例如 --set 级别=国家级，可重复",
    en="set a fact, as in --set level=national; may be repeated",
)
as_of = option(
    "--as-of",
    metavar="DATE",
    callback=_today,
    zh="按哪一天施行的文件，例如2023-06-30（默认今天）",
    en="the day whose policies apply, as in 2023-06-30 (default: today)",
)
any_day = option(
    "--as-of", metavar="DATE", callback=_day, zh="只列出这一天施行的", en="only those in force on this day"
)
readings = option(
    "--reading",
    "readings",
    metavar="ID=OPTION",
    multiple=True,
    callback=pairs("C108"),
    zh="条款两可时选用的解读，可重复",
    en="how to read a clause that is open; may be repeated",
)
policies = option(
    "--policies",
    metavar="DIR",
    multiple=True,
    zh="另加一个政策文件夹，可重复",
    en="a further folder of packs; may be repeated",
)


def _seconds(_ctx: click.Context, param: click.Parameter, value: str | None) -> float:
    from policyeval.prove import SECONDS

    try:
        seconds = SECONDS if value is None else float(value)
    except ValueError:
        seconds = -1.0
    if not 0 < seconds < float("inf"):
        raise Refusal(Problem("C111", {"option": param.opts[0], "value": value}))
    return seconds


force = option("--force", is_flag=True, zh="文件已存在时覆盖", en="replace a file that is there")
against = option(
    "--against",
    metavar="PACK",
    zh="与另一份文件对照（默认：当地施行的文件）",
    en="hold it against another pack (default: what is in force there)",
)
cases = option("--cases", metavar="FILE", zh="也计算这些案例", en="also evaluate the platforms of this file")
limit = option(
    "--limit",
    "seconds",
    metavar="SECONDS",
    callback=_seconds,
    zh="证明每项主张的时限，秒（默认10）",
    en="how long the proof of one claim may take (default: 10)",
)
with_ = option(
    "--with",
    "with_",
    metavar="PACK",
    multiple=True,
    zh="加上一份草案（名称或文件），可重复",
    en="add a draft, by its id or file; may be repeated",
)
only = option(
    "--packs",
    metavar="A,B",
    multiple=True,
    callback=listed,
    zh="只用这些文件，逗号分隔",
    en="apply only these packs, by commas",
)


def gather(name: str, kind: type[Record], *parts: Callable[[Any], Any]) -> Callable[[F], F]:
    """The arguments and options `parts` as one record of this kind, which a command takes under this name."""

    def around(run: Callable[..., int]) -> Any:
        @wraps(run)
        def gathered(**given: Any) -> int:
            record = kind(**{field: given.pop(field) for field in names(kind)})
            return run(**{name: record}, **given)

        for part in reversed(parts):
            gathered = part(gathered)
        return gathered

    return around


def _library(policies: Sequence[str], named: Sequence[str]) -> Library:
    from policyeval.library import open_library

    return open_library(policies, named).sound()


class Rules(Record):
    """The policies, the day and the readings that apply."""

    as_of: date
    with_: tuple[str, ...]
    packs: tuple[str, ...]
    readings: dict[str, str]
    policies: tuple[str, ...]

    def library(self, *more: str) -> Library:
        """With all packs that are named. Raises Refusal where one does not load."""
        return _library(self.policies, [*self.with_, *self.packs, *more])

    def regimes(self, library: Library, drafts: Sequence[str] | None = None) -> Regimes:
        """What is in force, with the drafts that are named, or with these. Raises Refusal."""
        from policyeval.regime import Regimes

        return Regimes(library, self.as_of, self.packs, self.with_ if drafts is None else drafts, self.readings)


rules = gather("rules", Rules, as_of, with_, only, readings, policies)


class Question(Record):
    """The platforms that are asked about, and what applies to them."""

    cases: tuple[str, ...]
    settings: tuple[str, ...]
    rules: Rules


question = gather("asked", Question, click.argument("cases", metavar="CASE...", nargs=-1), settings, rules)


class Draft(Record):
    """A pack, what it is held against, and the day and the readings that apply."""

    pack: str
    against: str | None
    as_of: date
    readings: dict[str, str]
    policies: tuple[str, ...]

    def library(self) -> Library:
        """With the packs that are named. Raises Refusal where one does not load."""
        return _library(self.policies, [self.pack, *([self.against] if self.against else [])])


draft = gather("asked", Draft, click.argument("pack", metavar="PACK"), against, as_of, readings, policies)


def form(*names: str) -> Callable[[F], F]:
    return option(
        "--format",
        "form",
        type=OneOf(names),
        default=names[0],
        zh="输出格式（默认text）",
        en="how to print (default: text)",
    )
