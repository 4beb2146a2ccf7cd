"""Packs from YAML: what is wrong with a file is said in words, at its place."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from policyeval.data_files import data_file
from policyeval.files import read_file
from policyeval.load import load_files, load_pack, load_vocabulary
from policyeval.near import did_you_mean, nearest, one_of
from policyeval.nodes import Mapped, Scalar, plain, read_yaml
from policyeval.pack import Pack
from policyeval.problems import Problem, Refusal, as_json, errors, render

CASES = Path(__file__).parent / "cases" / "load"
GOOD = (CASES / "good.yaml").read_bytes()
INDEX = yaml.safe_load((CASES / "index.yaml").read_text("utf-8"))
VOCABULARY = """\
vocabulary: small
version: 1.0.0
tiers: {city: {zh: 市, en: city}, district: {zh: 区, en: district}}
facts:
  location: {type: place, label: {zh: 所在地, en: location}}
  level: {type: ordered, label: {zh: 级别, en: level}, values: {low: {zh: 低, en: low}, high: {zh: 高, en: high}}}
payers:
  city: {label: {zh: 市级, en: city}, tiers: [city]}
places:
  a: {tier: city, label: {zh: 甲市, en: A}}
  b: {tier: district, within: a, label: {zh: 乙区, en: B}}
