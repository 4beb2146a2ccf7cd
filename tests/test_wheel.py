"""The wheel, as a user gets it: built, installed with the pinned dependencies and nothing else, run from elsewhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def run(*command: str | Path, cwd: Path) -> str:
    env = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
    env |= {"POLICYEVAL_CACHE": str(cwd / "cache"), "PYTHONUTF8": "1"}
    done = subprocess.run(
        [str(c) for c in command], cwd=cwd, env=env, capture_output=True, encoding="utf-8", check=False, timeout=600
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the scripts of an environment that holds the wheel and what it needs, and nothing else."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
    (wheel,) = folder.glob("policyeval-*.whl")
    run(sys.executable, "-m", "venv", "--without-pip", folder / "env", cwd=folder)  # this one's pip does for it
    scripts = folder / "env" / ("Scripts" if os.name == "nt" else "bin")
    pip = [sys.executable, "-m", "pip", "--python", scripts / "python", "install"]
    pip += ["--quiet", "--disable-pip-version-check", "--no-compile"]
    run(*pip, "--require-hashes", "-r", ROOT / "requirements.txt", cwd=folder)
    run(*pip, "--no-deps", wheel, cwd=folder)
    return scripts


def test_the_wheel_compares_the_draft_from_any_folder(installed: Path, tmp_path: Path) -> None:
    printed = run(
        installed / "policyeval", "compare", "ganyu-draft", "--as-of", "2023-06-30", "--format", "json", cwd=tmp_path
    )
    found = json.loads(printed)
    assert found["to"] == ["lianyungang-2021@1.1.0", "ganyu-draft@0.2.0"]
    assert found["classes"][0]["from"]["support"] == "min(upstream_funding, 1000万元)"


def test_the_wheel_evaluates_and_checks(installed: Path, tmp_path: Path) -> None:
    """The city plan's 七: 1200万元 from above is matched up to 1000万元, half by the city and half by the district."""
    settings = ["--set", "location=ganyu", "--set", "level=national", "--set", "upstream_funding=1200万元"]
    printed = run(
        installed / "policyeval", "eval", *settings, "--as-of", "2023-06-30", "--format", "json", cwd=tmp_path
    )
    assert json.loads(printed)["payers"]["city"] == {"min": "5000000.00", "max": "5000000.00"}
    run(installed / "policyeval", "check", cwd=tmp_path)


def test_the_interface_in_python(installed: Path, tmp_path: Path) -> None:
    program = (
        "import policyeval;"
        "a = policyeval.evaluate({'location': 'ganyu', 'level': 'national', 'upstream_funding': '1200万元'},"
        " as_of='2023-06-30');"
        "print(a.support.min, policyeval.compare('ganyu-draft', as_of='2023-06-30').where[0])"
    )
    assert run(installed / "python", "-c", program, cwd=tmp_path).split() == ["1000000000", "ganyu"]


def test_a_report_without_its_libraries(installed: Path, tmp_path: Path) -> None:
    """Markdown needs none; for the others the message says how to install them."""
    policyeval = installed / "policyeval"
    run(policyeval, "report", "ganyu-draft", "--as-of", "2023-06-30", "-o", "report.md", cwd=tmp_path)
    assert "1000万元" in (tmp_path / "report.md").read_text(encoding="utf-8")
    assert len(list(installed.parent.rglob("*.html.jinja"))) == 2
    refused = subprocess.run(
        [policyeval, "--lang", "en", "report", "ganyu-draft", "-o", "report.html"],
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert refused.returncode == 2
    assert "pip install 'policyeval[report]'" in refused.stderr
