import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch

from benchmarks.anomaly import _family_rows
from glad import (
    BadCheckpoint,
    Detector,
    DetectorConfig,
    DetectorName,
    EdgeState,
    NoDevice,
    TooLittleHistory,
    UnitRule,
    alerts_per_day,
    group_units,
)
from glad.calibration import Calibration, fuse
from glad.units import narrowed


def test_faults_are_found_and_the_rest_is_left_alone(detector, later):
    scores = detector.score(later)
    assert set(np.flatnonzero(scores.anomalous).tolist()) == {11, 20, 30}


def test_each_fault_is_led_by_the_detector_that_can_see_it(detector, later):
    scores = detector.score(later)
    names = tuple(DetectorName)
    assert names[scores.leading[11]] in {DetectorName.COUNTS, DetectorName.SEQUENCE}
    assert names[scores.leading[30]] == DetectorName.RELATION
    assert scores.tails[20, names.index(DetectorName.NOVELTY)] < 0.001


def test_score_is_higher_for_more_anomalous_units(detector, later):
    scores = detector.score(later)
    usual = np.delete(scores.fused, [11, 20, 30])
    assert scores.fused[[11, 20, 30]].min() > usual.max()


def test_score_does_not_depend_on_batch_or_order(detector, later):
    whole = detector.score(later)
    shuffled = np.random.default_rng(0).permutation(len(later))
    part = detector.score(later.take(shuffled))
    np.testing.assert_allclose(part.fused, whole.fused[shuffled], atol=1e-4)
    assert (part.pattern == whole.pattern[shuffled]).all()
    alone = detector.score(narrowed(later.take(np.array([30]))))
    np.testing.assert_allclose(alone.fused[0], whole.fused[30], atol=1e-4)


def test_scoring_twice_gives_the_same(detector, later):
    first, second = detector.score(later), detector.score(later)
    assert (first.fused == second.fused).all()
    assert (first.tails == second.tails).all()


def test_equal_seeds_give_equal_detectors(detector, history, later):
    again = Detector(detector.config).fit(history)
    assert (again.score(later).fused == detector.score(later).fused).all()


def test_saved_detector_scores_alike(detector, later, tmp_path):
    detector.save(tmp_path / "model")
    loaded = Detector.load(tmp_path / "model")
    assert loaded.config == detector.config
    assert (loaded.score(later).fused == detector.score(later).fused).all()


def test_broken_checkpoint_is_refused(detector, tmp_path):
    with pytest.raises(BadCheckpoint, match=r"config\.json"):
        Detector.load(tmp_path)
    detector.save(tmp_path)
    (tmp_path / "weights.safetensors").write_bytes(b"nothing")
    with pytest.raises(BadCheckpoint, match="weights"):
        Detector.load(tmp_path)


def test_nothing_to_learn_from_is_refused(later):
    with pytest.raises(TooLittleHistory):
        Detector().fit(later.take(np.arange(0)))


def test_no_units_have_no_scores(detector, later):
    assert len(detector.score(later.take(np.arange(0)))) == 0


def test_little_history_leaves_novelty_alone_in_force(history, later):
    young = Detector().fit(history.take(np.arange(100)))
    assert young.warming_up
    scores = young.score(later)
    assert (scores.tails[:, 1:] == 1).all()
    assert scores.fused[20] == scores.fused.max()


def test_explanation_names_the_edge_and_what_is_usual(detector, later):
    scores = detector.score(later)
    (anomaly,) = detector.explain(later, scores, [30])
    assert anomaly.kind == DetectorName.RELATION
    assert "never in 900 units" in anomaly.evidence.sentence
    assert "10.0.0." in anomaly.evidence.sentence.partition("usual:")[2]
    assert anomaly.evidence.edges[0].seen == 0
    wrong = [link for link in anomaly.evidence.links if link.state == EdgeState.WRONG]
    assert wrong
    record = int(later.records[later.first[31] - 1])
    assert record in anomaly.evidence.rows
    assert json.loads(json.dumps(anomaly.to_dict()))["unit"] == later.keys[30]


