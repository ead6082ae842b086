"""What people say: it is the answer at once, and what models learn from later."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from django.db import transaction

from logplatform.triage.errors import InvalidTriageError
from logplatform.triage.models import (
    About,
    AnomalyLabel,
    Answer,
    Case,
    Label,
    LabelState,
    Verdict,
    Who,
)

if TYPE_CHECKING:
    from logplatform.accounts.models import User
    from logplatform.logs.models import Template
    from logplatform.triage.models import TriageTask

MAX_REASON = 600
SAMPLED = 5  # one template in so many is asked about whatever it is worth
# What a verdict keeps of the answer that it replaces.
KEPT = (
    "text",
    "label",
    "who",
    "confidence",
    "state",
    "why",
    "uncertainty",
    "small_label",
    "small_confidence",
    "large_label",
    "large_model",
    "reason",
    "next_step",
    "cites",
    "version_id",
)


def give_verdict(
    task: TriageTask,
    template: Template,
    *,
    label: str,
    reason: str = "",
    by: User | None = None,
) -> Verdict:
    """Record what a person says of a template. Where a model had said otherwise, a case too."""
    if task.about != About.TEMPLATE:
        raise InvalidTriageError(f"{task.name} is asked about anomalies")
    if task.explains:
        raise InvalidTriageError(f"{task.name} is explained, not labelled")
    if label not in task.names:
        raise InvalidTriageError(f"{label!r} is none of {', '.join(task.names)}")
    with transaction.atomic():
        before = Label.objects.select_for_update().filter(task=task, template=template).first()
        verdict = Verdict(
            task=task,
            template=template,
            text=template.typed_text,
            label=label,
            reason=reason[:MAX_REASON],
            is_sampled=is_sampled(task, template.key),
            by=by,
        )
        return record(verdict, before, Label(task=task, template=template))


def record(verdict: Verdict, before: Answer | None, fresh: Answer) -> Verdict:
    """Keep a verdict and make it the present answer: instead of ``before``, or as ``fresh``."""
    verdict.given = datetime.now(tz=UTC)
    if before is not None:
        verdict.small_label, verdict.large_label = before.small_label, before.large_label
        verdict.before = {name: getattr(before, name) for name in KEPT}
    verdict.save()
    said = mistaken(before, verdict.label)
    answer_by_person(before or fresh, verdict)
    if said or verdict.reason:
        keep_case(
            verdict.task, verdict.text, label=verdict.label, said=said, reason=verdict.reason
        )
    return verdict


def is_sampled(task: TriageTask, key: str) -> bool:
    """Say whether a template or a pattern was drawn at random, by nothing but its name.

    One in `SAMPLED` is.
    """
    return draw(task, key) < 2**64 // SAMPLED


def draw(task: TriageTask, key: str) -> int:
    """Return a template's or pattern's place in the random order of a task, below 2**64."""
    named = f"{task.name} {key}".encode()
    return int.from_bytes(blake2b(named, digest_size=8).digest(), "big")


def answer_by_person(label: Answer, verdict: Verdict) -> None:
    """Make a verdict the present answer."""
    label.text, label.label, label.reason = verdict.text, verdict.label, verdict.reason
    label.who, label.confidence, label.state = Who.PERSON, 1.0, LabelState.ANSWERED
    label.why, label.uncertainty, label.answered = "", 0.0, verdict.given
    label.next_step, label.cites = "", []
    label.save()


def mistaken(before: Answer | None, truth: str) -> str:
    """Return what a model had said instead of the truth, nothing where none was wrong."""
    if before is None or before.who == Who.PERSON:
        return ""
    said = (before.label if before.who != Who.LOG else "", before.small_label)
    return next((label for label in said if label and label != truth), "")


def undo_verdict(verdict: Verdict) -> None:
    """Take a verdict back: the answer before it counts again, and nothing is learned from it.

    Raises
    ------
    InvalidTriageError
        Somebody has judged it again since, or it is gone.
    """
    with transaction.atomic():
        about = _about(verdict)
        if Verdict.objects.filter(**about, task=verdict.task, pk__gt=verdict.pk).exists():
            raise InvalidTriageError("only the last verdict on a thing can be taken back")
        answers: type[Label | AnomalyLabel] = AnomalyLabel if verdict.pattern else Label
        rows = answers.objects.filter(**about, task=verdict.task)
        if verdict.before:
            rows.update(**verdict.before)
        else:
            rows.delete()
        Case.objects.filter(
            task=verdict.task, key=case_key(verdict.text), added__gte=verdict.given
        ).delete()
        verdict.delete()


def _about(verdict: Verdict) -> dict[str, Any]:
    """Return what a verdict is about, as a filter of verdicts and of answers alike."""
    if verdict.template is not None:
        return {"template": verdict.template}
    if verdict.source is not None and verdict.pattern:
        return {"source": verdict.source, "pattern": verdict.pattern}
    raise InvalidTriageError("what this verdict was about is gone")


def keep_case(task: TriageTask, text: str, *, label: str, said: str, reason: str = "") -> Case:
    """Keep an error case; a later one about the same text replaces the earlier."""
    case, _ = Case.objects.update_or_create(
        task=task,
        key=case_key(text),
        defaults={
            "text": text,
            "label": label,
            "said": said,
            "reason": reason[:MAX_REASON],
            "added": datetime.now(tz=UTC),
        },
    )
    return case


def write_case(task: TriageTask, text: str, *, label: str, reason: str) -> Case:
    """Keep a case that a person wrote."""
    if label not in task.names:
        raise InvalidTriageError(f"{label!r} is none of {', '.join(task.names)}")
    return keep_case(task, text, label=label, said="", reason=reason)


def change_case(case: Case, *, label: str, reason: str) -> None:
    """Give a case another truth or another reason."""
    if label not in case.task.names:
        raise InvalidTriageError(f"{label!r} is none of {', '.join(case.task.names)}")
    case.label, case.reason = label, reason[:MAX_REASON]
    case.save(update_fields=["label", "reason"])


def case_key(text: str) -> str:
    """Return the short name of a text."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
