"""The settings of the language model, and its Test."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from logplatform import tasks
from logplatform.accounts.access import Permission
from logplatform.api import triage_model_shapes as shapes
from logplatform.api.authentication import identity_of
from logplatform.triage import access, jobs, large
from logplatform.triage.models import LanguageModel

if TYPE_CHECKING:
    from rest_framework.request import Request


def _draft(request: Request) -> large.LanguageModelDraft:
    body = shapes.WantedLanguageModel(data=request.data)
    body.is_valid(raise_exception=True)
    given = dict(body.validated_data)
    return large.LanguageModelDraft(is_enabled=given.pop("enabled"), **given)


class LanguageModelView(APIView):
    """The team's language model."""

    @extend_schema(responses=shapes.LanguageModelInfo)
    def get(self, request: Request) -> Response:
        """Return the settings without the key."""
        team = access.team_of(identity_of(request), Permission.READ)
        row = LanguageModel.objects.filter(team=team).first()
        return Response(
            shapes.model_json(row or LanguageModel(team=team), configured=row is not None)
        )

    @extend_schema(request=shapes.WantedLanguageModel, responses=shapes.LanguageModelInfo)
    def put(self, request: Request) -> Response:
        """Store the settings; templates that wait are asked about again."""
        team = access.team_of(identity_of(request), Permission.ADMINISTER)
        row = large.save_model(team, _draft(request))
        for job_id in jobs.queue_team(team):
            tasks.send_job(job_id)
        return Response(shapes.model_json(row, configured=True))

    @extend_schema(responses={204: None})
    def delete(self, request: Request) -> Response:
        """Forget the settings and the key."""
        team = access.team_of(identity_of(request), Permission.ADMINISTER)
        LanguageModel.objects.filter(team=team).delete()
        return Response(status=204)


class LanguageModelTestView(APIView):
    """The Test button."""

    @extend_schema(request=shapes.WantedLanguageModel, responses=shapes.ModelTestAnswer)
    def post(self, request: Request) -> Response:
        """Ask one fixed question, for real, with settings that need not be stored yet."""
        team = access.team_of(identity_of(request), Permission.ADMINISTER)
        row = large.draft_model(team, _draft(request))
        return Response(shapes.test_json(large.try_model(row)))
