"""Learning from corrections: what people did to some templates, taken over to the others.

A lesson compares the variables of templates that nobody touched with those that people
corrected (`valb.neighbours`), and changes categories by edits of its own: `template_rules`
plays them like those of people, so undoing one, or the lesson, brings back what was. Borders of
variables stay; the model of later seals is not changed, so nothing is left of an undone lesson.
Templates that come later are asked once they are sealed. What a person corrected, pinned, or
took back from a lesson is never touched.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from django.db import OperationalError, transaction
from django.db.models import Max

from logplatform.logs import annotators, jobs
from logplatform.logs.errors import NothingToLearnError
from logplatform.logs.models import (
    OPEN_JOB_STATES,
    Job,
    JobKind,
    Lesson,
    Source,
    Structure,
    Template,
    TemplateEdit,
    TemplateEditKind,
)
from logplatform.logs.template_edits import commit, plan, until_done
from logplatform.logs.template_reading import segments_of, views_of
from logplatform.logs.template_rows import active_edits, found_states, read_edit
from logplatform.logs.template_rules import Edit, Rules, keys_of
from logplatform.logs.template_texts import outer, typed
from valb import BadExample, Example
from valb.examples import MAX_SAMPLES, match

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from logplatform.accounts.models import User

log = logging.getLogger(__name__)

# People's corrections since the last lesson after which one begins by itself.
LEARN_AFTER = 8
SHOWN_LESSONS = 20
TRANSIENT = (OSError, OperationalError)
ROWS_A_STATEMENT = 2000
MAX_NAME = 150
# What says how variables are to be; a name says nothing, and what was merged as it is neither.
_TEACHING = frozenset(
    {
        TemplateEditKind.PIN,
        TemplateEditKind.CATEGORY,
        TemplateEditKind.VARIABLE,
        TemplateEditKind.CONSTANT,
        TemplateEditKind.MERGE,
    }
)
_AUTHOR = "learning"


@dataclass(frozen=True, slots=True)
class Learning:
    """How far a source is: corrections in force, those since the last lesson, the job."""

    corrections: int
    since: int
    job: Job | None
    lessons: tuple[Lesson, ...]  # newest first, without their examples


def corrections_of(source: Source) -> list[TemplateEdit]:
    """Return what people said of a source's variables, and did not take back."""
    return [
        row for row in active_edits(source) if row.lesson_id is None and row.kind in _TEACHING
    ]


def learning_of(source: Source) -> Learning:
    """Tell how far a source's learning is."""
    rows = corrections_of(source)
    found = Lesson.objects.filter(source=source).defer("examples").order_by("-number")
    lessons = tuple(found[:SHOWN_LESSONS])
    after = lessons[0].created if lessons else None
    since = sum(after is None or row.created > after for row in rows)
    waiting = Job.objects.filter(source=source, kind=JobKind.LEARN, state__in=OPEN_JOB_STATES)
    return Learning(len(rows), since, waiting.first(), lessons)


def ask(source: Source, *, by: User | None) -> int:
    """Return the id of the job that learns, begun by somebody.

    Raises
    ------
    NothingToLearnError
        Nobody has corrected a variable of the source.
    """
    if not corrections_of(source):
        raise NothingToLearnError(f"no template of {source.name} has been corrected yet")
    return jobs.queue_job(
        JobKind.LEARN, source=source, subject=by.username[:MAX_NAME] if by else ""
    )


def queue_if_due(source: Source) -> int | None:
    """Return the id of the job that enough corrections, or new templates, make due."""
    found = learning_of(source)
    if found.job is not None:
        return None
    in_force = Lesson.objects.filter(source=source, ended=None).defer("examples").first()
    is_due = found.since >= LEARN_AFTER
    if in_force is not None and not is_due:
        is_due = Template.objects.filter(source=source, first_seen__gt=in_force.looked).exists()
    return jobs.queue_job(JobKind.LEARN, source=source) if is_due else None


def run_learn_job(job_id: int) -> bool:
    """Learn from a source's corrections; False where another worker has the job."""
    return jobs.run_job(job_id, _learn, transient=TRANSIENT)


def _learn(lease: jobs.Lease) -> None:
    source = Source.objects.get(jobs__pk=lease.job_id)
    annotator = annotators.read(source)
    lease.renew(0.2)

    def attempt(seen: Source) -> bool | None:
        began = datetime.now(tz=UTC)
        rows = active_edits(seen)
        taught = [row for row in rows if row.lesson_id is None and row.kind in _TEACHING]
        examples = examples_of(seen, taught)
        lease.renew(0.5)
        found = annotator.suggest(examples)
        lease.renew(0.7)
        people = [row for row in rows if row.lesson_id is None]
        edits = _edits(seen, found, {key for row in people for key in keys_of(read_edit(row))})
        lesson = Lesson(
            source=seen,
            created=began,
            looked=began,
            author_name=lease.subject,
            examples=[example.to_list() for example in examples],
            templates=len(examples),
            corrections=len(taught),
        )
        return _put_in_force(seen, rows, lesson, edits) or None

    until_done(source, attempt)


