"""The addresses of triage, below /api/v1/."""

from __future__ import annotations

from django.urls import path

from logplatform.api import triage, triage_anomalies, triage_model

urlpatterns = [
    path("triage/tasks", triage.TaskListView.as_view()),
    path("triage/tasks/<str:name>", triage.TaskView.as_view()),
    path("triage/tasks/<str:name>/retrain", triage.RetrainView.as_view()),
    path("triage/queue", triage.QueueView.as_view()),
    path("triage/verdicts", triage.VerdictListView.as_view()),
    path("triage/verdicts/<int:verdict_id>", triage.VerdictView.as_view()),
    path("triage/answers", triage.AnswerListView.as_view()),
    path("triage/explanations", triage.ExplanationView.as_view()),
    path("triage/anomalies/<int:anomaly_id>", triage_anomalies.AnomalyAnswersView.as_view()),
    path(
        "triage/anomalies/<int:anomaly_id>/explanation",
        triage_anomalies.AnomalyExplanationView.as_view(),
    ),
    path("triage/cases", triage.CaseListView.as_view()),
    path("triage/cases/<int:case_id>", triage.CaseView.as_view()),
    path("triage/status", triage.StatusView.as_view()),
    path("triage/language-model", triage_model.LanguageModelView.as_view()),
    path("triage/language-model/test", triage_model.LanguageModelTestView.as_view()),
]
