"""Header formats: which there are, and how a source's own lines read under one."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from logplatform.accounts.access import Permission
from logplatform.api.authentication import identity_of
from logplatform.api.shapes import rfc3339
from logplatform.logs import access, services
from logplatform.logs.header_preview import own_lines, preview
from logscan import HEADER_FORMATS

if TYPE_CHECKING:
    from rest_framework.request import Request

    from logplatform.logs.header_preview import Preview


class FormatChoice(serializers.Serializer[Any]):
    """A header format: a pattern of one's own, or a name; ``auto`` and neither: detected."""

    format = serializers.CharField(max_length=40, required=False, allow_blank=True, default="")
    pattern = serializers.CharField(
        max_length=services.PATTERN_CHARS,
        required=False,
        allow_blank=True,
        default="",
        trim_whitespace=False,
    )


class PreviewRequest(FormatChoice):
    """Lines of a source, or those given, under a format."""

    source = serializers.CharField(max_length=100)  # type: ignore[assignment]  # a member
    lines = serializers.CharField(
        max_length=services.SAMPLE_BYTES,
        required=False,
        allow_blank=True,
        default="",
        trim_whitespace=False,
        help_text="lines to read instead of the source's newest",
    )


class HeaderFormatShape(serializers.Serializer[Any]):
    """A format that comes with the product."""

    name = serializers.CharField()
    pattern = serializers.CharField()


class HeaderFormatList(serializers.Serializer[Any]):
    """All of them, from special to general."""

    results = HeaderFormatShape(many=True)


class PreviewFieldShape(serializers.Serializer[Any]):
    """A named field in a record; offsets as those of a hit's variables."""

    name = serializers.CharField()
    category = serializers.CharField(help_text="empty where the name tells nothing")
    start = serializers.IntegerField()
    end = serializers.IntegerField()
    value = serializers.CharField()


class PreviewRecordShape(serializers.Serializer[Any]):
    """One record as the format reads it."""

    raw = serializers.CharField()
    time = serializers.CharField(allow_null=True, help_text="null: the header has none")
    level = serializers.CharField()
    component = serializers.CharField(allow_null=True)
    message_start = serializers.IntegerField()
    message_end = serializers.IntegerField()
    fields = PreviewFieldShape(many=True)  # type: ignore[assignment]  # an answer's member


class PreviewShape(serializers.Serializer[Any]):
    """Lines under a format, and what they look like."""

    format = serializers.CharField()
    pattern = serializers.CharField()
    detected = serializers.CharField()
    others = serializers.ListField(child=serializers.CharField())
    confidence = serializers.FloatField(help_text="share of lines that the format matches")
    lines = serializers.IntegerField()
    matched = serializers.IntegerField()
    records = serializers.IntegerField()
    with_time = serializers.IntegerField()
    with_level = serializers.IntegerField()
    clock_jumps = serializers.IntegerField()
    shown = PreviewRecordShape(many=True)


class HeaderFormatListView(APIView):
    """The formats to choose from."""

    @extend_schema(responses=HeaderFormatList)
    def get(self, request: Request) -> Response:
        """List the formats that come with the product."""
        identity_of(request).require(Permission.READ)
        return Response(
            {
                "results": [
                    {"name": f.name, "pattern": f.pattern} for f in HEADER_FORMATS.values()
                ]
            }
        )


class HeaderPreviewView(APIView):
    """A format tried on lines before it is chosen."""

    @extend_schema(request=PreviewRequest, responses=PreviewShape)
    def post(self, request: Request) -> Response:
        """Read some lines by a format; nothing is stored."""
        body = PreviewRequest(data=request.data)
        body.is_valid(raise_exception=True)
        wanted = body.validated_data
        found = access.get_source(
            identity_of(request), wanted["source"], permission=Permission.READ
        )
        header = services.chosen_format(wanted["format"], wanted["pattern"])
        data = wanted["lines"].encode(errors="replace") or own_lines(found)
        return Response(_render(preview(data, header, received_ns=time.time_ns())))


def _render(found: Preview) -> dict[str, object]:
    shown = []
    for record in found.shown:
        row = asdict(record)
        row["time"] = rfc3339(row.pop("time_ns"))
        shown.append(row)
    rest = {
        key: value for key, value in asdict(found).items() if key not in {"header", "shown"}
    }
    return {
        **rest,
        "format": found.header.name,
        "pattern": found.header.pattern,
        "shown": shown,
    }
