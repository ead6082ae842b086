"""Templates that a rule has not seen yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Max, Sum

from logplatform.logs import sums
from logplatform.logs.models import Source, Template, TemplateCount
from logplatform.logs.search_catalog import catalog_of
from logplatform.reports.news import Fresh, News

if TYPE_CHECKING:
    from logplatform.reports.judging import Spec


def newest(sources: list[Source]) -> dict[str, int]:
    """Return the newest template's row of each source that has any."""
    rows = Template.objects.filter(source__in=sources).values("source").annotate(Max("pk"))
    return {str(row["source"]): row["pk__max"] for row in rows.order_by()}


def fresh_templates(spec: Spec, cursors: dict[str, int]) -> Fresh | None:
    """Return the templates past the cursors that the query matches; None where none is new.

    Rows of one source are written by one seal after another, so that their ids rise. A source
    without a cursor is learned first: all of its templates are new, which is no news; nor is
    one that a person has made of another.
    """
    now = newest(list(spec.sources))
    if all(cursors.get(source, 0) == last for source, last in now.items()):
        return None
    found: list[News] = []
    for source in Source.objects.filter(pk__in=[int(pk) for pk in now]).order_by("pk"):
        seen = cursors.get(str(source.pk))
        if seen is not None and seen < now[str(source.pk)]:
            found += _between(spec, source, seen, now[str(source.pk)])
    return Fresh(tuple(found), cursors | now)


def _between(spec: Spec, source: Source, seen: int, last: int) -> list[News]:
    rows = Template.objects.filter(
        source=source, pk__gt=seen, pk__lte=last, alias_of=None, is_made=False
    )
    templates = {row.pk: row for row in rows.order_by("pk")}
    accepts = sums.acceptance(spec.query, source.name, catalog_of(source))
    counts: dict[int, int] = {}
    matching = set()
    totals = TemplateCount.objects.filter(template__in=list(templates))
    for pk, level, records in (
        totals.values_list("template_id", "level").annotate(Sum("count")).order_by()
    ):
        counts[pk] = counts.get(pk, 0) + records
        if accepts(pk, level):
            matching.add(pk)
    return [
        News(
            group=f"{source.name}/{row.key}",
            label=row.text,
            value=counts[pk],
            sentence=f"new in {source.name}, {counts[pk]:,} records so far",
        )
        for pk, row in templates.items()
        if pk in matching
    ]
