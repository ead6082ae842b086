"""The benchmark of routing, on a folder made here in the form of the real one."""

from __future__ import annotations

import json
import shutil

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


def written(folder, name, rows, answers):
    """Write a set of a form as bare as may be: no dev rows, no fields beyond what is needed."""
    task = name.partition("_")[0]
    (folder / "replay").mkdir(exist_ok=True)
    (folder / task).mkdir(exist_ok=True)
    test, known = rows[::3], [row for n, row in enumerate(rows) if n % 3]
    for part, content in (("train", known), ("test", test)):
        (folder / task / f"{name}_{part}.json").write_text(json.dumps(content))
    lines = [answers(text, label) for text, label in test]
    replay = "".join(json.dumps(line) + "\n" for line in lines if line)
    (folder / "replay" / f"{name}.jsonl").write_text(replay)


def test_other_sets_of_the_form_are_measured_too(tmp_path, capsys):
    words = [f"word{n} failed in part{n * 7 % 20} of unit" for n in range(20)]
    many = [
        (f"{word} number{n}", f"class{c}") for c, word in enumerate(words) for n in range(6)
    ]
    pair = [(f"{'lost' if n % 2 else 'kept'} packet of queue{n}", n % 2) for n in range(18)]
    # a plain answer alone and no gold; no answer at all to a third of the rows; few rows
    written(tmp_path, "zz_many", many, lambda text, label: {"log": text, "icl_label": label})
    written(
        tmp_path,
        "lp_few",
        pair,
        lambda text, label: (
            {"log": text, "gold": label, "ecr_label": label} if "e1" not in text else None
        ),
    )
    (tmp_path / "replay" / "notes.jsonl").write_text("{}\n")
    benchmark.main(["--data", str(tmp_path), "--json"])
    report = json.loads(capsys.readouterr().out)
    assert list(report["sets"]) == ["lp_few", "zz_many"]
    assert report["sets"]["zz_many"]["llm"] == 1
    assert report["sets"]["lp_few"]["llm"] < 1
    for figures in report["sets"].values():
        assert all(0 <= figures[name] <= 1 for name in benchmark.FIGURES)
        assert figures["routed_20"] >= figures["small"] - 0.2


def test_order_of_rows_changes_nothing(data, tmp_path, capsys):
    rows = json.loads((data / "lp" / "lp_shop_train.json").read_text())
    shutil.copytree(data, tmp_path / "shuffled")
    (tmp_path / "shuffled" / "lp" / "lp_shop_train.json").write_text(json.dumps(rows[::-1]))
    reports = []
    for folder in (data, tmp_path / "shuffled"):
        benchmark.main(["--data", str(folder), "--json", "--sets", "lp_shop"])
        reports.append(json.loads(capsys.readouterr().out)["mean"])
    assert reports[0] == pytest.approx(reports[1])


def test_folder_without_answers_is_refused(tmp_path):
    with pytest.raises(SystemExit, match="no sets with recorded answers"):
        benchmark.main(["--data", str(tmp_path)])
