import numpy as np
import pytest
import torch

from logscan import scan_messages
from valb.annotator import Annotator
from valb.category import CATEGORIES, Category
from valb.errors import BadModel
from valb.labels import align
from valb.synthetic import synthetic_log
from valb.tagger import Committee, Tagger, TaggerConfig, load
from valb.training import TrainingConfig, train, train_committee
from valb.truth import truth
from valb.values import MAKERS
from valb.views import views

TINY = TaggerConfig(width=16, hidden=16, layers=2)
SHORT = TrainingConfig(rounds=1, epochs_a_round=1, synthetic=20)


@pytest.fixture(scope="module")
def log():
    return synthetic_log("made", 40, np.random.default_rng(1))


def test_synthetic_messages_fit_their_templates(log):
    assert len(log.messages) == len(log.templates)
    for message, template in zip(log.messages, log.templates, strict=True):
        places = align(message, template)
        assert places is not None
        assert len(places) == len(log.categories[template])


def test_every_kind_of_value_can_be_made():
    rng = np.random.default_rng(0)
    assert all(make(rng) for make in MAKERS.values())


def test_truth_marks_begin_inside_and_category():
    (view,) = views(scan_messages(b"took 5.2 KB from disk\n"), [0])
    tags, kinds = truth(view, [(5, 11)], [CATEGORIES.index(Category.CRS)])
    assert tags.tolist() == [0, 1, 2, 0, 0]
    assert kinds.tolist() == [-1, 6, 6, -1, -1]


def test_the_same_seed_gives_the_same_weights(log):
    first, second = (train([log], SHORT, make=lambda: Tagger(TINY)) for _ in range(2))
    for a, b in zip(first.parameters(), second.parameters(), strict=True):
        assert torch.equal(a, b)


def test_a_saved_tagger_is_read_back_and_used(log, tmp_path):
    made = train_committee([log], SHORT, make=lambda: Tagger(TINY))
    made.save(tmp_path)
    first, second = load(tmp_path).members
    assert first.config == second.config == TINY
    assert not torch.equal(first.tag.weight, second.tag.weight)
    batch = scan_messages(log.data())
    assert len(Annotator(tmp_path).annotate(batch).templates) > 0


def test_another_version_is_refused(tmp_path):
    Committee([Tagger(TaggerConfig(width=8, hidden=8, version=99))]).save(tmp_path)
    with pytest.raises(BadModel, match="version 99"):
        load(tmp_path)
