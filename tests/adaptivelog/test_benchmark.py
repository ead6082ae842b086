"""The benchmark of routing, on a folder made here in the form of the real one."""

from __future__ import annotations

import json

import pytest

from benchmarks import adaptivelog as benchmark
from benchmarks.adaptivelog_rows import read_sets
from tests.adaptivelog.shop_rows import EXAMPLES, PAIRS


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    (folder / "replay").mkdir()
    for task, examples in (("lp", EXAMPLES), ("ldsm", PAIRS)):
        rows = [
            [[e.row.text, e.row.other] if e.row.other else e.row.text, e.label]
            for e in examples
        ]
        test, known = rows[::4], [row for n, row in enumerate(rows) if n % 4]
        (folder / task).mkdir()
        # the first test row is also in train: a leak
        parts = {"train": [*known, test[0]], "dev": [], "test": test}
        for part, content in parts.items():
            path = folder / task / f"{task}_shop_{part}.json"
            path.write_text(json.dumps(content), encoding="utf-8")
        answers = [
            {
                "log": text if isinstance(text, str) else text[0],
                "description": None if isinstance(text, str) else text[1],
                "gold": label,
                "icl_label": "info",
                "ecr_label": label if n % 2 else None,
            }
            for n, (text, label) in enumerate(test)
        ]
        lines = "".join(json.dumps(answer) + "\n" for answer in answers)
        (folder / "replay" / f"{task}_shop.jsonl").write_text(lines, encoding="utf-8")
    return folder


def test_leaks_are_removed_from_train_and_never_from_test(data):
    for replay in read_sets(data):
        logs = {example.row.text for example in replay.test}
        assert not [e for e in replay.train if e.row.text in logs]
        assert replay.dropped >= 1
    kept = {replay.name: len(replay.test) for replay in read_sets(data, leaks=True)}
    assert kept == {replay.name: len(replay.test) for replay in read_sets(data)}


def test_answers_with_cases_go_first_where_recorded(data):
    replay = next(r for r in read_sets(data) if r.name == "lp_shop")
    labels = [example.label for example in replay.test]
    assert list(replay.answers[1::2]) == labels[1::2]
    assert set(replay.answers[::2]) == {"info"}


@pytest.mark.slow
def test_report_has_sets_and_mean_as_shares(data, capsys):
    benchmark.main(["--data", str(data), "--json"])
    report = json.loads(capsys.readouterr().out)
    assert report["sets"].keys() == {"lp_shop", "ldsm_shop"}
    for figures in (*report["sets"].values(), report["mean"]):
        assert all(0 <= figures[name] <= 1 for name in benchmark.FIGURES)
    first = report["sets"]["lp_shop"]
    assert first["routed_5_plain"] <= 1
    assert first["risk_coverage"]["100"] == first["small"]
    assert first["ecr"]["with_cases"] == 1
    assert report["mean"]["small"] == pytest.approx(
        sum(s["small"] for s in report["sets"].values()) / 2
    )


def test_folder_without_answers_is_refused(tmp_path):
    with pytest.raises(SystemExit, match="no sets with recorded answers"):
        benchmark.main(["--data", str(tmp_path)])
