"""What is asked about templates, who answered, and what people said of it.

Times of rows are datetimes. Texts of answers are data that a program or a language model
wrote: text to show, never markup.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from logplatform.accounts.models import Team
from logplatform.logs.models import Source, Template


class About(models.TextChoices):
    """What a question is asked about."""

    TEMPLATE = "template"
    ANOMALY = "anomaly"


def cheapest_rung() -> list[str]:
    """Return what migrations of earlier versions gave tasks as their rungs."""
    return ["tfidf"]


class TriageTask(models.Model):
    """A closed question of a team about each of its templates, or each pattern of anomalies.

    ``labels`` are ``[name, meaning]`` in the order in which they are shown, from most to least
    severe where ``is_ordered``. ``target`` is the share that has to be right, on rows that the
    small model had not seen, among those that it answers by itself. ``rungs`` are those of the
    ladder among which cross-validation chooses; none: it climbs by itself, as far as is worth
    the time (`training`).
    """

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="triage_tasks")
    name = models.CharField(max_length=40)
    about = models.CharField(max_length=10, choices=About, default=About.TEMPLATE)
    question = models.CharField(max_length=300)
    labels = models.JSONField(default=list)
    explains = models.BooleanField(default=False)  # asked by a person alone, never by itself
    is_ordered = models.BooleanField(default=False)
    target = models.FloatField(default=0.8)
    rungs = models.JSONField(default=list, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "name"], name="triage_task_once_per_team")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def names(self) -> tuple[str, ...]:
        """Return the labels alone."""
        return tuple(name for name, _ in self.labels)


class ModelVersion(models.Model):
    """A small model of a task; its files are ``folder`` below the home's models/ folder.

    ``accuracy``, ``calibration_error`` and the threshold were measured on rows that the models
    of a cross-validation had not seen. No threshold: too few labels support the task's target,
    and the model answers nothing by itself. ``tried`` has the accuracy of each rung,
    ``passed_over`` why the others were not tried.
    ``sampled`` verdicts were on templates drawn at random, ``sample_accuracy`` is the share
    right of these; ``is_sampled`` says that the threshold comes from them alone.
    """

    task = models.ForeignKey(TriageTask, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()  # from 1
    folder = models.CharField(max_length=100)
    digest = models.CharField(max_length=16)
    rung = models.CharField(max_length=20)
    classes = models.JSONField(default=list)
    examples = models.PositiveIntegerField()
    verdicts = models.PositiveIntegerField()  # of the task when it was trained
    accuracy = models.FloatField()
    calibration_error = models.FloatField()
    threshold = models.FloatField(null=True)  # uncertainty
    routed = models.FloatField(null=True)  # share of the held-out rows above the threshold
    answered_accuracy = models.FloatField(null=True)  # share right among the rest
    tried = models.JSONField(default=dict)
    passed_over = models.JSONField(default=dict)
    sampled = models.PositiveIntegerField(default=0)
    sample_accuracy = models.FloatField(null=True)
    is_sampled = models.BooleanField(default=False)
    created = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["task", "number"], name="triage_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.task.name} {self.number}"


class Who(models.TextChoices):
    """Who gave an answer; ``log`` is the level that the log itself says, no prediction."""

    SMALL = "small"
    LARGE = "large"
    PERSON = "person"
    LOG = "log"
    NOBODY = "nobody"


class LabelState(models.TextChoices):
    """``review``: a person should look."""

    ANSWERED = "answered"
    REVIEW = "review"


class Answer(models.Model):
    """The present answer to a task.

    ``text`` is what was judged: what reads otherwise since is judged again. ``why`` is
    `adaptivelog.Why`. ``cites`` are ids of records.
    """

    text = models.TextField()
    label = models.CharField(max_length=60, blank=True)
    who = models.CharField(max_length=10, choices=Who)
    confidence = models.FloatField(null=True)  # null: the log's word, nobody's
    state = models.CharField(max_length=10, choices=LabelState)
    why = models.CharField(max_length=20, blank=True)
    uncertainty = models.FloatField(default=1.0)
    small_label = models.CharField(max_length=60, blank=True)
    small_confidence = models.FloatField(default=0.0)
    large_label = models.CharField(max_length=60, blank=True)
    large_model = models.CharField(max_length=200, blank=True)
    reason = models.TextField(blank=True)
    next_step = models.TextField(blank=True)
    cites = models.JSONField(default=list)
    version = models.ForeignKey(ModelVersion, on_delete=models.SET_NULL, null=True)
    answered = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True


class Label(Answer):
    """The present answer to a task about one template; its text is the typed one."""

    task = models.ForeignKey(TriageTask, on_delete=models.CASCADE, related_name="answers")
    template = models.ForeignKey(Template, on_delete=models.CASCADE, related_name="answers")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["task", "template"], name="triage_label_once")
        ]
        indexes = [models.Index(fields=["task", "state"])]

    def __str__(self) -> str:
        return f"{self.task_id} {self.template_id}: {self.label} by {self.who}"


class AnomalyLabel(Answer):
    """The present answer to a task about a pattern of anomalies in a source."""

    task = models.ForeignKey(
        TriageTask, on_delete=models.CASCADE, related_name="anomaly_answers"
    )
    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="anomaly_answers")
    pattern = models.CharField(max_length=16)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["task", "source", "pattern"], name="triage_anomaly_label_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.task_id} {self.pattern}: {self.label} by {self.who}"


class Verdict(models.Model):
    """What a person said of a template or a pattern of anomalies, and what had been said.

    ``before`` are the fields of the `Answer` that it replaced, so that it can be undone. The
    text is kept here: a verdict outlives what it is about. ``source`` and ``pattern`` are those
    of anomalies; verdicts of earlier versions have neither, and cannot be undone.
    """

    task = models.ForeignKey(TriageTask, on_delete=models.CASCADE, related_name="verdicts")
    template = models.ForeignKey(Template, on_delete=models.SET_NULL, null=True)
    source = models.ForeignKey(Source, on_delete=models.SET_NULL, null=True)
    pattern = models.CharField(max_length=16, blank=True)
    text = models.TextField()
    label = models.CharField(max_length=60)
    reason = models.TextField(blank=True)
    small_label = models.CharField(max_length=60, blank=True)
    large_label = models.CharField(max_length=60, blank=True)
    before = models.JSONField(default=dict)
    is_sampled = models.BooleanField(default=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True)
    given = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["task", "given"])]

    def __str__(self) -> str:
        return f"{self.task_id}: {self.label}"


class Case(models.Model):
    """An error case: a text that was judged wrongly, the truth, and why it is the truth."""

    task = models.ForeignKey(TriageTask, on_delete=models.CASCADE, related_name="cases")
    key = models.CharField(max_length=32)  # BLAKE2b-128 of the text: an index needs it short
    text = models.TextField()
    label = models.CharField(max_length=60)
    said = models.CharField(max_length=60, blank=True)
    reason = models.TextField(blank=True)
    added = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["task", "key"], name="triage_case_once")]

    def __str__(self) -> str:
        return f"{self.task_id}: {self.label}, not {self.said}"


class LanguageModel(models.Model):
    """A team's large language model: any server that speaks the OpenAI protocol.

    ``key`` is encrypted (`accounts.encryption`) and never given out again. Prices are for a
    million tokens, in the money that ``money_a_day`` counts; no limit where it is null.
    """

    team = models.OneToOneField(Team, on_delete=models.CASCADE, related_name="language_model")
    is_enabled = models.BooleanField(default=True)
    base_url = models.CharField(max_length=500)
    model = models.CharField(max_length=200)
    key = models.TextField(blank=True)
    timeout_s = models.FloatField(default=30.0)
    streams = models.BooleanField(default=False)
    input_price = models.FloatField(default=0.0)
    output_price = models.FloatField(default=0.0)
    calls_a_day = models.PositiveIntegerField(null=True, default=200)
    tokens_a_day = models.PositiveIntegerField(null=True)
    money_a_day = models.FloatField(null=True)
    down_until = models.DateTimeField(null=True)
    error = models.TextField(blank=True)  # the last one, in words

    def __str__(self) -> str:
        return f"{self.model} at {self.base_url}"


class Day(models.Model):
    """What one day (UTC) cost a team, and how its questions were answered."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="triage_days")
    day = models.DateField()
    calls = models.PositiveIntegerField(default=0)
    input_tokens = models.BigIntegerField(default=0)
    output_tokens = models.BigIntegerField(default=0)
    money = models.FloatField(default=0.0)
    small = models.PositiveIntegerField(default=0)  # answered without asking
    asked = models.PositiveIntegerField(default=0)
    cached = models.PositiveIntegerField(default=0)
    review = models.PositiveIntegerField(default=0)  # left to a person

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "day"], name="triage_day_once")]

    def __str__(self) -> str:
        return str(self.day)


class CachedAnswer(models.Model):
    """A language model's checked answer, kept by `adaptivelog.cache_key`."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="cached_answers")
    key = models.CharField(max_length=32)
    model = models.CharField(max_length=200)
    label = models.CharField(max_length=60)
    reason = models.TextField()
    next_step = models.TextField(blank=True)
    cites = models.JSONField(default=list)  # numbers of the lines that were sent
    created = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "key"], name="triage_answer_once")
        ]

    def __str__(self) -> str:
        return self.key


class Triaged(models.Model):
    """Up to which state of its annotator a source's templates have been asked about."""

    source = models.OneToOneField(Source, on_delete=models.CASCADE, related_name="triaged")
    annotator_version = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.source_id} at {self.annotator_version}"
