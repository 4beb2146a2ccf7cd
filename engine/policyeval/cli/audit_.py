"""`policyeval audit`: what documents promise each other, held against each other."""

from __future__ import annotations

from datetime import date

import click

from policyeval.audit import VERDICTS, Verdict, as_json, audit
from policyeval.cli import options
from policyeval.cli.console import say_json, say_pages
from policyeval.cli.options import OneOf, command, door, option
from policyeval.library import open_library


@command(
    "audit",
    en="Whether figures, tables, names and duties agree, within a pack and between packs.\n\n"
    "PACK is an id or a file; all packs where none is named. Every finding shows each of its places.",
    zh="核对文件内部和文件之间的数字、表格、名称和职责是否一致。\n\nPACK是名称或文件；不写则核对全部。每一条都列出所在各处。",
)
@click.argument("packs", metavar="[PACK]...", nargs=-1)
@option(
    "--only",
    type=OneOf(VERDICTS),
    multiple=True,
    zh="只列出不一致（differs）、存疑（open）或一致（agrees）的，可重复",
    en="only what differs, is open, or agrees; may be repeated",
)
@options.as_of
@options.policies
@options.form("text", "json", "md")
def run(packs: tuple[str, ...], only: tuple[Verdict, ...], as_of: date, policies: tuple[str, ...], form: str) -> int:
    library = open_library(policies, packs).sound()
    found = audit(library, as_of, [library.pack(pack) for pack in packs])
    if form == "json":
        say_json(as_json(found, door().asked or "en", only or VERDICTS))
    else:
        from policyeval.cli.audit_text import page_of

        say_pages([page_of(found, door().lang, only or VERDICTS)], form)
    return 0
