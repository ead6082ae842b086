"""Patterns of the records that match."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from logplatform.api import search_shapes as shapes
from logplatform.logs.patterns import patterns
from logplatform.logs.timestamps import format_time

if TYPE_CHECKING:
    from rest_framework.request import Request


class PatternView(APIView):
    """Templates with exact counts."""

    @extend_schema(parameters=[shapes.PatternParameters], responses=shapes.PatternsShape)
    def get(self, request: Request) -> Response:
        """List the templates of the records that match; their counts add up to ``total``."""
        given = shapes.read_parameters(shapes.PatternParameters, request)
        found = patterns(shapes.read_scope(request, given), sort=given["sort"])
        first, limit = given["cursor"], given["limit"]
        page = found.patterns[first : first + limit]
        has_more = first + limit < len(found.patterns)
        return Response(
            {
                "total": found.records,
                "templates": len(found.patterns),
                "unsealed": found.without_template,
                "start": format_time(found.start_ns),
                "end": format_time(found.end_ns),
                "step_s": found.step_ns / 1e9,
                "results": [shapes.pattern_json(pattern) for pattern in page],
                "cursor": first + limit if has_more else None,
                "stats": shapes.stats_json(found.stats),
            }
        )
