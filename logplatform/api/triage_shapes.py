"""The JSON of triage: what is taken, what is given, for OpenAPI too.

Reasons and next steps are text that a person or a language model wrote, never markup.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rest_framework import serializers

from logplatform.triage import review, taxonomy
from logplatform.triage.models import About, LabelState, Who
from logplatform.triage.verdicts import MAX_REASON

if TYPE_CHECKING:
    from logplatform.triage.models import (
        AnomalyLabel,
        Case,
        Day,
        Label,
        ModelVersion,
        TriageTask,
        Verdict,
    )
    from logplatform.triage.review import Waiting
    from logplatform.triage.review_anomalies import WaitingPattern
    from logplatform.triage.status import TaskStatus


class TriageLabel(serializers.Serializer[Any]):
    """A label and what it means."""

    name = serializers.CharField(max_length=taxonomy.MAX_NAME, trim_whitespace=True)
    meaning = serializers.CharField(max_length=taxonomy.MAX_MEANING, allow_blank=True)


class ChangedLabel(TriageLabel):
    """A label of an edited task; ``was`` is its name before, where it is renamed."""

    was = serializers.CharField(required=False, default="", allow_blank=True)


class ChangedTask(serializers.Serializer[Any]):
    """An edited task."""

    labels = ChangedLabel(many=True)
    target = serializers.FloatField(
        min_value=taxonomy.MIN_TARGET, max_value=taxonomy.MAX_TARGET
    )
    rungs = serializers.ListField(
        child=serializers.ChoiceField(taxonomy.RUNGS),
        required=False,
        default=[],
        help_text="none: the ladder is climbed by itself",
    )


class ModelVersionInfo(serializers.Serializer[Any]):
    """A small model; accuracies are those on rows that it had not seen."""

    number = serializers.IntegerField()
    rung = serializers.CharField()
    tried = serializers.DictField(
        child=serializers.FloatField(), help_text="share right of each rung, on unseen rows"
    )
    passed_over = serializers.DictField(
        child=serializers.CharField(), help_text="rungs that were not tried, and why"
    )
    sampled = serializers.IntegerField(help_text="verdicts on templates drawn at random")
    sample_accuracy = serializers.FloatField(allow_null=True, help_text="share right of these")
    is_sampled = serializers.BooleanField(help_text="whether the threshold comes from these")
    examples = serializers.IntegerField()
    accuracy = serializers.FloatField()
    calibration_error = serializers.FloatField()
    routed = serializers.FloatField(
        allow_null=True, help_text="share left to others; null: all, the target is out of reach"
    )
    answered_accuracy = serializers.FloatField(allow_null=True)
    created = serializers.DateTimeField()


class TriageTaskInfo(serializers.Serializer[Any]):
    """A closed question about each template."""

    name = serializers.CharField()
    about = serializers.ChoiceField(choices=About.choices)
    question = serializers.CharField()
    labels = TriageLabel(many=True)
    explains = serializers.BooleanField(help_text="asked when somebody wants it")
    ordered = serializers.BooleanField(help_text="from most to least severe")
    target = serializers.FloatField(help_text="share right of what the small model answers")
    rungs = serializers.ListField(
        child=serializers.ChoiceField(taxonomy.RUNGS), help_text="none: climbs by itself"
    )
    has_encoder = serializers.BooleanField(help_text="whether upper rungs can be tried here")
    waiting = serializers.IntegerField(help_text="templates that wait for a person")
    verdicts = serializers.IntegerField()
    missing = serializers.CharField(help_text="what a model still needs; empty when enough")


class TriageTaskList(serializers.Serializer[Any]):
    """The team's tasks."""

    results = TriageTaskInfo(many=True)


class AnswerInfo(serializers.Serializer[Any]):
    """The present answer to a task about a template."""

    task = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # as above
    who = serializers.ChoiceField(choices=Who.choices)
    confidence = serializers.FloatField(allow_null=True)
    state = serializers.ChoiceField(choices=LabelState.choices)
    why = serializers.CharField(help_text="why it was routed, or not")
    small_label = serializers.CharField()
    small_confidence = serializers.FloatField()
    large_label = serializers.CharField()
    large_model = serializers.CharField()
    reason = serializers.CharField()
    next_step = serializers.CharField()
    cites = serializers.ListField(child=serializers.CharField(), help_text="ids of records")
    answered = serializers.DateTimeField()


class AnswerList(serializers.Serializer[Any]):
    """All answers about a template."""

    results = AnswerInfo(many=True)


class AnomalyAnswerInfo(AnswerInfo):
    """The present answer about an anomaly's pattern."""

    verdict = serializers.IntegerField(
        allow_null=True, help_text="of the person who gave it: what may be taken back"
    )


class AnomalyAnswerList(serializers.Serializer[Any]):
    """All answers about an anomaly's pattern."""

    results = AnomalyAnswerInfo(many=True)


