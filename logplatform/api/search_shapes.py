r"""The JSON of search, patterns and records: what is taken, what is given, for OpenAPI too.

Every offset counts UTF-16 code units of the text as sent; bytes that are not UTF-8 are sent as
``\xNN`` (docs/query-language.md).
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rest_framework import serializers

from logplatform.accounts.access import Permission
from logplatform.api.authentication import identity_of
from logplatform.api.triage_shapes import AnswerInfo
from logplatform.logs import access, facets, histogram, patterns, search
from logplatform.logs.query import parse
from logplatform.logs.search_scope import DEFAULT_BUDGET_S, MAX_BUDGET_S, Request
from logplatform.logs.timestamps import format_time, parse_time
from logscan import Level, TimeOrigin

if TYPE_CHECKING:
    from rest_framework.request import Request as HttpRequest

    from logplatform.logs.facets import Facet
    from logplatform.logs.histogram import Histogram
    from logplatform.logs.hits import Hit
    from logplatform.logs.patterns import Pattern
    from logplatform.logs.search import Page
    from logplatform.logs.search_scope import Stats

LEVELS = [level.name.lower() for level in Level]


class TimeField(serializers.Field[Any, Any, Any, Any]):
    """An ISO 8601 time with up to nine digits of a second; UTC where it names no zone."""

    def to_internal_value(self, data: Any) -> int:  # noqa: ANN401  (DRF's own)
        """Read nanoseconds since 1970."""
        try:
            return parse_time(str(data))
        except (ValueError, OverflowError) as error:
            raise serializers.ValidationError(f"{data!r} is not an ISO 8601 time") from error

    def to_representation(self, value: int) -> str:
        """Write RFC 3339."""
        return format_time(value)


class ScopeParameters(serializers.Serializer[Any]):
    """What to look for, where and when."""

    q = serializers.CharField(required=False, default="", allow_blank=True, max_length=8192)
    source = serializers.ListField(  # type: ignore[assignment]  # the stubs' own attribute
        child=serializers.CharField(max_length=100),
        required=False,
        default=list,
        help_text="names of sources, repeated; all that may be read where left out",
    )
    start = TimeField(required=False, help_text="first time, included")
    end = TimeField(required=False, help_text="last time, not included")
    budget_s = serializers.FloatField(
        required=False,
        default=DEFAULT_BUDGET_S,
        min_value=0.1,
        max_value=MAX_BUDGET_S,
        help_text="after so many seconds the answer is partial",
    )


class SearchParameters(ScopeParameters):
    """A page of hits."""

    limit = serializers.IntegerField(
        required=False, default=search.DEFAULT_LIMIT, min_value=1, max_value=search.MAX_LIMIT
    )
    order = serializers.ChoiceField(["desc", "asc"], required=False, default="desc")
    cursor = serializers.CharField(required=False, default="", allow_blank=True)


class HistogramParameters(ScopeParameters):
    """Steps of time."""

    buckets = serializers.IntegerField(
        required=False, default=60, min_value=2, max_value=histogram.MAX_BUCKETS
    )


class FacetParameters(ScopeParameters):
    """The values of one field."""

    field = serializers.ChoiceField(facets.FACET_FIELDS)
    limit = serializers.IntegerField(required=False, default=20, min_value=1, max_value=1000)


class PatternParameters(ScopeParameters):
    """A page of patterns."""

    sort = serializers.ChoiceField(list(patterns.SORTS), required=False, default="count")
    limit = serializers.IntegerField(
        required=False, default=100, min_value=1, max_value=patterns.MAX_PATTERNS
    )
    cursor = serializers.IntegerField(required=False, default=0, min_value=0)
    severity = serializers.CharField(required=False, default="", help_text="only this label")
    category = serializers.CharField(required=False, default="", help_text="only this label")
    problem = serializers.CharField(required=False, default="", help_text="only this label")


class ContextParameters(serializers.Serializer[Any]):
    """How many records around one."""

    before = serializers.IntegerField(required=False, default=5, min_value=0, max_value=100)
    after = serializers.IntegerField(required=False, default=5, min_value=0, max_value=100)


def read_parameters(
    kind: type[serializers.Serializer[Any]], request: HttpRequest
) -> dict[str, Any]:
    """Return the checked parameters of a request."""
    given: dict[str, Any] = {name: request.GET[name] for name in request.GET}
    if "source" in given:
        given["source"] = request.GET.getlist("source")
    parameters = kind(data=given)
    parameters.is_valid(raise_exception=True)
    return dict(parameters.validated_data)


def read_scope(request: HttpRequest, parameters: dict[str, Any]) -> Request:
    """Return what is asked, on sources that the asker may read."""
    names = parameters["source"]
    if names:
        found = [
            access.get_source(identity_of(request), name, permission=Permission.READ)
            for name in names
        ]
    else:
        found = list(
            access.visible_sources(identity_of(request), Permission.READ).order_by("pk")
        )
    return Request(
        sources=tuple({source.pk: source for source in found}.values()),
        query=parse(parameters["q"]),
        start_ns=parameters.get("start"),
        end_ns=parameters.get("end"),
        budget_s=parameters["budget_s"],
    )


class StatsShape(serializers.Serializer[Any]):
    """What an answer has cost; ``partial`` where the time did not suffice for all of it."""

    segments = serializers.IntegerField(help_text="segments opened")
    blocks_total = serializers.IntegerField(help_text="blocks of the sources")
    blocks_read = serializers.IntegerField(help_text="blocks that could not be ruled out")
    bytes_total = serializers.IntegerField(help_text="raw bytes of the sources")
    elapsed_ms = serializers.IntegerField()
    partial = serializers.BooleanField()  # type: ignore[assignment]  # as above


class VariableShape(serializers.Serializer[Any]):
    """A variable of a record."""

    start = serializers.IntegerField()
    end = serializers.IntegerField()
    category = serializers.CharField()
    value = serializers.CharField()


class HitShape(serializers.Serializer[Any]):
    """A record. ``raw`` has no line end and at most 64 KiB; /records/{id}/raw has all."""

    id = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]  # as above
    time = serializers.CharField()
    time_origin = serializers.ChoiceField([origin.name.lower() for origin in TimeOrigin])
    clock_back_s = serializers.FloatField(
        help_text="how far its time lies before the record above, where over a minute; else 0"
    )
    level = serializers.ChoiceField(LEVELS)
    component = serializers.CharField(allow_null=True)
    template_id = serializers.CharField(allow_null=True, help_text="null before it is sealed")
    raw = serializers.CharField()
    truncated = serializers.BooleanField()
    raw_bytes = serializers.IntegerField()
    message_start = serializers.IntegerField()
    message_end = serializers.IntegerField()
    variables = VariableShape(many=True)


class NoteShape(serializers.Serializer[Any]):
    """Something to tell the user about a part of the query."""

    message = serializers.CharField()
    position = serializers.IntegerField()
    length = serializers.IntegerField()


class PageShape(serializers.Serializer[Any]):
    """A page of hits; ``cursor`` asks for the next one."""

    hits = HitShape(many=True)
    cursor = serializers.CharField(allow_null=True)
    stats = StatsShape()
    notes = NoteShape(many=True)


class CountShape(serializers.Serializer[Any]):
    """How many records match."""

    count = serializers.IntegerField()
    stats = StatsShape()


class BucketShape(serializers.Serializer[Any]):
    """One step; levels without records are left out."""

    time = serializers.CharField()
    counts = serializers.DictField(child=serializers.IntegerField())


class HistogramShape(serializers.Serializer[Any]):
    """All steps of the range, empty ones too."""

    start = serializers.CharField()
    end = serializers.CharField()
    step_s = serializers.FloatField()
    buckets = BucketShape(many=True)
    total = serializers.IntegerField()
    stats = StatsShape()


class FacetValueShape(serializers.Serializer[Any]):
    """One value; adding ``condition`` to the query finds its ``count`` records."""

    value = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # as above
    count = serializers.IntegerField()
    condition = serializers.CharField()


class FacetShape(serializers.Serializer[Any]):
    """The most frequent values of a field."""

    field = serializers.CharField()
    values = FacetValueShape(many=True)
    other = serializers.IntegerField()
    limited = serializers.BooleanField(help_text="more distinct values than can be counted")
    stats = StatsShape()


class PatternShape(serializers.Serializer[Any]):
    """A template and its records in the range; times may be whole minutes."""

    id = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]  # as above
    text = serializers.CharField()
    typed_text = serializers.CharField()
    categories = serializers.ListField(child=serializers.CharField())
    name = serializers.CharField(help_text="what people call it, empty where nothing")
    pinned = serializers.BooleanField()
    count = serializers.IntegerField()
    share = serializers.FloatField(help_text="of the records with a template, 0 to 1")
    first_seen = serializers.CharField()
    last_seen = serializers.CharField()
    sparkline = serializers.ListField(child=serializers.IntegerField())
    levels = serializers.DictField(child=serializers.IntegerField())
    answers = AnswerInfo(many=True)


class LabelCountShape(serializers.Serializer[Any]):
    """How many of the patterns have a label of triage, before labels are filtered by."""

    task = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # as above
    templates = serializers.IntegerField()


class PatternsShape(serializers.Serializer[Any]):
    """A page of patterns. The counts of all pages add up to ``total``."""

    total = serializers.IntegerField(help_text="matching records with a template")
    templates = serializers.IntegerField(help_text="patterns on all pages")
    unsealed = serializers.IntegerField(help_text="matching records without a template yet")
    start = serializers.CharField()
    end = serializers.CharField()
    step_s = serializers.FloatField(help_text="of the sparklines")
    results = PatternShape(many=True)
    labels = LabelCountShape(many=True)
    cursor = serializers.IntegerField(allow_null=True)
    stats = StatsShape()


class TemplateShape(serializers.Serializer[Any]):
    """A template."""

    id = serializers.CharField()
    text = serializers.CharField()
    typed_text = serializers.CharField()
    categories = serializers.ListField(child=serializers.CharField())


class RecordShape(HitShape):
    """A record and its template."""

    template = TemplateShape(allow_null=True)


class ContextShape(serializers.Serializer[Any]):
    """A record among its neighbours, in the order in which they arrived."""

    before = HitShape(many=True)
    record = HitShape()
    after = HitShape(many=True)


class QueryCheckShape(serializers.Serializer[Any]):
    """Whether a query makes sense: its normal form, or the place that does not."""

    ok = serializers.BooleanField()
    normalized = serializers.CharField(allow_null=True)
    notes = NoteShape(many=True)
    error = NoteShape(allow_null=True)


class QueryFieldShape(serializers.Serializer[Any]):
    """A field for the query bar."""

    name = serializers.CharField()
    own = serializers.BooleanField(help_text="a field of the log's own")
    help = serializers.CharField()
    example = serializers.CharField()
    values = serializers.ListField(child=serializers.CharField(), help_text="all there are")


class QueryFieldsShape(serializers.Serializer[Any]):
    """All fields: the language's, then the log's own by frequency."""

    fields_ = QueryFieldShape(many=True)

    def get_fields(self) -> dict[str, Any]:
        """Name it ``fields``, which is an attribute of every serializer."""
        found = super().get_fields()
        return {"fields": found["fields_"]}


def stats_json(stats: Stats) -> dict[str, object]:
    """Render stats."""
    return asdict(stats)


def hit_json(hit: Hit) -> dict[str, object]:
    """Render a hit."""
    return {
        "id": hit.id,
        "source": hit.source,
        "time": format_time(hit.time_ns),
        "time_origin": hit.time_origin,
        "clock_back_s": hit.clock_back_ns / 1e9,
        "level": hit.level,
        "component": hit.component,
        "template_id": hit.template_id,
        "raw": hit.raw,
        "truncated": hit.is_truncated,
        "raw_bytes": hit.raw_bytes,
        "message_start": hit.message_start,
        "message_end": hit.message_end,
        "variables": [asdict(variable) for variable in hit.variables],
    }


def page_json(page: Page) -> dict[str, object]:
    """Render a page of hits."""
    return {
        "hits": [hit_json(hit) for hit in page.hits],
        "cursor": page.cursor,
        "stats": stats_json(page.stats),
        "notes": [asdict(note) for note in page.notes],
    }


def histogram_json(found: Histogram) -> dict[str, object]:
    """Render a histogram."""
    return {
        "start": format_time(found.start_ns),
        "end": format_time(found.end_ns),
        "step_s": found.step_ns / 1e9,
        "buckets": [
            {"time": format_time(bucket.time_ns), "counts": bucket.counts}
            for bucket in found.buckets
        ],
        "total": found.total,
        "stats": stats_json(found.stats),
    }


def facet_json(found: Facet) -> dict[str, object]:
    """Render a facet."""
    return {
        "field": found.field,
        "values": [asdict(value) for value in found.values],
        "other": found.other,
        "limited": found.is_limited,
        "stats": stats_json(found.stats),
    }


def pattern_json(pattern: Pattern) -> dict[str, object]:
    """Render a pattern."""
    template = pattern.template
    return {
        "id": template.key,
        "source": pattern.source,
        "text": template.text,
        "typed_text": template.typed_text,
        "categories": list(template.categories),
        "name": template.name,
        "pinned": template.is_pinned,
        "count": pattern.count,
        "share": pattern.share,
        "first_seen": format_time(pattern.first_seen_ns),
        "last_seen": format_time(pattern.last_seen_ns),
        "sparkline": list(pattern.sparkline),
        "levels": pattern.levels,
    }
