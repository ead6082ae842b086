"""Scores of doubt and thresholds on them."""

from __future__ import annotations

import numpy as np
import pytest

from adaptivelog import UnreachableTarget, threshold_for_accuracy, threshold_for_share
from adaptivelog.uncertainty import bald, bayes_posterior, one_pass, variance, wilson_lower

RANDOM = np.random.default_rng(1)
# 1,000 rows, the surer the more often right
DOUBT = np.sort(RANDOM.random(1000)) / 2
RIGHT = RANDOM.random(1000) > DOUBT


def passes(*probabilities):
    """Passes over one row with these probabilities of the first of two labels."""
    first = np.array(probabilities)[:, None]
    return np.stack([first, 1 - first], axis=-1)


@pytest.mark.parametrize(
    "score",
    [
        variance,
        bald,
        lambda s: bayes_posterior(s, error_rate=0.1),
        lambda s: one_pass(s.mean(0)),
    ],
    ids=["variance", "bald", "bayes", "mean"],
)
def test_disagreeing_passes_are_less_sure_than_agreeing_ones(score):
    assert score(passes(0.9, 0.2, 0.8, 0.3))[0] > score(passes(0.9, 0.91, 0.9, 0.89))[0]


def test_posterior_rises_with_the_error_rate():
    few, many = (bayes_posterior(passes(0.8, 0.7), error_rate=e)[0] for e in (0.05, 0.5))
    assert 0 < few < many < 1


def test_threshold_for_accuracy_keeps_its_promise_on_new_rows():
    found = threshold_for_accuracy(DOUBT, RIGHT, target=0.9)
    new = np.sort(np.random.default_rng(2).random(4000)) / 2
    right = np.random.default_rng(3).random(4000) > new
    assert right[new <= found.uncertainty].mean() >= 0.9
    assert 0 < found.routed < 1


def test_target_beyond_the_labels_is_refused():
    with pytest.raises(UnreachableTarget, match="20 labelled rows do not support"):
        threshold_for_accuracy(DOUBT[:20], np.ones(20, bool), target=0.99)
    with pytest.raises(UnreachableTarget, match="no share"):
        threshold_for_accuracy(DOUBT, np.arange(1000) % 2 == 0, target=0.99)


def test_threshold_for_share_routes_no_more_than_that():
    found = threshold_for_share(DOUBT, RIGHT, share=0.1)
    assert found.routed == pytest.approx(0.1, abs=0.002)
    assert (found.uncertainty < DOUBT).mean() <= 0.1
    ties = threshold_for_share(np.full(10, 0.3), np.ones(10, bool), share=0.1)
    assert ties.routed == 0


def test_wilson_bound_of_nothing_is_nothing():
    assert wilson_lower(0, 0) == 0
    assert wilson_lower(95, 100) < 0.95
