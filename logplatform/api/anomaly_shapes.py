"""The JSON of anomalies and detectors: what is taken, what is given, for OpenAPI too."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from rest_framework import serializers

from logplatform.api.search_shapes import HitShape, TimeField, hit_json
from logplatform.api.triage_shapes import AnswerInfo
from logplatform.detection.listing import MAX_PAGE, ORDERS, STATES
from logplatform.detection.models import AnomalyKind, AnomalyState, Verdict
from logplatform.detection.services import Rule
from logplatform.logs.timestamps import format_time

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from logplatform.detection.listing import DetectorStanding, PatternNews
    from logplatform.detection.models import Anomaly, DetectorVersion
    from logplatform.logs.hits import Hit

MAX_NOTE = 2_000


class AnomalyParameters(serializers.Serializer[Any]):
    """Which anomalies; lists are repeated parameters, empty ones mean all."""

    source = serializers.ListField(  # type: ignore[assignment]  # the stubs' own attribute
        child=serializers.CharField(max_length=100), required=False, default=list
    )
    kind = serializers.ListField(
        child=serializers.ChoiceField(AnomalyKind.choices), required=False, default=list
    )
    state = serializers.ListField(
        child=serializers.ChoiceField(AnomalyState.choices), required=False, default=list
    )
    pattern = serializers.RegexField(r"^[0-9a-f]{16}$", required=False, default="")
    min_score = serializers.FloatField(required=False)
    start = TimeField(required=False, help_text="first time, included")
    end = TimeField(required=False, help_text="last time, not included")
    order = serializers.ChoiceField(sorted(ORDERS), required=False, default="score")
    limit = serializers.IntegerField(
        required=False, default=50, min_value=1, max_value=MAX_PAGE
    )
    cursor = serializers.CharField(required=False, default="", allow_blank=True, max_length=100)


class AnomalyShape(serializers.Serializer[Any]):
    """An anomalous unit."""

    id = serializers.IntegerField()
    source = serializers.CharField()  # type: ignore[assignment]  # a field of that name
    unit = serializers.CharField(help_text="the identifier, or the records of a window")
    kind = serializers.ChoiceField(AnomalyKind.choices)
    state = serializers.ChoiceField(AnomalyState.choices)
    score = serializers.FloatField(help_text="-log10 of the tail probability")
    tail = serializers.FloatField()
    chance = serializers.FloatField(
        allow_null=True,
        help_text="that people would confirm it, from their verdicts on other patterns; "
        "null while there are fewer than five of either",
    )
    pattern = serializers.CharField(help_text="equal for anomalies that are one alert")
    start = serializers.CharField()
    end = serializers.CharField()
    sentence = serializers.CharField()


class ListedAnomalyShape(AnomalyShape):
    """An anomaly with what triage calls its pattern."""

    answers = AnswerInfo(many=True)


class AnomalyListShape(serializers.Serializer[Any]):
    """A page of anomalies."""

    results = ListedAnomalyShape(many=True)
    cursor = serializers.CharField(allow_null=True)


class PartShape(serializers.Serializer[Any]):
    """What one detector says; its tail probability is 1 where it sees nothing."""

    detector = serializers.ChoiceField(AnomalyKind.choices)
    tail = serializers.FloatField()
    text = serializers.CharField()


class UsualShape(serializers.Serializer[Any]):
    """What training saw instead."""

    label = serializers.CharField()  # type: ignore[assignment]  # a field of that name
    units = serializers.IntegerField()


class EdgeHistoryShape(serializers.Serializer[Any]):
    """What training saw of an edge."""

    source = serializers.CharField()  # type: ignore[assignment]  # a field of that name
    target = serializers.CharField()
    seen = serializers.IntegerField(help_text="units of history that had it")
    units = serializers.IntegerField(help_text="units of history")
    usual = UsualShape(many=True)


class GraphNodeShape(serializers.Serializer[Any]):
    """A node of the relation graph."""

    id = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field of that name
    kind = serializers.ChoiceField(["event", "field", "component"])
    count = serializers.IntegerField()


class GraphLinkShape(serializers.Serializer[Any]):
    """An edge of the relation graph."""

    source = serializers.CharField()  # type: ignore[assignment]  # a field of that name
    target = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field of that name
    count = serializers.IntegerField()
    score = serializers.FloatField(help_text="0 usual to 1 wrong")
    state = serializers.ChoiceField(["usual", "wrong", "missing"])


class AnomalyLineShape(serializers.Serializer[Any]):
    """A record of the unit; ``is_shown_first`` for those that show what is wrong."""

    hit = HitShape()
    is_shown_first = serializers.BooleanField()


class AnomalyDetailShape(AnomalyShape):
    """An anomaly with its evidence; empty lists where others of its pattern were explained."""

    parts = PartShape(many=True)
    edges = EdgeHistoryShape(many=True)
    nodes = GraphNodeShape(many=True)
    links = GraphLinkShape(many=True)
    lines = AnomalyLineShape(many=True)
    records = serializers.IntegerField(help_text="of the unit; lines may be fewer")
    pattern_anomalies = serializers.IntegerField()
    verdict = serializers.ChoiceField(Verdict.choices, allow_null=True)
    verdict_by = serializers.CharField(allow_null=True)
    note = serializers.CharField()
    muted_until = serializers.DateTimeField(allow_null=True)
    version = serializers.IntegerField(allow_null=True, help_text="of the detector")
    history_units = serializers.IntegerField(help_text="units that it has learnt")


class NewAnomalyVerdict(serializers.Serializer[Any]):
    """A word on an anomaly's pattern."""

    verdict = serializers.ChoiceField(Verdict.choices)
    note = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=MAX_NOTE
    )


