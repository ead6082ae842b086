"""What a person does to templates, and how it is undone; edits mean what `template_rules` says.

Everything slow (segments are read) comes before the transaction, which begins by taking the
source's turn: where a seal or another edit has committed since, all is done again. So edits
and seals of a source never overlap, on either database, and counts are exact at any moment.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from django.db import transaction
from django.db.models import F

from logplatform.logs.errors import EditConflictError
from logplatform.logs.models import (
    Segment,
    Source,
    Structure,
    Template,
    TemplateCount,
    TemplateEdit,
    TemplateEditKind,
)
from logplatform.logs.template_reading import moved_counts, segments_of, views_of
from logplatform.logs.template_rows import (
    active_edits,
    found_states,
    labels_of,
    labels_of_row,
    meaning_of,
    read_edit,
    write_states,
    write_structure,
)
from logplatform.logs.template_rules import Edit, Meaning, Rules, related
from logscan.batch import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from logplatform.accounts.models import User
    from logplatform.logs.template_reading import Moved
    from valb.views import View

Done = TypeVar("Done")

TRIES = 8
ROWS_A_STATEMENT = 2000
# These change what a template is called and shown as, never which lines are its own.
_ROWS_ONLY = frozenset({TemplateEditKind.RENAME})


@dataclass(frozen=True, slots=True)
class Change:
    """What an edit, or undoing one, does to the rows of a source."""

    rules: Rules
    made_of: dict[str, str]
    structures: dict[int, tuple[Meaning, ...]]  # row id -> what it means then
    changed: tuple[Structure, ...]
    segments: tuple[Segment, ...]
    moved: Moved


def make_edit(
    source: Source, prepare: Callable[[Source], Edit], *, author: User | None
) -> TemplateEdit:
    """Do what a person wants done to a template.

    ``prepare`` says what that is, from the rows as they are then; it is asked again where they
    have changed.

    Raises
    ------
    InvalidEditError
        By ``prepare``: it cannot be done.
    EditConflictError
        The source changed faster than this could be worked out.
    """

    def attempt(seen: Source) -> TemplateEdit | None:
        edit = prepare(seen)
        rows = active_edits(seen)
        change = plan(seen, (*map(read_edit, rows), edit), [edit])
        with transaction.atomic():
            if not commit(seen, change):
                return None
            return TemplateEdit.objects.create(
                source=seen,
                kind=edit.kind,
                template=edit.key,
                details=dict(edit.details),
                author=author,
                author_name=author.username if author else "",
            )

    return until_done(source, attempt)


def set_undone(row: TemplateEdit, *, undone: bool, by: User | None) -> TemplateEdit:
    """Undo an edit, or do it again. Edits made since stay, as far as they still fit."""

    def attempt(seen: Source) -> TemplateEdit | None:
        others = [other for other in active_edits(seen) if other.pk != row.pk]
        rows = others if undone else sorted([*others, row], key=lambda other: other.pk)
        change = plan(seen, tuple(map(read_edit, rows)), [read_edit(row)])
        with transaction.atomic():
            if not commit(seen, change):
                return None
            row.undone = datetime.now(tz=UTC) if undone else None
            row.undone_by = by if undone else None
            row.undone_name = by.username if by and undone else ""
            row.save(update_fields=["undone", "undone_by", "undone_name"])
            return row

    return until_done(row.source, attempt)


def until_done(source: Source, attempt: Callable[[Source], Done | None]) -> Done:
    """Try again where the source has changed while a change was worked out.

    Raises
    ------
    EditConflictError
        It changed each time.
    """
    for _ in range(TRIES):
        done = attempt(Source.objects.get(pk=source.pk))
        if done is not None:
            return done
    raise EditConflictError(f"source {source.name} is changing too fast; try again")


def plan(source: Source, edits: tuple[Edit, ...], going: Sequence[Edit]) -> Change:
    """Work out what holds with some edits in force; those in ``going`` come or go."""
    rows = list(Template.objects.filter(source=source))
    rules = Rules(edits, found_states(rows))
    segments = tuple(segments_of(source))
    every = [*map(read_edit, TemplateEdit.objects.filter(source=source)), *going]
    made_of = _made_of(every)
    if all(edit.kind in _ROWS_ONLY for edit in going):
        return Change(rules, made_of, {}, (), segments, Counter())
    keys = related(every, {edit.key for edit in going})
    of_scope = Structure.objects.filter(
        source=source, template__key__in=_scope(rows, rules, keys)
    )
    structures = list(of_scope)
    views = views_of(segments, {row.hash for row in structures})
    names = {row.pk: row.key for row in rows}
    known = [row for row in structures if row.hash in views]
    meant = {row.pk: rules.meanings(_base(row, rules, names, views[row.hash])) for row in known}
    old = {row.hash: labels_of_row(row, names) for row in known}
    new = {row.hash: labels_of(meant[row.pk]) for row in known}
    changed = {value for value in new if old[value] != new[value]}
    moved = moved_counts(segments, {v: old[v] for v in changed}, {v: new[v] for v in changed})
    return Change(rules, made_of, meant, tuple(known), segments, moved)


def _made_of(edits: list[Edit]) -> dict[str, str]:
    """Return what each template that an edit made was a part of."""
    found: dict[str, str] = {}
    for edit in edits:
        made = [*edit.details.get("values", {}).values(), edit.details.get("rest")]
        found |= {key: edit.key for key in made if key and key != edit.key}
    return found


def _scope(rows: list[Template], rules: Rules, keys: set[str]) -> set[str]:
    """Return the templates whose structures edits of some templates may concern."""
    names = {row.pk: row.key for row in rows}
    above = {row.key: names[row.alias_of_id] for row in rows if row.alias_of_id is not None}
    found = set()
    for row in rows:
        now, then = row.key, rules.root(row.key)
        while now in above:
            now = above[now]
        said = rules.found.get(row.key)
        if {row.key, now, then, said.alias_of if said else None} & keys:
            found.add(row.key)
    return found


def _base(row: Structure, rules: Rules, names: Mapping[int, str], view: View) -> Meaning:
    """Return what the model says that a structure means."""
    said: Mapping[str, Any] = row.found or {
        "template": row.template_id,
        "spans": row.spans,
        "categories": row.categories,
    }
    key = names[said["template"]]
    categories = rules.found[key].categories
    if len(categories) != len(said["spans"]):
        categories = tuple(said["categories"])
    spans = [Span(*span) for span in said["spans"]][: len(categories)]
    return meaning_of(key, view, spans, categories[: len(spans)])


def commit(seen: Source, change: Change) -> bool:
    """Write a change; False where the source is not as it was seen, and nothing was written."""
    won = Source.objects.filter(
        pk=seen.pk,
        annotator_version=seen.annotator_version,
        template_edits=seen.template_edits,
    ).update(template_edits=F("template_edits") + 1)
    if not won:
        return False
    # A merge of segments takes no turn: it would move counts from under this.
    held = Segment.objects.select_for_update().filter(source=seen)
    if {row.pk for row in held} != {segment.pk for segment in change.segments}:
        transaction.set_rollback(True)
        return False
    keys = write_states(seen, change.rules, change.made_of)
    for row in change.changed:
        write_structure(row, change.structures[row.pk], keys)
    Structure.objects.bulk_update(
        change.changed,
        ["template", "spans", "categories", "found", "parts"],
        batch_size=ROWS_A_STATEMENT,
    )
    _move_counts(seen, change.moved, keys)
    return True


def _move_counts(source: Source, moved: Moved, keys: Mapping[str, int]) -> None:
    """Take counts from templates and give them to others, segment by segment."""
    moves = {
        (segment, keys[key], minute, level): n
        for (segment, key, minute, level), n in moved.items()
        if n
    }
    if not moves:
        return
    rows = TemplateCount.objects.filter(
        source=source,
        segment__in={segment for segment, *_ in moves},
        template__in={template for _, template, *_ in moves},
    )
    counts = Counter(
        {(row.segment_id, row.template_id, row.minute, row.level): row.count for row in rows}
    )
    counts.update(moves)
    rows.delete()
    TemplateCount.objects.bulk_create(
        (
            TemplateCount(
                source=source,
                segment_id=segment,
                template_id=template,
                minute=minute,
                level=level,
                count=count,
            )
            for (segment, template, minute, level), count in counts.items()
            if count
        ),
        batch_size=ROWS_A_STATEMENT,
    )
