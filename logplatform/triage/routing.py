"""Answers a task about templates: the small model, the language model, or the review queue.

Each template is judged once and its answer kept; nothing here ever looks at single lines.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import Sum

from adaptivelog import (
    Case,
    CaseBase,
    Decision,
    Question,
    Router,
    Row,
    SmallModel,
    Trial,
    Usage,
    Why,
)
from adaptivelog import Source as By
from logplatform.logs.models import Template, TemplateCount
from logplatform.triage import large
from logplatform.triage.models import Case as CaseRow
from logplatform.triage.models import (
    Label,
    LabelState,
    LanguageModel,
    ModelVersion,
    Verdict,
    Who,
)
from logplatform.triage.taxonomy import engine_task
from logscan import Level

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from logplatform.logs.models import Source
    from logplatform.triage.models import TriageTask

# Answers are written, and spending is counted, after so many. With a language model a call may
# take a minute, and what a crash forgets would be asked again.
CHUNK, CHUNK_ASKING = 500, 5
ROWS_A_STATEMENT = 500
NOTHING_RIGHT = -1.0  # a threshold that no uncertainty is under
# Left to a person for a reason that may be gone: asked about again where there is a model.
WORTH_ANOTHER_TRY = frozenset({Why.NO_LARGE_MODEL, Why.NO_BUDGET, Why.DOWN, Why.REFUSED})
LOG_LABELS = {
    Level.FATAL: "critical",
    Level.ERROR: "error",
    Level.WARN: "warning",
    Level.INFO: "info",
    Level.DEBUG: "debug",
    Level.TRACE: "debug",
}
FIELDS = [
    field.name
    for field in Label._meta.concrete_fields  # noqa: SLF001  (Django's own name)
    if field.name not in {"id", "task", "template"}
]


@dataclass
class Desk:
    """Everything that answers one task: a router with the state that its rows have."""

    task: TriageTask
    router: Router
    version: ModelVersion | None
    language_model: LanguageModel | None

    def __enter__(self) -> Desk:
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connections to the language model."""
        if self.router.large is not None:
            self.router.large.close()

    def answer(self, templates: Sequence[Template], beat: Callable[[float], None]) -> None:
        """Answer the task about some templates, and keep the answers.

        ``beat`` is told which share is done, before each part is written.
        """
        size = CHUNK if self.router.large is None else CHUNK_ASKING
        for low in range(0, len(templates), size):
            part = templates[low : low + size]
            questions = [Question(Row(template.typed_text)) for template in part]
            decisions = self.router.route(questions, now_ns=time.time_ns())
            beat(low / len(templates))
            levels = log_levels(part) if self.task.is_ordered else {}
            write(
                [
                    self._label(template, decision, levels.get(template.pk))
                    for template, decision in zip(part, decisions, strict=True)
                ]
            )
            self.settle(decisions)

    def _label(self, template: Template, decision: Decision, level: Level | None) -> Label:
        label = make_label(self.task, template, decision)
        label.version = self.version
        said = LOG_LABELS.get(level) if level is not None else None
        if label.who == Who.NOBODY and said in self.task.names:
            label.label, label.who = said or "", Who.LOG
        return label

    def settle(self, decisions: Iterable[Decision]) -> None:
        """Keep what the questions cost and whether the language model is up."""
        decisions = list(decisions)
        ways = Counter(_way(decision) for decision in decisions)
        spent = sum((decision.usage for decision in decisions), Usage())
        large.charge(self.task.team, spent, **ways)
        if self.language_model is None:
            return
        failures = [decision.detail for decision in decisions if decision.detail]
        until = self.router.down_until_ns
        down = datetime.fromtimestamp(until / 1e9, tz=UTC) if until else None
        if failures or spent.calls:
            error = failures[-1] if failures else ""
            LanguageModel.objects.filter(pk=self.language_model.pk).update(
                down_until=down, error=error
            )


def open_desk(task: TriageTask) -> Desk:
    """Return what answers a task now: its newest model, and the language model if any."""
    version = current_version(task)
    row = LanguageModel.objects.filter(team=task.team, is_enabled=True).first()
    now_ns = time.time_ns()
    router = Router(
        engine_task(task),
        SmallModel.load(settings.HOME.models / version.folder) if version else None,
        large.client(row) if row else None,
        threshold=_threshold(version),
        cases=CaseBase(_case(case) for case in CaseRow.objects.filter(task=task)),
        cache=large.AnswerCache(task.team),
        trial=trial_of(task),
    )
    if row is not None:
        router.budget = large.budget(row, now_ns)
        router.down_until_ns = int(row.down_until.timestamp() * 1e9) if row.down_until else 0
    return Desk(task, router, version, row)


