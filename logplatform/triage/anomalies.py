"""Answers tasks about anomalies: once for each of their patterns in a source.

What is judged is the kind of the anomaly and the typed text of the records that show it: no
value of a log is in it, and equal patterns read alike.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Exists, OuterRef

from adaptivelog import Why
from logplatform.detection.found import SILENCED
from logplatform.detection.lines import hits_of
from logplatform.detection.models import Anomaly
from logplatform.detection.models import Verdict as Word
from logplatform.logs.models import Source, Template
from logplatform.triage.errors import InvalidTriageError
from logplatform.triage.explaining import LINES, question_of
from logplatform.triage.models import About, AnomalyLabel, LabelState, TriageTask, Verdict, Who
from logplatform.triage.routing import WORTH_ANOTHER_TRY, fields_of, open_desk
from logplatform.triage.taxonomy import anomaly_tasks
from logplatform.triage.verdicts import MAX_REASON, is_sampled, record, undo_verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from adaptivelog import Question
    from logplatform.accounts.models import User
    from logplatform.logs.hits import Hit
    from logplatform.triage.routing import Desk

PROBLEM = "anomaly_problem"
# What the verdicts of the anomalies' own pages mean in triage.
WORDS = {Word.CONFIRMED: "yes", Word.FALSE: "no"}


def sources_due() -> list[Source]:
    """Return the sources with patterns of anomalies that nobody has been asked about."""
    answered = AnomalyLabel.objects.filter(
        source=OuterRef("source"), pattern=OuterRef("pattern")
    )
    found = Anomaly.objects.filter(~Exists(answered)).exclude(state__in=SILENCED)
    return list(Source.objects.filter(pk__in=found.values("source")).select_related("team"))


def answer_due(source: Source, beat: Callable[[float], None]) -> None:
    """Answer the anomalies' tasks about the patterns of a source that have no answer."""
    for task in anomaly_tasks(source.team):
        with open_desk(task) as desk:
            due = _due(task, source, can_ask=desk.router.large is not None)
            for number, pattern in enumerate(due):
                answer(desk, worst_of(source, pattern))
                beat(number / len(due))


def _due(task: TriageTask, source: Source, *, can_ask: bool) -> list[str]:
    shown = Anomaly.objects.filter(source=source).exclude(state__in=SILENCED)
    patterns = set(shown.values_list("pattern", flat=True))
    known = AnomalyLabel.objects.filter(task=task, source=source)
    if can_ask:
        known = known.exclude(state=LabelState.REVIEW, why__in=WORTH_ANOTHER_TRY)
    return sorted(patterns.difference(known.values_list("pattern", flat=True)))


def worst_of(source: Source, pattern: str) -> Anomaly:
    """Return the anomaly of a pattern with the highest score, an explained one if any."""
    found = Anomaly.objects.filter(source=source, pattern=pattern).order_by("-score", "pk")
    return found.exclude(evidence={}).first() or found[0]


def answer(desk: Desk, anomaly: Anomaly) -> None:
    """Answer one task about an anomaly's pattern, unless a person has."""
    question, hits = ask_about(anomaly)
    (decision,) = desk.router.route([question], now_ns=time.time_ns())
    said = fields_of(decision) | {"version": desk.version, "cites": []}
    # The numbers of a cached answer are those of the lines that were sent then.
    if decision.large is not None and decision.why == Why.ASKED:
        said["cites"] = [hits[number - 1].id for number in decision.large.reply.cites]
    about: dict[str, Any] = {
        "task": desk.task,
        "source": anomaly.source,
        "pattern": anomaly.pattern,
    }
    with transaction.atomic():
        judged = AnomalyLabel.objects.select_for_update().filter(**about, who=Who.PERSON)
        if not judged.exists():
            AnomalyLabel.objects.update_or_create(**about, defaults=said)
    desk.settle([decision])


def ask_about(anomaly: Anomaly) -> tuple[Question, list[Hit]]:
    """Return the question about an anomaly, and the records that it may cite."""
    evidence = anomaly.evidence
    wanted = evidence.get("rows") or evidence.get("all_rows") or [anomaly.first_record]
    found = hits_of(anomaly.source, sorted(wanted[:LINES]))
    hits = [found[number] for number in sorted(found)]
    keys = list(dict.fromkeys(hit.template_id for hit in hits if hit.template_id))
    rows = Template.objects.filter(source=anomaly.source, key__in=keys)
    texts = dict(rows.values_list("key", "typed_text"))
    lines = [texts[key] for key in keys if key in texts]
    return question_of("\n".join([f"{anomaly.kind}:", *lines]), hits), hits


def answers_to(anomaly: Anomaly) -> list[AnomalyLabel]:
    """Return the answers about an anomaly's pattern."""
    found = AnomalyLabel.objects.filter(source=anomaly.source, pattern=anomaly.pattern)
    return list(found.select_related("task").order_by("task"))


def answers_of(found: Sequence[Anomaly]) -> dict[int, list[AnomalyLabel]]:
    """Return the answers about the patterns of some anomalies, by their rows."""
    rows = AnomalyLabel.objects.filter(
        source__in={anomaly.source_id for anomaly in found},
        pattern__in={anomaly.pattern for anomaly in found},
    )
    by_pattern: dict[tuple[int, str], list[AnomalyLabel]] = {}
    for row in rows.select_related("task").order_by("task"):
        by_pattern.setdefault((row.source_id, row.pattern), []).append(row)
    return {
        anomaly.pk: by_pattern.get((anomaly.source_id, anomaly.pattern), [])
        for anomaly in found
    }


def judge(
    task: TriageTask, anomaly: Anomaly, *, label: str, reason: str = "", by: User | None = None
) -> Verdict:
    """Record what a person says of an anomaly's pattern; models learn from it."""
    if task.about != About.ANOMALY:
        raise InvalidTriageError(f"{task.name} is asked about templates")
    if label not in task.names:
        raise InvalidTriageError(f"{label!r} is none of {', '.join(task.names)}")
    about: dict[str, Any] = {"task": task, "source": anomaly.source, "pattern": anomaly.pattern}
    with transaction.atomic():
        before = AnomalyLabel.objects.select_for_update().filter(**about).first()
        verdict = Verdict(
            **about,
            text=before.text if before else ask_about(anomaly)[0].row.text,
            label=label,
            reason=reason[:MAX_REASON],
            is_sampled=is_sampled(task, anomaly.pattern),
            by=by,
        )
        return record(verdict, before, AnomalyLabel(**about))


def last_verdict(task: TriageTask, anomaly: Anomaly) -> Verdict | None:
    """Return the newest verdict on an anomaly's pattern, if any."""
    found = Verdict.objects.filter(task=task, source=anomaly.source, pattern=anomaly.pattern)
    return found.order_by("pk").last()


def note_word(anomaly: Anomaly, word: Word, *, by: User | None) -> list[TriageTask]:
    """Take in that a person has confirmed a pattern, or called it a false alarm.

    Returns the tasks that have a verdict more.
    """
    tasks = anomaly_tasks(anomaly.source.team)
    found = [task for task in tasks if task.name == PROBLEM and WORDS[word] in task.names]
    for task in found:
        judge(task, anomaly, label=WORDS[word], by=by)
    return found


def forget_word(anomaly: Anomaly, word: Word) -> None:
    """Take back what `note_word` noted, unless a person has said something else since."""
    for task in anomaly_tasks(anomaly.source.team):
        verdict = last_verdict(task, anomaly)
        if task.name == PROBLEM and verdict is not None and verdict.label == WORDS[word]:
            undo_verdict(verdict)
