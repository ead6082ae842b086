"""The review queue, verdicts, tasks, answers, cases and how well triage does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from logplatform import tasks
from logplatform.accounts.access import Permission
from logplatform.api import triage_shapes as shapes
from logplatform.api.authentication import identity_of
from logplatform.detection.access import get_anomaly
from logplatform.logs.access import get_source, visible_sources
from logplatform.triage import (
    access,
    anomalies,
    jobs,
    review,
    status,
    taxonomy,
    training,
    verdicts,
)
from logplatform.triage.answers import answers_about
from logplatform.triage.errors import TooFewVerdictsError
from logplatform.triage.large import require_model
from logplatform.triage.models import About
from logplatform.triage.review_anomalies import patterns_in_review, waiting_patterns

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from rest_framework.request import Request
    from rest_framework.serializers import Serializer

    from logplatform.logs.models import Source
    from logplatform.triage.models import TriageTask

TASK = OpenApiParameter("task", str, description="severity where left out")
MAX_CASES = 500


def _read(kind: type[Serializer[Any]], request: Request) -> dict[str, Any]:
    body = kind(data=request.data)
    body.is_valid(raise_exception=True)
    return dict(body.validated_data)


def _waiting(task: TriageTask, sources: Iterable[Source]) -> int:
    if task.about == About.ANOMALY:
        return patterns_in_review(task, sources).count()
    return review.in_review(task, sources).count()


def _render_task(request: Request, task: TriageTask) -> dict[str, object]:
    sources = visible_sources(identity_of(request), Permission.READ)
    return shapes.task_json(
        task, waiting=_waiting(task, sources), missing=training.missing(task)
    )


class TaskListView(APIView):
    """The team's tasks."""

    @extend_schema(responses=shapes.TriageTaskList)
    def get(self, request: Request) -> Response:
        """List the questions that are asked about templates."""
        found = access.visible_tasks(identity_of(request), Permission.READ)
        return Response({"results": [_render_task(request, task) for task in found]})


class TaskView(APIView):
    """One task."""

    @extend_schema(request=shapes.ChangedTask, responses=shapes.TriageTaskInfo)
    def put(self, request: Request, name: str) -> Response:
        """Change a task's labels and target; its templates are asked about again."""
        task = access.get_task(identity_of(request), name, permission=Permission.EDIT)
        given = _read(shapes.ChangedTask, request)
        taxonomy.change_task(
            task,
            labels=[(label["name"], label["meaning"]) for label in given["labels"]],
            renamed={
                label["was"]: label["name"]
                for label in given["labels"]
                if label["was"] and label["was"] != label["name"]
            },
            target=given["target"],
            rungs=given["rungs"],
        )
        for job_id in jobs.queue_changed(task):
            tasks.send_job(job_id)
        return Response(_render_task(request, task))


class RetrainView(APIView):
    """The next model of a task."""

    @extend_schema(request=None, responses={202: None})
    def post(self, request: Request, name: str) -> Response:
        """Train a model from the verdicts so far, in the background."""
        task = access.get_task(identity_of(request), name, permission=Permission.EDIT)
        if lacking := training.missing(task):
            raise TooFewVerdictsError(f"{name}: a model needs {lacking}")
        tasks.send_job(jobs.queue_retrain(task))
        return Response(status=202)


class QueueView(APIView):
    """The review queue."""

    @extend_schema(parameters=[shapes.QueueParameters], responses=shapes.ReviewQueue)
    def get(self, request: Request) -> Response:
        """List what waits for a person, the most valuable first."""
        parameters = shapes.QueueParameters(data=request.GET)
        parameters.is_valid(raise_exception=True)
        given = parameters.validated_data
        identity = identity_of(request)
        task = access.get_task(identity, given["task"], permission=Permission.READ)
        sources: list[Source] = (
            [get_source(identity, given["source"], permission=Permission.READ)]
            if given["source"]
            else list(visible_sources(identity, Permission.READ))
        )
        found = (
            [
                shapes.waiting_pattern_json(task, row)
                for row in waiting_patterns(task, sources, limit=given["limit"])
            ]
            if task.about == About.ANOMALY
            else [
                shapes.waiting_json(task, row)
                for row in review.waiting(task, sources, limit=given["limit"])
            ]
        )
        return Response(
            {"task": task.name, "waiting": _waiting(task, sources), "results": found}
        )


