"""The addresses of alerts, channels and reports, below /api/v1/."""

from __future__ import annotations

from django.urls import path

from logplatform.api import alerts, channels, reports

urlpatterns = [
    path("alerts", alerts.RuleListView.as_view()),
    path("alerts/backtest", alerts.BacktestView.as_view()),
    path("alerts/events", alerts.EventListView.as_view()),
    path("alerts/maintenance", alerts.MaintenanceListView.as_view()),
    path("alerts/maintenance/<int:window_id>", alerts.MaintenanceView.as_view()),
    path("alerts/<int:rule_id>", alerts.RuleView.as_view()),
    path("alerts/<int:rule_id>/snooze", alerts.RuleSnoozeView.as_view()),
    path("channels", channels.ChannelListView.as_view()),
    path("channels/<int:channel_id>", channels.ChannelView.as_view()),
    path("channels/<int:channel_id>/test", channels.ChannelTestView.as_view()),
    path("deliveries", channels.DeliveryListView.as_view()),
    path("deliveries/<uuid:delivery_id>/retry", channels.DeliveryRetryView.as_view()),
    path("report-plans", reports.PlanListView.as_view()),
    path("report-plans/times", reports.TimesView.as_view()),
    path("report-plans/<int:plan_id>", reports.PlanView.as_view()),
    path("report-plans/<int:plan_id>/run", reports.PlanRunView.as_view()),
    path("reports", reports.ReportListView.as_view()),
    path("reports/<uuid:report_id>", reports.ReportView.as_view()),
    path("reports/<uuid:report_id>/pdf", reports.ReportPdfView.as_view()),
    path("reports/<uuid:report_id>/pictures/<str:name>", reports.ReportPictureView.as_view()),
    path("reports/<uuid:report_id>/tables/<str:section>", reports.ReportTableView.as_view()),
]
