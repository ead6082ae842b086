"""Verdicts on patterns say how likely others are right."""

from __future__ import annotations

import numpy as np

from logplatform.detection import services
from logplatform.detection.models import Anomaly, PatternVerdict, Verdict
from logplatform.detection.verdicts import MIN_OF_EACH, learn, update_chances

BY_COUNTS = [1.0, 1e-8, 1e-3, 1.0, 0.4, 1.0]
BY_NOVELTY = [1e-4, 1.0, 1.0, 0.9, 1.0, 1.0]


def anomaly(source, number, tails):
    return Anomaly.objects.create(
        source=source,
        unit=f"unit-{number}",
        unit_hash=f"{number:032x}",
        kind="counts",
        score=5.0,
        tail=1e-5,
        tails=tails,
        pattern=f"{number:016x}",
        start_ns=number,
        end_ns=number,
        first_record=number,
        last_record=number,
        sentence="",
    )


def test_too_few_verdicts_teach_nothing():
    features = np.ones((2 * MIN_OF_EACH - 1, 6))
    assert learn(features, np.arange(len(features)) < MIN_OF_EACH) is None


def test_verdicts_tell_unjudged_patterns_apart_and_can_be_taken_back(source):
    right = [anomaly(source, number, BY_COUNTS) for number in range(6)]
    wrong = [anomaly(source, number, BY_NOVELTY) for number in range(10, 16)]
    like, unlike = anomaly(source, 20, BY_COUNTS), anomaly(source, 21, BY_NOVELTY)
    for number in range(MIN_OF_EACH):
        like.refresh_from_db()
        assert like.chance is None
        services.give_verdict(right[number], Verdict.CONFIRMED, user=None, note="")
        services.give_verdict(wrong[number], Verdict.FALSE, user=None, note="")
    like.refresh_from_db()
    unlike.refresh_from_db()
    assert like.chance > 0.8
    assert unlike.chance < 0.2
    services.reopen(wrong[0])
    like.refresh_from_db()
    assert like.chance is None
    PatternVerdict.objects.all().delete()
    assert update_chances(source) == 0
