"""Logs whose templates hardly recur: words stand in for them."""

import numpy as np
import pytest

from glad import Detector, DetectorConfig, DetectorName, UnitRule, group_units
from glad.settings import RelationConfig
from tests.glad.conftest import read_bytes
from valb import Annotator

USUAL = [
    "basket",
    "cheque",
    "parcel",
    "socks",
    "colour",
    "summer",
    "winter",
    "stripe",
    "order",
    "refund",
    "voucher",
]
STRANGE = ["segfault", "kernel", "quota", "corrupt", "inode"]
WORDS = tuple(DetectorName).index(DetectorName.WORDS)


def prose(units, *, strange=(), seed=0):
    """Write lines of which hardly two have a template in common."""
    rng = np.random.default_rng(seed)
    lines = []
    for unit in range(units):
        words = STRANGE if unit in strange else USUAL
        for _ in range(3):
            said = " ".join(rng.choice(words, rng.integers(4, 9)))
            lines.append(
                f"2026-03-01 10:00:00,000 INFO shop.Till: {said} for till_{unit:06d}\n"
            )
    return "".join(lines).encode()


@pytest.fixture(scope="module")
def tills():
    annotator = Annotator()
    history, later = prose(240), prose(40, strange={7}, seed=1)
    for data in (history, later):
        read_bytes(data, annotator)
    config = DetectorConfig(relation=RelationConfig(width=16, steps=4), warm_up_units=200)
    events, new = read_bytes(history, annotator), read_bytes(later, annotator)
    rule = UnitRule(r"till_\d+")
    detector = Detector(config).fit(group_units(events, rule))
    return detector, group_units(new, rule)


def test_words_judge_where_templates_do_not_recur(tills):
    detector, later = tills
    assert detector.recurring_ < 0.5
    assert detector.weights.tolist() == [0, 0, 0, 0, 0, 1]
    scores = detector.score(later)
    assert scores.fused.argmax() == 7
    assert scores.leading[7] == WORDS
    (anomaly,) = detector.explain(later, scores, [7])
    assert any(word in anomaly.evidence.sentence for word in STRANGE)
    assert "in none of the 3 units most like it" in anomaly.evidence.sentence


def test_words_do_not_depend_on_batch_or_order(tills):
    detector, later = tills
    whole = detector.score(later)
    order = np.random.default_rng(0).permutation(len(later))
    np.testing.assert_allclose(
        detector.score(later.take(order)).fused, whole.fused[order], atol=1e-5
    )
    alone = detector.score(later.take(np.array([7])))
    assert alone.fused[0] == pytest.approx(whole.fused[7], abs=1e-5)


def test_saved_words_score_alike(tills, tmp_path):
    detector, later = tills
    detector.save(tmp_path)
    again = Detector.load(tmp_path)
    assert (again.score(later).tails == detector.score(later).tails).all()


def test_words_have_no_weight_where_templates_recur(detector):
    assert detector.recurring_ > 0.95
    assert detector.weights[WORDS] == 0
    assert detector.weights.sum() == pytest.approx(1)