def examples_of(source: Source, taught: Sequence[TemplateEdit]) -> list[Example]:
    """Return the templates that people corrected, as they have them, with messages."""
    edits = tuple(map(read_edit, taught))
    rows = list(Template.objects.filter(source=source))
    rules = Rules(edits, found_states(rows))
    names = {row.pk: row.key for row in rows}
    wanted = {key for edit in edits for key in keys_of(edit)}
    keys = sorted(k for k in wanted if k in rules.states and rules.states[k].alias_of is None)
    of = Structure.objects.filter(source=source, template__key__in=keys).order_by("pk")
    hashes: dict[str, list[int]] = {}
    for row in of:
        hashes.setdefault(names[row.template_id], []).append(row.hash)
    chosen = {key: found[:MAX_SAMPLES] for key, found in hashes.items()}
    views = views_of(segments_of(source), {h for found in chosen.values() for h in found})
    result = []
    for key in keys:
        state = rules.states[key]
        messages = [views[h].text for h in chosen.get(key, ()) if h in views]
        example = _example(outer(typed(state.text, state.categories)), messages)
        if example is not None:
            result.append(example)
    return result


def _example(text: str, messages: Sequence[str]) -> Example | None:
    """Make an example of a text and the messages that fit it; None where none does."""
    try:
        parts = Example(text).parts
        fitting = tuple(dict.fromkeys(m for m in messages if match(m, parts) is not None))
        return Example(text, fitting) if fitting else None
    except BadExample as error:
        log.info("not learned from: %s", error)
        return None


def _edits(
    source: Source, found: Mapping[str, Sequence[str]], touched: Collection[str]
) -> list[Edit]:
    """Return the edits that suggestions come to, where nobody has said anything."""
    declined = TemplateEdit.objects.filter(source=source, lesson__isnull=False)
    taken_back = set(
        declined.filter(undone_by__isnull=False).values_list("template", flat=True)
    )
    states = found_states(Template.objects.filter(source=source, key__in=found))
    edits = []
    for key, categories in sorted(found.items()):
        state = states.get(key)
        if state is None or key in touched or key in taken_back or state.alias_of is not None:
            continue
        if len(state.categories) != len(categories):
            continue
        for variable, (before, category) in enumerate(
            zip(state.categories, categories, strict=True)
        ):
            if before != category:
                details = {
                    "text": state.text,
                    "variable": variable,
                    "category": str(category),
                    "before": str(before),
                }
                edits.append(Edit(TemplateEditKind.CATEGORY, key, details))
    return edits


def _put_in_force(
    seen: Source, rows: Sequence[TemplateEdit], lesson: Lesson, edits: Sequence[Edit]
) -> bool:
    """Put a new lesson in the place of the one before; False where the source has changed."""
    former = [row for row in rows if row.lesson_id is not None]
    people = [read_edit(row) for row in rows if row.lesson_id is None]
    last = Lesson.objects.filter(source=seen, ended=None).first()
    same = _is_same(last, lesson, former, edits)
    change = plan(seen, (*people, *edits), [*map(read_edit, former), *edits])
    with transaction.atomic():
        if not commit(seen, change):
            return False
        if same and last is not None:
            Lesson.objects.filter(pk=last.pk).update(
                looked=lesson.looked, corrections=lesson.corrections
            )
            return True
        _end(seen, lesson.created, "")
        number = Lesson.objects.filter(source=seen).aggregate(n=Max("number"))["n"]
        lesson.number = (number or 0) + 1
        lesson.save()
        TemplateEdit.objects.bulk_create(
            (
                TemplateEdit(
                    source=seen,
                    kind=edit.kind,
                    template=edit.key,
                    details=dict(edit.details),
                    author_name=_AUTHOR,
                    lesson=lesson,
                )
                for edit in edits
            ),
            batch_size=ROWS_A_STATEMENT,
        )
    return True


def _is_same(
    last: Lesson | None, lesson: Lesson, former: Sequence[TemplateEdit], edits: Sequence[Edit]
) -> bool:
    """Say whether a lesson says nothing that the one in force does not say."""
    said = {(row.template, row.details["variable"], row.details["category"]) for row in former}
    says = {(edit.key, edit.details["variable"], edit.details["category"]) for edit in edits}
    return last is not None and last.examples == lesson.examples and said == says


def _end(source: Source, at: datetime, name: str) -> None:
    """Take the lesson that is in force, if one is, out of it."""
    own = TemplateEdit.objects.filter(source=source, lesson__isnull=False, undone=None)
    own.update(undone=at, undone_name=name or _AUTHOR)
    Lesson.objects.filter(source=source, ended=None).update(ended=at, ended_name=name)


def set_in_force(lesson: Lesson, *, in_force: bool, name: str) -> Lesson:
    """Take a lesson out of force, so that templates are as they were before, or put it back.

    What a person took back of it stays taken back.
    """

    def attempt(seen: Source) -> Lesson | None:
        rows = active_edits(seen)
        former = [row for row in rows if row.lesson_id is not None]
        people = [row for row in rows if row.lesson_id is None]
        own = list(lesson.edits.filter(undone_by=None).order_by("pk")) if in_force else []
        kept = sorted([*people, *own], key=lambda row: row.pk)
        moved = [read_edit(row) for row in (*former, *own)]
        change = plan(seen, tuple(map(read_edit, kept)), moved)
        with transaction.atomic():
            if not commit(seen, change):
                return None
            _end(seen, datetime.now(tz=UTC), name)
            if in_force:
                Lesson.objects.filter(pk=lesson.pk).update(ended=None, ended_name="")
                TemplateEdit.objects.filter(pk__in=[row.pk for row in own]).update(
                    undone=None, undone_name=""
                )
        lesson.refresh_from_db()
        return lesson

    return until_done(lesson.source, attempt)