"""
_PAY = "pay: {type: money, label: {zh: 工资, en: wages}}"
_JOBS = f"{{type: list, most: 3, of: {{{_PAY}}}, label: {{zh: 岗位, en: jobs}}}}"


def loaded(data: bytes) -> Pack:
    pack, problems = load_pack(data, "good.yaml")
    assert pack is not None, [render(p) for p in problems]
    assert not problems
    return pack


@pytest.mark.parametrize("case", INDEX, ids=lambda case: case["file"])
def test_a_bad_file_is_told_at_its_place(case: dict[str, str | int]) -> None:
    name = str(case["file"])
    pack, problems = load_pack((CASES / name).read_bytes(), name)
    assert pack is None
    first = problems[0]
    assert first.code.startswith(str(case["code"]))
    if "line" in case:
        said = as_json(first)
        assert (said["line"], said["column"]) == (case["line"], case["column"])
        assert case.get("piece") in (None, said["text"])
    for lang in ("en", "zh"):
        shown = render(first, lang)  # type: ignore[arg-type]
        assert "{" not in first.message(lang).replace("{from", "")  # type: ignore[arg-type]
        assert "$defs" not in shown
        assert "Scalar" not in shown


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (GOOD.decode().encode("gbk"), "F105"),
        (GOOD.decode().encode("utf-16"), "F104"),
        (b"PK\x03\x04\x00\x00\xff\xd8", "F104"),
        (b"pack: caf\xe9\n", "F106"),
        (b"", "F107"),
        (b"x: " + b"x" * 2**20, "X201"),
        (b"- a\n" * 60_000, "X204"),
    ],
)
def test_bytes_that_are_no_pack(data: bytes, code: str) -> None:
    _, problems = load_pack(data, "x.yaml")
    assert [p.code for p in problems] == [code]


def test_a_large_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    with path.open("wb") as file:
        file.truncate(50 * 2**20)
    with pytest.raises(Refusal) as refused:
        read_file(path)
    assert [p.code for p in refused.value.problems] == ["X201"]


@pytest.mark.parametrize("path", ["missing.yaml", ".", "nul\0"])
def test_what_cannot_be_read_is_a_refusal(path: str) -> None:
    with pytest.raises(Refusal):
        read_file(Path(path))


@pytest.mark.parametrize("data", [GOOD.replace(b"\n", b"\r\n"), b"\xef\xbb\xbf" + GOOD, GOOD.rstrip(b"\n")])
def test_line_ends_and_byte_order_marks_make_no_difference(data: bytes) -> None:
    said, plain_one = loaded(data), loaded(GOOD)
    assert said.awards == plain_one.awards
    assert said.precedence == plain_one.precedence
    assert said.sha256 != plain_one.sha256


def test_a_pack_as_a_record() -> None:
    pack = loaded(GOOD)
    assert (pack.ref, pack.status, pack.payers) == ("small@1.0.0", "enacted", ("city", "host"))
    assert pack.families == {"matching": ("match",)}
    award = pack.awards["match"]
    assert pack.source.text[slice(*award.span)] == "match"
    assert pack.source.text[slice(*pack.spans["jurisdiction"])] == "lianyungang"
    assert pack.precedence[0].text == "match stacks with match"


def test_several_problems_come_in_one_run_in_the_order_of_the_file() -> None:
    text = GOOD.decode().replace("version: 1.0.0", "version: x").replace("family", "famly").replace("by city,", "by ,")
    _, problems = load_pack(text.encode(), "x.yaml")
    assert [p.code[0] for p in problems] == ["S", "S", "P"]
    places = [p.at.span.start for p in problems if p.at]
    assert places == sorted(places)


def test_a_mistyped_key_is_told_once() -> None:
    _, problems = load_pack((CASES / "mistyped-cite.yaml").read_bytes(), "x.yaml")
    assert [p.code for p in problems] == ["S101"]
    assert "did you mean `cite`?" in problems[0].help()


@pytest.mark.parametrize(
    ("text", "value", "seen"),
    [
        ("a: x y\n   z # c\n", "x y z", "xyz"),
        ("a: 'it''s\n  b'\n", "it's b", "it'sb"),
        ('a: "p\\u4e00q\\\n   r\n  s"\n', "p一qr s", "p\\qrs"),
        ("a: > # c\n  x 1\n  y\n\n  z\n", "x 1 y\nz\n", "x1yz"),
        ("a: |2-\n    x\n  y\n", "  x\ny", "xy"),
        ("a: &here x\n", "x", "x"),
        ("b: 1\r\na: >-\r\n  x\r\n  y\r\n", "x y", "xy"),
    ],
)
def test_every_character_of_a_scalar_knows_its_place(text: str, value: str, seen: str) -> None:
    root, problems = read_yaml(text.encode(), "x.yaml")
    assert isinstance(root, Mapped)
    node = root["a"]
    assert isinstance(node, Scalar)
    found = node.text
    assert (found.value, problems) == (value, [])
    at = [text[o] for o, char in zip(found.offsets, found.value, strict=True) if not char.isspace()]
    assert "".join(at) == seen
    assert list(found.offsets) == sorted(found.offsets)


def test_scalars_are_text() -> None:
    root, _ = read_yaml(b"[1:1, 017, no, 1.10, ~, null, '', 1e400, NaN, 2021-04-12]", "x.yaml")
    assert plain(root) == ["1:1", "017", "no", "1.10", None, None, "", "1e400", "NaN", "2021-04-12"]


def test_json_is_read_as_it_is_written() -> None:
    root, _ = read_yaml(b'{\n\t"a": 1.10,\n\t"b": "\\ud83d\\ude00\\u4e00", "c": true, "d": null}', "x.json")
    assert plain(root) == {"a": "1.10", "b": "\U0001f600一", "c": "true", "d": None}


# Vocabularies


def words(old: str = "", new: str = "") -> list[Problem]:
    assert old in VOCABULARY
    return load_vocabulary([("v.yaml", VOCABULARY.replace(old, new, 1).encode())])[1]


def test_a_vocabulary() -> None:
    vocabulary, problems = load_vocabulary([("v.yaml", VOCABULARY.encode())])
    assert not problems
    assert vocabulary.below("a") == {"a", "b"}
    assert vocabulary.value_spellings["level"]["高"] == "high"


@pytest.mark.parametrize(
    ("old", "new", "code", "piece"),
    [
        ("within: a", "within: c", "S125", "c"),
        ("tier: district", "tier: distict", "S125", "distict"),
        ("tiers: [city]", "tiers: [town]", "S125", "town"),
        ("zh: 乙区", "zh: 甲市", "S122", "b"),
        ("zh: 高", "zh: 低", "S122", "high"),
        ("type: ordered", "type: money", "S124", "values"),
        ("type: place", "type: enumeration", "S123", "type"),
        ("{low:", "{low :", "", ""),
        ("a: {tier: city,", "a: {tier: city, within: b,", "S126", "b"),
        ("en: level},", "en: level}, default: middle,", "S125", "middle"),
        ("en: level},", "en: level}, derived: {from: level, nearest: [low]},", "S125", "level"),
        ("type: place", "type: spot", "S105", "spot"),
        ("en: level},", "en: level}, given: as_of,", "S128", "given"),
        ("en: level},", "en: level}, most: 3,", "S130", "most"),
        ("  level:", "  jobs: {type: list, most: 3, label: {zh: 岗位, en: jobs}}\n  level:", "S129", "type"),
        (
            "  level:",
            f"  jobs: {{type: list, of: {{{_PAY}}}, label: {{zh: 岗位, en: jobs}}}}\n  level:",
            "S129",
            "type",
        ),
        ("  level:", f"  jobs: {_JOBS[:-1]}, default: a}}\n  level:", "S130", "default"),
        ("  level:", f"  jobs: {_JOBS.replace('3', '51')}\n  level:", "S104", "51"),
        ("  level:", f"  jobs: {_JOBS.replace('3', '0')}\n  level:", "S104", "0"),
        ("  level:", f"  jobs: {_JOBS.replace('money', 'list')}\n  level:", "S105", "list"),
        ("  level:", f"  jobs: {_JOBS.replace('money', 'ordered')}\n  level:", "S123", "type"),
        (
            "  level:",
            f"  jobs: {_JOBS.replace(_PAY, _PAY + ', ' + _PAY.replace('pay:', 'wage:'))}\n  level:",
            "S122",
            "wage",
        ),
    ],
)
def test_what_a_vocabulary_cannot_say(old: str, new: str, code: str, piece: str) -> None:
    problems = words(old, new)
    assert [p.code for p in problems][:1] == ([code] if code else [])
    assert [as_json(p)["text"] for p in problems][:1] == ([piece] if code else [])


def test_a_name_defined_in_two_vocabularies() -> None:
    other = "vocabulary: other\nversion: 1.0.0\nplaces:\n  b: {tier: city, label: {zh: 丙, en: C}}\n"
    _, problems = load_vocabulary([("v.yaml", VOCABULARY.encode()), ("w.yaml", other.encode())])
    assert [p.code for p in problems] == ["S121"]
    assert "v.yaml:11:3: defined here first" in render(problems[0])


def test_the_shipped_policies_load() -> None:
    found = load_files((path.name, path.read_bytes()) for path in sorted(data_file("policies").glob("*.yaml")))
    assert [render(p) for p in errors(found.problems)] == []
    assert found.sound
    assert {"lianyungang-2021", "ganyu-draft", "qidong-2023"} <= {pack.id for pack in found.packs}


# Nearest names


def test_nearest_names() -> None:
    assert nearest("nationl", ["none", "national"]) == "national"
    assert nearest("上级扶持资金", ["上级扶持经费", "级别"]) == "上级扶持经费"
    assert nearest("zzz", ["none", "national"]) is None
    assert did_you_mean("zzz", ["a"]) == {"en": "", "zh": ""}
    assert did_you_mean("citty", ["city"])["zh"] == "是不是`city`？"
    assert one_of("x", ["city", "host"])["en"] == "known: `city`, `host`"


# The schemas


def subschemas(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        yield schema
    for inner in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from subschemas(inner)


@pytest.mark.parametrize("name", ["pack", "vocabulary", "case"])
def test_schemas_are_closed_and_every_key_is_described(name: str) -> None:
    schema = json.loads(data_file("grammar", f"{name}.schema.json").read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    for part in subschemas(schema):
        if isinstance(part.get("properties"), dict) and "type" in part:
            assert part["additionalProperties"] is False
            for key, value in part["properties"].items():
                assert value.get("description"), key
                assert value.get("examples"), key


def test_the_schema_of_cases() -> None:
    schema = Draft202012Validator(json.loads(data_file("grammar", "case.schema.json").read_text("utf-8")))
    one = {"name": "a", "platform": {"location": "ganyu", "upstream_funding": 12000000, "level": None}}
    assert schema.is_valid(one)
    assert schema.is_valid([one, {"platform": {}}])
    assert not schema.is_valid([])
    assert not schema.is_valid({"platfrom": {}})
