"""The rows of people's edits: read as rules, and what rules say written to templates.

What edits mean is in `template_rules`; who makes them in `template_edits`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from logplatform.logs.models import Structure, Template, TemplateEdit, TemplateEditKind
from logplatform.logs.search_catalog import has_values
from logplatform.logs.template_rules import Edit, Meaning, Rules, State, Stretch
from logplatform.logs.template_texts import inner, outer, typed
from logscan.batch import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from logplatform.logs.models import Source
    from logscan import RecordBatch
    from valb.views import View

    When = tuple[tuple[Span, bytes], ...]

TEXTS = ("text", "typed_text", "categories", "alias_of_id", "name", "is_pinned", "found")
ROWS_A_STATEMENT = 2000


@dataclass(frozen=True, slots=True)
class Labels:
    """Whose template the records of a structure have: parts by their values, then the rest."""

    parts: tuple[tuple[When, str], ...]
    rest: str

    def of(
        self, batch: RecordBatch, structure: int, rows: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], list[str]]:
        """Return a number for each of some records, and the key of each number."""
        found = np.zeros(len(rows), np.int64)
        # The first part that fits counts, so it is written last.
        for number in range(len(self.parts), 0, -1):
            found[has_values(batch, structure, self.parts[number - 1][0], rows)] = number
        return found, [self.rest, *(key for _, key in self.parts)]


def labels_of(meanings: tuple[Meaning, ...]) -> Labels:
    """Return the templates that meanings lead to."""
    *parts, rest = meanings
    found = [
        (tuple((span, value.encode("latin-1")) for span, value in part.when), part.key)
        for part in parts
    ]
    return Labels(tuple(found), rest.key)


def labels_of_row(row: Structure, names: Mapping[int, str] | None = None) -> Labels:
    """Return the templates of a structure's records; ``names`` has the key of each row."""
    if names is None:
        ids = [row.template_id, *(part["template"] for part in row.parts)]
        names = dict(Template.objects.filter(pk__in=ids).values_list("pk", "key"))
    parts = [
        (
            tuple((Span(*span), value.encode("latin-1")) for span, value in part["when"]),
            names[part["template"]],
        )
        for part in row.parts
    ]
    return Labels(tuple(parts), names[row.template_id])


def read_edit(row: TemplateEdit) -> Edit:
    """Return an edit as rules take it."""
    return Edit(TemplateEditKind(row.kind), row.template, row.details)


def active_edits(source: Source) -> list[TemplateEdit]:
    """Return the edits of a source that are in force, in the order in which they were made."""
    return list(TemplateEdit.objects.filter(source=source, undone=None).order_by("pk"))


def load_rules(source: Source) -> Rules:
    """Return the edits in force, with what the model has found; quick where there is none."""
    edits = tuple(map(read_edit, active_edits(source)))
    if not edits:
        return Rules((), {})
    return Rules(edits, found_states(Template.objects.filter(source=source)))


def found_states(rows: Iterable[Template]) -> dict[str, State]:
    """Return what the model says of templates, by key."""
    rows = list(rows)
    keys = {row.pk: row.key for row in rows}
    return {row.key: _found(row, keys) for row in rows if not row.is_made}


def _found(row: Template, keys: Mapping[int, str]) -> State:
    said: Mapping[str, Any] = row.found or {
        "text": row.text,
        "categories": row.categories,
        "alias_of": row.alias_of_id,
    }
    above = said["alias_of"]
    return State(inner(said["text"]), tuple(said["categories"]), keys[above] if above else None)


def write_states(source: Source, rules: Rules, made_of: Mapping[str, str]) -> dict[str, int]:
    """Write what rules say of templates; return the row of each key.

    ``made_of`` has the template that each one came from which exists by edits alone: what no
    edit in force makes any more leads back there.
    """
    rows = {row.key: row for row in Template.objects.filter(source=source)}
    made = [key for key in rules.states if key not in rows]
    Template.objects.bulk_create(
        [Template(source=source, key=key, is_made=True) for key in made],
        batch_size=ROWS_A_STATEMENT,
    )
    for row in Template.objects.filter(source=source, key__in=made):
        rows[row.key] = row
    keys = {key: row.pk for key, row in rows.items()}
    changed = []
    for key, row in rows.items():
        state = rules.states.get(key)
        if state is None:
            if key not in made_of:
                continue
            state = State(inner(row.text), tuple(row.categories), made_of[key])
        before = [getattr(row, name) for name in TEXTS]
        _fill(row, state, rules.found.get(key), keys)
        if before != [getattr(row, name) for name in TEXTS]:
            changed.append(row)
    Template.objects.bulk_update(changed, list(TEXTS), batch_size=ROWS_A_STATEMENT)
    return keys


def _fill(row: Template, state: State, found: State | None, keys: Mapping[str, int]) -> None:
    is_changed = found is not None and (
        (found.text, found.categories, found.alias_of)
        != (state.text, state.categories, state.alias_of)
    )
    if is_changed and row.found is None:
        row.found = {
            "text": row.text,
            "typed_text": row.typed_text,
            "categories": row.categories,
            "alias_of": row.alias_of_id,
        }
    if not is_changed and row.found is not None:
        row.text, row.typed_text = row.found["text"], row.found["typed_text"]
        row.categories, row.found = row.found["categories"], None
    elif not is_same(row, state):
        row.text = outer(state.text)
        row.typed_text = outer(typed(state.text, state.categories))
        row.categories = list(state.categories)
    row.alias_of_id = keys[state.alias_of] if state.alias_of else None
    row.name, row.is_pinned = state.name, state.is_pinned


def is_same(row: Template, state: State) -> bool:
    """Say whether a row has a state's text and categories."""
    return inner(row.text) == state.text and tuple(row.categories) == state.categories


def meaning_of(
    key: str, view: View, spans: Sequence[Span], categories: Sequence[str]
) -> Meaning:
    """Return what a structure means before any edit; categories are codes."""
    variables = tuple(
        Stretch(*bounds(view, span), span, category)
        for span, category in zip(spans, categories, strict=True)
    )
    return Meaning(key, view, variables)


def bounds(view: View, span: Span) -> tuple[int, int]:
    """Return where a span of a structure lies in its view's text."""
    last_piece = len(view.edges) - 2
    first, last = span.start_piece - view.first_piece, span.end_piece - view.first_piece
    start = view.edges[first] + span.start_trim - (view.cut_left if first == 0 else 0)
    end = view.edges[last + 1] - span.end_trim + (view.cut_right if last == last_piece else 0)
    return start, max(start, end)


def span_row(span: Span) -> list[int]:
    """Return a span as the catalog keeps it."""
    return [span.start_piece, span.start_trim, span.end_piece, span.end_trim]


def write_structure(
    row: Structure, meanings: tuple[Meaning, ...], keys: Mapping[str, int]
) -> None:
    """Say in a structure's row what it means, and what the model says where that differs."""
    *parts, rest = meanings
    said: dict[str, Any] = row.found or {
        "template": row.template_id,
        "spans": row.spans,
        "categories": row.categories,
    }
    row.template_id = keys[rest.key]
    row.spans = [span_row(v.span) for v in rest.variables]
    row.categories = [v.category for v in rest.variables]
    row.parts = [
        {
            "when": [[span_row(span), value] for span, value in part.when],
            "template": keys[part.key],
            "spans": [span_row(v.span) for v in part.variables],
            "categories": [v.category for v in part.variables],
        }
        for part in parts
    ]
    now = (row.template_id, row.spans, row.categories)
    is_same = now == (said["template"], said["spans"], said["categories"])
    row.found = None if is_same and not parts else said