def test_explanation_draws_what_is_missing(detector, later):
    scores = detector.score(later)
    (anomaly,) = detector.explain(later, scores, [11])
    assert any(link.state == EdgeState.MISSING for link in anomaly.evidence.links)
    names = {node.id for node in anomaly.evidence.nodes}
    assert {
        end for link in anomaly.evidence.links for end in (link.source, link.target)
    } <= names


def test_worst_anomaly_comes_first(detector, later):
    found = detector.explain(later, detector.score(later))
    assert [a.score for a in found] == sorted((a.score for a in found), reverse=True)
    assert len(found) == 3


def test_budget_lowers_the_threshold(detector, history):
    generous = detector.threshold_
    config = replace(detector.config, tail=1.1, alerts_per_day=1, warm_up_units=10_000)
    assert Detector(config).fit(history).threshold_ < 1.1
    assert generous == detector.config.tail


def test_alert_is_a_pattern_on_a_day():
    pattern = np.array([1, 1, 2, 1], np.uint64)
    assert alerts_per_day(pattern, np.array([0, 0, 0, 1]), days=2) == 1.5


def test_highest_scores_of_history_are_not_trusted_to_be_normal():
    scores = np.concatenate((np.zeros(960), np.full(40, 30.0)))
    calibration = Calibration.of(scores)
    assert calibration.tail(np.array([30.0]))[0] < 1e-9
    assert calibration.tail(np.array([0.0]))[0] > 0.04


def test_fusion_keeps_the_smallest_tail_in_charge():
    tails = np.array([[1e-9, 1, 1, 1, 1], [0.5, 0.5, 0.5, 0.5, 0.5]])
    assert fuse(tails, np.full(5, 0.2)) == pytest.approx([5e-9, 0.5], rel=1e-3)


def test_fusion_leaves_out_what_has_no_weight():
    tails = np.array([[1e-9, 0.01]])
    assert fuse(tails, np.array([0.0, 1.0])) == pytest.approx([0.01])


def test_no_label_reaches_scores_thresholds_or_alerts(detector, later):
    scores = detector.score(later)
    truth = np.zeros(len(later), bool)
    truth[[11, 20, 30]] = True
    right = _family_rows(scores, later, truth)
    wrong = _family_rows(scores, later, ~truth)
    assert {n: r["alerts_per_day"] for n, r in right.items()} == {
        n: r["alerts_per_day"] for n, r in wrong.items()
    }
    assert right["fused"]["f1"] == 1.0
    assert wrong["fused"]["f1"] == 0.0


def test_detector_takes_no_labels():
    names = Detector.fit.__code__.co_varnames[: Detector.fit.__code__.co_argcount]
    assert names == ("self", "units")


def test_importing_glad_loads_no_torch():
    code = "import glad, sys; assert 'torch' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_device_that_is_not_there_is_refused(history):
    with pytest.raises(NoDevice):
        Detector(device="cuda").fit(history)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_cuda_agrees_with_cpu(detector, later, tmp_path):
    detector.save(tmp_path)
    on_gpu = Detector.load(tmp_path, device="cuda")
    graphs = detector.graphs(later)
    odds, same = detector.edge_odds(graphs), on_gpu.edge_odds(graphs)
    asked = np.isfinite(odds)
    np.testing.assert_allclose(same[asked], odds[asked], atol=1e-3)
    trained = Detector(detector.config, device="cuda").fit(later)
    assert len(trained.score(later)) == len(later)


def test_rule_is_kept_with_the_detector(history, later):
    fitted = Detector(DetectorConfig(rule=UnitRule(r"order_\d+"))).fit(
        history.take(np.arange(50))
    )
    assert len(group_units(later.events, fitted.config.rule)) == len(later)
