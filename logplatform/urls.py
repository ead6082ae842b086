"""Every URL of the platform."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path, re_path
from drf_spectacular.views import SpectacularJSONAPIView

from logplatform.api import (
    header_formats,
    health,
    ingest,
    problems,
    session,
    sources,
    spa,
    tokens,
)

api: list[URLPattern | URLResolver] = [
    path("session", session.SessionView.as_view()),
    path("sources", sources.SourceListView.as_view()),
    path("sources/<str:name>", sources.SourceView.as_view()),
    path("header-formats", header_formats.HeaderFormatListView.as_view()),
    path("header-preview", header_formats.HeaderPreviewView.as_view()),
    path("sources/<str:name>/uploads", ingest.UploadView.as_view()),
    path("ingest/<str:name>", ingest.IngestView.as_view()),
    path("batches/<uuid:batch_id>", sources.BatchView.as_view()),
    path("jobs", sources.JobListView.as_view()),
    path("jobs/<int:job_id>/retry", sources.JobRetryView.as_view()),
    path("tokens", tokens.TokenListView.as_view()),
    path("tokens/<int:token_id>", tokens.TokenView.as_view()),
    path("samples", ingest.SampleListView.as_view()),
    path("samples/<str:name>", ingest.SampleView.as_view()),
    path("", include("logplatform.api.search_urls")),
    path("", include("logplatform.api.template_urls")),
    path("", include("logplatform.api.anomaly_urls")),
    path("", include("logplatform.api.report_urls")),
    path("", include("logplatform.api.triage_urls")),
    path("schema", SpectacularJSONAPIView.as_view(), name="schema"),
]
urlpatterns = [
    path("api/v1/", include(api)),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    re_path(r"^(?!api/|assets/)", spa.page),
]
handler404 = problems.not_found
handler500 = problems.server_error
