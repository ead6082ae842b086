"""Where lines come in: requests of agents, whole files of people, and samples."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from logplatform import tasks
from logplatform.accounts.access import Permission
from logplatform.api import shapes
from logplatform.api.authentication import identity_of
from logplatform.api.bodies import open_body, open_encoded
from logplatform.logs import access, jobs, samples, services
from logscan import open_input

if TYPE_CHECKING:
    from rest_framework.request import Request

    from logplatform.logs.models import Source
    from logplatform.logs.services import Accepted

RAW = {"application/octet-stream": OpenApiTypes.BINARY}


class IngestView(APIView):
    """Plain lines or NDJSON from an agent; the body is never parsed here."""

    @extend_schema(
        parameters=[
            OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER),
            OpenApiParameter("Content-Encoding", str, OpenApiParameter.HEADER),
        ],
        request=RAW,
        responses=shapes.IngestAnswer,
    )
    def post(self, request: Request, name: str) -> Response:
        """Store lines; the answer comes once they are durable."""
        source = access.get_source(identity_of(request), name, permission=Permission.INGEST)
        config = settings.CONFIG
        with open_encoded(
            request, max_wire_bytes=config.ingest_wire_bytes, max_bytes=config.ingest_bytes
        ) as body:
            data = body.read()
        key = request.headers.get("Idempotency-Key", "")
        accepted = services.accept_batch(source, data, key=key)
        return Response(
            {
                "batch": accepted.batches[0].pk,
                "accepted_lines": accepted.lines,
                "bytes": accepted.bytes,
                "duplicate": accepted.is_duplicate,
            }
        )


class UploadView(APIView):
    """A file of any size and compression, streamed to disk."""

    @extend_schema(
        parameters=[OpenApiParameter("filename", str)],
        request=RAW,
        responses={201: shapes.UploadAnswer},
    )
    def post(self, request: Request, name: str) -> Response:
        """Store a file, all of it or nothing, and start to seal it."""
        source = access.get_source(identity_of(request), name, permission=Permission.INGEST)
        config = settings.CONFIG
        with (
            open_body(request, max_bytes=config.upload_wire_bytes) as body,
            open_input(body, max_bytes=config.upload_bytes) as stream,
        ):
            accepted = services.accept_upload(source, stream)
        _seal_now(source)
        return Response(_upload_json(accepted), status=201)


class SampleListView(APIView):
    """Logs that ship with the platform."""

    @extend_schema(responses=shapes.SampleList)
    def get(self, request: Request) -> Response:  # noqa: ARG002  (the same for everybody)
        """List the samples."""
        return Response({"results": [sample.summary() for sample in samples.load_samples()]})


class SampleView(APIView):
    """One sample."""

    @extend_schema(request=None, responses={201: shapes.SampleAnswer})
    def post(self, request: Request, name: str) -> Response:
        """Load a sample into a source of its name."""
        identity_of(request).require(Permission.EDIT)
        source, accepted = samples.ingest_sample(team=identity_of(request).team, name=name)
        _seal_now(source)
        return Response({"source": source.name, **_upload_json(accepted)}, status=201)


def _seal_now(source: Source) -> None:
    """Start the seal at once: who drops a file waits for its patterns."""
    tasks.send_job(jobs.queue_seal(source))


def _upload_json(accepted: Accepted) -> dict[str, object]:
    return {
        "batches": [batch.pk for batch in accepted.batches],
        "lines": accepted.lines,
        "bytes": accepted.bytes,
        "duplicate": accepted.is_duplicate,
    }
