"""Which rungs are tried and chosen, and that nobody pays for more than they are worth."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from adaptivelog import BadLabels, Example, Row, TrainConfig, train
from adaptivelog.ladder import (
    MAX_TUNED_ROWS,
    MIN_MISTAKES,
    MIN_ROWS,
    MIN_TUNED_ROWS,
    choose,
    why_not,
)
from tests.adaptivelog.shop_rows import EXAMPLES


def logits(right, targets):
    """Give log odds that are right on some rows; None: a row that was not judged."""
    found = np.full((len(targets), 2), np.nan)
    for row, (is_right, target) in enumerate(zip(right, targets, strict=True)):
        if is_right is not None:
            found[row] = [0.0, 0.0]
            found[row, target if is_right else 1 - target] = 1.0
    return found


def test_best_rung_on_the_rows_that_all_were_judged_on_is_chosen():
    targets = np.array([0, 1, 0, 1, 0, 1])
    low = logits([True, True, False, True, True, True], targets)
    high = logits([True, True, True, None, None, None], targets)
    best, accuracies = choose({"tfidf": low, "encoder": high}, targets)
    assert best == "encoder"
    assert accuracies == {"tfidf": 2 / 3, "encoder": 1.0}


def test_cheaper_rung_stays_on_a_tie():
    targets = np.array([0, 1])
    same = logits([True, False], targets)
    assert choose({"tfidf": same, "embedding": same.copy()}, targets)[0] == "tfidf"


@pytest.mark.parametrize(
    ("name", "rows", "mistakes", "said"),
    [
        ("tfidf", 4, None, ""),
        ("embedding", MIN_ROWS - 1, 40, "told from luck"),
        ("embedding", MIN_ROWS, MIN_MISTAKES - 1, "mistakes to mend"),
        ("embedding", MIN_ROWS, MIN_MISTAKES, ""),
        ("encoder", MIN_TUNED_ROWS - 1, 50, f"from {MIN_TUNED_ROWS} on"),
        ("encoder", MIN_TUNED_ROWS, 50, ""),
        ("encoder", MAX_TUNED_ROWS + 1, 500, "over ten minutes"),
    ],
)
def test_rung_is_passed_over_where_it_is_not_worth_its_time(name, rows, mistakes, said):
    reason = why_not(name, rows=rows, mistakes=mistakes)
    assert (said in reason) if said else reason == ""


def test_climbing_stops_where_there_is_nothing_to_mend():
    training = train(
        EXAMPLES, TrainConfig(rungs=("encoder", "embedding", "tfidf"), climbs=True)
    )
    assert list(training.accuracies) == ["tfidf"]
    assert training.passed_over.keys() == {"embedding", "encoder"}


def test_unknown_rung_is_refused():
    with pytest.raises(BadLabels, match="no rung named 'oracle'"):
        train(EXAMPLES, TrainConfig(rungs=("tfidf", "oracle")))


@pytest.mark.parametrize("classes", [2, 20])
def test_few_rows_of_few_or_many_labels_train(classes):
    rows = [
        Example(Row(f"thing{n} met fault{n % classes} again"), f"label{n % classes}")
        for n in range(4 * classes)
    ]
    training = train(rows, TrainConfig(climbs=True))
    assert training.model.classes == tuple(sorted({row.label for row in rows}))
    assert 0 <= training.calibration_error <= 1


def test_first_rung_loads_no_torch():
    code = (
        "import sys; from tests.adaptivelog.shop_rows import EXAMPLES; import adaptivelog as a;"
        "a.train(EXAMPLES, a.TrainConfig(rungs=a.ladder.RUNGS, climbs=True));"
        "sys.exit('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, timeout=120)
    assert done.returncode == 0
