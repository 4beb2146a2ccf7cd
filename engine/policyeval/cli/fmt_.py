"""`policyeval fmt`: a pack's expressions in Chinese or in English, or with their spacing put right."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from difflib import unified_diff
from pathlib import Path
from typing import NamedTuple

import click

from policyeval.cli import options
from policyeval.cli.console import complain, say_bytes
from policyeval.cli.options import command, door, option
from policyeval.files import PACK_SIZE, names_a_file, read_file, read_reference, replace_file, too_large
from policyeval.library import open_library
from policyeval.problems import Problem, Refusal
from policyeval.restyle import restyled

_FOUND = 1
_COULD_NOT_RUN = 2
_STDIN = "-"
_NO_END = "\n\\ No newline at end of file\n"


class _File(NamedTuple):
    name: str
    before: bytes
    after: bytes


@command(
    "fmt",
    en="Put the expressions of packs into one language, and nothing else.\n\n"
    "With --lang, keywords, facts, values, payers and places are written in that language; without it only spacing is "
    "put right. Comments, order and quotes stay. A pack is never changed in meaning: it is read again first.\n\n"
    "PACK_FILE is a file, or - for standard input; one file is printed.",
    zh="把规则包里的表达式统一成一种语言，其余不动。\n\n"
    "用--lang时，关键词、事实、取值、出资方和地方都写成该语言；不用时只整理空格。注释、次序、引号不变。"
    "写出之前会重新读一遍，意思有变就不写。\n\nPACK_FILE是文件，或用-表示标准输入；只有一个文件时直接输出。",
)
@click.argument("files", metavar="PACK_FILE...", nargs=-1, required=True)
@option("--check", is_flag=True, zh="只看是否需要改写，需要则退出码为1", en="say which would change; exit 1 if any")
@option("--diff", is_flag=True, zh="输出改动之处", en="print what would change")
@option("--write", is_flag=True, zh="改写文件", en="rewrite the files")
@options.policies
def run(files: tuple[str, ...], check: bool, diff: bool, write: bool, policies: tuple[Path, ...]) -> int:
    _refuse(files, check, diff, write)
    paths = tuple(name for name in files if name != _STDIN and names_a_file(name))
    library = open_library(policies, paths)
    if not library.vocabulary.places:
        library.sound()  # without its words no pack means anything
    done: list[_File] = []
    wrong: list[Problem] = []
    for name in dict.fromkeys(files):
        try:
            data = _read(name)
            done.append(_File(name, data, restyled(data, _shown(name), library, door().asked)))
        except Refusal as refusal:
            wrong += refusal.problems
    changed = [file for file in done if file.before != file.after]
    if diff:
        say_bytes("".join(text for file in changed for text in _diff(file)).encode())
    if check:
        complain([Problem("D106", {"path": _shown(file.name)}) for file in changed], door().lang)
    if write:
        _write(changed)
    if not (check or diff or write) and done:
        say_bytes(done[0].after)
    complain(wrong, door().lang)
    if wrong:
        return _COULD_NOT_RUN
    return _FOUND if check and changed else 0


def _refuse(files: tuple[str, ...], check: bool, diff: bool, write: bool) -> None:
    """What cannot be asked for together."""
    if write and (check or diff):
        raise Refusal(Problem("D105", {"other": "--check" if check else "--diff"}))
    if len(set(files)) > 1 and not (check or diff or write):
        raise Refusal(Problem("D104"))
    if write:
        odd = [name for name in files if name == _STDIN or name.startswith("git:")]
        if odd:
            raise Refusal(Problem("D108", {"path": _shown(odd[0])}))


def _read(name: str) -> bytes:
    if name != _STDIN:
        return read_reference(name) if name.startswith("git:") else read_file(name, name)
    data = sys.stdin.buffer.read(PACK_SIZE + 1)
    if len(data) > PACK_SIZE:
        raise Refusal(too_large(_shown(name), len(data), PACK_SIZE))
    return data


def _shown(name: str) -> str:
    return "<stdin>" if name == _STDIN else name


def _write(changed: list[_File]) -> None:
    for file in changed:
        replace_file(file.name, file.after)
        complain([Problem("D109", {"path": file.name})], door().lang)


def _diff(file: _File) -> Iterator[str]:
    """The change of one file, as `patch` reads it."""
    before, after = (re.findall(r"[^\n]*\n|[^\n]+", text.decode()) for text in (file.before, file.after))
    for line in unified_diff(before, after, _shown(file.name), _shown(file.name)):
        yield line if line.endswith("\n") else line + _NO_END