def current_version(task: TriageTask) -> ModelVersion | None:
    """Return the newest model, unless it knows a label that the task has no more."""
    newest = task.versions.order_by("number").last()
    return newest if newest and set(newest.classes) <= set(task.names) else None


def _threshold(version: ModelVersion | None) -> float | None:
    if version is None:
        return None
    return NOTHING_RIGHT if version.threshold is None else version.threshold


def _case(row: CaseRow) -> Case:
    added_ns = int(row.added.timestamp() * 1e9)
    return Case(Row(row.text), row.label, row.said, row.reason, added_ns)


def trial_of(task: TriageTask) -> Trial:
    """Return both models' answers against what people said, where both had answered."""
    trial = Trial()
    both = Verdict.objects.filter(task=task).exclude(large_label="")
    for small, said, truth in both.values_list("small_label", "large_label", "label"):
        trial.record(small=small, large=said, truth=truth)
    return trial


def due_templates(task: TriageTask, source: Source, *, can_ask: bool) -> list[Template]:
    """Return the templates that a task has no answer for, or none that still counts."""
    answers = {
        answer.template_id: answer
        for answer in Label.objects.filter(task=task, template__source=source)
    }
    templates = Template.objects.filter(source=source, alias_of=None).order_by("pk")
    return [row for row in templates if _is_due(row, answers.get(row.pk), can_ask=can_ask)]


def _is_due(template: Template, answer: Label | None, *, can_ask: bool) -> bool:
    if answer is None:
        return True
    if answer.who == Who.PERSON:
        return False
    waits = answer.state == LabelState.REVIEW and answer.why in WORTH_ANOTHER_TRY
    return answer.text != template.typed_text or (waits and can_ask)


def answered_templates(task: TriageTask) -> list[Template]:
    """Return the team's templates that no person has judged."""
    judged = Label.objects.filter(task=task, who=Who.PERSON).values("template")
    found = Template.objects.filter(source__team=task.team, alias_of=None)
    return list(found.exclude(pk__in=judged).order_by("pk"))


def make_label(task: TriageTask, template: Template, decision: Decision) -> Label:
    """Return the row of a decision."""
    return Label(task=task, template=template, **fields_of(decision))


def fields_of(decision: Decision) -> dict[str, Any]:
    """Return what a decision gives of an `Answer`'s fields; citations are the caller's."""
    said = decision.large
    return {
        "text": decision.question.row.text,
        "label": decision.label,
        "who": _who(decision),
        "confidence": decision.confidence if decision.label else None,
        "state": LabelState.REVIEW if decision.review else LabelState.ANSWERED,
        "why": decision.why,
        "uncertainty": decision.uncertainty,
        "small_label": decision.small_label,
        "small_confidence": decision.small_confidence,
        "large_label": said.reply.label if said else "",
        "large_model": said.model if said else "",
        "reason": said.reply.reason if said else "",
        "next_step": said.reply.next_step if said else "",
        "answered": datetime.now(tz=UTC),
    }


def _who(decision: Decision) -> Who:
    return {By.SMALL: Who.SMALL, By.LARGE: Who.LARGE, By.NOBODY: Who.NOBODY}[decision.source]


def _way(decision: Decision) -> str:
    ways = {Why.SURE: "small", Why.ASKED: "asked", Why.CACHED: "cached"}
    return ways.get(decision.why, "review")


def write(labels: Sequence[Label]) -> None:
    """Keep answers, but never over a person's, who may have spoken while a model was asked."""
    by_task: dict[int, list[Label]] = {}
    for label in labels:
        by_task.setdefault(label.task_id, []).append(label)
    for task_id, some in by_task.items():
        judged = set(
            Label.objects.filter(
                task=task_id, who=Who.PERSON, template__in=[row.template_id for row in some]
            ).values_list("template_id", flat=True)
        )
        Label.objects.bulk_create(
            [label for label in some if label.template_id not in judged],
            batch_size=ROWS_A_STATEMENT,
            update_conflicts=True,
            unique_fields=["task", "template"],
            update_fields=FIELDS,
        )


def log_levels(templates: Sequence[Template]) -> dict[int, Level]:
    """Return the level that the log itself gives most of each template's records."""
    found: dict[int, Level] = {}
    sums = (
        TemplateCount.objects.filter(template__in=[row.pk for row in templates])
        .values("template", "level")
        .annotate(records=Sum("count"))
        .order_by("records", "level")
    )
    for row in sums:  # the last, most frequent one stays
        if row["level"] != Level.NONE:
            found[row["template"]] = Level(row["level"])
    return found