class NewMute(serializers.Serializer[Any]):
    """How long a pattern is not to be shown; for good without a time."""

    until = serializers.DateTimeField(required=False, allow_null=True, default=None)


class RuleShape(serializers.Serializer[Any]):
    """What makes a unit: equal keys that a pattern finds in values, else windows."""

    pattern = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=500
    )
    name = serializers.CharField(required=False, default="", allow_blank=True, max_length=100)
    size = serializers.IntegerField(required=False, default=100)
    step = serializers.IntegerField(required=False, default=50)


class VersionShape(serializers.Serializer[Any]):
    """A trained detector."""

    number = serializers.IntegerField()
    created = serializers.DateTimeField()
    units = serializers.IntegerField()
    is_active = serializers.BooleanField()
    is_warming_up = serializers.BooleanField()
    is_within_budget = serializers.BooleanField()
    alerts_per_day = serializers.FloatField()
    seconds = serializers.FloatField()
    device = serializers.CharField()
    rule = RuleShape()


class DetectorShape(serializers.Serializer[Any]):
    """How far the detection of a source is."""

    source = serializers.CharField()  # type: ignore[assignment]  # a field of that name
    state = serializers.ChoiceField(STATES)
    records = serializers.IntegerField(help_text="sealed records")
    scored_records = serializers.IntegerField()
    needed_records = serializers.IntegerField(help_text="before the first training")
    units = serializers.IntegerField(help_text="learnt by the version in force")
    needed_units = serializers.IntegerField(help_text="for all detectors")
    note = serializers.CharField(help_text="what came of the last training")
    rule = RuleShape(allow_null=True, help_text="chosen by people; null: by itself")
    versions = VersionShape(many=True)


class DetectorChange(serializers.Serializer[Any]):
    """What is to be done: one of them."""

    action = serializers.ChoiceField(["train", "roll_back", "set_rule"])
    version = serializers.IntegerField(required=False, help_text="to go back to")
    rule = RuleShape(required=False, allow_null=True, default=None)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Ask for what the action needs."""
        if attrs["action"] == "roll_back" and "version" not in attrs:
            raise serializers.ValidationError({"version": "which one to go back to"})
        return attrs


def anomaly_json(anomaly: Anomaly) -> dict[str, Any]:
    """Render an anomaly as lists show it."""
    return {
        "id": anomaly.pk,
        "source": anomaly.source.name,
        "unit": anomaly.unit,
        "kind": anomaly.kind,
        "state": anomaly.state,
        "score": anomaly.score,
        "tail": anomaly.tail,
        "chance": anomaly.chance,
        "pattern": anomaly.pattern,
        "start": format_time(anomaly.start_ns),
        "end": format_time(anomaly.end_ns),
        "sentence": anomaly.sentence,
    }


def detail_json(
    anomaly: Anomaly, news: PatternNews, numbers: Sequence[int], hits: Mapping[int, Hit]
) -> dict[str, Any]:
    """Render an anomaly with its evidence; ``numbers`` are the records to show, in order."""
    evidence = anomaly.evidence
    first = set(evidence.get("rows", ()))
    return anomaly_json(anomaly) | {
        "parts": evidence.get("parts", []),
        "edges": [
            edge | {"usual": [{"label": label, "units": n} for label, n in edge["usual"]]}
            for edge in evidence.get("edges", [])
        ],
        "nodes": evidence.get("nodes", []),
        "links": evidence.get("links", []),
        "lines": [
            {"hit": hit_json(hits[n]), "is_shown_first": n in first}
            for n in numbers
            if n in hits
        ],
        "records": len(evidence.get("all_rows", numbers)),
        "pattern_anomalies": news.anomalies,
        "verdict": news.verdict.verdict if news.verdict else None,
        "verdict_by": news.verdict.user.username
        if news.verdict and news.verdict.user
        else None,
        "note": news.verdict.note if news.verdict else "",
        "muted_until": news.mute.until if news.mute else None,
        "version": anomaly.version.number if anomaly.version else None,
        "history_units": anomaly.version.units if anomaly.version else 0,
    }


def _version_json(version: DetectorVersion, active_id: int | None) -> dict[str, Any]:
    return {
        "number": version.number,
        "created": version.created,
        "units": version.units,
        "is_active": version.pk == active_id,
        "is_warming_up": version.is_warming_up,
        "is_within_budget": version.is_within_budget,
        "alerts_per_day": version.metrics.get("alerts_per_day", 0.0),
        "seconds": version.metrics.get("seconds", 0.0),
        "device": version.metrics.get("device", ""),
        "rule": json.loads(version.rule),
    }


def detector_json(standing: DetectorStanding) -> dict[str, Any]:
    """Render how far the detection of a source is."""
    detection = standing.detection
    return {
        "source": detection.source.name,
        "state": standing.state,
        "records": standing.records,
        "scored_records": detection.scored_records,
        "needed_records": standing.needed,
        "units": detection.active.units if detection.active else 0,
        "needed_units": standing.needed_units,
        "note": detection.note,
        "rule": json.loads(detection.rule) if detection.rule else None,
        "versions": [_version_json(v, detection.active_id) for v in standing.versions],
    }


def rule_of(given: dict[str, Any] | None) -> Rule | None:
    """Return the unit rule of a request, None for one that is chosen by itself."""
    return None if given is None else Rule(**given)
