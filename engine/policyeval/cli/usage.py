"""What is wrong with a command line, as problems.

In: an error of click. Out: a Problem, with the nearest known name. Promise: every one has both languages.
"""

from __future__ import annotations

import click

from policyeval.near import did_you_mean
from policyeval.problems import Problem


def problem_of(error: click.ClickException) -> Problem:
    """The problem that an error of click means."""
    ctx = getattr(error, "ctx", None)
    parameter = getattr(error, "param", None)
    command = f"{ctx.info_name} " if ctx and ctx.parent else ""
    if isinstance(error, click.NoSuchOption):
        known = [name for param in (ctx.command.get_params(ctx) if ctx else []) for name in param.opts]
        near = did_you_mean(error.option_name, known)
        return Problem("C102", {"name": error.option_name, "near": near, "command": command})
    if isinstance(error, click.BadOptionUsage) and "requires an argument" in error.message:
        return Problem("C103", {"option": error.option_name, "shape": _shape(error.option_name, ctx)})
    if isinstance(error, click.BadOptionUsage) and "not take a value" in error.message:
        return Problem("C116", {"option": error.option_name})
    if isinstance(error, click.MissingParameter) and parameter is not None:
        name = parameter.opts[0] if isinstance(parameter, click.Option) else parameter.make_metavar(ctx).rstrip(".")
        return Problem("C105", {"name": name, "command": command})
    if "unexpected extra argument" in error.message:
        return Problem("C106", {"value": error.message.partition("(")[2].rstrip(").")})
    return Problem("C109", {"message": error.format_message().rstrip("."), "command": command})


def _shape(name: str, ctx: click.Context | None) -> str:
    for param in ctx.command.get_params(ctx) if ctx else []:
        if name in param.opts and ctx:
            return param.make_metavar(ctx).strip("[]")
    return "VALUE"
