"""Why a template is as it is: its structures, what was merged, who said what. Read only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson
import zstandard
from django.conf import settings
from django.db.models import Sum

from logplatform.logs.errors import NoTemplateError
from logplatform.logs.models import (
    Source,
    Structure,
    Template,
    TemplateCount,
    TemplateEdit,
    TemplateEditKind,
)
from logplatform.logs.query_tree import Anything
from logplatform.logs.search import hit_of
from logplatform.logs.search_scope import Request, Scope
from logplatform.logs.template_reading import parts_with, segments_of
from logplatform.logs.template_requests import family_of
from logplatform.logs.template_rows import meaning_of, read_edit
from logplatform.logs.template_rules import keys_of
from logplatform.logs.template_texts import counterpart, inner, outer, typed
from logscan.batch import Span
from valb.category import Category
from valb.views import views
from valb.why import why

if TYPE_CHECKING:
    from logplatform.logs.hits import Hit
    from logplatform.logs.template_reading import Part
    from valb.why import Why

MODEL = "model"
# Beyond it a template is shown by its most frequent ones; counts of all are told.
SHOWN_STRUCTURES = 50


@dataclass(frozen=True, slots=True)
class StoryVariable:
    """A variable: its category, who said so, and how sure the tagger was of its own."""

    category: str
    by: str
    found: str
    sureness: float | None


@dataclass(frozen=True, slots=True)
class StoryWord:
    """A constant word, by its place in the shown text, and how likely it varies."""

    start: int
    end: int
    chance: float


@dataclass(frozen=True, slots=True)
class Member:
    """A template that became this one, and who merged it."""

    id: str
    text: str
    by: str
    can_separate: bool


@dataclass(frozen=True, slots=True)
class StoryStructure:
    """A structure that the template covers, with its newest record's block's first one."""

    hash: str
    typed_text: str
    member: str
    records: int
    sample: Hit


@dataclass(frozen=True, slots=True)
class Story:
    """All that is shown of a template."""

    row: Template
    records: int
    variables: tuple[StoryVariable, ...]
    words: tuple[StoryWord, ...]
    members: tuple[Member, ...]
    structures: tuple[StoryStructure, ...]
    n_structures: int
    edits: tuple[TemplateEdit, ...]
    became: str


def find_template(source: Source, key: str) -> Template:
    """Return a template's row, or raise `NoTemplateError`."""
    row = Template.objects.filter(source=source, key=key).select_related("alias_of").first()
    if row is None:
        raise NoTemplateError(f"no template {key} in {source.name}")
    return row


def tell(source: Source, key: str) -> Story:
    """Return why a template is as it is."""
    row = find_template(source, key)
    family = family_of(source, row)
    edits = _edits_of(source, row)
    known = _state_of(source, row)
    total = TemplateCount.objects.filter(template__in=family).aggregate(n=Sum("count"))["n"]
    structures, n_structures = _structures(source, row, family)
    return Story(
        row=row,
        records=total or 0,
        variables=_variables(row, edits, known),
        words=_words(row, known),
        members=_members(row, family, edits),
        structures=structures,
        n_structures=n_structures,
        edits=edits,
        became=row.alias_of.key if row.alias_of else "",
    )


def _edits_of(source: Source, row: Template) -> tuple[TemplateEdit, ...]:
    """Return all that was done to a template, undone ones too, newest first."""
    rows = TemplateEdit.objects.filter(source=source).order_by("-pk")
    return tuple(edit for edit in rows if row.key in keys_of(read_edit(edit)))


def _state_of(source: Source, row: Template) -> Why | None:
    if not source.annotator_file:
        return None
    path = settings.HOME.annotators / source.annotator_file
    if not path.exists():  # swept up since: a seal has written another
        return None
    return why(orjson.loads(zstandard.decompress(path.read_bytes())), row.key)


