"""One record: as shown, its neighbours, its bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from logplatform.accounts.access import Permission
from logplatform.api import search_shapes as shapes
from logplatform.api.authentication import identity_of
from logplatform.logs.access import visible_sources
from logplatform.logs.records import context, get_record

if TYPE_CHECKING:
    from rest_framework.request import Request

    from logplatform.logs.records import Located


def _get(request: Request, address: str) -> Located:
    return get_record(visible_sources(identity_of(request), Permission.READ), address)


class RecordView(APIView):
    """A record by its id."""

    @extend_schema(responses=shapes.RecordShape)
    def get(self, request: Request, address: str) -> Response:
        """Return a record and its template."""
        located = _get(request, address)
        template = located.template
        return Response(
            {
                **shapes.hit_json(located.hit),
                "template": template
                and {
                    "id": template.key,
                    "text": template.text,
                    "typed_text": template.typed_text,
                    "categories": list(template.categories),
                },
            }
        )


class RecordContextView(APIView):
    """The records around one."""

    @extend_schema(parameters=[shapes.ContextParameters], responses=shapes.ContextShape)
    def get(self, request: Request, address: str) -> Response:
        """Return the records that arrived just before and after one in its source."""
        given = shapes.read_parameters(shapes.ContextParameters, request)
        found = context(_get(request, address), before=given["before"], after=given["after"])
        return Response(
            {
                "before": [shapes.hit_json(hit) for hit in found.before],
                "record": shapes.hit_json(found.record),
                "after": [shapes.hit_json(hit) for hit in found.after],
            }
        )


class RecordRawView(APIView):
    """The bytes of a record."""

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    def get(self, request: Request, address: str) -> HttpResponse:
        """Return all bytes of a record as they came, line end included."""
        # An attachment of no type: a browser must not render what a log says.
        return HttpResponse(
            _get(request, address).raw,
            content_type="application/octet-stream",
            headers={"Content-Disposition": 'attachment; filename="record.log"'},
        )
