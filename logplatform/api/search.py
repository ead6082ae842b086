"""Search, count, histogram, facets, and what the query bar asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
from django.http import StreamingHttpResponse
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from logplatform.accounts.access import Permission
from logplatform.api import search_shapes as shapes
from logplatform.api.authentication import identity_of
from logplatform.logs import query
from logplatform.logs.facets import facet
from logplatform.logs.histogram import histogram
from logplatform.logs.own_fields import own_fields
from logplatform.logs.search import Page, count, notes, search, search_steps
from logplatform.logs.search_scope import Scope, Stats

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rest_framework.request import Request


class SearchView(APIView):
    """Hits."""

    @extend_schema(parameters=[shapes.SearchParameters], responses=shapes.PageShape)
    def get(self, request: Request) -> Response:
        """Return a page of the records that match, in order of time."""
        given = shapes.read_parameters(shapes.SearchParameters, request)
        page = search(
            shapes.read_scope(request, given),
            limit=given["limit"],
            newest_first=given["order"] == "desc",
            cursor=given["cursor"] or None,
        )
        return Response(shapes.page_json(page))


class SearchStreamView(APIView):
    """Hits, and how far the search is."""

    @extend_schema(
        parameters=[shapes.SearchParameters],
        responses={(200, "text/event-stream"): OpenApiResponse(str)},
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        """Send ``progress`` events (stats) and at last one ``page``, as /search gives it."""
        given = shapes.read_parameters(shapes.SearchParameters, request)
        steps = search_steps(
            shapes.read_scope(request, given),
            limit=given["limit"],
            newest_first=given["order"] == "desc",
            cursor=given["cursor"] or None,
        )
        first = next(steps)  # what is wrong with the request is answered as such
        return StreamingHttpResponse(
            _events(first, steps),
            content_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )


def _events(first: Stats | Page, rest: Iterator[Stats | Page]) -> Iterator[bytes]:
    yield _event(first)
    yield from map(_event, rest)


def _event(step: Stats | Page) -> bytes:
    if isinstance(step, Page):
        return b"event: page\ndata: " + orjson.dumps(shapes.page_json(step)) + b"\n\n"
    return b"event: progress\ndata: " + orjson.dumps(shapes.stats_json(step)) + b"\n\n"


class CountView(APIView):
    """The number of hits."""

    @extend_schema(parameters=[shapes.ScopeParameters], responses=shapes.CountShape)
    def get(self, request: Request) -> Response:
        """Count the records that match; a lower bound where the stats say partial."""
        given = shapes.read_parameters(shapes.ScopeParameters, request)
        found, stats = count(shapes.read_scope(request, given))
        return Response({"count": found, "stats": shapes.stats_json(stats)})


class HistogramView(APIView):
    """Hits over time."""

    @extend_schema(parameters=[shapes.HistogramParameters], responses=shapes.HistogramShape)
    def get(self, request: Request) -> Response:
        """Count the records that match by step and level, exactly."""
        given = shapes.read_parameters(shapes.HistogramParameters, request)
        found = histogram(shapes.read_scope(request, given), buckets=given["buckets"])
        return Response(shapes.histogram_json(found))


class FacetView(APIView):
    """Hits by value."""

    @extend_schema(parameters=[shapes.FacetParameters], responses=shapes.FacetShape)
    def get(self, request: Request) -> Response:
        """Count the records that match by the values of one field."""
        given = shapes.read_parameters(shapes.FacetParameters, request)
        found = facet(
            shapes.read_scope(request, given), field=given["field"], limit=given["limit"]
        )
        return Response(shapes.facet_json(found))


class QueryCheckView(APIView):
    """Whether a query makes sense, while it is typed."""

    @extend_schema(parameters=[OpenApiParameter("q", str)], responses=shapes.QueryCheckShape)
    def get(self, request: Request) -> Response:
        """Parse a query without running it."""
        identity_of(request).require(Permission.READ)
        try:
            tree = query.parse(request.GET.get("q", ""))
        except query.QueryError as error:
            place = {
                "message": error.message,
                "position": error.position,
                "length": error.length,
            }
            return Response({"ok": False, "normalized": None, "notes": [], "error": place})
        found = [
            {"message": note.message, "position": note.position, "length": note.length}
            for note in notes(tree)
        ]
        return Response({"ok": True, "normalized": str(tree), "notes": found, "error": None})


FIELD_HELP = {
    "level": ("severity of the record", "level:>=warn"),
    "template": ("pattern, by its id or text", 'template:"Connection from <*> closed"'),
    "component": ("what wrote the record, as its header says", "component:kernel"),
    "source": ("where the record comes from", "source:web-*"),
    "severity": ("how severe the pattern is, by triage", "severity:>=error"),
    "category": ("what the pattern is about, by triage", "category:network"),
    "problem": ("whether the pattern is a problem, by triage", "problem:yes"),
    "object_id": ("identifies one instance of something", "object_id:blk_*"),
    "location": ("path, address, host or network", "location:10.0.0.0/8"),
    "object_name": ("name of a thing, user or program", "object_name:root"),
    "type": ("kind of a thing", "type:INFO"),
    "switch": ("one of a few states", "switch:true"),
    "duration": ("length of time", "duration:>2s"),
    "resource": ("bytes, share or rate used", "resource:>=1GB"),
    "amount": ("count of things", "amount:10..20"),
    "status_code": ("result code", "status_code:>=500"),
    "other": ("variable of no other category", 'other:re:"^[0-9a-f]+$"'),
}


class QueryFieldsView(APIView):
    """The fields that the query bar offers."""

    @extend_schema(parameters=[shapes.ScopeParameters], responses=shapes.QueryFieldsShape)
    def get(self, request: Request) -> Response:
        """List the language's fields and those of the newest records."""
        given = shapes.read_parameters(shapes.ScopeParameters, request)
        scope = Scope(shapes.read_scope(request, given))
        values = {
            "level": shapes.LEVELS,
            "source": [source.name for source in scope.request.sources],
        }
        built_in = [
            {
                "name": name,
                "own": False,
                "help": text,
                "example": example,
                "values": values.get(name, []),
            }
            for name, (text, example) in FIELD_HELP.items()
        ]
        own = [
            {
                "name": f"field.{field.name}" if field.name in FIELD_HELP else field.name,
                "own": True,
                "help": f"in {field.records} of the newest records",
                "example": f"{field.name}:",
                "values": [],
            }
            for field in own_fields(scope)
        ]
        return Response({"fields": [*built_in, *own]})
