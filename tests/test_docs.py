"""The documents name what exists: settings, commands, dependencies, samples, make targets."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from logplatform.config import Config

ROOT = Path(__file__).resolve().parent.parent
DOCS = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "docs").glob("*.md")}
README = (ROOT / "README.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def commands(program):
    text = subprocess.run(
        [sys.executable, "-c", f"import {program}.cli as c; c.main(['--help'])"],
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    return set(re.findall(r"^ {4}([a-z]+)(?: |$)", text, re.MULTILINE))


def wanted_packages():
    items = PROJECT["dependencies"] + PROJECT["optional-dependencies"]["dev"]
    return {re.split(r"[^\w-]", item)[0] for item in items}


@pytest.mark.parametrize("name", sorted(Config.model_fields))
def test_setting_is_documented(name):
    variable = name.upper() if name.endswith("_url") else f"LOGPLATFORM_{name.upper()}"
    assert f"`{variable}`" in DOCS["operations.md"]


@pytest.mark.parametrize("program", ["adaptivelog", "glad", "logplatform", "valb"])
def test_commands_are_documented(program):
    found = commands(program)
    assert found
    missing = [name for name in found if f"{program} {name}" not in README]
    assert not missing


def test_dependencies_have_their_line():
    text = DOCS["dependencies.md"]
    named = {
        name.strip()
        for cell in re.findall(r"^\| ([\w, -]+?) \|", text, re.MULTILINE)
        for name in cell.split(",")
    } - {"package", "---"}
    assert named == wanted_packages() | {"cython", "setuptools", "wheel"}


def test_front_end_dependencies_have_their_line():
    package = json.loads((ROOT / "frontend" / "package.json").read_text(encoding="utf-8"))
    rows = re.findall(r"^\| (`.+`) \|", DOCS["dependencies.md"], re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`([^`]+)`", row)}
    assert named == package["dependencies"].keys() | package["devDependencies"].keys()


def test_dependencies_are_pinned():
    pinned = {
        line.split("==")[0].lower().replace("_", "-")
        for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").split()
    }
    assert wanted_packages() <= pinned


def test_make_targets_are_documented():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"^([a-z-]+):.*##", makefile, re.MULTILINE)
    text = README + (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert targets
    assert not [name for name in targets if f"make {name}" not in text]


def test_links_between_documents_lead_somewhere():
    broken = []
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        text = path.read_text(encoding="utf-8")
        links = re.findall(r"\]\(([^)#:]+)\)", text)
        named = re.findall(
            r"\b(?:docs|samples|tests|scripts|logplatform|parsers|compression|benchmarks)/[\w/.-]+\.(?:md|py|sh)\b",
            text,
        )
        broken += [
            f"{path.name}: {link}" for link in links if not (path.parent / link).exists()
        ]
        broken += [f"{path.name}: {name}" for name in named if not (ROOT / name).exists()]
    assert not broken


def test_sample_logs_are_named_in_the_readme():
    folder = ROOT / "logplatform" / "logs" / "samples"
    samples = json.loads((folder / "metadata.json").read_text(encoding="utf-8"))
    assert samples
    assert not [sample["name"] for sample in samples if sample["title"] not in README]