class QueueParameters(serializers.Serializer[Any]):
    """Which part of the review queue."""

    task = serializers.CharField(required=False, default="severity")
    source = serializers.CharField(  # type: ignore[assignment]  # a field of that name
        required=False, default="", allow_blank=True
    )
    limit = serializers.IntegerField(
        required=False, default=50, min_value=1, max_value=review.MAX_LIMIT
    )


class WaitingTemplate(serializers.Serializer[Any]):
    """A template, or a pattern of anomalies, that waits for a person."""

    id = serializers.CharField(help_text="the template's or the pattern's")
    anomaly = serializers.IntegerField(
        allow_null=True, help_text="the worst one of the pattern; null: a template"
    )
    source = serializers.CharField(  # type: ignore[assignment]  # a field of that name
    )
    text = serializers.CharField()
    typed_text = serializers.CharField()
    records = serializers.IntegerField(help_text="of the template; anomalies of the pattern")
    level = serializers.CharField(help_text="what the log says most often; often empty")
    value = serializers.FloatField(help_text="uncertainty x log of the records")
    sampled = serializers.BooleanField(help_text="here by chance, not for its worth")
    answer = AnswerInfo()


class ReviewQueue(serializers.Serializer[Any]):
    """The most valuable templates of the queue."""

    task = serializers.CharField()
    waiting = serializers.IntegerField()
    results = WaitingTemplate(many=True)


class NewVerdict(serializers.Serializer[Any]):
    """What a person says of a template of a source, or of an anomaly's pattern."""

    task = serializers.CharField()
    source = serializers.CharField(  # type: ignore[assignment]  # a field of that name
        required=False, default=""
    )
    template = serializers.CharField(required=False, default="")
    anomaly = serializers.IntegerField(required=False, allow_null=True, default=None)
    label = serializers.CharField()  # type: ignore[assignment]  # as above
    reason = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=MAX_REASON
    )


class VerdictInfo(serializers.Serializer[Any]):
    """A verdict; ``retrains`` says whether it made a new model due."""

    id = serializers.IntegerField()
    label = serializers.CharField()  # type: ignore[assignment]  # as above
    waiting = serializers.IntegerField()
    retrains = serializers.BooleanField()


class NewAnomalyLabel(serializers.Serializer[Any]):
    """What a person says of the pattern of an anomaly."""

    task = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # as above
    reason = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=MAX_REASON
    )


class WantedExplanation(serializers.Serializer[Any]):
    """Which template to explain."""

    source = serializers.CharField(  # type: ignore[assignment]  # a field of that name
    )
    template = serializers.CharField()


class NewCase(serializers.Serializer[Any]):
    """An error case that a person writes."""

    task = serializers.CharField()
    text = serializers.CharField(max_length=4000)
    label = serializers.CharField()  # type: ignore[assignment]  # as above
    reason = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=MAX_REASON
    )


class ChangedCase(serializers.Serializer[Any]):
    """Another truth or reason of a case."""

    label = serializers.CharField()  # type: ignore[assignment]  # as above
    reason = serializers.CharField(allow_blank=True, max_length=MAX_REASON)


class CaseInfo(serializers.Serializer[Any]):
    """A text that was judged wrongly."""

    id = serializers.IntegerField()
    task = serializers.CharField()
    text = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # as above
    said = serializers.CharField()
    reason = serializers.CharField()
    added = serializers.DateTimeField()


class CaseList(serializers.Serializer[Any]):
    """Cases, newest first."""

    results = CaseInfo(many=True)


class AgreementInfo(serializers.Serializer[Any]):
    """A day's verdicts, and how often models had said the same."""

    day = serializers.DateField()
    verdicts = serializers.IntegerField()
    small_said = serializers.IntegerField()
    small_right = serializers.IntegerField()
    large_said = serializers.IntegerField()
    large_right = serializers.IntegerField()


class DayInfo(serializers.Serializer[Any]):
    """A day's costs, and how its questions were answered."""

    day = serializers.DateField()
    calls = serializers.IntegerField()
    tokens = serializers.IntegerField()
    money = serializers.FloatField()
    small = serializers.IntegerField(help_text="questions answered without asking")
    asked = serializers.IntegerField()
    cached = serializers.IntegerField()
    review = serializers.IntegerField(help_text="left to people")


class TrialInfo(serializers.Serializer[Any]):
    """Both models against people, on rows that both had answered."""

    both = serializers.IntegerField()
    only_large = serializers.IntegerField()
    only_small = serializers.IntegerField()
    neither = serializers.IntegerField()
    worth_asking = serializers.BooleanField()


