"""Templates that a rule has not seen yet.

A rule that asks what triage calls a template judges it once triage has answered, or as it is
where that takes too long. Which ones wait is kept beside the cursors.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Max, Sum

from logplatform.logs import sums
from logplatform.logs.models import Source, Template, TemplateCount
from logplatform.logs.query_tree import LABEL_FIELDS, Term, leaves
from logplatform.logs.search_catalog import catalog_of
from logplatform.reports.news import Fresh, News
from logplatform.triage.answers import triaged

if TYPE_CHECKING:
    from collections.abc import Sequence

    from logplatform.reports.judging import Spec

WAITS = "waits "  # before a template's row, as a key among the cursors; since which minute
# Triage takes seconds, with a slow language model minutes. After that a first look is taken
# without its answer, and another one when that comes.
PATIENCE_MIN = 15
LOOKED_AT = 0  # instead of the minute: the first look is over
MAX_WAITING = 5_000  # of a rule; beyond, the oldest are judged as they are


def newest(sources: list[Source]) -> dict[str, int]:
    """Return the newest template's row of each source that has any."""
    rows = Template.objects.filter(source__in=sources).values("source").annotate(Max("pk"))
    return {str(row["source"]): row["pk__max"] for row in rows.order_by()}


def fresh_templates(spec: Spec, cursors: dict[str, int], *, minute: int) -> Fresh | None:
    """Return the templates past the cursors that the query matches; None where none is new.

    Rows of one source are written by one seal after another, so that their ids rise. A source
    without a cursor is learned first: all of its templates are new, which is no news; nor is
    one that a person has made of another.
    """
    now = newest(list(spec.sources))
    new = [
        row
        for source, last in now.items()
        if cursors.get(source, last) < last
        for row in Template.objects.filter(
            source=int(source), pk__gt=cursors[source], pk__lte=last, is_made=False
        )
    ]
    waiting = _waiting(cursors)
    if labels := _labels_asked(spec):
        waiting |= {row.pk: minute for row in new}
    answered = triaged(waiting, labels)
    overdue = {
        pk for pk, since in waiting.items() if since and minute - since >= PATIENCE_MIN
    } | set(sorted(waiting)[:-MAX_WAITING])
    due = answered | overdue
    if not due and all(cursors.get(source, 0) == last for source, last in now.items()):
        return None
    found = list(Template.objects.filter(pk__in=due)) if labels else new
    matching = _matching(spec, [row for row in found if row.alias_of_id is None])
    over = answered | matching.keys() | set(sorted(waiting)[:-MAX_WAITING])
    left = {
        f"{WAITS}{pk}": LOOKED_AT if pk in overdue else since
        for pk, since in waiting.items()
        if pk not in over
    }
    kept = {key: pk for key, pk in cursors.items() if not key.startswith(WAITS)}
    return Fresh(tuple(matching[pk] for pk in sorted(matching)), kept | now | left)


def _waiting(cursors: dict[str, int]) -> dict[int, int]:
    """Return since when each template has waited for triage, without those that are gone."""
    waiting = {
        int(key.removeprefix(WAITS)): since
        for key, since in cursors.items()
        if key.startswith(WAITS)
    }
    there = Template.objects.filter(pk__in=list(waiting), alias_of=None)
    return {pk: waiting[pk] for pk in there.values_list("pk", flat=True)}


def _labels_asked(spec: Spec) -> frozenset[str]:
    """Return the tasks of triage whose answers a query asks for."""
    terms = (leaf for leaf in leaves(spec.query) if isinstance(leaf, Term) and not leaf.own)
    return frozenset(term.name for term in terms if term.name in LABEL_FIELDS)


def _matching(spec: Spec, templates: Sequence[Template]) -> dict[int, News]:
    """Return the news of those of some templates that the query matches, by their rows."""
    found: dict[int, News] = {}
    # Read after the templates, so that the catalogs know all of them.
    sources = Source.objects.filter(pk__in={row.source_id for row in templates})
    for source in sources.order_by("pk"):
        rows = {row.pk: row for row in templates if row.source_id == source.pk}
        accepts = sums.acceptance(spec.query, source.name, catalog_of(source))
        counts: dict[int, int] = {}
        matching = set()
        totals = TemplateCount.objects.filter(template__in=list(rows))
        for pk, level, records in (
            totals.values_list("template_id", "level").annotate(Sum("count")).order_by()
        ):
            counts[pk] = counts.get(pk, 0) + records
            if accepts(pk, level):
                matching.add(pk)
        found |= {pk: _news(source, rows[pk], counts[pk]) for pk in matching}
    return found


def _news(source: Source, row: Template, records: int) -> News:
    return News(
        group=f"{source.name}/{row.key}",
        label=row.text,
        value=records,
        sentence=f"new in {source.name}, {records:,} records so far",
    )
