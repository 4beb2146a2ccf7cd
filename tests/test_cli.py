"""The command line, as a person and as a script meet it."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from policyeval.cli.main import cli

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ROOT / "examples"
DRAFT = ROOT / "policies" / "ganyu-draft.yaml"
POLICYEVAL = [sys.executable, "-c", "from policyeval.cli.main import main; main()"]

GANYU = (
    "eval --set location=ganyu --set kind=technology_innovation_center --set level=national "
    "--set upstream_funding=1200万元 --set performance=excellent --set contract_turnover=3000万元 "
    "--with ganyu-draft --as-of 2023-06-30"
)
QIDONG = "eval --set location=qidong_edz --set kind=public_technology_service_platform --as-of 2023-06-30"


@pytest.fixture(autouse=True)
def _steady(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The same language, width and cache wherever the tests run."""
    for name in ("LC_ALL", "LC_MESSAGES", "NO_COLOR", "FORCE_COLOR", "POLICYEVAL_CACHE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("POLICYEVAL_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))


def run(line: str, **environment: str) -> Result:
    return CliRunner().invoke(cli, shlex.split(line), env=environment)


def process(line: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    command = [*POLICYEVAL, *shlex.split(line)]
    return subprocess.run(command, capture_output=True, env={**os.environ, **environment}, check=False, timeout=60)


def steady(text: str) -> str:
    """Without the digests, which change with every word of a pack."""
    return re.sub(r"sha256 [0-9a-f]{12}|(?<=\"sha256\": \")[0-9a-f]{64}", "sha256 …", text)


# What is printed --------------------------------------------------------------

PAGES = {
    "eval_en": GANYU,
    "eval_zh": f"{GANYU} --lang zh",
    "eval_md": f"{GANYU} --format md",
    "eval_md_zh": f"{GANYU} --format md --lang zh",
    "eval_json": f"{GANYU} --format json",
    "eval_explained": f"{GANYU} --explain",
    "eval_explained_zh": f"{GANYU} --explain --lang zh",
    "eval_brief": f"{GANYU} --depth 0",
    "eval_reading": f"{GANYU} --reading no_duplication=city_alone --reading ganyu-draft/higher_scope=all",
    "eval_no_figure": QIDONG,
    "eval_no_figure_zh": f"{QIDONG} --lang zh --explain",
    "eval_several": f"eval {EXAMPLES}/platforms.yaml --as-of 2023-06-30 --depth 0",
    "eval_undecided": f"eval {EXAMPLES}/undecided.yaml --with ganyu-draft --as-of 2023-06-30",
    "eval_nothing_in_force": f"eval {EXAMPLES}/ganyu.yaml --as-of 2021-04-11 --lang zh",
    "everywhere": f"eval {EXAMPLES}/ganyu.yaml --with ganyu-draft --as-of 2023-06-30 --everywhere",
    "everywhere_zh": f"eval {EXAMPLES}/ganyu.yaml --as-of 2023-06-30 --everywhere --lang zh",
    "everywhere_md": f"eval {EXAMPLES}/ganyu.yaml --as-of 2023-06-30 --everywhere --format md",
    "compare_en": "compare ganyu-draft --as-of 2023-06-30",
    "compare_zh": "compare ganyu-draft --as-of 2023-06-30 --lang zh",
    "compare_md": "compare ganyu-draft --as-of 2023-06-30 --format md --lang zh",
    "compare_json": f"compare ganyu-draft --as-of 2023-06-30 --format json --cases {EXAMPLES}/platforms.yaml",
    "compare_cases": f"compare ganyu-draft --as-of 2023-06-30 --cases {EXAMPLES}/platforms.yaml",
    "compare_city_alone": "compare ganyu-draft --as-of 2023-06-30 --reading no_duplication=city_alone",
    "packs": "packs",
    "packs_zh": "packs --lang zh --as-of 2023-06-30 --place 赣榆区",
    "packs_md": "packs --format md",
    "packs_json": "packs --format json",
    "packs_none": "packs --as-of 2000-01-01",
    "facts": "facts",
    "facts_zh": "facts --lang zh",
    "facts_md": "facts --format md",
    "facts_json": "facts --format json",
    "contents": "packs --contents",
    "contents_md_zh": "packs --contents --format md --lang zh",
    "coverage": "coverage ganyu-draft",
    "coverage_zh": "coverage lianyungang-2018-sme --lang zh",
    "coverage_json": "coverage lianyungang-2021 --format json",
    "procedure": "procedure --kind technology_innovation_center --level national --place ganyu --as-of 2023-06-30",
    "procedure_zh": "procedure --平台类别 新型研发机构 --place 启东 --as-of 2023-06-30 --lang zh",
    "procedure_md": "procedure --place=ganyu --as-of 2023-06-30 --format md --lang zh",
    "procedure_json": "procedure --level=national --set location=haizhou --as-of 2023-06-30 --format json",
    "procedure_none": "procedure --place ganyu --as-of 2019-06-30",
    "authority": "authority --place qidong --body qd_market",
    "authority_zh": "authority --packs lianyungang-2021,ganyu-draft --lang zh",
    "authority_json": "authority --as-of 2019-06-30 --body 市财政局 --format json",
    "timeline": "timeline --as-of 2023-06-30",
    "timeline_zh": "timeline --place 赣榆 --as-of 2023-06-30 --lang zh",
    "timeline_json": "timeline --pack lianyungang-2018-sme --format json",
    "help": "--help",
    "help_zh": "--help --lang zh",
    "help_eval": "eval --help",
    "help_eval_zh": "--lang zh eval --help",
}


@pytest.mark.parametrize("name", PAGES)
def test_page(name: str, snapshot: object) -> None:
    result = run(PAGES[name])
    assert result.stderr == ""
    assert steady(result.stdout) == snapshot


@pytest.mark.parametrize("columns", ["80", "120"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_no_line_is_wider_than_the_terminal(columns: str, lang: str) -> None:
    from policyeval.cli.table import width

    for line in (GANYU, "compare ganyu-draft --as-of 2023-06-30", "packs"):
        text = run(f"{line} --lang {lang}", COLUMNS=columns).stdout
        assert max(map(width, text.splitlines())) <= int(columns)


# Answers ----------------------------------------------------------------------


def test_one_platform_is_an_object_and_a_list_is_a_list(tmp_path: Path) -> None:
    one, many = tmp_path / "one.yaml", tmp_path / "many.json"
    one.write_text("platform: {location: ganyu, level: none}", "utf-8")
    many.write_text(json.dumps([{"platform": {"所在地": "赣榆区", "级别": "无级别"}}]), "utf-8")
    assert json.loads(run(f"eval {one} --format json").stdout)["platform"]["location"] == "ganyu"
    (listed,) = json.loads(run(f"eval {many} --format json").stdout)
    assert listed["platform"] == json.loads(run(f"eval {one} --format json").stdout)["platform"]
    assert len(json.loads(run(f"eval {one} {one} --format json").stdout)) == 2


def test_json_is_in_english_unless_a_language_is_asked_for() -> None:
    def label(line: str, **environment: str) -> str:
        return json.loads(run(line, **environment).stdout)["awards"][0]["label"]

    english = label(f"{GANYU} --format json")
    assert label(f"{GANYU} --format json", LANG="zh_CN.UTF-8") == english
    assert label(f"--lang zh {GANYU} --format json") != english


def test_set_overrides_the_case() -> None:
    line = f"eval {EXAMPLES}/ganyu.yaml --set 级别=省级 --as-of 2023-06-30 --format json"
    answer = json.loads(run(line).stdout)
    assert answer["platform"]["level"] == "provincial"
    assert answer["support"]["min"] == "5000000.00"


def test_everywhere_puts_the_platform_in_every_regime() -> None:
    line = f"eval {EXAMPLES}/ganyu.yaml --everywhere --as-of 2023-06-30 --format json"
    found = {a["platform"]["location"]: a["payers"] for a in json.loads(run(line).stdout)}
    assert {"ganyu", "donghai", "qidong"} <= set(found)
    assert found["donghai"]["city"]["max"] == "0.00"


def test_a_drafters_first_act(tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text(DRAFT.read_text("utf-8").replace("capped at 100万元", "capped at 200万元"), "utf-8")
    against_force = run(f"compare {mine} --as-of 2023-06-30 --format json")
    assert "L204" in against_force.stderr
    assert "200万元" in json.loads(against_force.stdout)["classes"][0]["to"]["support"]
    against_draft = json.loads(run(f"compare {mine} --against ganyu-draft --as-of 2023-06-30 --format json").stdout)
    assert against_draft["rules"]["changed"] == ["ganyu-draft/performance_subsidy"]


# Exit statuses ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "status"),
    [
        (GANYU, 0),
        (f"eval {EXAMPLES}/undecided.yaml", 3),
        (f"eval {EXAMPLES}/ganyu.yaml --as-of 2021-04-11", 3),
        ("eval --set level=none --as-of 2023-06-30", 3),
        (f"eval {EXAMPLES}/platforms.yaml --as-of 2023-06-30", 0),
        ("compare ganyu-draft", 0),
        ("check", 0),
        ("check ganyu-draft lianyungang-2021", 0),
        ("packs", 0),
        ("facts", 0),
        ("--version", 0),
        ("", 0),
    ],
)
def test_exit_status(line: str, status: int) -> None:
    result = run(line)
    assert result.exit_code == status, result.stderr
    assert result.stderr == ""


def test_check_is_silent_where_all_is_well() -> None:
    """The enacted packs have nothing doubtful; the draft has, and that is no error."""
    assert run("check lianyungang-2018-sme lianyungang-2018-transfer lianyungang-2021 qidong-2023").stdout == ""
    assert json.loads(run("check lianyungang-2021 --format json").stdout) == {"problems": [], "allowed": {}}
    found = json.loads(run("check ganyu-draft --format json").stdout)["problems"]
    assert {(p["code"], p["severity"]) for p in found} == {
        ("W502", "warning"),
        ("W505", "warning"),
        ("W512", "warning"),
    }
    assert run("check").exit_code == 0


def test_check_finds_what_is_wrong(tmp_path: Path, snapshot: object) -> None:
    pack = tmp_path / "mine.yaml"
    pack.write_text(DRAFT.read_text("utf-8").replace("capped at 100万元", "capped at 10%"), "utf-8")
    result = run(f"check {pack}")
    assert result.exit_code == 1
    assert result.stderr == ""
    assert result.stdout.replace(str(tmp_path), "") == snapshot
    (problem,) = json.loads(run(f"check {pack} --format json").stdout)["problems"]
    assert problem["severity"] == "error"
    assert run(f"compare {pack}").exit_code == 2
    pack.write_text("pack: mine\nstatus: [", "utf-8")
    assert run(f"check {pack}").exit_code == 1


# Errors -----------------------------------------------------------------------

ERRORS = {
    "command": "evl",
    "option": "eval --sett level=national",
    "option_without_value": "eval --set",
    "format": "facts --format xml",
    "lang": "facts --lang fr",
    "depth": f"{GANYU} --depth 9",
    "nothing_to_evaluate": "eval",
    "missing_argument": "compare",
    "one_too_many": "compare ganyu-draft qidong-2023",
    "file": "eval nothere.yaml",
    "fact": "eval --set levle=national",
    "value": "eval --set level=natonal",
    "value_zh": "eval --set 级别=国家集",
    "setting": "eval --set level",
    "place": "eval --set location=gunyu",
    "place_too_high": "eval --set location=lianyungang",
    "negative": "eval --set upstream_funding=-5",
    "infinite": "eval --set upstream_funding=1e400",
    "not_money": "eval --set upstream_funding=NaN",
    "ledger": "coverage --ledger nothere.jsonl",
    "ledger_pack": "coverage ganyu-drft",
    "procedure_fact": "procedure --knd lab",
    "procedure_value": "procedure --level natonal",
    "procedure_option": "procedure --level",
    "procedure_word": "procedure ganyu",
    "procedure_word_zh": "procedure 赣榆 --lang zh",
    "authority_body": "authority --body 市科技",
    "authority_place": "authority --place gunyu",
    "timeline_pack": "timeline --pack ganyu-drft",
    "timeline_place": "timeline --place gunyu",
    "several": "eval --set upstream_funding=-5 --set levle=national --set location=gunyu",
    "date": "eval --set location=ganyu --as-of 2023-02-30",
    "reading": "eval --set location=ganyu --reading cap_scop=each",
    "reading_twice": "eval --set location=ganyu --reading matching_kinds=any_kind",
    "reading_option": "eval --set location=ganyu --reading cap_scope=eech",
    "reading_form": "eval --set location=ganyu --reading cap_scope",
    "pack": "eval --set location=ganyu --with ganyu-drft",
    "pack_version": "eval --set location=ganyu --with ganyu-draft@9.0.0",
    "policies": "packs --policies nowhere",
    "compare_nothing_in_common": "compare ganyu-draft --against qidong-2023",
    "packs_place": "packs --place gunyu",
    "check_unknown": "check ganyu-drft",
    "check_file": "check nothere.yaml",
}


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", ERRORS)
def test_error(name: str, lang: str, snapshot: object) -> None:
    result = run(ERRORS[name], LANG=f"{lang}.UTF-8")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr == snapshot


def test_a_draft_that_is_named_without_with_is_told_how() -> None:
    result = run("eval --set location=ganyu --packs lianyungang-2021,ganyu-draft --as-of 2023-06-30")
    assert "--with ganyu-draft" in result.stderr
    assert "ganyu-draft@" not in result.stdout


def test_a_case_in_gbk_is_recognised(tmp_path: Path) -> None:
    case = tmp_path / "case.yaml"
    case.write_bytes("platform: {所在地: 赣榆区}".encode("gbk"))
    result = run(f"eval {case}")
    assert result.exit_code == 2
    assert "GBK" in result.stderr


@pytest.mark.parametrize("value", ["many", "-1", "101", "1.5", "²", "9" * 5000, "''"])
def test_an_option_that_is_no_whole_number_within_bounds(value: str) -> None:
    result = run(f"test --min-coverage {value}")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "C104" in result.stderr
    assert "from 0 to 100" in result.stderr


def test_a_fault_is_one_line_and_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise KeyError("lost")

    monkeypatch.setattr("policyeval.library.open_library", fails)
    result = run("eval --set location=ganyu")
    assert result.exit_code == 2
    assert "fault of policyeval" in result.stderr
    assert "KeyError" in result.stderr
    assert "Traceback" not in result.stderr


# Language ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "environment", "chinese"),
    [
        ("facts", {"LANG": "zh_CN.UTF-8"}, True),
        ("facts", {"LANG": "zh_CN.UTF-8", "LC_ALL": "en_US.UTF-8"}, False),
        ("facts", {"LC_MESSAGES": "zh_TW", "LANG": "de"}, True),
        ("facts --lang zh", {}, True),
        ("--lang zh facts", {}, True),
        ("--lang=zh facts", {}, True),
        ("facts --lang=en", {"LANG": "zh_CN.UTF-8"}, False),
    ],
)
def test_language(line: str, environment: dict[str, str], chinese: bool) -> None:
    assert ("出资方" in run(line, **environment).stdout) is chinese


# A real process ---------------------------------------------------------------


def test_results_go_to_stdout_and_messages_to_stderr() -> None:
    found = process("eval --set location=donghai --set level=none --with ganyu-draft --format json")
    assert json.loads(found.stdout)["platform"]["location"] == "donghai"
    assert b"L201" in found.stderr


def test_standard_input() -> None:
    command = [*POLICYEVAL, "eval", "-", "--format", "json"]
    case = "platform: {所在地: 赣榆区, 级别: 无级别}"
    found = subprocess.run(command, input=case.encode(), capture_output=True, check=True, timeout=60)
    assert json.loads(found.stdout)["platform"]["level"] == "none"


@pytest.mark.parametrize("encoding", ["gbk", "cp1252", "ascii"])
def test_no_console_breaks(encoding: str) -> None:
    text = process(f"{GANYU} --lang zh", PYTHONIOENCODING=encoding)
    assert text.returncode == 0
    assert text.stderr == b""
    if encoding == "gbk":
        assert "赣榆区财政" in text.stdout.decode("gbk")
    answer = json.loads(process(f"{GANYU} --format json --lang zh", PYTHONIOENCODING=encoding).stdout.decode("ascii"))
    assert answer["treasuries"]["host"] == "赣榆区财政"


def test_a_reader_that_leaves_is_no_error() -> None:
    with subprocess.Popen([*POLICYEVAL, "facts"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as found:
        assert found.stdout
        assert found.stderr
        found.stdout.close()
        assert found.stderr.read() == b""
        assert found.wait(60) not in (0, 1, 2, 3)


@pytest.mark.skipif(os.name == "nt", reason="signals of a POSIX shell")
def test_ctrl_c_is_quiet() -> None:
    listening = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"  # also where tests run behind
    script = f"{listening}\nimport policyeval.cli.main as m; print('ready', flush=True); m.main()"
    with subprocess.Popen(
        [sys.executable, "-c", script, "eval", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as found:
        assert found.stdout
        assert found.stderr
        assert found.stdout.readline() == b"ready\n"
        with pytest.raises(subprocess.TimeoutExpired):
            found.wait(1.5)
        found.send_signal(signal.SIGINT)
        assert found.wait(60) == 130
        assert found.stderr.read().strip() == b""


def test_eval_imports_only_what_it_needs() -> None:
    process(GANYU)
    seen = (
        "import sys, atexit; atexit.register(lambda: print(*sys.modules, file=sys.stderr)); "
        "from policyeval.cli.main import main; main()"
    )
    command = [sys.executable, "-c", seen, *shlex.split(GANYU), "--format", "json"]
    loaded = subprocess.run(command, capture_output=True, check=True, timeout=60).stderr.decode().split()
    unwanted = {"yaml", "lark", "jsonschema", "rich", "duckdb", "z3", "sqlglot", "policyeval.compare", "difflib"}
    unwanted |= {"dis", "pathlib"}  # the first with `inspect`
    assert not unwanted & set(loaded)


def test_what_is_loaded_late_is_whole() -> None:
    code = (
        "import policyeval.cli.main, sys, inspect; assert 'dis' not in sys.modules;"
        "print(inspect.signature(lambda a: a)); import inspect as again; print(again.cleandoc.__module__)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert run.stdout.split() == ["(a)", "inspect"]


@pytest.mark.skipif(os.name == "nt", reason="a pseudo-terminal of POSIX")
@pytest.mark.parametrize(
    ("environment", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)]
)
def test_colour_on_a_terminal(environment: dict[str, str], coloured: bool) -> None:
    import pty

    ours, theirs = pty.openpty()
    env = {**os.environ, **environment}
    with subprocess.Popen([*POLICYEVAL, *shlex.split(GANYU)], stdout=theirs, stderr=theirs, env=env) as found:
        os.close(theirs)
        text = _all_of(ours)
        assert found.wait(60) == 0
    os.close(ours)
    assert (b"\x1b[" in text) is coloured
    assert b"\x1b[" not in process(GANYU, **environment).stdout


def _all_of(terminal: int) -> bytes:
    """What a terminal shows until its last writer has gone."""
    parts = []
    while True:
        try:
            part = os.read(terminal, 65536)
        except OSError:  # Linux says so, where others say the end
            part = b""
        if not part:
            return b"".join(parts)
        parts.append(part)