class TriageStatus(serializers.Serializer[Any]):
    """How well a task does, and what the team's questions cost."""

    task = serializers.CharField()
    language_model = serializers.BooleanField(help_text="whether one is set up and on")
    waiting = serializers.IntegerField()
    answered = serializers.IntegerField()
    records = serializers.IntegerField(help_text="of the templates that are answered")
    by_who = serializers.DictField(child=serializers.IntegerField())
    versions = ModelVersionInfo(many=True)
    agreement = AgreementInfo(many=True)
    trial = TrialInfo()
    days = DayInfo(many=True)


def answer_json(answer: Label | AnomalyLabel) -> dict[str, object]:
    """Render an answer."""
    return {
        "task": answer.task.name,
        "label": answer.label,
        "who": answer.who,
        "confidence": answer.confidence,
        "state": answer.state,
        "why": answer.why,
        "small_label": answer.small_label,
        "small_confidence": answer.small_confidence,
        "large_label": answer.large_label,
        "large_model": answer.large_model,
        "reason": answer.reason,
        "next_step": answer.next_step,
        "cites": answer.cites,
        "answered": answer.answered.isoformat(),
    }


def anomaly_answer_json(answer: AnomalyLabel, verdict: Verdict | None) -> dict[str, object]:
    """Render an answer about an anomaly, with the verdict that it is, if it is one."""
    is_said = answer.who == Who.PERSON and verdict is not None
    return answer_json(answer) | {"verdict": verdict.pk if verdict and is_said else None}


def waiting_pattern_json(task: TriageTask, waiting: WaitingPattern) -> dict[str, object]:
    """Render a pattern of anomalies that waits."""
    answer = waiting.answer
    answer.task = task
    return {
        "id": answer.pattern,
        "anomaly": waiting.anomaly.pk,
        "source": answer.source.name,
        "text": answer.text,
        "typed_text": answer.text,
        "records": waiting.anomalies,
        "level": "",
        "value": waiting.value,
        "sampled": waiting.is_sampled,
        "answer": answer_json(answer),
    }


def waiting_json(task: TriageTask, waiting: Waiting) -> dict[str, object]:
    """Render a template that waits."""
    answer, template = waiting.answer, waiting.answer.template
    answer.task = task
    return {
        "id": template.key,
        "anomaly": None,
        "source": template.source.name,
        "text": template.text,
        "typed_text": template.typed_text,
        "records": waiting.records,
        "level": waiting.level.name.lower() if waiting.level is not None else "",
        "value": waiting.value,
        "sampled": waiting.is_sampled,
        "answer": answer_json(answer),
    }


def task_json(task: TriageTask, *, waiting: int, missing: str) -> dict[str, object]:
    """Render a task."""
    return {
        "name": task.name,
        "about": task.about,
        "question": task.question,
        "labels": [{"name": name, "meaning": meaning} for name, meaning in task.labels],
        "explains": task.explains,
        "ordered": task.is_ordered,
        "target": task.target,
        "rungs": task.rungs,
        "has_encoder": taxonomy.has_encoder(),
        "waiting": waiting,
        "verdicts": task.verdicts.count(),
        "missing": missing,
    }


def case_json(case: Case) -> dict[str, object]:
    """Render a case."""
    return {
        "id": case.pk,
        "task": case.task.name,
        "text": case.text,
        "label": case.label,
        "said": case.said,
        "reason": case.reason,
        "added": case.added.isoformat(),
    }


def status_json(task: TriageTask, status: TaskStatus, days: list[Day]) -> dict[str, object]:
    """Render how a task does."""
    trial = status.trial
    return {
        "task": task.name,
        "language_model": status.has_language_model,
        "waiting": status.waiting,
        "answered": status.answered,
        "records": status.records,
        "by_who": status.by_who,
        "versions": list(map(version_json, status.versions)),
        "agreement": [asdict(day) for day in status.agreement],
        "trial": {
            "both": trial.both,
            "only_large": trial.only_large,
            "only_small": trial.only_small,
            "neither": trial.neither,
            "worth_asking": trial.is_worth_asking,
        },
        "days": list(map(day_json, days)),
    }


def version_json(version: ModelVersion) -> dict[str, object]:
    """Render a model."""
    return {
        "number": version.number,
        "rung": version.rung,
        "tried": version.tried,
        "passed_over": version.passed_over,
        "sampled": version.sampled,
        "sample_accuracy": version.sample_accuracy,
        "is_sampled": version.is_sampled,
        "examples": version.examples,
        "accuracy": version.accuracy,
        "calibration_error": version.calibration_error,
        "routed": version.routed,
        "answered_accuracy": version.answered_accuracy,
        "created": version.created.isoformat(),
    }


def day_json(day: Day) -> dict[str, object]:
    """Render a day's costs."""
    return {
        "day": day.day.isoformat(),
        "calls": day.calls,
        "tokens": day.input_tokens + day.output_tokens,
        "money": day.money,
        "small": day.small,
        "asked": day.asked,
        "cached": day.cached,
        "review": day.review,
    }
