"""`policyeval prove`: a claim about every platform, proved or refuted."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from policyeval.cli import options
from policyeval.cli.console import say_json, say_pages
from policyeval.cli.options import command, door, option
from policyeval.library import open_library
from policyeval.verdicts import proof_json, proved

_STATUS = {"proved": 0, "refuted": 1, "unknown": 3}


@command(
    "prove",
    en="Prove a claim about every platform, or find the smallest that breaks it.\n\n"
    'CLAIM is written in the language of the packs: "support of ganyu-draft >= support of enacted", '
    '"host pays under ganyu-draft <= 1000万元", "ganyu-draft/matching never above 1000万元". Exit status: 0 proved, '
    "1 refuted, 3 unknown.",
    zh="证明一项对所有平台的主张，或者找出最小的反例。\n\n"
    "CLAIM用规则包的语言书写，例如“支持按 ganyu-draft 不低于 支持按 现行”“属地 支付按 ganyu-draft 不高于 1000万元”"
    "“ganyu-draft/matching 从不高于 1000万元”。退出码：0为已证明，1为不成立，3为未能判定。",
)
@click.argument("claim", metavar="CLAIM")
@option(
    "--where",
    metavar="CONDITION",
    zh="只对符合条件的平台，例如 --where '级别 为 国家级'",
    en="only for platforms that meet a condition, as in --where 'level is national'",
)
@option(
    "--for-all-readings",
    "every_reading",
    is_flag=True,
    zh="对条款的每一种解读都成立才算已证明",
    en="prove it for every reading of the open clauses",
)
@option(
    "--emit-case",
    "case_file",
    metavar="FILE",
    zh="把反例写成规则包的案例，-为直接输出",
    en="write the witness as an example of a pack to this file; - prints it",
)
@options.limit
@options.with_
@options.as_of
@options.readings
@options.policies
@options.form("text", "json", "md")
def run(
    claim: str,
    where: str | None,
    every_reading: bool,
    case_file: str | None,
    seconds: float,
    with_: tuple[str, ...],
    as_of: date,
    readings: dict[str, str],
    policies: tuple[Path, ...],
    form: str,
) -> int:
    library = open_library(policies, list(with_)).sound()
    found = proved(library, claim, as_of, readings, where, every_reading, seconds)
    if case_file is not None and found.verdict.witness is not None:
        from policyeval.cli.witness_case import emit_case

        emit_case(found, case_file)
        if case_file == "-":
            return _STATUS[found.verdict.verdict]
    if form == "json":
        say_json(proof_json(found, door().asked or "en"))
    else:
        from policyeval.cli.prove_text import page_of

        say_pages([page_of(found, door().lang)], form)
    return _STATUS[found.verdict.verdict]