def _variables(
    row: Template, edits: tuple[TemplateEdit, ...], known: Why | None
) -> tuple[StoryVariable, ...]:
    text = inner(row.text)
    said = dict.fromkeys(range(len(row.categories)), MODEL)
    for edit in reversed(edits):
        details = edit.details
        if edit.undone is not None or edit.template != row.key:
            continue
        if edit.kind == TemplateEditKind.CATEGORY:
            places = counterpart(details["text"], details["variable"], text)
        elif edit.kind == TemplateEditKind.VARIABLE:
            first = details["general"].count(
                "<*>", 0, _gap(details["text"], details["general"])
            )
            places = counterpart(details["general"], first, text)
        else:
            continue
        said.update(dict.fromkeys(places, edit.author_name))
    found = []
    for place, code in enumerate(row.categories):
        sure = None
        if known is not None:
            of = counterpart(text, place, known.text)
            sure = known.variables[of[0]] if len(of) == 1 else None
        found.append(
            StoryVariable(
                Category(code).plain_name,
                said[place],
                sure.category.plain_name if sure else "",
                sure.sureness if sure else None,
            )
        )
    return tuple(found)


def _gap(text: str, general: str) -> int:
    """Return where a text and one with another variable begin to differ."""
    pairs = zip(text, general, strict=False)
    return next((k for k, (a, b) in enumerate(pairs) if a != b), len(text))


def _words(row: Template, known: Why | None) -> tuple[StoryWord, ...]:
    if known is None or known.text != inner(row.text):
        return ()
    return tuple(
        StoryWord(len(outer(known.text[: w.start])), len(outer(known.text[: w.end])), w.chance)
        for w in known.words
    )


def _members(
    row: Template, family: list[int], edits: tuple[TemplateEdit, ...]
) -> tuple[Member, ...]:
    by: dict[str, str] = {}
    for edit in reversed(edits):
        if edit.undone is None:
            by |= dict.fromkeys(edit.details.get("keys", ()), edit.author_name)
    found = []
    for member in Template.objects.filter(pk__in=family).exclude(pk=row.pk).order_by("pk"):
        is_found = member.found is None and not member.is_made
        who = MODEL if is_found else by.get(member.key, "")
        found.append(Member(member.key, member.typed_text, who or "a person", is_found))
    return tuple(found)


def _structures(
    source: Source, row: Template, family: list[int]
) -> tuple[tuple[StoryStructure, ...], int]:
    """Return the most frequent structures of a template; parts of divided ones too."""
    rows = {of.hash: of for of in Structure.objects.filter(source=source, template__in=family)}
    for of in Structure.objects.filter(source=source).exclude(parts=[]):
        if any(part["template"] in family for part in of.parts):
            rows[of.hash] = of
    segments = segments_of(source)
    newest: dict[int, Part] = {}
    records: dict[int, int] = {}
    for part in parts_with(segments, rows.keys()):
        for known_hash, n in part.held.items():
            newest.setdefault(known_hash, part)
            records[known_hash] = records.get(known_hash, 0) + n
    frequent = sorted(newest, key=lambda h: (-records[h], h))[:SHOWN_STRUCTURES]
    scope = Scope(Request((source,), Anything()))
    names = dict(Template.objects.filter(pk__in=family).values_list("pk", "key"))
    found = []
    for known_hash in frequent:
        of, part = rows[known_hash], newest[known_hash]
        block = next(b for b in scope.sealed_blocks(part.segment) if b.index == part.index)
        batch = block.load()
        index = batch.structures.hash.tolist().index(known_hash)
        view = next(views(batch, [index]))
        spans = [Span(*span) for span in of.spans]
        codes = of.categories[: len(spans)]
        text = meaning_of(row.key, view, spans, codes).text()
        found.append(
            StoryStructure(
                f"{known_hash:016x}",
                outer(typed(text, codes)),
                names.get(of.template_id, row.key),
                records[known_hash],
                hit_of(block, batch, int(batch.rows(index)[0])),
            )
        )
    return tuple(found), len(rows)
