"""Templates: why they are as they are, what people do to them, and values over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.views import APIView

from logplatform import tasks
from logplatform.accounts.access import Permission
from logplatform.api import pages
from logplatform.api import template_shapes as shapes
from logplatform.api.authentication import identity_of
from logplatform.api.search_shapes import read_parameters
from logplatform.logs import access
from logplatform.logs.lessons import queue_if_due
from logplatform.logs.models import TemplateEdit
from logplatform.logs.template_edits import make_edit, set_undone
from logplatform.logs.template_requests import current
from logplatform.logs.template_story import find_template, tell
from logplatform.logs.template_values import value_plot

if TYPE_CHECKING:
    from rest_framework.request import Request


class TemplateView(APIView):
    """One template."""

    @extend_schema(responses=shapes.StoryShape)
    def get(self, request: Request, source: str, key: str) -> Response:
        """Return a template, its structures, how sure the model was and what people did."""
        seen = access.get_source(identity_of(request), source, permission=Permission.READ)
        return Response(shapes.story_json(seen.name, tell(seen, key)))


class TemplateValuesView(APIView):
    """The values of one variable."""

    @extend_schema(parameters=[shapes.ValueParameters], responses=shapes.ValuePlotShape)
    def get(self, request: Request, source: str, key: str) -> Response:
        """Return a variable's values over time: percentiles, spread, the most frequent."""
        given = read_parameters(shapes.ValueParameters, request)
        seen = access.get_source(identity_of(request), source, permission=Permission.READ)
        find_template(seen, key)
        plot = value_plot(
            seen,
            current(seen, key),
            given["variable"],
            start_ns=given.get("start"),
            end_ns=given.get("end"),
        )
        return Response(shapes.plot_json(plot))


class TemplateEditView(APIView):
    """What a person does to a template."""

    @extend_schema(request=shapes.NewEdit, responses={201: shapes.EditShape})
    def post(self, request: Request, source: str, key: str) -> Response:
        """Rename, pin, correct, merge or split a template; earlier and later lines follow."""
        identity = identity_of(request)
        seen = access.get_source(identity, source, permission=Permission.EDIT)
        find_template(seen, key)
        body = shapes.NewEdit(data=request.data)
        body.is_valid(raise_exception=True)
        wanted = shapes.REQUESTS[body.validated_data["kind"]](key, body.validated_data)
        row = make_edit(seen, wanted, author=identity.user)
        job_id = queue_if_due(seen)
        if job_id is not None:
            tasks.send_job(job_id)
        return Response(shapes.edit_json(seen.name, row), status=201)


class EditListView(APIView):
    """What people did to the templates of a source."""

    @extend_schema(
        parameters=[
            OpenApiParameter("source", str, required=True),
            OpenApiParameter("lesson", int, description="only those that follow from it"),
            *pages.PARAMETERS,
        ],
        responses=shapes.EditList,
    )
    def get(self, request: Request) -> Response:
        """List edits, newest first, undone ones too."""
        seen = access.get_source(
            identity_of(request), request.GET.get("source", ""), permission=Permission.READ
        )
        edits = TemplateEdit.objects.filter(source=seen)
        lesson = request.GET.get("lesson", "")
        if lesson:
            if not lesson.isdigit():
                raise ValidationError({"lesson": "a number"})
            edits = edits.filter(lesson=int(lesson))
        rows, cursor = pages.read_page(edits, request)
        found = [shapes.edit_json(seen.name, row) for row in rows]
        return Response({"results": found, "cursor": cursor})


class EditUndoView(APIView):
    """One edit, taken back."""

    @extend_schema(request=None, responses=shapes.EditShape)
    def post(self, request: Request, edit_id: int) -> Response:
        """Undo an edit; those made since stay in force."""
        return _set(request, edit_id, undone=True)


class EditRedoView(APIView):
    """One edit, done again."""

    @extend_schema(request=None, responses=shapes.EditShape)
    def post(self, request: Request, edit_id: int) -> Response:
        """Do an edit again that was undone."""
        return _set(request, edit_id, undone=False)


def _set(request: Request, edit_id: int, *, undone: bool) -> Response:
    identity = identity_of(request)
    row = access.get_edit(identity, edit_id, permission=Permission.EDIT)
    if (row.undone is not None) != undone:
        row = set_undone(row, undone=undone, by=identity.user)
    return Response(shapes.edit_json(row.source.name, row))
