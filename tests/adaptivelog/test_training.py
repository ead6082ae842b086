"""Training, calibration, saving and loading of the small model."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from adaptivelog import BadLabels, BadModel, Example, Row, SmallModel, TrainConfig, train
from adaptivelog.training import assign_folds
from tests.adaptivelog.shop_rows import EXAMPLES, PAIRS

ROWS = [Row("failed to save a teapot"), Row("saved a teapot in <TDA>")]


@pytest.fixture(scope="module")
def training():
    return train(EXAMPLES)


def test_new_rows_are_labelled_by_what_was_learned(training):
    said = training.model.predict(ROWS)
    assert said.labels == ("error", "info")
    assert training.accuracies["tfidf"] > 0.9


def test_probabilities_sum_to_one_and_uncertainty_is_what_is_missing(training):
    said = training.model.predict(ROWS)
    assert np.allclose(said.probabilities.sum(-1), 1)
    assert np.allclose(said.uncertainty, 1 - said.confidence)


def test_score_does_not_depend_on_the_batch(training):
    together = training.model.predict(ROWS).probabilities
    alone = np.vstack([training.model.predict([row]).probabilities for row in ROWS])
    assert np.allclose(together, alone, atol=1e-6)


def test_same_seed_gives_the_same_model(training):
    again = train(EXAMPLES)
    assert np.array_equal(again.held_out.probabilities, training.held_out.probabilities)


def test_no_rows_give_no_predictions(training):
    assert training.model.predict([]).labels == ()
    assert training.model.predict([]).uncertainty.shape == (0,)


def test_equal_texts_share_a_fold():
    rows = [Example(Row("same", str(n)), str(n % 2)) for n in range(10)]
    assert len(set(assign_folds(rows, folds=5, seed=0))) == 1


def test_mistakes_are_held_out_rows_with_the_truth():
    wrong = Example(Row("failed to save nothing at all"), "info")
    found = train([*EXAMPLES, wrong]).mistakes
    assert any(m.example == wrong and m.said == "error" for m in found)


def test_saved_model_says_the_same(training, tmp_path):
    version = training.model.save(tmp_path)
    again = SmallModel.load(tmp_path)
    assert np.allclose(
        again.predict(ROWS).probabilities, training.model.predict(ROWS).probabilities, atol=1e-6
    )
    assert again.threshold == training.model.threshold
    assert version == again.save(tmp_path / "copy")


def test_pairs_are_told_apart_after_saving(tmp_path):
    train(PAIRS, TrainConfig(folds=2)).model.save(tmp_path)
    model = SmallModel.load(tmp_path)
    rows = [
        Row("SHOP-3-TEAPOT_LOST: teapot <*> lost", f"the {x} was lost")
        for x in ("teapot", "cup")
    ]
    yes = model.predict(rows).probabilities[:, model.classes.index("yes")]
    assert yes[0] > yes[1]


def test_altered_model_is_refused(training, tmp_path):
    training.model.save(tmp_path)
    path = tmp_path / "arrays.npz"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(BadModel, match=r"arrays\.npz"):
        SmallModel.load(tmp_path)


@pytest.mark.parametrize(
    ("text", "what"),
    [("", "not JSON"), ("[]", "not a model"), ('{"format": "adaptivelog"}', "version None")],
)
def test_foreign_model_is_refused(text, what, tmp_path):
    (tmp_path / "config.json").write_text(text, encoding="utf-8")
    with pytest.raises(BadModel, match=what):
        SmallModel.load(tmp_path)


def test_missing_model_names_the_file(tmp_path):
    with pytest.raises(BadModel, match=r"config\.json"):
        SmallModel.load(tmp_path)


@pytest.mark.parametrize("rows", [EXAMPLES[:3], [e for e in EXAMPLES if e.label == "info"]])
def test_too_few_rows_or_labels_are_refused(rows):
    with pytest.raises(BadLabels, match="need four rows and two labels"):
        train(rows)


def test_unknown_rung_is_refused():
    with pytest.raises(BadLabels, match="no rung named 'oracle'"):
        train(EXAMPLES, TrainConfig(rungs=("oracle",)))


def test_import_is_light():
    code = (
        "import sys, adaptivelog; "
        "print([m for m in ('torch', 'sklearn', 'openai', 'transformers') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
