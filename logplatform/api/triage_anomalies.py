"""What the patterns of anomalies mean: answers, verdicts, asking again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from logplatform import tasks
from logplatform.accounts.access import Permission
from logplatform.api import triage_shapes as shapes
from logplatform.api.authentication import identity_of
from logplatform.api.triage import retrain_if_due
from logplatform.detection.access import get_anomaly
from logplatform.triage import access, anomalies, jobs
from logplatform.triage.large import require_model

if TYPE_CHECKING:
    from rest_framework.request import Request

    from logplatform.detection.models import Anomaly


def _answers(anomaly: Anomaly) -> Response:
    found = anomalies.answers_to(anomaly)
    given = {answer.pk: anomalies.last_verdict(answer.task, anomaly) for answer in found}
    return Response(
        {"results": [shapes.anomaly_answer_json(answer, given[answer.pk]) for answer in found]}
    )


class AnomalyAnswersView(APIView):
    """What is known of the pattern of an anomaly."""

    @extend_schema(responses=shapes.AnomalyAnswerList)
    def get(self, request: Request, anomaly_id: int) -> Response:
        """List all answers about an anomaly's pattern, with reasons."""
        return _answers(
            get_anomaly(identity_of(request), anomaly_id, permission=Permission.READ)
        )

    @extend_schema(request=shapes.NewAnomalyLabel, responses=shapes.AnomalyAnswerList)
    def post(self, request: Request, anomaly_id: int) -> Response:
        """Say what an anomaly's pattern is."""
        identity = identity_of(request)
        anomaly = get_anomaly(identity, anomaly_id, permission=Permission.EDIT)
        body = shapes.NewAnomalyLabel(data=request.data)
        body.is_valid(raise_exception=True)
        given = body.validated_data
        task = access.get_task(identity, given["task"], permission=Permission.EDIT)
        anomalies.judge(
            task, anomaly, label=given["label"], reason=given["reason"], by=identity.user
        )
        retrain_if_due(task)
        return _answers(anomaly)


class AnomalyExplanationView(APIView):
    """Asking again."""

    @extend_schema(request=None, responses={202: None})
    def post(self, request: Request, anomaly_id: int) -> Response:
        """Ask the language model about an anomaly's pattern, in the background."""
        identity = identity_of(request)
        anomaly = get_anomaly(identity, anomaly_id, permission=Permission.EDIT)
        require_model(identity.team)
        tasks.send_job(jobs.queue_anomaly(anomaly))
        return Response(status=202)
