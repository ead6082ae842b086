import json

import pytest

from glad.cli import main
from tests.glad.conftest import shop_log


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("glad")
    (folder / "history.log").write_bytes(shop_log(120))
    (folder / "today.log").write_bytes(shop_log(30, faults={5: "new"}, seed=2))
    assert main(["train", str(folder / "history.log"), "--out", str(folder / "model")]) == 0
    return folder


def test_score_writes_a_row_for_each_unit(trained, capsys):
    assert main(["score", str(trained / "today.log"), "--model", str(trained / "model")]) == 0
    rows = capsys.readouterr().out.splitlines()
    assert rows[0].split("\t")[:4] == ["unit", "score", "anomalous", "kind"]
    assert len(rows) == 31


def test_explain_tells_why(trained, capsys):
    arguments = ["explain", str(trained / "today.log"), "--model", str(trained / "model")]
    assert main([*arguments, "--json", "--unit", "order_7200005"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert "carrier refused" in json.loads(line)["evidence"]["sentence"]
    assert main([*arguments, "--unit", "order_7200005"]) == 0
    assert "novelty" in capsys.readouterr().out


def test_missing_model_is_one_line_on_standard_error(trained, capsys):
    assert main(["score", str(trained / "today.log"), "--model", str(trained / "no")]) == 3
    error = capsys.readouterr().err
    assert error.startswith("glad: ")
    assert error.count("\n") == 1
