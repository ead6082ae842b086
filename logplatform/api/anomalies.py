"""Anomalies, what people say of them, and the detectors of sources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from logplatform import tasks
from logplatform.accounts.access import Permission
from logplatform.api import anomaly_shapes as shapes
from logplatform.api.authentication import identity_of
from logplatform.api.triage import retrain_if_due
from logplatform.api.triage_shapes import answer_json
from logplatform.detection import access, services
from logplatform.detection.lines import hits_of
from logplatform.detection.listing import Wanted, list_anomalies, news_of, standing_of
from logplatform.detection.models import Verdict
from logplatform.logs.access import get_source
from logplatform.triage.anomalies import answers_of, forget_word, note_word

if TYPE_CHECKING:
    from rest_framework.request import Request

    from logplatform.detection.models import Anomaly

SHOWN_LINES = 60
REPEATED = ("source", "kind", "state")


class AnomalyListView(APIView):
    """The anomalies of the sources that one may read."""

    @extend_schema(
        operation_id="anomalies_list",
        parameters=[shapes.AnomalyParameters],
        responses=shapes.AnomalyListShape,
    )
    def get(self, request: Request) -> Response:
        """Return a page of anomalies, worst or newest first."""
        raw: dict[str, object] = {name: request.GET[name] for name in request.GET}
        raw |= {name: request.GET.getlist(name) for name in REPEATED if name in request.GET}
        parameters = shapes.AnomalyParameters(data=raw)
        parameters.is_valid(raise_exception=True)
        given = parameters.validated_data
        for name in given["source"]:
            get_source(identity_of(request), name, permission=Permission.READ)
        page = list_anomalies(
            access.visible_anomalies(identity_of(request), Permission.READ),
            Wanted(
                sources=given["source"],
                kinds=given["kind"],
                states=given["state"],
                pattern=given["pattern"],
                min_score=given.get("min_score"),
                start_ns=given.get("start"),
                end_ns=given.get("end"),
                order=given["order"],
                limit=given["limit"],
                cursor=given["cursor"],
            ),
        )
        meanings = answers_of(page.anomalies)
        found = [
            shapes.anomaly_json(anomaly)
            | {"answers": list(map(answer_json, meanings.get(anomaly.pk, ())))}
            for anomaly in page.anomalies
        ]
        return Response({"results": found, "cursor": page.cursor})


def _get(request: Request, anomaly_id: int, permission: Permission) -> Anomaly:
    return access.get_anomaly(identity_of(request), anomaly_id, permission=permission)


def _detail(request: Request, anomaly_id: int) -> Response:
    anomaly = _get(request, anomaly_id, Permission.READ)
    evidence = anomaly.evidence
    numbers = evidence.get("all_rows") or [anomaly.first_record, anomaly.last_record]
    # Those that show what is wrong, then the unit from its beginning, in order of arrival.
    wanted = list(dict.fromkeys([*evidence.get("rows", [])[: SHOWN_LINES // 2], *numbers]))
    shown = sorted(wanted[:SHOWN_LINES])
    hits = hits_of(anomaly.source, shown)
    return Response(shapes.detail_json(anomaly, news_of(anomaly), shown, hits))


class AnomalyView(APIView):
    """One anomaly."""

    @extend_schema(responses=shapes.AnomalyDetailShape)
    def get(self, request: Request, anomaly_id: int) -> Response:
        """Return an anomaly with its evidence and its lines."""
        return _detail(request, anomaly_id)


class AcknowledgeView(APIView):
    """Somebody looks after it."""

    @extend_schema(request=None, responses=shapes.AnomalyDetailShape)
    def post(self, request: Request, anomaly_id: int) -> Response:
        """Acknowledge one anomaly."""
        services.acknowledge(_get(request, anomaly_id, Permission.EDIT))
        return _detail(request, anomaly_id)


class ReopenView(APIView):
    """Nothing was said."""

    @extend_schema(request=None, responses=shapes.AnomalyDetailShape)
    def post(self, request: Request, anomaly_id: int) -> Response:
        """Take back verdict and mute of an anomaly's pattern, and open its anomalies."""
        anomaly = _get(request, anomaly_id, Permission.EDIT)
        said = news_of(anomaly).verdict
        services.reopen(anomaly)
        if said is not None:
            forget_word(anomaly, Verdict(said.verdict))
        return _detail(request, anomaly_id)


class VerdictView(APIView):
    """Right, or a false alarm."""

    @extend_schema(request=shapes.NewAnomalyVerdict, responses=shapes.AnomalyDetailShape)
    def post(self, request: Request, anomaly_id: int) -> Response:
        """Give a verdict on all anomalies of this one's pattern, those to come included."""
        anomaly = _get(request, anomaly_id, Permission.EDIT)
        body = shapes.NewAnomalyVerdict(data=request.data)
        body.is_valid(raise_exception=True)
        given = body.validated_data
        services.give_verdict(
            anomaly,
            Verdict(given["verdict"]),
            user=identity_of(request).user,
            note=given["note"],
        )
        user = identity_of(request).user
        for task in note_word(anomaly, Verdict(given["verdict"]), by=user):
            retrain_if_due(task)
        return _detail(request, anomaly_id)


class MuteView(APIView):
    """Not to be shown."""

    @extend_schema(request=shapes.NewMute, responses=shapes.AnomalyDetailShape)
    def post(self, request: Request, anomaly_id: int) -> Response:
        """Mute the pattern of an anomaly."""
        anomaly = _get(request, anomaly_id, Permission.EDIT)
        body = shapes.NewMute(data=request.data)
        body.is_valid(raise_exception=True)
        services.mute(
            anomaly, user=identity_of(request).user, until=body.validated_data["until"]
        )
        return _detail(request, anomaly_id)


class DetectorView(APIView):
    """The detector of a source."""

    @extend_schema(responses=shapes.DetectorShape)
    def get(self, request: Request, name: str) -> Response:
        """Return how far the detection of a source is, and its versions."""
        source = get_source(identity_of(request), name, permission=Permission.READ)
        return Response(shapes.detector_json(standing_of(source)))

    @extend_schema(request=shapes.DetectorChange, responses=shapes.DetectorShape)
    def post(self, request: Request, name: str) -> Response:
        """Train now, go back to a version, or say what a unit is (and train)."""
        source = get_source(identity_of(request), name, permission=Permission.EDIT)
        body = shapes.DetectorChange(data=request.data)
        body.is_valid(raise_exception=True)
        given = body.validated_data
        if given["action"] == "train":
            tasks.send_job(services.queue_training(source))
        elif given["action"] == "set_rule":
            tasks.send_job(services.set_rule(source, shapes.rule_of(given["rule"])))
        else:
            services.roll_back(source, given["version"])
        return Response(shapes.detector_json(standing_of(source)))
