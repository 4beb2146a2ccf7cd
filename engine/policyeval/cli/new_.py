"""`policyeval new`: a draft that begins as a copy of another pack."""

from __future__ import annotations

import os
from pathlib import Path

import click

from policyeval.beginning import begin
from policyeval.cli import options
from policyeval.cli.console import say, say_bytes
from policyeval.cli.options import command, option
from policyeval.data_files import data_file
from policyeval.files import create_file
from policyeval.library import open_library

_STDOUT = "-"


@command(
    "new",
    en="Begin a draft as a copy of another pack.\n\n"
    "The copy keeps text, order and comments; it is a draft of version 0.1.0 with a title to be written, and it checks "
    "clean. It is written to ID.yaml here, and its path is printed. A file that is there already is never overwritten.",
    zh="以另一个规则包为样本新建草案。\n\n"
    "保留原文、次序和注释；新文件是0.1.0版的草案，标题待定，可以通过检查。写入当前文件夹的ID.yaml并输出路径；"
    "已有的文件不会被覆盖。",
)
@click.argument("id", metavar="ID")
@option("--like", metavar="PACK", required=True, zh="样本，名称或文件", en="the pack to copy, by its id or file")
@option("--jurisdiction", metavar="PLACE", zh="草案适用的地方（默认同样本）", en="its place (default: the same)")
@option("-o", "--output", metavar="FILE", zh="写到这个文件，-为直接输出", en="where to write it; - prints it")
@options.policies
def run(id: str, like: str, jurisdiction: str | None, output: str | None, policies: tuple[Path, ...]) -> int:
    library = open_library(policies, [like])
    path = output or f"{id}.yaml"
    schema = None if path == _STDOUT else _schema(path)
    data = begin(id, library.pack(like), library, jurisdiction, schema).encode()
    if path == _STDOUT:
        say_bytes(data)
    else:
        create_file(path, data)
        say(path)
    return 0


def _schema(path: str) -> str:
    """The schema that editors read, as seen from the new file."""
    schema, folder = data_file("grammar", "pack.schema.json"), Path(path).resolve().parent
    try:
        return Path(os.path.relpath(schema, folder)).as_posix()
    except ValueError:  # on another drive
        return Path(schema).as_posix()
