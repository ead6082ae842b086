"""Patterns of the records that match."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from logplatform.api import search_shapes as shapes
from logplatform.api.triage_shapes import answer_json
from logplatform.logs.patterns import patterns
from logplatform.logs.timestamps import format_time
from logplatform.triage.answers import answers_about, count_labels, with_label

if TYPE_CHECKING:
    from typing import Any

    from rest_framework.request import Request

    from logplatform.logs.patterns import Pattern


LABEL_FILTERS = ("severity", "category", "problem")


class PatternView(APIView):
    """Templates with exact counts."""

    @extend_schema(parameters=[shapes.PatternParameters], responses=shapes.PatternsShape)
    def get(self, request: Request) -> Response:
        """List the templates of the records that match; their counts add up to ``total``."""
        given = shapes.read_parameters(shapes.PatternParameters, request)
        found = patterns(shapes.read_scope(request, given), sort=given["sort"])
        first, limit = given["cursor"], given["limit"]
        shown, counts = labelled(found.patterns, given)
        page = shown[first : first + limit]
        has_more = first + limit < len(shown)
        answers = answers_about(pattern.template.pk for pattern in page)
        return Response(
            {
                "total": sum(pattern.count for pattern in shown),
                "templates": len(shown),
                "labels": counts,
                "unsealed": found.without_template,
                "start": format_time(found.start_ns),
                "end": format_time(found.end_ns),
                "step_s": found.step_ns / 1e9,
                "results": [
                    {
                        **shapes.pattern_json(pattern),
                        "answers": list(map(answer_json, answers.get(pattern.template.pk, []))),
                    }
                    for pattern in page
                ],
                "cursor": first + limit if has_more else None,
                "stats": shapes.stats_json(found.stats),
            }
        )


def labelled(
    patterns: tuple[Pattern, ...], given: dict[str, Any]
) -> tuple[tuple[Pattern, ...], list[dict[str, object]]]:
    """Return the patterns with the labels asked for, and the labels that all have."""
    rows = [pattern.template.pk for pattern in patterns]
    counts = [count._asdict() for count in count_labels(rows)]
    for task in LABEL_FILTERS:
        if given[task]:
            kept = with_label(rows, task=task, label=given[task])
            patterns = tuple(found for found in patterns if found.template.pk in kept)
    return patterns, counts
