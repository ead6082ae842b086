"""Detectors of sources, what they found, and what people said of it.

Times of records are integer nanoseconds since 1970 UTC; times of rows are datetimes. Places in
a source are numbers of records, which merges leave alone; no row of a segment is kept.
"""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from logplatform.accounts.models import User
from logplatform.logs.models import Source


class DetectorVersion(models.Model):
    """One trained detector of a source, whole on disk before this row names it.

    ``is_within_budget`` says whether it may be put in force: on the last fifth of its history
    it raised no more alerts than it may. ``metrics`` has what was measured then.
    """

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="detectors")
    number = models.PositiveIntegerField()  # counted from 1
    folder = models.CharField(max_length=200)  # below the home's detectors/ folder
    rule = models.TextField()  # `glad.UnitRule` as JSON
    units = models.PositiveIntegerField()  # of its history
    first_record = models.BigIntegerField()
    end_record = models.BigIntegerField()
    is_warming_up = models.BooleanField()
    is_within_budget = models.BooleanField()
    metrics = models.JSONField(default=dict)
    created = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "number"], name="detector_number_once_per_source"
            )
        ]

    def __str__(self) -> str:
        return f"{self.folder}"


class SourceDetector(models.Model):
    """How far the detection of a source is, and which version is in force.

    ``scored_records`` have been read; the units with records from ``open_from`` on may still
    grow. ``settled_records`` says for how many records all units were closed, as nothing more
    came. The ``since`` numbers are of the version in force: their share tells drift.
    """

    source = models.OneToOneField(Source, on_delete=models.CASCADE, related_name="detection")
    active = models.ForeignKey(
        DetectorVersion, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    rule = models.TextField(blank=True)  # what people chose, as JSON; empty: chosen by itself
    scored_records = models.BigIntegerField(default=0)
    open_from = models.BigIntegerField(default=0)
    settled_records = models.BigIntegerField(default=0)
    tried_records = models.BigIntegerField(default=0)  # sealed when last trained, or tried
    tried = models.DateTimeField(null=True)
    note = models.TextField(blank=True)  # what came of the last try
    units_since = models.PositiveIntegerField(default=0)
    anomalous_since = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"detection of {self.source_id}"


class AnomalyState(models.TextChoices):
    """``confirmed`` and ``false`` are verdicts on the pattern; ``muted`` is not shown."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    MUTED = "muted"
    CONFIRMED = "confirmed"
    FALSE = "false"


class AnomalyKind(models.TextChoices):
    """The detector that saw it most clearly."""

    NOVELTY = "novelty"
    COUNTS = "counts"
    SEQUENCE = "sequence"
    DRIFT = "drift"
    RELATION = "relation"
    WORDS = "words"


class Anomaly(models.Model):
    """A unit that the version in force found anomalous; scored again, it keeps its row.

    ``evidence`` is `glad.Evidence` as JSON; it is empty where many units of one pattern were
    found at once and others of them were explained.
    """

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="anomalies")
    version = models.ForeignKey(
        DetectorVersion, on_delete=models.SET_NULL, null=True, related_name="anomalies"
    )
    unit = models.TextField()
    unit_hash = models.CharField(max_length=32)  # BLAKE2b-128 of the unit's key
    kind = models.CharField(max_length=10, choices=AnomalyKind)
    score = models.FloatField()  # -log10 of the fused tail probability
    tail = models.FloatField()
    tails = models.JSONField(default=list)  # by detector, in `AnomalyKind`'s order
    chance = models.FloatField(null=True)  # that people would confirm it, from their verdicts
    pattern = models.CharField(max_length=16)  # equal for anomalies that are one alert
    start_ns = models.BigIntegerField()
    end_ns = models.BigIntegerField()
    first_record = models.BigIntegerField()
    last_record = models.BigIntegerField()
    sentence = models.TextField()
    evidence = models.JSONField(default=dict)
    state = models.CharField(max_length=12, choices=AnomalyState, default=AnomalyState.OPEN)
    scored = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "unit_hash"], name="anomaly_once_per_unit"
            )
        ]
        indexes = [
            models.Index(fields=["source", "score"]),
            models.Index(fields=["source", "start_ns"]),
            models.Index(fields=["source", "pattern"]),
        ]

    def __str__(self) -> str:
        return self.unit


class Verdict(models.TextChoices):
    """What a person says of a pattern."""

    CONFIRMED = "confirmed"
    FALSE = "false"


class PatternVerdict(models.Model):
    """A person's word on all anomalies of a pattern, those to come included."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="verdicts")
    pattern = models.CharField(max_length=16)
    verdict = models.CharField(max_length=10, choices=Verdict)
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    note = models.TextField(blank=True)
    created = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "pattern"], name="verdict_once")
        ]

    def __str__(self) -> str:
        return f"{self.pattern} {self.verdict}"


class Mute(models.Model):
    """A pattern that is not to be shown, until a time or for good."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="mutes")
    pattern = models.CharField(max_length=16)
    until = models.DateTimeField(null=True)
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "pattern"], name="mute_once")]

    def __str__(self) -> str:
        return self.pattern
