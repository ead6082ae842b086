"""Sources, batches and jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.views import APIView

from logplatform import tasks
from logplatform.accounts.access import Permission
from logplatform.api import shapes
from logplatform.api.authentication import identity_of
from logplatform.api.header_formats import FormatChoice
from logplatform.logs import access, catalog, jobs, services
from logplatform.logs.models import BatchState, Job, JobState, Source

if TYPE_CHECKING:
    from uuid import UUID

    from rest_framework.request import Request

PAGE = 100


class SourceListView(APIView):
    """The team's sources."""

    @extend_schema(responses=shapes.SourceList)
    def get(self, request: Request) -> Response:
        """List sources with their sums."""
        sources = access.visible_sources(identity_of(request), Permission.READ)
        return Response(
            {"results": [shapes.source_json(s) for s in catalog.summaries(sources)]}
        )

    @extend_schema(request=shapes.NewSource, responses={201: shapes.SourceInfo})
    def post(self, request: Request) -> Response:
        """Create a source."""
        identity_of(request).require(Permission.EDIT)
        body = shapes.NewSource(data=request.data)
        body.is_valid(raise_exception=True)
        services.create_source(team=identity_of(request).team, name=body.validated_data["name"])
        return Response(_render(request, body.validated_data["name"]), status=201)


class SourceView(APIView):
    """One source."""

    @extend_schema(responses=shapes.SourceInfo)
    def get(self, request: Request, name: str) -> Response:
        """Return a source with its sums."""
        return Response(_render(request, name))

    @extend_schema(request=FormatChoice, responses=shapes.SourceInfo)
    def patch(self, request: Request, name: str) -> Response:
        """Choose the header format of lines to come: a name, ``auto``, or a pattern."""
        source = access.get_source(identity_of(request), name, permission=Permission.EDIT)
        body = FormatChoice(data=request.data)
        body.is_valid(raise_exception=True)
        wanted = body.validated_data
        header = services.chosen_format(wanted["format"], wanted["pattern"])
        services.set_format(source, header)
        return Response(_render(request, name))

    @extend_schema(request=None, responses={204: None})
    def delete(self, request: Request, name: str) -> Response:
        """Delete a source with everything in it."""
        source = access.get_source(identity_of(request), name, permission=Permission.ADMINISTER)
        services.delete_source(source)
        return Response(status=204)


def _render(request: Request, name: str) -> dict[str, object]:
    source = access.get_source(identity_of(request), name, permission=Permission.READ)
    return shapes.source_json(catalog.summaries(Source.objects.filter(pk=source.pk))[0])


class BatchView(APIView):
    """One accepted batch. An agent may ask for what it sent, so either scope will do."""

    @extend_schema(responses=shapes.BatchInfo)
    def get(self, request: Request, batch_id: UUID) -> Response:
        """Return a batch and how far it is."""
        held = identity_of(request).permissions
        permission = Permission.READ if Permission.READ in held else Permission.INGEST
        batch = access.get_batch(identity_of(request), batch_id, permission=permission)
        sealing = Job.objects.filter(source=batch.source_id, state=JobState.RUNNING)
        is_sealing = batch.state == BatchState.ACCEPTED and sealing.exists()
        return Response(
            {
                "id": batch.pk,
                "state": "sealing" if is_sealing else batch.state,
                "lines": batch.lines,
                "bytes": batch.length,
                "error": batch.error,
            }
        )


class JobListView(APIView):
    """Work in the background."""

    @extend_schema(
        parameters=[
            OpenApiParameter("state", enum=JobState.values),
            OpenApiParameter("before", int, description="the cursor of the page before"),
        ],
        responses=shapes.JobList,
    )
    def get(self, request: Request) -> Response:
        """List jobs, newest first."""
        found = access.visible_jobs(identity_of(request), Permission.READ).order_by("-pk")
        state, before = request.GET.get("state"), request.GET.get("before")
        if state and state not in JobState.values:
            raise ValidationError({"state": f"one of {', '.join(JobState.values)}"})
        if before and not before.isdigit():
            raise ValidationError({"before": "a number"})
        found = found.filter(state=state) if state else found
        page = list((found.filter(pk__lt=int(before)) if before else found)[: PAGE + 1])
        cursor = page[PAGE - 1].pk if len(page) > PAGE else None
        return Response(
            {"results": [shapes.job_json(job) for job in page[:PAGE]], "cursor": cursor}
        )


class JobRetryView(APIView):
    """Another try for a job that has failed."""

    @extend_schema(request=None, responses={202: None})
    def post(self, request: Request, job_id: int) -> Response:
        """Take the batches that were set aside up again."""
        job = access.get_job(identity_of(request), job_id, permission=Permission.EDIT)
        tasks.send_job(jobs.retry_job(job))
        return Response(status=202)
