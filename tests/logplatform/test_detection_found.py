"""What reports and alerts ask of detection."""

from __future__ import annotations

from logplatform.detection.found import DAY_NS, alerts_between, anomalies_between
from logplatform.detection.models import Anomaly

START_NS = 20_000 * DAY_NS


def anomaly(source, number, **about):
    given = {
        "unit": f"unit-{number}",
        "unit_hash": f"{number:032x}",
        "kind": "counts",
        "score": float(number),
        "tail": 10.0**-number,
        "pattern": "00000000000000aa",
        "start_ns": START_NS + number,
        "end_ns": START_NS + number + 5,
        "first_record": 3,
        "last_record": 11,
        "sentence": f"sentence {number}",
    }
    return Anomaly.objects.create(source=source, **given | about)


def test_anomalies_of_a_stretch_come_worst_first_without_what_is_silenced(source):
    for number in range(1, 7):
        anomaly(source, number)
    anomaly(source, 7, state="muted")
    anomaly(source, 8, state="false")
    found = anomalies_between([source], START_NS + 2, START_NS + 6)
    assert [row.score for row in found] == [5, 4, 3, 2]
    assert [row.score for row in anomalies_between([source], 0, START_NS + 9, min_score=6)] == [
        6
    ]
    assert not anomalies_between([], 0, START_NS + 9).exists()


def test_alert_is_a_pattern_of_a_day(source):
    for number in range(1, 4):
        anomaly(source, number)
    anomaly(source, 4, start_ns=START_NS + DAY_NS, end_ns=START_NS + DAY_NS + 1)
    anomaly(source, 5, pattern="00000000000000bb")
    alerts = alerts_between([source], START_NS, START_NS + 2 * DAY_NS)
    assert [(alert.worst.score, alert.anomalies) for alert in alerts] == [
        (5, 1),
        (4, 1),
        (3, 3),
    ]
    assert (alerts[2].start_ns, alerts[2].end_ns) == (START_NS + 1, START_NS + 8)
