"""The addresses of search, patterns and records, below /api/v1/."""

from __future__ import annotations

from django.urls import path

from logplatform.api import patterns, records, search

urlpatterns = [
    path("search", search.SearchView.as_view()),
    path("search/count", search.CountView.as_view()),
    path("search/stream", search.SearchStreamView.as_view()),
    path("histogram", search.HistogramView.as_view()),
    path("facets", search.FacetView.as_view()),
    path("patterns", patterns.PatternView.as_view()),
    path("records/<str:address>", records.RecordView.as_view()),
    path("records/<str:address>/context", records.RecordContextView.as_view()),
    path("records/<str:address>/raw", records.RecordRawView.as_view()),
    path("query/check", search.QueryCheckView.as_view()),
    path("query/fields", search.QueryFieldsView.as_view()),
]
