"""The addresses of anomalies and detectors, below /api/v1/."""

from __future__ import annotations

from django.urls import path

from logplatform.api import anomalies

urlpatterns = [
    path("anomalies", anomalies.AnomalyListView.as_view()),
    path("anomalies/<int:anomaly_id>", anomalies.AnomalyView.as_view()),
    path("anomalies/<int:anomaly_id>/acknowledge", anomalies.AcknowledgeView.as_view()),
    path("anomalies/<int:anomaly_id>/reopen", anomalies.ReopenView.as_view()),
    path("anomalies/<int:anomaly_id>/verdict", anomalies.VerdictView.as_view()),
    path("anomalies/<int:anomaly_id>/mute", anomalies.MuteView.as_view()),
    path("sources/<str:name>/detector", anomalies.DetectorView.as_view()),
]
