"""`policyeval`: the console entry.

In: the command line. Out: an exit status (0 done, 1 done with findings, 2 could not run, 3 undecided). Promises: no
traceback reaches a user; a command's modules are imported when it is asked for, and not before.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any, cast

import click

from policyeval import __version__
from policyeval.cli.console import ReaderGone, complain, make_safe
from policyeval.cli.options import LANG, Command, Door, Helped, telling
from policyeval.near import one_of
from policyeval.problems import Lang, Problem, Refusal

COMMANDS = (
    "eval", "batch", "impact", "sql", "why", "curve", "readings", "compare", "report", "prove", "diff", "attribute",
    "certify",
    "check", "test", "coverage", "targets", "audit", "procedure", "authority", "timeline",
    "packs", "facts", "explain", "fmt", "new"
)  # fmt: skip

_COULD_NOT_RUN = 2
_STOPPED = 130  # what a shell reports for Ctrl-C
_READER_GONE = 141  # and for a pipe that nobody reads
_CHINESE = 0x04  # the primary language of a Windows language id

_HELP = {
    "en": "What a platform gets from support policies, from whom, by which clause, and what a draft would change.",
    "zh": "一个平台按现行政策能得到多少支持、由谁出、依据哪一条，以及草案会改变什么。",
}


class Doors(Helped, click.Group):
    """The commands, each in a module of its own, and the one place where errors become messages."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        return cast("click.Command", import_module(f"policyeval.cli.{name}_").run)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if not args[0].startswith("-") and args[0] not in COMMANDS:
            raise Refusal(Problem("C101", {"name": args[0], "near": one_of(args[0], COMMANDS)}))
        return super().resolve_command(ctx, args)

    def get_help(self, ctx: click.Context) -> str:
        self.help = _HELP[_door(ctx).lang]
        return super().get_help(ctx)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        lang = _door(ctx).lang
        rows = [(name, cast("Command", self.get_command(ctx, name)).words(lang)) for name in COMMANDS]
        with formatter.section("命令" if lang == "zh" else "Commands"):
            formatter.write_dl([(name, words.partition("\n")[0]) for name, words in rows])

    def main(self, args: Any = None, *_: Any, **__: Any) -> Any:
        arguments = sys.argv[1:] if args is None else list(args)
        at = Door(_lang(arguments))
        make_safe()
        sys.exit(_guarded(lambda: self._run(args, at), at))

    def _run(self, args: Any, at: Door) -> int:
        return int(super().main(args, "policyeval", standalone_mode=False, obj=at) or 0)


def _guarded(run: Callable[[], int], at: Door) -> int:
    """Runs; whatever goes wrong becomes a message and an exit status."""
    try:
        return _with_messages(run, at)
    except ReaderGone:
        return _READER_GONE
    except (click.Abort, KeyboardInterrupt):
        return _STOPPED


def _with_messages(run: Callable[[], int], at: Door) -> int:
    try:
        return run()
    except Refusal as refusal:
        complain(refusal.problems, at.lang)
    except click.ClickException as error:
        from policyeval.cli.usage import problem_of

        complain([problem_of(error)], at.lang)
    except (ReaderGone, click.Abort):
        raise
    except Exception as error:  # noqa: BLE001  # the last door: nothing may reach a user as a traceback
        complain([_fault(error)], at.lang)
    return _COULD_NOT_RUN


def _fault(error: Exception) -> Problem:
    """An error that is nobody's but ours, and where it arose."""
    place, at = "?", error.__traceback__
    while at:
        name = at.tb_frame.f_code.co_filename
        if "policyeval" in name:
            place = f"{os.path.basename(name)}:{at.tb_lineno}"
        at = at.tb_next
    said = " ".join(f"{type(error).__name__}: {error}".split())[:200]
    return Problem("C110", {"version": __version__, "error": said, "place": place})


def _lang(arguments: list[str]) -> Lang:
    """The language for messages about the command line itself: `--lang` wherever it stands, else the system's."""
    for i, argument in enumerate(arguments):
        asked = argument.partition("=")[2] if argument.startswith("--lang=") else ""
        if argument == "--lang" and i + 1 < len(arguments):
            asked = arguments[i + 1]
        if asked in ("zh", "en"):
            return cast("Lang", asked)
    return _system_lang()


def _system_lang() -> Lang:
    named = next((value for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := os.environ.get(name))), None)
    if named is None and sys.platform == "win32":
        import ctypes

        return "zh" if ctypes.windll.kernel32.GetUserDefaultUILanguage() & 0x3FF == _CHINESE else "en"
    return "zh" if named and named.lower().startswith("zh") else "en"


def _door(ctx: click.Context) -> Door:
    found = ctx.find_object(Door)
    assert found
    return found


VERSION = telling("--version", lambda _ctx: f"policyeval {__version__}", zh="显示版本", en="Show the version and exit.")


@click.group(cls=Doors, invoke_without_command=True, params=[LANG, VERSION])
@click.pass_context
def cli(ctx: click.Context) -> None:
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def main() -> None:
    """The console entry. What a run has made lives as long as it does: no garbage is looked for at the end."""
    try:
        cli.main()
    finally:
        if "duckdb" not in sys.modules:  # it counts what is left of it at the end, and says so to the user
            gc.freeze()