class VerdictListView(APIView):
    """What people say."""

    @extend_schema(request=shapes.NewVerdict, responses={201: shapes.VerdictInfo})
    def post(self, request: Request) -> Response:
        """Say what a template or a pattern of anomalies is; may make the next model due."""
        given = _read(shapes.NewVerdict, request)
        identity = identity_of(request)
        task = access.get_task(identity, given["task"], permission=Permission.EDIT)
        said = {"label": given["label"], "reason": given["reason"], "by": identity.user}
        if given["anomaly"] is not None:
            anomaly = get_anomaly(identity, given["anomaly"], permission=Permission.EDIT)
            verdict = anomalies.judge(task, anomaly, **said)
        else:
            template = access.get_template(
                identity, given["source"], given["template"], permission=Permission.EDIT
            )
            verdict = verdicts.give_verdict(task, template, **said)
        is_due = retrain_if_due(task)
        sources = visible_sources(identity, Permission.READ)
        return Response(
            {
                "id": verdict.pk,
                "label": verdict.label,
                "waiting": _waiting(task, sources),
                "retrains": is_due,
            },
            status=201,
        )


def retrain_if_due(task: TriageTask) -> bool:
    """Train the next model in the background where there is enough new to learn from."""
    is_due = training.is_due(task)
    if is_due:
        tasks.send_job(jobs.queue_retrain(task))
    return is_due


class VerdictView(APIView):
    """One verdict."""

    @extend_schema(responses={204: None})
    def delete(self, request: Request, verdict_id: int) -> Response:
        """Take a verdict back: the answer before it counts again."""
        identity = identity_of(request)
        verdicts.undo_verdict(
            access.get_verdict(identity, verdict_id, permission=Permission.EDIT)
        )
        return Response(status=204)


class AnswerListView(APIView):
    """What is known of one template."""

    @extend_schema(
        parameters=[
            OpenApiParameter("source", str, required=True),
            OpenApiParameter("template", str, required=True),
        ],
        responses=shapes.AnswerList,
    )
    def get(self, request: Request) -> Response:
        """List all answers about a template, with reasons."""
        template = access.get_template(
            identity_of(request),
            request.GET.get("source", ""),
            request.GET.get("template", ""),
            permission=Permission.READ,
        )
        found = answers_about([template.pk]).get(template.pk, [])
        return Response({"results": list(map(shapes.answer_json, found))})


class ExplanationView(APIView):
    """What a template means."""

    @extend_schema(request=shapes.WantedExplanation, responses={202: None})
    def post(self, request: Request) -> Response:
        """Ask the language model to explain a template, in the background."""
        given = _read(shapes.WantedExplanation, request)
        identity = identity_of(request)
        template = access.get_template(
            identity, given["source"], given["template"], permission=Permission.EDIT
        )
        require_model(identity.team)
        tasks.send_job(jobs.queue_explanation(template))
        return Response(status=202)


class CaseListView(APIView):
    """The error cases."""

    @extend_schema(parameters=[TASK], responses=shapes.CaseList)
    def get(self, request: Request) -> Response:
        """List the newest cases of a task."""
        task = request.GET.get("task", "severity")
        rows = access.visible_cases(identity_of(request), Permission.READ)
        found = rows.filter(task__name=task).order_by("-added", "-pk")[:MAX_CASES]
        return Response({"results": list(map(shapes.case_json, found))})

    @extend_schema(request=shapes.NewCase, responses={201: shapes.CaseInfo})
    def post(self, request: Request) -> Response:
        """Write a case; one about the same text is replaced."""
        identity = identity_of(request)
        access.team_of(identity, Permission.EDIT)
        given = _read(shapes.NewCase, request)
        task = access.get_task(identity, given["task"], permission=Permission.EDIT)
        case = verdicts.write_case(
            task, given["text"], label=given["label"], reason=given["reason"]
        )
        return Response(shapes.case_json(case), status=201)


class CaseView(APIView):
    """One case."""

    @extend_schema(request=shapes.ChangedCase, responses=shapes.CaseInfo)
    def put(self, request: Request, case_id: int) -> Response:
        """Change a case's truth and reason."""
        case = access.get_case(identity_of(request), case_id, permission=Permission.EDIT)
        verdicts.change_case(case, **_read(shapes.ChangedCase, request))
        return Response(shapes.case_json(case))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, case_id: int) -> Response:
        """Forget a case."""
        access.get_case(identity_of(request), case_id, permission=Permission.EDIT).delete()
        return Response(status=204)


class StatusView(APIView):
    """How well triage does."""

    @extend_schema(parameters=[TASK], responses=shapes.TriageStatus)
    def get(self, request: Request) -> Response:
        """Return accuracy over time, who answers, what it costs."""
        identity = identity_of(request)
        team = access.team_of(identity, Permission.READ)
        name = request.GET.get("task", "severity")
        task = access.get_task(identity, name, permission=Permission.READ)
        return Response(shapes.status_json(task, status.task_status(task), status.days(team)))
