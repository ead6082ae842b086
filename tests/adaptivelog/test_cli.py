"""The command: train, classify, route."""

from __future__ import annotations

import csv
import json

import pytest

from adaptivelog.cli import main
from tests.adaptivelog.openai_server import labelled, serving
from tests.adaptivelog.shop_rows import EXAMPLES


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    with (folder / "rows.csv").open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(["text", "label"])
        writer.writerows([example.row.text, example.label] for example in EXAMPLES)
    assert main(["train", str(folder / "rows.csv"), "--out", str(folder / "model")]) == 0
    return folder / "model"


def lines(capsys):
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_templates_of_a_log_are_classified_once(model, tmp_path, capsys):
    log = tmp_path / "shop.log"
    log.write_text("failed to save order\n" * 3 + "saved order in 5 ms\n" * 2, encoding="utf-8")
    capsys.readouterr()
    assert main(["classify", str(model), str(log), "--messages"]) == 0
    found = lines(capsys)
    assert [(f["records"], f["label"]) for f in found] == [(3, "error"), (2, "info")]


def test_doubtful_rows_are_routed(model, tmp_path, capsys):
    rows = tmp_path / "rows.ndjson"
    texts = ["failed to save order", "xyzzy gromit"]
    rows.write_text("".join(json.dumps({"text": t}) + "\n" for t in texts), encoding="utf-8")
    key = tmp_path / "key"
    key.write_text("k-1\n", encoding="utf-8")
    capsys.readouterr()
    with serving(labelled("critical")) as server:
        where = ["--base-url", server.url, "--large", "tiny", "--key-file", str(key)]
        cases = ["--cases", str(model / "cases.ndjson")]
        command = ["route", str(model), str(rows), "--task", "severity", *where, *cases]
        assert main(command) == 0
    sure, asked = lines(capsys)
    assert (sure["label"], sure["source"]) == ("error", "small")
    assert (asked["label"], asked["source"], asked["reply"]["reason"]) == (
        "critical",
        "large",
        "because",
    )
    assert server.requests[0]["headers"]["authorization"] == "Bearer k-1"


def test_without_a_large_model_rows_are_for_review(model, tmp_path, capsys):
    rows = tmp_path / "rows.csv"
    rows.write_text("text\nxyzzy gromit\n", encoding="utf-8")
    capsys.readouterr()
    assert main(["route", str(model), str(rows)]) == 0
    assert [(f["why"], f["review"]) for f in lines(capsys)] == [("no_large_model", True)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"text": "a"}\n', "line 1: no label"),
        ('{"label": "a"}\n', "line 1: no text"),
        ("[]\n", "line 1: not an object"),
        ("{\n", "line 1: not JSON"),
        ("", "no labelled rows"),
    ],
)
def test_bad_rows_name_file_and_line(content, message, tmp_path, capsys):
    path = tmp_path / "rows.ndjson"
    path.write_text(content, encoding="utf-8")
    assert main(["train", str(path), "--out", str(tmp_path / "m")]) == 3
    error = capsys.readouterr().err
    assert error.startswith("adaptivelog: ")
    assert f"rows.ndjson: {message}" in error


def test_missing_model_is_bad_input(tmp_path, capsys):
    assert main(["classify", str(tmp_path), str(tmp_path / "x.log")]) == 3
    assert "config.json" in capsys.readouterr().err
